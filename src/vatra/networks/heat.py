"""District heat by zone: sources against need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]


def needed_share(outdoor_c: Float, indoor_c: float, design_outdoor_c: float) -> Float:
    """Return the heat that a zone needs relative to its design heat.

    Parameters
    ----------
    outdoor_c
        Outdoor temperature by slot, °C.
    indoor_c
        Temperature at which nothing is needed, °C.
    design_outdoor_c
        Temperature at which the design heat is needed, °C.
    """
    return np.maximum(0.0, (indoor_c - outdoor_c) / (indoor_c - design_outdoor_c))


def ramped(share: Float, ramp_h: float) -> Float:
    """Return what sources give when they rise no faster than in `ramp_h` hours from none to full.

    Parameters
    ----------
    share
        Source × slot: share of its capacity that it could give. It runs at that before the start.
    ramp_h
        Hours from standstill to full.
    """
    if ramp_h <= 0.0:
        return share
    step = SLOT_H / ramp_h
    out = share.copy()
    for slot in range(1, share.shape[1]):
        out[:, slot] = np.minimum(share[:, slot], out[:, slot - 1] + step)
    return out


def with_makeup(has_water: NDArray[np.bool_], buffer_h: float) -> NDArray[np.bool_]:
    """Return whether sources can run on their make-up water.

    Parameters
    ----------
    has_water
        Source × slot: whether make-up water comes in.
    buffer_h
        Hours that a source runs without.
    """
    slots = buffer_h / SLOT_H
    dry = np.zeros(has_water.shape[0])
    out = np.empty_like(has_water)
    for slot in range(has_water.shape[1]):
        dry = np.where(has_water[:, slot], 0.0, dry + 1.0)
        out[:, slot] = dry <= slots
    return out


def zone_share(
    zone: NDArray[np.int64], available_mw: Float, design_mw: Float, needed: Float
) -> Float:
    """Return the share of its heat that each zone gets.

    Parameters
    ----------
    zone
        By source: row of its zone, −1 for none.
    available_mw
        Source × slot.
    design_mw
        By zone: heat needed at the design temperature.
    needed
        By slot: need relative to that.

    Returns
    -------
    NDArray[np.float64]
        Zone × slot, 0 to 1; 0 wherever no source works, even if nothing is needed.
    """
    total = np.zeros((design_mw.size, needed.size))
    known = zone >= 0
    np.add.at(total, zone[known], available_mw[known])
    need = design_mw[:, None] * needed
    share = np.minimum(1.0, total / np.where(need > 0.0, need, 1.0))
    return np.asarray(np.where(need > 0.0, share, (total > 0.0).astype(np.float64)))
