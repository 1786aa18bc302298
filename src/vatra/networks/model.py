"""The carrier of what works where and when."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.homes.model import HomesOutlook
from vatra.networks.water_answer import SewageAnswer, WaterAnswer
from vatra.situation.timegrid import TimeGrid


@dataclass(frozen=True)
class Balance:
    """What went into a network over the horizon, and where it went.

    Parameters
    ----------
    name
        Which network: ``water``, ``power``, ``heat``, …
    supplied
        What sources put in.
    delivered
        What reached those who use it.
    stored
        What stores hold more at the end than at the start; negative where they were drawn down.
    lost
        What left the network unused: leaks, friction, heat through pipe walls.
    unit
        Of all of these: ``m3``, ``MWh``.
    error_share
        What is unaccounted for, relative to the larger of what came in and what went out: see
        `balance_of`.
    method
        What made it, where several could: ``EPANET``, ``zones and tanks``; empty otherwise.
    """

    name: str
    supplied: float
    delivered: float
    stored: float
    lost: float
    unit: str
    error_share: float
    method: str = ""


def balance_of(
    name: str,
    *,
    supplied: float,
    delivered: float,
    stored: float = 0.0,
    lost: float = 0.0,
    unit: str,
    method: str = "",
) -> Balance:
    """Return a balance with its error: what is unaccounted for over the turnover.

    Parameters
    ----------
    name, supplied, delivered, stored, lost, unit, method
        As in `Balance`, each found on its own: one that is the difference of the others would
        prove nothing.
    """
    out = delivered + max(stored, 0.0) + lost
    turnover = max(supplied + max(-stored, 0.0), out)
    error = abs(supplied - delivered - stored - lost)
    share = error / turnover if turnover > 0.0 else 0.0
    return Balance(name, supplied, delivered, stored, lost, unit, share, method)


@dataclass(frozen=True)
class Services:
    """What the networks deliver.

    Parameters
    ----------
    grid
        The half-hour slots.
    substation_live
        Substation × slot: True where a source reaches it.
    feeder_live
        Feeder × slot: True where it has power: reached, undamaged and switched on.
    heat_share
        Heat zone × slot: share of the heat needed that the sources give, 0 to 1.
    water_share
        Water zone × slot: share of the demand that pumps and tanks meet, 0 to 1.
    sewage_ok
        Sewage zone × slot: False where the catchment overflows or is about to.
    block_power
        Block × slot: True where it has power.
    block_heat
        Block × slot: share of its district heat that reaches the flats, 0 to 1, float32; NaN for
        blocks without district heat.
    block_water
        Block × slot: share of its residents who have water at the tap, 0 to 1, float32; NaN
        where the water zone is unknown.
    balances
        What went into each network and where it went, over the horizon.
    water
        Pressure by water zone, and how it was found; None in a city without zones.
    sewage
        How full the sewage catchments are, and what runs over.
    block_heat_state
        Block × slot, int8: what the water in its heating does, `vatra.networks.HeatState`; −1
        for blocks without district heat. None where it wasn't followed.
    """

    grid: TimeGrid
    substation_live: NDArray[np.bool_]
    feeder_live: NDArray[np.bool_]
    heat_share: NDArray[np.float64]
    water_share: NDArray[np.float64]
    sewage_ok: NDArray[np.bool_]
    block_power: NDArray[np.bool_]
    block_heat: NDArray[np.float32]
    block_water: NDArray[np.float32]
    balances: tuple[Balance, ...] = ()
    water: WaterAnswer | None = None
    sewage: SewageAnswer | None = None
    block_heat_state: NDArray[np.int8] | None = None


@dataclass(frozen=True)
class Outlook:
    """What works where and when, and how people live with it.

    Parameters
    ----------
    services
        Power, heat, water and sewage.
    homes
        Indoor temperatures.
    people
        Slot-indexed (UTC) counts of residents: ``dark``, ``no_heat``, ``no_water``,
        ``below_16``, ``below_12``, ``below_8``, ``below_5``.
    dry_by_floor
        Slot-indexed (UTC) counts of residents without water, by the floors that they live on:
        ``1–2``, ``3–5``, ``6–9``, ``10–``; they add up to ``no_water`` but for rounding.
    answers
        Block-indexed, as `vatra.homes.answer_blocks` returns it: hours until each temperature,
        degree-hours, when pipes freeze and by when they must be drained. Empty where it wasn't
        asked, as the next two are None.
    below_range
        Fewest and most × threshold × slot: residents below each temperature if buildings store a
        third more or less heat than supposed.
    heater_pickup_mw
        By slot: what heaters of lit homes draw more than they would had nobody been cut.
    """

    services: Services
    homes: HomesOutlook
    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    below_range: NDArray[np.float64] | None = None
    heater_pickup_mw: NDArray[np.float64] | None = None
    dry_by_floor: pd.DataFrame = field(default_factory=pd.DataFrame)
