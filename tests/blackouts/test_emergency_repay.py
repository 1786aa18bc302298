"""What an emergency took is given back on the same day, within limits and rules."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from tests.blackouts.towns import make_town
from tests.blackouts.utility import write_utility
from tests.publish.pages import parse
from vatra.blackouts import (
    Emergency,
    Repayment,
    Schedule,
    State,
    check_schedule,
    read_book,
    read_schedule,
    repay_emergency,
    schedule_blackouts,
    shed_now,
)
from vatra.cli import main
from vatra.demand.model import Demand
from vatra.publish.notes_uk import note_in_ukrainian

Case = tuple[Schedule, Emergency, Repayment, pd.DataFrame, Demand, np.ndarray]

SLOT = 20


@pytest.fixture(scope="module", params=[(60, 0.55), (150, 0.7)])
def case(request: pytest.FixtureRequest) -> Case:
    count, share = request.param
    feeders, demand = make_town(count, 48, seed=3)
    rng = np.random.default_rng(3)
    feeders = feeders.assign(residents=rng.integers(100, 3000, count))
    limit = np.full(48, share * demand.total_mw.max())
    plan = schedule_blackouts(feeders, demand, limit_mw=limit)
    cut = shed_now(plan, feeders, demand, SLOT, 0.06 * demand.total_mw.max())
    repaid = repay_emergency(
        cut.schedule, feeders, demand, debt_h=cut.debt_h, now=demand.grid.times[SLOT],
        end_slot=cut.end_slot, limit_mw=limit,
    )  # fmt: skip
    return plan, cut, repaid, feeders, demand, limit


def test_light_is_given_back_within_the_limits(case: Case) -> None:
    _, cut, repaid, feeders, demand, limit = case
    new = repaid.schedule
    assert repaid.owed_h.sum() == cut.debt_h.sum() > 0
    assert repaid.repaid_h.sum() >= 0.3 * repaid.owed_h.sum()
    assert (repaid.repaid_h <= repaid.owed_h).all()
    assert new.certificate.limit_excess_mw == 0
    assert (new.served_mw[cut.end_slot :] <= limit[cut.end_slot :] + 1e-6).all()
    assert not [p for p in check_schedule(new, feeders, demand) if "limit" in str(p)]


def test_what_was_repaid_is_counted_from_the_states(case: Case) -> None:
    plan, cut, repaid, _, _, _ = case
    new = repaid.schedule
    assert (new.state[:, : cut.end_slot] == cut.schedule.state[:, : cut.end_slot]).all()
    dark = [0.5 * (s.state[:, cut.end_slot :] != State.LIT).sum(axis=1) for s in (plan, new)]
    given = np.clip(dark[0] - dark[1], 0.0, repaid.owed_h)
    assert np.allclose(given, repaid.repaid_h)
    payers = (dark[1] > dark[0]) & (repaid.owed_h.to_numpy() == 0)
    assert payers.sum() == repaid.payers
    # Nobody is made much darker for it than the emergency left the darkest.
    most = repaid.revision.before.certificate.dark_h_range
    assert new.certificate.dark_h_range <= max(most, 9.5) + 1.0


def test_states_stay_apart_and_changes_are_told_from_the_cut(case: Case) -> None:
    _, cut, repaid, _, _, _ = case
    new = repaid.schedule
    before = cut.schedule.state == State.EMERGENCY
    assert ((new.state == State.EMERGENCY) == before).all()
    assert set(np.unique(new.state)) == {State.LIT, State.PLANNED, State.EMERGENCY}
    changed = (new.state != cut.schedule.state).any(axis=1).sum()
    assert repaid.revision.summary["changed_lines"] == changed
    # An outage that goes over from the emergency into the plan is two, by state.
    outages = repaid.revision.outages
    now = outages[outages["change"] != "cancelled"]
    assert set(now["state"]) == {"planned", "emergency"}


def test_nothing_owed_changes_nothing_but_what_limits_ask() -> None:
    feeders, demand = make_town(20, 48, seed=1)
    limit = np.full(48, 0.7 * demand.total_mw.max())
    plan = schedule_blackouts(feeders, demand, limit_mw=limit)
    none = pd.Series(0.0, index=plan.feeder_id)
    repaid = repay_emergency(
        plan, feeders, demand, debt_h=none, now=demand.grid.times[10], end_slot=14, limit_mw=limit
    )
    assert (repaid.schedule.state == plan.state).all()
    assert repaid.repaid_h.sum() == repaid.payers == 0


def test_the_command_repays_tells_it_and_enters_it_in_the_book(tmp_path: Path) -> None:
    feeders, limit = write_utility(tmp_path, 24)
    run = CliRunner().invoke
    folder, out, book = (str(tmp_path / n) for n in ("s", "cut", "book.csv"))
    common = ["blackouts", "shed", folder, "--mw", "5", "--at", "2022-11-24T10:00+02:00"]
    made = run(main, ["blackouts", str(feeders), "--limit", str(limit), "--out", folder])
    assert made.exit_code == 0
    refused = run(main, [*common, "--book", book, "--replan"])
    assert refused.exit_code != 0
    assert refused.output.count("needs a folder") == 2
    done = run(main, [*common, "--out", out, "--replan", "--book", book])
    assert done.exit_code == 0, done.output
    assert "are given back" in done.output
    values = json.loads((tmp_path / "cut" / "emergency.json").read_text(encoding="utf-8"))
    assert set(values["repaid_h"]) == set(values["debt_h"])
    content = read_schedule(out)
    for note in content.notes:
        assert note_in_ukrainian(note), note
    entered = read_book(book, content.schedule.feeder_id)
    assert entered is not None
    emergency = 0.5 * (content.schedule.state == State.EMERGENCY).sum()
    assert entered["emergency_h"].sum() == emergency == sum(values["debt_h"].values())
    said = parse((tmp_path / "cut" / "schedule.uk.html").read_text(encoding="utf-8"))
    assert "повернуто" in said.by_id("rests").words
