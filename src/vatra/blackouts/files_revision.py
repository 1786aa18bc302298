"""A schedule's folder under a new table of limits, and after an emergency."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.emergency import Emergency
from vatra.blackouts.emergency_repay import Repayment, repay_emergency
from vatra.blackouts.files_folder import ScheduleFolder
from vatra.blackouts.files_orders import (
    Orders,
    RuleFile,
    Step,
    check_against_feeders,
    orders_by_slot,
    read_limit,
)
from vatra.blackouts.files_sheet import stop_if, zone_of
from vatra.blackouts.model import State
from vatra.blackouts.outages import feeder_outages, queue_outages
from vatra.blackouts.revision import FREEZE_H, revise_schedule
from vatra.problems import Problem
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import TimeGrid


def revise_folder(
    content: ScheduleFolder,
    limit: Path | str | None,
    *,
    now: pd.Timestamp,
    freeze_h: float = FREEZE_H,
    time_zone: str | None = None,
) -> ScheduleFolder:
    """Bring what is in a schedule's folder under a new table of limits.

    Parameters
    ----------
    content
        The schedule in force, as read from its folder.
    limit
        CSV as a schedule is made from. From the first step of an area on it replaces what was
        ordered there; before it, and in areas that it doesn't name, the orders stay. None to keep
        all orders, after an emergency for example.
    now
        When the orders came.
    freeze_h
        Hours from then on for which nothing changes.
    time_zone
        Zone of times without an offset; the schedule's if None.

    Returns
    -------
    ScheduleFolder
        The revised schedule, with the outages by their names and what changed.

    Raises
    ------
    InputError
        With every problem of the file and of the times.
    """
    schedule = content.schedule
    zone_name = schedule.grid.time_zone
    orders = content.orders or Orders(schedule.limit_mw, np.full(schedule.grid.slots, np.nan), ())
    if limit is not None:
        problems: list[Problem] = []
        zone = zone_of(time_zone or zone_name, problems)
        steps = read_limit(Path(limit), zone, problems, [])
        check_against_feeders(steps, RuleFile(), content.feeders, Path(limit).name, problems)
        late = [step for step in steps if step.start >= schedule.grid.end]
        if steps and len(late) == len(steps):
            end = f"it ends {schedule.grid.end.tz_convert(zone_name):%Y-%m-%d %H:%M}"
            reason = "every step begins after the schedule ends"
            problems.append(Problem(Path(limit).name, "", reason, end))
        stop_if(problems)
        orders = orders_from(orders, steps, schedule.grid)
    revision = revise_schedule(
        schedule, content.feeders, content.demand, now=now, freeze_h=freeze_h,
        **_terms(content, orders),
    )  # fmt: skip
    local, until = now.tz_convert(zone_name), revision.frozen_until.tz_convert(zone_name)
    note = (
        f"Revised {local:%Y-%m-%d %H:%M} local time; nothing was changed before "
        f"{until:%Y-%m-%d %H:%M}."
    )
    return replace(
        content, schedule=revision.schedule, orders=orders, outages=revision.outages,
        queue_outages=revision.queue_outages, revision=revision, notes=(*content.notes, note),
    )  # fmt: skip


def _terms(content: ScheduleFolder, orders: Orders) -> dict[str, Any]:
    """Return what a revision has to obey, as `revise_schedule` takes it."""
    damaged = content.schedule.state == State.DAMAGED
    exposure = None
    if "exposure" in content.feeders:
        own = content.feeders.loc[content.demand.feeder_id, "exposure"]
        exposure = own.to_numpy(dtype=np.float64) - 1.0
    return {
        "limit_mw": orders.limit_mw,
        "queues_off": orders.queues_off if np.isfinite(orders.queues_off).any() else None,
        "area_limits": orders.area_limits, "substation_mw": content.substation_mw,
        "available": ~damaged if damaged.any() else None, "rules": content.rules,
        "exposure": exposure, "history": content.history, "outages": content.outages,
        "queue_outages_before": content.queue_outages,
    }  # fmt: skip


def emergency_folder(content: ScheduleFolder, emergency: Emergency) -> ScheduleFolder:
    """Put an emergency into a schedule's folder; nothing else changes.

    Parameters
    ----------
    content
        The schedule in force, as read from its folder.
    emergency
        The cut, as `shed_now` chose it on this schedule.

    Returns
    -------
    ScheduleFolder
        The schedule with it, with the outages by their names.
    """
    names, grid = content.named(), emergency.schedule.grid
    local = grid.local.append(pd.DatetimeIndex([grid.end.tz_convert(grid.time_zone)]))
    since, until = local[emergency.slot], local[emergency.end_slot]
    cut = int((emergency.debt_h > 0).sum())
    note = (
        f"Emergency from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} local time: {cut} "
        "feeders; the plan of the rest is that of before."
    )
    return replace(
        content, schedule=emergency.schedule, revision=None,
        outages=feeder_outages(emergency.schedule, names[0]),
        queue_outages=queue_outages(emergency.schedule, names[1]), notes=(*content.notes, note),
    )  # fmt: skip


def repay_folder(
    content: ScheduleFolder, emergency: Emergency, *, now: pd.Timestamp
) -> tuple[ScheduleFolder, Repayment]:
    """Mend the rest of a schedule after an emergency, and give back what it took.

    Parameters
    ----------
    content
        The schedule before the emergency.
    emergency
        The cut; it ends before the schedule does.
    now
        When it began.

    Returns
    -------
    content, repayment
        The schedule that repays as far as limits and rules let it, and what it repays.
    """
    cut = emergency_folder(content, emergency)
    orders = content.orders
    if orders is None:
        limit = emergency.schedule.limit_mw
        orders = Orders(limit, np.full(emergency.schedule.grid.slots, np.nan), ())
    repaid = repay_emergency(
        cut.schedule, content.feeders, content.demand, debt_h=emergency.debt_h, now=now,
        end_slot=emergency.end_slot, **_terms(cut, orders),
    )  # fmt: skip
    end = cut.schedule.grid.end.tz_convert(cut.schedule.grid.time_zone)
    notes = (
        cut.notes[-1].replace("; the plan of the rest is that of before", ""),
        (
            f"Of {repaid.owed_h.sum():g} line-hours that the emergency took, "
            f"{repaid.repaid_h.sum():g} are given back up to {end:%Y-%m-%d %H:%M} local time; "
            f"{repaid.payers} lines pay for it."
        ),
    )
    revision = repaid.revision
    made = replace(
        cut, schedule=revision.schedule, orders=orders, outages=revision.outages,
        queue_outages=revision.queue_outages, revision=revision, notes=(*content.notes, *notes),
    )  # fmt: skip
    return made, repaid


def orders_from(orders: Orders, steps: tuple[Step, ...], grid: TimeGrid) -> Orders:
    """Replace orders by new ones from their first step on.

    Parameters
    ----------
    orders
        What was ordered so far.
    steps
        The new orders.
    grid
        The slots.

    Returns
    -------
    Orders
        By slot.
    """
    new = orders_by_slot(steps, grid)
    first: dict[str, int] = {}
    for step in steps:
        first[step.area] = min(first.get(step.area, grid.slots), max(grid.slot_of(step.start), 0))

    def join(area: str, was: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
        at = first.get(area, grid.slots)
        return np.concatenate([was[:at], now[at:]])

    none = np.full(grid.slots, np.nan)
    was = {area.area: area.limit_mw for area in orders.area_limits}
    now = {area.area: area.limit_mw for area in new.area_limits}
    areas = tuple(
        SupplyLimit(name, join(name, was.get(name, none), now.get(name, none)))
        for name in dict.fromkeys([*was, *now])
    )
    return Orders(
        join("", orders.limit_mw, new.limit_mw), join("", orders.queues_off, new.queues_off), areas
    )
