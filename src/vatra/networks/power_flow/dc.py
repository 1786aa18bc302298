"""DC power flow: angles and flows by one sparse factor for many load cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from vatra.networks.power_flow.circuit import SLACK, Circuit, make_circuit
from vatra.networks.power_flow.model import PowerGrid

Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Float = NDArray[np.float64]


@dataclass(frozen=True)
class DcFlow:
    """Flows of active power, losses and voltages left out.

    Parameters
    ----------
    energised
        By bus: True where a source reaches.
    angle_deg
        Case × bus: NaN where the bus is dark.
    flow_mw
        Case × branch: from the from end to the to end; 0 where the branch is out or dark.
    loading
        Case × branch: flow over what the branch may carry; 0 where there is no limit.
    """

    energised: Bool
    angle_deg: Float
    flow_mw: Float
    loading: Float


def susceptance(grid: PowerGrid) -> Float:
    """Return the susceptance of each branch in the DC flow, per unit: ``1 / (x tap)``.

    Parameters
    ----------
    grid
        The grid, completed. A branch without reactance counts its resistance as one.
    """
    x = grid.branches["x_pu"].to_numpy()
    x = np.where(x == 0.0, grid.branches["r_pu"].to_numpy(), x)
    return np.asarray(1.0 / (x * grid.branches["tap"].to_numpy()))


def dc_angles(circuit: Circuit, injected: Float) -> Float:
    """Return the angles of the DC flow.

    Parameters
    ----------
    circuit
        The circuit; its slack nodes keep their angles.
    injected
        Case × node: active power, per unit.

    Returns
    -------
    Float
        Case × node, rad.
    """
    grid = circuit.grid
    nodes = circuit.nodes
    used = (circuit.end_node >= 0).all(axis=0)
    tail, head = circuit.end_node[:, used]
    b = susceptance(grid)[used]
    shift = np.deg2rad(grid.branches["shift_deg"].to_numpy())[used]
    laplacian = coo_array(
        (np.concatenate([b, b, -b, -b]),
         (np.concatenate([tail, head, tail, head]), np.concatenate([tail, head, head, tail]))),
        shape=(nodes, nodes),
    ).tocsc()  # fmt: skip
    # A phase shifter moves power as an injection at its ends does.
    pushed = np.bincount(tail, b * shift, nodes) - np.bincount(head, b * shift, nodes)
    shunt = np.bincount(np.arange(nodes), circuit.shunt_pu.real, nodes)
    right = np.atleast_2d(injected) + pushed - shunt
    free = np.flatnonzero(circuit.node_kind != SLACK)
    fixed = np.flatnonzero(circuit.node_kind == SLACK)
    angle = np.tile(circuit.node_angle, (right.shape[0], 1))
    if free.size:
        known = laplacian[free][:, fixed] @ circuit.node_angle[fixed]
        try:
            factor = splu(laplacian[free][:, free].tocsc())
        except RuntimeError:
            # Negative reactances can make it singular; a flat start is as good as any then.
            return angle
        # Case by case: many at once go through threads of BLAS, which cost more than they bring.
        for case, pushed_in in enumerate(right[:, free] - known):
            angle[case, free] = factor.solve(pushed_in)
    return angle


def solve_dc(
    grid: PowerGrid,
    *,
    load_mw: Float | None = None,
    generator_mw: Float | None = None,
    branch_on: Bool | None = None,
    link_on: Bool | None = None,
) -> DcFlow:
    """Return the DC flow of many load cases under one state of the switches.

    Parameters
    ----------
    grid
        The grid.
    load_mw
        Case × load, or by load: active power drawn in place of the table's.
    generator_mw
        Case × generator, or by generator: power given in place of the table's.
    branch_on, link_on
        By branch and link: False where it is out; None for all in.

    Returns
    -------
    DcFlow
        It has an answer even where the AC flow has none: check accepted plans with `solve_ac`.
    """
    grid = grid.completed()
    circuit = make_circuit(grid, branch_on, link_on)
    load = grid.loads["p_mw"].to_numpy() if load_mw is None else load_mw
    load = np.where(grid.loads["in_service"].to_numpy(), np.atleast_2d(load), 0.0)
    give = grid.generators["p_mw"].to_numpy() if generator_mw is None else generator_mw
    give = np.where(grid.generators["in_service"].to_numpy(), np.atleast_2d(give), 0.0)
    cases = max(load.shape[0], give.shape[0])
    injected = np.zeros((cases, circuit.nodes))
    injected += circuit.at_nodes(grid.rows("generators", "bus"), give) / grid.base_mva
    injected -= circuit.at_nodes(grid.rows("loads", "bus"), load) / grid.base_mva
    angle = dc_angles(circuit, injected)
    live = circuit.bus_node >= 0
    at_bus = np.full((cases, live.size), np.nan)
    at_bus[:, live] = np.rad2deg(angle[:, circuit.bus_node[live]])
    flow = np.zeros((cases, len(grid.branches)))
    used = (circuit.end_node >= 0).all(axis=0)
    tail, head = circuit.end_node[:, used]
    shift = np.deg2rad(grid.branches["shift_deg"].to_numpy())[used]
    flow[:, used] = susceptance(grid)[used] * (angle[:, tail] - angle[:, head] - shift)
    flow *= grid.base_mva
    limit = grid.branches[["from_limit_mva", "to_limit_mva"]].to_numpy().min(axis=1)
    loading = np.abs(flow) / np.maximum(limit, 1e-12)
    return DcFlow(live, at_bus, flow, loading)
