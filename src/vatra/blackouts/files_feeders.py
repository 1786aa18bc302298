"""The table of feeders, as a utility has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from vatra.blackouts.files_sheet import NO, YES, Sheet, check_columns, read_sheet
from vatra.problems import Problem

COLUMNS = (
    "feeder", "substation", "district", "queue", "customers", "residents", "displaced",
    "vulnerable", "peak_mw", "critical_mw", "reserved", "protected", "switching", "crew", "backup",
    "exposure",
)  # fmt: skip
"""Columns that are read. Only ``feeder`` is required, and a load from somewhere."""

MOST_PEAK_MW = 150.0
"""More than any feeder that is switched by itself carries; a number in kW shows here."""

TEXTS = {"substation": "substation_id", "district": "district_id", "queue": "queue",
         "crew": "crew"}  # fmt: skip
"""Columns of text, and what they are called inside."""

MOST_PEOPLE = 1_000_000.0

SWITCHING = {"remote": "remote", "manual": "manual"}

BACKUP = {**dict.fromkeys(YES, "yes"), **dict.fromkeys(NO - {""}, "no")}
"""What people write of whether a critical part has backup; an empty cell is not known."""

MOST_EXPOSURE = 100.0
"""More than an hour of darkness could count beyond another."""


def read_feeders(
    path: Path, problems: list[Problem], notes: list[str], *, need_peak: bool
) -> pd.DataFrame:
    """Read the table of feeders.

    Parameters
    ----------
    path
        The file.
    problems, notes
        Where problems, and what the reader should know, are put.
    need_peak
        Whether the load has to come from ``peak_mw``.

    Returns
    -------
    pandas.DataFrame
        By ``feeder_id``; columns that are not given are left out, save ``peak_mw`` and
        ``critical_mw`` (NaN), ``protected``, ``reserved`` and ``switching``.
    """
    sheet = read_sheet(path, problems)
    required = ("feeder", "peak_mw") if need_peak else ("feeder",)
    if sheet is None or not check_columns(sheet, COLUMNS, required, notes):
        return pd.DataFrame(index=pd.Index([], name="feeder_id", dtype="object"))
    ids = _ids(sheet)
    table = pd.DataFrame(index=pd.Index(ids, name="feeder_id", dtype="object"))
    for column, name in TEXTS.items():
        if sheet.has(column):
            table[name] = pd.Series(sheet.texts(column), index=table.index, dtype="object")
    for column in ("customers", "residents", "displaced", "vulnerable"):
        if sheet.has(column):
            table[column] = sheet.numbers(column, "people", MOST_PEOPLE)
    table["peak_mw"] = sheet.numbers("peak_mw", "MW", MOST_PEAK_MW, required=need_peak)
    table["critical_mw"] = sheet.numbers("critical_mw", "MW", MOST_PEAK_MW)
    over = np.flatnonzero(table["critical_mw"].to_numpy() > table["peak_mw"].to_numpy() + 1e-9)
    if over.size:
        sheet.problem(
            "critical_mw",
            over,
            "is more than peak_mw",
            "give the part of the peak that is critical",
        )
    _read_conduct(sheet, table)
    if sheet.has("customers") and sheet.has("residents"):
        _check_people(sheet, table)
    return table


def _read_conduct(sheet: Sheet, table: pd.DataFrame) -> None:
    """Read what a feeder may be made to bear, and how it is switched."""
    for column in ("protected", "reserved"):
        table[column] = sheet.flags(column)
    table["switching"] = sheet.choices("switching", SWITCHING, "remote")
    if sheet.has("backup"):
        table["backup"] = sheet.choices("backup", BACKUP, "")
    if sheet.has("exposure"):
        weight = sheet.numbers("exposure", "times", MOST_EXPOSURE, least=1.0)
        table["exposure"] = np.nan_to_num(weight, nan=1.0)


def _ids(sheet: Sheet) -> list[str]:
    ids = sheet.texts("feeder")
    missing = [i for i, name in enumerate(ids) if not name]
    if missing:
        sheet.problem("feeder", missing, "is missing", "name every feeder")
    sheet.ids = tuple(ids)
    first: dict[str, int] = {}
    again = [i for i, name in enumerate(ids) if name and first.setdefault(name, i) != i]
    if again:
        sheet.problem("feeder", again, "is there twice", "keep one row a feeder")
    return ids


def _check_people(sheet: Sheet, table: pd.DataFrame) -> None:
    """Find a hundred people a customer or more: a slip, unless they are few."""
    customers, residents = table["customers"].to_numpy(), table["residents"].to_numpy()
    odd = np.flatnonzero((residents > 100 * customers) & (residents > 1000) & (customers > 0))
    if odd.size:
        sheet.problem("residents", odd, "is more than 100 for each customer", "check both columns")
