"""The page of a schedule stands alone and says all of it in both languages."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.blackouts.towns import make_town
from tests.publish.pages import Element, parse
from vatra.blackouts import ScheduleFolder, State, Violation, schedule_blackouts
from vatra.blackouts.files_orders import Orders
from vatra.blackouts.model import RuleCost, Share
from vatra.publish import summarise_schedule, write_schedule_page
from vatra.publish.schedule_page import FILES
from vatra.publish.schedule_text import EN, NOUNS, UK
from vatra.situation.model import SupplyLimit

HOSTILE = '"><script>alert(1)</script></style><img src=x onerror=alert(1)>&\u2028 '


def make(slots: int = 48, share: float | None = 0.6) -> ScheduleFolder:
    feeders, demand = make_town(40, slots, seed=2)
    feeders = feeders.assign(residents=500.0)
    limit = np.full(slots, share * demand.total_mw.max()) if share else None
    schedule = schedule_blackouts(feeders, demand, limit_mw=limit)
    return ScheduleFolder(schedule, feeders, demand, ("Assumed <b>this</b>.",))


def spoil(content: ScheduleFolder) -> ScheduleFolder:
    """Make a schedule in which little is as one would wish."""
    schedule = content.schedule
    state = schedule.state.copy()
    state[0, 5:8], state[1, 5:8], state[2, :4] = (
        State.EMERGENCY, State.SPECIAL_EMERGENCY, State.DAMAGED,
    )  # fmt: skip
    proof = replace(
        schedule.certificate, limit_excess_mw=3.0, unserved_bound_mwh=0.0,
        violations=(Violation("max_dark_h", HOSTILE, (1, 2), HOSTILE, HOSTILE),) * 30,
    )  # fmt: skip
    return replace(content, schedule=replace(schedule, state=state, certificate=proof))


CASES: dict[str, Callable[[], ScheduleFolder]] = {
    "a day": make,
    "no limit": lambda: make(share=None),
    "three hours": lambda: make(6),
    "a week": lambda: make(336),
    "trouble": lambda: spoil(make()),
    "no queues": lambda: without_queues(make()),
    "no people": lambda: replace(make(), feeders=make().feeders.drop(columns="residents")),
}


def without_queues(content: ScheduleFolder) -> ScheduleFolder:
    schedule = content.schedule
    queue = schedule.queue.mask(schedule.queue != "", "")
    shares = schedule.queue_dark_share.iloc[:0]
    return replace(content, schedule=replace(schedule, queue=queue, queue_dark_share=shares))


@pytest.fixture(params=CASES)
def pages(request: pytest.FixtureRequest, tmp_path: Path) -> list[Element]:
    written = write_schedule_page(CASES[request.param](), tmp_path, name=HOSTILE)
    assert [p.name for p in written] == list(FILES.values())
    return [parse(p.read_text(encoding="utf-8")) for p in written]


def test_each_page_stands_alone(pages: list[Element]) -> None:
    for page, code in zip(pages, FILES, strict=True):
        assert page.one("html").attributes["lang"] == code
        assert not page.all("script", "link", "iframe", "object", "embed", "base", "img", "form")
        for element in page.all():
            for name, value in element.attributes.items():
                assert name not in {"style", "srcset", "action"}, (element.tag, name)
                assert not name.startswith("on"), (element.tag, name)
                if name in {"src", "href"}:
                    assert re.fullmatch(r"#[\w-]+|schedule(\.uk)?\.html", value), value
        policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"})
        assert "default-src 'none'" in policy.attributes["content"]
        assert "script-src 'none'" in policy.attributes["content"]
        for picture in page.all("svg"):
            drawn = "aria-hidden" in picture.attributes or picture.attributes.get("aria-label")
            assert drawn, picture.attributes
        headings = [int(e.tag[1]) for e in page.all("h1", "h2", "h3")]
        assert headings[0] == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(headings))
        ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        for link in page.all("a"):
            target = link.attributes["href"]
            assert not target.startswith("#") or target[1:] in ids
        for table in page.all("table"):
            assert table.all("caption")
            assert table.all("th")
        assert "nan" not in page.words.split()


def test_the_page_opens_with_the_answer(tmp_path: Path) -> None:
    content = make()
    write_schedule_page(content, tmp_path)
    page = parse((tmp_path / "schedule.html").read_text(encoding="utf-8"))
    answer = page.by_id("answer").words
    assert summarise_schedule(content).replace("\u00a0", " ") in answer.replace("\u00a0", " ")
    assert "Everything" not in answer
    assert "Assumed <b>this</b>." in page.by_id("rests").words
    grid = page.by_id("schedule")
    assert len(grid.all("tbody")[0].all("tr")) == len(content.schedule.queue_dark_share)
    assert f"{content.schedule.certificate.longest_dark_h:g} hours" in page.by_id(
        "proof"
    ).words.replace("\u00a0", " ")


def test_what_is_dark_beside_the_plan_is_listed(tmp_path: Path) -> None:
    write_schedule_page(spoil(make()), tmp_path)
    words = parse((tmp_path / "schedule.html").read_text(encoding="utf-8")).by_id("schedule").words
    for part in ("Dark for another reason than the plan", "special emergency", "no power anyway"):
        assert part in words
    write_schedule_page(make(), tmp_path)
    page = parse((tmp_path / "schedule.html").read_text(encoding="utf-8"))
    assert "another reason than the plan" not in page.words


@pytest.mark.parametrize("code", FILES)
def test_every_line_has_its_hours_of_light(code: str, tmp_path: Path) -> None:
    content = make()
    write_schedule_page(content, tmp_path)
    page = parse((tmp_path / FILES[code]).read_text(encoding="utf-8"))
    table = page.by_id("schedule").one("details").one("table")
    rows = {row.one("th").words: row.all("td") for row in table.one("tbody").all("tr")}
    schedule = content.schedule
    cut = (schedule.state == State.PLANNED).any(axis=1)
    assert set(schedule.feeder_id[cut]) <= set(rows)
    for feeder in schedule.feeder_id[cut]:
        lit = schedule.lit[schedule.feeder_id.get_loc(feeder)]
        spans = int(lit[0]) + int((lit[1:] & ~lit[:-1]).sum())
        assert rows[feeder][0].words == schedule.queue[feeder]
        assert rows[feeder][1].words.count(":") == 2 * spans or not lit.any()
    assert len(rows) == int((~content.feeders[["protected", "reserved"]].any(axis=1)).sum())


def test_the_paragraph_tells_states_apart() -> None:
    said = summarise_schedule(spoil(make())).replace("\u00a0", " ")
    for part in ("emergency", "special emergency", "another reason", "exceeds a limit by up to 3"):
        assert part in said
    assert "30 cases" in said
    assert "All limits and rules are kept" not in said
    assert "No line has to be dark." in summarise_schedule(make(share=None))
    assert "No line has to be dark." not in said


def test_the_paragraph_tells_what_was_ordered() -> None:
    content = make(share=None)
    none = np.full(48, np.nan)
    queues = Orders(none, np.where(np.arange(48) < 20, 1.5, 2.0), (SupplyLimit("S-1", none),))
    said = summarise_schedule(replace(content, orders=queues))
    assert "keep dark at a time: 1.5 to 2 queues;" in said.replace("\u00a0", " ")
    assert "Limits of their own: S-1." in said
    areas = Orders(none, none, (SupplyLimit("S-1", none),))
    assert "parts of the network only" in summarise_schedule(replace(content, orders=areas))
    assert "no limit" in summarise_schedule(content)


@pytest.mark.parametrize("code", FILES)
def test_the_proof_tells_shares_and_what_rules_cost(code: str, tmp_path: Path) -> None:
    content = make()
    proof = replace(
        content.schedule.certificate,
        shares=(
            Share("in all", 9.5, 8.5, 7.0, 0.5),
            Share("2022-11-24", 6.5, 0.0, 5.0, 0.0),
            Share("2022-11-25", 6.0, 0.0, 5.5, 0.0),
            Share("2022-11-24 evening", 3.5, 0.0, 1.0, 0.0),
        ),
        rule_costs=(RuleCost("min_light_h", 1.25), RuleCost("max_dark_h", 0.0)),
    )
    content = replace(content, schedule=replace(content.schedule, certificate=proof))
    write_schedule_page(content, tmp_path)
    page = parse((tmp_path / FILES[code]).read_text(encoding="utf-8"))
    said = page.by_id("proof").words
    point = "." if code == "en" else ","
    for hours in ("9.5", "8.5", "7", "6.5", "3.5", "1"):
        assert hours.replace(".", point) in said
    rules = ("shortest light", "longest darkness at") if code == "en" else ("найкоротше світло", "")
    assert rules[0] in said
    assert ("longest darkness about" if code == "en" else "найдовша темрява —") not in said


def test_both_catalogues_say_the_same() -> None:
    assert set(EN) == set(UK)
    assert set(NOUNS["en"]) == set(NOUNS["uk"])
    for key, sentence in EN.items():
        fields = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        other = {name for _, name, _, _ in string.Formatter().parse(UK[key]) if name}
        assert fields == other, key
