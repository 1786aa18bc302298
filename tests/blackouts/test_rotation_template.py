"""Pure rotation: every queue the same cycle, and every hour of the clock for every queue."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vatra.blackouts import State, rotate_template
from vatra.problems import InputError
from vatra.situation.timegrid import TimeGrid

WEEK = TimeGrid(pd.Timestamp("2022-11-20T22:00Z"), 336)


def test_the_published_cycle_of_ten_and_a_half_hours() -> None:
    template = rotate_template(WEEK)
    hours = template.hours()
    assert template.repeats
    assert (hours["dark_h"] == 56).all()  # 16 times 3.5 h, as published
    assert (hours["possible_h"] == 112).all()
    dark = template.state == State.PLANNED
    assert set(dark.sum(axis=0)) <= {3, 4, 5}  # about a third of twelve
    assert dark.mean() == pytest.approx(1 / 3)
    # Each half-hour of the clock comes round two or three times a week, to everybody.
    clock = dark.reshape(12, 7, 48).sum(axis=1)
    assert set(np.unique(clock)) <= {2, 3}
    assert np.ptp(hours["evening_dark_h"]) <= 1.0


def test_a_lit_part_of_the_cycle_and_one_that_does_not_go_into_a_week() -> None:
    template = rotate_template(WEEK, units=("1", "2", "3"), dark_h=4, possible_h=0, light_h=8)
    assert template.cycle_h == 12
    assert (template.state == State.PLANNED).sum(axis=0).tolist() == [1] * 336
    assert not (template.state == State.POSSIBLE).any()
    assert not rotate_template(WEEK, dark_h=5, possible_h=0, light_h=5).repeats
    later = rotate_template(WEEK, shift_h=1.5).state
    assert np.array_equal(later[:, 3:], rotate_template(WEEK).state[:, :-3])


def test_what_cannot_be_a_cycle_is_told() -> None:
    for wrong in ({"dark_h": 0.3}, {"dark_h": 0, "possible_h": 0}, {"units": ()},
                  {"light_h": -1}):  # fmt: skip
        with pytest.raises(InputError, match="template"):
            rotate_template(WEEK, **wrong)
