"""The water in buildings: running, standing, drained, filled again. States that last for days.

When a zone's sources stop, the water in its buildings stands. At −3 °C outdoors or below it is let
out, building by building, also where the heat may be back within hours: the city's own procedure
(29 November 2022, again 9 January 2026). From then on the source's return alone brings no heat:
crews have to fill each building, and the heat takes two days to reach its flats. Buildings that
were not drained start again by themselves within hours. What this takes is fitted to how Kyiv's
buildings came back in January 2026 (`tests/cases/kyiv_heat_2026-01`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]
Int = NDArray[np.int64]

SPREAD = (0.6180339887498949, 0.4142135623730950)
"""Steps of either, wrapped at one, spread evenly over 0 to 1, however many they are and whatever
those of the other do: which building is drained first says nothing of which starts first."""


class HeatState(IntEnum):
    """What the water in a building's heating does."""

    NONE = -1
    """It has no district heat."""
    RUNNING = 0
    STOPPED = 1
    """It stands, and may freeze."""
    DRAINED = 2
    REFILLING = 3
    """It is in again, and heat is on its way to the flats."""


@dataclass(frozen=True)
class HeatStateParameters:
    """What is assumed of how buildings lose their heat and get it back.

    Parameters
    ----------
    stop_share
        Share of the heat needed below which a zone counts as stopped; assumed.
    short_stop_h
        Hours of standing after which it goes on as if nothing had been; assumed.
    restart_tau_h
        Hours in which 63 % of the buildings that stood longer, but weren't drained, start again;
        fitted to Kyiv, January 2026.
    restart_warm_h
        Hours from then to full heat; assumed.
    drain_at_c
        Outdoor temperature at and below which standing buildings are drained, °C; the city's
        procedure.
    drain_decide_h
        Hours of standing before the first is; assumed.
    drain_spread_h
        Hours from the first to the last, as each has its own responsible person; assumed.
    refill_crew_h
        Crew-hours that filling a drained building takes; fitted to Kyiv, January 2026.
    crews_per_million
        Crews at work around the clock for a million residents: about 200 in Kyiv from 22 January
        2026.
    refill_warm_h
        Hours from filling to full heat in the flats; about two days in Kyiv, January 2026.
    residents_per_building
        Residents of a building as crews count them: 3 million in about 12,000.
    """

    stop_share: float = 0.05
    short_stop_h: float = 3.0
    restart_tau_h: float = 12.0
    restart_warm_h: float = 6.0
    drain_at_c: float = -3.0
    drain_decide_h: float = 3.0
    drain_spread_h: float = 6.0
    refill_crew_h: float = 10.0
    crews_per_million: float = 67.0
    refill_warm_h: float = 48.0
    residents_per_building: float = 250.0


@dataclass(frozen=True)
class BuildingHeat:
    """The water in each building, slot by slot.

    Parameters
    ----------
    state
        Building × slot, int8: `HeatState`.
    share
        Building × slot, float32: share of the heat needed that its zone and its own state let
        through, 0 to 1.
    """

    state: NDArray[np.int8]
    share: NDArray[np.float32]


def follow_buildings(
    zone: Int,
    zone_share: Float,
    outdoor_c: Float,
    residents: Float,
    parameters: HeatStateParameters,
    *,
    crews: Float | None = None,
) -> BuildingHeat:
    """Return the state of the water in each building.

    Parameters
    ----------
    zone
        By building, or group of buildings: row of its heat zone; −1 where it has no district
        heat.
    zone_share
        Zone × slot: share of the heat needed that the zone's sources give.
    outdoor_c
        By slot, °C.
    residents
        Who live in each; by them it counts as so many buildings for the crews, and all of them
        say how many crews there are.
    parameters
        What is assumed.
    crews
        By slot: crews at work; by default `crews_per_million` throughout.

    Returns
    -------
    BuildingHeat
        Everything runs before the first slot.
    """
    p, slots = parameters, zone_share.shape[1]
    known = zone >= 0
    state_of = np.full((zone.size, slots), int(HeatState.NONE), dtype=np.int8)
    share_of = np.zeros((zone.size, slots), dtype=np.float32)
    state_of[known], share_of[known] = HeatState.RUNNING, zone_share[zone[known]]
    # Where the heat never stops there is nothing to follow.
    stops = np.asarray((zone_share < p.stop_share).any(axis=1))
    rows = np.flatnonzero(known)[stops[zone[known]]]
    if not rows.size:
        return BuildingHeat(state_of, share_of)
    own, count = zone[rows], residents[rows] / p.residents_per_building
    usual = np.full(slots, p.crews_per_million * float(residents.sum()) / 1e6)
    filled_in_slot = (usual if crews is None else crews) * SLOT_H / p.refill_crew_h
    early, quick = (step * (np.arange(rows.size) + 1.0) % 1.0 for step in SPREAD)
    drain_h = p.drain_decide_h + p.drain_spread_h * early
    restart_h = -p.restart_tau_h * np.log1p(-quick)
    state = np.zeros(rows.size, dtype=np.int8)
    warm = np.ones(rows.size)  # share of the way that heat has come to the flats
    still_h, since_h = np.zeros(rows.size), np.zeros(rows.size)
    at_hand = 0.0
    for slot in range(slots):
        given = zone_share[own, slot]
        has = given >= p.stop_share
        state[~has & (state != HeatState.DRAINED)] = HeatState.STOPPED
        stopped = state == HeatState.STOPPED
        # A stop of a few hours leaves the water warm: it goes on as before.
        short = still_h <= p.short_stop_h
        back = stopped & has & (short | (since_h >= restart_h))
        warm[back & ~short] = 0.0
        state[back] = HeatState.RUNNING
        still_h = np.where(state == HeatState.STOPPED, still_h + SLOT_H, 0.0)
        since_h = np.where(has, since_h + SLOT_H, 0.0)
        if outdoor_c[slot] <= p.drain_at_c:
            state[stopped & ~has & (still_h > drain_h)] = HeatState.DRAINED
        waiting = np.flatnonzero((state == HeatState.DRAINED) & has)
        at_hand = at_hand + filled_in_slot[slot] if waiting.size else 0.0
        if waiting.size:
            filled = waiting[np.cumsum(count[waiting]) <= at_hand]
            at_hand -= float(count[filled].sum())
            state[filled], warm[filled] = HeatState.REFILLING, 0.0
        filling = state == HeatState.REFILLING
        running = state == HeatState.RUNNING
        rise = SLOT_H / np.where(filling, p.refill_warm_h, p.restart_warm_h)
        warm = np.where(filling | running, np.minimum(warm + rise, 1.0), warm)
        state[filling & (warm >= 1.0)] = HeatState.RUNNING
        state_of[rows, slot] = state
        share_of[rows, slot] = np.where(filling | running, given * warm, 0.0)
    return BuildingHeat(state_of, share_of)
