"""Water and sewage: pressure zones, works, pumping stations, catchments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from vatra.city.lifelines.ground import Floats, Ground, Ints, nearest_rows, points_of
from vatra.city.lifelines.partition import apportion, partition, partition_by_bank
from vatra.city.lifelines.references import (
    central_rows,
    fill_reference,
    make_table,
    named_ids,
    number_ids,
    take_ids,
)
from vatra.city.lifelines.setting import Setting
from vatra.city.model import City

DEMAND_M3_DAY = 0.3
"""Water a resident and day, m³: ≈ 0.9 million m³/day over 3 million residents (Kyiv, 2011)."""

STATION_KWH_M3 = 0.22
"""Electricity of a pumping station, kWh/m³: a lift of about 55 m at 68 %; *assumed*."""

WORKS_KWH_M3 = 0.32
"""Electricity of the works, treatment and first lift; *assumed*."""

SEWAGE_KWH_M3 = 0.18
"""Electricity of sewage pumping, kWh/m³; *assumed*."""

_STATION_RESERVE = 1.8  # capacity over mean demand; assumed
_WORKS_RESERVE = 2.2  # ≈ 2 of 0.9 million m³/day (Kyiv, 2011)
_SEWAGE_RESERVE = 2.0  # assumed
_BACKED_WATER = 0.9  # 154 of 170 pump rooms take a generator (Kyiv)
_BACKED_SEWAGE = 0.6  # assumed


def add_water(city: City, setting: Setting, rng: np.random.Generator) -> City:
    """Synthesise water and sewage, and fill the references of blocks, sites and heat sources.

    The feeders of the pumps are left empty.

    Parameters
    ----------
    city
        City with blocks and, if it has any, heat sources.
    setting
        Where things can stand, how many there are, and what is known.
    rng
        Source of randomness.

    Returns
    -------
    City
        With ``water_zones``, ``sewage_zones``, ``pumps``, ``water_zone_id`` and
        ``sewage_zone_id``.
    """
    demand = block_demand_m3_h(city.blocks)
    water = _zones(city, setting, demand, "water_zones", rng)
    sewage = _zones(city, setting, demand, "sewage_zones", rng)
    city = _add_water_zones(city, setting, demand, water, rng)
    city = _add_sewage_zones(city, setting, sewage, rng)
    if "pumps" not in setting.known:
        city = _add_pumps(city, setting, demand, (water, sewage), rng)
    return city


def block_demand_m3_h(blocks: pd.DataFrame) -> Floats:
    """Mean water demand of each block, m³/h."""
    return np.asarray(DEMAND_M3_DAY / 24.0 * blocks["residents"].to_numpy(float))


def _zones(
    city: City, setting: Setting, demand: Floats, table: str, rng: np.random.Generator
) -> Ints:
    """Zone of each block, as row number of a table of zones, known or yet to be made."""
    column = {"water_zones": "water_zone_id", "sewage_zones": "sewage_zone_id"}[table]
    ground, known, scale = setting.ground, setting.known, setting.scale
    count = scale.water_zones if table == "water_zones" else scale.sewage_zones
    count = min(count, len(city.blocks))
    if table not in known and "pumps" not in known:
        return partition_by_bank(ground.xy, demand, ground.bank, count, rng=rng, spread=0.4)
    pumps = city.pumps[city.pumps[column].notna()]
    ids = getattr(city, table).index if table in known else named_ids(pumps[column])
    if not len(ids):
        if table in known:
            return np.full(len(city.blocks), -1, dtype=np.int64)
        return partition_by_bank(ground.xy, demand, ground.bank, count, rng=rng, spread=0.4)
    zone = np.asarray(ids.get_indexer(city.blocks[column]), dtype=np.int64)
    lost = np.flatnonzero(zone < 0)
    if "pumps" in known and len(pumps):
        near = nearest_rows(points_of(pumps), ground.xy[lost])
        zone[lost] = ids.get_indexer(pumps[column])[near]
    elif lost.size < len(zone):
        zone[lost] = zone[ground.nearest(ground.xy[lost], np.flatnonzero(zone >= 0))[0]]
    else:
        zone = partition(ground.xy, demand, np.ones(len(ids)))
    return zone


def _zone_ids(
    city: City, table: str, prefix: str, zone: Ints, known: frozenset[str]
) -> pd.Index[str]:
    column = {"water_zones": "water_zone_id", "sewage_zones": "sewage_zone_id"}[table]
    if "pumps" in known:
        ids = named_ids(city.pumps[column])
        if len(ids):
            return ids
    return number_ids(prefix, int(zone.max(initial=-1)) + 1)


def _add_water_zones(
    city: City, setting: Setting, demand: Floats, zone: Ints, rng: np.random.Generator
) -> City:
    ground, known = setting.ground, setting.known
    if "water_zones" in known:
        zones = city.water_zones
    else:
        ids = _zone_ids(city, "water_zones", "WZ", zone, known)
        count = len(ids)
        need = np.bincount(zone[zone >= 0], weights=demand[zone >= 0], minlength=count)
        columns = {
            "name": [f"Water zone {n}" for n in range(1, count + 1)],
            "demand_m3_h": need,
            "tank_m3": np.round(need * rng.uniform(3.0, 9.0, count)),
            "gravity_floors": rng.choice([4, 5, 6], count, p=[0.2, 0.6, 0.2]),
        }
        zones = make_table("water_zones", ids, columns, city.about.crs)
    keep = "water_zones" in known
    blocks, sites, sources = city.blocks.copy(), city.sites.copy(), city.heat_sources.copy()
    blocks["water_zone_id"] = fill_reference(
        blocks["water_zone_id"], zones, take_ids(zones.index, zone), keep=keep
    )
    stay = {"heat_sources", "water_zones"} <= known
    for table in (sites,) if stay else (sites, sources):
        if len(table):
            found = take_ids(zones.index, zone[ground.nearest(points_of(table))[0]])
            table["water_zone_id"] = fill_reference(table["water_zone_id"], zones, found, keep=keep)
    return city.with_tables(water_zones=zones, blocks=blocks, sites=sites, heat_sources=sources)


def _add_sewage_zones(city: City, setting: Setting, zone: Ints, rng: np.random.Generator) -> City:
    known = setting.known
    if "sewage_zones" in known:
        zones = city.sewage_zones
    else:
        ids = _zone_ids(city, "sewage_zones", "SZ", zone, known)
        count = len(ids)
        buffer = np.clip(np.exp(rng.normal(np.log(4.0), 0.4, count)), 1.5, 10.0)
        columns = {
            "name": [f"Catchment {n}" for n in range(1, count + 1)],
            "buffer_h": np.round(buffer * 2) / 2,
        }
        zones = make_table("sewage_zones", ids, columns, city.about.crs)
    blocks = city.blocks.copy()
    blocks["sewage_zone_id"] = fill_reference(
        blocks["sewage_zone_id"], zones, take_ids(zones.index, zone), keep="sewage_zones" in known
    )
    return city.with_tables(sewage_zones=zones, blocks=blocks)


def _add_pumps(
    city: City, setting: Setting, demand: Floats, zones: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> City:  # fmt: skip
    ground, scale = setting.ground, setting.scale
    water, sewage = zones
    need = city.water_zones["demand_m3_h"].to_numpy(float)
    works_xy = ground.on_land(_works_places(ground, demand, scale.water_works, rng))
    share = rng.dirichlet(np.full(len(works_xy), 30.0))
    works = pd.DataFrame(
        {
            "name": [f"Water works {n}" for n in range(1, len(works_xy) + 1)],
            "kind": "water_works",
            "capacity_m3_h": _WORKS_RESERVE * need.sum() * share,
            "kwh_m3": WORKS_KWH_M3,
            "x": works_xy[:, 0],
            "y": works_xy[:, 1],
        }
    )
    stations = _stations(ground, demand, water, apportion(need, scale.pump_rooms, 1), rng)
    stations["name"] = [f"Pumping station {n}" for n in range(1, len(stations) + 1)]
    stations["kind"] = "water"
    stations["water_zone_id"] = take_ids(city.water_zones.index, stations["zone"].to_numpy())
    stations["capacity_m3_h"] *= _STATION_RESERVE
    stations["kwh_m3"] = STATION_KWH_M3
    flow = np.bincount(
        sewage[sewage >= 0], weights=demand[sewage >= 0], minlength=len(city.sewage_zones)
    ).astype(float)
    lifts = _stations(ground, demand, sewage, apportion(flow, scale.sewage_pumps, 1), rng)
    lifts["name"] = [f"Sewage station {n}" for n in range(1, len(lifts) + 1)]
    lifts["kind"] = "sewage"
    lifts["sewage_zone_id"] = take_ids(city.sewage_zones.index, lifts["zone"].to_numpy())
    lifts["capacity_m3_h"] *= _SEWAGE_RESERVE
    lifts["kwh_m3"] = SEWAGE_KWH_M3
    all_ = pd.concat([works, stations, lifts], ignore_index=True)
    kind = all_["kind"].to_numpy()
    electric = 1e-3 * (all_["capacity_m3_h"] * all_["kwh_m3"]).to_numpy(float)
    odds = np.select([kind == "water", kind == "sewage"], [_BACKED_WATER, _BACKED_SEWAGE], 0.0)
    backed = _exact_share(kind, odds, rng)
    fuel = np.clip(np.exp(rng.normal(np.log(12.0), 0.5, len(all_))), 4.0, 72.0)
    ids = [
        *number_ids("WW", len(works)), *number_ids("WP", len(stations)),
        *number_ids("SP", len(lifts)),
    ]  # fmt: skip
    columns = {
        "name": all_["name"].to_numpy(),
        "kind": kind,
        "water_zone_id": _or_none(all_, "water_zone_id"),
        "sewage_zone_id": _or_none(all_, "sewage_zone_id"),
        "capacity_m3_h": all_["capacity_m3_h"].to_numpy(),
        "electric_mw": electric,
        "backup_mw": np.where(backed, electric, 0.0),
        "backup_fuel_h": np.where(backed, np.round(fuel), 0.0),
    }
    xy = all_[["x", "y"]].to_numpy(float)
    return city.with_tables(pumps=make_table("pumps", pd.Index(ids), columns, city.about.crs, xy))


def _or_none(frame: pd.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    values = frame[column] if column in frame else pd.Series(None, index=frame.index)
    return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)


def _exact_share(
    kind: np.ndarray[tuple[int], np.dtype[np.object_]], odds: Floats, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Draw rows so that of each kind its share is met, to the nearest whole row."""
    drawn = np.zeros(len(kind), dtype=bool)
    for name in ("water", "sewage"):
        rows = rng.permutation(np.flatnonzero(kind == name))
        if rows.size:
            drawn[rows[: round(float(odds[rows[0]]) * rows.size)]] = True
    return drawn


