"""A CSV as a utility has it: cells as text with their lines, read with every problem kept."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.problems import InputError, Problem, name_ids
from vatra.situation.fields import did_you_mean, shown
from vatra.situation.local_time import TimeProblemError, nearest_half_hours, parse_time

YES = frozenset({"1", "yes", "true", "y", "так", "x"})
NO = frozenset({"0", "no", "false", "n", "ні", ""})
"""What people write for a flag."""

MOST_BYTES = 512 * 2**20
"""No table of a utility is larger; something else was named by mistake."""

SPREADSHEET = "save it from the spreadsheet as «CSV UTF-8»"


@dataclass
class Sheet:
    """The cells of a CSV.

    Parameters
    ----------
    name
        What messages call the file.
    columns
        Names of its columns, as written.
    cells
        Row × column: text without white space around it.
    lines
        Line of the file that each row stands on.
    decimal_comma
        Whether a number may be written with a comma: the columns are parted by something else.
    problems
        Where problems are put.
    ids
        What rows are called in messages besides their lines; empty where they have no name.
    """

    name: str
    columns: tuple[str, ...]
    cells: list[list[str]]
    lines: list[int]
    decimal_comma: bool
    problems: list[Problem]
    ids: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.cells)

    def has(self, column: str) -> bool:
        """Tell whether there is such a column."""
        return column in self.columns

    def texts(self, column: str) -> list[str]:
        """Return the texts of a column; empty ones where there is no such column."""
        if column not in self.columns:
            return [""] * len(self)
        at = self.columns.index(column)
        return [row[at] for row in self.cells]

    def problem(
        self, column: str, rows: Iterable[int], reason: str, mend: str = "", value: object = None
    ) -> None:
        """Keep a problem with some rows of a column, named by line and id.

        Parameters
        ----------
        column
            The column; empty for whole rows.
        rows
            Rows concerned; none for the whole column.
        reason, mend
            What is wrong and what to do about it.
        value
            What stands there, if it is the same in all the rows and worth telling.
        """
        named = [
            f"line {self.lines[i]} ({self.ids[i]})" if self.ids and self.ids[i]
            else f"line {self.lines[i]}"
            for i in rows
        ]  # fmt: skip
        place = f"{self.name}: {column}" if column else self.name
        told = name_ids(named)
        if value is not None:
            told = f"{told}: «{shown(value)}»" if told else f"«{shown(value)}»"
        self.problems.append(Problem(place, told, reason, mend))

    def numbers(
        self, column: str, unit: str, most: float, *, least: float = 0.0, required: bool = False
    ) -> NDArray[np.float64]:
        """Read a column of numbers.

        Parameters
        ----------
        column
            The column; NaN throughout where there is none.
        unit
            Unit that messages name.
        most, least
            Range; what is outside it is absurd, a slip of the pen or another unit.
        required
            Whether an empty cell is a problem.

        Returns
        -------
        NDArray[np.float64]
            By row; NaN where it is empty or wrong.
        """
        values = self.texts(column)
        number = np.full(len(values), np.nan)
        if not self.has(column):
            return number
        wrong: dict[tuple[str, str], list[int]] = {}
        for i, text in enumerate(values):
            if not text:
                if required:
                    wrong.setdefault(("is missing", f"give it in {unit}"), []).append(i)
                continue
            number[i], reason = self._number(text)
            mend = f"give it in {unit}, digits only"
            if number[i] < least:
                reason, mend = "is negative" if least == 0 else f"is below {least:g}", "correct it"
            elif number[i] > most:
                reason = f"is above {most:g} {unit}, more than can be"
            if reason:
                wrong.setdefault((reason, mend), []).append(i)
        for (reason, mend), rows in wrong.items():
            value = values[rows[0]] if len({values[i] for i in rows}) == 1 else None
            self.problem(column, rows, reason, mend, value or None)
            number[rows] = np.nan
        return number

    def _number(self, text: str) -> tuple[float, str]:
        """Read a number; NaN with what is wrong where it isn't one."""
        value = as_number(text, decimal_comma=self.decimal_comma)
        if value is None:
            return np.nan, "is not a number"
        return (value, "") if math.isfinite(value) else (np.nan, "is not a finite number")

    def flags(self, column: str) -> NDArray[np.bool_]:
        """Read a column of yes and no; an empty cell is no."""
        values = [text.lower() for text in self.texts(column)]
        wrong = [i for i, text in enumerate(values) if text not in YES | NO]
        if wrong:
            self.problem(column, wrong, "is neither yes nor no", "write yes or no")
        return np.array([text in YES for text in values], dtype=np.bool_)

    def choices(self, column: str, known: dict[str, str], default: str) -> list[str]:
        """Read a column of one of some words; an empty cell is the default."""
        values = [text.lower() for text in self.texts(column)]
        wrong = [i for i, text in enumerate(values) if text and text not in known]
        if wrong:
            said = ", ".join(sorted(set(known.values())))
            self.problem(column, wrong, "is not one of the choices", said, values[wrong[0]])
        return [known.get(text, default) if text else default for text in values]

    def times(
        self, column: str, zone: ZoneInfo | None, *, half_hours: bool = True
    ) -> list[pd.Timestamp | None]:
        """Read a column of times.

        Parameters
        ----------
        column
            The column.
        zone
            Zone of times without an offset; None where they need one.
        half_hours
            Whether they have to be full or half hours.

        Returns
        -------
        list of pandas.Timestamp
            UTC; None where it is wrong.
        """
        known: dict[str, tuple[pd.Timestamp | None, tuple[str, str]]] = {}
        wrong: dict[tuple[str, str], list[int]] = {}
        values = self.texts(column)
        read: list[pd.Timestamp | None] = []
        for i, text in enumerate(values):
            if text not in known:
                known[text] = as_time(text, zone, half_hours=half_hours)
            time, why = known[text]
            read.append(time)
            if time is None:
                wrong.setdefault(why, []).append(i)
        for (reason, mend), rows in wrong.items():
            self.problem(column, rows, reason, mend, values[rows[0]] or None)
        return read


