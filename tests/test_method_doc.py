"""docs/method.md gives the defaults that the code has."""

from __future__ import annotations

import re
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from vatra.blackouts import Rules
from vatra.demand import ColdResponse, Pickup
from vatra.homes import PHYSICS, HomeParameters
from vatra.networks import NetworkParameters
from vatra.networks.heat_state import HeatStateParameters

PAGE = Path(__file__).parents[1] / "docs" / "method.md"
WORDS = {"none": None, "never": float("inf"), "true": True, "false": False}
STAGES = (Rules, ColdResponse, Pickup, NetworkParameters, HeatStateParameters, HomeParameters)


def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]


def value(text: str) -> Any:
    """Read a cell: a number, a fraction or a word."""
    return (
        WORDS[text] if text in WORDS else float(Fraction(text.replace("−", "-").replace(",", "")))
    )


def told() -> dict[str, list[Any]]:
    """Return the defaults by name; some names stand for several stages."""
    found: dict[str, list[Any]] = {}
    for row in rows():
        names = re.findall(r"`(\w+)`", row[0])
        if names and len(row) == 4:
            for name, text in zip(names, row[1].split(", "), strict=True):
                found.setdefault(name, []).append(value(text))
    return found


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_every_default_is_told(stage: type) -> None:
    page = told()
    for field in fields(stage):
        given = page.get(field.name, [])
        default = None if field.default == () else field.default
        number = isinstance(default, float)
        expected = pytest.approx(default, rel=0.005) if number else default
        close = [v for v in given if v == expected]
        assert close, f"{field.name} is {default}, the page says {given}"


@pytest.mark.parametrize("name", PHYSICS)
def test_every_archetype_is_told(name: str) -> None:
    (row,) = [row for row in rows() if row[0] == f"`{name}`"]
    kind = PHYSICS[name]
    assert [value(cell) for cell in row[1:7]] == [
        kind.loss_w_m2k, kind.direct_share, kind.cooling_tau_h, kind.aperture,
        kind.top_corner_factor, kind.top_corner_share,
    ]  # fmt: skip
