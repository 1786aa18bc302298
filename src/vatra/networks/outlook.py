"""How many people live without what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.city.model import City
from vatra.homes.model import HomesOutlook
from vatra.networks.model import Outlook, Services
from vatra.networks.water import FLOOR_BANDS, TOP_FLOOR, dry_by_floor

NO_HEAT_SHARE = 0.1
"""Share of district heat below which people count as having none; assumed."""


def make_outlook(city: City, services: Services, homes: HomesOutlook) -> Outlook:
    """Return services, homes and the people concerned, slot by slot.

    Parameters
    ----------
    city
        The city.
    services
        What the networks deliver.
    homes
        How cold homes are.

    Returns
    -------
    Outlook
        Its `people` counts residents by slot: ``dark``, ``no_heat`` (district heat below a tenth),
        ``no_water`` (no water at the tap), and ``below_16``, ``below_12``, ``below_8``, ``below_5``
        °C.
    """
    residents = city.blocks["residents"].to_numpy(np.float64)
    # NaN is unknown or not applicable: it counts as neither.
    no_heat = services.block_heat < NO_HEAT_SHARE
    dry = 1.0 - np.nan_to_num(services.block_water, nan=1.0)
    counts = {
        "dark": residents.sum() - residents @ services.block_power,
        "no_heat": residents @ no_heat,
        "no_water": residents @ dry,
    }
    frame = pd.DataFrame(counts, index=services.grid.times).round().astype(np.int64)
    for threshold in homes.people_below.index:
        frame[f"below_{threshold:g}"] = homes.people_below.loc[threshold].to_numpy(np.int64)
    floors = city.blocks["floors"].to_numpy(np.int64)
    by_floor = dry_by_floor(services.block_water, floors, residents)
    names = [f"{low}–{high}" if high < TOP_FLOOR else f"{low}–" for low, high in FLOOR_BANDS]
    bands = pd.DataFrame(by_floor.T, index=services.grid.times, columns=names)
    return Outlook(services, homes, frame, dry_by_floor=bands.round().astype(np.int64))
