"""The ground plan of a made-up city: a meandering river, quarters, avenues and bridges.

Coordinates are local metres round the origin. The plan is drawn in two coordinates of its own,
along the river and away from it, so that avenues follow the banks, cross the bridges straight
and curve gently elsewhere, as they do in cities that grew along a river.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import Voronoi, cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

AREA_M2_PER_RESIDENT = 118.0
"""Built-up land a resident, parks and industry included; assumed, 354 km² at 3 million."""

RIVER_WIDTH_M = 720.0
"""Mean width of the river at full size; public aggregate: about 0.5-1 km."""

EMBANKMENT_M = 18.0
"""From the water's edge to the axis of the road along it; assumed."""

BRIDGES_AT_FULL_SIZE = 7
"""Road bridges at 3 million residents; public aggregate: 6-8."""

SMALLEST_SPACING_M = 370.0
"""Least distance between avenues; assumed."""

FULL_SIZE = 3_000_000


@dataclass(frozen=True)
class Layout:
    """The ground plan.

    Parameters
    ----------
    radius_m
        Mean radius of the built-up area.
    centre
        The old centre, on the right (west) bank; x and y.
    river
        The water.
    quarters
        Polygons between avenues, on land; shape (quarter,).
    seeds
        A point inside the cell of each quarter; shape (quarter, 2).
    bank
        -1 on the right (west) bank, +1 on the left; shape (quarter,).
    arterials
        Straight stretches of avenue, from x, y to x, y; shape (arterial, 4).
    primary
        Whether a stretch belongs to a main avenue; shape (arterial,).
    bridges
        Where avenues cross the water: x, y on the right bank, x, y on the left;
        shape (bridge, 4), ordered along the river.
    """

    radius_m: float
    centre: Floats
    river: Any
    quarters: Geometries
    seeds: Floats
    bank: Ints
    arterials: Floats
    primary: NDArray[np.bool_]
    bridges: Floats


@dataclass(frozen=True)
class _River:
    """The river's course, as functions of the coordinate along it."""

    radius_m: float
    width_m: float
    phases: Floats
    turn: float

    def shift(self, y: Floats) -> Floats:
        r = self.radius_m
        first = 0.10 * np.sin(2 * np.pi * y / (1.65 * r) + self.phases[0])
        second = 0.028 * np.sin(2 * np.pi * y / (0.72 * r) + self.phases[1])
        return np.asarray(r * (0.10 + first + second))

    def width(self, y: Floats) -> Floats:
        wave = np.sin(2 * np.pi * y / (0.9 * self.radius_m) + self.phases[2])
        return np.asarray(self.width_m * (1 + 0.27 * wave))

    def point(self, y: Floats, away: Floats) -> Floats:
        """Return points `away` metres from the water's middle (west is negative)."""
        r = self.radius_m
        step = 0.002 * r
        slope = (self.shift(y + step) - self.shift(y - step)) / (2 * step)
        # Beside the water lines run square to it; far away they forget its meanders.
        distance = np.abs(away)
        angle = -np.arctan(slope) * np.exp(-((distance / (0.35 * r)) ** 2))
        base = 0.10 * r + (self.shift(y) - 0.10 * r) * np.exp(-((distance / (0.8 * r)) ** 2))
        x = base + away * np.cos(angle)
        v = y + away * np.sin(angle)
        # A gentle warp of its own for each side, none at the banks.
        grow = 0.030 * r * (1 - np.exp(-((distance / (0.3 * r)) ** 2)))
        x = x + grow * np.sin(2 * np.pi * v / (1.1 * r) + self.phases[3] + np.sign(away))
        v = v + grow * np.sin(2 * np.pi * x / (1.0 * r) + self.phases[4] + np.sign(away))
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.stack([cos * x - sin * v, sin * x + cos * v], axis=-1)


def _outline(angle: Floats, waves: Floats, phases: Floats) -> Floats:
    """Return the outline's radius over the mean radius, by direction."""
    orders = np.arange(2, 2 + len(waves))
    bumps = waves[:, None] * np.cos(orders[:, None] * angle[None, :] + phases[:, None])
    return np.asarray(1 + bumps.sum(axis=0))


