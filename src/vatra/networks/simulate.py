"""What still works with this damage and this switching, hour by hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.heat_service import serve_heat
from vatra.networks.heat_state import HeatStateParameters
from vatra.networks.model import Balance, Services, balance_of
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power import backed_share, feeders_reached, substations_live, take_rows
from vatra.networks.sewage import sewage_of
from vatra.networks.water import tap_share
from vatra.networks.water_answer import SewageAnswer, WaterAnswer
from vatra.networks.water_service import water_by_epanet, water_by_zones
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
    *,
    hydraulics: bool = False,
    water: WaterAnswer | None = None,
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
    hydraulics
        Whether to run the city's EPANET model: seconds, against hundredths for the balance of
        zones and tanks that is taken otherwise, and where EPANET gives no answer.
    water
        Water as it was found for nearly the same switching, to be taken as it is.

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
    if water is None:
        find_water = water_by_epanet if hydraulics else water_by_zones
        water = find_water(city, situation, pump_share, parameters)
    block_power = take_rows(live, city.rows("blocks", "feeder_id", "feeders"), missing=True)
    source_share = _asset_share(city, situation, live, "heat_sources", parameters)
    heat = serve_heat(
        city, situation, source_share, water.share, block_power, parameters, buildings
    )
    block_water = _block_water(city, water, block_power)
    sewage = sewage_of(city, pump_share, block_water, grid.hour, parameters)
    return Services(
        grid=grid,
        substation_live=substation_live,
        feeder_live=live,
        heat_share=heat.zone_share,
        water_share=water.share,
        sewage_ok=sewage.ok,
        block_power=block_power,
        block_heat=heat.block_heat,
        block_water=block_water,
        balances=(*_balances(water, sewage), *heat.balances),
        block_heat_state=heat.block_state,
        water=water if len(city.water_zones) else None,
        sewage=sewage if len(city.sewage_zones) else None,
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


def _block_water(city: City, water: WaterAnswer, block_power: Bool) -> NDArray[np.float32]:
    zone = city.rows("blocks", "water_zone_id", "water_zones")
    share = _by_block(water.share, zone, np.nan)
    reach = _by_block(water.reach_floors, zone, 0.0)
    return tap_share(share, city.blocks["floors"].to_numpy(np.int64), reach, block_power)


def _balances(water: WaterAnswer, sewage: SewageAnswer) -> tuple[Balance, ...]:
    flow = balance_of(
        "water", supplied=water.supplied_m3, delivered=water.delivered_m3,
        stored=water.stored_m3, lost=water.lost_m3, unit="m3", method=water.method,
    )  # fmt: skip
    drains = balance_of(
        "sewage", supplied=sewage.inflow_m3, delivered=sewage.pumped_m3, stored=sewage.stored_m3,
        lost=float(sewage.overflow_m3.sum()), unit="m3",
    )  # fmt: skip
    return tuple(balance for balance in (flow, drains) if balance.supplied or balance.delivered)


def _by_block(values: Float, zone: NDArray[np.int64], missing: float) -> NDArray[np.float32]:
    out = np.full((zone.size, values.shape[1]), missing, dtype=np.float32)
    known = zone >= 0
    out[known] = values.astype(np.float32)[zone[known]]
    return out
