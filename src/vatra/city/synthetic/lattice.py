"""The inside of quarters: lanes and yards on a lattice of their own, and places for buildings.

Every quarter has a lattice turned along its sides. Two by two of its cells make a module. In
housing estates a path halves each module, so that two buildings face each other over it;
modules turn round a common yard like the sails of a mill. In the old centre a module is a
courtyard with buildings along its streets, and among private houses a strip of two rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from vatra.city.synthetic.layout import Floats, Geometries, Ints, Layout
from vatra.city.synthetic.stock import ZONES

MARGIN_M = 14.0
"""From the axis of an avenue to the nearest lane, building or fence; assumed."""

CELL_M = {
    "centre": (56.0, 56.0), "belt": (47.0, 47.0), "mid": (48.0, 48.0), "late": (49.0, 49.0),
    "new": (48.0, 48.0), "private": (54.0, 74.0), "park": (84.0, 84.0), "industry": (88.0, 88.0),
}  # fmt: skip
"""Size of a cell of the lattice, which is fitted to the quarter; assumed."""

ESTATES = ("belt", "mid", "late", "new")


@dataclass(frozen=True)
class Lattice:
    """Junctions and lanes inside the quarters.

    Parameters
    ----------
    xy
        Junctions; shape (junction, 2).
    lanes
        Junctions that a lane joins; shape (lane, 2).
    path
        Whether a lane is a footpath; shape (lane,).
    gates
        Junction at which a lane leaves the quarter; shape (gate,).
    gate_xy
        Where it meets the avenue round the quarter; shape (gate, 2).
    """

    xy: Floats
    lanes: Ints
    path: NDArray[np.bool_]
    gates: Ints
    gate_xy: Floats


@dataclass(frozen=True)
class Plots:
    """Places for buildings: rectangles that touch neither streets nor each other.

    Parameters
    ----------
    quarter
        Quarter; shape (plot,).
    xy
        Centre; shape (plot, 2).
    angle
        Direction of the long side, radians; shape (plot,).
    length_m, depth_m
        Long and short side; shape (plot,).
    outer
        Whether it faces the streets of its group of modules, not the yard; shape (plot,).
    """

    quarter: Ints
    xy: Floats
    angle: Floats
    length_m: Floats
    depth_m: Floats
    outer: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of plots."""
        return len(self.quarter)


@dataclass(frozen=True)
class _Frames:
    """The lattices of all quarters: origin, directions, cells."""

    origin: Floats
    angle: Floats
    cell: Floats
    cells: Ints

    def place(self, quarter: Ints, i: Floats, j: Floats) -> Floats:
        """Return x and y of lattice coordinates."""
        u = i * self.cell[quarter, 0]
        v = j * self.cell[quarter, 1]
        cos, sin = np.cos(self.angle[quarter]), np.sin(self.angle[quarter])
        step = np.stack([cos * u - sin * v, sin * u + cos * v], axis=-1)
        return np.asarray(self.origin[quarter] + step)


def _fit_frames(layout: Layout, use: Ints) -> _Frames:
    """Turn and fit a lattice of whole modules to every quarter's bounding rectangle."""
    boxes = shapely.oriented_envelope(layout.quarters)
    corners = shapely.get_coordinates(boxes).reshape(-1, 5, 2)
    side = corners[:, 1:3] - corners[:, 0:2]
    length = np.hypot(side[:, :, 0], side[:, :, 1])
    angle = np.arctan2(side[:, 0, 1], side[:, 0, 0])
    # The envelope may run clockwise: start where the second side turns left.
    turns_left = side[:, 0, 0] * side[:, 1, 1] - side[:, 0, 1] * side[:, 1, 0] > 0
    origin = np.where(turns_left[:, None], corners[:, 0], corners[:, 1])
    angle = np.where(turns_left, angle, angle + np.pi)
    wanted = np.asarray([CELL_M[zone] for zone in ZONES])[use]
    modules = np.maximum(1, np.round(length / (2 * wanted))).astype(np.int64)
    cell = length / (2 * modules)
    return _Frames(origin, angle, cell, 2 * modules)


def _grid(rows: Ints, columns: Ints) -> tuple[Ints, Ints, Ints]:
    """Return owner, i and j of all cells of many grids of given sizes."""
    sizes = rows * columns
    owner = np.repeat(np.arange(len(sizes)), sizes)
    number = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return owner, number // columns[owner], number % columns[owner]


def _turned(quarter: Ints, module_i: Ints, module_j: Ints) -> NDArray[np.bool_]:
    """Return whether a module's path runs along v; modules alternate like a chessboard."""
    return np.asarray((module_i + module_j + quarter) % 2 == 1)


