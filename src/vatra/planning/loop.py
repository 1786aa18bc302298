"""The loop between switching and physics: dark homes cool, cold homes draw more."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vatra.blackouts import (
    Rules,
    Schedule,
    State,
    recount_schedule,
    schedule_blackouts,
    trim_schedule,
)
from vatra.city.model import City
from vatra.demand import Demand, forecast_demand, served_load
from vatra.homes import HomeParameters, HomesOutlook, simulate_homes
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
from vatra.planning.exposure import Exposure, exposure_of
from vatra.planning.first_guess import even_rotation
from vatra.planning.model import LoopRound
from vatra.planning.orders import Orders
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

SETTLED_SHARE = 0.01
"""The loop is at rest when no slot's load is further than this share of the city's peak from what
the schedule was made or trimmed for."""

NEAR_SHARE = 0.02
"""The schedule is made anew until the load is within this share; what is left takes a few cuts."""

GUESSES = 3
"""Times that homes and heaters answer to an even rotation before the first schedule is made."""
MAX_ROUNDS = 8
LEAST_ROUNDS, SHRINKS = 5, 0.8
"""From this round on there is no other one where the change is no smaller than this share of the
smallest before: where single feeders weigh more than the loop's rest, schedules only go to and fro,
and trimming does what is left."""
MAX_TRIMS = 12
MAKINGS, MAX_NETWORK_TURNS = 2, 8
"""Times that the schedule is changed because lines, sources or voltages would not hold: made anew
as long as there are makings left, trimmed after that, so that it comes to rest."""

AIR_SHARE = 0.0005
"""Air that a trim leaves under a limit, as a share of it, for the heaters that it adds."""


@dataclass(frozen=True)
class Closed:
    """Where the loop came to rest.

    Parameters
    ----------
    demand
        With the heaters that follow from the schedule.
    schedule
        The schedule, its certificate recounted with that demand.
    outlook
        What works and how cold it gets under it.
    rounds
        What each round changed.
    settled
        Whether it came to rest with every limit kept.
    power
        What lines, sources and voltages say to it.
    exposure
        For whom darkness counts most; None where that was not asked or nobody is cut.
    """

    demand: Demand
    schedule: Schedule
    outlook: Outlook
    rounds: tuple[LoopRound, ...]
    settled: bool
    power: PowerCheck
    exposure: Exposure | None


def close_loop(
    city: City,
    situation: Situation,
    demand: Demand,
    rules: Rules,
    homes: HomeParameters,
    *,
    cold_first: bool = True,
) -> Closed:
    """Schedule, simulate and schedule again until the heaters' load comes to rest.

    A round's schedule is made for the heaters of the round before, the first one's for those of an
    even rotation; that also says whose homes cool first. When these hardly change any more, the
    schedule stays and only what its own heaters draw beyond a limit is trimmed, so that the
    schedule that is kept holds with its own heaters, not with those of another one. It is then
    checked against the power network; where that would carry too much, substations are limited
    and the schedule is made again. On the schedule that holds, EPANET runs the water; where it
    leaves others without heat, their heaters have to fit under the limits too.

    Parameters
    ----------
    city, situation
        The city, and what has happened.
    demand
        What the city would draw without heaters of cold homes.
    rules
        Rules of the blackouts.
    homes
        Parameters of the homes.
    cold_first
        Whether feeders whose homes cool first are cut last and shortest.

    Returns
    -------
    Closed
        The schedule and what follows from it.
    """
    given = Orders.of(city, situation)
    loop = _Loop(city, situation, rules, homes, given, demand)
    loop.guess(cold_first=cold_first)
    moments = feeder_moments(city)
    for turn in range(MAX_NETWORK_TURNS + 1):
        if turn < MAKINGS:
            loop.schedule_until_rest()
        loop.trim(anyway=turn >= MAKINGS)
        load_mw = loop.load_mw()
        power = check_power(city, situation, load_mw, moments=moments)
        limits = station_limits(city, situation, power, load_mw)
        if turn == MAX_NETWORK_TURNS or not np.isfinite(limits).any():
            break
        loop.orders = loop.orders.held(city.substations.index, limits)
    water = loop.take_hydraulics()
    # The few cuts that this takes leave the water as it is.
    loop.trim(water=water)
    power = check_power(city, situation, loop.load_mw(), moments=moments)
    proved = recount_schedule(
        loop.schedule,
        demand=loop.demand,
        rules=rules,
        queues_off=given.queues_off,
        exposure=loop.weight,
        # What the network asks besides follows from this schedule: the bound must not rest on it.
        **given.as_arguments(),
    )
    outlook = make_outlook(city, loop.services, loop.cold)
    cut = bool((proved.state == State.PLANNED).any())
    return Closed(
        loop.demand, proved, outlook, tuple(loop.rounds), loop.rests, power,
        loop.exposure if cut else None,
    )  # fmt: skip


@dataclass
class _Loop:
    """A schedule on its way to rest, and what homes and networks answer to it.

    Parameters
    ----------
    city, situation, rules, homes
        As given.
    orders
        Limits that the schedule has to keep at present.
    demand
        What the city draws under the schedule before, and at first without any.
    """

    city: City
    situation: Situation
    rules: Rules
    homes: HomeParameters
    orders: Orders
    demand: Demand
    exposure: Exposure | None = None
    rounds: list[LoopRound] = field(default_factory=list)
    schedule: Schedule = field(init=False)
    services: Services = field(init=False)
    cold: HomesOutlook = field(init=False)

    def __post_init__(self) -> None:
        peak_mw = float(self.demand.total_mw.max())
        self.still_mw, self.near_mw = SETTLED_SHARE * peak_mw, NEAR_SHARE * peak_mw

    @property
    def weight(self) -> NDArray[np.float64] | None:
        """How much more darkness counts by feeder and slot."""
        return None if self.exposure is None else self.exposure.weight

    @property
    def rests(self) -> bool:
        """Whether the last round kept every limit and changed hardly anything."""
        last = self.rounds[-1]
        return last.excess_mw == 0.0 and last.change_mw <= self.still_mw

    def load_mw(self) -> NDArray[np.float64]:
        """Load of the feeders by slot under the schedule, MW."""
        return served_load(self.demand, self.schedule.lit)

    def guess(self, *, cold_first: bool) -> None:
        """Find the heaters of an even rotation, and for whom darkness counts most under it."""
        for turn in range(GUESSES):
            lit = even_rotation(self.city, self.orders, self.demand, SLOT_H)
            services = simulate_networks(self.city, self.situation, lit)
            cold = self.heat(services)
            cut = bool((self.orders.available & ~lit).any())
            if turn == 0 and cold_first and cut:
                self.exposure = exposure_of(self.city, self.situation, services, cold, self.homes)

    def schedule_until_rest(self) -> None:
        """Make schedules, each for the heaters of the one before; keep that which is off least."""
        changes: list[float] = []
        kept = self
        while True:
            self.schedule = schedule_blackouts(
                demand=self.demand,
                rules=self.rules,
                queues_off=self.orders.queues_off,
                previous=self.schedule if self.rounds else None,
                exposure=self.weight,
                explain=False,
                **self.orders.as_arguments(),
            )
            self.follow(self.simulate())
            changes.append(self.rounds[-1].change_mw)
            if changes[-1] < min(changes[:-1], default=np.inf):
                kept = copy(self)
            stalls = changes[-1] > SHRINKS * min(changes[:-1], default=np.inf)
            if changes[-1] <= self.near_mw or len(changes) >= MAX_ROUNDS:
                break
            if stalls and len(changes) >= LEAST_ROUNDS:
                break
        best = int(np.argmin(changes))
        if best + 1 < len(changes):
            self.schedule, self.demand = kept.schedule, kept.demand
            self.services, self.cold = kept.services, kept.cold
            # Going back to it is one more round: the last one is always of the schedule at hand.
            self.rounds.append(self.rounds[best - len(changes)])

    def trim(self, *, anyway: bool = False, water: WaterAnswer | None = None) -> None:
        """Trim the schedule until the load that follows from it keeps every limit."""
        tight = self.orders.less(AIR_SHARE).as_arguments()
        for trims in range(MAX_TRIMS):
            if self.rests and (trims or not anyway):
                return
            self.schedule = trim_schedule(
                self.schedule, demand=self.demand, rules=self.rules, **tight
            )
            self.follow(self.simulate(water=water))

    def take_hydraulics(self) -> WaterAnswer | None:
        """Take the services that EPANET finds on the schedule.

        Where its water leaves other homes without heat than the balance of zones and tanks did,
        these homes and the load are followed once more.
        """
        services = self.simulate(hydraulics=True)
        if np.array_equal(services.block_heat, self.services.block_heat, equal_nan=True):
            self.services = services
        else:
            self.follow(services)
        return services.water

    def simulate(self, *, hydraulics: bool = False, water: WaterAnswer | None = None) -> Services:
        """Let the networks answer to the schedule."""
        return simulate_networks(
            self.city, self.situation, self.schedule.lit, hydraulics=hydraulics, water=water
        )

    def follow(self, services: Services) -> None:
        """Let the homes and their heaters answer to services; note how far the load is off."""
        self.services, self.cold = services, self.heat(services)
        load_mw = self.load_mw()
        change = float(np.abs(load_mw.sum(axis=0) - self.schedule.served_mw).max())
        heaters = float(self.demand.heater_mw.sum() * SLOT_H)
        self.rounds.append(LoopRound(heaters, change, self.orders.excess_mw(load_mw)))

    def heat(self, services: Services) -> HomesOutlook:
        """Let homes cool under services, and forecast the demand with the heaters they want."""
        cold = simulate_homes(
            self.city, self.situation, services.block_power, services.block_heat, self.homes
        )
        self.demand = forecast_demand(self.city, self.situation, heater_want_kw=cold.heater_want_kw)
        return cold
