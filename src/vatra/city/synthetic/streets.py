"""One walkable street network of avenues, lanes, paths and bridges."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from vatra.city.schema import STREET_RANKS
from vatra.city.synthetic.lattice import Lattice
from vatra.city.synthetic.layout import Floats, Ints, Layout
from vatra.city.synthetic.names import BRIDGES

LONGEST_M = 115.0
"""Longest stretch between two junctions of an avenue or bridge; assumed."""

SAME_M = 7.0
"""Gates of an avenue nearer than this become one junction; assumed."""

STUB_M = 9.0
"""Junctions of any streets nearer than this along a street become one; assumed."""

PRIMARY, SECONDARY, RESIDENTIAL, PATH = range(4)


@dataclass(frozen=True)
class _Graph:
    """Junctions and stretches while the network grows."""

    xy: Floats
    edges: Ints
    rank: Ints
    bridge: Ints


def build_streets(layout: Layout, lattice: Lattice) -> gpd.GeoDataFrame:
    """Join avenues, lanes and bridges into one connected network.

    Parameters
    ----------
    layout
        Ground plan.
    lattice
        Lanes inside the quarters.

    Returns
    -------
    geopandas.GeoDataFrame
        Table ``streets``, in local metres, without a coordinate system; one connected
        component.
    """
    avenues, gate_nodes = _avenues_with_gates(layout, lattice)
    shift = len(avenues.xy)
    lanes = lattice.lanes + shift
    gates = np.stack([lattice.gates + shift, gate_nodes], axis=-1)
    edges = np.concatenate([avenues.edges, lanes, gates])
    rank = np.concatenate(
        [
            avenues.rank,
            np.where(lattice.path, PATH, RESIDENTIAL),
            np.full(len(gates), RESIDENTIAL),
        ]
    )
    graph = _Graph(np.concatenate([avenues.xy, lattice.xy]), edges, rank, np.full(len(edges), -1))
    graph = _without_stubs(_with_bridges(graph, layout, np.arange(shift)))
    graph = _connected_part(graph)
    return _as_table(graph)


def _avenues_with_gates(layout: Layout, lattice: Lattice) -> tuple[_Graph, Ints]:
    """Return the avenues with a junction at every gate, and the junction of each gate."""
    lines = shapely.linestrings(layout.arterials.reshape(-1, 2, 2))
    length = np.asarray(shapely.length(lines))
    gate_points = shapely.points(lattice.gate_xy)
    gate_line = np.asarray(shapely.STRtree(lines).nearest(gate_points), dtype=np.int64)
    at = np.asarray(shapely.line_locate_point(lines[gate_line], gate_points))

    # Ends of stretches, gates, then what is needed so that no stretch is too long.
    count = len(lines)
    line = np.concatenate([np.arange(count), np.arange(count), gate_line])
    position = np.concatenate([np.zeros(count), length, at])
    fixed = np.concatenate([np.ones(2 * count, dtype=bool), np.zeros(len(at), dtype=bool)])
    near_end = ~fixed & (position < SAME_M)
    near_far = ~fixed & (position > length[line] - SAME_M)
    position = np.where(near_end, 0.0, np.where(near_far, length[line], position))
    order = np.lexsort((~fixed, position, line))
    gap = np.diff(position[order], prepend=-np.inf)
    new = (gap > SAME_M) | (np.diff(line[order], prepend=-1) != 0)
    new |= fixed[order] & (gap > 0)
    stop = np.empty(len(order), dtype=np.int64)
    stop[order] = np.cumsum(new) - 1
    stop_line, stop_at = line[order][new], position[order][new]

    joined = np.flatnonzero(stop_line[:-1] == stop_line[1:])
    gap = stop_at[joined + 1] - stop_at[joined]
    pieces = np.maximum(1, np.ceil(gap / LONGEST_M)).astype(np.int64)
    piece_of = np.repeat(np.arange(len(joined)), pieces)
    piece = np.arange(int(pieces.sum())) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    extra = np.flatnonzero(piece > 0)
    extra_at = stop_at[joined[piece_of[extra]]] + gap[piece_of[extra]] * (
        piece[extra] / pieces[piece_of[extra]]
    )
    all_line = np.concatenate([stop_line, stop_line[joined[piece_of[extra]]]])
    all_at = np.concatenate([stop_at, extra_at])
    start, end = layout.arterials[all_line, :2], layout.arterials[all_line, 2:]
    share = (all_at / np.maximum(length[all_line], 1e-9))[:, None]
    xy = start + share * (end - start)

    first = joined[piece_of].copy()
    last = joined[piece_of] + 1
    middle = np.full(len(piece), -1, dtype=np.int64)
    middle[extra] = len(stop_line) + np.arange(len(extra))
    first[extra] = middle[extra]
    has_more = piece < pieces[piece_of] - 1
    last[has_more] = middle[np.flatnonzero(has_more) + 1]

    # Ends of stretches that meet are one junction.
    _, merged = np.unique(np.round(xy * 50).astype(np.int64), axis=0, return_inverse=True)
    merged = merged.reshape(-1)
    kept = np.zeros((int(merged.max()) + 1, 2))
    kept[merged] = xy
    edges = np.stack([merged[first], merged[last]], axis=-1)
    rank = np.where(layout.primary[stop_line[joined[piece_of]]], PRIMARY, SECONDARY)
    real = edges[:, 0] != edges[:, 1]
    graph = _Graph(kept, edges[real], rank[real], np.full(int(real.sum()), -1))
    return graph, merged[stop[2 * count :]]


def _with_bridges(graph: _Graph, layout: Layout, candidates: Ints) -> _Graph:
    """Add the bridges, between the junctions of the embankments nearest to them."""
    tree = cKDTree(graph.xy[candidates])
    xy, edges, rank, number = [graph.xy], [graph.edges], [graph.rank], [graph.bridge]
    total = len(graph.xy)
    for bridge, ends in enumerate(layout.bridges):
        heads = candidates[tree.query(ends.reshape(2, 2))[1]]
        start, end = graph.xy[heads]
        pieces = max(1, int(np.ceil(np.hypot(*(end - start)) / LONGEST_M)))
        share = np.arange(1, pieces)[:, None] / pieces
        xy.append(start + share * (end - start))
        chain = np.concatenate([heads[:1], total + np.arange(pieces - 1), heads[1:]])
        total += pieces - 1
        edges.append(np.stack([chain[:-1], chain[1:]], axis=-1))
        rank.append(np.full(pieces, PRIMARY))
        number.append(np.full(pieces, bridge))
    return _Graph(
        np.concatenate(xy), np.concatenate(edges), np.concatenate(rank), np.concatenate(number)
    )


def _without_stubs(graph: _Graph) -> _Graph:
    """Join junctions that stand almost on the same spot, and drop doubled stretches."""
    nodes = len(graph.xy)
    length = np.hypot(*(graph.xy[graph.edges[:, 0]] - graph.xy[graph.edges[:, 1]]).T)
    short = graph.edges[length < STUB_M]
    links = coo_array((np.ones(len(short)), (short[:, 0], short[:, 1])), shape=(nodes, nodes))
    _, spot = connected_components(links, directed=False)
    size = np.bincount(spot)
    xy = np.stack([np.bincount(spot, graph.xy[:, axis]) / size for axis in (0, 1)], axis=-1)
    edges = np.sort(spot[graph.edges].astype(np.int64), axis=1)
    # Of stretches between the same two junctions the highest rank stays.
    order = np.lexsort((graph.rank, edges[:, 1], edges[:, 0]))
    new = (np.diff(edges[order], axis=0, prepend=-1) != 0).any(axis=1)
    keep = np.sort(order[new & (edges[order, 0] != edges[order, 1])])
    return _Graph(xy, edges[keep], graph.rank[keep], graph.bridge[keep])


def _connected_part(graph: _Graph) -> _Graph:
    """Keep the largest connected part and number its junctions from 0."""
    nodes = len(graph.xy)
    one = np.ones(len(graph.edges))
    links = coo_array((one, (graph.edges[:, 0], graph.edges[:, 1])), shape=(nodes, nodes))
    _, label = connected_components(links, directed=False)
    main = int(np.argmax(np.bincount(label[graph.edges[:, 0]])))
    keep = label[graph.edges[:, 0]] == main
    used: NDArray[np.bool_] = label == main
    number = np.cumsum(used) - 1
    return _Graph(graph.xy[used], number[graph.edges[keep]], graph.rank[keep], graph.bridge[keep])


def _as_table(graph: _Graph) -> gpd.GeoDataFrame:
    """Return the table of streets."""
    xy = np.round(graph.xy, 2)
    lines = shapely.linestrings(xy[graph.edges])
    width = max(6, len(str(len(lines))))
    names = np.asarray([*BRIDGES, None], dtype=object)
    index = pd.Index([f"T-{i:0{width}d}" for i in range(1, len(lines) + 1)], name="street_id")
    return gpd.GeoDataFrame(
        {
            "from_node": graph.edges[:, 0],
            "to_node": graph.edges[:, 1],
            "length_m": shapely.length(lines),
            "rank": np.asarray(STREET_RANKS, dtype=object)[graph.rank],
            "bridge": names[graph.bridge],
        },
        geometry=lines,
        index=index,
    )
