"""Supply limits and orders in a situation file, by slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.situation.fields import Fields, did_you_mean, shown
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import TimeGrid

SUPPLY_KEYS = ("from", "to", "limit_mw", "queues", "area", "claims")
MOST_MW = 100_000.0
"""More than any city draws; a number in kW shows here."""


@dataclass(frozen=True)
class Supply:
    """What there is to live on.

    Parameters
    ----------
    limit_mw
        Limit of the whole city by slot, MW; NaN where there is none.
    queues_off
        Queues that must be dark by slot; NaN where there is no such order.
    area_limits
        Limits of districts and substations.
    cited
        Claims by what cites them: ``supply``, and ``supply of D-01`` for an area.
    """

    limit_mw: NDArray[np.float64]
    queues_off: NDArray[np.float64]
    area_limits: tuple[SupplyLimit, ...]
    cited: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Step:
    """One step of the supply; `since` is None for the start of the horizon."""

    area: str
    since: pd.Timestamp | None
    until: pd.Timestamp | None
    limit_mw: float | None
    queues: float | None
    cited: tuple[str, ...]
    fields: Fields


def read_supply(file: Fields, city: City, grid: TimeGrid | None, claims: frozenset[str]) -> Supply:
    """Read the steps of the supply.

    Parameters
    ----------
    file
        The situation file.
    city
        The city, whose areas and queues are looked up.
    grid
        The half-hour slots; None where they aren't known, for the problems only.
    claims
        Ids of the claims in the file.

    Returns
    -------
    Supply
        By slot; without slots where `grid` is None.
    """
    areas = frozenset(map(str, [*city.districts.index, *city.substations.index]))
    queues = queues_of(city)
    given = file.tables("supply")
    steps = [
        step
        for place, raw in given
        if (step := _step(file.within(place, raw, SUPPLY_KEYS), areas, queues, claims))
    ]
    slots = grid.slots if grid is not None else 0
    supply = Supply(np.full(slots, np.nan), np.full(slots, np.nan), (), {})
    if grid is None:
        return supply
    area_limits = []
    touched = False
    for area in dict.fromkeys(step.area for step in steps):
        of_area = _in_order([step for step in steps if step.area == area], grid)
        limit_mw = supply.limit_mw if not area else np.full(slots, np.nan)
        queues_off = supply.queues_off if not area else np.full(slots, np.nan)
        cited: list[str] = []
        for step, until in of_area:
            first, end = grid.touched(step.since, until)
            if first >= end:
                continue
            touched = True
            cited += step.cited
            # Where two steps share a slot the stricter one holds for all of it.
            if step.limit_mw is not None:
                limit_mw[first:end] = np.fmin(limit_mw[first:end], step.limit_mw)
            if step.queues is not None:
                queues_off[first:end] = np.fmax(queues_off[first:end], step.queues)
        if cited:
            name = f"supply of {area}" if area else "supply"
            supply.cited[name] = tuple(dict.fromkeys(cited))
        if area:
            ordered = queues_off if np.isfinite(queues_off).any() else None
            area_limits.append(SupplyLimit(area, limit_mw, ordered))
    if steps and len(steps) == len(given) and not touched:
        file.problem("supply", "", "no step holds within the horizon", "check the dates")
    return Supply(supply.limit_mw, supply.queues_off, tuple(area_limits), supply.cited)


def queues_of(city: City) -> int:
    """Return how many whole queues the city's public schedule has, 0 where it has none yet.

    Parameters
    ----------
    city
        The city; the queue of «3.2» is 3.
    """
    names = pd.Series(city.feeders["queue"]).dropna().astype(str).str.strip()
    return int(names[names != ""].str.split(".").str[0].nunique())


def _step(
    fields: Fields, areas: frozenset[str], queues: int, claims: frozenset[str]
) -> _Step | None:
    """Read one step; None where it can't be used."""
    raw: dict[str, Any] = fields.raw
    since, until = fields.span()
    cited = fields.claims(claims)
    area = fields.text("area", "")
    if area and area not in areas:
        reason = "is not a district or substation of the city"
        fields.problem("area", area, reason, did_you_mean(area, areas))
    limit_mw = fields.number("limit_mw", "MW", 0.0, MOST_MW)
    most = float(queues or 1000)
    order = fields.number("queues", "queues", 0.0, most)
    if order is not None and (order * 2) % 1:
        fields.problem("queues", order, "is not a whole number of half queues", "round it")
    if ("limit_mw" in raw) == ("queues" in raw):
        reason = "both are given" if "queues" in raw else "a step needs one of them"
        fields.problem("", "limit_mw, queues", reason, "give limit_mw or queues")
        return None
    if (limit_mw is None and order is None) or ("from" in raw and since is None):
        return None
    return _Step(area or "", since, until, limit_mw, order, cited, fields)


def _in_order(steps: Sequence[_Step], grid: TimeGrid) -> list[tuple[_Step, pd.Timestamp | None]]:
    """Put the steps of one area in order, each with the time until which it holds."""
    begin = [grid.start if step.since is None else step.since for step in steps]
    order = sorted(range(len(steps)), key=lambda i: begin[i])
    ordered = []
    for i, following in zip(order, [*order[1:], None], strict=True):
        until = steps[i].until
        if following is not None:
            after = begin[following]
            if after == begin[i]:
                subject = shown(steps[following].fields.raw.get("from", "the start"))
                reason = "another step begins at the same time"
                steps[following].fields.problem("from", subject, reason, "keep one of them")
            until = after if until is None else min(until, after)
        ordered.append((steps[i], until))
    return ordered
