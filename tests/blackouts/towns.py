"""Small towns to cut: feeders and demand of any size, from a seed."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.demand import served_load
from vatra.demand.model import Demand, Pickup
from vatra.situation.timegrid import TimeGrid


def make_town(
    feeders: int,
    slots: int,
    seed: int = 0,
    *,
    kept: float = 0.2,
    start: str = "2022-11-23T22:00Z",
    pickup: Pickup | None = None,
) -> tuple[pd.DataFrame, Demand]:
    """Make feeders with an evening peak, some of them protected, reserved or mixed."""
    rng = np.random.default_rng(seed)
    grid = TimeGrid(pd.Timestamp(start), slots)
    hour = grid.hour
    evening = (
        0.6 + 0.1 * np.cos((hour - 15) / 24 * 2 * np.pi) + 0.3 * np.exp(-(((hour - 19) / 2.5) ** 2))
    )
    office = 0.5 + 0.4 * np.exp(-(((hour - 13) / 4) ** 2))
    mix = rng.beta(6, 2, (feeders, 1))
    load = (mix * evening + (1 - mix) * office) * rng.lognormal(0, 0.4, (feeders, 1))
    draw = rng.random(feeders)
    mixed = np.where(rng.random((feeders, 1)) < 0.3, rng.uniform(0, 0.5, (feeders, 1)), 0.0)
    ids = pd.Index([f"F-{i:04d}" for i in range(feeders)], name="feeder_id")
    table = pd.DataFrame(
        {
            "substation_id": [f"S-{i % max(1, feeders // 10)}" for i in range(feeders)],
            "district_id": [f"D-{i % 3}" for i in range(feeders)],
            "queue": [f"{1 + i // 2 % 6}.{1 + i % 2}" for i in range(feeders)],
            "customers": rng.integers(50, 1000, feeders),
            "protected": draw < kept / 2,
            "reserved": (draw >= kept / 2) & (draw < kept),
        },
        index=ids,
    )
    critical = load * mixed
    return table, Demand(grid, ids, load, critical, np.zeros_like(load), pickup or Pickup())


def lightest_dark_mwh(
    demand: Demand, limit_mw: NDArray[np.float64], min_dark: int, min_light: int, max_dark: int
) -> float:
    """Try every on/off pattern of a few feeders in a few slots; least energy unserved, MWh."""
    feeders, slots = demand.load_mw.shape
    patterns = [
        np.array(bits, dtype=bool)
        for bits in itertools.product((False, True), repeat=slots)
        if _keeps_rules(bits, min_dark, min_light, max_dark)
    ]
    best = np.inf
    loads = []
    for f in range(feeders):
        single = Demand(
            demand.grid, demand.feeder_id[[f]], demand.load_mw[[f]], demand.critical_mw[[f]],
            demand.heater_mw[[f]], demand.pickup,
        )  # fmt: skip
        loads.append([served_load(single, bits[None, :])[0] for bits in patterns])
    unserved = [[0.5 * demand.load_mw[f][~bits].sum() for bits in patterns] for f in range(feeders)]
    for choice in itertools.product(range(len(patterns)), repeat=feeders):
        cost = sum(unserved[f][c] for f, c in enumerate(choice))
        if cost < best:
            total = sum(loads[f][c] for f, c in enumerate(choice))
            if (np.asarray(total) <= limit_mw + 1e-9).all():
                best = cost
    return float(best)


def _keeps_rules(bits: tuple[bool, ...], min_dark: int, min_light: int, max_dark: int) -> bool:
    runs = [(on, len(list(group))) for on, group in itertools.groupby(bits)]
    for i, (on, length) in enumerate(runs):
        last = i == len(runs) - 1
        if not on and (length > max_dark or (length < min_dark and not last)):
            return False
        if on and i > 0 and not last and length < min_light:
            return False
    return True
