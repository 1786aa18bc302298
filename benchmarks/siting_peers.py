"""Siting and reach beside their peers: the same input in the same run.

spopt runs in a process of its own that is ended when its time is up, since its solvers' limits
don't count the time in which it builds the program.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from siting_city import REACH_M, STEP_M, UNSERVED_M, WIDE_M, Town, solve_town, town_of, warm_up
from table import Row
from vatra.warm_points import costs_of, p_median, siting_task, walking_arcs
from vatra.warm_points.exact import solve_rest
from vatra.warm_points.reach import doors_of, street_net, walks

LIMIT_REACH_RATIO = 15.0
MEDIANS = {100: 10, 300: 30, 700: 50, 1_000: 100}
"""Points, each a customer and a candidate, and sites to open; the last is a million pairs."""
PEER_S = 120.0
"""Seconds for a peer to build and solve one p-median."""


def peer_rows() -> list[Row]:
    """Run spopt's p-medians, HiGHS on the same sparse model, and reach."""
    warm_up()
    p_median(costs_of(np.eye(3)), 1)
    return _median_rows() + _sparse_rows() + _reach_rows()


def _spopt(solver: str, costs: NDArray[np.float64], p: int, line: Connection) -> None:
    """Build and solve a p-median with spopt, and send what came of it."""
    import pulp  # type: ignore[import-not-found]  # noqa: PLC0415
    from spopt.locate import PMedian  # type: ignore[import-not-found]  # noqa: PLC0415

    line.send(0.0)  # the clock runs from here: what it takes to import isn't counted
    ones = np.ones(len(costs))
    with_solver = {
        "CBC": lambda: pulp.PULP_CBC_CMD(msg=False),
        "HiGHS": lambda: pulp.HiGHS(msg=False),
    }[solver]()
    model = PMedian.from_cost_matrix(costs, ones, p_facilities=p)
    model = model.solve(with_solver)
    line.send(float(pulp.value(model.problem.objective)))


def _median_rows() -> list[Row]:
    rows: list[Row] = []
    absent = [name for name in ("spopt", "pulp") if importlib.util.find_spec(name) is None]
    # A peer that didn't answer isn't asked for more.
    asked = {"CBC", "HiGHS"}
    for n, p in MEDIANS.items():
        xy = np.random.default_rng(n).uniform(0, 10_000, (n, 2))
        costs = np.floor(np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)))
        case = f"p-median {n:,} x {n:,}, {p} sites"
        began = time.perf_counter()
        ours = p_median(costs_of(costs), p, seconds=PEER_S)
        took = time.perf_counter() - began
        rows += [Row(case, "vatra, s", took), Row(case, "vatra: cost", ours.cost)]
        rows.append(Row(case, "vatra: gap, proved by itself", ours.gap))
        if absent:
            rows.append(Row(case, "spopt: peer absent", 0.0))
            continue
        for solver in ("CBC", "HiGHS"):
            if solver not in asked:
                rows.append(Row(case, f"spopt with {solver}: not asked, no answer before", 0.0))
                continue
            there, spent = _answer_of(solver, costs, p)
            if there is None:
                asked.discard(solver)
                rows.append(Row(case, f"spopt with {solver}: no answer after, s", spent))
                continue
            rows += [
                Row(case, f"spopt with {solver}: s over vatra's", spent / took),
                Row(case, f"vatra over spopt with {solver}: cost", ours.cost, there),
            ]
    return rows