def draw_layout(residents: int, rng: np.random.Generator) -> Layout:
    """Draw the ground plan of a city.

    Parameters
    ----------
    residents
        How many people are to live in it.
    rng
        Source of randomness.

    Returns
    -------
    Layout
        The plan, in local metres.
    """
    width_m = max(RIVER_WIDTH_M * np.sqrt(residents / FULL_SIZE), 40.0)
    # Small plans lose more land to avenues and to quarters cut by the outline.
    land_m2 = AREA_M2_PER_RESIDENT * residents * (1 + 0.55 * (20_000 / residents) ** 0.45)
    radius_m = float(np.sqrt(land_m2 / np.pi))
    for _ in range(20):
        radius_m = float(np.sqrt((land_m2 + 2.3 * radius_m * width_m) / np.pi))
    river = _River(radius_m, width_m, rng.uniform(0, 2 * np.pi, 5), float(rng.uniform(-0.35, 0.35)))
    waves = rng.uniform(0.02, 0.075, 5)
    outline_phases = rng.uniform(0, 2 * np.pi, 5)

    seeds, index, row_y = _seed_points(river, rng)
    radial = np.hypot(seeds[:, 0], seeds[:, 1]) / radius_m
    inside = radial < _outline(np.arctan2(seeds[:, 1], seeds[:, 0]), waves, outline_phases)
    inside &= _main_part(inside, index)

    bridge_rows = _bridge_rows(index, inside, residents)
    lines, line_primary = _avenues(seeds, index, inside, _avenue_rows(bridge_rows, index, inside))
    step = min(70.0, 0.03 * radius_m)
    ys = np.arange(-1.8 * radius_m, 1.8 * radius_m, step)
    corridor = _water(river, ys, EMBANKMENT_M)
    on_land = shapely.difference(lines, corridor)
    network = shapely.unary_union([*on_land, corridor.exterior], grid_size=0.01)
    quarters, owner = _faces(network, seeds, inside, corridor)
    arterials, primary = _stretches(network, quarters, lines, line_primary)

    bridge_y = (row_y[bridge_rows] + row_y[bridge_rows + 1]) / 2
    reach = river.width(bridge_y) / 2 + EMBANKMENT_M
    return Layout(
        radius_m=radius_m,
        centre=river.point(np.asarray([0.0]), np.asarray([-0.26 * radius_m]))[0],
        river=_water(river, ys, 0.0),
        quarters=quarters,
        seeds=seeds[owner],
        bank=np.where(index[owner, 0] > 0, 1, -1),
        arterials=arterials,
        primary=primary,
        bridges=np.concatenate(
            [river.point(bridge_y, -reach), river.point(bridge_y, reach)], axis=1
        ),
    )


def _steps(reach: float, spacing: float, near: float, far: float) -> Floats:
    """Return positions from 0 to `reach` whose steps grow from `near` to `far` spacings."""
    positions = [0.0]
    while positions[-1] < reach:
        share = min(positions[-1] / reach, 1.0)
        positions.append(positions[-1] + spacing * (near + (far - near) * share))
    return np.asarray(positions)


def _seed_points(river: _River, rng: np.random.Generator) -> tuple[Floats, Ints, Floats]:
    """Return a point a quarter, its column (west negative, never 0) and row, and rows' y."""
    r = river.radius_m
    spacing = float(np.clip(r / 3.5, SMALLEST_SPACING_M, 780.0))
    half = _steps(1.6 * r, spacing, 0.75, 1.25)
    y = np.concatenate([-half[:0:-1], half]) + rng.uniform(-0.3, 0.3) * spacing
    y = y + np.diff(y, append=y[-1] + spacing) * rng.uniform(-0.12, 0.12, len(y))
    away = 0.42 * spacing + _steps(1.9 * r, spacing, 0.80, 1.30)
    rows, columns = np.meshgrid(np.arange(len(y)), np.arange(len(away)), indexing="ij")
    points, index = [], []
    for side in (-1, 1):
        shift = spacing * rng.uniform(-0.12, 0.12, len(away))
        jitter = spacing * rng.normal(0.0, 0.035, (2, *rows.shape))
        # The first column is mirrored in the river, so that the border is the water.
        shift[0], jitter[:, :, 0] = 0.0, 0.0
        along = y[rows] + jitter[0]
        distance = river.width(along) / 2 + EMBANKMENT_M + (away + shift)[columns] + jitter[1]
        points.append(river.point(along.ravel(), side * distance.ravel()))
        index.append(np.stack([side * (columns.ravel() + 1), rows.ravel()], axis=-1))
    return np.concatenate(points), np.concatenate(index), y


def _main_part(inside: NDArray[np.bool_], index: Ints) -> NDArray[np.bool_]:
    """Return which quarters belong to the main part of their bank, not cut off by the outline."""
    keep = np.zeros(len(inside), dtype=bool)
    for side in (-1, 1):
        on_bank = np.sign(index[:, 0]) == side
        grid = np.zeros((np.abs(index[:, 0]).max() + 1, index[:, 1].max() + 1), dtype=bool)
        column, row = np.abs(index[on_bank, 0]), index[on_bank, 1]
        grid[column, row] = inside[on_bank]
        labels, count = ndimage.label(grid)
        if count:
            sizes = np.bincount(labels.ravel())[1:]
            keep[on_bank] = labels[column, row] == int(np.argmax(sizes)) + 1
    return keep


