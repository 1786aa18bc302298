"""Homes: the kernel against a plain version, and what must hold whatever the figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.networks.conftest import block, small_city, small_situation, table
from vatra.city.model import City
from vatra.homes import (
    COUNTED_C,
    PHYSICS,
    HomeParameters,
    HomesOutlook,
    block_physics,
    cool_down,
    degree_hours,
    hours_until,
    simulate_homes,
)
from vatra.homes.habits import activity_by_hour, presence_by_hour
from vatra.situation.model import Situation

SLOTS = 144
BLOCKS = 5

seeds = st.integers(0, 2**32 - 1)


def pattern(seed: int, share: float = 0.5, slots: int = SLOTS) -> NDArray[np.bool_]:
    """Lit and dark in runs of three hours."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.random((BLOCKS, slots // 6)) < share, 6, axis=1)


def run(
    city: City,
    situation: Situation,
    power: NDArray[np.bool_],
    heat: NDArray[np.float64],
    parameters: HomeParameters | None = None,
) -> HomesOutlook:
    return simulate_homes(city, situation, power, heat, parameters or HomeParameters())


def with_weather(situation: Situation, outdoor_c: NDArray[np.float64]) -> Situation:
    return replace(situation, weather=replace(situation.weather, outdoor_c=outdoor_c))


def test_steady_heat_holds_the_set_temperature() -> None:
    city, situation = small_city(), small_situation(SLOTS)
    ones = np.ones((BLOCKS, SLOTS))
    homes = run(city, situation, ones.astype(bool), ones)
    np.testing.assert_allclose(homes.indoor_c, 20.0, atol=0.01)
    assert homes.heater_want_kw.max() == 0.0
    assert not homes.people_below.to_numpy().any()


def test_without_gains_a_block_cools_as_its_closed_form() -> None:
    city, situation = small_city(), small_situation(SLOTS)
    bare = HomeParameters(
        people_w=0.0, appliance_w_m2=0.0, stove_kw=0.0, gas_unpowered_share=0.0, heat_ramp_h=0.0
    )
    dark = np.zeros((BLOCKS, SLOTS))
    homes = run(city, situation, dark.astype(bool), dark, bare)
    factor = np.array([PHYSICS[kind].top_corner_factor for kind in city.blocks["archetype"]])
    corners = block_physics(city, replace(bare, loss_factor=factor))
    without_stove = (city.blocks["heating"] != "stove").to_numpy()
    for nodes, got, tolerance in (
        (block_physics(city, bare), homes.indoor_c, 0.1),  # corner and middle make about the mean
        (corners, homes.corner_c, 5e-4),
    ):
        path = cool_down(nodes, situation.weather.outdoor_c)[0]
        assert got is not None
        np.testing.assert_allclose(
            got[without_stove], path[without_stove, 1:], atol=tolerance, rtol=0
        )
    assert homes.corner_c is not None
    assert (homes.corner_c[without_stove] < homes.indoor_c[without_stove]).all()


