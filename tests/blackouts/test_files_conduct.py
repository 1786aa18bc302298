"""Rules on switchings and hours, orders for areas and kept feeders, from a utility's files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.blackouts.utility import feeder_rows, write
from vatra.blackouts import (
    check_schedule,
    read_tables,
    rules_from,
    schedule_blackouts,
)
from vatra.blackouts.clock import LightWindow, clock_span, days_of, light_window, overlapping
from vatra.problems import InputError
from vatra.situation.timegrid import TimeGrid

DAY = "2022-11-24T00:00:00+02:00"
RULES = """
max_dark_day_h = 14
must_light = ["06:00-08:00 1", "18:00-19:00"]
crew_switchings = 2
substation_switchings = 3
quiet_h = "23:00-05:00"
notice_h = 1
manual_notice_h = 2
"""


def _feeders(extra: str = "crew,backup,exposure", cell: str = "C-{n},{yes},{weight}") -> str:
    head, *rows = feeder_rows(24).splitlines()
    told = [
        f"{row},{cell.format(n=i % 2, yes=('yes', 'no', '')[i % 3], weight=('', 1, 2.5)[i % 3])}"
        for i, row in enumerate(rows)
    ]
    return "\n".join([f"{head},{extra}", *told]) + "\n"


def test_every_rule_of_a_file_is_obeyed_or_told(tmp_path: Path) -> None:
    tables = read_tables(
        write(tmp_path, "FEEDERS.csv", _feeders()),
        write(tmp_path, "LIMIT.csv", f"start,limit_mw,area\n{DAY},21.5,\n{DAY},4,S-1\n"),
        rules=write(tmp_path, "RULES.toml", RULES),
        now="2022-11-23T23:30+02:00",
    )
    assert tables.rules.must_light == (LightWindow(6.0, 8.0, 1.0), LightWindow(18.0, 19.0))
    assert tables.rules == rules_from(tables.rules.values())
    given = tables.arguments()
    assert list(given["exposure"][:3]) == [0.0, 0.0, 1.5]
    schedule = schedule_blackouts(tables.feeders, tables.demand, **given)
    found = check_schedule(schedule, tables.feeders, tables.demand, **given)
    assert {v.rule for v in found} == {v.rule for v in schedule.certificate.violations}
    mixed = tables.feeders.index[(tables.feeders.backup == "no") & (tables.feeders.critical_mw > 0)]
    assert len(mixed) > 1
    assert schedule.lit[tables.feeders.index.get_indexer(mixed)].all()


def test_an_area_may_be_ordered_in_queues(tmp_path: Path) -> None:
    order = f"start,queues,limit_mw,area\n{DAY},1,,\n{DAY},2,9,D-1\n"
    tables = read_tables(
        write(tmp_path, "FEEDERS.csv", feeder_rows(24)), write(tmp_path, "LIMIT.csv", order)
    )
    (area,) = tables.orders.area_limits
    assert area.queues_off is not None
    assert (area.queues_off == 2.0).all()
    schedule = schedule_blackouts(tables.feeders, tables.demand, **tables.arguments())
    own = (tables.feeders.district_id == "D-1").to_numpy()
    turns = (schedule.queue != "").to_numpy()
    dark = ~schedule.lit
    assert 0.55 < dark[own & turns].mean() < 0.95  # 2 of 3 queues, and what the MW ask for
    assert 0.3 < dark[~own & turns].mean() < 0.4  # 1 of 3 queues


def test_wrong_rules_and_unknown_names_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        rules_from({
            "max_drak_h": 3, "max_dark_h": 0.5, "min_light_h": "two", "quiet_h": "22-6",
            "must_light": ["06:00-08:00 3", "soon"], "crew_switchings": 1.5, "keep_mixed": "x",
        })  # fmt: skip
    told = [(p.place, p.subject) for p in caught.value.problems]
    assert ("rules", "max_drak_h") in told
    assert sorted(place for place, _ in told) == [
        "rules", "rules.crew_switchings", "rules.keep_mixed", "rules.max_dark_h",
        "rules.min_light_h", "rules.must_light", "rules.must_light", "rules.quiet_h",
    ]  # fmt: skip
    assert all(p.mend or "less than" in p.reason for p in caught.value.problems)
    with pytest.raises(InputError, match="overlap"):
        rules_from({"must_light": ["06:00-08:00", "07:30-09:00 1"]})


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [("backup", "maybe", "choices"), ("exposure", "0.5", "below"), ("exposure", "x", "number")],
)
def test_wrong_cells_are_named(column: str, cell: str, reason: str, tmp_path: Path) -> None:
    feeders = write(tmp_path, "FEEDERS.csv", _feeders(column, cell))
    limit = write(tmp_path, "LIMIT.csv", f"start,limit_mw\n{DAY},20\n")
    with pytest.raises(InputError) as caught:
        read_tables(feeders, limit, now="yesterday")
    places = {p.place: p.reason for p in caught.value.problems}
    assert reason in places[f"FEEDERS.csv: {column}"]
    assert "--now" in places


@pytest.mark.parametrize(
    ("value", "span"),
    [("22:00-06:00", (22.0, 6.0)), ([0, 24], (0.0, 24.0)), ("6:30–7:00", (6.5, 7.0))],
)
def test_hours_of_the_day_are_read(value: object, span: tuple[float, float]) -> None:
    assert clock_span(value) == (span, "")


@pytest.mark.parametrize(
    "value", ["6-8", "06:15-08:00", "06:00-06:00", "25:00-26:00", 7, [1, 2, 3]]
)
def test_other_hours_are_not(value: object) -> None:
    assert clock_span(value)[0] is None
    assert light_window(value)[0] is None


def test_windows_that_touch_do_not_overlap() -> None:
    assert not overlapping([LightWindow(6, 8), LightWindow(8, 9), LightWindow(22, 6)])
    assert overlapping([LightWindow(22, 6), LightWindow(5.5, 7)])


@pytest.mark.parametrize(
    ("start", "slots", "night"),
    [("2026-03-28T22:00Z", 46, 6), ("2026-10-24T21:00Z", 50, 10), ("2022-11-23T22:00Z", 48, 8)],
)
def test_days_with_a_change_of_the_clock(start: str, slots: int, night: int) -> None:
    grid = TimeGrid(pd.Timestamp(start), slots)
    assert days_of(grid, 0.0, 24.0) == [(0, slots, slots)]
    assert days_of(grid, 1.0, 5.0) == [(2, 2 + night, night)]
    around = days_of(grid, 22.0, 6.0)
    assert [first for first, _, _ in around] == [-4, slots - 4]
    assert around[0][2] == 12 + night - 8 + 4
