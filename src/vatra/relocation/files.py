"""Files for relocation on its own: people (CSV) and ways out (TOML) in, tables out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.fit import fit_table
from vatra.city.rules import check_tables
from vatra.city.schema import TABLE, TABLES
from vatra.folders import FolderKind, draft_folder
from vatra.problems import InputError, Problem, name_ids
from vatra.relocation.exits import Zones
from vatra.relocation.model import MovePlan, Notice
from vatra.relocation.rules import MoveRules

MANIFEST = "relocation.json"
OWN = (MANIFEST, "departures.csv", "curve.csv", "ways.csv", "arrivals.csv", "late.csv")
KIND = FolderKind(
    "a relocation", lambda folder: (folder / MANIFEST).is_file(), lambda _folder: set(OWN)
)
TOP_KEYS = ("start", "time_zone", "outdoor_c", "rules", "destination", "way", "street")
STREET_KEYS = ("from", "to", "lanes")
COUNTS = {"people": 0.0, "vulnerable": 0.0, "pickups": np.nan, "car_share": np.nan,
          "leave_by_h": np.inf}  # fmt: skip
"""Columns of numbers in the people's file, and what a missing one means."""
FOOT_A_PICKUP = 2000.0
"""People a pick-up point where the file doesn't say how many there are; assumed."""


@dataclass(frozen=True)
class Case:
    """What the two files say.

    Parameters
    ----------
    zones
        One a row of the people's file.
    people, vulnerable
        By zone.
    car_share, leave_by_h
        By zone: share of people with a car; hours after the start by which they must have left.
    ways, destinations
        As the tables of a city have them.
    start
        When it is decided, UTC.
    time_zone
        IANA name.
    outdoor_c
        Outdoor temperature, °C.
    rules
        What is assumed.
    """

    zones: Zones
    people: NDArray[np.int64]
    vulnerable: NDArray[np.int64]
    car_share: NDArray[np.float64]
    leave_by_h: NDArray[np.float64]
    ways: pd.DataFrame
    destinations: pd.DataFrame
    start: pd.Timestamp
    time_zone: str
    outdoor_c: float
    rules: MoveRules


def read_case(people: Path, ways: Path) -> Case:
    """Read people and ways out.

    Parameters
    ----------
    people
        CSV with ``people``; optionally ``place_id``, ``district_id``, ``vulnerable``,
        ``car_share``, ``pickups``, ``leave_by_h``.
    ways
        TOML, as ``docs/relocation.md`` has it.

    Raises
    ------
    InputError
        With everything that is wrong with both files.
    """
    given, problems = _read_toml(ways)
    rules, found = _rules(ways.name, given.get("rules", {}))
    problems += found
    table, found = _read_people(people, rules)
    problems += found
    start, zone, found = _times(ways.name, given)
    problems += found
    ways_out, towns, found = _tables(ways.name, given)
    problems += found
    ids: list[str] = [] if table is None else table.index.tolist()
    district = [] if table is None else table["district_id"].tolist()
    streets, found = _streets(ways.name, given.get("street"), ids)
    problems += found
    served = ways_out["district_id"].dropna() if ways_out is not None else pd.Series(dtype=object)
    wrong = sorted(set(served) - set(district)) if table is not None else []
    if wrong:
        mend = "use a district_id of the people's file, or leave it out"
        problems.append(
            Problem(f"{ways.name}: way.district_id", name_ids(wrong), "nobody lives there", mend)
        )
    outdoor = given.get("outdoor_c", -3.0)
    if not isinstance(outdoor, (int, float)) or isinstance(outdoor, bool):
        problems.append(Problem(f"{ways.name}: outdoor_c", str(outdoor), "not a number", "give °C"))
    if problems or table is None or ways_out is None or towns is None or start is None:
        raise InputError("vatra relocation", problems)
    number = table["people"].to_numpy(dtype=np.int64)
    share = table["car_share"].to_numpy(dtype=np.float64)
    foot = np.ceil(number * (1.0 - share) / FOOT_A_PICKUP)
    pickups = np.where(np.isnan(table["pickups"]), np.maximum(foot, 1.0), table["pickups"])
    zones = Zones(
        name=table.index.to_numpy(dtype=object),
        district_id=table["district_id"].to_numpy(dtype=object),
        xy=None,
        pickups=pickups.astype(np.int64),
        **_roads(streets, table.index, rules),
    )
    return Case(
        zones=zones, people=number, vulnerable=table["vulnerable"].to_numpy(dtype=np.int64),
        car_share=share, leave_by_h=table["leave_by_h"].to_numpy(dtype=np.float64),
        ways=ways_out, destinations=towns, start=start, time_zone=zone,
        outdoor_c=float(outdoor), rules=rules,
    )  # fmt: skip


