"""Water and sewage: works, pumps and tanks by zone, taps by floor, overflow by catchment."""

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
) -> tuple[Float, Float]:
    """Return what each zone is served, and what is left in its tanks.

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
    """
    zones, slots = demand_m3_h.shape
    served = np.empty((zones, slots))
    stored = np.empty((zones, slots))
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
    return served, stored


def _fit(wanted: Float, available: float) -> float:
    total = float(wanted.sum())
    # Rounding may leave a little less than nothing for zones that want nothing.
    return 1.0 if total <= max(available, 0.0) else max(available, 0.0) / total


def tap_share(
    zone_share: NDArray[np.float32],
    floors: NDArray[np.int64],
    gravity_floors: NDArray[np.int64],
    lit: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return the share of each block's residents who have water at the tap.

    Mains pressure reaches some floors, fewer in proportion to the share of the demand that is met;
    the floors above need the block's own booster, which needs power and lifts only what comes in.

    Parameters
    ----------
    zone_share
        Block × slot: share of its zone's demand that is met.
    floors
        By block: floors above ground.
    gravity_floors
        By block: floors that full mains pressure reaches.
    lit
        Block × slot: whether the booster has power.
    """
    reach = np.asarray(np.minimum(gravity_floors / np.maximum(floors, 1), 1e6), dtype=np.float32)
    by_gravity = np.minimum(zone_share * reach[:, None], np.float32(1.0))
    return np.asarray(np.where(lit, np.maximum(zone_share, by_gravity), by_gravity))


def sewage_level(
    pump_share: Float, flow_share: float, buffer_h: Float, has_pumps: NDArray[np.bool_]
) -> Float:
    """Return how many hours of inflow wait in each catchment.

    Parameters
    ----------
    pump_share
        Catchment × slot: share of its pumps' capacity that runs.
    flow_share
        Inflow relative to that capacity.
    buffer_h
        By catchment: hours of inflow that it holds.
    has_pumps
        By catchment: False where it drains by gravity.

    Returns
    -------
    NDArray[np.float64]
        Catchment × slot, hours of inflow at the end of the slot, at most `buffer_h`.
    """
    level = np.zeros(pump_share.shape[0])
    out = np.empty_like(pump_share)
    for slot in range(pump_share.shape[1]):
        # Hours of inflow gained in an hour: all of it when pumps stand still.
        gain = np.where(has_pumps, 1.0 - pump_share[:, slot] / flow_share, 0.0)
        level = np.clip(level + gain * SLOT_H, 0.0, buffer_h)
        out[:, slot] = level
    return out
