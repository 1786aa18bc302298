"""The scheduler's input from the tables that a utility has: feeders, limits, rules, loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files_feeders import read_feeders
from vatra.blackouts.files_load import LoadTable, read_available, read_history, read_load
from vatra.blackouts.files_orders import (
    Orders,
    RuleFile,
    Step,
    check_against_feeders,
    orders_by_slot,
    read_limit,
    read_rules,
)
from vatra.blackouts.files_sheet import as_time, stop_if, zone_of
from vatra.blackouts.queue_balance import balance_queues, queue_names
from vatra.blackouts.rules import Rules
from vatra.demand.model import Demand, Pickup
from vatra.demand.profiles import day_profile
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.timegrid import TimeGrid

Profile = Literal["household", "flat"]

MOST_HOURS = 35 * 24.0
"""Longest horizon, five weeks: a slip in a date shows here."""


@dataclass(frozen=True)
class Tables:
    """A utility's tables as the scheduler takes them.

    Parameters
    ----------
    feeders
        By ``feeder_id``, in the order of the file.
    demand
        Feeder × slot, MW.
    orders
        Limits and orders by slot.
    rules
        Rules of the rotation.
    substation_mw
        Most that substations may carry, MW; None where nobody said.
    available
        Feeder × slot: False where there is no power anyway; None where nobody said.
    history
        What went before, by ``feeder_id``; None where nobody said.
    notes
        What was taken as given or assumed, in sentences.
    now
        When the schedule is made, from which notice counts; None for long before.
    book
        What everybody has had in the days before; None where no book was given.
    """

    feeders: pd.DataFrame
    demand: Demand
    orders: Orders
    rules: Rules = field(default_factory=Rules)
    substation_mw: pd.Series[float] | None = None
    available: NDArray[np.bool_] | None = None
    history: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    now: pd.Timestamp | None = None
    book: pd.DataFrame | None = None

    def arguments(self) -> dict[str, Any]:
        """Return what `schedule_blackouts` takes by name.

        Returns
        -------
        dict
            Limits, orders, rules and what went before.
        """
        ordered = bool(np.isfinite(self.orders.queues_off).any())
        exposure = None
        if "exposure" in self.feeders:
            exposure = self.feeders["exposure"].to_numpy(dtype=np.float64) - 1.0
        return {
            "limit_mw": self.orders.limit_mw,
            "queues_off": self.orders.queues_off if ordered else None,
            "area_limits": self.orders.area_limits,
            "substation_mw": self.substation_mw,
            "available": self.available,
            "rules": self.rules,
            "history": self.history,
            "exposure": exposure,
            **({} if self.now is None else {"now": self.now}),
        }


def read_tables(
    feeders: Path | str,
    limit: Path | str,
    *,
    rules: Path | str | None = None,
    load: Path | str | None = None,
    available: Path | str | None = None,
    history: Path | str | None = None,
    time_zone: str | None = None,
    hours: float | None = None,
    profile: Profile = "household",
    now: str | None = None,
) -> Tables:
    """Read a utility's tables.

    Parameters
    ----------
    feeders
        CSV of the feeders: ``feeder`` and, unless there is a load table, ``peak_mw``;
        ``substation``, ``district``, ``queue``, ``customers``, ``residents``, ``critical_mw``,
        ``reserved``, ``protected``, ``switching``, ``crew``, ``backup`` and ``exposure`` where
        they are known.
    limit
        CSV of the limits: ``start``, ``limit_mw`` (MW) or ``queues``, and ``area`` for a
        district or substation. A step holds until the next one of its area.
    rules
        TOML of the rules.
    load
        CSV of the loads, feeder × time, MW; in place of ``peak_mw``.
    available
        CSV ``feeder,start,available`` of feeders that have no power anyway.
    history
        CSV ``feeder,dark_h,dark_slots,lit_slots`` of what went before.
    time_zone
        Zone of times without an offset and of local days; without it times need an offset and
        days are those of Europe/Kyiv.
    hours
        Length of the schedule; by default to the end of the load table, or without one to the
        local midnight after the last step.
    profile
        How the load runs over the day where only its peak is known: as homes do, or flat. A
        critical part is always flat.
    now
        When the schedule is made, from which notice counts; None for long before.

    Returns
    -------
    Tables
        What the scheduler takes.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    problems: list[Problem] = []
    notes: list[str] = []
    zone = zone_of(time_zone, problems)
    if hours is not None and not (0.5 <= hours <= MOST_HOURS and float(2 * hours).is_integer()):
        problems.append(
            Problem("--hours", f"{hours:g}", "is not a whole number of half-hours that can be "
                    "planned", f"0.5 to {MOST_HOURS:g}")
        )  # fmt: skip
    made = _time(now, zone, problems)
    table = read_feeders(Path(feeders), problems, notes, need_peak=load is None)
    steps = read_limit(Path(limit), zone, problems, notes)
    given = read_rules(Path(rules), problems) if rules is not None else RuleFile()
    if len(table):
        check_against_feeders(steps, given, table, Path(limit).name, problems)
    loads = read_load(Path(load), zone, problems) if load is not None else None
    ids = pd.Index(table.index, name="feeder_id")
    if not ids.is_unique:  # told already
        stop_if(problems)
    grid = None
    if steps and not any(p.place.startswith("--") for p in problems):
        grid = _grid(steps, loads, time_zone or "Europe/Kyiv", hours, Path(limit).name, problems)
    powered = None
    if available is not None and len(ids):
        powered = read_available(Path(available), zone, list(ids), grid, problems)
    before = read_history(Path(history), list(ids), problems) if history is not None else None
    load_mw = loads.by_slot(ids, grid, problems) if loads is not None and grid else None
    stop_if(problems)
    if grid is None:  # no step and no problem can't be
        raise InputError("blackouts", [Problem(Path(limit).name, "", "holds no step")])
    demand = _demand(table, grid, load_mw, profile, given.pickup, problems, notes)
    stop_if(problems)
    table = _with_queues(table, demand, notes)
    orders = orders_by_slot(steps, grid)
    how = "to the midnight after the last step"
    if hours is not None:
        how = "as asked"
    elif loads is not None and loads.span is not None:
        how = "to the end of the loads"
    _tell_horizon(grid, steps, notes, how)
    capacity = pd.Series(given.substation_mw, dtype="float64") if given.substation_mw else None
    return Tables(table, demand, orders, given.rules, capacity, powered, before, tuple(notes),
                  made)  # fmt: skip


