"""Relocation on its own: the page's commands, and everything that is wrong told at once."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from vatra.cli import main
from vatra.relocation import MoveRules

PAGE = (Path(__file__).parents[2] / "docs" / "relocation.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(BLOCKS["csv"], encoding="utf-8")
    (tmp_path / "ways.toml").write_text(BLOCKS["toml"], encoding="utf-8")
    return tmp_path


def test_the_page_runs_and_its_tables_add_up(folder: Path) -> None:
    done = CliRunner().invoke(main, BLOCKS["sh"].split()[1:])
    assert done.exit_code == 0, done.output
    assert "12,500 people are out" in done.stdout
    said = json.loads((folder / "moves" / "relocation.json").read_text(encoding="utf-8"))
    assert said["clearance_bound_h"] <= said["clearance_h"]
    departures = pd.read_csv(folder / "moves" / "departures.csv")
    assert departures["people"].sum() == said["people"] == 12_500
    assert pd.read_csv(folder / "moves" / "arrivals.csv")["people"].sum() == 12_500
    curve = pd.read_csv(folder / "moves" / "curve.csv")
    assert (curve["arrived"] <= curve["bound"]).all()
    late = pd.read_csv(folder / "moves" / "late.csv")
    assert late["all"].is_monotonic_increasing  # the later it is decided, the more are late
    exec(compile(BLOCKS["python"], "relocation.md", "exec"), {})  # noqa: S102 - our own page
    again = CliRunner().invoke(main, [*BLOCKS["sh"].split()[1:], "--json"])
    assert json.loads(again.stdout)["clearance_h"] == said["clearance_h"]


def test_every_rule_is_on_the_page() -> None:
    named = set(re.findall(r"`([a-z_0-9]+)`", PAGE.split("## What is assumed")[1]))
    assert {rule.name for rule in fields(MoveRules)} <= named


def test_all_that_is_wrong_is_told_at_once(folder: Path) -> None:
    (folder / "people.csv").write_text(
        "place_id,people,vulnerable,car_share\na,100,200,0.5\na,-5,1,7\n", encoding="utf-8"
    )
    (folder / "ways.toml").write_text(
        """
        time_zone = "Moon/Base"
        moons = 3
        outdoor_c = "cold"
        [rules]
        car_people = 0
        winter_share = 2.0
        daylight = [8, 8]
        warp = 9
        [[destination]]
        destination_id = "near"
        beds = 10
        [[way]]
        way_id = "road"
        kind = "road"
        destination_id = "far"
        district_id = "Z"
        travel_h = 1
        [[street]]
        from = "a"
        to = "nowhere"
        """,
        encoding="utf-8",
    )
    done = CliRunner().invoke(main, ["relocation", "people.csv", "ways.toml", "--out", "x"])
    assert done.exit_code == 1
    for words in (
        "moons", "Moon/Base", "start", "car_people", "winter_share", "daylight", "warp",
        "given twice", "not a number from 0", "not a share", "no destination «far»",
        "a road without lanes", "outdoor_c", "nobody lives there", "nowhere",
    ):  # fmt: skip
        assert words in done.stderr, words
    assert not (folder / "x").exists()


@pytest.mark.parametrize(
    ("people", "ways", "says"),
    [("none.csv", "ways.toml", "no such file"), ("people.csv", "none.toml", "no such file")],
)
def test_a_missing_file_is_told(folder: Path, people: str, ways: str, says: str) -> None:
    done = CliRunner().invoke(main, ["relocation", people, ways, "--out", "x"])
    assert done.exit_code == 1
    assert says in done.stderr


def test_nobody_finds_a_bed_where_there_is_none(folder: Path) -> None:
    toml = BLOCKS["toml"].replace("beds = 3000", "beds = 10").replace("beds = 20000", "beds = 10")
    (folder / "ways.toml").write_text(toml, encoding="utf-8")
    done = CliRunner().invoke(main, BLOCKS["sh"].split()[1:])
    assert done.exit_code == 0
    assert "12,480 of 12,500 people find no way out or no bed" in done.stdout
    said = json.loads((folder / "moves" / "relocation.json").read_text(encoding="utf-8"))
    assert said["clearance_h"] is None
