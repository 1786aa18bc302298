"""Water: works, pumps and tanks by zone, taps by floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]

DAILY_SHAPE = np.array(
    [
        0.45, 0.40, 0.35, 0.35, 0.45, 0.80, 1.30, 1.55, 1.40, 1.20, 1.10, 1.05,
        1.05, 1.00, 1.00, 1.00, 1.10, 1.25, 1.40, 1.45, 1.35, 1.15, 0.90, 0.60,
    ]
)  # fmt: skip
"""Demand of each local hour relative to the daily mean, before scaling to a mean of one; assumed:
the usual domestic day with a morning and an evening peak."""


def demand_by_hour(hour: Float) -> Float:
    """Return the water demand relative to its daily mean.

    Parameters
    ----------
    hour
        Local hour of the day, 0 to 24.
    """
    shape = DAILY_SHAPE / DAILY_SHAPE.mean()
    return np.asarray(shape[np.floor(hour).astype(np.int64) % 24])


def balance_water(
    works_m3_h: Float | None,
    pumps_m3_h: Float,
    demand_m3_h: Float,
    tank_m3: Float,
    start_share: float,
) -> tuple[Float, Float, Float]:
    """Return what each zone is served, what is left in its tanks, and what its pumps lift.

    Works feed the zones' pumps, demand first, then the tanks; tanks feed a zone when its pumps
    give less than it needs.

    Parameters
    ----------
    works_m3_h
        By slot: what all works together give; None where the city has no works in its tables and
        water is taken as unlimited.
    pumps_m3_h
        Zone × slot: what the zone's pumps can lift; infinite for a zone fed by gravity.
    demand_m3_h
        Zone × slot.
    tank_m3
        By zone: usable storage.
    start_share
        How full the tanks are at the start.

    Returns
    -------
    served_m3_h
        Zone × slot.
    stored_m3
        Zone × slot, at the end of the slot.
    lifted_m3_h
        Zone × slot.
    """
    zones, slots = demand_m3_h.shape
    served = np.empty((zones, slots))
    stored = np.empty((zones, slots))
    lifted = np.empty((zones, slots))
    level = tank_m3 * start_share
    for slot in range(slots):
        demand = demand_m3_h[:, slot]
        first = np.minimum(pumps_m3_h[:, slot], demand)
        headroom = (tank_m3 - level) / SLOT_H
        refill = np.minimum(pumps_m3_h[:, slot] - first, headroom)
        if works_m3_h is not None:
            works = works_m3_h[slot]
            first = first * _fit(first, works)
            refill = refill * _fit(refill, works - first.sum())
        given = np.minimum(demand, first + level / SLOT_H)
        level = np.clip(level + (first + refill - given) * SLOT_H, 0.0, tank_m3)
        served[:, slot] = given
        stored[:, slot] = level
        lifted[:, slot] = first + refill
    return served, stored, lifted


def _fit(wanted: Float, available: float) -> float:
    total = float(wanted.sum())
    # Rounding may leave a little less than nothing for zones that want nothing.
    return 1.0 if total <= max(available, 0.0) else max(available, 0.0) / total


def floors_reached(pressure_m: Float) -> Float:
    """Return how many floors a pressure in the mains serves.

    Water companies owe 10 m at the entry of a house of one floor and 4 m more for each further one
    (ДБН В.2.5-74:2013); less than half a floor below that still counts as served (assumed).

    Parameters
    ----------
    pressure_m
        Pressure above the ground, m of water.
    """
    return np.asarray(np.maximum(np.floor((pressure_m - 10.0) / 4.0 + 1.5), 0.0))


def tap_share(
    zone_share: NDArray[np.float32],
    floors: NDArray[np.int64],
    reach_floors: NDArray[np.float32],
    lit: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return the share of each block's residents who have water at the tap.

    Pressure in the mains reaches some floors; those above need the block's own booster, which needs
    power and lifts only what comes in. The top floors lose water first.

    Parameters
    ----------
    zone_share
        Block × slot: share of its zone's demand that is met.
    floors
        By block: floors above ground.
    reach_floors
        Block × slot: floors that the pressure in the mains reaches.
    lit
        Block × slot: whether the booster has power.
    """
    height = np.maximum(floors, 1).astype(np.float32)[:, None]
    by_gravity = np.minimum(reach_floors / height, np.float32(1.0))
    # No floor has water where the zone's share is unknown.
    by_gravity = np.where(np.isnan(zone_share), np.float32(np.nan), by_gravity)
    return np.asarray(np.where(lit, np.maximum(zone_share, by_gravity), by_gravity), np.float32)


TOP_FLOOR = 60
FLOOR_BANDS = ((1, 2), (3, 5), (6, 9), (10, TOP_FLOOR))
"""Floors, the first and the last, by which people without water are counted."""


def dry_by_floor(
    block_water: NDArray[np.float32], floors: NDArray[np.int64], residents: Float
) -> Float:
    """Return how many people of each band of floors have no water, band × slot.

    Parameters
    ----------
    block_water
        Block × slot: share of residents who have water at the tap; NaN, unknown, counts as none
        without.
    floors
        By block: floors above ground.
    residents
        By block, alike on each floor.
    """
    height = np.maximum(floors, 1).astype(np.float64)
    wet = np.nan_to_num(block_water, nan=1.0) * height[:, None]
    per_floor = residents / height
    out = np.empty((len(FLOOR_BANDS), block_water.shape[1]))
    for band, (low, high) in enumerate(FLOOR_BANDS):
        top = np.minimum(height, high)
        bottom = np.minimum(height, low - 1.0)
        dry = np.maximum(top[:, None] - np.maximum(wet, bottom[:, None]), 0.0)
        out[band] = per_floor @ dry
    return out
