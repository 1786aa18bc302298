"""One plan and its report, shared by the tests that only read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publish.cities import small_plan
from tests.publish.pages import Element, parse
from vatra.planning.model import Plan
from vatra.publish import write_report


@pytest.fixture(scope="session")
def plan() -> Plan:
    return small_plan()


@pytest.fixture(scope="session")
def report(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    english, ukrainian = write_report(plan, tmp_path_factory.mktemp("report"))
    return {"en": english, "uk": ukrainian}


@pytest.fixture(scope="session", params=["en", "uk"])
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def page(report: dict[str, Path], code: str) -> Element:
    return parse(report[code].read_text(encoding="utf-8"))
