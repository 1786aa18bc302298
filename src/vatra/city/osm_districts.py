"""Districts of an imported city: administrative ones where they are whole, else squares."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.osm_read import OsmShapes

Objects = NDArray[np.object_]

_LEVELS = ("5", "6", "7", "8", "9", "10", "11")
_LEAST_COVERED = 0.9
_MOST_DISTRICTS = 40
_RESIDENTS_A_SQUARE = 300_000
"""Residents a district where there are no administrative ones; as in Kyiv."""


def build_districts(
    areas: OsmShapes, blocks: gpd.GeoDataFrame, extent: shapely.Polygon, crs: str
) -> tuple[gpd.GeoDataFrame, str]:
    """Find or draw the districts.

    The coarsest administrative level is taken that parts the blocks into several and covers nine
    tenths of their residents; where none does, the extent is one district or a grid of them.

    Parameters
    ----------
    areas
        Areas of the extract, in degrees.
    blocks
        Blocks with residents.
    extent
        What the extract covers.
    crs
        Coordinate system of the blocks, in metres.

    Returns
    -------
    GeoDataFrame
        Table ``districts``.
    str
        What they are, in words.
    """
    rows = [
        i
        for i, tags in enumerate(areas.tags)
        if tags.get("boundary") == "administrative" and tags.get("admin_level") in _LEVELS
    ]
    shapes = gpd.GeoSeries([areas.shapes[i] for i in rows], crs="EPSG:4326").to_crs(crs)
    level = np.array([areas.tags[i]["admin_level"] for i in rows], dtype=object)
    middles = shapely.centroid(blocks.geometry.to_numpy())
    residents = blocks["residents"].to_numpy(dtype=np.float64)
    for wanted in _LEVELS:
        chosen = np.flatnonzero(level == wanted)
        inside = _first_hit(shapes.to_numpy()[chosen], middles)
        covered = residents[inside >= 0].sum() / max(residents.sum(), 1.0)
        used = np.unique(inside[inside >= 0])
        if covered < _LEAST_COVERED or not 2 <= len(used) <= _MOST_DISTRICTS:
            continue
        kept = chosen[used]
        tags = [areas.tags[rows[i]] for i in kept]
        names = [t.get("name:en") or t.get("name") or f"District {n}" for n, t in enumerate(tags)]
        local = [t.get("name:uk") or t.get("name") or "" for t in tags]
        outlines = list(shapes.to_numpy()[kept])
        rest = shapely.difference(extent, shapely.union_all(outlines))
        if (inside < 0).any() and not rest.is_empty:
            names.append("Outskirts")
            local.append("Околиці")
            outlines.append(rest)
        return _table(outlines, names, local, crs), f"administrative units of level {wanted}"
    count = max(1, round(float(np.sqrt(residents.sum() / _RESIDENTS_A_SQUARE))))
    left, low, right, high = extent.bounds
    x, y = np.linspace(left, right, count + 1), np.linspace(low, high, count + 1)
    squares = [
        shapely.box(x[i], y[j], x[i + 1], y[j + 1])
        for j in reversed(range(count))
        for i in range(count)
    ]
    names = [f"District {n}" for n in range(1, len(squares) + 1)]
    local = [f"Район {n}" for n in range(1, len(squares) + 1)]
    what = "the whole extract as one" if count == 1 else f"a grid of {count} × {count}"
    return _table(squares, names, local, crs), what


def _first_hit(shapes: Objects, middles: Objects) -> NDArray[np.int64]:
    inside = np.full(len(middles), -1, dtype=np.int64)
    asked, found = shapely.STRtree(shapes).query(middles, predicate="intersects")
    inside[asked[::-1]] = found[::-1]
    return inside


def district_of(districts: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> Objects:
    """Return the id of the district that each shape's middle is in, or else the nearest.

    Parameters
    ----------
    districts
        Table ``districts``.
    shapes
        Geometry in the same coordinate system.
    """
    tree = shapely.STRtree(districts.geometry.to_numpy())
    nearest = tree.nearest(shapely.centroid(shapes.to_numpy()))
    return np.asarray(districts.index.to_numpy(dtype=object)[nearest])


def _table(shapes: list[Any], names: list[str], local: list[str], crs: str) -> gpd.GeoDataFrame:
    index = [f"D-{n:02d}" for n in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame(
        {
            "name": pd.Series(names, dtype=object).array,
            "name_uk": pd.Series(local, dtype=object).array,
        },
        geometry=gpd.GeoSeries(shapes, crs=crs).array,
        index=pd.Index(index, name="district_id", dtype=object),
        crs=crs,
    )
