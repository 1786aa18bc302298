"""Orders, rules and loads as the arrays that the scheduler works on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.conduct import Conduct, conduct_of
from vatra.blackouts.rules import Rules
from vatra.demand.model import Demand
from vatra.demand.pickup import pickup_multiplier, served_load
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H, TimeGrid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

TOLERANCE_MW = 1e-6
"""Loads this far over a limit count as at the limit: rounding of sums."""

RELEASED_RESERVED = 50.0
RELEASED_MIXED = 200.0
RELEASED_PROTECTED = 500.0
"""How much dearer an hour of darkness is on a feeder that should have been kept."""


@dataclass(frozen=True)
class Limit:
    """One limit on the load of some feeders.

    Parameters
    ----------
    name
        ``the city``, or a substation or district as a dispatcher would name it.
    kind
        ``supply limit``, ``area limit`` or ``substation capacity``.
    feeders
        Which feeders count against it.
    limit_mw
        By slot, MW; infinite where there is none.
    """

    name: str
    kind: str
    feeders: Flags
    limit_mw: Floats


@dataclass(frozen=True)
class AreaOrder:
    """An order in queues for a part of the network.

    Parameters
    ----------
    name
        A substation or district as a dispatcher would name it.
    feeders
        Which feeders are in it.
    queues_off
        By slot: queues that must be dark, halves allowed; NaN where there is no order.
    """

    name: str
    feeders: Flags
    queues_off: Floats


@dataclass(frozen=True)
class Task:
    """Everything that a rotation has to obey, as arrays.

    Parameters
    ----------
    grid, demand, rules
        As given.
    available
        Feeder × slot: False where the feeder has no power anyway.
    kept
        Feeders that planned cuts don't touch.
    tier
        Feeder: what an hour of its darkness counts, 1 for most.
    exposure
        Feeder × slot: share by which darkness counts more where people would be cold first.
    limits
        All limits.
    kept_load_mw
        Feeder × slot: load of the kept feeders, pickup after damage included.
    released
        Feeders that should be kept, but can't all be.
    dark_before, lit_before
        Feeder: slots of the last dark run before the grid starts, and lit slots since.
    dark_h_before
        Feeder: dark hours that it already had.
    conduct
        Rules on switchings and spans of time.
    area_orders
        Orders in queues for parts of the network.
    """

    grid: TimeGrid
    demand: Demand
    rules: Rules
    available: Flags
    kept: Flags
    tier: Floats
    exposure: Floats
    limits: tuple[Limit, ...]
    kept_load_mw: Floats
    released: Flags
    dark_before: Ints
    lit_before: Ints
    dark_h_before: Floats
    conduct: Conduct
    area_orders: tuple[AreaOrder, ...] = ()

    @property
    def ordinary_mw(self) -> Floats:
        """Feeder × slot: load that pickup acts on, MW."""
        demand = self.demand
        ordinary = demand.load_mw - demand.critical_mw - demand.heater_mw
        return np.ascontiguousarray(np.maximum(ordinary, 0.0))

    @property
    def steady_mw(self) -> Floats:
        """Feeder × slot: load without pickup, MW."""
        return np.ascontiguousarray(self.demand.critical_mw + self.demand.heater_mw)

    def served_mw(self, lit: Flags) -> Floats:
        """Feeder × slot: load under a switching pattern, pickup included, MW."""
        return served_load(
            self.demand, lit, dark_before=self.dark_before, lit_before=self.lit_before
        )


def factor_table(task: Task, dark_slots: int, lit_slots: int, *, below: bool) -> Floats:
    """Tabulate the pickup factor by lit slots × dark slots.

    Beyond the table its last row and column hold. With `below` they are no more than the true
    factor, as a bound needs it; otherwise no less, as a limit needs it.
    """
    pickup = task.demand.pickup
    dark = np.arange(dark_slots + 1)[None, :]
    lit = np.arange(lit_slots + 1)[:, None]
    table = np.array(pickup_multiplier(dark, lit, pickup))
    if below:
        table[-1] = 1.0
    else:
        table[1:, -1] = pickup_multiplier(10**6, lit[1:, 0], pickup)
        table[0, -1] = pickup_multiplier(10**6, 0, pickup)
        table[-1] = table[-1].max()
    return np.ascontiguousarray(table)


def table_size(task: Task) -> tuple[int, int]:
    """Dark and lit slots after which the pickup factor hardly changes (by 0.002)."""
    pickup = task.demand.pickup
    small = 0.002 / max(pickup.extra, 1e-6)
    decades = float(np.log(1.0 / small)) if small < 1.0 else 0.0
    dark = int(np.clip(np.ceil(decades * pickup.growth_h / SLOT_H), 1, 40))
    lit = int(np.clip(np.ceil(decades * pickup.decay_h / SLOT_H), 1, 40))
    rules = task.rules
    lit = max(lit, rules.min_light_slots + 1)
    if rules.max_light_h is not None:
        lit = max(lit, rules.max_light_slots + 1)
    return dark, lit


def state_task(
    feeders: pd.DataFrame,
    demand: Demand,
    *,
    limit_mw: ArrayLike | None = None,
    area_limits: Iterable[SupplyLimit] = (),
    substation_mw: pd.Series[float] | None = None,
    available: ArrayLike | None = None,
    rules: Rules | None = None,
    exposure: ArrayLike | None = None,
    history: pd.DataFrame | None = None,
    now: pd.Timestamp | None = None,
) -> Task:
    """Check what was given and lay it out as arrays.

    Parameters
    ----------
    feeders, demand, limit_mw, area_limits, substation_mw, available, rules, exposure, history
        As in `vatra.blackouts.schedule_blackouts`.

    Returns
    -------
    Task
        The arrays. Feeders that should be kept but can't be are released in it.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    problems: list[Problem] = []
    ids = demand.feeder_id
    shape = demand.load_mw.shape
    table = _match(feeders, ids, problems)
    for name in ("load_mw", "critical_mw", "heater_mw"):
        values = getattr(demand, name)
        if values.shape != (len(ids), demand.grid.slots):
            problems.append(Problem(f"demand.{name}", str(values.shape), "not feeders × slots"))
            continue
        bad = ~(np.isfinite(values) & (values >= 0)).all(axis=1)
        if bad.any():
            who = name_ids(ids[np.flatnonzero(bad)])
            problems.append(
                Problem(f"demand.{name}", who, "missing or negative load", "MW of 0 or more")
            )
    if problems:
        raise InputError("blackouts", problems)
    part = demand.critical_mw + demand.heater_mw > demand.load_mw + 1e-6
    if part.any():
        problems.append(
            Problem("demand.critical_mw", name_ids(ids[np.flatnonzero(part.any(axis=1))]),
                    "critical load and heaters are more than the load")
        )  # fmt: skip
    powered = _array(available, True, shape, "available", problems).astype(np.bool_)
    exposed = _array(exposure, 0.0, shape, "exposure", problems).astype(np.float64)
    if not (exposed >= 0).all():
        problems.append(Problem("exposure", "", "negative or missing", "shares of 0 or more"))
    city = _limit_by_slot(limit_mw, demand.grid.slots, "limit_mw", problems)
    areas = tuple(area_limits)
    limits = _limits(table, city, areas, substation_mw, demand.grid, problems)
    area_orders = _area_orders(table, areas, demand.grid.slots, problems)
    before = _history(history, ids, problems)
    rules = rules or Rules()
    if now is not None and now.tzinfo is None:
        problems.append(Problem("now", str(now), "has no time zone", "give its offset from UTC"))
        now = None
    conduct = conduct_of(table, rules, demand.grid, now, problems)
    tier = kept_tier(table, demand, rules)
    if problems:
        raise InputError("blackouts", problems)
    task = Task(
        demand.grid, demand, rules, powered, tier > 1, tier, exposed, limits,
        np.zeros(shape), np.zeros(len(ids), dtype=np.bool_), *before, conduct, area_orders,
    )  # fmt: skip
    return _release(task)


