"""The parts of the synthesis: cutting areas, banks, feeders, queues, the 110 kV network."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tests.city.lifelines_cities import bare_city
from vatra.city.lifelines import add_lifelines
from vatra.city.lifelines.ground import Ground, find_banks, survey
from vatra.city.lifelines.partition import apportion, partition, partition_by_bank
from vatra.city.lifelines.queues import assign_queues, choose_reserved
from vatra.city.lifelines.scale import QUEUES, Scale
from vatra.city.model import City


@pytest.fixture(scope="module")
def city() -> City:
    return add_lifelines(bare_city(600_000, blocks=4_000, sites=800), np.random.default_rng(3))


@settings(max_examples=60, deadline=None)
@given(
    weight=st.lists(st.floats(0, 1e6), min_size=1, max_size=20),
    count=st.integers(0, 200),
    least=st.integers(0, 3),
)
def test_apportion_gives_out_all_and_keeps_the_minimum(
    weight: list[float], count: int, least: int
) -> None:
    given_out = apportion(np.array(weight), count, least)
    assert given_out.sum() == max(count, least * len(weight))
    assert given_out.min() >= least
    if not least:
        exact = count * np.array(weight) / (sum(weight) or 1.0)
        assert not sum(weight) or np.abs(given_out - exact).max() < 1 + 1e-9


def test_apportion_of_nothing() -> None:
    assert apportion(np.zeros(0), 5).size == 0


@settings(max_examples=60, deadline=None)
@given(points=st.integers(1, 80), parts=st.integers(1, 30), seed=st.integers(0, 1000))
def test_partition_leaves_no_part_empty(points: int, parts: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    label = partition(
        rng.random((points, 2)), rng.integers(0, 3, points).astype(float), np.ones(parts)
    )
    assert len(np.unique(label)) == min(points, parts)
    assert label.max() < parts


def test_partition_meets_its_shares_and_is_compact() -> None:
    rng = np.random.default_rng(0)
    xy = rng.random((20_000, 2))
    share = rng.uniform(0.5, 1.5, 40)
    label = partition(xy, np.ones(20_000), share)
    found = np.bincount(label) / 20_000
    np.testing.assert_allclose(found, share / share.sum(), rtol=0.02)
    # A square part of this area spreads by √(area / 6) about its middle; none is three times as
    # long drawn.
    sums = np.stack([np.bincount(label, weights=xy[:, d]) for d in (0, 1)], axis=1)
    middle = sums / np.bincount(label)[:, None]
    spread = np.sqrt(np.bincount(label, weights=((xy - middle[label]) ** 2).sum(axis=1))
                     / np.bincount(label))  # fmt: skip
    assert (spread / np.sqrt(found / 6)).max() < 1.6


def test_parts_stay_on_their_bank() -> None:
    rng = np.random.default_rng(0)
    xy = rng.random((500, 2)) * 1000
    bank = (xy[:, 0] > 700).astype(np.int64)
    label = partition_by_bank(xy, np.ones(500), bank, 9, rng=rng, spread=0.3)
    assert len(np.unique(label)) == 9
    for part in range(9):
        assert len(np.unique(bank[label == part])) == 1


def test_small_banks_join_the_nearest() -> None:
    xy = np.array([[0.0, 0], [1, 0], [2, 0], [50, 0], [51, 0], [52, 0], [60, 0]])
    bank = np.array([0, 0, 0, 1, 1, 1, 2])
    weight = np.array([1, 1, 1, 1, 1, 1, 0.01])
    label = partition_by_bank(xy, weight, bank, 2, rng=np.random.default_rng(0), spread=0.0)
    assert label.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert not partition_by_bank(xy, weight, np.arange(7), 1,
                                 rng=np.random.default_rng(0), spread=0.0).any()  # fmt: skip


def test_a_wide_river_parts_the_banks_and_a_pond_does_not() -> None:
    rng = np.random.default_rng(1)
    xy = rng.random((400, 2)) * 4000
    xy = xy[np.abs(xy[:, 0] - 2500) > 300]
    # The river falls short of the city's edge, as water cut to a district often does.
    river = shapely.box(2250, 60, 2750, 3940)
    pond = shapely.box(100, 100, 700, 700)
    bank = find_banks(xy, np.array([river, pond]))
    assert (bank == (xy[:, 0] > 2500)).all()
    assert not find_banks(xy, np.array([pond])).any()
    assert not find_banks(xy, np.zeros(0, dtype=object)).any()


def test_points_in_water_are_moved_ashore() -> None:
    river = shapely.box(0, 0, 500, 10_000)
    ground = Ground(np.array([[-100.0, 50.0]]), np.zeros(1, np.int64), np.array([river]))
    xy = np.array([[250.0, 5000.0], [10.0, 10.0], [900.0, 0.0]])
    moved = ground.on_land(xy)
    assert not ground.in_water(moved).any()
    assert np.linalg.norm(moved - xy, axis=1)[0] < 300
    np.testing.assert_array_equal(moved[2], xy[2])


def test_survey_takes_broken_and_missing_shapes() -> None:
    city = bare_city(2_000, blocks=30)
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    blocks = city.blocks.copy()
    blocks.loc[blocks.index[:2], "geometry"] = [None, bow_tie]
    water = city.water_bodies.copy()
    water.loc["W-2", "geometry"] = bow_tie
    water.loc["W-3", "geometry"] = None
    ground = survey(city.with_tables(blocks=blocks, water_bodies=water))
    assert np.isfinite(ground.xy).all()
    assert len(ground.water) == 3  # the river and the two halves of the bow tie


def test_a_feeder_is_its_homes_and_customers(city: City) -> None:
    drawn = city.customers.groupby("feeder_id")["peak_mw"].sum()
    homes = city.feeders["peak_mw"] - drawn.reindex(city.feeders.index, fill_value=0.0)
    assert homes.min() > -1e-9
    has_homes = city.feeders.index.isin(city.blocks.loc[city.blocks["residents"] > 0, "feeder_id"])
    assert (homes[~has_homes] < 1e-9).all()
    critical = city.customers[city.customers["critical"]].groupby("feeder_id")["peak_mw"].sum()
    np.testing.assert_allclose(
        city.feeders["critical_mw"], critical.reindex(city.feeders.index, fill_value=0.0)
    )
    counted = (
        city.blocks.groupby("feeder_id")["dwellings"]
        .sum()
        .add(city.customers.groupby("feeder_id").size(), fill_value=0)
    )
    assert (city.feeders["customers"] == counted.astype(int)).all()


def test_a_feeder_is_drawn_from_its_substation_to_its_blocks(city: City) -> None:
    start = city.substations.geometry.reindex(city.feeders["substation_id"])
    assert city.feeders.geometry.distance(start, align=False).max() < 1e-6
    shapes = city.feeders.geometry.reindex(city.blocks["feeder_id"])
    assert city.blocks.geometry.distance(shapes, align=False).quantile(0.95) < 50.0
    assert (city.feeders.geom_type == "MultiLineString").all()


def test_feeders_of_a_substation_fit_it(city: City) -> None:
    load = city.feeders.groupby("substation_id")["peak_mw"].sum()
    ratio = city.substations["capacity_mw"] / load.reindex(city.substations.index)
    assert ratio.between(1.3, 1.6).all()
    assert (city.feeders["capacity_mw"] / city.feeders["peak_mw"]).between(1.4999, 2.0001).all()


def test_mixed_feeders_may_be_cut_and_mostly_have_backup(city: City) -> None:
    feeders = city.feeders
    mixed = feeders.index[~feeders["protected"] & (feeders["critical_mw"] > 0)]
    assert feeders.loc[mixed, "queue"].notna().all()
    customers = city.customers[city.customers["critical"] & city.customers["feeder_id"].isin(mixed)]
    backed = customers["backup_mw"] >= 0.99 * customers["peak_mw"]
    assert 0.75 < backed.mean() < 1.0
    # Without backup, nothing that a network hangs on.
    assert not customers.loc[~backed, "kind"].isin(["water", "sewage", "heat"]).any()


def test_queues_are_even_and_spread(city: City) -> None:
    feeders = city.feeders.join(
        city.blocks.groupby("feeder_id")["residents"].sum(), how="left"
    ).fillna({"residents": 0})
    queued = feeders[feeders["queue"].notna()]
    assert sorted(queued["queue"].unique()) == list(QUEUES)
    for column in ("peak_mw", "residents"):
        total = queued.groupby("queue")[column].sum()
        assert total.max() / total.min() < 1.03, column
    shares = queued.groupby(["substation_id", "queue"]).size().unstack(fill_value=0)
    assert (shares.max(axis=1) - shares.min(axis=1)).max() <= 2


def test_queues_of_equal_feeders_are_equal() -> None:
    queue = assign_queues(
        np.zeros(36, np.int64), np.ones(36), np.zeros(36), np.ones(36, dtype=bool)
    )
    assert {q: int((queue == q).sum()) for q in QUEUES} == dict.fromkeys(QUEUES, 3)
    nobody = assign_queues(np.zeros(3, np.int64), np.ones(3), np.ones(3), np.zeros(3, bool))
    assert nobody.tolist() == [None, None, None]


def test_exchanges_even_out_unlike_feeders() -> None:
    rng = np.random.default_rng(0)
    peak, people = rng.lognormal(0, 0.5, 60), rng.lognormal(0, 0.8, 60)
    queue = assign_queues(np.arange(60) % 3, peak, people, np.ones(60, dtype=bool))
    for size in (peak, people):
        total = np.array([size[queue == q].sum() for q in QUEUES])
        assert np.ptp(total) / total.mean() < 0.15


def test_reserved_feeders_are_ordinary_and_leave_all_queues_filled() -> None:
    rng = np.random.default_rng(0)
    peak, critical = np.ones(100), np.r_[np.ones(20), np.zeros(80)]
    protected = np.arange(100) < 10
    reserved = choose_reserved(peak, critical, protected, rng)
    assert reserved.sum() == 3
    assert not reserved[:20].any()
    few = choose_reserved(np.ones(12), np.zeros(12), np.zeros(12, bool), rng)
    assert not few.any()


def test_every_substation_is_fed_in_rings_with_spurs(city: City) -> None:
    ends = np.stack([city.rows("lines", c, "substations") for c in ("from_id", "to_id")])
    count = len(city.substations)
    graph = coo_array((np.ones(ends.shape[1]), ends), (count, count))
    assert connected_components(graph, directed=False)[0] == 1
    lines = np.bincount(ends.ravel(), minlength=count)
    assert 0.05 < (lines == 1).mean() < 0.4  # radial spurs
    # Whichever line of a ring is out, all but spurs are still fed.
    for out in range(ends.shape[1]):
        if (lines[ends[:, out]] == 1).any():
            continue
        left = np.delete(ends, out, axis=1)
        graph = coo_array((np.ones(left.shape[1]), left), (count, count))
        assert connected_components(graph, directed=False)[0] == 1
    assert set(city.power_sources["kind"]) == {"grid", "chp"}
    assert city.power_sources["capacity_mw"].sum() > 1.3 * city.about.known_peak_mw


@pytest.mark.parametrize("substations", [2, 3, 4, 5, 9, 23])
def test_few_substations_are_joined_too(substations: int) -> None:
    peak = 1500.0 * (substations / 70) ** (1 / 0.9)
    city = bare_city(int(2000 * peak), blocks=300, peak_mw=peak)
    assert Scale(1, peak).substations == substations
    made = add_lifelines(city, np.random.default_rng(0))
    joined = set(made.lines["from_id"]) | set(made.lines["to_id"])
    assert joined == set(made.substations.index)
    assert len(made.substations) == substations


def test_counts_shrink_with_the_city() -> None:
    full, town = Scale(3_000_000, 1500.0), Scale(20_000, 10.0)
    assert (full.substations, full.feeders, full.water_works) == (70, 2000, 3)
    assert (town.substations, town.feeders, town.water_works) == (2, 24, 1)
    assert [full.chps(mw) for mw in (100, 500, 2000, 6000)] == [0, 1, 2, 3]
    assert min(town.critical.values()) == 1
