"""Water and sewage: balances that close, floors that dry from the top."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.networks.sewage import fill_wells
from vatra.networks.water import (
    balance_water,
    demand_by_hour,
    dry_by_floor,
    floors_reached,
    tap_share,
)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), limited=st.booleans(), start=st.floats(0.0, 1.0))
def test_mass_balance(seed: int, limited: bool, start: float) -> None:
    rng = np.random.default_rng(seed)
    zones, slots = 4, 96
    pumps = rng.choice([0.0, 50.0, 200.0, np.inf], (zones, slots))
    demand = rng.uniform(0.0, 150.0, (zones, slots))
    tank = rng.choice([0.0, 30.0, 400.0], zones)
    works = rng.choice([0.0, 100.0, 500.0], slots) if limited else None
    served, stored, lifted = balance_water(works, pumps, demand, tank, start)
    assert (served >= 0.0).all()
    assert (served <= demand + 1e-9).all()
    assert (stored >= 0.0).all()
    assert (stored <= tank[:, None] + 1e-9).all()
    before = np.concatenate([tank[:, None] * start, stored[:, :-1]], axis=1)
    pumped = (stored - before) / 0.5 + served
    np.testing.assert_allclose(pumped, lifted, atol=1e-6)
    assert (pumped >= -1e-9).all()
    assert (pumped <= pumps + 1e-9).all()
    if works is not None:
        assert (pumped.sum(axis=0) <= works + 1e-6).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_more_pumps_never_serve_less_in_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand = rng.uniform(1.0, 150.0, (1, 96))
    pumps = rng.choice([0.0, 50.0, 200.0], (1, 96))
    more = pumps + rng.choice([0.0, 60.0], (1, 96))
    tank = np.array([300.0])
    less, _, _ = balance_water(None, pumps, demand, tank, 0.8)
    served, _, _ = balance_water(None, more, demand, tank, 0.8)
    assert (served.cumsum() >= less.cumsum() - 1e-6).all()


def test_demand_has_a_mean_of_one() -> None:
    assert abs(demand_by_hour(np.arange(0.0, 24.0, 0.5)).mean() - 1.0) < 1e-12


def test_top_floors_lose_water_first() -> None:
    floors = np.array([4, 9, 16])
    full, reach = np.ones((3, 2), dtype=np.float32), np.full((3, 2), 5.0, dtype=np.float32)
    lit = np.array([[True, False]] * 3)
    share = tap_share(full, floors, reach, lit)
    np.testing.assert_allclose(share[:, 0], 1.0)
    np.testing.assert_allclose(share[:, 1], [1.0, 5 / 9, 5 / 16])
    half = tap_share(full * np.float32(0.5), floors, reach * np.float32(0.5), lit)
    assert (half <= share).all()
    np.testing.assert_allclose(half[:, 1], [5 / 8, 2.5 / 9, 2.5 / 16], rtol=1e-6)
    unknown = tap_share(full * np.float32(np.nan), floors, reach, lit)
    assert np.isnan(unknown).all()


def test_floors_follow_the_norm_of_pressure() -> None:
    pressure = np.array([0.0, 7.9, 8.0, 10.0, 26.0, 42.0])
    np.testing.assert_array_equal(floors_reached(pressure), [0, 0, 1, 1, 5, 9])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_people_without_water_by_floor_add_up_and_dry_from_the_top(seed: int) -> None:
    rng = np.random.default_rng(seed)
    floors = rng.integers(1, 26, 12)
    people = rng.uniform(0.0, 500.0, 12)
    water = rng.uniform(0.0, 1.0, (12, 3)).astype(np.float32)
    water[0, 0] = np.nan
    bands = dry_by_floor(water, floors, people)
    dry = people @ (1.0 - np.nan_to_num(water.astype(np.float64), nan=1.0))
    np.testing.assert_allclose(bands.sum(axis=0), dry, rtol=1e-6)
    one = dry_by_floor(np.array([[0.5]], dtype=np.float32), np.array([10]), np.array([100.0]))
    np.testing.assert_allclose(one[:, 0], [0.0, 0.0, 40.0, 10.0])


def test_sewage_fills_runs_over_and_drains() -> None:
    inflow, pumps = np.full((1, 40), 100.0), np.full((1, 40), 200.0)
    pumps[0, 4:16] = 0.0
    answer = fill_wells(inflow, pumps, np.array([400.0]))
    assert answer.ok[0, :11].all()
    assert not answer.ok[0, 11:16].any()
    assert answer.ok[0, 16:].all()
    assert answer.first_overflow[0] == 12
    assert answer.overflow_m3.sum() == 200.0
    assert answer.left_h[0, 4] == 4.0
    assert answer.left_h[0, 8] == 2.0
    assert np.isinf(answer.left_h[0, 0])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_sewage_balance_closes_and_more_pumps_never_spill_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inflow = rng.uniform(0.0, 100.0, (3, 60))
    pumps = rng.choice([0.0, 50.0, 150.0], (3, 60))
    well = rng.choice([0.0, 80.0, 500.0], 3)
    answer = fill_wells(inflow, pumps, well)
    spilt = answer.overflow_m3.sum()
    total = answer.pumped_m3 + answer.stored_m3 + spilt
    np.testing.assert_allclose(answer.inflow_m3, total, rtol=1e-9)
    more = fill_wells(inflow, pumps + rng.uniform(0.0, 50.0, pumps.shape), well)
    assert more.overflow_m3.sum() <= spilt + 1e-9
