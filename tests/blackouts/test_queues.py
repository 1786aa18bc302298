"""Orders in queues: how many units, and who takes turns."""

from __future__ import annotations

import numpy as np
import pytest

from vatra.blackouts.queues import rotate_units, units_dark
from vatra.blackouts.rules import Rules
from vatra.problems import InputError

TWELVE = [f"{q}.{p}" for q in range(1, 7) for p in (1, 2)]


def test_half_a_queue_is_one_of_its_two_parts() -> None:
    order = [0, 0.5, 1, 3.5, np.nan]
    assert units_dark(TWELVE, order, 5).tolist() == [0, 1, 2, 7, 0]


def test_queues_without_parts_are_rounded_up() -> None:
    assert units_dark(["1", "2", "3"], [0.5, 1.0, 9.0], 3).tolist() == [1, 1, 3]


@pytest.mark.parametrize("wrong", [[-1.0], [0.3], [1.0, 2.0]])
def test_orders_that_are_none_are_refused(wrong: list[float]) -> None:
    with pytest.raises(InputError):
        units_dark(TWELVE, wrong, 1)


def test_turns_are_even_and_as_ordered() -> None:
    wanted = np.full(48, 4)
    dark = rotate_units(wanted, 12, Rules())
    assert (dark.sum(axis=0) == wanted).all()
    assert np.ptp(dark.sum(axis=1)) <= 4