def _bridge_rows(index: Ints, inside: NDArray[np.bool_], residents: int) -> Ints:
    """Return the rows whose upper border crosses the river, spread over the city."""
    rows = int(index[:, 1].max()) + 1
    both = np.ones(rows, dtype=bool)
    for column in (-1, 1):
        has = np.zeros(rows, dtype=bool)
        has[index[inside & (index[:, 0] == column), 1]] = True
        both &= has
    usable = np.flatnonzero(both[:-1] & both[1:])
    count = max(1, round(BRIDGES_AT_FULL_SIZE * (residents / FULL_SIZE) ** 0.35))
    count = min(count, max(1, len(usable) // 2))
    picks = (np.arange(count) + 0.5) / count * (len(usable) - 1)
    return np.asarray(usable[np.unique(np.round(picks).astype(np.int64))], dtype=np.int64)


def _avenue_rows(bridge_rows: Ints, index: Ints, inside: NDArray[np.bool_]) -> Ints:
    """Return the rows of main avenues: those of bridges, and more where these are far apart."""
    used = index[inside, 1]
    stops = np.concatenate([[used.min() - 1], bridge_rows, [used.max()]])
    between = [
        np.round(np.linspace(a, b, max(1, round((b - a) / 4)) + 1)[1:-1])
        for a, b in pairwise(stops)
    ]
    return np.unique(np.concatenate([bridge_rows, *between]).astype(np.int64))


def _avenues(
    seeds: Floats, index: Ints, inside: NDArray[np.bool_], avenue_rows: Ints
) -> tuple[Geometries, NDArray[np.bool_]]:
    """Return the borders between quarters as lines, and which belong to main avenues."""
    cells = Voronoi(seeds)
    pairs = np.asarray(cells.ridge_points, dtype=np.int64)
    ends = np.asarray(cells.ridge_vertices, dtype=np.int64)
    one, two = index[pairs[:, 0]], index[pairs[:, 1]]
    keep = (ends >= 0).all(axis=1) & (inside[pairs[:, 0]] | inside[pairs[:, 1]])
    keep &= np.sign(one[:, 0]) == np.sign(two[:, 0])
    pairs, ends, one, two = pairs[keep], ends[keep], one[keep], two[keep]
    border = np.minimum(one, two)
    across = (one[:, 0] == two[:, 0]) & np.isin(border[:, 1], avenue_rows)
    column = np.minimum(np.abs(one[:, 0]), np.abs(two[:, 0]))
    along = (one[:, 1] == two[:, 1]) & (column % 4 == 2)
    primary = across | along
    # A short slanted border where four quarters meet carries the avenue on.
    on_avenue = np.zeros(len(cells.vertices), dtype=bool)
    on_avenue[ends[primary].ravel()] = True
    slanted = (one != two).all(axis=1)
    primary |= slanted & on_avenue[ends].all(axis=1)
    lines = shapely.linestrings(cells.vertices[ends])
    return np.asarray(lines), primary


def _water(river: _River, ys: Floats, margin_m: float) -> Any:
    """Return the water, widened by a margin, as a polygon."""
    half = river.width(ys) / 2 + margin_m
    right, left = river.point(ys, -half), river.point(ys, half)
    return shapely.make_valid(shapely.polygons(np.concatenate([right, left[::-1]])))


def _faces(
    network: Any, seeds: Floats, inside: NDArray[np.bool_], corridor: Any
) -> tuple[Geometries, Ints]:
    """Return the quarters that avenues and banks enclose, and the seed of each."""
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    inner = shapely.point_on_surface(faces)
    owner = np.asarray(cKDTree(seeds).query(shapely.get_coordinates(inner))[1], dtype=np.int64)
    land = ~shapely.contains(corridor, inner) & inside[owner]
    faces, owner = faces[land], owner[land]
    order = np.lexsort((-shapely.area(faces), owner))
    return np.asarray(faces[order]), owner[order]


def _stretches(
    network: Any, quarters: Geometries, lines: Geometries, line_primary: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the straight stretches of avenue round the quarters, and which are main."""
    coords, part = shapely.get_coordinates(shapely.get_parts(network), return_index=True)
    joined = part[:-1] == part[1:]
    stretches = np.concatenate([coords[:-1][joined], coords[1:][joined]], axis=1)
    middle = shapely.points((stretches[:, :2] + stretches[:, 2:]) / 2)
    bordering = np.zeros(len(stretches), dtype=bool)
    hit = shapely.STRtree(quarters).query(middle, predicate="dwithin", distance=0.05)[0]
    bordering[hit] = True
    stretches, middle = stretches[bordering], middle[bordering]
    nearest = shapely.STRtree(lines).nearest(middle)
    close = shapely.distance(lines[nearest], middle) < 0.05
    return stretches, line_primary[nearest] & close
