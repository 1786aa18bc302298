"""The 110 kV network: substations, rings and spurs, bulk supply points and CHP plants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.lifelines.ground import Floats, Ground, Ints, nearest_rows, points_of
from vatra.city.lifelines.partition import partition
from vatra.city.lifelines.references import (
    central_rows,
    make_table,
    number_ids,
    take_ids,
    weighted_centres,
)
from vatra.city.lifelines.setting import Setting
from vatra.city.model import City

_GRID_RESERVE = 1.3  # bulk supply points together over the peak; assumed
_POWER_TO_HEAT = 0.55  # electric over heat capacity of a CHP plant; assumed
_LINE_RESERVE = 1.1  # line capacity over its largest flow with one line out; assumed
_RING_SIZE = 10  # substations of a ring with its spurs; assumed
_FAR_M = 400.0
_SPUR_SHARE = 0.25  # of them on spurs; assumed


def place_substations(
    xy: Floats, mw: Floats, area: Ints, ground: Ground, rng: np.random.Generator
) -> Floats:
    """Place a substation in the middle of the load of each area.

    Parameters
    ----------
    xy, mw, area
        Place (load × 2, m), size and area of each load.
    ground
        Where water is.
    rng
        Source of the distance to the nearest load.

    Returns
    -------
    Floats
        Substation × 2, m.
    """
    count = int(area.max()) + 1
    centre = weighted_centres(xy, mw, area, count)
    angle = rng.uniform(0, 2 * np.pi, count)
    step = rng.uniform(30.0, 90.0, count)[:, None]
    step = step * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    middle = xy[central_rows(xy, mw, area, count)]
    # Not in water, and not far from any load: bent areas have their middle outside.
    bad = ground.in_water(centre) | (np.linalg.norm(centre - middle, axis=1) > _FAR_M)
    centre[bad] = middle[bad]
    return ground.on_land(centre + step)


def make_substations(
    city: City, xy: Floats, peak_mw: Floats, rng: np.random.Generator,
    ids: pd.Index[str] | None = None,
) -> City:  # fmt: skip
    """Make the table of substations.

    Parameters
    ----------
    city
        City with districts.
    xy
        Substation × 2, m.
    peak_mw
        Load of their feeders at the peak, MW.
    rng
        Source of their reserves: 30 to 60 % (*assumed*).
    ids
        Ids, where feeders that the user has name them.
    """
    index = number_ids("S", len(xy)) if ids is None else ids
    district = districts_at(city, xy)
    nth = pd.Series(district).groupby(district).cumcount().to_numpy() + 1
    home = city.districts["name"].to_numpy()[district]
    columns = {
        "name": [f"{name} {n}" for name, n in zip(home, nth, strict=True)],
        "district_id": take_ids(city.districts.index, district),
        "capacity_mw": peak_mw * rng.uniform(1.3, 1.6, len(xy)),
    }
    return city.with_tables(
        substations=make_table("substations", index, columns, city.about.crs, xy)
    )


def districts_at(city: City, xy: Floats) -> Ints:
    """Row of the district that each point is in or nearest to; 0 where there is none.

    Parameters
    ----------
    city
        City with districts.
    xy
        Point × 2, m.
    """
    shapes = np.asarray(city.districts.geometry.array, dtype=object)
    usable = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not usable.size:
        return np.zeros(len(xy), dtype=np.int64)
    tree = shapely.STRtree(shapes[usable])
    return np.asarray(usable[tree.nearest(shapely.points(xy))], dtype=np.int64)


def add_transmission(city: City, setting: Setting, rng: np.random.Generator) -> City:
    """Synthesise the 110 kV lines and the sources that feed them.

    Parameters
    ----------
    city
        City with substations, feeders and heat sources.
    setting
        Where things can stand, how many there are, and what is known.
    rng
        Source of randomness.

    Returns
    -------
    City
        With ``power_sources`` and ``lines``.
    """
    known, xy = setting.known, points_of(city.substations)
    ends, spur = _network(xy)
    if "lines" in known:
        ends = np.stack(
            [city.rows("lines", c, "substations") for c in ("from_id", "to_id")], axis=1
        )
        ends = ends[(ends >= 0).all(axis=1)]
    if "power_sources" not in known:
        city = _add_sources(city, setting, xy, spur, rng)
    if "lines" not in known and len(ends):
        capacity = _line_capacity(city, xy, ends)
        ids = city.substations.index
        columns = {
            "from_id": take_ids(ids, ends[:, 0]),
            "to_id": take_ids(ids, ends[:, 1]),
            "capacity_mw": capacity,
        }
        shapes = np.asarray(shapely.linestrings(xy[ends]), dtype=object)
        lines = make_table("lines", number_ids("L", len(ends)), columns, city.about.crs, shapes)
        city = city.with_tables(lines=lines)
    return city


def _add_sources(
    city: City, setting: Setting, xy: Floats, spur: NDArray[np.bool_], rng: np.random.Generator
) -> City:
    """Bulk supply points at the outskirts, far from each other, and a source for each CHP plant."""
    ground, peak = setting.ground, city.about.known_peak_mw
    on_ring = np.flatnonzero(~spur)
    away = np.linalg.norm(xy[on_ring] - xy.mean(axis=0), axis=1)
    chosen = [int(np.argmax(away))]
    while len(chosen) < min(setting.scale.grid_points, len(on_ring)):
        gaps = np.linalg.norm(xy[on_ring][:, None] - xy[on_ring[chosen]][None], axis=2).min(axis=1)
        chosen.append(int(np.argmax(np.minimum(gaps, 1.5 * away))))
    grid = on_ring[chosen]
    outward = xy[grid] - xy.mean(axis=0)
    outward = outward / np.maximum(np.linalg.norm(outward, axis=1), 1.0)[:, None]
    grid_xy = ground.on_land(xy[grid] + rng.uniform(150.0, 400.0, len(grid))[:, None] * outward)
    plants = city.heat_sources[city.heat_sources["kind"] == "chp"]
    plants_xy = points_of(plants)
    at = on_ring[nearest_rows(xy[on_ring], plants_xy)] if len(plants) else on_ring[:0]
    chp_mw = _POWER_TO_HEAT * plants["capacity_mw"].to_numpy(float)
    chp_mw = chp_mw * min(1.0, 0.95 * peak / max(chp_mw.sum(), 1e-9))
    columns = {
        "kind": ["grid"] * len(grid) + ["chp"] * len(plants),
        "substation_id": take_ids(city.substations.index, np.concatenate([grid, at])),
        "capacity_mw": np.concatenate(
            [np.full(len(grid), _GRID_RESERVE * peak / len(grid)), chp_mw]
        ),
    }
    ids = pd.Index([*number_ids("GRID", len(grid)), *number_ids("CHP", len(plants))], dtype=object)
    places = np.vstack([grid_xy, plants_xy])
    return city.with_tables(
        power_sources=make_table("power_sources", ids, columns, city.about.crs, places)
    )


def _network(xy: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """Lay rings with spurs, and tie neighbouring rings together twice.

    Returns
    -------
    ends : Ints
        Line × 2: rows of the substations that it joins.
    spur : NDArray[np.bool_]
        Substation: True where it hangs on one line.
    """
    count = len(xy)
    spur = np.zeros(count, dtype=bool)
    if count < 2:
        return np.zeros((0, 2), dtype=np.int64), spur
    if count == 2:
        return np.array([[0, 1], [0, 1]]), spur
    rings = max(1, round(count / _RING_SIZE))
    ring = partition(xy, np.ones(count), np.ones(rings))
    ends: list[tuple[int, int]] = []
    for r in range(rings):
        ends.extend(_lay_ring(xy, np.flatnonzero(ring == r), spur))
    ends.extend(_tie_rings(xy, ring, spur, rings))
    return np.array(sorted({(min(e), max(e)) for e in ends}), dtype=np.int64), spur


def _lay_ring(xy: Floats, members: Ints, spur: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Close a ring over most of some substations; the remote ones hang on it."""
    if len(members) == 1:
        return []
    tour = _round_trip(xy, members)
    for _ in range(int(_SPUR_SHARE * len(members)) if len(members) > 4 else 0):
        before, after = np.roll(tour, 1), np.roll(tour, -1)
        detour = (
            np.linalg.norm(xy[tour] - xy[before], axis=1)
            + np.linalg.norm(xy[tour] - xy[after], axis=1)
            - np.linalg.norm(xy[before] - xy[after], axis=1)
        )
        far = int(np.argmax(detour))
        spur[tour[far]] = True
        tour = np.delete(tour, far)
    ends = members[spur[members]]
    roots = tour[nearest_rows(xy[tour], xy[ends])]
    pairs = [*zip(roots, ends, strict=True), *zip(tour, np.roll(tour, -1), strict=True)]
    return [(int(a), int(b)) for a, b in pairs if a != b]


