"""``vatra blackouts``: whole or nothing, calm with bad input, the same for people and machines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.blackouts.utility import write, write_utility
from tests.cli.conftest import invoke, problems
from vatra.blackouts import State, read_schedule


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a utility's files and the schedule made of them."""
    folder = tmp_path_factory.mktemp("utility")
    feeders, limit = write_utility(folder)
    outcome = invoke("blackouts", feeders, "--limit", limit, "--out", folder / "schedule")
    assert outcome.exit_code == 0, outcome.output
    assert "Taking turns:" in outcome.stdout
    assert str(folder / "schedule" / "schedule.html") in outcome.stdout
    assert "reading the tables" in outcome.stderr
    return folder


def test_what_is_written(folder: Path) -> None:
    assert {p.name for p in (folder / "schedule").iterdir()} == {
        "schedule.csv", "certificate.json", "feeders.csv", "load.parquet", "schedule.html",
        "schedule.uk.html", "outages.csv", "queue_outages.csv",
    }  # fmt: skip


def test_options_may_come_first_and_the_answer_may_be_for_machines(folder: Path) -> None:
    outcome = invoke(
        "blackouts", "--limit", folder / "LIMIT.csv", "--out", folder / "again", "--json",
        "--hours", 12, "--profile", "flat", folder / "FEEDERS.csv",
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stderr == ""
    answer = json.loads(outcome.stdout)
    assert answer["hours"] == 12
    assert answer["certificate"]["limit_excess_mw"] == 0
    assert any("flat" in note for note in answer["notes"])


def test_show_draws_the_grid(folder: Path) -> None:
    outcome = invoke("blackouts", "show", folder / "schedule")
    assert outcome.exit_code == 0
    assert "Thursday 24 November 2022" in outcome.stdout
    assert "h dark" in outcome.stdout
    assert "schedule.html" in outcome.stdout


def test_bad_tables_are_told_and_nothing_is_written(folder: Path) -> None:
    feeders = write(folder, "bad.csv", "feeder,peak_mw\nA,-1\nA,x\n")
    limit = write(folder, "badlimit.csv", "start,limit_mw\nnoon,-3\n")
    args = ("blackouts", feeders, "--limit", limit, "--out", folder / "nothing")
    found = problems(*args)
    assert len(found) == 5
    words = invoke(*args)
    assert words.exit_code == 1
    assert words.stdout == ""
    assert "5 problems" in words.stderr
    assert not (folder / "nothing").exists()


def test_a_taken_place_is_refused_before_the_work(folder: Path) -> None:
    args = ("blackouts", folder / "FEEDERS.csv", "--limit", folder / "LIMIT.csv", "--out")
    assert "isn't a" in problems(*args, folder)[0]["reason"]
    assert "is a file" in problems(*args, folder / "LIMIT.csv")[0]["reason"]


def test_a_new_limit_changes_only_what_comes_after_the_freeze(folder: Path) -> None:
    limit = write(folder, "NEW.csv", "start,limit_mw\n2022-11-24T14:00:00+02:00,15\n")
    order = ("blackouts", "revise", folder / "schedule", "--limit", limit, "--now")
    said = invoke(*order, "2022-11-24T14:00", "--out", folder / "revised")
    assert said.exit_code == 0, said.output
    words = said.stdout.replace("\u00a0", " ").strip()
    assert words.startswith("Revised Thursday 24 November 14:00: nothing changes before")
    assert "loses light" in said.stdout
    assert "people-hours" in said.stdout
    old, new = read_schedule(folder / "schedule"), read_schedule(folder / "revised")
    assert np.array_equal(old.schedule.state[:, :32], new.schedule.state[:, :32])
    assert np.allclose(new.schedule.limit_mw, np.where(np.arange(48) < 28, old.schedule.limit_mw,
                                                       15.0))  # fmt: skip
    assert (new.schedule.served_mw[32:] <= 15 + 1e-6).all()
    changes = pd.read_csv(folder / "revised" / "changes.csv")
    assert list(changes.columns) == ["queue", "start", "end", "change", "people", "person_h"]
    answer = json.loads((folder / "revised" / "revision.json").read_text(encoding="utf-8"))
    assert changes[changes.change == "loses"].person_h.sum() == pytest.approx(
        answer["summary"]["lost_person_h"]
    )
    # A second revision goes on from the names of the first.
    again = invoke(
        "blackouts", "revise", folder / "revised", "--now", "2022-11-24T16:00", "--freeze", 1,
        "--out", folder / "twice", "--json",
    )  # fmt: skip
    assert again.exit_code == 0, again.output
    names = [set(pd.read_csv(folder / name / "outages.csv")["outage"])
             for name in ("schedule", "revised", "twice")]  # fmt: skip
    assert names[0] <= names[1] <= names[2]
    assert json.loads(again.stdout)["frozen_until"] == "2022-11-24T15:00:00+00:00"


def test_what_cannot_be_revised_is_told(folder: Path) -> None:
    order = ("blackouts", "revise", folder / "schedule", "--out", folder / "no", "--now")
    assert "ends before" in problems(*order, "2022-11-24T23:00")[0]["reason"]
    assert problems(*order, "soon")[0]["place"] == "--now"
    late = write(folder, "LATE.csv", "start,limit_mw\n2022-11-25T14:00:00+02:00,15\n")
    found = problems(*order, "2022-11-24T14:00", "--limit", late)
    assert "after the schedule ends" in found[0]["reason"]
    assert not (folder / "no").exists()


def test_an_emergency_and_the_rest_of_the_day(folder: Path) -> None:
    order = ("blackouts", "shed", folder / "schedule", "--mw", 3, "--at", "2022-11-24 18:10")
    said = invoke(*order)
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("Emergency: open")
    outcome = invoke(*order, "--special", "--area", "S-0", "--out", folder / "cut", "--json")
    assert outcome.exit_code == 0, outcome.output
    answer = json.loads(outcome.stdout)
    assert answer["state"] == "special_emergency"
    assert answer["start"] == "2022-11-24T16:00:00+00:00"
    assert answer["certificate"]["asked_mw"] == 3
    table = pd.read_csv(folder / "cut" / "schedule.csv")
    assert set(table["state"]) == {"planned", "special_emergency"}
    assert (folder / "cut" / "emergency.json").is_file()
    rest = write(folder, "rest.csv", "start,limit_mw\n2022-11-24T20:00:00+02:00,19\n")
    again = invoke(
        "blackouts", folder / "FEEDERS.csv", "--limit", rest, "--history",
        folder / "cut" / "history.csv", "--out", folder / "rest",
    )  # fmt: skip
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("--mw", 3, "--at", "2022-12-24 18:10"), "not within the schedule"),
        (("--mw", 3, "--at", "noon"), "not a time"),
        (("--mw", -3, "--at", "2022-11-24 18:10"), "not an amount"),
        (("--mw", 3, "--at", "2022-11-24 18:10", "--area", "S-99"), "no feeder"),
    ],
)
def test_emergencies_that_cannot_be(folder: Path, args: tuple[object, ...], reason: str) -> None:
    found = problems("blackouts", "shed", folder / "schedule", *args)
    assert reason in found[0]["reason"]


