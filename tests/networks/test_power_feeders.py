"""Voltage along 10 kV feeders: the linear branch flow beside the AC flow of the same tree."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.conftest import CRS, small_city
from vatra.city import City
from vatra.networks.power_feeders import (
    R_OHM_PER_KM,
    X_OHM_PER_KM,
    FeederMoments,
    feeder_moments,
    feeder_voltage,
)
from vatra.networks.power_flow import PowerGrid, solve_ac


def with_lines(*shapes: shapely.Geometry) -> City:
    city = small_city()
    frame = pd.DataFrame(city.feeders.drop(columns="geometry"))
    placed = gpd.GeoDataFrame(frame, geometry=list(shapes), crs=CRS)
    return city.with_tables(feeders=placed)


def straight(metres: float) -> shapely.Geometry:
    return shapely.LineString([(0.0, 0.0), (metres, 0.0)])


def test_moments_by_hand() -> None:
    fork = shapely.MultiLineString(
        [[(0, 0), (1000, 0)], [(1000, 0), (1000, 2000)], [(1000, 0), (1500, 0)]]
    )
    city = with_lines(straight(3000.0), fork, shapely.Point(5.0, 5.0))
    km = feeder_moments(city).km
    assert km[0] == pytest.approx(3.0)
    # A third of the load at each of three ends: all of it over the first km, a third over 2 km.
    assert km[1] == pytest.approx(1.0 + 2.0 / 3.0)
    assert np.isnan(km[2])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_close_to_the_ac_flow_of_the_same_tree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 25))
    parent = np.array([rng.integers(0, n) for n in range(1, nodes)])
    km = rng.uniform(0.05, 0.4, nodes - 1)
    mw = rng.uniform(0.1, 2.0)
    lines, xy = [], np.zeros((nodes, 2))
    for n in range(1, nodes):
        angle = rng.uniform(0.0, 2.0 * np.pi)
        xy[n] = xy[parent[n - 1]] + 1e3 * km[n - 1] * np.array([np.cos(angle), np.sin(angle)])
        lines.append([xy[parent[n - 1]], xy[n]])
    city = with_lines(shapely.MultiLineString(lines), straight(10.0), straight(10.0))
    moments = feeder_moments(city)
    ours = feeder_voltage(
        moments, np.full((3, 1), mw), np.full((3, 1), 0.4 * mw), np.full((3, 1), 1.03)
    )[0, 0]
    each = mw / (nodes - 1)
    ohm = 100.0
    grid = PowerGrid(
        "tree", 1.0, pd.DataFrame({"kv": 10.0}, index=np.arange(nodes)),
        pd.DataFrame({"from_bus": parent, "to_bus": np.arange(1, nodes),
                      "r_pu": R_OHM_PER_KM * km / ohm, "x_pu": X_OHM_PER_KM * km / ohm}),
        loads=pd.DataFrame({"bus": np.arange(1, nodes), "p_mw": each, "q_mvar": 0.4 * each}),
        sources=pd.DataFrame({"bus": [0], "v_pu": [1.03]}),
    )  # fmt: skip
    flow = solve_ac(grid)
    assert flow.solved.all()
    assert ours == pytest.approx(float(flow.voltage_pu.min()), abs=0.005)


def test_off_and_unknown_are_not_a_voltage() -> None:
    moments = FeederMoments(np.array([1.0, np.nan]))
    v = feeder_voltage(
        moments, np.array([[0.0, 1.0], [1.0, 1.0]]), np.zeros((2, 2)), np.ones((2, 2))
    )
    assert np.isnan(v[0, 0])
    assert 0.99 < v[0, 1] < 1.0
    assert np.isnan(v[1]).all()
