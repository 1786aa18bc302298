"""What still works with this damage and this switching, hour by hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.heat_service import serve_heat
from vatra.networks.heat_state import HeatStateParameters
from vatra.networks.model import Services
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power import backed_share, feeders_reached, substations_live, take_rows
from vatra.networks.water import balance_water, demand_by_hour, sewage_level, tap_share
from vatra.situation.model import Situation

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

DEFAULT = NetworkParameters()
BUILDINGS = HeatStateParameters()


def simulate_networks(
    city: City,
    situation: Situation,
    feeder_on: Bool,
    parameters: NetworkParameters = DEFAULT,
    buildings: HeatStateParameters = BUILDINGS,
) -> Services:
    """Return what power, water, sewage and heat deliver under a switching of feeders.

    Power reaches feeders from sources over undamaged lines and substations. Pumps and heat sources
    live on their feeder or their generator while its fuel lasts. Water is a balance of works,
    pumps and tanks by zone; sources of heat need power and make-up water; heat points with pumps
    need the power of their block. Buildings whose heat stops in frost are drained, and take days to
    come back.

    Parameters
    ----------
    city
        The city; any network may be absent.
    situation
        Time grid, weather and damage are used.
    feeder_on
        Feeder × slot: True where the dispatcher leaves the feeder on.
    parameters
        What is assumed of the networks.
    buildings
        What is assumed of draining and filling buildings.

    Returns
    -------
    Services
        By zone, feeder and block.
    """
    grid = situation.grid
    if feeder_on.shape != (len(city.feeders), grid.slots):
        raise ValueError(
            f"feeder_on is {feeder_on.shape}, not feeder × slot {len(city.feeders), grid.slots}"
        )
    substation_live = substations_live(city, situation, parameters)
    live = feeders_reached(city, situation, substation_live) & feeder_on
    pump_share = _asset_share(city, situation, live, "pumps", parameters)
    water_share = _water(city, situation, pump_share, parameters)
    block_power = take_rows(live, city.rows("blocks", "feeder_id", "feeders"), missing=True)
    source_share = _asset_share(city, situation, live, "heat_sources", parameters)
    heat = serve_heat(
        city, situation, source_share, water_share, block_power, parameters, buildings
    )
    return Services(
        grid=grid,
        substation_live=substation_live,
        feeder_live=live,
        heat_share=heat.zone_share,
        water_share=water_share,
        sewage_ok=_sewage(city, pump_share, parameters),
        block_power=block_power,
        block_heat=heat.block_heat,
        block_water=_block_water(city, water_share, block_power),
        balances=() if heat.balance is None else (heat.balance,),
        block_heat_state=heat.block_state,
    )


def _asset_share(
    city: City, situation: Situation, live: Bool, table: str, parameters: NetworkParameters
) -> Float:
    # Asset × slot: share of its capacity that power and damage leave.
    frame: pd.DataFrame = city.tables()[table]
    powered = backed_share(
        take_rows(live, city.rows(table, "feeder_id", "feeders"), missing=True),
        frame["electric_mw"].to_numpy(np.float64),
        frame["backup_mw"].to_numpy(np.float64),
        frame["backup_fuel_h"].to_numpy(np.float64),
        parameters.refuel_h,
    )
    return powered * remaining_share(city, situation, table)


def _water(
    city: City, situation: Situation, pump_share: Float, parameters: NetworkParameters
) -> Float:
    zones = city.water_zones
    slots = situation.grid.slots
    if zones.empty:
        return np.empty((0, slots))
    kind = city.pumps["kind"].to_numpy()
    lifted = pump_share * city.pumps["capacity_m3_h"].to_numpy(np.float64)[:, None]
    zone = city.rows("pumps", "water_zone_id", "water_zones")
    works = kind == "water_works"
    pumps = (kind == "water") & (zone >= 0)
    by_zone = np.zeros((len(zones), slots))
    np.add.at(by_zone, zone[pumps], lifted[pumps])
    pumped = np.zeros(len(zones), dtype=np.bool_)
    pumped[zone[pumps]] = True
    by_zone[~pumped] = np.inf
    mean = zones["demand_m3_h"].to_numpy(np.float64)
    demand = mean[:, None] * demand_by_hour(situation.grid.hour)
    served, _ = balance_water(
        lifted[works].sum(axis=0) if works.any() else None,
        by_zone,
        demand,
        zones["tank_m3"].to_numpy(np.float64),
        parameters.tank_start_share,
    )
    return np.where(demand > 0.0, served / np.where(demand > 0.0, demand, 1.0), 1.0)


def _sewage(city: City, pump_share: Float, parameters: NetworkParameters) -> Bool:
    zones = city.sewage_zones
    row = city.rows("pumps", "sewage_zone_id", "sewage_zones")
    used = (city.pumps["kind"].to_numpy() == "sewage") & (row >= 0)
    capacity = city.pumps["capacity_m3_h"].to_numpy(np.float64)
    total = np.zeros(len(zones))
    np.add.at(total, row[used], capacity[used])
    running = np.zeros((len(zones), pump_share.shape[1]))
    np.add.at(running, row[used], pump_share[used] * capacity[used][:, None])
    pumped = total > 0.0
    running /= np.where(pumped, total, 1.0)[:, None]
    buffer = zones["buffer_h"].to_numpy(np.float64)
    level = sewage_level(running, parameters.sewage_flow_share, buffer, pumped)
    # A catchment without any buffer is in trouble only while its pumps can't keep up.
    ok = (level < buffer[:, None]) | (running >= parameters.sewage_flow_share)
    return np.asarray(ok | ~pumped[:, None])


def _block_water(city: City, water_share: Float, block_power: Bool) -> NDArray[np.float32]:
    zone = city.rows("blocks", "water_zone_id", "water_zones")
    share = _by_block(water_share, zone, np.nan)
    gravity = np.full(zone.size, 5, dtype=np.int64)
    known = zone >= 0
    gravity[known] = city.water_zones["gravity_floors"].to_numpy(np.int64)[zone[known]]
    return tap_share(share, city.blocks["floors"].to_numpy(np.int64), gravity, block_power)


def _by_block(values: Float, zone: NDArray[np.int64], missing: float) -> NDArray[np.float32]:
    out = np.full((zone.size, values.shape[1]), missing, dtype=np.float32)
    known = zone >= 0
    out[known] = values.astype(np.float32)[zone[known]]
    return out