def lay_lanes(layout: Layout, use: Ints, obstacles: Geometries) -> Lattice:
    """Lay the lanes and paths inside all quarters.

    Parameters
    ----------
    layout
        Ground plan.
    use
        Zone of each quarter, index into `ZONES`.
    obstacles
        Water inside quarters.

    Returns
    -------
    Lattice
        Junctions, lanes and where they meet the avenues.
    """
    frames = _fit_frames(layout, use)
    quarter, i, j = _grid(frames.cells[:, 0] + 1, frames.cells[:, 1] + 1)
    xy = frames.place(quarter, i.astype(float), j.astype(float))
    inner = np.asarray(shapely.buffer(layout.quarters, -MARGIN_M, join_style="mitre"))
    shapely.prepare(inner)
    within = np.asarray(shapely.contains_xy(inner[quarter], xy[:, 0], xy[:, 1]))
    if len(obstacles):
        wet = shapely.STRtree(shapely.buffer(obstacles, 5.0)).query(
            shapely.points(xy), predicate="within"
        )[0]
        within[wet] = False
    zone = np.asarray(ZONES)[use][quarter]
    courtyard = (zone == "centre") & (i % 2 == 1) & (j % 2 == 1)
    within &= ~courtyard

    stride = (frames.cells[:, 1] + 1)[quarter]
    lanes, paths, gates, gate_xy = [], [], [], []
    for axis in (0, 1):
        step = stride if axis == 0 else np.ones_like(stride)
        along, beside = (i, j) if axis == 0 else (j, i)
        last = frames.cells[quarter, axis]
        # A lane may start here and lead to the next junction along this axis.
        has_next = along < last
        here = np.flatnonzero(has_next)
        there = here + step[here]
        built = _has_lane(zone, quarter, i, j, axis)[here] & within[here] & within[there]
        lanes.append(np.stack([here[built], there[built]], axis=-1))
        minor = (zone == "park") | ((beside % 2 == 1) & np.isin(zone, ESTATES))
        paths.append(minor[here[built]])
        # Through lanes go on to the avenue from the last junction inside.
        through = (beside % 2 == 0) | (zone == "private") & (axis == 0) | (zone == "industry")
        for sign in (-1, 1):
            beyond = np.clip(np.arange(len(xy)) + sign * step, 0, len(xy) - 1)
            edge = (along == 0) if sign < 0 else (along == last)
            open_end = within & through & (edge | ~within[beyond])
            start = np.flatnonzero(open_end)
            target = _hit_border(layout, frames, quarter[start], xy[start], axis=axis, sign=sign)
            found = np.isfinite(target[:, 0])
            gates.append(start[found])
            gate_xy.append(target[found])
    lattice = Lattice(
        xy=xy,
        lanes=np.concatenate(lanes),
        path=np.concatenate(paths),
        gates=np.concatenate(gates),
        gate_xy=np.concatenate(gate_xy),
    )
    return _without_wet_lanes(lattice, obstacles) if len(obstacles) else lattice


def _without_wet_lanes(lattice: Lattice, obstacles: Geometries) -> Lattice:
    """Drop the lanes that would cross water."""
    water = shapely.STRtree(shapely.buffer(obstacles, 3.0))
    lines = shapely.linestrings(lattice.xy[lattice.lanes])
    dry = np.ones(len(lines), dtype=bool)
    dry[water.query(lines, predicate="intersects")[0]] = False
    return replace(lattice, lanes=lattice.lanes[dry], path=lattice.path[dry])


