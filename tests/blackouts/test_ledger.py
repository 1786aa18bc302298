"""Ordered against done, hours counted against a minute-by-minute count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.utility import write
from vatra.blackouts import (
    Certificate,
    Measured,
    Schedule,
    State,
    execution_ledger,
    history_after,
    read_measured,
    write_ledger,
)
from vatra.blackouts.ledger_measured import DARK, LIT, UNKNOWN, _beats
from vatra.problems import InputError
from vatra.situation.timegrid import TimeGrid

START = pd.Timestamp("2022-11-23T22:00Z")
MINUTE = 60 * 10**9
NO_PROOF = Certificate(0.0, 0.0, "", 0.0, 0.0, 0.0, 0.0)


def order(*rows: str) -> Schedule:
    """Make a schedule; «.» is light, «#» planned, «E» emergency, «D» damaged, a slot each."""
    codes = {".": State.LIT, "#": State.PLANNED, "E": State.EMERGENCY, "D": State.DAMAGED}
    state = np.array([[codes[mark] for mark in row] for row in rows], dtype=np.int8)
    ids = pd.Index([f"F-{i}" for i in range(len(rows))])
    slots = state.shape[1]
    queue = pd.Series([f"{1 + i}.1" for i in range(len(rows))], index=ids, dtype="object")
    return Schedule(
        TimeGrid(START, slots), ids, state, np.zeros(state.shape), np.full(slots, np.nan),
        np.zeros(slots), NO_PROOF, queue,
    )  # fmt: skip


def measured(*changes: list[tuple[int, int]], until_min: int = 10**6) -> Measured:
    """Make measurements from (minute, code) by feeder."""
    return Measured(
        {
            f"F-{i}": (
                np.array([START.value + MINUTE * m for m, _ in own], dtype=np.int64),
                np.array([code for _, code in own], dtype=np.int8),
            )
            for i, own in enumerate(changes)
            if own
        },
        START + pd.Timedelta(minutes=until_min),
        "Measured.",
    )


