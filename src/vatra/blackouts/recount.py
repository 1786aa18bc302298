"""A schedule with its proof: from states to loads, bound and certificate."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.bound import (
    Prices,
    energy_bound,
    find_prices,
    price_bound,
    simple_bound,
)
from vatra.blackouts.certify import certify, longest_dark, violations_of
from vatra.blackouts.model import RuleCost, Schedule, State
from vatra.blackouts.ordered import ordered_dark, orders_broken
from vatra.blackouts.queues import queue_share
from vatra.blackouts.relaxation import least_longest_dark
from vatra.blackouts.rules import Rules
from vatra.blackouts.setting import Setting, lay_out
from vatra.blackouts.shares import least_darkest, rule_costs, shares_of
from vatra.blackouts.task import Flags, Task, state_task
from vatra.demand.model import Demand
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H


def recount_schedule(
    schedule: Schedule,
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
    seed: int = 0,
) -> Schedule:
    """Prove a schedule anew for another demand or other limits than it was made for.

    Parameters
    ----------
    schedule
        The schedule; its switching stays as it is.
    feeders, demand, limit_mw, queues_off, area_limits
        What it is to be measured by, as in `vatra.blackouts.schedule_blackouts`.
    substation_mw, available, rules, exposure, history, now
        The same.
    seed
        Seed of the search for the bound's prices.

    Returns
    -------
    Schedule
        The same states with loads, bound and certificate for what was given.
    """
    began = time.perf_counter()
    task = state_task(
        feeders, demand, limit_mw=limit_mw, area_limits=area_limits, substation_mw=substation_mw,
        available=available, rules=rules, exposure=exposure, history=history, now=now,
    )  # fmt: skip
    ordered = ordered_dark(task, schedule.queue, queues_off)
    setting = lay_out(task, ordered)
    prices = find_prices(setting, np.random.default_rng(seed), like=schedule.worth * SLOT_H)
    return finish(
        task, setting, ordered, schedule.state, prices, schedule.queue, customers_of(feeders, task),
        began, queues_off=queues_off,
    )  # fmt: skip


def finish(  # noqa: PLR0917 - what the two callers have at hand
    task: Task,
    setting: Setting,
    ordered: Flags,
    states: NDArray[np.int8],
    prices: Prices,
    queue: pd.Series[str],
    customers: NDArray[np.float64],
    began: float,
    *,
    explain: bool = True,
    queues_off: ArrayLike | None = None,
) -> Schedule:
    """Put a schedule and its certificate together.

    Parameters
    ----------
    task, setting
        What was to be obeyed, and the feeders that could be cut.
    ordered
        Feeder × slot: True where an order in queues says dark, whatever the load.
    states
        Feeder × slot: what was decided.
    prices
        Prices of the limits, for the bound.
    queue, customers
        By feeder.
    began
        When the work began, of `time.perf_counter`.
    explain
        Whether to prove the schedule: how little energy any other could leave unserved, what the
        rules cost, and by how much a longest dark run that is broken has to give way. Without it
        the bound is only the energy beyond the limits.
    queues_off
        Order in queues for the whole network, to tell whether it is met.

    Returns
    -------
    Schedule
        The schedule.
    """
    lit = states == State.LIT
    path, released = lit[setting.feeders], task.released[setting.feeders]
    costs: tuple[RuleCost, ...] = ()
    if explain and np.isfinite(setting.capacity).any():
        same = price_bound(setting, prices.price, path, released)
        costs = rule_costs(setting, prices.price, path, released, same)
    load = task.served_mw(lit)
    violations = violations_of(task, states, load)
    if explain and any(v.rule == "max_dark_h" for v in violations):
        least = least_longest_dark(
            setting, prices, kept_slots=longest_dark(task, states),
            rule_slots=task.rules.max_dark_slots,
        )  # fmt: skip
        if least > task.rules.max_dark_slots:
            violations = violations_of(task, states, load, least_dark_slots=least)
    violations += tuple(orders_broken(task, states, queue, queues_off))
    limit = np.full(task.grid.slots, np.nan)
    for one in task.limits:
        if one.kind == "supply limit":
            limit = np.where(np.isfinite(one.limit_mw), one.limit_mw, np.nan)
    certificate = certify(
        task, states, load,
        bound_mwh=least_unserved(
            task, setting, ordered, states, prices if explain else None, polish=True
        ),
        violations=violations, seconds=0.0,
    )  # fmt: skip
    least = least_darkest(setting, prices.price, path) if explain else 0
    certificate = replace(
        certificate, shares=shares_of(task, states != State.LIT, least_slots=least),
        rule_costs=costs, seconds=time.perf_counter() - began,
    )  # fmt: skip
    return Schedule(
        grid=task.grid, feeder_id=task.demand.feeder_id, state=states, load_mw=load,
        limit_mw=limit, kept_mw=load[task.kept].sum(axis=0), certificate=certificate, queue=queue,
        queue_dark_share=queue_share(queue, customers, ~lit, task.grid.slots),
        worth=worth_of(setting, prices),
    )  # fmt: skip


def least_unserved(
    task: Task,
    setting: Setting,
    ordered: Flags,
    states: NDArray[np.int8],
    prices: Prices | None,
    *,
    polish: bool = False,
) -> float:
    """Least energy that any schedule could leave unserved.

    Parameters
    ----------
    task, setting, ordered, states
        As in `finish`.
    prices
        Prices of the limits; without them only the energy beyond the limits counts.
    polish
        Take more time for better prices where feeders are few.

    Returns
    -------
    float
        MWh, what orders in queues take included.
    """
    by_order = ordered & task.available & ~task.kept[:, None]
    mwh = SLOT_H * float(task.demand.load_mw[by_order].sum())
    if prices is None:
        return mwh + simple_bound(setting)
    path = states[setting.feeders] == State.LIT
    released = task.released[setting.feeders]
    return mwh + energy_bound(setting, prices, path, released, polish=polish)


def worth_of(setting: Setting, prices: Prices) -> NDArray[np.float64]:
    """Worth of one MW more for the city by slot, MWh an hour; 0 where the city has no limit."""
    return prices.price[0] / SLOT_H if setting.city else np.zeros(setting.slots)


def customers_of(feeders: pd.DataFrame, task: Task) -> NDArray[np.float64]:
    """Return the customers of each feeder, 1 where the table doesn't say.

    Parameters
    ----------
    feeders
        Table of the feeders.
    task
        Says their order.

    Returns
    -------
    NDArray[np.float64]
        By feeder.
    """
    table = feeders.loc[task.demand.feeder_id]
    if "customers" not in table:
        return np.ones(len(table))
    return np.asarray(pd.to_numeric(table["customers"], errors="coerce").fillna(0.0), dtype=float)
