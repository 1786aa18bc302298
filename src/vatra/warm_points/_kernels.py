"""Kernels of walking reach: shortest paths on the street network, cut off at a distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]


@njit()
def _sift_up(heap: Ints32, place: Ints32, dist: Floats, i: int) -> None:
    node = heap[i]
    d = dist[node]
    while i > 0:
        up = (i - 1) >> 1
        other = heap[up]
        if dist[other] <= d:
            break
        heap[i] = other
        place[other] = i
        i = up
    heap[i] = node
    place[node] = i


@njit()
def _sift_down(heap: Ints32, place: Ints32, dist: Floats, size: int) -> None:
    i = 0
    node = heap[0]
    d = dist[node]
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and dist[heap[child + 1]] < dist[heap[child]]:
            child += 1
        other = heap[child]
        if dist[other] >= d:
            break
        heap[i] = other
        place[other] = i
        i = child
    heap[i] = node
    place[node] = i


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
        ``ptr, place, metres``: CSR over starts, places in the order in which they were found.
    """
    nodes = ptr.size - 1
    starts = start_edge.size
    dist = np.full(nodes, np.inf)
    best = np.full(places, np.inf)
    heap = np.empty(nodes, np.int32)
    place = np.full(nodes, -1, np.int32)
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
        size = 0
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
                        heap[size] = u
                        place[u] = size
                        size += 1
                    dist[u] = d
                    _sift_up(heap, place, dist, place[u])
        while size > 0:
            u = heap[0]
            d = dist[u]
            size -= 1
            if size > 0:
                heap[0] = heap[size]
                place[heap[0]] = 0
                _sift_down(heap, place, dist, size)
            place[u] = -1
            for k in range(node_ptr[u], node_ptr[u + 1]):
                e = d + node_m[k]
                b = node_place[k]
                if e <= cap_m and e < best[b]:
                    if best[b] == np.inf:
                        seen_places[n_places] = b
                        n_places += 1
                    best[b] = e
            for k in range(ptr[u], ptr[u + 1]):
                v = adjacent[k]
                e = d + length[k]
                if e <= cap_m and e < dist[v]:
                    if dist[v] == np.inf:
                        seen_nodes[n_seen] = v
                        n_seen += 1
                        heap[size] = v
                        place[v] = size
                        size += 1
                    dist[v] = e
                    _sift_up(heap, place, dist, place[v])
        if filled + n_places > room:
            while filled + n_places > room:
                room *= 2
            wider_place = np.empty(room, np.int32)
            wider_m = np.empty(room, np.float64)
            # A loop: slices assigned to slices take the compiler seconds.
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
    return out_ptr, out_place[:filled], out_m[:filled]
