"""Small made-up cities without lifelines, for the tests that add them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from vatra.city.model import About, City, empty_table
from vatra.city.schema import ARCHETYPES

CRS = "EPSG:32636"
_X, _Y = 320_000.0, 5_585_000.0
_SHARES = (0.12, 0.10, 0.10, 0.15, 0.13, 0.10, 0.20, 0.10)
_FLOORS = (4, 5, 5, 9, 9, 16, 20, 1)


def bare_city(
    residents: int,
    *,
    blocks: int = 400,
    seed: int = 0,
    river: bool = True,
    district_heat: bool = True,
    sites: int = 40,
    people: Sequence[int] | None = None,
    peak_mw: float | None = None,
) -> City:
    """Return a square grid of blocks with a river down its middle."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(blocks)))
    # As dense as Kyiv's built-up land: about 8,000 people a square kilometre.
    edge_m = max(1e3 * np.sqrt(residents / 8000), 400.0)
    step = edge_m / side
    row, column = np.divmod(np.arange(blocks), side)
    xy = np.stack([column, row], axis=1) * step + rng.uniform(-0.2, 0.2, (blocks, 2)) * step
    width = min(0.06 * edge_m, 600.0)
    xy[:, 0] += np.where(xy[:, 0] > edge_m / 2, 1.5 * width + 20, 0.0)
    if people is None:
        weight = rng.gamma(2.0, 1.0, blocks)
        living = rng.multinomial(residents, weight / weight.sum())
    else:
        living = np.asarray(people)
    kind = rng.choice(len(ARCHETYPES), blocks, p=_SHARES)
    archetype = np.array(ARCHETYPES)[kind]
    heating = np.where(archetype == "private_house", "gas", "district")
    if not district_heat:
        heating[:] = "electric"
    dwellings = np.ceil(living / 2.5).astype(int)
    districts = gpd.GeoDataFrame(
        {"name": ["West", "East"], "name_uk": ["Захід", "Схід"]},
        index=pd.Index(["D-1", "D-2"], name="district_id"),
        geometry=[
            shapely.box(-500, -500, edge_m / 2, edge_m + 500),
            shapely.box(edge_m / 2, -500, 2 * edge_m, edge_m + 500),
        ],
        crs=CRS,
    )
    index = pd.Index([f"B-{n:05d}" for n in range(blocks)], name="block_id", dtype=object)
    table = gpd.GeoDataFrame(
        {
            "district_id": np.where(xy[:, 0] > edge_m / 2, "D-2", "D-1").astype(object),
            "archetype": archetype.astype(object),
            "floors": np.array(_FLOORS)[kind],
            "dwellings": dwellings,
            "floor_area_m2": 55.0 * dwellings,
            "residents": living,
            "displaced": living // 9,
            "infants": living // 30,
            "elderly": living // 9,
            "disabled": living // 20,
            "heating": heating.astype(object),
            "pumped_heat": True,
            "gas_stove": rng.random(blocks) < 0.5,
            "feeder_id": None,
            "heat_zone_id": None,
            "water_zone_id": None,
            "sewage_zone_id": None,
            "assumed": True,
        },
        index=index,
        geometry=shapely.points(xy),
        crs=CRS,
    )
    streets = gpd.GeoDataFrame(
        {"from_node": [0], "to_node": [1], "length_m": [edge_m], "rank": "primary",
         "bridge": [None]},
        index=pd.Index(["ST-1"], name="street_id", dtype=object),
        geometry=[shapely.LineString([(0, 0), (0, edge_m)])],
        crs=CRS,
    )  # fmt: skip
    city = City(
        about=About(
            "Test", "Europe/Kyiv", CRS,
            peak_mw if peak_mw is not None else 5e-4 * residents, 50.4, 30.5,
        ),
        districts=districts,
        blocks=table,
        substations=empty_table("substations", CRS),
        feeders=empty_table("feeders", CRS),
        streets=streets,
    )  # fmt: skip
    if river:
        left = edge_m / 2 + 0.25 * width
        water = gpd.GeoDataFrame(
            {"name": ["River"]},
            index=pd.Index(["W-1"], name="water_body_id", dtype=object),
            geometry=[shapely.box(left, -800, left + width, edge_m + 800)],
            crs=CRS,
        )
        city = city.with_tables(water_bodies=water)
    if sites:
        city = city.with_tables(sites=_sites(xy, sites, rng))
    return city.with_tables(**{name: _moved(table) for name, table in city.tables().items()})


def _moved(table: pd.DataFrame) -> pd.DataFrame:
    """Move a table from the corner of the plane to where the city is."""
    if not isinstance(table, gpd.GeoDataFrame) or not len(table):
        return table
    moved: pd.DataFrame = table.set_geometry(table.geometry.translate(_X, _Y))
    return moved


def _sites(xy: np.ndarray, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    where = xy[rng.integers(0, len(xy), count)] + rng.uniform(5, 15, (count, 2))
    kinds = np.array(["school", "kindergarten", "clinic", "library", "station", "shop"])
    return gpd.GeoDataFrame(
        {
            "name": "",
            "kind": kinds[rng.integers(0, len(kinds), count)].astype(object),
            "district_id": "D-1",
            "floor_area_m2": rng.uniform(300, 5000, count),
            "capacity": 200,
            "feeder_id": None,
            "heat_zone_id": None,
            "water_zone_id": None,
            "backup_mw": 0.0,
            "backup_fuel_h": 0.0,
            "shelter": False,
            "status": "candidate",
            "assumed": True,
        },
        index=pd.Index([f"SITE-{n}" for n in range(count)], name="site_id", dtype=object),
        geometry=shapely.points(where),
        crs=CRS,
    )
