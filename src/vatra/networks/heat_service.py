"""District heat from sources to buildings, zone by zone, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.city.lifelines.heat import block_heat_mw
from vatra.city.model import City
from vatra.networks.heat import needed_share, ramped, with_makeup, zone_share
from vatra.networks.heat_mains import MainsService, heat_mains, serve_by_mains
from vatra.networks.heat_state import HeatStateParameters, follow_buildings
from vatra.networks.model import Balance, balance_of
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power import take_rows
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]


@dataclass(frozen=True)
class HeatService:
    """What district heat delivers.

    Parameters
    ----------
    zone_share
        Zone × slot: share of the heat needed that the sources give.
    block_heat
        Block × slot, float32: share of its district heat that reaches the flats; NaN for blocks
        without.
    block_state
        Block × slot, int8: `vatra.networks.heat_state.HeatState`.
    balance
        Over the horizon; None where there is no zone.
    mains
        What the city's own mains bring, None where it has no model of them.
    """

    zone_share: Float
    block_heat: NDArray[np.float32]
    block_state: NDArray[np.int8]
    balance: Balance | None
    mains: MainsService | None = None

    @property
    def balances(self) -> tuple[Balance, ...]:
        """The balance of zones, and that of the mains."""
        own = () if self.balance is None else (self.balance,)
        return own if self.mains is None else (*own, self.mains.balance)


def serve_heat(  # noqa: PLR0917 - everything that heat hangs on
    city: City,
    situation: Situation,
    source_share: Float,
    water_share: Float,
    block_power: Bool,
    parameters: NetworkParameters,
    buildings: HeatStateParameters,
) -> HeatService:
    """Return what district heat delivers.

    Parameters
    ----------
    city, situation
        Where they are; weather is used.
    source_share
        Source × slot: share of its capacity that power and damage leave.
    water_share
        Water zone × slot: what make-up water comes from.
    block_power
        Block × slot: whether heat points have power.
    parameters, buildings
        What is assumed of sources and of buildings.

    Returns
    -------
    HeatService
        By zone and block.
    """
    grid, outdoor = situation.grid, situation.weather.outdoor_c
    sources = city.heat_sources
    water_zone = city.rows("heat_sources", "water_zone_id", "water_zones")
    has_water = take_rows(water_share >= parameters.makeup_share, water_zone, missing=True)
    share = source_share * with_makeup(has_water, parameters.makeup_buffer_h)
    share = ramped(share, parameters.source_ramp_h)
    of_source = city.rows("heat_sources", "heat_zone_id", "heat_zones")
    design_mw = city.heat_zones["design_mw"].to_numpy(np.float64)
    available_mw = share * sources["capacity_mw"].to_numpy(np.float64)[:, None]
    needed = needed_share(outdoor, parameters.indoor_c, parameters.design_outdoor_c)
    given = zone_share(of_source, available_mw, design_mw, needed)
    mains = heat_mains(city)
    by_mains = None
    own_zone: Bool = np.ones(design_mw.size, dtype=np.bool_)
    if mains is not None:
        by_mains = serve_by_mains(mains, design_mw.size, available_mw, needed)
        given = np.where(np.isnan(by_mains.zone_share), given, by_mains.zone_share)
        # The mains have a balance of their own: plants may serve zones that aren't theirs.
        own_zone = np.asarray(np.isnan(by_mains.zone_share).all(axis=1))

    district = (city.blocks["heating"] == "district").to_numpy(np.bool_)
    zone = np.where(district, city.rows("blocks", "heat_zone_id", "heat_zones"), -1)
    residents = city.blocks["residents"].to_numpy(np.float64)
    water = follow_buildings(zone, given, outdoor, residents, buildings)
    block_heat = water.share
    # A block whose zone isn't known counts as heated.
    block_heat[district & (zone < 0)] = 1.0
    pumped = city.blocks["pumped_heat"].to_numpy(np.bool_)
    block_heat[pumped[:, None] & ~block_power] = 0.0
    balance = None
    if own_zone.any():
        want = _want(city, zone, design_mw)
        drawn_mw = np.zeros((design_mw.size, grid.slots))
        counted = (zone >= 0) & own_zone[zone]
        taken = block_heat[counted] * want[counted, None]
        np.add.at(drawn_mw, zone[counted], taken)
        drawn_mw *= needed
        balance = _balance(of_source, available_mw, drawn_mw, taken.sum(axis=0) * needed)
    block_heat[~district] = np.nan
    return HeatService(given, block_heat, water.state, balance, by_mains)


def _want(city: City, zone: NDArray[np.int64], design_mw: Float) -> Float:
    """Heat that each block wants at the design temperature: the zone's, by floor and kind, MW."""
    need = np.where(zone >= 0, block_heat_mw(city.blocks), 0.0)
    known = zone >= 0
    total = np.bincount(zone[known], weights=need[known], minlength=design_mw.size)
    scale = np.divide(design_mw, total, out=np.zeros_like(total), where=total > 0.0)
    return np.where(known, need * scale[zone] if scale.size else 0.0, 0.0)


def _balance(
    of_source: NDArray[np.int64], available_mw: Float, drawn_mw: Float, delivered_mw: Float
) -> Balance:
    """Let each source give its part of what its zone draws, and hold that against the blocks."""
    known = of_source >= 0
    own = of_source[known]
    total = np.zeros_like(drawn_mw)
    np.add.at(total, own, available_mw[known])
    part = np.divide(drawn_mw, total, out=np.zeros_like(total), where=total > 0.0)
    gave = np.minimum(available_mw[known], available_mw[known] * part[own])
    return balance_of(
        "heat",
        supplied=float(gave.sum()) * SLOT_H,
        delivered=float(delivered_mw.sum()) * SLOT_H,
        unit="MWh",
        method="zones",
    )
