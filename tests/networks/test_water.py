"""Water and sewage: balances that close, floors that dry from the top."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.networks.water import balance_water, demand_by_hour, sewage_level, tap_share


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), limited=st.booleans(), start=st.floats(0.0, 1.0))
def test_mass_balance(seed: int, limited: bool, start: float) -> None:
    rng = np.random.default_rng(seed)
    zones, slots = 4, 96
    pumps = rng.choice([0.0, 50.0, 200.0, np.inf], (zones, slots))
    demand = rng.uniform(0.0, 150.0, (zones, slots))
    tank = rng.choice([0.0, 30.0, 400.0], zones)
    works = rng.choice([0.0, 100.0, 500.0], slots) if limited else None
    served, stored = balance_water(works, pumps, demand, tank, start)
    assert (served >= 0.0).all()
    assert (served <= demand + 1e-9).all()
    assert (stored >= 0.0).all()
    assert (stored <= tank[:, None] + 1e-9).all()
    before = np.concatenate([tank[:, None] * start, stored[:, :-1]], axis=1)
    pumped = (stored - before) / 0.5 + served
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
    less, _ = balance_water(None, pumps, demand, tank, 0.8)
    served, _ = balance_water(None, more, demand, tank, 0.8)
    assert (served.cumsum() >= less.cumsum() - 1e-6).all()


def test_demand_has_a_mean_of_one() -> None:
    assert abs(demand_by_hour(np.arange(0.0, 24.0, 0.5)).mean() - 1.0) < 1e-12


def test_top_floors_lose_water_first() -> None:
    floors, gravity = np.array([4, 9, 16]), np.array([5, 5, 5])
    full = np.ones((3, 2), dtype=np.float32)
    lit = np.array([[True, False]] * 3)
    share = tap_share(full, floors, gravity, lit)
    np.testing.assert_allclose(share[:, 0], 1.0)
    np.testing.assert_allclose(share[:, 1], [1.0, 5 / 9, 5 / 16])
    half = tap_share(full * np.float32(0.5), floors, gravity, lit)
    assert (half <= share).all()
    np.testing.assert_allclose(half[:, 1], [5 / 8, 2.5 / 9, 2.5 / 16], rtol=1e-6)
    unknown = tap_share(full * np.float32(np.nan), floors, gravity, lit)
    assert np.isnan(unknown).all()


def test_sewage_fills_and_drains() -> None:
    pump = np.ones((1, 40))
    pump[0, 4:16] = 0.0
    level = sewage_level(pump, 0.5, np.array([4.0]), np.array([True]))[0]
    assert level[3] == 0.0
    assert level[11] == 4.0
    assert level[15] == 4.0
    assert level[16] == 3.5
    assert level[-1] == 0.0
    assert (sewage_level(pump * 0.0, 0.5, np.array([4.0]), np.array([False])) == 0.0).all()
