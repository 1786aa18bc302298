"""A plan with damage to repair and crews: the order stands in the plan and in both reports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vatra.city import City
from vatra.planning import Plan, content_hash, make_plan, write_plan
from vatra.publish import write_report
from vatra.situation import Crew, Damage, november_2022


@pytest.fixture(scope="module")
def repaired(town: City) -> Plan:
    situation = november_2022(town, 24)
    slots = situation.grid.slots
    assets = (
        ("substations", town.substations.index[0]), ("feeders", town.feeders.index[2]),
        ("pumps", town.pumps.index[0]), ("heat_sources", town.heat_sources.index[0]),
    )  # fmt: skip
    damage = tuple(
        Damage(table, str(asset), 0, slots, end_known=False, repair_h=4.0)
        for table, asset in assets
    )
    crews = tuple(Crew(skill, 1) for skill in ("power", "water"))
    return make_plan(town, replace(situation, damage=damage, crews=crews), sites=3)


def test_the_order_is_in_the_plan(repaired: Plan) -> None:
    found = repaired.restoration
    assert found is not None
    assert set(found.order["skill"]) == {"power", "water"}
    assert found.not_done["table"].tolist() == ["heat_sources"]  # nobody there for heat
    assert found.gained["light"] > 0.0
    assert found.simulated["light"] > 0.0
    assert found.without <= found.people_hours <= found.bound
    # The plan itself doesn't count on repairs.
    row = repaired.city.feeders.index.get_loc(
        found.order["asset_id"][found.order["table"] == "feeders"].iloc[0]
    )
    assert not repaired.outlook.services.feeder_live[row].any()


def test_the_report_and_the_manifest_tell_it(repaired: Plan, tmp_path: Path) -> None:
    folder = write_plan(repaired, tmp_path / "plan", publishers=[write_report])
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["summary"]["restoration"]
    assert [row["table"] for row in told["not_done"]] == ["heat_sources"]
    assert len(told["order"]) == 3
    assert told["bound"] >= told["people_hours"]
    english = (folder / "report.html").read_text(encoding="utf-8")
    assert "Which repairs first" in english
    assert "Not finished within the horizon, or without a crew" in english
    assert "Що лагодити спершу" in (folder / "report.uk.html").read_text(encoding="utf-8")


def test_no_crews_no_order(plan: Plan) -> None:
    assert plan.restoration is None


def test_crews_change_the_hash(repaired: Plan) -> None:
    more = replace(repaired.situation, crews=(*repaired.situation.crews, Crew("heat", 1)))
    assert content_hash(replace(repaired, situation=more)) != content_hash(repaired)
    assert np.isfinite(repaired.schedule.load_mw).all()
