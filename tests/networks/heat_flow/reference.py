"""The same network in pandapipes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.networks.heat_flow import HeatGrid

KELVIN = 273.15


def pandapipes_net(grid: HeatGrid) -> Any:
    """Build the network: heat consumers with fixed return temperature, one circulation pump."""
    import pandapipes  # noqa: PLC0415 - installed only where it is compared with

    grid = grid.completed()
    at = {node: n for n, node in enumerate(grid.nodes())}
    net = pandapipes.create_empty_network(fluid="water")
    pandapipes.create_junctions(net, len(at), pn_bar=10.0, tfluid_k=340.0)
    pipes, consumers, source = grid.pipes, grid.consumers, grid.sources.iloc[0]
    diameter = pipes["diameter_m"].to_numpy()
    pandapipes.create_pipes_from_parameters(
        net, [at[n] for n in pipes["from_node"]], [at[n] for n in pipes["to_node"]],
        length_km=pipes["length_m"].to_numpy() / 1e3, inner_diameter_mm=1e3 * diameter,
        outer_diameter_mm=1e3 * diameter, k_mm=pipes["roughness_mm"].to_numpy(),
        u_w_per_m2k=pipes["loss_w_mk"].to_numpy() / (np.pi * diameter),
        text_k=grid.ground_c + KELVIN, sections=1,
    )  # fmt: skip
    pandapipes.create_heat_consumers(
        net, [at[n] for n in consumers["supply_node"]], [at[n] for n in consumers["return_node"]],
        qext_w=1e6 * consumers["demand_mw"].to_numpy(),
        treturn_k=consumers["return_c"].to_numpy() + KELVIN,
    )  # fmt: skip
    pandapipes.create_circ_pump_const_pressure(
        net, at[source["return_node"]], at[source["supply_node"]],
        p_flow_bar=source["lift_bar"] + 4.0, plift_bar=source["lift_bar"],
        t_flow_k=source["supply_c"] + KELVIN,
    )  # fmt: skip
    return net


def run(net: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve flow and heat together: kg/s by pipe and °C by node."""
    import pandapipes  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapipes.pipeflow(
            net, mode="bidirectional", friction_model="swamee-jain", max_iter_hyd=100,
            max_iter_therm=100, max_iter_bidirect=200, use_numba=True,
        )  # fmt: skip
    flow = net.res_pipe["mdot_from_kg_per_s"].to_numpy(np.float64)
    return flow, net.res_junction["t_k"].to_numpy(np.float64) - KELVIN
