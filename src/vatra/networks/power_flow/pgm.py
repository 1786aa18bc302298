"""The same question put to power-grid-model: a second answer, and the quick one on large trees.

It needs the optional package ``power-grid-model`` (the extra ``power``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.networks.power_flow.ac import PowerFlow, empty_flow, table_loads, write_flow
from vatra.networks.power_flow.circuit import make_circuit
from vatra.networks.power_flow.model import PowerGrid
from vatra.problems import InputError, Problem, name_ids

Complex = NDArray[np.complex128]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

_STIFF_VA = 1e20  # short-circuit power of a source that holds its voltage


def solve_with_power_grid_model(grid: PowerGrid, load_mva: Complex | None = None) -> PowerFlow:
    """Return operating points as power-grid-model finds them, by Newton's method.

    It has no generators that hold a voltage and no branches whose shunts differ at the ends; grids
    with either are refused. One case of a batch without operating point doesn't stop the others.

    Parameters
    ----------
    grid
        The grid.
    load_mva
        Case × load, or by load: power drawn at nominal voltage in place of the table's.

    Returns
    -------
    PowerFlow
        One row a case. An island without operating point leaves the whole case without.

    Raises
    ------
    InputError
        If it can't hold the grid.
    ModuleNotFoundError
        If it is not installed.
    """
    from power_grid_model import ComponentType, PowerGridModel  # noqa: PLC0415 - optional

    grid = grid.completed()
    _refuse(grid)
    load = np.atleast_2d(table_loads(grid) if load_mva is None else load_mva)
    circuit = make_circuit(grid)
    flow = empty_flow(grid, len(load))
    if not circuit.nodes:
        return flow
    model = PowerGridModel(_input(grid, circuit.bus_node))
    used = np.flatnonzero(
        grid.loads["in_service"].to_numpy() & (circuit.bus_node[grid.rows("loads", "bus")] >= 0)
    )
    update = _update(load, used, _first_load(grid))
    failed = np.empty(0, dtype=np.int64)
    found = model.calculate_power_flow(
        update_data=update, continue_on_batch_error=True, output_component_types={"node"}
    )[ComponentType.node]
    if model.batch_error is not None:
        failed = np.asarray(model.batch_error.failed_scenarios)
    voltage = found["u_pu"] * np.exp(1j * found["u_angle"])
    voltage[failed] = complex(np.nan, np.nan)
    solved = np.ones(len(load), dtype=np.bool_)
    solved[failed] = False
    at_node = np.empty((len(load), circuit.nodes), dtype=np.complex128)
    live = circuit.bus_node >= 0
    at_node[:, circuit.bus_node[live]] = voltage[:, live]
    write_flow(circuit, np.arange(len(load)), at_node, solved, flow)
    flow.mismatch_mva[failed] = np.nan
    return flow


def _refuse(grid: PowerGrid) -> None:
    problems = []
    held = grid.generators.index[grid.generators["in_service"]]
    if len(held):
        mend = "use solve_ac"
        problems.append(Problem("generators", name_ids(held), "hold a voltage", mend))
    b = grid.branches
    skewed = (b["from_g_pu"] != b["to_g_pu"]) | (b["from_b_pu"] != b["to_b_pu"])
    gap = np.hypot(b["from_g_pu"] - b["to_g_pu"], b["from_b_pu"] - b["to_b_pu"])
    skewed &= gap > 1e-12 * np.hypot(b["to_g_pu"], b["to_b_pu"])
    if skewed.any():
        ids = name_ids(grid.branches.index[skewed])
        problems.append(Problem("branches", ids, "has unlike shunts", "use solve_ac"))
    mixed = ~grid.loads[["current_share", "impedance_share"]].isin([0.0, 1.0]).all(axis=1)
    if mixed.any():
        ids = name_ids(grid.loads.index[mixed])
        problems.append(Problem("loads", ids, "is of mixed kind", "use solve_ac"))
    if problems:
        raise InputError(f"{grid.name} for power-grid-model", problems)


def _first_load(grid: PowerGrid) -> int:
    return sum(len(t) for t in (grid.buses, grid.branches, grid.links, grid.shunts, grid.sources))


def _input(grid: PowerGrid, bus_node: Int) -> dict[Any, NDArray[np.void]]:
    """Input data: elements are numbered through, in the order of the tables."""
    from power_grid_model import ComponentType, initialize_array  # noqa: PLC0415
    from power_grid_model import DatasetType as Kind  # noqa: PLC0415

    first = 0

    def made(component: ComponentType, count: int) -> NDArray[np.void]:
        nonlocal first
        array = initialize_array(Kind.input, component, count)
        array["id"] = np.arange(first, first + count)
        first += count
        return np.asarray(array)

    bus_ok = grid.buses["in_service"].to_numpy()
    kv = grid.buses["kv"].to_numpy()
    node = made(ComponentType.node, len(grid.buses))
    node["u_rated"] = 1e3 * kv
    b = grid.branches
    branch = made(ComponentType.generic_branch, len(b))
    tail, head = grid.rows("branches", "from_bus"), grid.rows("branches", "to_bus")
    ohm = kv[head] ** 2 / grid.base_mva
    branch["from_node"], branch["to_node"] = tail, head
    branch["from_status"] = b["from_closed"].to_numpy() & bus_ok[tail]
    branch["to_status"] = b["to_closed"].to_numpy() & bus_ok[head]
    branch["r1"], branch["x1"] = b["r_pu"] * ohm, b["x_pu"] * ohm
    branch["g1"] = 2.0 * b["to_g_pu"] / ohm
    branch["b1"] = 2.0 * b["to_b_pu"] / ohm
    branch["k"], branch["theta"] = b["tap"], np.deg2rad(b["shift_deg"])
    link = made(ComponentType.link, len(grid.links))
    link["from_node"] = tail = grid.rows("links", "from_bus")
    link["to_node"] = head = grid.rows("links", "to_bus")
    closed = grid.links["closed"].to_numpy() & bus_ok[tail] & bus_ok[head]
    link["from_status"] = link["to_status"] = closed
    shunt = made(ComponentType.shunt, len(grid.shunts))
    shunt["node"] = at = grid.rows("shunts", "bus")
    shunt["status"] = grid.shunts["in_service"].to_numpy() & bus_ok[at]
    shunt["g1"] = grid.shunts["g_mw"].to_numpy() / kv[at] ** 2
    shunt["b1"] = grid.shunts["b_mvar"].to_numpy() / kv[at] ** 2
    source = made(ComponentType.source, len(grid.sources))
    source["node"] = at = grid.rows("sources", "bus")
    source["status"] = grid.sources["in_service"].to_numpy() & bus_ok[at]
    source["u_ref"] = grid.sources["v_pu"]
    source["u_ref_angle"] = np.deg2rad(grid.sources["angle_deg"])
    source["sk"] = _STIFF_VA
    load = made(ComponentType.sym_load, len(grid.loads))
    load["node"] = at = grid.rows("loads", "bus")
    load["status"] = grid.loads["in_service"].to_numpy() & (bus_node[at] >= 0)
    load["type"] = np.where(
        grid.loads["impedance_share"] == 1.0, 1, np.where(grid.loads["current_share"] == 1.0, 2, 0)
    )
    load["p_specified"], load["q_specified"] = 1e6 * grid.loads["p_mw"], 1e6 * grid.loads["q_mvar"]
    return {
        ComponentType.node: node, ComponentType.generic_branch: branch, ComponentType.link: link,
        ComponentType.shunt: shunt, ComponentType.source: source, ComponentType.sym_load: load,
    }  # fmt: skip


def _update(load: Complex, used: Int, first: int) -> dict[Any, NDArray[np.void]]:
    from power_grid_model import ComponentType, initialize_array  # noqa: PLC0415
    from power_grid_model import DatasetType as Kind  # noqa: PLC0415

    array = initialize_array(Kind.update, ComponentType.sym_load, (len(load), used.size))
    array["id"] = first + used
    array["p_specified"] = 1e6 * load[:, used].real
    array["q_specified"] = 1e6 * load[:, used].imag
    return {ComponentType.sym_load: np.asarray(array)}
