"""Published days and a published order: `tests/cases/dnipro…`, `zaporizhzhia…`."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vatra.blackouts import rotate_queues

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
DATA = Path(os.environ.get("VATRA_DATA", ROOT.parent / "shared" / "data"))


def pair(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    texts = [(CASES / name / f"{part}.toml").read_text() for part in ("input", "expected")]
    given, expected = (tomllib.loads(text) for text in texts)
    return given, expected


def test_one_order_is_shared_fairly() -> None:
    given, expected = pair("zaporizhzhia_2024-12-16")
    order = np.zeros(48)
    for step in given["order"]:
        order[int(step["from"][:2]) * 2 : int(step["until"][:2]) * 2] = step["queues"]
    rotation = rotate_queues(order)
    assert rotation.proved
    assert rotation.dark_h.sum() == pytest.approx(expected["unit_h"])
    assert rotation.range_h <= expected["range_h"]
    assert rotation.gini <= expected["gini"]


GIVEN, EXPECTED = pair("dnipro_2025-12")


@pytest.mark.data
@pytest.mark.parametrize("date", list(EXPECTED["day"]))
def test_published_days_made_even(date: str) -> None:
    path = DATA / GIVEN["file"]
    if not path.exists():
        pytest.skip(f"{GIVEN['file']} isn't in the folder of VATRA_DATA")
    table = pd.read_csv(path, dtype=str)
    own = table[table["date"] == date]
    rows = own[own["version"] == own["version"].max()].sort_values("subqueue")
    dark = np.array([[slot == "0" for slot in row] for row in rows["on_by_half_hour"]])
    rotation = rotate_queues(dark.sum(axis=0) / 2, units=tuple(rows["subqueue"]))
    expected = EXPECTED["day"][date]
    assert not rotation.violations
    assert rotation.dark.sum(axis=0).tolist() == dark.sum(axis=0).tolist()
    assert rotation.range_h <= expected["range_h"]
    assert rotation.blocks_bound == expected["blocks"]
    assert rotation.blocks == expected["blocks"]
