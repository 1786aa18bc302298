"""Turns under a supply: never above it, and nobody with less light than the share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.blackouts.rotation_share import share_supply
from vatra.problems import InputError


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.1, 5.0), min_size=1, max_size=8), st.floats(5.0, 30.0))
def test_turns_fit_and_give_the_share(load: list[float], supply: float) -> None:
    share = share_supply(load, supply, rounds=10)
    assert (share.lit @ np.array(load) <= supply * (1 + 1e-9)).all()
    assert share.time.sum() == pytest.approx(1.0)
    assert (share.time @ share.lit).min() >= share.share - 1e-9
    assert share.share <= share.bound + 1e-9


def test_equal_feeders_share_exactly() -> None:
    share = share_supply(np.ones(12), 5.0)
    assert share.share == pytest.approx(5 / 12, rel=1e-6)


def test_many_feeders_come_near_supply_over_demand() -> None:
    load = np.random.default_rng(0).lognormal(0.0, 0.6, 60)
    share = share_supply(load, 0.28 * float(load.sum()))
    assert share.bound == pytest.approx(0.28)
    assert share.share >= 0.28 * (1 - 0.002)


@pytest.mark.parametrize("load", [[1.0, -1.0], [1.0, 3.0], [], [np.nan]])
def test_loads_that_cannot_be_shared(load: list[float]) -> None:
    with pytest.raises(InputError):
        share_supply(load, 2.0)
