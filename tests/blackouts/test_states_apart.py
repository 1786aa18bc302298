"""Planned, possible, emergency, special emergency and unknown are never taken for one another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.blackouts.towns import make_town
from tests.publish.pages import parse
from vatra.blackouts import (
    PLAIN,
    ScheduleFolder,
    State,
    days_of_schedule,
    draw_schedule,
    fairness_table,
    read_schedule,
    schedule_blackouts,
    write_schedule,
)
from vatra.blackouts.queues import queue_share
from vatra.publish import summarise_schedule, write_schedule_page

HOURS = {
    State.PLANNED: 3.0, State.POSSIBLE: 2.5, State.EMERGENCY: 2.0, State.SPECIAL_EMERGENCY: 1.5,
    State.DAMAGED: 1.0, State.UNKNOWN: 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def content() -> ScheduleFolder:
    """One queue, dark in every way there is, one after the other with light in between."""
    feeders, demand = make_town(6, 48, kept=0.0)
    feeders["queue"] = "1.1"
    made = schedule_blackouts(feeders, demand)
    state = np.full(made.state.shape, State.LIT, dtype=np.int8)
    at = 2
    for kind, hours in HOURS.items():
        # Lines 4 to 6 have damage: those without it are even.
        state[3 if kind == State.DAMAGED else 0 :, at : at + int(2 * hours)] = kind
        at += int(2 * hours) + 2
    share = queue_share(made.queue, np.ones(6), state != State.LIT, 48)
    return ScheduleFolder(replace(made, state=state, queue_dark_share=share), feeders, demand)


def test_files_give_each_state_its_word_and_get_it_back(
    content: ScheduleFolder, tmp_path: Path
) -> None:
    write_schedule(content, tmp_path / "s")
    again = read_schedule(tmp_path / "s").schedule
    assert (again.state == content.schedule.state).all()
    text = (tmp_path / "s" / "schedule.csv").read_text(encoding="utf-8")
    for kind in HOURS:
        assert text.count(f",{kind.name.lower()}\n") == (3 if kind == State.DAMAGED else 6)


def test_only_what_was_decided_counts_as_had(content: ScheduleFolder) -> None:
    decided = 3.0 + 2.0 + 1.5
    day = days_of_schedule(content.schedule)
    assert (day["dark_h"] == decided).all()
    assert (day["emergency_h"] == 3.5).all()
    fair = fairness_table(content.schedule, content.feeders).set_index("span")
    assert fair.loc["all", "most_h"] == decided


def test_the_terminal_marks_each_by_its_own_character(content: ScheduleFolder) -> None:
    row = draw_schedule(content.schedule, marks=PLAIN).splitlines()[2]
    assert "..######..~~~~~..EEEE..SSS..xx..?.." in row
    assert row.endswith("7.0 h dark   2.5 h possible   0.5 h not known")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (
            "schedule.html",
            (
                "Dark 01:00–04:00, 08:30–10:30, 11:30–13:00.",
                "7 hours",
                "possibly dark, not decided: 2.5",
                "Not known 16:00–16:30.",
            ),
        ),
        ("schedule.uk.html", ("7 годин", "можливо, ще не вирішено: 2,5", "невідомо: 0,5")),
    ],
)
def test_the_page_tells_each_in_words(
    content: ScheduleFolder, tmp_path: Path, file: str, words: tuple[str, ...]
) -> None:
    write_schedule_page(content, tmp_path)
    page = parse((tmp_path / file).read_text(encoding="utf-8"))
    said = page.by_id("schedule").words.replace("\u00a0", " ").replace("\u2060", "")
    for part in words:
        assert part in said, said[:1500]
    drawn = {e.attributes.get("class") for e in page.by_id("schedule").all("path")}
    assert {"lit", "dark", "possible", "emergency", "special", "out", "unknown"} <= drawn


def test_the_paragraph_tells_what_is_possible_and_what_is_not_known(
    content: ScheduleFolder,
) -> None:
    said = summarise_schedule(content).replace("\u00a0", " ")
    assert "Possibly dark for a part of the time, which is not decided: 6 lines." in said
    assert "Not known for a part of the time: 6 lines." in said
    assert "dark for 6.5 hours a day" in said
