"""What changes if: a report withdrawn, colder, more out; two plans compared."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.cli.conftest import Desk, invoke, problems, situation_text
from vatra.city import read_city
from vatra.cli.plan import _join_sources
from vatra.situation import Outage, WhatIf, read_situation

REPORTED = """
[[damage]]
asset = "H-1"
claims = ["D1"]
[[damage]]
asset = "P-1"
claims = ["D1", "D2"]
[[claims]]
id = "D1"
text = "The boiler house is out."
basis = "if confirmed"
[[claims]]
id = "D2"
text = "The pump is out."
"""


@pytest.fixture
def reported(desk: Desk) -> Desk:
    """Return a desk whose situation cites reports."""
    return desk.lay(text=situation_text(more=REPORTED))


def test_a_value_falls_when_no_report_is_left_for_it(reported: Desk) -> None:
    city = read_city(reported.city)
    as_told = read_situation(reported.situation, city)
    assert {d.asset_id for d in as_told.damage} == {"H-1", "P-1"}
    without = read_situation(reported.situation, city, what_if=WhatIf(without=("D1",)))
    assert [d.asset_id for d in without.damage] == ["P-1"]
    assert without.damage[0].claims == ("D2",)
    assert [c.claim_id for c in without.claims] == ["D2"]
    neither = read_situation(reported.situation, city, what_if=WhatIf(without=("D1", "D2")))
    assert neither.damage == ()


def test_a_colder_course_keeps_its_shape(reported: Desk) -> None:
    city = read_city(reported.city)
    course = "outdoor_c = [[2022-11-23T14:00:00+02:00, 0.0], [2022-11-24T14:00:00+02:00, -8.0]]"
    text = situation_text(more=REPORTED).replace("outdoor_c = -10.0", course)
    reported.situation.write_text(text, encoding="utf-8")
    told = read_situation(reported.situation, city).weather.outdoor_c
    colder = read_situation(reported.situation, city, what_if=WhatIf(temperature_c=-15.0))
    assert colder.weather.outdoor_c.mean() == pytest.approx(-15.0)
    assert np.diff(colder.weather.outdoor_c) == pytest.approx(np.diff(told))
    assert colder.basis == "if confirmed"
    assert "\u221215 °C" in colder.name


def test_several_sources_are_out_from_and_to(reported: Desk) -> None:
    city = read_city(reported.city)
    out = (
        Outage.of("H-1 out from 2022-11-23T16:00 to 2022-11-23T20:00"),
        Outage.of("P-1 from 2022-11-24T00:00"),
    )
    made = read_situation(reported.situation, city, what_if=WhatIf(("D1", "D2"), None, out))
    found = {d.asset_id: (d.first_slot, d.end_slot, d.end_known) for d in made.damage}
    assert found == {"H-1": (4, 12, True), "P-1": (20, 24, False)}
    assert all(c.basis == "if confirmed" for c in made.claims)


def test_words_after_source_are_one() -> None:
    words = "c --source H-1 out from 18:00 to 20:00 --source P-1 --json --source"
    assert _join_sources(words.split()) == [
        "c", "--source", "H-1 out from 18:00 to 20:00", "--source", "P-1", "--json", "--source",
    ]  # fmt: skip


def test_wrong_suppositions_are_told_at_once(reported: Desk) -> None:
    found = reported.refused(
        "--without", "D7", "--temperature", "-80",
        "--source", "H-9", "out", "from", "2022-11-24T01:00",
        "--source", "H-1", "out", "from", "yesterday",
    )  # fmt: skip
    assert {(p["place"], p["subject"]) for p in found} == {
        ("--without", "D7"), ("--temperature", "-80"), ("--source", "H-9"),
        ("--source", "yesterday"),
    }  # fmt: skip
    late = reported.refused("--source", "H-1", "out", "from", "2023-01-01T00:00")
    assert [p["place"] for p in late] == ["--source"]


def test_two_plans_are_compared(reported: Desk) -> None:
    reported.plan()
    colder = ("--temperature", "-25", "--source", "H-1", "out", "from", "2022-11-23T15:00")
    other = reported.folder / "colder"
    command = [*reported.command[:-1], other, *colder]
    assert invoke(*command).exit_code == 0
    outcome = invoke("compare", reported.out, other, "--json")
    assert outcome.exit_code == 0, outcome.output
    answer = json.loads(outcome.stdout)
    figures = answer["figures"]
    for name, row in figures.items():
        assert row["difference"] == pytest.approx(row["second"] - row["first"]), name
    assert figures["person_h_below_16"]["difference"] > 0
    assert len(answer["by_hour"]) == 12
    assert "What if" in answer["second"]["situation"]
    for language, said in (("en", "Without light"), ("uk", "Без світла")):
        words = invoke("compare", reported.out, other, "--language", language)
        assert said in words.stdout
        assert "→" in words.stdout


def test_a_comparison_needs_two_plans(reported: Desk) -> None:
    (reported.folder / "empty").mkdir()
    found = problems("compare", reported.folder / "nowhere", reported.folder / "empty")
    assert [p["place"] for p in found] == ["PLAN_A", "PLAN_B"]
    found = problems("compare", reported.situation, reported.folder / "empty")
    assert "is a file" in found[0]["reason"]
