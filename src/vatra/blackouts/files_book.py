"""A book of darkness beside the tables of a utility: into a schedule, and out of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files import Tables
from vatra.blackouts.memory import (
    WINDOW_DAYS,
    book_fairness,
    days_of_schedule,
    enter,
    evening_exposure,
    history_from,
    people_exposure,
    read_book,
    write_book,
)
from vatra.blackouts.model import Schedule


def with_memory(
    tables: Tables, book: Path | str | None, *, window_days: int = WINDOW_DAYS
) -> tuple[Tables, dict[str, Any]]:
    """Let a schedule know what everybody has had, and whose darkness counts more.

    Parameters
    ----------
    tables
        A utility's tables.
    book
        Book of darkness; None for none, and there need not be one yet.
    window_days
        Days back that count.

    Returns
    -------
    tables, arguments
        The tables with the history of the book, and what `schedule_blackouts` takes on top of
        `Tables.arguments`: the exposure of evenings owed and of displaced and vulnerable people.
    """
    grid, ids = tables.demand.grid, tables.demand.feeder_id
    notes, history = list(tables.notes), tables.history
    exposure: NDArray[np.float64] = np.zeros((len(ids), grid.slots))
    known = None if book is None else read_book(book, ids[_takes_turns(tables.feeders.loc[ids])])
    if known is not None and len(known):
        history = history_from(
            known, grid.start, grid.time_zone, window_days=window_days, runs=tables.history
        )
        exposure = exposure + evening_exposure(history, ids, grid)
        notes.append(
            f"Evened out with the book of the {window_days} days before: up to "
            f"{float(history['dark_h'].max()) if len(history) else 0.0:g} h more than the line "
            f"with least, {history['emergency_h'].sum():g} line-hours of it emergencies."
        )
    if {"displaced", "vulnerable"} & set(tables.feeders.columns):
        exposure = exposure + people_exposure(tables.feeders.loc[ids])[:, None]
        notes.append(
            "An hour counts half as much again for a vulnerable person and a quarter for a "
            "displaced one (assumed weights)."
        )
    given = tables.arguments().get("exposure")
    if given is not None and exposure.any():
        shape = np.shape(given)
        exposure = exposure + (np.asarray(given)[:, None] if len(shape) == 1 else np.asarray(given))
    if known is not None:
        # What went before and not the plan that this one replaces.
        days = max(window_days, WINDOW_DAYS)
        today = grid.local[0].normalize()
        since, until = ((today - pd.Timedelta(days=n)).strftime("%Y-%m-%d") for n in (days, 0))
        known = known[(known["date"] >= since) & (known["date"] < until)].reset_index(drop=True)
    made = replace(tables, history=history, notes=tuple(notes), book=known)
    return made, {"exposure": exposure} if exposure.any() else {}


def _takes_turns(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Leave out lines that planned cuts don't touch: nobody owes them anything."""
    kept = np.zeros(len(table), dtype=np.bool_)
    for column in ("protected", "reserved"):
        if column in table:
            kept |= np.asarray(table[column].fillna(value=False), dtype=np.bool_)
    return ~kept


def enter_in_book(
    book: Path | str, schedule: Schedule, feeders: pd.DataFrame, *,
    dark: NDArray[np.bool_] | None = None, until: pd.Timestamp | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Enter the days of a schedule in a book, as ordered or as measured.

    Parameters
    ----------
    book
        The file; made if it isn't there.
    schedule, feeders
        The schedule and its table of feeders.
    dark
        Feeder × slot: True where it was measured dark; None for as ordered.
    until
        Up to when; by default to the schedule's end.

    Returns
    -------
    pandas.DataFrame
        Fairness over the days, weeks and months of the book.
    """
    days = days_of_schedule(
        schedule, dark=dark, basis="ordered" if dark is None else "measured", until=until
    )
    made = enter(read_book(book, schedule.feeder_id), days)
    write_book(made, book)
    return book_fairness(made, feeders)
