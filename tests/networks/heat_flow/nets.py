"""Heating networks along made-up streets, as large as wanted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.networks.heat_flow import HeatGrid

DIAMETERS_M = np.array([0.04, 0.05, 0.065, 0.08, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6])


def street_net(pipes: int, *, looped: bool, seed: int = 0, sources: int = 1) -> HeatGrid:
    """Supply and return along the streets of a chequerboard, a consumer at every other corner.

    A tree from the plant in the middle; looped, a third of the streets close rings. Diameters
    follow the demand behind them at one metre a second.
    """
    rng = np.random.default_rng(seed)
    streets = pipes // 2
    rings = streets // 3 if looped else 0
    corners = streets - rings + 1
    side = int(np.ceil(np.sqrt(corners)))
    place = np.stack(np.divmod(np.arange(corners), side), axis=1)
    near = [(n, m) for n in range(corners) for m in (n + 1, n + side)
            if m < corners and (m != n + 1 or m % side)]  # fmt: skip
    root = int(np.argmin(np.abs(place - place.mean(axis=0)).sum(axis=1)))
    beside: list[list[int]] = [[] for _ in range(corners)]
    for n, m in near:
        beside[n].append(m)
        beside[m].append(n)
    parent, order, seen = {root: root}, [], [root]
    while seen:
        n = seen.pop(int(rng.integers(len(seen))))
        order.append(n)
        for m in beside[n]:
            if m not in parent:
                parent[m] = n
                seen.append(m)
    demand = np.where(np.arange(corners) % 2 == 0, rng.uniform(0.05, 0.3, corners), 0.0)
    demand[root] = 0.0
    behind = demand.copy()
    for n in reversed(order[1:]):
        behind[parent[n]] += behind[n]
    edges = [(parent[n], n, behind[n]) for n in order[1:]]
    tree = {frozenset(edge[:2]) for edge in edges}
    others = [edge for edge in near if frozenset(edge) not in tree]
    for k in rng.permutation(len(others))[:rings]:
        n, m = others[k]
        edges.append((n, m, 0.5 * max(behind[n], behind[m])))
    # 60 K of cooling: 4 kg/s a megawatt.
    wanted = np.sqrt(np.array([edge[2] for edge in edges]) * 4.0 / 980.0 * 4.0 / np.pi)
    size = DIAMETERS_M[np.minimum(np.searchsorted(DIAMETERS_M, wanted), DIAMETERS_M.size - 1)]
    length = rng.uniform(30.0, 120.0, len(edges))
    both = pd.DataFrame(
        {
            "from_node": [f"{s}{e[0]}" for s in "SR" for e in edges],
            "to_node": [f"{s}{e[1]}" for s in "SR" for e in edges],
            "length_m": np.tile(length, 2),
            "diameter_m": np.tile(size, 2),
            "loss_w_mk": np.tile(0.2 + 0.6 * size, 2),
        },
        index=[f"{s}{k}" for s in "SR" for k in range(len(edges))],
    )
    used = np.flatnonzero(demand > 0.0)
    consumers = pd.DataFrame(
        {
            "supply_node": [f"S{n}" for n in used],
            "return_node": [f"R{n}" for n in used],
            "demand_mw": demand[used],
            "return_c": 45.0,
            "open_kg_s": 12.0 * demand[used],
        },
        index=[f"C{n}" for n in used],
    )
    at = [root, *(int(n) for n in rng.choice(order[1:], sources - 1, replace=False))]
    plants = pd.DataFrame(
        {
            "return_node": [f"R{n}" for n in at],
            "supply_node": [f"S{n}" for n in at],
            "supply_c": 95.0,
            "lift_bar": 8.0 if pipes < 500 else 25.0,
        },
        index=[f"P{k}" for k in range(len(at))],
    )
    return HeatGrid(f"{pipes} pipes", both, consumers, plants)
