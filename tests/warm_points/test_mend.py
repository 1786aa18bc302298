"""Mending an answer: few people move, and the answer is still right."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warm_points.test_capacitated import Case, medium_case, problems, small_case, solve
from vatra.warm_points.capacitated import Sites
from vatra.warm_points.mend import Mended, mend_sites
from vatra.warm_points.task import siting_task


def mend(case: Case, before: Sites, stay: float = 300.0) -> Mended:
    """Mend an answer to another problem for this one."""
    task = siting_task(case.costs, case.need, case.capacity, **case.rest)
    return mend_sites(task, before, stay=stay, seconds=5.0)


def test_a_lost_site_is_replaced_and_few_others_move() -> None:
    case = medium_case()
    before = solve(case, gap=0.01)
    load = np.bincount(before.site, before.heads, minlength=60)
    lost = int(np.argmax(load))
    capacity = case.capacity.copy()
    capacity[lost] = 0
    after_loss = Case(case.costs, case.need, capacity, case.rest)
    after = mend(after_loss, before)
    assert problems(after.sites, after_loss) == []
    assert after.lost == [lost]
    assert len(after.added) == 1
    assert after.had_to_move == load[lost]
    assert after.had_to_move <= after.moved <= 2 * load[lost]
    eager = mend(after_loss, before, stay=0.0)
    assert eager.sites.cost <= after.sites.cost + 1e-6
    assert eager.moved >= after.moved


def test_nothing_changed_moves_nobody() -> None:
    case = medium_case()
    before = solve(case, gap=0.01)
    after = mend(case, before)
    assert (after.lost, after.added, after.moved, after.had_to_move) == ([], [], 0, 0)
    assert after.sites.cost == before.cost


def test_who_is_no_longer_in_need_has_not_moved() -> None:
    case = medium_case()
    before = solve(case, gap=0.01)
    fewer = Case(case.costs, np.maximum(case.need - 1, 0), case.capacity, case.rest)
    after = mend(fewer, before, stay=5000.0)
    assert problems(after.sites, fewer) == []
    # Only homes that go to several sites may shift between these.
    assert after.had_to_move == 0
    assert after.moved <= 0.02 * before.heads.sum()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_whatever_is_closed_the_check_accepts_what_is_mended(seed: int) -> None:
    case = small_case(seed, whole_homes=False, fees=False)
    before = solve(case, seconds=10.0)
    rng = np.random.default_rng(seed)
    pairs = sp.coo_array(case.costs)
    stay = rng.random(pairs.nnz) < 0.8
    fewer = sp.csr_array(
        (pairs.data[stay], (pairs.coords[0][stay], pairs.coords[1][stay])), shape=pairs.shape
    )
    capacity = np.where(rng.random(case.capacity.size) < 0.3, 0, case.capacity)
    after_strike = Case(fewer, case.need, capacity, case.rest)
    after = mend(after_strike, before)
    assert problems(after.sites, after_strike) == []
    assert after.moved >= after.had_to_move >= 0
