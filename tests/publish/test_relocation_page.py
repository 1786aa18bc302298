"""The page on moving out: what it says, that it stands alone, and that it prints on one sheet."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from vatra.city.synthetic import make_city
from vatra.planning import Plan, make_plan
from vatra.publish import write_report
from vatra.publish.relocation_page import LANGUAGES, long, say_moving, write_relocation_page
from vatra.publish.relocation_text import EN, UK
from vatra.situation import november_2022

FIELD = re.compile(r"{(\w+)}")


def test_both_languages_say_the_same_things() -> None:
    assert EN.keys() == UK.keys()
    for key, text in EN.items():
        assert set(FIELD.findall(text)) == set(FIELD.findall(UK[key])), key


@pytest.fixture(scope="module")
def hard_plan() -> Plan:
    town = make_city(20_000, seed=1)
    return make_plan(town, november_2022(town, hours=30), sites=2)


@pytest.fixture(scope="module")
def pages(hard_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("moving")
    write_report(hard_plan, folder)
    return [folder / "relocation.html", folder / "relocation.uk.html"]


def test_the_page_stands_alone_and_the_report_leads_to_it(pages: list[Path]) -> None:
    for page, report in zip(pages, ("report.html", "report.uk.html"), strict=True):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"(src|href)=\"(https?:)?//", text)
        assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
        assert f'href="{report}"' in text
        assert f'href="{page.name}"' in (page.parent / report).read_text(encoding="utf-8")


def test_its_figures_are_those_of_the_plan(hard_plan: Plan) -> None:
    moved = hard_plan.relocation
    assert moved.everyone is not None
    said = " ".join(say_moving(hard_plan, "en"))
    english = LANGUAGES["en"]
    assert english.count(moved.everyone.people, "person", 2) in said
    assert long(moved.everyone.clearance_h, english) in said
    assert long(moved.everyone.clearance_bound_h, english) in said
    assert moved.notice is not None
    assert f"Decided {long(moved.notice.notice_h, english)} before" in said


def test_unknown_ways_are_said_to_be_unknown(hard_plan: Plan, tmp_path: Path) -> None:
    moved = replace(hard_plan.relocation, some=None, everyone=None, notice=None)
    plan = replace(hard_plan, relocation=moved)
    assert write_relocation_page(plan, tmp_path) == []
    for code in ("en", "uk"):
        assert say_moving(plan, code) == [LANGUAGES[code].say("m_unknown")]
    write_report(plan, tmp_path)
    assert "relocation.html" not in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["en", "uk"])
def test_rarer_outcomes_are_told_too(hard_plan: Plan, tmp_path: Path, code: str) -> None:
    moved = hard_plan.relocation
    assert moved.everyone is not None
    assert moved.some is not None
    assert moved.notice is not None
    late = replace(
        moved.notice, late_vulnerable=700, range_vulnerable=(100, 900),
        decide=pd.DataFrame([("vulnerable", float("nan"), 55), ("all", -12.0, 0)],
                            columns=["step", "lead_h", "left"]),
    )  # fmt: skip
    back = moved.come_back.assign(fit_from=hard_plan.situation.grid.times[-1])
    rare = replace(
        moved, everyone=replace(moved.everyone, no_way=1234), notice=late, come_back=back,
        some=replace(moved.some, late={"vulnerable": 10, "others": 5}),
    )  # fmt: skip
    plan = replace(hard_plan, relocation=rare)
    text = write_relocation_page(plan, tmp_path)[code == "uk"].read_text(encoding="utf-8")
    assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    language = LANGUAGES[code]
    for figure in (1200, 700, 15, 55):
        assert language.about(figure) in text, figure
    assert language.say("m_any") in text
    nobody = replace(rare, some=None, people=0, notice=replace(late, people=0))
    said = say_moving(replace(plan, relocation=nobody), code)
    assert said[0] == language.say("m_none")
    assert said[-1] == language.say("m_notice_warm", c="12")


@pytest.mark.parametrize(
    ("hours", "english", "ukrainian"),
    [
        (1.0, "1 hour", "1 годину"),
        (0.4, "1 hour", "1 годину"),
        (21.0, "21 hours", "21 годину"),
        (34.0, "34 hours", "34 години"),
        (72.0, "72 hours", "72 години"),
        (120.0, "5 days", "5 діб"),
        (172.0, "7.2 days", "7,2 доби"),
        (float("inf"), "—", "—"),
    ],
)
def test_lengths_of_time_are_rounded_up(hours: float, english: str, ukrainian: str) -> None:
    assert long(hours, LANGUAGES["en"]).replace("\u00a0", " ") == english
    assert long(hours, LANGUAGES["uk"]).replace("\u00a0", " ") == ukrainian


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium isn't installed")
def test_it_prints_on_one_sheet(pages: list[Path], tmp_path: Path) -> None:
    for page in pages:
        sheet = tmp_path / f"{page.stem}.pdf"
        subprocess.run(
            [str(shutil.which("chromium")), "--headless", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-background-networking",
             f"--user-data-dir={tmp_path / 'browser'}",
             f"--print-to-pdf={sheet}", page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        assert len(re.findall(rb"/Type\s*/Page[^s]", sheet.read_bytes())) == 1
