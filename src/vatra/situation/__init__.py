"""What has happened to a city, and what it has to live on."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.situation.model import Basis, Claim, Crew, Damage, Situation, SupplyLimit, Weather
    from vatra.situation.november import november_2022
    from vatra.situation.read import read_situation
    from vatra.situation.timegrid import SLOT_H, TimeGrid
    from vatra.situation.weather import read_weather
    from vatra.situation.what_if import Outage, WhatIf

__all__ = [
    "SLOT_H",
    "Basis",
    "Claim",
    "Crew",
    "Damage",
    "Outage",
    "Situation",
    "SupplyLimit",
    "TimeGrid",
    "Weather",
    "WhatIf",
    "november_2022",
    "read_situation",
    "read_weather",
]

__getattr__ = lazy_names(__name__, __file__)
