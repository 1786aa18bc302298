"""The carrier of what has happened and what is expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid

Basis = Literal["confirmed", "if confirmed"]


@dataclass(frozen=True)
class Claim:
    """A statement that the plan rests on, and whose it is.

    Parameters
    ----------
    claim_id
        Id by which values cite it.
    text
        What is said.
    source
        Who says it.
    basis
        Whether it is confirmed.
    as_of
        When it was said, UTC.
    text_uk, source_uk
        The text and the source in Ukrainian, empty where nobody has put them so.
    """

    claim_id: str
    text: str
    source: str
    basis: Basis = "confirmed"
    as_of: pd.Timestamp | None = None
    text_uk: str = ""
    source_uk: str = ""


@dataclass(frozen=True)
class Damage:
    """An asset that gives less than it should.

    Parameters
    ----------
    table
        Table of the city that the asset is in: ``heat_sources``, ``pumps``, ``substations``,
        ``lines``, ``power_sources``, ``feeders``, ``sites`` or ``streets`` (by bridge name).
    asset_id
        Its id, or the name of a bridge.
    first_slot, end_slot
        Slots in which it is out: from `first_slot` up to, not including, `end_slot`.
    remaining_share
        Share of its capacity that is left, 0 for none.
    end_known
        False where nobody has said when it will be back; it is then out to the end.
    claims
        Ids of the claims that say so.
    repair_h
        Hours that a crew needs on site to repair it; None where nobody has said.
    skill
        Skill of the crew that it takes; empty for the usual one of its table.
    """

    table: str
    asset_id: str
    first_slot: int
    end_slot: int
    remaining_share: float = 0.0
    end_known: bool = True
    claims: tuple[str, ...] = ()
    repair_h: float | None = None
    skill: str = ""


@dataclass(frozen=True)
class Crew:
    """Repair crews of one skill that start from one place.

    Parameters
    ----------
    skill
        What they can repair: ``power``, ``water``, ``heat`` or any other word that damage asks for.
    count
        How many crews work at a time.
    depot
        Easting and northing in the city's coordinate system, m; None where it isn't known.
    name
        Name of the depot.
    """

    skill: str
    count: int
    depot: tuple[float, float] | None = None
    name: str = ""


@dataclass(frozen=True)
class SupplyLimit:
    """A supply limit for a part of the city.

    Parameters
    ----------
    area
        Id of a district or substation.
    limit_mw
        Limit by slot, MW; NaN where there is none.
    queues_off
        Queues of the area that must be dark by slot, halves allowed; NaN where there is no such
        order, None where there is none at all.
    """

    area: str
    limit_mw: NDArray[np.float64]
    queues_off: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Weather:
    """Outdoor conditions by slot.

    Parameters
    ----------
    outdoor_c
        Air temperature, °C.
    wind_m_s
        Wind speed, m/s.
    solar_w_m2
        Global horizontal irradiance, W/m².
    source
        Where the figures come from.
    """

    outdoor_c: NDArray[np.float64]
    wind_m_s: NDArray[np.float64]
    solar_w_m2: NDArray[np.float64]
    source: str = ""


@dataclass(frozen=True)
class Situation:
    """What has happened to a city, and what it has to live on.

    Parameters
    ----------
    name
        Name, in English.
    grid
        The half-hour slots.
    limit_mw
        Supply limit of the whole city by slot, MW; NaN where there is none.
    queues_off
        Order in queues that must be dark by slot (halves allowed); NaN where there is none.
    weather
        Outdoor conditions by slot.
    area_limits
        Limits of districts and substations.
    damage
        Assets that are out.
    claims
        Statements that the values cite.
    cited
        Ids of the claims by what cites them, for example ``{"supply": ("C1",)}``.
    basis
        «if confirmed» where anything that the situation rests on is not confirmed.
    rules
        Rules of the blackouts that the situation sets, by name, as `vatra.blackouts.Rules` has
        them; empty for the defaults.
    name_uk
        Name in Ukrainian.
    crews
        Repair crews.
    """

    name: str
    grid: TimeGrid
    limit_mw: NDArray[np.float64]
    queues_off: NDArray[np.float64]
    weather: Weather
    area_limits: tuple[SupplyLimit, ...] = ()
    damage: tuple[Damage, ...] = ()
    claims: tuple[Claim, ...] = ()
    cited: dict[str, tuple[str, ...]] = field(default_factory=dict)
    basis: Basis = "confirmed"
    rules: dict[str, Any] = field(default_factory=dict)
    name_uk: str = ""
    crews: tuple[Crew, ...] = ()
