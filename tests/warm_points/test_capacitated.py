"""Siting with capacities against exact optima, and the check that recounts it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint

from tests.warm_points.instances import milp
from vatra.warm_points.capacitated import Sites, cheapest_sites
from vatra.warm_points.check import check_sites
from vatra.warm_points.relax import first_prices, raise_bound, safe_bound
from vatra.warm_points.task import pairs_given, siting_task


@dataclass(frozen=True)
class Case:
    """A small problem, by the names of `siting_task`."""

    costs: Any
    need: NDArray[np.int64]
    capacity: NDArray[np.int64]
    rest: dict[str, Any]


def small_case(seed: int, *, whole_homes: bool, fees: bool) -> Case:
    """Up to 12 homes and 7 sites, with empty ones and impossible pairs among them."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 8)), int(rng.integers(1, 13))
    pairs = sp.coo_array(rng.random((m, n)) < rng.uniform(0.2, 1.0))
    metres = np.round(rng.uniform(0, 100, pairs.nnz), int(rng.integers(0, 3)))
    rest = {
        "sites": int(rng.integers(1, m + 1)),
        "opening": np.round(rng.uniform(0, 300, m)) if fees else 0.0,
        "unserved": float(rng.integers(60, 200)),
        "whole_homes": whole_homes,
        "fixed": rng.random(m) < 0.1,
    }
    need, capacity = rng.integers(0, 7, n), rng.integers(0, 14, m)
    return Case(sp.csr_array((metres, pairs.coords), shape=(m, n)), need, capacity, rest)


def least_cost(case: Case) -> float:
    """Least cost, by a plain mixed-integer program."""
    table: Any = pairs_given(case.costs)
    site, home = (np.asarray(axis) for axis in table.coords)
    m, n = table.shape
    k, need = site.size, case.need.astype(float)
    at_home = sp.csr_array((np.ones(k), (home, np.arange(k))), shape=(n, k))
    at_site = sp.csr_array((need[home], (site, np.arange(k))), shape=(m, k))
    fixed = case.rest["fixed"] & (case.capacity > 0)
    rules = [
        LinearConstraint(sp.hstack([at_home, sp.csr_array((n, m))]), ub=1),
        LinearConstraint(sp.hstack([at_site, -sp.diags_array(case.capacity.astype(float))]), ub=0),
        LinearConstraint(
            np.concatenate([np.zeros(k), np.ones(m)])[None, :],
            ub=max(case.rest["sites"], int(fixed.sum())),
        ),
    ]
    dear = case.rest["unserved"]
    fee = np.broadcast_to(case.rest["opening"], (m,))
    value = np.concatenate([(table.data - dear) * need[home], fee])
    whole = np.concatenate([np.full(k, float(case.rest["whole_homes"])), np.ones(m)])
    bounds = Bounds(np.concatenate([np.zeros(k), fixed]), np.ones(k + m))
    answer = milp(value, constraints=rules, integrality=whole, bounds=bounds)
    return float(answer.fun + dear * need.sum())


def solve(case: Case, **options: Any) -> Sites:
    """Solve a small problem."""
    return cheapest_sites(siting_task(case.costs, case.need, case.capacity, **case.rest), **options)


def problems(answer: Sites, case: Case) -> list[str]:
    """Say what is wrong with an answer to it."""
    return check_sites(answer, case.costs, case.need, case.capacity, **case.rest)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 100_000), whole=st.booleans(), fees=st.booleans())
def test_small_ones_are_solved_proved_and_accepted(seed: int, whole: bool, fees: bool) -> None:
    case = small_case(seed, whole_homes=whole, fees=fees)
    answer = solve(case, seconds=20.0)
    assert problems(answer, case) == []
    truth = least_cost(case)
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(truth, rel=1e-5, abs=1e-4)
    assert answer.bound <= truth * (1 + 1e-6) + 1e-5


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    whole=st.booleans(),
    fees=st.booleans(),
    rounds=st.integers(1, 200),
)
def test_no_step_of_the_bound_is_above_the_optimum(
    seed: int, whole: bool, fees: bool, rounds: int
) -> None:
    case = small_case(seed, whole_homes=whole, fees=fees)
    task = siting_task(case.costs, case.need, case.capacity, **case.rest)
    at = first_prices(task)
    truth = least_cost(case)
    raise_bound(task, at, np.inf, rounds)
    assert safe_bound(at) <= truth + 1e-6 * max(truth, 1.0)
    # Told of an answer, it rules sites out; a better one than that keeps to what is left.
    raise_bound(task, at, truth * 1.05 + 5.0, rounds)
    assert safe_bound(at) <= truth + 1e-6 * max(truth, 1.0)


