"""Two plans of one city side by side: whom each leaves without what, hour by hour."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from vatra.planning.place import MANIFEST
from vatra.problems import InputError, Problem
from vatra.situation.timegrid import SLOT_H

MEASURES = ("dark", "no_water", "no_heat", "below_16", "below_12")
"""Who is counted: people without light, water and heat, and too cold at home."""

_OUTLOOK = "outlook.nc"


@dataclass(frozen=True)
class PlanRecord:
    """What a plan's folder says of it.

    Parameters
    ----------
    folder
        The folder.
    summary
        As `vatra.planning.summary_of` returns it.
    people
        Slot-indexed (UTC): residents by measure.
    """

    folder: Path
    summary: dict[str, Any]
    people: pd.DataFrame

    @property
    def name(self) -> str:
        """Name of the situation that it plans."""
        return str(self.summary["situation"])


@dataclass(frozen=True)
class Comparison:
    """Two plans in the hours that both cover.

    Parameters
    ----------
    first, second
        The plans.
    by_hour
        Local hour (rows) × measure and plan, ``first`` or ``second``: most residents in it.
    figures
        Figure (rows) × ``first``, ``second`` and ``difference``, second less first. For each
        measure ``most_…``, residents in the worst half-hour, and ``person_h_…``; then
        ``unserved_mwh``, ``warm_points`` and ``people_to_move`` of each whole plan.
    """

    first: PlanRecord
    second: PlanRecord
    by_hour: pd.DataFrame
    figures: pd.DataFrame


def compare_plans(first: Path | str, second: Path | str) -> Comparison:
    """Compare two plans of one city.

    Parameters
    ----------
    first, second
        Their folders.

    Returns
    -------
    Comparison
        Over the hours that both cover.

    Raises
    ------
    InputError
        If either isn't a plan's folder, or they have no city or no hour in common.
    """
    problems: list[Problem] = []
    records = []
    for place, folder in (("PLAN_A", Path(first)), ("PLAN_B", Path(second))):
        try:
            records.append(_read(folder, place))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError("compare", problems)
    one, other = records
    cities = [(r.summary["city"], r.summary["residents"]) for r in records]
    if cities[0] != cities[1]:
        said = " and ".join(f"{name}, {residents:,} residents" for name, residents in cities)
        mend = "compare plans of one city"
        problems.append(Problem("PLAN_B", str(second), f"is of another city ({said})", mend))
    common = one.people.index.intersection(other.people.index)
    if not len(common):
        mend = "compare plans whose hours overlap"
        problems.append(Problem("PLAN_B", str(second), "has no hour in common", mend))
    if problems:
        raise InputError("compare", problems)
    both = [record.people.loc[common, list(MEASURES)] for record in records]
    return Comparison(one, other, _by_hour(both, _zone(one)), _figures(both, records))


def _zone(record: PlanRecord) -> str:
    return str(record.summary.get("time_zone") or "UTC")


def _by_hour(both: list[pd.DataFrame], zone: str) -> pd.DataFrame:
    tables = {
        name: people.tz_convert(zone).resample("1h").max().dropna().astype("int64")
        for name, people in zip(("first", "second"), both, strict=True)
    }
    joined = pd.concat(tables, axis=1, names=["plan", "measure"]).swaplevel(axis=1)
    return joined[[(m, p) for m in MEASURES for p in tables]]


def _figures(both: list[pd.DataFrame], records: list[PlanRecord]) -> pd.DataFrame:
    rows: dict[str, list[float]] = {}
    for measure in MEASURES:
        rows[f"most_{measure}"] = [float(people[measure].max()) for people in both]
    for measure in MEASURES:
        rows[f"person_h_{measure}"] = [float(people[measure].sum()) * SLOT_H for people in both]
    of_plan: dict[str, Callable[[dict[str, Any]], Any]] = {
        "unserved_mwh": lambda summary: summary["unserved_mwh"],
        "warm_points": lambda summary: summary["warm_points"]["sites"],
        "people_to_move": lambda summary: summary["relocation"]["people"],
    }
    for name, figure in of_plan.items():
        found = [figure(record.summary) for record in records]
        rows[name] = [float("nan") if value is None else float(value) for value in found]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["first", "second"])
    table.index.name = "figure"
    return table.assign(difference=table["second"] - table["first"])


def _read(folder: Path, place: str) -> PlanRecord:
    def refuse(reason: str, mend: str) -> InputError:
        return InputError(str(folder), [Problem(place, str(folder), reason, mend)])

    if not folder.is_dir():
        reason = "is a file, not a plan's folder" if folder.exists() else "there is no such folder"
        raise refuse(reason, "name the folder that `vatra plan --out` wrote")
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        summary = dict(manifest["summary"])
        # What is read from it later, so that half a manifest is a problem here.
        _ = (summary["city"], summary["residents"], summary["situation"], summary["unserved_mwh"],
             summary["warm_points"]["sites"], summary["relocation"]["people"])  # fmt: skip
    except FileNotFoundError:
        raise refuse(f"has no {MANIFEST}: it isn't a plan", "name a plan's folder") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{MANIFEST} can't be read ({type(error).__name__}: {error})"
        raise refuse(reason, "make the plan again") from error
    try:
        with xr.open_dataset(folder / _OUTLOOK, engine="h5netcdf") as outlook:
            counted = outlook["people"].load()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = f"{_OUTLOOK} can't be read ({type(error).__name__})"
        raise refuse(reason, "make the plan again") from error
    people = pd.DataFrame(
        counted.transpose("slot", "measure").to_numpy(),
        index=pd.DatetimeIndex(counted["slot"].to_numpy()).tz_localize("UTC"),
        columns=[str(name) for name in counted["measure"].to_numpy()],
    )
    lacking = [measure for measure in MEASURES if measure not in people]
    if lacking:
        raise refuse(f"{_OUTLOOK} doesn't count {', '.join(lacking)}", "make the plan again")
    return PlanRecord(folder, summary, people)
