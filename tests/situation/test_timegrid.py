from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vatra.situation import TimeGrid


def grid_from(local: str, slots: int) -> TimeGrid:
    return TimeGrid(pd.Timestamp(local, tz="Europe/Kyiv"), slots)


@pytest.mark.parametrize(
    ("day", "slots"), [("2023-03-26", 46), ("2022-11-24", 48), ("2022-10-30", 50)]
)
def test_a_day_has_the_slots_that_its_clocks_leave(day: str, slots: int) -> None:
    grid = grid_from(day, 3 * 48)
    assert int((grid.day == 0).sum()) == slots
    assert grid.hour[slots] == 0.0
    assert np.all(np.diff(grid.times.asi8) == np.diff(grid.times.asi8)[0])


def test_hours_repeat_in_autumn_and_skip_in_spring() -> None:
    autumn = grid_from("2022-10-30", 50)
    assert list(autumn.hour[6:10]) == [3.0, 3.5, 3.0, 3.5]
    spring = grid_from("2023-03-26", 46)
    assert list(spring.hour[5:8]) == [2.5, 4.0, 4.5]


def test_touched_slots_are_whole_and_within_the_grid() -> None:
    grid = grid_from("2022-11-23T14:00", 10)
    at = [grid.start + pd.Timedelta(minutes=m) for m in (-90, 0, 20, 30, 50, 60, 900)]
    assert grid.touched(None, None) == (0, 10)
    assert grid.touched(at[0], at[1]) == (0, 0)
    assert grid.touched(at[2], at[4]) == (0, 2)
    assert grid.touched(at[3], at[5]) == (1, 2)
    assert grid.touched(at[6], None) == (10, 10)


def test_a_grid_needs_a_zone_a_half_hour_and_a_slot() -> None:
    with pytest.raises(ValueError, match="time zone"):
        TimeGrid(pd.Timestamp("2022-11-23T14:00"), 4)
    with pytest.raises(ValueError, match="half hour"):
        grid_from("2022-11-23T14:10", 4)
    with pytest.raises(ValueError, match="at least one slot"):
        grid_from("2022-11-23T14:00", 0)


def test_zones_of_a_quarter_hour_start_on_the_utc_half_hour() -> None:
    grid = TimeGrid(pd.Timestamp("2022-11-23T14:15", tz="Asia/Kathmandu"), 2, "Asia/Kathmandu")
    assert list(grid.hour) == [14.25, 14.75]
    assert grid.slot_of(grid.end) == 2
