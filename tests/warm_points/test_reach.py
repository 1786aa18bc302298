"""Walks on the street network."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import scipy.sparse as sp
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from tests.warm_points.conftest import grid_streets, points
from vatra.warm_points.reach import doors_of, street_net, walking_arcs, walks


def full(metres: sp.csr_array) -> NDArray[np.float64]:
    """Dense, with what is out of reach as infinite."""
    dense = np.full(metres.shape, np.inf)
    row = np.repeat(np.arange(metres.shape[0]), np.diff(metres.indptr))
    dense[row, metres.indices] = metres.data
    return dense


def plain_walks(
    streets: gpd.GeoDataFrame, homes: gpd.GeoSeries, sites: gpd.GeoSeries, cap_m: float
) -> NDArray[np.float64]:
    """The same walks by splitting streets at every door and asking SciPy."""
    lines = streets.geometry.to_numpy()
    buildings = [*sites.to_list(), *homes.to_list()]
    nodes = int(streets[["from_node", "to_node"]].to_numpy().max()) + 1
    doors: dict[int, list[tuple[float, int]]] = {}
    rows, columns, metres = [], [], []

    def join(a: int, b: int, m: float) -> None:
        rows.append(a)
        columns.append(b)
        metres.append(max(m, 1e-12))

    for i, building in enumerate(buildings):
        far = shapely.distance(lines, building)
        edge = int(np.argmin(far))
        share = shapely.line_locate_point(lines[edge], building, normalized=True)
        offset = share * streets["length_m"].iloc[edge]
        door = nodes + 2 * i
        doors.setdefault(edge, []).append((offset, door))
        join(door, door + 1, float(far[edge]))
    for edge, (u, v, length) in enumerate(
        streets[["from_node", "to_node", "length_m"]].itertuples(index=False)
    ):
        at, last = 0.0, int(u)
        for offset, door in sorted(doors.get(edge, [])):
            join(last, door, offset - at)
            at, last = offset, door
        join(last, int(v), length - at)
    size = nodes + 2 * len(buildings)
    # The shortest of parallel stretches: a sparse matrix would add them.
    order = np.argsort(metres)[::-1]
    graph = sp.lil_array((size, size))
    for k in order:
        a, b = sorted((rows[k], columns[k]))
        graph[a, b] = metres[k]
    at_site = nodes + 2 * np.arange(len(sites)) + 1
    at_home = nodes + 2 * (len(sites) + np.arange(len(homes))) + 1
    dist: NDArray[np.float64] = dijkstra(graph.tocsr(), directed=False, indices=at_site)
    dist = dist[:, at_home]
    dist[dist > cap_m] = np.inf
    return dist


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cap_m=st.sampled_from([80.0, 250.0, 900.0, 5000.0]))
def test_walks_are_those_of_a_plain_dijkstra(seed: int, cap_m: float) -> None:
    rng = np.random.default_rng(seed)
    streets = grid_streets(6, 5)
    streets["length_m"] *= rng.uniform(1.0, 1.6, len(streets))
    streets = streets[rng.random(len(streets)) < 0.75]
    homes = points(rng.uniform(-30, 530, (17, 2)), "B")
    sites = points(rng.uniform(-30, 530, (9, 2)), "W")
    ours = full(walking_arcs(streets, homes, sites, cap_m))
    theirs = plain_walks(streets, homes, sites, cap_m)
    near_cap = np.abs(np.where(np.isfinite(theirs), theirs, ours) - cap_m) < 1e-6
    np.testing.assert_allclose(ours[~near_cap], theirs[~near_cap], atol=1e-6)


def test_neighbours_on_one_stretch_walk_along_it(streets: gpd.GeoDataFrame) -> None:
    homes = points([(215, 8), (295, 0)], "B")
    sites = points([(220, -5)], "W")
    metres = full(walking_arcs(streets, homes, sites, 500.0))
    np.testing.assert_allclose(metres, [[18.0, 80.0]])


def test_a_closed_bridge_parts_the_banks(streets: gpd.GeoDataFrame) -> None:
    homes = points([(500, 300)], "B")
    sites = points([(600, 300)], "W")
    assert full(walking_arcs(streets, homes, sites, 5000.0))[0, 0] == pytest.approx(100.0)
    assert walking_arcs(streets, homes, sites, 5000.0, closed=["North"]).nnz == 0


def test_a_closed_street_is_walked_round(streets: gpd.GeoDataFrame) -> None:
    homes, sites = points([(0, 0)], "B"), points([(100, 0)], "W")
    closed = streets.index[(streets["from_node"] == 0) & (streets["to_node"] == 1)]
    detour = full(walking_arcs(streets, homes, sites, 5000.0, closed=list(closed)))
    assert detour[0, 0] == pytest.approx(300.0)


def test_nobody_lives_on_a_bridge(streets: gpd.GeoDataFrame) -> None:
    net = street_net(streets)
    doors = doors_of(net, points([(550, 305)], "B"))
    on_bridge = (streets["bridge"] == "North").to_numpy()
    assert not on_bridge[doors.edge[0]]
    assert doors.access_m[0] == pytest.approx(50.0)


def test_a_walk_of_no_length_is_stored(streets: gpd.GeoDataFrame) -> None:
    here = points([(200, 0)], "X")
    metres = walking_arcs(streets, here, here, 100.0)
    assert metres.nnz == 1
    assert metres.data[0] == 0.0


@pytest.mark.parametrize(("homes", "sites"), [(0, 3), (3, 0), (0, 0)])
def test_nothing_to_reach(streets: gpd.GeoDataFrame, homes: int, sites: int) -> None:
    metres = walking_arcs(
        streets, points(np.zeros((homes, 2)), "B"), points(np.zeros((sites, 2)), "W"), 500.0
    )
    assert metres.shape == (sites, homes)
    assert metres.nnz == 0


def test_no_streets_no_walks(streets: gpd.GeoDataFrame) -> None:
    here = points([(200, 0)], "X")
    assert walking_arcs(streets.iloc[:0], here, here, 500.0).nnz == 0


def test_threads_change_nothing(streets: gpd.GeoDataFrame) -> None:
    rng = np.random.default_rng(3)
    net = street_net(streets)
    homes = doors_of(net, points(rng.uniform(0, 1100, (300, 2)), "B"))
    sites = doors_of(net, points(rng.uniform(0, 1100, (400, 2)), "W"))
    one = walks(net, homes, sites, 700.0, threads=1)
    two = walks(net, homes, sites, 700.0, threads=2)
    np.testing.assert_array_equal(full(one), full(two))
    assert one.has_sorted_indices
    assert two.has_sorted_indices
