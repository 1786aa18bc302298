"""A utility's tables: what is read, what is assumed and said, and every problem at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.blackouts.utility import feeder_rows, write, write_utility
from vatra.blackouts import (
    Schedule,
    ScheduleFolder,
    State,
    certificate_of,
    check_schedule,
    fairness_table,
    read_schedule,
    read_tables,
    schedule_blackouts,
    schedule_table,
    write_schedule,
)
from vatra.blackouts.files_fairness import gini
from vatra.problems import InputError, Problem

DAY = "2022-11-24T00:00:00+02:00"


def problems_of(*args: Path, **options: object) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_tables(*args, **options)  # type: ignore[arg-type]
    return list(caught.value.problems)


def read(
    folder: Path, feeders: str, limit: str, **files: str
) -> tuple[Path, Path, dict[str, Path]]:
    extra = {name: write(folder, f"{name}.csv", text) for name, text in files.items()}
    return write(folder, "FEEDERS.csv", feeders), write(folder, "LIMIT.csv", limit), extra


def test_a_schedule_from_files_keeps_the_limit_and_comes_back_from_its_folder(
    tmp_path: Path,
) -> None:
    tables = read_tables(*write_utility(tmp_path))
    arguments = tables.arguments()
    schedule = schedule_blackouts(tables.feeders, tables.demand, **arguments)
    del arguments["queues_off"], arguments["history"]
    assert check_schedule(schedule, tables.feeders, tables.demand, **arguments) == []
    assert schedule.certificate.violations == ()
    assert schedule.certificate.limit_excess_mw == 0
    assert (schedule.state == State.PLANNED).any()
    content = ScheduleFolder(schedule, tables.feeders, tables.demand, tables.notes, tables.orders)
    write_schedule(content, tmp_path / "out")
    back = read_schedule(tmp_path / "out")
    assert (back.schedule.state == schedule.state).all()
    assert np.array_equal(back.schedule.load_mw, schedule.load_mw)
    assert np.array_equal(back.demand.critical_mw, tables.demand.critical_mw)
    assert back.schedule.queue.to_dict() == schedule.queue.to_dict()
    assert np.allclose(back.schedule.queue_dark_share, schedule.queue_dark_share)
    assert back.notes == tables.notes
    assert back.orders is not None
    assert np.array_equal(back.orders.queues_off, tables.orders.queues_off, equal_nan=True)
    assert back.schedule.grid == schedule.grid
    assert back.schedule.certificate.unserved_mwh == pytest.approx(
        schedule.certificate.unserved_mwh, abs=1e-5
    )
    pd.testing.assert_frame_equal(
        back.feeders.sort_index(axis=1), tables.feeders.sort_index(axis=1)
    )


def test_schedule_csv_is_utc_with_offset_and_proof_is_at_the_top(tmp_path: Path) -> None:
    tables = read_tables(*write_utility(tmp_path))
    schedule = schedule_blackouts(tables.feeders, tables.demand, **tables.arguments())
    write_schedule(ScheduleFolder(schedule, tables.feeders, tables.demand), tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "schedule.csv", dtype=str)
    assert list(table.columns) == ["feeder", "start", "end", "state"]
    assert table["start"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:[03]0:00\+00:00").all()
    assert len(table) == len(schedule_table(schedule))
    proof = json.loads((tmp_path / "out" / "certificate.json").read_text(encoding="utf-8"))
    assert proof["unserved_bound_mwh"] <= proof["unserved_mwh"] + 1e-6
    assert {row["span"] for row in proof["fairness"]} == {"day", "week", "evenings", "all"}


def test_only_a_feeder_and_a_peak_are_required(tmp_path: Path) -> None:
    paths = read(tmp_path, "feeder,peak_mw\nA,2\nB,1\nC,1\n", f"start,limit_mw\n{DAY},3\n")[:2]
    tables = read_tables(*paths, profile="flat")
    assert tables.demand.load_mw == pytest.approx(np.repeat([[2.0], [1.0], [1.0]], 48, axis=1))
    assert tables.demand.grid.slots == 48
    assert any("flat" in note for note in tables.notes)
    assert any("No queues are given" in note for note in tables.notes)
    assert (tables.feeders["queue"] != "").all()
    homes = read_tables(*paths)
    assert any("homes" in note for note in homes.notes)
    assert homes.demand.load_mw.max() == pytest.approx(2.0)
    assert homes.demand.load_mw[0].min() < 1.5


def test_queues_are_spread_by_load(tmp_path: Path) -> None:
    rows = "".join(f"F{i},{0.5 + (i * 7 % 10) / 10}\n" for i in range(60))
    tables = read_tables(
        *read(tmp_path, "feeder,peak_mw\n" + rows, f"start,limit_mw\n{DAY},9\n")[:2]
    )
    load = tables.feeders.groupby("queue")["peak_mw"].sum()
    assert len(load) == 12
    assert load.max() - load.min() <= 1.4


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (f"start,limit_mw\n{DAY},5\n2022-11-24T06:00+02:00,4\n", [5.0] * 12 + [4.0] * 36),
        (f"start;limit_mw\n{DAY};5,5\n", [5.5] * 48),
        (f"start,limit_mw\n2022-11-24T12:00+02:00,\n{DAY},5\n", [5.0] * 24 + [np.nan] * 24),
        (f"Start\tLIMIT_MW\n{DAY}\t5\n", [5.0] * 48),
    ],
)  # fmt: skip
def test_steps_hold_until_the_next_one(tmp_path: Path, limit: str, expected: list[float]) -> None:
    tables = read_tables(*read(tmp_path, "feeder,peak_mw\nA,9\n", limit)[:2])
    assert np.array_equal(tables.orders.limit_mw, expected, equal_nan=True)


def test_orders_in_queues_and_areas(tmp_path: Path) -> None:
    limit = (
        f"start,limit_mw,queues,area\n{DAY},,1.5,\n{DAY},2,,S-0\n2022-11-24T12:00+02:00,,0.5,\n"
        "2022-11-24T18:00+02:00,1,,S-0\n"
    )
    tables = read_tables(*read(tmp_path, feeder_rows(24), limit)[:2])
    assert set(tables.orders.queues_off) == {1.5, 0.5}
    (area,) = tables.orders.area_limits
    assert area.area == "S-0"
    assert list(area.limit_mw) == [2.0] * 36 + [1.0] * 12
    schedule = schedule_blackouts(tables.feeders, tables.demand, **tables.arguments())
    dark = schedule.queue_dark_share.to_numpy() > 0.99
    assert (dark[:, :24].sum(axis=0) >= 3).all()


@pytest.mark.parametrize(("day", "slots"), [("2022-10-30", 50), ("2023-03-26", 46)])
def test_days_of_46_and_50_slots_in_local_time(tmp_path: Path, day: str, slots: int) -> None:
    paths = read(tmp_path, "feeder,peak_mw\nA,9\n", f"start,limit_mw\n{day} 00:00,5\n")[:2]
    assert read_tables(*paths, time_zone="Europe/Kyiv").demand.grid.slots == slots
    (problem,) = problems_of(*paths)
    assert "no offset" in problem.reason
    assert "--time-zone" in problem.mend


WIDE = f"feeder,{DAY},2022-11-24T12:00:00+02:00\nB,1,2\nA,3,4\n"
LONG = (
    f"feeder,time,load_mw\nA,{DAY},3\nB,{DAY},1\nB,2022-11-24T12:00+02:00,2\n"
    "A,2022-11-24T12:00+02:00,4\n"
)


@pytest.mark.parametrize("load", [WIDE, LONG, "feeder,12:00,00:00\nA,4,3\nB,2,1\n"])
def test_a_load_table_in_three_forms(tmp_path: Path, load: str) -> None:
    feeders, limit, extra = read(
        tmp_path, "feeder\nA\nB\n", f"start,limit_mw\n{DAY},5\n", load=load
    )
    tables = read_tables(feeders, limit, load=extra["load"])
    assert tables.demand.grid.slots == 48
    assert list(tables.demand.load_mw[0]) == [3.0] * 24 + [4.0] * 24
    assert list(tables.demand.load_mw[1]) == [1.0] * 24 + [2.0] * 24


def test_loads_set_the_horizon(tmp_path: Path) -> None:
    times = pd.date_range("2022-11-24T06:00+02:00", periods=72, freq="h")
    load = "feeder," + ",".join(t.isoformat() for t in times) + "\nA," + ",".join(["2"] * 72) + "\n"
    feeders, limit, extra = read(tmp_path, "feeder\nA\n", f"start,limit_mw\n{DAY},1\n", load=load)
    tables = read_tables(feeders, limit, load=extra["load"])
    assert tables.demand.grid.start == times[0]
    assert tables.demand.grid.slots == 144
    assert (tables.orders.limit_mw == 1).all()
    assert any("to the end of the loads" in note for note in tables.notes)
    assert read_tables(feeders, limit, load=extra["load"], hours=5).demand.grid.slots == 10
    problems_of(feeders, limit, load=extra["load"], hours=100)


def test_what_has_no_power_and_what_went_before(tmp_path: Path) -> None:
    feeders, limit, extra = read(
        tmp_path, "feeder,peak_mw\nA,2\nB,2\n", f"start,limit_mw\n{DAY},4\n",
        available="feeder,start,available\nA,2022-11-24T03:10+02:00,no\nA,2022-11-24T05:00+02:00,1\n",
        history="feeder,dark_h,dark_slots,lit_slots\nB,5,4,2\n",
    )  # fmt: skip
    tables = read_tables(feeders, limit, available=extra["available"], history=extra["history"])
    assert tables.available is not None
    assert list(np.flatnonzero(~tables.available[0])) == [6, 7, 8, 9]
    assert tables.available[1].all()
    schedule = schedule_blackouts(tables.feeders, tables.demand, **tables.arguments())
    assert set(np.flatnonzero(schedule.state[0] == State.DAMAGED)) == {6, 7, 8, 9}
    assert tables.history is not None
    assert tables.history.loc["B", "dark_h"] == 5


def test_rules_of_a_file(tmp_path: Path) -> None:
    feeders, limit = write_utility(tmp_path)
    rules = write(
        tmp_path, "RULES.toml",
        "max_dark_h = 4\n[rules]\nmin_light_h = 3\n[pickup]\nextra = 0.2\n"
        "[substation_mw]\nS-1 = 7.5\n",
    )  # fmt: skip
    tables = read_tables(feeders, limit, rules=rules)
    assert (tables.rules.max_dark_h, tables.rules.min_light_h) == (4, 3)
    assert tables.demand.pickup.extra == 0.2
    assert tables.substation_mw is not None
    assert dict(tables.substation_mw) == {"S-1": 7.5}


BAD_FEEDERS: dict[str, tuple[str, str, str]] = {
    "missing id": ("feeder,peak_mw\n,1\nB,1\n", "feeder", "is missing"),
    "twice": ("feeder,peak_mw\nA,1\nA,1\n", "feeder", "twice"),
    "negative": ("feeder,peak_mw\nA,-1\n", "peak_mw", "negative"),
    "absurd": ("feeder,peak_mw\nA,4000\n", "peak_mw", "more than can be"),
    "word": ("feeder,peak_mw\nA,much\n", "peak_mw", "not a number"),
    "nan": ("feeder,peak_mw\nA,nan\n", "peak_mw", "finite"),
    "infinite": ("feeder,peak_mw\nA,inf\n", "peak_mw", "finite"),
    "underscore": ("feeder,peak_mw\nA,1_0\n", "peak_mw", "not a number"),
    "empty cell": ("feeder,peak_mw\nA,\n", "peak_mw", "is missing"),
    "no peak": ("feeder,queue\nA,1.1\n", "peak_mw", "no such column"),
    "no feeder": ("line,peak_mw\nA,1\n", "feeder", "no such column"),
    "slip": ("feeder,peak_mw,substaton\nA,1,S\n", "substaton", "unknown column"),
    "critical": ("feeder,peak_mw,critical_mw\nA,1,2\n", "critical_mw", "more than peak_mw"),
    "flag": ("feeder,peak_mw,reserved\nA,1,maybe\n", "reserved", "neither yes nor no"),
    "choice": ("feeder,peak_mw,switching\nA,1,magic\n", "switching", "choices"),
    "residents": ("feeder,peak_mw,customers,residents\nA,1,20,9000\n", "residents", "100"),
    "ragged": ("feeder,peak_mw\nA,1,2\n", "", "2 columns"),
    "doubled column": ("feeder,peak_mw,peak_mw\nA,1,2\n", "", "column twice"),
    "no rows": ("feeder,peak_mw\n", "", "no rows"),
    "empty": ("", "", "is empty"),
    "all zero": ("feeder,peak_mw\nA,0\n", "load", "all loads are 0"),
}


@pytest.mark.parametrize("case", BAD_FEEDERS)
def test_bad_feeders_are_named(case: str, tmp_path: Path) -> None:
    text, place, reason = BAD_FEEDERS[case]
    found = problems_of(*read(tmp_path, text, f"start,limit_mw\n{DAY},3\n")[:2])
    hits = [p for p in found if place in p.place and reason in p.reason]
    assert hits, found
    assert all(p.mend for p in hits)


BAD_LIMITS: dict[str, tuple[str, str, str]] = {
    "negative": (f"start,limit_mw\n{DAY},-3\n", "limit_mw", "negative"),
    "in kW": (f"start,limit_mw\n{DAY},690000\n", "limit_mw", "more than can be"),
    "same start": (f"start,limit_mw\n{DAY},3\n{DAY},2\n", "start", "same time"),
    "quarter": ("start,limit_mw\n2022-11-24T00:15+02:00,3\n", "start", "half hour"),
    "no time": ("start,limit_mw\nnoon,3\n", "start", "not a time"),
    "no start": ("start,limit_mw\n,3\n", "start", "missing"),
    "year": ("start,limit_mw\n2922-11-24T00:00+02:00,3\n", "start", "year"),
    "third of a queue": (f"start,queues\n{DAY},0.3\n", "queues", "half queues"),
    "too many queues": (f"start,queues\n{DAY},7\n", "queues", "more queues"),
    "unknown area": (f"start,limit_mw,area\n{DAY},1,S-99\n", "area", "no feeder"),
    "neither": (f"start\n{DAY}\n", "", "neither"),
    "nothing": (f"start,limit_mw\n{DAY},\n", "", "no limit"),
    "months": (f"start,limit_mw\n{DAY},1\n2023-11-24T00:00+02:00,2\n", "start", "five weeks"),
}


@pytest.mark.parametrize("case", BAD_LIMITS)
def test_bad_limits_are_named(case: str, tmp_path: Path) -> None:
    text, place, reason = BAD_LIMITS[case]
    found = problems_of(*read(tmp_path, feeder_rows(24), text)[:2])
    hits = [p for p in found if place in p.place and reason in p.reason]
    assert hits, found
    assert all(p.place.startswith("LIMIT.csv") for p in hits)


BAD_LOADS: dict[str, tuple[str, str]] = {
    "feeder missing": (f"feeder,{DAY}\nA,1\n", "has no load for feeders"),
    "feeder unknown": (f"feeder,{DAY}\nA,1\nB,1\nZ,1\n", "not in the table of feeders"),
    "negative": (f"feeder,{DAY}\nA,1\nB,-1\n", "negative"),
    "hole": (f"feeder,{DAY}\nA,1\nB,\n", "missing or not a number"),
    "absurd": (f"feeder,{DAY}\nA,1\nB,999\n", "more than can be"),
    "twice": (f"feeder,{DAY}\nA,1\nA,1\nB,1\n", "twice"),
    "early": (
        "feeder,2022-11-20T00:00+02:00,2022-11-20T12:00+02:00\nA,1,1\nB,1,1\n",
        "doesn't cover",
    ),
    "time": ("feeder,soon\nA,1\nB,1\n", "not a time"),
    "clock": ("feeder,06:00\nA,1\nB,1\n", "00:00"),
    "not wide": ("a,b\n1,2\n", "feeder × time"),
    "long hole": (LONG.rsplit("A,", 1)[0], "every time"),
    "long twice": (LONG + f"A,{DAY},3\n", "twice"),
}


@pytest.mark.parametrize("case", BAD_LOADS)
def test_bad_loads_are_named(case: str, tmp_path: Path) -> None:
    text, reason = BAD_LOADS[case]
    feeders, limit, extra = read(
        tmp_path, "feeder\nA\nB\n", f"start,limit_mw\n{DAY},5\n", load=text
    )
    found = problems_of(feeders, limit, load=extra["load"])
    assert any(reason in p.reason for p in found), found


def test_all_files_are_told_at_once(tmp_path: Path) -> None:
    feeders, limit, _ = read(tmp_path, "feeder,peak_mw\nA,-1\nA,x\n", "start,limit_mw\nnoon,-3\n")
    rules = write(
        tmp_path, "RULES.toml",
        'max_dark_h = 0.2\nfoo = 1\nmin_dark_h = "x"\n[pickup]\nextra = -1\nodd = 2\n'
        "[substation_mw]\nS-9 = 1\n",
    )  # fmt: skip
    found = problems_of(feeders, limit, rules=rules, time_zone="Kyiv", hours=0.3)
    places = " ".join(p.place for p in found)
    for part in ("FEEDERS.csv: peak_mw", "FEEDERS.csv: feeder", "LIMIT.csv: start", "pickup.odd",
                 "LIMIT.csv: limit_mw", "RULES.toml: foo", "RULES.toml: min_dark_h", "--time-zone",
                 "RULES.toml: pickup.extra", "substation_mw", "--hours", "max_dark_h"):  # fmt: skip
        assert part in places, part


@pytest.mark.parametrize("content", [b"\xff\xfe\0x", b"\0\0\0", b'feeder,peak_mw\n"A,1\n'])
def test_files_that_are_no_tables(content: bytes, tmp_path: Path) -> None:
    feeders, limit = write_utility(tmp_path)
    feeders.write_bytes(content)
    limit.unlink()
    found = problems_of(feeders, limit, rules=tmp_path)
    assert {p.place.split(":")[0] for p in found} >= {"FEEDERS.csv", "LIMIT.csv", tmp_path.name}


CELL = st.one_of(
    st.sampled_from(["", "A", "-1", "1e9", "nan", "yes", "2,5", "1.1", DAY, "«", "'", "\t"]),
    st.text(max_size=6),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    head=st.permutations(["feeder", "peak_mw", "queue", "critical_mw", "reserved", "customers"]),
    rows=st.lists(st.lists(CELL, min_size=1, max_size=7), max_size=5),
    delimiter=st.sampled_from(",;"),
)
def test_whatever_stands_in_a_table_is_read_or_told(
    tmp_path: Path, head: list[str], rows: list[list[str]], delimiter: str
) -> None:
    text = "\n".join(delimiter.join(row) for row in [head, *rows])
    feeders = tmp_path / "FEEDERS.csv"
    feeders.write_text(text, encoding="utf-8", errors="replace", newline="")
    limit = write(tmp_path, "LIMIT.csv", f"start,limit_mw\n{DAY},3\n")
    try:
        tables = read_tables(feeders, limit)
    except InputError:
        return
    assert tables.feeders.index.is_unique
    assert np.isfinite(tables.demand.load_mw).all()
    assert (tables.demand.load_mw >= tables.demand.critical_mw - 1e-9).all()
    assert (tables.demand.critical_mw >= 0).all()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> ScheduleFolder:
    tables = read_tables(*write_utility(tmp_path_factory.mktemp("utility")))
    schedule = schedule_blackouts(tables.feeders, tables.demand, **tables.arguments())
    return ScheduleFolder(schedule, tables.feeders, tables.demand)


def test_a_folder_of_something_else_is_left_alone(content: ScheduleFolder, tmp_path: Path) -> None:
    write(tmp_path, "letter.txt", "dear")
    with pytest.raises(InputError, match=r"isn.t a schedule"):
        write_schedule(content, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_schedule_is_replaced_and_notes_beside_it_are_kept(
    content: ScheduleFolder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_schedule(content, out, publishers=[lambda d: write(d, "schedule.html", "old")])
    write(out, "mine.txt", "keep")
    write_schedule(content, out)
    assert {p.name for p in out.iterdir()} == {
        "schedule.csv", "certificate.json", "feeders.csv", "load.parquet", "mine.txt",
            "outages.csv", "queue_outages.csv",
    }  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_nothing_half_written_is_left(content: ScheduleFolder, tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "out"
    with pytest.raises(InputError, match="No space left"):
        write_schedule(content, out, publishers=[fail])
    assert list(tmp_path.iterdir()) == []
    write_schedule(content, out)
    before = (out / "schedule.csv").read_bytes()
    with pytest.raises(InputError, match="No space left"):
        write_schedule(content, out, publishers=[fail])
    assert (out / "schedule.csv").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["certificate.json", "schedule.csv", "feeders.csv", "load.parquet"]
)
def test_a_damaged_schedule_is_told(content: ScheduleFolder, tmp_path: Path, name: str) -> None:
    out = write_schedule(content, tmp_path / "out")
    (out / name).write_text("{", encoding="utf-8")
    with pytest.raises(InputError):
        read_schedule(out)
    (out / name).unlink()
    with pytest.raises(InputError, match="not a schedule"):
        read_schedule(out)
    with pytest.raises(InputError, match="no such folder"):
        read_schedule(tmp_path / "nowhere")


def test_fairness_counts_planned_darkness_of_whole_feeders(content: ScheduleFolder) -> None:
    schedule = content.schedule
    table = fairness_table(schedule, content.feeders).set_index("span")
    turns = ~(content.feeders["protected"] | content.feeders["reserved"]).to_numpy()
    dark = 0.5 * (schedule.state == State.PLANNED)[turns].sum(axis=1)
    assert table.loc["all", "most_h"] == dark.max()
    assert table.loc["all", "range_h"] == dark.max() - dark.min()
    evening = (schedule.grid.hour >= 17) & (schedule.grid.hour < 23)
    late = 0.5 * (schedule.state == State.PLANNED)[turns][:, evening].sum(axis=1)
    assert table.loc["evenings", "most_h"] == late.max()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 100)), min_size=1, max_size=8),
)
def test_gini_is_half_the_mean_difference_over_the_mean(pairs: list[tuple[float, float]]) -> None:
    hours, weight = (np.array(v) for v in zip(*pairs, strict=True))
    mean = float(np.average(hours, weights=weight))
    both = weight[:, None] * weight[None, :]
    gap = float((both * np.abs(hours[:, None] - hours[None, :])).sum() / both.sum())
    expected = gap / (2 * mean) if mean > 0 else 0.0
    assert gini(hours, weight) == pytest.approx(expected, abs=1e-9)


def test_what_is_not_finite_has_no_value_in_the_certificate(content: ScheduleFolder) -> None:
    proof = replace(content.schedule.certificate, unserved_bound_mwh=0.0, dark_h_range=np.nan)
    schedule: Schedule = replace(content.schedule, certificate=proof)
    values = certificate_of(schedule, content.feeders)
    assert values["unserved_ratio"] is None
    assert values["dark_h_range"] is None
    json.dumps(values, allow_nan=False)
