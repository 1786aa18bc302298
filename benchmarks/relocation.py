"""Earliest arrivals out of a city beside exact optima.

    python benchmarks/relocation.py [--json] [--data DIR] [--city RESIDENTS]

The figure to meet: 2,000 places x 144 half-hours within 1 % of the exact optimum in 30 s. The
optimum is the least sum of arrival slots, those left behind counted with twice the horizon. It is
found by OR-Tools' minimum-cost flow where that is installed (``pip install ortools``), by HiGHS on
the smaller networks, and is proved in every case by cuts of the network in time that are counted
apart from the solver; both are printed beside Vatra's answer.

With ``--city`` the whole of a made-up city leaves, in stages: the plan beside its bound.

With ``--data DIR`` each folder ``DIR/relocation/NAME`` is run as well. It holds ``arcs.csv``
(``tail,head,lag,room``, optionally ``first,last``: slots in which the room is there), ``homes.csv``
(``place,people``, optionally ``release,last``), ``hosts.csv`` (``place,beds``) and ``slots.txt``.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog as _linprog
from scipy.sparse import coo_array

from table import Row, show
from vatra.city.synthetic import make_city
from vatra.relocation.bound import cut_bound
from vatra.relocation.check import check_moves
from vatra.relocation.city_moves import CityMoves
from vatra.relocation.network import Crowd, Moves, Network, make_network, send_earliest
from vatra.relocation.rules import MoveRules
from vatra.situation import november_2022

linprog: Any = _linprog  # the stubs don't know sparse matrices here
Ints = NDArray[np.int64]

LIMIT_S, LIMIT_GAP = 30.0, 0.01
GRIDS = {(12, 40): 120_000, (20, 60): 400_000, (45, 144): 1_800_000}
"""Side of the grid of streets and half-hours: people."""
MOST_ARCS_HIGHS = 120_000
"""Arcs in time up to which HiGHS is asked; beyond it takes longer than anybody waits."""
CAR_PEOPLE, LANE_CARS_H = 2.5, 1_300.0


def town_of(side: int, slots: int, people: int, seed: int = 0) -> tuple[Network, Crowd]:
    """Make a grid of streets with 8 roads out, 4 stations and people spread unevenly.

    Assumed: streets of 0.3 to 2 lanes, 2.5 people a car, 1,300 cars a lane and hour, roads out of
    two lanes, stations of one train of 1,200 an hour, 500 people who may wait at a crossing.
    """
    rng = np.random.default_rng(seed)
    count = side * side
    place = np.arange(count).reshape(side, side)
    pairs = np.concatenate(
        [
            np.column_stack([place[:, :-1].ravel(), place[:, 1:].ravel()]),
            np.column_stack([place[:-1].ravel(), place[1:].ravel()]),
        ]
    )
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    lanes = rng.choice([0.3, 0.5, 1.0, 2.0], len(pairs), p=[0.3, 0.3, 0.3, 0.1])
    rim = np.unique(np.concatenate([place[0], place[-1], place[:, 0], place[:, -1]]))
    roads, stations = rng.choice(rim, 8, replace=False), rng.choice(count, 4, replace=False)
    host = np.arange(count, count + 12)
    lane = LANE_CARS_H * CAR_PEOPLE / 2.0
    tail = np.concatenate([pairs[:, 0], place.ravel(), roads, stations])
    head = np.concatenate([pairs[:, 1], place.ravel(), host])
    lag = np.concatenate([np.ones(len(pairs) + count), np.full(8, 2), np.full(4, 4)])
    room = np.concatenate(
        [lanes * lane, np.full(count, 500), np.full(8, 2 * lane), np.full(4, 600)]
    )
    share = rng.gamma(1.0, size=count)
    network, _ = make_network(
        count + 12,
        tail=tail,
        head=head,
        lag=lag.astype(np.int64),
        room=np.repeat(room.astype(np.int64)[None, :], slots, axis=0),
        host=host,
        beds=np.full(12, 10**9),
    )
    crowd = Crowd(
        home=np.arange(count, dtype=np.int32),
        release=np.zeros(count, dtype=np.int32),
        last=np.full(count, slots - 1, dtype=np.int32),
        people=(share / share.sum() * people).astype(np.int64),
    )
    return network, crowd


def read_town(folder: Path) -> tuple[Network, Crowd]:
    """Read an instance from its tables."""
    slots = int((folder / "slots.txt").read_text())
    arcs = pd.read_csv(folder / "arcs.csv").assign(**_missing(folder / "arcs.csv", slots))
    homes = pd.read_csv(folder / "homes.csv").assign(**_missing(folder / "homes.csv", slots))
    hosts = pd.read_csv(folder / "hosts.csv")
    slot = np.arange(slots)[:, None]
    there = (slot >= arcs["first"].to_numpy()) & (slot <= arcs["last"].to_numpy())
    ends = (arcs["tail"].max(), arcs["head"].max(), homes["place"].max(), hosts["place"].max())
    network, _ = make_network(
        int(max(ends)) + 1,
        tail=arcs["tail"].to_numpy(),
        head=arcs["head"].to_numpy(),
        lag=arcs["lag"].to_numpy(),
        room=there * arcs["room"].to_numpy(),
        host=hosts["place"].to_numpy(),
        beds=hosts["beds"].to_numpy(),
    )
    crowd = Crowd(
        home=homes["place"].to_numpy().astype(np.int32),
        release=homes["release"].to_numpy().astype(np.int32),
        last=homes["last"].to_numpy().astype(np.int32),
        people=homes["people"].to_numpy().astype(np.int64),
    )
    return network, crowd


def _missing(file: Path, slots: int) -> dict[str, int]:
    columns = pd.read_csv(file, nrows=0).columns
    return {n: v for n, v in (("first", 0), ("release", 0), ("last", slots - 1))
            if n not in columns}  # fmt: skip


def as_arcs(network: Network, crowd: Crowd) -> tuple[dict[str, Ints], Ints]:
    """Write the whole network in time out: arcs with room and price, and supplies."""
    slots, places = network.slots, network.places
    groups, hosts = crowd.people.size, network.host.size
    slot = np.arange(slots)
    begin = np.repeat(slot, network.tail.size)
    end = begin + np.tile(network.lag, slots)
    ok = end < slots
    group, leave = np.nonzero((slot >= crowd.release[:, None]) & (slot <= crowd.last[:, None]))
    base, sink = slots * places, slots * places + groups + hosts
    host, arrival = np.repeat(np.arange(hosts), slots), np.tile(slot, hosts)
    parts: list[Any] = [
        ((begin * places + np.tile(network.tail, slots))[ok],
         (end * places + np.tile(network.head, slots))[ok], network.room.ravel()[ok], 0),
        (base + group, leave * places + crowd.home[group], crowd.people[group], 0),
        (arrival * places + network.host[host], base + groups + host, network.beds[host], arrival),
        (base + groups + np.arange(hosts), np.full(hosts, sink), network.beds, 0),
        (base + np.arange(groups), np.full(groups, sink), crowd.people, 2 * slots),
    ]  # fmt: skip
    arcs = {
        name: np.concatenate([np.broadcast_to(part[i], part[0].shape) for part in parts])
        for i, name in enumerate(("tail", "head", "room", "price"))
    }
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[base : base + groups] = crowd.people
    supply[sink] = -crowd.people.sum()
    return {name: np.asarray(values, dtype=np.int64) for name, values in arcs.items()}, supply


def by_ortools(network: Network, crowd: Crowd) -> tuple[float, float] | None:
    """Return the optimum and its seconds by OR-Tools, None where it isn't installed."""
    if importlib.util.find_spec("ortools") is None:
        return None
    flow: Any = importlib.import_module("ortools.graph.python.min_cost_flow")
    arcs, supply = as_arcs(network, crowd)
    solver = flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        arcs["tail"], arcs["head"], arcs["room"], arcs["price"]
    )
    solver.set_nodes_supplies(np.arange(supply.size), supply)
    begin = time.process_time()
    if solver.solve() != solver.OPTIMAL:
        return None
    return float(solver.optimal_cost()), time.process_time() - begin


