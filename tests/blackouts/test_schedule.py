"""Schedules of random towns: what must hold whatever is ordered."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import lightest_dark_mwh, make_town
from vatra.blackouts import Rules, State, check_schedule, schedule_blackouts, schedule_table
from vatra.demand import served_load
from vatra.demand.model import Demand
from vatra.problems import InputError
from vatra.situation.model import SupplyLimit


@given(
    feeders=st.integers(1, 60),
    slots=st.sampled_from([1, 2, 24, 46, 48, 50, 96]),
    share=st.floats(0, 1.2),
    tight=st.floats(0.5, 2),
    damaged=st.booleans(),
    kept=st.sampled_from([0.0, 0.3, 1.0]),
    align=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_whatever_is_ordered_the_limits_hold_and_the_rest_is_told(
    feeders: int, slots: int, share: float, tight: float, damaged: bool, kept: float, align: bool,
    seed: int,
) -> None:  # fmt: skip
    table, demand = make_town(feeders, slots, seed, kept=kept)
    rng = np.random.default_rng(seed)
    limit = share * demand.total_mw * rng.uniform(0.7, 1.1, slots)
    area = SupplyLimit("D-0", np.where(rng.random(slots) < 0.5, np.nan, tight * 2.0))
    load = demand.load_mw.max(axis=1)
    capacity = pd.Series(load, index=table.substation_id.to_numpy()).groupby(level=0).sum() * tight
    available = rng.random((feeders, slots)) > 0.1 if damaged else None
    rules = Rules(max_dark_h=float(rng.choice([2.0, 8.0])), align_queues=align)
    orders = {
        "limit_mw": limit, "area_limits": (area,), "substation_mw": capacity,
        "available": available, "rules": rules,
    }  # fmt: skip
    if not (table.district_id == "D-0").any():
        del orders["area_limits"]
    schedule = schedule_blackouts(table, demand, **orders)  # type: ignore[arg-type]
    found = check_schedule(schedule, table, demand, **orders)  # type: ignore[arg-type]
    proof = schedule.certificate
    assert {v.rule for v in found} == {v.rule for v in proof.violations}
    assert not {"supply limit", "load", "available"} & {v.rule for v in found}
    assert proof.limit_excess_mw == 0
    assert proof.unserved_bound_mwh <= proof.unserved_mwh + 1e-6
    assert np.array_equal(schedule.load_mw, served_load(demand, schedule.lit))
    dark = (schedule.state == State.PLANNED) & (available if available is not None else True)
    assert proof.unserved_mwh == pytest.approx(0.5 * demand.load_mw[dark].sum())
    listed = schedule_table(schedule)
    hours = (listed.end - listed.start).dt.total_seconds().sum() / 3600
    assert hours == pytest.approx(0.5 * (~schedule.lit).sum())


@given(st.integers(0, 10**6), st.floats(0.1, 0.9))
@settings(max_examples=8, deadline=None)
def test_the_bound_is_never_above_the_best_schedule(seed: int, share: float) -> None:
    table, demand = make_town(3, 7, seed, kept=0)
    limit = np.full(7, share * demand.total_mw.mean())
    rules = Rules(min_dark_h=1.0, min_light_h=1.0, max_dark_h=1.5)
    schedule = schedule_blackouts(table, demand, limit_mw=limit, rules=rules)
    proof = schedule.certificate
    if not proof.violations:
        least = lightest_dark_mwh(demand, limit, 2, 2, 3)
        assert proof.unserved_bound_mwh <= least + 1e-6
        assert least <= proof.unserved_mwh + 1e-6


def test_a_large_town_is_near_its_bound_and_even() -> None:
    table, demand = make_town(400, 96, kept=0.25)
    limit = np.full(96, 0.55 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    proof = schedule.certificate
    assert not proof.violations
    assert 1.0 <= proof.unserved_ratio < 1.05
    assert proof.dark_h_range <= 12.0
    dark_h = 0.5 * (~schedule.lit)[(schedule.queue != "").to_numpy()].sum(axis=1)
    assert dark_h.std() < 1.0


def test_aligned_queues_can_be_read_in_the_grid() -> None:
    table, demand = make_town(400, 96, kept=0.25)
    limit = np.full(96, 0.55 * demand.total_mw.max())
    mixed = []
    for align in (True, False):
        rules = Rules(align_queues=align)
        share = schedule_blackouts(table, demand, limit_mw=limit, rules=rules).queue_dark_share
        assert share.shape == (12, 96)
        mixed.append(float(np.minimum(share.to_numpy(), 1 - share.to_numpy()).mean()))
    assert mixed[0] < 0.6 * mixed[1]


def test_without_a_limit_all_are_lit() -> None:
    table, demand = make_town(20, 48)
    schedule = schedule_blackouts(table, demand)
    assert schedule.lit.all()
    assert schedule.certificate.unserved_ratio == 1
    assert schedule.queue_dark_share.to_numpy().sum() == 0
    assert schedule_table(schedule).empty


def test_a_limit_of_zero_leaves_all_dark_and_says_what_was_released() -> None:
    table, demand = make_town(20, 48, kept=0.5)
    schedule = schedule_blackouts(table, demand, limit_mw=0.0)
    assert not schedule.lit.any()
    assert {"protected", "reserved", "max_dark_h"} <= {
        v.rule for v in schedule.certificate.violations
    }


def test_reserved_feeders_are_released_before_protected_ones() -> None:
    table, demand = make_town(40, 48, kept=0.8)
    kept = (table.protected | table.reserved).to_numpy()
    protected = table.protected.to_numpy()
    room = demand.load_mw[kept].sum(axis=0).max() - 0.5
    schedule = schedule_blackouts(table, demand, limit_mw=np.full(48, room))
    dark = np.asarray(~schedule.lit.all(axis=1))
    assert dark[table.reserved.to_numpy()].any()
    assert not dark[protected].any()
    reserved = [v for v in schedule.certificate.violations if v.rule == "reserved"]
    assert len(reserved) == 1
    assert "MW more" in reserved[0].relaxation


def test_what_comes_back_after_damage_draws_more() -> None:
    table, demand = make_town(4, 48, kept=0)
    available = np.ones((4, 48), dtype=bool)
    available[1, 4:12] = False
    schedule = schedule_blackouts(table, demand, available=available)
    assert (schedule.state[1, 4:12] == State.DAMAGED).all()
    assert schedule.load_mw[1, 12] > 1.3 * demand.load_mw[1, 12] * 0.9
    assert schedule.certificate.unserved_mwh == 0


def test_what_went_before_counts() -> None:
    table, demand = make_town(40, 48, kept=0)
    before = pd.DataFrame({"dark_slots": 8, "lit_slots": 0, "dark_h": 4.0}, index=table.index[:20])
    limit = np.full(48, 0.7 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit, history=before)
    dark = 0.5 * (~schedule.lit).sum(axis=1)
    assert dark[20:].mean() - dark[:20].mean() == pytest.approx(4.0, abs=1.0)
    assert not schedule.certificate.violations


def test_those_who_would_freeze_are_cut_last() -> None:
    table, demand = make_town(60, 48, kept=0)
    exposure = np.where(np.arange(60) < 10, 3.0, 0.0)
    limit = np.full(48, 0.7 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit, exposure=exposure)
    dark = (~schedule.lit).sum(axis=1)
    assert dark[:10].mean() < dark[10:].mean()


def test_the_same_seed_gives_the_same_schedule() -> None:
    table, demand = make_town(50, 48)
    limit = np.full(48, 0.6 * demand.total_mw.max())
    one, two = (schedule_blackouts(table, demand, limit_mw=limit) for _ in range(2))
    assert np.array_equal(one.state, two.state)


@pytest.mark.parametrize(("start", "slots"), [("2026-03-28T22:00Z", 46), ("2026-10-24T21:00Z", 50)])
def test_days_of_46_and_50_slots(start: str, slots: int) -> None:
    table, demand = make_town(60, slots, start=start)
    assert set(demand.grid.day) == {0}
    limit = np.full(slots, 0.6 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    assert schedule.certificate.limit_excess_mw == 0
    assert schedule_table(schedule).end.max() <= demand.grid.end


def test_an_order_in_queues_turns_so_many_queues_dark() -> None:
    table, demand = make_town(48, 48, kept=0)
    order = np.repeat([0.0, 0.5, 2.0, 3.5], 12)
    schedule = schedule_blackouts(table, demand, queues_off=order)
    assert np.array_equal(schedule.queue_dark_share.sum(axis=0), 2 * order)
    assert schedule.certificate.unserved_ratio == pytest.approx(1)


def test_an_order_in_queues_and_a_limit_hold_together() -> None:
    table, demand = make_town(48, 48, kept=0)
    limit = np.full(48, 0.6 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit, queues_off=1.0)
    assert (schedule.queue_dark_share.sum(axis=0) >= 2).all()
    assert (schedule.served_mw <= limit + 1e-6).all()


def test_everything_wrong_is_told_at_once() -> None:
    table, demand = make_town(5, 4)
    with pytest.raises(InputError) as caught:
        schedule_blackouts(
            table,
            demand,
            limit_mw=np.array([1.0, -2.0, np.nan, 3.0]),
            area_limits=[SupplyLimit("D-99", np.ones(4)), SupplyLimit("D-0", np.ones(3))],
            substation_mw=pd.Series({"S-0": -1.0}),
            available=np.ones((5, 3), dtype=bool),
            exposure=-np.ones(5),
            history=pd.DataFrame({"dark_h": [-1.0]}, index=["F-0000"]),
        )
    places = {problem.place for problem in caught.value.problems}
    assert places == {
        "limit_mw", "area_limits", "area_limits.D-0", "substation_mw", "available", "exposure",
        "history.dark_h",
    }  # fmt: skip


def test_a_table_that_does_not_fit_the_demand_is_refused() -> None:
    table, demand = make_town(5, 4)
    with pytest.raises(InputError, match="not in the table"):
        schedule_blackouts(table.iloc[1:], demand)
    with pytest.raises(InputError, match="twice"):
        schedule_blackouts(pd.concat([table, table.iloc[:1]]), demand)
    bad = demand.load_mw.copy()
    bad[2, 1] = np.nan
    broken = Demand(demand.grid, demand.feeder_id, bad, demand.critical_mw, demand.heater_mw)
    with pytest.raises(InputError, match="F-0002"):
        schedule_blackouts(table, broken)


def test_a_table_with_nothing_but_ids_is_enough() -> None:
    _, demand = make_town(30, 48, kept=0)
    limit = np.full(48, 0.6 * demand.total_mw.max())
    bare = pd.DataFrame(index=demand.feeder_id)
    schedule = schedule_blackouts(bare, demand, limit_mw=limit)
    assert not check_schedule(schedule, bare, demand, limit_mw=limit)
    assert schedule.queue_dark_share.empty


def test_a_schedule_made_anew_from_another_changes_little() -> None:
    table, demand = make_town(300, 96, kept=0.2)
    limit = np.full(96, 0.6 * demand.total_mw.max())
    first = schedule_blackouts(table, demand, limit_mw=limit)
    more = Demand(
        demand.grid, demand.feeder_id, 1.02 * demand.load_mw, demand.critical_mw, demand.heater_mw
    )
    fresh = schedule_blackouts(table, more, limit_mw=limit)
    again = schedule_blackouts(table, more, limit_mw=limit, previous=first)
    assert again.certificate.limit_excess_mw == 0
    assert not again.certificate.violations
    assert again.certificate.unserved_ratio < 1.05
    assert (again.state != first.state).mean() < 0.5 * (fresh.state != first.state).mean()
    other, strange = make_town(5, 48)
    with pytest.raises(InputError, match="previous"):
        schedule_blackouts(other, strange, previous=first)


def test_the_worth_of_a_megawatt_is_what_it_would_serve() -> None:
    table, demand = make_town(300, 48, kept=0.2)
    limit = np.full(48, 0.6 * demand.total_mw.max())
    first = schedule_blackouts(table, demand, limit_mw=limit)
    more = schedule_blackouts(table, demand, limit_mw=1.02 * limit)
    gain = first.certificate.unserved_bound_mwh - more.certificate.unserved_bound_mwh
    assert gain == pytest.approx(0.5 * 0.02 * (first.worth * limit).sum(), rel=0.1)


def test_a_longest_dark_run_that_cannot_be_kept_comes_with_a_proof() -> None:
    table, demand = make_town(200, 96, kept=0.0)
    rules = Rules(max_dark_h=4.0, align_queues=False)
    limit = np.full(96, 0.15 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit, rules=rules)
    found = [v for v in schedule.certificate.violations if v.rule == "max_dark_h"]
    assert len(found) == 1
    words = re.fullmatch(
        r"max_dark_h = ([0-9.]+) is kept by this schedule; "
        r"below ([0-9.]+) no schedule within the limits can stay\.",
        found[0].relaxation,
    )
    assert words
    kept_h, least_h = (float(word) for word in words.groups())
    # 4 h dark and 2 h lit is a third lit, at 1.3 times the load: more than 0.15 of the peak.
    assert 4.0 < least_h <= kept_h
    assert kept_h == schedule.certificate.longest_dark_h
    again = schedule_blackouts(
        table, demand, limit_mw=limit, rules=Rules(max_dark_h=least_h - 0.5, align_queues=False)
    )
    assert "max_dark_h" in {v.rule for v in again.certificate.violations}
    relaxed = schedule_blackouts(
        table, demand, limit_mw=limit, rules=Rules(max_dark_h=kept_h, align_queues=False)
    )
    assert relaxed.certificate.longest_dark_h <= kept_h
    quick = schedule_blackouts(table, demand, limit_mw=limit, rules=rules, explain=False)
    assert "below" not in quick.certificate.violations[0].relaxation
