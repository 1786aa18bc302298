"""Blocks in parts, top corner flats and the others, as the kernel's columns.

A flat in a top corner loses more than the mean flat of its building, so the others lose less; the
mass by floor area is the same for all. What a flat exchanges with its neighbours is within these
figures, which are measured ones: 32-46 h in corners where the middle has 51-77 h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.city.schema import ARCHETYPES
from vatra.homes import _kernels as k
from vatra.homes.archetypes import HomeParameters, physics_table
from vatra.homes.two_node import TwoNode, make_two_node, slow_time_constant
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]

SUN_TO_AIR = 0.1
"""Share of the sun's heat that goes to the air, the rest to the mass; ISO 13790."""
OWN_HEAT_MARGIN = 1.2
"""Power of boilers and stoves relative to the need at the design temperature; assumed."""


@dataclass(frozen=True)
class Parts:
    """Parts of blocks: every block's ordinary flats in the city's order, then the top corners.

    Parameters
    ----------
    block_of
        Block of each part.
    corner
        Blocks that have top corner flats, in the order of their parts.
    corner_share
        By block: share of its flats that are in the top corners.
    coefficients
        Column × part, as `vatra.homes._kernels` names the columns.
    """

    block_of: NDArray[np.int64]
    corner: NDArray[np.int64]
    corner_share: Float
    coefficients: NDArray[np.float32]


def archetype_rows(city: City) -> NDArray[np.int64]:
    """Return the row of each block's archetype, in the order of the schema.

    Parameters
    ----------
    city
        The city.
    """
    return np.asarray(pd.Index(ARCHETYPES).get_indexer(city.blocks["archetype"]), dtype=np.int64)


