"""The same input and seed give the same bytes: twice here, and in another process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.city.synthetic_cities import whole
from tests.planning.conftest import RESIDENTS, hard_situation
from tests.planning.test_folder import digests
from vatra.planning import Plan, make_plan, write_plan
from vatra.publish import write_report

ELSEWHERE = """
import sys
from tests.planning.test_same_bytes import make
make(sys.argv[1])
"""
ROOT = Path(__file__).parents[2]


def make(folder: str) -> None:
    """Make the city, its situation and its plan from nothing, and write it."""
    city = whole(RESIDENTS)
    write_plan(make_plan(city, hard_situation(city), sites=7), folder, publishers=[write_report])


def test_the_same_plan_has_the_same_bytes(hard_plan: Plan, tmp_path: Path) -> None:
    write_plan(hard_plan, tmp_path / "one", publishers=[write_report])
    again = make_plan(hard_plan.city, hard_plan.situation, sites=7)
    write_plan(again, tmp_path / "two", publishers=[write_report])
    # Another process, seconds later and with another seed of Python's hashes.
    subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path / "three")],
        check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    one = digests(tmp_path / "one")
    assert {"plan.json", "plan.gpkg", "outlook.nc", "report.html"} <= set(one)
    assert digests(tmp_path / "two") == one
    assert digests(tmp_path / "three") == one