def _time(now: str | None, zone: ZoneInfo | None, problems: list[Problem]) -> pd.Timestamp | None:
    """Read when a schedule is made."""
    if now is None:
        return None
    made, (reason, mend) = as_time(now, zone, half_hours=False)
    if made is None:
        problems.append(Problem("--now", now, reason, mend))
    return made


def _grid(  # noqa: PLR0917 - all that a horizon hangs on
    steps: tuple[Step, ...], loads: LoadTable | None, time_zone: str, hours: float | None,
    name: str, problems: list[Problem],
) -> TimeGrid | None:  # fmt: skip
    """Lay out the slots: from the first step on, to where it is known what to do."""
    start = min(step.start for step in steps)
    last = max(step.start for step in steps)
    span = loads.span if loads is not None else None
    if span is not None and start < span[0] <= last + pd.Timedelta(hours=24):
        start = span[0]  # a limit that held before goes on
    if hours is not None:
        end = start + pd.Timedelta(hours=hours)
    else:
        end = (last.tz_convert(time_zone).normalize() + pd.Timedelta(hours=36)).normalize()
        end = end.tz_convert("UTC")
        if span is not None and start < span[1]:
            end = span[1]
    slots = int((end - start) // pd.Timedelta(minutes=30))
    if slots > 2 * MOST_HOURS:
        problems.append(
            Problem(f"{name}: start", f"{start:%Y-%m-%d} to {last:%Y-%m-%d}",
                    "is more than five weeks", "check the years, or plan fewer --hours")
        )  # fmt: skip
        return None
    return TimeGrid(start, max(slots, 1), time_zone)


def _demand(  # noqa: PLR0917 - all that a load is made of
    table: pd.DataFrame, grid: TimeGrid, load_mw: NDArray[np.float64] | None, profile: Profile,
    pickup: Pickup, problems: list[Problem], notes: list[str],
) -> Demand:  # fmt: skip
    """Make the loads, from the load table or from the peaks."""
    ids = pd.Index(table.index, name="feeder_id")
    critical = np.nan_to_num(table["critical_mw"].to_numpy(dtype=np.float64))[:, None]
    shape = (len(table), grid.slots)
    if load_mw is None:
        peak = table["peak_mw"].to_numpy(dtype=np.float64)[:, None]
        run = np.ones(grid.slots)
        if profile == "household":
            weekend = np.asarray(grid.local.day_of_week >= 5)
            run = day_profile("household", (grid.hour + 0.25) % 24.0, weekend)
            run = np.minimum(run, 1.0)
            notes.append(
                "Only peaks are known: loads run over the day as homes' do (an assumed profile), "
                "critical parts are flat."
            )
        else:
            notes.append("Only peaks are known: loads are taken to be flat at their peak.")
        load_mw = critical + (peak - critical) * run[None, :]
        critical_mw = np.broadcast_to(critical, shape).copy()
    else:
        critical_mw = np.minimum(critical, load_mw)
        cut = (critical > load_mw + 1e-9).any(axis=1)
        if cut.any():
            notes.append(
                f"Where the load is below critical_mw ({name_ids(ids[cut])}), all of it is taken "
                "to be critical."
            )
    if not load_mw.sum() > 0:
        problems.append(Problem("load", "", "all loads are 0", "give loads in MW"))
    return Demand(grid, ids, load_mw, critical_mw, np.zeros(shape), pickup)


def _with_queues(table: pd.DataFrame, demand: Demand, notes: list[str]) -> pd.DataFrame:
    """Give feeders queues where the utility has none."""
    mean = demand.load_mw.mean(axis=1)
    if "queue" not in table or not (table["queue"] != "").any():
        rotated = int((~(table["protected"] | table["reserved"])).sum())
        names = queue_names()[: max(1, rotated)]
        many = "6 × 2" if len(names) == len(queue_names()) else str(len(names))
        notes.append(
            f"No queues are given: feeders are spread over {many} queues so that each has nearly "
            "the same load and people."
        )
        return table.assign(queue=balance_queues(table, mean, names=names).queue)
    kept = table["protected"] | table["reserved"]
    if "backup" in table:
        kept |= (table["backup"] == "no") & (table["critical_mw"].fillna(0.0) > 0)
    without = table.index[(table["queue"] == "") & ~kept]
    if len(without):
        notes.append(
            f"Feeders without a queue ({name_ids(without)}) are switched, but are not in the "
            "schedule by queue."
        )
    return table


def _tell_horizon(grid: TimeGrid, steps: tuple[Step, ...], notes: list[str], how: str) -> None:
    end = grid.end.tz_convert(grid.time_zone)
    notes.append(
        f"Planned to {end:%Y-%m-%d %H:%M} local time ({how}); after that nothing is known."
    )
    late = [step for step in steps if step.start >= grid.end]
    if late:
        notes.append(f"{len(late)} steps of the limit begin after that and are not used.")
