"""The figures of a report against counts by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.publish.cities import small_plan
from vatra.blackouts.model import State
from vatra.planning.model import Plan
from vatra.publish import summarise
from vatra.publish.basis import rests_on, unconfirmed
from vatra.publish.figures import LIT, OUT, SCHEDULED, UNKNOWN, figures_of, key_slots, runs
from vatra.publish.summary import decisions, opening_times
from vatra.publish.words import ENGLISH, NBSP


def test_runs() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.array([False, False])) == []
    assert runs(np.array([], dtype=bool)) == []


def test_light_is_counted_over_people(plan: Plan) -> None:
    light = figures_of(plan).light
    row = plan.city.rows("blocks", "feeder_id", "feeders")
    residents = plan.city.blocks["residents"].to_numpy()
    assert light.spared == residents[row >= 12].sum()
    assert light.shared == residents[row < 12].sum()
    assert (light.without, light.unknown) == (0, 0)
    assert light.least_h == light.low_h == light.high_h == 12.0
    assert light.spells == pytest.approx(3.0, abs=0.4)


def test_cold_is_bracketed_by_a_degree(plan: Plan) -> None:
    figures = figures_of(plan)
    for cold in figures.cold:
        assert cold.low <= cold.people <= cold.high
    twelve = figures.cold[1]
    residents = plan.city.blocks["residents"].to_numpy()
    last = plan.outlook.homes.indoor_c[:, -1]
    assert twelve.people == residents[last < 12].sum()
    assert (twelve.low, twelve.high) == (residents[last < 11].sum(), residents[last < 13].sum())
    assert figures.people_below[1, twelve.slot] >= 0.95 * twelve.people
    assert figures.people_below[1, twelve.slot - 1] < 0.95 * twelve.people


def test_why_a_block_is_dark() -> None:
    plan = small_plan()
    live = plan.outlook.services.feeder_live.copy()
    state = plan.schedule.state.copy()
    live[12] = False  # never cut by the schedule, yet dark
    state[13] = State.UNKNOWN
    row = plan.city.rows("blocks", "feeder_id", "feeders")
    services = replace(plan.outlook.services, feeder_live=live, block_power=live[row])
    plan = replace(
        plan,
        outlook=replace(plan.outlook, services=services),
        schedule=replace(plan.schedule, state=state),
    )
    found = figures_of(plan)
    assert (found.block_state[row == 12] == OUT).all()
    assert (found.block_state[row == 13] == UNKNOWN).all()
    assert set(np.unique(found.block_state[row < 12])) == {LIT, SCHEDULED}
    residents = plan.city.blocks["residents"].to_numpy()
    assert found.light.without == residents[row == 12].sum()
    assert found.light.unknown == residents[row == 13].sum()
    said = summarise(plan)
    assert "have no light at all" in said
    assert "it is not known whether they have light" in said


def test_a_block_without_feeder_is_not_known() -> None:
    plan = small_plan()
    blocks = plan.city.blocks.copy()
    blocks.iloc[0, blocks.columns.get_loc("feeder_id")] = None
    plan = replace(plan, city=plan.city.with_tables(blocks=blocks))
    assert (figures_of(plan).block_state[0] == UNKNOWN).all()


def test_key_slots_are_mornings_and_evenings(plan: Plan) -> None:
    hours = plan.situation.grid.hour[key_slots(plan)]
    assert list(hours) == [20.0, 8.0, 20.0, 8.0, 20.0, 8.0]
    assert key_slots(small_plan(slots=1)) == [0]
    assert len(key_slots(small_plan(slots=336))) == 6


def test_reports_and_what_rests_on_them(plan: Plan) -> None:
    heat, supply = rests_on(plan)
    assert heat.claim.claim_id == "C2"
    assert heat.parts == ("services", "cold", "warm", "relocation")
    assert supply.parts[0] == "schedule"
    assert [r.claim.claim_id for r in unconfirmed(plan)] == ["C2"]


def test_warm_points_open_in_time(plan: Plan) -> None:
    figures = figures_of(plan)
    times = opening_times(plan, figures)
    opened = plan.warm_points.sites["open_by"].dt.tz_convert("Europe/Kyiv")
    assert sum(count for _, count, _ in times) == len(opened)
    assert sum(places for *_, places in times) == figures.capacity
    open_until = 0
    for by, count, _ in times:
        assert (opened < by).sum() <= open_until, "none is opened late"
        open_until += count


def test_decisions_are_in_order(plan: Plan) -> None:
    figures = figures_of(plan)
    found = decisions(plan, figures, ENGLISH)
    times = [d.by for d in found if d.by is not None]
    assert times == sorted(times)
    assert sum("open" in d.what for d in found) <= 3
    assert any("generators to 5" in d.what.replace(NBSP, " ") for d in found)


def test_paragraph(plan: Plan) -> None:
    said = summarise(plan).replace(NBSP, " ")
    assert said.startswith(
        "From Wednesday 23 November 18:00 for 72 hours the city gets 34 to 38 MW of the 53 MW "
        "(56 MW with the heaters of cold homes) that it wants at its peak."
    )
    assert "can have light for 12 hours a day, in about three spells." in said
    assert "24 warm points can be reached on foot within 15 minutes by 88 % of the" in said
    assert "To decide: open the first 3 warm points by Thursday 24 November 14:00; " in said
    assert "\n" not in said


def test_paragraph_in_ukrainian(plan: Plan) -> None:
    said = summarise(plan, "uk").replace(NBSP, " ")
    assert said.startswith("Від середи 23 листопада 18:00 протягом 72 годин місто отримує")
    assert "24 пункти обігріву" in said


def test_paragraph_of_other_orders() -> None:
    plan = small_plan()
    slots = plan.situation.grid.slots
    none = np.full(slots, np.nan)
    partly = np.where(np.arange(slots) < 5, 30.0, np.nan)
    for limit, queues, words in (
        (none, np.full(slots, 2.5), "the order is to keep 2.5 queues dark at a time"),
        (np.zeros(slots), none, "gets no power at all"),
        (partly, none, "gets 30 MW in the hours that have a limit"),
    ):
        situation = replace(plan.situation, limit_mw=limit, queues_off=queues)
        assert words in summarise(replace(plan, situation=situation)).replace(NBSP, " ")


def test_what_is_wrong_with_a_plan_is_in_its_paragraph(plan: Plan) -> None:
    certificate = replace(plan.schedule.certificate, limit_excess_mw=3.21)
    schedule = replace(plan.schedule, certificate=certificate)
    said = summarise(replace(plan, schedule=schedule, settled=False)).replace(NBSP, " ")
    assert "exceeds a limit by up to 3.2 MW" in said
    assert "still changing" in said
    assert "still changing" not in summarise(plan)
    assert "exceeds" not in summarise(plan)


def test_unknown_language_is_refused(plan: Plan) -> None:
    with pytest.raises(ValueError, match="no language «de»"):
        summarise(plan, "de")


def test_nobody_is_told_a_deadline_that_nobody_knows() -> None:
    plan = small_plan()
    groups = plan.relocation.groups.copy()
    groups["from_time"] = pd.Series(pd.NaT, groups.index, dtype="datetime64[ns, UTC]")
    plan = replace(plan, relocation=replace(plan.relocation, groups=groups))
    assert "nor at a warm point." in summarise(plan)
