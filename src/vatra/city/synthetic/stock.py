"""What the housing stock is made of: shares, sizes and equipment of the archetypes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESIDENTS_PER_DWELLING = 2.5
"""People a flat or house; 1.2 million households in 3.0 million residents, assumed."""

GROSS_PER_HEATED = 1.18
"""Footprint times floors over the heated floor area of dwellings: walls and stairs; assumed."""


@dataclass(frozen=True)
class Archetype:
    """Figures of one archetype of building.

    Parameters
    ----------
    name
        One of `vatra.city.schema.ARCHETYPES`.
    share
        Share of the city's dwellings. Five-storey blocks of the 1950-60s 20 % (half brick),
        panel of the 1970-90s 18 %, insulated newer blocks 20 % (property portal's survey of
        over 10,000 buildings in Kyiv); how the rest splits is assumed.
    flat_m2
        Mean heated floor area a dwelling; assumed from typical series.
    dwellings
        Mean dwellings a building, so that 3 million residents live in about 12,000 of them.
    depth_m
        Depth of the building.
    floors, floor_chance
        Floors that occur, and how often.
    people
        Residents a dwelling relative to the city's mean; assumed.
    elderly, infants
        Share of elderly people and infants relative to the city's mean; assumed.
    zones
        Share of its buildings by zone of the plan.
    """

    name: str
    share: float
    flat_m2: float
    dwellings: float
    depth_m: float
    floors: tuple[int, ...]
    floor_chance: tuple[float, ...]
    people: float
    elderly: float
    infants: float
    zones: dict[str, float]


STOCK: tuple[Archetype, ...] = (
    Archetype(
        "prewar_brick", 0.10, 60.0, 46.0, 14.0, (3, 4, 5, 6), (0.2, 0.35, 0.35, 0.1),
        0.92, 1.15, 0.85, {"centre": 0.92, "belt": 0.08},
    ),
    Archetype(
        "brick_5", 0.10, 45.0, 62.0, 12.5, (4, 5), (0.25, 0.75),
        0.95, 1.30, 0.80, {"centre": 0.20, "belt": 0.80},
    ),
    Archetype(
        "panel_5", 0.10, 43.0, 70.0, 12.0, (5,), (1.0,),
        0.95, 1.30, 0.80, {"belt": 0.95, "mid": 0.05},
    ),
    Archetype(
        "panel_9", 0.10, 51.0, 112.0, 12.5, (9,), (1.0,),
        1.0, 1.10, 0.90, {"mid": 0.92, "belt": 0.08},
    ),
    Archetype(
        "panel_16", 0.08, 54.0, 116.0, 17.0, (12, 14, 16), (0.15, 0.2, 0.65),
        1.0, 1.0, 1.0, {"mid": 0.6, "late": 0.4},
    ),
    Archetype(
        "panel_9_late", 0.25, 58.0, 122.0, 13.5, (9, 10), (0.9, 0.1),
        1.05, 0.90, 1.05, {"late": 0.93, "mid": 0.07},
    ),
    Archetype(
        "new_build", 0.20, 66.0, 172.0, 20.0, (9, 10, 14, 16, 20, 24, 25),
        (0.12, 0.18, 0.15, 0.20, 0.15, 0.12, 0.08),
        0.98, 0.55, 1.45, {"new": 0.62, "centre": 0.08, "belt": 0.08, "mid": 0.10, "late": 0.12},
    ),
    Archetype(
        "private_house", 0.07, 92.0, 12.0, 10.0, (1, 2), (0.55, 0.45),
        1.22, 1.10, 0.95, {"private": 1.0},
    ),
)  # fmt: skip

ZONES = ("centre", "belt", "mid", "late", "new", "private", "park", "industry")
"""Uses of a quarter: old centre, belt of five-storey blocks, microdistricts of the 1970-80s and
the 1990s, new estates, private houses, parks and woods, industry and depots."""

BUILDINGS_PER_HA = {
    "centre": 2.60, "belt": 0.74, "mid": 0.72, "late": 0.72, "new": 0.72, "private": 0.64,
}  # fmt: skip
"""Buildings (for private houses: groups) a hectare of quarter; assumed."""


def count_dwellings(residents: int) -> NDArray[np.int64]:
    """Return dwellings by archetype, in the order of `STOCK`, that add up to the city's.

    Parameters
    ----------
    residents
        People in the city.
    """
    shares = np.asarray([a.share for a in STOCK])
    return round_to_total(shares, round(residents / RESIDENTS_PER_DWELLING))


def count_buildings(residents: int) -> NDArray[np.int64]:
    """Return buildings (groups of private houses) by archetype, at least one of each.

    Parameters
    ----------
    residents
        People in the city.
    """
    mean = np.asarray([a.dwellings for a in STOCK])
    return np.asarray(np.maximum(1, np.round(count_dwellings(residents) / mean)), dtype=np.int64)


def round_to_total(weights: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Share out a whole number by weights, with the largest remainders rounded up.

    Parameters
    ----------
    weights
        How much each should get, in any unit, not all zero.
    total
        What to share out.

    Returns
    -------
    NDArray[np.int64]
        Whole numbers that add up to `total`.
    """
    exact = weights * (total / weights.sum())
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    short = int(total - whole.sum())
    order = np.argsort(whole - exact, kind="stable")
    whole[order[:short]] += 1
    return whole
