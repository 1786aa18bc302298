"""Orders of repairs in a small city: the best of all, proved, and never better than whole."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.conftest import small_city, small_situation
from vatra.networks.restoration import (
    crews_table,
    plan_restoration,
    repairs_of,
    restored_situation,
    simulate_restoration,
)
from vatra.problems import InputError
from vatra.situation import Crew, Damage, Situation, read_situation

SLOTS = 48
WANT = np.full((3, SLOTS), 5.0)


def damaged(*items: tuple[str, str, float], crews: int = 1, **changes: object) -> Situation:
    damage = tuple(Damage(t, i, 0, SLOTS, end_known=False, repair_h=h) for t, i, h in items)
    skills = ("power", "water", "heat")
    made = small_situation(SLOTS, damage=damage)
    return replace(made, crews=tuple(Crew(s, crews) for s in skills), **changes)  # type: ignore[arg-type]


LINES = (("lines", "L12", 5.0), ("lines", "L23", 4.0), ("feeders", "F3", 3.0))


def people_hours(city: object, situation: Situation, order: tuple[int, ...]) -> float:
    """Light, water and heat by the linear model when one crew works in a given order."""
    repairs = repairs_of(city, situation).iloc[list(order)]  # type: ignore[arg-type]
    # One by one: a crew that does only this order is a chain of releases.
    free, rows = 0.0, []
    for _, row in repairs.iterrows():
        rows.append({**row.to_dict(), "from_slot": round(2 * free)})
        free += np.ceil(2.0 * (row["hours"] + 1.0)) / 2.0  # one hour of travel
    found = plan_restoration(
        city, situation, WANT, repairs=pd.DataFrame(rows),  # type: ignore[arg-type]
        crews=pd.DataFrame(
            {"skill": ["power"], "count": [len(rows)], "depot": [None], "name": [""]}
        ),
    )  # fmt: skip
    return found.people_hours


def test_the_best_of_all_orders() -> None:
    city, situation = small_city(), damaged(*LINES)
    found = plan_restoration(city, situation, WANT)
    best = max(people_hours(city, situation, o) for o in itertools.permutations(range(3)))
    assert found.people_hours == pytest.approx(best, rel=1e-6)
    assert found.gap <= 0.02
    assert found.bound >= found.people_hours
    assert found.order["asset_id"].iloc[0] == "L12"  # nothing behind it works before
    assert found.order["gained"].sum() == pytest.approx(
        found.people_hours - found.without, rel=1e-6
    )


def test_crews_do_no_more_at_a_time_than_there_are() -> None:
    city = small_city()
    for crews in (1, 2):
        found = plan_restoration(city, damaged(*LINES, crews=crews), WANT)
        order = found.order
        for moment in np.arange(0.0, 24.0, 0.5):
            at_work = ((order["start"] <= moment) & (order["end"] > moment)).sum()
            assert at_work <= crews
    two = plan_restoration(city, damaged(*LINES, crews=2), WANT)
    one = plan_restoration(city, damaged(*LINES), WANT)
    assert two.people_hours >= one.people_hours


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_never_more_than_whole_and_never_less_than_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = small_city()
    pool = [("lines", "L12"), ("lines", "L23"), ("substations", "P2"), ("pumps", "U1"),
            ("pumps", "U2"), ("heat_sources", "K1"), ("feeders", "F2")]  # fmt: skip
    chosen = rng.choice(len(pool), int(rng.integers(1, 5)), replace=False)
    situation = damaged(*((*pool[i], float(rng.integers(1, 30))) for i in chosen))
    situation = replace(situation, limit_mw=np.full(SLOTS, rng.uniform(4.0, 20.0)))
    found = plan_restoration(city, situation, WANT)
    whole = plan_restoration(city, replace(situation, damage=()), WANT)
    assert found.without - 1e-6 <= found.people_hours <= whole.people_hours + 1e-6
    assert found.people_hours <= found.bound + 1e-6
    assert len(found.order) + len(found.not_done) == len(chosen)
    assert (found.order["gained"] >= -1e-6).all()


def test_the_simulation_and_the_power_flow_prove_it() -> None:
    city, situation = small_city(), damaged(*LINES, ("pumps", "U2", 2.0))
    found = plan_restoration(city, situation, WANT)
    on = np.ones((3, SLOTS), dtype=np.bool_)
    proved = simulate_restoration(city, situation, found, on, WANT)
    assert proved.power_holds
    assert proved.simulated["light"] == pytest.approx(found.gained["light"], rel=0.05)
    assert proved.simulated["water"] > 0.0
    mended = restored_situation(situation, found)
    ends = {d.asset_id: d.end_slot for d in mended.damage}
    for asset, end in zip(found.order["asset_id"], found.order["end"], strict=True):
        assert ends[asset] == round(2 * end)


def test_refilling_takes_the_crews_of_heat_sources() -> None:
    city = small_city()
    situation = damaged(("heat_sources", "K1", 6.0))
    plain = plan_restoration(city, situation, WANT)
    refill = np.array([10.0])
    both = plan_restoration(city, situation, WANT, refill_crew_h=refill)
    assert plain.gained["heat"] > both.gained["heat"] > 0.0
    more = replace(situation, crews=tuple(replace(c, count=5) for c in situation.crews))
    many = plan_restoration(city, more, WANT, refill_crew_h=refill)
    assert many.gained["heat"] > both.gained["heat"]


def test_repairs_without_a_crew_are_told() -> None:
    situation = replace(damaged(*LINES), crews=())
    found = plan_restoration(small_city(), situation, WANT)
    assert found.order.empty
    assert sorted(found.not_done["asset_id"]) == ["F3", "L12", "L23"]
    assert found.gap >= 0.0


def test_tables_that_are_wrong_are_told_at_once() -> None:
    city, situation = small_city(), damaged(*LINES)
    repairs = repairs_of(city, situation).assign(asset_id=["L12", "no line", "F3"])
    crews = crews_table(situation).assign(count=[1, -1, 1])
    with pytest.raises(InputError) as caught:
        plan_restoration(city, situation, WANT, repairs=repairs, crews=crews)
    assert len(caught.value.problems) == 2


def test_a_situation_names_repairs_and_crews(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    head = 'start = "2022-11-24T00:00"\n[weather]\noutdoor_c = -5\n[[damage]]\nasset = "L12"\n'
    path.write_text(
        head + 'repair_h = 8\nskill = "lines"\n[[crews]]\nskill = "lines"\ncount = 2\n'
        'lon = 33.0\nlat = 50.0\nname = "North"\n',
        encoding="utf-8",
    )
    situation = read_situation(path, small_city())
    assert situation.damage[0].repair_h == 8.0
    assert situation.damage[0].skill == "lines"
    crew = situation.crews[0]
    assert (crew.skill, crew.count, crew.name) == ("lines", 2, "North")
    assert crew.depot is not None
    assert crew.depot[0] == pytest.approx(500_000.0, abs=1.0)  # the middle of its UTM zone
    path.write_text(head + "repair_h = -1\n[[crews]]\nlon = 33.0\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_situation(path, small_city())
    said = str(caught.value)
    assert all(word in said for word in ("repair_h", "skill", "count", "give both or none"))
