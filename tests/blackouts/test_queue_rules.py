"""The public rotation keeps the rules that a queue can keep, and the lines' schedule agrees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import Rules, State, rotate_queues, schedule_blackouts
from vatra.blackouts.clock import LightWindow
from vatra.blackouts.conduct import bans_of, barred_slots, spans_of
from vatra.blackouts.queues import rotate_units
from vatra.cli import main
from vatra.situation.timegrid import TimeGrid

START = pd.Timestamp("2022-11-23T22:00Z")
GRID = TimeGrid(START, 96)
QUIET = Rules(max_dark_h=8.0, quiet_h=(23.0, 5.0))
LIGHT = Rules(
    max_dark_h=7.0, max_dark_day_h=9.0, must_light=(LightWindow(6.0, 8.0, 1.0),),
)  # fmt: skip
ORDER = np.full(96, 4)
"""Four of twelve parts dark: 8 h a day."""


def quiet(grid: TimeGrid, rules: Rules, count: int = 12) -> np.ndarray:
    barred = barred_slots(bans_of(rules, grid, None), np.ones(count, dtype=bool))
    assert barred is not None
    return barred


def rotated(order: np.ndarray, rules: Rules, barred: np.ndarray | None = None) -> np.ndarray:
    found = rotate_queues(order / 2, grid=GRID, rules=rules, barred=barred, steps=600_000, tries=6)
    assert (found.dark.sum(axis=0) == order).all()
    return found.dark


def late(dark: np.ndarray, barred: np.ndarray) -> int:
    """Switchings at slots where there is to be none."""
    return int(((dark[:, 1:] != dark[:, :-1]) & barred[:, 1:]).sum())


def longest_dark(dark: np.ndarray, rules: Rules) -> int:
    """Dark slots beyond what spans allow, the most."""
    beyond = [dark[:, max(s.first, 0) : s.end].sum(axis=1) - s.most for s in spans_of(rules, GRID)]
    return int(np.max(beyond))


def test_hours_with_light_and_dark_hours_a_day_are_kept_where_there_is_room() -> None:
    assert longest_dark(rotated(ORDER, Rules(max_dark_h=7.0)), LIGHT) > 0
    assert longest_dark(rotated(ORDER, LIGHT), LIGHT) <= 0


def test_nothing_is_switched_in_quiet_hours_where_the_order_lets_it_be() -> None:
    barred = quiet(GRID, QUIET)
    assert late(rotated(ORDER, QUIET), barred) > 4
    assert late(rotated(ORDER, QUIET, barred), barred) <= 2
    # Where the order itself changes at night, no more than that is switched.
    order = ORDER.copy()
    order[4:8] = 6
    assert 4 <= late(rotated(order, QUIET, barred), barred) <= 6


def test_what_cannot_be_kept_is_told_with_the_least_that_could() -> None:
    rules = Rules(max_dark_h=7.0, max_dark_day_h=6.0)
    found = rotate_queues(ORDER / 2, grid=GRID, rules=rules, steps=200_000, tries=3)
    told = [v for v in found.violations if v.rule == "max_dark_day_h"]
    assert len(told) == 1
    assert "2 h at least" in told[0].relaxation
    assert longest_dark(found.dark, rules) <= 5  # 8 h are the mean; shared, not heaped on one


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_order_is_met_whatever_the_rules(data: st.DataObject) -> None:
    slots = data.draw(st.sampled_from([46, 48, 50]))
    grid = TimeGrid(START, slots)
    order = np.array(data.draw(st.lists(st.integers(0, 6), min_size=slots, max_size=slots)))
    from_h = data.draw(st.integers(0, 20))
    rules = Rules(
        max_dark_h=None, quiet_h=(22.0, 6.0), max_dark_day_h=data.draw(st.sampled_from([2, None])),
        must_light=(LightWindow(float(from_h), from_h + 2.0, 1.0),),
    )  # fmt: skip
    hand = np.array(data.draw(st.lists(st.booleans(), min_size=6, max_size=6)))
    barred = barred_slots(bans_of(rules, grid, None), hand)
    found = rotate_queues(
        order, units=list("abcdef"), grid=grid, rules=rules, barred=barred, steps=3_000, tries=2
    )
    assert (found.dark.sum(axis=0) == order).all()
    previous = found.dark
    again = rotate_units(
        order, 6, rules, previous=previous, barred=barred, spans=spans_of(rules, grid)
    )
    assert (again.sum(axis=0) == order).all()


@pytest.mark.parametrize("rules", [LIGHT, QUIET], ids=["hours with light", "quiet hours"])
def test_the_lines_of_a_queue_keep_its_hours_and_the_rules(rules: Rules) -> None:
    table, demand = make_town(48, 48, kept=0.0)
    table["switching"] = "manual"
    made = schedule_blackouts(table, demand, queues_off=np.full(48, 2.0), rules=rules)
    assert made.certificate.violations == ()
    shares = made.queue_dark_share.to_numpy()
    assert ((shares == 0) | (shares == 1)).all()
    dark = (made.state == State.PLANNED).sum(axis=1)
    assert np.ptp(dark) <= 4


def test_queues_under_a_limit_keep_hours_with_light_together() -> None:
    rules = Rules(must_light=(LightWindow(6.0, 8.0, 1.0), LightWindow(18.0, 20.0, 1.0)))
    table, demand = make_town(72, 96, kept=0.0, seed=5)
    limit = np.full(96, 0.62 * demand.total_mw.max())
    made = schedule_blackouts(table, demand, limit_mw=limit, rules=rules, explain=False)
    assert made.certificate.violations == ()
    queue = made.queue.reindex(made.feeder_id).to_numpy()
    in_line = 0
    for name in set(queue):
        dark = made.state[queue == name] != State.LIT
        in_line += (dark == (dark.mean(axis=0) > 0.5)).sum()
    assert in_line / made.state.size > 0.95  # 0.945 where the queues knew nothing of the rule


def test_notice_holds_what_was_known_of_before() -> None:
    table, demand = make_town(48, 48, kept=0.0)
    rules = Rules(max_dark_h=7.0, notice_h=3.0)
    first = schedule_blackouts(table, demand, queues_off=np.full(48, 2.0))
    dark = first.state[:, -1] == State.PLANNED
    history = pd.DataFrame(
        {"dark_slots": np.where(dark, 4, 3), "lit_slots": np.where(dark, 0, 8), "dark_h": 0.0},
        index=table.index,
    )
    made = schedule_blackouts(
        table, demand, queues_off=np.full(48, 2.0), rules=rules, history=history,
        now=demand.grid.start,
    )  # fmt: skip
    assert ((made.state[:, :6] == State.PLANNED) == dark[:, None]).all()


def test_the_command_takes_rules_for_queues(tmp_path: Path) -> None:
    (tmp_path / "ORDER.csv").write_text("start,queues\n2022-11-24T00:00,2\n2022-11-24T12:00,1.5\n")
    (tmp_path / "RULES.toml").write_text('max_dark_day_h = 8\nquiet_h = "23:00-05:00"\n')
    args = ["blackouts", "rotate", "--order", str(tmp_path / "ORDER.csv"), "--rules",
            str(tmp_path / "RULES.toml"), "--out", str(tmp_path / "out.csv")]  # fmt: skip
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 0, done.output
    assert "quiet" not in done.output
    table = pd.read_csv(tmp_path / "out.csv")
    start = pd.to_datetime(table["start"], utc=True).dt.tz_convert("Europe/Kyiv")
    assert not start[start > start.min()].dt.hour.isin([23, 0, 1, 2, 3, 4]).any()
    cycle = ["blackouts", "rotate", "--start", "2022-11-21", "--rules",
             str(tmp_path / "RULES.toml"), "--out", str(tmp_path / "c.csv")]  # fmt: skip
    assert CliRunner().invoke(main, cycle).exit_code != 0
