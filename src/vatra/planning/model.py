"""The carrier of a whole plan."""

from __future__ import annotations

from dataclasses import dataclass

from vatra.blackouts.model import Schedule
from vatra.city.model import City
from vatra.demand.model import Demand
from vatra.networks.model import Balance, Outlook
from vatra.networks.power_check import PowerCheck
from vatra.networks.restoration.model import Restoration
from vatra.planning.exposure import Exposure
from vatra.relocation.model import Relocation
from vatra.situation.model import Situation
from vatra.warm_points.model import WarmPoints


@dataclass(frozen=True)
class LoopRound:
    """One round of the loop between switching and physics.

    Parameters
    ----------
    heater_mwh
        Energy that the homes' extra heaters want under the round's schedule, MWh.
    change_mw
        Largest difference of any slot's city load from what the schedule was made for, MW.
    excess_mw
        Most by which the load that results exceeds a limit, MW.
    """

    heater_mwh: float
    change_mw: float
    excess_mw: float


@dataclass(frozen=True)
class Plan:
    """City and situation, and what follows from them.

    Parameters
    ----------
    city, situation
        What the plan is for.
    demand, schedule, outlook, warm_points, relocation
        Its stages.
    rounds
        Rounds of the loop between switching and physics.
    settled
        Whether the loop came to rest.
    seconds
        Time of each stage, seconds.
    power
        What the power network carries under the schedule, None where it wasn't checked.
    exposure
        What an hour of darkness counts more on each feeder, None where nobody is dark by choice
        or the cold was left out.
    restoration
        Which repairs first, None where there is nothing to repair, or no crews.
    """

    city: City
    situation: Situation
    demand: Demand
    schedule: Schedule
    outlook: Outlook
    warm_points: WarmPoints
    relocation: Relocation
    rounds: tuple[LoopRound, ...]
    settled: bool
    seconds: dict[str, float]
    power: PowerCheck | None = None
    exposure: Exposure | None = None
    restoration: Restoration | None = None

    @property
    def balances(self) -> tuple[Balance, ...]:
        """The balance of every network: what came in and where it went."""
        own = () if self.power is None or not self.power.loading.size else (self.power.balance,)
        return (*own, *self.outlook.services.balances)
