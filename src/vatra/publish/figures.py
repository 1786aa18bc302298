"""The figures that a plan is told by, before any words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.model import State
from vatra.homes.model import THRESHOLDS_C
from vatra.planning.model import Plan
from vatra.situation.timegrid import SLOT_H

WALK_M_PER_MIN = 1000 / 15
"""Walking pace by which a distance is told in minutes: 1 km in 15 min (4 km/h), *assumed*."""

DOUBT_C = 1.0
"""The span of indoor temperature by which the number of cold people is bracketed, °C, *assumed*.

It isn't a computed uncertainty: it says how many more or fewer people would be cold if every home
were that much colder or warmer than computed.
"""

LIT, SCHEDULED, OUT, UNKNOWN = range(4)
"""Power of a block in a slot: on; off by the schedule; off for another reason; not known."""


@dataclass(frozen=True)
class Light:
    """How much light people have.

    Parameters
    ----------
    shared
        People who are dark in some slots and lit in others.
    spared
        People who are never dark.
    without
        People who are dark throughout.
    unknown
        People whose power isn't known.
    least_h
        Hours of light a day of whoever of the shared has fewest.
    low_h, high_h
        Hours of light a day between which the middle 80 % of the shared are.
    spells
        Runs of light a day, mean over the shared.
    """

    shared: int
    spared: int
    without: int
    unknown: int
    least_h: float
    low_h: float
    high_h: float
    spells: float


@dataclass(frozen=True)
class Cold:
    """How many people are below a temperature at home.

    Parameters
    ----------
    threshold_c
        Temperature, °C.
    people
        Most people below it in any slot.
    low, high
        The same in that slot if buildings store a third more or less heat than supposed.
    slot
        First slot with at least 95 % of the most.
    """

    threshold_c: float
    people: int
    low: int
    high: int
    slot: int


@dataclass(frozen=True)
class Figures:
    """What the report says of a plan, in numbers.

    Parameters
    ----------
    start, end
        Local time at which the plan starts and ends.
    hours
        Length of the horizon.
    as_of
        Local time of the newest report that the plan rests on; None where none has a time.
    limit_mw
        Lowest and highest supply limit; None where there is none in any slot.
    limit_everywhere
        True where every slot has a limit.
    queues_off
        Fewest and most queues ordered off; None where there is no such order.
    areas_limited
        Districts and substations with limits of their own.
    wanted_mw
        Highest load, were nobody cut, the heaters of cold homes included.
    ordinary_mw
        The same without those heaters.
    light
        Hours of light.
    cold
        People below each threshold, the highest first.
    people_below
        Threshold × slot, residents.
    doubt_12
        Two rows, residents below 11 °C and below 13 °C, by slot.
    dark, no_heat, no_water
        Residents without each, by slot; None where it isn't known.
    block_state
        Block × slot: `LIT`, `SCHEDULED`, `OUT` or `UNKNOWN`.
    walk_min
        Minutes on foot that count as reach of a warm point.
    capacity
        People whom all chosen warm points hold at once.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    hours: float
    as_of: pd.Timestamp | None
    limit_mw: tuple[float, float] | None
    limit_everywhere: bool
    queues_off: tuple[float, float] | None
    areas_limited: tuple[str, ...]
    wanted_mw: float
    ordinary_mw: float
    light: Light
    cold: tuple[Cold, ...]
    people_below: NDArray[np.float64]
    doubt_12: NDArray[np.float64]
    dark: NDArray[np.float64]
    no_heat: NDArray[np.float64] | None
    no_water: NDArray[np.float64] | None
    block_state: NDArray[np.int8]
    walk_min: int
    capacity: int


def figures_of(plan: Plan) -> Figures:
    """Work out the figures that a plan is told by.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Figures
        Counts and hours, not yet rounded.
    """
    grid = plan.situation.grid
    zone = grid.time_zone
    said = [c.as_of for c in plan.situation.claims if c.as_of is not None]
    limit = _ends(plan.situation.limit_mw)
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)
    state = block_state(plan)
    below = plan.outlook.homes.people_below
    people_below = np.array(
        [below.loc[t].to_numpy(dtype=np.float64) for t in THRESHOLDS_C], dtype=np.float64
    ).reshape(len(THRESHOLDS_C), grid.slots)
    indoor = plan.outlook.homes.indoor_c
    span = _below_range(plan, indoor, residents)
    sites = plan.warm_points.sites
    return Figures(
        start=grid.start.tz_convert(zone),
        end=grid.end.tz_convert(zone),
        hours=grid.slots * SLOT_H,
        as_of=max(said).tz_convert(zone) if said else None,
        limit_mw=limit,
        limit_everywhere=bool(np.isfinite(plan.situation.limit_mw).all()),
        queues_off=_ends(plan.situation.queues_off),
        areas_limited=tuple(
            area.area
            for area in plan.situation.area_limits
            if np.isfinite(area.limit_mw).any() or area.queues_off is not None
        ),
        wanted_mw=float(plan.demand.total_mw.max()),
        ordinary_mw=float((plan.demand.load_mw - plan.demand.heater_mw).sum(axis=0).max()),
        light=_light(state, residents),
        cold=tuple(_cold(t, people_below[i], span[:, i]) for i, t in enumerate(THRESHOLDS_C)),
        people_below=people_below,
        doubt_12=span[:, THRESHOLDS_C.index(12.0)],
        dark=np.asarray(residents @ np.isin(state, (SCHEDULED, OUT)), dtype=np.float64),
        no_heat=_people(plan, "no_heat"),
        no_water=_people(plan, "no_water"),
        block_state=state,
        walk_min=round(plan.warm_points.reach_m / WALK_M_PER_MIN),
        capacity=int(sites["capacity"].sum()) if len(sites) else 0,
    )


