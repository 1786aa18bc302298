"""Weather from a file: a table of times and temperatures, or an EPW."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.problems import InputError, Problem, name_ids
from vatra.situation.epw import parse_epw
from vatra.situation.fields import did_you_mean, shown
from vatra.situation.local_time import TimeProblemError, parse_time
from vatra.situation.model import Weather
from vatra.situation.samples import RANGES, UNITS, Samples
from vatra.situation.sun import overcast_sun
from vatra.situation.timegrid import TimeGrid

WIND_M_S = 3.0
"""Wind speed where none is given; *assumed*."""

COLUMNS = ("time", *RANGES)
_MOST_BYTES = 50_000_000


def read_weather(
    path: Path | str,
    grid: TimeGrid,
    *,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Weather:
    """Read the weather of a horizon.

    Parameters
    ----------
    path
        A CSV with columns ``time``, ``outdoor_c`` and, if known, ``wind_m_s`` and
        ``solar_w_m2`` (semicolons and decimal commas of a spreadsheet are understood; times
        without an offset are local), or an ``.epw``, whose year is ignored.
    grid
        The half-hour slots, whose middles the values are interpolated to.
    latitude, longitude
        Degrees, for the sun where the file has none; without them it is then dark.

    Returns
    -------
    Weather
        Outdoor conditions by slot. Wind is taken as 3 m/s and the sky as overcast where the
        file doesn't say.

    Raises
    ------
    InputError
        With every problem, if the file can't be read or doesn't cover the horizon.
    """
    path = Path(path)
    text, problems = _read_text(path)
    if problems:
        raise InputError(str(path), problems)
    epw = path.suffix.lower() == ".epw" or text[:9].upper() == "LOCATION,"
    if epw:
        return _from_epw(path, text, grid)
    samples, problems = _parse_csv(text, grid)
    if not problems:
        gap = samples["outdoor_c"].covers(grid)
        if gap:
            problems = [_uncovered(grid, gap)]
    if problems:
        raise InputError(str(path), problems)
    values = {name: sample.at(grid) for name, sample in samples.items()}
    return complete_weather(values, path.name, grid, latitude, longitude)


def complete_weather(
    values: dict[str, NDArray[np.float64]],
    source: str,
    grid: TimeGrid,
    latitude: float | None,
    longitude: float | None,
) -> Weather:
    """Fill in the wind and the sun where they aren't given, and say so.

    Parameters
    ----------
    values
        What is given, by slot; ``outdoor_c`` always.
    source
        Where it comes from.
    grid
        The half-hour slots.
    latitude, longitude
        Degrees, for the sun; None for darkness.

    Returns
    -------
    Weather
        All of it.
    """
    wind = values.get("wind_m_s")
    solar = values.get("solar_w_m2")
    if wind is None:
        wind = np.full(grid.slots, WIND_M_S)
        source += f"; wind assumed {WIND_M_S:g} m/s"
    if solar is None and latitude is not None and longitude is not None:
        solar = overcast_sun(grid, latitude, longitude)
        source += "; sky assumed overcast"
    elif solar is None:
        solar = np.zeros(grid.slots)
        source += "; sun left out"
    return Weather(values["outdoor_c"], wind, solar, source)


def _uncovered(grid: TimeGrid, what: str) -> Problem:
    since, until = (
        time.tz_convert(grid.time_zone).isoformat(timespec="minutes")
        for time in (grid.start, grid.end)
    )
    return Problem(
        "time", "", f"doesn't cover the horizon: {what}", f"give weather from {since} to {until}"
    )


def _read_text(path: Path) -> tuple[str, list[Problem]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return "", [Problem("", "", "is larger than a weather file is", "check the file")]
        raw = path.read_bytes()
    except FileNotFoundError:
        return "", [Problem("", "", "there is no such file", "correct the name")]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return "", [Problem("", "", f"can't be read ({reason})", "check the file")]
    if b"\0" in raw:
        return "", [Problem("", "", "is not a text file", "give a CSV or an EPW")]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return raw.decode("latin-1"), []  # names of places in older EPW files


def _from_epw(path: Path, text: str, grid: TimeGrid) -> Weather:
    epw, problems = parse_epw(text)
    if epw is None:
        raise InputError(str(path), problems)
    values, far = {}, []
    for name, hours in epw.hour.items():
        if not hours.size:
            continue
        values[name], near = epw.at(name, grid)
        if not near:
            far.append(name)
    if far:
        which = f"no records of {name_ids(far)} on some of its days"
        raise InputError(str(path), [_uncovered(grid, which)])
    source = f"{path.name}: typical year of {epw.place}, whatever the year"
    return complete_weather(values, source, grid, epw.latitude, epw.longitude)


def _parse_csv(text: str, grid: TimeGrid) -> tuple[dict[str, Samples], list[Problem]]:
    """Read a table; what can't be used comes back as problems."""
    head = text.split("\n", 1)[0]
    separator = ";" if ";" in head else "\t" if "\t" in head else ","
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=separator))
    except csv.Error as error:
        return {}, [Problem("", "", f"is not a CSV ({error})", "check the file")]
    header = [name.strip() for name in rows[0]] if rows else []
    problems = [
        Problem(name, "", "unknown column", did_you_mean(name, set(COLUMNS) - set(header)))
        for name in header
        if name not in COLUMNS
    ]
    problems += [
        Problem(name, "", "the column is missing", "add it")
        for name in COLUMNS[:2]
        if name not in header
    ]
    problems += [
        Problem(name, "", "is there twice", "remove one")
        for name in COLUMNS
        if header.count(name) > 1
    ]
    if problems:
        return {}, problems
    body = [(number, row) for number, row in enumerate(rows[1:], 2) if any(map(str.strip, row))]
    if not body:
        return {}, [Problem("time", "", "the table has no rows", "add the weather")]
    ragged = [number for number, row in body if len(row) != len(header)]
    if ragged:
        reason = f"the header has {len(header)} columns, these lines have not"
        return {}, [Problem("", _lines(ragged), reason, "correct them")]
    table = {name: [row[i].strip() for _, row in body] for i, name in enumerate(header)}
    numbers = [number for number, _ in body]
    times, problems = _times(table["time"], numbers, grid)
    values: dict[str, NDArray[np.float64]] = {}
    for name in RANGES:
        if name in table:
            values[name], wrong = _values(name, table[name], numbers, comma=separator != ",")
            problems += wrong
    if problems:
        return {}, problems
    order = np.argsort(times.asi8, kind="stable")
    return {name: Samples(times[order], value[order]) for name, value in values.items()}, []


