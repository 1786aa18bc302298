"""Published schedules by subqueue, as the benchmark of blackouts reads them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

COLUMNS = ["date", "version", "first_seen_utc", "subqueue", "on_by_half_hour"]

NEAR_DAYS = 7
"""A schedule first seen this many days away from its own day has a wrong date."""


@dataclass(frozen=True)
class Published:
    """The last version of one day.

    Parameters
    ----------
    date
        Local date.
    units
        Names of the subqueues.
    dark
        Unit × slot: True where dark.
    """

    date: pd.Timestamp
    units: tuple[str, ...]
    dark: Flags


def read_published(folder: Path) -> list[Published]:
    """Read every file of published schedules in a folder; say what can't be used.

    Parameters
    ----------
    folder
        Where the files are: ``*.csv`` with the columns `COLUMNS`.

    Returns
    -------
    list[Published]
        Days in order.
    """
    tables = []
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if set(COLUMNS) <= set(table.columns):
            tables.append(table)
    if not tables:
        return []
    table = pd.concat(tables, ignore_index=True)
    table["day"] = pd.to_datetime(table["date"], errors="coerce")
    seen = pd.to_datetime(table["first_seen_utc"], errors="coerce", utc=True).dt.tz_localize(None)
    near = (table["day"] - seen).abs() <= pd.Timedelta(days=NEAR_DAYS)
    table["number"] = pd.to_numeric(table["version"], errors="coerce")
    written = table["on_by_half_hour"].str.fullmatch(r"[01]{46}|[01]{48}|[01]{50}")
    good = near & written & table["number"].notna()
    if not good.all():
        days = sorted(set(table.loc[~good, "date"]))
        sys.stderr.write(f"left out, not readable or dated far from when seen: {days}\n")
    table = table[good]
    out = []
    for day, own in table.groupby("day"):
        last = own[own["number"] == own["number"].max()].drop_duplicates("subqueue", keep="last")
        if len(set(last["on_by_half_hour"].str.len())) != 1:
            sys.stderr.write(f"left out, rows of different length: {day}\n")
            continue
        dark = [[slot == "0" for slot in row] for row in last["on_by_half_hour"]]
        out.append(Published(pd.Timestamp(str(day)), tuple(last["subqueue"]), np.array(dark)))
    return out


def weeks_of(days: list[Published]) -> list[list[Published]]:
    """Cut runs of consecutive days with the same units into weeks from the first day."""
    weeks: list[list[Published]] = []
    run: list[Published] = []
    for day in days:
        follows = run and day.date - run[-1].date == pd.Timedelta(days=1)
        if not follows or day.units != run[-1].units:
            run = []
        run.append(day)
        if len(run) == 7:
            weeks.append(run)
            run = []
    return weeks


def blocks_of(dark: Flags) -> int:
    """Count dark runs."""
    return int(dark[:, 0].sum() + (dark[:, 1:] & ~dark[:, :-1]).sum())


def runs_of(dark: Flags) -> tuple[float, float, float]:
    """Longest darkness, shortest darkness and light that both begin and end inside, hours."""
    longest, least_dark, least_light = 0, 10**6, 10**6
    for row in dark:
        edges = np.flatnonzero(np.diff(row)) + 1
        bounds = np.concatenate([[0], edges, [len(row)]])
        for i, (first, end) in enumerate(pairwise(bounds)):
            inside = 0 < i < len(bounds) - 2
            if row[first]:
                longest = max(longest, int(end - first))
                least_dark = min(least_dark, int(end - first)) if inside else least_dark
            elif inside:
                least_light = min(least_light, int(end - first))
    return longest / 2, least_dark / 2, least_light / 2
