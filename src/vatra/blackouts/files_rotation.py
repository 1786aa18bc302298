"""A rotation by queue from a table of orders, and feeders from their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.conduct import bans_of, barred_slots
from vatra.blackouts.files_feeders import read_feeders
from vatra.blackouts.files_orders import RuleFile, orders_by_slot, read_limit, read_rules
from vatra.blackouts.files_sheet import stop_if, zone_of
from vatra.blackouts.model import State
from vatra.blackouts.rotation import PUBLISHED, SUBQUEUES, rotate_queues
from vatra.problems import InputError, Problem
from vatra.situation.timegrid import TimeGrid


@dataclass(frozen=True)
class OrderedRotation:
    """A rotation as an order says.

    Parameters
    ----------
    grid, units, state
        The slots, the queues and unit × slot: `State`.
    words
        How good it is, in sentences.
    """

    grid: TimeGrid
    units: pd.Index[str]
    state: NDArray[np.int8]
    words: str


def read_feeder_table(path: Path | str) -> pd.DataFrame:
    """Read a table of feeders with their peaks.

    Parameters
    ----------
    path
        CSV as `read_tables` takes it.

    Returns
    -------
    pandas.DataFrame
        By ``feeder_id``.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    problems: list[Problem] = []
    table = read_feeders(Path(path), problems, [], need_peak=True)
    stop_if(problems)
    return table


def rotate_from_order(
    path: Path | str,
    *,
    units: Sequence[str] = SUBQUEUES,
    time_zone: str = "Europe/Kyiv",
    rules: Path | str | None = None,
    now: pd.Timestamp | None = None,
) -> OrderedRotation:
    """Rotate queues as a table of orders says.

    Parameters
    ----------
    path
        CSV: ``start``, ``queues``; it holds to the local midnight after the last step.
    units
        Names of the queues or their parts.
    time_zone
        Zone of times without an offset, and of the days.
    rules
        TOML of the rules, of which those for a queue are kept: runs, dark hours a day, hours with
        light, and quiet hours and notice as if every queue had lines that are switched by hand.
    now
        When the rotation is made, from which notice counts.

    Returns
    -------
    OrderedRotation
        Who is dark when, with the proof in words.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    problems: list[Problem] = []
    zone = zone_of(time_zone, problems)
    steps = [s for s in read_limit(Path(path), zone, problems, []) if not s.area]
    name = Path(path).name
    if not problems and not any(np.isfinite(s.queues) for s in steps):
        problems.append(Problem(name, "", "orders no queues", "add a column queues"))
    given = RuleFile() if rules is None else read_rules(Path(rules), problems)
    stop_if(problems)
    start = min(s.start for s in steps)
    last = max(s.start for s in steps).tz_convert(time_zone)
    end = (last.normalize() + pd.Timedelta(hours=36)).normalize()
    slots = int((end.tz_convert("UTC") - start) // pd.Timedelta(minutes=30))
    if slots > 2 * 24 * 35:
        raise InputError(name, [Problem("start", "", "more than five weeks", "check the years")])
    grid = TimeGrid(start, slots, time_zone)
    order = np.nan_to_num(orders_by_slot(tuple(steps), grid).queues_off)
    kept = PUBLISHED if rules is None else given.rules
    barred = barred_slots(bans_of(kept, grid, now), np.ones(len(units), dtype=np.bool_))
    rotation = rotate_queues(order, units=units, grid=grid, rules=kept, barred=barred)
    hours = rotation.dark_h
    words = (
        f"{hours.min():g} to {hours.max():g} h dark a queue, {rotation.range_h:g} h between them "
        f"(no rotation can be below {rotation.range_bound_h:g} h); {rotation.blocks} outages "
        f"(at least {rotation.blocks_bound}); {rotation.evening_range_h:g} h between queues in the "
        "evenings."
    )
    for violation in rotation.violations:
        words += f" {violation.reason} {violation.relaxation}"
    state = np.where(rotation.dark, State.PLANNED, State.LIT).astype(np.int8)
    return OrderedRotation(grid, rotation.units, state, words)
