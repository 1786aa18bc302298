"""Sewage: what flows in follows the water that people get; wet wells fill while pumps stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vatra.city.model import City
from vatra.networks.parameters import NetworkParameters
from vatra.networks.water import demand_by_hour
from vatra.networks.water_answer import SewageAnswer
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]


def sewage_of(
    city: City,
    pump_share: Float,
    block_water: NDArray[np.float32],
    hour: Float,
    parameters: NetworkParameters,
) -> SewageAnswer:
    """Return how the catchments fill, when they run over, and by how much.

    Parameters
    ----------
    city
        The city.
    pump_share
        Pump × slot: share of its capacity that runs.
    block_water
        Block × slot: share of residents who have water; NaN, unknown, counts as one.
    hour
        By slot: local hour of the day.
    parameters
        What is assumed of the networks.
    """
    zones = city.sewage_zones
    row = city.rows("pumps", "sewage_zone_id", "sewage_zones")
    used = np.flatnonzero((city.pumps["kind"].to_numpy() == "sewage") & (row >= 0))
    capacity = np.zeros(len(zones))
    running = np.zeros((len(zones), pump_share.shape[1]))
    each = city.pumps["capacity_m3_h"].to_numpy(np.float64)[used]
    np.add.at(capacity, row[used], each)
    np.add.at(running, row[used], pump_share[used] * each[:, None])
    inflow = parameters.sewage_flow_share * capacity[:, None]
    inflow = inflow * _relative_inflow(city, block_water) * demand_by_hour(hour)
    well = zones["buffer_h"].to_numpy(np.float64) * parameters.sewage_flow_share * capacity
    return fill_wells(inflow, running, well)


def _relative_inflow(city: City, block_water: NDArray[np.float32]) -> Float:
    """Catchment × slot: share of residents whose taps run."""
    zone = city.rows("blocks", "sewage_zone_id", "sewage_zones")
    people = city.blocks["residents"].to_numpy(np.float64)
    inside = np.flatnonzero((zone >= 0) & (people > 0.0))
    shape = (len(city.sewage_zones), len(city.blocks))
    weight = csr_array((people[inside], (zone[inside], inside)), shape=shape)
    total = weight.sum(axis=1)
    share = weight @ np.nan_to_num(block_water, nan=1.0)
    return np.asarray(np.where(total[:, None] > 0.0, share / np.maximum(total, 1.0)[:, None], 1.0))


def fill_wells(inflow_m3_h: Float, pumps_m3_h: Float, well_m3: Float) -> SewageAnswer:
    """Return how wet wells fill and run over; they are empty at first.

    Parameters
    ----------
    inflow_m3_h
        Catchment × slot; zero for one that drains by gravity.
    pumps_m3_h
        Catchment × slot: what its pumps can lift.
    well_m3
        By catchment: what it holds before it runs over.

    Returns
    -------
    SewageAnswer
        Its balance closes: inflow is pumped, stored or runs over.
    """
    level = np.zeros(well_m3.shape)
    shape = inflow_m3_h.shape
    over, left = np.zeros(shape), np.full(shape, np.inf)
    ok = np.ones(shape, dtype=np.bool_)
    pumped = 0.0
    for slot in range(shape[1]):
        came = inflow_m3_h[:, slot] * SLOT_H
        gone = np.minimum(pumps_m3_h[:, slot] * SLOT_H, level + came)
        after = level + came - gone
        over[:, slot] = np.maximum(after - well_m3, 0.0)
        rise = inflow_m3_h[:, slot] - pumps_m3_h[:, slot]
        rising = rise > 1e-9
        room = np.maximum(well_m3 - level, 0.0)
        left[rising, slot] = room[rising] / rise[rising]
        level = np.minimum(after, well_m3)
        ok[:, slot] = ~(rising & (level >= well_m3 - 1e-9))
        pumped += float(gone.sum())
    return SewageAnswer(
        ok, left, over, float(inflow_m3_h.sum()) * SLOT_H, pumped, float(level.sum())
    )
