"""Kernels of walking reach: shortest paths on the street network, cut off at a distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]


@njit()
def bounded_walks(
    ptr: Ints,
    adjacent: Ints32,
    length: Floats,
    start_edge: Ints32,
    start_node: Ints32,
    start_m: Floats,
    start_offset: Floats,
    start_access: Floats,
    node_ptr: Ints,
    node_place: Ints32,
    node_m: Floats,
    edge_ptr: Ints,
    edge_place: Ints32,
    edge_offset: Floats,
    edge_access: Floats,
    places: int,
    cap_m: float,
) -> tuple[Ints, Ints32, Floats]:
    """Walk from each start to every place within a distance.

    Nodes wait in buckets of distance (Dial, 1969), half a mean edge wide. A node whose distance
    falls after its turn has another turn, so that short edges cost time but no exactness.

    Parameters
    ----------
    ptr, adjacent, length
        Street network as CSR over its nodes: neighbours and metres.
    start_edge, start_node, start_m, start_offset, start_access
        By start: its edge (-1 where it has none), the edge's two ends (start × 2), metres from
        the start to either end, metres along the edge from its first end, metres from the
        building to the edge.
    node_ptr, node_place, node_m
        CSR over nodes: places on an edge that ends there, and metres from the node to them.
    edge_ptr, edge_place, edge_offset, edge_access
        CSR over edges: places on the edge, metres along it, metres from it to the building.
    places
        Number of places.
    cap_m
        Longest walk.

    Returns
    -------
    tuple
        ``ptr, place, metres``: CSR over starts, places in the order in which they were found; the
        last two have room to spare after ``ptr[-1]``.
    """
    nodes = ptr.size - 1
    starts = start_edge.size
    # Loops fill the arrays: `np.full` is compiled anew for each type.
    dist = np.empty(nodes)
    for k in range(nodes):
        dist[k] = np.inf
    best = np.empty(places)
    for k in range(places):
        best[k] = np.inf
    total = 0.0
    for k in range(length.size):
        total += length[k]
    wide = max(0.5 * total / max(length.size, 1), cap_m / 1000.0, 1e-9)
    buckets = int(cap_m / wide) + 2
    top = np.empty(buckets, np.int32)
    for k in range(buckets):
        top[k] = -1
    pool = 4096
    who = np.empty(pool, np.int32)
    after = np.empty(pool, np.int32)
    at_m = np.empty(pool, np.float64)
    seen_nodes = np.empty(nodes, np.int32)
    seen_places = np.empty(places, np.int32)
    out_ptr = np.zeros(starts + 1, np.int64)
    room = max(1024, 64 * starts)
    out_place = np.empty(room, np.int32)
    out_m = np.empty(room, np.float64)
    filled = 0
    for s in range(starts):
        edge = start_edge[s]
        n_seen = 0
        n_places = 0
        used = 0
        last = -1
        if edge >= 0:
            # Along the edge itself: the ends may be farther than a neighbour on it.
            for k in range(edge_ptr[edge], edge_ptr[edge + 1]):
                d = abs(edge_offset[k] - start_offset[s]) + edge_access[k] + start_access[s]
                b = edge_place[k]
                if d <= cap_m and d < best[b]:
                    if best[b] == np.inf:
                        seen_places[n_places] = b
                        n_places += 1
                    best[b] = d
            for end in range(2):
                u = start_node[2 * s + end]
                d = start_m[2 * s + end]
                if d <= cap_m and d < dist[u]:
                    if dist[u] == np.inf:
                        seen_nodes[n_seen] = u
                        n_seen += 1
                    dist[u] = d
                    b = int(d / wide)
                    last = max(last, b)
                    who[used] = u
                    at_m[used] = d
                    after[used] = top[b]
                    top[b] = used
                    used += 1
        turn = 0
        while turn <= last:
            entry = top[turn]
            if entry < 0:
                turn += 1
                continue
            top[turn] = after[entry]
            u = who[entry]
            d = at_m[entry]
            if d > dist[u]:
                continue
            for k in range(node_ptr[u], node_ptr[u + 1]):
                e = d + node_m[k]
                b = node_place[k]
                if e <= cap_m and e < best[b]:
                    if best[b] == np.inf:
                        seen_places[n_places] = b
                        n_places += 1
                    best[b] = e
            if used + ptr[u + 1] - ptr[u] > pool:
                # Loops: slices assigned to slices take the compiler seconds.
                pool = 2 * (used + ptr[u + 1] - ptr[u])
                more_who = np.empty(pool, np.int32)
                more_after = np.empty(pool, np.int32)
                more_m = np.empty(pool, np.float64)
                for k in range(used):
                    more_who[k] = who[k]
                    more_after[k] = after[k]
                    more_m[k] = at_m[k]
                who = more_who
                after = more_after
                at_m = more_m
            for k in range(ptr[u], ptr[u + 1]):
                v = adjacent[k]
                e = d + length[k]
                if e <= cap_m and e < dist[v]:
                    if dist[v] == np.inf:
                        seen_nodes[n_seen] = v
                        n_seen += 1
                    dist[v] = e
                    at = int(e / wide)
                    last = max(last, at)
                    who[used] = v
                    at_m[used] = e
                    after[used] = top[at]
                    top[at] = used
                    used += 1
        if filled + n_places > room:
            while filled + n_places > room:
                room *= 2
            wider_place = np.empty(room, np.int32)
            wider_m = np.empty(room, np.float64)
            for k in range(filled):
                wider_place[k] = out_place[k]
                wider_m[k] = out_m[k]
            out_place = wider_place
            out_m = wider_m
        for k in range(n_places):
            b = seen_places[k]
            out_place[filled] = b
            out_m[filled] = best[b]
            best[b] = np.inf
            filled += 1
        for k in range(n_seen):
            dist[seen_nodes[k]] = np.inf
        out_ptr[s + 1] = filled
    return out_ptr, out_place, out_m
