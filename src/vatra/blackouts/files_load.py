"""Loads, and what has no power anyway, by feeder and time, as a utility has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files_feeders import MOST_PEAK_MW
from vatra.blackouts.files_sheet import Sheet, as_number, as_time, check_columns, read_sheet
from vatra.problems import Problem, name_ids
from vatra.situation.timegrid import TimeGrid

CLOCK = re.compile(r"([01]?\d|2[0-3]):([03]0)")
Floats = NDArray[np.float64]


class LoadTable:
    """Loads by feeder and time, before it is known which slots are wanted.

    Parameters
    ----------
    name
        What messages call the file.
    feeder_id
        Feeders, in the order of the rows.
    times
        Start of each column, UTC, ascending; empty where the columns are times of day.
    clock
        Local hour at which each column starts, ascending; empty where they are times.
    load_mw
        Feeder × column, MW.
    """

    def __init__(
        self,
        name: str,
        feeder_id: pd.Index[str],
        times: pd.DatetimeIndex,
        clock: Floats,
        load_mw: Floats,
    ) -> None:
        self.name = name
        self.feeder_id = feeder_id
        self.times = times
        self.clock = clock
        self.load_mw = load_mw

    @property
    def span(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """First and last moment that it covers; None where it sets no end.

        The last column lasts as long as the one before; a single one, or times of day, go on.
        """
        if len(self.times) < 2:
            return None
        return self.times[0], self.times[-1] + (self.times[-1] - self.times[-2])

    def by_slot(self, feeders: pd.Index[str], grid: TimeGrid, problems: list[Problem]) -> Floats:
        """Lay the loads out over the slots; each holds until the next one.

        Parameters
        ----------
        feeders
            Feeders wanted, in this order.
        grid
            The half-hour slots.
        problems
            Where feeders and times that are missing are put.

        Returns
        -------
        Floats
            Feeder × slot, MW; 0 where something is missing.
        """
        load = np.zeros((len(feeders), grid.slots))
        missing = feeders[~feeders.isin(self.feeder_id)]
        if len(missing):
            problems.append(
                Problem(self.name, name_ids(missing), "has no load for feeders of the table",
                        "add a row for each")
            )  # fmt: skip
        other = self.feeder_id[~self.feeder_id.isin(feeders)]
        if len(other):
            problems.append(
                Problem(self.name, name_ids(other), "are not in the table of feeders",
                        "add them there, or correct the ids")
            )  # fmt: skip
        if span := self.span:
            column = np.searchsorted(self.times, grid.times, side="right") - 1
            if grid.start < span[0] or grid.end > span[1]:
                problems.append(
                    Problem(self.name, f"{span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC",
                            f"doesn't cover {grid.start:%Y-%m-%d %H:%M} to "
                            f"{grid.end:%Y-%m-%d %H:%M} UTC", "add times, or plan fewer --hours")
                )  # fmt: skip
        elif self.clock.size:
            column = np.searchsorted(self.clock, grid.hour, side="right") - 1
        else:
            column = np.zeros(grid.slots, dtype=np.int64)
        if len(missing) or not self.load_mw.size:
            return load
        row = self.feeder_id.get_indexer(feeders)
        return np.ascontiguousarray(self.load_mw[np.ix_(row, np.maximum(column, 0))])


def read_load(path: Path, zone: ZoneInfo | None, problems: list[Problem]) -> LoadTable | None:
    """Read a table of loads.

    Parameters
    ----------
    path
        The file: a row a feeder and a column a time, or ``feeder,time,load_mw``. Columns may be
        times of day («18:00») that hold for every day, the first of them 00:00.
    zone
        Zone of times without an offset; None where they need one.
    problems
        Where problems are put.

    Returns
    -------
    LoadTable or None
        None where something is wrong.
    """
    before = len(problems)
    sheet = read_sheet(path, problems)
    if sheet is None:
        return None
    lower = [c.lower() for c in sheet.columns]
    table = _long(sheet, zone) if "load_mw" in lower else _wide(sheet, zone)
    return table if len(problems) == before else None


def _long(sheet: Sheet, zone: ZoneInfo | None) -> LoadTable | None:
    if not check_columns(sheet, ("feeder", "time", "load_mw"), ("feeder", "time", "load_mw"), []):
        return None
    sheet.ids = tuple(sheet.texts("feeder"))
    times = sheet.times("time", zone)
    load = sheet.numbers("load_mw", "MW", MOST_PEAK_MW, required=True)
    sound = [i for i, time in enumerate(times) if time is not None]
    frame = pd.DataFrame({
        "feeder": [sheet.ids[i] for i in sound],
        "time": pd.DatetimeIndex([times[i] for i in sound], tz="UTC"),
        "load": load[sound],
    })  # fmt: skip
    again = np.flatnonzero(frame.duplicated(["feeder", "time"]).to_numpy())
    if again.size:
        sheet.problem("time", [sound[i] for i in again], "the feeder has this time twice",
                      "keep one of them")  # fmt: skip
        return None
    wide = frame.set_index(["feeder", "time"])["load"].unstack("time").sort_index(axis=1)  # noqa: PD010
    holes = wide.index[wide.isna().any(axis=1)]
    if len(holes) and np.isfinite(load).all():
        sheet.problems.append(
            Problem(sheet.name, name_ids(holes), "has not every time that others have",
                    "give every feeder the same times")
        )  # fmt: skip
    ids = pd.Index(wide.index.astype("object"), name="feeder_id")
    index = pd.DatetimeIndex(wide.columns)
    return LoadTable(sheet.name, ids, index, np.zeros(0), wide.to_numpy(dtype=np.float64))


def _wide(sheet: Sheet, zone: ZoneInfo | None) -> LoadTable | None:
    if sheet.columns[0].lower() != "feeder" or len(sheet.columns) < 2:
        sheet.problem("", [], "is not a table of feeder × time",
                      "a first column «feeder», then a column for each time")  # fmt: skip
        return None
    sheet.ids = tuple(row[0] for row in sheet.cells)
    nameless = [i for i, name in enumerate(sheet.ids) if not name]
    if nameless:
        sheet.problem("feeder", nameless, "is missing", "name every feeder")
    first: dict[str, int] = {}
    again = [i for i, name in enumerate(sheet.ids) if name and first.setdefault(name, i) != i]
    if again:
        sheet.problem("feeder", again, "is there twice", "keep one row a feeder")
    times, clock = _heads(sheet, zone)
    load = _cells(sheet)
    if times is None or clock is None:
        return None
    order = np.argsort(clock if clock.size else times.asi8, kind="stable")
    return LoadTable(
        sheet.name, pd.Index(sheet.ids, name="feeder_id", dtype="object"),
        times[order] if len(times) else times, clock[order] if clock.size else clock,
        load[:, order],
    )  # fmt: skip


def _heads(sheet: Sheet, zone: ZoneInfo | None) -> tuple[pd.DatetimeIndex | None, Floats | None]:
    """Read the times that columns begin at."""
    heads = sheet.columns[1:]
    empty = pd.DatetimeIndex([], tz="UTC")
    matches = [CLOCK.fullmatch(head) for head in heads]
    if all(matches):
        clock = np.array([int(m[1]) + int(m[2]) / 60 for m in matches if m])
        if clock.min() > 0:
            sheet.problem("", [], "times of day don't begin at 00:00", "add the column 00:00")
        return empty, clock
    read: list[pd.Timestamp] = []
    wrong: dict[tuple[str, str], list[str]] = {}
    for head in heads:
        time, why = as_time(head, zone, half_hours=True)
        if time is None:
            wrong.setdefault(why, []).append(f"«{head}»")
        else:
            read.append(time)
    for (reason, mend), names in wrong.items():
        sheet.problems.append(Problem(f"{sheet.name}: column names", name_ids(names), reason, mend))
    if wrong:
        return None, None
    if len(set(read)) != len(read):
        sheet.problem("", [], "two columns begin at the same moment", "keep one of them")
        return None, None
    return pd.DatetimeIndex(read), np.zeros(0)


def _cells(sheet: Sheet) -> Floats:
    """Read all loads at once, and cell by cell only where that fails."""
    texts = [row[1:] for row in sheet.cells]
    shape = (len(texts), len(sheet.columns) - 1)
    try:
        load = np.array(texts, dtype=np.float64).reshape(shape)
    except ValueError:
        flat = [
            np.nan if (v := as_number(cell, decimal_comma=sheet.decimal_comma)) is None else v
            for row in texts
            for cell in row
        ]
        load = np.array(flat).reshape(shape)
    for wrong, reason, mend in (
        (~np.isfinite(load), "is missing or not a number", "give every cell a load in MW"),
        (load < 0, "is negative", "0 or more"),
        (load > MOST_PEAK_MW, f"is above {MOST_PEAK_MW:g} MW, more than can be", "give it in MW"),
    ):
        rows = np.flatnonzero(wrong.any(axis=1))
        if rows.size:
            columns = [sheet.columns[1 + c] for c in np.flatnonzero(wrong[rows[0]])]
            sheet.problem(name_ids(columns, 1), rows, reason, mend)
    return load


def read_available(
    path: Path,
    zone: ZoneInfo | None,
    feeders: Sequence[str],
    grid: TimeGrid | None,
    problems: list[Problem],
) -> NDArray[np.bool_] | None:
    """Read which feeders have no power anyway: ``feeder,start,available``.

    Parameters
    ----------
    path
        The file; a line holds until the next one of its feeder, before the first there is power.
    zone
        Zone of times without an offset; None where they need one.
    feeders
        Feeders in their order.
    grid
        The half-hour slots; None to look for problems only.
    problems
        Where problems are put.

    Returns
    -------
    NDArray[np.bool_] or None
        Feeder × slot: False where there is no power, also for a part of the slot.
    """
    columns = ("feeder", "start", "available")
    sheet = read_sheet(path, problems)
    if sheet is None or not check_columns(sheet, columns, columns, []):
        return None
    sheet.ids = tuple(sheet.texts("feeder"))
    start = sheet.times("start", zone, half_hours=False)
    powered = sheet.flags("available")
    row = {name: i for i, name in enumerate(feeders)}
    unknown = [i for i, name in enumerate(sheet.ids) if name not in row]
    if unknown:
        sheet.problem("feeder", unknown, "is not in the table of feeders", "correct the id")
    if grid is None or unknown or any(time is None for time in start):
        return None
    result = np.ones((len(feeders), grid.slots), dtype=np.bool_)
    changes: dict[str, list[tuple[pd.Timestamp, bool]]] = {}
    for name, time, on in zip(sheet.ids, start, powered, strict=True):
        if time is not None:
            changes.setdefault(name, []).append((time, bool(on)))
    for name, own in changes.items():
        own.sort(key=lambda change: change[0])
        for (time, on), following in zip(own, [*own[1:], None], strict=True):
            if not on:
                first, end = grid.touched(time, following[0] if following else None)
                result[row[name], first:end] = False
    return result


def read_history(
    path: Path, feeders: Sequence[str], problems: list[Problem]
) -> pd.DataFrame | None:
    """Read what went before: ``feeder,dark_h,dark_slots,lit_slots``.

    Parameters
    ----------
    path
        The file; as `vatra.blackouts.execution_ledger` and `shed_now` give it.
    feeders
        Feeders that there are.
    problems
        Where problems are put.

    Returns
    -------
    pandas.DataFrame or None
        By ``feeder_id``; None where something is wrong.
    """
    columns = ("feeder", "dark_h", "dark_slots", "lit_slots")
    before = len(problems)
    sheet = read_sheet(path, problems)
    if sheet is None or not check_columns(sheet, columns, ("feeder", "dark_h"), []):
        return None
    sheet.ids = tuple(sheet.texts("feeder"))
    known = set(feeders)
    unknown = [i for i, name in enumerate(sheet.ids) if name not in known]
    if unknown:
        sheet.problem("feeder", unknown, "is not in the table of feeders", "correct the id")
    first: dict[str, int] = {}
    again = [i for i, name in enumerate(sheet.ids) if first.setdefault(name, i) != i]
    if again:
        sheet.problem("feeder", again, "is there twice", "keep one row a feeder")
    table = pd.DataFrame({"dark_h": sheet.numbers("dark_h", "hours", 8784.0, required=True)})
    for column in columns[2:]:
        if sheet.has(column):
            table[column] = sheet.numbers(column, "slots", 17568.0, required=True)
    table.index = pd.Index(sheet.ids, name="feeder_id")
    return table if len(problems) == before else None
