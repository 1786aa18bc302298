"""Seating against a linear program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog as _linprog

from tests.warm_points.instances import Instance, random_instance
from vatra.warm_points.arcs import arcs_of
from vatra.warm_points.assign import seat_people

# The stubs don't know sparse matrices here.
linprog: Any = _linprog


def cost_without_place(case: Instance) -> float:
    """More than any walking that seating a person can cause."""
    return (float(case.arcs.site_m.max(initial=0)) + 1) * (case.arcs.sites + 1)


def best_cost(case: Instance) -> float:
    """Cost of the best seating, by HiGHS."""
    arcs = case.arcs
    pairs, sites, homes = arcs.site_home.size, arcs.sites, arcs.homes
    row = np.repeat(np.arange(sites), np.diff(arcs.site_ptr))
    penalty = cost_without_place(case)
    cost = np.concatenate([arcs.site_m, np.full(homes, penalty), np.full(homes, 2 * penalty)])
    entry = (np.ones(pairs), (arcs.site_home, np.arange(pairs)))
    everybody = sp.hstack([sp.csr_array(entry, shape=(homes, pairs)), sp.eye(homes), sp.eye(homes)])
    places = sp.csr_array((np.ones(pairs), (row, np.arange(pairs))), shape=(sites, pairs))
    places = sp.hstack([places, sp.csr_array((sites, 2 * homes))])
    most = np.concatenate(
        [np.full(pairs, np.inf), case.need - case.vulnerable, np.full(homes, np.inf)]
    )
    answer = linprog(
        cost, places, case.capacity, everybody, case.need,
        bounds=np.column_stack([np.zeros_like(most), most]),
    )  # fmt: skip
    return float(answer.fun)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_no_seating_is_better(seed: int) -> None:
    case = random_instance(np.random.default_rng(seed))
    chosen = np.arange(case.arcs.sites)
    seating = seat_people(case.arcs, case.need, case.vulnerable, case.capacity, chosen)
    assert seating.proved
    assert (seating.taken <= case.capacity).all()
    left = case.need - seating.seated
    assert (left >= 0).all()
    frail = np.maximum(left - (case.need - case.vulnerable), 0)
    penalty = cost_without_place(case)
    cost = (seating.people * seating.metres).sum() + penalty * (left + frail).sum()
    assert cost == pytest.approx(best_cost(case), rel=1e-9)


def test_people_split_over_sites_and_pay_in_metres() -> None:
    arcs = arcs_of(sp.csr_array(np.array([[100.0, 0.0], [300.0, 200.0]])))
    need, none = np.array([30, 10]), np.zeros(2, dtype=np.int64)
    seating = seat_people(arcs, need, none, np.array([20, 25]), np.array([0, 1]))
    assert seating.seated.tolist() == [30, 10]
    assert seating.taken.tolist() == [20, 20]
    # One more of the first home would go to the second site, which has places left.
    assert seating.home_price.tolist() == [300.0, 200.0]


def test_a_site_that_is_not_chosen_seats_nobody() -> None:
    arcs = arcs_of(sp.csr_array(np.array([[100.0], [50.0]])))
    seating = seat_people(
        arcs, np.array([8]), np.array([3]), np.array([5, 5]), np.array([0], dtype=np.int64)
    )
    assert seating.taken.tolist() == [5, 0]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nobody_or_nowhere(shape: tuple[int, int]) -> None:
    sites, homes = shape
    seating = seat_people(
        arcs_of(sp.csr_array(shape)),
        np.full(homes, 4),
        np.full(homes, 1),
        np.full(sites, 9),
        np.arange(sites),
    )
    assert seating.seated.tolist() == [0] * homes
    assert seating.taken.tolist() == [0] * sites
