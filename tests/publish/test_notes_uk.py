"""Whatever is noted of a schedule can be said in Ukrainian, note by note."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.blackouts.towns import make_town
from tests.blackouts.utility import write, write_utility
from tests.publish.pages import parse
from vatra.blackouts import (
    ScheduleFolder,
    Violation,
    enter_in_book,
    read_tables,
    revise_folder,
    schedule_blackouts,
    with_memory,
)
from vatra.publish import write_schedule_page
from vatra.publish.certificate_uk import subject_in_ukrainian
from vatra.publish.notes_uk import note_in_ukrainian

LATIN = re.compile(r"\b[a-z]{3,}\b")
NAMES = {"csv", "critical_mw", "colour", "mood"}
"""Names of files and columns, which have no other language."""


def make(folder: Path) -> ScheduleFolder:
    """A schedule of which all is noted that can be."""
    feeders, limit = write_utility(folder, 12)
    rows = feeders.read_text(encoding="utf-8").splitlines()
    rows = [rows[0] + ",vulnerable,colour,mood", *(f"{row},30,red,good" for row in rows[1:])]
    rows[3] = rows[3].replace(",1.1,", ",,").replace(",1.2,", ",,").replace(",2.1,", ",,")
    feeders.write_text("\n".join(rows), encoding="utf-8")
    late = limit.read_text(encoding="utf-8") + "2022-11-25T20:00:00+02:00,9\n"
    limit.write_text(late, encoding="utf-8")
    tables = read_tables(feeders, limit, hours=24)
    book = folder / "book.csv"
    for _ in range(2):
        known, memory = with_memory(tables, book)
        made = schedule_blackouts(tables.feeders, tables.demand, **{**known.arguments(), **memory})
        day = made.grid
        earlier = replace(day, start=day.start - np.timedelta64(24, "h"))
        enter_in_book(book, replace(made, grid=earlier), tables.feeders)
    return ScheduleFolder(made, tables.feeders, tables.demand, known.notes, book=known.book)


def test_every_note_of_a_schedule_is_in_ukrainian(tmp_path: Path) -> None:
    content = make(tmp_path)
    now = content.schedule.grid.times[12]
    content = revise_folder(content, None, now=now)
    flat = read_tables(*write_utility(tmp_path, 3), profile="flat")
    load = write(tmp_path, "LOAD.csv", "feeder,00:00\nF-000,0.01\nF-001,0.02\nF-002,0.01\n")
    given = read_tables(*write_utility(tmp_path, 3), load=load)
    no_queue = write(
        tmp_path, "BARE.csv", "feeder,peak_mw\n" + "".join(f"A{i},1\n" for i in range(20))
    )
    bare = read_tables(no_queue, tmp_path / "LIMIT.csv")
    notes = [*content.notes, *flat.notes, *given.notes, *bare.notes]
    parts = ("not read", "Only peaks are known: loads run", "taken to be flat", "critical_mw",
             "No queues", "without a queue", "Planned to", "begin after that", "Evened out",
             "vulnerable", "Revised")  # fmt: skip
    for part in parts:
        assert any(part in note for note in notes), part
    for note in notes:
        said = note_in_ukrainian(note)
        assert said, note
        assert not set(LATIN.findall(said)) - NAMES, said
    assert note_in_ukrainian("Something new.") == ""
    write_schedule_page(content, tmp_path / "page")
    page = parse((tmp_path / "page" / "schedule.uk.html").read_text(encoding="utf-8"))
    assert len(page.by_id("rests").all("li")) == len(content.notes) + 1
    assert not [e for e in page.by_id("rests").all("li") if "lang" in e.attributes]


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("the city", "місто"),
        ("substation North, substation Old and New", "підстанція North, підстанція Old and New"),
        ("F-1, F-2, F-3, F-4 and 7 more", "F-1, F-2, F-3, F-4 і ще 7"),
        ("crew A, crew", "бригада A, бригада"),
    ],
)
def test_what_a_sentence_is_about_is_in_ukrainian(subject: str, said: str) -> None:
    assert subject_in_ukrainian(subject) == said


def test_rules_that_are_broken_are_told_in_one_language(tmp_path: Path) -> None:
    feeders, demand = make_town(12, 48)
    made = schedule_blackouts(feeders, demand, limit_mw=np.full(48, demand.total_mw.max()))
    violation = Violation(
        "supply limit", "the city", (3,), "The supply limit of the city is exceeded by up to "
        "2.5 MW.", "2.5 MW more at the worst slot.",
    )  # fmt: skip
    proof = replace(made.certificate, violations=(violation,))
    content = ScheduleFolder(replace(made, certificate=proof), feeders, demand)
    write_schedule_page(content, tmp_path)
    page = parse((tmp_path / "schedule.uk.html").read_text(encoding="utf-8"))
    assert "the city" not in page.by_id("proof").words
    assert "місто. Межу" in page.by_id("proof").words
