"""Warm points in the formats that others read: GeoJSON, HXL, HSDS and the fields of FEMA's NSS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from vatra.warm_points.model import WarmPoints

WGS84 = "EPSG:4326"
HXL = {
    "site_id": "#loc+id",
    "name": "#loc+name",
    "kind": "#loc+type",
    "district_id": "#adm3+id",
    "lat": "#geo+lat",
    "lon": "#geo+lon",
    "capacity": "#capacity+num",
    "assigned": "#reached+at_once",
    "in_turns": "#reached+in_turns",
    "powered": "#indicator+powered+share",
    "heated": "#indicator+heated+share",
    "shelter": "#status+shelter",
    "status": "#status+site",
    "stage": "#meta+stage",
    "open_by": "#date+open_by",
    "autonomy_days": "#indicator+autonomy+days",
}
"""Columns of the list of warm points, and their tags (Humanitarian Exchange Language 1.1)."""
NSS_UNKNOWN = "UNKNOWN"


def site_list(points: WarmPoints) -> gpd.GeoDataFrame:
    """List the chosen sites as points in degrees, with the columns of `HXL` that are known.

    Parameters
    ----------
    points
        The warm points.
    """
    sites = points.sites.copy()
    # Middles are of the plane that the sites are drawn in; degrees come after.
    sites = sites.set_geometry(sites.geometry.centroid).to_crs(WGS84)
    table = sites.reset_index(names="site_id")
    table["lon"], table["lat"] = table.geometry.x.round(6), table.geometry.y.round(6)
    if "open_by" in table:
        table["open_by"] = pd.to_datetime(table["open_by"], utc=True).dt.strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
    if "autonomy_days" in table:  # no fuel is used: nothing runs out
        table["autonomy_days"] = table["autonomy_days"].replace(np.inf, np.nan)
    kept = [name for name in HXL if name in table]
    return table[[*kept, table.geometry.name]]


def write_hxl(points: WarmPoints, file: Path) -> None:
    """Write the chosen sites as CSV with a row of HXL tags under the names.

    Parameters
    ----------
    points
        The warm points.
    file
        Where to.
    """
    table = site_list(points)
    plain = pd.DataFrame(table.drop(columns=table.geometry.name)).astype(object)
    tags = pd.DataFrame([[HXL[name] for name in plain.columns]], columns=plain.columns)
    both = pd.concat([tags, plain], ignore_index=True)
    both.to_csv(file, index=False, lineterminator="\n")


def write_geojson(points: WarmPoints, file: Path) -> None:
    """Write the chosen sites as GeoJSON (RFC 7946).

    Parameters
    ----------
    points
        The warm points.
    file
        Where to.
    """
    table = site_list(points)
    features = [
        {
            "type": "Feature",
            "id": str(row["site_id"]),
            "geometry": {"type": "Point", "coordinates": [float(row["lon"]), float(row["lat"])]},
            "properties": {
                name: _plain(row[name])
                for name in HXL
                if name in row and name not in {"lon", "lat"}
            },
        }
        for row in table.to_dict("records")
    ]
    _write_json({"type": "FeatureCollection", "features": features}, file)


def hsds_of(points: WarmPoints, organization: str) -> dict[str, Any]:
    """Describe the warm points as the Human Services Data Specification 3.0 has it.

    Parameters
    ----------
    points
        The warm points.
    organization
        Who runs them.

    Returns
    -------
    dict
        An organization with one service, open round the clock, at every location. A location
        whose state hasn't been verified says so.
    """
    service: dict[str, Any] = {
        "id": "warm-points",
        "organization_id": "organizer",
        "name": "Warm point",
        "status": "active",
        "schedules": [{"id": "always", "freq": "DAILY", "opens_at": "00:00", "closes_at": "24:00"}],
        "service_at_locations": [],
    }
    for row in site_list(points).to_dict("records"):
        place = str(row["site_id"])
        status = str(row.get("status", "unverified"))
        location: dict[str, Any] = {
            "id": place,
            "location_type": "physical",
            "name": str(row.get("name", place)),
            "latitude": float(row["lat"]),
            "longitude": float(row["lon"]),
            "additional_info": f"places {int(row['capacity'])}; state {status}",
        }
        if "shelter" in row:
            says = "a shelter is inside or next door" if row["shelter"] else "no shelter known"
            location["accessibility"] = [{"id": f"{place}-shelter", "description": says}]
        service["service_at_locations"].append(
            {"id": f"at-{place}", "service_id": "warm-points", "location": location}
        )
    return {"id": "organizer", "name": organization, "services": [service]}


def nss_of(points: WarmPoints) -> pd.DataFrame:
    """List the warm points with the fields of FEMA's National Shelter System.

    Capacity is that at once in all respects; the needs of wheelchair users, accessibility and
    pets aren't recorded by Vatra and say so.

    Parameters
    ----------
    points
        The warm points.
    """
    table = site_list(points)
    count = len(table)
    status = table["status"] if "status" in table else pd.Series(["unverified"] * count)
    backup = points.sites.get("backup_mw", pd.Series(np.zeros(count))).to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "shelter_id": table["site_id"].astype(str),
            "shelter_name": table["name"] if "name" in table else table["site_id"],
            "shelter_status": np.where(status == "open", "OPEN", "CLOSED"),
            "evac_cap": points.sites["capacity"].to_numpy(),
            "post_cap": points.sites["capacity"].to_numpy(),
            "total_population": points.sites["assigned"].to_numpy(),
            "type": table.get("kind", NSS_UNKNOWN),
            "ada": NSS_UNKNOWN,
            "wheel": NSS_UNKNOWN,
            "electric": np.where(backup > 0, "GENERATOR", NSS_UNKNOWN),
            "pet_code": NSS_UNKNOWN,
            "latitude": table["lat"],
            "longitude": table["lon"],
        }
    )


def write_exports(points: WarmPoints, folder: Path, organization: str) -> list[Path]:
    """Write the warm points in every format, and what they use.

    Parameters
    ----------
    points
        The warm points.
    folder
        Where to.
    organization
        Who runs them.

    Returns
    -------
    list[Path]
        ``warm_points.csv`` (HXL), ``.geojson``, ``.hsds.json``, ``.nss.csv``, and
        ``supplies.csv``, ``deliveries.csv``, ``load_by_hour.csv``, ``stages.csv``.
    """
    files = [
        folder / f"warm_points{suffix}" for suffix in (".csv", ".geojson", ".hsds.json", ".nss.csv")
    ]
    write_hxl(points, files[0])
    write_geojson(points, files[1])
    _write_json(hsds_of(points, organization), files[2])
    nss_of(points).to_csv(files[3], index=False, lineterminator="\n")
    load = points.load.copy()
    load.columns = [f"{time:%Y-%m-%dT%H:%MZ}" for time in load.columns]
    for name, table in (
        ("supplies", points.supplies),
        ("deliveries", points.deliveries),
        ("stages", points.stages),
        ("load_by_hour", load.reset_index(names="site_id") if len(load.columns) else load),
    ):
        if len(table):
            file = folder / f"{name}.csv"
            table.to_csv(file, index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%SZ")
            files.append(file)
    return files


def _write_json(content: dict[str, Any], file: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; None for what isn't known."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is None or value != value else value  # noqa: PLR0124 - NaN
