"""The order of repairs of a plan, where there is damage to repair and there are crews."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.blackouts import State
from vatra.blackouts.model import Schedule
from vatra.city.model import City
from vatra.demand.model import Demand
from vatra.networks.heat_state import HeatState, HeatStateParameters
from vatra.networks.model import Outlook
from vatra.networks.restoration import (
    Restoration,
    plan_restoration,
    repairs_of,
    simulate_restoration,
)
from vatra.situation.model import Situation

Float = NDArray[np.float64]

SECONDS = 20.0
"""Longest that the search for an order takes."""


def order_repairs(
    city: City, situation: Situation, demand: Demand, schedule: Schedule, outlook: Outlook
) -> Restoration | None:
    """Return the order of repairs, proved by the networks' simulation; None where there is nothing.

    Parameters
    ----------
    city, situation
        What has happened; repairs need hours, and crews.
    demand, schedule, outlook
        The plan so far.
    """
    if not situation.crews or repairs_of(city, situation).empty:
        return None
    refill, drained = _drained(city, outlook)
    found = plan_restoration(
        city, situation, demand.load_mw, refill_crew_h=refill, drained_share=drained,
        seconds=SECONDS,
    )  # fmt: skip
    # Whoever is dark by damage is on as soon as that ends; who is dark by schedule stays so.
    on = schedule.lit | (schedule.state == State.DAMAGED)
    return simulate_restoration(city, situation, found, on, demand.load_mw)


def _drained(city: City, outlook: Outlook) -> tuple[Float | None, Float | None]:
    """By heat zone: crew-hours to fill its drained buildings again, and their share of people."""
    state = outlook.services.block_heat_state
    if state is None or not len(city.heat_zones):
        return None, None
    parameters = HeatStateParameters()
    out = (state == HeatState.DRAINED).any(axis=1)
    zone = city.rows("blocks", "heat_zone_id", "heat_zones")
    heated = zone >= 0
    residents = city.blocks["residents"].to_numpy(np.float64)
    zones = len(city.heat_zones)
    people = np.bincount(zone[heated], residents[heated], zones)
    dry = np.bincount(zone[heated & out], residents[heated & out], zones)
    if not dry.any():
        return None, None
    work = np.ceil(dry / parameters.residents_per_building) * parameters.refill_crew_h
    return np.asarray(work), np.asarray(dry / np.maximum(people, 1.0))
