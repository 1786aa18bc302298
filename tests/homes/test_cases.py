"""Measured cool-downs: every folder of ``tests/cases`` whose input is of the kind ``cool_down``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vatra.homes import cool_down, hours_until, make_two_node

CASES = Path(__file__).parents[1] / "cases"
HORIZON_H = 500.0


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def runs() -> list[tuple[str, dict[str, Any], float, dict[str, Any]]]:
    found = []
    for path in sorted(CASES.glob("*/input.toml")):
        case = load(path)
        if case.get("kind") != "cool_down":
            continue
        expected = {run["name"]: run for run in load(path.with_name("expected.toml"))["run"]}
        assert expected.keys() == {run["name"] for run in case["run"]}, path
        found += [
            (f"{path.parent.name}: {run['name']}", case["building"], run["outdoor_c"],
             expected[run["name"]])
            for run in case["run"]
        ]  # fmt: skip
    return found


def cooled(building: dict[str, Any], outdoor_c: float) -> NDArray[np.float64]:
    nodes = make_two_node(building["loss_w_m2k"], building["direct_share"], building["slow_tau_h"])
    path = cool_down(
        nodes,
        np.full(round(HORIZON_H * 2), outdoor_c),
        start_c=building["start_c"],
        ground_share=building["ground_share"],
        ground_c=building["ground_c"],
        air_share=building["air_share"],
    )
    return np.asarray(path[0])


def test_there_are_cases() -> None:
    assert len(runs()) >= 8


@pytest.mark.parametrize(
    ("building", "outdoor_c", "expected"), [r[1:] for r in runs()], ids=[r[0] for r in runs()]
)
def test_cool_down(building: dict[str, Any], outdoor_c: float, expected: dict[str, Any]) -> None:
    air = cooled(building, outdoor_c)
    if "after_h" in expected:
        low, high = expected["indoor_c"]
        reached = air[round(expected["after_h"] * 2)]
        assert low - expected["tolerance_k"] <= reached <= high + expected["tolerance_k"]
    else:
        hours = hours_until(air[None, 1:], [expected["below_c"]])[0, 0]
        assert hours == pytest.approx(expected["hours"], abs=expected["tolerance_h"])


def test_every_case_says_where_it_comes_from() -> None:
    for path in sorted(CASES.glob("cool_down_*")):
        text = (path / "README.md").read_text(encoding="utf-8")
        for word in ("**Source.**", "**Input.**", "**Expected.**"):
            assert word in text, path
