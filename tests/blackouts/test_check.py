"""The recount finds what is broken when it is broken on purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.blackouts.towns import make_town
from vatra.blackouts import Rules, Schedule, State, check_schedule, schedule_blackouts
from vatra.demand import served_load
from vatra.demand.model import Demand
from vatra.situation.model import SupplyLimit


def _with_states(schedule: Schedule, demand: Demand, lit: NDArray[np.bool_]) -> Schedule:
    state = np.where(lit, State.LIT, State.PLANNED).astype(np.int8)
    return replace(schedule, state=state, load_mw=served_load(demand, lit))


def test_every_kind_of_break_is_found() -> None:
    table, demand = make_town(6, 48, kept=0)
    table["protected"] = [True] + 5 * [False]
    good = schedule_blackouts(table, demand)
    lit = np.ones((6, 48), dtype=bool)
    lit[0, 3:8] = False
    lit[1, 3:30] = False
    lit[2, 3:4] = False
    lit[3, 3:8] = False
    lit[3, 9:14] = False
    bad = _with_states(good, demand, lit)
    available = np.ones((6, 48), dtype=bool)
    available[5, 5] = False
    rules = Rules(max_light_h=20)
    found = check_schedule(
        bad, table, demand, limit_mw=np.full(48, 1.0), available=available, rules=rules,
        area_limits=[SupplyLimit("D-1", np.full(48, 0.1))],
    )  # fmt: skip
    rules_broken = {(v.rule, v.subject) for v in found}
    assert {
        ("protected", "F-0000"), ("max_dark_h", "F-0001"), ("min_dark_h", "F-0002"),
        ("min_light_h", "F-0003"), ("max_light_h", "F-0004"), ("available", "F-0005"),
        ("supply limit", "the city"), ("supply limit", "D-1"),
    } <= rules_broken  # fmt: skip


def test_loads_that_are_not_those_of_the_states_are_found() -> None:
    table, demand = make_town(6, 48, kept=0)
    good = schedule_blackouts(table, demand)
    assert not check_schedule(good, table, demand)
    assert (
        check_schedule(replace(good, load_mw=0.9 * good.load_mw), table, demand)[0].rule == "load"
    )


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_schedule_that_breaks_nothing_passes(share: float) -> None:
    table, demand = make_town(80, 96, kept=0.1)
    limit = np.full(96, share * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    found = check_schedule(schedule, table, demand, limit_mw=limit)
    assert {v.rule for v in found} == {v.rule for v in schedule.certificate.violations}
