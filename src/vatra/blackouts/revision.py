"""A schedule under a new order: frozen up to a time, after it changed no more than it must be."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.bound import find_prices, rule_cost
from vatra.blackouts.certify import certify, violations_of
from vatra.blackouts.dispatch import dispatch
from vatra.blackouts.files_fairness import CUTS
from vatra.blackouts.ledger_history import history_after
from vatra.blackouts.model import Schedule, State
from vatra.blackouts.ordered import ordered_dark
from vatra.blackouts.outages import feeder_outages, queue_outages
from vatra.blackouts.queues import queue_share
from vatra.blackouts.recount import customers_of, least_unserved, worth_of
from vatra.blackouts.repair import repair
from vatra.blackouts.revision_changes import changes_by_queue, changes_by_time, revision_summary
from vatra.blackouts.rules import Rules
from vatra.blackouts.setting import lay_out
from vatra.blackouts.task import TOLERANCE_MW, Flags, Task, state_task
from vatra.demand.model import Demand
from vatra.problems import InputError, Problem
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H, TimeGrid

FREEZE_H = 2.0
"""Hours for which what was published holds; *assumed*: the shortest light run, so that nobody
loses a light that was just announced."""

TOLERANCE_COST = 1e-9
"""Costs of broken rules this close count as the same: rounding of sums."""

ANEW = 100_000
"""Feeders times slots up to which all may be moved where rules would be broken otherwise: it takes
seconds above that."""

HELD = (State.EMERGENCY, State.SPECIAL_EMERGENCY)
"""States that a revision of the plan lets be."""


@dataclass(frozen=True)
class Revision:
    """A revised schedule, and what is different.

    Parameters
    ----------
    schedule
        The schedule over all its slots, with the certificate under the new orders. Its bound is
        of all schedules that share the frozen part.
    before
        The schedule that was revised.
    now, frozen_until
        When it was revised, and up to when nothing changes (UTC).
    slot
        First slot that may change.
    changes
        By ``queue`` (and «» for lines without one): ``lines``, ``changed_lines``, ``people``,
        ``lost_person_h`` and ``gained_person_h`` of light, ``lost_h`` and ``gained_h`` (the same
        a person).
    spans
        Who gains or loses light when: ``queue``, ``start``, ``end`` (UTC), ``change`` (``loses``
        or ``gains``), ``people`` (most at a time) and ``person_h``.
    outages, queue_outages
        Outages of feeders and of queues by names that they keep: `vatra.blackouts.outages`.
    summary
        Figures over all.
    """

    schedule: Schedule
    before: Schedule
    now: pd.Timestamp
    frozen_until: pd.Timestamp
    slot: int
    changes: pd.DataFrame
    spans: pd.DataFrame
    outages: pd.DataFrame
    queue_outages: pd.DataFrame
    summary: dict[str, Any]


def revise_schedule(
    schedule: Schedule,
    feeders: pd.DataFrame,
    demand: Demand,
    *,
    now: pd.Timestamp,
    freeze_h: float = FREEZE_H,
    limit_mw: ArrayLike | None = None,
    queues_off: ArrayLike | None = None,
    area_limits: Iterable[SupplyLimit] = (),
    substation_mw: pd.Series[float] | None = None,
    available: ArrayLike | None = None,
    rules: Rules | None = None,
    exposure: ArrayLike | None = None,
    history: pd.DataFrame | None = None,
    outages: pd.DataFrame | None = None,
    queue_outages_before: pd.DataFrame | None = None,
    seed: int = 0,
) -> Revision:
    """Bring a schedule under new orders, with as little changed as can be.

    Up to the end of the freeze window nothing changes. After it feeders keep their hours; where a
    limit is exceeded, those with most light so far give some up until it holds, and where there
    is more room than before, those with least take it. Runs that reach over the seam obey the
    rules with what they were before it.

    Parameters
    ----------
    schedule
        The schedule in force.
    feeders, demand
        As it was made with; the demand may be a newer one over the same slots.
    now
        When the new orders came, with a time zone.
    freeze_h
        Hours from then on for which nothing changes.
    limit_mw, queues_off, area_limits, substation_mw, available, rules, exposure
        What holds now, over all slots of the schedule, as in `schedule_blackouts`.
    history
        What went before the schedule, as it was made with.
    outages, queue_outages_before
        Names of the outages so far; made from the schedule if None.
    seed
        Seed of the orders in which feeders are tried.

    Returns
    -------
    Revision
        The schedule, and who gains or loses light when.

    Raises
    ------
    InputError
        With everything that is wrong with what was given.
    """
    began = time.perf_counter()
    slot = _seam(schedule.grid, demand, now, freeze_h)
    area_limits = tuple(area_limits)
    orders: dict[str, Any] = {
        "limit_mw": limit_mw, "area_limits": area_limits, "substation_mw": substation_mw,
        "available": available, "rules": rules, "exposure": exposure,
    }  # fmt: skip
    whole = state_task(feeders, demand, history=history, **orders)
    rows = schedule.feeder_id.get_indexer(demand.feeder_id)
    if (rows < 0).any() or len(rows) != len(schedule.feeder_id):
        raise InputError(
            "revision", [Problem("schedule", "", "is not of the feeders of the demand")]
        )
    old = replace(
        schedule, feeder_id=demand.feeder_id, state=schedule.state[rows],
        load_mw=schedule.load_mw[rows], queue=schedule.queue.reindex(demand.feeder_id).fillna(""),
    )  # fmt: skip
    states, bound, worth = _rest(
        old, feeders, whole, slot, orders, queues_off, history, now=now,
        offer=_looser(old, whole), seed=seed,
    )  # fmt: skip
    lit = states == State.LIT
    load = whole.served_mw(lit)
    frozen_cut = np.isin(states[:, :slot], CUTS)
    served = SLOT_H * float(demand.load_mw[:, :slot][frozen_cut].sum())
    limit = np.full(schedule.grid.slots, np.nan)
    for one in whole.limits:
        if one.kind == "supply limit":
            limit = np.where(np.isfinite(one.limit_mw), one.limit_mw, np.nan)
    certificate = certify(
        whole, states, load, bound_mwh=served + bound,
        violations=violations_of(whole, states, load), seconds=time.perf_counter() - began,
    )  # fmt: skip
    new = replace(
        old, state=states, load_mw=load, limit_mw=limit, kept_mw=load[whole.kept].sum(axis=0),
        queue_dark_share=queue_share(
            old.queue, customers_of(feeders, whole), ~lit, schedule.grid.slots
        ),
        worth=worth, certificate=certificate,
    )  # fmt: skip
    named = feeder_outages(old) if outages is None else outages
    named_queues = queue_outages(old) if queue_outages_before is None else queue_outages_before
    after, after_queues = feeder_outages(new, named), queue_outages(new, named_queues)
    return Revision(
        schedule=new, before=old, now=now.tz_convert("UTC"),
        frozen_until=schedule.grid.start + pd.Timedelta(minutes=30 * slot), slot=slot,
        changes=changes_by_queue(old, new, feeders), spans=changes_by_time(old, new, feeders),
        outages=after, queue_outages=after_queues,
        summary=revision_summary(
            old, new, feeders, demand, after, after_queues,
            now_slot=max(schedule.grid.slot_of(now), 0), slot=slot,
        ),
    )  # fmt: skip


def _seam(grid: TimeGrid, demand: Demand, now: pd.Timestamp, freeze_h: float) -> int:
    """First slot that may change."""
    problems = []
    if demand.grid != grid:
        problems.append(Problem("demand", "", "is not over the slots of the schedule"))
    if not 0 <= freeze_h < float("inf"):
        problems.append(Problem("freeze_h", f"{freeze_h:g}", "is not a length of time", "0 h up"))
    elif now.tzinfo is None:
        problems.append(Problem("now", str(now), "has no time zone", "add the offset from UTC"))
    else:
        until = now + pd.Timedelta(hours=freeze_h)
        slot = -int((grid.start - until) // pd.Timedelta(minutes=30))
        if slot < grid.slots and not problems:
            return max(slot, 0)
        if not problems:
            problems.append(
                Problem("now", f"{now.isoformat()} + {freeze_h:g} h",
                        "the schedule ends before the freeze window does",
                        "freeze less, or plan the time after it")
            )  # fmt: skip
    raise InputError("revision", problems)


def _looser(old: Schedule, whole: Task) -> bool:
    """Tell whether there may be more room than before: only then is it offered."""
    for limit in whole.limits:
        if limit.kind == "supply limit":
            was = np.where(np.isnan(old.limit_mw), np.inf, old.limit_mw)
            return bool((limit.limit_mw > was + TOLERANCE_MW).any())
    return True


def _rest(  # noqa: PLR0917 - what the rest of a schedule is made from
    old: Schedule, feeders: pd.DataFrame, whole: Task, slot: int, orders: dict[str, Any],
    queues_off: ArrayLike | None, history: pd.DataFrame | None, *, now: pd.Timestamp, offer: bool,
    seed: int,
) -> tuple[NDArray[np.int8], float, NDArray[np.float64]]:  # fmt: skip
    """States over all slots, least energy unserved after the seam, and what a MW is worth."""
    grid, demand = whole.grid, whole.demand
    held = np.isin(old.state[:, slot:], HELD)
    task = state_task(
        feeders,
        demand.after(slot),
        history=history_after(
            (old.state[:, :slot] != State.LIT) | ~whole.available[:, :slot],
            demand.feeder_id, history,
        ),
        now=now,
        **{
            **orders_after(orders, slot, grid.slots),
            "available": whole.available[:, slot:] & ~held,
            "exposure": whole.exposure[:, slot:],
        },
    )  # fmt: skip
    before: Flags = old.state[:, slot:] == State.LIT
    ordered = np.zeros(before.shape, dtype=np.bool_)
    if queues_off is not None or task.area_orders:
        wanted = None
        if queues_off is not None:
            wanted = np.broadcast_to(np.asarray(queues_off, dtype=np.float64), (grid.slots,))[slot:]
        ordered = ordered_dark(task, old.queue, wanted, previous=~before)
        # Whole queues that were dark by order and no longer are come back.
        dark = old.queue_dark_share.reindex(old.queue).fillna(0.0).to_numpy()[:, slot:] >= 1.0
        before = before | (dark & ~ordered)
    setting = lay_out(task, ordered)
    rng = np.random.default_rng(seed)
    like = old.worth[slot:] * SLOT_H if len(old.worth) == grid.slots else None
    prices = find_prices(setting, rng, like=like)
    made = repair(
        task, setting, prices, before[setting.feeders], rng,
        offer=offer or bool(ordered.any()),
    )  # fmt: skip
    broken = float(rule_cost(setting, made.path).sum())
    was_broken = float(rule_cost(setting, before[setting.feeders] & setting.available).sum())
    if broken > was_broken + TOLERANCE_COST and made.path.size <= ANEW:
        # Rules come before least change: where few changes don't keep them, more are made.
        names = old.queue.iloc[setting.feeders]
        start = before[setting.feeders]
        anew = dispatch(task, setting, prices, names, rng, previous=start)
        if float(rule_cost(setting, anew.path).sum()) < broken:
            made = anew
    lit = task.available.copy()
    lit[setting.feeders] = made.path
    tail = np.where(lit, State.LIT, State.PLANNED).astype(np.int8)
    tail[~task.available] = State.DAMAGED
    bound_mwh = least_unserved(task, setting, ordered, tail, prices)
    tail[held] = old.state[:, slot:][held]
    held_mwh = SLOT_H * float(demand.load_mw[:, slot:][held].sum())
    worth = np.zeros(grid.slots)
    worth[slot:] = worth_of(setting, prices)
    if len(old.worth) == grid.slots:
        worth[:slot] = old.worth[:slot]
    states = np.concatenate([old.state[:, :slot], tail], axis=1)
    return states, bound_mwh + held_mwh, worth


def orders_after(orders: dict[str, Any], slot: int, slots: int) -> dict[str, Any]:
    """Return limits and orders from a slot on.

    Parameters
    ----------
    orders
        As `revise_schedule` takes them; ``limit_mw`` and ``area_limits`` are cut.
    slot, slots
        First slot that is kept, and how many there are.
    """

    def cut(values: ArrayLike | None) -> ArrayLike | None:
        array = None if values is None else np.asarray(values, dtype=np.float64)
        return values if array is None or array.shape != (slots,) else array[slot:]

    areas = tuple(
        SupplyLimit(
            area.area,
            np.asarray(cut(area.limit_mw)),
            None if area.queues_off is None else np.asarray(cut(area.queues_off)),
        )
        for area in orders.get("area_limits", ())
    )
    return {**orders, "limit_mw": cut(orders.get("limit_mw")), "area_limits": areas}
