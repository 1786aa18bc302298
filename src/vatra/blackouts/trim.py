"""The least cut of a schedule that brings its load back under the limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vatra.blackouts.model import Schedule, State
from vatra.blackouts.rules import Rules
from vatra.blackouts.task import TOLERANCE_MW, Flags, Floats, Limit, Task, state_task
from vatra.demand.model import Demand
from vatra.demand.pickup import served_load
from vatra.situation.model import SupplyLimit


def trim_schedule(
    schedule: Schedule,
    feeders: pd.DataFrame,
    demand: Demand,
    *,
    limit_mw: ArrayLike | None = None,
    area_limits: Iterable[SupplyLimit] = (),
    substation_mw: pd.Series[float] | None = None,
    available: ArrayLike | None = None,
    rules: Rules | None = None,
) -> Schedule:
    """Cut as little more as brings the load under the limits, and touch nothing else.

    Slots are taken in their order. Where the load exceeds a limit, light runs that end or begin
    there are shortened first, then others are cut short; feeders that should be kept go last.

    Parameters
    ----------
    schedule
        The schedule; nothing that is dark in it is lit.
    feeders, demand
        Feeders, and the demand that its load is counted with.
    limit_mw, area_limits, substation_mw, available, rules
        As in `vatra.blackouts.schedule_blackouts`.

    Returns
    -------
    Schedule
        With more darkness and its load, and the certificate as it was: `recount_schedule` proves
        it anew.
    """
    task = state_task(
        feeders, demand, limit_mw=limit_mw, area_limits=area_limits, substation_mw=substation_mw,
        available=available, rules=rules,
    )  # fmt: skip
    lit = schedule.lit.copy()
    load = task.served_mw(lit)
    for t in range(task.grid.slots):
        for limit in task.limits:
            _trim_slot(task, limit, t, lit, load)
    states = np.where(schedule.lit & ~lit, State.PLANNED, schedule.state).astype(np.int8)
    return replace(schedule, state=states, load_mw=load)


def _trim_slot(task: Task, limit: Limit, t: int, lit: Flags, load: Floats) -> None:
    """Darken feeders in a slot until a limit holds; changes `lit` and `load`."""
    over = float(load[limit.feeders, t].sum() - limit.limit_mw[t])
    while over > TOLERANCE_MW:
        candidates = np.flatnonzero(limit.feeders & lit[:, t] & (load[:, t] > 0.0))
        if not candidates.size:
            return
        drawn = load[candidates, t]
        enough = drawn >= over
        size = np.where(enough, drawn, -drawn)  # the smallest that is enough, else the largest
        last = t + 1 >= lit.shape[1]
        ends = np.ones(len(candidates), bool) if last else ~lit[candidates, t + 1]
        begins = np.zeros(len(candidates), bool) if t == 0 else ~lit[candidates, t - 1]
        order = np.lexsort((size, ~enough, ~(ends | begins), task.tier[candidates],
                            task.kept[candidates]))  # fmt: skip
        f = int(candidates[order[0]])
        lit[f, t : t + 1 if begins[order[0]] else _run_end(lit[f], t)] = False
        load[f] = _load_of(task, f, lit[f])
        over = float(load[limit.feeders, t].sum() - limit.limit_mw[t])


def _run_end(lit: Flags, t: int) -> int:
    dark = np.flatnonzero(~lit[t:])
    return t + int(dark[0]) if dark.size else len(lit)


def _load_of(task: Task, f: int, lit: Flags) -> Floats:
    """Load of one feeder under its switching, MW by slot."""
    row = slice(f, f + 1)
    demand = task.demand
    own = replace(
        demand, feeder_id=demand.feeder_id[row], load_mw=demand.load_mw[row],
        critical_mw=demand.critical_mw[row], heater_mw=demand.heater_mw[row],
    )  # fmt: skip
    return np.asarray(
        served_load(
            own, lit[None, :], dark_before=task.dark_before[row], lit_before=task.lit_before[row]
        )[0]
    )
