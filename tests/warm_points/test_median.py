"""The p-median against exact optima."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint

from tests.warm_points.instances import milp
from vatra.warm_points.costs import costs_of
from vatra.warm_points.median import Median, p_median
from vatra.warm_points.parts import Parts, part_of


def best_cost(matrix: NDArray[np.float64], penalty: NDArray[np.float64], sites: int) -> float:
    """Least cost, by HiGHS; pairs of infinite cost are impossible."""
    n, m = matrix.shape
    row, column = np.nonzero(np.isfinite(matrix))
    k = row.size
    served = sp.csr_array((np.ones(k), (row, np.arange(k))), shape=(n, k))
    opened = sp.csr_array((np.ones(k), (np.arange(k), column)), shape=(k, m))
    rules = [
        LinearConstraint(sp.hstack([served, sp.eye(n), sp.csr_array((n, m))]), 1, 1),
        LinearConstraint(sp.hstack([sp.eye(k), sp.csr_array((k, n)), -opened]), ub=0),
        LinearConstraint(np.concatenate([np.zeros(k + n), np.ones(m)])[None, :], ub=sites),
    ]
    cost = np.concatenate([matrix[row, column], penalty, np.zeros(m)])
    whole = np.concatenate([np.zeros(k + n), np.ones(m)])
    return float(milp(cost, constraints=rules, integrality=whole, bounds=Bounds(0, 1)).fun)


def recount(answer: Median, matrix: NDArray[np.float64], penalty: NDArray[np.float64]) -> float:
    """Cost of an answer from the matrix alone."""
    if not answer.chosen.size:
        return float(penalty.sum())
    return float(np.minimum(matrix[:, answer.chosen].min(axis=1), penalty).sum())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000), sites=st.integers(1, 6), whole=st.booleans())
def test_small_ones_are_solved_and_proved(seed: int, sites: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 20)), int(rng.integers(1, 12))
    matrix = rng.uniform(0, 100, (n, m))
    matrix = np.floor(matrix) if whole else matrix
    matrix[rng.random((n, m)) < 0.3] = np.inf
    penalty = np.floor(rng.uniform(20, 150, n))
    possible = np.isfinite(matrix)
    values: Any = matrix[possible]
    stored = sp.csr_array((values, np.nonzero(possible)), shape=(n, m))
    answer = p_median(costs_of(stored, penalty), sites, seconds=60.0)
    truth = best_cost(matrix, penalty, sites)
    assert answer.proved
    assert answer.chosen.size <= sites
    assert answer.cost == pytest.approx(truth)
    assert answer.cost == pytest.approx(recount(answer, matrix, penalty))
    assert answer.gap == 0.0
    served = answer.site >= 0
    assert np.isin(answer.site[served], answer.chosen).all()


def test_a_bound_holds_when_time_runs_out_and_is_not_called_proved() -> None:
    rng = np.random.default_rng(4)
    xy = rng.uniform(0, 1000, (120, 2))
    matrix = np.floor(np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)))
    costs = costs_of(matrix)
    full = p_median(costs, 8, seconds=30.0)
    assert full.proved
    hasty = p_median(costs, 8, seconds=0.0)
    assert hasty.bound <= full.cost <= hasty.cost
    assert hasty.proved == (hasty.bound == hasty.cost)
    assert hasty.gap >= 0.0


def test_the_same_seed_gives_the_same_answer() -> None:
    matrix = np.random.default_rng(1).uniform(0, 100, (40, 25))
    answers = [p_median(costs_of(matrix), 5, rng=np.random.default_rng(7)) for _ in range(2)]
    assert answers[0].chosen.tolist() == answers[1].chosen.tolist()
    assert answers[0].bound == answers[1].bound


def test_a_square_symmetric_matrix_is_sorted_once() -> None:
    symmetric = np.array([[0.0, 3.0], [3.0, 0.0]])
    costs = costs_of(symmetric)
    assert costs.site_cost is costs.cost
    assert costs.whole
    assert not costs_of(symmetric + 0.5).whole


@pytest.mark.parametrize(("customers", "sites", "most"), [(3, 0, 2), (3, 2, 0), (0, 2, 1)])
def test_nothing_to_choose(customers: int, sites: int, most: int) -> None:
    costs = costs_of(np.ones((customers, sites)), np.full(customers, 7.0))
    answer = p_median(costs, most)
    assert answer.proved
    assert answer.cost == 7.0 * customers


def test_lists_cut_down_are_those_of_the_smaller_matrix() -> None:
    rng = np.random.default_rng(3)
    matrix = np.floor(rng.uniform(0, 50, (12, 9)))
    customers, sites = rng.random(12) < 0.6, rng.random(9) < 0.6
    penalty = np.full(12, 99.0)
    part = part_of(costs_of(matrix, penalty), customers, sites)
    alone = costs_of(matrix[np.ix_(customers, sites)], penalty[customers])
    for name in ("ptr", "site", "cost", "site_ptr", "site_cost", "customer", "penalty"):
        assert np.array_equal(getattr(part, name), getattr(alone, name)), name


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_part_decided_anew_never_costs_more_and_keeps_its_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (40, 2))
    matrix = np.floor(np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)))
    costs = costs_of(matrix)
    chosen = rng.choice(40, 8, replace=False)
    is_open = np.zeros(40, dtype=bool)
    is_open[chosen] = True
    parts = Parts(costs, is_open, np.full(40, 400.0))
    found = parts.decide(int(chosen[0]), 4)
    assert found is not None
    before, after = found
    assert chosen[0] in before
    assert is_open[before].all()
    assert after.size <= before.size
    mended = is_open.copy()
    mended[before] = False
    mended[after] = True
    assert matrix[:, mended].min(axis=1).sum() <= matrix[:, is_open].min(axis=1).sum()
