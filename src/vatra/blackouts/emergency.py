"""So many MW have to go within seconds: which feeders open, and which come back first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.emergency_choice import Choice, choose_to_open
from vatra.blackouts.files_fairness import CUTS, weight_of
from vatra.blackouts.files_place import plain, write_json, write_table
from vatra.blackouts.ledger_history import history_after
from vatra.blackouts.model import Schedule, State, Violation
from vatra.blackouts.queues import queue_share
from vatra.blackouts.task import TOLERANCE_MW, Flags, Floats
from vatra.demand.model import Demand
from vatra.demand.pickup import pickup_multiplier, served_load
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.fields import did_you_mean
from vatra.situation.timegrid import SLOT_H

HOLD_H = 2.0
"""How long an emergency cut is taken to last where nobody says; *assumed*."""


@dataclass(frozen=True)
class EmergencyCertificate:
    """How near to the order an emergency cut is.

    Parameters
    ----------
    asked_mw
        MW that were to go.
    shed_mw
        MW that go in the first slot.
    excess_mw
        MW that go beyond the order, 0 where it can't be met.
    excess_bound_mw
        No choice of the feeders that may be opened exceeds the order by less.
    shortfall_mw
        MW that nothing may be opened for.
    most_mw
        MW that could be shed at most with what may be opened.
    people
        People who lose their light.
    people_bound
        No choice that sheds the order by feeders of the kinds opened takes light from fewer.
    critical_mw
        Critical load that goes with the feeders.
    """

    asked_mw: float
    shed_mw: float
    excess_mw: float
    excess_bound_mw: float
    shortfall_mw: float
    most_mw: float
    people: float
    people_bound: float
    critical_mw: float


@dataclass(frozen=True)
class Emergency:
    """An emergency cut.

    Parameters
    ----------
    state
        `State.EMERGENCY`, or `State.SPECIAL_EMERGENCY` where critical customers may be cut too.
    slot, end_slot
        From `slot` up to, not including, `end_slot`.
    opened
        Feeders to open at once, in the order in which to open them: by ``feeder_id``,
        ``mw``, ``critical_mw``, ``people``, ``switching``, ``protected``, ``reserved``.
    later
        Feeders to open in later slots, because those opened first would have been dark by then
        anyway: ``feeder_id``, ``slot`` and ``mw``.
    restore
        What to bring back first: by ``feeder_id``, ``mw`` (as it would have drawn),
        ``mw_on_return`` (with pickup), ``total_mw_on_return`` (of it and those before it),
        ``critical_mw``, ``people`` and ``dark_h``.
    schedule
        The schedule with the emergency in it and nothing else changed. Its certificate tells of
        the limits anew; fairness and bounds are those of the plan.
    debt_h
        By feeder, hours of darkness beyond the plan.
    history
        By feeder, what went before `end_slot`, as `schedule_blackouts` takes it: the rest of the
        day is planned with it.
    certificate
        How near to the order it is.
    violations
        What could not be kept.
    """

    state: State
    slot: int
    end_slot: int
    opened: pd.DataFrame
    later: pd.DataFrame
    restore: pd.DataFrame
    schedule: Schedule
    debt_h: pd.Series[float]
    history: pd.DataFrame
    certificate: EmergencyCertificate
    violations: tuple[Violation, ...] = ()


def shed_now(  # noqa: PLR0917 - in the order in which a dispatcher says it
    schedule: Schedule,
    feeders: pd.DataFrame,
    demand: Demand,
    slot: int,
    mw: float,
    area: str | None = None,
    *,
    special: bool = False,
    hours: float = HOLD_H,
    load_now_mw: Mapping[str, float] | None = None,
    history: pd.DataFrame | None = None,
) -> Emergency:
    """Choose the feeders to open within seconds, and what to restore first.

    Feeders go in this order: without critical load and by remote switch; without critical load by
    hand; then mixed ones. In a special emergency also those reserved for automatic shedding and
    protected ones, last. Of each kind as many go as have to, in the last so that the fewest people
    lose their light, and in the end nobody is left open who need not be.

    Parameters
    ----------
    schedule
        The schedule in force.
    feeders
        Feeders by ``feeder_id``: ``substation_id``, ``district_id``, ``residents`` or
        ``customers``, ``protected``, ``reserved``, ``switching``; none is required.
    demand
        What each feeder would draw by slot.
    slot
        Slot in which it happens.
    mw
        MW to shed, above 0.
    area
        Id of the district or substation in which to; None for the whole city.
    special
        Whether it is a special emergency, in which critical customers may be cut too.
    hours
        How long it lasts, at least; feeders are opened for whole half-hours.
    load_now_mw
        Measured load by feeder, MW; in place of the schedule's in the first slot.
    history
        What went before the schedule, as it was made with.

    Returns
    -------
    Emergency
        The cut; where the order can't be met, with all that may be opened and what is missing.

    Raises
    ------
    InputError
        If the slot, the MW or the area can't be.
    """
    table = feeders.loc[schedule.feeder_id]
    inside = _check(schedule, table, slot, mw, area, hours)
    load = np.array(schedule.load_mw)
    if load_now_mw is not None:
        load[:, slot] = _measured(load_now_mw, schedule, slot)
    end = min(slot + max(1, int(np.ceil(hours / SLOT_H - 1e-9))), schedule.grid.slots)
    state = State.SPECIAL_EMERGENCY if special else State.EMERGENCY
    tier = _tiers(table, demand, slot, inside, special=special)
    people = np.asarray(weight_of(table))
    lit = np.asarray(schedule.state == State.LIT)
    first = choose_to_open(load[:, slot], tier, people, mw, lit[:, slot])
    open_from, later = _hold(load, tier, people, mw, lit, first.opened, slot, end)
    states = schedule.state.copy()
    for f in np.flatnonzero(open_from >= 0):
        span = states[f, open_from[f] : end]
        span[span == State.LIT] = state
    new = _with_states(schedule, table, demand, states, history)
    debt = SLOT_H * (lit & (states == state)).sum(axis=1)
    certificate, violations = _certify(
        first, load[:, slot], demand.critical_mw[:, slot], people, mw, slot, lit[:, slot], inside,
        special=special,
    )  # fmt: skip
    return Emergency(
        state=state, slot=slot, end_slot=end,
        opened=_opened(table, load[:, slot], demand.critical_mw[:, slot], people, tier, first),
        later=pd.DataFrame(
            [(schedule.feeder_id[f], t, load_mw) for f, t, load_mw in later],
            columns=["feeder_id", "slot", "mw"],
        ),
        restore=_restore(new, demand, people, open_from >= 0, end, history),
        schedule=new,
        debt_h=pd.Series(debt, index=schedule.feeder_id, name="debt_h"),
        history=history_after(np.isin(states[:, :end], DARK), schedule.feeder_id, history),
        certificate=certificate, violations=violations,
    )  # fmt: skip


DARK = (*CUTS, State.DAMAGED)
"""States in which it is known to be dark."""


def _check(  # noqa: PLR0917 - what an order is made of
    schedule: Schedule, table: pd.DataFrame, slot: int, mw: float, area: str | None, hours: float
) -> Flags:
    problems = []
    if not 0 <= slot < schedule.grid.slots:
        reason = f"is not a slot of the schedule, which has {schedule.grid.slots}"
        problems.append(Problem("slot", str(slot), reason, "0 or more, and less than that"))
    if not 0 < mw < float("inf"):
        problems.append(Problem("mw", str(mw), "is not an amount to shed", "MW above 0"))
    if not 0 < hours < float("inf"):
        problems.append(Problem("hours", str(hours), "is not a length of time", "hours above 0"))
    inside = np.ones(len(table), dtype=np.bool_)
    if area is not None:
        named: set[str] = set()
        inside[:] = False
        for column in ("substation_id", "district_id"):
            if column in table and not inside.any():
                named |= {str(name) for name in table[column] if name}
                inside = np.asarray(table[column].astype("object") == area, dtype=np.bool_)
        if not inside.any():
            mend = did_you_mean(area, named) or "id of a substation or district"
            problems.append(Problem("area", area, "no feeder is in it", mend))
    if problems:
        raise InputError("emergency", problems)
    return inside


def _measured(load: Mapping[str, float], schedule: Schedule, slot: int) -> Floats:
    """Put measured loads in place; what isn't measured stays as planned."""
    wrong = [k for k, v in load.items() if k not in schedule.feeder_id or not 0 <= v < float("inf")]
    if wrong:
        raise InputError("emergency", [
            Problem("load_now_mw", name_ids(wrong), "is no feeder or no load", "MW of 0 or more")
        ])  # fmt: skip
    measured = pd.Series(schedule.load_mw[:, slot], index=schedule.feeder_id)
    measured.update(pd.Series(dict(load), dtype="float64"))
    return np.asarray(measured, dtype=np.float64)


