from __future__ import annotations

import sys
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.city.synthetic_cities import fabric, fingerprint, whole
from vatra.city import check_city
from vatra.city.model import City
from vatra.city.schema import ARCHETYPES
from vatra.city.synthetic import make_city, make_fabric
from vatra.city.synthetic.housing import _wanted_by_zone
from vatra.city.synthetic.lattice import Plots
from vatra.city.synthetic.places import _spread
from vatra.city.synthetic.stock import STOCK, ZONES, count_buildings, round_to_total

FULL = 3_000_000
SIZES = [20_000, 100_000, pytest.param(FULL, marks=pytest.mark.slow)]


def figures(city: City) -> list[tuple[str, float, float, float]]:
    """Return what is measured, the public or assumed figure at this size, ours, tolerance."""
    blocks, streets = city.blocks, city.streets
    scale = city.residents / FULL
    flats = blocks[blocks["archetype"] != "private_house"]
    homes = blocks.groupby("archetype")["dwellings"].sum() / blocks["dwellings"].sum()
    people = city.residents
    river = city.water_bodies.geometry.iloc[0].intersection(city.districts.union_all().convex_hull)
    width_m = river.area / (river.length / 2)
    nodes = streets[["from_node", "to_node"]].to_numpy().max() + 1
    bridges = streets["bridge"].nunique()
    districts = len(city.districts)
    heated = (flats["heating"] == "district").sum()
    # Below full size there are fewer bridges and districts; the public figures are for all.
    full = city.residents == FULL
    return [
        ("residents", scale * 3.0e6, people, 0.0),
        ("displaced people", scale * 350_000, blocks["displaced"].sum(), 0.001),
        ("winter peak, MW", scale * 1500, city.about.known_peak_mw, 0.001),
        ("households", scale * 1.2e6, blocks["dwellings"].sum(), 0.001),
        ("elderly share", 0.13, blocks["elderly"].sum() / people, 0.06),
        ("infant share", 0.03, blocks["infants"].sum() / people, 0.12),
        ("disabled share", 0.05, blocks["disabled"].sum() / people, 0.09),
        ("five-storey share", 0.20, homes["brick_5"] + homes["panel_5"], 0.01),
        ("brick among five-storey", 0.5, homes["brick_5"] / 0.20, 0.01),
        ("panel 1970-90s share", 0.18, homes["panel_9"] + homes["panel_16"], 0.01),
        ("newer insulated share", 0.20, homes["new_build"], 0.01),
        ("apartment buildings on district heat", scale * 11_500, heated, 0.044 if full else 0.15),
        ("districts", 10 if full else districts, districts, 0.0),
        ("road bridges", 7 if full else bridges, bridges, 0.15),
        ("river width, m", 750 * np.sqrt(scale), width_m, 0.34),
        ("street junctions, at least", scale * 100_000, nodes, 0.0 if nodes > scale * 1e5 else 9),
        ("candidate sites", scale * 4_200, len(city.sites), 0.05),
        ("m² a resident", 22.0, blocks["floor_area_m2"].sum() / people, 0.15),
    ]


