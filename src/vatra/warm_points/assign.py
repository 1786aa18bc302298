"""Who goes where: the cheapest way to seat people at the open sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._flow import AT_LOWER, AT_UPPER, IN_TREE, cheapest_flow, star
from vatra.warm_points.arcs import Arcs

DM_PER_M = 10.0
"""Walks are counted in whole decimetres, so that the flow is exact."""


@dataclass(frozen=True)
class Seating:
    """Who goes where.

    Parameters
    ----------
    home, site, people, metres, pair
        One entry a pair that is used: home, site, people, the walk of each, and where the pair
        stands in the arcs by site.
    seated
        People with a place by home.
    taken
        Places taken by site.
    home_price
        By home, metres: what one more person there would cost; the penalty where they would
        find no place.
    proved
        True where no seating is better: more people, then more vulnerable, then less walking.
    """

    home: NDArray[np.int64]
    site: NDArray[np.int64]
    people: NDArray[np.int64]
    metres: NDArray[np.float64]
    pair: NDArray[np.int64]
    seated: NDArray[np.int64]
    taken: NDArray[np.int64]
    home_price: NDArray[np.float64]
    proved: bool


def seat_people(
    arcs: Arcs,
    need: NDArray[np.int64],
    vulnerable: NDArray[np.int64],
    capacity: NDArray[np.int64],
    chosen: NDArray[np.int64],
) -> Seating:
    """Seat as many people as the open sites hold: the vulnerable first, then by least walking.

    A cheapest flow. Without a place a person costs more than all the walking that seating them
    could cause others, and a vulnerable one twice as much. Since whoever can be seated together
    form a matroid, seating the vulnerable first doesn't lower the number seated.

    Parameters
    ----------
    arcs
        Walks within reach.
    need, vulnerable
        People by home, and the vulnerable among them.
    capacity
        Places by site.
    chosen
        Open sites.
    """
    chosen = np.asarray(chosen, dtype=np.int64)
    sites, homes = chosen.size, arcs.homes
    counts = np.diff(arcs.site_ptr)[chosen]
    spans = [np.arange(arcs.site_ptr[j], arcs.site_ptr[j + 1]) for j in chosen]
    entry = np.concatenate([*spans, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    local = np.repeat(np.arange(sites), counts)
    home = arcs.site_home[entry].astype(np.int64)
    useful = (need[home] > 0) & (capacity[chosen][local] > 0)
    entry, local, home = entry[useful], local[useful], home[useful]
    metres = arcs.site_m[entry]
    walk = np.rint(metres * DM_PER_M).astype(np.int64)
    penalty = (int(walk.max(initial=0)) + 1) * (sites + 1)

    # Nodes: homes, sites, and the root that all flow ends in. Arcs: walks, places, and two for
    # those of each home who find none.
    k = entry.size
    root = homes + sites
    others = need - vulnerable
    tail = np.concatenate([home, homes + np.arange(sites), np.tile(np.arange(homes), 2)])
    head = np.concatenate([homes + local, np.full(sites + 2 * homes, root)])
    cost = np.concatenate([walk, np.repeat([0, penalty, 2 * penalty], [sites, homes, homes])])
    endless = int(need.sum()) + 1
    # A tree arc needs room, or the first tree wouldn't be strongly feasible.
    places = np.maximum(capacity[chosen], 1)
    room = np.concatenate([np.full(k, endless), places, others, np.full(homes, endless)])
    flow = np.concatenate([np.zeros(k + sites, dtype=np.int64), others, vulnerable])
    state = np.repeat([AT_LOWER, IN_TREE, AT_UPPER, IN_TREE], [k, sites, homes, homes])
    first = np.concatenate([k + sites + homes + np.arange(homes), k + np.arange(sites)])
    tree = star(first, cost)
    most_pivots = 200 * (root + 1) + 100_000
    flow = flow.astype(np.int64)
    pivots = cheapest_flow(
        tail.astype(np.int32),
        head.astype(np.int32),
        cost.astype(np.int64),
        room.astype(np.int64),
        flow,
        state.astype(np.int8),
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
    people = flow[used]
    seated = np.zeros(homes, dtype=np.int64)
    np.add.at(seated, home[used], people)
    taken = np.zeros(arcs.sites, dtype=np.int64)
    np.add.at(taken, chosen[local[used]], people)
    return Seating(
        home=home[used],
        site=chosen[local[used]],
        people=people,
        metres=metres[used],
        pair=entry[used],
        seated=seated,
        taken=taken,
        home_price=-tree.price[:homes] / DM_PER_M,
        proved=pivots < most_pivots,
    )
