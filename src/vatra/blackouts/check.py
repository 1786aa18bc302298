"""An independent recount of a schedule: slow, plain, and sharing nothing with the scheduler."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.check_conduct import hours_broken, queues_broken, switchings_broken
from vatra.blackouts.model import Schedule, State, Violation
from vatra.blackouts.rules import Rules
from vatra.demand.model import Demand
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def check_schedule(
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
    exposure: ArrayLike | None = None,  # noqa: ARG001 - so that what was ordered can be given
    history: pd.DataFrame | None = None,
    now: pd.Timestamp | None = None,
    tolerance_mw: float = 1e-5,
) -> list[Violation]:
    """Recount limits and rules of a schedule from scratch.

    Parameters
    ----------
    schedule
        The schedule.
    feeders, demand, limit_mw, queues_off, area_limits, substation_mw, available, rules
        As they were given to `schedule_blackouts`.
    exposure, history, now
        The same. An exposure breaks no rule; what went before counts for runs, pickup and
        switchings.
    tolerance_mw
        Rounding allowed in a sum of loads, MW.

    Returns
    -------
    list of Violation
        Everything that is broken, one a limit and slot, feeder or run.
    """
    rules = rules or Rules()
    table = feeders.loc[demand.feeder_id]
    lit = np.asarray(schedule.state == State.LIT)
    powered = np.ones(lit.shape, dtype=bool) if available is None else np.asarray(available, bool)
    areas = tuple(area_limits)
    before = [_before(history, str(feeder)) for feeder in demand.feeder_id]
    load = np.array([_load_of(lit[f], demand, f, *before[f]) for f in range(len(table))])
    load = load.reshape(lit.shape)
    found: list[Violation] = []
    rotated = np.ones(len(table), dtype=np.bool_)
    if not np.allclose(load, schedule.load_mw, atol=tolerance_mw):
        found.append(Violation("load", "", (), "The loads are not those of the states."))
    for name, members, limit in _caps(table, limit_mw, areas, substation_mw):
        drawn = load[members].sum(axis=0)
        most = np.broadcast_to(np.asarray(limit, dtype=np.float64), drawn.shape)
        found.extend(
            Violation("supply limit", name, (t,), f"{drawn[t]:.3f} MW of {most[t]:.3f} MW.")
            for t in range(len(drawn))
            if drawn[t] > most[t] + tolerance_mw
        )
    for f, feeder in enumerate(demand.feeder_id):
        wrong = np.flatnonzero(lit[f] & ~powered[f])
        if wrong.size:
            found.append(Violation("available", feeder, tuple(wrong), "Lit without power."))
        off = np.flatnonzero(powered[f] & ~lit[f])
        kept_for = _kept_for(table, demand, f, rules)
        rotated[f] = bool(off.size) or not kept_for
        if off.size and kept_for:
            found.append(Violation(kept_for, feeder, tuple(off), "Cut, though it is kept."))
        runs = _runs_broken(feeder, lit[f], powered[f], rules, *before[f])
        found += [v for v in runs if rotated[f] or v.rule != "max_light_h"]
        found += hours_broken(feeder, lit[f], powered[f], demand.grid, rules)
    found += switchings_broken(
        table[rotated], lit[rotated], powered[rotated], demand.grid, rules, now, history
    )
    found += queues_broken(table, schedule.queue, lit, queues_off, areas)
    return found


def _kept_for(table: pd.DataFrame, demand: Demand, f: int, rules: Rules) -> str:
    """Name the strongest reason for which planned cuts should not touch a feeder."""
    if "protected" in table and bool(table["protected"].iloc[f]):
        return "protected"
    without = "backup" in table and table["backup"].iloc[f] in {"no", False}
    if without and rules.keep_mixed and bool((demand.critical_mw[f] > 0).any()):
        return "mixed"
    return "reserved" if "reserved" in table and bool(table["reserved"].iloc[f]) else ""


def _before(history: pd.DataFrame | None, feeder: str) -> tuple[int, int]:
    """Return the slots of the last dark run before the first slot, and the lit slots since."""
    if history is None or feeder not in history.index:
        return 0, 0
    row = history.loc[feeder]
    return int(row.get("dark_slots", 0) or 0), int(row.get("lit_slots", 0) or 0)


def _load_of(lit: Flags, demand: Demand, f: int, dark_run: int, lit_run: int) -> Floats:
    """Work out what a feeder draws, slot by slot, from the definition of the pickup."""
    pickup = demand.pickup
    load = np.zeros(len(lit))
    cut = dark_run > 0
    for t, on in enumerate(lit):
        if not on:
            dark_run = dark_run + 1 if lit_run == 0 else 1
            lit_run, cut = 0, True
            continue
        factor = 1.0
        if cut:
            growth = 1.0 - np.exp(-SLOT_H * dark_run / pickup.growth_h)
            begin, end = SLOT_H * lit_run, SLOT_H * (lit_run + 1)
            left = np.exp(-begin / pickup.decay_h) - np.exp(-end / pickup.decay_h)
            factor += pickup.extra * growth * pickup.decay_h * left / SLOT_H
        lit_run += 1
        steady = demand.critical_mw[f, t] + demand.heater_mw[f, t]
        load[t] = (demand.load_mw[f, t] - steady) * factor + steady
    return load


def _caps(
    table: pd.DataFrame,
    limit_mw: ArrayLike | None,
    area_limits: tuple[SupplyLimit, ...],
    substation_mw: pd.Series[float] | None,
) -> list[tuple[str, Flags, ArrayLike]]:
    """Name every limit with its feeders and its MW."""
    caps: list[tuple[str, Flags, ArrayLike]] = []
    if limit_mw is not None:
        caps.append(("the city", np.ones(len(table), dtype=np.bool_), limit_mw))
    for column in ("substation_id", "district_id"):
        if column in table:
            names = table[column].to_numpy(dtype=object)
            caps.extend((area.area, names == area.area, area.limit_mw) for area in area_limits)
    if substation_mw is not None:
        names = table["substation_id"].to_numpy(dtype=object)
        caps.extend((str(name), names == name, mw) for name, mw in substation_mw.items())
    return caps


def _runs_broken(  # noqa: PLR0917 - a feeder's slots and what went before them
    feeder: str, lit: Flags, powered: Flags, rules: Rules, dark_before: int, lit_before: int
) -> list[Violation]:  # fmt: skip
    """Walk through the runs of one feeder."""
    found = []
    slots = len(lit)
    t = 0
    while t < slots:
        end = t
        while end < slots and lit[end] == lit[t]:
            end += 1
        behind = (lit_before if lit[t] else 0 if lit_before else dark_before) if t == 0 else 0
        span, length = tuple(range(t, end)), SLOT_H * (end - t + behind)
        chosen = end < slots and powered[end if lit[t] else end - 1]
        broken = {
            "max_dark_h": not lit[t] and powered[t:end].any()
            and length > (rules.max_dark_h or np.inf),
            "min_dark_h": not lit[t] and chosen and length < rules.min_dark_h,
            "min_light_h": lit[t] and t + behind > 0 and chosen and length < rules.min_light_h,
            "max_light_h": lit[t] and length > (rules.max_light_h or np.inf),
        }  # fmt: skip
        word = "Lit" if lit[t] else "Dark"
        found += [
            Violation(r, feeder, span, f"{word} for {length} h.") for r in broken if broken[r]
        ]
        t = end
    return found
