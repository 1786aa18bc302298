"""Puts the parts of a made-up city together: everything but its networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from vatra.city.model import About, City, empty_table
from vatra.city.schema import TABLE
from vatra.city.synthetic.assumptions import ASSUMPTIONS
from vatra.city.synthetic.fronts import find_fronts
from vatra.city.synthetic.housing import Buildings, build_housing, draw_equipment, has_room
from vatra.city.synthetic.lattice import find_plots, join, lay_lanes
from vatra.city.synthetic.layout import FULL_SIZE, Geometries, Ints, Layout, draw_layout
from vatra.city.synthetic.names import LAKES, LEFT_BANK_DISTRICTS, RIGHT_BANK_DISTRICTS, RIVER
from vatra.city.synthetic.people import People, settle_people
from vatra.city.synthetic.places import place_sites
from vatra.city.synthetic.stock import STOCK, ZONES
from vatra.city.synthetic.streets import build_streets
from vatra.city.synthetic.zones import assign_districts, assign_zones

SMALLEST, LARGEST = 20_000, 3_000_000

CRS = "EPSG:32626"
LONGITUDE, LATITUDE = -27.0, 50.45
"""Out in the Atlantic, at the latitude of Kyiv: nothing here is a real place."""

ORIGIN_M = (500_000.0, 5_588_666.0)
"""The same point in `CRS`."""

LAKE_CHANCE = 0.16
"""Parks with a lake; assumed."""

SLACKS = (1.0, 1.15, 1.3, 1.5, 1.7, 2.0, 2.4)
"""Land for housing over what it usually needs, tried in turn until everyone has a home."""

PEAK_MW_AT_FULL_SIZE = 1500.0
"""Winter peak of a city of 3 million; operator and mayor, November 2022."""


def make_fabric(
    residents: int = FULL_SIZE, seed: int = 0, progress: Callable[[str], None] | None = None
) -> City:
    """Make a city without its networks: land, streets, homes, people, public buildings.

    Parameters
    ----------
    residents
        How many people live in it, 20,000 to 3,000,000.
    seed
        Chooses the city; the same seed gives the same city.
    progress
        Called with the name of each stage as it starts.

    Returns
    -------
    City
        A city whose network tables are empty and whose references to them are None.
    """
    if not SMALLEST <= residents <= LARGEST:
        raise ValueError(f"residents must be {SMALLEST} to {LARGEST}, not {residents}")
    say = progress or (lambda _stage: None)
    plan_rng, use_rng, home_rng, people_rng, site_rng = np.random.default_rng(seed).spawn(5)
    say("ground plan")
    layout = draw_layout(residents, plan_rng)
    for slack, rng in zip(SLACKS, use_rng.spawn(len(SLACKS)), strict=True):
        use = assign_zones(layout, residents, rng, slack=slack)
        lakes = _dig_lakes(layout, use, rng)
        lattice = lay_lanes(layout, use, lakes)
        plots = find_plots(layout, use, lakes)
        plots = join([plots, find_fronts(layout, use, plots, lattice)])
        if has_room(use, plots, residents):
            break
    else:
        raise RuntimeError(f"no ground plan for {residents} residents with seed {seed}")
    district = assign_districts(layout, use, residents, use_rng)
    say("streets")
    streets = build_streets(layout, lattice)
    say("homes")
    buildings, free = build_housing(layout, use, plots, residents, home_rng)
    say("people")
    people = settle_people(buildings.kind, buildings.dwellings, residents, people_rng)
    blocks = _blocks_table(buildings, people, district, home_rng)
    say("public buildings")
    homes = shapely.get_coordinates(shapely.centroid(buildings.footprint))
    sites, site_quarter = place_sites(free, homes, people.residents, layout.centre, site_rng)
    districts = _districts_table(layout, district)
    ids = np.asarray(districts.index, dtype=object)
    sites.insert(2, "district_id", ids[district[site_quarter]])
    blocks.insert(0, "district_id", ids[blocks.pop("district")])
    tables: dict[str, Any] = {
        "districts": districts,
        "water_bodies": _water_table(layout, lakes),
        "blocks": blocks,
        "streets": streets,
        "sites": sites,
    }
    return City(
        about=describe_city(residents),
        substations=empty_table("substations", CRS),
        feeders=empty_table("feeders", CRS),
        **{name: _finish(name, table) for name, table in tables.items()},
    )


def describe_city(residents: int) -> About:
    """Return what ``city.toml`` says of a made-up city.

    Parameters
    ----------
    residents
        How many people live in it.
    """
    return About(
        name="Vatra test city",
        name_uk="Ватра, випробне місто",
        time_zone="Europe/Kyiv",
        crs=CRS,
        known_peak_mw=round(PEAK_MW_AT_FULL_SIZE * residents / FULL_SIZE, 3),
        latitude=LATITUDE,
        longitude=LONGITUDE,
        synthetic=True,
        assumptions=ASSUMPTIONS,
    )


def _dig_lakes(layout: Layout, use: Ints, rng: np.random.Generator) -> Geometries:
    """Put a rounded lake into some of the parks."""
    parks = np.flatnonzero(use == ZONES.index("park"))
    parks = parks[rng.random(len(parks)) < LAKE_CHANCE]
    if not len(parks):
        return np.empty(0, dtype=object)
    middle = shapely.get_coordinates(shapely.centroid(layout.quarters[parks]))
    size = np.sqrt(np.asarray(shapely.area(layout.quarters[parks]))) * rng.uniform(
        0.16, 0.30, len(parks)
    )
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    order = np.arange(1, 5)[:, None, None]
    wave = rng.normal(0.0, 0.16, (4, len(parks), 1)) / order**0.5
    phase = rng.uniform(0, 2 * np.pi, (4, len(parks), 1))
    bumps = np.maximum(1 + (wave * np.cos(order * angle + phase)).sum(axis=0), 0.35)
    stretch, turn = rng.uniform(0.6, 1.0, (len(parks), 1)), rng.uniform(0, np.pi, (len(parks), 1))
    u, v = size[:, None] * bumps * np.cos(angle), size[:, None] * bumps * np.sin(angle) * stretch
    ring = np.stack(
        [np.cos(turn) * u - np.sin(turn) * v, np.sin(turn) * u + np.cos(turn) * v], axis=-1
    )
    lakes = shapely.polygons(ring + middle[:, None, :])
    shore = shapely.buffer(layout.quarters[parks], -25.0)
    return np.asarray(lakes[shapely.covers(shore, lakes)])


def _blocks_table(
    buildings: Buildings, people: People, district: Ints, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return the table of blocks, by district and quarter."""
    heating, pumped, gas = draw_equipment(buildings.kind, buildings.floors, rng)
    order = np.lexsort((buildings.quarter, district[buildings.quarter]))
    count = len(order)
    width = max(5, len(str(count)))
    none = np.full(count, None, dtype=object)
    table = gpd.GeoDataFrame(
        {
            "district": district[buildings.quarter],
            "archetype": np.asarray([a.name for a in STOCK], dtype=object)[buildings.kind],
            "floors": buildings.floors,
            "dwellings": buildings.dwellings,
            "floor_area_m2": buildings.floor_area_m2,
            "residents": people.residents,
            "displaced": people.displaced,
            "infants": people.infants,
            "elderly": people.elderly,
            "disabled": people.disabled,
            "heating": heating,
            "pumped_heat": pumped,
            "gas_stove": gas,
            "feeder_id": none,
            "heat_zone_id": none,
            "water_zone_id": none,
            "sewage_zone_id": none,
        },
        geometry=buildings.footprint,
    ).iloc[order]
    table.index = pd.Index([f"B-{i:0{width}d}" for i in range(1, count + 1)], name="block_id")
    return table


