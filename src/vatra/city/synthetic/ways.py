"""Roads, stations and buses out of a made-up city, and the towns that take people in."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.model import Assumption, City
from vatra.city.schema import TABLE
from vatra.city.synthetic.layout import FULL_SIZE
from vatra.city.synthetic.names import REGIONS, STATIONS, SUBURBS

ROADS, LANES = 8, 16.0
"""Roads out and their lanes at full size; assumed."""
STATIONS_AT_FULL_SIZE, TRAINS_H, TRAIN_PEOPLE = 4, 4.0, 1200
"""Stations, trains an hour from all of them, people a train: 115,000 people a day. Assumed;
Ukrzaliznytsia moved about 133,000 a day in all of Ukraine in March 2022."""
BUSES, BUS_PEOPLE = 1500, 45
"""Buses at full size and people in one; assumed."""
BUS_HOURS = (6.0, 22.0)
"""Local hours in which buses leave; assumed."""
BEDS = {"suburb": 30_000, "region": 250_000, "rail": 250_000}
"""People whom a town takes in at full size: 8 near the city by its own heat and water, 8 beyond
them, 4 by rail; assumed, 108 % of the residents."""
TRAVEL_H = {"suburb": 1.0, "region": 3.0, "rail": 7.0, "bus": 3.0}
"""Hours to a near town, from there on, by train, and by bus to a farther town; assumed."""

ASSUMPTION = Assumption(
    "Ways out are made up: at full size 8 roads with 16 lanes, 4 stations with 4 trains of 1,200 "
    "people an hour in all, 1,500 buses of 45, and 20 towns that take in 108 % of the residents, "
    "those near the city with heat and water of their own; smaller cities in proportion.",
    "Шляхи виїзду вигадані: у повному розмірі 8 доріг на 16 смуг, 4 вокзали, разом 4 поїзди по "
    "1200 людей на годину, 1500 автобусів по 45 місць і 20 міст, що приймають 108 % мешканців; "
    "ближні мають власне тепло й воду; менші міста — пропорційно.",
    ("ways_out", "destinations"),
)


IMPORTED = Assumption(
    "Ways out aren't on the map that the city was made from. Assumed in proportion to its "
    "residents: for three million 8 roads with 16 lanes, 4 stations with 4 trains of 1,200 people "
    "an hour in all, 1,500 buses of 45, and 20 towns that take in 108 % of the residents. Roads "
    "begin where main streets reach farthest out; stations stand nowhere in particular. Replace "
    "the tables with what is so.",
    "Шляхів виїзду немає на мапі, з якої зроблено місто. Їх припущено пропорційно до кількості "
    "мешканців: на три мільйони — 8 доріг на 16 смуг, 4 вокзали, разом 4 поїзди по 1200 людей на "
    "годину, 1500 автобусів по 45 місць і 20 міст, що приймають 108 % мешканців. Дороги "
    "починаються там, де головні вулиці сягають найдалі; вокзали стоять умовно. Замініть ці "
    "таблиці справжніми.",
    ("ways_out", "destinations"),
)
_NUMBERED = {
    "suburb": ("Near town {} (assumed)", "Ближнє місто {} (припущення)"),
    "region": ("Far town {} (assumed)", "Дальнє місто {} (припущення)"),
    "rail": ("Town by rail {} (assumed)", "Місто залізницею {} (припущення)"),
    "station": ("Station {} (assumed)", "Вокзал {} (припущення)"),
    "bus": ("Buses from {} (assumed)", "Автобуси: {} (припущення)"),
    "road": ("Road {} (assumed)", "Дорога {} (припущення)"),
}


def add_ways(city: City, *, imported: bool = False) -> City:
    """Give a city ways out and destinations; all rows are marked as assumed.

    Parameters
    ----------
    city
        City with districts, streets and residents.
    imported
        Whether it is a real one: then names say that what they name is assumed.

    Returns
    -------
    City
        With ``ways_out`` and ``destinations``.
    """
    scale = city.residents / FULL_SIZE
    roads = int(np.clip(round(ROADS * scale**0.3), 3, ROADS))
    stations = int(np.clip(round(STATIONS_AT_FULL_SIZE * scale**0.5), 1, STATIONS_AT_FULL_SIZE))
    towns = _towns(roads, stations, scale)
    ways = pd.concat(
        [_roads(city, roads, scale), _rail(city, stations, scale), _buses(city, roads, scale)]
    )
    ways["bus_people"] = BUS_PEOPLE
    # Plain columns hold no missing values but where the schema says so.
    defaults = {"lanes": 0.0, "trains_h": 0.0, "train_people": TRAIN_PEOPLE, "buses": 0,
                "first_hour": 0.0, "last_hour": 24.0}  # fmt: skip
    ways = ways.fillna(defaults)
    ways = ways.astype({"train_people": "int64", "buses": "int64", "bus_people": "int64"})
    ways["assumed"] = True
    ways = ways[[*(c.name for c in TABLE["ways_out"].columns[1:]), "geometry"]]
    table = gpd.GeoDataFrame(ways, geometry="geometry", crs=city.about.crs)
    table.index.name = "way_id"
    if imported:
        _say_assumed(towns, table, city)
    told = IMPORTED if imported else ASSUMPTION
    about = replace(city.about, assumptions=(*city.about.assumptions, told))
    return replace(city, about=about, destinations=towns, ways_out=table)


def _say_assumed(towns: pd.DataFrame, ways: pd.DataFrame, city: City) -> None:
    """Rename what was made up for a real city, so that nobody takes it for real."""
    for table in (towns, ways):
        kinds = [str(row).rsplit("-", 1) for row in table.index]
        for column, at in (("name", 0), ("name_uk", 1)):
            table[column] = [
                _NUMBERED["station" if table is ways and kind == "rail" else kind][at].format(n)
                for kind, n in kinds
            ]
    buses = ways["kind"] == "bus"
    served = pd.Index(ways.loc[buses, "district_id"])
    for column, at in (("name", 0), ("name_uk", 1)):
        names = city.districts[column].reindex(served)
        ways.loc[buses, column] = [_NUMBERED["bus"][at].format(name) for name in names]


def _towns(roads: int, stations: int, scale: float) -> pd.DataFrame:
    rows = []
    for kind, names, count, full in (
        ("suburb", SUBURBS, roads, ROADS),
        ("region", REGIONS, roads, ROADS),
        ("rail", REGIONS[ROADS:], stations, STATIONS_AT_FULL_SIZE),
    ):
        for i in range(count):
            near = kind == "suburb"
            rows.append(
                {
                    "destination_id": f"{kind}-{i + 1}",
                    "name": names[i][0],
                    "name_uk": names[i][1],
                    "beds": round(BEDS[kind] * scale * full / count),
                    "own_heat": True,
                    "own_water": True,
                    "beyond_id": f"region-{i + 1}" if near else None,
                    "beyond_h": TRAVEL_H["region"] if near else 0.0,
                    "assumed": True,
                }
            )
    table = pd.DataFrame(rows).set_index("destination_id")
    table["beyond_id"] = table["beyond_id"].astype(object).where(table["beyond_id"].notna(), None)
    return table


def _roads(city: City, count: int, scale: float) -> pd.DataFrame:
    """Begin each road where a main avenue comes farthest out in its direction."""
    main = city.streets[city.streets["rank"] == "primary"]
    xy = shapely.get_coordinates((main if len(main) else city.streets).geometry)
    away = xy - xy.mean(axis=0)
    sector = np.floor((np.arctan2(away[:, 1], away[:, 0]) + np.pi) / (2 * np.pi) * count) % count
    far = np.hypot(away[:, 0], away[:, 1])
    gates = []
    for i in range(count):
        own = np.flatnonzero(sector == i)
        gates.append(own[far[own].argmax()] if own.size else int(far.argmax()))
    rows = [
        {
            "name": f"Road to {SUBURBS[i][0]}",
            "name_uk": f"Дорога: {SUBURBS[i][1]}",
            "kind": "road",
            "destination_id": f"suburb-{i + 1}",
            "district_id": None,
            "travel_h": TRAVEL_H["suburb"],
            "lanes": max(round(LANES * scale / count, 1), 1.0),
            "geometry": shapely.Point(xy[gate]),
        }
        for i, gate in enumerate(gates)
    ]
    return pd.DataFrame(rows, index=[f"road-{i + 1}" for i in range(count)])


def _rail(city: City, count: int, scale: float) -> pd.DataFrame:
    """Put stations on junctions half-way out, evenly round the middle."""
    xy = shapely.get_coordinates(city.streets.geometry)
    middle, radius = xy.mean(axis=0), 0.5 * np.ptp(xy, axis=0).min()
    angle = 2 * np.pi * (np.arange(count) + 0.5) / count
    wanted = middle + 0.5 * radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    rows = [
        {
            "name": STATIONS[i][0],
            "name_uk": STATIONS[i][1],
            "kind": "rail",
            "destination_id": f"rail-{i + 1}",
            "district_id": None,
            "travel_h": TRAVEL_H["rail"],
            "trains_h": max(round(TRAINS_H * scale / count, 2), 0.1),
            "train_people": TRAIN_PEOPLE,
            "geometry": shapely.Point(xy[_nearest(xy, point)]),
        }
        for i, point in enumerate(wanted)
    ]
    return pd.DataFrame(rows, index=[f"rail-{i + 1}" for i in range(count)])


def _buses(city: City, roads: int, scale: float) -> pd.DataFrame:
    """Give each district its share of the buses, to the region of a road each."""
    people = city.blocks.groupby("district_id")["residents"].sum().reindex(city.districts.index)
    share = (people / people.sum()).fillna(0.0).to_numpy()
    points = shapely.point_on_surface(city.districts.geometry.to_numpy())
    names = city.districts[["name", "name_uk"]].to_numpy()
    rows = [
        {
            "name": f"Buses from {names[i, 0]}",
            "name_uk": f"Автобуси, {names[i, 1]} район",
            "kind": "bus",
            "destination_id": f"region-{i % roads + 1}",
            "district_id": district,
            "travel_h": TRAVEL_H["bus"],
            "buses": max(round(BUSES * scale * share[i]), 1),
            "first_hour": BUS_HOURS[0],
            "last_hour": BUS_HOURS[1],
            "geometry": points[i],
        }
        for i, district in enumerate(city.districts.index)
    ]
    return pd.DataFrame(rows, index=[f"bus-{i + 1}" for i in range(len(rows))])


def _nearest(xy: NDArray[np.float64], point: NDArray[np.float64]) -> int:
    return int(np.hypot(*(xy - point).T).argmin())
