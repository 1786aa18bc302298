"""Measured cool-downs: every folder of ``tests/cases`` whose input is of the kind ``cool_down``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.homes.cases import CASES, cool_downs, cooled
from vatra.homes import hours_until


def test_there_are_cases() -> None:
    assert len(cool_downs()) >= 8


@pytest.mark.parametrize(
    ("building", "outdoor_c", "expected"),
    [r[1:] for r in cool_downs()],
    ids=[r[0] for r in cool_downs()],
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
