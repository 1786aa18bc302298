"""Carriers of what the water and sewage networks answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

EPANET = "EPANET"
ZONES = "zones and tanks"


@dataclass(frozen=True)
class WaterAnswer:
    """What each water zone gets, and how that was found.

    Parameters
    ----------
    share
        Zone × slot: share of the demand that is met, 0 to 1.
    reach_floors
        Zone × slot: floors that the pressure in the mains reaches.
    pressure_m
        Zone × slot: pressure in the mains, m of water; NaN where it wasn't computed.
    method
        `EPANET`, or `ZONES` for the balance of zones and tanks.
    reason
        Why EPANET's answer wasn't taken: ``no model``, ``not asked``, ``names``, or the code of a
        `WaterFailure`; empty where it was.
    detail
        What EPANET said.
    always_on
        Pumps of the model that are in none of the city's tables: they count as always powered.
    without_nodes
        Zones that no node of the model belongs to: for them the balance of zones and tanks holds.
    supplied_m3, delivered_m3, stored_m3, lost_m3
        Balance over the horizon.
    """

    share: Float
    reach_floors: Float
    pressure_m: Float
    method: str
    reason: str
    detail: str = ""
    always_on: tuple[str, ...] = ()
    without_nodes: tuple[str, ...] = ()
    supplied_m3: float = 0.0
    delivered_m3: float = 0.0
    stored_m3: float = 0.0
    lost_m3: float = 0.0


@dataclass(frozen=True)
class SewageAnswer:
    """How full each catchment is, and what runs over.

    Parameters
    ----------
    ok
        Catchment × slot: False where it overflows or is about to.
    left_h
        Catchment × slot: hours until it overflows if inflow and pumps stay as in the slot;
        infinite where its pumps keep up.
    overflow_m3
        Catchment × slot: what runs over.
    inflow_m3, pumped_m3, stored_m3
        Balance over the horizon of the catchments with pumps.
    """

    ok: NDArray[np.bool_]
    left_h: Float
    overflow_m3: Float
    inflow_m3: float = 0.0
    pumped_m3: float = 0.0
    stored_m3: float = 0.0
    first_overflow: NDArray[np.int64] = field(init=False)
    """By catchment: the first slot in which it runs over; −1 for none."""

    def __post_init__(self) -> None:
        over = self.overflow_m3 > 0.0
        first = np.where(over.any(axis=1), over.argmax(axis=1), -1) if over.size else np.empty(0)
        object.__setattr__(self, "first_overflow", first.astype(np.int64))