def block_physics(city: City, parameters: HomeParameters | None = None) -> TwoNode:
    """Return the two-node building of every block's mean flat, per m² of floor.

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
    rows = archetype_rows(city)
    return _physics(rows, parameters or HomeParameters(), np.arange(rows.size), 1.0)


def parts_of(city: City, parameters: HomeParameters, outdoor_c: Float) -> Parts:
    """Split blocks into their parts.

    Parameters
    ----------
    city
        The city.
    parameters
        What is assumed of homes.
    outdoor_c
        By slot; the mean of the first day stands for the days before it.

    Returns
    -------
    Parts
        First as many ordinary parts as there are blocks.
    """
    rows = archetype_rows(city)
    table = physics_table()[rows]
    factor, share = table[:, 4], table[:, 5]
    corner = np.flatnonzero(share > 0.0)
    block_of = np.concatenate((np.arange(rows.size), corner))
    others = (1.0 - share * factor) / (1.0 - share)
    nodes = _physics(rows, parameters, block_of, np.concatenate((others, factor[corner])))
    columns = _columns(
        city.blocks.iloc[block_of],
        nodes,
        parameters,
        np.concatenate((1.0 - share, share[corner])),
        float(np.mean(outdoor_c[: round(24 / SLOT_H)])),
    )
    columns[k.SUN_A : k.SUN_M + 1] *= table[block_of, 3].astype(np.float32)
    return Parts(block_of, corner, share, columns)


def part_columns(
    blocks: pd.DataFrame, parameters: HomeParameters, *, before_c: float
) -> NDArray[np.float32]:
    """Return the kernel's columns of blocks that are not split.

    Parameters
    ----------
    blocks
        Rows of the city's table.
    parameters
        What is assumed of homes.
    before_c
        Outdoor temperature before the first slot, °C.
    """
    rows = np.asarray(
        pd.Index(ARCHETYPES).get_indexer(pd.Index(blocks["archetype"])), dtype=np.int64
    )
    nodes = _physics(rows, parameters, np.arange(rows.size), 1.0)
    columns = _columns(blocks, nodes, parameters, np.ones(rows.size), before_c)
    columns[k.SUN_A : k.SUN_M + 1] *= physics_table()[rows, 3].astype(np.float32)
    return columns


def _physics(
    rows: NDArray[np.int64],
    parameters: HomeParameters,
    block_of: NDArray[np.int64],
    relative_loss: Float | float,
) -> TwoNode:
    kinds = physics_table()
    slow_h = slow_time_constant(
        kinds[:, 0], kinds[:, 1], kinds[:, 2], air_share=parameters.convective_share
    )
    mass, loss = (
        np.broadcast_to(np.asarray(given, dtype=np.float64), rows.shape)[block_of]
        for given in (parameters.mass_factor, parameters.loss_factor)
    )
    part = rows[block_of]
    return make_two_node(
        kinds[part, 0],
        kinds[part, 1],
        slow_h[part],
        mass_factor=mass,
        loss_factor=loss * relative_loss,
    )


def _columns(
    blocks: pd.DataFrame,
    nodes: TwoNode,
    parameters: HomeParameters,
    share: Float,
    before_c: float,
) -> NDArray[np.float32]:
    # One row of `blocks` and one `share` of its flats a part.
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
    start_w = (parameters.initial_c - before_c) * hold_w_k
    heat_air, heat_mass = nodes.forcing(SLOT_H, convective)
    stoves = blocks["gas_stove"].to_numpy(np.float64) * dwellings * inhabited
    owners = parameters.heater_share * dwellings * inhabited * ~electric
    heater_w = parameters.heater_kw * 1e3 * owners / area

    out = np.empty((k.COLUMNS, len(blocks)), dtype=np.float32)
    out[k.E_AA], out[k.E_AM], out[k.E_MA], out[k.E_MM] = nodes.propagator(SLOT_H)
    out[k.OUT_A], out[k.OUT_M] = nodes.outdoor_weight(SLOT_H)
    out[k.HEAT_A], out[k.HEAT_M] = heat_air, heat_mass
    out[k.W_PER_HEAT_A] = 1.0 / out[k.HEAT_A]
    out[k.SUN_A], out[k.SUN_M] = nodes.forcing(SLOT_H, SUN_TO_AIR)
    out[k.PEOPLE_W] = parameters.people_w * residents / area
    out[k.APPLIANCE_W] = parameters.appliance_w_m2 * inhabited
    out[k.STOVE_W] = parameters.stove_kw * 1e3 * stoves / area
    out[k.HEATER_W] = heater_w
    # Heaters run as much as holds their mean set temperature, and in the measure in which the air
    # at the end of the slot is off it: q = hold + P (set − T) / band, T = drift + rise · q / P,
    # solved for q.
    rise = heat_air * heater_w
    band = 2.0 * parameters.heater_spread_k
    out[k.HEATER_GAIN] = np.where(rise > 0.0, rise / np.maximum(band + rise, 1e-12), 0.0)
    out[k.CAP_W] = np.where(district, 0.0, OWN_HEAT_MARGIN * hold_w_k * design_k)
    out[k.CAP_W_K] = np.where(district, hold_w_k, 0.0)
    out[k.HOLD_W_K] = hold_w_k
    out[k.ON_SHARE] = district
    out[k.ON_POWER] = electric + gas * (1.0 - parameters.gas_unpowered_share)
    out[k.ON_ALWAYS] = stove + gas * parameters.gas_unpowered_share
    out[k.ELECTRIC] = electric
    out[k.AREA_M2] = area * share
    out[k.RESIDENTS] = residents * share
    out[k.START_AIR] = parameters.initial_c
    out[k.START_MASS] = before_c + start_w * rise_mass
    out[k.ROOM_K_M2_W] = _room_rise(nodes.loss_w_k, parameters)
    out[k.ONE_ROOM] = parameters.one_room_share * residents * share
    return out


def _room_rise(loss_w_k: Float, parameters: HomeParameters) -> Float:
    # How much warmer than the dwelling one room is for each W/m² of dwelling that is all in it: the
    # steady balance of the room and of the rest, which lose heat outdoors and to each other.
    room, between = parameters.one_room_area, parameters.between_rooms_w_m2k
    return np.asarray((1.0 - room) / (loss_w_k * room + between / (1.0 - room)))
