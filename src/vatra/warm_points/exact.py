"""Siting with capacities by a mixed-integer program, for what the bound leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint
from scipy.optimize import milp as _milp

from vatra.warm_points.relax import CLOSED, OPEN
from vatra.warm_points.task import Ints, Task

# The stubs don't know sparse matrices here.
_solve: Any = _milp

MOST_PAIRS = 150_000
"""Pairs of sites not ruled out that are given to the mixed-integer solver (assumed: it takes
minutes with as many)."""


@dataclass(frozen=True)
class Exact:
    """What the mixed-integer solver found.

    Parameters
    ----------
    chosen
        Open sites; None where it found no answer.
    pair
        Pairs used, where homes are whole.
    cost
        What the answer costs; infinite without one.
    bound
        No answer that keeps to the given states costs less; minus infinity if it has none.
    """

    chosen: Ints | None
    pair: Ints
    cost: float
    bound: float


def solve_rest(
    task: Task,
    state: NDArray[np.int8],
    possible: NDArray[np.bool_],
    seconds: float,
    fewest: int = 0,
) -> Exact:
    """Choose among the sites that are left, and who goes where, by HiGHS.

    The strong formulation: nobody goes to a site that isn't open, home by home.

    Parameters
    ----------
    task
        The problem.
    state
        By site: 1 open, -1 closed, 0 to be decided.
    possible
        By pair: False where no better answer uses it.
    seconds
        Time, at most.
    fewest
        How many sites are open at least.
    """
    site = task.site
    pair = np.flatnonzero((state[site] != CLOSED) & possible)
    live = np.flatnonzero(state != CLOSED)
    column = np.full(task.candidates, -1)
    column[live] = np.arange(live.size)
    at, home = column[site[pair]], task.home[pair]
    k, m, n = pair.size, live.size, task.homes
    need = task.need[home].astype(np.float64)
    # Variables: the share of each home in each pair, the sites, the share not served.
    one = np.ones(k)
    served = sp.csr_array((one, (home, np.arange(k))), shape=(n, k))
    loads = sp.csr_array((need, (at, np.arange(k))), shape=(m, k))
    free = np.flatnonzero(state[site[pair]] != OPEN)
    links = sp.csr_array((np.ones(free.size), (np.arange(free.size), free)), (free.size, k))
    to_site = sp.csr_array((np.ones(free.size), (np.arange(free.size), at[free])), (free.size, m))
    places = np.minimum(task.capacity[live], np.bincount(at, need, minlength=m)).astype(np.float64)
    rules = [
        LinearConstraint(sp.hstack([served, sp.csr_array((n, m)), sp.eye_array(n)]), 1, 1),
        LinearConstraint(
            sp.hstack([loads, -sp.diags_array(places), sp.csr_array((m, n))]), ub=0
        ),
        LinearConstraint(
            np.concatenate([np.zeros(k), np.ones(m), np.zeros(n)])[None, :], fewest, task.sites
        ),
    ]  # fmt: skip
    if free.size:
        rules.append(
            LinearConstraint(sp.hstack([links, -to_site, sp.csr_array((free.size, n))]), ub=0)
        )
    dear = task.unserved * task.need
    cost = np.concatenate([task.cost[pair] * need, task.opening[live], dear])
    lower = np.zeros(k + m + n)
    lower[k : k + m] = state[live] == OPEN
    whole = np.ones(k + m + n) if task.whole_homes else np.repeat([0, 1, 0], [k, m, n])
    # HiGHS' own tolerances are absolute, so costs are brought to a common size.
    size = max(float(cost.max(initial=0.0)), 1.0) / 1000.0
    answer = _solve(
        cost / size,
        constraints=rules,
        integrality=whole,
        bounds=Bounds(lower, np.ones(k + m + n)),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 1e-7},
    )
    bound = answer.get("mip_dual_bound")
    bound = -np.inf if bound is None or not np.isfinite(bound) else float(bound) * size
    if answer.x is None:
        return Exact(None, pair[:0], np.inf, np.inf if answer.status == 2 else bound)
    opened = live[answer.x[k : k + m] > 0.5]
    return Exact(opened, pair[answer.x[:k] > 0.5], float(answer.fun) * size, bound)
