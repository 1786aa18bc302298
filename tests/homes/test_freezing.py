"""Cold spots and pipes: the handbook's example, closed forms, and what must hold."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.homes import RISER, Pipe, cold_spot, when_pipes_freeze

CASE = Path(__file__).parents[1] / "cases" / "pipe_freezing"


def test_the_handbooks_example() -> None:
    given_, expected = (
        tomllib.loads((CASE / name).read_text(encoding="utf-8"))
        for name in ("input.toml", "expected.toml")
    )
    pipe = Pipe(**given_["pipe"])
    assert len(given_["run"]) == len(expected["run"]) == 2
    for run, wanted in zip(given_["run"], expected["run"], strict=True):
        hours = pipe.hours_to_zero(given_["water_c"], run["air_c"])
        assert hours == pytest.approx(wanted["hours"], abs=wanted["tolerance_h"]), run["name"]


@pytest.mark.parametrize(("air_c", "zero_h", "through_h"), [(-5, 1.0, 17), (-10, 0.6, 8.4)])
def test_a_bare_riser(air_c: float, zero_h: float, through_h: float) -> None:
    assert RISER.hours_to_zero(5.0, air_c) == pytest.approx(zero_h, abs=0.06)
    assert RISER.icing_k_h / -air_c == pytest.approx(through_h, rel=0.03)


def test_a_pipe_in_mild_air_never_freezes() -> None:
    assert RISER.hours_to_zero(5.0, 0.0) == np.inf


@settings(max_examples=30, deadline=None)
@given(air_c=st.floats(-30.0, -1.0))
def test_stepping_is_the_closed_form(air_c: float) -> None:
    # From 40 °C, the water that flowed until the first slot.
    freezing = when_pipes_freeze(np.full((1, 400), air_c), np.zeros((1, 400), dtype=bool))
    zero_h = RISER.hours_to_zero(40.0, air_c)
    assert freezing.zero_h[0] == pytest.approx(zero_h, rel=1e-9)
    assert freezing.plug_h[0] == pytest.approx(zero_h + 0.1 * RISER.icing_k_h / -air_c, rel=1e-6)
    assert freezing.drain_by_h[0] == pytest.approx(max(zero_h - 2.0, 0.0))


def test_water_that_flows_does_not_freeze_and_thaws_what_has() -> None:
    place = np.full((3, 96), -12.0)
    flows = np.zeros((3, 96), dtype=bool)
    flows[1] = True
    flows[2, 4:6] = True
    still, flowing, once = when_pipes_freeze(place, flows).zero_h
    assert flowing == np.inf
    assert once == pytest.approx(3.0 + still)


def test_ice_melts_before_water_warms() -> None:
    place = np.full((1, 60), -4.0)
    place[0, 20:24] = 8.0  # gives back the ice of eight slots
    freezing = when_pipes_freeze(place, np.zeros((1, 60), dtype=bool))
    straight = when_pipes_freeze(np.full((1, 60), -4.0), np.zeros((1, 60), dtype=bool))
    assert freezing.zero_h[0] == straight.zero_h[0]
    assert freezing.plug_h[0] >= straight.plug_h[0]


def test_a_cold_spot_settles_between_homes_and_outdoors() -> None:
    indoor = np.full((3, 400), 12.0)
    place = cold_spot(indoor, np.full(400, -10.0), [0.0, 0.6, 1.0], [0.0, 12.0, 4.0])
    np.testing.assert_allclose(place[:, -1], [12.0, -1.2, -10.0], atol=1e-6)
    # A step outdoors is followed with the place's time constant.
    outdoor = np.where(np.arange(400) < 1, 0.0, -10.0)
    place = cold_spot(np.full((1, 400), 10.0), outdoor, [0.5], [12.0])
    assert place[0, 24] == pytest.approx(0.0 + 5.0 * np.exp(-1.0), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), colder=st.floats(0.1, 20.0))
def test_colder_freezes_sooner(seed: int, colder: float) -> None:
    rng = np.random.default_rng(seed)
    place = rng.uniform(-10, 5) + np.cumsum(rng.normal(0, 0.5, (4, 200)), axis=1)
    flows = rng.random((4, 200)) < 0.02
    mild, cold = when_pipes_freeze(place, flows), when_pipes_freeze(place - colder, flows)
    assert (cold.zero_h <= mild.zero_h + 1e-9).all()
    assert (cold.plug_h <= mild.plug_h + 1e-9).all()
    assert (mild.plug_h >= mild.zero_h).all()
    assert (mild.drain_by_h <= mild.zero_h).all()