def _flag(table: pd.DataFrame, name: str) -> Flags:
    if name not in table:
        return np.zeros(len(table), dtype=np.bool_)
    return np.asarray(table[name].fillna(value=False), dtype=np.bool_)


def _tiers(
    table: pd.DataFrame, demand: Demand, slot: int, inside: Flags, *, special: bool
) -> NDArray[np.int64]:
    """Rank feeders by what goes first; −1 for those that stay."""
    mixed = demand.critical_mw[:, slot] > 0
    manual = np.zeros(len(table), dtype=np.bool_)
    if "switching" in table:
        manual = np.asarray(table["switching"].astype("object") == "manual", dtype=np.bool_)
    protected, reserved = _flag(table, "protected"), _flag(table, "reserved")
    tier = (2 * mixed + manual).astype(np.int64)
    tier = np.where(reserved, 4 if special else -1, tier)
    tier = np.where(protected, 5 if special else -1, tier)
    return np.where(inside, tier, -1)


def _hold(  # noqa: PLR0917 - the first choice, carried on
    load: Floats, tier: NDArray[np.int64], people: Floats, mw: float, lit: Flags, opened: Flags,
    slot: int, end: int,
) -> tuple[NDArray[np.int64], list[tuple[int, int, float]]]:  # fmt: skip
    """Keep as much shed in later slots, when some of those opened would be dark anyway."""
    open_from = np.where(opened, slot, -1)
    later: list[tuple[int, int, float]] = []
    for t in range(slot + 1, end):
        held = (open_from >= 0) & lit[:, t]
        missing = mw - load[held, t].sum()
        if missing <= TOLERANCE_MW:
            continue
        more = choose_to_open(load[:, t], tier, people, missing, lit[:, t] & (open_from < 0))
        open_from[more.opened] = t
        later += [(int(f), t, float(load[f, t])) for f in np.flatnonzero(more.opened)]
    return open_from, later