def _round_trip(xy: Floats, members: Ints) -> Ints:
    """Short round trip: by angle about the middle, then two-opt until no exchange helps."""
    around = xy[members] - xy[members].mean(axis=0)
    tour = members[np.argsort(np.arctan2(around[:, 1], around[:, 0]), kind="stable")]
    gap = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    better = True
    while better:
        better = False
        for i in range(len(tour) - 2):
            for j in range(i + 2, len(tour) - (i == 0)):
                a, b, c, d = tour[i], tour[i + 1], tour[j], tour[(j + 1) % len(tour)]
                if gap[a, c] + gap[b, d] < gap[a, b] + gap[c, d] - 1e-9:
                    tour[i + 1 : j + 1] = tour[i + 1 : j + 1][::-1].copy()
                    better = True
    return tour


def _tie_rings(
    xy: Floats, ring: Ints, spur: NDArray[np.bool_], rings: int
) -> list[tuple[int, int]]:
    """Tie rings by two lines each: a shortest tree over the rings, and each with its nearest."""
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    reach = np.full((rings, rings), np.inf)
    for r in range(rings):
        for s in range(r + 1, rings):
            a = np.flatnonzero((ring == r) & ~spur)
            b = np.flatnonzero((ring == s) & ~spur)
            gap = np.linalg.norm(xy[a][:, None] - xy[b][None], axis=2)
            i, j = np.unravel_index(int(np.argmin(gap)), gap.shape)
            reach[r, s] = reach[s, r] = gap[i, j]
            pairs[r, s] = [(int(a[i]), int(b[j]))]
            gap[i, :] = gap[:, j] = np.inf
            i, j = np.unravel_index(int(np.argmin(gap)), gap.shape)
            if np.isfinite(gap[i, j]):
                pairs[r, s].append((int(a[i]), int(b[j])))
    joined = {0}
    chosen: set[tuple[int, int]] = set()
    while len(joined) < rings:
        inside = np.isin(np.arange(rings), list(joined))
        open_ = np.where(inside[:, None] & ~inside[None], reach, np.inf)
        r, s = (int(k) for k in np.unravel_index(int(np.argmin(open_)), open_.shape))
        chosen.add((min(r, s), max(r, s)))
        joined.add(s)
    for r in range(rings if rings > 2 else 0):
        for s in np.argsort(reach[r], kind="stable")[:2]:
            chosen.add((min(r, int(s)), max(r, int(s))))
    return [line for pair in sorted(chosen) for line in pairs[pair]]