def _districts_table(layout: Layout, district: Ints) -> gpd.GeoDataFrame:
    """Return the table of districts: the quarters of each, joined."""
    count = int(district.max()) + 1
    shapes, names, names_uk = [], [], []
    left = iter(LEFT_BANK_DISTRICTS)
    right = iter(RIGHT_BANK_DISTRICTS)
    for number in range(count):
        members = district == number
        shapes.append(shapely.union_all(layout.quarters[members], grid_size=0.01))
        name, name_uk = next(right if layout.bank[members][0] < 0 else left)
        names.append(name)
        names_uk.append(name_uk)
    index = pd.Index([f"D-{i:02d}" for i in range(1, count + 1)], name="district_id")
    return gpd.GeoDataFrame({"name": names, "name_uk": names_uk}, geometry=shapes, index=index)


def _water_table(layout: Layout, lakes: Geometries) -> gpd.GeoDataFrame:
    """Return the table of the river and the lakes."""
    names = [
        LAKES[i % len(LAKES)] + (f" {i // len(LAKES) + 1}" if i >= len(LAKES) else "")
        for i in range(len(lakes))
    ]
    index = pd.Index([f"R-{i:02d}" for i in range(1, len(lakes) + 2)], name="water_body_id")
    return gpd.GeoDataFrame(
        {"name": [RIVER[0], *names]}, geometry=[layout.river, *lakes], index=index
    )


def _finish(name: str, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Move a table to its place on the globe, and order its columns as the schema does."""
    spec = TABLE[name]
    moved = shapely.transform(
        np.asarray(table.geometry), lambda xy: np.round(xy + np.asarray(ORIGIN_M), 2)
    )
    columns: dict[str, Any] = {}
    for column in spec.columns[1:]:
        if column.name in table:
            columns[column.name] = table[column.name].to_numpy()
        elif column.name == "assumed":
            columns[column.name] = np.ones(len(table), dtype=bool)
        else:
            columns[column.name] = np.full(len(table), None, dtype=object)
    finished = gpd.GeoDataFrame(columns, geometry=moved, index=table.index, crs=CRS)
    if name == "streets":
        finished["length_m"] = finished.geometry.length.to_numpy()
    return finished
