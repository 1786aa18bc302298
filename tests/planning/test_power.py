"""The power network in a plan: its limits bind, and where it can't hold the plan says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vatra.city import City
from vatra.planning import Plan, make_plan
from vatra.publish import summarise
from vatra.publish._power import power_sentences
from vatra.publish.words import ENGLISH, UKRAINIAN
from vatra.situation import november_2022


@pytest.fixture(scope="module")
def narrow(town: City, plan: Plan) -> Plan:
    """Return the plan of the town with lines that carry 70 % of what they carried."""
    assert plan.power is not None
    most = np.abs(plan.power.flow_mw[:, :24]).max(axis=1)
    assert most.max() > 0.0
    lines = town.lines.assign(capacity_mw=np.maximum(0.7 * most, 0.01))
    return make_plan(town.with_tables(lines=lines), november_2022(town, 12), sites=3)


def test_the_schedule_gives_way_to_lines(narrow: Plan) -> None:
    check = narrow.power
    assert check is not None
    assert check.ac
    over = check.overloads[check.overloads["table"] == "lines"]
    # What is left, if protected feeders alone are too much, is little and is said.
    assert over["excess_mw"].max() < 0.05 * over["capacity_mw"].max() if len(over) else check.holds
    assert check.balance.error_share < 1e-6


def test_a_network_that_holds_is_told(plan: Plan) -> None:
    assert plan.power is not None
    assert plan.power.holds
    assert "AC flow" in power_sentences(plan, ENGLISH)[0]
    assert "змінного струму" in power_sentences(plan, UKRAINIAN)[0]
    assert plan.balances[0].name == "power"
    assert 0.0 < plan.power.lost_mwh < 0.05 * plan.power.delivered_mwh


def test_no_operating_point_is_told_first(plan: Plan) -> None:
    assert plan.power is not None
    solved = plan.power.solved.copy()
    solved[4:6] = False
    shed = np.where(solved, 0.0, 12.0)
    lost = replace(plan, power=replace(plan.power, solved=solved, shed_more_mw=shed))
    assert "NO OPERATING POINT" in summarise(lost)
    assert "12 MW more" in summarise(lost).replace("\u00a0", " ")
    assert "НЕ МАЄ РОБОЧОГО РЕЖИМУ" in summarise(lost, "uk")
    never = replace(plan.power, solved=solved, shed_more_mw=np.full(solved.size, np.nan))
    assert "nor at any lesser load" in summarise(replace(plan, power=never))
