"""The homes kernel: blocked, single precision, each block's coefficients read once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

LANES = 64
"""Blocks that are stepped together: the state of a group stays in the first cache."""

# Columns of `coefficients`, all per m² of floor.
E_AA, E_AM, E_MA, E_MM, OUT_A, OUT_M, HEAT_A, HEAT_M, SUN_A, SUN_M = range(10)
PEOPLE_W, APPLIANCE_W, STOVE_W, HEATER_W = range(10, 14)
CAP_W, CAP_W_K, HOLD_W_K, ON_SHARE, ON_POWER, ON_ALWAYS, ELECTRIC = range(14, 21)
AREA_M2, RESIDENTS, START_AIR, START_MASS = range(21, 25)
COLUMNS = 25


@njit(fastmath=True)
def run_blocks(  # noqa: PLR0917 - a kernel takes its arrays one by one
    coefficients: NDArray[np.float32],
    drivers: NDArray[np.float32],
    power: NDArray[np.bool_],
    heat: NDArray[np.float32],
    settings: NDArray[np.float32],
    thresholds: NDArray[np.float32],
    indoor: NDArray[np.float32],
    want_kw: NDArray[np.float32],
    below: NDArray[np.float64],
) -> None:
    """Step all blocks through all slots.

    Parameters
    ----------
    coefficients
        Column × block.
    drivers
        Driver × slot: outdoor °C, sun W/m², share of residents at home, appliances relative to
        their mean.
    power, heat
        Block × slot: lit or not; share of district heat that reaches the block, 0 to 1.
    settings
        Set temperature, set temperature of heaters, °C; extra emission per K; largest rise of the
        heat share in a slot; temperature below which stoves are lit, °C; K over which they all are.
    thresholds
        Indoor temperatures below which residents are counted, °C.
    indoor, want_kw, below
        Out: block × slot °C and kW, threshold × slot residents.
    """
    blocks, slots = indoor.shape
    c = np.empty((COLUMNS, LANES), np.float32)
    state = np.empty((3, LANES), np.float32)
    lit_in = np.empty((slots, LANES), np.float32)
    heat_in = np.empty((slots, LANES), np.float32)
    air_out = np.empty((slots, LANES), np.float32)
    want_out = np.empty((slots, LANES), np.float32)
    for first in range(0, blocks, LANES):
        count = min(LANES, blocks - first)
        # Slot-major copies, so that the inner loop runs over blocks side by side. A short group
        # is filled up with its last block.
        for i in range(LANES):
            j = first + min(i, count - 1)
            for k in range(COLUMNS):
                c[k, i] = coefficients[k, j]
            for t in range(slots):
                lit_in[t, i] = np.float32(power[j, t])
                heat_in[t, i] = heat[j, t]
            state[0, i] = c[START_AIR, i]
            state[1, i] = c[START_MASS, i]
            state[2, i] = heat_in[0, i]
        for t in range(slots):
            step_group(c, drivers[:, t], lit_in[t], heat_in[t], settings, state, want_out[t])
            air_out[t] = state[0]
        for i in range(count):
            for t in range(slots):
                indoor[first + i, t] = air_out[t, i]
                want_kw[first + i, t] = want_out[t, i]
        count_below(air_out, c[RESIDENTS], count, thresholds, below)


@njit(fastmath=True)
def step_group(  # noqa: PLR0917 - a kernel takes its arrays one by one
    c: NDArray[np.float32],
    driver: NDArray[np.float32],
    lit_now: NDArray[np.float32],
    heat_now: NDArray[np.float32],
    settings: NDArray[np.float32],
    state: NDArray[np.float32],
    want_kw: NDArray[np.float32],
) -> None:
    """Step a group of blocks through one slot.

    Parameters
    ----------
    c
        Column × block of the group.
    driver
        Outdoor °C, sun W/m², presence, activity.
    lit_now, heat_now
        By block: 1 where lit, 0 where dark; share of district heat.
    settings
        As in `run_blocks`.
    state
        Air °C, mass °C, share of district heat after its ramp, × block; changed in place.
    want_kw
        Out: what heaters draw if lit, kW.
    """
    zero, one, watts = np.float32(0.0), np.float32(1.0), np.float32(1e-3)
    t_out, sun, home, active = driver[0], driver[1], driver[2], driver[3]
    setpoint, heater_set, emission = settings[0], settings[1], settings[2]
    ramp, stove_on, stove_band = settings[3], settings[4], settings[5]
    cold = setpoint - t_out
    for i in range(LANES):
        air, mass, lit = state[0, i], state[1, i], lit_now[i]
        share = min(heat_now[i], state[2, i] + ramp)
        stove = c[STOVE_W, i] * min(one, max(zero, (stove_on - air) / stove_band))
        gain = c[PEOPLE_W, i] * home + stove
        drift_air = (
            c[E_AA, i] * air + c[E_AM, i] * mass + c[OUT_A, i] * t_out
            + c[SUN_A, i] * sun + c[HEAT_A, i] * gain
        )  # fmt: skip
        drift_mass = (
            c[E_MA, i] * air + c[E_MM, i] * mass + c[OUT_M, i] * t_out
            + c[SUN_M, i] * sun + c[HEAT_M, i] * gain
        )  # fmt: skip
        warmer = max(zero, one + emission * (setpoint - air))
        cap = max(zero, c[CAP_W, i] + c[CAP_W_K, i] * cold * warmer)
        unpowered = c[ON_SHARE, i] * share + c[ON_ALWAYS, i]
        short = (setpoint - drift_air) / c[HEAT_A, i]
        short_heater = (heater_set - drift_air) / c[HEAT_A, i]
        # As it is if the block has power in this slot, whether it has or not: the heaters' want.
        appliances = c[APPLIANCE_W, i] * active
        main = min(max(zero, short - appliances), cap * (unpowered + c[ON_POWER, i]))
        heaters = min(c[HEATER_W, i], max(zero, short_heater - appliances - main))
        extra = max(zero, main - c[HOLD_W_K, i] * max(zero, cold)) * c[ELECTRIC, i]
        want_kw[i] = (heaters + extra) * c[AREA_M2, i] * watts
        dark = min(max(zero, short), cap * unpowered)
        heat = lit * (appliances + main + heaters) + (one - lit) * dark
        state[0, i] = drift_air + c[HEAT_A, i] * heat
        state[1, i] = drift_mass + c[HEAT_M, i] * heat
        state[2, i] = share


@njit()
def count_below(
    air: NDArray[np.float32],
    residents: NDArray[np.float32],
    count: int,
    thresholds: NDArray[np.float32],
    below: NDArray[np.float64],
) -> None:
    """Add the residents of a group who are below each temperature.

    Parameters
    ----------
    air
        Slot × block of the group, °C.
    residents
        By block of the group.
    count
        Blocks in use.
    thresholds
        Temperatures, °C.
    below
        Threshold × slot, added to.
    """
    for k in range(thresholds.size):
        for t in range(air.shape[0]):
            people = 0.0
            for i in range(count):
                if air[t, i] < thresholds[k]:
                    people += residents[i]
            below[k, t] += people
