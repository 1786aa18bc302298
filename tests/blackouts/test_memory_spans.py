"""Who has had what over day, week and month, told from a book and a schedule, and shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.blackouts.towns import make_town
from tests.publish.pages import parse
from vatra.blackouts import (
    ScheduleFolder,
    State,
    days_of_schedule,
    draw_standing,
    enter,
    read_schedule,
    schedule_blackouts,
    standing_of,
    write_schedule,
)
from vatra.publish import write_schedule_page
from vatra.situation.timegrid import TimeGrid


def month(days: int = 9) -> tuple[ScheduleFolder, pd.DataFrame]:
    """A schedule of a day, and a book of the days before in which six lines had an emergency."""
    table, demand = make_town(40, 48, kept=0.1, seed=4)
    table["residents"] = np.where(np.arange(40) < 20, 100.0, 900.0)
    schedule = schedule_blackouts(table, demand, limit_mw=0.65 * demand.total_mw.max())
    book = None
    for back in range(days, 0, -1):
        state = schedule.state.copy()
        if back == 3:
            hit = state[:6, 36:44]
            state[:6, 36:44] = np.where(hit == State.LIT, State.EMERGENCY, hit)
        grid = TimeGrid(demand.grid.start - pd.Timedelta(days=back), 48)
        book = enter(book, days_of_schedule(replace(schedule, state=state, grid=grid)))
    assert book is not None
    return ScheduleFolder(schedule, table, demand, book=book), book


def test_spans_add_up_what_the_book_and_the_schedule_hold() -> None:
    content, book = month()
    standing = standing_of(content.schedule, content.feeders, book)
    assert standing.days == {"day": 1, "week": 7, "month": 10}
    assert standing.before == 9
    own = days_of_schedule(content.schedule).set_index("feeder")
    every = enter(book, days_of_schedule(content.schedule))
    lines = standing.lines
    assert not content.feeders.loc[lines.index, "protected"].any()
    for kind in ("dark", "evening", "night", "emergency"):
        total = every.groupby("feeder")[f"{kind}_h"].sum()
        assert np.allclose(lines[f"month_{kind}_h"], total[lines.index])
        assert np.allclose(lines[f"day_{kind}_h"], own.loc[lines.index, f"{kind}_h"])
        assert (lines[f"week_{kind}_h"] <= lines[f"month_{kind}_h"] + 1e-9).all()
    # What is owed sums to nothing over people; those of the emergency are owed most of all.
    for column in ("owed_before_h", "owed_h"):
        assert np.average(lines[column], weights=lines["people"]) == pytest.approx(0.0, abs=1e-9)
    # The emergency is owed, hour for hour, but for what it adds to the mean of all.
    usual = book.assign(dark_h=book["dark_h"] - book["emergency_h"])
    without = standing_of(content.schedule, content.feeders, usual).lines
    hit = lines["month_emergency_h"]
    assert (hit > 0).any()
    more = (lines["owed_h"] - without["owed_h"]).to_numpy()
    assert np.allclose(more, hit - np.average(hit, weights=lines["people"]))
    spans = standing.spans
    first = spans[(spans["span"] == "month") & (spans["kind"] == "dark")]
    assert first["range_h"].item() == pytest.approx(np.ptp(lines["month_dark_h"]))
    assert first["mean_h"].item() == pytest.approx(
        np.average(lines["month_dark_h"], weights=lines["people"])
    )


def test_a_line_that_the_book_does_not_know_is_owed_nothing_for_it() -> None:
    content, book = month()
    known = standing_of(content.schedule, content.feeders, book)
    new = known.lines.index[-1]
    short = standing_of(content.schedule, content.feeders, book[book["feeder"] != new])
    assert abs(short.lines.loc[new, "owed_before_h"]) < abs(known.lines["owed_before_h"]).max()


def test_the_book_stays_with_its_schedule_and_is_shown(tmp_path: Path) -> None:
    content, _ = month()
    write_schedule(content, tmp_path / "s")
    again = read_schedule(tmp_path / "s")
    assert again.book is not None
    standing = standing_of(again.schedule, again.feeders, again.book)
    drawn = draw_standing(standing)
    assert "10 of 30 days are known" in drawn
    assert "Owed light before:" in drawn
    assert max(len(line) for line in drawn.splitlines()) <= 80
    assert draw_standing(standing, plain=True).isascii()
    write_schedule_page(again, tmp_path)
    for name, words in (
        ("schedule.html", ("10 days of the 30 days", "Owed before", "of it emergency cuts")),
        ("schedule.uk.html", ("10 днів із 30 днів", "Борг до графіка", "з них аварійно")),
    ):
        page = parse((tmp_path / name).read_text(encoding="utf-8"))
        said = page.by_id("fair").words.replace("\u00a0", " ")
        for part in words:
            assert part in said, part
        tables = page.by_id("fair").all("table")
        assert len(tables[-1].all("tbody")[0].all("tr")) == len(standing.queues)
        assert len(tables[-2].all("tbody")[0].all("tr")) == 9


def test_without_a_book_the_page_says_that_nothing_is_known_of_the_days_before(
    tmp_path: Path,
) -> None:
    content, _ = month()
    write_schedule_page(replace(content, book=None), tmp_path)
    page = parse((tmp_path / "schedule.html").read_text(encoding="utf-8"))
    assert "Nothing is known of the days before" in page.by_id("fair").words
    page = parse((tmp_path / "schedule.uk.html").read_text(encoding="utf-8"))
    assert "Про попередні дні нічого не відомо" in page.by_id("fair").words
