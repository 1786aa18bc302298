"""District heat by zone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.networks.heat import needed_share, ramped, with_makeup, zone_share


def test_need_follows_the_weather() -> None:
    needed = needed_share(np.array([-22.0, -1.0, 20.0, 25.0]), 20.0, -22.0)
    np.testing.assert_allclose(needed, [1.0, 0.5, 0.0, 0.0])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_heat_without_source_and_never_more_than_needed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    zone = rng.integers(-1, 3, 6)
    available = rng.choice([0.0, 1.0, 5.0], (6, 20))
    design = np.array([0.0, 3.0, 20.0])
    needed = rng.uniform(0.0, 1.2, 20)
    share = zone_share(zone, available, design, needed)
    total = np.array([available[zone == z].sum(axis=0) for z in range(3)])
    assert ((share >= 0.0) & (share <= 1.0)).all()
    assert (share[total == 0.0] == 0.0).all()
    assert (share * design[:, None] * needed <= total + 1e-9).all()


def test_sources_stop_at_once_and_come_back_slowly() -> None:
    share = np.array([[1.0, 0.0, 1.0, 1.0, 1.0, 0.3, 1.0]])
    np.testing.assert_allclose(ramped(share, 2.0), [[1.0, 0.0, 0.25, 0.5, 0.75, 0.3, 0.55]])
    np.testing.assert_allclose(ramped(share, 0.0), share)


def test_sources_run_a_while_without_make_up_water() -> None:
    water = np.array([[True, False, False, False, True, False]])
    expected = np.array([[True, True, True, False, True, True]])
    np.testing.assert_array_equal(with_makeup(water, 1.0), expected)
