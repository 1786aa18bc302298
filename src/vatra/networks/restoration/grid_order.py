"""The order of repairs of a power grid that serves the most energy meanwhile, by DC flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.power_flow.dc import susceptance
from vatra.networks.power_flow.model import PowerGrid
from vatra.networks.restoration.program import Answer, Program

Float = NDArray[np.float64]
Int = NDArray[np.int64]

MOST_ANGLE = 0.5236
"""Largest difference of angle over a branch, rad: 30°, as MATPOWER cases have it."""

_NO_LIMIT = 1e5


@dataclass(frozen=True)
class GridRepair:
    """Something of a grid that is out until it is repaired.

    Parameters
    ----------
    table
        ``branches`` or ``generators``; for `generators` the row of `generation`.
    row
        Its row.
    """

    table: Literal["branches", "generators"]
    row: int


@dataclass(frozen=True)
class GridOrder:
    """When what is repaired, and what is served meanwhile.

    Parameters
    ----------
    repairs
        Repair × period: True from the period on in which it works.
    served_mw
        Load × period.
    generation_mw
        Generator × period.
    energy_mwh
        Served over all periods.
    bound_mwh
        What no order serves more than, by DC flow.
    """

    repairs: NDArray[np.bool_]
    served_mw: Float
    generation_mw: Float
    energy_mwh: float
    bound_mwh: float


def order_grid_repairs(
    grid: PowerGrid,
    generation: pd.DataFrame,
    repairs: list[GridRepair],
    hours: Float,
    repaired_by: Int,
    *,
    gap: float = 1e-6,
    seconds: float = 60.0,
) -> GridOrder:
    """Order repairs so that most energy is served, as a restoration ordering problem.

    Per period, DC flow with capacities and angle limits; a branch that is out carries nothing;
    what is repaired stays so; all is repaired in the last period. Formulation after Van Hentenryck
    and Coffrin (2015) as in PowerModelsRestoration.

    Parameters
    ----------
    grid
        The grid; its sources only fix an angle.
    generation
        ``bus`` and ``most_mw`` of each generator.
    repairs
        What is out.
    hours
        By period: its length.
    repaired_by
        By period: how many repairs can be done by its start.
    gap
        Relative distance from the bound at which to stop.
    seconds
        Time at which to stop.

    Returns
    -------
    GridOrder
        With the bound that proves how good it is.
    """
    grid = grid.completed()
    program = Program()
    periods = hours.size
    works = program.add((len(repairs), periods), whole=True)
    if repairs:
        later = program.row_block(len(repairs) * (periods - 1), least=0.0)
        program.put(later, works[:, 1:].ravel(), 1.0)
        program.put(later, works[:, :-1].ravel(), -1.0)
        budget = np.minimum(repaired_by, len(repairs)).astype(float)
        done = program.row_block(periods, most=budget)
        program.put(done[None, :], works, 1.0)
        last = program.row_block(len(repairs), least=1.0)
        program.put(last, works[:, -1], 1.0)
    load = grid.loads["p_mw"].to_numpy()
    give = generation["most_mw"].to_numpy(np.float64)
    angle = program.add((len(grid.buses), periods), -np.inf, np.inf)
    flow = program.add((len(grid.branches), periods), -np.inf, np.inf)
    given = program.add((give.size, periods), 0.0, give[:, None])
    share = program.add((load.size, periods), worth=load[:, None] * hours[None, :])
    at = {
        "tail": grid.rows("branches", "from_bus"), "head": grid.rows("branches", "to_bus"),
        "load": grid.rows("loads", "bus"),
        "give": grid.buses.index.get_indexer(pd.Index(generation["bus"])),
    }  # fmt: skip
    broken = {r.row: n for n, r in enumerate(repairs) if r.table == "branches"}
    limit = grid.branches[["from_limit_mva", "to_limit_mva"]].to_numpy().min(axis=1)
    b = susceptance(grid) * grid.base_mva
    shift = np.deg2rad(grid.branches["shift_deg"].to_numpy())
    spread = MOST_ANGLE * max(len(grid.buses) - 1, 1)
    for period in range(periods):
        balance = program.row_block(len(grid.buses), least=0.0, most=0.0)
        program.put(balance[at["tail"]], flow[:, period], -1.0)
        program.put(balance[at["head"]], flow[:, period], 1.0)
        program.put(balance[at["give"]], given[:, period], 1.0)
        program.put(balance[at["load"]], share[:, period], -load)
        for branch in range(len(grid.branches)):
            n = broken.get(branch)
            ends = angle[[at["tail"][branch], at["head"][branch]], period]
            works_here = None if n is None else int(works[n, period])
            slack = abs(b[branch]) * (spread + abs(shift[branch]))
            rule = _BranchRule(
                b[branch], shift[branch], min(limit[branch], _NO_LIMIT), slack, spread
            )
            rule.write(program, int(flow[branch, period]), ends, works_here)
    for n, repair in enumerate(repairs):
        if repair.table == "generators":
            rows = program.row_block(periods, most=0.0)
            program.put(rows, given[repair.row], 1.0)
            program.put(rows, works[n], -give[repair.row])
    answer = program.solve(gap=gap, seconds=seconds)
    return _order(answer, works, share, given, load)


@dataclass(frozen=True)
class _BranchRule:
    """DC flow over a branch: susceptance, shift, limit, and what loosens it while it is out."""

    b: float
    shift: float
    limit: float
    slack: float
    spread: float

    def write(self, program: Program, flow: int, ends: Int, works: int | None) -> None:
        """Hold the flow to the angles at its ends; with `works`, only where that is 1."""
        fixed = works is None
        slack = 0.0 if fixed else self.slack
        # flow = b (angle difference − shift), where the branch works
        above = program.row_block(1, most=slack - self.b * self.shift)
        below = program.row_block(1, least=-slack - self.b * self.shift)
        wide = program.row_block(1, most=self.limit if fixed else 0.0)
        narrow = program.row_block(1, least=-self.limit if fixed else 0.0)
        most = MOST_ANGLE if fixed else self.spread
        apart = program.row_block(1, -most, most)
        program.put(apart, ends, [1.0, -1.0])
        for row in (above, below):
            program.put(row, [flow, *ends], [1.0, -self.b, self.b])
        for row in (wide, narrow):
            program.put(row, flow, 1.0)
        if works is not None:
            program.put(above, works, slack)
            program.put(below, works, -slack)
            program.put(wide, works, -self.limit)
            program.put(narrow, works, self.limit)


def _order(answer: Answer, works: Int, share: Int, given: Int, load: Float) -> GridOrder:
    if not answer.value.size:
        raise TimeoutError("no order of repairs was found in time")
    value = answer.value
    return GridOrder(
        value[works] > 0.5, value[share] * load[:, None], value[given], answer.objective,
        answer.bound,
    )  # fmt: skip
