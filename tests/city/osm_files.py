"""Writes OpenStreetMap extracts small enough to see through."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import osmium
from osmium.osm.mutable import Node, Relation, Way
from pyproj import Transformer
from shapely.geometry import box

CRS = "EPSG:32636"
X, Y = 320_000.0, 5_590_000.0
Tags = dict[str, str]
_TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


class Sketch:
    """An extract drawn in metres from a corner of the city."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[float, float], int] = {}
        self.points: list[tuple[float, float, Tags]] = []
        self.ways: list[tuple[list[int], Tags]] = []
        self.relations: list[tuple[list[tuple[str, int, str]], Tags]] = []

    def node(self, x: float, y: float) -> int:
        """Return the number of the node at a place."""
        return self.nodes.setdefault((x, y), len(self.nodes) + 1)

    def way(self, *xy: tuple[float, float], **tags: str) -> int:
        """Add a way and return its number; ``building_levels`` stands for ``building:levels``."""
        refs = [self.node(*place) for place in xy]
        self.ways.append((refs, {key.replace("_levels", ":levels"): tags[key] for key in tags}))
        return len(self.ways)

    def house(self, x: float, y: float, size: float = 20.0, **tags: str) -> int:
        """Add a square building."""
        ring = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
        return self.way(*ring, **({"building": "yes"} | tags))

    def point(self, x: float, y: float, **tags: str) -> None:
        """Add a tagged node."""
        self.points.append((x, y, tags))

    def relation(self, members: list[tuple[str, int, str]], tags: Tags) -> None:
        """Add a relation."""
        self.relations.append((members, tags))

    def write(self, path: Path, extent: tuple[float, float, float, float] | None) -> Path:
        """Write the extract, with the box of its header in metres."""
        header = osmium.io.Header()
        if extent is not None:
            low, high = _TO_DEGREES.transform([X + extent[0], X + extent[2]],
                                              [Y + extent[1], Y + extent[3]])[0:2]  # fmt: skip
            corners = osmium.osm.Box(low[0], high[0], low[1], high[1])
            header.add_box(corners)
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path), header=header) as writer:
            for (x, y), number in self.nodes.items():
                writer.add_node(Node(id=number, location=degrees(x, y), version=1))
            for number, (x, y, tags) in enumerate(self.points, 100_000):
                writer.add_node(Node(id=number, location=degrees(x, y), tags=tags, version=1))
            for number, (refs, tags) in enumerate(self.ways, 1):
                writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
            for number, (members, tags) in enumerate(self.relations, 1):
                writer.add_relation(Relation(id=number, members=members, tags=tags, version=1))
        return path


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a place in metres from the corner."""
    lon, lat = _TO_DEGREES.transform(X + x, Y + y)
    return float(lon), float(lat)


def draw_town() -> Sketch:
    """Return a town with one of everything that goes wrong in real extracts."""
    town = Sketch()
    for k in range(4):
        town.way(*[(x, 100.0 * k) for x in (0.0, 100.0, 200.0, 300.0)], highway="residential",
                 name="вулиця Перша")  # fmt: skip
        town.way(*[(100.0 * k, y) for y in (0.0, 100.0, 200.0, 300.0)], highway="footway")
    town.way((300, 300), (380, 300), highway="primary", bridge="yes", name="North Bridge")
    town.way((10, 350), (60, 350), highway="path")  # an island
    town.way((0, 0), (300, 300), highway="motorway")
    town.way((0, 100), (100, 200), highway="footway", access="private")
    town.house(20, 20, building="apartments", building_levels="9", start_date="1978")
    town.house(60, 20, building="apartments", building_levels="5", start_date="1964")
    town.house(120, 20, building="apartments")  # floors from neighbours
    town.house(20, 60, size=10, building="house")
    town.house(40, 60, size=10, building="house")
    town.house(160, 20, size=6)  # a shed
    town.house(120, 120, size=60, building="school", name="School 1", building_levels="3")
    grounds = [(110, 110), (195, 110), (195, 195), (110, 195), (110, 110)]
    town.way(*grounds, amenity="school", name="School 1")
    town.point(130, 130, amenity="school", name="School 1")
    town.point(25, 25, amenity="library", name="Library")
    town.point(320, 20, amenity="clinic", name="Clinic by the road")
    # An outline that crosses itself, one that isn't closed, and one that is cut off.
    town.way((220, 20), (240, 40), (240, 20), (220, 40), (220, 20), building="apartments")
    town.way((260, 20), (280, 20), (280, 40), building="apartments")
    # A courtyard building, and one whose member the extract lacks.
    outer = town.way((220, 120), (280, 120), (280, 180), (220, 180), (220, 120))
    inner = town.way((240, 140), (260, 140), (260, 160), (240, 160), (240, 140))
    members = [("w", outer, "outer"), ("w", inner, "inner")]
    kind = {"type": "multipolygon", "building": "apartments", "building:levels": "4"}
    town.relation(members, kind)
    town.relation([("w", outer, "outer"), ("w", 99_999, "outer")], kind | {"name": "cut off"})
    town.house(500, 20, building="apartments")  # beyond the edge
    town.way((0, 210), (90, 210), (90, 290), (0, 290), (0, 210), natural="water", name="Pond")
    return town


def write_grid(path: Path) -> Path:
    """Write a population grid of 100 m that overlaps the town in part."""
    residents = {(0, 0): 200, (1, 0): 60, (1, 1): 5, (2, 1): 40, (2, 0): 12, (0, 1): -9999,
                 (3, 0): 50, (8, 8): 900}  # fmt: skip
    cells = [box(X + 100 * i, Y + 100 * j, X + 100 * i + 100, Y + 100 * j + 100)
             for i, j in residents]  # fmt: skip
    frame = gpd.GeoDataFrame({"population": list(residents.values())}, geometry=cells, crs=CRS)
    frame.to_file(path)
    return path
