"""The grid in a terminal says what the schedule says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.blackouts.test_ledger import order
from vatra.blackouts import PLAIN, Schedule, draw_schedule
from vatra.blackouts.queues import queue_share
from vatra.situation.timegrid import TimeGrid


def drawn(*rows: str) -> list[str]:
    schedule = order(*rows)
    return draw_schedule(with_shares(schedule), marks=PLAIN).splitlines()


def with_shares(schedule: Schedule) -> Schedule:
    share = queue_share(
        schedule.queue, np.ones(len(schedule.feeder_id)), ~schedule.lit, schedule.grid.slots
    )
    return replace(schedule, queue_dark_share=share)


def test_a_row_a_queue_and_a_block_a_day() -> None:
    lines = drawn("..##" + "." * 46, "####" + "E" * 46)
    assert lines[0] == "Thursday 24 November 2022"
    assert lines[1].split() == ["00", "03", "06", "09", "12", "15", "18", "21"]
    assert lines[2].split()[:2] == ["1.1", "..##" + "." * 44]
    assert lines[3].split()[:2] == ["2.1", "####" + "E" * 44]
    assert lines[3].endswith("24.0 h dark")
    assert lines[2].index("..#") == lines[1].index("00")
    assert lines[5] == "Friday 25 November 2022"
    assert lines[7].split()[:2] == ["1.1", ".."]
    assert lines[-1] == ". light  # dark  E emergency"


def test_a_part_of_a_queue_and_no_queue() -> None:
    schedule = order("..##", "....")
    schedule.queue[:] = "1.1"
    assert "..++" in draw_schedule(with_shares(schedule), marks=PLAIN)
    schedule.queue[:] = ""
    assert draw_schedule(with_shares(schedule)) == ""


def test_clocks_that_go_back_show_the_hours_there_are() -> None:
    schedule = order("." * 50)
    grid = TimeGrid(pd.Timestamp("2022-10-29T21:00Z"), 50)
    lines = draw_schedule(with_shares(replace(schedule, grid=grid)), marks=PLAIN).splitlines()
    assert lines[2].count(".") == 50 + 2  # of the queue's name and of the hours
