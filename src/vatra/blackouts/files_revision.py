"""A schedule's folder under a new table of limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    damaged = schedule.state == State.DAMAGED
    revision = revise_schedule(
        schedule, content.feeders, content.demand, now=now, freeze_h=freeze_h,
        limit_mw=orders.limit_mw,
        queues_off=orders.queues_off if np.isfinite(orders.queues_off).any() else None,
        area_limits=orders.area_limits, substation_mw=content.substation_mw,
        available=~damaged if damaged.any() else None, rules=content.rules,
        history=content.history, outages=content.outages,
        queue_outages_before=content.queue_outages,
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