def _with_states(
    schedule: Schedule, table: pd.DataFrame, demand: Demand, states: NDArray[np.int8],
    history: pd.DataFrame | None,
) -> Schedule:  # fmt: skip
    """Return the schedule with other states: loads, shares and the limit's excess anew."""
    before = {}
    if history is not None:
        own = history.reindex(schedule.feeder_id)
        for name, column in (("dark_before", "dark_slots"), ("lit_before", "lit_slots")):
            if column in own:
                before[name] = own[column].fillna(0).to_numpy(dtype=np.int64)
    lit = states == State.LIT
    load = served_load(demand, lit, **before)
    over = np.nan_to_num(load.sum(axis=0) - schedule.limit_mw, nan=-np.inf)
    excess = float(max(over.max(initial=0.0), 0.0))
    customers = np.ones(len(table))
    if "customers" in table:
        customers = pd.to_numeric(table["customers"], errors="coerce").fillna(0.0).to_numpy(float)
    kept = np.asarray(schedule.queue.reindex(schedule.feeder_id).fillna("") == "")
    return replace(
        schedule, state=states, load_mw=load, kept_mw=load[kept].sum(axis=0),
        queue_dark_share=queue_share(schedule.queue, customers, ~lit, schedule.grid.slots),
        certificate=replace(
            schedule.certificate, limit_excess_mw=excess if excess > TOLERANCE_MW else 0.0
        ),
    )  # fmt: skip


def _certify(  # noqa: PLR0917 - what a proof is made of
    choice: Choice, load: Floats, critical: Floats, people: Floats, mw: float, slot: int,
    lit: Flags, inside: Flags, *, special: bool,
) -> tuple[EmergencyCertificate, tuple[Violation, ...]]:  # fmt: skip
    shed = float(load[choice.opened].sum())
    short = max(0.0, mw - shed)
    short = short if short > TOLERANCE_MW else 0.0
    certificate = EmergencyCertificate(
        asked_mw=mw, shed_mw=shed, excess_mw=max(0.0, shed - mw) if not short else 0.0,
        excess_bound_mw=choice.excess_bound_mw, shortfall_mw=short, most_mw=choice.most_mw,
        people=float(people[choice.opened].sum()), people_bound=choice.people_bound,
        critical_mw=float(critical[choice.opened].sum()),
    )  # fmt: skip
    if not short:
        return certificate, ()
    every = float(load[lit & inside].sum())
    relaxation = f"Ask for {choice.most_mw:.1f} MW at most."
    if not special:
        relaxation += f" A special emergency, critical customers included, could shed {every:.1f}."
    return certificate, (
        Violation(
            "emergency", "the order", (slot,),
            f"Only {choice.most_mw:.1f} MW of {mw:.1f} MW may be opened.", relaxation,
        ),
    )  # fmt: skip


