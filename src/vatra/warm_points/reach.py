"""Who reaches what on foot: street network, buildings on it, walks within a distance."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray

from vatra.warm_points._kernels import bounded_walks

Found = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]

WALK_M_PER_MINUTE = 1000.0 / 15.0
"""Walking pace: 1,000 m in 15 minutes, 4 km/h (assumed: a winter pace on cleared streets)."""


@dataclass(frozen=True)
class StreetNet:
    """The walkable street network, both ways along every stretch.

    Parameters
    ----------
    ptr, adjacent, length_m
        CSR over nodes: neighbours and metres.
    ends
        Edge × 2: its end nodes.
    edge_m
        Length of each edge, metres.
    lines
        Geometry of each edge.
    doors
        Edges that buildings may stand on: all but bridges, or all where there is nothing else.
    """

    ptr: NDArray[np.int64]
    adjacent: NDArray[np.int32]
    length_m: NDArray[np.float64]
    ends: NDArray[np.int32]
    edge_m: NDArray[np.float64]
    lines: NDArray[np.object_]
    doors: NDArray[np.int64]


@dataclass(frozen=True)
class Doors:
    """Where buildings meet the street network.

    Parameters
    ----------
    edge
        Edge nearest to each building; -1 where there is none.
    offset_m
        Metres along the edge from its first end.
    access_m
        Metres from the building to the edge, in a straight line.
    """

    edge: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    access_m: NDArray[np.float64]


def street_net(streets: gpd.GeoDataFrame, closed: Collection[str] = ()) -> StreetNet:
    """Build the walkable network of a city's streets.

    Parameters
    ----------
    streets
        Table ``streets``: ``from_node``, ``to_node``, ``length_m`` and optionally ``bridge``.
    closed
        Ids of streets and names of bridges that nobody can walk.

    Returns
    -------
    StreetNet
        The network without what is closed.
    """
    bridge = streets["bridge"] if "bridge" in streets else pd.Series("", index=streets.index)
    shut = list(closed)
    is_open = ~(streets.index.isin(shut) | bridge.isin(shut).to_numpy(dtype=bool))
    lines = np.asarray(streets.geometry.array, dtype=object)[is_open]
    length_m = streets["length_m"].to_numpy(dtype=np.float64)[is_open]
    ends_id = streets[["from_node", "to_node"]].to_numpy(dtype=np.int64)[is_open]
    nodes, inverse = np.unique(ends_id, return_inverse=True)
    ends: NDArray[np.int32] = inverse.reshape(-1, 2).astype(np.int32)
    source = np.concatenate([ends[:, 0], ends[:, 1]])
    target = np.concatenate([ends[:, 1], ends[:, 0]])
    order = np.argsort(source, kind="stable")
    ptr = np.zeros(nodes.size + 1, dtype=np.int64)
    np.cumsum(np.bincount(source, minlength=nodes.size), out=ptr[1:])
    on_bridge = (bridge.notna() & (bridge != "")).to_numpy(dtype=bool)[is_open]
    usable = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    doors = np.flatnonzero(usable & ~on_bridge)
    if not doors.size:
        doors = np.flatnonzero(usable)
    return StreetNet(
        ptr=ptr,
        adjacent=target[order],
        length_m=np.concatenate([length_m, length_m])[order],
        ends=ends,
        edge_m=length_m,
        lines=lines,
        doors=doors,
    )


def doors_of(net: StreetNet, places: gpd.GeoSeries) -> Doors:
    """Find the point of the street network nearest to each building.

    Parameters
    ----------
    net
        The street network.
    places
        Buildings, points or areas (their centroids count), in the streets' coordinate system.
    """
    points = shapely.centroid(np.asarray(places.array, dtype=object))
    edge = np.full(points.size, -1, dtype=np.int32)
    offset_m = np.zeros(points.size)
    access_m = np.zeros(points.size)
    valid = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    if net.doors.size and valid.size:
        tree = shapely.STRtree(net.lines[net.doors])
        (asked, found), far = tree.query_nearest(
            points[valid], return_distance=True, all_matches=False
        )
        rows = valid[asked]
        edge[rows] = net.doors[found]
        access_m[rows] = far
        # The share of the way is that of the drawn line; the length is the table's.
        share = shapely.line_locate_point(net.lines[edge[rows]], points[rows], normalized=True)
        offset_m[rows] = np.nan_to_num(share) * net.edge_m[edge[rows]]
    return Doors(edge, offset_m, access_m)


def walks(
    net: StreetNet, origins: Doors, destinations: Doors, cap_m: float, *, threads: int = 0
) -> sp.csr_array:
    """Measure the walks between buildings, up to a distance.

    Parameters
    ----------
    net
        The street network.
    origins
        Where people start: columns of the result.
    destinations
        Where they go: rows of the result. A search runs from each, so let these be the fewer.
    cap_m
        Longest walk, metres.
    threads
        Threads to use; 0 for one a core.

    Returns
    -------
    scipy.sparse.csr_array
        Destination × origin, metres, float64, indices ascending. Every pair within `cap_m` is
        stored, walks of 0 m too; what is not stored is farther.
    """
    people = origins.edge.size
    rows = destinations.edge.size
    on_edge = np.flatnonzero(origins.edge >= 0).astype(np.int32)
    by_edge = on_edge[np.argsort(origins.edge[on_edge], kind="stable")]
    edge_ptr = _pointer(origins.edge[by_edge], net.edge_m.size)
    edge = origins.edge[on_edge]
    from_first = origins.offset_m[on_edge] + origins.access_m[on_edge]
    from_last = net.edge_m[edge] - origins.offset_m[on_edge] + origins.access_m[on_edge]
    node = np.concatenate([net.ends[edge, 0], net.ends[edge, 1]])
    by_node = np.argsort(node, kind="stable")
    node_ptr = _pointer(node[by_node], net.ptr.size - 1)
    node_place = np.concatenate([on_edge, on_edge])[by_node]
    node_m = np.concatenate([from_first, from_last])[by_node]

    has_edge = destinations.edge >= 0
    start_edge = np.where(has_edge, destinations.edge, 0)
    start_node = np.zeros((rows, 2), dtype=np.int32)
    start_m = np.full((rows, 2), np.inf)
    if net.edge_m.size:
        start_node = net.ends[start_edge]
        along = np.column_stack(
            [destinations.offset_m, net.edge_m[start_edge] - destinations.offset_m]
        )
        start_m = along + destinations.access_m[:, None]

    def search(part: NDArray[np.int64]) -> Found:
        return bounded_walks(
            net.ptr,
            net.adjacent,
            net.length_m,
            destinations.edge[part],
            start_node[part].ravel(),
            start_m[part].ravel(),
            destinations.offset_m[part],
            destinations.access_m[part],
            node_ptr,
            node_place,
            node_m,
            edge_ptr,
            by_edge,
            origins.offset_m[by_edge],
            origins.access_m[by_edge],
            people,
            float(cap_m),
        )

    workers = threads or cpu_count() or 1
    parts = np.array_split(np.arange(rows), min(4 * workers, max(rows // 64, 1)))
    if len(parts) == 1 or workers == 1:
        found = [search(part) for part in parts]
    else:
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(search, parts))
    counts = np.concatenate([np.diff(ptr) for ptr, _, _ in found])
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    place = np.concatenate([place[: ptr[-1]] for ptr, place, _ in found])
    metres = np.concatenate([metres[: ptr[-1]] for ptr, _, metres in found])
    found_walks = sp.csr_array((metres, place, ptr), shape=(rows, people))
    found_walks.sort_indices()
    return found_walks


def walking_arcs(
    streets: gpd.GeoDataFrame,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    cap_m: float,
    *,
    closed: Collection[str] = (),
    threads: int = 0,
) -> sp.csr_array:
    """Measure the walks from homes to sites on the street network, up to a distance.

    Buildings join the nearest stretch of street in a straight line, at the nearest point of it;
    nobody is joined to a bridge. All walks are the shortest, both ways along every street.

    Parameters
    ----------
    streets
        Table ``streets`` of a city.
    origins
        Homes: geometry in the streets' coordinate system.
    destinations
        Sites.
    cap_m
        Longest walk, metres.
    closed
        Ids of streets and names of bridges that nobody can walk.
    threads
        Threads to use; 0 for one a core.

    Returns
    -------
    scipy.sparse.csr_array
        Site × home, metres: every pair within `cap_m`, walks of 0 m too.
    """
    net = street_net(streets, closed)
    return walks(net, doors_of(net, origins), doors_of(net, destinations), cap_m, threads=threads)


def _pointer(group: NDArray[np.int32], groups: int) -> NDArray[np.int64]:
    ptr = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=groups), out=ptr[1:])
    return ptr
