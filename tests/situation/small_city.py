"""A city of a few rows, for the tests of situations and demand."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

from vatra.city.model import About, City, empty_table
from vatra.city.schema import TABLE

CRS = "EPSG:32636"


def table(name: str, rows: Sequence[Any]) -> Any:
    """Build a table from rows; columns that a row leaves out get a plain value."""
    schema = TABLE[name]
    empty = empty_table(name, CRS)
    if not rows:
        return empty
    plain = {"int": 0, "float": 0.0, "bool": False, "text": "", "ref": None}
    full = [
        {c.name: row.get(c.name, plain.get(c.kind, c.choices[:1])) for c in schema.columns}
        for row in rows
    ]
    frame = pd.DataFrame(full).set_index(schema.id).astype(empty[[*full[0]][1:]].dtypes.to_dict())
    if not schema.geometry:
        return frame
    shapes = [row.get("geometry", Point(0, 0)) for row in rows]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)


def make_small_city(
    *, peak_mw: float = 1500.0, feeders: int = 12, customers: bool = True, chp: bool = True
) -> City:
    """Two districts and substations, some feeders, and one of each kind of lifeline.

    The sums are those of a city of 1,500 MW: 375 MW critical, about 400 MW of shops, offices
    and industry, the rest homes.
    """
    of_feeder = 1500.0 / feeders
    feeder_ids = [f"F-{i + 1:04d}" for i in range(feeders)]
    kinds = {
        "water": (100.0, True), "heat": (150.0, True), "hospital": (80.0, True),
        "sewage": (45.0, True), "office": (140.0, False), "shop": (150.0, False),
        "industry": (90.0, False), "school": (20.0, False),
    }  # fmt: skip
    customer_rows = [
        {"customer_id": f"C-{kind}-{i}", "kind": kind, "feeder_id": feeder_ids[i % feeders],
         "peak_mw": mw / feeders, "critical": critical}
        for kind, (mw, critical) in kinds.items() for i in range(feeders)
    ]  # fmt: skip
    sources = [
        {"heat_source_id": "H-001", "kind": "chp" if chp else "boiler_house",
         "heat_zone_id": "HZ-1", "capacity_mw": 900.0, "electric_mw": 10.0,
         "feeder_id": feeder_ids[0]},
        {"heat_source_id": "H-002", "kind": "boiler_house", "heat_zone_id": "HZ-2",
         "capacity_mw": 1200.0, "electric_mw": 5.0, "feeder_id": feeder_ids[1]},
    ]  # fmt: skip
    return City(
        About("Testove", "Europe/Kyiv", CRS, peak_mw, 50.45, 30.52),
        districts=table("districts", [
            {"district_id": f"D-{i}", "name": f"District {i}", "geometry": box(i, 0, i + 1, 1)}
            for i in range(2)
        ]),
        blocks=table("blocks", [
            {"block_id": f"B-{i:05d}", "district_id": "D-0", "archetype": "panel_9", "floors": 9,
             "dwellings": 100, "floor_area_m2": 5500.0, "residents": 250, "heating": "district",
             "feeder_id": feeder_ids[i % feeders]}
            for i in range(3 * feeders)
        ]),
        substations=table("substations", [
            {"substation_id": f"SS-0{i + 1}", "district_id": f"D-{i}", "capacity_mw": 900.0}
            for i in range(2)
        ]),
        feeders=table("feeders", [
            {"feeder_id": f, "substation_id": f"SS-0{i % 2 + 1}", "peak_mw": of_feeder,
             "critical_mw": of_feeder / 4, "customers": 300, "queue": f"{i % 6 + 1}.{i % 2 + 1}",
             "switching": "remote", "capacity_mw": 2 * of_feeder}
            for i, f in enumerate(feeder_ids)
        ]),
        streets=table("streets", [
            {"street_id": "ST-1", "from_node": 0, "to_node": 1, "length_m": 700.0,
             "rank": "primary", "bridge": "North Bridge",
             "geometry": LineString([(0, 0), (700, 0)])},
            {"street_id": "ST-2", "from_node": 1, "to_node": 2, "length_m": 100.0,
             "rank": "residential", "geometry": LineString([(700, 0), (800, 0)])},
        ]),
        customers=table("customers", customer_rows if customers else []),
        heat_zones=table("heat_zones", [
            {"heat_zone_id": f"HZ-{i}", "design_mw": 800.0} for i in (1, 2)
        ]),
        heat_sources=table("heat_sources", sources),
        pumps=table("pumps", [
            {"pump_id": "P-001", "kind": "water_works", "capacity_m3_h": 100.0,
             "electric_mw": 1.0, "feeder_id": feeder_ids[0]},
        ]),
    )  # fmt: skip
