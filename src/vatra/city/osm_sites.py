"""Public buildings of an OpenStreetMap extract that could become warm points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.osm_read import OsmShapes, Tags
from vatra.city.synthetic.places import KINDS, M2_PER_PERSON

_BY_TAG: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "amenity",
        {
            "school": "school", "kindergarten": "kindergarten", "childcare": "kindergarten",
            "college": "college", "university": "college", "music_school": "college",
            "hospital": "clinic", "clinic": "clinic", "doctors": "clinic",
            "library": "library", "place_of_worship": "worship", "monastery": "worship",
            "community_centre": "hall", "arts_centre": "hall", "theatre": "hall",
            "cinema": "hall", "conference_centre": "hall", "exhibition_centre": "hall",
            "events_venue": "hall", "concert_hall": "hall", "townhall": "office",
            "public_building": "office", "courthouse": "office", "social_centre": "hall",
            "bus_station": "station", "ferry_terminal": "station", "marketplace": "shop",
        },
    ),
    ("building", {
        "school": "school", "kindergarten": "kindergarten", "college": "college",
        "university": "college", "hospital": "clinic", "church": "worship",
        "cathedral": "worship", "mosque": "worship", "synagogue": "worship",
        "temple": "worship", "train_station": "station", "transportation": "station",
        "public": "office", "civic": "hall", "government": "office", "sports_hall": "sports",
        "sports_centre": "sports", "stadium": "sports", "museum": "hall",
        "supermarket": "shop", "mall": "shop", "hotel": "other",
    }),
    ("railway", {"station": "station"}),
    ("public_transport", {"station": "station"}),
    ("leisure", {"sports_centre": "sports", "sports_hall": "sports", "ice_rink": "sports",
                 "fitness_centre": "sports", "stadium": "sports"}),
    ("office", {"government": "office", "administrative": "office"}),
    ("tourism", {"museum": "hall", "gallery": "hall", "hotel": "other", "hostel": "other"}),
    ("shop", {"mall": "shop", "supermarket": "shop", "department_store": "shop"}),
)  # fmt: skip
"""Kind of site by tag, the tag that says most first."""
_ORDER = tuple(kind.name for kind in KINDS)
_FIGURES = {kind.name: kind for kind in KINDS}
_NEAR_M = 25.0
"""How far a point may lie from the building that it stands for; assumed."""
_SAME_NAME_M = 300.0
"""How far apart mentions of one place by the same name may lie; assumed."""
_LEAST_M2 = 30.0
"""Usable floor area below which a room is no warm point; assumed."""
_MOST_PERSONS = 2_000
"""Most people whom one warm point is planned for; assumed."""


@dataclass(frozen=True)
class OsmSites:
    """Sites of an extract.

    Parameters
    ----------
    table
        ``name``, ``kind``, ``floor_area_m2``, ``capacity`` and outline or point.
    buildings
        Rows of the buildings that are wholly public, so that nobody is housed in them.
    merged
        Mentions of a place that had a site already.
    small
        Places too small to be one.
    """

    table: gpd.GeoDataFrame
    buildings: NDArray[np.int64]
    merged: int
    small: int


def kind_of(tags: Tags) -> str | None:
    """Return the kind of site that tags speak of, None for none.

    Parameters
    ----------
    tags
        Tags of a building, of its grounds or of a point.
    """
    for key, kinds in _BY_TAG:
        if tags.get(key) in kinds:
            return kinds[tags[key]]
    return None


def build_sites(
    areas: OsmShapes, places: OsmShapes, buildings: gpd.GeoDataFrame, crs: str
) -> OsmSites:
    """Find public buildings, each once, whether tagged as building, grounds or point.

    Parameters
    ----------
    areas, places
        Areas and points of the extract, in degrees.
    buildings
        Table of buildings of `vatra.city.osm_buildings.build_buildings`.
    crs
        Coordinate system, in metres.

    Returns
    -------
    OsmSites
        The sites, and what was merged or left out.
    """
    outlines = buildings.geometry.to_numpy()
    usable = (buildings["use"] != "auxiliary").to_numpy()
    tree = shapely.STRtree(np.where(usable, outlines, None))
    claims = [
        *_claims_of_buildings(buildings, usable),
        *_claims_of_grounds(areas, buildings, tree, crs),
        *_claims_of_places(places, tree, crs),
    ]
    claims.sort(key=lambda claim: (claim.rank, _ORDER.index(claim.kind)))
    taken: set[int | None] = set()
    named: dict[tuple[str, str], list[Any]] = {}
    rows, public, merged, small = [], [], 0, 0
    for claim in claims:
        site = _site(claim, buildings, outlines)
        alike = named.setdefault((claim.kind, claim.name.casefold()), [])
        if claim.building in taken or (claim.name and _is_near(site["geometry"], alike)):
            merged += 1
            continue
        if site["floor_area_m2"] < _LEAST_M2:
            small += 1
            continue
        alike.append(site["geometry"])
        if claim.building is not None:
            taken.add(claim.building)
            if claim.rank < _POINT:
                public.append(claim.building)
        rows.append(site)
    columns = ["name", "kind", "floor_area_m2", "capacity", "geometry"]
    frame = pd.DataFrame(rows, columns=columns)
    table = gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)
    return OsmSites(table, np.array(sorted(public), dtype=np.int64), merged, small)


_BUILDING, _GROUNDS, _POINT = range(3)


@dataclass(frozen=True)
class _Claim:
    """One mention of a public place."""

    rank: int
    kind: str
    name: str
    building: int | None
    shape: Any


def _is_near(shape: Any, others: list[Any]) -> bool:
    return any(shapely.dwithin(shape, other, _SAME_NAME_M) for other in others)


def _name(tags: Tags) -> str:
    return tags.get("name:en") or tags.get("name") or ""


def _claims_of_buildings(buildings: gpd.GeoDataFrame, usable: NDArray[np.bool_]) -> list[_Claim]:
    claims = []
    for row, tags in enumerate(buildings["tags"]):
        kind = kind_of(tags) if usable[row] else None
        if kind is not None:
            claims.append(_Claim(_BUILDING, kind, _name(tags), row, None))
    return claims


def _claims_of_grounds(
    areas: OsmShapes, buildings: gpd.GeoDataFrame, tree: shapely.STRtree, crs: str
) -> list[_Claim]:
    """Let the largest building on the grounds of a school or the like stand for it."""
    rows = [i for i, t in enumerate(areas.tags) if "building" not in t and kind_of(t) is not None]
    shapes = gpd.GeoSeries([areas.shapes[i] for i in rows], crs="EPSG:4326").to_crs(crs)
    centres = shapely.centroid(buildings.geometry.to_numpy())
    size = (buildings["footprint_m2"] * buildings["floors"]).to_numpy()
    claims = []
    for i, shape in zip(rows, shapes, strict=True):
        inside = tree.query(shape, predicate="intersects")
        inside = inside[shapely.contains(shape, centres[inside])]
        if len(inside):
            kind = str(kind_of(areas.tags[i]))
            largest = int(inside[size[inside].argmax()])
            claims.append(_Claim(_GROUNDS, kind, _name(areas.tags[i]), largest, None))
    return claims


def _claims_of_places(places: OsmShapes, tree: shapely.STRtree, crs: str) -> list[_Claim]:
    rows = [i for i, tags in enumerate(places.tags) if kind_of(tags) is not None]
    if not rows:
        return []
    points = gpd.GeoSeries([places.shapes[i] for i in rows], crs="EPSG:4326").to_crs(crs)
    asked, found = tree.query_nearest(points.to_numpy(), max_distance=_NEAR_M, all_matches=False)
    building = dict(zip(asked.tolist(), found.tolist(), strict=True))
    return [
        _Claim(
            _POINT,
            str(kind_of(places.tags[i])),
            _name(places.tags[i]),
            building.get(number),
            points.iloc[number],
        )
        for number, i in enumerate(rows)
    ]


def _site(
    claim: _Claim, buildings: gpd.GeoDataFrame, outlines: NDArray[np.object_]
) -> dict[str, Any]:
    """Size a site: the usual share of a public building, or of one floor for a room in one."""
    figures = _FIGURES[claim.kind]
    row = claim.building
    if row is None:
        usable_m2, shape = figures.usable_m2, claim.shape
    elif claim.rank == _POINT:
        floor_m2 = float(buildings["footprint_m2"].iloc[row])
        usable_m2 = min(figures.usable_m2, figures.usable_share * floor_m2)
        shape = claim.shape
    else:
        gross_m2 = float(buildings["footprint_m2"].iloc[row]) * int(buildings["floors"].iloc[row])
        usable_m2, shape = figures.usable_share * gross_m2, outlines[row]
    usable_m2 = min(usable_m2, _MOST_PERSONS * M2_PER_PERSON)
    return {
        "name": claim.name or figures.title,
        "kind": claim.kind,
        "floor_area_m2": round(usable_m2),
        "capacity": int(round(usable_m2) // M2_PER_PERSON),
        "geometry": shape,
    }