def _line_capacity(city: City, xy: Floats, ends: Ints) -> Floats:
    """Capacity of each line: its largest flow at the peak with any one line and any one source out.

    Flows are those of a direct-current model with reactance in proportion to length.
    """
    count = len(xy)
    feeds = city.rows("feeders", "substation_id", "substations")
    load = np.bincount(
        feeds[feeds >= 0], weights=city.feeders["peak_mw"].to_numpy(float)[feeds >= 0],
        minlength=count,
    )  # fmt: skip
    at = city.rows("power_sources", "substation_id", "substations")
    give = city.power_sources["capacity_mw"].to_numpy(float)[at >= 0]
    at = at[at >= 0]
    floor = 0.02 * load.sum()
    flow = np.full(len(ends), floor)
    length = np.maximum(np.linalg.norm(xy[ends[:, 0]] - xy[ends[:, 1]], axis=1), 50.0)
    incidence = np.zeros((len(ends), count))
    incidence[np.arange(len(ends)), ends[:, 0]] = 1.0
    incidence[np.arange(len(ends)), ends[:, 1]] -= 1.0
    inverse = np.linalg.pinv(incidence.T @ (incidence / length[:, None]), hermitian=True)
    for out in range(-1, len(at)):
        left = np.where(np.arange(len(at)) == out, 0.0, give)
        if left.sum() <= 0:
            continue
        injected = np.bincount(at, weights=left * load.sum() / left.sum(), minlength=count) - load
        base = incidence @ (inverse @ injected) / length
        # Shift of flow from each line (column) to each other when it is out; bridges shift none.
        share = (incidence @ inverse @ incidence.T) / length[:, None]
        own = np.diag(share)
        shift = np.where(own < 1 - 1e-6, share / np.maximum(1 - own, 1e-6), 0.0)
        np.fill_diagonal(shift, 0.0)
        worst = np.abs(base[:, None] + shift * base[None]).max(axis=1, initial=0.0)
        flow = np.maximum(flow, worst)
    return np.asarray(np.ceil(1e3 * _LINE_RESERVE * flow) / 1e3)
