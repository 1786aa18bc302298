"""Reads what a city needs from an OpenStreetMap extract, with broken outlines repaired or counted.

Two passes over the file (relations first), node locations in an index that moves to disk for large
extracts, and only tagged objects handed to Python keep memory bounded.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from vatra.problems import InputError, Problem

_KEYS = (
    "highway", "building", "amenity", "leisure", "shop", "office", "tourism", "natural",
    "waterway", "boundary", "railway", "public_transport", "government",
)  # fmt: skip
_KEPT_TAGS = (
    *_KEYS, "name", "name:en", "name:uk", "building:levels", "height", "start_date",
    "building:material", "admin_level", "bridge", "bridge:name", "access", "foot", "area",
    "landuse", "social_facility", "water", "religion", "military",
)  # fmt: skip
_ON_DISK_FROM_BYTES = 300_000_000
"""Size of an extract above which node locations (16 bytes each) are kept on disk; assumed."""
_LEAST_RING = 4
_UKRAINIAN_STREETS = {"вулиця", "провулок", "площа", "узвіз", "набережна"}

Tags = dict[str, str]


@dataclass
class OsmWays:
    """Lines of an extract.

    Parameters
    ----------
    tags
        Tags of each way.
    refs, lonlat
        Node ids and degrees of each way, nodes outside of the extract left out.
    """

    tags: list[Tags] = field(default_factory=list)
    refs: list[NDArray[np.int64]] = field(default_factory=list)
    lonlat: list[NDArray[np.float64]] = field(default_factory=list)


@dataclass
class OsmShapes:
    """Areas or points of an extract, in degrees.

    Parameters
    ----------
    tags
        Tags of each.
    shapes
        Its geometry.
    ids
        ``n``, ``w`` or ``r`` and the number that OpenStreetMap gives it.
    """

    tags: list[Tags] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def add(self, ident: str, tags: Tags, shape: Any) -> None:
        """Add one."""
        self.ids.append(ident)
        self.tags.append(tags)
        self.shapes.append(shape)


@dataclass
class OsmExtract:
    """What was read from an extract.

    Parameters
    ----------
    box
        West, south, east and north in degrees, as its header says or as far as its streets and
        buildings go.
    streets
        Ways with a ``highway`` tag.
    areas
        Buildings, grounds, water and boundaries.
    places
        Nodes with one of the tags of public places.
    repaired
        Buildings whose outline crossed itself and was repaired.
    dropped
        Buildings whose outline can't be drawn.
    clipped
        Ways with nodes outside of the extract.
    coast
        Whether the extract has a coastline.
    country
        ISO 3166-1 code of two letters that addresses or boundaries name most often.
    """

    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    streets: OsmWays = field(default_factory=OsmWays)
    areas: OsmShapes = field(default_factory=OsmShapes)
    places: OsmShapes = field(default_factory=OsmShapes)
    repaired: int = 0
    dropped: int = 0
    clipped: int = 0
    coast: bool = False
    country: str | None = None


def read_extract(path: Path) -> OsmExtract:
    """Read what a city needs from an ``.osm.pbf`` file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    OsmExtract
        Streets, areas and places, in degrees.

    Raises
    ------
    InputError
        Where the file is missing, cut off or not an extract.
    """
    if not path.is_file():
        problem = Problem(str(path), "", "no such file", "give an .osm.pbf extract")
        raise InputError(str(path), [problem])
    extract = OsmExtract()
    ledger = _Ledger()
    try:
        for item in _items(path):
            ledger.countries.update(_country(item.tags))
            _take(extract, ledger, item)
        box = osmium.io.Reader(str(path), osmium.osm.NOTHING).header().box()
    except (RuntimeError, OSError, ValueError) as error:
        reason = f"can't be read as OpenStreetMap data ({error})"
        mend = "download the extract again; it must be .osm.pbf, .osm or .osm.bz2"
        raise InputError(str(path), [Problem(str(path), "", reason, mend)]) from error
    extract.dropped += ledger.lost()
    extract.box = _box_of(extract, box, path)
    if ledger.countries:
        extract.country = ledger.countries.most_common(1)[0][0]
    return extract


@dataclass
class _Ledger:
    """Which building outlines were met, which of them were drawn, and what country is named."""

    relations: set[int] = field(default_factory=set)
    members: set[int] = field(default_factory=set)
    open_ways: set[int] = field(default_factory=set)
    drawn: set[int] = field(default_factory=set)
    countries: Counter[str] = field(default_factory=Counter)

    def lost(self) -> int:
        """Return how many outlines could not be put together."""
        return len(self.relations - self.drawn) + len(self.open_ways - self.members)


def _take(extract: OsmExtract, ledger: _Ledger, item: Any) -> None:
    """Take one object of the file."""
    if item.is_area():
        if not item.from_way() and _add_area(extract, item):
            ledger.drawn.add(item.orig_id())
    elif item.is_way():
        if _is_building(item.tags) and not item.is_closed():
            ledger.open_ways.add(item.id)
        else:
            _add_way(extract, item)
    elif item.is_relation():
        if item.tags.get("type") == "multipolygon" and _is_building(item.tags):
            ledger.relations.add(item.id)
            ledger.members.update(member.ref for member in item.members if member.type == "w")
    elif item.location.valid():
        at = shapely.Point(item.location.lon, item.location.lat)
        extract.places.add(f"n{item.id}", _kept(item.tags), at)


def _country(tags: Any) -> list[str]:
    """Return the country that an object's tags speak of, by address, boundary or street name."""
    code = tags.get("addr:country") or tags.get("ISO3166-1") or tags.get("ISO3166-1:alpha2")
    if code is None and "highway" in tags:
        words = tags.get("name", "").lower().split()
        code = "UA" if _UKRAINIAN_STREETS.intersection(words) else None
    return [code.upper()] if code is not None and len(code) == 2 else []


