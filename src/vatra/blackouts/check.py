"""An independent recount of a schedule: slow, plain, and sharing nothing with the scheduler."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vatra.blackouts.model import Schedule, State, Violation
from vatra.blackouts.rules import Rules
from vatra.demand.model import Demand
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H


def check_schedule(  # noqa: C901 - one paragraph a rule
    schedule: Schedule,
    feeders: pd.DataFrame,
    demand: Demand,
    *,
    limit_mw: ArrayLike | None = None,
    area_limits: Iterable[SupplyLimit] = (),
    substation_mw: pd.Series[float] | None = None,
    available: ArrayLike | None = None,
    rules: Rules | None = None,
    tolerance_mw: float = 1e-5,
) -> list[Violation]:
    """Recount limits and rules of a schedule from scratch.

    Parameters
    ----------
    schedule
        The schedule.
    feeders, demand, limit_mw, area_limits, substation_mw, available, rules
        As they were given to `schedule_blackouts`.
    tolerance_mw
        Rounding allowed in a sum of loads, MW.

    Returns
    -------
    list of Violation
        Everything that is broken, one a limit and slot, feeder or run.
    """
    rules = rules or Rules()
    table = feeders.loc[demand.feeder_id]
    slots = demand.grid.slots
    lit = schedule.state == State.LIT
    powered = np.ones(lit.shape, dtype=bool) if available is None else np.asarray(available, bool)
    found: list[Violation] = []
    load = np.zeros(lit.shape)
    pickup = demand.pickup
    for f in range(lit.shape[0]):
        dark_run, lit_run = 0, 10**9
        for t in range(slots):
            if not lit[f, t]:
                dark_run = dark_run + 1 if lit_run == 0 else 1
                lit_run = 0
                continue
            factor = 1.0
            if lit_run < 10**9:
                growth = 1.0 - np.exp(-SLOT_H * dark_run / pickup.growth_h)
                a, b = SLOT_H * lit_run, SLOT_H * (lit_run + 1)
                mean = (
                    pickup.decay_h
                    * (np.exp(-a / pickup.decay_h) - np.exp(-b / pickup.decay_h))
                    / SLOT_H
                )
                factor += pickup.extra * growth * mean
                lit_run += 1
            steady = demand.critical_mw[f, t] + demand.heater_mw[f, t]
            load[f, t] = (demand.load_mw[f, t] - steady) * factor + steady
    if not np.allclose(load, schedule.load_mw, atol=tolerance_mw):
        found.append(Violation("load", "", (), "The loads are not those of the states."))

    caps: list[tuple[str, np.ndarray[tuple[int], np.dtype[np.bool_]], ArrayLike]] = []
    if limit_mw is not None:
        caps.append(("the city", np.ones(len(table), dtype=bool), limit_mw))
    for column in ("substation_id", "district_id"):
        if column in table:
            names = table[column].to_numpy(dtype=object)
            caps.extend((area.area, names == area.area, area.limit_mw) for area in area_limits)
    if substation_mw is not None:
        names = table["substation_id"].to_numpy(dtype=object)
        caps.extend((str(name), names == name, mw) for name, mw in substation_mw.items())
    for name, members, cap in caps:
        drawn = load[members].sum(axis=0)
        most = np.broadcast_to(np.asarray(cap, dtype=float), (slots,))
        found.extend(
            Violation("supply limit", name, (t,), f"{drawn[t]:.3f} MW of {most[t]:.3f} MW.")
            for t in range(slots)
            if drawn[t] > most[t] + tolerance_mw
        )
    for f, feeder in enumerate(demand.feeder_id):
        wrong = [t for t in range(slots) if lit[f, t] and not powered[f, t]]
        if wrong:
            found.append(Violation("available", feeder, tuple(wrong), "Lit without power."))
        off = [t for t in range(slots) if powered[f, t] and not lit[f, t]]
        for rule in ("protected", "reserved"):
            if off and rule in table and bool(table[rule].iloc[f]):
                found.append(Violation(rule, feeder, tuple(off), "Cut, though it is kept."))
        t = 0
        while t < slots:
            end = t
            while end < slots and lit[f, end] == lit[f, t]:
                end += 1
            span, length = tuple(range(t, end)), SLOT_H * (end - t)
            if not lit[f, t] and any(powered[f, u] for u in span):
                if rules.max_dark_h is not None and length > rules.max_dark_h:
                    found.append(Violation("max_dark_h", feeder, span, f"Dark for {length} h."))
                if end < slots and powered[f, end - 1] and length < rules.min_dark_h:
                    found.append(Violation("min_dark_h", feeder, span, f"Dark for {length} h."))
            if lit[f, t] and t > 0 and end < slots and powered[f, end]:
                if length < rules.min_light_h:
                    found.append(Violation("min_light_h", feeder, span, f"Lit for {length} h."))
            if lit[f, t] and rules.max_light_h is not None and length > rules.max_light_h:
                found.append(Violation("max_light_h", feeder, span, f"Lit for {length} h."))
            t = end
    return found
