"""Where a city's people and water are, and where things can stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from vatra.city.model import City

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BIG_WATER_M2 = 100_000.0
_NECK_M = 150.0


@dataclass(frozen=True)
class Ground:
    """Points of the blocks, the banks that they are on, and the water between.

    Parameters
    ----------
    xy
        Block × 2: a point of each block, m.
    bank
        Block: number of its bank, 0 for the one with most blocks.
    water
        Polygons of water.
    """

    xy: Floats
    bank: Ints
    water: NDArray[Any]
    tree: shapely.STRtree = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for polygon in self.water:
            shapely.prepare(polygon)
        object.__setattr__(self, "tree", shapely.STRtree(self.water))

    def in_water(self, xy: Floats) -> NDArray[np.bool_]:
        """Tell which points lie in water.

        Parameters
        ----------
        xy
            Point × 2, m.
        """
        wet = np.zeros(len(xy), dtype=bool)
        point, polygon = self.tree.query(shapely.points(xy))
        order = np.argsort(polygon, kind="stable")
        point, polygon = point[order], polygon[order]
        first = np.unique(polygon, return_index=True)[1]
        # Polygon by polygon, as each is prepared for many points.
        for rows, which in zip(np.split(point, first[1:]), polygon[first], strict=False):
            wet[rows] |= shapely.contains_xy(self.water[which], xy[rows, 0], xy[rows, 1])
        return wet

    def on_land(self, xy: Floats) -> Floats:
        """Move the points that lie in water to the shore, a little inland.

        Parameters
        ----------
        xy
            Point × 2, m.
        """
        xy = np.array(xy, dtype=float).reshape(-1, 2)
        for row in np.flatnonzero(self.in_water(xy)):
            xy[row] = self._ashore(xy[row])
        return xy

    def _ashore(self, at: Floats) -> Floats:
        polygon = self.water[self.tree.nearest(shapely.Point(at))]
        way = shapely.shortest_line(shapely.Point(at), polygon.boundary)
        shore = shapely.get_coordinates(way)[-1]
        for push_m in (10.0, 30.0, 80.0, 200.0, 500.0):
            for turn in np.linspace(0.0, 2 * np.pi, 16, endpoint=False):
                ahead = shore - at
                angle = np.arctan2(ahead[1], ahead[0]) + turn
                tried = shore + push_m * np.array([np.cos(angle), np.sin(angle)])
                if not self.in_water(tried[None])[0]:
                    return np.asarray(tried)
        return np.asarray(shore)

    def near(self, rows: Ints, reach_m: float, rng: np.random.Generator) -> Floats:
        """Points on land close to given blocks.

        Parameters
        ----------
        rows
            Row numbers of the blocks.
        reach_m
            Greatest distance, m.
        rng
            Source of direction and distance.

        Returns
        -------
        Floats
            Row × 2, m.
        """
        angle = rng.uniform(0.0, 2 * np.pi, len(rows))
        away = reach_m * np.sqrt(rng.uniform(0.05, 1.0, len(rows)))
        step = away[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        found = self.xy[rows] + step
        wet = self.in_water(found)
        found[wet] = self.xy[rows[wet]]
        return self.on_land(found)

    def nearest(self, xy: Floats, among: Ints | None = None) -> tuple[Ints, Floats]:
        """Return the nearest block of each point, and how far it is.

        Parameters
        ----------
        xy
            Point × 2, m.
        among
            Row numbers of the blocks to look at; all by default. Not empty.
        """
        rows = np.arange(len(self.xy)) if among is None else among
        away, which = KDTree(self.xy[rows]).query(xy)
        return rows[which], np.asarray(away)


def survey(city: City) -> Ground:
    """Find where the people and the water of a city are.

    Parameters
    ----------
    city
        City with blocks, and water bodies if there are any.
    """
    water = polygons_of(city.water_bodies)
    xy = points_of(city.blocks)
    return Ground(xy, find_banks(xy, water), water)


def nearest_rows(of: Floats, at: Floats) -> Ints:
    """Return the row of the nearest of some points for each of others.

    Parameters
    ----------
    of
        Point × 2, m; at least one.
    at
        Point × 2, m.
    """
    return np.asarray(KDTree(of).query(at)[1], dtype=np.int64)


def points_of(table: gpd.GeoDataFrame) -> Floats:
    """Return one point a row: its centroid, or the middle of all where it has no geometry.

    Parameters
    ----------
    table
        Table with geometry.

    Returns
    -------
    Floats
        Row × 2, m.
    """
    if not len(table):
        return np.zeros((0, 2))
    centre = shapely.centroid(np.asarray(table.geometry.array))
    xy = np.stack([shapely.get_x(centre), shapely.get_y(centre)], axis=1)
    lost = ~np.isfinite(xy).all(axis=1)
    if lost.any():
        xy[lost] = xy[~lost].mean(axis=0) if not lost.all() else 0.0
    return xy


def polygons_of(table: gpd.GeoDataFrame) -> NDArray[Any]:
    """Return the single polygons of a table, mended where they are invalid."""
    shapes = np.asarray(table.geometry.array, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapes)))
    kept = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return np.asarray(kept, dtype=object)


def find_banks(xy: Floats, water: NDArray[Any]) -> Ints:
    """Find the banks that wide water parts a city into, by number.

    Parameters
    ----------
    xy
        Block × 2, m.
    water
        Polygons of water; only those above 10 ha part anything.

    Returns
    -------
    Ints
        Bank of each block, 0 for the one with most blocks.
    """
    none = np.zeros(len(xy), dtype=np.int64)
    big = water[shapely.area(water) > _BIG_WATER_M2] if len(water) else water
    if not len(big) or len(xy) < 3:
        return none
    hull = shapely.convex_hull(shapely.multipoints(xy)).buffer(10.0)
    wet = shapely.union_all(shapely.make_valid(shapely.simplify(big, 15.0)))
    # Eroding the land first opens gaps where the river's end falls short of the city's edge.
    land = shapely.get_parts(shapely.difference(hull, wet.buffer(_NECK_M)))
    if len(land) < 2:
        return none
    tree = shapely.STRtree(land)
    bank = tree.nearest(shapely.points(xy))
    order = np.argsort(-np.bincount(bank, minlength=len(land)), kind="stable")
    rank = np.empty(len(land), dtype=np.int64)
    rank[order] = np.arange(len(land))
    return np.asarray(rank[bank], dtype=np.int64)
