"""Buildings of an OpenStreetMap extract: footprint, floors, use and kind of housing."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from vatra.city.osm_read import OsmShapes, Tags, number_in

HOUSES = ("house", "detached", "semidetached_house", "terrace", "bungalow", "farm", "cabin", "hut")
FLATS = ("apartments", "residential", "dormitory", "block")
_AUXILIARY = (
    "garage", "garages", "shed", "kiosk", "greenhouse", "glasshouse", "carport", "service",
    "transformer_tower", "utility", "toilets", "entrance", "underpass_entrance", "ship", "bunker",
    "barn", "stable", "sty", "tent", "container", "storage_tank", "silo", "bridge", "guardhouse",
)  # fmt: skip
_USES = ("amenity", "office", "shop", "tourism", "leisure", "railway", "military", "government")
_LEAST_FLATS_M2 = 60.0
"""Footprint below which a building of unknown use is an outbuilding; assumed."""
_LEAST_HOUSE_M2 = 20.0
_HOUSE_M2 = 200.0
"""Footprint up to which a low building of unknown use is a private house; assumed."""
_FLOOR_M = 3.2
"""Height of a floor with its ceiling; assumed."""
_MOST_FLOORS = 60
_NEIGHBOURS = 5
_NEIGHBOURS_M = 300.0
_DEFAULT_FLOORS = {"flats": 5, "unknown": 5, "house": 1, "other": 2}
"""Floors where neither tags nor neighbours tell; assumed."""


@dataclass(frozen=True)
class Buildings:
    """Buildings of an extract.

    Parameters
    ----------
    table
        ``osm_id``, ``use`` (flats, house, unknown, other or auxiliary), ``floors``,
        ``footprint_m2``, ``year`` (NaN where not known), ``brick`` and outlines, with the tags.
    guessed_floors
        Homes and public buildings whose floors were taken from their neighbours or a default.
    """

    table: gpd.GeoDataFrame
    guessed_floors: int


def build_buildings(areas: OsmShapes, crs: str) -> Buildings:
    """Make a table of buildings.

    Parameters
    ----------
    areas
        Areas of an extract, in degrees.
    crs
        Coordinate system to return them in, in metres.

    Returns
    -------
    Buildings
        One row a building.
    """
    rows = [i for i, tags in enumerate(areas.tags) if _stands(tags)]
    tags = [areas.tags[i] for i in rows]
    shapes = gpd.GeoSeries([areas.shapes[i] for i in rows], crs="EPSG:4326").to_crs(crs)
    footprint = shapes.area.to_numpy()
    known = np.array([_floors_in(item) for item in tags], dtype=np.float64)
    use = np.array([_use(*item) for item in zip(tags, footprint, known, strict=True)], dtype=object)
    xy = np.column_stack([shapes.centroid.x, shapes.centroid.y]) if rows else np.empty((0, 2))
    floors = _fill_floors(known, use, xy)
    table = gpd.GeoDataFrame(
        {
            "osm_id": [areas.ids[i] for i in rows],
            "tags": pd.Series(tags, dtype=object).array,
            "use": use,
            "floors": np.clip(np.rint(floors), 1, _MOST_FLOORS).astype(np.int64),
            "footprint_m2": footprint,
            "year": np.array([_year(item.get("start_date")) for item in tags], dtype=np.float64),
            "brick": [item.get("building:material") == "brick" for item in tags],
        },
        geometry=shapes.array,
        crs=crs,
    )
    guessed = np.isnan(known) & (use != "auxiliary")
    return Buildings(table, int(guessed.sum()))


def _stands(tags: Tags) -> bool:
    return tags.get("building", "no") not in (
        "no", "roof", "construction", "ruins", "collapsed", "demolished", "proposed",
    )  # fmt: skip


def _floors_in(tags: Tags) -> float:
    levels = number_in(tags.get("building:levels"))
    if levels is not None and 0 < levels <= 2 * _MOST_FLOORS:
        return max(levels, 1.0)
    height = number_in(tags.get("height"))
    # Heights of a metre or two are those of plinths and fences, or mistaken.
    return max(height / _FLOOR_M, 1.0) if height is not None and 2.5 <= height < 300 else np.nan


def _use(tags: Tags, footprint_m2: float, floors: float) -> str:
    kind = tags["building"]
    if kind in HOUSES:
        return "house" if footprint_m2 >= _LEAST_HOUSE_M2 else "auxiliary"
    if kind in FLATS:
        return "flats"
    if kind in _AUXILIARY:
        return "auxiliary"
    if kind != "yes" or any(key in tags for key in _USES):
        return "other"
    if footprint_m2 < _LEAST_FLATS_M2:
        return "auxiliary"
    return "house" if footprint_m2 < _HOUSE_M2 and floors <= 2 else "unknown"


def _year(text: str | None) -> float:
    """Return the year that a building was finished, the last one of a range."""
    years = [int(y) for y in re.findall(r"\b(1[0-9]{3}|20[0-9]{2})\b", text or "")]
    return float(max(years)) if years else np.nan


def _fill_floors(
    known: NDArray[np.float64], use: NDArray[np.object_], xy: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Take unknown floors from the nearest buildings of the same use, else a default."""
    floors = known.copy()
    for kind, default in _DEFAULT_FLOORS.items():
        like = np.isin(use, ("flats", "unknown")) if kind in ("flats", "unknown") else use == kind
        told = np.flatnonzero(like & np.isfinite(known))
        asked = np.flatnonzero((use == kind) & np.isnan(known))
        floors[asked] = default
        if not len(told) or not len(asked):
            continue
        away, near = KDTree(xy[told]).query(
            xy[asked], k=min(_NEIGHBOURS, len(told)), distance_upper_bound=_NEIGHBOURS_M
        )
        near = np.reshape(near, (len(asked), -1))
        away = np.reshape(away, (len(asked), -1))
        values = np.append(known[told], np.nan)[near]
        some = np.isfinite(away).any(axis=1)
        floors[asked[some]] = np.nanmedian(values[some], axis=1)
    floors[np.isnan(floors)] = 1.0
    return floors


def archetype_of(
    use: NDArray[np.object_],
    floors: NDArray[np.int64],
    year: NDArray[np.float64],
    brick: NDArray[np.bool_],
) -> NDArray[np.object_]:
    """Guess the archetype of housing from floors and year of construction.

    Limits follow the mass-housing series of the 1950s to the 1990s; without a year, floors tell
    the series that is commonest. Assumed.

    Parameters
    ----------
    use
        Use by building; ``house`` makes a private house.
    floors
        Floors above ground.
    year
        Year of construction, NaN where it isn't known.
    brick
        Whether it is known to be of brick.

    Returns
    -------
    NDArray[np.object_]
        One of `vatra.city.schema.ARCHETYPES` each.
    """
    unknown = np.isnan(year)
    conditions = [
        use == "house",
        year >= 1996,
        year < 1948,
        ~unknown & (year < 1971) & (floors <= 5) & ~brick,
        ~unknown & (floors <= 5),
        ~unknown & (floors <= 10) & (year < 1985),
        ~unknown & (floors <= 10),
        ~unknown,
        floors <= 5,
        floors <= 8,
        floors == 9,
        floors <= 12,
        floors <= 17,
    ]
    names = (
        "private_house", "new_build", "prewar_brick", "panel_5", "brick_5", "panel_9",
        "panel_9_late", "panel_16", "brick_5", "prewar_brick", "panel_9", "panel_9_late",
        "panel_16",
    )  # fmt: skip
    return np.select(conditions, [np.array(n, dtype=object) for n in names], "new_build")