def plainly(
    city: City,
    situation: Situation,
    power: NDArray[np.bool_],
    heat: NDArray[np.float64],
    relative_loss: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The kernel's heaters, thermostats and ramps, written out in double precision: °C and W/m²."""
    p = HomeParameters()
    nodes = block_physics(city, replace(p, loss_factor=relative_loss))
    e = nodes.propagator(0.5)
    out_w, heat_w = nodes.outdoor_weight(0.5), nodes.forcing(0.5, p.convective_share)
    rise_air, rise_mass = nodes.rise(p.convective_share)
    hold = 1.0 / rise_air
    area = city.blocks["floor_area_m2"].to_numpy()
    dwellings = city.blocks["dwellings"].to_numpy()
    home, active = (f(situation.grid.hour) for f in (presence_by_hour, activity_by_hour))
    outdoor = situation.weather.outdoor_c
    air = np.full(BLOCKS, 20.0)
    mass = outdoor[0] + 28.0 * hold * rise_mass
    share = np.ones(BLOCKS)
    paths = np.empty((2, BLOCKS, SLOTS))
    for t in range(SLOTS):
        share = np.clip(heat[:, t], share - 0.5, share + 0.5)
        stove = np.where(city.blocks["gas_stove"], p.stove_kw * 1e3 * dwellings / area, 0.0)
        stove = stove * np.clip((16.0 - air) / 4.0, 0.0, 1.0)
        gain = p.people_w * city.blocks["residents"].to_numpy() / area * home[t] + stove
        light = p.appliance_w_m2 * active[t]
        drift_a = e[0] * air + e[1] * mass + out_w[0] * outdoor[t] + heat_w[0] * gain
        drift_m = e[2] * air + e[3] * mass + out_w[1] * outdoor[t] + heat_w[1] * gain
        cap = share * hold * (20.0 - outdoor[t]) * (1.0 + p.emission_per_k * (20.0 - air))
        lit = power[:, t]
        need = np.maximum(0.0, (20.0 - drift_a) / heat_w[0] - np.where(lit, light, 0.0))
        main = np.minimum(need, cap)
        most = p.heater_kw * 1e3 * p.heater_share * dwellings / area
        lit_main = np.minimum(np.maximum(0.0, (20.0 - drift_a) / heat_w[0] - light), cap)
        # Heaters hold 18 °C, and all run when it is much colder than that at the slot's end.
        ends = drift_a + heat_w[0] * (light + lit_main)
        holds = np.maximum(hold * (18.0 - outdoor[t]) - gain - light - lit_main, 0.0)
        due = (holds + most * (18.0 - ends) / 0.5) / (1.0 + heat_w[0] * most / 0.5)
        want = np.clip(due, 0.0, most)
        heat_now = main + np.where(lit, light + want, 0.0)
        air, mass = drift_a + heat_w[0] * heat_now, drift_m + heat_w[1] * heat_now
        paths[:, :, t] = air, want
    return paths[0], paths[1]


def test_single_precision_is_enough() -> None:
    city = small_city(
        blocks=table("blocks", *(block(f"B{n}", gas_stove=n % 2 == 0) for n in range(BLOCKS)))
    )
    situation = small_situation(SLOTS, outdoor_c=-8.0)
    power = pattern(3)
    heat = np.where(pattern(4), 0.7, 0.0)
    homes = run(city, situation, power, heat)
    kind = PHYSICS["panel_9"]
    corners = kind.top_corner_share
    others = (1.0 - corners * kind.top_corner_factor) / (1.0 - corners)
    ones = np.ones(BLOCKS)
    air, want = plainly(city, situation, power, heat, others * ones)
    corner, corner_want = plainly(city, situation, power, heat, kind.top_corner_factor * ones)
    area = city.blocks["floor_area_m2"].to_numpy()[:, None]
    assert homes.corner_c is not None
    np.testing.assert_allclose(homes.corner_c, corner, atol=2e-3, rtol=0)
    mean = (1.0 - corners) * air + corners * corner
    np.testing.assert_allclose(homes.indoor_c, mean, atol=2e-3, rtol=0)
    mean_want = (1.0 - corners) * want + corners * corner_want
    np.testing.assert_allclose(homes.heater_want_kw, mean_want * area / 1e3, atol=0.1)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, colder=st.floats(0.1, 15.0))
def test_colder_outside_is_never_warmer_inside(seed: int, colder: float) -> None:
    city, situation = small_city(), small_situation(SLOTS)
    rng = np.random.default_rng(seed)
    outdoor = rng.uniform(-20.0, 5.0) + np.cumsum(rng.normal(0.0, 0.3, SLOTS))
    power, heat = pattern(seed), pattern(seed + 1).astype(float)
    # Heat that follows the weather brings more on colder days; without it colder is colder.
    heat[city.blocks["heating"].to_numpy() == "district"] = 0.0
    warm = run(city, with_weather(situation, outdoor), power, heat)
    cold = run(city, with_weather(situation, outdoor - colder), power, heat)
    assert (cold.indoor_c <= warm.indoor_c + 2e-3).all()


@settings(max_examples=25, deadline=None)
@given(seed=seeds, outdoor=st.floats(-25.0, 10.0))
def test_more_power_and_heat_are_never_colder(seed: int, outdoor: float) -> None:
    city, situation = small_city(), small_situation(SLOTS, outdoor_c=outdoor)
    power, more = pattern(seed, 0.4), pattern(seed + 1, 0.4)
    heat, warmer = (pattern(seed + n).astype(float) for n in (2, 3))
    less = run(city, situation, power, heat)
    with_power = run(city, situation, power | more, heat)
    with_both = run(city, situation, power | more, np.maximum(heat, 0.8 * warmer))
    assert (with_power.indoor_c >= less.indoor_c - 2e-3).all()
    assert (with_both.indoor_c >= with_power.indoor_c - 2e-3).all()


