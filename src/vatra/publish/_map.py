"""Maps from the city's own geometry: what they are drawn on, and what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from vatra.planning.model import Plan
from vatra.publish._svg import element, path, picture, short, text
from vatra.publish.figures import LIT, OUT, SCHEDULED, UNKNOWN
from vatra.publish.words import Language

WIDTH = 400.0
CELLS = 100
"""Most cells across a small map; each shows what most of its people have."""

MOST_BLOCKS = 1200
"""Up to so many blocks, a small map shows each on its own, not in cells."""

TOLERANCE_SHARE = 1 / 1000
"""Lines of the small maps are simplified by this share of the map's width."""

MOSTLY = 0.8
"""Share of a cell's people from which the cell is lit or dark; between, it is both."""

CAPACITY_STEPS = (0, 150, 400)
GAP_STEPS = (0, 100, 500)


@dataclass(frozen=True)
class Projection:
    """From metres of the city to units of a map.

    Parameters
    ----------
    left, top
        City coordinates of the map's upper left corner, m.
    span_m
        Metres across.
    height
        Height of the map where its width is `WIDTH`.
    """

    left: float
    top: float
    span_m: float
    height: float

    @property
    def scale(self) -> float:
        """Map units a metre."""
        return WIDTH / self.span_m

    def place(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return map coordinates of city coordinates, points × 2."""
        out = np.empty_like(xy)
        out[:, 0] = (xy[:, 0] - self.left) * self.scale
        out[:, 1] = (self.top - xy[:, 1]) * self.scale
        return out


@dataclass(frozen=True)
class Ground:
    """What the maps of a plan share, worked out once for all of them.

    Parameters
    ----------
    projection
        Where things stand.
    blocks
        Map coordinates of the blocks, NaN for a block without geometry.
    streets
        Streets by rank, in city coordinates, merged.
    base
        Elements that every map draws below its own, to be put once into the page.
    side
        Side of a square, map units.
    corners
        Upper left corner of each square, map coordinates, row by row.
    square_of
        Square of each block, -1 for a block without geometry.
    """

    projection: Projection
    blocks: NDArray[np.float64]
    streets: dict[str, Any]
    base: Markup
    side: float
    corners: NDArray[np.float64]
    square_of: NDArray[np.int64]


def ground_of(plan: Plan) -> Ground:
    """Work out what the maps of a plan share.

    Parameters
    ----------
    plan
        The plan; blocks, districts, water and streets are used.
    """
    city = plan.city
    xy = shapely.get_coordinates(
        shapely.centroid(shapely.force_2d(city.blocks.geometry.to_numpy())), include_z=False
    )
    held = ~(shapely.is_missing(city.blocks.geometry) | shapely.is_empty(city.blocks.geometry))
    points = np.full((len(city.blocks), 2), np.nan)
    points[np.asarray(held)] = xy
    projection = _projection(points, city.districts.geometry.to_numpy())
    blocks = projection.place(points)
    streets = _streets(plan)
    base = _base(plan, projection, streets)
    return Ground(projection, blocks, streets, base, *_squares(blocks))


def block_side(blocks: NDArray[np.float64]) -> float:
    """Side of the square that a block is drawn as, so that neighbours don't touch, map units."""
    held = blocks[np.isfinite(blocks).all(axis=1)]
    if not len(held):
        return 1.0
    wide, tall = np.ptp(held, axis=0) + 1
    return float(min(np.sqrt(wide * tall / len(held)) * 0.62, 14.0))


def _squares(
    blocks: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64], NDArray[np.int64]]:
    """Return the side and corners of the squares of the small maps, and the square of each block.

    A small city has a square for each block, a large one a grid of them.
    """
    inside = np.isfinite(blocks).all(axis=1)
    square_of = np.full(len(blocks), -1, dtype=np.int64)
    if len(blocks) <= MOST_BLOCKS:
        side = block_side(blocks)
        square_of[inside] = np.arange(inside.sum())
        return side, blocks[inside] - side / 2, square_of
    side = WIDTH / CELLS
    column, row = np.floor(blocks[inside] / side).astype(np.int64).T
    cells, square_of[inside] = np.unique(row * (CELLS + 1) + column, return_inverse=True)
    corners = np.column_stack([cells % (CELLS + 1), cells // (CELLS + 1)]) * side
    return side, corners, square_of


def _projection(points: NDArray[np.float64], districts: NDArray[np.object_]) -> Projection:
    bounds = [shapely.total_bounds(districts)] if len(districts) else []
    known = points[np.isfinite(points).all(axis=1)]
    if len(known):
        bounds.append(np.concatenate([known.min(axis=0), known.max(axis=0)]))
    box = np.array([b for b in bounds if np.isfinite(b).all()])
    if not len(box):
        return Projection(0.0, 1.0, 1.0, WIDTH)
    left, low = box[:, :2].min(axis=0)
    right, high = box[:, 2:].max(axis=0)
    span = max(right - left, (high - low) * 0.6, 100.0) * 1.04
    tall = max(high - low, span * 0.3) * 1.04
    return Projection(
        float((left + right - span) / 2), float((high + low + tall) / 2), float(span),
        float(WIDTH * tall / span),
    )  # fmt: skip


def _streets(plan: Plan) -> dict[str, Any]:
    """Merge the streets of the two upper ranks into long lines."""
    streets = plan.city.streets
    rank = streets["rank"].to_numpy()
    geometry = streets.geometry.to_numpy()
    merged: dict[str, Any] = {}
    for name in ("primary", "secondary"):
        lines = geometry[rank == name]
        lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
        merged[name] = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines)))
    return merged