def _stations(
    ground: Ground, demand: Floats, zone: Ints, each: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Place one or more stations in each zone, each in the middle of its part."""
    need = np.bincount(zone[zone >= 0], weights=demand[zone >= 0], minlength=len(each))
    rows: list[int] = []
    of: list[int] = []
    part_need: list[float] = []
    for z, stations in enumerate(each):
        here = np.flatnonzero(zone == z)
        if not here.size:
            here = np.arange(len(zone))
        part = partition(ground.xy[here], demand[here], np.ones(min(int(stations), here.size)))
        parts = int(part.max()) + 1
        rows.extend(here[central_rows(ground.xy[here], demand[here], part, parts)])
        of.extend([z] * parts)
        part_need.extend([need[z] / parts] * parts)
    xy = ground.near(np.array(rows, dtype=np.int64), 90.0, rng)
    flow = np.maximum(np.array(part_need, dtype=float), 0.05)
    zone_row = np.array(of, dtype=np.int64)
    return pd.DataFrame({"zone": zone_row, "capacity_m3_h": flow, "x": xy[:, 0], "y": xy[:, 1]})


def _works_places(ground: Ground, demand: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Places for water works: on the shore of the largest water, else at the city's edge."""
    centre = np.average(ground.xy, axis=0, weights=demand + 1e-9)
    reach = np.quantile(np.linalg.norm(ground.xy - centre, axis=1), 0.8) + 300.0
    shore = np.zeros((0, 2))
    if len(ground.water):
        largest = ground.water[int(np.argmax(shapely.area(ground.water)))]
        shore = shapely.get_coordinates(shapely.segmentize(largest.boundary, 200.0))
        shore = shore[np.linalg.norm(shore - centre, axis=1) <= reach]
    places = shore if len(shore) >= count else ground.xy
    # Upstream is not known: take the places farthest from the middle and from each other.
    away = np.linalg.norm(places - centre, axis=1) * rng.uniform(0.9, 1.0, len(places))
    chosen = [int(np.argmax(away))]
    while len(chosen) < min(count, len(places)):
        gaps = np.linalg.norm(places[:, None] - places[None, chosen], axis=2).min(axis=1)
        chosen.append(int(np.argmax(np.minimum(gaps, 2 * away))))
    return np.asarray(places[chosen])
