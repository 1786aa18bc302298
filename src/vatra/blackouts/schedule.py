"""Who is dark when: the schedule of a rotation, with its proof."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.bound import find_prices
from vatra.blackouts.dispatch import dispatch
from vatra.blackouts.model import Schedule, State
from vatra.blackouts.ordered import ordered_dark
from vatra.blackouts.recount import customers_of, finish
from vatra.blackouts.rules import Rules
from vatra.blackouts.setting import lay_out
from vatra.blackouts.task import Task, state_task
from vatra.demand.model import Demand
from vatra.problems import InputError, Problem
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H

Progress = Callable[[str, float], None]


def schedule_blackouts(
    feeders: pd.DataFrame,
    demand: Demand,
    *,
    limit_mw: ArrayLike | None = None,
    queues_off: ArrayLike | None = None,
    area_limits: Iterable[SupplyLimit] = (),
    substation_mw: pd.Series[float] | None = None,
    available: ArrayLike | None = None,
    rules: Rules | None = None,
    exposure: ArrayLike | None = None,
    history: pd.DataFrame | None = None,
    now: pd.Timestamp | None = None,
    previous: Schedule | None = None,
    explain: bool = True,
    progress: Progress | None = None,
    seed: int = 0,
) -> Schedule:
    """Decide which feeders are dark in which slots.

    Limits come first and always hold, pickup counted, as long as any feeder can be cut; then
    protected and reserved feeders stay lit; then runs of darkness and light keep to the rules;
    then as little energy as possible is left unserved and darkness is spread evenly.

    Parameters
    ----------
    feeders
        Feeders by ``feeder_id``, with the columns of the city's table that are known:
        ``substation_id``, ``district_id``, ``queue``, ``customers``, ``protected``,
        ``reserved``. None is required.
    demand
        What each feeder would draw by slot; feeders in any order of the table.
    limit_mw
        Supply limit of the city by slot, MW; NaN where there is none.
    queues_off
        Queues of the public schedule that must be dark by slot, halves allowed; NaN for none.
    area_limits
        Limits of districts and substations, in MW, in queues that must be dark, or both.
    substation_mw
        Most that each substation may carry, MW, by ``substation_id``.
    available
        Feeder × slot: False where a feeder has no power anyway.
    rules
        Rules of the rotation; the defaults if None.
    exposure
        Feeder, or feeder × slot: share by which an hour of darkness counts more, for those who
        would be cold first.
    history
        By ``feeder_id``, what went before: ``dark_slots`` of the last dark run, ``lit_slots``
        since (0 if it still lasts) and ``dark_h``, the dark hours to be evened out.
    now
        When the schedule is made, with time zone: rules of notice count from it. None for long
        before its first slot.
    previous
        A schedule of the same feeders and slots to start from: what can stay as it is stays, and
        it takes less time.
    explain
        Whether to prove it: how little energy any schedule could leave unserved, what the rules
        cost, and by how much a longest dark run has to give way that can't be kept. Without it the
        bound is only the energy beyond the limits; `recount_schedule` proves a schedule later.
    progress
        Called with what is being done and the share that is done.
    seed
        Seed of the orders in which feeders are tried.

    Returns
    -------
    Schedule
        States and loads by feeder and slot, with the certificate.

    Raises
    ------
    InputError
        With everything that is wrong with what was given.
    """
    began = time.perf_counter()
    tell = progress or (lambda _text, _share: None)
    rng = np.random.default_rng(seed)
    task = state_task(
        feeders, demand, limit_mw=limit_mw, area_limits=area_limits, substation_mw=substation_mw,
        available=available, rules=rules, exposure=exposure, history=history, now=now,
    )  # fmt: skip
    table = feeders.loc[demand.feeder_id]
    queue = _queues(table, task)
    forced = ordered_dark(task, queue, queues_off)
    setting = lay_out(task, forced)
    tell("prices of the limits", 0.0)
    prices = find_prices(setting, rng, like=None if previous is None else previous.worth * SLOT_H)
    tell("feeders", 0.3)
    own_queue = queue.iloc[setting.feeders]
    before = None if previous is None else _paths_of(previous, demand)[setting.feeders]
    state = dispatch(task, setting, prices, own_queue, rng, previous=before)
    tell("bound", 0.9)
    lit = task.available.copy()
    lit[setting.feeders] = state.path
    states = np.where(lit, State.LIT, State.PLANNED).astype(np.int8)
    states[~task.available] = State.DAMAGED
    customers = customers_of(feeders, task)
    schedule = finish(
        task,
        setting,
        forced,
        states,
        prices,
        queue,
        customers,
        began,
        explain=explain,
        queues_off=queues_off,
    )
    tell("done", 1.0)
    return schedule


def _paths_of(previous: Schedule, demand: Demand) -> NDArray[np.bool_]:
    """Feeder × slot: who was lit in a schedule of the same feeders and slots."""
    rows = previous.feeder_id.get_indexer(demand.feeder_id)
    if (rows < 0).any() or previous.grid != demand.grid:
        raise InputError(
            "blackouts",
            [Problem("previous", "", "not of the same feeders and slots", "leave it out")],
        )
    return previous.lit[rows]


def _queues(table: pd.DataFrame, task: Task) -> pd.Series[str]:
    """Queue of each feeder, empty for those that planned cuts don't touch."""
    if "queue" not in table:
        names = pd.Series("", index=table.index, dtype="object")
    else:
        names = table["queue"].astype("object").where(table["queue"].notna(), "").map(str)
    kept = pd.Series(task.kept, index=table.index)
    return names.where(~kept, "")
