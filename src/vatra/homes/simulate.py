"""How cold homes get, block by block, half-hour by half-hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.homes import _kernels as k
from vatra.homes.archetypes import HomeParameters
from vatra.homes.habits import activity_by_hour, presence_by_hour
from vatra.homes.model import COUNTED_C, HomesOutlook
from vatra.homes.parts import Parts, parts_of
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

DEFAULT = HomeParameters()

STOVE_FULL_C = 12.0
"""Indoor temperature at which every gas stove that is used for heat is lit; assumed."""
STOVE_FIRST_C = 16.0
"""Indoor temperature at which the first are; assumed."""


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
    own electric heaters run them, where lit, up to their power, until their own set temperature is
    reached; those lie in a band. Top corner flats are reckoned apart from the others.

    What heaters want after a cut follows from how cold it has become (`heater_pickup` tells it from
    an ordinary day): a forecast of demand that adds `heater_want_kw` has that part of the pickup
    already, and only the appliances' part is left to a factor.

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
        Temperatures at the end of each slot, heaters by slot; those of a block are the mean of its
        flats. The figure for blocks with electric
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
    parts = parts_of(city, parameters, situation.weather.outdoor_c)
    # A block whose heat is unknown is counted as heated, like one whose zone isn't known.
    share = np.nan_to_num(np.asarray(heat, dtype=np.float32), nan=1.0)
    air, want, below = _run(parts, situation, power, share, parameters)
    count, corner = len(blocks), parts.corner
    indoor, want_kw = air[:count], want[:count]
    corner_c = indoor.copy()
    weight = parts.corner_share[corner, None].astype(np.float32)
    corner_c[corner] = air[count:]
    indoor[corner] += weight * (air[count:] - indoor[corner])
    want_kw[corner] += want[count:]
    people = pd.DataFrame(
        np.rint(below).astype(np.int64),
        index=pd.Index(COUNTED_C, name="threshold_c"),
        columns=grid.times,
    )
    return HomesOutlook(grid, blocks.index, indoor, want_kw, people, corner_c)


def _run(
    parts: Parts,
    situation: Situation,
    power: NDArray[np.bool_],
    share: NDArray[np.float32],
    parameters: HomeParameters,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
    grid, weather = situation.grid, situation.weather
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
    settings = np.array(
        [
            parameters.setpoint_c,
            parameters.heater_setpoint_c,
            parameters.emission_per_k,
            min(ramp, 1.0),
            STOVE_FIRST_C,
            1.0 / (STOVE_FIRST_C - STOVE_FULL_C),
        ],
        dtype=np.float32,
    )
    # Slots first, and parts without residents to fill up the last group.
    count = parts.block_of.size
    groups = -(-count // k.LANES)
    padded = np.append(parts.block_of, np.zeros(groups * k.LANES - count, dtype=np.int64))
    coefficients = np.zeros((k.COLUMNS, padded.size), dtype=np.float32)
    coefficients[:, :count] = parts.coefficients
    air = np.empty((grid.slots, padded.size), dtype=np.float32)
    want = np.empty_like(air)
    below = np.zeros((len(COUNTED_C), grid.slots))
    k.run_parts(
        0,
        groups,
        coefficients,
        drivers,
        np.take(np.asarray(power, dtype=np.bool_).T, padded, axis=1),
        np.take(share.T, padded, axis=1),
        settings,
        np.array(COUNTED_C, dtype=np.float32),
        air,
        want,
        below,
    )
    return (
        np.ascontiguousarray(air[:, :count].T),
        np.ascontiguousarray(want[:, :count].T),
        below,
    )
