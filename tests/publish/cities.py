"""A small made-up city and a plan for it, with plausible values and no model behind them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, box

from vatra.blackouts.model import Certificate, Schedule, State, Violation
from vatra.city.model import About, Assumption, City, empty_table
from vatra.demand.model import Demand
from vatra.homes.model import THRESHOLDS_C, HomesOutlook
from vatra.networks.model import Outlook, Services
from vatra.planning.model import LoopRound, Plan
from vatra.relocation.model import Relocation
from vatra.situation.model import Claim, Damage, Situation, Weather
from vatra.situation.timegrid import TimeGrid
from vatra.warm_points.model import WarmPoints

CRS = "EPSG:32636"
SIDE = 14
QUEUES = ("1.1", "1.2", "2.1", "2.2", "3.1", "3.2")
NAMES = (("Upper Town", "Горішнє місто"), ("Harbour", "Гавань"), ("Mills", "Млини"),
         ("Left Bank", "Лівобережжя"))  # fmt: skip


def frame(name: str, rows: dict[str, Any], geometry: Any = None) -> Any:
    data = pd.DataFrame(rows)
    key = data.columns[0]
    data = data.set_index(key)
    data.index = data.index.astype(object)
    if geometry is None:
        return data
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(list(geometry), index=data.index, crs=CRS))


def small_city(*, prefix: str = "", networks: bool = True, sites: int = 24) -> City:
    """196 blocks on a grid, 12 feeders in 6 queues, a river down the middle."""
    rng = np.random.default_rng(7)
    n = SIDE * SIDE
    x, y = (v.ravel() * 300.0 for v in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    x += np.where(x > 2000, 500.0, 0.0)
    east, north = x > 2000, y > 2000
    district = np.where(east, np.where(north, "D1", "D3"), np.where(north, "D0", "D2"))
    wide = 14 * 300 + 500
    districts = [box(-200, 2100, 2200, 4200), box(2200, 2100, wide, 4200),
                 box(-200, -200, 2200, 2100), box(2200, -200, wide, 2100)]  # fmt: skip
    feeders = 14
    blocks = frame(
        "blocks",
        {
            "block_id": [f"{prefix}B{i}" for i in range(n)],
            "district_id": district,
            "archetype": "panel_9",
            "floors": 9,
            "dwellings": 180,
            "floor_area_m2": 9000.0,
            "residents": rng.integers(200, 800, n),
            "displaced": 20, "infants": 10, "elderly": 60, "disabled": 20,
            "heating": "district",
            "pumped_heat": True,
            "gas_stove": False,
            "feeder_id": [f"F{i % feeders}" for i in range(n)],
            "heat_zone_id": np.where(east, "H1", "H0") if networks else None,
            "water_zone_id": "W0" if networks else None,
            "sewage_zone_id": "S0" if networks else None,
            "assumed": True,
        },
        [Point(a, b) for a, b in zip(x, y, strict=True)],
    )  # fmt: skip
    streets = [LineString([(i * 300 - 150, -150), (i * 300 - 150, 4050)]) for i in range(15)]
    streets += [LineString([(-150, i * 300 - 150), (wide - 150, i * 300 - 150)]) for i in range(15)]
    rank = ["primary" if i % 7 == 0 else "secondary" if i % 7 == 3 else "residential"
            for i in range(30)]  # fmt: skip
    point = Point(0, 0)
    tables: dict[str, Any] = {}
    if networks:
        tables = {
            "heat_zones": frame("heat_zones", {
                "heat_zone_id": ["H0", "H1"], "name": [f"{prefix}Right bank", ""],
                "design_mw": [120.0, 90.0], "assumed": [True, True]}),
            "heat_sources": frame("heat_sources", {
                "heat_source_id": ["HS0", "HS1"], "name": [f"{prefix}Plant", "Boilers"],
                "kind": ["chp", "boiler_house"], "heat_zone_id": ["H0", "H1"],
                "capacity_mw": [150.0, 100.0], "electric_mw": [2.0, 1.0],
                "feeder_id": ["F0", "F1"], "water_zone_id": ["W0", "W0"],
                "backup_mw": 0.0, "backup_fuel_h": 0.0, "assumed": True}, [point, point]),
            "water_zones": frame("water_zones", {
                "water_zone_id": ["W0"], "name": ["Whole city"], "demand_m3_h": [900.0],
                "tank_m3": [500.0], "gravity_floors": [5], "assumed": [True]}),
            "sewage_zones": frame("sewage_zones", {
                "sewage_zone_id": ["S0"], "name": ["Lower"], "buffer_h": [4.0],
                "assumed": [True]}),
        }  # fmt: skip
    at = rng.choice(n, sites, replace=False)
    return City(
        about=About(
            name=f"{prefix}Testhaven", name_uk=f"{prefix}Тестове", time_zone="Europe/Kyiv",
            crs=CRS, known_peak_mw=60.0, latitude=50.4, longitude=30.5, synthetic=True,
            assumptions=(
                Assumption(f"{prefix}Networks follow the streets.",
                           f"{prefix}Мережі йдуть за вулицями.", ("feeders",)),
                Assumption("Half of the flats have a heater.", "", ("blocks",), "a survey, 2022"),
            ),
            attribution=(f"{prefix}© Map contributors",),
        ),
        districts=frame("districts", {
            "district_id": ["D0", "D1", "D2", "D3"], "name": [prefix + a for a, _ in NAMES],
            "name_uk": [prefix + b for _, b in NAMES]}, districts),
        water_bodies=frame("water_bodies", {"water_body_id": ["R"], "name": ["River"]},
                           [box(1980, -200, 2420, 4200)]),
        blocks=blocks,
        substations=frame("substations", {
            "substation_id": ["S1"], "name": ["One"], "district_id": ["D0"],
            "capacity_mw": [80.0], "assumed": [True]}, [point]),
        feeders=frame("feeders", {
            "feeder_id": [f"F{i}" for i in range(feeders)], "substation_id": "S1",
            "queue": [QUEUES[i // 2] if i < 12 else None for i in range(feeders)],
            "peak_mw": 4.0, "critical_mw": 0.3, "customers": 2500,
            "protected": [i >= 12 for i in range(feeders)], "reserved": False,
            "switching": "remote", "capacity_mw": 8.0, "assumed": True},
            [point] * feeders),
        streets=frame("streets", {
            "street_id": [f"T{i}" for i in range(30)], "from_node": np.arange(30),
            "to_node": np.arange(30) + 1, "length_m": 300.0, "rank": rank, "bridge": None},
            streets),
        sites=frame("sites", {
            "site_id": [f"P{i}" for i in range(sites)], "name": "School", "kind": "school",
            "district_id": district[at], "floor_area_m2": 900.0, "capacity": 300,
            "feeder_id": "F0", "heat_zone_id": None, "water_zone_id": None, "backup_mw": 0.0,
            "backup_fuel_h": 0.0, "shelter": False, "status": "candidate", "assumed": True},
            [Point(x[i], y[i]) for i in at]) if sites else empty_table("sites", CRS),
        **tables,
    )  # fmt: skip


def small_plan(
    *,
    slots: int = 144,
    start: str = "2022-11-23 16:00Z",
    prefix: str = "",
    networks: bool = True,
    sites: int = 24,
    limit: bool = True,
    need: bool = True,
    destroyed: bool = False,
    claims: bool = True,
    switched: bool = True,
) -> Plan:
    """Return a plan for the small city; every argument takes something away or adds to it."""
    rng = np.random.default_rng(11)
    city = small_city(prefix=prefix, networks=networks, sites=sites)
    grid = TimeGrid(pd.Timestamp(start), slots)
    hours = grid.hour
    feeders, blocks = len(city.feeders), len(city.blocks)
    shape = 0.75 + 0.25 * np.sin((hours - 11) / 24 * 2 * np.pi)
    load = np.full((feeders, 1), 4.0) * shape
    outdoor = -4 + 4 * np.sin((hours - 9) / 24 * 2 * np.pi)
    limit_mw = np.where(np.arange(slots) < 12, 34.0, 38.0) if limit else np.full(slots, np.nan)
    state = np.zeros((feeders, slots), dtype=np.int8)
    if switched and limit:
        for i in range(12):
            phase = (np.arange(slots) + 8 * (i // 2) + (i % 2 if i // 2 == 5 else 0)) % 16
            state[i, phase < 8] = State.PLANNED
    live = state == State.LIT
    if destroyed:
        live = np.zeros_like(live)
        state[:] = State.DAMAGED
    row = city.rows("blocks", "feeder_id", "feeders")
    residents = city.blocks["residents"].to_numpy()
    hour = np.arange(slots) / 2
    drop = (0.11 * hour)[None, :] * rng.uniform(0.6, 1.5, (blocks, 1))
    indoor = (19.0 - (drop if need or destroyed else 0 * drop)).astype(np.float32)
    below = pd.DataFrame(
        [(residents[:, None] * (indoor < c)).sum(axis=0) for c in THRESHOLDS_C],
        index=list(THRESHOLDS_C), columns=grid.times,
    )  # fmt: skip
    heat = np.full((len(city.heat_zones), slots), 1.0)
    heat[:1, 10:] = 0.3
    water = np.full((len(city.water_zones), slots), 0.95)
    water[:, 60:70] = 0.4
    sewage = np.ones((len(city.sewage_zones), slots), dtype=bool)
    sewage[:, 65:75] = False
    services = Services(
        grid, np.full((1, slots), not destroyed), live, heat, water, sewage, live[row],
        np.ones((blocks, slots), dtype=np.float32), np.ones((blocks, slots), dtype=np.float32),
    )  # fmt: skip
    people = pd.DataFrame(
        {
            "dark": residents @ ~live[row],
            "no_heat": (residents.sum() * 0.3 * np.minimum(hour / 20, 1)).round(),
            "no_water": (residents.sum() * 0.1 * (hours > 12)).round(),
            "below_16": below.loc[16.0].to_numpy(), "below_12": below.loc[12.0].to_numpy(),
            "below_8": below.loc[8.0].to_numpy(),
        },
        index=grid.times,
    )  # fmt: skip
    cut = np.where(live, 0.0, load).sum() * 0.5
    violations = (
        Violation("supply limit", f"{prefix}F13", (0, 1), "The kept load alone is above it.",
                  "Cut F13 for one hour."),
    ) if prefix else ()  # fmt: skip
    shares = pd.DataFrame(
        [(~live[2 * q : 2 * q + 2]).mean(axis=0) for q in range(6)], index=list(QUEUES),
        columns=grid.times,
    )  # fmt: skip
    schedule = Schedule(
        grid, city.feeders.index, state, np.where(live, load, 0.0), limit_mw, load[12:].sum(axis=0),
        Certificate(cut, cut * 0.98, f"{prefix}A linear relaxation.", 1.5, 0.5, 4.0, 0.0,
                    violations, 1.0),
        city.feeders["queue"].fillna(""), shares if switched else pd.DataFrame(),
    )  # fmt: skip
    damage = (
        Damage("heat_sources", "HS0", 0, slots, 0.3, end_known=False, claims=("C2",)),
        Damage("substations", "S1", 0, min(4, slots), 0.8, claims=("C1",)),
    )  # fmt: skip
    said = (
        Claim("C1", f"{prefix}The city gets 31 MW from midnight.", "grid operator", "confirmed",
              pd.Timestamp("2022-11-23 14:30Z")),
        Claim("C2", f"{prefix}The right-bank heat plant is out.", f"{prefix}a duty engineer",
              "if confirmed", pd.Timestamp("2022-11-23 15:10Z")),
    )  # fmt: skip
    situation = Situation(
        f"{prefix}Strikes of 23 November", grid, limit_mw, np.full(slots, np.nan),
        Weather(outdoor, np.full(slots, 3.0), np.zeros(slots), "a made-up cold spell"),
        damage=damage if claims and networks else (), claims=said if claims else (),
        cited={"supply": ("C1",)} if claims else {},
        basis="if confirmed" if claims else "confirmed", name_uk="Удари 23 листопада",
    )  # fmt: skip
    return Plan(
        city, situation,
        Demand(grid, city.feeders.index, load, load * 0.1, load * 0.05), schedule,
        Outlook(services, HomesOutlook(grid, city.blocks.index, indoor, 0 * indoor, below), people),
        warm_points(city, grid, need=need and sites > 0), relocation(city, grid, need=need),
        (LoopRound(40.0, 5.0, 1.0), LoopRound(44.0, 0.1, 0.0)), True, {"demand": 0.1},
    )  # fmt: skip


def warm_points(city: City, grid: TimeGrid, *, need: bool) -> WarmPoints:
    if not need:
        columns = ["need", "reached", "assigned", "site_id", "walk_m", "reason"]
        sites = city.sites.iloc[:0].assign(assigned=0, powered=0.0, heated=0.0, open_by=pd.NaT)
        blocks = pd.DataFrame(
            {c: pd.Series([], dtype="int64" if i < 3 else object) for i, c in enumerate(columns)},
            index=pd.Index([], name="block_id", dtype=object),
        )
        return WarmPoints(sites, blocks, 0, 0, 0, 0, 0, 1000.0, None)
    sites = city.sites[["capacity", "geometry"]].copy()
    count = len(sites)
    sites["assigned"] = 280
    sites["powered"] = np.where(np.arange(count) % 5 == 0, 0.5, 1.0)
    sites["heated"] = 1.0
    late = np.minimum(grid.slots - 1, 40 + 3 * np.arange(count))
    sites["open_by"] = grid.times[late]
    wanted = (city.blocks["residents"] * 0.4).round().astype(int)
    far = np.arange(len(wanted)) % 9 == 0
    blocks = pd.DataFrame({
        "need": wanted, "reached": np.where(far, 0, wanted), "assigned": wanted // 4,
        "site_id": np.where(far, "", city.sites.index[0]), "walk_m": np.where(far, np.nan, 600.0),
        "reason": np.where(far, "no site in reach", "capacity"),
    }, index=city.blocks.index)  # fmt: skip
    reached, served = int(blocks["reached"].sum()), int(blocks["assigned"].sum())
    return WarmPoints(
        sites, blocks, int(wanted.sum()), reached, served, reached + 900, served + 100, 1000.0,
        grid.times[-1],
    )  # fmt: skip


def relocation(city: City, grid: TimeGrid, *, need: bool) -> Relocation:
    if not need:
        columns = ["district_id", "reason", "people", "vulnerable", "from_time"]
        return Relocation(pd.DataFrame(columns=columns), 0, 0)
    groups = pd.DataFrame({
        "district_id": ["D0", "D3"], "reason": ["no warm point in reach", "no water"],
        "people": [4300, 1210], "vulnerable": [700, 190],
        "from_time": grid.times[[grid.slots // 2, grid.slots - 1]],
    })  # fmt: skip
    return Relocation(groups, 5510, 890)