@settings(max_examples=20, deadline=None)
@given(seed=seeds, outdoor=st.floats(-25.0, 10.0))
def test_heaters_stay_within_their_power_and_people_within_the_city(
    seed: int, outdoor: float
) -> None:
    city, situation = small_city(), small_situation(SLOTS, outdoor_c=outdoor)
    homes = run(city, situation, pattern(seed), pattern(seed + 1).astype(float))
    assert np.isfinite(homes.indoor_c).all()
    assert (homes.heater_want_kw >= 0.0).all()
    ordinary = (city.blocks["heating"] != "electric").to_numpy()
    assert homes.heater_want_kw[ordinary].max() <= 0.6 * 1.5 * 100 + 1e-3
    assert (homes.indoor_c.min(axis=1) >= min(outdoor, 20.0)).all()
    below = homes.people_below
    assert below.index.tolist() == list(COUNTED_C)
    assert (np.diff(below.to_numpy(), axis=0) <= 0).all()
    residents = city.blocks["residents"].to_numpy()
    kinds = [PHYSICS[kind] for kind in city.blocks["archetype"]]
    share = np.array([kind.top_corner_share for kind in kinds])
    assert homes.corner_c is not None
    middle = (homes.indoor_c - share[:, None] * homes.corner_c) / (1.0 - share[:, None])
    for threshold in below.index:
        count = (residents * (1.0 - share)) @ (middle < threshold)
        count += (residents * share) @ (homes.corner_c < threshold)
        # Within rounding, but for blocks within a thousandth of a kelvin of it.
        near = np.abs(middle - threshold).min(axis=0) < 1e-3
        assert np.abs(below.loc[threshold].to_numpy() - count)[~near].max(initial=0.0) <= 0.5 + 1e-3


def test_the_want_is_that_of_a_lit_slot() -> None:
    # What a dark block would draw is what it draws when only that slot is lit instead.
    city, situation = small_city(), small_situation(SLOTS)
    power, heat = np.zeros((BLOCKS, SLOTS), dtype=bool), np.zeros((BLOCKS, SLOTS))
    dark = run(city, situation, power, heat)
    lit = power.copy()
    lit[:, 60] = True
    once = run(city, situation, lit, heat)
    np.testing.assert_allclose(once.heater_want_kw[:, 60], dark.heater_want_kw[:, 60])
    assert dark.heater_want_kw[0, 60] == pytest.approx(90.0)  # 60 % of 100 flats × 1.5 kW
    assert once.indoor_c[0, 60] > dark.indoor_c[0, 60]


def test_radiators_stay_warm_a_little_while() -> None:
    city, situation = small_city(), small_situation(SLOTS)
    dark = np.zeros((BLOCKS, SLOTS))
    at_once = run(city, situation, dark.astype(bool), dark, HomeParameters(heat_ramp_h=0.0))
    slowly = run(city, situation, dark.astype(bool), dark)
    district = (city.blocks["heating"] == "district").to_numpy()
    assert (slowly.indoor_c[district, 4] > at_once.indoor_c[district, 4]).all()
    np.testing.assert_allclose(slowly.indoor_c[:, -1], at_once.indoor_c[:, -1], atol=0.2)


def test_heat_that_comes_back_takes_its_time() -> None:
    city, situation = small_city(), small_situation(SLOTS)
    power, heat = np.zeros((BLOCKS, SLOTS), dtype=bool), np.zeros((BLOCKS, SLOTS))
    heat[:, 96:] = 1.0
    homes = run(city, situation, power, heat)
    assert homes.indoor_c[0, 95] < 12.0
    assert homes.indoor_c[0, 100] < 20.0
    assert homes.indoor_c[0, 143] > homes.indoor_c[0, 100] > homes.indoor_c[0, 95]


def test_kinds_of_heating_in_the_dark() -> None:
    city, situation = small_city(), small_situation(SLOTS)
    heat = np.tile(np.array([0.0, 1.0, np.nan, np.nan, np.nan])[:, None], SLOTS)
    homes = run(city, situation, np.zeros((BLOCKS, SLOTS), dtype=bool), heat)
    end = homes.indoor_c[:, -1]
    assert end[0] < 10.0  # district heat out
    assert end[1] == pytest.approx(20.0, abs=0.5)  # district heat that needs no pump
    assert end[0] < end[2] < 19.0  # part of the gas boilers
    assert end[3] < 10.0  # electric heating
    assert end[4] == pytest.approx(20.0, abs=0.5)  # stoves