@pytest.mark.parametrize("residents", SIZES)
def test_aggregates_are_those_of_a_real_city(
    residents: int, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = figures(fabric(residents))
    lines = [f"{'at ' + format(residents, ','):<38} {'figure':>12} {'city':>12}"]
    lines += [f"{name:<38} {figure:>12,.3f} {ours:>12,.3f}" for name, figure, ours, _ in rows]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    at_least = {"street junctions, at least"}
    off = [
        name
        for name, figure, ours, tolerance in rows
        if (ours < figure if name in at_least else abs(ours - figure) > tolerance * figure + 0.5e-9)
    ]
    assert not off, f"out of tolerance: {off}"


@pytest.mark.parametrize("residents", SIZES)
def test_the_whole_city_checks_clean(residents: int) -> None:
    assert check_city(whole(residents)) == []


def test_networks_leave_the_fabric_as_it_is() -> None:
    before, after = fabric(20_000), whole(20_000)
    assert after.residents == before.residents
    assert (after.blocks["archetype"] == before.blocks["archetype"]).all()
    assert after.blocks["feeder_id"].notna().all()


@settings(max_examples=12, deadline=None)
@given(residents=st.integers(20_000, 120_000), seed=st.integers(0, 10_000))
def test_everyone_is_counted_once_at_any_size(residents: int, seed: int) -> None:
    city = make_fabric(residents, seed)
    blocks = city.blocks
    assert city.residents == residents
    assert int(blocks["displaced"].sum()) == round(residents * 350_000 / 3_000_000)
    assert int(blocks["dwellings"].sum()) == round(residents / 2.5)
    assert (blocks["displaced"] <= blocks["residents"]).all()
    vulnerable = blocks[["infants", "elderly", "disabled"]].sum(axis=1)
    assert (vulnerable <= blocks["residents"]).all()
    assert set(blocks["archetype"]) == set(ARCHETYPES)
    assert (blocks[["dwellings", "residents"]] > 0).all(axis=None)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    stages: list[str] = []
    first = fingerprint(make_city(20_000, 4, stages.append))
    again = fingerprint(make_city(20_000, 4))
    assert stages[0] == "ground plan"
    assert stages[-1] == "networks"
    assert first == again
    other = fingerprint(make_city(20_000, 5))
    assert all(first[name] != other[name] for name in ("blocks", "streets", "sites", "districts"))


@pytest.mark.slow
def test_the_full_city_is_made_in_time() -> None:
    since = time.perf_counter()
    city = make_city(FULL, 1)
    assert time.perf_counter() - since < 60
    assert city.residents == FULL


@pytest.mark.parametrize("residents", [0, 19_999, 3_000_001])
def test_sizes_out_of_range_are_refused(residents: int) -> None:
    with pytest.raises(ValueError, match="residents must be 20000 to 3000000"):
        make_fabric(residents)


def test_density_falls_from_the_centre() -> None:
    city = fabric(100_000)
    blocks = city.blocks
    middle = blocks.geometry.centroid
    old = blocks["archetype"] == "prewar_brick"
    x, y = np.average(middle.x[old]), np.average(middle.y[old])
    away = np.hypot(middle.x - x, middle.y - y)
    rings = np.quantile(away, [0.0, 0.35, 0.7, 1.0])
    density = [
        blocks["residents"][(away >= a) & (away <= b)].sum() / (b**2 - a**2)
        for a, b in pairwise(rings)
    ]
    assert density[0] > 1.5 * density[1] > 1.5 * 1.5 * density[2]
    houses = blocks["archetype"] == "private_house"
    assert away[houses].mean() > 1.3 * away[~houses].mean()


def test_equipment_follows_the_kind_of_building() -> None:
    blocks = fabric(100_000).blocks
    private = blocks["archetype"] == "private_house"
    assert set(blocks["heating"][private]) == {"gas", "stove", "electric"}
    assert (blocks["heating"][private] == "gas").mean() > 0.7
    assert set(blocks["heating"][~private]) == {"district", "gas"}
    assert blocks["pumped_heat"][blocks["archetype"] == "new_build"].all()
    assert 0.1 < blocks["pumped_heat"][~private & (blocks["floors"] <= 5)].mean() < 0.3
    assert blocks["gas_stove"][~private & (blocks["floors"] <= 9)].mean() > 0.7
    assert not blocks["gas_stove"][blocks["floors"] > 9].any()


def test_references_wait_for_the_networks() -> None:
    city = fabric(20_000)
    for column in ("feeder_id", "heat_zone_id", "water_zone_id", "sewage_zone_id"):
        assert city.blocks[column].isna().all()
        if column in city.sites:
            assert city.sites[column].isna().all()
    assert city.blocks["assumed"].all()
    assert city.about.synthetic
    assert city.about.time_zone == "Europe/Kyiv"


def test_assumptions_are_said_in_both_languages() -> None:
    for assumption in fabric(20_000).about.assumptions:
        assert assumption.what.endswith(".")
        assert assumption.what_uk.endswith(".")
        assert assumption.source


def test_archetypes_are_those_of_the_schema() -> None:
    assert {a.name for a in STOCK} == set(ARCHETYPES)
    assert sum(a.share for a in STOCK) == pytest.approx(1.0)
    for archetype in STOCK:
        assert sum(archetype.zones.values()) == pytest.approx(1.0)
        assert sum(archetype.floor_chance) == pytest.approx(1.0)
        assert len(archetype.floors) == len(archetype.floor_chance)


@given(
    st.lists(st.floats(0.001, 1000.0), min_size=1, max_size=40),
    st.integers(0, 100_000),
)
def test_shares_round_to_the_total(weights: list[float], total: int) -> None:
    weight = np.asarray(weights)
    parts = round_to_total(weight, total)
    assert parts.sum() == total
    assert (np.abs(parts - weight * total / weight.sum()) < 1 + 1e-6).all()


def test_buildings_move_on_where_a_zone_is_full() -> None:
    counts = count_buildings(100_000)
    flats, houses = int(counts[:-1].sum()), int(counts[-1])
    # Hardly any plots in the old centre, plenty among the late estates.
    room = {"centre": 3, "belt": 60, "late": flats, "private": houses}
    zone = np.repeat([ZONES.index(z) for z in room], list(room.values()))
    wanted = _wanted_by_zone(100_000, zone)
    assert wanted.sum(axis=0).tolist() == counts.tolist()
    assert (wanted.sum(axis=1) <= np.bincount(zone, minlength=len(ZONES))).all()
    assert wanted[ZONES.index("centre")].sum() == 3


def test_a_plan_without_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vatra.city.synthetic.fabric.has_room", lambda *_: False)
    with pytest.raises(RuntimeError, match="no ground plan for 20000 residents with seed 3"):
        make_fabric(20_000, 3)


def test_a_place_drawn_twice_is_used_once() -> None:
    count = 30
    plots = Plots(
        quarter=np.zeros(count, dtype=np.int64),
        xy=np.zeros((count, 2)),
        angle=np.zeros(count),
        length_m=np.full(count, 40.0),
        depth_m=np.full(count, 20.0),
        outer=np.ones(count, dtype=bool),
    )
    weight = np.full(count, 1e-3)
    weight[4] = 1e3
    chosen = _spread(plots, weight, 12, np.random.default_rng(0))
    assert 4 in chosen
    assert len(set(chosen.tolist())) == len(chosen) == 12
