from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vatra.demand import (
    Demand,
    Pickup,
    pickup_decay,
    pickup_growth,
    pickup_multiplier,
    served_load,
)
from vatra.situation import TimeGrid

START = pd.Timestamp("2022-11-23T12:00", tz="UTC")


def flat_demand(
    feeders: int, slots: int, *, critical: float = 0.0, heater: float = 0.0, pickup: Pickup
) -> Demand:
    """Feeders of 1 MW of ordinary load besides their critical load and heaters."""
    ones = np.ones((feeders, slots))
    ids = pd.Index([f"F-{i}" for i in range(feeders)])
    load = ones * (1 + critical + heater)
    return Demand(TimeGrid(START, slots), ids, load, ones * critical, ones * heater, pickup)


@pytest.mark.parametrize("dark_slots", [0, 1, 3, 16])
@pytest.mark.parametrize("lit_slots", [0, 1, 5])
def test_the_multiplier_is_the_mean_over_the_slot(dark_slots: int, lit_slots: int) -> None:
    pickup = Pickup(0.7, 1.5, 1.0)
    since_h = lit_slots / 2 + (np.arange(20_000) + 0.5) / 40_000
    built = 1 - np.exp(-dark_slots / 2 / pickup.growth_h)
    mean = 1 + np.mean(pickup.extra * built * np.exp(-since_h / pickup.decay_h))
    assert pickup_multiplier(dark_slots, lit_slots, pickup) == pytest.approx(mean, rel=1e-9)


def test_it_never_exceeds_what_the_operator_saw() -> None:
    pickup = Pickup()
    first = pickup_multiplier(np.arange(200), 0, pickup)
    assert np.all(np.diff(first) >= 0)
    assert first[0] == 1.0
    assert 1.5 < first[-1] < 1.7
    later = pickup_multiplier(200, np.arange(20), pickup)
    assert np.all(np.diff(later) < 0)
    assert later[-1] == pytest.approx(1.0, abs=1e-4)


def test_it_is_the_product_of_two_tables() -> None:
    pickup = Pickup(1.2, 0.8, 2.0)
    dark, lit = np.arange(30), np.arange(40)
    product = 1 + pickup.extra * np.outer(pickup_growth(dark, pickup), pickup_decay(lit, pickup))
    found = pickup_multiplier(dark[:, None], lit[None, :], pickup)
    np.testing.assert_allclose(found, product, rtol=1e-14)


def test_constants_of_zero_mean_at_once() -> None:
    assert list(pickup_growth([0, 1, 9], Pickup(growth_h=0.0))) == [0.0, 1.0, 1.0]
    assert list(pickup_decay([0, 1], Pickup(decay_h=0.0))) == [0.0, 0.0]


def by_hand(
    lit: NDArray[np.bool_], pickup: Pickup, dark_before: int = 0, lit_before: int = 0
) -> list[float]:
    """Follow one feeder of 1 MW, step by step, from its last run of darkness."""
    before = [False] * dark_before + [True] * lit_before
    history = [True, *before, *lit.tolist()]
    loads = []
    for now in range(len(history) - len(lit), len(history)):
        if not history[now]:
            loads.append(0.0)
            continue
        back = now
        while back > 0 and history[back - 1]:
            back -= 1
        dark = 0
        while back - 1 - dark >= 0 and not history[back - 1 - dark]:
            dark += 1
        loads.append(float(pickup_multiplier(dark, now - back, pickup)))
    return loads


@given(
    st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_served_load_follows_the_runs(
    pattern: list[list[bool]], before: list[tuple[int, int]]
) -> None:
    lit = np.array(pattern)
    pickup = Pickup(0.9, 1.1, 0.7)
    demand = flat_demand(len(lit), 12, pickup=pickup)
    dark_before = np.array([dark for dark, _ in before[: len(lit)]])
    lit_before = np.array([light if dark else 0 for dark, light in before[: len(lit)]])
    served = served_load(demand, lit, dark_before=dark_before, lit_before=lit_before)
    expected = np.array(
        [
            by_hand(row, pickup, int(dark), int(light))
            for row, dark, light in zip(lit, dark_before, lit_before, strict=True)
        ]
    )
    np.testing.assert_allclose(served, expected, rtol=1e-12)
    plain = np.array([by_hand(row, pickup) for row in lit])
    np.testing.assert_allclose(served_load(demand, lit), plain, rtol=1e-12)


def test_a_feeder_that_is_never_cut_draws_its_demand() -> None:
    demand = flat_demand(3, 10, critical=0.5, heater=0.25, pickup=Pickup())
    served = served_load(demand, np.ones((3, 10), dtype=np.bool_))
    np.testing.assert_array_equal(served, demand.load_mw)


def test_critical_load_and_heaters_have_no_pickup() -> None:
    demand = flat_demand(1, 6, critical=2.0, heater=1.0, pickup=Pickup())
    lit = np.array([[True, False, False, False, True, True]])
    served = served_load(demand, lit)
    expected = [3.0 + float(pickup_multiplier(3, slot, Pickup())) for slot in (0, 1)]
    np.testing.assert_allclose(served[0], np.array([4.0, 0.0, 0.0, 0.0, *expected]))


def test_a_pattern_of_another_shape_is_refused() -> None:
    demand = flat_demand(2, 6, pickup=Pickup())
    with pytest.raises(ValueError, match="lit is"):
        served_load(demand, np.ones((2, 5), dtype=np.bool_))


def test_the_caller_keeps_what_it_gave() -> None:
    demand = flat_demand(2, 6, pickup=Pickup())
    dark_before = np.array([3, 0])
    lit = np.array([[True] * 6, [False] * 6])
    served_load(demand, lit, dark_before=dark_before)
    assert dark_before.tolist() == [3, 0]
