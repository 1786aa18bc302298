"""From a network of many nodes to the two of `vatra.homes.two_node`, and a year in it.

The two are not fitted. The temperatures of all nodes are taken as a mix of two shapes: that of the
network when its air is heated steadily, and the part in phase when its air is heated and cooled
once a day. Projected onto them (Galerkin, congruent, so it stays passive), the network becomes two
nodes: the first is the air, the second stores heat independently of it. The steady response of the
air to heat at any node is then that of the network exactly, with the fan on or off, since what the
fan adds acts on the air alone (Sherman and Morrison); the daily one is near it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.homes.two_node import TwoNode
from vatra.homes.zone import AIR, Network

Float = NDArray[np.float64]

DAY_S = 86400.0
J_PER_WH = 3600.0


@dataclass(frozen=True)
class TwoNodeZone:
    """A zone as two nodes, whole and not per m² of floor.

    Parameters
    ----------
    nodes
        Conductances, W/K, and capacities, Wh/K; the fan off.
    heat_w
        Hour × 2: heat to the air and to the mass, that from outdoors included.
    fan_w_k, fan_on
        As of `vatra.homes.zone.Network`.
    """

    nodes: TwoNode
    heat_w: Float
    fan_w_k: float
    fan_on: NDArray[np.bool_]


def reduce_to_two(network: Network) -> TwoNodeZone:
    """Return the two nodes of a network.

    Parameters
    ----------
    network
        The network of a zone.
    """
    k, c = network.conductance_w_k, network.capacity_j_k
    at_air = np.zeros(c.size)
    at_air[AIR] = 1.0
    steady = np.linalg.solve(k, at_air)
    daily = np.linalg.solve(k + 2j * np.pi / DAY_S * np.diag(c), at_air).real
    # The second shape leaves the air alone; the first has one kelvin in the air and stores heat
    # independently of the second.
    mass = steady / steady[AIR] - daily / daily[AIR]
    air = steady / steady[AIR]
    air = air - mass * float(air @ (c * mass)) / float(mass @ (c * mass))
    # So scaled that one kelvin everywhere is one kelvin in the mass.
    mass = mass * float(mass @ c) / float(mass @ (c * mass))
    inner = -float(air @ k @ mass)
    nodes = TwoNode(
        direct_w_k=np.asarray(air @ k @ air - inner),
        inner_w_k=np.asarray(inner),
        outer_w_k=np.asarray(mass @ k @ mass - inner),
        light_wh_k=np.asarray(float(air @ (c * air)) / J_PER_WH),
        heavy_wh_k=np.asarray(float(mass @ (c * mass)) / J_PER_WH),
    )
    heat = network.heat_w @ np.column_stack((air, mass))
    return TwoNodeZone(nodes, heat, network.fan_w_k, network.fan_on)


def run_two(zone: TwoNodeZone, *, warm_up_years: int = 1) -> Float:
    """Return the mean temperature of the air in each hour of the year, °C.

    Parameters
    ----------
    zone
        The zone as two nodes.
    warm_up_years
        Years that are run before the one that counts.
    """
    nodes = zone.nodes
    inner = float(nodes.inner_w_k)
    conductance = np.array(
        [
            [float(nodes.direct_w_k) + inner, -inner],
            [-inner, float(nodes.outer_w_k) + inner],
        ]
    )
    capacity = np.array([float(nodes.light_wh_k), float(nodes.heavy_wh_k)])
    steps = [
        _hour(capacity, conductance + on * _fan(zone.fan_w_k, 2), zone.heat_w)
        for on in (False, True)
    ]
    return _run(steps, zone.fan_on, warm_up_years)


def run_network(network: Network, *, warm_up_years: int = 1) -> Float:
    """Return the mean temperature of the air in each hour with all nodes kept, °C.

    Parameters
    ----------
    network
        The network of a zone.
    warm_up_years
        Years that are run before the one that counts.
    """
    # Nodes without capacity follow the others at once: eliminate them.
    stores = network.capacity_j_k > 0.0
    k = network.conductance_w_k
    through = k[np.ix_(stores, ~stores)] @ np.linalg.inv(k[np.ix_(~stores, ~stores)])
    kept = k[np.ix_(stores, stores)] - through @ k[np.ix_(~stores, stores)]
    heat = network.heat_w[:, stores] - network.heat_w[:, ~stores] @ through.T
    capacity = network.capacity_j_k[stores] / J_PER_WH
    steps = [
        _hour(capacity, kept + on * _fan(network.fan_w_k, capacity.size), heat)
        for on in (False, True)
    ]
    return _run(steps, network.fan_on, warm_up_years)


def _fan(fan_w_k: float, nodes: int) -> Float:
    # The fan's conductance, from the air to the outdoors.
    conductance = np.zeros((nodes, nodes))
    conductance[AIR, AIR] = fan_w_k
    return conductance


def _hour(capacity_wh_k: Float, conductance_w_k: Float, heat_w: Float) -> tuple[Float, ...]:
    # The exact step of an hour: what is left of the state, the air's mean over the hour, and where
    # each hour's heat leads to. K and C are symmetric, so the modes are real.
    root = np.sqrt(capacity_wh_k)
    rate, mode = np.linalg.eigh(conductance_w_k / np.outer(root, root))
    back, forth = mode / root[:, None], mode.T * root
    left = (back * np.exp(-rate)) @ forth
    mean = (back[AIR] * -np.expm1(-rate) / rate) @ forth
    return left, mean, heat_w @ np.linalg.inv(conductance_w_k)


def _run(steps: list[tuple[Float, ...]], fan_on: NDArray[np.bool_], warm_up_years: int) -> Float:
    state = steps[0][2].mean(axis=0)
    air = np.empty(fan_on.size)
    for _ in range(warm_up_years + 1):
        for t, on in enumerate(fan_on):
            left, mean, final = steps[int(on)]
            off = state - final[t]
            air[t] = final[t, AIR] + mean @ off
            state = final[t] + left @ off
    return air
