"""What a dispatcher is ordered to keep to: limits and queues over time, and rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files_sheet import check_columns, read_sheet
from vatra.blackouts.rules import Rules, rules_from
from vatra.demand.model import Pickup
from vatra.problems import InputError, Problem
from vatra.situation.fields import did_you_mean, shown
from vatra.situation.model import SupplyLimit
from vatra.situation.supply import MOST_MW
from vatra.situation.timegrid import TimeGrid

COLUMNS = ("start", "limit_mw", "queues", "area")
MOST_QUEUES = 1000.0


@dataclass(frozen=True)
class Step:
    """One line of a table of limits.

    Parameters
    ----------
    area
        Id of a district or substation; empty for the whole city.
    start
        When it begins to hold; the next step of its area ends it.
    limit_mw, queues
        The limit, MW, and the number of queues that must be dark; NaN for none.
    """

    area: str
    start: pd.Timestamp
    limit_mw: float
    queues: float


@dataclass(frozen=True)
class Orders:
    """Limits and orders by slot.

    Parameters
    ----------
    limit_mw, queues_off
        Of the whole city by slot; NaN where there is none.
    area_limits
        Of districts and substations, in MW and in queues.
    """

    limit_mw: NDArray[np.float64]
    queues_off: NDArray[np.float64]
    area_limits: tuple[SupplyLimit, ...]


def read_limit(
    path: Path, zone: ZoneInfo | None, problems: list[Problem], notes: list[str]
) -> tuple[Step, ...]:
    """Read the table of limits.

    Parameters
    ----------
    path
        The file: ``start``, ``limit_mw`` or ``queues``, optional ``area``.
    zone
        Zone of times without an offset; None where they need one.
    problems, notes
        Where problems, and what the reader should know, are put.

    Returns
    -------
    tuple of Step
        By area and time.
    """
    sheet = read_sheet(path, problems)
    if sheet is None or not check_columns(sheet, COLUMNS, ("start",), notes):
        return ()
    sheet.ids = tuple(sheet.texts("start"))
    if not (sheet.has("limit_mw") or sheet.has("queues")):
        sheet.problem("", [], "has neither limit_mw nor queues", "add a column of one of them")
        return ()
    start = sheet.times("start", zone)
    limit = sheet.numbers("limit_mw", "MW", MOST_MW)
    queues = sheet.numbers("queues", "queues", MOST_QUEUES)
    halves = np.flatnonzero(np.nan_to_num(queues) * 2 % 1 > 0)
    if halves.size:
        sheet.problem("queues", halves, "is not a whole number of half queues", "0, 0.5, 1, 1.5 …")
    area = sheet.texts("area")
    seen: dict[tuple[str, pd.Timestamp], int] = {}
    again = [
        i for i, time in enumerate(start)
        if time is not None and seen.setdefault((area[i], time), i) != i
    ]  # fmt: skip
    if again:
        sheet.problem("start", again, "another step begins at the same time", "keep one of them")
    if not (np.isfinite(limit) | np.isfinite(queues)).any() and not problems and len(sheet):
        sheet.problem("", [], "sets no limit and no order at all", "give one step a value")
    steps = [
        Step(area[i], time, float(limit[i]), float(queues[i]))
        for i, time in enumerate(start)
        if time is not None
    ]
    return tuple(sorted(steps, key=lambda step: (step.area, step.start)))


def orders_by_slot(steps: tuple[Step, ...], grid: TimeGrid) -> Orders:
    """Lay steps out over the slots; each holds until the next one of its area.

    Parameters
    ----------
    steps
        By area and time.
    grid
        The half-hour slots.

    Returns
    -------
    Orders
        Before the first step of an area, and where a step names no value, there is none.
    """
    by_area: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for step in steps:
        limit, queues = by_area.setdefault(
            step.area, (np.full(grid.slots, np.nan), np.full(grid.slots, np.nan))
        )
        first = max(grid.slot_of(step.start), 0)
        limit[first:] = step.limit_mw
        queues[first:] = step.queues
    none = np.full(grid.slots, np.nan)
    limit_mw, queues_off = by_area.pop("", (none, none.copy()))
    areas = tuple(
        SupplyLimit(name, limit, queues if np.isfinite(queues).any() else None)
        for name, (limit, queues) in by_area.items()
    )
    return Orders(limit_mw, queues_off, areas)


@dataclass(frozen=True)
class RuleFile:
    """What a file of rules holds.

    Parameters
    ----------
    rules
        The rules, defaults where the file is silent.
    pickup
        Extra load after a cut.
    substation_mw
        Most that each substation may carry, MW.
    """

    rules: Rules = field(default_factory=Rules)
    pickup: Pickup = field(default_factory=Pickup)
    substation_mw: dict[str, float] = field(default_factory=dict)


def read_rules(path: Path, problems: list[Problem]) -> RuleFile:
    """Read a file of rules.

    Parameters
    ----------
    path
        A TOML file: rules at the top or under ``[rules]``, ``[pickup]``, ``[substation_mw]``.
    problems
        Where problems are put.

    Returns
    -------
    RuleFile
        The defaults where something is wrong.
    """
    values = _toml(path, problems)
    name = path.name
    tables: dict[str, Mapping[str, Any]] = {}
    for key in ("rules", "pickup", "substation_mw"):
        table = values.pop(key, {})
        if not isinstance(table, dict):
            problems.append(Problem(f"{name}: {key}", "", "is not a table", f"write it as [{key}]"))
            table = {}
        tables[key] = table
    both = sorted(values.keys() & tables["rules"].keys())
    if both:
        problems.append(Problem(f"{name}: {both[0]}", "", "is there twice", "keep one of them"))
    rules = _rules(name, {**values, **tables["rules"]}, problems)
    known = ("extra", "growth_h", "decay_h")
    pickup = _numbers(f"{name}: pickup", tables["pickup"], 100.0, problems, known)
    capacity = _numbers(f"{name}: substation_mw", tables["substation_mw"], MOST_MW, problems)
    return RuleFile(rules, Pickup(**pickup), capacity)


def _toml(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        problems.append(Problem(path.name, "", "there is no such file", "correct the name"))
    except OSError as error:
        problems.append(Problem(path.name, "", error.strerror or str(error), "correct it"))
    except UnicodeDecodeError:
        problems.append(Problem(path.name, "", "is not UTF-8 text", "save it as UTF-8"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(Problem(path.name, "", f"is not TOML ({error})", "correct the line"))
    return {}


def _rules(name: str, values: Mapping[str, Any], problems: list[Problem]) -> Rules:
    """Make rules, each tried by itself first so that a wrong one can be named."""
    sound: dict[str, Any] = {}
    for key, value in values.items():
        try:
            rules_from({key: value})
        except InputError as error:
            alone = [p for p in error.problems if "less than min_" not in p.reason]
            problems += [
                Problem(f"{name}: {key}", "" if p.subject == key else p.subject, p.reason, p.mend)
                for p in alone
            ]
            if not alone:
                sound[key] = value
        else:
            sound[key] = value
    try:
        return rules_from(sound)
    except InputError as error:
        for p in error.problems:
            place = f"{name}: {p.place.removeprefix('rules.')}"
            problems.append(Problem(place, p.subject, p.reason, p.mend or "correct one of them"))
        return Rules()


def _numbers(
    place: str,
    table: Mapping[str, Any],
    most: float,
    problems: list[Problem],
    known: tuple[str, ...] = (),
) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for key, value in table.items():
        sound = isinstance(value, int | float) and not isinstance(value, bool)
        if known and key not in known:
            problems.append(
                Problem(f"{place}.{key}", "", "unknown key", did_you_mean(key, set(known)))
            )
        elif not sound or not 0 <= value <= most:
            problems.append(
                Problem(f"{place}.{key}", shown(value), "is not a number that can be",
                        f"0 to {most:g}")
            )  # fmt: skip
        else:
            numbers[key] = float(value)
    return numbers


def check_against_feeders(
    steps: tuple[Step, ...], given: RuleFile, feeders: pd.DataFrame, name: str,
    problems: list[Problem],
) -> None:  # fmt: skip
    """Find areas, substations and orders in queues that the feeders don't have.

    Parameters
    ----------
    steps, given
        Limits and rules.
    feeders
        The table of feeders.
    name
        What messages call the table of limits.
    problems
        Where problems are put.
    """
    named: set[str] = set()
    for column in ("substation_id", "district_id"):
        if column in feeders:
            named |= set(feeders[column]) - {""}
    for area in dict.fromkeys(step.area for step in steps if step.area):
        if area not in named:
            mend = did_you_mean(area, named) or "add a column substation or district to the feeders"
            problems.append(Problem(f"{name}: area", area, "no feeder is in it", mend))
    stations = set(feeders["substation_id"]) - {""} if "substation_id" in feeders else set()
    for station in given.substation_mw:
        if station not in stations:
            mend = did_you_mean(station, stations) or "add a column substation to the feeders"
            problems.append(Problem("substation_mw", station, "no feeder hangs on it", mend))
    ordered = [step.queues for step in steps if np.isfinite(step.queues)]
    if ordered and "queue" in feeders:
        whole = {str(q).split(".", maxsplit=1)[0] for q in feeders["queue"] if q}
        if max(ordered) > len(whole):
            problems.append(
                Problem(f"{name}: queues", f"{max(ordered):g}",
                        f"is more queues than the feeders have ({len(whole)})", "correct it")
            )  # fmt: skip