def test_an_empty_building_has_no_heaters() -> None:
    city = small_city(blocks=table("blocks", *(block(f"B{n}", residents=0) for n in range(BLOCKS))))
    dark = np.zeros((BLOCKS, SLOTS))
    homes = run(city, small_situation(SLOTS), dark.astype(bool), dark)
    assert homes.heater_want_kw.max() == 0.0


def test_factors_may_differ_by_block() -> None:
    city = small_city(blocks=table("blocks", *(block(f"B{n}") for n in range(BLOCKS))))
    dark = np.zeros((BLOCKS, SLOTS))
    parameters = HomeParameters(mass_factor=np.linspace(0.5, 1.5, BLOCKS))
    homes = run(city, small_situation(SLOTS), dark.astype(bool), dark, parameters)
    assert (np.diff(homes.indoor_c[:, 40]) > 0.0).all()


def test_one_warm_room_keeps_people_from_the_cold() -> None:
    city = small_city(blocks=table("blocks", *(block(f"B{n}", gas_stove=True) for n in range(5))))
    situation = small_situation(SLOTS)
    heat = np.zeros((BLOCKS, SLOTS))
    lit = pattern(5)
    spread, together = (
        run(city, situation, lit, heat, HomeParameters(one_room_share=share)) for share in (0, 1)
    )
    # The dwelling is as cold, but those who share a room with the heater feel it less.
    np.testing.assert_array_equal(spread.indoor_c, together.indoor_c)
    few, many = (homes.people_below.sum(axis=1) for homes in (together, spread))
    assert (few <= many).all()
    assert few.loc[12.0] < 0.8 * many.loc[12.0]


def test_gas_stoves_slow_the_cooling() -> None:
    situation = small_situation(SLOTS)
    dark = np.zeros((BLOCKS, SLOTS))
    with_stoves, without = (
        run(
            small_city(blocks=table("blocks", *(block(f"B{n}", gas_stove=gas) for n in range(5)))),
            situation, dark.astype(bool), dark,
        )
        for gas in (True, False)
    )  # fmt: skip
    assert with_stoves.indoor_c[0, -1] > without.indoor_c[0, -1] + 1.0
    np.testing.assert_array_equal(with_stoves.indoor_c[:, :3], without.indoor_c[:, :3])


def test_one_slot_and_wrong_shapes() -> None:
    city, situation = small_city(), small_situation(1)
    one = np.ones((BLOCKS, 1))
    assert run(city, situation, one.astype(bool), one).indoor_c.shape == (BLOCKS, 1)
    with pytest.raises(ValueError, match="block × slot"):
        run(city, situation, np.ones((BLOCKS, 2), dtype=bool), one)


def test_groups_of_any_size_give_the_same() -> None:
    # Blocks are stepped side by side; one beside many is stepped as one alone.
    many = small_city(blocks=table("blocks", *(block(f"B{n}") for n in range(131))))
    one = small_city(blocks=table("blocks", block("B0")))
    situation = small_situation(SLOTS)
    dark = np.zeros((131, SLOTS))
    homes = simulate_homes(many, situation, dark.astype(bool), dark)
    alone = simulate_homes(one, situation, dark[:1].astype(bool), dark[:1])
    np.testing.assert_array_equal(homes.indoor_c, np.repeat(alone.indoor_c, 131, axis=0))


def test_hours_until_interpolates_and_may_never_come() -> None:
    indoor = np.array([[17.0, 15.0, 11.0], [20.0, 20.0, 20.0], [10.0, 9.0, 7.0]])
    hours = hours_until(indoor, [16.0, 12.0])
    assert hours[0, 0] == pytest.approx(0.75)
    assert hours[0, 1] == pytest.approx((2 + 0.75) * 0.5)
    assert np.isinf(hours[1]).all()
    assert hours[2, 0] == pytest.approx(0.5)
    np.testing.assert_allclose(degree_hours(indoor, 16.0), [0.5 * 6.0, 0.0, 0.5 * 22.0])
