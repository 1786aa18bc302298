"""The carrier of what works where and when."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.homes.model import HomesOutlook
from vatra.situation.timegrid import TimeGrid


@dataclass(frozen=True)
class Services:
    """What the networks deliver.

    Parameters
    ----------
    grid
        The half-hour slots.
    substation_live
        Substation × slot: True where a source reaches it.
    feeder_live
        Feeder × slot: True where it has power: reached, undamaged and switched on.
    heat_share
        Heat zone × slot: share of the heat needed that the sources give, 0 to 1.
    water_share
        Water zone × slot: share of the demand that pumps and tanks meet, 0 to 1.
    sewage_ok
        Sewage zone × slot: False where the catchment overflows or is about to.
    block_power
        Block × slot: True where it has power.
    block_heat
        Block × slot: share of its district heat that reaches the flats, 0 to 1, float32; NaN for
        blocks without district heat.
    block_water
        Block × slot: share of its residents who have water at the tap, 0 to 1, float32; NaN
        where the water zone is unknown.
    """

    grid: TimeGrid
    substation_live: NDArray[np.bool_]
    feeder_live: NDArray[np.bool_]
    heat_share: NDArray[np.float64]
    water_share: NDArray[np.float64]
    sewage_ok: NDArray[np.bool_]
    block_power: NDArray[np.bool_]
    block_heat: NDArray[np.float32]
    block_water: NDArray[np.float32]


@dataclass(frozen=True)
class Outlook:
    """What works where and when, and how people live with it.

    Parameters
    ----------
    services
        Power, heat, water and sewage.
    homes
        Indoor temperatures.
    people
        Slot-indexed (UTC) counts of residents: ``dark``, ``no_heat``, ``no_water``,
        ``below_16``, ``below_12``, ``below_8``, ``below_5``.
    """

    services: Services
    homes: HomesOutlook
    people: pd.DataFrame = field(default_factory=pd.DataFrame)
