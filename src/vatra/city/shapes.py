"""What must hold for the geometry of a city: kind, validity, coordinate system and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from vatra.city.model import About
from vatra.city.schema import TABLE, Table
from vatra.problems import Problem, name_ids

Bounds = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MARGIN_M = 10_000.0
"""How far outside of the districts a plant or a road may lie; assumed."""
_EDGE_M = 100.0
"""How far a block's middle may lie outside of the districts, for rough borders; assumed."""
_FAR_M = 200_000.0
"""How far the districts may lie from latitude and longitude of ``city.toml``; assumed."""
_LENGTH_ERROR = 0.1
_LENGTH_SLACK_M = 5.0
_NODE_SLACK_M = 5.0


def check_shapes(about: About | None, frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Check the geometry of all tables.

    Parameters
    ----------
    about
        What the city says of itself, None where that can't be read.
    frames
        Tables by name, as `vatra.city.fit.fit_table` returns them.

    Yields
    ------
    Problem
        Each thing that is wrong.
    """
    crs = None if about is None else CRS.from_user_input(about.crs)
    sound: dict[str, gpd.GeoDataFrame] = {}
    for name, frame in frames.items():
        table = TABLE[name]
        if not table.geometry:
            continue
        if not isinstance(frame, gpd.GeoDataFrame):
            if len(frame):
                mend = f"give each row a {' or '.join(table.geometry)}"
                yield Problem(f"{name}.geometry", "", "the table has no geometry", mend)
            continue
        found = list(_system_problems(name, frame, crs))
        yield from found
        good, problems = _kind_problems(table, frame)
        yield from problems
        if not found and (name != "districts" or good.all()):
            sound[name] = frame[good]
    yield from _place_problems(about, sound)
    if "streets" in sound:
        yield from _street_problems(sound["streets"])


def _system_problems(name: str, frame: gpd.GeoDataFrame, crs: CRS | None) -> Iterator[Problem]:
    place = f"{name}.geometry"
    if not len(frame) or crs is None:
        return
    wanted = crs.to_string()
    if frame.crs is None:
        mend = f"set it to {wanted} if that is what the coordinates are in"
        yield Problem(place, "all", "has no coordinate system", mend)
    elif frame.crs.is_geographic:
        yield Problem(place, "all", f"is in degrees ({frame.crs.name})", f"reproject to {wanted}")
    elif not frame.crs.equals(crs, ignore_axis_order=True):
        reason = f"is in «{frame.crs.name}», city.toml says «{crs.name}»"
        yield Problem(place, "all", reason, f"reproject to {wanted}")


def _kind_problems(table: Table, frame: gpd.GeoDataFrame) -> tuple[Flags, list[Problem]]:
    """Return which rows have sound geometry, and what is wrong with the others."""
    place = f"{table.name}.geometry"
    kinds = " or ".join(table.geometry)
    shapes = frame.geometry.to_numpy()
    problems = []
    good = np.ones(len(frame), dtype=bool)

    def report(wrong: Flags, reason: str, mend: str) -> None:
        wrong = wrong & good
        if wrong.any():
            problems.append(Problem(place, name_ids(frame.index[wrong]), reason, mend))
            good[wrong] = False

    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    report(missing, "is missing or empty", f"draw a {kinds}")
    types = frame.geom_type
    for kind in types[good].unique():
        if kind not in table.geometry:
            report((types == kind).to_numpy(), f"is a {kind}", f"make it a {kinds}")
    bounds = shapely.bounds(shapes)
    report(~np.isfinite(bounds).all(axis=1), "has coordinates that are not numbers", "redraw it")
    invalid = good & ~shapely.is_valid(shapes)
    if invalid.any():
        why = shapely.is_valid_reason(shapes[invalid.argmax()]).split("[")[0]
        mend = "repair it, in QGIS with «Fix geometries»"
        report(invalid, f"is not valid ({why.lower()})", mend)
    return good, problems


def _place_problems(
    about: About | None, sound: Mapping[str, gpd.GeoDataFrame]
) -> Iterator[Problem]:
    """Report what lies outside of the city, and say if coordinates look swapped or in degrees."""
    districts = sound.get("districts")
    if districts is None or not len(districts) or about is None:
        return
    at = _anchor(about)
    if at is not None:
        far = _outside(districts, np.array([*(at - _FAR_M), *(at + _FAR_M)]))
        if far.all():
            guess, mend = _guess(districts.total_bounds, at, _FAR_M, about.crs)
            reason = f"the districts are not near latitude and longitude of city.toml{guess}"
            yield Problem("districts.geometry", f"all {len(districts)}", reason, mend)
            return
    edges = districts.total_bounds
    for name, frame in sound.items():
        outside = _outside(frame, edges + _MARGIN_M * np.array([-1, -1, 1, 1]))
        if not outside.any():
            continue
        centre = (edges[:2] + edges[2:]) / 2
        reach = float((edges[2:] - edges[:2]).max()) + _MARGIN_M
        guess, mend = _guess(frame[outside].total_bounds, centre, reach, about.crs)
        subject = name_ids(frame.index[outside])
        yield Problem(f"{name}.geometry", subject, f"far outside of the districts{guess}", mend)
    blocks = sound.get("blocks")
    if blocks is not None and len(blocks):
        yield from _homeless(blocks, districts, edges)


def _anchor(about: About) -> Bounds | None:
    try:
        to_city = Transformer.from_crs("EPSG:4326", about.crs, always_xy=True)
    except CRSError:
        return None
    at = np.array(to_city.transform(about.longitude, about.latitude))
    return at if np.isfinite(at).all() else None


def _outside(frame: gpd.GeoDataFrame, edges: Bounds) -> Flags:
    low_x, low_y, high_x, high_y = frame.bounds.to_numpy().T
    apart = (high_x < edges[0]) | (high_y < edges[1]) | (low_x > edges[2]) | (low_y > edges[3])
    return np.asarray(apart, dtype=bool)


def _guess(bounds: Bounds, centre: Bounds, reach: float, crs: str) -> tuple[str, str]:
    """Say what went wrong with coordinates that are elsewhere, and what to do about it."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    if np.abs(np.array([y, x]) - centre).max() <= reach:
        return "; coordinates look swapped (x/y)", "swap them"
    if abs(x) <= 180.0 and abs(y) <= 180.0:
        return "; coordinates look like degrees", f"reproject from EPSG:4326 to {crs}"
    try:
        back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        lon, lat = back.transform(x, y)
        swapped = np.array(back.transform(lat, lon, direction="INVERSE"))
    except CRSError:
        swapped = np.full(2, np.inf)
    if np.isfinite(swapped).all() and np.abs(swapped - centre).max() <= reach:
        return "; coordinates look swapped (lat/lon)", "swap them and reproject again"
    return "", f"check the coordinates; all geometry is in {crs}, in metres"


def _homeless(
    blocks: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, edges: Bounds
) -> Iterator[Problem]:
    near = ~_outside(blocks, edges + _MARGIN_M * np.array([-1, -1, 1, 1]))
    points = shapely.centroid(blocks.geometry.to_numpy()[near])
    tree = shapely.STRtree(districts.geometry.to_numpy())
    inside = np.unique(tree.query(points, predicate="dwithin", distance=_EDGE_M)[0])
    lost = np.ones(len(points), dtype=bool)
    lost[inside] = False
    if lost.any():
        mend = "move them or extend a district"
        subject = name_ids(blocks.index[near][lost])
        yield Problem("blocks.geometry", subject, "in none of the districts", mend)


def _street_problems(streets: gpd.GeoDataFrame) -> Iterator[Problem]:
    drawn = shapely.length(streets.geometry.to_numpy())
    stated = streets["length_m"].to_numpy(dtype=np.float64)
    error = np.abs(drawn - stated)
    wrong = error > np.maximum(_LENGTH_ERROR * drawn, _LENGTH_SLACK_M)
    if wrong.any():
        worst = int(np.nanargmax(error))
        reason = f"disagrees with the geometry, {stated[worst]:,.0f} against {drawn[worst]:,.0f} m"
        mend = "take the length of the geometry, in metres"
        yield Problem("streets.length_m", name_ids(streets.index[wrong]), reason, mend)
    yield from _torn_nodes(streets)


def _torn_nodes(streets: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Report junctions that streets put in different places."""
    shapes = streets.geometry.to_numpy()
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(shapes, end)) for end in (0, -1)]
    )
    nodes = np.concatenate([streets["from_node"].to_numpy(), streets["to_node"].to_numpy()])
    known = np.isfinite(nodes.astype(np.float64))
    nodes, ends = nodes[known], ends[known]
    if not len(nodes):
        return
    spread = pd.DataFrame(ends).groupby(nodes, sort=False).agg(["min", "max"]).to_numpy()
    size = np.maximum(spread[:, 1] - spread[:, 0], spread[:, 3] - spread[:, 2])
    torn = pd.unique(nodes)[size > _NODE_SLACK_M]
    if len(torn):
        subject = f"junctions {name_ids(f'{n:.0f}' for n in torn)}"
        reason = "streets that share the junction don't meet"
        mend = "let from_node and to_node follow the direction of the line"
        yield Problem("streets.from_node", subject, reason, mend)
