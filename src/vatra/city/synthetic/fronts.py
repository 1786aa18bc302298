"""Places for buildings along the avenues, in the wedges that the lattices of quarters leave."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from vatra.city.synthetic.lattice import (
    ESTATES,
    MARGIN_M,
    Lattice,
    Plots,
    join,
    rectangles,
    select,
)
from vatra.city.synthetic.layout import Floats, Ints, Layout
from vatra.city.synthetic.stock import ZONES

LENGTHS_M = (66.0, 36.0)
"""Lengths of building that are tried, in this order; assumed."""

DEPTH_M = 17.0
"""Depth of a place along an avenue; assumed."""

STEP_M = 11.0
"""Places are tried this far apart."""

LANE_M, PLOT_M = 9.0, 10.0
"""Least distance to lanes, and to other places for buildings; assumed."""


def find_fronts(layout: Layout, use: Ints, plots: Plots, lattice: Lattice) -> Plots:
    """Find places along the borders of built-up quarters that nothing else takes.

    Parameters
    ----------
    layout
        Ground plan.
    use
        Zone of each quarter, index into `ZONES`.
    plots
        Places inside the quarters.
    lattice
        Lanes inside the quarters.

    Returns
    -------
    Plots
        Places for buildings that look on an avenue.
    """
    lines = np.concatenate([lattice.xy[lattice.lanes].reshape(-1, 4), _gate_lanes(lattice)])
    lanes = shapely.STRtree(shapely.linestrings(lines.reshape(-1, 2, 2)))
    found = plots
    fronts: list[Plots] = []
    for length_m in LENGTHS_M:
        tried = _candidates(layout, use, length_m)
        taken = shapely.STRtree(rectangles(found.xy, found.angle, found.length_m, found.depth_m))
        shapes = rectangles(tried.xy, tried.angle, tried.length_m, tried.depth_m)
        free = np.ones(len(tried), dtype=bool)
        for tree, distance in ((lanes, LANE_M), (taken, PLOT_M)):
            free[tree.query(shapes, predicate="dwithin", distance=distance)[0]] = False
        kept = np.flatnonzero(free)
        kept = kept[_first_come(shapes[kept])]
        fronts.append(select(tried, kept))
        found = join([found, fronts[-1]])
    return join(fronts)


def _gate_lanes(lattice: Lattice) -> Floats:
    """Return the lanes between the gates and the avenues, x, y to x, y."""
    return np.concatenate([lattice.xy[lattice.gates], lattice.gate_xy], axis=1)


def _candidates(layout: Layout, use: Ints, length_m: float) -> Plots:
    """Return places of one length all along the borders of built-up quarters."""
    built = np.flatnonzero(np.isin(np.asarray(ZONES)[use], (*ESTATES, "centre")))
    inner = shapely.buffer(layout.quarters[built], -MARGIN_M, join_style="mitre")
    parts, owner = shapely.get_parts(inner, return_index=True)
    # Exteriors of polygons without holes; orient them so that the inside is on the left.
    ring = shapely.get_exterior_ring(shapely.orient_polygons(parts))
    xy, of = shapely.get_coordinates(ring, return_index=True)
    same = of[:-1] == of[1:]
    start, end, quarter = xy[:-1][same], xy[1:][same], built[owner[of[:-1][same]]]
    length = np.hypot(*(end - start).T)
    places = np.maximum(0, np.floor((length - length_m) / STEP_M) + 1).astype(np.int64)
    side = np.repeat(np.arange(len(length)), places)
    number = np.arange(int(places.sum())) - np.repeat(np.cumsum(places) - places, places)
    direction = ((end - start) / np.maximum(length, 1e-9)[:, None])[side]
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=-1)
    along = length_m / 2 + STEP_M * number.astype(np.float64)
    centre = start[side] + along[:, None] * direction + (DEPTH_M / 2 + 0.5) * normal
    angle = np.arctan2(direction[:, 1], direction[:, 0])
    count = len(side)
    candidates = Plots(
        quarter[side],
        centre,
        angle,
        np.full(count, length_m),
        np.full(count, DEPTH_M),
        np.ones(count, dtype=bool),
    )
    shapes = rectangles(centre, angle, candidates.length_m, candidates.depth_m)
    room = np.asarray(shapely.buffer(layout.quarters, 0.05 - MARGIN_M, join_style="mitre"))
    shapely.prepare(room)
    return select(candidates, np.flatnonzero(shapely.covers(room[candidates.quarter], shapes)))


def _first_come(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which places stay when each gives way to those before it that stay."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=PLOT_M)
    earlier = two < one
    order = np.argsort(one[earlier], kind="stable")
    one, two = one[earlier][order], two[earlier][order]
    first = np.searchsorted(one, np.arange(len(shapes) + 1))
    stays = np.ones(len(shapes), dtype=bool)
    for place in range(len(shapes)):
        stays[place] = not stays[two[first[place] : first[place + 1]]].any()
    return stays
