"""Who goes where at the open sites, so that it costs least: exact where homes may be split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vatra.warm_points._flow import AT_LOWER, IN_TREE, cheapest_flow, star
from vatra.warm_points.task import Floats, Ints, Task

_FINEST = 1e8
"""Costs are counted in whole units, the dearest being at least as many."""


@dataclass(frozen=True)
class Served:
    """Who goes where.

    Parameters
    ----------
    pair, heads
        Pairs used, and how many use each.
    cost
        Of all homes and of the sites opened.
    rent
        By site: what one more place would save; 0 where there is room.
    price
        By home: what one more head would cost.
    """

    pair: Ints
    heads: Ints
    cost: float
    rent: Floats
    price: Floats


def serve_at(
    task: Task, chosen: Ints, discount: Floats | None = None, most_pivots: int = 2**62
) -> Served:
    """Serve all homes at the open sites at least cost; a cheapest flow.

    Parameters
    ----------
    task
        The problem; that homes may not be split is not looked at.
    chosen
        Open sites.
    discount
        By pair: what it counts less, a head, than it costs. The cost returned is without it.
    most_pivots
        Steps of the network simplex, at most.
    """
    chosen = np.asarray(chosen, dtype=np.int64)
    pair, local = task.pairs_of(chosen)
    counted = task.cost[pair] if discount is None else task.cost[pair] - discount[pair]
    k, sites, homes = pair.size, chosen.size, task.homes
    dearest = max(float(np.abs(counted).max(initial=0.0)), float(task.unserved.max(initial=0.0)))
    whole = bool(
        (counted == np.rint(counted)).all() and (task.unserved == np.rint(task.unserved)).all()
    )
    scale = 1.0 if whole or dearest == 0.0 else _FINEST / dearest
    root = homes + sites
    home = task.home[pair]
    tail = np.concatenate([home, homes + np.arange(sites), np.arange(homes)])
    head = np.concatenate([homes + local, np.full(sites + homes, root)])
    cost = np.rint(
        np.concatenate([counted * scale, np.zeros(sites), task.unserved * scale])
    ).astype(np.int64)
    endless = int(task.need.sum()) + 1
    # A tree arc needs room, or the first tree wouldn't be strongly feasible; sites without
    # places have no pairs.
    places = np.maximum(task.capacity[chosen], 1)
    room = np.concatenate([np.full(k, endless), places, np.full(homes, endless)]).astype(np.int64)
    flow = np.concatenate([np.zeros(k + sites, dtype=np.int64), task.need])
    state = np.repeat([AT_LOWER, IN_TREE], [k, sites + homes]).astype(np.int8)
    tree = star(np.concatenate([k + sites + np.arange(homes), k + np.arange(sites)]), cost)
    cheapest_flow(
        tail.astype(np.int32),
        head.astype(np.int32),
        cost,
        room,
        flow,
        state,
        tree.parent,
        tree.parent_arc,
        tree.upward,
        tree.depth,
        tree.price,
        tree.child,
        tree.after,
        tree.before,
        most_pivots,
    )
    used = np.flatnonzero(flow[:k] > 0)
    rent = np.zeros(task.candidates)
    rent[chosen] = np.maximum(-tree.price[homes:root] / scale, 0.0)
    return Served(
        pair=pair[used],
        heads=flow[used],
        cost=cost_of(task, chosen, pair[used], flow[used]),
        rent=rent,
        price=-tree.price[:homes] / scale,
    )


def cost_of(task: Task, chosen: Ints, pair: Ints, heads: Ints) -> float:
    """Add up what an answer costs: ways, homes not served, sites opened.

    Parameters
    ----------
    task
        The problem.
    chosen
        Open sites.
    pair, heads
        Pairs used and how many use each.
    """
    served = np.bincount(task.home[pair], heads, minlength=task.homes)
    ways = float(task.cost[pair] @ heads)
    left = float(task.unserved @ (task.need - served))
    return ways + left + float(task.opening[chosen].sum()) + task.away_cost(chosen)
