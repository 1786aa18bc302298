"""The book of darkness: what was had is carried, and repaid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.blackouts.towns import make_town
from vatra.blackouts import (
    Schedule,
    State,
    book_fairness,
    days_of_schedule,
    enter,
    evening_exposure,
    history_from,
    people_exposure,
    read_book,
    schedule_blackouts,
    write_book,
)
from vatra.demand.model import Demand
from vatra.problems import InputError
from vatra.situation.timegrid import TimeGrid


def day(demand: Demand, number: int) -> Demand:
    """The same day, so many days later."""
    grid = TimeGrid(demand.grid.start + pd.Timedelta(days=number), 48)
    return replace(demand, grid=grid)


def plan(table: pd.DataFrame, demand: Demand, book: pd.DataFrame | None) -> Schedule:
    history = None
    if book is not None:
        history = history_from(book, demand.grid.start, "Europe/Kyiv")
    exposure = None
    if history is not None:
        exposure = evening_exposure(history, demand.feeder_id, demand.grid)
    limit = np.full(48, 0.6 * demand.total_mw.max())
    return schedule_blackouts(table, demand, limit_mw=limit, history=history, exposure=exposure)


def test_days_with_a_book_are_evener_than_days_without() -> None:
    table, demand = make_town(60, 48, kept=0.0)
    apart, book = None, None
    for number in range(5):
        now = day(demand, number)
        apart = enter(apart, days_of_schedule(plan(table, now, None)))
        book = enter(book, days_of_schedule(plan(table, now, book)))
    assert book is not None
    assert apart is not None
    with_book, without = (
        book_fairness(b, table).query("span == 'month'").iloc[0] for b in (book, apart)
    )
    assert with_book["dark_range_h"] < 0.5 * without["dark_range_h"]
    assert with_book["evening_range_h"] < without["evening_range_h"]
    assert with_book["dark_mean_h"] == pytest.approx(without["dark_mean_h"], rel=0.1)
    spans = book_fairness(book, table)["span"].value_counts()
    assert (spans["day"], spans["month"]) == (5, 1)


def test_an_emergency_of_yesterday_lengthens_the_light_of_today() -> None:
    table, demand = make_town(60, 48, kept=0.0)
    first = plan(table, demand, None)
    state = first.state.copy()
    hit = np.arange(6)
    state[hit, 10:20] = np.where(state[hit, 10:20] == State.LIT, State.EMERGENCY, state[hit, 10:20])
    cut = replace(first, state=state)
    book = enter(None, days_of_schedule(cut))
    assert book["emergency_h"].sum() == 0.5 * (state == State.EMERGENCY).sum()
    more = 0.5 * (state != first.state)[hit].sum(axis=1).mean()
    usual = enter(None, days_of_schedule(first))
    owed = [more]
    for number in (1, 2, 3):
        now = day(demand, number)
        book = enter(book, days_of_schedule(plan(table, now, book)))
        usual = enter(usual, days_of_schedule(plan(table, now, usual)))
        had = [b.groupby("feeder")["dark_h"].sum()[table.index].to_numpy() for b in (book, usual)]
        owed.append((had[0] - had[1])[hit].mean())
    assert owed[1] < 0.8 * more  # the light of the next day is longer already
    assert owed[3] < 0.4 * more


def test_a_day_is_entered_anew_as_measured() -> None:
    table, demand = make_town(10, 48, kept=0.0)
    schedule = plan(table, demand, None)
    book = enter(None, days_of_schedule(schedule))
    measured = np.zeros(schedule.state.shape, dtype=bool)
    again = enter(book, days_of_schedule(schedule, dark=measured, basis="measured"))
    assert len(again) == len(book) == 10
    assert again["dark_h"].sum() == 0
    assert set(again["basis"]) == {"measured"}
    part = days_of_schedule(schedule, until=demand.grid.times[20])
    assert part["dark_h"].sum() == 0.5 * (~schedule.lit[:, :20]).sum()


def test_the_window_forgets_and_a_new_feeder_is_like_the_others() -> None:
    table, demand = make_town(10, 48, kept=0.0)
    book = enter(None, days_of_schedule(plan(table, demand, None)))
    start = demand.grid.start
    late = history_from(book, start + pd.Timedelta(days=40), "Europe/Kyiv")
    assert late.empty
    runs = pd.DataFrame({"dark_slots": 2, "lit_slots": 5}, index=[*table.index, "new"])
    history = history_from(book, start + pd.Timedelta(days=1), "Europe/Kyiv", runs=runs)
    assert history.loc["new", "dark_h"] == pytest.approx(history["dark_h"][table.index].mean())
    assert (history["lit_slots"] == 5).all()


def test_a_book_comes_back_from_its_file(tmp_path: Path) -> None:
    table, demand = make_town(10, 48, kept=0.0)
    book = enter(None, days_of_schedule(plan(table, demand, None)))
    path = write_book(book, tmp_path / "book.csv")
    again = read_book(path, table.index)
    assert again is not None
    pd.testing.assert_frame_equal(again, book, check_dtype=False)
    assert read_book(tmp_path / "none.csv", table.index) is None
    path.write_text("feeder,date,dark_h,evening_h,night_h,emergency_h,basis\nA,soon,99,0,0,0,x\n")
    with pytest.raises(InputError) as caught:
        read_book(path, table.index)
    assert len(caught.value.problems) == 2
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="columns are missing"):
        read_book(path, table.index)


def test_lines_of_vulnerable_people_are_dark_for_less() -> None:
    table, demand = make_town(60, 48, kept=0.0)
    table["residents"] = 1000.0
    table["vulnerable"] = np.where(np.arange(60) < 20, 500.0, 50.0)
    exposure = people_exposure(table)
    assert exposure[:20] == pytest.approx(0.225)
    assert exposure[20:] == pytest.approx(0.0)
    limit = np.full(48, 0.6 * demand.total_mw.max())
    dark = 0.5 * (~schedule_blackouts(table, demand, limit_mw=limit, exposure=exposure).lit).sum(
        axis=1
    )
    assert dark[:20].mean() < dark[20:].mean() - 0.5
