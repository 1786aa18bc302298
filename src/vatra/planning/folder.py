"""A plan as a folder: manifest, schedule, outlook, map layers, and what publishers add."""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import h5netcdf
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xarray as xr

from vatra import __version__
from vatra.blackouts import State, schedule_table
from vatra.folders import MAKE_ROOM, draft_folder
from vatra.networks.heat_state import HeatState
from vatra.planning.answers import draining
from vatra.planning.model import Plan
from vatra.planning.place import MANIFEST, PLAN
from vatra.problems import InputError, Problem
from vatra.relocation import MovePlan
from vatra.situation.timegrid import SLOT_H

ANSWERED = (
    "hours_to_16", "hours_to_12", "hours_to_8", "hours_to_5", "degree_hours_18",
    "hours_to_freezing", "drain_by_h", "drained_h",
)  # fmt: skip
"""Answers of homes that the map layer of blocks holds."""

Publisher = Callable[[Plan, Path], Sequence[Path]]


def write_plan(plan: Plan, folder: Path | str, *, publishers: Sequence[Publisher] = ()) -> Path:
    """Write a plan as a folder, whole or not at all.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where to; a plan that is there is replaced, files of the user's beside it are kept,
        anything else is left alone.
    publishers
        Called with the plan and the folder that is being written, to add their files to it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something that isn't a plan, or can't be written.
    """
    try:
        with draft_folder(folder, PLAN) as draft:
            _write_schedule(plan, draft)
            _write_outlook(plan, draft / "outlook.nc")
            _write_layers(plan, draft / "plan.gpkg")
            _write_leaving(plan, draft)
            for publisher in publishers:
                publisher(plan, draft)
            _write_manifest(plan, draft)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        problem = Problem("--out", str(folder), f"can't be written ({error})", MAKE_ROOM)
        raise InputError(str(folder), [problem]) from error
    return Path(folder)


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

    def add_table(name: str, table: pd.DataFrame) -> None:
        plain = _plain(table)
        add(f"{name}{list(plain.columns)}", pd.util.hash_pandas_object(plain).to_numpy())

    models = (plan.city.water_inp, plan.city.power_model)
    digest.update(repr((plan.city.about, *models)).encode())
    for name, table in plan.city.tables().items():
        add_table(name, table)
    situation = plan.situation
    digest.update(repr((situation.name, situation.name_uk, situation.grid, situation.damage,
                        situation.crews, situation.claims, sorted(situation.cited.items()),
                        situation.basis, sorted(situation.rules.items()))).encode())  # fmt: skip
    add("limit", situation.limit_mw)
    add("queues", situation.queues_off)
    add("outdoor", situation.weather.outdoor_c)
    add("wind", situation.weather.wind_m_s)
    add("solar", situation.weather.solar_w_m2)
    for area in situation.area_limits:
        add(area.area, area.limit_mw)
        if area.queues_off is not None:
            add(f"queues {area.area}", area.queues_off)
    add("state", plan.schedule.state)
    add("load", np.round(plan.schedule.load_mw, 6))
    add("indoor", plan.outlook.homes.indoor_c)
    for name, table in (("sites", plan.warm_points.sites), ("served", plan.warm_points.blocks),
                        ("groups", plan.relocation.groups)):  # fmt: skip
        add_table(name, table)
    for moves in (plan.relocation.some, plan.relocation.everyone):
        if moves is not None:
            add_table("departures", moves.departures)
    return digest.hexdigest()


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name:
        plain = pd.DataFrame(table.drop(columns=table.active_geometry_name))
        # GeoPackage makes multi-part types of all shapes: one part counts as itself.
        shapes = table.geometry.to_numpy()
        one = shapely.get_num_geometries(shapes) == 1
        plain["wkb"] = shapely.to_wkb(
            np.where(one, shapely.get_geometry(shapes, 0), shapes), hex=True
        )
        return plain
    return table