def kept_tier(table: pd.DataFrame, demand: Demand, rules: Rules) -> Floats:
    """Tell which feeders planned cuts should not touch, and how much each of them counts.

    Parameters
    ----------
    table
        The feeders, in order of the demand: ``protected``, ``reserved`` and ``backup`` where
        they are known.
    demand
        Says which feeders have a critical part.
    rules
        Whether mixed feeders are kept.

    Returns
    -------
    Floats
        By feeder: 1 where it may be cut, else what an hour of its darkness counts: least for
        feeders that are reserved for automatic shedding, more for mixed ones whose critical part
        is known to have no backup, most for protected ones.
    """

    def flag(name: str) -> Flags:
        if name not in table:
            return np.zeros(len(table), dtype=np.bool_)
        return np.asarray(table[name].fillna(value=False), dtype=np.bool_)

    tier = np.where(flag("reserved"), RELEASED_RESERVED, 1.0)
    if rules.keep_mixed and "backup" in table:
        without = np.asarray(table["backup"].astype("object").isin(["no", False]), dtype=np.bool_)
        tier[without & (demand.critical_mw > 0).any(axis=1)] = RELEASED_MIXED
    tier[flag("protected")] = RELEASED_PROTECTED
    return np.asarray(tier, dtype=np.float64)


