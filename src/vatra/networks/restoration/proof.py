"""An order of repairs, proved by the simulation of all networks and by DC and AC flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Services
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power_check import check_power
from vatra.networks.restoration.model import Restoration
from vatra.networks.simulate import simulate_networks
from vatra.situation.model import Damage, Situation
from vatra.situation.timegrid import SLOT_H

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

DEFAULT = NetworkParameters()


def restored_situation(situation: Situation, restoration: Restoration) -> Situation:
    """Return the situation as it is when damage ends as the order of repairs says.

    Parameters
    ----------
    situation
        The situation.
    restoration
        The order.
    """
    order = restoration.order
    keys = zip(order["table"], order["asset_id"], strict=True)
    ends = dict(zip(keys, np.rint(order["end"] / SLOT_H).astype(np.int64), strict=True))

    def mended(damage: Damage) -> Damage:
        end = ends.get((damage.table, damage.asset_id))
        if end is None or damage.repair_h is None:
            return damage
        return replace(damage, end_slot=int(end), end_known=True)

    return replace(situation, damage=tuple(mended(d) for d in situation.damage))


def simulate_restoration(  # noqa: PLR0917
    city: City, situation: Situation, restoration: Restoration, feeder_on: Bool, load_mw: Float,
    parameters: NetworkParameters = DEFAULT,
) -> Restoration:  # fmt: skip
    """Prove an order of repairs: what the networks' simulation and the power flow make of it.

    Parameters
    ----------
    city, situation
        As the order was made for.
    restoration
        The order.
    feeder_on
        Feeder × slot: True where nobody switches the feeder off; damage is not counted here.
    load_mw
        Feeder × slot: what feeders would draw.
    parameters
        What is assumed of the networks.

    Returns
    -------
    Restoration
        With ``simulated`` and ``power_holds``.
    """
    after_repair = restored_situation(situation, restoration)
    before = simulate_networks(city, situation, feeder_on, parameters)
    after = simulate_networks(city, after_repair, feeder_on, parameters)
    first, second = (_people_hours(city, services) for services in (before, after))
    served = np.where(after.feeder_live, load_mw, 0.0)
    check = check_power(city, after_repair, served, parameters)
    return replace(
        restoration,
        simulated={name: second[name] - first[name] for name in first},
        power_holds=check.holds,
    )


def _people_hours(city: City, services: Services) -> dict[str, float]:
    residents = city.blocks["residents"].to_numpy(np.float64)
    return {
        "light": float((residents @ services.block_power).sum()) * SLOT_H,
        "water": float((residents @ np.nan_to_num(services.block_water)).sum()) * SLOT_H,
        "heat": float((residents @ np.nan_to_num(services.block_heat)).sum()) * SLOT_H,
    }
