"""Rotations of few feeders: what refining them may change, and what it must not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import Rules, check_schedule, schedule_blackouts
from vatra.blackouts.bound import rule_cost
from vatra.blackouts.evenness import even_share
from vatra.blackouts.refine import FIRM, refine
from vatra.blackouts.setting import lay_out, state_of
from vatra.blackouts.task import state_task


@given(
    feeders=st.integers(1, 12),
    slots=st.sampled_from([1, 24, 48]),
    share=st.floats(0.1, 0.9),
    longest=st.sampled_from([None, 3.0]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=12, deadline=None)
def test_refining_never_exceeds_a_limit_breaks_a_rule_or_costs_more(
    feeders: int, slots: int, share: float, longest: float | None, seed: int
) -> None:
    table, demand = make_town(feeders, slots, seed, kept=0)
    rng = np.random.default_rng(seed)
    limit = np.full(slots, share * demand.total_mw.max())
    available = rng.random((feeders, slots)) > 0.1
    rules = Rules(max_light_h=longest, max_dark_h=None)
    task = state_task(table, demand, limit_mw=limit, available=available, rules=rules)
    setting = lay_out(task, np.zeros_like(available))
    before = state_of(setting, np.zeros_like(available))
    aim = even_share(task, setting, (1 - share) * slots)
    after = refine(setting, before, setting.dark_cost, aim, 0.1, rng)
    assert (after.row_load <= setting.capacity + 1e-9).all()
    assert not (after.path & ~available).any()
    assert np.allclose(state_of(setting, after.path).load, after.load)

    def cost(path: np.ndarray) -> float:
        dark = available & ~path
        uneven = 0.1 * setting.scale * np.square(dark.sum(axis=1) - aim)
        return float((rule_cost(setting, path) + uneven).sum() + setting.dark_cost[dark].sum())

    broken = [float(rule_cost(setting, state.path).sum()) for state in (before, after)]
    assert broken[1] <= broken[0] + 1e-9
    dearer = FIRM - 1.0
    assert cost(after.path) + dearer * broken[1] <= cost(before.path) + dearer * broken[0] + 1e-6
    if longest:
        run = np.zeros(feeders, dtype=int)
        for t in range(slots):
            run = np.where(after.path[:, t], run + 1, 0)
            assert (run <= rules.max_light_slots).all()


def test_a_small_town_that_gets_little_is_near_its_bound() -> None:
    """17 feeders of which two or three fit at a time: a feeder is a large step."""
    table, demand = make_town(17, 144, 3, kept=0)
    limit = np.full(144, 0.17 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    assert schedule.certificate.unserved_ratio < 1.05
    found = check_schedule(schedule, table, demand, limit_mw=limit)
    assert "supply limit" not in {v.rule for v in found}


@pytest.mark.parametrize("seed", range(4))
def test_rules_that_can_be_kept_are_kept_for_whatever_energy(seed: int) -> None:
    """24 feeders at half their peak, in line with queues: 8 h dark at most can be kept."""
    table, demand = make_town(24, 48, seed, kept=0.1)
    limit = np.full(48, 0.55 * demand.total_mw.max())
    schedule = schedule_blackouts(table, demand, limit_mw=limit)
    assert check_schedule(schedule, table, demand, limit_mw=limit) == []
