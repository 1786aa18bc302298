"""A city small enough to see through, with a row in every table."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from vatra.city.model import About, Assumption, City
from vatra.city.schema import TABLE

CRS = "EPSG:32636"
X, Y = 320_000.0, 5_590_000.0


def table(name: str, rows: list[dict[str, Any]]) -> Any:
    """Return rows as a table of the schema, defaults filled in."""
    spec = TABLE[name]
    filled = [{c.name: c.default for c in spec.columns} | row for row in rows]
    frame = pd.DataFrame(filled, index=pd.RangeIndex(len(filled)))
    for column in spec.columns:
        if column.kind in ("id", "ref", "text", "choice"):
            values = [row[column.name] for row in filled]
            frame[column.name] = pd.Series(values, dtype=object)
    frame = frame.set_index(pd.Index(frame.pop(spec.id).to_numpy(), name=spec.id, dtype=object))
    if not spec.geometry:
        return frame
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def at(x: float, y: float) -> Point:
    """Return a point by metres from the corner of the city."""
    return Point(X + x, Y + y)


def way(*xy: tuple[float, float]) -> LineString:
    """Return a line by metres from the corner of the city."""
    return LineString([(X + x, Y + y) for x, y in xy])


def make_tiny_city() -> City:
    """Return a city of two districts, two feeders and three blocks."""
    block = {
        "district_id": "D-1", "archetype": "panel_9", "floors": 9, "dwellings": 40,
        "floor_area_m2": 2400.0, "residents": 100, "displaced": 10, "infants": 3, "elderly": 12,
        "disabled": 4, "heating": "district", "feeder_id": "F-1", "heat_zone_id": "HZ-1",
        "water_zone_id": "WZ-1", "sewage_zone_id": "SZ-1",
    }  # fmt: skip
    blocks = [
        {**block, "block_id": "B-1", "geometry": box(X + 100, Y + 100, X + 160, Y + 120)},
        {**block, "block_id": "B-2", "geometry": at(300, 300), "feeder_id": "F-2"},
        {
            **block, "block_id": "B-3", "geometry": at(1500, 500), "district_id": "D-2",
            "archetype": "private_house", "floors": 1, "heating": "gas", "heat_zone_id": None,
        },
    ]  # fmt: skip
    feeder = {
        "substation_id": "S-1", "queue": "1.1", "peak_mw": 0.1, "critical_mw": 0.02,
        "customers": 60, "capacity_mw": 4.0,
    }  # fmt: skip
    return City(
        about=About(
            name="Tinytown",
            name_uk="Крихітне",
            time_zone="Europe/Kyiv",
            crs=CRS,
            known_peak_mw=0.2,
            latitude=50.45,
            longitude=30.52,
            synthetic=True,
            assumptions=(Assumption("All of it.", "Усе.", ("feeders", "blocks"), "assumed"),),
            attribution=("© nobody",),
        ),
        districts=table(
            "districts",
            [
                {"district_id": "D-1", "name": "West", "geometry": box(X, Y, X + 1000, Y + 1000)},
                {
                    "district_id": "D-2", "name": "East", "name_uk": "Схід",
                    "geometry": box(X + 1000, Y, X + 2000, Y + 1000),
                },
            ],
        ),
        water_bodies=table(
            "water_bodies",
            [{"water_body_id": "W-1", "geometry": box(X + 900, Y, X + 950, Y + 1000)}],
        ),
        blocks=table("blocks", blocks),
        power_sources=table(
            "power_sources",
            [
                {
                    "power_source_id": "P-1", "kind": "grid", "substation_id": "S-1",
                    "capacity_mw": 10.0, "geometry": at(10, 10),
                }
            ],
        ),
        substations=table(
            "substations",
            [
                {
                    "substation_id": "S-1", "district_id": "D-1", "capacity_mw": 5.0,
                    "geometry": at(50, 50),
                },
                {
                    "substation_id": "S-2", "district_id": "D-2", "capacity_mw": 5.0,
                    "geometry": at(1600, 50),
                },
            ],
        ),
        lines=table(
            "lines",
            [
                {
                    "line_id": "L-1", "from_id": "S-1", "to_id": "S-2", "capacity_mw": 5.0,
                    "geometry": way((50, 50), (1600, 50)),
                }
            ],
        ),
        feeders=table(
            "feeders",
            [
                {**feeder, "feeder_id": "F-1", "geometry": way((50, 50), (130, 110))},
                {
                    **feeder, "feeder_id": "F-2", "substation_id": "S-2", "queue": None,
                    "protected": True, "geometry": way((1600, 50), (1500, 500)),
                },
            ],
        ),
        customers=table(
            "customers",
            [
                {
                    "customer_id": "C-1", "name": "Hospital", "kind": "hospital",
                    "feeder_id": "F-1", "peak_mw": 0.02, "critical": True, "backup_mw": 0.02,
                    "backup_fuel_h": 24.0, "geometry": at(200, 200),
                }
            ],
        ),
        heat_zones=table("heat_zones", [{"heat_zone_id": "HZ-1", "design_mw": 1.0}]),
        heat_sources=table(
            "heat_sources",
            [
                {
                    "heat_source_id": "H-1", "kind": "boiler_house", "heat_zone_id": "HZ-1",
                    "capacity_mw": 2.0, "electric_mw": 0.01, "feeder_id": "F-1",
                    "water_zone_id": "WZ-1", "geometry": at(250, 50),
                }
            ],
        ),
        water_zones=table("water_zones", [{"water_zone_id": "WZ-1", "demand_m3_h": 3.0}]),
        sewage_zones=table("sewage_zones", [{"sewage_zone_id": "SZ-1"}]),
        pumps=table(
            "pumps",
            [
                {
                    "pump_id": "PU-1", "kind": "water", "water_zone_id": "WZ-1",
                    "capacity_m3_h": 10.0, "electric_mw": 0.01, "feeder_id": "F-2",
                    "geometry": at(700, 700),
                },
                {
                    "pump_id": "PU-2", "kind": "sewage", "sewage_zone_id": "SZ-1",
                    "capacity_m3_h": 10.0, "electric_mw": 0.01, "feeder_id": "F-2",
                    "geometry": at(720, 700),
                },
            ],
        ),
        sites=table(
            "sites",
            [
                {
                    "site_id": "ST-1", "name": "School", "kind": "school", "district_id": "D-1",
                    "floor_area_m2": 800.0, "capacity": 200, "feeder_id": "F-1",
                    "heat_zone_id": "HZ-1", "geometry": box(X + 400, Y + 400, X + 440, Y + 420),
                }
            ],
        ),
        streets=table(
            "streets",
            [
                {
                    "street_id": "R-1", "from_node": 0, "to_node": 1, "length_m": 300.0,
                    "geometry": way((100, 200), (400, 200)),
                },
                {
                    "street_id": "R-2", "from_node": 1, "to_node": 2, "length_m": 1100.0,
                    "rank": "primary", "bridge": "North Bridge",
                    "geometry": way((400, 200), (1500, 200)),
                },
            ],
        ),
        water_inp="[JUNCTIONS]\nJ  0  1\n[RESERVOIRS]\nR  50\n[PIPES]\nP  R  J  100  100  100\n",
    )  # fmt: skip


@pytest.fixture
def tiny() -> City:
    """Return the tiny city."""
    return make_tiny_city()
