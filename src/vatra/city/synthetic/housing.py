"""The buildings that people live in: which plot gets which, how large, how heated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from vatra.city.synthetic.lattice import Plots, rectangles, select
from vatra.city.synthetic.layout import Floats, Geometries, Ints, Layout
from vatra.city.synthetic.stock import (
    GROSS_PER_HEATED,
    STOCK,
    ZONES,
    count_buildings,
    count_dwellings,
    round_to_total,
)

OUTER_FIRST = 0.75
"""How strongly building on the outside of yards goes before the inside; assumed."""

DEEPEST_M = 22.0
"""Depth beyond which flats have no daylight; assumed."""

MOST_HOUSES = 14
"""Houses that a group's plot holds in two rows; assumed."""

HOUSES = len(STOCK) - 1
"""Private houses in `STOCK`."""


@dataclass(frozen=True)
class Buildings:
    """Residential buildings and groups of private houses, by quarter.

    Parameters
    ----------
    quarter
        Quarter; shape (building,).
    kind
        Index into `STOCK`; shape (building,).
    floors
        Floors above ground; shape (building,).
    dwellings
        Flats or houses; shape (building,).
    floor_area_m2
        Heated floor area of all dwellings; shape (building,).
    footprint
        Polygons; for groups of houses multipolygons; shape (building,).
    """

    quarter: Ints
    kind: Ints
    floors: Ints
    dwellings: Ints
    floor_area_m2: Floats
    footprint: Geometries


def build_housing(
    layout: Layout, use: Ints, plots: Plots, residents: int, rng: np.random.Generator
) -> tuple[Buildings, Plots]:
    """Put up the housing stock.

    Parameters
    ----------
    layout
        Ground plan.
    use
        Zone of each quarter, index into `ZONES`.
    plots
        Places for buildings.
    residents
        People to be housed.
    rng
        Source of randomness.

    Returns
    -------
    Buildings
        The stock; its dwellings add up exactly.
    Plots
        Those left free.
    """
    chosen, kind = _choose_plots(layout, use, plots, residents, rng)
    taken = select(plots, chosen)
    floors = _draw_floors(kind, rng)
    flat = np.asarray([a.flat_m2 for a in STOCK])[kind] * rng.lognormal(0.0, 0.08, len(kind))
    room = taken.length_m * np.minimum(taken.depth_m, DEEPEST_M)
    most = np.maximum(1, np.floor(room * floors / (flat * GROSS_PER_HEATED))).astype(np.int64)
    most = np.where(kind == HOUSES, MOST_HOUSES, most)
    dwellings = _draw_dwellings(kind, floors, most, residents, rng)
    # Where all plots of a kind are full the buildings grow a floor.
    area = np.round(flat * dwellings)
    needed = np.ceil(area * GROSS_PER_HEATED / room).astype(np.int64)
    floors = np.where(kind == HOUSES, floors, np.maximum(floors, needed))
    footprint = np.empty(len(kind), dtype=object)
    private = kind == HOUSES
    footprint[~private] = _draw_blocks(
        select(taken, np.flatnonzero(~private)),
        kind[~private], floors[~private], area[~private], rng,
    )  # fmt: skip
    footprint[private] = _draw_houses(
        select(taken, np.flatnonzero(private)),
        floors[private], dwellings[private], area[private], rng,
    )  # fmt: skip
    free = np.ones(len(plots), dtype=bool)
    free[chosen] = False
    buildings = Buildings(taken.quarter, kind, floors, dwellings, area, footprint)
    return buildings, select(plots, np.flatnonzero(free))


def has_room(use: Ints, plots: Plots, residents: int) -> bool:
    """Return whether there are plots for the whole stock, and some for public buildings.

    Parameters
    ----------
    use
        Zone of each quarter, index into `ZONES`.
    plots
        Places for buildings.
    residents
        People to be housed.
    """
    counts = count_buildings(residents)
    private = use[plots.quarter] == ZONES.index("private")
    flats = int(counts.sum() - counts[HOUSES])
    return bool(private.sum() >= counts[HOUSES] and (~private).sum() >= 1.25 * flats)


