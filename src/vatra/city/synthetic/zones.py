"""What each quarter is used for, and which district it belongs to."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from vatra.city.synthetic.layout import FULL_SIZE, Floats, Ints, Layout
from vatra.city.synthetic.stock import BUILDINGS_PER_HA, STOCK, ZONES, count_buildings

DISTRICTS_AT_FULL_SIZE = 10
"""Districts at 3 million residents; public."""

EDGE_LOSS_M = 38.0
"""Depth along a quarter's border on which lattices of whole modules find no room; fitted."""

PRIVATE_EDGE_LOSS_M = 66.0
"""The same among private houses, whose plots are larger; fitted."""

USUAL_SIDE_M = 700.0
"""Side of a quarter for which `BUILDINGS_PER_HA` holds."""

DWELLINGS_PER_HA = {
    "centre": 110.0, "belt": 50.0, "mid": 80.0, "late": 85.0, "new": 115.0, "private": 8.0,
    "park": 0.0, "industry": 0.0,
}  # fmt: skip
"""Rough density of homes, to share districts out; follows from the stock."""

PARK_SHARE = 0.60
"""Parks and woods in the land that housing doesn't take; the rest is industry; assumed."""


def assign_zones(
    layout: Layout, residents: int, rng: np.random.Generator, *, slack: float = 1.0
) -> Ints:
    """Choose a use for every quarter, so that the housing stock finds room.

    The old centre comes first, then belts of later housing further out; patches of parks,
    industry and new estates break the rings up; private houses take what is left.

    Parameters
    ----------
    layout
        Ground plan.
    residents
        People in the city.
    rng
        Source of randomness.
    slack
        How much more land housing gets than it usually needs; small plans, whose quarters are
        few and cut at odd angles, may need more.

    Returns
    -------
    NDArray[np.int64]
        Index into `ZONES`; shape (quarter,).
    """
    area_ha = _usable_area(layout, EDGE_LOSS_M)
    need_ha = {zone: slack * area for zone, area in _housing_area(residents).items()}
    spare_ha = max(area_ha.sum() - sum(need_ha.values()), 0.0)
    need_ha["park"] = PARK_SHARE * spare_ha
    need_ha["industry"] = (1 - PARK_SHARE) * spare_ha

    out = np.hypot(*(layout.seeds - layout.centre).T) / layout.radius_m
    patch = {zone: _patches(layout, rng) for zone in ZONES}
    from_water = np.asarray(shapely.distance(layout.river, shapely.points(layout.seeds)))
    at_water = from_water < 0.07 * layout.radius_m
    score = {
        "centre": out + 0.02 * patch["centre"] + 0.25 * (layout.bank > 0),
        "industry": np.abs(out - 0.62) + 0.45 * patch["industry"] + 0.40 * at_water,
        "park": np.abs(out - 0.80) + 0.40 * patch["park"] - 0.45 * at_water,
        "belt": np.abs(out - 0.30) + 0.10 * patch["belt"],
        "new": np.abs(out - 0.55) + 0.40 * patch["new"] - 0.10 * (layout.bank > 0),
        "mid": np.abs(out - 0.52) + 0.15 * patch["mid"],
        "late": np.abs(out - 0.72) + 0.22 * patch["late"] - 0.12 * (layout.bank > 0),
    }
    use = np.full(len(area_ha), -1, dtype=np.int64)
    for zone, value in score.items():
        free = np.flatnonzero(use < 0)
        order = free[np.argsort(value[free], kind="stable")]
        total = np.cumsum(area_ha[order])
        count = int(np.searchsorted(total - area_ha[order] / 2, need_ha[zone]))
        if zone not in ("park", "industry"):
            count = max(count, 1)
        use[order[:count]] = ZONES.index(zone)
    private = ZONES.index("private")
    use[use < 0] = private
    # Private plots are the largest and lose most room at borders: take more land if need be.
    room_ha = _usable_area(layout, PRIVATE_EDGE_LOSS_M)
    open_land = np.flatnonzero(np.isin(use, [ZONES.index("park"), ZONES.index("industry")]))
    open_land = open_land[np.argsort(-out[open_land], kind="stable")]
    missing_ha = need_ha["private"] - room_ha[use == private].sum()
    taken = int(np.searchsorted(np.cumsum(room_ha[open_land]), missing_ha)) + 1
    if missing_ha > 0:
        use[open_land[:taken]] = private
    return use


