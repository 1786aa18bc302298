"""Plans, each made once for all tests that look at it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.city.conftest import make_tiny_city
from tests.city.synthetic_cities import whole
from vatra.city import City
from vatra.planning import Plan, make_plan
from vatra.situation import Damage, Situation, SupplyLimit, november_2022

RESIDENTS = 20_000


def hard_situation(city: City) -> Situation:
    """November 2022 with all that can come on top: limits of areas, and damage."""
    situation = november_2022(city, 48)
    slots = situation.grid.slots
    load = city.feeders.groupby("substation_id")["peak_mw"].sum()
    station = str(load.index[0])
    by_district = city.substations["district_id"].reindex(city.feeders["substation_id"]).to_numpy()
    district = str(by_district[-1])
    of_district = float(city.feeders["peak_mw"].to_numpy()[by_district == district].sum())
    tight = np.full(slots, np.nan)
    tight[10:30] = 0.25 * load.iloc[0]
    out = Damage("feeders", str(city.feeders.index[1]), 4, 20)
    return change(
        situation,
        name="Hard",
        area_limits=(
            SupplyLimit(station, tight),
            SupplyLimit(district, np.full(slots, 0.3 * of_district)),
        ),
        damage=(*situation.damage, out),
    )


def change(situation: Situation, **values: Any) -> Situation:
    """Return a situation with some values replaced."""
    return Situation(**(vars(situation) | values))


@pytest.fixture(scope="session")
def town() -> City:
    """Return a synthetic city of 20,000."""
    return whole(RESIDENTS)


@pytest.fixture(scope="session")
def plan(town: City) -> Plan:
    """Return its plan for November 2022."""
    return make_plan(town, november_2022(town, 48), sites=7)


@pytest.fixture(scope="session")
def hard_plan(town: City) -> Plan:
    """Return its plan with limits of areas and damage."""
    return make_plan(town, hard_situation(town), sites=7)


@pytest.fixture(scope="session")
def tiny_plan() -> Plan:
    """Return a plan of the hand-made city: quick to make and to write."""
    city = make_tiny_city()
    return make_plan(city, november_2022(city, 12), sites=1)


@pytest.fixture(params=["plan", "hard_plan", "tiny_plan"])
def any_plan(request: pytest.FixtureRequest) -> Plan:
    """Return each of the plans."""
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Plan)
    return made
