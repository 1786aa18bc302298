"""Bounds and choices against exact optima."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warm_points.instances import most_reached, most_seated, random_instance
from vatra.warm_points.assign import seat_people
from vatra.warm_points.bounds import cover_of, reach_bound, seats_bound
from vatra.warm_points.choose import choose_sites


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 100_000), sites=st.integers(0, 5))
def test_bounds_are_never_below_the_truth_and_choices_never_above(seed: int, sites: int) -> None:
    case = random_instance(np.random.default_rng(seed))
    arcs, need, capacity = case.arcs, case.need, case.capacity
    chosen = choose_sites(arcs, need, need.astype(float), capacity, sites)
    assert chosen.size <= sites
    reached = int(need[cover_of(arcs, chosen) > 0].sum())
    seated = int(seat_people(arcs, need, case.vulnerable, capacity, chosen).seated.sum())
    best_reach, best_seats = most_reached(case, sites), most_seated(case, sites)
    assert reached <= best_reach
    assert seated <= best_seats
    for start in (None, chosen):
        assert reach_bound(arcs, need, capacity > 0, sites, chosen=start) >= best_reach
    for low in (0, seated):
        assert seats_bound(arcs, need, capacity, sites, seated=low) >= best_seats


def test_bounds_and_choices_are_close_on_the_whole() -> None:
    rng = np.random.default_rng(5)
    gap_reach, gap_bound, gap_seats_bound, cases = 0, 0, 0, 60
    for _ in range(cases):
        case = random_instance(rng, homes=30, sites=12)
        best_reach, best_seats = most_reached(case, 4), most_seated(case, 4)
        need = case.need
        chosen = choose_sites(case.arcs, need, need.astype(float), case.capacity, 4)
        gap_reach += best_reach - int(need[cover_of(case.arcs, chosen) > 0].sum())
        bound = reach_bound(case.arcs, need, case.capacity > 0, 4, chosen=chosen)
        gap_bound += bound - best_reach
        gap_seats_bound += seats_bound(case.arcs, need, case.capacity, 4) - best_seats
    assert gap_reach <= cases  # one person an instance, of about a hundred
    assert gap_bound <= 2 * cases
    assert gap_seats_bound <= 2 * cases


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_with_sites_enough_for_all_the_best_is_found_and_known(seed: int) -> None:
    case = random_instance(np.random.default_rng(seed))
    sites = case.arcs.sites
    chosen = choose_sites(case.arcs, case.need, case.need.astype(float), case.capacity, sites)
    seating = seat_people(case.arcs, case.need, case.vulnerable, case.capacity, chosen)
    best = most_seated(case, sites)
    assert int(seating.seated.sum()) == best
    assert seats_bound(case.arcs, case.need, case.capacity, sites) == best
