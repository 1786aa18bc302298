"""Homes that may not be split: packing them into open sites, and pairs that can be ruled out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._relax import site_worths, whole_worths
from vatra.warm_points.exact import solve_rest
from vatra.warm_points.relax import CLOSED, OPEN, Relaxed, tolerance
from vatra.warm_points.serve import Served, cost_of
from vatra.warm_points.task import Ints, Task

_PACK_PAIRS = 5_000
_PACK_SECONDS = 3.0
"""Up to so many pairs of open sites the packing is given to the mixed-integer solver, for so
long at most."""


def pack_homes(task: Task, chosen: Ints, served: Served) -> Ints:
    """Serve whole homes at the open sites, near to the best way of serving them split.

    The cheapest flow splits fewer homes than there are sites. Those are put where there is room
    for all of them, the largest first; small problems are then packed by mixed-integer program.

    Parameters
    ----------
    task
        The problem.
    chosen
        Open sites.
    served
        The cheapest flow at these.

    Returns
    -------
    NDArray[np.int64]
        Pairs used, one a home at most.
    """
    unsplit = served.heads == task.need[task.home[served.pair]]
    pair = served.pair[unsplit]
    site = task.site
    room = task.capacity - np.bincount(
        site[pair], task.need[task.home[pair]], minlength=task.candidates
    ).astype(np.int64)
    left = task.need > 0
    left[task.home[pair]] = False
    open_pairs, _ = task.pairs_of(chosen)
    open_pairs = open_pairs[left[task.home[open_pairs]]]
    open_pairs = open_pairs[np.lexsort((task.cost[open_pairs], task.home[open_pairs]))]
    homes, first = np.unique(task.home[open_pairs], return_index=True)
    ends = np.append(first[1:], open_pairs.size)
    added = []
    for r in np.argsort(-task.need[homes], kind="stable"):
        for k in open_pairs[first[r] : ends[r]]:
            if room[site[k]] >= task.need[homes[r]]:
                room[site[k]] -= task.need[homes[r]]
                added.append(int(k))
                break
    pair = np.concatenate([pair, np.array(added, dtype=np.int64)])
    if int(np.diff(task.ptr)[chosen].sum()) <= _PACK_PAIRS:
        state = np.full(task.candidates, CLOSED, dtype=np.int8)
        state[chosen] = OPEN
        packed = solve_rest(task, state, np.ones(task.pairs, dtype=bool), _PACK_SECONDS)
        if packed.chosen is not None:
            heads = task.need[task.home]
            costs = [cost_of(task, chosen, p, heads[p]) for p in (packed.pair, pair)]
            pair = packed.pair if costs[0] < costs[1] else pair
    return np.sort(pair)


def pairs_in_play(task: Task, at: Relaxed, best_cost: float) -> NDArray[np.bool_]:
    """Tell which pairs an answer cheaper than the best known could use, homes being whole.

    Whoever uses a pair pays at least what the bound says with that home forced into the site:
    the site's knapsack is then bounded by its fractional one.

    Parameters
    ----------
    task
        The problem.
    at
        The relaxation, at its best prices.
    best_cost
        Cost of the best answer known.
    """
    need, capacity = task.need.astype(np.float64), task.capacity.astype(np.float64)
    shape = (task.ptr, task.home, task.cost)
    worth, whole, rent = (np.zeros(task.candidates) for _ in range(3))
    site_worths(0, task.candidates, *shape, at.price, need, capacity, worth, rent)
    whole_worths(
        *shape, at.price, task.need, task.capacity, whole, np.zeros(task.pairs, dtype=bool)
    )
    net = whole - task.opening
    rank = np.where(at.state == OPEN, np.inf, np.where(at.state == CLOSED, -np.inf, net))
    best = np.argsort(-rank, kind="stable")[: task.sites]
    best = best[rank[best] > 0]
    is_open = np.zeros(task.candidates, dtype=bool)
    is_open[best] = True
    value = float(at.price @ need - net[best].sum())
    full = best.size >= task.sites
    free_inside = is_open & (at.state != OPEN)
    least = float(net[free_inside].min(initial=np.inf)) if full else 0.0
    # The bound with the site's whole knapsack taken out of it and the fractional one put in.
    base = value + np.where(is_open, net, least) - (worth - task.opening)
    site = task.site
    short = np.maximum(rent[site] - (at.price[task.home] - task.cost), 0.0)
    least_cost = base[site] + short * need[task.home]
    return least_cost <= best_cost - tolerance(task, best_cost) + 1e-9 * abs(best_cost)
