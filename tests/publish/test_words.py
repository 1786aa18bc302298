"""Two languages with the same sentences, and numbers and times as people write them."""

from __future__ import annotations

import string

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatra.publish import text_en, text_uk
from vatra.publish.words import ENGLISH, JOINER, LANGUAGES, NBSP, UKRAINIAN, Language, rounded


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_catalogues_have_the_same_keys_and_fields() -> None:
    assert list(ENGLISH.texts) == list(UKRAINIAN.texts)
    for key, text in ENGLISH.texts.items():
        assert fields(text) == fields(UKRAINIAN.texts[key]), key


def test_both_have_the_same_nouns_in_all_forms() -> None:
    assert set(text_en.NOUNS) == set(text_uk.NOUNS)
    assert all(len(forms) == 2 for forms in text_en.NOUNS.values())
    assert all(len(forms) == 4 for forms in text_uk.NOUNS.values())


def test_ukrainian_is_written_in_ukrainian() -> None:
    for key, text in UKRAINIAN.texts.items():
        if key == "other_language":
            continue
        plain = "".join(part for part, *_ in string.Formatter().parse(text))
        foreign = set(plain) & set("ыэъё" + string.ascii_letters) - set("CVatr")
        assert not foreign, (key, foreign)


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 година"), (2, "2 години"), (5, "5 годин"), (11, "11 годин"), (21, "21 година"),
     (22, "22 години"), (112, "112 годин"), (0, "0 годин")],
)  # fmt: skip
def test_ukrainian_plurals(count: int, words: str) -> None:
    assert UKRAINIAN.count(count, "hour").replace(NBSP, " ") == words


def test_hours_and_ranges() -> None:
    assert ENGLISH.of_hours(7, 8).replace(NBSP, " ") == "7 to 8 hours"
    assert ENGLISH.of_hours(7.2, 6.9).replace(NBSP, " ") == "7 hours"
    assert ENGLISH.of_hours(1).replace(NBSP, " ") == "1 hour"
    assert UKRAINIAN.of_hours(2.5).replace(NBSP, " ") == "2,5 години"
    assert UKRAINIAN.of_hours(7, 8).replace(NBSP, " ") == "7–8 годин"


@pytest.mark.parametrize(
    ("value", "digits", "english", "ukrainian"),
    [
        (412_345, 2, "410,000", "410 000"),
        (1_483.2, 3, "1,480", "1 480"),
        (20.0, 3, "20", "20"),
        (9.96, 2, "10", "10"),
        (4.25, 2, "4.2", "4,2"),
        (2.871, 3, "2.9", "2,9"),
        (0.0, 2, "0", "0"),
        (0.034, 2, "0.034", "0,034"),
        (-3.4, 2, "−3.4", "−3,4"),
        (float("nan"), 2, "—", "—"),
    ],
)
def test_predictions_are_rounded_to_what_is_known(
    value: float, digits: int, english: str, ukrainian: str
) -> None:
    assert ENGLISH.about(value, digits) == english
    assert UKRAINIAN.about(value, digits).replace(NBSP, " ") == ukrainian


@given(st.floats(1e-3, 1e8), st.integers(1, 4))
def test_rounding_keeps_within_half_a_digit(value: float, digits: int) -> None:
    assert abs(rounded(value, digits) - value) <= value * 0.5000001 * 10 ** (1 - digits)


def test_shares_never_claim_all_or_nothing() -> None:
    said = [ENGLISH.share(v).replace(NBSP, " ") for v in (0, 0.001, 0.5, 0.999, 1)]
    assert said == ["0 %", "less than 1 %", "50 %", "more than 99 %", "100 %"]


def test_times_have_their_weekday() -> None:
    local = pd.Timestamp("2022-11-24 18:00", tz="Europe/Kyiv")
    assert ENGLISH.at(local).replace(NBSP, " ") == "Thursday 24 November 18:00"
    assert UKRAINIAN.at(local).replace(NBSP, " ") == "четвер 24 листопада 18:00"
    assert UKRAINIAN.by(local).replace(NBSP, " ") == "четверга 24 листопада 18:00"
    assert ENGLISH.short(local).replace(NBSP, " ") == "Thu 24 Nov 18:00"
    assert UKRAINIAN.dated(local).replace(NBSP, " ") == "четвер 24 листопада 2022 18:00"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = pd.Timestamp("2022-10-30 00:30Z").tz_convert("Europe/Kyiv")
    clocks = [ENGLISH.clock(first + pd.Timedelta(minutes=30 * i)) for i in range(6)]
    assert clocks == [
        "03:30 (summer time)", "03:00 (winter time)", "03:30 (winter time)", "04:00", "04:30",
        "05:00",
    ]  # fmt: skip


def test_the_hour_that_is_left_out_needs_no_note() -> None:
    before = pd.Timestamp("2023-03-26 00:30Z").tz_convert("Europe/Kyiv")
    assert ENGLISH.clock(before) == "02:30"
    assert ENGLISH.clock(before + pd.Timedelta(minutes=30)) == "04:00"


def test_spans_of_time() -> None:
    start = pd.Timestamp("2022-11-24 20:00", tz="Europe/Kyiv")
    span = ENGLISH.span(start, start + pd.Timedelta(hours=4))
    assert span.replace(JOINER, "") == "20:00–24:00"
    span = ENGLISH.span(start, start + pd.Timedelta(hours=6))
    assert span.replace(JOINER, "").replace(NBSP, " ") == "20:00–Fri 25 Nov 02:00"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_lists_are_joined(language: Language) -> None:
    assert language.join([]) == ""
    assert language.join(["a"]) == "a"
    assert language.join(["a", "b", "c"]) == f"a, b {language.say('and')} c"
