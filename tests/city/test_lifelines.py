"""Every lifeline table is made, refers to what is there, and meets the city's figures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.city.lifelines_cities import bare_city
from vatra.city.check import check_city
from vatra.city.lifelines import add_lifelines
from vatra.city.lifelines.synthesis import LIFELINES
from vatra.city.model import City


def synthesise(city: City, seed: int = 1, known: Iterable[str] = ()) -> City:
    return add_lifelines(city, np.random.default_rng(seed), known=frozenset(known))


@pytest.fixture(scope="module")
def full_size() -> City:
    return synthesise(bare_city(3_000_000, blocks=18_000, sites=4_000))


@pytest.fixture(scope="module")
def town() -> City:
    return synthesise(bare_city(60_000, blocks=500))


def test_full_size_meets_the_figures_of_kyiv(full_size: City) -> None:
    city = full_size
    feeders, customers, pumps = city.feeders, city.customers, city.pumps
    residents = city.blocks.groupby("feeder_id")["residents"].sum()
    protected = feeders["protected"]
    critical = customers["critical"]
    stations = pumps[pumps["kind"] == "water"]
    chps = city.heat_sources["kind"] == "chp"
    peak = feeders["peak_mw"].sum()
    # figure: found, lowest, highest; from the public figures, or assumed where there are none
    figures = {
        "peak, MW": (peak, 1499.999, 1500.001),
        "critical, MW": (feeders["critical_mw"].sum(), 370, 380),
        "critical customers, MW": (customers.loc[critical, "peak_mw"].sum(), 370, 380),
        "on protected feeders, MW": (feeders.loc[protected, "peak_mw"].sum(), 360, 395),
        "homes' share of the peak": (1 - customers["peak_mw"].sum() / peak, 0.45, 0.5),
        "other customers' share": (customers.loc[~critical, "peak_mw"].sum() / peak, 0.25, 0.3),
        "people who ride along": (
            residents.reindex(feeders.index[protected]).sum() / city.residents, 0.03, 0.05,
        ),
        "reserved share": (feeders.loc[feeders["reserved"], "peak_mw"].sum() / peak, 0.025, 0.04),
        "remote share": ((feeders["switching"] == "remote").mean(), 0.55, 0.65),
        "ordinary feeder, MW": (feeders.loc[~protected, "peak_mw"].mean(), 0.6, 0.9),
        "substations": (len(city.substations), 70, 70),
        "feeders": (len(feeders), 1990, 2000),
        "CHP plants": (int(chps.sum()), 3, 3),
        "boiler houses": (int((~chps).sum()), 160, 200),
        "boiler houses with backup": ((city.heat_sources["backup_mw"] > 0)[~chps].mean(), 0.4, 0.6),
        "CHP power, MW": (
            city.power_sources.loc[city.power_sources["kind"] == "chp", "capacity_mw"].sum(),
            1200, 1600,
        ),
        "design heat, MW": (city.heat_zones["design_mw"].sum(), 4000, 8000),
        "power over heat": (
            city.heat_sources["electric_mw"].sum() / city.heat_sources["capacity_mw"].sum(),
            0.01, 0.02,
        ),
        "water, million m³/day": (city.water_zones["demand_m3_h"].sum() * 24e-6, 0.89, 0.91),
        "water works": (int((pumps["kind"] == "water_works").sum()), 2, 3),
        "pump rooms": (len(stations), 170, 180),
        "of 170, generator-ready": ((stations["backup_mw"] > 0).mean() * 170, 150, 158),
        "water zones": (len(city.water_zones), 60, 100),
        "works, million m³/day": (
            pumps.loc[pumps["kind"] == "water_works", "capacity_m3_h"].sum() * 24e-6, 1.8, 2.2,
        ),
    }  # fmt: skip
    for name, (found, low, high) in figures.items():
        print(f"{name:<28} {found:>10.4g}   {low:g} to {high:g}")  # noqa: T201
    wrong = [name for name, (found, low, high) in figures.items() if not low <= found <= high]
    assert wrong == []


def test_nothing_is_wrong_with_what_was_made(town: City, full_size: City) -> None:
    assert check_city(town) == []
    assert check_city(full_size) == []


def test_all_rows_made_are_assumed(town: City) -> None:
    for name in LIFELINES:
        table = town.tables()[name]
        assert len(table), name
        assert table["assumed"].all(), name


def test_same_state_gives_the_same_tables() -> None:
    first, again, other = (synthesise(bare_city(20_000), seed) for seed in (1, 1, 2))
    for name, table in first.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name])
    assert first.water_inp == again.water_inp
    assert not first.feeders["peak_mw"].equals(other.feeders["peak_mw"])


def test_input_stays_as_it_was() -> None:
    city = bare_city(5_000, blocks=60)
    before = city.blocks.copy(deep=True)
    synthesise(city)
    pd.testing.assert_frame_equal(city.blocks, before)
    assert not len(city.feeders)


def test_nothing_stands_in_the_river(full_size: City) -> None:
    river = shapely.union_all(full_size.water_bodies.geometry.array)
    for name in ("substations", "power_sources", "customers", "heat_sources", "pumps"):
        places = np.asarray(full_size.tables()[name].geometry.array)
        assert not shapely.contains(river, places).any(), name


def test_assets_are_near_what_they_serve(full_size: City) -> None:
    city = full_size
    for table, column in (("heat_sources", "heat_zone_id"), ("pumps", "water_zone_id")):
        assets = city.tables()[table]
        assets = assets[assets[column].notna()]
        served = city.blocks.dissolve(column)[["geometry"]]
        gap = assets.geometry.distance(served.geometry.reindex(assets[column]), align=False)
        assert gap.max() < 500.0, table


def test_pumps_and_heat_sources_are_customers_of_their_feeders(town: City) -> None:
    for table, kinds in (("heat_sources", {"heat"}), ("pumps", {"water", "sewage"})):
        assets = town.tables()[table]
        found = town.customers[town.customers["kind"].isin(kinds)].set_index("name")
        same = found.loc[assets["name"]]
        assert same["critical"].all()
        assert (same["feeder_id"].to_numpy() == assets["feeder_id"].to_numpy()).all()
        np.testing.assert_allclose(same["peak_mw"], assets["electric_mw"])
        np.testing.assert_array_equal(same["backup_mw"], assets["backup_mw"])
        np.testing.assert_array_equal(same["backup_fuel_h"], assets["backup_fuel_h"])


def test_only_heated_blocks_are_in_heat_zones(town: City) -> None:
    heated = town.blocks["heating"] == "district"
    assert (town.blocks["heat_zone_id"].notna() == heated).all()


def test_what_is_assumed_is_said_once_in_two_languages() -> None:
    once = synthesise(bare_city(5_000, blocks=60))
    twice = synthesise(once)
    assert once.about.assumptions
    assert once.about.assumptions == twice.about.assumptions
    assert all(note.what and note.what_uk for note in once.about.assumptions)
    assert not any(
        "feeders" in n.tables for n in synthesise(once, known=LIFELINES).about.assumptions[6:]
    )


def test_peak_is_taken_from_the_residents_where_it_is_unknown() -> None:
    city = synthesise(bare_city(10_000, blocks=80, peak_mw=0.0))
    assert city.about.known_peak_mw == pytest.approx(5.0)
    assert city.feeders["peak_mw"].sum() == pytest.approx(5.0)


def test_power_of_pumps_and_heat_sources_fits_a_small_peak() -> None:
    city = synthesise(bare_city(30_000, blocks=200, peak_mw=3.0))
    critical = city.customers[city.customers["critical"]]
    assert critical["peak_mw"].sum() == pytest.approx(0.25 * 3.0)
    power = city.heat_sources["electric_mw"].sum() + city.pumps["electric_mw"].sum()
    assert power == pytest.approx(0.7 * 0.25 * 3.0)
    assert (city.pumps["backup_mw"] <= city.pumps["electric_mw"] * (1 + 1e-9)).all()
    assert check_city(city) == []


def test_unknown_table_and_empty_city_are_refused() -> None:
    city = bare_city(1_000, blocks=20)
    with pytest.raises(ValueError, match="no lifeline table is called turbines"):
        synthesise(city, known={"turbines"})
    with pytest.raises(ValueError, match="without blocks"):
        synthesise(city.with_tables(blocks=city.blocks.iloc[:0]))


@settings(max_examples=25, deadline=None)
@example(residents=1_000, blocks=1, seed=0, river=True, district=True, sites=0, crowded=True)
@example(residents=0, blocks=5, seed=0, river=False, district=True, sites=3, crowded=False)
@example(residents=2_000, blocks=2, seed=3, river=True, district=False, sites=1, crowded=True)
@given(
    residents=st.integers(0, 60_000),
    blocks=st.integers(1, 120),
    seed=st.integers(0, 2**32 - 1),
    river=st.booleans(),
    district=st.booleans(),
    sites=st.integers(0, 12),
    crowded=st.booleans(),
)
def test_any_city_gets_whole_lifelines(
    residents: int, blocks: int, seed: int, river: bool, district: bool, sites: int, crowded: bool
) -> None:
    people = [residents] + [0] * (blocks - 1) if crowded else None
    bare = bare_city(
        residents, blocks=blocks, seed=seed, river=river, district_heat=district, sites=sites,
        people=people,
    )  # fmt: skip
    city = synthesise(bare, seed)
    # A made-up block of nobody has no floor area and so on; only what was made is checked.
    ours = {*LIFELINES, "blocks", "sites"}
    problems = [p for p in check_city(city) if p.place.split(".")[0] in ours]
    assert problems == []
    assert city.feeders["peak_mw"].sum() == pytest.approx(city.about.known_peak_mw)
    assert city.blocks[["feeder_id", "water_zone_id", "sewage_zone_id"]].notna().all().all()
    assert len(city.substations) >= 2
    queued = city.feeders["queue"].notna()
    assert (queued == ~(city.feeders["protected"] | city.feeders["reserved"])).all()
    assert city.feeders["queue"].nunique() == 12
    assert city.heat_zones.empty == (not (city.blocks["heating"] == "district").any())
