"""Steady flow, temperature and heat of a heating network, for many cases at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array

from vatra.networks.elimination import elimination
from vatra.networks.heat_flow._kernels import CP, solve_cases
from vatra.networks.heat_flow.model import HeatGrid

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]


_LAMINAR_RE = 2000.0


@dataclass(frozen=True)
class HeatFlow:
    """What a heating network does, case by case.

    Parameters
    ----------
    grid
        The network.
    settled
        By case: False where flow and temperature did not come to rest; its figures are then the
        last ones.
    demand_mw
        Case × consumer: heat wanted.
    pipe_kg_s
        Case × pipe: from ``from_node`` to ``to_node``; 0 where water stands.
    pressure_bar
        Case × node: above the inlet of the first running pump of its part; 0 in parts without.
    node_c
        Case × node: NaN where water stands.
    consumer_kg_s, consumer_c, delivered_mw
        Case × consumer: flow, temperature that reaches it (NaN where none does), heat taken.
    source_kg_s, source_mw
        Case × source: flow, heat given.
    lost_mw
        By case: heat lost in pipes.
    """

    grid: HeatGrid
    settled: Bool
    demand_mw: Float
    pipe_kg_s: Float
    pressure_bar: Float
    node_c: Float
    consumer_kg_s: Float
    consumer_c: Float
    delivered_mw: Float
    source_kg_s: Float
    source_mw: Float
    lost_mw: Float

    @property
    def served(self) -> Float:
        """Case × consumer: share of the demand that is met; 1 where there is none."""
        wanted = self.demand_mw > 0.0
        return np.where(wanted, self.delivered_mw / np.where(wanted, self.demand_mw, 1.0), 1.0)

    @property
    def unbalanced_mw(self) -> Float:
        """By case: heat given less heat taken and lost; 0 but for rounding where it settled."""
        return np.asarray(self.source_mw.sum(axis=1) - self.delivered_mw.sum(axis=1) - self.lost_mw)


def solve_heat(
    grid: HeatGrid,
    *,
    demand_mw: Float | None = None,
    supply_c: Float | None = None,
    capacity_mw: Float | None = None,
    pump_on: Bool | None = None,
    pipe_open: Bool | None = None,
    consumer_open: Bool | None = None,
    ground_c: Float | None = None,
    laminar: bool = True,
) -> HeatFlow:
    """Return the steady state of each case: flow by pressure, temperature by mixing and cooling.

    A case is a step of time, a state of pumps and pipes or both: arrays with a first axis of cases
    are matched to each other, the others hold for all. Consumers' valves let through what their
    demand takes at the temperature that reaches them, but no more than the differential pressure
    drives; sources give up to their capacity. Water that stands has no temperature; nothing cools
    below the ground or a consumer's return temperature. Delay in pipes is left out.

    Parameters
    ----------
    grid
        The network.
    demand_mw, supply_c, capacity_mw
        Case × consumer, source and source, or by them, in place of the tables'.
    pump_on, pipe_open, consumer_open
        Case × source, pipe and consumer, or by them.
    ground_c
        By case.
    laminar
        Whether slow water flows as Hagen and Poiseuille say, up to a Reynolds number of 2,000, and
        in between up to 4,000. Without, the turbulent formula of Swamee and Jain holds at any
        flow, as in other tools; only to compare with them.

    Returns
    -------
    HeatFlow
        One row a case. A network without a running pump stands: that is an answer.

    Raises
    ------
    InputError
        With every problem of the network.
    ValueError
        If numbers of cases differ.
    """
    grid = grid.completed()
    given = {
        "demand_mw": grid.consumers["demand_mw"] if demand_mw is None else demand_mw,
        "supply_c": grid.sources["supply_c"] if supply_c is None else supply_c,
        "capacity_mw": grid.sources["capacity_mw"] if capacity_mw is None else capacity_mw,
        "pump_on": grid.sources["on"] if pump_on is None else pump_on,
        "pipe_open": grid.pipes["open"] if pipe_open is None else pipe_open,
        "consumer_open": np.ones(len(grid.consumers)) if consumer_open is None else consumer_open,
    }
    arrays = {name: np.atleast_2d(np.asarray(v, np.float64)) for name, v in given.items()}
    ground = np.atleast_1d(np.asarray(grid.ground_c if ground_c is None else ground_c, np.float64))
    counts = {len(v) for v in arrays.values()} | {len(ground)}
    cases = max(counts)
    if counts - {1, cases}:
        shapes = ", ".join(f"{name} {value.shape}" for name, value in arrays.items())
        raise ValueError(f"numbers of cases differ: {shapes}, ground_c {ground.shape}")
    wide = {n: np.broadcast_to(v, (cases, v.shape[1])).copy() for n, v in arrays.items()}
    is_open = np.concatenate([wide[n] for n in ("pipe_open", "consumer_open", "pump_on")], axis=1)
    layout = _Layout.of(grid, laminar=laminar)
    pipes, consumers, sources = (len(t) for t in (grid.pipes, grid.consumers, grid.sources))
    flow = np.zeros((cases, pipes + consumers + sources))
    pressure = np.zeros((cases, layout.order.size))
    temperature = np.full((cases, layout.order.size), np.nan)
    at_c = np.full((cases, consumers + sources), np.nan)
    taken, gave = np.zeros((cases, consumers)), np.zeros((cases, sources))
    lost, settled = np.zeros(cases), np.zeros(cases, dtype=np.bool_)
    solve_cases(
        layout.tail, layout.head, layout.parameter, grid.pipes["diameter_m"].to_numpy(),
        layout.typical, layout.decay, layout.node_start, layout.node_link, layout.lu_start,
        layout.lu_node, layout.lu_diagonal, layout.above,
        layout.below, np.broadcast_to(ground, cases).copy(), is_open > 0.0,
        1e6 * wide["demand_mw"], grid.consumers["return_c"].to_numpy(), wide["supply_c"],
        1e6 * wide["capacity_mw"], flow, pressure, temperature, at_c, taken, gave, lost, settled,
    )  # fmt: skip
    at_node = np.empty_like(pressure), np.empty_like(temperature)
    at_node[0][:, layout.order] = pressure
    at_node[1][:, layout.order] = temperature
    return HeatFlow(
        grid=grid, settled=settled, demand_mw=wide["demand_mw"],
        pipe_kg_s=flow[:, :pipes], pressure_bar=at_node[0] / 1e5, node_c=at_node[1],
        consumer_kg_s=flow[:, pipes : pipes + consumers],
        consumer_c=at_c[:, :consumers], delivered_mw=taken / 1e6,
        source_kg_s=flow[:, pipes + consumers :], source_mw=gave / 1e6, lost_mw=lost / 1e6,
    )  # fmt: skip


@dataclass(frozen=True)
class _Layout:
    """The network as the kernel sees it: links in one list, nodes in the order of elimination."""

    order: Int
    tail: Int
    head: Int
    parameter: Float
    typical: Float
    decay: Float
    node_start: Int
    node_link: Int
    lu_start: Int
    lu_node: Int
    lu_diagonal: Int
    above: Int
    below: Int

    @classmethod
    def of(cls, grid: HeatGrid, *, laminar: bool) -> _Layout:
        ids = grid.nodes()
        ends = (
            ("from_node", "supply_node", "return_node"),
            ("to_node", "return_node", "supply_node"),
        )
        tables = (grid.pipes, grid.consumers, grid.sources)
        tail, head = (
            ids.get_indexer(
                pd.Index(np.concatenate([t[c] for t, c in zip(tables, columns, strict=True)]))
            )
            for columns in ends
        )
        nodes, links = len(ids), tail.size
        pattern = coo_array((np.ones(links), (tail, head)), shape=(nodes, nodes)).tocsr()
        order, lu_start, lu_node, lu_diagonal = elimination(pattern)
        place = np.empty(nodes, dtype=np.int64)
        place[order] = np.arange(nodes)
        tail, head = place[tail], place[head]
        key = np.repeat(np.arange(nodes), np.diff(lu_start)) * nodes + lu_node
        both = np.concatenate([tail, head])
        by_node = np.argsort(both, kind="stable")
        parameter, typical = _parameters(grid)
        parameter[: len(grid.pipes), 5] = _LAMINAR_RE if laminar else 0.0
        lost = grid.pipes["loss_w_mk"].to_numpy() * grid.pipes["length_m"].to_numpy()
        return cls(
            order=order, tail=tail, head=head, parameter=parameter, typical=typical,
            decay=lost / CP, node_start=np.searchsorted(both[by_node], np.arange(nodes + 1)),
            node_link=np.tile(np.arange(links), 2)[by_node], lu_start=lu_start, lu_node=lu_node,
            lu_diagonal=lu_diagonal, above=np.searchsorted(key, tail * nodes + head),
            below=np.searchsorted(key, head * nodes + tail),
        )  # fmt: skip


def _parameters(grid: HeatGrid) -> tuple[Float, Float]:
    pipes, consumers, sources = grid.pipes, grid.consumers, grid.sources
    diameter = pipes["diameter_m"].to_numpy()
    parameter = np.zeros((len(pipes) + len(consumers) + len(sources), 6))
    of_pipes = parameter[: len(pipes)]
    of_pipes[:, 2] = pipes["roughness_mm"].to_numpy() * 1e-3 / (3.7 * diameter)
    of_pipes[:, 3] = pipes["length_m"].to_numpy() / diameter
    of_pipes[:, 4] = pipes["fittings"].to_numpy()
    of_consumers = parameter[len(pipes) : len(pipes) + len(consumers)]
    of_consumers[:, 0] = 1e5 * consumers["open_bar"].to_numpy()
    of_consumers[:, 1] = consumers["open_kg_s"].to_numpy()
    parameter[len(pipes) + len(consumers) :, 0] = 1e5 * sources["lift_bar"].to_numpy()
    usual = 500.0 * np.pi * diameter**2 / 4.0  # half a metre a second
    typical = np.concatenate([usual, consumers["open_kg_s"].to_numpy(), np.ones(len(sources))])
    return parameter, typical