def line_path(geometry: Any, projection: Projection, *, closed: bool = False) -> str:
    """Return the path of lines or of the rings of polygons, in map coordinates.

    Parameters
    ----------
    geometry
        Geometries of city coordinates, one or an array.
    projection
        Where they stand.
    closed
        Whether to close each ring.
    """
    tolerance = projection.span_m * TOLERANCE_SHARE
    simple = shapely.simplify(geometry, tolerance, preserve_topology=False)
    parts = shapely.get_parts(simple)
    if closed:
        parts = shapely.get_rings(parts)
    parts = parts[~shapely.is_empty(parts)]
    xy, line = shapely.get_coordinates(parts, return_index=True)
    tenths = np.round(projection.place(xy) * 10).astype(np.int64)
    steps = np.diff(tenths, axis=0, prepend=tenths[:1])
    first = np.diff(line, prepend=-1) != 0
    commands: list[str] = []
    for start, (x, y), (dx, dy) in zip(
        first.tolist(), tenths.tolist(), steps.tolist(), strict=True
    ):
        if start:
            commands.append(f"{'z' if closed and commands else ''}M{x / 10:g} {y / 10:g}l")
        elif dx or dy:
            commands.append(f"{dx / 10:g} {dy / 10:g} ")
    return "".join(commands).replace(" -", "-").strip() + ("z" if closed and commands else "")


def _base(plan: Plan, projection: Projection, streets: dict[str, Any]) -> Markup:
    water = plan.city.water_bodies.geometry.to_numpy()
    borders = plan.city.districts.geometry.to_numpy()
    land = element(
        "rect", width=WIDTH, height=projection.height, class_="land",
    )  # fmt: skip
    return element(
        "g",
        land,
        path(line_path(water, projection, closed=True), "water"),
        path(line_path(streets["secondary"], projection), "street minor"),
        path(line_path(streets["primary"], projection), "street"),
        id="ground",
    ) + element(
        "g", path(line_path(borders, projection, closed=True), "district"), id="ground-lines"
    )


def light_maps(
    plan: Plan, ground: Ground, state: NDArray[np.int8], slots: Sequence[int]
) -> list[list[Markup]]:
    """Return the squares of the light at some slots, without labels.

    Parameters
    ----------
    plan
        The plan.
    ground
        What the maps share.
    state
        Block × slot, as `vatra.publish.figures.block_state` has it.
    slots
        Slots to draw.
    """
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)
    keep = ground.square_of >= 0
    place, residents, state = ground.square_of[keep], residents[keep], state[keep]
    squares = len(ground.corners)
    # A square without residents is still shown: its blocks count alike there.
    residents = np.maximum(residents, 1e-6)
    people = np.bincount(place, residents, squares)

    def classes(slot: int) -> NDArray[np.int64]:
        lit, scheduled, out, unknown = (
            np.bincount(place, residents * (state[:, slot] == kind), squares) / people
            for kind in (LIT, SCHEDULED, OUT, UNKNOWN)
        )
        kind = np.full(squares, 1)
        kind[lit >= MOSTLY] = 0
        kind[scheduled + out >= MOSTLY] = 2
        kind[out >= MOSTLY] = 3
        kind[unknown > 1 - MOSTLY] = 4
        return kind

    names = ("lit", "both", "dark", "out", "unknown")
    return [_draw_squares(ground, classes(slot), names) for slot in slots]