def _has_lane(
    zone: NDArray[np.str_], quarter: Ints, i: Ints, j: Ints, axis: int
) -> NDArray[np.bool_]:
    """Return whether the plan of the zone has a lane from a junction along an axis."""
    straight = (j if axis == 0 else i) % 2 == 0
    # In estates the middle of a module is crossed one way only.
    turned = _turned(quarter, i // 2, j // 2)
    crossing = (~straight) & (turned == (axis == 1))
    built = straight | (np.isin(zone, ESTATES) & crossing)
    built |= (zone == "park") | (zone == "industry")
    if axis == 0:
        built |= zone == "private"
    return np.asarray(built)


def _hit_border(
    layout: Layout, frames: _Frames, quarter: Ints, xy: Floats, *, axis: int, sign: int
) -> Floats:
    """Return where a line from inside a quarter first meets its border; nan if too far."""
    turn = frames.angle[quarter] + (np.pi / 2 if axis else 0.0)
    reach = sign * 1.6 * frames.cell[quarter, axis]
    ends = xy + reach[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    rays = shapely.linestrings(np.stack([xy, ends], axis=1))
    cut = shapely.intersection(rays, shapely.boundary(layout.quarters)[quarter])
    near = shapely.shortest_line(shapely.points(xy), cut)
    target = np.full((len(xy), 2), np.nan)
    hit = ~(shapely.is_missing(near) | shapely.is_empty(near))
    target[hit] = shapely.get_coordinates(near[hit]).reshape(-1, 2, 2)[:, 1]
    return target


class _Modules:
    """All modules of all quarters, for placing plots in them."""

    def __init__(self, layout: Layout, use: Ints) -> None:
        self.frames = _fit_frames(layout, use)
        self.quarter, self.i, self.j = _grid(
            self.frames.cells[:, 0] // 2, self.frames.cells[:, 1] // 2
        )
        self.zone = np.asarray(ZONES)[use][self.quarter]
        self.turned = _turned(self.quarter, self.i, self.j)

    def plots(
        self,
        mask: NDArray[np.bool_],
        corner: tuple[float, float],
        size: tuple[float, float],
        *,
        inset: tuple[float, float],
        outer: NDArray[np.bool_] | None = None,
    ) -> Plots:
        """Return one plot in each of some modules; corner and size in cells, inset in metres."""
        own = self.quarter[mask]
        u = size[0] * self.frames.cell[own, 0] - 2 * inset[0]
        v = size[1] * self.frames.cell[own, 1] - 2 * inset[1]
        xy = self.frames.place(
            own,
            2.0 * self.i[mask].astype(np.float64) + (corner[0] + size[0] / 2),
            2.0 * self.j[mask].astype(np.float64) + (corner[1] + size[1] / 2),
        )
        wide = u >= v
        angle = self.frames.angle[own] + np.where(wide, 0.0, np.pi / 2)
        front = np.ones(len(own), dtype=bool) if outer is None else outer[mask]
        return Plots(own, xy, angle, np.where(wide, u, v), np.where(wide, v, u), front)


def find_plots(layout: Layout, use: Ints, obstacles: Geometries) -> Plots:
    """Find the places for buildings in all quarters.

    Parameters
    ----------
    layout
        Ground plan.
    use
        Zone of each quarter, index into `ZONES`.
    obstacles
        Water inside quarters.

    Returns
    -------
    Plots
        Places, none of which touches a street or another.
    """
    modules = _Modules(layout, use)
    zone, turned = modules.zone, modules.turned
    estate = np.isin(zone, ESTATES)
    parts = []
    for half in (0, 1):
        # A strip on either side of the path: the outer one looks away from the common yard.
        outer = np.where(turned, modules.i % 2 == half, modules.j % 2 == half)
        for mask, corner, size in (
            (estate & ~turned, (0.0, float(half)), (2.0, 1.0)),
            (estate & turned, (float(half), 0.0), (1.0, 2.0)),
        ):
            parts.append(modules.plots(mask, corner, size, inset=(6.0, 6.0), outer=outer))
    for side in (0.13, 1.55):
        # Houses stand in rows along the four streets of a courtyard, behind the pavement.
        for corner, size in (
            ((0.13, side), (0.87, 0.32)),
            ((1.00, side), (0.87, 0.32)),
            ((side, 0.50), (0.32, 1.00)),
        ):
            inset = (1.0, 0.0) if size[0] > size[1] else (0.0, 1.0)
            parts.append(modules.plots(zone == "centre", corner, size, inset=inset))
    parts.extend(
        modules.plots(zone == "private", (0.0, row), (2.0, 1.0), inset=(5.0, 5.0))
        for row in (0.0, 1.0)
    )
    plots = join(parts)
    inner = np.asarray(shapely.buffer(layout.quarters, -MARGIN_M, join_style="mitre"))
    shapely.prepare(inner)
    shapes = rectangles(plots.xy, plots.angle, plots.length_m, plots.depth_m)
    fits = np.asarray(shapely.covers(inner[plots.quarter], shapes))
    if len(obstacles):
        fits[shapely.STRtree(obstacles).query(shapes, predicate="intersects")[0]] = False
    order = np.flatnonzero(fits)
    order = order[np.argsort(plots.quarter[order], kind="stable")]
    return select(plots, order)


def join(parts: Sequence[Plots]) -> Plots:
    """Return several sets of plots as one.

    Parameters
    ----------
    parts
        Sets of plots, in order.
    """
    columns = ("quarter", "xy", "angle", "length_m", "depth_m", "outer")
    return Plots(*(np.concatenate([getattr(p, name) for p in parts]) for name in columns))


def select(plots: Plots, rows: Ints) -> Plots:
    """Return some of the plots.

    Parameters
    ----------
    plots
        Plots to choose from.
    rows
        Which, in the order wanted.
    """
    return Plots(
        plots.quarter[rows], plots.xy[rows], plots.angle[rows],
        plots.length_m[rows], plots.depth_m[rows], plots.outer[rows],
    )  # fmt: skip


def rectangles(xy: Floats, angle: Floats, length_m: Floats, depth_m: Floats) -> Geometries:
    """Return rectangles as polygons.

    Parameters
    ----------
    xy
        Centres; shape (n, 2).
    angle
        Direction of the long side, radians; shape (n,).
    length_m, depth_m
        Sides; shape (n,).

    Returns
    -------
    NDArray[np.object_]
        Polygons; shape (n,).
    """
    along = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * (length_m / 2)[:, None]
    across = np.stack([-np.sin(angle), np.cos(angle)], axis=-1) * (depth_m / 2)[:, None]
    ring = np.stack(
        [xy - along - across, xy + along - across, xy + along + across, xy - along + across],
        axis=1,
    )
    return np.asarray(shapely.polygons(ring))