def _housing_area(residents: int) -> dict[str, float]:
    """Return hectares of quarter that each kind of housing needs."""
    buildings = count_buildings(residents)
    need = dict.fromkeys(BUILDINGS_PER_HA, 0.0)
    for archetype, count in zip(STOCK, buildings, strict=True):
        for zone, share in archetype.zones.items():
            need[zone] += share * float(count) / BUILDINGS_PER_HA[zone]
    return need


def _usable_area(layout: Layout, edge_loss_m: float) -> Floats:
    """Return hectares by quarter for building, on the scale of a quarter of usual size.

    Along their borders quarters lose room, small and narrow ones the most.
    """
    core = np.asarray(shapely.area(shapely.buffer(layout.quarters, -edge_loss_m)))
    return core / (1 - 2 * edge_loss_m / USUAL_SIDE_M) ** 2 / 1e4


def _patches(layout: Layout, rng: np.random.Generator) -> Floats:
    """Return a smooth random field at the quarters, about -1 to 1, for patches of like use."""
    waves = 10
    length = rng.uniform(0.35, 1.1, waves) * layout.radius_m
    angle, phase = rng.uniform(0, 2 * np.pi, (2, waves))
    along = layout.seeds[:, :1] * np.cos(angle) + layout.seeds[:, 1:] * np.sin(angle)
    return np.asarray(np.sin(2 * np.pi * along / length + phase).sum(axis=1) / np.sqrt(waves / 2))


def assign_districts(layout: Layout, use: Ints, residents: int, rng: np.random.Generator) -> Ints:
    """Share the quarters out among compact districts, none of them across the river.

    Parameters
    ----------
    layout
        Ground plan.
    use
        Zone of each quarter, index into `ZONES`.
    residents
        People in the city.
    rng
        Source of randomness.

    Returns
    -------
    NDArray[np.int64]
        District; shape (quarter,). District 0 holds the old centre; those of the right bank
        come before those of the left.
    """
    area = np.asarray(shapely.area(layout.quarters))
    homes = area * np.asarray([DWELLINGS_PER_HA[zone] for zone in ZONES])[use]
    # Districts are neither equal in area nor in people: half of each.
    weight = area / area.sum() + homes / homes.sum()
    count = max(2, round(DISTRICTS_AT_FULL_SIZE * (residents / FULL_SIZE) ** 0.4))
    right_share = weight[layout.bank < 0].sum() / weight.sum()
    on_right = int(np.clip(round(count * right_share), 1, count - 1))
    from_centre = np.hypot(*(layout.seeds - layout.centre).T)
    from_water = np.asarray(shapely.distance(layout.river, layout.quarters))
    district = np.zeros(len(area), dtype=np.int64)
    for bank, first, number in ((-1, 0, on_right), (1, on_right, count - on_right)):
        members = np.flatnonzero(layout.bank == bank)
        first_at = layout.centre if bank < 0 else None
        part = _partition(layout.seeds[members], weight[members], number, rng, first_at)
        # By distance from the river, as their names follow; the old centre goes first.
        wet = np.bincount(part, from_water[members], number) / np.bincount(part, minlength=number)
        if bank < 0:
            wet[part[np.argmin(from_centre[members])]] = -1.0
        place = np.empty(number, dtype=np.int64)
        place[np.argsort(wet, kind="stable")] = np.arange(number)
        district[members] = first + place[part]
    return district


def _partition(
    points: Floats, weight: Floats, parts: int, rng: np.random.Generator, first_at: Floats | None
) -> Ints:
    """Split points into compact parts of like weight (Lloyd's method with penalties).

    The first part stays round `first_at`, if given, so that the old centre isn't torn.
    """
    start = points[[int(rng.integers(len(points)))]]
    centres = start if first_at is None else first_at[None, :]
    while len(centres) < parts:
        gap = _distances(points, centres).min(axis=1)
        centres = np.concatenate([centres, points[[int(np.argmax(gap))]]])
    scale = np.ones(parts)
    label: NDArray[np.int64] = np.zeros(len(points), dtype=np.int64)
    for _ in range(60):
        label = np.argmin(_distances(points, centres) * scale, axis=1)
        mass = np.maximum(np.bincount(label, weight, parts), weight.min())
        for axis in (0, 1):
            centres[:, axis] = np.bincount(label, weight * points[:, axis], parts) / mass
        if first_at is not None:
            centres[0] = first_at
        scale *= (mass / mass.mean()) ** 0.08
    return label


def _distances(points: Floats, centres: Floats) -> Floats:
    """Return distances from every point to every centre."""
    return np.asarray(np.hypot(*(points[:, None, :] - centres[None, :, :]).transpose(2, 0, 1)))
