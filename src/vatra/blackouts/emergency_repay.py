"""Give back within the day what an emergency took, as far as limits and rules let it.

Lines that were cut get their next planned outages shortened or taken away, hour for hour. Where
that exceeds a limit, those who had most light so far give some up, as in any revision. Where that
breaks rules or repays little, the rest of the time is also placed anew from the plan, evened out
with what everybody has had by then: it keeps rules better and changes more. No more is given back
than limits and rules leave room for; the rest stays a debt in the book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.bound import rule_cost
from vatra.blackouts.files_fairness import CUTS
from vatra.blackouts.ledger_history import history_after
from vatra.blackouts.model import Schedule, State
from vatra.blackouts.outages import feeder_outages, queue_outages
from vatra.blackouts.revision import HELD, Revision, orders_after, revise_schedule
from vatra.blackouts.revision_changes import changes_by_queue, changes_by_time, revision_summary
from vatra.blackouts.rules import Rules
from vatra.blackouts.schedule import schedule_blackouts
from vatra.blackouts.setting import lay_out
from vatra.blackouts.task import state_task
from vatra.demand.model import Demand
from vatra.situation.timegrid import SLOT_H

PARTS = (1.0, 0.75, 0.5, 0.25)
"""Parts of the debt that are tried, the largest first, until no more rules are broken than without
any repayment."""

ENOUGH = 0.5
"""Part of the debt that may stay owed before the rest of the time is placed anew."""

UNEVEN_H = 1.0
"""Hours by which lines may be further apart than without repayment: two slots, as a line is a large
step in small networks; assumed."""

LIMIT_MW = 1e-6
"""Excess of a limit that is rounding."""

COST = 1e-9
"""Difference of costs of broken rules that is rounding."""


@dataclass(frozen=True)
class Repayment:
    """The rest of the day after an emergency.

    Parameters
    ----------
    revision
        From the schedule with the emergency to the one that repays it.
    owed_h, repaid_h
        By feeder: darkness that the emergency added to the plan before it, and how much of it is
        given back.
    payers
        Feeders that are darker than planned before, without having been cut.
    """

    revision: Revision
    owed_h: pd.Series[float]
    repaid_h: pd.Series[float]
    payers: int

    @property
    def schedule(self) -> Schedule:
        """The schedule that repays."""
        return self.revision.schedule


def repay_emergency(
    schedule: Schedule,
    feeders: pd.DataFrame,
    demand: Demand,
    *,
    debt_h: pd.Series[float],
    now: pd.Timestamp,
    end_slot: int,
    history: pd.DataFrame | None = None,
    rules: Rules | None = None,
    outages: pd.DataFrame | None = None,
    queue_outages_before: pd.DataFrame | None = None,
    **orders: Any,
) -> Repayment:
    """Mend the plan after an emergency, and give back what it took.

    Parameters
    ----------
    schedule
        The schedule with the emergency in it.
    feeders, demand
        As it was made with.
    debt_h
        By feeder, hours of darkness that the emergency added.
    now
        When it began.
    end_slot
        First slot after it: nothing changes before.
    history, rules
        What went before the schedule, and its rules.
    outages, queue_outages_before
        Names of the outages so far.
    **orders
        Limits and orders over all slots, as `revise_schedule` takes them.

    Returns
    -------
    Repayment
        The rest of the day; as `revise_schedule` leaves it where nothing can be given back.
    """
    grid = schedule.grid
    freeze_h = max(0.0, (grid.times[end_slot] - now).total_seconds() / 3600)
    whole = state_task(
        feeders, demand, history=history, rules=rules,
        **{k: v for k, v in orders.items() if k != "queues_off"},
    )  # fmt: skip
    held = np.isin(schedule.state, HELD)
    setting = lay_out(replace(whole, available=whole.available & ~held), np.zeros_like(held))

    def revise(start: Schedule) -> Revision:
        return revise_schedule(
            start, feeders, demand, now=now, freeze_h=freeze_h, history=history, rules=rules,
            outages=outages, queue_outages_before=queue_outages_before, **orders,
        )  # fmt: skip

    def broken(made: Revision) -> float:
        rows = made.schedule.lit[setting.feeders] & setting.available
        return float(rule_cost(setting, rows).sum())

    debt = np.asarray(debt_h.reindex(demand.feeder_id).fillna(0.0), dtype=np.float64)

    def owed(made: Revision) -> float:
        return float(_left(schedule, made.schedule, debt, end_slot).sum())

    def rank(made: Revision) -> tuple[float, float, float, float, int]:
        """Limits, rules, payers not worse off than the cut, what is owed, few changes."""
        excess, cost = made.schedule.certificate.limit_excess_mw, broken(made)
        return (
            excess if excess > LIMIT_MW else 0.0, cost if cost > COST else 0.0,
            max(0.0, made.schedule.certificate.dark_h_range - widest_h),
            owed(made), int(made.summary["changed_lines"]),
        )  # fmt: skip

    plain = revise(schedule)
    widest_h = plain.schedule.certificate.dark_h_range + UNEVEN_H
    tried = [plain]
    for part in PARTS if debt.any() else ():
        slots = np.round(part * debt / SLOT_H).astype(np.int64)
        offered = _give_back(_like(schedule, demand.feeder_id), slots, end_slot, whole.rules)
        tried.append(revise(offered))
        if rank(tried[-1])[:3] <= rank(plain)[:3]:
            break
    by_queue = orders.get("queues_off") is not None or bool(whole.area_orders)
    best = min(tried, key=rank)
    if debt.any() and not by_queue and (rank(best)[1] > 0 or owed(best) > ENOUGH * debt.sum()):
        most = min(tried, key=owed).schedule
        tried.append(revise(_anew(most, feeders, demand, end_slot, held, orders, history=history,
                                  rules=rules)))  # fmt: skip
    chosen = min(tried, key=rank)
    left_h = _left(schedule, chosen.schedule, debt, end_slot)
    final = _as_changed(chosen, schedule, feeders, demand, outages, queue_outages_before, now)
    ids = final.schedule.feeder_id
    repaid = pd.Series(np.clip(debt - left_h, 0.0, debt), index=ids, name="repaid_h")
    more = _dark_h(final.schedule, end_slot) - _dark_h(_like(schedule, ids), end_slot)
    return Repayment(
        final, pd.Series(debt, index=ids, name="owed_h"), repaid,
        int(((more > 0) & (debt == 0)).sum()),
    )  # fmt: skip


def _like(schedule: Schedule, ids: pd.Index[str]) -> Schedule:
    rows = schedule.feeder_id.get_indexer(ids)
    return replace(schedule, feeder_id=ids, state=schedule.state[rows])


def _dark_h(schedule: Schedule, slot: int) -> NDArray[np.float64]:
    return np.asarray(SLOT_H * np.isin(schedule.state[:, slot:], CUTS).sum(axis=1))


def _left(
    before: Schedule, after: Schedule, debt: NDArray[np.float64], slot: int
) -> NDArray[np.float64]:
    """Hours of the debt that are left, by feeder: its darkness after the emergency counts."""
    given = _dark_h(_like(before, after.feeder_id), slot) - _dark_h(after, slot)
    return np.where(debt > 0, debt - given, 0.0)


def _give_back(schedule: Schedule, slots: NDArray[np.int64], first: int, rules: Rules) -> Schedule:
    """Take away planned outages after a slot, the next ones first, up to so many slots a feeder.

    Of an outage longer than what is left to give back, its beginning goes: the light since the
    emergency gets longer. What stays of it is no shorter than the rules let it be.
    """
    state = schedule.state.copy()
    for f in np.flatnonzero(slots):
        left, t = int(slots[f]), first
        row = state[f]
        while left > 0 and t < len(row):
            if row[t] != State.PLANNED:
                t += 1
                continue
            end = t
            while end < len(row) and row[end] == State.PLANNED:
                end += 1
            take = end - t
            if take > left:
                take = min(left, max(end - t - rules.min_dark_slots, 0))
            row[t : t + take] = State.LIT
            left -= take
            t = end
    return replace(schedule, state=state)


def _anew(  # noqa: PLR0917 - what the rest of a schedule is made from
    plan: Schedule, feeders: pd.DataFrame, demand: Demand, slot: int, held: NDArray[np.bool_],
    orders: dict[str, Any], *, history: pd.DataFrame | None, rules: Rules | None,
) -> Schedule:  # fmt: skip
    """Place the rest of the time anew, from the plan and with what everybody has had by then."""
    slots = plan.grid.slots
    rest, later = demand.after(slot), orders_after(orders, slot, slots)
    exposure = orders.get("exposure")
    if exposure is not None and np.shape(exposure)[-1:] == (slots,):
        exposure = np.asarray(exposure)[..., slot:]
    dark = np.isin(plan.state, (*CUTS, State.DAMAGED))
    available = np.ones(plan.state.shape, dtype=np.bool_)
    if orders.get("available") is not None:
        available &= np.asarray(orders["available"], dtype=np.bool_)
    available &= ~held
    made = schedule_blackouts(
        feeders,
        rest,
        limit_mw=later["limit_mw"], area_limits=later["area_limits"],
        substation_mw=orders.get("substation_mw"), available=available[:, slot:],
        exposure=exposure, rules=rules, explain=False,
        history=history_after(dark[:, :slot], plan.feeder_id, history),
        previous=replace(plan, grid=rest.grid, state=plan.state[:, slot:], worth=plan.worth[slot:]),
    )  # fmt: skip
    state = plan.state.copy()
    state[:, slot:] = np.where(available[:, slot:], made.state, plan.state[:, slot:])
    return replace(plan, state=state)


def _as_changed(  # noqa: PLR0917 - what a revision is told by
    made: Revision, before: Schedule, feeders: pd.DataFrame, demand: Demand,
    outages: pd.DataFrame | None, queues: pd.DataFrame | None, now: pd.Timestamp,
) -> Revision:  # fmt: skip
    """Tell what changed from the schedule with the emergency, not from what was offered."""
    new = made.schedule
    old = replace(
        _like(before, new.feeder_id),
        load_mw=before.load_mw[before.feeder_id.get_indexer(new.feeder_id)],
    )
    named = feeder_outages(old) if outages is None else outages
    named_queues = queue_outages(old) if queues is None else queues
    after, after_queues = feeder_outages(new, named), queue_outages(new, named_queues)
    return replace(
        made, before=old, changes=changes_by_queue(old, new, feeders),
        spans=changes_by_time(old, new, feeders), outages=after, queue_outages=after_queues,
        summary=revision_summary(
            old, new, feeders, demand, after, after_queues,
            now_slot=max(new.grid.slot_of(now), 0), slot=made.slot,
        ),
    )  # fmt: skip