def _opened(  # noqa: PLR0917 - columns of a table
    table: pd.DataFrame, load: Floats, critical: Floats, people: Floats, tier: NDArray[np.int64],
    choice: Choice,
) -> pd.DataFrame:  # fmt: skip
    switching = table.get("switching", "remote")
    rows = pd.DataFrame({
        "mw": load, "critical_mw": critical, "people": people, "switching": switching,
        "protected": _flag(table, "protected"), "reserved": _flag(table, "reserved"),
    }, index=table.index)  # fmt: skip
    # Large ones first within a kind: the order is met with the fewest switchings.
    order = np.lexsort((-load, tier))
    return rows.iloc[[f for f in order if choice.opened[f]]]


def _restore(  # noqa: PLR0917 - what the order of return hangs on
    schedule: Schedule, demand: Demand, people: Floats, opened: Flags, end: int,
    history: pd.DataFrame | None,
) -> pd.DataFrame:  # fmt: skip
    """Rank what comes back first: critical load, then the longest dark, then most people a MW."""
    at = min(end, schedule.grid.slots) - 1
    went = history_after(np.isin(schedule.state[:, :end], DARK), schedule.feeder_id, history)
    dark_slots = went["dark_slots"].to_numpy(dtype=np.float64)
    ordinary = demand.load_mw[:, at] - demand.critical_mw[:, at] - demand.heater_mw[:, at]
    extra = pickup_multiplier(dark_slots, np.zeros(len(people)), demand.pickup) - 1.0
    back = demand.load_mw[:, at] + extra * ordinary
    dark_h = went["dark_h"].to_numpy(dtype=np.float64)
    rows = pd.DataFrame({
        "mw": demand.load_mw[:, at], "mw_on_return": back,
        "critical_mw": demand.critical_mw[:, at], "people": people, "dark_h": dark_h,
    }, index=schedule.feeder_id)  # fmt: skip
    worth = people / np.maximum(back, 1e-9)
    order = np.lexsort((-worth, -dark_h, -rows["critical_mw"].to_numpy()))
    rows = rows.iloc[[f for f in order if opened[f]]].copy()
    rows.insert(2, "total_mw_on_return", rows["mw_on_return"].cumsum())
    return rows


def emergency_values(
    emergency: Emergency, repaid_h: pd.Series[float] | None = None
) -> dict[str, Any]:
    """Return an emergency cut as plain values.

    Parameters
    ----------
    emergency
        The cut.
    repaid_h
        By feeder, how much of its debt the rest of the schedule gives back; None where that was
        not planned.

    Returns
    -------
    dict
        State, times (UTC), certificate, what to open, what to bring back, debt and violations.
    """
    grid = emergency.schedule.grid

    def rows(table: pd.DataFrame) -> Any:
        return plain(table.rename_axis("feeder").reset_index())

    debt = emergency.debt_h[emergency.debt_h > 0]
    end = grid.start + pd.Timedelta(hours=SLOT_H * emergency.end_slot)
    return {
        "state": emergency.state.name.lower(),
        "start": grid.times[emergency.slot].isoformat(),
        "end": end.isoformat(),
        "certificate": plain(emergency.certificate),
        "open": rows(emergency.opened),
        "open_later": plain(emergency.later.rename(columns={"feeder_id": "feeder"})),
        "restore": rows(emergency.restore),
        "debt_h": {str(feeder): float(hours) for feeder, hours in debt.items()},
        "repaid_h": None
        if repaid_h is None
        else {str(feeder): float(repaid_h.get(feeder, 0.0)) for feeder in debt.index},
        "limit_excess_mw": plain(emergency.schedule.certificate.limit_excess_mw),
        "violations": plain(emergency.violations),
    }


def write_emergency(
    emergency: Emergency, folder: Path, repaid_h: pd.Series[float] | None = None
) -> list[Path]:
    """Write what an emergency cut leaves behind: ``emergency.json`` and ``history.csv``.

    Parameters
    ----------
    emergency
        The cut.
    folder
        A folder that is there.
    repaid_h
        As `emergency_values` takes it.

    Returns
    -------
    list[Path]
        The two files.
    """
    written = [folder / "emergency.json", folder / "history.csv"]
    write_json(emergency_values(emergency, repaid_h), written[0])
    write_table(emergency.history.rename_axis("feeder").reset_index(), written[1])
    return written