def table_of(schedule: Schedule) -> pd.DataFrame:
    return pd.DataFrame(index=schedule.feeder_id)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_hours_are_those_of_a_count_by_minutes(data: st.DataObject) -> None:
    row = data.draw(st.text(alphabet=".#ED", min_size=2, max_size=8))
    schedule = order(row)
    minutes = 30 * len(row)
    times = sorted(data.draw(st.sets(st.integers(-40, minutes + 20), min_size=1, max_size=6)))
    codes = [data.draw(st.sampled_from([DARK, LIT, UNKNOWN])) for _ in times]
    until = data.draw(st.integers(max(times[0], 0) + 1, minutes + 60))
    if times[0] >= minutes:
        return
    found = execution_ledger(
        schedule,
        table_of(schedule),
        measured(list(zip(times, codes, strict=True)), until_min=until),
    ).lines.iloc[0]
    count = dict.fromkeys(
        ("ordered_dark_h", "dark_h", "as_ordered_h", "not_cut_h", "without_order_h", "unknown_h",
         "unknown_while_ordered_h", "damaged_h"), 0,
    )  # fmt: skip
    for minute in range(minutes):
        mark = row[minute // 30]
        before = [c for t, c in zip(times, codes, strict=True) if t <= minute]
        seen = before[-1] if before and minute < until else UNKNOWN
        cut = mark in "#E"
        if mark == "D":
            count["damaged_h"] += 1
            continue
        count["ordered_dark_h"] += cut
        count["dark_h"] += seen == DARK
        count["as_ordered_h"] += cut and seen == DARK
        count["not_cut_h"] += cut and seen == LIT
        count["without_order_h"] += (not cut) and seen == DARK
        count["unknown_h"] += seen == UNKNOWN
        count["unknown_while_ordered_h"] += cut and seen == UNKNOWN
    for name, value in count.items():
        assert found[name] == pytest.approx(value / 60), name
    parts = found["measured_h"] + found["unknown_h"] + found["damaged_h"]
    assert parts == pytest.approx(minutes / 60)


CASES: dict[str, tuple[str, list[tuple[int, int]], str, list[str]]] = {
    "to the minute": ("..##....", [(0, LIT), (60, DARK), (120, LIT)], "as ordered", []),
    "late within the tolerance": ("..##....", [(0, LIT), (80, DARK), (140, LIT)], "as ordered", []),
    "cut late": ("..##....", [(0, LIT), (95, DARK), (120, LIT)], "deviates", ["not cut"]),
    "cut early": (
        "..##....", [(0, LIT), (20, DARK), (120, LIT)], "deviates", ["dark without order"]),
    "back late": (
        "..##....", [(0, LIT), (60, DARK), (160, LIT)], "deviates", ["not returned"]),
    "forgotten": ("..##....", [(0, LIT), (60, DARK), (200, LIT)], "forgotten", ["not returned"]),
    "never back": ("..##....", [(0, LIT), (60, DARK)], "forgotten", ["not returned"]),
    "never cut": ("..##....", [(0, LIT)], "never cut", ["not cut"]),
    "dark without any order": (
        "........", [(0, LIT), (60, DARK), (240, LIT)], "deviates", ["dark without order"]),
    "damage is no deviation": ("..DD....", [(0, LIT), (60, DARK), (120, LIT)], "as ordered", []),
    "not measured": (
        "..##....", [], "unmeasured",
        ["unknown while ordered lit", "unknown while ordered dark", "unknown while ordered lit"]),
    "partly known": (
        "..##....", [(0, LIT), (60, DARK), (120, LIT), (150, UNKNOWN)], "partly unknown",
        ["unknown while ordered lit"]),
    "an emergency is an order": ("..EE....", [(0, LIT), (60, DARK), (120, LIT)], "as ordered", []),
    "lit between": (
        "..####..", [(0, LIT), (60, DARK), (80, LIT), (100, DARK), (180, LIT)], "as ordered", []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_verdicts(case: str) -> None:
    row, changes, verdict, kinds = CASES[case]
    schedule = order(row, "........")
    made = execution_ledger(schedule, table_of(schedule), measured(changes, [(0, LIT)]))
    assert made.lines.loc["F-0", "verdict"] == verdict
    assert list(made.deviations.query("feeder == 'F-0'")["kind"]) == kinds
    assert made.lines.loc["F-1", "verdict"] == "as ordered"
    assert made.forgotten == (["F-0"] if verdict == "forgotten" else [])
    assert made.summary["unmeasured"] == int(verdict == "unmeasured")


def test_queues_are_means_of_their_lines() -> None:
    schedule = order("####....", "####....")
    schedule.queue[:] = "1.1"
    seen = measured([(0, DARK), (120, LIT)], [(0, LIT)])
    made = execution_ledger(schedule, table_of(schedule), seen)
    row = made.queues.loc["1.1"]
    assert (row["lines"], row["ordered_dark_h"], row["dark_h"]) == (2, 2.0, 1.0)
    assert (row["forgotten"], row["never_cut"], row["unmeasured"]) == (0, 1, 0)
    assert made.summary["executed_share"] == 0.5


def test_measured_darkness_is_carried_on() -> None:
    schedule = order("..##....", "..##....", "..##....")
    seen = measured([(0, LIT), (60, DARK), (180, LIT)], [(0, LIT)], [])
    history = execution_ledger(schedule, table_of(schedule), seen).history
    assert history["dark_h"].to_list() == [2.0, 0.0, 1.0]
    assert history["dark_slots"].to_list() == [4, 0, 2]
    assert history["lit_slots"].to_list() == [2, 0, 4]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.booleans(), min_size=1, max_size=12),
    st.lists(st.booleans(), min_size=1, max_size=12),
)
def test_history_in_two_steps_is_history_in_one(first: list[bool], then: list[bool]) -> None:
    ids = pd.Index(["F"])
    once = history_after(np.array([first + then]), ids)
    before = history_after(np.array([first]), ids)
    twice = history_after(np.array([then]), ids, before)
    pd.testing.assert_frame_equal(once, twice)


def minutes_of(seen: Measured, feeder: str) -> list[tuple[int, int]]:
    times, codes = seen.changes[feeder]
    minutes = (times - START.value) // MINUTE
    return [(int(t), int(c)) for t, c in zip(minutes, codes, strict=True)]


def scada(folder: Path, text: str) -> Measured:
    return read_measured(write(folder, "scada.csv", text))


def test_scada_changes(tmp_path: Path) -> None:
    seen = scada(
        tmp_path,
        "feeder,time,state\nF-0,2022-11-24T01:00+02:00,OFF\nF-0,2022-11-24T00:00+02:00,on\n"
        "F-1,2022-11-24T00:00+02:00,closed\nF-1,2022-11-24T03:00+02:00,bad\n",
    )
    times, codes = seen.changes["F-0"]
    assert list((times - START.value) // MINUTE) == [0, 60]
    assert list(codes) == [LIT, DARK]
    assert list(seen.changes["F-1"][1]) == [LIT, UNKNOWN]
    assert seen.until == START + pd.Timedelta(hours=3)


def test_silence_is_darkness_back_to_the_last_heartbeat(tmp_path: Path) -> None:
    beats = [*range(0, 61, 5), *range(120, 181, 5)]
    lines = [f"F-0,{START + pd.Timedelta(minutes=m):%Y-%m-%dT%H:%M:%SZ}" for m in beats]
    lines += [f"F-1,{START + pd.Timedelta(minutes=m):%Y-%m-%dT%H:%M:%SZ}" for m in (0, 10, 176)]
    folder = tmp_path / "beats"
    folder.mkdir()
    write(folder, "a.csv", "feeder,time\n" + "\n".join(lines[:10]))
    write(folder, "b.csv", "feeder,time\n" + "\n".join(lines[10:]))
    seen = read_measured(folder, silence_min=15)
    assert minutes_of(seen, "F-0") == [
        (0, LIT), (60, DARK), (120, LIT),
    ]  # fmt: skip
    assert minutes_of(seen, "F-1") == [
        (0, LIT), (10, DARK), (176, LIT),
    ]  # fmt: skip
    assert "15 minutes" in seen.how
    late = read_measured(folder, silence_min=15, until=START + pd.Timedelta(minutes=300))
    assert list(late.changes["F-0"][1]) == [LIT, DARK, LIT, DARK]


@settings(max_examples=40, deadline=None)
@given(beats=st.sets(st.integers(0, 300), min_size=1, max_size=30), silence=st.integers(5, 60))
def test_heartbeats_count_as_light_where_the_next_is_near(beats: set[int], silence: int) -> None:
    own = [(START.value + MINUTE * m, LIT) for m in beats]
    end = START.value + MINUTE * 301
    times, codes = _beats(own, silence * MINUTE, end)
    assert (np.diff(times) > 0).all()
    ordered = sorted(beats)
    for minute in range(ordered[0], 301):
        last = max(m for m in ordered if m <= minute)
        following = min([m for m in ordered if m > minute], default=301)
        lit = following - last < silence
        at = np.searchsorted(times, START.value + MINUTE * minute + 1, side="right") - 1
        assert codes[at] == (LIT if lit else DARK), minute


BAD: dict[str, tuple[str, str]] = {
    "state": ("feeder,time,state\nF-0,2022-11-24T01:00Z,maybe\n", "choices"),
    "time": ("feeder,time,state\nF-0,noon,on\n", "not a time"),
    "offset": ("feeder,time\nF-0,2022-11-24 01:00\n", "offset"),
    "nameless": ("feeder,time\n,2022-11-24T01:00Z\n", "missing"),
    "two states": (
        "feeder,time,state\nF-0,2022-11-24T01:00Z,on\nF-0,2022-11-24T01:00Z,off\n", "two states"),
    "no time": ("feeder,state\nF-0,on\n", "no such column"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_measurements_are_named(case: str, tmp_path: Path) -> None:
    text, reason = BAD[case]
    with pytest.raises(InputError, match=reason):
        scada(tmp_path, text)


def test_measurements_of_something_else(tmp_path: Path) -> None:
    schedule = order("..##....")
    other = scada(tmp_path, "feeder,time,state\nX,2022-11-24T01:00Z,on\n")
    with pytest.raises(InputError, match="no feeder of the schedule"):
        execution_ledger(schedule, table_of(schedule), other)
    early = scada(tmp_path, "feeder,time,state\nF-0,2021-11-24T01:00Z,on\n")
    with pytest.raises(InputError, match="in the time of the schedule"):
        execution_ledger(schedule, table_of(schedule), early)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no CSV"):
        read_measured(tmp_path / "empty")
    with pytest.raises(InputError, match="length of time"):
        read_measured(tmp_path / "scada.csv", silence_min=0)


def test_a_ledger_as_a_folder(tmp_path: Path) -> None:
    schedule = order("..##....", "..##....")
    made = execution_ledger(schedule, table_of(schedule), measured([(0, LIT)], []))
    out = write_ledger(made, tmp_path / "ledger")
    assert {p.name for p in out.iterdir()} == {
        "lines.csv", "queues.csv", "deviations.csv", "history.csv", "ledger.json",
    }  # fmt: skip
    table = pd.read_csv(out / "deviations.csv")
    assert table.loc[0, "start"] == "2022-11-23T23:00:00+00:00"
    write_ledger(made, out)
    write(tmp_path, "x.txt", "x")
    with pytest.raises(InputError, match=r"isn.t a ledger"):
        write_ledger(made, tmp_path)
