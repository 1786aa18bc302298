"""A small city on a grid of streets, with a river and one bridge."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray

from vatra.city.model import About, City, empty_table
from vatra.homes.model import HomesOutlook
from vatra.networks.model import Outlook, Services
from vatra.situation.model import Damage, Situation, Weather
from vatra.situation.timegrid import TimeGrid

CRS = "EPSG:32636"
STEP_M = 100.0


def grid_streets(columns: int, rows: int, step_m: float = STEP_M) -> gpd.GeoDataFrame:
    """Streets along the lines of a grid, the node of column x and row y being y * columns + x."""
    node = np.arange(columns * rows).reshape(rows, columns)
    pairs = np.concatenate(
        [
            np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()]),
            np.column_stack([node[:-1].ravel(), node[1:].ravel()]),
        ]
    )
    xy = np.column_stack([pairs.ravel() % columns, pairs.ravel() // columns]) * step_m
    return gpd.GeoDataFrame(
        {
            "from_node": pairs[:, 0],
            "to_node": pairs[:, 1],
            "length_m": step_m,
            "rank": "residential",
            "bridge": pd.Series([None] * len(pairs), dtype=object).to_numpy(),
        },
        index=pd.Index([f"S-{i}" for i in range(len(pairs))], name="street_id"),
        geometry=shapely.linestrings(xy.reshape(-1, 2, 2)),
        crs=CRS,
    )


def points(xy: list[tuple[float, float]] | NDArray[np.float64], prefix: str) -> gpd.GeoSeries:
    """Points with ids."""
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    index = pd.Index([f"{prefix}-{i}" for i in range(len(xy))])
    return gpd.GeoSeries(shapely.points(xy), index=index, crs=CRS)


@pytest.fixture
def streets() -> gpd.GeoDataFrame:
    """Twelve by seven junctions, 100 m apart; the river runs between columns 5 and 6.

    Only the street of row 3 crosses it, on the bridge «North».
    """
    table = grid_streets(12, 7)
    column = table[["from_node", "to_node"]].to_numpy() % 12
    crosses = (column[:, 0] == 5) & (column[:, 1] == 6)
    on_bridge = crosses & (table["from_node"].to_numpy() // 12 == 3)
    table.loc[on_bridge, "bridge"] = "North"
    return table[~crosses | on_bridge]


@pytest.fixture
def city(streets: gpd.GeoDataFrame) -> City:
    """Six blocks and three sites, two of each kind on the left bank and the rest on the right."""
    homes = points([(0, 20), (120, 0), (320, 80), (480, 310), (700, 300), (1080, 600)], "B")
    blocks = gpd.GeoDataFrame(
        {
            "district_id": ["left"] * 4 + ["right"] * 2,
            "residents": [100, 80, 60, 40, 200, 50],
            "displaced": 0,
            "infants": [4, 2, 2, 0, 5, 0],
            "elderly": [10, 5, 6, 4, 20, 5],
            "disabled": [1, 1, 0, 0, 5, 5],
        },
        index=homes.index.rename("block_id"),
        geometry=homes,
    )
    where = points([(210, 20), (400, 380), (780, 290)], "W")
    sites = gpd.GeoDataFrame(
        {
            "kind": "school",
            "district_id": ["left", "left", "right"],
            "capacity": [120, 90, 150],
            "feeder_id": ["F-0", "F-1", None],
            "heat_zone_id": ["H-0", None, "H-0"],
            "backup_mw": [0.0, 0.05, 0.0],
            "backup_fuel_h": [0.0, 3.0, 0.0],
            "status": "candidate",
        },
        index=where.index.rename("site_id"),
        geometry=where,
    )
    district = gpd.GeoDataFrame(
        {"name": ["Left", "Right"], "name_uk": ""},
        index=pd.Index(["left", "right"], name="district_id"),
        geometry=[shapely.box(-50, -50, 550, 650), shapely.box(550, -50, 1150, 650)],
        crs=CRS,
    )
    feeders = empty_table("feeders", CRS).reindex(pd.Index(["F-0", "F-1"], name="feeder_id"))
    zones = empty_table("heat_zones").reindex(pd.Index(["H-0"], name="heat_zone_id"))
    return City(
        about=About("Grid", "Europe/Kyiv", CRS, 10.0, 50.4, 30.5),
        districts=district,
        blocks=blocks,
        substations=empty_table("substations", CRS),
        feeders=feeders,
        streets=streets,
        heat_zones=zones,
        sites=sites,
    )


@pytest.fixture
def grid() -> TimeGrid:
    """Ten slots from midnight UTC."""
    return TimeGrid(pd.Timestamp("2022-11-24", tz="UTC"), 10)


@pytest.fixture
def outlook(city: City, grid: TimeGrid) -> Outlook:
    """Homes that cool from 17 °C by 1 °C a slot, but for the last block, which stays at 20 °C."""
    blocks, slots = len(city.blocks), grid.slots
    indoor = np.repeat((17.0 - np.arange(slots))[None, :], blocks, axis=0).astype(np.float32)
    indoor[-1] = 20.0
    live = np.zeros((2, slots), dtype=bool)
    live[0, :5] = True
    services = Services(
        grid=grid,
        substation_live=np.zeros((0, slots), dtype=bool),
        feeder_live=live,
        heat_share=np.full((1, slots), 0.25),
        water_share=np.zeros((0, slots)),
        sewage_ok=np.zeros((0, slots), dtype=bool),
        block_power=np.zeros((blocks, slots), dtype=bool),
        block_heat=np.zeros((blocks, slots), dtype=np.float32),
        block_water=np.ones((blocks, slots), dtype=np.float32),
    )
    homes = HomesOutlook(
        grid=grid,
        block_id=city.blocks.index,
        indoor_c=indoor,
        heater_want_kw=np.zeros_like(indoor),
        people_below=pd.DataFrame(),
    )
    return Outlook(services, homes)


def make_situation(grid: TimeGrid, *damage: Damage) -> Situation:
    """A situation of nothing but damage."""
    none = np.full(grid.slots, np.nan)
    return Situation("test", grid, none, none, Weather(none, none, none), damage=damage)
