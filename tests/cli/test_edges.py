"""Cities and situations at the edge of what there is give a correct plan."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from tests.city.conftest import make_tiny_city
from tests.cli.conftest import Desk, invoke, situation_text
from vatra.city import City
from vatra.city.model import empty_table

TINY = make_tiny_city()
CRS = TINY.about.crs


def schedule_of(desk: Desk) -> pd.DataFrame:
    return pd.read_parquet(desk.out / "schedule.parquet")


def dark_h(desk: Desk) -> dict[str, float]:
    """Return the hours that each feeder is dark."""
    table = schedule_of(desk)
    hours = (table["end"] - table["start"]).dt.total_seconds() / 3600
    return {str(k): float(v) for k, v in hours.groupby(table["feeder"]).sum().items()}


def test_a_plan_in_words_keeps_results_and_progress_apart(desk: Desk) -> None:
    outcome = invoke(*desk.command)
    assert outcome.exit_code == 0
    words = outcome.stdout.replace("\xa0", " ")
    assert "From Wednesday 23 November 14:00 for 12 hours" in words
    assert f"Report: {desk.out / 'report.html'}" in outcome.stdout
    stages = ["reading the city", "demand", "blackouts", "warm points", "relocation", "writing"]
    found = [outcome.stderr.find(stage) for stage in stages]
    assert found == sorted(found)
    assert found[0] >= 0
    assert "From Wednesday" not in outcome.stderr


def test_the_answer_for_machines_is_the_summary_and_the_times(desk: Desk) -> None:
    answer = desk.plan()
    manifest = json.loads((desk.out / "plan.json").read_bytes())
    assert {key: answer[key] for key in manifest["summary"]} == manifest["summary"]
    assert answer["out"] == str(desk.out)
    assert set(answer["seconds"]) >= {"demand", "warm points"}
    assert 0 < answer["served_mw_max"] <= 0.17


def test_a_limit_of_zero(desk: Desk) -> None:
    desk.lay(text=situation_text("[[supply]]\nlimit_mw = 0"))
    answer = desk.plan()
    assert answer["served_mw_max"] == 0
    assert answer["unserved_ratio"] == 1
    assert dark_h(desk) == {"F-1": 12.0, "F-2": 12.0}
    assert {rule["rule"] for rule in answer["rules_not_kept"]} == {"protected", "max_dark_h"}


@pytest.mark.parametrize("supply", ["", "[[supply]]\nlimit_mw = 99999"])
def test_no_limit_and_one_that_never_binds(desk: Desk, supply: str) -> None:
    desk.lay(text=situation_text(supply))
    answer = desk.plan()
    assert (answer["unserved_mwh"], answer["unserved_ratio"]) == (0, 1)
    assert schedule_of(desk).empty


def test_a_horizon_of_one_slot(desk: Desk) -> None:
    answer = desk.plan("--hours", "0.5")
    assert answer["hours"] == 0.5
    assert answer["served_mw_max"] <= 0.17


@pytest.mark.parametrize(
    ("start", "day", "slots"),
    [("2023-03-25T22:00:00", "2023-03-26", 46), ("2022-10-29T22:00:00", "2022-10-30", 50)],
)
def test_a_change_of_the_clocks_within_the_horizon(
    desk: Desk, start: str, day: str, slots: int
) -> None:
    step = f"[[supply]]\nlimit_mw = 0\n[[supply]]\nfrom = {day}T05:00:00\nlimit_mw = 99"
    desk.lay(text=situation_text(step, start=start, hours=30))
    answer = desk.plan()
    assert answer["hours"] == 30
    # From 22:00 to 05:00 is 7 hours on most nights.
    assert dark_h(desk) == {"F-1": 7.0 + (slots - 48) / 2, "F-2": 7.0 + (slots - 48) / 2}
    page = (desk.out / "report.html").read_text(encoding="utf-8").replace("\xa0", " ")
    assert "26 March" in page or "30 October" in page


def without_heat() -> City:
    blocks = TINY.blocks.assign(heating="gas", heat_zone_id=None)
    return TINY.with_tables(
        blocks=blocks, sites=TINY.sites.assign(heat_zone_id=None),
        heat_zones=empty_table("heat_zones"), heat_sources=empty_table("heat_sources", CRS),
    )  # fmt: skip


def without_water() -> City:
    blocks = TINY.blocks.assign(water_zone_id=None, sewage_zone_id=None)
    return TINY.with_tables(
        blocks=blocks, heat_sources=TINY.heat_sources.assign(water_zone_id=None),
        pumps=empty_table("pumps", CRS), water_zones=empty_table("water_zones"),
        sewage_zones=empty_table("sewage_zones"),
    )  # fmt: skip


def on_one_feeder() -> City:
    names = ("blocks", "pumps", "customers", "heat_sources", "sites")
    moved = {name: getattr(TINY, name).assign(feeder_id="F-1") for name in names}
    return TINY.with_tables(feeders=TINY.feeders.iloc[:1].assign(peak_mw=0.2), **moved)


SPARSE = {
    "no heat network": without_heat(),
    "no water network": without_water(),
    "no candidates": TINY.with_tables(sites=empty_table("sites", CRS)),
    "no customers": TINY.with_tables(customers=empty_table("customers", CRS)),
    "no power sources": TINY.with_tables(power_sources=empty_table("power_sources", CRS)),
    "no river": TINY.with_tables(water_bodies=empty_table("water_bodies", CRS)),
    "no people": TINY.with_tables(blocks=TINY.blocks.assign(
        residents=0, displaced=0, infants=0, elderly=0, disabled=0)),
    "one feeder": on_one_feeder(),
}  # fmt: skip


@pytest.mark.parametrize("name", SPARSE)
def test_a_city_that_lacks_a_table(desk: Desk, name: str) -> None:
    desk.lay(SPARSE[name])
    assert invoke("city", "check", desk.city).exit_code == 0
    answer = desk.plan()
    assert answer["limit_excess_mw"] == 0
    assert answer["unserved_mwh"] > 0
    if name == "no people":
        assert max(answer["people_most"].values()) == 0
    else:
        need, sites = answer["warm_points"]["need"], answer["warm_points"]["sites"]
        assert sites == (need > 0 and name != "no candidates")
    assert invoke("city", "show", desk.city).exit_code == 0


def test_no_warm_points(desk: Desk) -> None:
    answer = desk.plan("--warm-points", "0")
    assert answer["warm_points"]["need"] > 0
    assert answer["warm_points"]["sites"] == answer["warm_points"]["reached"] == 0
    assert answer["relocation"]["people"] >= answer["warm_points"]["need"]


def test_everything_is_damaged(desk: Desk) -> None:
    tables = ("heat_sources", "pumps", "substations", "lines", "power_sources", "feeders", "sites")
    assets = [(name, asset) for name in tables for asset in getattr(TINY, name).index]
    more = "".join(f"[[damage]]\ntable = '{t}'\nasset = '{a}'\n" for t, a in assets)
    desk.lay(text=situation_text(more=more + "[[damage]]\nasset = 'North Bridge'\n"))
    answer = desk.plan()
    assert answer["served_mw_max"] == 0
    assert answer["people_most"]["dark"] == TINY.residents
    # No cut caused it, and it isn't hidden.
    assert answer["unserved_mwh"] == 0
    assert answer["without_supply_mwh"] > 1
    assert answer["warm_points"]["sites"] == 0
    assert set(schedule_of(desk)["state"]) == {"damaged"}


def test_an_order_in_queues(desk: Desk) -> None:
    desk.lay(text=situation_text("[[supply]]\nqueues = 1"))
    answer = desk.plan()
    # The only queue is dark all the time, the protected feeder never.
    assert dark_h(desk) == {"F-1": 12.0}
    assert answer["unserved_ratio"] == 1


def area_limits(**limits: float) -> str:
    return "".join(f"[[supply]]\narea = '{a.replace('_', '-')}'\nlimit_mw = {mw}\n"
                   for a, mw in limits.items())  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "dark"),
    [
        ({"S_2": 0.0}, {"F-2": 12.0}),
        ({"D_2": 0.0}, {"F-2": 12.0}),
        ({"S_1": 0.0}, {"F-1": 12.0}),
        ({"D_1": 0.0, "D_2": 0.0}, {"F-1": 12.0, "F-2": 12.0}),
        ({"D_1": 50.0}, {}),
    ],
)
def test_limits_of_areas(desk: Desk, limits: dict[str, float], dark: dict[str, float]) -> None:
    desk.lay(text=situation_text(area_limits(**limits)))
    answer = desk.plan()
    assert dark_h(desk) == dark
    assert answer["limit_excess_mw"] == 0


def test_an_unconfirmed_claim_makes_the_plan_unconfirmed(desk: Desk) -> None:
    supply = "[[supply]]\nlimit_mw = 0.17\nclaims = ['C1']"
    claim = "[[claims]]\nid = 'C1'\ntext = 'A <b>limit</b>'\nbasis = 'if confirmed'\n"
    desk.lay(text=situation_text(supply, more=claim))
    assert desk.plan()["basis"] == "if confirmed"
    manifest: dict[str, Any] = json.loads((desk.out / "plan.json").read_bytes())
    assert manifest["claims"][0]["text"] == "A <b>limit</b>"
    assert "<b>limit</b>" not in (desk.out / "report.html").read_text(encoding="utf-8")


def test_a_second_plan_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.plan("--hours", "1")
    assert desk.plan("--hours", "2")["hours"] == 2
    manifest = json.loads((desk.out / "plan.json").read_bytes())
    assert manifest["summary"]["hours"] == 2
