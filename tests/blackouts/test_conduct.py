"""Rules on switchings, hours of the day, kept feeders and orders: obeyed, or told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import check_schedule, rules_from, schedule_blackouts
from vatra.demand.model import Demand
from vatra.situation.model import SupplyLimit

Orders = dict[str, Any]


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