def write_moves(plan: MovePlan, notice: Notice | None, folder: Path) -> dict[str, Any]:
    """Write a plan as tables, whole or not at all.

    Parameters
    ----------
    plan
        The plan.
    notice
        Who is late by when it is decided; None where nobody has to leave by any time.
    folder
        Where to.

    Returns
    -------
    dict
        What ``relocation.json`` says.
    """
    said = figures_of(plan)
    with draft_folder(folder, KIND) as draft:
        for name, table in (
            ("departures.csv", plan.departures), ("curve.csv", plan.curve.reset_index()),
            ("ways.csv", plan.ways.reset_index()), ("arrivals.csv", plan.arrivals.reset_index()),
        ):  # fmt: skip
            _plain(table).to_csv(draft / name, index=False, lineterminator="\n")
        if notice is not None:
            late = notice.late.rename(columns={"lead_h": "decided_h"})
            late["decided_h"] = 0.0 - late["decided_h"]
            late.sort_values("decided_h").to_csv(
                draft / "late.csv", index=False, lineterminator="\n"
            )
        text = json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False)
        (draft / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return said


def figures_of(plan: MovePlan) -> dict[str, Any]:
    """Return the figures of a plan for machines; None for what has no end."""

    def hours(value: float) -> float | None:
        return round(float(value), 3) if np.isfinite(value) else None

    return {
        "start": plan.start.isoformat(),
        "people": plan.people,
        "vulnerable": plan.vulnerable,
        "clearance_h": hours(plan.clearance_h),
        "clearance_bound_h": hours(plan.clearance_bound_h),
        "vulnerable_h": hours(plan.vulnerable_h),
        "vulnerable_bound_h": hours(plan.vulnerable_bound_h),
        "ways_alone_h": {name: hours(value) for name, value in plan.cut_h.items()},
        "last_car_h": hours(plan.last_car_h),
        "last_pickup_h": hours(plan.last_pickup_h),
        "no_way": plan.no_way,
        "late": plan.late,
        "binding": [
            {"what": what, "way_id": way, "saved_h": hours(saved)}
            for what, way, saved in plan.binding.itertuples(index=False)
        ],
    }


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    plain = table.copy()
    for name in plain.columns:
        if isinstance(plain[name].dtype, pd.DatetimeTZDtype):
            plain[name] = plain[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return plain


def _read_toml(file: Path) -> tuple[dict[str, Any], list[Problem]]:
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, [Problem(file.name, "", "there is no such file", "correct the name")]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, [Problem(file.name, "", f"can't be read ({error})", "check the file")]
    unknown = sorted(set(given) - set(TOP_KEYS))
    mend = f"known are {', '.join(TOP_KEYS)}"
    return given, [Problem(file.name, name_ids(unknown), "not known", mend)] if unknown else []


def _read_people(file: Path, rules: MoveRules) -> tuple[pd.DataFrame | None, list[Problem]]:
    if not file.is_file():
        return None, [Problem(file.name, "", "there is no such file", "correct the name")]
    try:
        table = pd.read_csv(file, dtype={"place_id": str, "district_id": str})
    except (ValueError, OSError) as error:
        return None, [Problem(file.name, "", f"can't be read ({error})", "save it as CSV, UTF-8")]
    if not len(table):
        return None, [Problem(file.name, "", "it has no rows", "give at least one place")]
    found: list[Problem] = []
    if "place_id" not in table:
        table["place_id"] = [f"place-{i + 1}" for i in range(len(table))]
    if "district_id" not in table:
        table["district_id"] = table["place_id"]
    twice = table["place_id"][table["place_id"].duplicated() | table["place_id"].isna()]
    if len(twice):
        found.append(
            Problem(f"{file.name}: place_id", name_ids(twice), "missing or given twice",
                    "make ids unique")
        )  # fmt: skip
    for name in COUNTS:
        found += _fit_numbers(file, table, name, rules)
    if not found:
        more = table["vulnerable"] > table["people"]
        if more.any():
            rows = f"lines {name_ids(np.flatnonzero(more) + 2)}"
            found.append(
                Problem(f"{file.name}: vulnerable", rows, "more than people", "count them once")
            )
    return table.set_index("place_id"), found


def _fit_numbers(file: Path, table: pd.DataFrame, name: str, rules: MoveRules) -> list[Problem]:
    """Make a column numbers, with its default where it is missing, and say what is wrong."""
    place, found = f"{file.name}: {name}", []
    if name not in table:
        if name == "people":
            found.append(Problem(place, "", "the column is missing", "add it"))
        table[name] = 0.0 if name == "people" else np.nan
    values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
    empty = table[name].isna().to_numpy() & (name != "people")
    most = 1.0 if name == "car_share" else np.inf
    wrong = ~empty & ~((values >= 0) & (values <= most) & np.isfinite(values))
    if wrong.any():
        rows = f"lines {name_ids(np.flatnonzero(wrong) + 2)}"
        reason = "not a share from 0 to 1" if name == "car_share" else "not a number from 0"
        found.append(Problem(place, rows, reason, "correct them"))
    fill = rules.car_share if name == "car_share" else COUNTS[name]
    table[name] = np.where(empty, fill, values)
    return found


def _rules(file: str, given: Any) -> tuple[MoveRules, list[Problem]]:
    if not isinstance(given, dict):
        return MoveRules(), [Problem(f"{file}: rules", "", "not a table", "write [rules]")]
    defaults = {f.name: getattr(MoveRules(), f.name) for f in fields(MoveRules)}
    values: dict[str, Any] = {}
    found = []
    for name, value in given.items():
        place = f"{file}: rules.{name}"
        if name not in defaults:
            mend = f"known are {', '.join(sorted(defaults))}"
            found.append(Problem(place, "", "not known", mend))
        elif name in ("daylight", "curfew"):
            if name == "curfew" and value is False:
                values[name] = None
            elif _is_span(value):
                values[name] = (float(value[0]), float(value[1]))
            else:
                mend = "two local hours from 0 to 24, for example [23, 5]"
                found.append(Problem(place, str(value), "not a span of hours", mend))
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            found.append(Problem(place, str(value), "not a number from 0", "correct it"))
        elif name in ("step_h", "car_people", "shuttle_km_h") and value <= 0:
            found.append(Problem(place, str(value), "must be above 0", "correct it"))
        elif name.endswith("_share") and value > 1:
            found.append(Problem(place, str(value), "not a share from 0 to 1", "correct it"))
        else:
            values[name] = float(value)
    return MoveRules(**values), found


def _is_span(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(h, (int, float)) and 0 <= h <= 24 for h in value)
        and value[0] != value[1]
    )


def _times(file: str, given: dict[str, Any]) -> tuple[pd.Timestamp | None, str, list[Problem]]:
    found = []
    zone = given.get("time_zone", "Europe/Kyiv")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        mend = "an IANA name, for example Europe/Kyiv"
        found.append(Problem(f"{file}: time_zone", str(zone), "no such time zone", mend))
        zone = "UTC"
    start = given.get("start")
    if not isinstance(start, datetime):
        mend = "give a time, for example 2022-11-23T14:00:00+02:00"
        reason = "missing" if start is None else "not a time"
        found.append(Problem(f"{file}: start", "" if start is None else str(start), reason, mend))
        return None, zone, found
    time = pd.Timestamp(start)
    if time.tzinfo is None:
        time = time.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return time.tz_convert("UTC").floor("30min"), zone, found


def _tables(
    file: str, given: dict[str, Any]
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, list[Problem]]:
    frames: dict[str, pd.DataFrame] = {}
    found: list[Problem] = []
    for key, name in (("way", "ways_out"), ("destination", "destinations")):
        rows = given.get(key)
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
            found.append(Problem(f"{file}: {key}", "", "none is given", f"write [[{key}]]"))
            continue
        raw = pd.DataFrame(rows).astype(object)
        if key == "destination" and "name" not in raw:
            raw["name"] = raw.get("destination_id")
        frames[name], more = fit_table(TABLE[name], raw)
        found += more
    others = {table.name for table in TABLES} - set(frames)
    found += check_tables(None, frames, skip=others)
    found = [
        Problem(f"{file}: {p.place}", p.subject, p.reason, p.mend)
        if not p.place.startswith(file) else p
        for p in found
        if p.place != "ways_out.geometry"
    ]  # fmt: skip
    return frames.get("ways_out"), frames.get("destinations"), found


def _streets(
    file: str, given: Any, ids: Iterable[str]
) -> tuple[list[tuple[str, str, float]] | None, list[Problem]]:
    if given is None:
        return None, []
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        return None, [Problem(f"{file}: street", "", "not a list", "write [[street]]")]
    known, streets, found = set(ids), [], []
    for number, row in enumerate(given, 1):
        place = f"{file}: street {number}"
        unknown = sorted(set(row) - set(STREET_KEYS))
        if unknown:
            mend = f"known are {', '.join(STREET_KEYS)}"
            found.append(Problem(place, name_ids(unknown), "not known", mend))
        lanes = row.get("lanes", 1.0)
        if isinstance(lanes, bool) or not isinstance(lanes, (int, float)) or not lanes >= 0:
            found.append(Problem(f"{place}: lanes", str(lanes), "not a number from 0"))
            continue
        ends = [row.get("from"), row.get("to")]
        lost = [str(end) for end in ends if end not in known]
        if lost:
            mend = "use a place_id of the people's file"
            found.append(Problem(place, name_ids(lost), "no such place", mend))
        elif ends[0] == ends[1]:
            found.append(Problem(place, str(ends[0]), "both ends are the same", "correct one"))
        else:
            streets.append((str(ends[0]), str(ends[1]), float(lanes)))
    return streets, found


def _roads(
    streets: list[tuple[str, str, float]] | None, ids: pd.Index, rules: MoveRules
) -> dict[str, Any]:
    if streets is None:
        return {}
    start = ids.get_indexer(pd.Index([s[0] for s in streets], dtype=object))
    end = ids.get_indexer(pd.Index([s[1] for s in streets], dtype=object))
    wide = np.array([s[2] for s in streets], dtype=np.float64)
    people_h = wide * rules.inner_lane_cars_h * rules.winter_share * rules.car_people
    return {
        "tail": np.concatenate([start, end]).astype(np.int64),
        "head": np.concatenate([end, start]).astype(np.int64),
        "people_h": np.tile(people_h, 2),
    }
