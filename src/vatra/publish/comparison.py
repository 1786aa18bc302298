"""Two plans compared in plain words, and as a table for the terminal."""

from __future__ import annotations

import math

import pandas as pd

from vatra.planning.comparison import MEASURES, Comparison
from vatra.publish.words import LANGUAGES, Language

SAME_SHARE = 0.005
"""Figures nearer to each other than this are said to be the same."""


def compare_in_words(comparison: Comparison, language: str = "en", *, every_h: int = 6) -> str:
    """Return what the second of two plans changes, in sentences and a table by hour.

    Parameters
    ----------
    comparison
        The two plans.
    language
        ``en`` or ``uk``.
    every_h
        Hours between the rows of the table; each row holds the worst hour up to the next.

    Returns
    -------
    str
        Several lines of plain text, times local.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no language «{language}»: there are {', '.join(LANGUAGES)}")
    words = LANGUAGES[language]
    hours = comparison.by_hour.index
    lines = [
        words.say("compare_first", name=comparison.first.name, place=comparison.first.folder),
        words.say("compare_second", name=comparison.second.name, place=comparison.second.folder),
        words.say(
            "compare_span",
            start=words.by(hours[0]),
            hours=words.of_hours(len(hours), noun="hour_gen"),
        ),
        "",
        *(words.say(f"compare_{m}", **_people(comparison, m, words)) for m in MEASURES),
        *(_whole(comparison, figure, words) for figure in _WHOLE),
        "",
        *_table(comparison, words, every_h),
    ]
    return "\n".join(lines)


_WHOLE = ("unserved_mwh", "warm_points", "people_to_move")


def _people(comparison: Comparison, measure: str, words: Language) -> dict[str, str]:
    first, second = _pair(comparison, f"most_{measure}")
    before_h, after_h = _pair(comparison, f"person_h_{measure}")
    return {
        "first": words.about(first, 2),
        "second": words.about(second, 2),
        "change": _change(first, second, words),
        "hours": _change(before_h, after_h, words),
    }


def _pair(comparison: Comparison, figure: str) -> tuple[float, float]:
    first, second = comparison.figures.loc[figure, ["first", "second"]].to_numpy(float)
    return float(first), float(second)


def _whole(comparison: Comparison, figure: str, words: Language) -> str:
    first, second = _pair(comparison, figure)
    return words.say(
        f"compare_{figure}",
        first=words.about(first, 3),
        second=words.about(second, 3),
        change=_change(first, second, words),
    )


def _change(first: float, second: float, words: Language) -> str:
    if not (math.isfinite(first) and math.isfinite(second)):
        return words.say("compare_not_known")
    if abs(second - first) <= SAME_SHARE * max(abs(first), abs(second)):
        return words.say("compare_same")
    key = "compare_more" if second > first else "compare_fewer"
    return words.say(key, n=words.about(abs(second - first), 2))


def _table(comparison: Comparison, words: Language, every_h: int) -> list[str]:
    hourly = comparison.by_hour
    rows = [hourly.iloc[i : i + every_h].max() for i in range(0, len(hourly), every_h)]
    times: list[pd.Timestamp] = list(pd.DatetimeIndex(hourly.index)[::every_h])
    head = [words.say("compare_from"), *(words.say(f"compare_col_{m}") for m in MEASURES)]
    table = [head] + [
        [
            words.short(time),
            *(
                f"{words.about(row[m, 'first'])} → {words.about(row[m, 'second'])}"
                for m in MEASURES
            ),
        ]
        for time, row in zip(times, rows, strict=True)
    ]
    width = [max(len(line[i]) for line in table) for i in range(len(head))]
    return [
        "  ".join(
            [line[0].ljust(width[0])]
            + [cell.rjust(w) for cell, w in zip(line[1:], width[1:], strict=True)]
        ).rstrip()
        for line in table
    ]
