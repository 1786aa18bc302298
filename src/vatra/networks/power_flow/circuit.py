"""What of a grid hangs together under one state of its switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from vatra.networks.power_flow.model import PowerGrid

Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Float = NDArray[np.float64]
Complex = NDArray[np.complex128]
Number = TypeVar("Number", np.float64, np.complex128)

SLACK, PV, PQ = 0, 1, 2


@dataclass(frozen=True)
class Circuit:
    """The energised part of a grid: nodes are buses that closed links make one.

    Parameters
    ----------
    grid
        The grid, completed.
    bus_node
        By bus: its node, −1 where it is dark.
    node_island
        By node: its island, from 0.
    node_kind
        By node: `SLACK`, `PV` or `PQ`.
    node_v_pu, node_angle
        By node: voltage held, 1 pu and 0 rad where none is.
    admittance
        Node × node admittance matrix, per unit, with sorted rows.
    shunt_pu
        By node: admittance of its shunts.
    end_node
        2 × branch: node of the from and to end, −1 where the branch carries nothing.
    end_y
        2 × 2 × branch: admittances ``I_a = Σ_b end_y[a, b] V_b`` seen at the ends; for a branch
        open at one end the other sees its idle admittance.
    """

    grid: PowerGrid
    bus_node: Int
    node_island: Int
    node_kind: Int
    node_v_pu: Float
    node_angle: Float
    admittance: csr_array
    shunt_pu: Complex
    end_node: Int
    end_y: Complex

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(self.node_kind.size)

    @property
    def islands(self) -> int:
        """Number of islands with a source."""
        return int(self.node_island.max(initial=-1)) + 1

    def at_nodes(self, bus: Int, values: NDArray[Number]) -> NDArray[Number]:
        """Sum values of elements at their nodes.

        Parameters
        ----------
        bus
            By element: row of its bus.
        values
            Case × element.

        Returns
        -------
        NDArray[Number]
            Case × node.
        """
        node = self.bus_node[bus]
        used = np.flatnonzero(node >= 0)
        places = coo_array(
            (np.ones(used.size), (node[used], used)), shape=(self.nodes, bus.size)
        ).tocsr()
        return np.asarray((places @ values.T).T, dtype=values.dtype)


def branch_admittance(grid: PowerGrid) -> Complex:
    """Return the admittances of each branch with both ends closed.

    Parameters
    ----------
    grid
        The grid, completed.

    Returns
    -------
    Complex
        2 × 2 × branch, per unit: the branch model of MATPOWER's manual, with shunts of their own
        at each end.
    """
    b = grid.branches
    series = 1.0 / (b["r_pu"].to_numpy() + 1j * b["x_pu"].to_numpy())
    from_shunt = b["from_g_pu"].to_numpy() + 1j * b["from_b_pu"].to_numpy()
    to_shunt = b["to_g_pu"].to_numpy() + 1j * b["to_b_pu"].to_numpy()
    tap = b["tap"].to_numpy() * np.exp(1j * np.deg2rad(b["shift_deg"].to_numpy()))
    out = np.empty((2, 2, len(b)), dtype=np.complex128)
    out[0, 0] = (series + from_shunt) / np.abs(tap) ** 2
    out[0, 1] = -series / tap.conj()
    out[1, 0] = -series / tap
    out[1, 1] = series + to_shunt
    return out


def make_circuit(
    grid: PowerGrid, branch_on: Bool | None = None, link_on: Bool | None = None
) -> Circuit:
    """Find the islands that have a source and lay out their equations.

    Parameters
    ----------
    grid
        The grid, completed.
    branch_on, link_on
        By branch and link: False where it is out whatever its own state says; None for all in.
    """
    buses = len(grid.buses)
    bus_ok = grid.buses["in_service"].to_numpy()
    merged = _merge(grid, bus_ok, link_on)
    ends = np.stack([grid.rows("branches", "from_bus"), grid.rows("branches", "to_bus")])
    closed = np.stack(
        [grid.branches["from_closed"].to_numpy(), grid.branches["to_closed"].to_numpy()]
    )
    closed = closed & bus_ok[ends]
    if branch_on is not None:
        closed = closed & branch_on
    both = closed.all(axis=0)
    # Islands: merged buses joined by branches closed at both ends, kept if a source feeds them.
    joins = csr_array(
        (np.ones(int(both.sum())), (merged[ends[0, both]], merged[ends[1, both]])),
        shape=(buses, buses),
    )
    _, component = connected_components(joins, directed=False)
    source_bus, source = _held(grid, "sources", bus_ok)
    alive = np.zeros(buses, dtype=np.bool_)
    alive[component[merged[source_bus]]] = True
    live = bus_ok & alive[component[merged]]
    roots, node = np.unique(merged[live], return_inverse=True)
    bus_node = np.full(buses, -1, dtype=np.int64)
    bus_node[live] = node
    _, island = np.unique(component[roots], return_inverse=True)
    kind = np.full(roots.size, PQ, dtype=np.int64)
    v_pu, angle = np.ones(roots.size), np.zeros(roots.size)
    generator_bus, generator = _held(grid, "generators", bus_ok)
    at = bus_node[generator_bus]
    kind[at[at >= 0]] = PV
    v_pu[at[at >= 0]] = grid.generators["v_pu"].to_numpy()[generator][at >= 0]
    at = bus_node[source_bus]
    kind[at] = SLACK
    v_pu[at] = grid.sources["v_pu"].to_numpy()[source]
    angle[at] = np.deg2rad(grid.sources["angle_deg"].to_numpy()[source])
    end_node = np.where(closed, bus_node[ends], -1)
    end_node[:, both & (end_node < 0).any(axis=0)] = -1
    end_y = _ends_admittance(grid, closed)
    shunt = grid.shunts["g_mw"].to_numpy() + 1j * grid.shunts["b_mvar"].to_numpy()
    shunt = np.where(grid.shunts["in_service"].to_numpy(), shunt / grid.base_mva, 0.0)
    shunt_node = bus_node[grid.rows("shunts", "bus")]
    at_node = np.zeros(roots.size, dtype=np.complex128)
    np.add.at(at_node, shunt_node[shunt_node >= 0], shunt[shunt_node >= 0])
    return Circuit(
        grid=grid, bus_node=bus_node, node_island=island, node_kind=kind, node_v_pu=v_pu,
        node_angle=angle, end_node=end_node, end_y=end_y, shunt_pu=at_node,
        admittance=_admittance(end_node, end_y, at_node),
    )  # fmt: skip


def _merge(grid: PowerGrid, bus_ok: Bool, link_on: Bool | None) -> Int:
    """By bus: the first bus that closed links make it one with."""
    buses = len(grid.buses)
    tail, head = grid.rows("links", "from_bus"), grid.rows("links", "to_bus")
    closed = grid.links["closed"].to_numpy() & bus_ok[tail] & bus_ok[head]
    if link_on is not None:
        closed = closed & link_on
    if not closed.any():
        return np.arange(buses)
    ties = csr_array((np.ones(int(closed.sum())), (tail[closed], head[closed])), (buses, buses))
    _, label = connected_components(ties, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(first[label], dtype=np.int64)


def _held(grid: PowerGrid, table: str, bus_ok: Bool) -> tuple[Int, Int]:
    """Rows of the buses and of the elements that hold a voltage there."""
    bus = grid.rows(table, "bus")
    used = np.flatnonzero(grid.tables()[table]["in_service"].to_numpy() & bus_ok[bus])
    return bus[used], used


def _ends_admittance(grid: PowerGrid, closed: Bool) -> Complex:
    y = branch_admittance(grid)
    # What an end sees of a branch that is open at the other: that end carries no current.
    for here, there in ((0, 1), (1, 0)):
        open_there = closed[here] & ~closed[there]
        loop = y[there, there, open_there]
        idle = np.where(loop == 0.0, 0.0, 1.0 / np.where(loop == 0.0, 1.0, loop))
        seen = y[here, here, open_there]
        seen = seen - y[here, there, open_there] * y[there, here, open_there] * idle
        y[here, here, open_there] = seen
        y[here, there, open_there] = 0.0
        y[there, :, open_there] = 0.0
    y[:, :, ~closed.any(axis=0)] = 0.0
    return y


def _admittance(end_node: Int, end_y: Complex, shunt: Complex) -> csr_array:
    nodes = shunt.size
    # The diagonal is there even where it is zero: elimination needs its place.
    rows, columns, values = [np.arange(nodes)], [np.arange(nodes)], [shunt]
    for a in (0, 1):
        for b in (0, 1):
            used = (end_node[a] >= 0) & (end_node[b] >= 0)
            rows.append(end_node[a, used])
            columns.append(end_node[b, used])
            values.append(end_y[a, b, used])
    made = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(nodes, nodes),
    ).tocsr()
    made.sum_duplicates()
    made.sort_indices()
    return made
