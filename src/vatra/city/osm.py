"""Makes a city from an OpenStreetMap extract and a population grid."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from vatra.city.check import check_city
from vatra.city.fit import fit_table
from vatra.city.lifelines import add_lifelines
from vatra.city.lifelines.scale import PEAK_KW_PER_RESIDENT
from vatra.city.model import About, City, empty_table
from vatra.city.osm_buildings import build_buildings
from vatra.city.osm_districts import build_districts, district_of
from vatra.city.osm_notes import import_assumptions, map_notes, people_notes
from vatra.city.osm_people import house_residents
from vatra.city.osm_read import OsmExtract, OsmShapes, only_areas, read_extract
from vatra.city.osm_sites import OsmSites, build_sites
from vatra.city.osm_streets import OsmStreets, build_streets
from vatra.city.place import guess_time_zone, utm_crs
from vatra.city.population import read_population
from vatra.city.schema import TABLE
from vatra.city.synthetic.ways import add_ways
from vatra.problems import InputError, Problem

_LEAST_WATER_M2 = 1_000.0
_GAS_FLOORS = 9
"""Floors up to which flats of older houses cook with gas; Ukrainian practice, assumed."""


def import_osm(
    pbf: str | Path,
    population: str | Path,
    *,
    seed: int = 0,
    name: str | None = None,
    known_peak_mw: float | None = None,
    time_zone: str | None = None,
) -> tuple[City, list[str]]:
    """Make a city from OpenStreetMap and a population grid, with synthetic networks.

    Parameters
    ----------
    pbf
        OpenStreetMap extract (``.osm.pbf``).
    population
        Residents by cell: GeoPackage, GeoJSON, CSV with lon and lat, or GeoTIFF.
    seed
        Seed of what is synthesised; the same input and seed give the same city.
    name
        Name of the city; that of the extract by default.
    known_peak_mw
        Electric load at the winter peak; 0.5 kW a resident by default, as in Kyiv.
    time_zone
        IANA name; that of the nearest city in the time zone database by default.

    Returns
    -------
    City
        Checked; every synthesised row is marked as assumed.
    list[str]
        What was left out, repaired or guessed, in sentences.

    Raises
    ------
    InputError
        Where a file can't be read, or too little is in it to make a city.
    """
    path = Path(pbf)
    extract = read_extract(path)
    west, south, east, north = extract.box
    longitude, latitude = (west + east) / 2, (south + north) / 2
    crs = utm_crs(longitude, latitude)
    extent = _extent(extract, crs)
    grid = read_population(population, crs, extract.box)
    streets = build_streets(extract.streets, crs)
    found = build_buildings(extract.areas, crs)
    within = shapely.contains(extent, shapely.centroid(found.table.geometry.to_numpy()))
    buildings = found.table[within].reset_index(drop=True)
    _require(path, streets, buildings)
    sites = build_sites(extract.areas, extract.places, buildings, crs)
    rng = np.random.default_rng(seed)
    housed = house_residents(buildings, sites.buildings, grid.cells, extent, rng)
    if not len(housed.blocks):
        reason = "no residents of the grid live in the extract"
        mend = "give a grid that covers the extract, with its coordinate system set"
        raise InputError(str(population), [Problem(Path(population).name, "", reason, mend)])
    districts, what = build_districts(extract.areas, housed.blocks, extent, crs)
    residents = int(housed.blocks["residents"].sum())
    about = About(
        name=name or _name_of(path),
        time_zone=time_zone or guess_time_zone(longitude, latitude, extract.country),
        crs=crs,
        known_peak_mw=known_peak_mw or round(residents * PEAK_KW_PER_RESIDENT / 1000.0, 3),
        latitude=round(latitude, 5),
        longitude=round(longitude, 5),
        assumptions=import_assumptions(peak_unknown=known_peak_mw is None),
        attribution=(
            "© OpenStreetMap contributors, Open Database License (openstreetmap.org/copyright)",
            f"Residents: {Path(population).name}, {grid.column}; see the terms of its publisher",
        ),
    )
    city = City(
        about=about,
        districts=districts,
        blocks=_block_table(housed.blocks, districts),
        substations=empty_table("substations", crs),
        feeders=empty_table("feeders", crs),
        streets=streets.table,
        water_bodies=_water_table(extract.areas, extent, crs),
        sites=_site_table(sites, districts, extent),
    )
    city = add_lifelines(city.with_tables(**_empty_layers(crs)), rng)
    city = _fitted(add_ways(city, imported=True))
    problems = check_city(city)
    if problems:
        raise InputError(str(path), problems)
    beyond = int((~within).sum())
    notes = [
        *map_notes(extract, found, streets, sites, beyond),
        *people_notes(grid, housed),
        f"Districts are {what}.",
    ]
    if time_zone is None:
        notes.append(f"The time zone was taken as {about.time_zone}, by position.")
    return city, notes


def _fitted(city: City) -> City:
    """Return a city with its columns in the order and types of the schema."""
    tables = {name: fit_table(TABLE[name], raw)[0] for name, raw in city.tables().items()}
    return city.with_tables(**tables)


def _empty_layers(crs: str) -> dict[str, pd.DataFrame]:
    names = ("power_sources", "lines", "customers", "heat_sources", "pumps")
    return {name: empty_table(name, crs) for name in names}


def _name_of(path: Path) -> str:
    words = path.name.split(".")[0].removesuffix("-latest").replace("_", " ").replace("-", " ")
    return words.title() or "City"


def _extent(extract: OsmExtract, crs: str) -> shapely.Polygon:
    west, south, east, north = extract.box
    edge = shapely.segmentize(shapely.box(west, south, east, north), (east - west) / 8 or 1e-4)
    return gpd.GeoSeries([edge], crs="EPSG:4326").to_crs(crs).iloc[0]


def _require(path: Path, streets: OsmStreets, buildings: gpd.GeoDataFrame) -> None:
    problems = []
    if not len(streets.table):
        mend = "give an extract with its highways"
        problems.append(Problem(path.name, "", "holds no streets to walk", mend))
    if not len(buildings):
        mend = "give an extract with its buildings"
        problems.append(Problem(path.name, "", "holds no buildings", mend))
    if problems:
        raise InputError(str(path), problems)


def _valid(shapes: np.ndarray) -> np.ndarray:
    """Return outlines that a change of coordinate system left or made invalid, mended."""
    out = shapes.copy()
    for row in np.flatnonzero(~shapely.is_valid(shapes)):
        out[row] = only_areas(shapely.make_valid(shapes[row])) or shapely.centroid(shapes[row])
    return out


def _block_table(blocks: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = gpd.GeoSeries(_valid(blocks.geometry.to_numpy()), crs=blocks.crs)
    house = (blocks["archetype"] == "private_house").to_numpy()
    newer = blocks["archetype"].isin(["new_build", "panel_16"]).to_numpy()
    low = (blocks["floors"] <= _GAS_FLOORS).to_numpy()
    count = len(blocks)
    return gpd.GeoDataFrame(
        {
            "district_id": district_of(districts, shapes),
            "archetype": blocks["archetype"].to_numpy(dtype=object),
            "floors": blocks["floors"].to_numpy(dtype=np.int64),
            "dwellings": blocks["dwellings"].to_numpy(dtype=np.int64),
            "floor_area_m2": blocks["floor_area_m2"].to_numpy(dtype=np.float64),
            "residents": blocks["residents"].to_numpy(dtype=np.int64),
            "displaced": np.zeros(count, dtype=np.int64),
            "infants": blocks["infants"].to_numpy(dtype=np.int64),
            "elderly": blocks["elderly"].to_numpy(dtype=np.int64),
            "disabled": blocks["disabled"].to_numpy(dtype=np.int64),
            "heating": np.where(house, "gas", "district").astype(object),
            "pumped_heat": ~house,
            "gas_stove": house | (low & ~newer),
            "feeder_id": _nothing(count),
            "heat_zone_id": _nothing(count),
            "water_zone_id": _nothing(count),
            "sewage_zone_id": _nothing(count),
            "assumed": blocks["assumed"].to_numpy(dtype=bool),
        },
        geometry=shapes.array,
        index=_ids("B", count, "block_id"),
        crs=blocks.crs,
    )


def _nothing(count: int) -> np.ndarray:
    return np.full(count, None, dtype=object)


def _ids(letter: str, count: int, name: str) -> pd.Index:
    width = max(4, len(str(count)))
    return pd.Index(
        [f"{letter}-{n:0{width}d}" for n in range(1, count + 1)], name=name, dtype=object
    )


def _site_table(
    sites: OsmSites, districts: gpd.GeoDataFrame, extent: shapely.Polygon
) -> gpd.GeoDataFrame:
    table = sites.table
    shapes = gpd.GeoSeries(_valid(table.geometry.to_numpy()), crs=districts.crs)
    inside = shapely.contains(extent, shapely.centroid(shapes.to_numpy()))
    table, shapes = table[inside], shapes[inside]
    count = len(table)
    return gpd.GeoDataFrame(
        {
            "name": table["name"].to_numpy(dtype=object),
            "kind": table["kind"].to_numpy(dtype=object),
            "district_id": district_of(districts, shapes),
            "floor_area_m2": table["floor_area_m2"].to_numpy(dtype=np.float64),
            "capacity": table["capacity"].to_numpy(dtype=np.int64),
            "feeder_id": _nothing(count),
            "heat_zone_id": _nothing(count),
            "water_zone_id": _nothing(count),
            "backup_mw": np.zeros(count),
            "backup_fuel_h": np.zeros(count),
            "shelter": np.zeros(count, dtype=bool),
            "status": np.full(count, "unverified", dtype=object),
            "assumed": np.zeros(count, dtype=bool),
        },
        geometry=shapes.array,
        index=_ids("A", count, "site_id"),
        crs=districts.crs,
    )


def _water_table(areas: OsmShapes, extent: shapely.Polygon, crs: str) -> gpd.GeoDataFrame:
    rows = [
        i
        for i, tags in enumerate(areas.tags)
        if tags.get("natural") in ("water", "bay") or tags.get("waterway") == "riverbank"
    ]
    shapes = gpd.GeoSeries([areas.shapes[i] for i in rows], crs="EPSG:4326").to_crs(crs)
    clipped = shapely.intersection(shapely.make_valid(shapes.to_numpy()), extent.buffer(2_000.0))
    kept, names = [], []
    for i, shape in zip(rows, clipped, strict=True):
        area = None if shape.is_empty else only_areas(shape)
        if area is not None and area.area >= _LEAST_WATER_M2:
            kept.append(area)
            names.append(areas.tags[i].get("name:en") or areas.tags[i].get("name") or "")
    return gpd.GeoDataFrame(
        {"name": pd.Series(names, dtype=object).array},
        geometry=gpd.GeoSeries(kept, crs=crs).array,
        index=_ids("W", len(kept), "water_body_id"),
        crs=crs,
    )
