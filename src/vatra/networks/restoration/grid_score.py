"""How much of an order of repairs stands under AC flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.power_flow.ac import solve_ac
from vatra.networks.power_flow.model import PowerGrid
from vatra.networks.restoration.grid_order import GridOrder, GridRepair

Float = NDArray[np.float64]

_STEPS = 12  # halvings of the share that is served


def score_by_ac(
    grid: PowerGrid,
    generation: pd.DataFrame,
    repairs: list[GridRepair],
    order: GridOrder,
    hours: Float,
    *,
    band_pu: tuple[float, float] = (0.9, 1.1),
    held_pu: Sequence[float] = (1.0, 1.02, 1.04, 1.06, 1.08),
) -> tuple[float, Float]:
    """Return the energy that an order serves under AC flow, no more than a DC flow proposed.

    Period by period all loads are scaled by one share, the largest at which, for one of the
    voltages that generators may hold, the AC flow has an operating point, no branch carries more
    than it may, voltages lie in their band and no generator gives more than it can. It is a safe
    value: shedding where it helps most could serve a little more. Reactive power of generators has
    no limit.

    Parameters
    ----------
    grid, generation, repairs, hours
        As given to `order_grid_repairs`.
    order
        Its answer.
    band_pu
        Band of voltage.
    held_pu
        Voltages that all generators may hold.

    Returns
    -------
    energy_mwh : float
        Over all periods.
    served_mw : Float
        By period.
    """
    grid = grid.completed()
    served = np.zeros(hours.size)
    for period in range(hours.size):
        on = np.ones(len(grid.branches), dtype=np.bool_)
        for n, repair in enumerate(repairs):
            if repair.table == "branches" and not order.repairs[n, period]:
                on[repair.row] = False
        given, load = order.generation_mw[:, period], order.served_mw[:, period]
        best = 0.0
        for held in held_pu:
            case = _with_generation(grid, generation.assign(v_pu=held), given)
            low, high = best, 1.0
            for step in range(_STEPS):
                share = high if step == 0 else 0.5 * (low + high)
                if _holds(case, generation, on, given * share, load * share, band_pu):
                    low = share
                    if step == 0:
                        break
                else:
                    high = share
            best = low
        served[period] = best * load.sum()
    return float(served @ hours), served


def _with_generation(grid: PowerGrid, generation: pd.DataFrame, given: Float) -> PowerGrid:
    """Let the largest generator hold the angle, and the others their voltage."""
    used = np.flatnonzero(given > 1e-9)
    lead = used[np.argmax(given[used])] if used.size else 0
    table = generation.reset_index(drop=True)
    return replace(
        grid,
        sources=table.loc[[lead], ["bus", "v_pu"]],
        generators=table.loc[[n for n in used if table["bus"][n] != table["bus"][lead]]].assign(
            p_mw=lambda t: given[t.index]
        )[["bus", "p_mw", "v_pu"]],
    )


def _holds(  # noqa: PLR0917
    case: PowerGrid, generation: pd.DataFrame, on: NDArray[np.bool_], given: Float, load: Float,
    band: tuple[float, float],
) -> bool:  # fmt: skip
    table = case.loads
    drawn = table["p_mw"].to_numpy()
    mvar = np.where(drawn != 0.0, load / np.where(drawn != 0.0, drawn, 1.0), 0.0)
    mva = load + 1j * mvar * table["q_mvar"].to_numpy()
    own = case.generators.index.to_numpy(np.int64)
    flow = solve_ac(case, load_mva=mva, generator_mw=given[own], branch_on=on)
    v = flow.voltage_pu[0][flow.energised[0]]
    if not flow.solved[0] or (v < band[0]).any() or (v > band[1]).any():
        return False
    limit = case.branches[["from_limit_mva", "to_limit_mva"]].to_numpy().T
    if (np.abs(np.stack([flow.from_mva[0], flow.to_mva[0]])) > limit + 1e-6).any():
        return False
    lead = int(case.sources.index[0])
    bus = case.buses.index.get_indexer(pd.Index([generation["bus"].iloc[lead]]))[0]
    tail, head = case.rows("branches", "from_bus"), case.rows("branches", "to_bus")
    out = flow.from_mva[0].real[tail == bus].sum() + flow.to_mva[0].real[head == bus].sum()
    out += load[case.rows("loads", "bus") == bus].sum()
    same = generation["bus"].to_numpy() == generation["bus"].iloc[lead]
    return bool(out <= generation["most_mw"].to_numpy()[same].sum() + 1e-6)
