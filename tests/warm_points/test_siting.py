"""Warm points from tables to tables."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from tests.warm_points.conftest import make_situation, points
from vatra.city.model import City, empty_table
from vatra.networks.model import Outlook
from vatra.situation.model import Damage
from vatra.situation.timegrid import TimeGrid
from vatra.warm_points import need_of, site_warm_points, warm_points_of
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.of_city import heated_share, powered_share
from vatra.warm_points.pace import Paces, is_icy, rings_of
from vatra.warm_points.siting import Wishes


def table(where: gpd.GeoSeries, **columns: object) -> gpd.GeoDataFrame:
    """A table of places with columns."""
    return gpd.GeoDataFrame(columns, index=where.index, geometry=where)


def check(warm: WarmPoints, people: gpd.GeoDataFrame, limit: int) -> None:
    """Recount an answer from its own tables."""
    blocks, sites, who = warm.blocks, warm.sites, warm.assignment
    assert len(sites) <= limit
    assert warm.need == people["need"].sum() == blocks["need"].sum()
    assert warm.reached == blocks["reached"].sum() <= warm.reached_bound <= warm.need
    assert warm.served == blocks["assigned"].sum() == sites["assigned"].sum()
    assert warm.served <= warm.served_bound <= warm.need
    assert (sites["assigned"] <= sites["capacity"]).all()
    assert (blocks["assigned"] <= blocks["reached"]).all()
    others = blocks["need"] - blocks["vulnerable"]
    slow = blocks["reached"].eq(others) & (warm.paces.vulnerable < 1.0)
    assert (blocks["reached"].isin([0]) | blocks["reached"].eq(blocks["need"]) | slow).all()
    unserved = blocks["assigned"] < blocks["need"]
    assert ((blocks["reason"] != "") == unserved).all()
    assert (blocks.loc[blocks["reason"] == "capacity", "reached"] > 0).all()
    away = (blocks["reason"] == "no site in reach") & (blocks["reached"] == 0)
    assert (blocks.loc[away, "site_id"] == "").all()
    assert blocks.loc[away, "walk_m"].isna().all()
    assert (who["walk_m"] <= warm.reach_m).all()
    by_site = who.groupby("site_id")["people"].sum().reindex(sites.index, fill_value=0)
    assert by_site.tolist() == sites["assigned"].tolist()
    by_block = who.groupby("block_id")["people"].sum().reindex(blocks.index, fill_value=0)
    assert by_block.tolist() == blocks["assigned"].tolist()


def test_a_city_with_all_its_sites(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    warm = warm_points_of(city, make_situation(grid), outlook, sites=3, reach_m=450.0)
    check(warm, need_of(city, outlook), 3)
    assert warm.need == warm.reached == warm.reached_bound == 480
    assert warm.served == warm.served_bound == 360
    assert warm.sites["open_by"].tolist() == [grid.start + pd.Timedelta(minutes=30)] * 3
    assert set(warm.blocks["reason"]) == {"", "capacity"}


def test_reach_comes_before_seats(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    # W-2 holds most, but W-1 alone reaches the left bank's blocks of 60 and 40 beside 200.
    warm = warm_points_of(city, make_situation(grid), outlook, sites=1, reach_m=450.0)
    check(warm, need_of(city, outlook), 1)
    best = max(
        warm_points_of(
            city.with_tables(sites=city.sites.loc[[name]]), make_situation(grid), outlook,
            sites=1, reach_m=450.0,
        ).reached
        for name in city.sites.index
    )  # fmt: skip
    assert warm.reached == warm.reached_bound == best


def test_a_bridge_that_is_out_parts_the_banks(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    whole = warm_points_of(city, make_situation(grid), outlook, sites=3, reach_m=450.0)
    assert whole.blocks.loc["B-3", "sites_in_reach"] == 2
    out = Damage("streets", "North", 0, grid.slots)
    parted = warm_points_of(city, make_situation(grid, out), outlook, sites=3, reach_m=450.0)
    assert parted.blocks.loc["B-3", "sites_in_reach"] == 1
    mended = Damage("streets", "North", 0, 1)
    before_need = warm_points_of(city, make_situation(grid, mended), outlook, reach_m=450.0)
    assert before_need.blocks.loc["B-3", "sites_in_reach"] == 2


def test_sites_that_are_out_or_closed_stay_shut(
    city: City, outlook: Outlook, grid: TimeGrid
) -> None:
    damage = (
        Damage("sites", "W-0", 0, grid.slots),
        Damage("sites", "W-2", 0, grid.slots, remaining_share=0.5),
    )
    sites = city.sites.copy()
    sites.loc["W-1", "status"] = "closed"
    city = city.with_tables(sites=sites)
    warm = warm_points_of(city, make_situation(grid, *damage), outlook, reach_m=450.0)
    check(warm, need_of(city, outlook), 1)
    assert warm.sites.index.tolist() == ["W-2"]
    assert warm.served == 75


def test_power_and_heat_of_sites(city: City, outlook: Outlook) -> None:
    # W-0 has its feeder for 5 of 10 slots, W-1 three hours of fuel, W-2 nothing.
    assert powered_share(city, outlook, slice(None)).tolist() == [0.5, 0.6, 0.0]
    assert powered_share(city, outlook, slice(4, None)).tolist() == pytest.approx([1 / 6, 1 / 3, 0])
    assert powered_share(city, outlook, slice(10, None)).tolist() == [1.0, 1.0, 1.0]
    assert heated_share(city, outlook, slice(None)).tolist() == [0.25, 0.6, 0.25]


def test_of_two_alike_the_one_with_power_opens(streets: gpd.GeoDataFrame) -> None:
    people = table(points([(100, 10)], "B"), need=[500])
    places = points([(150, 5), (50, 5)], "W")
    sites = table(places, capacity=[100, 100], powered=[0.0, 1.0])
    warm = site_warm_points(people, sites, streets, sites=1)
    assert warm.sites.index.tolist() == ["W-1"]
    sites["powered"] = [1.0, 0.0]
    assert site_warm_points(people, sites, streets, sites=1).sites.index.tolist() == ["W-0"]


@pytest.mark.parametrize(("least", "expected"), [(0, ["W-0", "W-3"]), (2, ["W-0", "W-1", "W-3"])])
def test_what_nobody_goes_to_stays_closed(
    streets: gpd.GeoDataFrame, least: int, expected: list[str]
) -> None:
    people = table(points([(100, 10)], "B"), need=[50])
    places = points([(100, 5), (140, 5), (30, 5), (20, 5)], "W")
    sites = table(
        places, capacity=[90, 80, 70, 60], district_id=["D-1"] * 3 + ["D-2"],
        fixed=[False] * 3 + [True],
    )  # fmt: skip
    wishes = Wishes(least_per_district=least)
    warm = site_warm_points(people, sites, streets, sites=4, wishes=wishes)
    assert warm.sites.index.tolist() == expected
    assert warm.served == 50


def test_any_sparse_matrix_will_do() -> None:
    people = table(points([(0, 0), (1, 1)], "B"), need=[5, 7])
    sites = table(points([(0, 0)], "W"), capacity=[4])
    warm = site_warm_points(people, sites, None, metres=np.array([[0.0, 12.0]]))
    check(warm, people, 1)
    # A dense matrix has no stored zero, so the first block is out of reach.
    assert warm.reached == 7
    assert warm.planning_time is None


@pytest.mark.parametrize("limit", [0, -1, 2])
@pytest.mark.parametrize("people", [0, 1, 6])
@pytest.mark.parametrize("sites", [0, 1, 5])
@pytest.mark.parametrize("capacity", [0, 30])
def test_small_and_empty_input(
    streets: gpd.GeoDataFrame, limit: int, people: int, sites: int, capacity: int
) -> None:
    rng = np.random.default_rng(people)
    homes = table(points(rng.uniform(0, 1000, (people, 2)), "B"), need=rng.integers(0, 60, people))
    places = table(points(rng.uniform(0, 1000, (sites, 2)), "W"), capacity=np.full(sites, capacity))
    warm = site_warm_points(homes, places, streets, sites=limit, reach_m=600.0)
    check(warm, homes, max(limit, 0))
    if not capacity or limit <= 0:
        assert warm.served == warm.reached == warm.served_bound == warm.reached_bound == 0


def test_a_city_without_sites_or_need(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    bare = city.with_tables(sites=empty_table("sites", "EPSG:32636"))
    warm = warm_points_of(bare, make_situation(grid), outlook)
    check(warm, need_of(city, outlook), 0)
    assert set(warm.blocks["reason"]) == {"no site in reach"}
    outlook.homes.indoor_c[:] = 20.0
    nobody = warm_points_of(city, make_situation(grid), outlook)
    assert nobody.need == len(nobody.sites) == len(nobody.blocks) == 0
    assert nobody.planning_time is None
    assert nobody.sites["open_by"].dt.tz is not None


def test_negative_people_and_places_are_refused(streets: gpd.GeoDataFrame) -> None:
    here = points([(0, 0)], "X")
    good = table(here, need=[1], capacity=[1])
    bad = table(here, need=[-1], capacity=[-1])
    with pytest.raises(ValueError, match="negative"):
        site_warm_points(bad, good, streets)
    with pytest.raises(ValueError, match="negative"):
        site_warm_points(good, bad, streets)
    with pytest.raises(ValueError, match="streets or a matrix"):
        site_warm_points(good, good, None)


def test_who_walks_slowly_reaches_less(streets: gpd.GeoDataFrame) -> None:
    homes, where = points([(0, 0)], "B"), points([(400, 0), (500, 400)], "W")
    people = table(homes, need=[10], vulnerable=[4])
    candidates = table(where, capacity=[20, 20])
    alike = site_warm_points(people, candidates, streets, sites=1, reach_m=450.0)
    assert (alike.reached, alike.served) == (10, 10)
    slow = Wishes(paces=Paces(1.0, 0.8))
    warm = site_warm_points(people, candidates, streets, sites=1, reach_m=450.0, wishes=slow)
    check(warm, people, 1)
    assert (warm.reached, warm.served, warm.vulnerable_left) == (6, 6, 4)
    assert warm.reached_bound == 6
    assert warm.blocks["reason"].tolist() == ["no site in reach"]
    assert warm.assignment["walk_m"].tolist() == [400.0]
    assert warm.rings["people"].tolist() == [10, 10, 10, 10]
    # With 600 m the vulnerable get 480: the same walk is within reach again.
    far = site_warm_points(people, candidates, streets, sites=1, reach_m=600.0, wishes=slow)
    assert (far.served, far.vulnerable_left) == (10, 0)
    assert far.assignment["walk_m"].tolist() == [400.0]


def test_ice_slows_everybody() -> None:
    dry, ice = Paces.of(ice=False), Paces.of(ice=True)
    assert dry.minutes(1000.0) == pytest.approx(15.0)
    assert dry.others > ice.others
    assert dry.vulnerable > ice.vulnerable
    assert ice.minutes(480.0, vulnerable=True) == pytest.approx(10.0)
    assert is_icy(np.array([-3.0, 1.0, np.nan]))
    assert not is_icy(np.array([np.nan]))


def test_rings_count_everybody() -> None:
    rings = rings_of(
        np.array([100.0, 700.0, np.nan]), np.array([5, 6, 7]), np.array([1, 0, 2]), Paces()
    )
    assert rings["people"].tolist() == [5, 11, 11, 18]
    assert rings["vulnerable"].tolist() == [1, 1, 1, 3]
