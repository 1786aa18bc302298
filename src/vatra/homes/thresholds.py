"""When homes get too cold, and how long and how far they stay so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vatra.homes.model import THRESHOLDS_C
from vatra.situation.timegrid import SLOT_H


def hours_until(
    indoor_c: NDArray[np.floating], thresholds: Sequence[float] = THRESHOLDS_C
) -> NDArray[np.float64]:
    """Return the hours from the start until each block is first below each temperature.

    Parameters
    ----------
    indoor_c
        Block × slot: indoor temperature at the end of the slot, °C.
    thresholds
        Temperatures, °C.

    Returns
    -------
    NDArray[np.float64]
        Block × threshold, hours, interpolated within the slot; infinite where it never happens.
    """
    hours = np.full((indoor_c.shape[0], len(thresholds)), np.inf)
    rows = np.arange(indoor_c.shape[0])
    for column, threshold in enumerate(thresholds):
        under = indoor_c < threshold
        slot = under.argmax(axis=1)
        found = under[rows, slot]
        after = indoor_c[rows, slot].astype(np.float64)
        before = indoor_c[rows, np.maximum(slot - 1, 0)].astype(np.float64)
        fall = before - after
        part = np.where(fall > 0, (before - threshold) / np.where(fall > 0, fall, 1.0), 1.0)
        hours[found, column] = ((slot + np.clip(part, 0.0, 1.0)) * SLOT_H)[found]
    return hours


def degree_hours(indoor_c: NDArray[np.floating], base_c: float) -> NDArray[np.float64]:
    """Return the degree-hours that each block spends below a temperature, K·h.

    Parameters
    ----------
    indoor_c
        Block × slot: indoor temperature at the end of the slot, °C.
    base_c
        Temperature, °C.

    Returns
    -------
    NDArray[np.float64]
        One a block.
    """
    return np.asarray(np.maximum(base_c - indoor_c, 0.0).sum(axis=1, dtype=np.float64) * SLOT_H)
