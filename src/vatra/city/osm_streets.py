"""Walkable streets of an OpenStreetMap extract, cut at junctions."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from vatra.city.osm_read import OsmWays, Tags

RANKS = {
    "trunk": "primary", "trunk_link": "primary", "primary": "primary", "primary_link": "primary",
    "secondary": "secondary", "secondary_link": "secondary", "tertiary": "secondary",
    "tertiary_link": "secondary", "unclassified": "residential", "residential": "residential",
    "living_street": "residential", "pedestrian": "residential", "road": "residential",
    "service": "residential", "footway": "path", "path": "path", "steps": "path",
    "cycleway": "path", "track": "path", "crossing": "path", "platform": "path", "trail": "path",
    "bridleway": "path", "corridor": "path",
}  # fmt: skip
"""Rank by ``highway`` tag; motorways, building sites and the like can't be walked."""
_CLOSED = ("no", "private")
_ON_FOOT = ("yes", "designated", "permissive", "destination")


@dataclass(frozen=True)
class OsmStreets:
    """Streets of an extract.

    Parameters
    ----------
    table
        Table ``streets`` of the schema.
    islands
        Stretches that are not connected to the largest network, left out.
    islands_m
        Their length.
    """

    table: gpd.GeoDataFrame
    islands: int
    islands_m: float


def is_walkable(tags: Tags) -> bool:
    """Tell whether people can walk along a way.

    Parameters
    ----------
    tags
        Its tags.
    """
    foot = tags.get("foot")
    if tags.get("highway") not in RANKS or foot in _CLOSED:
        return False
    return tags.get("access") not in _CLOSED or foot in _ON_FOOT


def build_streets(ways: OsmWays, crs: str) -> OsmStreets:
    """Cut ways at junctions and keep the largest connected network.

    Parameters
    ----------
    ways
        Ways with a ``highway`` tag, in degrees.
    crs
        Coordinate system to return them in, in metres.

    Returns
    -------
    OsmStreets
        The network and what was left out. Without any walkable way the table is empty.
    """
    chosen = [i for i, tags in enumerate(ways.tags) if is_walkable(tags)]
    if not chosen:
        return OsmStreets(gpd.GeoDataFrame(geometry=[], crs=crs), 0, 0.0)
    refs = np.concatenate([ways.refs[i] for i in chosen])
    lonlat = np.concatenate([ways.lonlat[i] for i in chosen])
    xy = np.column_stack(
        Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*lonlat.T)
    )
    sizes = np.array([len(ways.refs[i]) for i in chosen])
    _, node, uses = np.unique(refs, return_inverse=True, return_counts=True)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    last = np.cumsum(sizes) - 1
    cut = uses[node] > 1
    cut[first] = cut[last] = True
    # Each stretch runs from one cut to the next one of the same way.
    at = np.flatnonzero(cut)
    way_of = np.repeat(np.arange(len(chosen)), sizes)
    start, end = at[:-1], at[1:]
    within = way_of[start] == way_of[end]
    start, end = start[within], end[within]
    lengths = end - start + 1
    rows = np.repeat(start - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    rows = rows + np.arange(lengths.sum())
    lines = shapely.linestrings(xy[rows], indices=np.repeat(np.arange(len(start)), lengths))
    length_m = shapely.length(lines)
    ends = np.column_stack([node[start], node[end]])
    good = (length_m > 0.0) & np.isfinite(length_m)
    kept, part_m = _largest(ends, length_m, good)
    islands = good & ~kept
    tags = [ways.tags[chosen[way]] for way in way_of[start[kept]]]
    bridges = [_bridge(item, way) for item, way in zip(tags, way_of[start[kept]], strict=True)]
    frame = _table(lines[kept], ends[kept], bridges, [RANKS[item["highway"]] for item in tags])
    table = gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)
    return OsmStreets(table, int(islands.sum()), part_m)


def _largest(
    ends: NDArray[np.int64], length_m: NDArray[np.float64], good: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], float]:
    """Return which stretches belong to the longest connected network, and what the others add."""
    count = int(ends.max()) + 1
    pair = (ends[good, 0], ends[good, 1])
    graph = coo_array((np.ones(int(good.sum()), dtype=np.int8), pair), shape=(count, count))
    part = connected_components(graph, directed=False)[1][ends[:, 0]]
    total = np.bincount(part, weights=np.where(good, length_m, 0.0))
    kept = good & (part == total.argmax())
    return kept, float(total.sum() - total.max())


def _table(
    lines: NDArray[np.object_], ends: NDArray[np.int64], bridge: list[str | None], rank: list[str]
) -> pd.DataFrame:
    numbers = np.unique(ends, return_inverse=True)[1].reshape(ends.shape)
    return pd.DataFrame(
        {
            "from_node": numbers[:, 0].astype(np.int64),
            "to_node": numbers[:, 1].astype(np.int64),
            "length_m": shapely.length(lines),
            "rank": pd.Series(rank, dtype=object).array,
            "bridge": pd.Series(bridge, dtype=object).array,
            "geometry": lines,
        },
        index=pd.Index(
            [f"R-{i:06d}" for i in range(1, len(ends) + 1)], name="street_id", dtype=object
        ),
    )


def _bridge(tags: Tags, way: int) -> str | None:
    if tags.get("bridge", "no") == "no":
        return None
    return tags.get("bridge:name") or tags.get("name") or f"Bridge {way + 1}"
