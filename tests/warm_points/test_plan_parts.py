"""What a plan's warm points say beyond the choice: hours, stages, sums, supplies, exports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warm_points.conftest import make_situation, points
from tests.warm_points.instances import random_instance
from tests.warm_points.test_siting import table
from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.problems import InputError
from vatra.situation.timegrid import TimeGrid
from vatra.warm_points import site_warm_points, warm_points_of
from vatra.warm_points.bounds import cover_of
from vatra.warm_points.choice import Wanted, choose_in_order
from vatra.warm_points.exports import HXL, hsds_of, nss_of, write_exports
from vatra.warm_points.inspection import status_now, with_site_list
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.need import TIERS, need_by_tier, need_of
from vatra.warm_points.siting import Wishes
from vatra.warm_points.sums import sites_for_all
from vatra.warm_points.supplies import _trips, deliveries_of


@pytest.fixture
def warm(city: City, outlook: Outlook, grid: TimeGrid) -> WarmPoints:
    situation = make_situation(grid)
    cold = replace(situation.weather, outdoor_c=np.full(grid.slots, -8.0))
    return warm_points_of(city, replace(situation, weather=cold), outlook, sites=2, reach_m=450.0)


def wanted_of(seed: int, sites: int, turns: int) -> Wanted:
    case = random_instance(np.random.default_rng(seed))
    return Wanted(
        arcs=case.arcs, need=case.need, vulnerable=case.vulnerable, places=case.capacity,
        capacity=case.capacity * turns, sites=sites, extra_m=np.zeros(case.arcs.sites),
        fixed=np.zeros(case.arcs.sites, dtype=bool), group=np.zeros(case.arcs.sites, np.int64),
        least=0, vulnerable_weight=3.0, whole_homes=False, reach_m=1000.0,
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 4), st.sampled_from([1, 3]))
def test_nobody_is_counted_twice(seed: int, sites: int, turns: int) -> None:
    wanted = wanted_of(seed, sites, turns)
    choice = choose_in_order(wanted, rounds=60)
    assert choice.chosen.size <= sites
    assert (choice.seated <= wanted.need).all()
    assert (choice.at_once.taken <= wanted.places).all()
    assert (choice.at_once.taken + choice.later.taken <= wanted.capacity).all()
    assert np.isin(choice.at_once.site, choice.chosen).all()
    assert (cover_of(wanted.arcs, choice.chosen)[choice.at_once.home] > 0).all()
    assert choice.bound <= choice.cost * (1 + 1e-9)


def test_the_tiers_of_a_block_add_up(city: City, outlook: Outlook) -> None:
    people = need_of(city, outlook, share_coming=0.7)
    assert (people[list(TIERS)].sum(axis=1) == people["need"]).all()
    assert (people[list(TIERS)[:3]].sum(axis=1) == people["vulnerable"]).all()
    need = need_by_tier(city, outlook)
    assert (need.tiers.sum(axis=1) == city.blocks["residents"]).all()
    assert need.by_hour().sum(axis=1).tolist() == need.people().sum(axis=0).tolist()
    assert need.people("elderly").sum() <= need.people().sum()


def test_a_block_that_is_dry_for_long_is_in_need(city: City, outlook: Outlook) -> None:
    outlook.homes.indoor_c[:] = 20.0
    outlook.services.block_water[2] = 0.0
    assert need_of(city, outlook).empty
    dry = need_by_tier(city, outlook, dry_h=2.0)
    assert dry.people()[2].tolist() == [0.0] * 3 + [60.0] * 7
    assert dry.people().sum() == 420.0


def test_load_keeps_to_the_places_and_the_need(warm: WarmPoints) -> None:
    assert (warm.load.to_numpy() <= warm.sites["capacity"].to_numpy()[:, None]).all()
    assert (warm.hours["at_once"] <= warm.hours["need"]).all()
    assert warm.hours["need"].iloc[0] == 0


def test_stages_are_nested_and_bounded(warm: WarmPoints) -> None:
    stages = warm.stages
    assert stages["sites"].iloc[-1] == len(warm.sites)
    assert stages["sites"].is_monotonic_increasing
    assert (stages["in_turns"] <= stages["in_turns_bound"]).all()
    assert (stages["decide_by"] <= stages["from_time"]).all()
    assert set(warm.sites["stage"]) <= set(stages["stage"])
    assert (stages["late_h"] >= 0).all()


def test_the_curve_rises_below_its_bound(warm: WarmPoints) -> None:
    curve = warm.curve
    for name in ("at_once", "in_turns"):
        assert (curve[name] <= curve[f"{name}_bound"]).all()
        assert curve[name].is_monotonic_increasing
    assert curve["sites"].iloc[-1] == warm.candidates == 3


def test_how_many_sites_it_takes() -> None:
    sizes = np.array([100, 50, 0, 50])
    assert [sites_for_all(n, sizes) for n in (0, 100, 101, 200, 201)] == [0, 1, 2, 3, 4]
    assert sites_for_all(300, sizes, turns=3.0) == 1
    assert sites_for_all(5, np.zeros(2, dtype=np.int64)) == 0


def test_supplies_grow_with_cold_and_dark(warm: WarmPoints) -> None:
    supplies = warm.supplies
    assert set(supplies["site_id"]) <= set(warm.sites.index)
    assert (supplies[["fuel_l", "water_l", "visits", "meals"]] >= 0).all().all()
    assert supplies["fuel_l"].sum() > 0
    assert supplies["bedding"].sum() == warm.sites["capacity"].sum()
    assert (warm.deliveries["load_kg"].sum() - supplies["load_kg"].sum()) == pytest.approx(0.0)


def test_who_has_no_road_is_told(warm: WarmPoints, city: City) -> None:
    depots = city.sites.loc[["W-0"]]
    supplies = pd.DataFrame({"site_id": ["W-1", "W-2"], "day": "d", "load_kg": [500.0, 700.0]})
    sites = city.sites.loc[["W-1", "W-2"]]
    open_road = deliveries_of(supplies, sites, depots, city.streets)
    assert open_road["sites"].tolist() == [2]
    cut = deliveries_of(supplies, sites, depots, city.streets, closed=["North"])
    assert cut.set_index("depot_id")["sites"].to_dict() == {"": 1, "W-0": 1}
    assert _trips(np.array([2000.0, 900.0, 200.0]), 3000.0).tolist() == [0, 0, 1]


def test_every_format_is_written(warm: WarmPoints, tmp_path: Path) -> None:
    names = {file.name for file in write_exports(warm, tmp_path, "City")}
    assert {"warm_points.csv", "supplies.csv", "stages.csv", "load_by_hour.csv"} <= names
    listed = pd.read_csv(tmp_path / "warm_points.csv", dtype=str)
    assert [HXL[name] for name in listed.columns] == listed.iloc[0].tolist()
    assert listed["site_id"].iloc[1:].tolist() == warm.sites.index.tolist()
    features = json.loads((tmp_path / "warm_points.geojson").read_text())["features"]
    assert [f["id"] for f in features] == warm.sites.index.tolist()
    services = hsds_of(warm, "City")["services"]
    assert len(services[0]["service_at_locations"]) == len(warm.sites)
    assert nss_of(warm)["ada"].eq("UNKNOWN").all()


def test_inspections_go_out_of_date(city: City, tmp_path: Path) -> None:
    now = pd.Timestamp("2026-02-01", tz="UTC")
    seen = pd.Series(pd.to_datetime(["2026-01-20", "2025-12-01", "", "2026-03-01"], utc=True))
    state = status_now(pd.Series(["open", "open", "closed", "open"]), seen, now)
    assert state.tolist() == ["open", "unverified", "closed", "unverified"]
    file = tmp_path / "sites.csv"
    file.write_text(
        "site_id,status,inspected,capacity\n#loc+id,#status,#date,#capacity\n"
        "W-0,open,2026-01-25,40\nW-1,open,2025-01-25,\nX,open,2026-01-25,1\n"
    )
    done = with_site_list(city, file, now)
    assert (done.updated, done.unverified, done.unknown) == (2, 1, ("X",))
    assert done.city.sites["status"].tolist() == ["open", "unverified", "candidate"]
    assert done.city.sites["capacity"].tolist() == [40, 90, 150]


def test_a_list_with_faults_tells_all_of_them(city: City, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("site_id,status,inspected,capacity\nA,shut,soon,-1\nA,open,2026-01-01,x\n")
    with pytest.raises(InputError) as error:
        with_site_list(city, file, pd.Timestamp("2026-02-01", tz="UTC"))
    assert len(error.value.problems) == 4
    with pytest.raises(InputError):
        with_site_list(city, tmp_path / "none.csv", pd.Timestamp("2026-02-01", tz="UTC"))


def test_wishes_are_kept() -> None:
    people = table(points([(0, 0), (100, 0)], "B"), need=[30, 30])
    sites = table(
        points([(0, 0), (50, 0), (100, 0)], "W"), capacity=[40, 60, 40],
        district_id=["a", "a", "b"], status=["candidate", "candidate", "open"],
        forbidden=[0, 0, 0],
    )  # fmt: skip
    metres = np.array([[1.0, 100.0], [50.0, 50.0], [100.0, 1.0]])
    kept = site_warm_points(people, sites, None, metres=metres, sites=1)
    assert kept.sites.index.tolist() == ["W-2"]
    free = site_warm_points(
        people, sites, None, metres=metres, sites=1, wishes=Wishes(keep_open=False)
    )
    assert free.sites.index.tolist() == ["W-1"]
    sites["forbidden"] = [0, 1, 0]
    barred = site_warm_points(
        people, sites, None, metres=metres, sites=2,
        wishes=Wishes(least_per_district=1, whole_blocks=True),
    )  # fmt: skip
    assert barred.sites.index.tolist() == ["W-0", "W-2"]
    assert barred.assignment.groupby("block_id").size().max() == 1


def test_the_reason_says_budget_where_a_site_could_open() -> None:
    people = table(points([(0, 0), (9000, 0), (20000, 0)], "B"), need=[30, 20, 5])
    sites = table(points([(0, 0), (9000, 0)], "W"), capacity=[40, 60])
    metres = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    found = site_warm_points(people, sites, None, metres=sp.csr_array(metres), sites=1)
    assert found.blocks["reason"].tolist() == ["", "budget", "no site in reach"]
