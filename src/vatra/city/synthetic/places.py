"""Public buildings near homes that could become warm points."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from vatra.city.synthetic.housing import near_residents
from vatra.city.synthetic.lattice import Plots, rectangles
from vatra.city.synthetic.layout import Floats, Ints
from vatra.city.synthetic.stock import round_to_total

M2_PER_PERSON = 3.5
"""Usable floor area a person; Sphere's minimum of covered living space."""

REACH_M = 450.0
"""Homes this near draw a public building; assumed."""


@dataclass(frozen=True)
class _Kind:
    """Public buildings of one kind; all figures are assumed.

    Parameters
    ----------
    name, title
        Kind of the schema, and what its buildings are called.
    per_100k
        Buildings per 100,000 residents.
    usable_m2
        Median floor area that people can use; a part of the building's floors.
    usable_share
        That part.
    floors
        Floors above ground.
    central
        How much more common near the centre; 0 follows the homes.
    generator, shelter
        Shares with a generator and with a shelter.
    """

    name: str
    title: str
    per_100k: float
    usable_m2: float
    usable_share: float
    floors: int
    central: float
    generator: float
    shelter: float


KINDS = (
    _Kind("school", "School", 17.0, 1500.0, 0.30, 3, 0.0, 0.15, 0.60),
    _Kind("kindergarten", "Kindergarten", 25.0, 520.0, 0.35, 2, 0.0, 0.06, 0.45),
    _Kind("college", "College", 4.5, 1700.0, 0.25, 4, 0.8, 0.15, 0.50),
    _Kind("hall", "Hall", 7.0, 750.0, 0.45, 2, 0.5, 0.18, 0.30),
    _Kind("library", "Library", 4.5, 260.0, 0.60, 1, 0.3, 0.10, 0.25),
    _Kind("clinic", "Clinic", 11.0, 420.0, 0.25, 3, 0.2, 0.45, 0.50),
    _Kind("station", "Station", 3.0, 900.0, 0.55, 1, 0.4, 0.60, 0.85),
    _Kind("worship", "Church", 8.5, 340.0, 0.80, 1, 0.2, 0.15, 0.20),
    _Kind("sports", "Sports centre", 9.5, 1000.0, 0.50, 2, 0.0, 0.10, 0.20),
    _Kind("office", "Office", 20.0, 480.0, 0.25, 4, 0.9, 0.30, 0.25),
    _Kind("shop", "Shop", 25.0, 620.0, 0.55, 1, 0.3, 0.40, 0.15),
    _Kind("other", "Public building", 5.0, 400.0, 0.40, 2, 0.3, 0.12, 0.20),
)


def place_sites(
    free: Plots, homes: Floats, residents: Ints, centre: Floats, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, Ints]:
    """Place public buildings on free plots, more of them where more people live.

    Parameters
    ----------
    free
        Plots without housing.
    homes
        Where people live; shape (building, 2).
    residents
        How many; shape (building,).
    centre
        The city's centre; x and y.
    rng
        Source of randomness.

    Returns
    -------
    geopandas.GeoDataFrame
        Table ``sites`` without districts, in local metres.
    NDArray[np.int64]
        Quarter of each; shape (site,).
    """
    near = near_residents(free.xy, homes, residents, REACH_M)
    # Where plots are many each gets less, so that only people count.
    near = near / near_residents(free.xy, free.xy, np.ones_like(free.quarter), REACH_M)
    out = np.hypot(*(free.xy - centre).T)
    scale = float(np.average(np.hypot(*(homes - centre).T), weights=residents))
    central = np.exp(-((out / (0.6 * scale)) ** 2))
    per_kind = np.asarray([k.per_100k for k in KINDS])
    total = min(round(per_kind.sum() * float(residents.sum()) / 1e5), int(0.9 * len(free)))
    counts = round_to_total(per_kind, total)
    left = np.ones(len(free), dtype=bool)
    picks, kinds = [], []
    for number in np.argsort([-k.usable_m2 for k in KINDS], kind="stable"):
        kind = KINDS[number]
        weight = (near + 0.01) * (1 + 4 * kind.central * central)
        # Yards first for schools and kindergartens, street fronts for the rest.
        yard = kind.name in ("school", "kindergarten")
        weight = weight * np.where(free.outer == yard, 0.35, 1.0) * left
        chosen = _spread(free, weight, int(counts[number]), rng)
        left[chosen] = False
        picks.append(chosen)
        kinds.append(np.full(len(chosen), number))
    order = np.lexsort((np.concatenate(picks), free.quarter[np.concatenate(picks)]))
    pick, kind_of = np.concatenate(picks)[order], np.concatenate(kinds)[order]
    return _as_table(free, pick, kind_of, rng), free.quarter[pick]


def _spread(free: Plots, weight: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Choose plots by systematic sampling along quarters: in proportion, and well spread."""
    order = np.argsort(free.quarter + 0.999 * rng.random(len(free)), kind="stable")
    total = np.cumsum(weight[order])
    marks = (np.arange(count) + rng.random()) / max(count, 1) * total[-1]
    chosen = np.unique(order[np.searchsorted(total, marks, side="right")])
    short = count - len(chosen)
    if short > 0:
        # A mark that fell twice on one plot takes the best of those that are left.
        rest = weight * rng.random(len(weight))
        rest[chosen] = 0.0
        chosen = np.concatenate([chosen, np.argsort(-rest, kind="stable")[:short]])
    return np.asarray(chosen, dtype=np.int64)


def _as_table(free: Plots, pick: Ints, kind_of: Ints, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw size, footprint and equipment of the sites."""
    count = len(pick)
    column = {
        name: np.asarray([getattr(k, name) for k in KINDS])[kind_of]
        for name in ("usable_m2", "usable_share", "floors", "generator", "shelter")
    }
    usable = column["usable_m2"] * rng.lognormal(0.0, 0.40, count)
    ground = usable / column["usable_share"] / column["floors"]
    length = np.minimum(np.sqrt(2.2 * ground), free.length_m[pick])
    depth = np.minimum(ground / length, free.depth_m[pick])
    # What doesn't fit its plot is smaller than drawn.
    usable = np.round(
        np.minimum(usable, length * depth * column["floors"] * column["usable_share"])
    )
    has = rng.random(count) < column["generator"]
    power = np.round(usable * rng.uniform(0.04, 0.09, count) / 1000, 3)
    fuel = rng.choice([8.0, 12.0, 24.0, 48.0], count, p=[0.35, 0.3, 0.25, 0.1])
    number = np.zeros(count, dtype=np.int64)
    for kind in range(len(KINDS)):
        here = kind_of == kind
        number[here] = rng.permutation(int(here.sum())) + 1
    width = max(4, len(str(count)))
    return gpd.GeoDataFrame(
        {
            "name": [f"{KINDS[k].title} {n}" for k, n in zip(kind_of, number, strict=True)],
            "kind": np.asarray([k.name for k in KINDS], dtype=object)[kind_of],
            "floor_area_m2": usable,
            "capacity": np.floor(usable / M2_PER_PERSON).astype(np.int64),
            "backup_mw": np.where(has, power, 0.0),
            "backup_fuel_h": np.where(has, fuel, 0.0),
            "shelter": rng.random(count) < column["shelter"],
            "status": np.full(count, "candidate", dtype=object),
        },
        geometry=shapely.normalize(rectangles(free.xy[pick], free.angle[pick], length, depth)),
        index=pd.Index([f"A-{i:0{width}d}" for i in range(1, count + 1)], name="site_id"),
    )