def as_number(text: str, *, decimal_comma: bool) -> float | None:
    """Read a number as a spreadsheet writes it; None where it isn't one."""
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if "_" in text:
        return None
    try:
        return float(text.replace("\u2212", "-"))
    except ValueError:
        return None


def as_time(
    text: str, zone: ZoneInfo | None, *, half_hours: bool
) -> tuple[pd.Timestamp | None, tuple[str, str]]:
    """Read a time; None with what is wrong and how to mend it where it can't be used.

    Parameters
    ----------
    text
        The time as written.
    zone
        Zone of a time without an offset; None where it needs one.
    half_hours
        Whether it has to be a full or half hour.
    """
    if not text:
        return None, ("is missing", "write it like 2022-11-23T14:00:00+02:00")
    try:
        time = parse_time(text, zone or ZoneInfo("UTC"))
    except TimeProblemError as error:
        return None, (error.reason, error.mend)
    if zone is None and not _has_offset(text):
        mend = "write it like 2022-11-23T14:00:00+02:00, or name the zone: --time-zone Europe/Kyiv"
        return None, ("has no offset from UTC", mend)
    if half_hours and time != time.floor("30min"):
        mend = f"for example {nearest_half_hours(time, zone or ZoneInfo('UTC'))}"
        return None, ("is not on a full or half hour", mend)
    return time, ("", "")


def _has_offset(text: str) -> bool:
    try:
        return pd.Timestamp(text.strip()).tzinfo is not None
    except ValueError:
        return False


