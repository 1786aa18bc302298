"""Light that passes from feeder to feeder: nothing is broken by it, and darkness gets more even."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import Rules, schedule_blackouts
from vatra.blackouts.bound import rule_cost
from vatra.blackouts.exchange import exchange
from vatra.blackouts.setting import lay_out, state_of
from vatra.blackouts.task import state_task

SLOTS, UNEVEN = 48, 0.5


@given(st.integers(0, 10**6), st.floats(0.4, 0.8), st.sampled_from([1, 3]))
@settings(max_examples=6, deadline=None)
def test_exchanges_keep_limits_and_rules_and_lower_the_cost(
    seed: int, share: float, givers: int
) -> None:
    table, demand = make_town(45, SLOTS, seed, kept=0)
    limit = np.full(SLOTS, share * demand.total_mw.max())
    rules = Rules(align_queues=False)
    schedule = schedule_blackouts(table, demand, limit_mw=limit, rules=rules, explain=False)
    task = state_task(table, demand, limit_mw=limit, rules=rules)
    setting = lay_out(task, np.zeros(demand.load_mw.shape, dtype=bool))
    state = state_of(setting, schedule.lit[setting.feeders])
    cost = setting.dark_cost

    def off() -> np.ndarray:
        return np.asarray((~state.path).sum(axis=1) - int(SLOTS * (1 - schedule.lit.mean())))

    def whole() -> float:
        uneven = UNEVEN * setting.scale * np.square(off())
        return float((cost * ~state.path).sum() + uneven.sum())

    broken, before, lit = rule_cost(setting, state.path).sum(), whole(), state.path.copy()
    takers = np.argsort(-off(), kind="stable")
    taken = exchange(
        setting, state, takers, cost, off(), UNEVEN, np.random.default_rng(seed), givers=givers
    )
    assert (taken > 0) == bool((state.path != lit).any())
    assert whole() < before or not taken
    assert rule_cost(setting, state.path).sum() <= broken + 1e-9
    assert (state.row_load <= setting.capacity + 1e-9).all()
    # Loads are those of the paths.
    again = state_of(setting, state.path)
    assert state.load == pytest.approx(again.load)
    assert state.row_load == pytest.approx(again.row_load)