def medium_case() -> Case:
    """300 homes and 60 sites on a plane, 12 to open."""
    rng = np.random.default_rng(5)
    homes, sites = rng.uniform(0, 4000, (300, 2)), rng.uniform(0, 4000, (60, 2))
    metres = np.hypot(*(sites[:, None] - homes[None, :]).transpose(2, 0, 1))
    near = sp.coo_array(metres < 1500)
    stored = sp.csr_array((metres[near.coords], near.coords), shape=metres.shape)
    need = rng.integers(0, 10, 300)
    rest = {"sites": 12, "opening": 0.0, "unserved": 4500.0, "whole_homes": False, "fixed": None}
    return Case(stored, need, rng.integers(50, 200, 60), rest)


def test_a_search_that_time_ends_says_so_and_keeps_an_honest_bound() -> None:
    case = medium_case()
    full = solve(case, seconds=60.0)
    assert full.status == "optimal"
    hasty = solve(case, seconds=0.0)
    assert hasty.status == "time ran out"
    assert not hasty.proved
    assert hasty.bound <= full.cost <= hasty.cost
    assert problems(hasty, case) == []
    near = solve(case, gap=0.2, seconds=60.0)
    assert near.status in {"within the gap asked for", "optimal"}
    assert near.gap <= 0.2


def test_the_same_seed_gives_the_same_answer() -> None:
    case = medium_case()
    answers = [solve(case, gap=0.03, rng=np.random.default_rng(2)) for _ in range(2)]
    assert answers[0].chosen.tolist() == answers[1].chosen.tolist()
    assert answers[0].bound == answers[1].bound


def test_the_check_finds_what_is_wrong() -> None:
    case = medium_case()
    answer = solve(case, gap=0.05)
    assert problems(answer, case) == []
    more = answer.heads.copy()
    more[0] += 1
    found = {
        "need of every home": replace(answer, heads=more),
        "more than they have places": replace(
            answer, site=np.full_like(answer.site, answer.site[0])
        ),
        "isn't open": replace(answer, chosen=answer.chosen[1:]),
        "costs": replace(answer, cost=answer.cost * 0.99, bound=0.0),
        "bound is above": replace(answer, bound=answer.cost * 1.1),
        "chosen twice": replace(answer, chosen=np.append(answer.chosen, answer.chosen[0])),
        "called optimal": replace(answer, status="optimal", bound=answer.cost * 0.9),
        "listed twice": replace(
            answer,
            home=np.append(answer.home, answer.home[0]),
            site=np.append(answer.site, answer.site[0]),
            heads=np.append(answer.heads, 1),
        ),
    }  # fmt: skip
    for words, broken in found.items():
        assert any(words in line for line in problems(broken, case)), words
    far = sp.csr_array(case.costs)
    far.data[:] = 0.0
    assert problems(answer, replace(case, costs=sp.csr_array(far.shape))) != []
    assert problems(answer, replace(case, rest={**case.rest, "sites": 3})) != []
    assert problems(answer, replace(case, rest={**case.rest, "whole_homes": True})) != []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"need": [1.5, 2.0]}, "whole numbers"),
        ({"need": [1, 2, 3]}, "2 values"),
        ({"capacity": [-1, 2]}, "whole numbers"),
        ({"unserved": np.inf}, "finite"),
        ({"opening": -1.0}, "negative"),
    ],
)
def test_input_that_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"costs": np.ones((2, 2)), "need": [1, 2], "capacity": [2, 2]}
    with pytest.raises(ValueError, match=words):
        siting_task(**(given | change))


def test_nobody_or_nothing_to_open() -> None:
    for shape in [(0, 3), (3, 0), (2, 2)]:
        task = siting_task(np.ones(shape), np.ones(shape[1]), np.zeros(shape[0]), unserved=7.0)
        answer = cheapest_sites(task)
        assert answer.status == "optimal"
        assert answer.cost == 7.0 * shape[1]


def test_the_bound_knows_that_sites_open_as_a_whole() -> None:
    # Ten people and four places a site: two and a half sites would do, three open.
    task = siting_task(np.ones((5, 10)), np.ones(10), np.full(5, 4.0), opening=100.0)
    at = first_prices(task)
    raise_bound(task, at, np.inf, 300)
    assert at.bound <= 260.0 + 1e-6
    raise_bound(task, at, 320.0, 300)
    assert at.fewest == 3
    assert at.bound >= 309.0
    # Whoever stays at home for next to nothing opens no site.
    cheap = siting_task(np.ones((5, 10)), np.ones(10), np.full(5, 4.0), opening=100.0, unserved=2.0)
    at = first_prices(cheap)
    raise_bound(cheap, at, 25.0, 300)
    assert at.fewest == 0
    assert at.bound <= 20.0 + 1e-6
