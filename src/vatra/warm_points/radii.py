"""The p-median by mixed-integer program over distances, for what the bound leaves open.

A customer pays step by step for every distance within which no site is open (García, Labbé and
Marín, 2011). Few distances are left once those are ruled out that no better answer uses: being
served at a cost above its price by more than the gap would make it dearer than the best known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint
from scipy.optimize import milp as _milp

if TYPE_CHECKING:
    from vatra.warm_points.costs import Costs

# The stubs don't know sparse matrices here.
_solve: Any = _milp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_PAIRS = 150_000
"""Pairs left that the mixed-integer solver is given (assumed: it takes minutes with as many)."""


@dataclass(frozen=True)
class Decided:
    """What the mixed-integer solver found.

    Parameters
    ----------
    is_open
        Open sites; None where it found no answer.
    bound
        No answer within the limits given costs less.
    """

    is_open: NDArray[np.bool_] | None
    bound: float


def solve_by_radii(
    costs: Costs, sites: int, state: NDArray[np.int8], limit: Floats, seconds: float
) -> Decided | None:
    """Choose sites so that nobody is served at more than a limit, at least cost.

    Parameters
    ----------
    costs
        Costs.
    sites
        How many sites open.
    state
        By site: 1 open, -1 closed, 0 to be decided.
    limit
        By customer: the most that serving it may cost.
    seconds
        Time, at most.

    Returns
    -------
    Decided or None
        None where too many pairs are left.
    """
    customer = np.repeat(np.arange(costs.customers), np.diff(costs.ptr))
    near = (costs.cost <= limit[customer]) & (costs.cost < costs.penalty[customer])
    near &= state[costs.site] >= 0
    count = int(near.sum())
    if count > MOST_PAIRS:
        return None
    who, site, cost = customer[near], costs.site[near], costs.cost[near]
    live = np.flatnonzero(state >= 0)
    column = np.full(costs.sites, -1)
    column[live] = np.arange(live.size)
    # One step a customer and distance, in ascending order as the lists are.
    fresh = np.ones(count, dtype=bool)
    fresh[1:] = (np.diff(who) != 0) | (np.diff(cost) > 0)
    step = np.cumsum(fresh) - 1
    of, at = who[fresh], cost[fresh]
    steps = of.size
    last = np.ones(steps, dtype=bool)
    last[:-1] = np.diff(of) != 0
    start = np.ones(steps, dtype=bool)
    start[1:] = last[:-1]
    may_stay = costs.penalty[of] <= limit[of]
    dearer = np.where(last, costs.penalty[of], np.append(at[1:], 0.0)) - at
    # Being beyond the last distance is no way, unless the penalty is within the limit.
    upper = np.where(last & ~may_stay, 0.0, 1.0)
    alone = np.setdiff1d(np.arange(costs.customers), of)
    if (costs.penalty[alone] > limit[alone]).any():
        return Decided(None, np.inf)
    base = float(at[start].sum() + costs.penalty[alone].sum())
    served = sp.csr_array((np.ones(count), (step, column[site])), shape=(steps, live.size))
    before = np.flatnonzero(~start)
    chain = sp.eye_array(steps) - sp.csr_array(
        (np.ones(before.size), (before, before - 1)), shape=(steps, steps)
    )
    rules = [
        LinearConstraint(sp.hstack([served, chain]), lb=start.astype(float)),
        LinearConstraint(np.concatenate([np.ones(live.size), np.zeros(steps)])[None, :], ub=sites),
    ]
    value = np.concatenate([np.zeros(live.size), dearer * (upper > 0)])
    lower = np.concatenate([(state[live] == 1).astype(float), np.zeros(steps)])
    answer = _solve(
        value,
        constraints=rules,
        integrality=np.repeat([1, 0], [live.size, steps]),
        bounds=Bounds(lower, np.concatenate([np.ones(live.size), upper])),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 1e-9},
    )
    bound = answer.get("mip_dual_bound")
    bound = -np.inf if bound is None or not np.isfinite(bound) else float(bound) + base
    if answer.x is None:
        return Decided(None, np.inf if answer.status == 2 else bound)
    is_open = np.zeros(costs.sites, dtype=bool)
    is_open[live[answer.x[: live.size] > 0.5]] = True
    short = sites - int(is_open.sum())
    if short > 0:
        is_open[np.flatnonzero(~is_open)[:short]] = True
    return Decided(is_open, bound)