def _match(feeders: pd.DataFrame, ids: pd.Index[str], problems: list[Problem]) -> pd.DataFrame:
    """Bring the feeders into the order of the demand."""
    doubled = feeders.index[feeders.index.duplicated()]
    if len(doubled):
        problems.append(Problem("feeders", name_ids(doubled.unique()), "the id is there twice"))
        return feeders
    missing = ids[~ids.isin(feeders.index)]
    if len(missing):
        problems.append(
            Problem("feeders", name_ids(missing), "in the demand, but not in the table of feeders")
        )
        return feeders
    return feeders.loc[ids]


def _array(
    values: ArrayLike | None, default: object, shape: tuple[int, ...], name: str,
    problems: list[Problem],
) -> NDArray[np.generic]:  # fmt: skip
    """Bring values by feeder, or feeder and slot, into feeder × slot."""
    if values is None:
        return np.full(shape, default)
    array = np.asarray(values)
    if array.ndim == 1 and array.shape[0] == shape[0]:
        array = array[:, None]
    if array.ndim != 2 or array.shape[0] != shape[0] or array.shape[1] not in {1, shape[1]}:
        problems.append(Problem(name, str(np.shape(values)), f"not {shape}, feeders × slots"))
        return np.full(shape, default)
    return np.broadcast_to(array, shape).copy()


def _limit_by_slot(
    values: ArrayLike | None, slots: int, name: str, problems: list[Problem]
) -> Floats:
    """Bring a limit into MW by slot, infinite where there is none."""
    if values is None:
        return np.full(slots, np.inf)
    limit = np.asarray(values, dtype=np.float64)
    if limit.shape not in {(), (slots,)}:
        problems.append(Problem(name, str(limit.shape), f"not {slots} slots"))
        return np.full(slots, np.inf)
    limit = np.broadcast_to(limit, (slots,)).copy()
    if (limit < 0).any():
        at = np.flatnonzero(limit < 0)
        problems.append(Problem(name, f"slot {name_ids(at)}", "negative", "MW of 0 or more"))
    return np.where(np.isnan(limit), np.inf, limit)


def _limits(  # noqa: PLR0917 - everything that says how much may be drawn
    table: pd.DataFrame, city: Floats, area_limits: tuple[SupplyLimit, ...],
    substation_mw: pd.Series[float] | None, grid: TimeGrid, problems: list[Problem],
) -> tuple[Limit, ...]:  # fmt: skip
    """Collect all limits, several on the same area as the least of them."""
    everyone = np.ones(len(table), dtype=np.bool_)
    limits = []
    if np.isfinite(city).any():
        limits.append(Limit("the city", "supply limit", everyone, city))
    by_area: dict[str, Floats] = {}
    for area in area_limits:
        values = _limit_by_slot(area.limit_mw, grid.slots, f"area_limits.{area.area}", problems)
        by_area[area.area] = np.minimum(by_area.get(area.area, np.inf), values)
    for name, values in by_area.items():
        members, kind = _members(table, name)
        if not members.any():
            problems.append(
                Problem("area_limits", name, "no feeder is in it", "id of a substation or district")
            )
        elif np.isfinite(values).any():
            limits.append(Limit(f"{kind} {name}", "area limit", members, values))
    limits += _capacities(table, substation_mw, grid, problems)
    return tuple(limits)


def _members(table: pd.DataFrame, area: str) -> tuple[Flags, str]:
    """Feeders of a substation or district, and which of the two it is."""
    for column, word in (("substation_id", "substation"), ("district_id", "district")):
        if column in table:
            members = np.asarray(table[column].astype("object") == area, dtype=np.bool_)
            if members.any():
                return members, word
    return np.zeros(len(table), dtype=np.bool_), ""


