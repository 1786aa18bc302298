"""How much more an hour of darkness counts on each feeder, for those whom it makes cold first.

Power in a cold home is appliances and heaters, and the pump of its heat point where the mains are
warm. What it is worth to a block is the difference between its temperature with power throughout
and with none, both from the same physics as all else, in the measure in which people there are
cold anyway. To that comes what hangs on the feeder's pumps and heat sources. Nothing here says what
would hurt most: the feeders that it names are those that are cut last and shortest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.homes import HomeParameters, HomesOutlook, simulate_homes
from vatra.networks.model import Services
from vatra.situation.model import Situation

Float = NDArray[np.float64]

COLD_FROM_C, COLD_FULL_C = 18.0, 12.0
"""Indoor temperature below which light begins to be worth more, and at which it counts in full: the
WHO guideline, and the threshold of cardiovascular illness."""
GAIN_K = 4.0
"""Kelvins that power makes the difference of for an hour of darkness to count twice; assumed. It
counts by their square: tried on three cities, more light then goes where it helps most, for the
same light left to the others."""
MOST = 2.0
"""The most that is added: an hour counts at most three times; assumed."""
LEAST_LIGHT = 0.7
"""Part of the light of an even rotation that is left to those for whom it counts least; assumed."""
LONGEST_CUT_H = 12.0
"""Fuel for so many hours of generation makes a station independent of its feeder; assumed."""


class Exposure(NamedTuple):
    """What an hour of darkness counts more, by feeder.

    Parameters
    ----------
    weight
        By feeder: share by which it counts more, 0 to `MOST`.
    by_cold
        Of it, for the homes on the feeder.
    by_stations
        Of it, for pumps and heat sources without fuel for a long cut.
    """

    weight: Float
    by_cold: Float
    by_stations: Float


def exposure_of(
    city: City,
    situation: Situation,
    services: Services,
    homes: HomesOutlook,
    parameters: HomeParameters | None = None,
) -> Exposure:
    """Return how much more darkness counts on each feeder.

    Parameters
    ----------
    city, situation
        Where they are.
    services
        What works under a schedule that knows nothing of the cold; the heat in the mains is used.
    homes
        How cold homes are under it.
    parameters
        Parameters of the homes.

    Returns
    -------
    Exposure
        By feeder, for `vatra.blackouts.schedule_blackouts`.
    """
    parameters = parameters or HomeParameters()
    by_cold = _by_cold(city, situation, services, homes, parameters)
    by_stations = _by_stations(city)
    weight = np.minimum(by_cold + by_stations, MOST)
    kept = (city.feeders["protected"] | city.feeders["reserved"]).to_numpy(np.bool_)
    if (~kept).any():
        dark_share = float(1.0 - services.feeder_live[~kept].mean())
        weight = _bearable(weight[~kept], dark_share) * weight
    return Exposure(weight, by_cold, by_stations)


def _bearable(weight: Float, dark_share: float) -> float:
    """Return the part of the weights that leaves everybody `LEAST_LIGHT` of an even rotation.

    Where all bear the same, hours × (1 + weight), those without any weight have the most darkness.
    """
    most = 1.0 - LEAST_LIGHT * (1.0 - dark_share)

    def darkest(part: float) -> float:
        return dark_share / float(np.mean(1.0 / (1.0 + part * weight)))

    if darkest(1.0) <= most:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if darkest(middle) <= most else (low, middle)
    return low


def _by_cold(
    city: City,
    situation: Situation,
    services: Services,
    homes: HomesOutlook,
    parameters: HomeParameters,
) -> Float:
    zone = city.rows("blocks", "heat_zone_id", "heat_zones")
    mains = np.ones(homes.indoor_c.shape, dtype=np.float32)
    mains[zone >= 0] = services.heat_share[zone[zone >= 0]]
    lit = np.ones(mains.shape, dtype=np.bool_)
    pumped = city.blocks["pumped_heat"].to_numpy(np.bool_)
    unpumped = np.where(pumped[:, None], np.float32(0.0), mains)
    warm = simulate_homes(city, situation, lit, mains, parameters).indoor_c
    dark = simulate_homes(city, situation, ~lit, unpumped, parameters).indoor_c
    cold = np.clip((COLD_FROM_C - homes.indoor_c) / (COLD_FROM_C - COLD_FULL_C), 0.0, 1.0)
    worth_k = (cold * np.maximum(warm - dark, 0.0)).mean(axis=1, dtype=np.float64)
    feeder = city.rows("blocks", "feeder_id", "feeders")
    residents = city.blocks["residents"].to_numpy(np.float64)
    known, count = feeder >= 0, len(city.feeders)
    people = np.bincount(feeder[known], weights=residents[known], minlength=count)
    total = np.bincount(feeder[known], weights=(worth_k * residents)[known], minlength=count)
    mean_k = np.divide(total, people, out=np.zeros(count), where=people > 0.0)
    return np.asarray(np.square(mean_k / GAIN_K))


def _by_stations(city: City) -> Float:
    """Count whom a feeder's pumps and heat sources serve, relative to who lives on a feeder."""
    served = np.zeros(len(city.feeders))
    blocks = city.blocks
    for table, column, zones in (
        ("pumps", "water_zone_id", "water_zones"),
        ("pumps", "sewage_zone_id", "sewage_zones"),
        ("heat_sources", "heat_zone_id", "heat_zones"),
    ):
        stations: pd.DataFrame = city.tables()[table]
        feeder = city.rows(table, "feeder_id", "feeders")
        zone = city.rows(table, column, zones)
        used = np.flatnonzero((feeder >= 0) & (zone >= 0))
        if not used.size:
            continue
        of_block = city.rows("blocks", column, zones)
        known = of_block >= 0
        people = np.bincount(
            of_block[known],
            weights=blocks["residents"].to_numpy(np.float64)[known],
            minlength=len(city.tables()[zones]),
        )
        size = stations["electric_mw"].to_numpy(np.float64)
        in_zone = np.bincount(zone[used], weights=size[used], minlength=people.size)
        part = np.divide(size, in_zone[zone], out=np.zeros_like(size), where=in_zone[zone] > 0.0)
        backup = np.divide(
            stations["backup_mw"].to_numpy(np.float64), size, out=np.ones_like(size),
            where=size > 0.0,
        )  # fmt: skip
        lasts = stations["backup_fuel_h"].to_numpy(np.float64) / LONGEST_CUT_H
        bare = 1.0 - np.minimum(backup, 1.0) * np.minimum(lasts, 1.0)
        np.add.at(served, feeder[used], (part * bare * people[zone])[used])
    typical = max(float(blocks["residents"].sum()) / max(len(city.feeders), 1), 1.0)
    return np.minimum(served / typical, MOST)