def _write_schedule(plan: Plan, draft: Path) -> None:
    table = schedule_table(plan.schedule)
    table.to_parquet(draft / "schedule.parquet", index=False)
    shown = table.copy()
    for column in ("start", "end"):
        shown[column] = shown[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    shown.to_csv(draft / "schedule.csv", index=False, lineterminator="\n")


def _write_outlook(plan: Plan, path: Path) -> None:
    # Through memory: HDF5 takes the process down with it when a disk fills up under an open file.
    content = io.BytesIO()
    with h5netcdf.File(content, "w") as file:
        _outlook_dataset(plan).dump_to_store(xr.backends.H5NetCDFStore(file))
    path.write_bytes(content.getbuffer())


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
            **_water_data(plan),
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


def _water_data(plan: Plan) -> dict[str, Any]:
    """Pressure by zone, people without water by floor, and what sewage does."""
    data: dict[str, Any] = {}
    services = plan.outlook.services
    if services.water is not None:
        metres = {"units": "m", "about": f"head above the ground; by {services.water.method}"}
        pressure = services.water.pressure_m.astype("f4")
        data["water_pressure_m"] = (("water_zone", "slot"), pressure, metres)
        dry = plan.outlook.dry_by_floor
        data["no_water_by_floor"] = (("floors", "slot"), dry.to_numpy().T.astype("f8"))
        data["floors"] = (("floors",), dry.columns.to_numpy(dtype="U"))
    if services.sewage is not None:
        left = services.sewage.left_h.astype("f4")
        data["sewage_left_h"] = (("sewage_zone", "slot"), left, {"units": "h"})
        over = services.sewage.overflow_m3.astype("f4")
        data["sewage_overflow_m3"] = (("sewage_zone", "slot"), over, {"units": "m3"})
    return data


def _write_layers(plan: Plan, path: Path) -> None:
    """Write the layers that a map shows: blocks, feeders, warm points, who is left."""
    homes = plan.outlook.homes
    dark = ~plan.outlook.services.block_power
    blocks = plan.city.blocks[["district_id", "residents", "feeder_id", "geometry"]].copy()
    blocks["dark_h"] = dark.sum(axis=1) * SLOT_H
    blocks["lowest_indoor_c"] = homes.indoor_c.min(axis=1).round(1)
    answers = plan.outlook.answers
    for name in ANSWERED if len(answers) else ():
        # GeoPackage has no word for «never»: it is left empty.
        hours = answers[name].round(1)
        blocks[name] = hours.where(np.isfinite(hours))
    water = plan.outlook.services.block_heat_state
    if water is not None and water.shape[1]:
        blocks["heat_state"] = [HeatState(state).name.lower() for state in water[:, -1]]
    blocks = blocks.join(plan.warm_points.blocks)
    feeders = plan.city.feeders[["substation_id", "queue", "customers", "geometry"]].copy()
    feeders["dark_h"] = (~plan.schedule.lit).sum(axis=1) * SLOT_H
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
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        for name, layer in layers.items():
            _flat(layer).to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_leaving(plan: Plan, draft: Path) -> None:
    """Write who can't stay, by block; where ways out are known, who leaves when and from where."""
    moved = plan.relocation
    tables = {"leaving.csv": moved.blocks}
    moves = [m for m in (moved.some, moved.everyone) if m is not None]
    if moves:
        table = pd.concat([m.departures.assign(plan=m.name) for m in moves], ignore_index=True)
        first = ["plan", "district_id", "time", "tier", "by", "people"]
        tables["departures.csv"] = table[first]
        tables["pickups.csv"] = moved.pickups.reset_index()
    for name, table in tables.items():
        shown = table.copy()
        for column in shown.columns:
            if isinstance(shown[column].dtype, pd.DatetimeTZDtype):
                shown[column] = shown[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        shown.to_csv(draft / name, index=False, lineterminator="\n")


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
        Plain values, units in their names; None where a figure has no value.
    """
    certificate = plan.schedule.certificate
    people = plan.outlook.people
    damaged = plan.schedule.state == State.DAMAGED
    return {
        "city": plan.city.about.name,
        "residents": plan.city.residents,
        "situation": plan.situation.name,
        "basis": plan.situation.basis,
        "start": plan.situation.grid.start.isoformat(),
        "hours": plan.situation.grid.slots * SLOT_H,
        "time_zone": plan.situation.grid.time_zone,
        "wanted_mw_max": _number(plan.demand.total_mw.max()),
        "served_mw_max": _number(plan.schedule.served_mw.max()),
        "unserved_mwh": _number(certificate.unserved_mwh),
        "unserved_bound_mwh": _number(certificate.unserved_bound_mwh),
        "unserved_ratio": _number(certificate.unserved_ratio, 4),
        "without_supply_mwh": _number(plan.demand.load_mw[damaged].sum() * SLOT_H),
        "limit_excess_mw": _number(certificate.limit_excess_mw, 6),
        "dark_h_range": _number(certificate.dark_h_range),
        "longest_dark_h": _number(certificate.longest_dark_h),
        "rules_not_kept": [
            {"rule": v.rule, "subject": v.subject, "reason": v.reason, "relaxation": v.relaxation}
            for v in certificate.violations
        ],
        "loop": {"settled": plan.settled, "rounds": len(plan.rounds)},
        "balances": [
            {
                "network": b.name,
                "method": b.method,
                "unit": b.unit,
                "supplied": _number(b.supplied, 1),
                "delivered": _number(b.delivered, 1),
                "stored": _number(b.stored, 1),
                "lost": _number(b.lost, 1),
                "error_share": _number(b.error_share, 9),
            }
            for b in plan.balances
        ],
        "power_network": None if plan.power is None else _rounded(plan.power.figures()),
        "restoration": _restoration(plan),
        "water": _water_summary(plan),
        "people_most": {name: int(people[name].max()) for name in people.columns},
        "people_most_range": _below_range(plan),
        "pipes": _pipes(plan),
        "warm_points": {
            "sites": len(plan.warm_points.sites),
            "need": plan.warm_points.need,
            "reached": plan.warm_points.reached,
            "reached_bound": plan.warm_points.reached_bound,
            "served": plan.warm_points.served,
            "served_bound": plan.warm_points.served_bound,
            "in_turns": plan.warm_points.in_turns,
            "in_turns_bound": plan.warm_points.in_turns_bound,
            "vulnerable_left": plan.warm_points.vulnerable_left,
            "vulnerable_left_bound": plan.warm_points.vulnerable_left_bound,
            "gap": _number(plan.warm_points.gap, 4),
            "sites_for_all": plan.warm_points.sites_for_all,
            "sites_for_all_in_turns": plan.warm_points.sites_for_all_in_turns,
        },
        "relocation": {
            "people": plan.relocation.people,
            "vulnerable": plan.relocation.vulnerable,
            "clearance_h": _clearance(plan.relocation.some),
            "whole_city_clearance_h": _clearance(plan.relocation.everyone),
        },
    }


def _restoration(plan: Plan) -> dict[str, Any] | None:
    """Return the order of repairs for machines."""
    found = plan.restoration
    if found is None:
        return None
    gained = {"gained": found.gained, "simulated": found.simulated}
    return {
        "people_hours": _number(found.people_hours, 0),
        "without_repairs": _number(found.without, 0),
        "bound": _number(found.bound, 0),
        "gap": _number(found.gap, 4),
        **{name: {k: _number(v, 0) for k, v in of.items()} for name, of in gained.items()},
        "power_holds": found.power_holds,
        "order": _rounded_rows(found.order),
        "not_done": _rounded_rows(found.not_done),
    }


def _rounded_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [_rounded(row) for row in table.to_dict("records")]


def _rounded(value: Any) -> Any:
    """Round every figure in a nest of plain values."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return _number(value, 4) if isinstance(value, float) else value


def _clearance(moves: MovePlan | None) -> dict[str, float | None] | None:
    """Return how long a plan to leave takes, and how long any takes at least."""
    if moves is None:
        return None
    return {"plan_h": _number(moves.clearance_h), "bound_h": _number(moves.clearance_bound_h)}


def _below_range(plan: Plan) -> dict[str, list[int]] | None:
    """Return fewest and most people below each temperature at worst, by the mass of buildings."""
    span = plan.outlook.below_range
    if span is None:
        return None
    below = plan.outlook.homes.people_below
    return {f"below_{c:g}": [int(end[i].max(initial=0)) for end in span]
            for i, c in enumerate(below.index)}  # fmt: skip


def _pipes(plan: Plan) -> dict[str, float | None] | None:
    """Return the people whose heating pipes stand, freeze or are drained, for machines."""
    if not len(plan.outlook.answers):
        return None
    found = draining(plan.city, plan.outlook)
    return {name: _number(value, 1) for name, value in found.items()}


def _water_summary(plan: Plan) -> dict[str, Any] | None:
    services = plan.outlook.services
    if services.water is None:
        return None
    water, sewage = services.water, services.sewage
    dry = plan.outlook.dry_by_floor
    return {
        "method": water.method,
        "reason_not_epanet": water.reason or None,
        "detail": water.detail or None,
        "pumps_of_unknown_feeder": len(water.always_on),
        "zones_outside_the_model": len(water.without_nodes),
        "no_water_most_by_floor": {name: int(dry[name].max()) for name in dry.columns},
        "sewage_overflow_m3": _number(sewage.overflow_m3.sum(), 1) if sewage else None,
        "sewage_zones_overflowing": int((sewage.first_overflow >= 0).sum()) if sewage else None,
    }


def _number(value: float, digits: int = 3) -> float | None:
    """Round a figure; JSON has no word for what isn't finite."""
    return round(float(value), digits) if math.isfinite(value) else None


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
            "tables": {name: count for name, (count, _) in assumed_rows(plan).items()},
            "statements": [{"what": a.what, "source": a.source} for a in about.assumptions],
        },
        "files": files,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
    (draft / MANIFEST).write_text(text + "\n", encoding="utf-8")


def assumed_rows(plan: Plan) -> dict[str, tuple[int, int]]:
    """Return how many rows of each table are synthesised, not known, and of how many.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict[str, tuple[int, int]]
        Assumed rows and all rows, by table; tables with none assumed are left out.
    """
    counts = {
        name: (int(table["assumed"].astype(bool).sum()), len(table))
        for name, table in plan.city.tables().items()
        if "assumed" in table
    }
    return {name: count for name, count in counts.items() if count[0]}
