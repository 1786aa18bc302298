"""The homes kernel: blocked, single precision, each block's coefficients read once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

LANES = 64
"""Parts that are stepped together: the state of a group stays in the first cache. Arrays have a
whole number of groups, as loops of a fixed length become few instructions; parts that fill up the
last one have no residents."""

# Columns of `coefficients`, all per m² of floor.
E_AA, E_AM, E_MA, E_MM, OUT_A, OUT_M, HEAT_A, HEAT_M, SUN_A, SUN_M = range(10)
PEOPLE_W, APPLIANCE_W, STOVE_W, HEATER_W = range(10, 14)
CAP_W, CAP_W_K, HOLD_W_K, ON_SHARE, ON_POWER, ON_ALWAYS, ELECTRIC = range(14, 21)
AREA_M2, RESIDENTS, START_AIR, START_MASS, W_PER_HEAT_A = range(21, 26)
HEATER_GAIN, ROOM_K_M2_W, ONE_ROOM = range(26, 29)
COLUMNS = 29
# A group's work space: its columns, then its state, what comes in and what goes out. It is one flat
# array with fixed offsets, so that the compiler sees that rows don't overlap and steps many blocks
# with one instruction. Nor does it divide: a division may fail, and that would part the blocks.
AIR, MASS, SHARE, LIT, HEAT, WANT_KW, ROOM = range(COLUMNS, COLUMNS + 7)
ROWS = COLUMNS + 7


@njit(fastmath=True)
def run_parts(
    begin: int,
    end: int,
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
    """Step parts of blocks through all slots.

    Parameters
    ----------
    begin, end
        The first group to step and the one after the last, so that threads may share the work.
    coefficients
        Column × part.
    drivers
        Driver × slot: outdoor °C, sun W/m², share of residents at home, appliances relative to
        their mean.
    power, heat
        Slot × part: lit or not; share of district heat that reaches it, 0 to 1.
    settings
        Set temperature, mean set temperature of heaters, °C; extra emission per K; largest change
        of the heat share in a slot; temperature below which stoves are lit, °C; share of them for
        each K below it.
    thresholds
        Indoor temperatures below which residents are counted, °C.
    indoor, want_kw
        Out: slot × part, °C and kW. Slots come first so that parts lie side by side.
    below
        Out: threshold × slot, residents, added to.
    """
    slots = indoor.shape[0]
    work = np.zeros(ROWS * LANES, np.float32)
    elsewhere = np.empty(LANES, np.float32)
    for group in range(begin, end):
        first, last = group * LANES, (group + 1) * LANES
        for k in range(COLUMNS):
            column = coefficients[k, first:last]
            for i in range(LANES):
                work[k * LANES + i] = column[i]
        for i in range(LANES):
            work[AIR * LANES + i] = work[START_AIR * LANES + i]
            work[MASS * LANES + i] = work[START_MASS * LANES + i]
            work[SHARE * LANES + i] = np.float32(1.0)
            elsewhere[i] = work[RESIDENTS * LANES + i] - work[ONE_ROOM * LANES + i]
        together = work[ONE_ROOM * LANES : (ONE_ROOM + 1) * LANES]
        in_one_room = False
        for i in range(LANES):
            in_one_room = in_one_room or together[i] > 0.0
        air = work[AIR * LANES : (AIR + 1) * LANES]
        room = work[ROOM * LANES : (ROOM + 1) * LANES]
        for t in range(slots):
            lit_row, heat_row = power[t, first:last], heat[t, first:last]
            for i in range(LANES):
                work[LIT * LANES + i] = np.float32(lit_row[i])
                work[HEAT * LANES + i] = heat_row[i]
            step_group(work, drivers[0, t], drivers[1, t], drivers[2, t], drivers[3, t], settings)
            air_row, want_row = indoor[t, first:last], want_kw[t, first:last]
            for i in range(LANES):
                air_row[i] = work[AIR * LANES + i]
                want_row[i] = work[WANT_KW * LANES + i]
            count_below(air, elsewhere, thresholds, below[:, t])
            if in_one_room:
                count_below(room, together, thresholds, below[:, t])


@njit(fastmath=True)
def step_group(
    w: NDArray[np.float32],
    t_out: np.float32,
    sun: np.float32,
    home: np.float32,
    active: np.float32,
    settings: NDArray[np.float32],
) -> None:
    """Step a group of parts through one slot.

    Parameters
    ----------
    w
        The group's work space: state and heaters' want are changed in place.
    t_out, sun, home, active
        Outdoor °C, sun W/m², share of residents at home, appliances relative to their mean.
    settings
        As in `run_blocks`.
    """
    zero, one, watts = np.float32(0.0), np.float32(1.0), np.float32(1e-3)
    setpoint, heater_set, emission = settings[0], settings[1], settings[2]
    ramp, stove_on, stove_per_k = settings[3], settings[4], settings[5]
    cold = setpoint - t_out
    hold = max(zero, cold)
    cold_heater = heater_set - t_out
    for i in range(LANES):
        air, mass = w[AIR * LANES + i], w[MASS * LANES + i]
        lit, was = w[LIT * LANES + i], w[SHARE * LANES + i]
        heat_a, heat_m = w[HEAT_A * LANES + i], w[HEAT_M * LANES + i]
        share = max(min(w[HEAT * LANES + i], was + ramp), was - ramp)
        stove = w[STOVE_W * LANES + i] * min(one, max(zero, (stove_on - air) * stove_per_k))
        gain = w[PEOPLE_W * LANES + i] * home + stove
        drift_a = (
            w[E_AA * LANES + i] * air + w[E_AM * LANES + i] * mass
            + w[OUT_A * LANES + i] * t_out + w[SUN_A * LANES + i] * sun + heat_a * gain
        )  # fmt: skip
        drift_m = (
            w[E_MA * LANES + i] * air + w[E_MM * LANES + i] * mass
            + w[OUT_M * LANES + i] * t_out + w[SUN_M * LANES + i] * sun + heat_m * gain
        )  # fmt: skip
        warmer = max(zero, one + emission * (setpoint - air))
        cap = max(zero, w[CAP_W * LANES + i] + w[CAP_W_K * LANES + i] * cold * warmer)
        unpowered = w[ON_SHARE * LANES + i] * share + w[ON_ALWAYS * LANES + i]
        short = (setpoint - drift_a) * w[W_PER_HEAT_A * LANES + i]
        short_heater = (heater_set - drift_a) * w[W_PER_HEAT_A * LANES + i]
        # As it is if the block has power in this slot, whether it has or not: the heaters' want.
        appliances = w[APPLIANCE_W * LANES + i] * active
        lit_cap = cap * (unpowered + w[ON_POWER * LANES + i])
        main = min(max(zero, short - appliances), lit_cap)
        # Thermostats out of step: between what holds the set temperature and what reaches it now.
        other = appliances + main
        holds = max(zero, w[HOLD_W_K * LANES + i] * cold_heater - gain - other)
        due = holds + w[HEATER_GAIN * LANES + i] * (short_heater - other - holds)
        heaters = min(w[HEATER_W * LANES + i], max(zero, due))
        extra = max(zero, main - w[HOLD_W_K * LANES + i] * hold) * w[ELECTRIC * LANES + i]
        w[WANT_KW * LANES + i] = (heaters + extra) * w[AREA_M2 * LANES + i] * watts
        dark = min(max(zero, short), cap * unpowered)
        total = lit * (appliances + main + heaters) + (one - lit) * dark
        warm = drift_a + heat_a * total
        w[AIR * LANES + i] = warm
        w[ROOM * LANES + i] = warm + w[ROOM_K_M2_W * LANES + i] * (gain + lit * heaters)
        w[MASS * LANES + i] = drift_m + heat_m * total
        w[SHARE * LANES + i] = share


@njit(fastmath=True)
def count_below(
    air: NDArray[np.float32],
    residents: NDArray[np.float32],
    thresholds: NDArray[np.float32],
    below: NDArray[np.float64],
) -> None:
    """Add the residents of a group who are below each temperature.

    Parameters
    ----------
    air, residents
        By part of the group: °C, and how many live there.
    thresholds
        Temperatures, °C.
    below
        By threshold, added to.
    """
    for k in range(thresholds.size):
        people = np.float32(0.0)
        for i in range(LANES):
            people += residents[i] if air[i] < thresholds[k] else np.float32(0.0)
        below[k] += people