def cold_maps(plan: Plan, ground: Ground, slots: Sequence[int]) -> list[list[Markup]]:
    """Return the squares of the indoor temperature at some slots, without labels.

    Parameters
    ----------
    plan
        The plan.
    ground
        What the maps share.
    slots
        Slots to draw.
    """
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)
    keep = ground.square_of >= 0
    place, squares = ground.square_of[keep], len(ground.corners)
    residents = np.maximum(residents[keep], 1e-6)
    people = np.bincount(place, residents, squares)
    indoor = plan.outlook.homes.indoor_c[keep]
    drawn = []
    for slot in slots:
        degrees = indoor[:, slot].astype(np.float64)
        mean = np.bincount(place, residents * degrees, squares) / people
        kind = np.select([~np.isfinite(mean), mean < 8, mean < 12, mean < 16], [4, 3, 2, 1], 0)
        names = ("above-16", "below-16", "below-12", "below-8", "unknown")
        drawn.append(_draw_squares(ground, kind, names))
    return drawn


def _draw_squares(ground: Ground, kind: NDArray[np.int64], classes: Sequence[str]) -> list[Markup]:
    """Draw squares by class, neighbours in a row joined into one box."""
    side, corners = ground.side, ground.corners
    count = len(corners)
    if not count:
        return []
    step = np.diff(corners, axis=0)
    join = (np.abs(step[:, 0] - side) < 1e-6) & (step[:, 1] == 0) & (np.diff(kind) == 0)
    starts = np.flatnonzero(np.concatenate(([True], ~join)))
    wide = np.diff(np.append(starts, count)) * side
    tall = short(side)
    boxes: list[list[str]] = [[] for _ in classes]
    for (x, y), w, which in zip(
        corners[starts].tolist(), wide.tolist(), kind[starts].tolist(), strict=True
    ):
        boxes[which].append(f"M{short(x)} {short(y)}h{short(w)}v{tall}h{short(-w)}z")
    return [path("".join(b), name) for b, name in zip(boxes, classes, strict=True)]


def small_map(ground: Ground, content: Sequence[Markup], label: str) -> Markup:
    """Return a map: the ground, what is drawn on it, and what it shows in words."""
    use = element("use", href="#ground")
    over = element("use", href="#ground-lines")
    single = len(ground.blocks) <= MOST_BLOCKS
    return picture(
        WIDTH, ground.projection.height, label, [use, *content, over],
        classes="map single" if single else "map",
    )  # fmt: skip


def warm_map(plan: Plan, ground: Ground, language: Language, label: str) -> Markup:
    """Draw the warm points by capacity, the people whom they don't serve, and district names.

    Parameters
    ----------
    plan
        The plan.
    ground
        What the maps share.
    language
        Language of the district names.
    label
        What the map shows, in words.
    """
    warm = plan.warm_points
    marks: list[Markup] = []
    gaps = warm.blocks
    if len(gaps):
        row = plan.city.blocks.index.get_indexer(gaps.index)
        missing = (gaps["need"] - gaps["reached"]).to_numpy(dtype=np.float64)
        where = ground.blocks[row]
        marks += _dots(where, missing, GAP_STEPS, "gap")
    if len(warm.sites):
        points = shapely.get_coordinates(shapely.centroid(warm.sites.geometry.to_numpy()))
        capacity = warm.sites["capacity"].to_numpy(dtype=np.float64)
        marks += _dots(ground.projection.place(points), capacity, CAPACITY_STEPS, "point")
    districts = plan.city.districts
    middles = shapely.get_coordinates(shapely.point_on_surface(districts.geometry.to_numpy()))
    names = district_names(plan, language)
    marks += [
        text(x, y, name, "place", "middle")
        for (x, y), name in zip(ground.projection.place(middles).tolist(), names, strict=True)
    ]
    return small_map(ground, marks, label)


def district_names(plan: Plan, language: Language) -> list[str]:
    """Return the names of the districts in a language, in the order of the city's table."""
    districts = plan.city.districts
    other = districts["name_uk"] if "name_uk" in districts else pd.Series("", districts.index)
    return [
        language.name(str(en), str(uk))
        for en, uk in zip(districts["name"].fillna(""), other.fillna(""), strict=True)
    ]


def _dots(
    where: NDArray[np.float64], size: NDArray[np.float64], steps: Sequence[int], name: str
) -> list[Markup]:
    """Draw dots in three sizes, each size one path of round caps."""
    edges = [*steps, float("inf")]
    marks = []
    for i in range(len(steps)):
        mine = (size > edges[i]) & (size <= edges[i + 1]) & np.isfinite(where).all(axis=1)
        d = "".join(f"M{short(x)} {short(y)}h0" for x, y in where[mine].tolist())
        marks.append(path(d, f"{name} size-{i + 1}"))
    return marks