def _area_orders(
    table: pd.DataFrame, area_limits: tuple[SupplyLimit, ...], slots: int, problems: list[Problem]
) -> tuple[AreaOrder, ...]:
    """Collect orders in queues for parts of the network, several for the same one as the most."""
    by_area: dict[str, Floats] = {}
    for area in area_limits:
        if area.queues_off is None:
            continue
        order = np.asarray(area.queues_off, dtype=np.float64)
        place = f"area_limits.{area.area}"
        if order.shape not in {(), (slots,)}:
            problems.append(Problem(place, str(order.shape), f"not queues in {slots} slots"))
            continue
        order = np.broadcast_to(order, (slots,))
        known = order[np.isfinite(order)]
        if (known < 0).any() or (known * 2 % 1 > 0).any() or np.isinf(order).any():
            problems.append(Problem(place, "", "not numbers of queues", "0, 0.5, 1, 1.5 …"))
            continue
        by_area[area.area] = np.fmax(by_area.get(area.area, np.nan), order)
    found = []
    for name, order in by_area.items():
        members, kind = _members(table, name)
        if members.any() and np.isfinite(order).any():
            found.append(AreaOrder(f"{kind} {name}", members, order))
    return tuple(found)


def _capacities(
    table: pd.DataFrame, substation_mw: pd.Series[float] | None, grid: TimeGrid,
    problems: list[Problem],
) -> list[Limit]:  # fmt: skip
    """Limits from what substations may carry."""
    limits: list[Limit] = []
    if substation_mw is None or "substation_id" not in table:
        return limits
    names = table["substation_id"].astype("object").to_numpy()
    for name, capacity in substation_mw.items():
        if not capacity >= 0:
            problems.append(
                Problem("substation_mw", str(name), f"capacity of {capacity}", "MW, 0 or more")
            )
            continue
        members = np.asarray(names == name, dtype=np.bool_)
        if members.any():
            limit = np.full(grid.slots, float(capacity))
            limits.append(Limit(f"substation {name}", "substation capacity", members, limit))
    return limits


def _history(
    history: pd.DataFrame | None, ids: pd.Index[str], problems: list[Problem]
) -> tuple[Ints, Ints, Floats]:
    """Bring what happened before the grid starts into the order of the feeders."""
    columns = ("dark_slots", "lit_slots", "dark_h")
    if history is None:
        empty = np.zeros(len(ids), dtype=np.int64)
        return empty, empty.copy(), np.zeros(len(ids))
    given = history.reindex(ids)
    arrays = []
    for name in columns:
        values = given[name] if name in given else pd.Series(0.0, index=ids)
        number = pd.to_numeric(values, errors="coerce").fillna(0.0).to_numpy(dtype=np.float64)
        if (number < 0).any():
            problems.append(
                Problem(f"history.{name}", name_ids(ids[number < 0]), "negative", "0 or more")
            )
        arrays.append(number)
    return arrays[0].astype(np.int64), arrays[1].astype(np.int64), arrays[2]


def _release(task: Task) -> Task:
    """Release kept feeders until what is still kept fits every limit.

    Reserved feeders go first, then mixed ones, then protected ones, each by the least critical
    share; where the order leaves a choice, the one with less critical load goes first.
    """
    demand = task.demand
    energy = np.maximum(demand.load_mw.sum(axis=1), 1e-12)
    critical_share = demand.critical_mw.sum(axis=1) / energy
    order = np.lexsort((critical_share, task.tier))
    kept = task.kept.copy()
    load = task.served_mw(task.available & kept[:, None])
    for limit in task.limits:
        drawn = load[limit.feeders & kept].sum(axis=0)
        over = drawn > limit.limit_mw + TOLERANCE_MW
        for f in order:
            if not over.any():
                break
            if kept[f] and limit.feeders[f] and (load[f] > 0)[over].any():
                kept[f] = False
                drawn = drawn - load[f]
                over = drawn > limit.limit_mw + TOLERANCE_MW
    released = task.kept & ~kept
    return replace(
        task, kept=kept, tier=np.where(released, task.tier, 1.0), released=released,
        kept_load_mw=load * kept[:, None],
    )  # fmt: skip
