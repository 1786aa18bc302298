"""How cold homes get, block by block, half-hour by half-hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.city.schema import ARCHETYPES
from vatra.homes import _kernels as k
from vatra.homes.archetypes import HomeParameters, physics_table
from vatra.homes.model import THRESHOLDS_C, HomesOutlook
from vatra.homes.two_node import TwoNode, make_two_node, slow_time_constant
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

DEFAULT = HomeParameters()

STOVE_FULL_C = 12.0
"""Indoor temperature at which every gas stove that is used for heat is lit; assumed."""
STOVE_FIRST_C = 16.0
"""Indoor temperature at which the first are; assumed."""
SUN_TO_AIR = 0.1
"""Share of the sun's heat that goes to the air, the rest to the mass; ISO 13790."""
OWN_HEAT_MARGIN = 1.2
"""Power of boilers and stoves relative to the need at the design temperature; assumed."""


def presence_by_hour(hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of residents at home; assumed: half in working hours, all at night.

    Parameters
    ----------
    hour
        Local hour of the day, 0 to 24.
    """
    by_hour = np.array([1.0] * 7 + [0.8] + [0.5] * 9 + [0.65, 0.8, 0.9] + [1.0] * 4)
    return np.asarray(by_hour[np.floor(hour).astype(np.int64) % 24])


def activity_by_hour(hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heat of appliances relative to its daily mean; assumed: a usual domestic day.

    Parameters
    ----------
    hour
        Local hour of the day, 0 to 24.
    """
    shape = np.array([0.5] * 6 + [0.9, 1.2, 1.1] + [0.9] * 8 + [1.4, 1.7, 1.8, 1.8, 1.7, 1.2, 0.8])
    return np.asarray((shape / shape.mean())[np.floor(hour).astype(np.int64) % 24])


def block_physics(city: City, parameters: HomeParameters = DEFAULT) -> TwoNode:
    """Return the two-node building of every block, per m² of floor.

    Parameters
    ----------
    city
        The city.
    parameters
        What is assumed of homes; its factors on mass and loss are used.

    Returns
    -------
    TwoNode
        One figure a block, in the order of the city's table.
    """
    kinds = physics_table()
    slow_h = slow_time_constant(
        kinds[:, 0], kinds[:, 1], kinds[:, 2], air_share=parameters.convective_share
    )
    rows = _archetype_rows(city)
    return make_two_node(
        kinds[rows, 0],
        kinds[rows, 1],
        slow_h[rows],
        mass_factor=parameters.mass_factor,
        loss_factor=parameters.loss_factor,
    )


def simulate_homes(
    city: City,
    situation: Situation,
    power: NDArray[np.bool_],
    heat: NDArray[np.floating],
    parameters: HomeParameters = DEFAULT,
) -> HomesOutlook:
    """Return how cold each block gets, and what its electric heaters would draw.

    District heat follows the outdoor temperature: it brings the heat that holds the set
    temperature times the share that reaches the block, a little more where rooms are cold. Gas
    boilers stop in the dark but for a share, electric heating stops, stoves burn on. Dwellings that
    own electric heaters run them, where lit, until the heaters' set temperature is reached.

    Parameters
    ----------
    city
        The city.
    situation
        Time grid and weather are used.
    power
        Block × slot: True where the block has power.
    heat
        Block × slot: share of its district heat that reaches the block, 0 to 1; not read for blocks
        that have none.
    parameters
        What is assumed of homes.

    Returns
    -------
    HomesOutlook
        Temperatures at the end of each slot, heaters by slot. The figure for blocks with electric
        heating is what they draw above that which holds the set temperature, which is part of
        the ordinary load.
    """
    grid = situation.grid
    blocks = city.blocks
    shape = (len(blocks), grid.slots)
    if power.shape != shape or heat.shape != shape:
        raise ValueError(
            f"power and heat are {power.shape} and {heat.shape}, not block × slot {shape}"
        )
    weather = situation.weather
    coefficients = _coefficients(city, parameters, weather.outdoor_c)
    # A block whose heat is unknown is counted as heated, like one whose zone isn't known.
    share = np.nan_to_num(np.asarray(heat, dtype=np.float32), nan=1.0)
    indoor = np.empty(shape, dtype=np.float32)
    want = np.empty(shape, dtype=np.float32)
    below = np.zeros((len(THRESHOLDS_C), grid.slots))
    drivers = np.array(
        [
            weather.outdoor_c,
            weather.solar_w_m2,
            presence_by_hour(grid.hour),
            activity_by_hour(grid.hour),
        ],
        dtype=np.float32,
    )
    ramp = 1.0 if parameters.heat_ramp_h <= 0 else SLOT_H / parameters.heat_ramp_h
    k.run_blocks(
        coefficients,
        drivers,
        np.ascontiguousarray(power, dtype=np.bool_),
        np.ascontiguousarray(share),
        np.array(
            [
                parameters.setpoint_c,
                parameters.heater_setpoint_c,
                parameters.emission_per_k,
                min(ramp, 1.0),
                STOVE_FIRST_C,
                1.0 / (STOVE_FIRST_C - STOVE_FULL_C),
            ],
            dtype=np.float32,
        ),
        np.array(THRESHOLDS_C, dtype=np.float32),
        indoor,
        want,
        below,
    )
    people = pd.DataFrame(
        np.rint(below).astype(np.int64),
        index=pd.Index(THRESHOLDS_C, name="threshold_c"),
        columns=grid.times,
    )
    return HomesOutlook(grid, blocks.index, indoor, want, people)


def _archetype_rows(city: City) -> NDArray[np.int64]:
    rows = pd.Index(ARCHETYPES).get_indexer(city.blocks["archetype"])
    return np.asarray(rows, dtype=np.int64)


def _coefficients(
    city: City, parameters: HomeParameters, outdoor_c: NDArray[np.float64]
) -> NDArray[np.float32]:
    # Column × block, as `_kernels` names the columns.
    blocks = city.blocks
    nodes = block_physics(city, parameters)
    convective = parameters.convective_share
    area = np.maximum(blocks["floor_area_m2"].to_numpy(np.float64), 1.0)
    dwellings = blocks["dwellings"].to_numpy(np.float64)
    residents = blocks["residents"].to_numpy(np.float64)
    inhabited = np.where(residents > 0, 1.0, 0.0)
    heating = blocks["heating"].to_numpy()
    district, gas = heating == "district", heating == "gas"
    electric, stove = heating == "electric", heating == "stove"
    rise_air, rise_mass = nodes.rise(convective)
    hold_w_k = 1.0 / rise_air
    design_k = parameters.setpoint_c - parameters.design_outdoor_c
    # The mean of the first day stands for the days before it.
    before_c = float(np.mean(outdoor_c[: round(24 / SLOT_H)]))
    start_w = (parameters.initial_c - before_c) * hold_w_k
    aperture = physics_table()[_archetype_rows(city), 3]

    out = np.empty((k.COLUMNS, len(blocks)), dtype=np.float32)
    out[k.E_AA], out[k.E_AM], out[k.E_MA], out[k.E_MM] = nodes.propagator(SLOT_H)
    out[k.OUT_A], out[k.OUT_M] = nodes.outdoor_weight(SLOT_H)
    out[k.HEAT_A], out[k.HEAT_M] = nodes.forcing(SLOT_H, convective)
    out[k.W_PER_HEAT_A] = 1.0 / out[k.HEAT_A]
    sun_air, sun_mass = nodes.forcing(SLOT_H, SUN_TO_AIR)
    out[k.SUN_A], out[k.SUN_M] = sun_air * aperture, sun_mass * aperture
    out[k.PEOPLE_W] = parameters.people_w * residents / area
    out[k.APPLIANCE_W] = parameters.appliance_w_m2 * inhabited
    stoves = blocks["gas_stove"].to_numpy(np.float64) * dwellings * inhabited
    out[k.STOVE_W] = parameters.stove_kw * 1e3 * stoves / area
    owners = parameters.heater_share * dwellings * inhabited * ~electric
    out[k.HEATER_W] = parameters.heater_kw * 1e3 * owners / area
    out[k.CAP_W] = np.where(district, 0.0, OWN_HEAT_MARGIN * hold_w_k * design_k)
    out[k.CAP_W_K] = np.where(district, hold_w_k, 0.0)
    out[k.HOLD_W_K] = hold_w_k
    out[k.ON_SHARE] = district
    out[k.ON_POWER] = electric + gas * (1.0 - parameters.gas_unpowered_share)
    out[k.ON_ALWAYS] = stove + gas * parameters.gas_unpowered_share
    out[k.ELECTRIC] = electric
    out[k.AREA_M2] = area
    out[k.RESIDENTS] = residents
    out[k.START_AIR] = parameters.initial_c
    out[k.START_MASS] = before_c + start_w * rise_mass
    return out
