"""A small city whose networks can be followed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from vatra.city.model import About, City, empty_table
from vatra.city.schema import TABLE
from vatra.situation.model import Damage, Situation, Weather
from vatra.situation.timegrid import TimeGrid

CRS = "EPSG:32636"
MakeSituation = Callable[..., Situation]


def table(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """A table of the schema from rows, with defaults filled in."""
    schema = TABLE[name]
    if not rows:
        return empty_table(name, CRS)
    default = {"int": 0, "float": 0.0, "bool": False}
    filled = []
    for row in rows:
        full = {}
        for column in schema.columns:
            value = row.get(column.name, column.default)
            full[column.name] = default.get(column.kind, value) if value is None else value
        filled.append(full)
    frame = pd.DataFrame(filled).set_index(schema.id)
    if not schema.geometry:
        return frame
    points = gpd.points_from_xy(np.zeros(len(rows)), np.zeros(len(rows)))
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=points, crs=CRS)
    return placed


def block(block_id: str, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "block_id": block_id, "district_id": "D1", "archetype": "panel_9", "floors": 9,
        "dwellings": 100, "floor_area_m2": 5500.0, "residents": 250, "heating": "district",
        "pumped_heat": True, "gas_stove": False, "feeder_id": "F1", "heat_zone_id": "H1",
        "water_zone_id": "W1", "sewage_zone_id": "S1",
    }  # fmt: skip
    return row | changes


def small_city(**tables: pd.DataFrame) -> City:
    made: dict[str, Any] = {
        "districts": table("districts", {"district_id": "D1", "name": "One"}),
        "blocks": table(
            "blocks",
            block("B1"),
            block("B2", feeder_id="F2", pumped_heat=False, floors=5, archetype="brick_5"),
            block("B3", feeder_id="F3", heating="gas", heat_zone_id=None, gas_stove=True),
            block("B4", feeder_id="F3", heating="electric", heat_zone_id=None, floors=2),
            block("B5", feeder_id="F3", heating="stove", heat_zone_id=None, water_zone_id=None),
        ),
        "substations": table(
            "substations",
            *({"substation_id": f"P{n}", "district_id": "D1", "capacity_mw": 50.0} for n in "123"),
        ),
        "power_sources": table(
            "power_sources",
            {"power_source_id": "G1", "kind": "grid", "substation_id": "P1", "capacity_mw": 99.0},
        ),
        "lines": table(
            "lines",
            {"line_id": "L12", "from_id": "P1", "to_id": "P2", "capacity_mw": 50.0},
            {"line_id": "L23", "from_id": "P2", "to_id": "P3", "capacity_mw": 50.0},
        ),
        "feeders": table(
            "feeders",
            *(
                {"feeder_id": f"F{n}", "substation_id": f"P{n}", "queue": f"{n}", "peak_mw": 5.0}
                for n in "123"
            ),
        ),
        "streets": table(
            "streets", {"street_id": "R1", "from_node": 0, "to_node": 1, "length_m": 10.0}
        ),
        "heat_zones": table("heat_zones", {"heat_zone_id": "H1", "design_mw": 10.0}),
        "heat_sources": table(
            "heat_sources",
            {
                "heat_source_id": "K1", "kind": "boiler_house", "heat_zone_id": "H1",
                "capacity_mw": 12.0, "electric_mw": 0.2, "feeder_id": "F1",
                "water_zone_id": "W1",
            },
        ),
        "water_zones": table(
            "water_zones",
            {"water_zone_id": "W1", "demand_m3_h": 100.0, "tank_m3": 500.0, "gravity_floors": 5},
        ),
        "sewage_zones": table("sewage_zones", {"sewage_zone_id": "S1", "buffer_h": 4.0}),
        "pumps": table(
            "pumps",
            {
                "pump_id": "U1", "kind": "water_works", "capacity_m3_h": 200.0,
                "electric_mw": 1.0, "feeder_id": "F1",
            },
            {
                "pump_id": "U2", "kind": "water", "water_zone_id": "W1", "capacity_m3_h": 180.0,
                "electric_mw": 0.5, "feeder_id": "F2",
            },
            {
                "pump_id": "U3", "kind": "sewage", "sewage_zone_id": "S1",
                "capacity_m3_h": 200.0, "electric_mw": 0.1, "feeder_id": "F2",
            },
        ),
    }  # fmt: skip
    about = About("Small", "Europe/Kyiv", CRS, 15.0, 50.0, 30.0)
    return City(about, **(made | tables))


def small_situation(
    slots: int = 48, outdoor_c: float = -5.0, damage: tuple[Damage, ...] = ()
) -> Situation:
    grid = TimeGrid(pd.Timestamp("2022-11-24 00:00", tz="Europe/Kyiv"), slots)
    weather = Weather(np.full(slots, outdoor_c), np.full(slots, 3.0), np.zeros(slots))
    none = np.full(slots, np.nan)
    return Situation("Test", grid, none, none, weather, damage=damage)


@pytest.fixture
def city() -> City:
    return small_city()
