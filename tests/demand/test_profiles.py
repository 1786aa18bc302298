from __future__ import annotations

import numpy as np
import pytest

from vatra.city.schema import CUSTOMER_KINDS
from vatra.demand import ColdResponse
from vatra.demand.profiles import (
    COLD_WEIGHT,
    MIXED,
    PEAK_HOUR,
    WEEKEND,
    WORKDAY,
    cold_weight,
    day_profile,
)

HOURS = np.arange(48) / 2 + 0.25
KINDS = ("household", "mixed", "critical", *CUSTOMER_KINDS)


def test_every_kind_of_customer_has_a_profile() -> None:
    assert set(CUSTOMER_KINDS) <= WORKDAY.keys()
    assert WEEKEND.keys() <= WORKDAY.keys()
    assert COLD_WEIGHT.keys() <= WORKDAY.keys()
    assert sum(MIXED.values()) == pytest.approx(1.0)
    assert all(len(hours) == 24 for table in (WORKDAY, WEEKEND) for hours in table.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("heating", [False, True])
def test_profiles_are_one_at_the_winter_peak(kind: str, heating: bool) -> None:
    assert day_profile(kind, [PEAK_HOUR], [False], heating=heating) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weekend", [False, True])
def test_profiles_are_positive_and_smooth_over_midnight(kind: str, weekend: bool) -> None:
    profile = day_profile(kind, HOURS, np.full(48, weekend))
    assert profile.min() > 0.1
    assert np.abs(np.diff(profile, append=profile[:1])).max() < 0.25


def test_homes_have_a_morning_and_a_higher_evening_peak() -> None:
    profile = day_profile("household", HOURS, np.zeros(48))
    assert 17.5 <= HOURS[profile.argmax()] <= 19.5
    morning = profile[(HOURS > 6) & (HOURS < 10)]
    assert morning.max() > profile[(HOURS > 11) & (HOURS < 14)].max()
    assert profile.min() < 0.5


@pytest.mark.parametrize("kind", ["hospital", "water", "sewage", "heat", "emergency", "telecom"])
def test_lifelines_are_nearly_flat(kind: str) -> None:
    profile = day_profile(kind, HOURS, np.zeros(48))
    assert profile.max() / profile.min() < 1.35
    assert cold_weight(kind) == 0.0


@pytest.mark.parametrize("kind", ["office", "school", "industry", "transport"])
def test_work_rests_at_the_weekend(kind: str) -> None:
    workday = day_profile(kind, HOURS, np.zeros(48))
    weekend = day_profile(kind, HOURS, np.ones(48))
    assert weekend.sum() < 0.9 * workday.sum()


def test_heating_runs_through_the_night() -> None:
    plain = day_profile("household", HOURS, np.zeros(48))
    heating = day_profile("household", HOURS, np.zeros(48), heating=True)
    assert plain.min() < heating.min() < 1.0


def test_the_cold_is_a_share_of_the_design_cold() -> None:
    cold = ColdResponse().cold([20.0, 5.0, 0.0, -5.0, -10.0, -30.0])
    assert cold.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0, 1.0]


def test_a_response_without_a_range_is_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        ColdResponse(mild_c=0.0, design_c=0.0)
