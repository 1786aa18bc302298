"""Revisions: nothing before the freeze ends, after it what must be, each outage by its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import (
    Rules,
    State,
    check_schedule,
    feeder_outages,
    queue_outages,
    revise_schedule,
    schedule_blackouts,
    schedule_table,
)
from vatra.blackouts.outages import CHANGES, name_outages
from vatra.problems import InputError
from vatra.situation.timegrid import TimeGrid

SLOT = pd.Timedelta(minutes=30)


@given(
    feeders=st.integers(1, 60),
    slots=st.sampled_from([24, 46, 48, 50, 96]),
    share=st.floats(0.2, 1.0),
    factor=st.floats(0.5, 1.5),
    at=st.floats(0, 0.9),
    freeze=st.sampled_from([0.0, 1.0, 2.0, 3.3]),
    damaged=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=25, deadline=None)
def test_the_frozen_part_stays_and_limits_hold_after_it(
    feeders: int, slots: int, share: float, factor: float, at: float, freeze: float,
    damaged: bool, seed: int,
) -> None:  # fmt: skip
    table, demand = make_town(feeders, slots, seed)
    limit = share * demand.total_mw
    rng = np.random.default_rng(seed)
    available = rng.random((feeders, slots)) > 0.05 if damaged else None
    schedule = schedule_blackouts(table, demand, limit_mw=limit, available=available)
    now = demand.grid.times[int(at * slots)] + pd.Timedelta(minutes=int(rng.integers(0, 30)))
    tight = np.where(demand.grid.times >= now, factor, 1.0) * limit
    try:
        revision = revise_schedule(
            schedule, table, demand, now=now, freeze_h=freeze, limit_mw=tight, available=available
        )
    except InputError:
        assert now + pd.Timedelta(hours=freeze) > demand.grid.times[-1]
        return
    new, slot = revision.schedule, revision.slot
    assert demand.grid.start + slot * SLOT >= now + pd.Timedelta(hours=freeze)
    assert np.array_equal(new.state[:, :slot], schedule.state[:, :slot])
    assert (new.served_mw[slot:] <= tight[slot:] + 1e-6).all()
    found = check_schedule(new, table, demand, limit_mw=tight, available=available)
    assert {v.rule for v in found} == {v.rule for v in new.certificate.violations}
    assert new.certificate.unserved_bound_mwh <= new.certificate.unserved_mwh + 1e-6
    if factor <= 1 and not revision.summary["excess_mwh"] > 0:
        assert revision.summary["changed_lines"] == 0
    people = table["customers"].to_numpy(dtype=float)
    lost = 0.5 * people @ (schedule.lit & ~new.lit).sum(axis=1)
    assert revision.changes["lost_person_h"].sum() == pytest.approx(lost)
    assert revision.spans.query("change == 'loses'")["person_h"].sum() == pytest.approx(lost)
    _check_names(revision.outages, feeder_outages(schedule), new.feeder_id, new.state, new.grid)


def _check_names(
    after: pd.DataFrame, before: pd.DataFrame, units: pd.Index[str], state: np.ndarray,
    grid: TimeGrid,
) -> None:  # fmt: skip
    """Names are kept by what overlaps, given once, and the table is the schedule's."""
    assert after["outage"].is_unique
    assert set(before["outage"]) <= set(after["outage"])
    assert set(after["change"]) <= set(CHANGES)
    here = after[after["change"] != "cancelled"]
    drawn = np.zeros(state.shape, dtype=bool)
    for row, a, b in zip(
        units.get_indexer(pd.Index(here["unit"])), here["start"], here["end"], strict=True
    ):
        drawn[row, grid.slot_of(a) : grid.slot_of(b)] = True
    assert np.array_equal(drawn, state != State.LIT)
    both = before.merge(here, on="outage", suffixes=("_old", ""))
    assert (both["unit"] == both["unit_old"]).all()
    untouched = (both["start"] == both["start_old"]) & (both["end"] == both["end_old"])
    assert ((both["change"] == "same") == (untouched & (both["state"] == both["state_old"]))).all()
    assert (both["sequence"] == both["sequence_old"] + (both["change"] != "same")).all()


