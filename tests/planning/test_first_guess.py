"""The rotation that the first schedule's heaters come from."""

from __future__ import annotations

import numpy as np
import pytest

from tests.planning.conftest import change, hard_situation
from vatra.city import City
from vatra.demand import forecast_demand, served_load
from vatra.planning import Plan
from vatra.planning.first_guess import even_rotation
from vatra.planning.orders import Orders
from vatra.situation import november_2022
from vatra.situation.timegrid import SLOT_H


def test_it_keeps_the_limit_on_the_whole_and_cuts_all_alike(town: City) -> None:
    situation = november_2022(town, 48)
    demand = forecast_demand(town, situation)
    lit = even_rotation(town, Orders.of(town, situation), demand, SLOT_H)
    served = served_load(demand, lit).sum(axis=0)
    assert served.mean() == pytest.approx(situation.limit_mw.mean(), rel=0.1)
    turns = ~(town.feeders["protected"] | town.feeders["reserved"]).to_numpy(np.bool_)
    light = lit[turns].mean(axis=1)
    assert light.max() - light.min() < 0.15
    assert lit[~turns].mean() > light.max()


def test_what_an_area_and_damage_take_is_dark(town: City) -> None:
    situation = hard_situation(town)
    demand = forecast_demand(town, situation)
    orders = Orders.of(town, situation)
    lit = even_rotation(town, orders, demand, SLOT_H)
    assert not (lit & ~orders.available).any()
    load = served_load(demand, lit)
    for area in orders.areas:
        of = orders.members[area.area]
        bound = np.isfinite(area.limit_mw) & (demand.load_mw[of].sum(axis=0) > area.limit_mw)
        if bound.any():
            mean = load[of][:, bound].sum(axis=0).mean()
            # Whole feeders stand for a share of them: few of them do so roughly.
            assert mean < 1.3 * area.limit_mw[bound].mean() + demand.load_mw[of].max()


def test_without_a_limit_all_is_lit(town: City) -> None:
    situation = november_2022(town, 24)
    slots = situation.grid.slots
    free = change(situation, limit_mw=np.full(slots, np.nan), queues_off=np.full(slots, np.nan))
    demand = forecast_demand(town, free)
    orders = Orders.of(town, free)
    calm = change(free, area_limits=())
    assert (even_rotation(town, orders, demand, SLOT_H) == Orders.of(town, calm).available).all()


def test_the_first_schedule_knows_of_the_heaters(plan: Plan) -> None:
    # One that doesn't is off by about a tenth of the peak.
    assert plan.rounds[0].change_mw < 0.1 * plan.demand.total_mw.max()
    heaters = plan.demand.heater_mw.sum() * SLOT_H
    assert plan.rounds[0].heater_mwh == pytest.approx(heaters, rel=0.2)
