"""The page stands alone, says all of it to everyone, and trusts nobody's text."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.publish.cities import small_plan
from tests.publish.pages import Element, parse
from vatra.planning.model import Plan
from vatra.publish import write_report
from vatra.publish.words import LANGUAGES

HOSTILE = '"><script>alert(1)</script></style><img src=x onerror=alert(1)>&\u2028 '

EDGES: dict[str, dict[str, Any]] = {
    "no candidates": {"sites": 0, "need": False},
    "need and no candidates": {"sites": 0},
    "no heat or water network": {"networks": False},
    "no limit": {"limit": False, "switched": False},
    "one slot": {"slots": 1},
    "half a day": {"slots": 24},
    "a week": {"slots": 336},
    "no need": {"need": False},
    "everything damaged": {"destroyed": True},
    "no reports": {"claims": False},
    "no queues": {"switched": False},
    "the night that has 02:30 twice": {"start": "2022-10-29 18:00Z", "slots": 30},
    "hostile": {"prefix": HOSTILE},
}


def pages(folder: Path, plan: Plan) -> list[tuple[str, str]]:
    return [
        (code, path.read_text(encoding="utf-8"))
        for code, path in zip(LANGUAGES, write_report(plan, folder), strict=True)
    ]


def test_nothing_is_asked_of_any_network(page: Element) -> None:
    for element in page.all():
        for name, value in element.attributes.items():
            assert name not in {"style", "srcset", "action", "ping"}, (element.tag, name)
            assert not name.startswith("on"), (element.tag, name)
            if name in {"src", "href", "xlink:href"}:
                assert re.fullmatch(r"#[\w-]+|report(\.uk)?\.html", value), value
    assert not page.all("link", "iframe", "object", "embed", "base", "img", "form")
    style = page.one("style").text
    assert "@import" not in style
    marks = ["#dots", "#hatch", "#stripes", "#cross", "#dense"]
    assert re.findall(r"url\((.*?)\)", style) == marks
    script = [e.text for e in page.all("script") if "type" not in e.attributes]
    assert len(script) == 1
    for word in ("fetch", "XMLHttp", "import(", "eval", "innerHTML", "localStorage"):
        assert word not in script[0]
    assert script[0].count("http") == script[0].count("http://www.w3.org/2000/svg")


def test_policy_allows_this_style_and_script_only(page: Element) -> None:
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    rules = dict(part.split(" ", 1) for part in policy.split("; "))
    assert rules["default-src"] == "'none'"
    script = next(e.text for e in page.all("script") if "type" not in e.attributes)
    for rule, text in (("style-src", page.one("style").text), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_language_and_the_way_to_the_other(page: Element, code: str) -> None:
    assert page.one("html").attributes["lang"] == code
    other = {"en": ("uk", "report.uk.html"), "uk": ("en", "report.html")}[code]
    link = next(e for e in page.all("a") if "hreflang" in e.attributes)
    assert (link.attributes["hreflang"], link.attributes["href"]) == other
    assert link.attributes["lang"] == other[0]


def test_headings_go_down_step_by_step(page: Element) -> None:
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_landmarks_ids_and_names(page: Element) -> None:
    for tag in ("header", "main", "nav", "footer"):
        page.one(tag)
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("aria-labelledby", "for"):
            if name in element.attributes:
                assert element.attributes[name] in ids
        target = element.attributes.get("href", "")
        assert not target.startswith("#") or target[1:] in ids


def test_pictures_have_words_and_a_table_near(page: Element) -> None:
    pictures = page.all("svg", "canvas")
    assert len(pictures) > 20
    for picture in pictures:
        said = picture.attributes.get("aria-label", "")
        hidden = picture.attributes.get("aria-hidden") == "true"
        assert hidden or (picture.attributes["role"] == "img" and len(said) > 20)
    for name in ("map", "schedule", "load", "cold", "services", "warm"):
        assert page.by_id(name).all("table"), name


def test_controls_have_names(page: Element) -> None:
    labels = {e.attributes.get("for") for e in page.all("label")}
    for control in page.all("input", "select", "button"):
        named = (
            control.attributes.get("id") in labels
            or control.inside("label")
            or control.words
            or control.attributes.get("aria-label")
        )
        assert named, control.attributes
    assert page.by_id("live-said").attributes["aria-live"] == "polite"


def test_tables_say_what_their_columns_and_rows_are(page: Element) -> None:
    tables = page.all("table")
    assert len(tables) >= 10
    for table in tables:
        assert table.one("caption").words
        head = table.one("thead").all("th")
        assert all(e.attributes["scope"] == "col" and e.words for e in head)
        for row in table.one("tbody").all("tr"):
            cells = [c for c in row.children if c.tag in {"th", "td"}]
            assert len(cells) == len(head), table.one("caption").words
            assert cells[0].attributes["scope"] == "row"
            assert all(c.words for c in cells), "nothing is left blank"


def test_order_is_answer_decisions_then_evidence(page: Element) -> None:
    order = [e.attributes["id"] for e in page.one("main").all("section")]
    assert order == [
        "answer", "decide", "map", "schedule", "load", "cold", "services", "warm", "relocation",
        "rests", "proof",
    ]  # fmt: skip


def test_works_without_scripts(page: Element) -> None:
    assert "hidden" in page.by_id("live").attributes
    shown = [e for e in page.by_id("map").all("svg") if e.attributes.get("role") == "img"]
    assert len(shown) == 6 + 6 + 1


def test_data_of_the_map_is_json(page: Element) -> None:
    data = json.loads(page.by_id("map-data").text)
    assert len(data["times"]) == len(data["said"]) == data["slots"] == 144
    assert len(data["names"]) == len(data["districts"]) == 4


def test_head_says_as_of_and_until_when(report: dict[str, Path]) -> None:
    page = parse(report["en"].read_text(encoding="utf-8"))
    facts = page.one("header").words
    assert "Wednesday 23 November 2022 17:10" in facts
    assert "Saturday 26 November 2022 18:00" in facts
    assert "if confirmed" in facts
    assert "A made-up city" in facts


def test_what_is_not_confirmed_is_told_with_what_rests_on_it(report: dict[str, Path]) -> None:
    page = parse(report["en"].read_text(encoding="utf-8"))
    notice = page.by_id("answer").one("div", **{"class": "notice"}).words
    assert "right-bank heat plant is out" in notice
    assert "a duty engineer" in notice
    assert "heat and water, the cold at home, warm points and moving out" in notice
    assert "If not so: heat source «Plant» works" in notice
    assert "grid operator" not in notice
    assert "Holds if confirmed: C2." in page.by_id("cold").words
    assert "Holds if confirmed" not in page.by_id("schedule").words


def test_assumed_stands_where_it_matters(report: dict[str, Path]) -> None:
    page = parse(report["en"].read_text(encoding="utf-8"))
    assert "10 kV lines (feeders) (14 of 14)" in page.by_id("schedule").words
    assert "heat sources (2 of 2)" in page.by_id("cold").words
    assert "Networks follow the streets." in page.by_id("rests").words
    assert "Source: a survey, 2022" in page.by_id("rests").words


def test_certificate_in_plain_words(report: dict[str, Path]) -> None:
    said = parse(report["en"].read_text(encoding="utf-8")).by_id("proof").words
    assert "at most 1.021 times that" in said
    assert "lie 1.5 hours; no schedule could bring that below 0.5 hours" in said
    assert "longest darkness at a stretch is 4 hours" in said
    assert "came to rest after 2 rounds" in said
    assert "Every rule was kept." in said


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_has_a_sound_page(edge: str, tmp_path: Path) -> None:
    for code, text in pages(tmp_path, small_plan(**EDGES[edge])):
        page = parse(text)
        test_nothing_is_asked_of_any_network(page)
        test_policy_allows_this_style_and_script_only(page)
        test_headings_go_down_step_by_step(page)
        test_landmarks_ids_and_names(page)
        for table in page.all("table"):
            assert all(c.words for c in table.all("td", "th"))
        shown = page.one("body").words
        for word in ("nan", "NaN", "NaT", "None", "inf ", "{", "Traceback"):
            plain = " ".join(e.text for e in page.one("main").all() if e.tag != "script")
            assert word not in plain, (edge, code, word)
        assert shown


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    for _, text in pages(tmp_path, small_plan(prefix=HOSTILE)):
        page = parse(text)
        assert len(page.all("script")) == 2
        assert not page.all("img")
        assert HOSTILE.strip("\u2028 ") in page.one("title").text
        data = page.by_id("map-data").text
        assert "<" not in data
        assert json.loads(data)["names"][0].startswith(HOSTILE)
        assert "What could not be kept" in text or "Чого дотримати не вдалося" in text


def test_edges_are_said_not_left_out(tmp_path: Path) -> None:
    def english(**changes: Any) -> str:
        return parse(pages(tmp_path, small_plan(**changes))[0][1]).one("body").words

    assert "No warm point is chosen" in english(sites=0)
    assert "hold no heat network" in english(networks=False)
    assert "no limit is set" in english(limit=False, switched=False)
    assert "Nobody has light." in english(destroyed=True)
    assert "Nobody has to move out" in english(need=False)
    assert "The situation cites no reports." in english(claims=False)


def test_same_plan_gives_same_bytes(plan: Plan, report: dict[str, Path], tmp_path: Path) -> None:
    for again in write_report(plan, tmp_path / "new" / "folder"):
        first = next(p for p in report.values() if p.name == again.name)
        assert again.read_bytes() == first.read_bytes()
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == [
        "report.html", "report.uk.html",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a browser")
def test_map_runs_in_a_browser(report: dict[str, Path], tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    assert browser
    shown = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--enable-logging=stderr",
            f"--user-data-dir={tmp_path}", "--dump-dom", report["en"].as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "CONSOLE" not in shown.stderr
    assert "Refused" not in shown.stderr
    live = re.search(r'<div id="live"[^>]*>', shown.stdout)
    assert live
    assert "hidden" not in live.group()
    slider = re.search(r'aria-valuetext="([^"]*)"', shown.stdout)
    assert slider
    assert slider.group(1).replace("&nbsp;", " ") == "Wednesday 23 November 18:00"