def by_highs(network: Network, crowd: Crowd) -> tuple[float, float] | None:
    """Return the optimum and its seconds by HiGHS, None where the network is too large for it."""
    if network.room.size > MOST_ARCS_HIGHS:
        return None
    arcs, supply = as_arcs(network, crowd)
    number = np.arange(arcs["tail"].size)
    ones = np.ones(number.size)
    matrix = coo_array(
        (
            np.concatenate([ones, -ones]),
            (np.concatenate([arcs["tail"], arcs["head"]]), np.tile(number, 2)),
        ),
        (supply.size, number.size),
    ).tocsr()
    begin = time.process_time()
    solved = linprog(
        arcs["price"], A_eq=matrix, b_eq=supply, method="highs",
        bounds=np.column_stack([np.zeros(number.size), arcs["room"]]),
    )  # fmt: skip
    return (float(solved.fun), time.process_time() - begin) if solved.status == 0 else None


def total_of(arrived_by: Ints, people: int) -> float:
    """Return the sum of arrival slots, twice the horizon for each who is left behind."""
    slots = arrived_by.size
    gain = np.diff(arrived_by, prepend=0)
    return float(gain @ np.arange(slots) + 2 * slots * (people - arrived_by[-1]))


def run(name: str, network: Network, crowd: Crowd) -> list[Row]:
    """Run one instance beside what can solve it."""
    begin, wall = time.process_time(), time.perf_counter()
    moves: Moves = send_earliest(network, crowd)
    seconds, wall = time.process_time() - begin, time.perf_counter() - wall
    people = int(crowd.people.sum())
    total = total_of(moves.arrived.sum(axis=0).cumsum(), people)
    wrong = check_moves(network, [crowd], [moves])
    begin = time.process_time()
    bound = total_of(cut_bound(network, crowd, moves), people)
    proof_s = time.process_time() - begin
    rows = [
        Row(name, "arcs in time", float(network.room.size)),
        Row(name, "people who arrive", float(moves.arrived.sum()), float(people), True),
        Row(name, "CPU s", seconds, LIMIT_S),
        Row(name, "wall s (other work on the machine included)", wall),
        Row(name, "mistakes found by the checker", float(len(wrong)), 0.0),
        Row(name, "sum of arrival slots, bound by cuts", total, bound * (1.0 + LIMIT_GAP)),
        Row(name, "gap to the bound by cuts, %", 100.0 * (total - bound) / max(bound, 1.0), 1.0),
        Row(name, "CPU s of the cuts", proof_s),
    ]
    asked = False
    for peer, answer in (("OR-Tools", by_ortools(network, crowd)),
                         ("HiGHS", by_highs(network, crowd))):  # fmt: skip
        if answer is None:
            continue
        asked = True
        optimum, peer_s = answer
        gap = 100.0 * (total - optimum) / max(optimum, 1.0)
        rows += [
            Row(name, f"sum of arrival slots, {peer} optimum {optimum:,.0f}: gap, %", gap, 1.0),
            Row(name, f"CPU s, {peer}", seconds, peer_s),
        ]
    if not asked:
        rows.append(Row(name, "peer absent: optimum proved by cuts only", float(total == bound)))
    return rows


