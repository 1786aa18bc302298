"""Rules: ranges, rounding to slots and where they come from."""

from __future__ import annotations

import pytest

from vatra.blackouts import Rules, rules_from
from vatra.problems import InputError


def test_hours_become_slots_on_the_safe_side() -> None:
    rules = Rules(min_dark_h=0.7, min_light_h=2.0, max_dark_h=7.9)
    assert (rules.min_dark_slots, rules.min_light_slots) == (2, 4)
    assert rules.max_dark_slots == 15
    assert Rules(max_dark_h=None).max_dark_slots > 1000
    assert rules.max_light_slots > 1000
    assert Rules(max_light_h=4).max_light_slots == 8


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_dark_h": 0.0},
        {"min_light_h": float("nan")},
        {"max_dark_h": 0.5},
        {"max_light_h": 1.0},
        {"max_dark_h": float("inf")},
    ],
)
def test_absurd_rules_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Rules(**wrong)  # type: ignore[arg-type]


def test_rules_of_a_situation() -> None:
    assert rules_from({}) == Rules()
    rules = rules_from({"max_dark_h": 0, "align_queues": 0, "min_light_h": 3})
    assert rules == Rules(max_dark_h=None, align_queues=False, min_light_h=3)
    with pytest.raises(InputError, match="max_drak_h"):
        rules_from({"max_drak_h": 4})
