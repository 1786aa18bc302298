"""Rules on switchings, hours of the day, kept feeders and orders: obeyed, or told."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.blackouts.towns import make_town
from vatra.blackouts import Schedule, State, check_schedule, rules_from, schedule_blackouts
from vatra.demand import served_load
from vatra.demand.model import Demand
from vatra.situation.model import SupplyLimit

Orders = dict[str, Any]
Flags = NDArray[np.bool_]


def _town(feeders: int, slots: int, seed: int, start: str) -> tuple[pd.DataFrame, Demand]:
    table, demand = make_town(feeders, slots, seed, kept=0.2, start=start)
    rng = np.random.default_rng(seed)
    table["switching"] = np.where(rng.random(feeders) < 0.5, "remote", "manual")
    table["crew"] = [f"C-{n}" if n else "" for n in rng.integers(0, 3, feeders)]
    table["backup"] = rng.choice(["yes", "no", ""], feeders)
    return table, demand


@st.composite
def _orders(draw: st.DrawFn) -> tuple[pd.DataFrame, Demand, Orders]:
    """A town, and orders and rules of every kind."""
    feeders = draw(st.integers(1, 24))
    slots = draw(st.sampled_from([1, 24, 46, 48, 50]))
    start = draw(st.sampled_from(
        ["2022-11-23T22:00Z", "2026-03-28T22:00Z", "2026-10-24T21:00Z", "2022-11-24T04:30Z"]
    ))  # fmt: skip
    seed = draw(st.integers(0, 1000))
    table, demand = _town(feeders, slots, seed, start)
    rng = np.random.default_rng(seed)
    rules: dict[str, Any] = {}
    choices: dict[str, list[Any]] = {
        "max_dark_day_h": [6, 11.5],
        "must_light": [["06:00-08:00 1"], ["05:30-07:00", "17:00-23:00 2.5"], "22:00-03:00 2"],
        "substation_switchings": [1, 4],
        "crew_switchings": [1, 3],
        "quiet_h": ["22:00-06:00", "01:00-04:30"],
        "notice_h": [1],
        "manual_notice_h": [0, 2],
        "max_light_h": [10],
        "keep_mixed": [False],
    }
    for name, values in choices.items():
        if draw(st.booleans()):
            rules[name] = draw(st.sampled_from(values))
    orders: Orders = {"rules": rules_from(rules)}
    if draw(st.booleans()):
        share = draw(st.floats(0.1, 1.1))
        orders["limit_mw"] = share * demand.total_mw.max() * rng.uniform(0.8, 1.0, slots)
    if draw(st.booleans()):
        orders["queues_off"] = rng.choice([np.nan, 0.0, 0.5, 2.0, 3.5], slots)
    if draw(st.booleans()) and (table.district_id == "D-1").any():
        limit = np.where(rng.random(slots) < 0.5, np.nan, 3.0)
        orders["area_limits"] = (SupplyLimit("D-1", limit, rng.choice([np.nan, 1.0, 4.0], slots)),)
    if draw(st.booleans()):
        orders["exposure"] = rng.uniform(0, 4, feeders)
    if draw(st.booleans()):
        orders["available"] = rng.random((feeders, slots)) > 0.05
    if draw(st.booleans()):
        orders["now"] = demand.grid.start - pd.Timedelta(hours=draw(st.sampled_from([-1, 0, 30])))
    if draw(st.booleans()):
        lit = rng.choice([0, 1, 5, 40], feeders)
        orders["history"] = pd.DataFrame(
            {"dark_slots": rng.choice([1, 3, 9], feeders), "lit_slots": lit, "dark_h": 2.0},
            index=table.index,
        )
    return table, demand, orders


@given(_orders())
@settings(max_examples=25, deadline=None)
def test_no_rule_is_ever_broken_in_silence(case: tuple[pd.DataFrame, Demand, Orders]) -> None:
    table, demand, orders = case
    schedule = schedule_blackouts(table, demand, explain=False, **orders)
    proof = schedule.certificate
    found = check_schedule(schedule, table, demand, **orders)
    told = {v.rule for v in proof.violations}
    assert {v.rule for v in found} == told
    assert not {"supply limit", "load", "available"} & told
    assert proof.unserved_bound_mwh <= proof.unserved_mwh + 1e-6
    assert all(v.relaxation for v in proof.violations if v.rule != "available")


def _least_mwh(table: pd.DataFrame, demand: Demand, orders: Orders) -> float:
    """Try every switching of a few feeders; least energy unserved that breaks nothing, MWh."""
    feeders, slots = demand.load_mw.shape
    template = schedule_blackouts(table, demand, explain=False)
    by_feeder = []
    for f in range(feeders):
        allowed = []
        for bits in itertools.product((False, True), repeat=slots):
            lit = np.ones((feeders, slots), dtype=bool)
            lit[f] = bits
            found = _break(template, table, demand, lit, {"rules": orders["rules"]}, f)
            if not found:
                allowed.append(np.array(bits))
        by_feeder.append(allowed)
    best = np.inf
    for choice in itertools.product(*by_feeder):
        lit = np.array(choice)
        cost = 0.5 * float(demand.load_mw[~lit].sum())
        if cost < best and not _break(template, table, demand, lit, orders, None):
            best = cost
    return best


def _break(
    template: Schedule, table: pd.DataFrame, demand: Demand, lit: Flags, orders: Orders,
    feeder: int | None,
) -> bool:  # fmt: skip
    state = np.where(lit, State.LIT, State.PLANNED).astype(np.int8)
    own = replace(template, state=state, load_mw=served_load(demand, lit))
    if feeder is not None:
        ids = demand.feeder_id[[feeder]]
        single = Demand(
            demand.grid, ids, demand.load_mw[[feeder]], demand.critical_mw[[feeder]],
            demand.heater_mw[[feeder]], demand.pickup,
        )  # fmt: skip
        own = replace(own, feeder_id=ids, state=state[[feeder]], load_mw=own.load_mw[[feeder]],
                      queue=template.queue.iloc[[feeder]])  # fmt: skip
        return bool(check_schedule(own, table.loc[ids], single, **orders))
    return bool(check_schedule(own, table, demand, **orders))


@given(st.integers(0, 10**6), st.floats(0.3, 0.9), st.integers(0, 3))
@settings(max_examples=6, deadline=None)
def test_with_rules_the_bound_is_never_above_the_best_schedule(
    seed: int, share: float, which: int
) -> None:
    table, demand = make_town(2, 6, seed, kept=0, start="2022-11-24T03:00Z")
    table["switching"] = "manual"
    rules: dict[str, Any] = {
        "min_light_h": 1, "max_dark_h": 2,
        **list[dict[str, Any]]([
            {"must_light": "06:00-08:00 1"}, {"max_dark_day_h": 1},
            {"crew_switchings": 1}, {"quiet_h": "05:00-06:30"},
        ])[which],
    }  # fmt: skip
    orders: Orders = {
        "limit_mw": np.full(6, share * demand.total_mw.mean()), "rules": rules_from(rules),
    }  # fmt: skip
    proof = schedule_blackouts(table, demand, **orders).certificate
    if not proof.violations:
        least = _least_mwh(table, demand, orders)
        assert proof.unserved_bound_mwh <= least + 1e-6
        assert least <= proof.unserved_mwh + 1e-6


def test_a_large_town_keeps_every_rule_at_once() -> None:
    table, demand = _town(300, 96, 0, "2022-11-23T22:00Z")
    limit = np.full(96, 0.65 * demand.total_mw.max())
    rules = rules_from({
        "max_dark_day_h": 13, "must_light": ["06:00-08:00 1", "12:00-16:00 1"],
        "crew_switchings": 6,
        "substation_switchings": 3, "quiet_h": "23:00-05:00", "max_dark_h": 6,
    })  # fmt: skip
    schedule = schedule_blackouts(table, demand, limit_mw=limit, rules=rules)
    assert not schedule.certificate.violations
    assert not check_schedule(schedule, table, demand, limit_mw=limit, rules=rules)
    assert schedule.certificate.unserved_ratio < 1.12
    free = schedule_blackouts(table, demand, limit_mw=limit)
    broken = {v.rule for v in check_schedule(free, table, demand, limit_mw=limit, rules=rules)}
    assert {"must_light", "crew_switchings", "quiet_h", "substation_switchings"} <= broken


def test_dark_hours_a_day_that_cannot_be_kept_come_with_a_proof() -> None:
    table, demand = make_town(100, 48, kept=0)
    limit = np.full(48, 0.4 * demand.total_mw.max())
    least = {}
    for hours in (4.0, 24.0):
        rules = rules_from({"max_dark_day_h": hours, "max_dark_h": 0})
        proof = schedule_blackouts(table, demand, limit_mw=limit, rules=rules).certificate
        least[hours] = [v for v in proof.violations if v.rule == "max_dark_day_h"]
    assert not least[24.0]
    (told,) = least[4.0]
    words = re.fullmatch(
        r"max_dark_day_h = ([0-9.]+) is kept by this schedule; "
        r"below ([0-9.]+) no schedule within the limits can stay\.", told.relaxation,
    )  # fmt: skip
    assert words
    kept_h, least_h = (float(word) for word in words.groups())
    assert 4.0 < least_h <= kept_h


def test_notice_holds_what_is_dark_and_what_is_lit() -> None:
    table, demand = make_town(60, 48, kept=0)
    before = pd.DataFrame(
        {"dark_slots": 4, "lit_slots": np.where(np.arange(60) < 20, 0, 8), "dark_h": 2.0},
        index=table.index,
    )
    limit = np.full(48, 0.6 * demand.total_mw.max())
    limit[:2] = np.inf
    schedule = schedule_blackouts(
        table, demand, limit_mw=limit, history=before, now=demand.grid.start,
        rules=rules_from({"notice_h": 1}),
    )  # fmt: skip
    assert not schedule.certificate.violations
    assert not schedule.lit[:20, :2].any()
    assert schedule.lit[20:, :2].all()
