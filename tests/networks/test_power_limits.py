"""Limits of substations bring lines, sources and voltages back to what they can carry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.conftest import small_situation
from tests.networks.test_power_check import damage, load, triangle
from tests.networks.test_power_model import ieee14
from vatra.city.model import City
from vatra.networks import check_power, station_limits
from vatra.situation.model import Situation


def held(city: City, situation: Situation, load_mw: np.ndarray) -> np.ndarray:
    """The load cut to the limits: each feeder is its substation's only one."""
    check = check_power(city, situation, load_mw)
    return np.asarray(np.minimum(load_mw, station_limits(city, situation, check, load_mw)))


def test_what_holds_is_not_limited() -> None:
    city = triangle()
    situation = small_situation(4)
    check = check_power(city, situation, load(city))
    assert np.isinf(station_limits(city, situation, check, load(city))).all()


def test_a_line_asks_those_whose_load_it_carries() -> None:
    city = triangle(capacity_mw=10.0)
    situation = small_situation(4, damage=(damage("lines", "L13", 2),))
    drawn = load(city, mw=(3.0, 0.0, 12.0))
    check = check_power(city, situation, drawn)
    limit = station_limits(city, situation, check, drawn)
    assert np.isinf(limit[:, :2]).all()
    assert np.isinf(limit[0, 2:]).all()  # its load doesn't pass the line that is short
    np.testing.assert_allclose(limit[2, 2:], 10.0, rtol=0.02)
    assert check_power(city, situation, held(city, situation, drawn)).holds


def test_an_island_is_cut_to_what_its_plant_gives() -> None:
    city = triangle()
    cut = (damage("lines", "L12", 0), damage("lines", "L13", 0))
    situation = small_situation(4, damage=cut)
    drawn = load(city, mw=(5.0, 8.0, 32.0))
    less = held(city, situation, drawn)
    np.testing.assert_allclose(less[0], 5.0)
    assert less[1:].sum(axis=0).max() == pytest.approx(30.0 * 0.99)
    # All of the island alike.
    np.testing.assert_allclose(less[1] / 8.0, less[2] / 32.0)
    assert check_power(city, situation, less).holds


def test_a_collapse_is_cut_until_there_is_an_operating_point() -> None:
    city = ieee14()
    situation = small_situation(2)
    drawn = np.tile([[13.0], [29.0], [15.0]], (1, 2))
    drawn[2, 1] = 400.0
    less = held(city, situation, drawn)
    np.testing.assert_allclose(less[:, 0], drawn[:, 0])
    assert less[2, 1] < 300.0
    assert check_power(city, situation, less).solved.all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_few_turns_always_suffice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = triangle(capacity_mw=float(rng.uniform(3.0, 12.0)))
    out = tuple(damage("lines", str(i), 0) for i in rng.choice(["L12", "L23", "L13"], 1))
    situation = small_situation(4, damage=out if rng.random() < 0.5 else ())
    drawn = rng.uniform(0.0, 20.0, (3, 4))
    for _ in range(4):
        drawn = held(city, situation, drawn)
    check = check_power(city, situation, drawn)
    over = check.overloads[check.overloads["table"] != "feeders"]
    assert over["excess_mw"].max() < 0.05 if len(over) else check.holds