def _choose_plots(
    layout: Layout, use: Ints, plots: Plots, residents: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return the plots that get a building, and the archetype of each."""
    zone = use[plots.quarter]
    wanted = _wanted_by_zone(residents, zone)
    priority = OUTER_FIRST * plots.outer + rng.random(len(plots))
    # Groups of private houses thin out towards the fields.
    out = np.hypot(*(plots.xy - layout.centre).T) / layout.radius_m
    mood = rng.random(len(use))[plots.quarter]
    thin = 0.55 * priority + 0.5 * mood - 0.9 * out
    priority = np.where(zone == ZONES.index("private"), thin, priority)
    # Neighbours are alike, except in the centre, where every age built between the older.
    field = rng.random(len(use))[plots.quarter]
    blend = np.where(zone == ZONES.index("centre"), 1.5, 0.12)
    field = field + blend * rng.random(len(plots))
    chosen, kinds = [], []
    for number in range(len(ZONES)):
        counts = wanted[number]
        here = np.flatnonzero(zone == number)
        best = here[np.argsort(-priority[here], kind="stable")[: int(counts.sum())]]
        best = best[np.argsort(field[best], kind="stable")]
        chosen.append(best)
        kinds.append(np.repeat(np.arange(len(STOCK)), counts))
    return np.concatenate(chosen), np.concatenate(kinds)


def _wanted_by_zone(residents: int, zone: Ints) -> Ints:
    """Return buildings by zone and archetype, moved on where a zone has too few plots."""
    counts = count_buildings(residents)
    wanted = np.zeros((len(ZONES), len(STOCK)), dtype=np.int64)
    for kind, archetype in enumerate(STOCK):
        zones = [ZONES.index(z) for z in archetype.zones]
        shares = np.asarray(list(archetype.zones.values()))
        wanted[zones, kind] = round_to_total(shares, int(counts[kind]))
    room = np.bincount(zone, minlength=len(ZONES))
    flats = [ZONES.index(z) for z in ("centre", "belt", "mid", "late", "new")]
    spare = room[flats] - wanted[flats].sum(axis=1)
    for place in np.flatnonzero(spare < 0):
        while spare[place] < 0:
            kind = int(np.argmax(wanted[flats[place]]))
            to = int(np.argmax(spare))
            moved = int(min(-spare[place], spare[to], wanted[flats[place], kind]))
            wanted[flats[place], kind] -= moved
            wanted[flats[to], kind] += moved
            spare[place] += moved
            spare[to] -= moved
    return wanted


def _draw_floors(kind: Ints, rng: np.random.Generator) -> Ints:
    """Draw the floors of each building."""
    draw = rng.random(len(kind))
    floors = np.zeros(len(kind), dtype=np.int64)
    for number, archetype in enumerate(STOCK):
        here = kind == number
        steps = np.cumsum(archetype.floor_chance)
        pick = np.minimum(np.searchsorted(steps, draw[here]), len(steps) - 1)
        floors[here] = np.asarray(archetype.floors)[pick]
    return floors


def _draw_dwellings(
    kind: Ints, floors: Ints, most: Ints, residents: int, rng: np.random.Generator
) -> Ints:
    """Draw the dwellings of each building, as plots allow; exact for every archetype."""
    wanted = count_dwellings(residents)
    spread = rng.lognormal(0.0, 0.28, len(kind))
    dwellings = np.zeros(len(kind), dtype=np.int64)
    for number, total in enumerate(wanted):
        here = np.flatnonzero(kind == number)
        if number == HOUSES:
            weight = np.clip(1 + 0.10 * rng.standard_normal(len(here)), 0.8, 1.2)
        else:
            size = np.clip(spread[here], 0.55, 1.7)
            weight = size * (floors[here] / floors[here].mean()) ** 0.8
        drawn = round_to_total(weight, int(total))
        for _ in range(4):
            excess = int(np.maximum(drawn - most[here], 0).sum())
            drawn = np.minimum(drawn, most[here])
            room = (most[here] - drawn).astype(np.float64)
            drawn += round_to_total(room if room.any() else weight, excess)
        dwellings[here] = drawn
    return dwellings


def _draw_blocks(
    plots: Plots, kind: Ints, floors: Ints, area: Floats, rng: np.random.Generator
) -> Geometries:
    """Draw the footprints of apartment buildings inside their plots."""
    ground = area * GROSS_PER_HEATED / floors
    depth = np.minimum(np.asarray([a.depth_m for a in STOCK])[kind], plots.depth_m)
    # What is too long for its plot grows deeper, what is too short becomes a tower.
    length = np.minimum(ground / depth, plots.length_m)
    depth = np.minimum(ground / length, plots.depth_m)
    squat = length < depth
    length, depth = np.where(squat, depth, length), np.where(squat, length, depth)
    length = np.minimum(length, plots.length_m)
    slack = np.stack([plots.length_m - length, plots.depth_m - depth], axis=-1)
    offset = slack * rng.uniform(-0.35, 0.35, (len(kind), 2))
    cos, sin = np.cos(plots.angle), np.sin(plots.angle)
    shift = np.stack(
        [cos * offset[:, 0] - sin * offset[:, 1], sin * offset[:, 0] + cos * offset[:, 1]],
        axis=-1,
    )
    return rectangles(plots.xy + shift, plots.angle, length, depth)


def _draw_houses(
    plots: Plots, floors: Ints, dwellings: Ints, area: Floats, rng: np.random.Generator
) -> Geometries:
    """Draw groups of private houses, in two rows along the lanes, as multipolygons."""
    group = np.repeat(np.arange(len(plots)), dwellings)
    number = np.arange(len(group)) - np.repeat(np.cumsum(dwellings) - dwellings, dwellings)
    front = (dwellings + 1) // 2
    row = (number >= front[group]).astype(np.int64)
    in_row = np.where(row == 0, front[group], dwellings[group] - front[group])
    lot = plots.length_m[group] / in_row
    along = (number - row * front[group] + 0.5) * lot - plots.length_m[group] / 2
    ground = (area * GROSS_PER_HEATED / floors / dwellings)[group]
    ground = ground * rng.uniform(0.8, 1.2, len(group))
    wide = np.minimum(np.sqrt(ground * rng.uniform(0.8, 1.3, len(group))), lot - 3.0)
    deep = np.minimum(ground / wide, plots.depth_m[group] / 2 - 4.0)
    along = along + (lot - wide - 2.0) * rng.uniform(-0.35, 0.35, len(group))
    setback = rng.uniform(2.0, 8.0, len(group))
    setback = np.minimum(setback, plots.depth_m[group] / 2 - deep - 1.0)
    across = plots.depth_m[group] / 2 - setback - deep / 2
    across = np.where(row == 0, -across, across)
    cos, sin = np.cos(plots.angle[group]), np.sin(plots.angle[group])
    shift = np.stack([cos * along - sin * across, sin * along + cos * across], axis=-1)
    houses = rectangles(plots.xy[group] + shift, plots.angle[group], wide, deep)
    return np.asarray(shapely.multipolygons(houses, indices=group))


PUMPED_SHARE = {
    "prewar_brick": 0.20,
    "brick_5": 0.15,
    "panel_5": 0.15,
    "panel_9": 0.25,
    "panel_9_late": 0.40,
    "panel_16": 0.60,
    "new_build": 1.00,
}
"""Share of buildings on district heat whose own heat point stops without power; assumed. Most
buildings of the 20th century mix the mains' water by jet pumps, which need none, or are served from
a group heat point on a protected feeder; newer and rebuilt heat points have electric pumps."""


def draw_equipment(
    kind: Ints, floors: Ints, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Draw how buildings are heated, whether that needs power, and whether gas cooks.

    Parameters
    ----------
    kind
        Index into `STOCK`; shape (building,).
    floors
        Floors; shape (building,).
    rng
        Source of randomness.

    Returns
    -------
    NDArray[np.object_]
        ``heating``: apartments by district heat, but a quarter of new estates and some old
        houses by a gas boiler of their own; private houses by gas, stove or electricity.
        All shares assumed.
    NDArray[np.bool_]
        ``pumped_heat``: by `PUMPED_SHARE`; private houses where a gas boiler has a pump, and
        always with electric heating.
    NDArray[np.bool_]
        ``gas_stove``: mostly up to nine floors, where gas pipes were allowed.
    """
    name = np.asarray([a.name for a in STOCK])[kind]
    draw = rng.random((3, len(kind)))
    private = name == "private_house"
    own_gas = np.where(name == "new_build", 0.25, np.where(name == "prewar_brick", 0.03, 0.0))
    heating = np.where(draw[0] < own_gas, "gas", "district").astype(object)
    heating[private] = np.asarray(["gas", "stove", "electric"], dtype=object)[
        np.searchsorted([0.82, 0.93], draw[0][private])
    ]
    pumped_chance = np.asarray([PUMPED_SHARE.get(a.name, 1.0) for a in STOCK])[kind]
    pumped_chance = np.where(private, np.where(heating == "gas", 0.70, 0.0), pumped_chance)
    pumped_chance = np.where(heating == "electric", 1.0, pumped_chance)
    gas_chance = np.where(floors <= 5, 0.95, np.where(floors <= 9, 0.85, 0.0))
    gas_chance = np.where(name == "new_build", np.where(floors <= 9, 0.30, 0.0), gas_chance)
    gas_chance = np.where(private, np.where(heating == "gas", 0.95, 0.25), gas_chance)
    return heating, draw[1] < pumped_chance, draw[2] < gas_chance


def near_residents(xy: Floats, homes: Floats, residents: Ints, reach_m: float) -> Floats:
    """Return people who live within reach of each place, as the crow flies.

    Parameters
    ----------
    xy
        Places; shape (place, 2).
    homes
        Where people live; shape (building, 2).
    residents
        How many; shape (building,).
    reach_m
        Distance.

    Returns
    -------
    NDArray[np.float64]
        People; shape (place,).
    """
    tree = cKDTree(xy)
    pairs = tree.sparse_distance_matrix(cKDTree(homes), reach_m, output_type="coo_matrix")
    return np.bincount(pairs.row, residents[pairs.col], len(xy)).astype(np.float64)
