"""``city.toml``: what a city is called, where it is and what its tables take for granted."""

from __future__ import annotations

import difflib
import math
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tomli_w
from pyproj import CRS
from pyproj.exceptions import CRSError

from vatra.city.model import SCHEMA_VERSION, About, Assumption
from vatra.city.schema import TABLE
from vatra.problems import Problem

FILE = "city.toml"
_TEXTS = ("name", "name_uk", "time_zone", "crs")
_NUMBERS = ("known_peak_mw", "latitude", "longitude")
_MOST_PEAK_MW = 100_000.0  # more than any city; a number in kW shows here
_DEFAULTS: dict[str, object] = {
    "name_uk": "",
    "languages": ["uk", "en"],
    "synthetic": False,
    "assumptions": [],
    "attribution": [],
}


def read_about(path: Path) -> tuple[About | None, list[Problem]]:
    """Read ``city.toml``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    About or None
        None where it can't be read, lacks something needed or has a value of the wrong type.
    list[Problem]
        Everything that is wrong with it.
    """
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except FileNotFoundError:
        return None, [Problem(FILE, "", "is missing", "a city folder needs it")]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return None, [Problem(FILE, "", f"is not valid TOML ({error})", "correct it")]
    except OSError as error:
        return None, [Problem(FILE, "", f"can't be read ({error.strerror})", "check the file")]
    return _about_from(raw)


def _about_from(raw: dict[str, Any]) -> tuple[About | None, list[Problem]]:
    problems = _version_problems(raw.pop("schema_version", None))
    known = {f.name for f in fields(About)}
    values: dict[str, Any] = {**_DEFAULTS}
    for key, value in raw.items():
        if key in known:
            values[key] = value
        elif near := difflib.get_close_matches(key, known - raw.keys(), 1, 0.8):
            problems.append(Problem(FILE, key, "unknown key", f"did you mean «{near[0]}»?"))
    problems += _type_problems(values)
    if problems:
        return None, problems
    about = About(
        name=values["name"],
        name_uk=values["name_uk"],
        time_zone=values["time_zone"],
        crs=values["crs"],
        known_peak_mw=float(values["known_peak_mw"]),
        latitude=float(values["latitude"]),
        longitude=float(values["longitude"]),
        languages=tuple(values["languages"]),
        synthetic=values["synthetic"],
        attribution=tuple(values["attribution"]),
        assumptions=tuple(
            Assumption(**{**a, "tables": tuple(a.get("tables", ()))}) for a in values["assumptions"]
        ),
    )
    return about, check_about(about)


def _version_problems(version: object) -> list[Problem]:
    mend = f"this version of vatra reads schema_version {SCHEMA_VERSION}"
    if version is None:
        return [Problem(FILE, "schema_version", "is missing", mend)]
    if version != SCHEMA_VERSION or isinstance(version, bool):
        return [Problem(FILE, "schema_version", f"is {version!r}", mend)]
    return []


def _type_problems(values: dict[str, Any]) -> list[Problem]:
    """Say which keys are missing or hold another type than they should."""
    problems = []

    def expect(key: str, what: str, *, good: bool) -> None:
        if key not in values:
            problems.append(Problem(FILE, key, "is missing", f"give it as {what}"))
        elif not good:
            shown = str(values[key])[:60]
            problems.append(Problem(FILE, key, f"«{shown}» is not {what}", f"give it as {what}"))

    for key in _TEXTS:
        expect(key, "text", good=isinstance(values.get(key), str))
    for key in _NUMBERS:
        value = values.get(key)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        expect(key, "a number", good=number)
    expect("synthetic", "true or false", good=isinstance(values["synthetic"], bool))
    for key in ("languages", "attribution"):
        expect(key, "a list of texts", good=_is_texts(values[key]))
    assumptions = values["assumptions"]
    expect(
        "assumptions",
        "tables [[assumptions]] with what, what_uk, tables and source",
        good=isinstance(assumptions, list) and all(map(_is_assumption, assumptions)),
    )
    return problems


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_assumption(value: object) -> bool:
    if not isinstance(value, dict) or "what" not in value:
        return False
    texts = all(isinstance(value.get(key, ""), str) for key in ("what", "what_uk", "source"))
    extra = value.keys() - {"what", "what_uk", "tables", "source"}
    return texts and not extra and _is_texts(value.get("tables", []))


def check_about(about: About) -> list[Problem]:
    """Check what a city says of itself.

    Parameters
    ----------
    about
        Name, time zone, coordinate system, assumptions.

    Returns
    -------
    list[Problem]
        Everything that is wrong with it.
    """
    problems = []
    if not about.name.strip():
        problems.append(Problem(FILE, "name", "is empty", "give the city's name"))
    if not _is_zone(about.time_zone):
        near = difflib.get_close_matches(about.time_zone, available_timezones(), 1, 0.6)
        mend = f"did you mean «{near[0]}»?" if near else "give an IANA name such as «Europe/Kyiv»"
        problems.append(Problem(FILE, "time_zone", f"no time zone «{about.time_zone}»", mend))
    problems += _crs_problems(about.crs)
    if not 0.0 < about.known_peak_mw <= _MOST_PEAK_MW:
        problems.append(
            Problem(
                FILE,
                "known_peak_mw",
                f"{about.known_peak_mw:g} is not a city's peak load",
                f"give it in MW, above 0 and up to {_MOST_PEAK_MW:,.0f}",
            )
        )
    for key, limit in (("latitude", 90.0), ("longitude", 180.0)):
        value = getattr(about, key)
        if not (math.isfinite(value) and abs(value) <= limit):
            mend = f"give degrees from −{limit:g} to {limit:g}"
            problems.append(Problem(FILE, key, f"{value:g} is out of range", mend))
    for assumption in about.assumptions:
        unknown = [name for name in assumption.tables if name not in TABLE]
        if unknown:
            problems.append(
                Problem(FILE, "assumptions", f"no table «{unknown[0]}»", "correct its name")
            )
    return problems


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def places_and_scales(problems: list[Problem]) -> bool:
    """Tell whether a city's tables can be held against what it says of itself.

    Parameters
    ----------
    problems
        What `check_about` found.

    Returns
    -------
    bool
        False where its coordinate system, position or peak load is in doubt.
    """
    return not {"crs", "latitude", "longitude", "known_peak_mw"} & {p.subject for p in problems}


def _crs_problems(text: str) -> list[Problem]:
    mend = "give a projected coordinate system in metres, such as «EPSG:32636»"
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return [Problem(FILE, "crs", f"no coordinate system «{text[:60]}»", mend)]
    if not crs.is_projected:
        return [Problem(FILE, "crs", f"«{crs.name}» is in degrees, not metres", mend)]
    if any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info[:2]):
        return [Problem(FILE, "crs", f"«{crs.name}» is not in metres", mend)]
    return []


def write_about(about: About, path: Path) -> None:
    """Write ``city.toml``.

    Parameters
    ----------
    about
        What to write.
    path
        The file.
    """
    values: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    for key in (*_TEXTS, *_NUMBERS):
        value = getattr(about, key)
        values[key] = float(value) if key in _NUMBERS else value
    values["languages"] = list(about.languages)
    values["synthetic"] = about.synthetic
    values["attribution"] = list(about.attribution)
    values["assumptions"] = [
        {"what": a.what, "what_uk": a.what_uk, "tables": list(a.tables), "source": a.source}
        for a in about.assumptions
    ]
    with path.open("wb") as file:
        tomli_w.dump(values, file)
