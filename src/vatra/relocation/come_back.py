"""When a district is fit to come back to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.situation.timegrid import SLOT_H

Ints = NDArray[np.int64]

FIT_C = 16.0
"""A home is warm enough to come back to at this temperature, °C; below it resistance to
respiratory illness falls (Collins, 1986)."""
FIT_SHARE = 0.9
"""Share of those who left whose homes must be fit; assumed."""
HOLD_H = 24.0
"""Hours that all must have held, and hold in the forecast; assumed."""
LIT_SHARE = 0.25
"""Least share of the last day with power; assumed: six hours, in which food is cooked, phones
charged and lifts run."""
WATER_SHARE = 0.5
WARM_UP_H = 48.0
"""Hours until flats are warm after a network's heat is back: about two days in Kyiv in January
2026 (the city's figures)."""


def find_return(city: City, outlook: Outlook, leaving: Ints) -> pd.DataFrame:
    """Tell when each district is fit to come back to.

    A home is fit while it is at `FIT_C`, has water, its sewers drain, and it has had power for
    `LIT_SHARE` of the day before. A district is fit from the slot from which the homes of
    `FIT_SHARE` of those who left stay fit to the end of the horizon, for `HOLD_H` at least.

    Parameters
    ----------
    city, outlook
        What works where, and how cold homes are.
    leaving
        By block: people who leave.

    Returns
    -------
    pandas.DataFrame
        As `Relocation.come_back` has it; one row a district that anybody leaves.
    """
    services, homes = outlook.services, outlook.homes
    rows = np.flatnonzero(leaving > 0)
    day = max(int(24.0 / SLOT_H), 1)
    lit = np.cumsum(services.block_power[rows], axis=1, dtype=np.int64)
    before = np.concatenate([np.zeros((rows.size, 1), dtype=np.int64), lit], axis=1)
    slot = np.arange(homes.grid.slots)
    since = np.maximum(slot + 1 - day, 0)
    share = (before[:, slot + 1] - before[:, since]) / np.maximum(slot + 1 - since, 1)
    sewage = np.ones((rows.size, homes.grid.slots), dtype=bool)
    if len(city.sewage_zones):
        zone = city.rows("blocks", "sewage_zone_id", "sewage_zones")[rows]
        sewage[zone >= 0] = services.sewage_ok[zone[zone >= 0]]
    checks = {
        "heat": homes.indoor_c[rows] >= FIT_C,
        "water": np.nan_to_num(services.block_water[rows], nan=1.0) >= WATER_SHARE,
        "sewage": sewage,
        "power": share >= LIT_SHARE,
    }
    fit = np.logical_and.reduce(list(checks.values()))
    hold = int(HOLD_H / SLOT_H)
    people = leaving[rows].astype(np.float64)
    district = city.blocks["district_id"].to_numpy(dtype=object)[rows]
    found = []
    for name in sorted(set(district)):
        mine = district == name
        total = people[mine].sum()
        good = people[mine] @ fit[mine] >= FIT_SHARE * total
        bad = np.flatnonzero(~good)
        first = int(bad[-1]) + 1 if bad.size else 0
        is_fit = homes.grid.slots - first >= hold
        lacks = [
            what for what, ok in checks.items() if people[mine] @ ok[mine, -1] < FIT_SHARE * total
        ]
        found.append(
            {
                "district_id": name,
                "fit_from": homes.grid.times[first] if is_fit else pd.NaT,
                "fit_share": float(people[mine] @ fit[mine, -1] / total),
                "lacks": ", ".join(lacks),
                "warm_up_h": WARM_UP_H,
            }
        )
    columns = ["district_id", "fit_from", "fit_share", "lacks", "warm_up_h"]
    return pd.DataFrame(found, columns=columns)