def run_city(residents: int) -> list[Row]:
    """Plan how a made-up city leaves whole, the vulnerable first, and what notice it needs."""
    city = make_city(residents)
    case = f"city of {residents:,}"
    city_moves = CityMoves(city, november_2022(city, 72), MoveRules())
    never = np.full(len(city.blocks), np.inf)
    args = (city_moves.residents, city_moves.fragile, never, "all")
    city_moves.plan_for(*args)  # everything loaded before the clock runs
    begin = time.process_time()
    plan = city_moves.plan_for(*args)
    plan_s, begin = time.process_time() - begin, time.process_time()
    notice = city_moves.notice(12.0)
    notice_s = time.process_time() - begin
    wrong = check_moves(plan.exits.network, plan.crowds, plan.moves)
    return [
        Row(case, "hours until all have arrived, bound", plan.clearance_h, plan.clearance_bound_h),
        Row(case, "the vulnerable alone, bound", plan.vulnerable_h, plan.vulnerable_bound_h),
        Row(case, "hours that the ways alone need", max(plan.cut_h.values())),
        Row(case, "mistakes found by the checker", float(len(wrong)), 0.0),
        Row(case, "late with 12 h of notice, vulnerable", float(notice.late_vulnerable)),
        Row(case, "late with 12 h of notice, all", float(notice.late_all)),
        Row(case, "CPU s of the plan", plan_s),
        Row(case, "CPU s of what to decide by when", notice_s),
    ]


def main() -> None:
    """Run the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--data", type=Path, help="folder with instances in relocation/")
    parser.add_argument("--city", type=int, metavar="RESIDENTS", help="20000 to 3000000")
    options = parser.parse_args()
    send_earliest(*town_of(3, 4, 50))  # compiled before the clock runs
    rows: list[Row] = []
    for (side, slots), people in GRIDS.items():
        rows += run(f"{side * side:,} places x {slots} half-hours", *town_of(side, slots, people))
    if options.data is not None:
        for folder in sorted((options.data / "relocation").glob("*/")):
            rows += run(folder.name, *read_town(folder))
    if options.city is not None:
        rows += run_city(options.city)
    show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
