"""Staged plans of made-up cities and of hand-made ones, recounted apart from the planner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.city import City
from vatra.city.synthetic import make_city
from vatra.relocation.capacity import way_room, whole, within
from vatra.relocation.check import check_moves
from vatra.relocation.city_moves import CityMoves
from vatra.relocation.decide import find_notice, late_at
from vatra.relocation.exits import Exits, Zones, choose_destinations, lay_exits
from vatra.relocation.groups import NO_DUE, crowd_of, who_leaves
from vatra.relocation.model import MovePlan
from vatra.relocation.network import send_earliest
from vatra.relocation.rules import MoveRules
from vatra.relocation.stages import stage_moves
from vatra.situation import Damage, Situation, november_2022

START = pd.Timestamp("2022-11-23T12:00:00Z")
RULES = MoveRules(
    pack_h=0.0, road_ready_h=0.0, bus_ready_h=0.0, rail_ready_h=0.0, curfew=None, dark_share=1.0,
    winter_share=1.0, breakdown_share=1.0, companions=0.0, car_people=2.0, lane_cars_h=50.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(20_000, seed=1)


@pytest.fixture(scope="module")
def situation(city: City) -> Situation:
    return november_2022(city, 48)


@pytest.fixture(scope="module")
def everyone(city: City, situation: Situation) -> MovePlan:
    moves = CityMoves(city, situation, MoveRules())
    never = np.full(len(city.blocks), np.inf)
    return moves.plan_for(moves.residents, moves.fragile, never, "all")


def ways(**changes: object) -> pd.DataFrame:
    row = {
        "name": "", "name_uk": "", "kind": "road", "destination_id": "near", "district_id": None,
        "travel_h": 1.0, "lanes": 1.0, "trains_h": 0.0, "train_people": 1000, "buses": 0,
        "bus_people": 45, "first_hour": 0.0, "last_hour": 24.0, **changes,
    }  # fmt: skip
    return pd.DataFrame([row], index=["w"])


def towns(beds: int = 1000) -> pd.DataFrame:
    return pd.DataFrame(
        {"name": "Near", "name_uk": "", "beds": [beds], "own_heat": True, "own_water": True,
         "beyond_id": [None], "beyond_h": 0.0},
        index=["near"],
    )  # fmt: skip


def exits_of(
    places: int, steps: int, table: pd.DataFrame, rules: MoveRules = RULES, *, beds: int = 1000
) -> Exits:
    names = np.array([f"p{i}" for i in range(places)], dtype=object)
    zones = Zones(names, names, None, np.ones(places, dtype=np.int64))
    local = pd.date_range(START, periods=steps, freq="1h")
    room = way_room(table, local, np.full(steps, 5.0), rules)
    return lay_exits(zones, table, towns(beds), room, rules)


def test_a_city_leaves_whole_and_the_plan_passes_the_recount(
    city: City, everyone: MovePlan
) -> None:
    assert check_moves(everyone.exits.network, everyone.crowds, everyone.moves) == []
    assert everyone.people == city.residents == everyone.departures["people"].sum()
    assert everyone.arrivals["people"].sum() == city.residents
    assert (everyone.arrivals["people"] <= everyone.arrivals["beds"]).all()
    assert everyone.no_way == 0
    assert everyone.clearance_bound_h <= everyone.clearance_h <= 1.05 * everyone.clearance_bound_h
    assert max(everyone.cut_h.values()) <= everyone.clearance_h
    assert (everyone.curve["arrived"] <= everyone.curve["bound"]).all()
    assert (everyone.curve["vulnerable"] <= everyone.curve["arrived"]).all()
    assert everyone.vulnerable_h == everyone.vulnerable_bound_h < everyone.clearance_h
    low, high = everyone.range_h
    assert low < everyone.clearance_h < high


def test_no_car_moves_in_the_curfew(everyone: MovePlan) -> None:
    roads = everyone.exits.ways["kind"].to_numpy() == "road"
    arcs = np.flatnonzero(np.isin(everyone.exits.way, np.flatnonzero(roads)))
    moved = np.sum([m.moved[:, arcs].sum(axis=1) for m in everyone.moves], axis=0)
    steps = everyone.start + pd.to_timedelta(np.arange(moved.size), unit="h")
    hour = steps.tz_convert("Europe/Kyiv").hour.to_numpy()
    assert moved[(hour >= 23) | (hour < 5)].sum() == 0
    assert moved.sum() > 0


def test_a_bridge_that_is_out_carries_nobody(city: City, situation: Situation) -> None:
    bridges = sorted(set(city.streets["bridge"].dropna()))
    out = tuple(Damage("streets", name, 0, situation.grid.slots) for name in bridges)
    cut = CityMoves(city, replace(situation, damage=out), MoveRules(cell_m=500.0))
    whole_city = CityMoves(city, situation, MoveRules(cell_m=500.0))
    assert cut.zones.people_h is not None
    assert whole_city.zones.people_h is not None
    assert cut.zones.people_h.sum() < whole_city.zones.people_h.sum()


def test_pickups_are_within_the_walk(city: City, situation: Situation) -> None:
    moves = CityMoves(city, situation, MoveRules(pickup_walk_m=400.0))
    assert (moves.pickups["walk_m"] <= 400.0).all()
    without = moves.pickup_of < 0
    assert moves.residents[~without].sum() > moves.residents[without].sum()
    few = CityMoves(city, situation, MoveRules(pickup_walk_m=1500.0))
    assert len(few.pickups) < len(moves.pickups)


@given(
    people=st.lists(st.integers(0, 500), min_size=1, max_size=6),
    share=st.floats(0, 1), frail=st.floats(0, 1), companions=st.floats(0, 2),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_everybody_is_in_one_group(
    people: list[int], share: float, frail: float, companions: float
) -> None:
    number = np.array(people)
    vulnerable = np.floor(number * frail).astype(np.int64)
    rules = MoveRules(car_share=share, companions=companions)
    who = who_leaves(
        np.arange(number.size), number, vulnerable, np.full(number.size, np.inf), rules
    )
    by_zone = who.groupby("zone")["people"].sum().reindex(np.arange(number.size)).fillna(0)
    assert by_zone.tolist() == people
    assert (who["people"] > 0).all()
    assert who.loc[who["tier"] == "vulnerable", "people"].sum() >= vulnerable.sum()


def test_the_vulnerable_go_first_and_who_is_late_is_counted() -> None:
    # 100 people an hour on the road: 150 vulnerable and 250 others, all to leave within 3 hours.
    exits = exits_of(1, 8, ways())
    who = who_leaves(np.zeros(1, dtype=np.int64), np.array([400]), np.array([150]),
                     np.array([3.0]), replace(RULES, car_share=1.0))  # fmt: skip
    plan = stage_moves(exits, who, START, RULES)
    assert (plan.vulnerable_h, plan.clearance_h, plan.gap) == (3.0, 5.0, 0.0)
    assert plan.late == {"vulnerable": 0, "others": 100}
    # One lane more takes 200 an hour: the last car leaves two hours earlier.
    assert plan.binding.set_index("what")["saved_h"]["lane"] == 2.0
    assert check_moves(exits.network, plan.crowds, plan.moves) == []


def test_who_finds_no_bed_is_told() -> None:
    exits = exits_of(2, 8, ways(), beds=120)
    who = who_leaves(np.arange(2), np.array([100, 100]), np.array([0, 0]),
                     np.full(2, np.inf), replace(RULES, car_share=1.0))  # fmt: skip
    plan = stage_moves(exits, who, START, RULES)
    assert plan.no_way == 80
    assert plan.clearance_h == plan.clearance_bound_h == np.inf
    assert "beds" in set(plan.binding["what"])


def test_ways_take_what_winter_darkness_curfew_and_their_hours_leave() -> None:
    local = pd.date_range("2022-11-23T00:00", periods=24, freq="1h", tz="Europe/Kyiv")
    rules = MoveRules(curfew=(23.0, 5.0), daylight=(8.0, 16.0))
    warm, cold = np.full(24, 5.0), np.full(24, -5.0)
    road = way_room(ways(), local, warm, rules, decided_h=-24.0)[:, 0]
    by_day = rules.lane_cars_h * rules.breakdown_share * rules.car_people
    assert road[12] == pytest.approx(by_day, abs=1)
    assert road[18] == pytest.approx(by_day * rules.dark_share, abs=1)
    assert road[[23, 0, 4]].sum() == 0
    frost = way_room(ways(), local, cold, rules, decided_h=-24.0)[:, 0]
    assert frost[12] == pytest.approx(by_day * rules.winter_share, abs=1)
    bus = ways(kind="bus", buses=10, travel_h=2.0, first_hour=22.0, last_hour=6.0)
    at_night = way_room(bus, local, warm, rules, decided_h=-24.0)[:, 0]
    assert at_night[12] == 0
    assert at_night[[22, 23, 0, 5]] == pytest.approx(10 * 45 / 5.0, abs=1)
    train = ways(kind="rail", trains_h=0.25, train_people=1000)
    rail = way_room(train, local, warm, rules)[:, 0]
    assert rail[:6].sum() == 0  # trains stand ready six hours after the decision
    assert rail.sum() == 18 * 250


@given(st.lists(st.floats(0, 3), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_fractions_of_people_are_carried_over(room: list[float]) -> None:
    parts = whole(np.array(room)[:, None])[:, 0]
    total = np.cumsum(room)
    assert (np.cumsum(parts) <= total + 1e-5).all()
    assert (np.cumsum(parts) >= total - 1.0 - 1e-5).all()


def test_a_span_may_run_past_midnight() -> None:
    hour = np.array([22.0, 23.0, 0.0, 5.0, 12.0])
    assert within(hour, 22.0, 5.0).tolist() == [True, True, True, False, False]
    assert within(hour, 0.0, 24.0).all()


def test_towns_on_the_citys_own_heat_are_used_only_where_others_do_not_suffice() -> None:
    both = pd.concat([towns(100), towns(500).rename(index={"near": "cold"})])
    both.loc["cold", "own_heat"] = False
    assert choose_destinations(both, 100).index.tolist() == ["near"]
    assert choose_destinations(both, 101).index.tolist() == ["near", "cold"]


def test_deciding_later_leaves_more_people_in_the_cold_until_the_hour_told() -> None:
    who = who_leaves(np.zeros(1, dtype=np.int64), np.array([600]), np.array([200]),
                     np.array([4.0]), replace(RULES, car_share=1.0))  # fmt: skip

    def opens(_lead_h: float, steps: int) -> Exits:
        return exits_of(1, steps + 2, ways())

    notice = find_notice(who, opens, np.array([4.0]), np.array([600]), RULES, threshold_c=12.0,
                         leads_h=(-4.0, -3.0, 0.0, 4.0))  # fmt: skip
    late = notice.late.set_index("lead_h")[["vulnerable", "all"]]
    assert late["all"].is_monotonic_decreasing
    # 100 people an hour: decided with the failure, the 200 vulnerable and 200 others are out in 4.
    assert late.to_numpy()[2].tolist() == [0, 200]
    assert late.to_numpy()[1].tolist() == [100, 500]
    lead = notice.decide.set_index("step")["lead_h"]
    assert lead.to_dict() == {"vulnerable": -2.0, "all": 2.0}
    assert (notice.first_h, notice.half_h) == (4.0, 4.0)


def test_a_deadline_is_kept_to_the_step() -> None:
    exits = exits_of(1, 6, ways())
    who = who_leaves(np.zeros(1, dtype=np.int64), np.array([300]), np.array([0]),
                     np.array([2.0]), replace(RULES, car_share=1.0))  # fmt: skip
    moves = send_earliest(exits.network, crowd_of(exits, who, 0, until_due=True))
    assert moves.gone[0].tolist() == [100, 100, 0, 0, 0, 0]
    assert late_at(who, lambda _h, n: exits_of(1, n + 2, ways()), 0.0, RULES) == (0, 100)
    assert who_leaves(np.zeros(1, dtype=np.int64), np.array([3]), np.array([0]),
                      np.array([np.inf]), RULES)["due"].eq(NO_DUE).all()  # fmt: skip


def test_nobody_is_a_plan_too() -> None:
    exits = exits_of(2, 4, ways())
    nobody = np.zeros(2, dtype=np.int64)
    who = who_leaves(np.arange(2), nobody, nobody, np.full(2, np.inf), RULES)
    plan = stage_moves(exits, who, START, RULES)
    assert (plan.people, plan.clearance_h, plan.gap, plan.no_way) == (0, 0.0, 0.0, 0)
    assert plan.departures.empty
    notice = find_notice(who, lambda _h, n: exits_of(2, n, ways()), np.full(2, np.inf), nobody,
                         RULES, threshold_c=12.0)  # fmt: skip
    assert (notice.people, notice.late_all) == (0, 0)
