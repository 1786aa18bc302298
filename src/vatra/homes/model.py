"""The carrier of how cold homes get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid

THRESHOLDS_C = (16.0, 12.0, 8.0)
"""Indoor temperatures that plans and reports speak of, °C."""

COUNTED_C = (*THRESHOLDS_C, 5.0)
"""Indoor temperatures below which people are counted, °C; 5 °C is hard to bear even in winter
clothing (Swedish Energy Agency)."""


@dataclass(frozen=True)
class HomesOutlook:
    """How cold each block gets, and what its heaters would draw.

    Parameters
    ----------
    grid
        The half-hour slots.
    block_id
        Ids of the blocks, in the order of the city's table.
    indoor_c
        Block × slot: mean indoor air temperature at the end of the slot, °C, float32.
    heater_want_kw
        Block × slot: what the block's electric heaters would draw in the slot if it were lit, kW,
        mean over the slot, float32.
    people_below
        Threshold °C (rows, `COUNTED_C`) × slot: residents in homes below it.
    corner_c
        Block × slot: indoor air in its top corner flats, °C, float32; where a block has none, that
        of its other flats.
    """

    grid: TimeGrid
    block_id: pd.Index[str]
    indoor_c: NDArray[np.float32]
    heater_want_kw: NDArray[np.float32]
    people_below: pd.DataFrame
    corner_c: NDArray[np.float32] | None = None
