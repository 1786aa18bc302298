"""The coldest place of each block that has heating pipes, and when its water freezes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vatra.homes.pipes import PLUG_SHARE, RISER, Pipe
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]

FLOWS_FROM = 0.05
"""Share of district heat from which the water in a building's pipes moves; assumed."""
FLOWING_C = 40.0
"""Temperature of that water; assumed, the return of a usual winter's day."""
DRAIN_H = 2.0
"""Hours that draining a building takes once somebody is there; assumed."""


@dataclass(frozen=True)
class Freezing:
    """When the water in the coldest pipes of blocks freezes; hours from the start, by block.

    Parameters
    ----------
    zero_h
        Hours until the standing water is first at 0 °C; infinite where it never is.
    plug_h
        Hours until ice first blocks a pipe; infinite where it never does.
    drain_by_h
        Hours by which draining must begin for the water to be out before it is at 0 °C; 0 where it
        is already late, infinite where there is no need.
    coldest_c
        Lowest temperature of the place, °C.
    """

    zero_h: Float
    plug_h: Float
    drain_by_h: Float
    coldest_c: Float


def cold_spot(
    indoor_c: NDArray[np.floating],
    outdoor_c: Float,
    factor: ArrayLike,
    tau_h: ArrayLike,
    *,
    start_c: ArrayLike | None = None,
) -> Float:
    """Return the temperature of an unheated place between homes and outdoors.

    It follows ``outdoor + (1 − factor) (indoor − outdoor)`` with a time constant, by exact steps.

    Parameters
    ----------
    indoor_c
        Block × slot: temperature of the homes at the end of the slot, °C.
    outdoor_c
        By slot, °C.
    factor
        By block: share of the way from indoors to outdoors, as EN 12831 has it for unheated rooms.
    tau_h
        By block: time constant, hours.
    start_c
        By block: temperature of the homes before the first slot; by default that at its end.

    Returns
    -------
    NDArray[np.float64]
        Block × slot, at the end of the slot, °C.
    """
    factor = np.asarray(factor, dtype=np.float64)
    left = np.exp(-SLOT_H / np.maximum(np.asarray(tau_h, dtype=np.float64), 1e-6))
    indoor = np.asarray(indoor_c, dtype=np.float64)
    before = indoor[:, 0] if start_c is None else np.asarray(start_c, dtype=np.float64)
    final = factor[:, None] * outdoor_c + (1.0 - factor[:, None]) * indoor
    place = factor * outdoor_c[0] + (1.0 - factor) * before
    path = np.empty_like(final)
    for t in range(final.shape[1]):
        place = final[:, t] + left * (place - final[:, t])
        path[:, t] = place
    return path


def when_pipes_freeze(
    place_c: Float,
    flows: NDArray[np.bool_],
    *,
    pipe: Pipe = RISER,
    drain_h: float = DRAIN_H,
) -> Freezing:
    """Return when standing water in a place freezes.

    The water follows the air until it is at 0 °C, then turns to ice by the degree-hours below it;
    while water flows it is warm and there is no ice. Cooling below 0 °C without ice isn't counted
    on.

    Parameters
    ----------
    place_c
        Block × slot: temperature of the place at the end of the slot, °C.
    flows
        Block × slot: True while warm water flows.
    pipe
        The pipe that freezes first.
    drain_h
        Hours that draining takes.

    Returns
    -------
    Freezing
        By block.
    """
    blocks, slots = place_c.shape
    left = np.exp(-SLOT_H / pipe.cooling_h)
    water, ice = np.full(blocks, FLOWING_C), np.zeros(blocks)
    zero_h, plug_h = np.full(blocks, np.inf), np.full(blocks, np.inf)
    for t in range(slots):
        air, still = place_c[:, t], ~flows[:, t]
        began_h = t * SLOT_H
        # Hours within the slot until 0 °C; none where it is there already.
        freezing = still & (air < 0.0)
        above = np.where(freezing, np.maximum(water, 0.0) - air, 1.0)
        cold = np.where(freezing, -air, 1.0)
        until = np.where(freezing, pipe.cooling_h * np.log(above / cold), np.inf)
        reached = freezing & (until < SLOT_H)
        first = reached & np.isinf(zero_h)
        zero_h[first] = began_h + until[first]
        rate = np.where(reached, cold / pipe.icing_k_h, 0.0)
        gained = rate * (SLOT_H - np.where(reached, until, 0.0))
        blocked = (ice < PLUG_SHARE) & (ice + gained >= PLUG_SHARE) & np.isinf(plug_h)
        waited = np.where(blocked, (PLUG_SHARE - ice) / np.where(blocked, rate, 1.0), 0.0)
        plug_h[blocked] = (began_h + np.where(reached, until, 0.0) + waited)[blocked]
        # Above 0 °C ice melts as it formed, and only then does the water warm.
        melting = still & (air >= 0.0) & (ice > 0.0)
        ice = np.where(melting, np.maximum(ice - air * SLOT_H / pipe.icing_k_h, 0.0), ice + gained)
        follows = np.where(melting, 0.0, air + left * (water - air))
        water = np.where(reached, 0.0, follows)
        water = np.where(still, water, FLOWING_C)
        ice = np.where(still, ice, 0.0)
    return Freezing(zero_h, plug_h, np.maximum(zero_h - drain_h, 0.0), place_c.min(axis=1))