def test_a_ledger(folder: Path) -> None:
    table = pd.read_csv(folder / "schedule" / "schedule.csv")
    ends = pd.concat(
        [
            pd.DataFrame({"feeder": table["feeder"], "time": table["start"], "state": "off"}),
            pd.DataFrame({"feeder": table["feeder"], "time": table["end"], "state": "on"}),
        ]
    ).sort_values("time")
    late = table["feeder"].iloc[0]
    kept = ends[~((ends["feeder"] == late) & (ends["state"] == "on"))]
    kept.to_csv(folder / "scada.csv", index=False)
    order = ("blackouts", "ledger", folder / "schedule", folder / "scada.csv", "--out")
    said = invoke(*order, folder / "ledger")
    assert said.exit_code == 0, said.output
    assert f"Forgotten: {late}" in said.stdout
    outcome = invoke(*order, folder / "ledger", "--until", "2022-11-25 00:00", "--json")
    answer = json.loads(outcome.stdout)
    assert answer["forgotten_lines"] == [late]
    assert answer["executed_share"] == 1.0
    assert (
        problems(*order, folder / "schedule")[0]["reason"]
        == "the folder holds something that isn't a ledger"
    )
    assert "not a schedule" in problems(
        "blackouts", "ledger", folder, folder / "scada.csv", "--out", folder / "x"
    )[0]["reason"]  # fmt: skip


