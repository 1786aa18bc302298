"""Weather from an EnergyPlus weather file (EPW), the usual form of a typical year.

Format: the EnergyPlus «Auxiliary Programs» reference, chapter «EnergyPlus Weather File (EPW) Data
Dictionary». Records give, by the clock of the location's fixed offset from UTC, month, day and
the hour that ends at 1 to 24; dry-bulb temperature and wind speed hold at that time, irradiance
is the sum over the hour before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.problems import Problem
from vatra.situation.samples import RANGES, UNITS
from vatra.situation.timegrid import TimeGrid

YEAR_H = 8760.0
LONGEST_GAP_H = 6.0
"""Longest stretch without a value that is interpolated."""

FIELDS = 22
"""Fields of a record up to the last one that is read."""

COLUMN = {"outdoor_c": 6, "wind_m_s": 21, "solar_w_m2": 13}
MISSING = {"outdoor_c": 99.9, "wind_m_s": 999.0, "solar_w_m2": 9999.0}
"""From these values on, a field says that it is missing."""

_DAYS_BEFORE = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])
_DAYS_IN = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_RECORD = re.compile(r"\s*\d{1,4}\s*,\s*\d{1,2}\s*,")
_SHOWN = 5  # wrong lines that are named one by one


@dataclass(frozen=True)
class Epw:
    """A typical year at a place.

    Parameters
    ----------
    place
        Name of the place.
    latitude, longitude
        Degrees.
    offset_h
        Fixed offset of its clock from UTC, hours.
    hour
        Quantity to the hours of the year, rising, at which its values hold.
    value
        Quantity to its values.
    """

    place: str
    latitude: float
    longitude: float
    offset_h: float
    hour: dict[str, NDArray[np.float64]]
    value: dict[str, NDArray[np.float64]]

    def at(self, name: str, grid: TimeGrid) -> tuple[NDArray[np.float64], bool]:
        """Interpolate a quantity to the middle of each slot, whatever the year.

        Parameters
        ----------
        name
            The quantity.
        grid
            The half-hour slots.

        Returns
        -------
        NDArray[np.float64]
            Value by slot; 29 February is read as the 28th.
        bool
            Whether the records reach near enough to every slot.
        """
        hour, value = self.hour[name], self.value[name]
        wanted = self._hours_of_year(grid)
        around = np.concatenate(([hour[-1] - YEAR_H], hour, [hour[0] + YEAR_H]))
        after = np.searchsorted(around, wanted, side="right").clip(1, around.size - 1)
        near = np.diff(around)[after - 1] <= LONGEST_GAP_H
        return np.interp(wanted, hour, value, period=YEAR_H), bool(near.all())

    def _hours_of_year(self, grid: TimeGrid) -> NDArray[np.float64]:
        shift = np.timedelta64(round(self.offset_h * 60) + 15, "m")
        clock = grid.times.tz_convert(None) + shift
        month = np.asarray(clock.month)
        day = np.where((month == 2) & (clock.day == 29), 28, clock.day)
        days = _DAYS_BEFORE[month - 1] + day - 1
        return np.asarray(days * 24.0 + clock.hour + clock.minute / 60.0, dtype=np.float64)


def parse_epw(text: str) -> tuple[Epw | None, list[Problem]]:
    """Read the text of an EPW file.

    Parameters
    ----------
    text
        Contents of the file.

    Returns
    -------
    Epw or None
        None where it can't be read.
    list[Problem]
        Everything that is wrong with it.
    """
    lines = text.splitlines()
    place, location, problems = _location(lines)
    records, bad = _records(lines)
    if bad:
        more = f" and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        problems.append(
            Problem(
                "records",
                "line " + ", ".join(str(number) for number in bad[:_SHOWN]) + more,
                "is not a record of an EPW file",
                f"a record has at least {FIELDS} fields: year, month, day, hour, minute, …",
            )
        )
    elif not len(records):
        problems.append(Problem("records", "", "the file has none", "check that it is complete"))
    if problems:
        return None, problems
    hour, value = {}, {}
    for name, column in COLUMN.items():
        at = records[:, 0] - (0.5 if name == "solar_w_m2" else 0.0)
        known = records[:, list(COLUMN).index(name) + 1] < MISSING[name]
        found = records[known, list(COLUMN).index(name) + 1]
        least, most = RANGES[name]
        outside = int(((found < least) | (found > most)).sum())
        if outside:
            problems.append(
                Problem(
                    name,
                    f"{outside} records",
                    f"field {column + 1} is outside {least:g} to {most:g} {UNITS[name]}",
                    "check the file",
                )
            )
        hour[name], first = np.unique(at[known] % YEAR_H, return_index=True)
        value[name] = found[first]
    if not hour["outdoor_c"].size:
        problems.append(Problem("outdoor_c", "", "is missing in every record", "use another file"))
    if problems:
        return None, problems
    return Epw(place, *location, hour, value), []


def _location(lines: list[str]) -> tuple[str, tuple[float, float, float], list[Problem]]:
    """Find the place, its latitude, longitude and offset; from the end, as names hold commas."""
    nowhere = (0.0, 0.0, 0.0)
    mend = "an EPW file has LOCATION,city,state,country,source,WMO,latitude,longitude,offset,height"
    for line in lines[:50]:
        fields = [field.strip() for field in line.strip().rstrip(",").split(",")]
        if fields[0].upper().lstrip("\ufeff") != "LOCATION":
            continue
        try:
            latitude, longitude, offset_h, _ = (float(field) for field in fields[-4:])
        except ValueError:
            break
        inside = abs(latitude) <= 90 and abs(longitude) <= 180 and -12 <= offset_h <= 14
        if not inside:
            break
        return fields[1], (latitude, longitude, offset_h), []
    else:
        return "", nowhere, [Problem("LOCATION", "", "the line is missing", mend)]
    return "", nowhere, [Problem("LOCATION", line[:60], "can't be read", mend)]


def _records(lines: list[str]) -> tuple[NDArray[np.float64], list[int]]:
    """Read the records: hour of the year, then the quantities of `COLUMN`.

    Returns
    -------
    NDArray[np.float64]
        A row a record, by hour of the year; 29 February is left out.
    list[int]
        Numbers of the lines that can't be read.
    """
    rows, bad = [], []
    started = False
    for number, line in enumerate(lines, 1):
        if not _RECORD.match(line):
            if started and line.strip():
                bad.append(number)
            continue
        started = True
        fields = line.split(",", FIELDS)
        try:
            month, day, hour = (int(float(field)) for field in fields[1:4])
            minute = float(fields[4])
            values = [float(fields[column]) for column in COLUMN.values()]
        except (ValueError, IndexError, OverflowError):
            bad.append(number)
            continue
        in_range = 1 <= month <= 12 and 1 <= hour <= 24 and 0 <= minute <= 60
        if not in_range or not 1 <= day <= _DAYS_IN[month - 1] or not np.isfinite(values).all():
            bad.append(number)
            continue
        if (month, day) == (2, 29):
            continue
        rows.append((month, day, hour, minute, *values))
    if not rows:
        return np.empty((0, 4)), bad
    table = np.array(rows)
    # Hourly records say minute 0 or 60 for the same thing: the hour that ends at `hour`.
    hourly = np.isin(table[:, 3], (0.0, 60.0)).all()
    ends = np.full(len(table), 60.0) if hourly else table[:, 3]
    day_of_year = _DAYS_BEFORE[table[:, 0].astype(np.int64) - 1] + table[:, 1] - 1
    hour_of_year = day_of_year * 24.0 + table[:, 2] - 1.0 + ends / 60.0
    order = np.argsort(hour_of_year, kind="stable")
    return np.column_stack((hour_of_year, table[:, 4:]))[order], bad