def _answer_of(solver: str, costs: NDArray[np.float64], p: int) -> tuple[float | None, float]:
    """Ask spopt in a process of its own: what it answers, None for nothing, and seconds."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_spopt, args=(solver, costs, p, there))
    child.start()
    there.close()
    answer = None
    began = time.perf_counter()
    try:
        here.recv()
        began = time.perf_counter()
        if here.poll(PEER_S):
            answer = float(here.recv())
    except EOFError:
        pass  # it ended without an answer
    spent = time.perf_counter() - began
    if child.is_alive():
        child.terminate()
    child.join()
    return answer, spent


def _sparse_rows() -> list[Row]:
    """HiGHS for as long on the same sparse program with capacities."""
    rows = []
    for blocks in (2_000, 10_000):
        town = town_of(blocks)
        case = f"peers {blocks:,} x {len(town.candidates):,}"
        metres = walking_arcs(town.streets, town.blocks, town.candidates, REACH_M)
        began = time.perf_counter()
        gap = 0.0 if blocks == 2_000 else 0.004
        answer = solve_town(town, metres, town.capacity, 60.0, gap)
        took = time.perf_counter() - began
        task = siting_task(metres, town.need, town.capacity, sites=town.sites, unserved=UNSERVED_M)
        free = np.zeros(task.candidates, dtype=np.int8)
        rest = solve_rest(task, free, np.ones(task.pairs, dtype=bool), took)
        rows += [
            Row(case, "vatra, s", took),
            Row(case, "vatra: cost", answer.cost),
            Row(case, "vatra: bound", answer.bound),
            Row(case, "vatra: gap", answer.gap),
        ]
        if rest.chosen is None:
            rows.append(Row(case, "HiGHS for as long: no answer", 0.0))
        else:
            rows += [
                Row(case, "HiGHS for as long: gap", 1.0 - max(rest.bound, 0.0) / rest.cost),
                Row(case, "vatra over HiGHS: cost", answer.cost, rest.cost),
            ]
    return rows


def _reach_rows() -> list[Row]:
    """Time the routing alone: from 5,000 sites to all within reach, on 300,000 street nodes."""
    town = town_of(30_000, side_m=WIDE_M)
    net = street_net(town.streets)
    ways = (net, doors_of(net, town.blocks), doors_of(net, town.candidates), REACH_M)
    walks(*ways)
    # The peers run on one core, so the ratio is of time of the processor's, all threads together.
    began = time.process_time()
    walks(*ways, threads=1)
    ours = time.process_time() - began
    ends = town.streets[["from_node", "to_node"]].to_numpy()
    nodes = int(ends.max()) + 1
    case = f"reach, 5,000 sites, {nodes:,} nodes"
    graph = sp.csr_array((np.full(len(ends), STEP_M), (ends[:, 0], ends[:, 1])), (nodes, nodes))
    starts = np.random.default_rng(0).choice(nodes, 100, replace=False)
    began = time.process_time()
    for start in starts:
        dijkstra(graph, directed=False, indices=[start], limit=REACH_M)
    scipy_s = (time.process_time() - began) * 50
    rows = [
        Row(case, "vatra on one core, s of CPU", ours),
        Row(case, "scipy over vatra (from 100 sites)", scipy_s / ours, LIMIT_REACH_RATIO, True),
    ]
    rows += _pandana_rows(case, town, ours)
    try:
        import networkx as nx  # noqa: PLC0415
    except ImportError:
        return [*rows, Row(case, "networkx: peer absent", 0.0)]
    streets = nx.Graph()
    streets.add_weighted_edges_from((int(a), int(b), STEP_M) for a, b in ends)
    began = time.process_time()
    for start in starts:
        nx.single_source_dijkstra_path_length(streets, int(start), cutoff=REACH_M)
    networkx_s = (time.process_time() - began) * 50
    figure = "networkx over vatra (from 100 sites)"
    return [*rows, Row(case, figure, networkx_s / ours, LIMIT_REACH_RATIO, True)]


def _pandana_rows(case: str, town: Town, ours: float) -> list[Row]:
    """Time pandana on the same network: all nodes within reach; its build apart."""
    try:
        import pandana  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return [Row(case, "pandana: peer absent", 0.0)]
    ends = town.streets[["from_node", "to_node"]].to_numpy()
    wide = int(WIDE_M / STEP_M) + 1
    node = np.arange(int(ends.max()) + 1)
    began = time.process_time()
    net: Any = pandana.Network(
        pd.Series(node % wide * STEP_M, index=node),
        pd.Series(node // wide * STEP_M, index=node),
        town.streets["from_node"],
        town.streets["to_node"],
        town.streets[["length_m"]],
    )
    build_s = time.process_time() - began
    starts = np.random.default_rng(0).choice(node, 100, replace=False)
    began = time.process_time()
    net.nodes_in_range(starts.tolist(), REACH_M)
    peer_s = (time.process_time() - began) * 50
    return [
        Row(case, "pandana: build, s", build_s),
        Row(case, "pandana over vatra (from 100 sites)", peer_s / ours, LIMIT_REACH_RATIO, True),
    ]
