"""All stages in a row: from a city and a situation to a plan."""

from __future__ import annotations

from vatra.blackouts import Rules, rules_from
from vatra.city.model import City
from vatra.demand import forecast_demand
from vatra.homes import HomeParameters
from vatra.planning.answers import with_answers
from vatra.planning.loop import close_loop
from vatra.planning.model import Plan
from vatra.planning.repairs import order_repairs
from vatra.progress import Clock
from vatra.relocation import plan_relocation
from vatra.situation.model import Situation
from vatra.warm_points import warm_points_of


def make_plan(
    city: City,
    situation: Situation,
    *,
    sites: int = 1000,
    rules: Rules | None = None,
    homes: HomeParameters | None = None,
    cold_first: bool = True,
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
    cold_first
        Whether feeders whose homes cool first are cut last and shortest; False only to see what
        that changes.
    clock
        Times the stages and tells of them.

    Returns
    -------
    Plan
        The plan with its certificates. Its blackouts keep every limit with the homes' heaters
        and the pickup counted, or say where that can't be done.
    """
    clock = clock or Clock()
    rules = rules or rules_from(situation.rules)
    homes = homes or HomeParameters()
    with clock.stage("demand") as figure:
        demand = forecast_demand(city, situation)
        figure.append(f"wants up to {demand.total_mw.max():,.0f} MW")
    with clock.stage("blackouts, networks and homes") as figure:
        closed = close_loop(city, situation, demand, rules, homes, cold_first=cold_first)
        proof = closed.schedule.certificate
        figure.append(
            f"{proof.unserved_mwh:,.0f} MWh unserved, at least {proof.unserved_bound_mwh:,.0f}; "
            f"{len(closed.rounds)} rounds, " + ("settled" if closed.settled else "NOT settled")
        )
        outlook = with_answers(city, situation, closed.outlook, homes)
    with clock.stage("warm points") as figure:
        warm_points = warm_points_of(city, situation, outlook, sites=sites)
        figure.append(
            f"{len(warm_points.sites):,} of up to {sites:,} sites reach "
            f"{warm_points.reached:,} of {warm_points.need:,} people"
        )
    with clock.stage("relocation") as figure:
        relocation = plan_relocation(city, outlook, warm_points, situation=situation)
        told = f"{relocation.people:,} people can't be kept warm or reached"
        if relocation.everyone is not None:
            told += f"; the whole city would take {relocation.everyone.clearance_h:,.0f} h"
        figure.append(told)
    with clock.stage("repairs") as figure:
        restoration = order_repairs(city, situation, closed.demand, closed.schedule, outlook)
        if restoration is None:
            figure.append("none to put in order")
        else:
            figure.append(
                f"{len(restoration.order):,} in order, "
                f"{restoration.people_hours - restoration.without:,.0f} people-hours gained"
            )
    return Plan(
        city, situation, closed.demand, closed.schedule, outlook, warm_points, relocation,
        closed.rounds, closed.settled, clock.seconds, closed.power, closed.exposure, restoration,
    )  # fmt: skip
