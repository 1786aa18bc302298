"""The loop between switching and physics: dark homes cool, cold homes draw more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vatra.blackouts import (
    Rules,
    Schedule,
    State,
    recount_schedule,
    rules_from,
    schedule_blackouts,
    trim_schedule,
)
from vatra.city.model import City
from vatra.demand import Demand, forecast_demand, served_load
from vatra.homes import HomeParameters, simulate_homes
from vatra.networks import (
    PowerCheck,
    check_power,
    feeder_moments,
    make_outlook,
    simulate_networks,
    station_limits,
)
from vatra.networks.model import Outlook, Services
from vatra.networks.water_answer import WaterAnswer
from vatra.planning.answers import with_answers
from vatra.planning.exposure import Exposure, exposure_of
from vatra.planning.model import LoopRound, Plan
from vatra.planning.orders import Orders
from vatra.planning.repairs import order_repairs
from vatra.progress import Clock
from vatra.relocation import plan_relocation
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H
from vatra.warm_points import warm_points_of

SETTLED_SHARE = 0.01
"""The loop is at rest when no slot's load is further than this share of the city's peak from what
the schedule was made or trimmed for."""

MAX_ROUNDS = 8
MAX_TRIMS = 12
MAX_NETWORK_TURNS = 4
"""Times that the schedule is changed because lines, sources or voltages would not hold: made anew
the first time, trimmed after that, so that it comes to rest."""

AIR_SHARE = 0.0005
"""Air that a trim leaves under a limit, as a share of it, for the heaters that it adds."""


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
        demand, schedule, outlook, rounds, settled, power, exposure = _close_loop(
            city, situation, demand, rules, homes, cold_first=cold_first
        )
        figure.append(
            f"{schedule.certificate.unserved_mwh:,.0f} MWh unserved, at least "
            f"{schedule.certificate.unserved_bound_mwh:,.0f}; {len(rounds)} rounds, "
            + ("settled" if settled else "NOT settled")
        )
        outlook = with_answers(city, situation, outlook, homes)
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
        restoration = order_repairs(city, situation, demand, schedule, outlook)
        if restoration is None:
            figure.append("none to put in order")
        else:
            figure.append(
                f"{len(restoration.order):,} in order, "
                f"{restoration.people_hours - restoration.without:,.0f} people-hours gained"
            )
    return Plan(
        city, situation, demand, schedule, outlook, warm_points, relocation,
        rounds, settled, clock.seconds, power, exposure, restoration,
    )  # fmt: skip


def _with_hydraulics(
    city: City,
    schedule: Schedule,
    services: Services,
    before: tuple[Demand, Outlook],
    follow: Callable[[Schedule, Services], tuple[Demand, Outlook]],
) -> tuple[Demand, Outlook]:
    """Take the services that EPANET found on the accepted schedule.

    Where its water leaves other homes without heat than the balance of zones and tanks did, these
    homes and the load are followed once more.
    """
    after, outlook = before
    if np.array_equal(services.block_heat, outlook.services.block_heat, equal_nan=True):
        return after, make_outlook(city, services, outlook.homes)
    return follow(schedule, services)


def _close_loop(
    city: City,
    situation: Situation,
    demand: Demand,
    rules: Rules,
    homes: HomeParameters,
    *,
    cold_first: bool,
) -> tuple[Demand, Schedule, Outlook, tuple[LoopRound, ...], bool, PowerCheck, Exposure | None]:
    """Schedule, simulate and schedule again until the heaters' load comes to rest.

    A round's schedule is made for the heaters of the round before, and all but the first one know
    whose homes cool first. When these hardly change any
    more, the schedule stays and only what its own heaters draw beyond a limit is trimmed, so that
    the schedule that is kept holds with its own heaters, not with those of another one. It is then
    checked against the power network; where that would carry too much, substations are limited
    and the schedule is made again.
    """
    exposure: Exposure | None = None
    given = orders = Orders.of(city, situation)
    moments = feeder_moments(city)
    still_mw = SETTLED_SHARE * float(demand.total_mw.max())
    rounds: list[LoopRound] = []

    def follow(schedule: Schedule, services: Services | None = None) -> tuple[Demand, Outlook]:
        """Let homes and networks answer to a schedule; note how far its load is off."""
        services = services or simulate_networks(city, situation, schedule.lit)
        cold = simulate_homes(city, situation, services.block_power, services.block_heat, homes)
        after = forecast_demand(city, situation, heater_want_kw=cold.heater_want_kw)
        load_mw = served_load(after, schedule.lit)
        change = float(np.abs(load_mw.sum(axis=0) - schedule.served_mw).max())
        heaters = float(after.heater_mw.sum() * SLOT_H)
        rounds.append(LoopRound(heaters, change, orders.excess_mw(load_mw)))
        return after, make_outlook(city, services, cold)

    def fit(
        schedule: Schedule, after: Demand, outlook: Outlook,
        *, anyway: bool = False, water: WaterAnswer | None = None,
    ) -> tuple[Schedule, Demand, Outlook]:  # fmt: skip
        """Trim a schedule until the load that follows from it keeps every limit."""
        tight = orders.less(AIR_SHARE).as_arguments()
        for trims in range(MAX_TRIMS):
            rests = rounds[-1].excess_mw == 0.0 and rounds[-1].change_mw <= still_mw
            if rests and (trims or not anyway):
                break
            schedule = trim_schedule(schedule, demand=after, rules=rules, **tight)
            services = simulate_networks(city, situation, schedule.lit, water=water)
            after, outlook = follow(schedule, services)
        return schedule, after, outlook

    previous: Schedule | None = None
    for turn in range(MAX_NETWORK_TURNS + 1):
        most = len(rounds) + MAX_ROUNDS
        while turn < 2:
            schedule = schedule_blackouts(
                demand=demand,
                rules=rules,
                queues_off=orders.queues_off,
                # The first round knows of no heaters: its schedule is nothing to hold on to.
                previous=previous if len(rounds) > 1 else None,
                exposure=None if exposure is None else exposure.weight,
                explain=False,
                **orders.as_arguments(),
            )
            after, outlook = follow(schedule)
            demand, previous = after, schedule
            if len(rounds) == 1 and cold_first and bool((schedule.state == State.PLANNED).any()):
                exposure = exposure_of(city, situation, outlook.services, outlook.homes, homes)
            elif rounds[-1].change_mw <= still_mw or len(rounds) >= most:
                break
        schedule, after, outlook = fit(schedule, after, outlook, anyway=turn >= 2)
        load_mw = served_load(after, schedule.lit)
        power = check_power(city, situation, load_mw, moments=moments)
        limits = station_limits(city, situation, power, load_mw)
        if turn == MAX_NETWORK_TURNS or not np.isfinite(limits).any():
            break
        orders, demand = orders.held(city.substations.index, limits), after
        previous = schedule
    services = simulate_networks(city, situation, schedule.lit, hydraulics=True)
    after, outlook = _with_hydraulics(city, schedule, services, (after, outlook), follow)
    # Where EPANET leaves others without heat, their heaters have to fit under the limits too; the
    # few cuts that this takes leave the water as it is.
    schedule, after, outlook = fit(schedule, after, outlook, water=services.water)
    power = check_power(city, situation, served_load(after, schedule.lit), moments=moments)
    proved = recount_schedule(
        schedule,
        demand=after,
        rules=rules,
        queues_off=given.queues_off,
        exposure=None if exposure is None else exposure.weight,
        # What the network asks besides follows from this schedule: the bound must not rest on it.
        **given.as_arguments(),
    )
    at_rest = rounds[-1].excess_mw == 0.0 and rounds[-1].change_mw <= still_mw
    return after, proved, outlook, tuple(rounds), at_rest, power, exposure