def test_the_same_order_changes_nothing() -> None:
    table, demand = make_town(80, 96)
    limit = np.full(96, 0.6 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    again = revise_schedule(
        schedule, table, demand, now=demand.grid.times[20], freeze_h=1, limit_mw=limit
    )
    assert np.array_equal(again.schedule.state, schedule.state)
    assert set(again.outages["change"]) == {"same"}
    assert again.spans.empty


def test_a_lower_limit_takes_little_more_light_than_it_has_to() -> None:
    table, demand = make_town(400, 96)
    limit = np.full(96, 0.65 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    lower = limit.copy()
    lower[30:50] *= 0.93
    revision = revise_schedule(
        schedule, table, demand, now=demand.grid.times[30], freeze_h=2, limit_mw=lower
    )
    said = revision.summary
    assert said["frozen_excess_mw"] > 0
    assert said["excess_mwh"] <= said["lost_mwh"] + said["gained_mwh"] <= 1.6 * said["excess_mwh"]
    assert not revision.schedule.lit[:, :34][~schedule.lit[:, :34]].any()
    assert {v.rule for v in revision.schedule.certificate.violations} == {"supply limit"}
    assert revision.schedule.certificate.unserved_ratio < 1.08


def test_more_room_is_used_by_those_with_least_light() -> None:
    table, demand = make_town(200, 96)
    limit = np.full(96, 0.55 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    more = np.where(np.arange(96) >= 40, 1.1, 1.0) * limit
    revision = revise_schedule(schedule, table, demand, now=demand.grid.times[36], limit_mw=more)
    assert revision.summary["gained_mwh"] > 10 * revision.summary["lost_mwh"]
    gains = (revision.schedule.lit & ~schedule.lit).any(axis=1)
    dark_h = 0.5 * (~schedule.lit).sum(axis=1)
    rotated = (schedule.queue != "").to_numpy()
    assert dark_h[gains & rotated].mean() >= dark_h[~gains & rotated].mean()


def test_an_emergency_that_still_lasts_is_let_be() -> None:
    table, demand = make_town(40, 48, kept=0)
    limit = np.full(48, 0.7 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    state = schedule.state.copy()
    state[:5, 10:30] = State.EMERGENCY
    held = replace(schedule, state=state)
    new = revise_schedule(
        held, table, demand, now=demand.grid.times[12], freeze_h=1, limit_mw=limit
    ).schedule
    assert (new.state[:5, 10:30] == State.EMERGENCY).all()
    assert (new.state == State.EMERGENCY).sum() == 100


def test_an_order_in_queues_keeps_the_queues_that_it_can() -> None:
    table, demand = make_town(48, 48, kept=0)
    order = np.full(48, 2.0)
    rules = Rules(max_dark_h=4.0)
    schedule = schedule_blackouts(table, demand, queues_off=order, rules=rules)
    order[24:] = 2.5
    revision = revise_schedule(
        schedule, table, demand, now=demand.grid.times[20], queues_off=order, rules=rules
    )
    share = revision.schedule.queue_dark_share.to_numpy()
    assert np.array_equal(share.sum(axis=0), np.where(np.arange(48) < 24, 4, 5))
    was = schedule.queue_dark_share.to_numpy()
    assert 24 <= np.abs(share - was).sum() < 48  # made anew it differs in far more


def test_what_cannot_be_revised_is_told() -> None:
    table, demand = make_town(10, 24)
    schedule = schedule_blackouts(table, demand)
    for now, freeze in ((demand.grid.end, 0.0), (demand.grid.times[3], -1.0),
                        (demand.grid.times[3].tz_localize(None), 1.0)):  # fmt: skip
        with pytest.raises(InputError, match="revision"):
            revise_schedule(schedule, table, demand, now=now, freeze_h=freeze)


def rows(*runs: tuple[int, int]) -> np.ndarray:
    state = np.zeros((1, 24), dtype=np.int8)
    for a, b in runs:
        state[0, a:b] = State.PLANNED
    return state


def test_outages_are_told_as_what_happened_to_them() -> None:
    grid = TimeGrid(pd.Timestamp("2022-11-24T00:00Z"), 24)
    unit = np.array(["1.1"], dtype=object)
    first = name_outages(unit, rows((2, 6), (12, 20)), grid)
    assert list(first["outage"]) == ["1.1/20221124T0100Z", "1.1/20221124T0600Z"]
    later = name_outages(unit, rows((3, 6), (12, 15), (17, 20)), grid, first)
    assert list(later["change"]) == ["earlier or later", "earlier or later", "split off"]
    assert list(later["sequence"]) == [1, 1, 0]
    moved = name_outages(unit, rows((8, 10)), grid, later)
    assert dict(zip(moved["outage"], moved["change"], strict=True)) == {
        "1.1/20221124T0100Z": "moved",
        "1.1/20221124T0600Z": "cancelled",
        "1.1/20221124T0830Z": "cancelled",
    }
    # The time of the first one is taken again, its name is not.
    again = name_outages(unit, rows((2, 4), (8, 10)), grid, moved)
    assert "1.1/20221124T0100Z-2" in set(again["outage"])
    assert len(again) == 4
    back = name_outages(unit, rows((8, 10), (12, 16)), grid, moved)
    found = back.set_index("outage").loc["1.1/20221124T0600Z"]
    assert (found["change"], found["sequence"]) == ("earlier or later", 3)


def test_names_are_those_of_the_table_of_the_schedule() -> None:
    table, demand = make_town(30, 48)
    schedule = schedule_blackouts(table, demand, limit_mw=0.6 * demand.total_mw)
    named, listed = feeder_outages(schedule), schedule_table(schedule)
    assert list(named["start"]) == list(listed["start"])
    assert list(named["unit"]) == list(listed["feeder"])
    assert set(queue_outages(schedule)["unit"]) <= set(schedule.queue)
