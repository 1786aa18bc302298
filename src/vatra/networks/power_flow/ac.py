"""AC power flow of many load cases and switching states; «no operating point» is an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.elimination import elimination
from vatra.networks.power_flow._newton import solve_cases
from vatra.networks.power_flow.circuit import Circuit, make_circuit
from vatra.networks.power_flow.dc import dc_angles
from vatra.networks.power_flow.model import PowerGrid

Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Float = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class PowerFlow:
    """Operating points, case by case.

    Parameters
    ----------
    grid
        The grid.
    solved
        By case: True where every island that has a source has an operating point.
    energised
        Case × bus: True where a source reaches.
    voltage
        Case × bus, complex, per unit; NaN where the bus is dark or its island has no operating
        point.
    mismatch_mva
        By case: largest mismatch of power that was left.
    from_mva, to_mva
        Case × branch, complex: power that flows into each end; 0 where the end is open or dark, NaN
        where there is no operating point.
    loading
        Case × branch: current over what the branch may carry, the larger of both ends; 0 where
        there is no limit.
    """

    grid: PowerGrid
    solved: Bool
    energised: Bool
    voltage: Complex
    mismatch_mva: Float
    from_mva: Complex
    to_mva: Complex
    loading: Float

    @property
    def voltage_pu(self) -> Float:
        """Case × bus: magnitude of the voltage, per unit."""
        return np.abs(self.voltage)

    def bus_table(self, case: int = 0) -> pd.DataFrame:
        """Return one case by bus: ``energised``, ``v_pu``, ``angle_deg``.

        Parameters
        ----------
        case
            Number of the case.
        """
        v = self.voltage[case]
        return pd.DataFrame(
            {
                "energised": self.energised[case],
                "v_pu": np.abs(v),
                "angle_deg": np.rad2deg(np.angle(v)),
            },
            index=self.grid.buses.index,
        )

    def branch_table(self, case: int = 0) -> pd.DataFrame:
        """Return one case by branch: ``from_mw``, ``from_mvar``, same of ``to``, ``loading``.

        Parameters
        ----------
        case
            Number of the case.
        """
        columns = {
            "from_mw": self.from_mva[case].real, "from_mvar": self.from_mva[case].imag,
            "to_mw": self.to_mva[case].real, "to_mvar": self.to_mva[case].imag,
            "loading": self.loading[case],
        }  # fmt: skip
        return pd.DataFrame(columns, index=self.grid.branches.index)


def solve_ac(
    grid: PowerGrid,
    *,
    load_mva: Complex | None = None,
    generator_mw: Float | None = None,
    branch_on: Bool | None = None,
    link_on: Bool | None = None,
    tolerance_mva: float = 1e-8,
    iterations: int = 20,
) -> PowerFlow:
    """Return the operating point of each case, and which cases have none.

    A case is a slot, a switching state or both: arrays with a first axis of cases are matched to
    each other, the others hold for all. Newton's method from the angles of the DC flow, islands
    independently of each other; islands without a source are dark.

    Parameters
    ----------
    grid
        The grid.
    load_mva
        Case × load, or by load: power drawn at nominal voltage in place of the table's.
    generator_mw
        Case × generator, or by generator: power given in place of the table's.
    branch_on, link_on
        Case × branch, or by branch: False where it is out; likewise for links.
    tolerance_mva
        Largest mismatch of power of an operating point.
    iterations
        Most Newton steps.

    Returns
    -------
    PowerFlow
        One row a case.

    Raises
    ------
    InputError
        With every problem of the grid. Not for a case without operating point.
    ValueError
        If numbers of cases differ.
    """
    grid = grid.completed()
    given = {
        "load_mva": table_loads(grid) if load_mva is None else np.asarray(load_mva, complex),
        "generator_mw": np.asarray(
            grid.generators["p_mw"] if generator_mw is None else generator_mw, np.float64
        ),
        "branch_on": np.ones(len(grid.branches), bool) if branch_on is None else branch_on,
        "link_on": np.ones(len(grid.links), bool) if link_on is None else link_on,
    }
    arrays = {name: np.atleast_2d(value) for name, value in given.items()}
    counts = {len(value) for value in arrays.values()} - {1}
    if len(counts) > 1:
        shapes = ", ".join(f"{name} {value.shape}" for name, value in arrays.items())
        raise ValueError(f"numbers of cases differ: {shapes}")
    cases = counts.pop() if counts else 1
    states = max(len(arrays["branch_on"]), len(arrays["link_on"]))
    switches = np.concatenate(
        [
            np.broadcast_to(arrays[n], (states, arrays[n].shape[1]))
            for n in ("branch_on", "link_on")
        ],
        axis=1,
    )
    patterns, which = np.unique(switches, axis=0, return_inverse=True)
    which = np.broadcast_to(which.ravel(), cases)
    flow = empty_flow(grid, cases)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(which == number)
        circuit = make_circuit(grid, pattern[: len(grid.branches)], pattern[len(grid.branches) :])
        load, generator = (
            value if len(value) == 1 else value[rows]
            for value in (arrays["load_mva"], arrays["generator_mw"])
        )
        _solve_circuit(circuit, rows, load, generator, flow, tolerance_mva, iterations)
    return flow


def table_loads(grid: PowerGrid) -> Complex:
    """Return what the loads of the table draw, MVA.

    Parameters
    ----------
    grid
        The grid, completed.
    """
    return np.asarray(grid.loads["p_mw"].to_numpy() + 1j * grid.loads["q_mvar"].to_numpy())


def empty_flow(grid: PowerGrid, cases: int) -> PowerFlow:
    """Return a flow in which all is dark, to be written into.

    Parameters
    ----------
    grid
        The grid, completed.
    cases
        Number of cases.
    """
    buses, branches = len(grid.buses), len(grid.branches)
    return PowerFlow(
        grid=grid,
        solved=np.ones(cases, dtype=np.bool_),
        energised=np.zeros((cases, buses), dtype=np.bool_),
        voltage=np.full((cases, buses), complex(np.nan, np.nan)),
        mismatch_mva=np.zeros(cases),
        from_mva=np.zeros((cases, branches), dtype=np.complex128),
        to_mva=np.zeros((cases, branches), dtype=np.complex128),
        loading=np.zeros((cases, branches)),
    )


def _solve_circuit(  # noqa: PLR0917
    circuit: Circuit, rows: Int, load: Complex, generator: Float, flow: PowerFlow,
    tolerance_mva: float, iterations: int,
) -> None:  # fmt: skip
    """Solve the cases that share one circuit, and write them into the rows of the flow."""
    if not circuit.nodes:
        return
    grid = circuit.grid
    constant, with_v, with_v2 = injections(circuit, load, generator)
    order, lu_start, lu_node, lu_diagonal = elimination(circuit.admittance)
    y = circuit.admittance[order][:, order].tocsr()
    y.sort_indices()
    angle = dc_angles(circuit, (constant + with_v + with_v2).real)
    start = circuit.node_v_pu * np.exp(1j * angle)
    start = np.broadcast_to(start, (rows.size, circuit.nodes))
    voltage = np.ascontiguousarray(start[:, order], dtype=np.complex128)
    mismatch = np.zeros((rows.size, circuit.islands))
    solve_cases(
        y.indptr.astype(np.int64), y.indices.astype(np.int64), y.data, circuit.node_kind[order],
        circuit.node_island[order], circuit.islands, lu_start, lu_node, lu_diagonal,
        np.ascontiguousarray(constant[:, order]), np.ascontiguousarray(with_v[:, order]),
        np.ascontiguousarray(with_v2[:, order]),
        tolerance_mva / grid.base_mva, iterations, voltage, mismatch,
    )  # fmt: skip
    found = mismatch <= tolerance_mva / grid.base_mva
    at_node = np.empty_like(voltage)
    at_node[:, order] = voltage
    at_node[~found[:, circuit.node_island]] = complex(np.nan, np.nan)
    write_flow(circuit, rows, at_node, np.atleast_1d(found.all(axis=1)), flow)
    flow.mismatch_mva[rows] = mismatch.max(axis=1) * grid.base_mva


def write_flow(
    circuit: Circuit, rows: Int, at_node: Complex, solved: Bool, flow: PowerFlow
) -> None:
    """Write the voltages of nodes, and what follows from them, into rows of a flow.

    Parameters
    ----------
    circuit
        The circuit.
    rows
        By case: row to write.
    at_node
        Case × node: voltage, NaN for no operating point.
    solved
        By case.
    flow
        What is written.
    """
    grid = circuit.grid
    live = circuit.bus_node >= 0
    bus = np.full((rows.size, live.size), complex(np.nan, np.nan))
    bus[:, live] = at_node[:, circuit.bus_node[live]]
    flow.voltage[rows] = bus
    flow.energised[rows] = live
    flow.solved[rows] = solved
    closed = circuit.end_node >= 0
    v = np.where(closed[:, None], at_node[:, circuit.end_node].transpose(1, 0, 2), 0.0)
    current = np.einsum("abk,bck->ack", circuit.end_y, v)
    power = v * current.conj() * grid.base_mva
    flow.from_mva[rows], flow.to_mva[rows] = power[0], power[1]
    limit = np.stack([grid.branches[c].to_numpy() for c in ("from_limit_mva", "to_limit_mva")])
    # A branch that may carry nothing is overloaded by any current.
    limit = np.maximum(limit, 1e-12)
    flow.loading[rows] = (np.abs(current) * grid.base_mva / limit[:, None]).max(axis=0)


def injections(
    circuit: Circuit, load: Complex, generator: Float
) -> tuple[Complex, Complex, Complex]:
    """Return what is injected at nodes: constant, in proportion to voltage, and to its square.

    Parameters
    ----------
    circuit
        The circuit.
    load
        Case × load, MVA drawn.
    generator
        Case × generator, MW given.

    Returns
    -------
    tuple[Complex, Complex, Complex]
        Case × node each, per unit; one row where all cases are alike.
    """
    grid = circuit.grid
    used = grid.loads["in_service"].to_numpy()
    drawn = np.where(used, load, 0.0) / grid.base_mva
    current = grid.loads["current_share"].to_numpy()
    impedance = grid.loads["impedance_share"].to_numpy()
    bus = grid.rows("loads", "bus")
    given = np.where(grid.generators["in_service"].to_numpy(), generator, 0.0) / grid.base_mva
    given = circuit.at_nodes(grid.rows("generators", "bus"), given)
    constant = given - circuit.at_nodes(bus, drawn * (1.0 - current - impedance))
    parts = [np.asarray(constant, dtype=np.complex128)]
    for share in (current, impedance):
        part = np.zeros((1, circuit.nodes), dtype=np.complex128)
        if (share != 0.0).any():
            part = np.asarray(-circuit.at_nodes(bus, drawn * share), dtype=np.complex128)
        parts.append(part)
    return parts[0], parts[1], parts[2]
