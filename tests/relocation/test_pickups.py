"""Where buses pick people up: the walk there is one on streets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import geopandas as gpd
import numpy as np

from tests.warm_points.conftest import grid_streets, points
from vatra.city.model import City
from vatra.relocation.rules import MoveRules
from vatra.relocation.zones import choose_pickups


def two_banks() -> City:
    """Two blocks face to face over a river, 100 m wide, with a bridge 300 m up it."""
    streets = grid_streets(4, 4)
    ends = streets[["from_node", "to_node"]].to_numpy()
    crosses = (ends % 4 == 1).any(axis=1) & (ends % 4 == 2).any(axis=1)
    up = ends[:, 0] // 4 == 3
    streets = streets[~crosses | up].copy()
    streets.loc[crosses[~crosses | up], "bridge"] = "North"
    homes, where = points([(100, 0), (200, 0)], "B"), points([(0, 0)], "W")
    blocks = gpd.GeoDataFrame(geometry=homes)
    sites = gpd.GeoDataFrame(
        {"status": ["candidate"], "district_id": ["D"]}, index=where.index, geometry=where
    )
    return cast("City", SimpleNamespace(blocks=blocks, sites=sites, streets=streets))


def test_a_river_is_walked_round() -> None:
    city, people = two_banks(), np.array([5, 7])
    found, own = choose_pickups(city, people, MoveRules(pickup_walk_m=1000.0))
    assert own.tolist() == [0, 0]
    assert found["people"].tolist() == [12]
    # 200 m as the crow flies; over the bridge 300 m up, 100 m across and so on.
    assert found["walk_m"].tolist() == [800.0]
    _, near = choose_pickups(city, people, MoveRules(pickup_walk_m=500.0))
    assert near.tolist() == [0, -1]


def test_a_bridge_that_is_out_is_no_way() -> None:
    _, own = choose_pickups(two_banks(), np.array([5, 7]), MoveRules(), ["North"])
    assert own.tolist() == [0, -1]
