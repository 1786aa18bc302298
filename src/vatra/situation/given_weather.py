"""The weather that a situation file gives: numbers, a course of numbers, or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.problems import InputError
from vatra.situation.fields import Fields
from vatra.situation.model import Weather
from vatra.situation.samples import RANGES, UNITS, Samples
from vatra.situation.timegrid import TimeGrid
from vatra.situation.weather import complete_weather, read_weather

WEATHER_KEYS = ("file", *RANGES, "source", "claims")


def given_weather(
    file: Fields, city: City, grid: TimeGrid | None, folder: Path, claims: frozenset[str]
) -> tuple[Weather | None, tuple[str, ...]]:
    """Read the weather of a situation.

    Parameters
    ----------
    file
        The situation file.
    city
        The city, for its place under the sun.
    grid
        The half-hour slots; None where they aren't known, for the problems only.
    folder
        Folder that a weather file's name is relative to.
    claims
        Ids of the claims in the file.

    Returns
    -------
    Weather or None
        None where something is wrong with it.
    tuple[str, ...]
        Claims that it cites.
    """
    raw = file.table("weather")
    if raw is None:
        if "weather" not in file.raw:
            file.problem(
                "weather", "", "is missing", "add [weather] with outdoor_c = … or file = …"
            )
        return None, ()
    fields = file.within("weather", raw, WEATHER_KEYS)
    cited = fields.claims(claims)
    source = fields.text("source", "")
    read = _from_file(fields, city, grid, folder) if "file" in raw else _here(fields, city, grid)
    return replace(read, source=source) if read and source else read, cited


def _from_file(fields: Fields, city: City, grid: TimeGrid | None, folder: Path) -> Weather | None:
    """Read the file that is named; its problems become those of the situation."""
    for name in RANGES:
        if name in fields.raw:
            fields.problem(name, "", "is given beside a file", "remove one of them")
    name_of_file = fields.text("file")
    if name_of_file is None or grid is None:
        return None
    place = {"latitude": city.about.latitude, "longitude": city.about.sun_longitude}
    try:
        return read_weather(folder / name_of_file, grid, **place)
    except InputError as error:
        for problem in error.problems:
            fields.adopt(name_of_file, problem)
        return None


def _here(fields: Fields, city: City, grid: TimeGrid | None) -> Weather | None:
    """Read the values that stand in the situation itself."""
    if "outdoor_c" not in fields.raw:
        fields.problem("outdoor_c", "", "is missing", "give a temperature in °C, or a file")
    # Without a grid the values are still looked at, so that their problems are told too.
    names = [name for name in RANGES if name in fields.raw]
    values = {name: _quantity(fields, name, grid) for name in names}
    given = {name: value for name, value in values.items() if value is not None}
    if grid is None or "outdoor_c" not in given or len(given) < len(values):
        return None
    return complete_weather(given, "given", grid, city.about.latitude, city.about.sun_longitude)


def _quantity(fields: Fields, name: str, grid: TimeGrid | None) -> NDArray[np.float64] | None:
    """Read a number, or a course of times and numbers; by slot, None where it is wrong."""
    value = fields.raw[name]
    if isinstance(value, list):
        samples = _course(fields, name, value)
        return None if samples is None or grid is None else _cover(fields, name, samples, grid)
    number = fields.check_number(name, value, UNITS[name], *RANGES[name])
    return None if number is None or grid is None else np.full(grid.slots, number)


def _course(fields: Fields, name: str, value: list[object]) -> Samples | None:
    """Read a list of times and numbers."""
    pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2]
    if len(pairs) < len(value) or not pairs:
        mend = f"write it like {name} = [[2022-11-23T14:00:00+02:00, -1.0], …]"
        fields.problem(name, "", "is not a list of times and numbers", mend)
        return None
    times = [fields.check_time(name, time) for time, _ in pairs]
    numbers = [fields.check_number(name, number, UNITS[name], *RANGES[name]) for _, number in pairs]
    if None in times or None in numbers:
        return None
    index = pd.DatetimeIndex(times)
    if not (index.is_monotonic_increasing and index.is_unique):
        fields.problem(name, "", "the times don't rise", "put them in order, each once")
        return None
    return Samples(index, np.array(numbers, dtype=np.float64))


def _cover(
    fields: Fields, name: str, samples: Samples, grid: TimeGrid
) -> NDArray[np.float64] | None:
    """Interpolate to the slots, if the samples reach from the first to the last."""
    if samples.time[0] <= grid.start and samples.time[-1] >= grid.end:
        return samples.at(grid)
    since, until = (
        time.tz_convert(grid.time_zone).isoformat(timespec="minutes")
        for time in (grid.start, grid.end)
    )
    mend = f"give values from {since} to {until}"
    fields.problem(name, "", "doesn't cover the horizon", mend)
    return None