def test_help_names_all_that_there_is() -> None:
    outcome = invoke("blackouts", "--help")
    for command in ("schedule", "show", "shed", "ledger"):
        assert command in outcome.stdout
    assert "--limit" in invoke("blackouts", "schedule", "--help").stdout


def test_queues_are_balanced_and_mended(folder: Path) -> None:
    said = invoke("blackouts", "queues", folder / "FEEDERS.csv", "--out", folder / "Q.csv",
                  "--queues", 3)  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "1.1 " in said.stdout
    table, before = (pd.read_csv(folder / n, dtype=str) for n in ("Q.csv", "FEEDERS.csv"))
    assert list(table.columns) == list(before.columns)
    assert set(table["queue"].dropna()) == {f"{q}.{p}" for q in "123" for p in "12"}
    answer = json.loads(invoke(
        "blackouts", "queues", folder / "Q.csv", "--out", folder / "Q2.csv", "--rebalance",
        "--tolerance", 40, "--json",
    ).stdout)  # fmt: skip
    assert answer["kept"]
    assert len(answer["moves"]) == answer["moves_bound"]
    assert problems("blackouts", "queues", folder / "FEEDERS.csv", "--out", folder)


def test_queues_rotate_alone(folder: Path) -> None:
    out = folder / "rotation.csv"
    said = invoke("blackouts", "rotate", "--start", "2022-11-21", "--out", out)
    assert said.exit_code == 0, said.output
    assert "10.5 h: 56 to 56 h dark and 112 to 112 h possibly dark" in said.stdout
    assert set(pd.read_csv(out)["state"]) == {"planned", "possible"}
    order = write(folder, "ORDER.csv", "start,queues\n2022-11-24T00:00:00+02:00,2\n")
    said = invoke("blackouts", "rotate", "--order", order, "--out", out)
    assert said.exit_code == 0, said.output
    assert "8 to 8 h dark a queue, 0 h between them" in said.stdout
    assert problems("blackouts", "rotate", "--out", out)
    assert problems("blackouts", "rotate", "--order", folder / "LIMIT.csv", "--out", out)


def test_the_plan_for_the_rest_of_the_day_follows_an_emergency(folder: Path) -> None:
    order = ("blackouts", "shed", folder / "schedule", "--mw", 3, "--at", "2022-11-24 10:10")
    assert "needs a folder" in problems(*order, "--replan")[0]["reason"]
    said = invoke(*order, "--replan", "--out", folder / "after")
    assert said.exit_code == 0, said.output
    new = read_schedule(folder / "after").schedule
    assert (new.state == State.EMERGENCY).any()
    assert new.certificate.limit_excess_mw == 0
    states = set(pd.read_csv(folder / "after" / "outages.csv")["state"])
    assert {"planned", "emergency"} <= states
    page = (folder / "after" / "schedule.html").read_text(encoding="utf-8")
    assert "What has changed" in page


def test_a_book_is_kept_and_evened_out(folder: Path) -> None:
    book = folder / "book.csv"
    for date in ("2022-11-24", "2022-11-25"):
        limit = write(folder, "DAY.csv", f"start,limit_mw\n{date}T00:00:00+02:00,20\n")
        said = invoke("blackouts", folder / "FEEDERS.csv", "--limit", limit, "--book", book,
                      "--window", 7, "--out", folder / "day", "--json")  # fmt: skip
        assert said.exit_code == 0, said.output
    notes = json.loads(said.stdout)["notes"]
    assert any(note.startswith("Evened out with the book of the 7 days") for note in notes)
    rows = pd.read_csv(book)
    assert sorted(rows["date"].unique()) == ["2022-11-24", "2022-11-25"]
    scada = write(folder, "ON.csv", "feeder,time,state\n" + "".join(
        f"{f},2022-11-25T00:00:00+02:00,on\n" for f in rows["feeder"].unique()
    ))  # fmt: skip
    said = invoke("blackouts", "ledger", folder / "day", scada, "--out", folder / "done", "--book",
                  book, "--until", "2022-11-26T00:00:00+02:00")  # fmt: skip
    assert said.exit_code == 0, said.output
    again = pd.read_csv(book)
    today = again[again["date"] == "2022-11-25"]
    assert (today["dark_h"] == 0).all()
    assert set(today["basis"]) == {"measured"}
    assert again["dark_h"].sum() > 0