def read_sheet(path: Path, problems: list[Problem]) -> Sheet | None:
    """Read a CSV; columns parted by comma, semicolon or tab.

    Parameters
    ----------
    path
        The file.
    problems
        Where problems are put.

    Returns
    -------
    Sheet or None
        The cells; None where there is nothing to read.
    """
    name = path.name
    try:
        text = _text_of(path)
        head = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(",;\t", key=head.count)
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
        rows = [
            (reader.line_num, [cell.strip() for cell in row])
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except _UnreadableError as error:
        problems.append(Problem(name, "", error.reason, error.mend))
        return None
    except csv.Error as error:
        problems.append(Problem(name, "", f"can't be read ({error})", SPREADSHEET))
        return None
    return _sheet(name, rows, delimiter, problems)


class _UnreadableError(ValueError):
    """A file without a table in it."""

    def __init__(self, reason: str, mend: str) -> None:
        self.reason = reason
        self.mend = mend
        super().__init__(reason)


def _text_of(path: Path) -> str:
    if not path.exists():
        raise _UnreadableError("there is no such file", "correct the name")
    if not path.is_file():
        raise _UnreadableError("is not a file", "name a CSV file")
    if path.stat().st_size > MOST_BYTES:
        raise _UnreadableError("is larger than 512 MB", "name a table")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 text (byte {error.start})"
        raise _UnreadableError(reason, SPREADSHEET) from error
    except OSError as error:
        raise _UnreadableError(error.strerror or str(error), "correct it") from error
    if "\0" in text:
        raise _UnreadableError("is not a text", SPREADSHEET)
    if not text.strip():
        raise _UnreadableError("is empty", "give a line of column names, then a line a row")
    return text


def _sheet(
    name: str, rows: list[tuple[int, list[str]]], delimiter: str, problems: list[Problem]
) -> Sheet:
    columns = tuple(rows[0][1])
    sheet = Sheet(name, columns, [], [], delimiter != ",", problems)
    doubled = sorted({c for c in columns if columns.count(c) > 1 and c})
    if doubled:
        sheet.problem("", [], f"has a column twice: {name_ids(doubled)}", "keep one of them")
    ragged = []
    for line, row in rows[1:]:
        while len(row) > len(columns) and not row[-1]:
            row.pop()
        if len(row) != len(columns):
            ragged.append(f"line {line}")
        sheet.cells.append([*row, *[""] * (len(columns) - len(row))][: len(columns)])
        sheet.lines.append(line)
    if ragged:
        problems.append(
            Problem(name, name_ids(ragged), f"has not {len(columns)} columns like the first line",
                    "give every row a cell for each column")
        )  # fmt: skip
    if not sheet.cells:
        sheet.problem("", [], "has no rows", "give a line a row below the column names")
    return sheet


def check_columns(
    sheet: Sheet, known: Sequence[str], required: Sequence[str], notes: list[str]
) -> bool:
    """Find columns that are missing or misspelt; others are let be and told.

    Parameters
    ----------
    sheet
        The file; its columns become lower case.
    known, required
        Columns that are read, and those of them that have to be there.
    notes
        Where is told what was not read.

    Returns
    -------
    bool
        Whether the required ones are all there.
    """
    sheet.columns = tuple(column.lower() for column in sheet.columns)
    other = [c for c in sheet.columns if c not in known]
    slips = {c: did_you_mean(c, set(known) - set(sheet.columns)) for c in other}
    for column, mend in slips.items():
        if mend.startswith("did you mean"):
            sheet.problem(column, [], "unknown column", mend)
    ignored = [c for c in other if c and not slips[c].startswith("did you mean")]
    if ignored:
        notes.append(f"{sheet.name}: not read: {name_ids(ignored, 8)}.")
    missing = [c for c in required if c not in sheet.columns]
    for column in missing:
        mend = "add it, or give the loads with --load" if column == "peak_mw" else "add it"
        sheet.problem(column, [], "there is no such column", mend)
    return not missing


def stop_if(problems: list[Problem], source: str = "blackouts") -> None:
    """Raise all problems at once, if there are any."""
    if problems:
        raise InputError(source, problems)


def zone_of(time_zone: str | None, problems: list[Problem]) -> ZoneInfo | None:
    """Find a time zone; None where none is named, or a wrong one.

    Parameters
    ----------
    time_zone
        IANA name.
    problems
        Where a wrong name is put.
    """
    if time_zone is None:
        return None
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(
            Problem("--time-zone", time_zone, "is not a time zone", "write it like Europe/Kyiv")
        )
        return None
