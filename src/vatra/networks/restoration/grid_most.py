"""The most load that a small grid can serve under AC flow: the measure of what DC flow proposes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize

from vatra.networks.power_flow.circuit import branch_admittance
from vatra.networks.power_flow.model import PowerGrid

Float = NDArray[np.float64]
Complex = NDArray[np.complex128]

_FINE = 1e-6


def most_served(
    grid: PowerGrid,
    generation: pd.DataFrame,
    works: NDArray[np.bool_],
    branch_on: NDArray[np.bool_],
    *,
    band_pu: tuple[float, float] = (0.9, 1.1),
) -> Float:
    """Return how much of each load is served at most, MW, its reactive part in proportion.

    A nonlinear program in voltages, angles, generation and shares of loads, solved by sequential
    quadratic programming from several starts: a local optimum, for grids of some tens of buses.

    Parameters
    ----------
    grid
        The grid.
    generation
        ``bus``, ``most_mw``, ``least_mvar``, ``most_mvar`` of each generator.
    works
        By generator: whether it works.
    branch_on
        By branch: whether it works.
    band_pu
        Band of voltage.

    Returns
    -------
    Float
        By load, MW; zeros where no start came to a point that holds.
    """
    grid = grid.completed()
    buses, base = len(grid.buses), grid.base_mva
    tail, head = (grid.rows("branches", c)[branch_on] for c in ("from_bus", "to_bus"))
    y = branch_admittance(grid)[:, :, branch_on]
    limit = grid.branches.loc[branch_on, ["from_limit_mva", "to_limit_mva"]].to_numpy().T / base
    limited = np.isfinite(limit)
    demand = (grid.loads["p_mw"].to_numpy() + 1j * grid.loads["q_mvar"].to_numpy()) / base
    load_at = grid.rows("loads", "bus")
    give_at = grid.buses.index.get_indexer(pd.Index(generation["bus"]))
    most_p = np.where(works, generation["most_mw"], 0.0) / base
    least_q = np.where(works, generation["least_mvar"], 0.0) / base
    most_q = np.where(works, generation["most_mvar"], 0.0) / base
    gens, loads = give_at.size, load_at.size
    cut = np.cumsum([buses, buses, gens, gens])

    used = np.zeros(buses, dtype=np.bool_)  # a bus on its own would make the equations singular
    used[np.concatenate([tail, head, load_at, give_at[works]])] = True

    def parts(x: Float) -> list[Float]:
        return np.split(x, cut)

    def flows(x: Float) -> Complex:
        v, angle, *_ = parts(x)
        u = v * np.exp(1j * angle)
        ends = np.stack([u[tail], u[head]])
        return np.asarray(ends * np.einsum("abk,bk->ak", y, ends).conj())

    def balance(x: Float) -> Float:
        _, _, p, q, share = parts(x)
        net = np.zeros(buses, dtype=np.complex128)
        s = flows(x)
        np.add.at(net, tail, -s[0])
        np.add.at(net, head, -s[1])
        np.add.at(net, give_at, p + 1j * q)
        np.add.at(net, load_at, -share * demand)
        return np.concatenate([net.real[used], net.imag[used]])

    def room(x: Float) -> Float:
        return np.asarray((limit**2 - np.abs(flows(x)) ** 2)[limited])

    ones, none = np.ones(buses), np.zeros(gens)
    low = np.concatenate([band_pu[0] * ones, -ones, none, least_q, np.zeros(loads)])
    high = np.concatenate([band_pu[1] * ones, ones, most_p, most_q, np.ones(loads)])
    low[buses] = high[buses] = 0.0  # the first bus keeps the angle
    best = np.zeros(loads)
    for v in (1.0, 1.05):
        begin = np.concatenate(
            [np.full(buses, v), np.zeros(buses), 0.5 * most_p, np.zeros(gens), np.full(loads, 0.5)]
        )
        found: Any = minimize(  # type: ignore[call-overload]
            lambda x: -float(parts(x)[4] @ demand.real), begin, method="SLSQP",
            bounds=Bounds(low, high),
            constraints=[{"type": "eq", "fun": balance}, {"type": "ineq", "fun": room}],
            options={"maxiter": 300, "ftol": 1e-9},
        )  # fmt: skip
        holds = np.abs(balance(found.x)).max() < _FINE and room(found.x).min(initial=0.0) > -_FINE
        served = parts(found.x)[4] * demand.real
        if holds and served.sum() > best.sum():
            best = served
    return np.asarray(best * base)