def _items(path: Path) -> Iterator[Any]:
    tags = osmium.filter.KeyFilter(*_KEYS)
    with _node_index(path) as index:
        yield from (
            osmium.FileProcessor(str(path))
            .with_locations(index)
            .with_areas(osmium.filter.KeyFilter(*_KEYS))
            .with_filter(tags)
        )


@contextmanager
def _node_index(path: Path) -> Iterator[str]:
    if path.stat().st_size < _ON_DISK_FROM_BYTES:
        yield "flex_mem"
        return
    with tempfile.TemporaryDirectory(prefix="vatra-") as folder:
        yield f"sparse_file_array,{folder}/nodes"


def _kept(tags: Any) -> Tags:
    return {key: tags[key] for key in _KEPT_TAGS if key in tags}


def _is_building(tags: Any) -> bool:
    return tags.get("building", "no") not in ("no", "roof", "construction", "ruins", "collapsed")


def _is_area(tags: Any) -> bool:
    keys = ("building", "amenity", "leisure", "shop", "office", "tourism", "natural", "railway",
            "public_transport", "government", "boundary")  # fmt: skip
    return any(key in tags for key in keys) or tags.get("waterway") == "riverbank"


def _add_way(extract: OsmExtract, way: Any) -> None:
    if way.tags.get("natural") == "coastline":
        extract.coast = True
        return
    tags = _kept(way.tags)
    nodes = [(n.ref, n.lon, n.lat) if n.location.valid() else None for n in way.nodes]
    if None in nodes:
        extract.clipped += 1
    if "highway" in tags:
        for run in _runs(nodes):
            extract.streets.tags.append(tags)
            extract.streets.refs.append(np.array([n[0] for n in run], dtype=np.int64))
            extract.streets.lonlat.append(np.array([n[1:] for n in run], dtype=np.float64))
        return
    if not _is_area(tags) or not way.is_closed():
        return
    shape, was_broken = _outline([n[1:] for n in nodes if n is not None])
    building = _is_building(tags)
    if shape is None:
        extract.dropped += building
        return
    extract.repaired += building and was_broken
    extract.areas.add(f"w{way.id}", tags, shape)


def _runs(nodes: list[tuple[int, float, float] | None]) -> Iterator[list[tuple[int, float, float]]]:
    """Cut a way where nodes are missing; runs of one node are dropped."""
    run: list[tuple[int, float, float]] = []
    for node in [*nodes, None]:
        if node is not None:
            run.append(node)
            continue
        if len(run) > 1:
            yield run
        run = []


def _outline(lonlat: list[tuple[float, float]]) -> tuple[Any, bool]:
    """Return a polygon from a ring, repaired where it crosses itself, and whether it did."""
    if len(lonlat) < _LEAST_RING - 1:
        return None, True
    ring = shapely.Polygon(lonlat)
    if ring.is_valid and ring.area > 0.0:
        return ring, False
    return only_areas(shapely.make_valid(ring)), True


def only_areas(shape: Any) -> Any:
    """Return the polygons of a geometry, None where it has none.

    Parameters
    ----------
    shape
        Any geometry, for example what `shapely.make_valid` returns.
    """
    parts = shapely.get_parts(shapely.get_parts(shape))
    areas = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON)]
    areas = areas[shapely.area(areas) > 0.0]
    if not len(areas):
        return None
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def _add_area(extract: OsmExtract, area: Any) -> bool:
    """Add a multipolygon relation that was put together; return whether it could be drawn."""
    tags = _kept(area.tags)
    if not _is_area(tags):
        return True
    try:
        shape = shapely.from_wkb(osmium.geom.WKBFactory().create_multipolygon(area))
    except (RuntimeError, shapely.errors.GEOSException):
        return False
    if not shape.is_valid:
        shape = only_areas(shapely.make_valid(shape))
        if shape is None:
            return False
        extract.repaired += _is_building(tags)
    extract.areas.add(f"r{area.orig_id()}", tags, shape)
    return True


def _box_of(extract: OsmExtract, box: Any, path: Path) -> tuple[float, float, float, float]:
    """Return the extract's box, from its header or from what it holds."""
    if box.valid() and box.top_right.lon > box.bottom_left.lon:
        low, high = box.bottom_left, box.top_right
        if max(high.lon - low.lon, high.lat - low.lat) < _MOST_DEGREES:
            return low.lon, low.lat, high.lon, high.lat
    bounds = [shapely.bounds(np.array(extract.areas.shapes, dtype=object))]
    if extract.streets.lonlat:
        points = np.concatenate(extract.streets.lonlat)
        bounds.append(np.concatenate([points, points], axis=1))
    every = np.concatenate(bounds)
    if not len(every):
        reason, mend = "holds no streets and no buildings", "give the extract of a city"
        raise InputError(str(path), [Problem(str(path), "", reason, mend)])
    (west, south), (east, north) = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


_MOST_DEGREES = 5.0
"""Extent of a header's box above which it is a country's, not a city's; assumed."""


def number_in(text: str | None) -> float | None:
    """Return the first number in a tag's value, None where there is none.

    Parameters
    ----------
    text
        For example ``12.5 m`` or ``5;7``.
    """
    match = re.search(r"\d+(?:[.,]\d+)?", text or "")
    return float(match.group().replace(",", ".")) if match else None
