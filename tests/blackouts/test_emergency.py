"""So many MW go at once: the right feeders, no more than need be, with a proof and a debt."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import Schedule, State, schedule_blackouts, shed_now
from vatra.blackouts.emergency_choice import choose_to_open
from vatra.demand import Demand, served_load
from vatra.problems import InputError

SLOT = 20


@pytest.fixture(scope="module")
def town() -> tuple[Schedule, pd.DataFrame, Demand]:
    feeders, demand = make_town(60, 48, seed=3)
    rng = np.random.default_rng(3)
    feeders = feeders.assign(
        residents=rng.integers(100, 3000, 60),
        switching=np.where(rng.random(60) < 0.2, "manual", "remote"),
    )
    schedule = schedule_blackouts(feeders, demand, limit_mw=0.7 * demand.total_mw.max())
    return schedule, feeders, demand


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_choice_covers_is_minimal_and_bounds_hold(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 7))
    kw = data.draw(st.lists(st.integers(0, 3000), min_size=count, max_size=count))
    load = np.array(kw) / 1000.0
    people = np.array(
        data.draw(st.lists(st.integers(1, 900), min_size=count, max_size=count)), float
    )
    tier = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count)))
    mw = data.draw(st.integers(1, 6000)) / 1000.0
    choice = choose_to_open(load, tier, people, mw, np.ones(count, dtype=bool))
    may = (tier >= 0) & (load > 0)
    assert not (choice.opened & ~may).any()
    assert choice.most_mw == pytest.approx(load[may].sum())
    shed = load[choice.opened].sum()
    if choice.most_mw < mw - 1e-6:
        assert (choice.opened == may).all()
        return
    assert shed >= mw - 1e-5
    for f in np.flatnonzero(choice.opened):
        assert shed - load[f] < mw + 1e-9, "a feeder could be spared"
    subsets = [
        np.array(bits, dtype=bool) & may for bits in itertools.product((False, True), repeat=count)
    ]
    enough = [own for own in subsets if load[own].sum() >= mw - 1e-9]
    assert choice.excess_bound_mw <= min(load[own].sum() for own in enough) - mw + 1e-9
    kinds = tier <= tier[choice.opened].max()
    fewest = min(people[own].sum() for own in enough if not (own & ~kinds).any())
    assert choice.people_bound <= fewest + 1e-9
    if len(set(tier[may])) == 1:
        assert people[choice.opened].sum() == pytest.approx(fewest)


def test_excess_bound_is_exact_where_loads_are_whole_kilowatts() -> None:
    load = np.array([0.5, 0.5, 0.7])
    choice = choose_to_open(load, np.zeros(3, int), np.ones(3), 0.9, np.ones(3, bool))
    assert choice.excess_bound_mw == pytest.approx(0.1, abs=1e-6)


def test_who_goes_first(town: tuple[Schedule, pd.DataFrame, Demand]) -> None:
    schedule, feeders, demand = town
    cut = shed_now(schedule, feeders, demand, SLOT, 4.0)
    assert cut.state == State.EMERGENCY
    assert not (cut.opened["protected"] | cut.opened["reserved"]).any()
    assert (cut.opened["switching"] == "remote").all()
    assert (cut.opened["critical_mw"] == 0).all()
    proof = cut.certificate
    assert proof.shed_mw == pytest.approx(cut.opened["mw"].sum())
    assert proof.asked_mw <= proof.shed_mw + 1e-6
    assert proof.excess_mw < cut.opened["mw"].min()
    assert proof.people_bound <= proof.people
    assert cut.violations == ()


def test_states_are_never_mixed(town: tuple[Schedule, pd.DataFrame, Demand]) -> None:
    schedule, feeders, demand = town
    cut = shed_now(schedule, feeders, demand, SLOT, 6.0, hours=3)
    before, after = schedule.state, cut.schedule.state
    changed = before != after
    assert (before[changed] == State.LIT).all()
    assert (after[changed] == State.EMERGENCY).all()
    assert changed.any(axis=0).nonzero()[0].min() == SLOT
    assert changed.any(axis=0).nonzero()[0].max() < cut.end_slot == SLOT + 6
    assert (after[before == State.PLANNED] == State.PLANNED).all()
    assert cut.debt_h.to_numpy() == pytest.approx(0.5 * changed.sum(axis=1))
    lit = after == State.LIT
    assert cut.schedule.load_mw == pytest.approx(served_load(demand, lit))


def test_as_much_is_shed_in_every_slot(town: tuple[Schedule, pd.DataFrame, Demand]) -> None:
    schedule, feeders, demand = town
    cut = shed_now(schedule, feeders, demand, SLOT, 5.0, hours=6)
    gone = cut.schedule.state == State.EMERGENCY
    shed = (schedule.load_mw * gone).sum(axis=0)
    assert (shed[SLOT : cut.end_slot] >= 5.0 - 1e-5).all()
    assert set(cut.later["feeder_id"]) <= set(feeders.index)
    assert not set(cut.later["feeder_id"]) & set(cut.opened.index)


def test_an_area_alone(town: tuple[Schedule, pd.DataFrame, Demand]) -> None:
    schedule, feeders, demand = town
    for area, column in (("D-1", "district_id"), ("S-2", "substation_id")):
        cut = shed_now(schedule, feeders, demand, SLOT, 0.5, area)
        assert (feeders.loc[cut.opened.index, column] == area).all()
    with pytest.raises(InputError, match="did you mean «D-1»"):
        shed_now(schedule, feeders, demand, SLOT, 1.0, "D1")


def test_what_cannot_be_shed_is_said(town: tuple[Schedule, pd.DataFrame, Demand]) -> None:
    schedule, feeders, demand = town
    cut = shed_now(schedule, feeders, demand, SLOT, 500.0)
    assert cut.certificate.shortfall_mw == pytest.approx(500 - cut.certificate.most_mw)
    assert cut.certificate.excess_mw == 0
    (violation,) = cut.violations
    assert f"{cut.certificate.most_mw:.1f} MW" in violation.reason
    assert "special emergency" in violation.relaxation
    assert not (cut.opened["protected"] | cut.opened["reserved"]).any()
    special = shed_now(schedule, feeders, demand, SLOT, 500.0, special=True)
    assert special.state == State.SPECIAL_EMERGENCY
    assert special.opened["protected"].any()
    assert special.certificate.most_mw == pytest.approx(schedule.load_mw[:, SLOT].sum())
    assert set(np.unique(special.schedule.state)) <= {
        State.LIT, State.PLANNED, State.SPECIAL_EMERGENCY,
    }  # fmt: skip


def test_protected_feeders_go_last_in_a_special_emergency(
    town: tuple[Schedule, pd.DataFrame, Demand],
) -> None:
    schedule, feeders, demand = town
    ordinary = shed_now(schedule, feeders, demand, SLOT, 500.0).certificate.most_mw
    cut = shed_now(schedule, feeders, demand, SLOT, ordinary + 0.1, special=True)
    assert cut.opened["reserved"].any()
    assert not cut.opened["protected"].any()


def test_measured_loads_come_before_planned_ones(
    town: tuple[Schedule, pd.DataFrame, Demand],
) -> None:
    schedule, feeders, demand = town
    first = shed_now(schedule, feeders, demand, SLOT, 3.0)
    gone = {str(feeder): 0.0 for feeder in first.opened.index}
    again = shed_now(schedule, feeders, demand, SLOT, 3.0, load_now_mw=gone)
    assert not set(again.opened.index) & set(first.opened.index)
    with pytest.raises(InputError, match="no feeder or no load"):
        shed_now(schedule, feeders, demand, SLOT, 3.0, load_now_mw={"F-9999": 1.0})


def test_what_comes_back_first(town: tuple[Schedule, pd.DataFrame, Demand]) -> None:
    schedule, feeders, demand = town
    cut = shed_now(schedule, feeders, demand, SLOT, 15.0)
    back = cut.restore
    assert set(back.index) == set(cut.opened.index) | set(cut.later["feeder_id"])
    assert back["critical_mw"].is_monotonic_decreasing
    none = back[back["critical_mw"] == 0]
    assert none["dark_h"].is_monotonic_decreasing
    assert (back["mw_on_return"] >= back["mw"]).all()
    assert back["total_mw_on_return"].to_numpy() == pytest.approx(back["mw_on_return"].cumsum())


def test_the_debt_is_carried_into_the_rest_of_the_day(
    town: tuple[Schedule, pd.DataFrame, Demand],
) -> None:
    schedule, feeders, demand = town
    cut = shed_now(schedule, feeders, demand, SLOT, 8.0)
    dark = (cut.schedule.state != State.LIT)[:, : cut.end_slot]
    assert cut.history["dark_h"].to_numpy() == pytest.approx(0.5 * dark.sum(axis=1))
    rest = slice(cut.end_slot, 48)
    later = replace(
        demand,
        grid=replace(demand.grid, start=demand.grid.times[cut.end_slot], slots=48 - cut.end_slot),
        load_mw=demand.load_mw[:, rest], critical_mw=demand.critical_mw[:, rest],
        heater_mw=demand.heater_mw[:, rest],
    )  # fmt: skip
    limit = 0.7 * demand.total_mw.max()
    new = schedule_blackouts(feeders, later, limit_mw=limit, history=cut.history)
    assert new.certificate.limit_excess_mw == 0
    whole = dark[:, -1] & (cut.schedule.state[:, cut.end_slot - 1] == State.EMERGENCY)
    others = ~whole & (schedule.queue != "").to_numpy()
    ahead = (new.state == State.PLANNED).mean(axis=1)
    assert ahead[whole].mean() <= ahead[others].mean() + 0.05


@pytest.mark.parametrize(
    ("slot", "mw", "hours"),
    [(-1, 1.0, 1.0), (48, 1.0, 1.0), (3, 0.0, 1.0), (3, np.nan, 1.0), (3, 1.0, 0.0)],
)  # fmt: skip
def test_orders_that_cannot_be(
    town: tuple[Schedule, pd.DataFrame, Demand], slot: int, mw: float, hours: float
) -> None:
    with pytest.raises(InputError):
        shed_now(*town, slot, mw, hours=hours)
