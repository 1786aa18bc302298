"""The loop between switching and physics: dark homes cool, cold homes draw more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts import Rules, Schedule, check_schedule, schedule_blackouts
from vatra.city.model import City
from vatra.demand import Demand, forecast_demand, served_load
from vatra.homes import HomeParameters, simulate_homes
from vatra.networks import feeder_available, make_outlook, simulate_networks
from vatra.networks.model import Outlook
from vatra.planning.model import LoopRound, Plan
from vatra.progress import Clock
from vatra.relocation import plan_relocation
from vatra.situation.model import Situation
from vatra.warm_points import warm_points_of

SETTLED_MW_SHARE = 0.005
"""The loop is at rest when no slot's load changes by more than this share of the peak."""

MAX_ROUNDS = 8
TRIM_SHARE = 0.0005
"""Air left under a limit that a round exceeded, as a share of it, so that the next one holds."""


def make_plan(
    city: City,
    situation: Situation,
    *,
    sites: int = 1000,
    rules: Rules | None = None,
    homes: HomeParameters | None = None,
    clock: Clock | None = None,
) -> Plan:
    """Plan the horizon of a situation: who is dark, what works, how cold it gets, what to open.

    Parameters
    ----------
    city
        The city.
    situation
        What has happened and what there is to live on.
    sites
        Most warm points to open.
    rules
        Rules of the blackouts; by default those of the situation, then those of practice.
    homes
        Parameters of the homes.
    clock
        Times the stages and tells of them.

    Returns
    -------
    Plan
        The plan with its certificates. Its blackouts keep every limit with the homes' heaters
        and the pickup counted, or say where that can't be done.
    """
    clock = clock or Clock()
    rules = rules or Rules.from_dict(situation.rules)
    homes = homes or HomeParameters()
    with clock.stage("demand") as figure:
        demand = forecast_demand(city, situation)
        figure.append(f"wants up to {demand.total_mw.max():,.0f} MW")
    with clock.stage("blackouts, networks and homes") as figure:
        demand, schedule, outlook, rounds, settled = _close_loop(
            city, situation, demand, rules, homes
        )
        figure.append(
            f"{schedule.certificate.unserved_mwh:,.0f} MWh unserved, at least "
            f"{schedule.certificate.unserved_bound_mwh:,.0f}; {len(rounds)} rounds, "
            + ("settled" if settled else "NOT settled")
        )
    with clock.stage("warm points") as figure:
        warm_points = warm_points_of(city, situation, outlook, sites=sites)
        figure.append(
            f"{len(warm_points.sites):,} of up to {sites:,} sites reach "
            f"{warm_points.reached:,} of {warm_points.need:,} people"
        )
    with clock.stage("relocation") as figure:
        relocation = plan_relocation(city, outlook, warm_points)
        figure.append(f"{relocation.people:,} people can't be kept warm or reached")
    return Plan(
        city, situation, demand, schedule, outlook, warm_points, relocation,
        rounds, settled, clock.seconds,
    )  # fmt: skip


def _close_loop(
    city: City, situation: Situation, demand: Demand, rules: Rules, homes: HomeParameters
) -> tuple[Demand, Schedule, Outlook, tuple[LoopRound, ...], bool]:
    """Schedule, simulate and schedule again until the heaters' load comes to rest.

    A round's schedule is made for the heaters of the round before. Where the load that then
    results exceeds a limit, the next round plans with that much less, so that the schedule that
    is kept holds with its own heaters, not with those of another one.
    """
    orders = _orders(city, situation)
    headroom = np.zeros(situation.grid.slots)
    rounds: list[LoopRound] = []
    best: tuple[tuple[float, float], Demand, Schedule, Outlook] | None = None
    peak_mw = max(float(demand.total_mw.max()), 1e-9)
    for _ in range(MAX_ROUNDS):
        schedule = schedule_blackouts(
            city.feeders, demand, rules=rules, headroom_mw=headroom, **orders
        )
        services = simulate_networks(city, situation, schedule.lit)
        cold = simulate_homes(city, situation, services.block_power, services.block_heat, homes)
        after = forecast_demand(city, situation, heater_want_kw=cold.heater_want_kw)
        load_mw = served_load(after, schedule.lit)
        excess_mw = _excess(load_mw, situation.limit_mw)
        planned_mw = served_load(demand, schedule.lit).sum(axis=0)
        change_mw = float(np.abs(load_mw.sum(axis=0) - planned_mw).max())
        rounds.append(LoopRound(float(after.heater_mw.sum() * 0.5), change_mw, excess_mw.max()))
        outlook = make_outlook(city, services, cold)
        rank = (float(excess_mw.max()), change_mw)
        if best is None or rank < best[0]:
            best = rank, after, replace(schedule, load_mw=load_mw), outlook
        if excess_mw.max() <= 0 and change_mw <= SETTLED_MW_SHARE * peak_mw:
            break
        over = excess_mw > 0
        limit = np.nan_to_num(situation.limit_mw, nan=0.0)
        headroom[over] += excess_mw[over] + TRIM_SHARE * limit[over]
        demand = after
    assert best is not None
    (excess, change), demand, schedule, outlook = best
    schedule = _certify(city, demand, schedule, rules, orders)
    return (
        demand,
        schedule,
        outlook,
        tuple(rounds),
        excess <= 0 and (change <= SETTLED_MW_SHARE * peak_mw),
    )


def _orders(city: City, situation: Situation) -> dict[str, Any]:
    return {
        "limit_mw": situation.limit_mw,
        "queues_off": situation.queues_off,
        "area_limits": situation.area_limits,
        "substation_mw": pd.Series(city.substations["capacity_mw"]),
        "available": feeder_available(city, situation),
    }


def _excess(load_mw: NDArray[np.float64], limit_mw: NDArray[np.float64]) -> NDArray[np.float64]:
    over = load_mw.sum(axis=0) - limit_mw
    return np.where(np.isnan(over), 0.0, np.maximum(over - 1e-6, 0.0))


def _certify(
    city: City, demand: Demand, schedule: Schedule, rules: Rules, orders: dict[str, Any]
) -> Schedule:
    """Recount the schedule that is kept against the demand that it causes."""
    raise NotImplementedError
