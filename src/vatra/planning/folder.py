"""A plan as a folder: manifest, schedule, outlook, map layers, and what publishers add."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import xarray as xr

from vatra import __version__
from vatra.blackouts import schedule_table
from vatra.city.schema import TABLE
from vatra.planning.model import Plan
from vatra.problems import InputError, Problem

MANIFEST = "plan.json"

Publisher = Callable[[Plan, Path], Sequence[Path]]


def write_plan(plan: Plan, folder: Path | str, *, publishers: Sequence[Publisher] = ()) -> Path:
    """Write a plan as a folder, whole or not at all.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where to; a plan that is there is replaced, anything else is left alone.
    publishers
        Called with the plan and the folder that is being written, to add their files to it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something that isn't a plan.
    """
    folder = Path(folder)
    check_plan_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    draft.chmod(0o755)
    try:
        _write_schedule(plan, draft)
        _outlook_dataset(plan).to_netcdf(draft / "outlook.nc", engine="h5netcdf")
        _write_layers(plan, draft / "plan.gpkg")
        for publisher in publishers:
            publisher(plan, draft)
        _write_manifest(plan, draft)
        _replace(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def check_plan_folder(folder: Path) -> None:
    """Refuse a place for a plan that holds something else.

    Parameters
    ----------
    folder
        Where a plan is to be written.

    Raises
    ------
    InputError
        If it is a file, or a folder with something in it that isn't a plan.
    """
    if folder.is_dir():
        if (folder / MANIFEST).is_file() or not any(folder.iterdir()):
            return
        reason = "the folder holds something that isn't a plan"
    elif folder.exists():
        reason = "it is a file, not a folder"
    else:
        return
    raise InputError(str(folder), [Problem("--out", str(folder), reason, "name another folder")])


def content_hash(plan: Plan) -> str:
    """Return the SHA-256 of what a plan says: the same input gives the same hash.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    str
        Hexadecimal digest over the city's tables, the situation and all stages; not over the
        times that the stages took.
    """
    digest = hashlib.sha256()

    def add(name: str, array: Any) -> None:
        values = np.ascontiguousarray(array)
        digest.update(f"{name}{values.dtype.str}{values.shape}".encode())
        digest.update(values.tobytes())

    for name, table in plan.city.tables().items():
        add(name, pd.util.hash_pandas_object(_plain(table)).to_numpy())
    situation = plan.situation
    digest.update(repr((situation.name, situation.grid, situation.damage, situation.claims,
                        situation.basis, sorted(situation.rules.items()))).encode())  # fmt: skip
    add("limit", situation.limit_mw)
    add("queues", situation.queues_off)
    add("outdoor", situation.weather.outdoor_c)
    for area in situation.area_limits:
        add(area.area, area.limit_mw)
    add("state", plan.schedule.state)
    add("load", np.round(plan.schedule.load_mw, 6))
    add("indoor", plan.outlook.homes.indoor_c)
    for name, table in (("sites", plan.warm_points.sites), ("served", plan.warm_points.blocks),
                        ("groups", plan.relocation.groups)):  # fmt: skip
        add(name, pd.util.hash_pandas_object(_plain(table)).to_numpy())
    return digest.hexdigest()


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name:
        plain = pd.DataFrame(table.drop(columns=table.active_geometry_name))
        plain["wkb"] = table.geometry.to_wkb(hex=True)
        return plain
    return table


def _write_schedule(plan: Plan, draft: Path) -> None:
    table = schedule_table(plan.schedule)
    table.to_parquet(draft / "schedule.parquet", index=False)
    shown = table.copy()
    for column in ("start", "end"):
        shown[column] = shown[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    shown.to_csv(draft / "schedule.csv", index=False, lineterminator="\n")


def _outlook_dataset(plan: Plan) -> xr.Dataset:
    services, homes = plan.outlook.services, plan.outlook.homes
    times = plan.situation.grid.times.tz_localize(None)
    data = xr.Dataset(
        {
            "feeder_live": (("feeder", "slot"), services.feeder_live.astype("i1")),
            "heat_share": (("heat_zone", "slot"), services.heat_share.astype("f4")),
            "water_share": (("water_zone", "slot"), services.water_share.astype("f4")),
            "sewage_ok": (("sewage_zone", "slot"), services.sewage_ok.astype("i1")),
            "block_power": (("block", "slot"), services.block_power.astype("i1")),
            "block_heat": (("block", "slot"), services.block_heat),
            "block_water": (("block", "slot"), services.block_water),
            "indoor_c": (("block", "slot"), homes.indoor_c, {"units": "degC"}),
            "load_mw": (("feeder", "slot"), plan.schedule.load_mw.astype("f4"), {"units": "MW"}),
            "people": (("measure", "slot"), plan.outlook.people.to_numpy().T.astype("f8")),
        },
        coords={
            "slot": times,
            "feeder": plan.city.feeders.index.to_numpy(dtype="U"),
            "block": plan.city.blocks.index.to_numpy(dtype="U"),
            "heat_zone": plan.city.heat_zones.index.to_numpy(dtype="U"),
            "water_zone": plan.city.water_zones.index.to_numpy(dtype="U"),
            "sewage_zone": plan.city.sewage_zones.index.to_numpy(dtype="U"),
            "measure": plan.outlook.people.columns.to_numpy(dtype="U"),
        },
        attrs={
            "title": f"What works where and when: {plan.situation.name}",
            "time": "start of each half-hour slot, UTC",
            "basis": plan.situation.basis,
            "source": f"Vatra {__version__}",
        },
    )
    for name in data.data_vars:
        if data[name].size:
            data[name].encoding = {"zlib": True, "complevel": 1}
    return data


def _write_layers(plan: Plan, path: Path) -> None:
    """Write the layers that a map shows: blocks, feeders, warm points, who is left."""
    homes = plan.outlook.homes
    dark = ~plan.outlook.services.block_power
    blocks = plan.city.blocks[["district_id", "residents", "feeder_id", "geometry"]].copy()
    blocks["dark_h"] = dark.sum(axis=1) * 0.5
    blocks["lowest_indoor_c"] = homes.indoor_c.min(axis=1).round(1)
    blocks = blocks.join(plan.warm_points.blocks)
    feeders = plan.city.feeders[["substation_id", "queue", "customers", "geometry"]].copy()
    feeders["dark_h"] = (~plan.schedule.lit).sum(axis=1) * 0.5
    districts = plan.city.districts[["name", "name_uk", "geometry"]].copy()
    people = plan.relocation.groups.groupby("district_id")["people"].sum()
    districts["people_to_relocate"] = people.reindex(districts.index).fillna(0).astype("int64")
    layers = {
        "blocks": blocks,
        "feeders": feeders,
        "warm_points": plan.warm_points.sites,
        "districts": districts,
    }
    # GeoPackage stamps itself with the time of writing: the situation's start instead, so that
    # the same plan gives the same bytes.
    stamp = plan.situation.grid.start.strftime("%Y-%m-%dT%H:%M:%SZ")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        for name, layer in layers.items():
            _flat(layer).to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _flat(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the index a column, and times text, as GeoPackage readers expect."""
    flat = layer.reset_index()
    for column in flat.columns:
        if isinstance(flat[column].dtype, pd.DatetimeTZDtype):
            flat[column] = flat[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return flat


def summary_of(plan: Plan) -> dict[str, Any]:
    """Return the figures of a plan that people ask for first, for machines.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        Plain values, units in their names.
    """
    certificate = plan.schedule.certificate
    people = plan.outlook.people
    return {
        "city": plan.city.about.name,
        "residents": plan.city.residents,
        "situation": plan.situation.name,
        "basis": plan.situation.basis,
        "start": plan.situation.grid.start.isoformat(),
        "hours": plan.situation.grid.slots * 0.5,
        "wanted_mw_max": round(float(plan.demand.total_mw.max()), 1),
        "served_mw_max": round(float(plan.schedule.served_mw.max()), 1),
        "unserved_mwh": round(certificate.unserved_mwh, 1),
        "unserved_bound_mwh": round(certificate.unserved_bound_mwh, 1),
        "unserved_ratio": round(certificate.unserved_ratio, 4),
        "limit_excess_mw": round(certificate.limit_excess_mw, 3),
        "dark_h_range": certificate.dark_h_range,
        "longest_dark_h": certificate.longest_dark_h,
        "rules_not_kept": [
            {"rule": v.rule, "subject": v.subject, "reason": v.reason, "relaxation": v.relaxation}
            for v in certificate.violations
        ],
        "loop": {"settled": plan.settled, "rounds": len(plan.rounds)},
        "people_most": {name: int(people[name].max()) for name in people.columns},
        "warm_points": {
            "sites": len(plan.warm_points.sites),
            "need": plan.warm_points.need,
            "reached": plan.warm_points.reached,
            "reached_bound": plan.warm_points.reached_bound,
            "served": plan.warm_points.served,
            "served_bound": plan.warm_points.served_bound,
        },
        "relocation": {
            "people": plan.relocation.people,
            "vulnerable": plan.relocation.vulnerable,
        },
    }


def _write_manifest(plan: Plan, draft: Path) -> None:
    about = plan.city.about
    files = {
        str(path.relative_to(draft)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(draft.rglob("*"))
        if path.is_file()
    }
    situation = plan.situation
    manifest = {
        "vatra": __version__,
        "content_hash": content_hash(plan),
        "summary": summary_of(plan),
        "bound_method": plan.schedule.certificate.bound_method,
        "claims": [
            {
                "id": claim.claim_id,
                "text": claim.text,
                "source": claim.source,
                "basis": claim.basis,
                "as_of": claim.as_of.isoformat() if claim.as_of is not None else None,
            }
            for claim in situation.claims
        ],
        "cited": {name: list(ids) for name, ids in sorted(situation.cited.items())},
        "assumed": {
            "tables": assumed_rows(plan),
            "statements": [{"what": a.what, "source": a.source} for a in about.assumptions],
        },
        "files": files,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str)
    (draft / MANIFEST).write_text(text + "\n", encoding="utf-8")


def assumed_rows(plan: Plan) -> dict[str, int]:
    """Return how many rows of each table are synthesised, not known.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict[str, int]
        Rows by table; tables with none are left out.
    """
    counts = {
        name: int(table["assumed"].sum())
        for name, table in plan.city.tables().items()
        if "assumed" in TABLE[name].column and len(table)
    }
    return {name: count for name, count in counts.items() if count}


def _replace(draft: Path, folder: Path) -> None:
    """Put the draft in the folder's place, keeping what was there until it is."""
    if not folder.exists():
        draft.rename(folder)
        return
    old = folder.with_name(f".{folder.name}-replaced")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
