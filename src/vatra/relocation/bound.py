"""How many can have arrived by each slot at most: cuts of the network in time.

A cut is any set of places in time that holds all arrivals up to a slot; nobody arrives who was
not in it from the start or did not enter it over an arc. The sets are read off a plan's own
residual network, and their capacity is counted from the network alone, so a mistake in a plan
can make a bound loose, never wrong. This part shares no code with the kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra as _dijkstra

from vatra.relocation.network import Crowd, Moves, Network

Ints = NDArray[np.int64]

dijkstra: Any = _dijkstra  # the stubs don't know sparse matrices here

_STEP = 1e-7
"""Length of an arc in the search, far below one slot over any path."""


def cut_bound(network: Network, crowd: Crowd, moves: Moves) -> Ints:
    """Bound the arrivals by each slot from above.

    Parameters
    ----------
    network, crowd
        What the moves are of.
    moves
        Any moves over this network; those of earliest arrival give bounds that they reach.

    Returns
    -------
    Ints
        By slot: no plan has more arrivals in this slot and those before it.
    """
    inside = _inside_from(network, crowd, moves)
    slots, never = network.slots, network.slots
    nodes = network.places * slots
    begin = np.repeat(np.arange(slots), network.tail.size)
    end = begin + np.tile(network.lag, slots)
    ok = end < slots
    source = inside[(begin * network.places + np.tile(network.tail, slots))[ok]]
    target = inside[(end * network.places + np.tile(network.head, slots))[ok]]
    room = network.room.ravel()[ok].astype(np.int64)
    # An arc leads into the cut from the slot in which its end is in it until its start is too.
    crossing = target < source
    change = np.zeros(never + 1, dtype=np.int64)
    np.add.at(change, target[crossing], room[crossing])
    np.add.at(change, source[crossing], -room[crossing])
    groups = inside[nodes : nodes + crowd.people.size]
    np.add.at(change, groups, crowd.people)
    full = _full_from(network, moves)
    np.add.at(change, full, network.beds)
    bound = np.cumsum(change[:never])
    # Arrivals by a slot are no more than by a later one, nor than there are people.
    least: Ints = np.minimum.accumulate(bound[::-1])[::-1]
    return np.minimum(least, int(crowd.people.sum()))


def _full_from(network: Network, moves: Moves) -> Ints:
    """Return the slot in which each destination fills up, the number of slots for never."""
    total = np.cumsum(moves.arrived, axis=1)
    full = total >= network.beds[:, None]
    slots = network.slots
    return np.where(full.any(axis=1), full.argmax(axis=1), slots).astype(np.int64)


def _inside_from(network: Network, crowd: Crowd, moves: Moves) -> Ints:
    """Return from which slot's cut on each place in time, and each group, is in the cut."""
    places, slots = network.places, network.slots
    nodes, groups = places * slots, crowd.people.size
    begin = np.repeat(np.arange(slots), network.tail.size)
    end = begin + np.tile(network.lag, slots)
    ok = end < slots
    start = (begin * places + np.tile(network.tail, slots))[ok]
    stop = (end * places + np.tile(network.head, slots))[ok]
    moved = moves.moved.ravel()[ok]
    free = network.room.ravel()[ok] > moved
    used = moved > 0
    slot = np.arange(slots)
    window = (slot >= crowd.release[:, None]) & (slot <= crowd.last[:, None])
    group, when = np.nonzero(window)
    leave = when * places + crowd.home[group]
    gone = moves.gone[group, when] > 0
    top = nodes + groups
    host, arrival = np.nonzero(slot < _full_from(network, moves)[:, None])
    seed = arrival * places + network.host[host]
    # Searched backwards: an arc of the residual network from p to q is a step from q to p.
    rows = [stop[free], start[used], leave, (nodes + group)[gone], np.full(seed.size, top)]
    columns = [start[free], stop[used], nodes + group, leave[gone], seed]
    weights = [np.full(row.size, _STEP) for row in rows[:-1]] + [arrival + 1.0]
    row, column, weight = (np.concatenate(part) for part in (rows, columns, weights))
    # Of two arcs between the same places one does.
    key = row.astype(np.int64) * (top + 1) + column
    _, first = np.unique(key, return_index=True)
    graph = coo_array((weight[first], (row[first], column[first])), (top + 1, top + 1)).tocsr()
    distance = dijkstra(graph, indices=top)[:top]
    return np.where(np.isfinite(distance), distance - 1.0, slots).astype(np.int64)
