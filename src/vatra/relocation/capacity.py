"""How many people each way out takes, step by step: winter, darkness, curfew, fuel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.relocation.rules import MoveRules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def way_room(
    ways: pd.DataFrame, local: pd.DatetimeIndex, outdoor_c: Floats, rules: MoveRules,
    *, decided_h: float = 0.0,
) -> Ints:  # fmt: skip
    """Return how many people may set out on each way in each step.

    Parameters
    ----------
    ways
        Rows of ``ways_out``.
    local
        Local time at which each step begins.
    outdoor_c
        Outdoor temperature by step, °C.
    rules
        What is assumed.
    decided_h
        Hours after the first step's begin at which moving is decided; nothing runs before the
        ways are ready.

    Returns
    -------
    Ints
        Step × way, people. Fractions of a person are carried over to the next step.
    """
    hour = np.asarray(local.hour + local.minute / 60.0, dtype=np.float64)
    after = np.arange(hour.size) * rules.step_h - decided_h
    winter = np.where(outdoor_c <= 0.0, rules.winter_share, 1.0)
    dark = np.where(within(hour, *rules.daylight), 1.0, rules.dark_share)
    moving = np.ones(hour.size)
    if rules.curfew is not None:
        moving = np.where(within(hour, *rules.curfew), 0.0, 1.0)
    lane_h = rules.lane_cars_h * rules.breakdown_share * rules.car_people * rules.fuel_share
    room = np.zeros((hour.size, len(ways)))
    for number, way in enumerate(ways.to_dict("records")):
        runs = within(hour, way["first_hour"], way["last_hour"])
        if way["kind"] == "road":
            an_hour, ready = way["lanes"] * lane_h * winter * dark * moving, rules.road_ready_h
        elif way["kind"] == "rail":
            an_hour = np.full(hour.size, way["trains_h"] * way["train_people"])
            ready = rules.rail_ready_h
        else:
            seats = way["buses"] * rules.fuel_share * way["bus_people"]
            an_hour = seats / (2.0 * way["travel_h"] / winter + rules.bus_load_h)
            ready = rules.bus_ready_h
        room[:, number] = an_hour * rules.step_h * runs * (after >= ready)
    return whole(room)


def whole(room: Floats) -> Ints:
    """Round people in each step down, and carry what is lost over to the next step."""
    total = np.floor(np.cumsum(room, axis=0) + 1e-6)
    parts: Ints = np.diff(total, axis=0, prepend=0.0).astype(np.int64)
    return np.where(room > 0, parts, 0)


def within(hour: Floats, first: float, last: float) -> NDArray[np.bool_]:
    """Tell which local hours lie in a span, which may run past midnight."""
    inside = (hour >= first) & (hour < last) if first < last else (hour >= first) | (hour < last)
    return np.asarray(inside, dtype=np.bool_)
