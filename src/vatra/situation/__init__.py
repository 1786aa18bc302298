"""What has happened to a city, and what it has to live on."""

from vatra.situation.model import Basis, Claim, Damage, Situation, SupplyLimit, Weather
from vatra.situation.november import november_2022
from vatra.situation.timegrid import SLOT_H, TimeGrid

__all__ = [
    "SLOT_H",
    "Basis",
    "Claim",
    "Damage",
    "Situation",
    "SupplyLimit",
    "TimeGrid",
    "Weather",
    "november_2022",
]
