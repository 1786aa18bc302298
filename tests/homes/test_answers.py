"""Answers by block, their range, and pickup that follows from the state."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks.conftest import block, small_city, small_situation, table
from vatra.homes import (
    HomeParameters,
    answer_blocks,
    answer_range,
    block_physics,
    heater_pickup,
    simulate_homes,
)
from vatra.homes.two_node import TwoNode

SLOTS = 192
BLOCKS = 5


def out(slots: int = SLOTS) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """No power, no heat."""
    return np.zeros((BLOCKS, slots), dtype=bool), np.zeros((BLOCKS, slots))


def test_answers_of_a_city_without_power_and_heat() -> None:
    city, situation = small_city(), small_situation(SLOTS, outdoor_c=-12.0)
    power, heat = out()
    homes = simulate_homes(city, situation, power, heat)
    answers = answer_blocks(city, situation, homes, heat)
    assert list(answers.index) == list(city.blocks.index)
    order = ["hours_to_16", "hours_to_12", "hours_to_8", "hours_to_5"]
    until = answers[order].to_numpy()
    reached = np.isfinite(until[:, 1:])
    assert (until[:, 1:] > until[:, :-1])[reached].all()
    corner = answers[[f"corner_{name}" for name in order]].to_numpy()
    assert (corner[:2] < until[:2]).all()  # district heat: panels and brick
    assert (np.diff(answers[[f"degree_hours_{c}" for c in (18, 16, 12)]].to_numpy()) <= 0).all()
    # The attic of brick buildings freezes before the stairs of panels, both before the flats are
    # below 5 °C; a house with a stove is safe.
    frozen = answers["hours_to_freezing"]
    assert frozen["B2"] < frozen["B1"] < answers.loc["B1", "hours_to_5"]
    assert answers.loc["B1", "drain_by_h"] == pytest.approx(frozen["B1"] - 2.0)
    assert answers.loc["B1", "hours_to_plug"] > frozen["B1"]
    assert frozen["B5"] == np.inf


def test_nothing_freezes_where_heat_flows() -> None:
    city, situation = small_city(), small_situation(SLOTS, outdoor_c=-20.0)
    power, heat = np.ones((BLOCKS, SLOTS), dtype=bool), np.ones((BLOCKS, SLOTS))
    answers = answer_blocks(city, situation, simulate_homes(city, situation, power, heat), heat)
    assert np.isinf(answers["hours_to_freezing"]).all()
    assert np.isinf(answers["drain_by_h"]).all()
    assert np.isinf(answers[["hours_to_16", "hours_to_5"]]).all().all()
    assert (answers["degree_hours_18"] == 0.0).all()


def test_the_range_of_the_time_constant_is_carried_through() -> None:
    city, situation = small_city(), small_situation(SLOTS, outdoor_c=-12.0)
    answers = answer_range(city, situation, *out())
    light, likely, heavy = (answers[factor]["hours_to_12"] for factor in (0.65, 1.0, 1.35))
    cooling = np.isfinite(heavy)
    assert cooling.sum() >= 2
    assert (light < likely)[cooling].all()
    assert (likely < heavy)[cooling].all()
    single = answer_blocks(city, situation, simulate_homes(city, situation, *out()), out()[1])
    np.testing.assert_array_equal(likely, single["hours_to_12"])


def test_pickup_grows_with_the_cut_and_decays_after_it() -> None:
    city = small_city(blocks=table("blocks", *(block(f"B{n}") for n in range(BLOCKS))))
    situation = small_situation(SLOTS, outdoor_c=2.0)
    strong = HomeParameters(heater_share=1.0, heater_kw=5.0)
    power, heat = np.ones((BLOCKS, SLOTS), dtype=bool), np.zeros((BLOCKS, SLOTS))
    cuts_h = (0, 1, 3, 6, 12)
    for row, hours in enumerate(cuts_h):
        power[row, 120 - 2 * hours : 120] = False
    pickup = heater_pickup(city, situation, power, heat, strong)
    extra = pickup.extra_kw
    np.testing.assert_allclose(extra[0], 0.0)
    assert (np.diff(extra[:, 120]) >= 0.0).all()
    assert extra[1, 120] > 0.15 * pickup.ordinary_kw[1, 120]
    energy = extra[:, 120:].sum(axis=1)
    assert (np.diff(energy) > 0.0).all()  # the longer the cut, the more must be made up for
    for row in range(1, BLOCKS):
        assert (np.diff(extra[row, 120:150]) <= 1.0).all()
        assert extra[row, 190] < 0.1 * max(extra[row, 120], 1.0) + 20.0
    assert (pickup.want_kw <= 500.0 + 1e-3).all()
    by_feeder = pickup.by_feeder(np.array([0, 0, 1, 1, 1]), 2)
    np.testing.assert_allclose(by_feeder.sum(axis=0), extra.sum(axis=0))


def thermostats(
    nodes: TwoNode, lit: NDArray[np.bool_], outdoor_c: float, gain_w_m2: NDArray[np.float64],
    appliance_w_m2: NDArray[np.float64], heater_w_m2: float,
) -> NDArray[np.float64]:  # fmt: skip
    """600 flats with a switch each, minute by minute: mean draw by slot, W/m²."""
    rng = np.random.default_rng(0)
    target = rng.uniform(16.5, 19.5, 600)
    step = 1.0 / 60.0
    e_aa, e_am, e_ma, e_mm = (float(x[0]) for x in nodes.propagator(step))
    out_a, out_m = (float(x[0]) for x in nodes.outdoor_weight(step))
    heat_a, heat_m = (float(x[0]) for x in nodes.forcing(step, 0.7))
    rise_air, rise_mass = (float(x[0]) for x in nodes.rise(0.7))
    air = np.full(600, 20.0)
    mass = outdoor_c + (20.0 - outdoor_c) / rise_air * rise_mass + 0.0 * air
    on = rng.random(600) < 0.5
    draw = np.zeros(lit.size)
    for slot, light in enumerate(lit):
        for _ in range(30):
            on = np.where(air < target - 0.3, True, np.where(air > target + 0.3, False, on))
            heat = gain_w_m2[slot] + light * (appliance_w_m2[slot] + on * heater_w_m2)
            air, mass = (
                e_aa * air + e_am * mass + out_a * outdoor_c + heat_a * heat,
                e_ma * air + e_mm * mass + out_m * outdoor_c + heat_m * heat,
            )
            draw[slot] += on.mean() * heater_w_m2 / 30.0
    return draw


def test_a_building_draws_as_its_many_thermostats_do() -> None:
    # A house apart: no corner flats, no district heat; its heaters are all that heats it.
    houses = table(
        "blocks",
        *(block(f"B{n}", archetype="private_house", heating="district") for n in range(BLOCKS)),
    )
    city, situation = small_city(blocks=houses), small_situation(SLOTS, outdoor_c=0.0)
    people = HomeParameters(
        heater_share=1.0, heater_kw=4.0, people_w=0.0, appliance_w_m2=0.0, heat_ramp_h=0.0
    )
    power, heat = np.ones((BLOCKS, SLOTS), dtype=bool), np.zeros((BLOCKS, SLOTS))
    power[:, 96:108] = False
    homes = simulate_homes(city, situation, power, heat, people)
    area = float(city.blocks["floor_area_m2"].iloc[0])
    cap = 4000.0 * 100.0 / area
    none = np.zeros(SLOTS)
    many = thermostats(block_physics(city, people), power[0], 0.0, none, none, cap)
    band = homes.heater_want_kw[0] * 1e3 / area
    ordinary = slice(60, 96)
    assert many[ordinary].mean() == pytest.approx(band[ordinary].mean(), rel=0.02)
    after = slice(108, 140)
    assert many[after].sum() == pytest.approx(band[after].sum(), rel=0.02)
    # Thermostats of one kind fall into step for a while; what they draw together stays.
    assert np.abs(many[after] - band[after]).max() < 0.08 * cap
    assert many[108] == pytest.approx(band[108], rel=0.05)  # all run at once
    assert band[108] > 1.2 * band[ordinary].mean()