def _lines(numbers: list[int]) -> str:
    return f"line{'s' if len(numbers) > 1 else ''} {name_ids(numbers)}"


def _times(
    texts: list[str], numbers: list[int], grid: TimeGrid
) -> tuple[pd.DatetimeIndex, list[Problem]]:
    times = []
    wrong: dict[tuple[str, str], list[int]] = {}
    for text, number in zip(texts, numbers, strict=True):
        try:
            times.append(parse_time(text, grid.zone))
        except TimeProblemError as error:
            wrong.setdefault((error.reason, error.mend), []).append(number)
    problems = [
        Problem("time", _lines(lines), reason, mend) for (reason, mend), lines in wrong.items()
    ]
    index = pd.DatetimeIndex(times, tz="UTC") if times else pd.DatetimeIndex([], tz="UTC")
    if not problems:
        twice = [numbers[i] for i in np.flatnonzero(index.duplicated())]
        if twice:
            problems.append(Problem("time", _lines(twice), "the time is there before", "keep one"))
    return index, problems


def _values(
    name: str, texts: list[str], numbers: list[int], *, comma: bool
) -> tuple[NDArray[np.float64], list[Problem]]:
    least, most = RANGES[name]
    values = np.full(len(texts), np.nan)
    wrong: list[int] = []
    outside: list[int] = []
    example = ""
    for i, (text, number) in enumerate(zip(texts, numbers, strict=True)):
        plain = text.replace("\u2212", "-")
        with suppress(ValueError):
            values[i] = float(plain.replace(",", ".") if comma else plain)
        if not np.isfinite(values[i]):
            wrong.append(number)
            example = example or text
        elif not least <= values[i] <= most:
            outside.append(number)
    problems = []
    if wrong:
        reason = f"«{shown(example)}» is not a number" if example else "the value is missing"
        mend = f"give it in {UNITS[name]}, or leave the line out"
        problems.append(Problem(name, _lines(wrong), reason, mend))
    if outside:
        reason = f"is outside {least:g} to {most:g} {UNITS[name]}"
        problems.append(Problem(name, _lines(outside), reason, "check the unit"))
    return values, problems
