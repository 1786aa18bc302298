"""Small networks to leave by, drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog as _linprog
from scipy.sparse import coo_array

from vatra.relocation.network import Crowd, Network, make_network

# The stubs don't know sparse matrices here.
linprog: Any = _linprog


def small_town(seed: int, *, tight_beds: bool) -> tuple[Network, Crowd]:
    """Draw up to 6 places, some joined, 2 destinations, a few groups and up to 8 slots."""
    rng = np.random.default_rng(seed)
    places, slots = int(rng.integers(3, 7)), int(rng.integers(3, 9))
    arcs = int(rng.integers(4, 14))
    tail, head = rng.integers(0, places, (2, arcs))
    lag = np.where(tail == head, 1, rng.integers(0, 3, arcs))
    room = rng.integers(0, 6, (slots, arcs))
    host = rng.choice(places, 2, replace=False)
    beds = rng.integers(0, 12, 2) if tight_beds else np.full(2, 1000)
    network, _ = make_network(
        places, tail=tail, head=head, lag=lag, room=room, host=host, beds=beds
    )
    groups = int(rng.integers(1, 5))
    release = rng.integers(0, slots, groups)
    return network, Crowd(
        home=rng.integers(0, places, groups).astype(np.int32),
        release=release.astype(np.int32),
        last=np.maximum(release, rng.integers(0, slots, groups)).astype(np.int32),
        people=rng.integers(0, 20, groups).astype(np.int64),
    )


def exact_least(network: Network, crowd: Crowd, until: int | None = None) -> float:
    """Solve the linear program of the whole network in time.

    Returns the most who can have arrived by slot `until`; without it, the least sum of arrival
    slots, those who never arrive counted with twice the number of slots.
    """
    slots, places, groups = network.slots, network.places, crowd.people.size
    nodes, hosts = slots * places, network.host.size
    row: list[int] = []
    column: list[int] = []
    value: list[float] = []
    cost: list[float] = []
    upper: list[float] = []

    def add(tail: int, head: int, room: float, price: float) -> None:
        at = len(cost)
        row.extend((tail, head))
        column.extend((at, at))
        value.extend((-1.0, 1.0))
        cost.append(price)
        upper.append(room)

    sink = nodes + groups + hosts
    for s in range(slots):
        for a in range(network.tail.size):
            later = s + network.lag[a]
            if later < slots:
                add(s * places + network.tail[a], later * places + network.head[a],
                    network.room[s, a], 0.0)  # fmt: skip
        for g in range(groups):
            if crowd.release[g] <= s <= crowd.last[g]:
                add(nodes + g, s * places + crowd.home[g], 1e6, 0.0)
        for d in range(hosts):
            if until is None:
                add(s * places + network.host[d], nodes + groups + d, 1e6, float(s))
            elif s <= until:
                add(s * places + network.host[d], nodes + groups + d, 1e6, -1.0)
    for d in range(hosts):
        add(nodes + groups + d, sink, float(network.beds[d]), 0.0)
    for g in range(groups):
        add(nodes + g, sink, 1e6, 2.0 * slots if until is None else 0.0)
    need = np.zeros(sink + 1)
    need[nodes : nodes + groups] = -crowd.people
    need[sink] = crowd.people.sum()
    matrix = coo_array((value, (row, column)), (sink + 1, len(cost))).tocsr()
    solved = linprog(cost, A_eq=matrix, b_eq=need, bounds=list(zip([0.0] * len(cost), upper,
                     strict=True)), method="highs")  # fmt: skip
    assert solved.status == 0, solved.message
    return float(solved.fun if until is None else -solved.fun)
