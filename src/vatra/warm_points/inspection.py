"""Lists of sites with inspections, which go out of date: then a site is «unverified» again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from vatra.city.model import City
from vatra.city.schema import SITE_STATUS
from vatra.problems import InputError, Problem, name_ids

VALID_DAYS = 30.0
"""Days for which an inspection says what a site is like (assumed)."""
UNVERIFIED = "unverified"
INSPECTED = "inspected"
"""Column of the table ``sites`` that a list adds: when each was inspected, UTC; empty where it
isn't known."""


def status_now(
    status: pd.Series, inspected: pd.Series, as_of: pd.Timestamp, *, valid_days: float = VALID_DAYS
) -> pd.Series:
    """Return the state of sites at a time: what was seen too long ago isn't known any more.

    Parameters
    ----------
    status
        State at the inspection.
    inspected
        When that was, UTC; NaT where it isn't known.
    as_of
        Now, UTC.
    valid_days
        Days for which an inspection holds.

    Returns
    -------
    pandas.Series
        «closed» stays so; all else without an inspection in time, or with one in the future, is
        «unverified».
    """
    age = as_of - inspected
    fresh = (age >= pd.Timedelta(0)) & (age <= pd.Timedelta(days=valid_days))
    return status.where(fresh | (status == "closed"), UNVERIFIED)


def sites_at(
    sites: gpd.GeoDataFrame, as_of: pd.Timestamp, *, valid_days: float = VALID_DAYS
) -> gpd.GeoDataFrame:
    """Return a city's sites as they are known at a time; those never inspected as they are.

    Parameters
    ----------
    sites
        Table ``sites`` of a city.
    as_of
        A time, with a time zone.
    valid_days
        Days for which an inspection holds.
    """
    if INSPECTED not in sites:
        return sites
    when = pd.to_datetime(sites[INSPECTED], utc=True, errors="coerce", format="ISO8601")
    now = status_now(sites["status"], when, as_of.tz_convert("UTC"), valid_days=valid_days)
    return sites.assign(status=sites["status"].where(when.isna(), now))


@dataclass(frozen=True)
class Imported:
    """A city with what a list says of its sites.

    Parameters
    ----------
    city
        The city.
    updated
        Sites whose state or size comes from the list.
    unverified
        Of them unverified as of the time given.
    unknown
        Ids of the list that the city doesn't have.
    """

    city: City
    updated: int
    unverified: int
    unknown: tuple[str, ...]


def with_site_list(
    city: City, file: Path, as_of: pd.Timestamp, *, valid_days: float = VALID_DAYS
) -> Imported:
    """Update a city's sites from a CSV list: ``site_id``, ``status``, ``inspected``, ``capacity``.

    Parameters
    ----------
    city
        The city.
    file
        The list. A second row of HXL tags is passed over; ``capacity`` may be missing.
    as_of
        Now, with a time zone.
    valid_days
        Days for which an inspection holds.

    Returns
    -------
    Imported
        The city with its sites' state as of now, and when they were inspected, so that a later
        plan lets their state go out of date.

    Raises
    ------
    InputError
        With every problem of the list.
    """
    if not file.is_file():
        raise InputError(str(file), [Problem("", "", "there is no such file", "correct the name")])
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    if len(table) and table.iloc[0].astype(str).str.startswith("#").any():
        table = table.iloc[1:]
    missing = [name for name in ("site_id", "status", "inspected") if name not in table]
    if missing:
        raise InputError(
            str(file), [Problem(name, "", "the column is missing", "add it") for name in missing]
        )
    ids = table["site_id"]
    when = pd.to_datetime(table["inspected"], utc=True, errors="coerce", format="ISO8601")
    problems = _problems(table, when)
    size = pd.Series(np.nan, index=table.index)
    if "capacity" in table:
        size = pd.to_numeric(table["capacity"].replace("", np.nan), errors="coerce")
        bad = table["capacity"].ne("") & ~(size >= 0)
        if bad.any():
            problems.append(
                Problem("capacity", name_ids(ids[bad]), "not a number from 0", "correct them")
            )
    if problems:
        raise InputError(str(file), problems)
    now = status_now(table["status"], when, as_of.tz_convert("UTC"), valid_days=valid_days)
    known = ids.isin(city.sites.index)
    sites = city.sites.copy()
    if INSPECTED not in sites:
        sites[INSPECTED] = ""
    day = when.dt.strftime("%Y-%m-%dT%H:%M:%SZ").fillna("")
    sites.loc[ids[known], INSPECTED] = day[known].to_numpy()
    sites.loc[ids[known], "status"] = now[known].to_numpy()
    sized = known & size.notna()
    sites.loc[ids[sized], "capacity"] = np.floor(size[sized].to_numpy()).astype(np.int64)
    return Imported(
        city.with_tables(sites=sites),
        int(known.sum()),
        int((now[known] == UNVERIFIED).sum()),
        tuple(ids[~known]),
    )


def _problems(table: pd.DataFrame, when: pd.Series) -> list[Problem]:
    ids = table["site_id"]
    checks = (
        ("site_id", ids.duplicated(), "given twice", "give each site once"),
        (
            "status",
            ~table["status"].isin(SITE_STATUS),
            "not a known state",
            f"use {', '.join(SITE_STATUS)}",
        ),
        (
            "inspected",
            when.isna() & table["inspected"].ne(""),
            "not a date",
            "write it as 2026-01-31, or leave it empty",
        ),
    )
    return [
        Problem(name, name_ids(ids[bad]), why, mend) for name, bad, why, mend in checks if bad.any()
    ]
