"""The same sites for many scenarios."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.warm_points.robust import robust_sites, tail_weights
from vatra.warm_points.serve import serve_at
from vatra.warm_points.task import Task, siting_task


def scenarios(seed: int, count: int = 3) -> list[Task]:
    """Scenarios of six sites and nine homes."""
    rng = np.random.default_rng(seed)
    metres = rng.uniform(100, 1000, (6, 9)).round()
    tasks = []
    for _ in range(count):
        need = rng.integers(0, 9, 9)
        places = rng.integers(4, 20, 6) * (rng.random(6) < 0.8)
        tasks.append(siting_task(metres, need, places, sites=3, unserved=3000.0))
    return tasks


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 1.0]))
def test_the_bound_never_exceeds_the_best_choice(seed: int, weight: float) -> None:
    tasks = scenarios(seed)
    answer = robust_sites(tasks, tail=0.5, tail_weight=weight, rounds=120)
    chance = np.full(3, 1 / 3)

    def value(chosen: tuple[int, ...]) -> float:
        costs = np.array([serve_at(t, np.array(chosen)).cost for t in tasks])
        worst = float(tail_weights(costs, chance, 0.5) @ costs)
        return (1 - weight) * float(costs.mean()) + weight * worst

    best = min(value(c) for c in combinations(range(6), 3))
    assert answer.bound <= best * (1 + 1e-6) + 1e-6
    assert answer.cost >= best * (1 - 1e-6)
    assert answer.cost == pytest.approx(value(tuple(answer.chosen.tolist())))
    assert answer.chosen.size <= 3


def test_the_tail_is_the_mean_of_the_worst() -> None:
    costs, chance = np.array([1.0, 5.0, 3.0, 2.0]), np.full(4, 0.25)
    assert tail_weights(costs, chance, 0.5) @ costs == pytest.approx(4.0)
    assert tail_weights(costs, chance, 0.0) @ costs == pytest.approx(costs.mean())


def test_scenarios_share_their_sites() -> None:
    tasks = scenarios(1)
    other = siting_task(np.ones((5, 9)), np.ones(9), np.ones(5), sites=3)
    with pytest.raises(ValueError, match="same sites"):
        robust_sites([tasks[0], other])