def block_state(plan: Plan) -> NDArray[np.int8]:
    """Return why each block has or lacks power in each slot.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    NDArray[np.int8]
        Block × slot: `LIT`, `SCHEDULED` (the schedule cuts it), `OUT` (damage, or no source
        reaches it) or `UNKNOWN` (no feeder is given, or the schedule doesn't know).
    """
    power = plan.outlook.services.block_power
    cut = np.isin(
        plan.schedule.state,
        (State.PLANNED, State.POSSIBLE, State.EMERGENCY, State.SPECIAL_EMERGENCY),
    )
    feeder_state = np.where(cut, SCHEDULED, OUT).astype(np.int8)
    feeder_state[plan.schedule.state == State.UNKNOWN] = UNKNOWN
    row = plan.city.rows("blocks", "feeder_id", "feeders")
    if not len(feeder_state):
        return np.full(power.shape, UNKNOWN, dtype=np.int8)
    state = feeder_state[row]
    state[power & (state != UNKNOWN)] = LIT
    state[row < 0] = UNKNOWN
    return np.asarray(state, dtype=np.int8)


def runs(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of True in a row of slots.

    Parameters
    ----------
    on
        One value a slot.

    Returns
    -------
    list[tuple[int, int]]
        First slot and end slot of each run, the end not included.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], on, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def key_slots(plan: Plan, most: int = 6) -> list[int]:
    """Choose the slots that maps and tables show: mornings and evenings, or evenly spaced.

    Parameters
    ----------
    plan
        The plan.
    most
        Most slots to choose.

    Returns
    -------
    list[int]
        Slots in order, at least one.
    """
    grid = plan.situation.grid
    chosen = np.flatnonzero(np.isin(grid.hour, (8.0, 20.0)))
    if len(chosen) < 2:
        chosen = np.unique(np.linspace(0, grid.slots - 1, min(grid.slots, 4)).round().astype(int))
    if len(chosen) > most:
        chosen = chosen[np.linspace(0, len(chosen) - 1, most).round().astype(int)]
    return [int(slot) for slot in chosen]


def _ends(values: NDArray[np.float64]) -> tuple[float, float] | None:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else None


def _people(plan: Plan, column: str) -> NDArray[np.float64] | None:
    people = plan.outlook.people
    return people[column].to_numpy(dtype=np.float64) if column in people else None


def _light(state: NDArray[np.int8], residents: NDArray[np.float64]) -> Light:
    days = state.shape[1] * SLOT_H / 24
    known = (state != UNKNOWN).all(axis=1)
    lit = state == LIT
    lit_slots = lit.sum(axis=1)
    shared = known & (lit_slots > 0) & (lit_slots < state.shape[1])
    counts = {
        "shared": int(residents[shared].sum()),
        "spared": int(residents[known & (lit_slots == state.shape[1])].sum()),
        "without": int(residents[known & (lit_slots == 0)].sum()),
        "unknown": int(residents[~known].sum()),
    }
    inhabited = shared & (residents > 0)
    if not inhabited.any():
        return Light(**counts, least_h=0.0, low_h=0.0, high_h=0.0, spells=0.0)
    hours = lit_slots[inhabited] * SLOT_H / max(days, 1.0)
    weight = residents[inhabited]
    starts = lit[inhabited, 0] + (lit[inhabited, 1:] & ~lit[inhabited, :-1]).sum(axis=1)
    order = np.argsort(hours, kind="stable")
    upto = np.cumsum(weight[order]) / weight.sum()
    low, high = (float(hours[order][np.searchsorted(upto, q)]) for q in (0.1, 0.9))
    spells = float(np.average(starts, weights=weight) / max(days, 1.0))
    return Light(**counts, least_h=float(hours.min()), low_h=low, high_h=high, spells=spells)


def _below_range(
    plan: Plan, indoor_c: NDArray[np.float32], residents: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fewest and most × threshold × slot: by how buildings store heat, or within `DOUBT_C`."""
    given = plan.outlook.below_range
    if given is not None:
        return given[:, : len(THRESHOLDS_C)]
    return np.array(
        [[residents @ (indoor_c < t + d) for t in THRESHOLDS_C] for d in (-DOUBT_C, DOUBT_C)]
    )


def _cold(threshold_c: float, people: NDArray[np.float64], span: NDArray[np.float64]) -> Cold:
    peak = int(np.argmax(people))
    low, high = (int(end[peak]) for end in span)
    first = int(np.argmax(people >= 0.95 * people[peak]))
    # People are counted flat by flat, the range may be by the mean flat of each block: it holds
    # both.
    count = int(people[peak])
    return Cold(threshold_c, count, min(low, count), max(high, count), first)
