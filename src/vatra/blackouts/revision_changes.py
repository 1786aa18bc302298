"""What a revision takes and gives: light by queue and time, in people-hours, and outages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from vatra.blackouts.files_fairness import weight_of
from vatra.blackouts.model import Schedule, State
from vatra.blackouts.outages import CHANGES
from vatra.blackouts.task import Flags, Floats
from vatra.demand.model import Demand
from vatra.situation.timegrid import SLOT_H


def _diff(old: Schedule, new: Schedule) -> tuple[Flags, Flags]:
    """Feeder × slot: light lost, and light gained."""
    was, now = old.state == State.LIT, new.state == State.LIT
    return was & ~now, now & ~was


def _queues(schedule: Schedule) -> tuple[list[str], list[Flags]]:
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    names = [str(name) for name in schedule.queue_dark_share.index]
    if (queue == "").any():
        names.append("")
    return names, [queue == name for name in names]


def people_of(schedule: Schedule, feeders: pd.DataFrame) -> Floats:
    """Whom each feeder stands for: residents, else customers, else the line itself."""
    return weight_of(feeders.loc[schedule.feeder_id])


def changes_by_queue(old: Schedule, new: Schedule, feeders: pd.DataFrame) -> pd.DataFrame:
    """Sum up by queue what light is lost and gained.

    Parameters
    ----------
    old, new
        Two schedules of the same feeders and slots.
    feeders
        Their table.

    Returns
    -------
    pandas.DataFrame
        By ``queue``, «» for lines without one, where there are any: as `Revision.changes`.
    """
    lost, gained = _diff(old, new)
    people = people_of(new, feeders)
    names, members = _queues(new)
    rows = []
    for own in members:
        total = float(people[own].sum())
        took = SLOT_H * float(people[own] @ lost[own].sum(axis=1))
        gave = SLOT_H * float(people[own] @ gained[own].sum(axis=1))
        rows.append({
            "lines": int(own.sum()),
            "changed_lines": int((lost | gained)[own].any(axis=1).sum()),
            "people": total,
            "lost_person_h": took, "gained_person_h": gave,
            "lost_h": took / max(total, 1e-12), "gained_h": gave / max(total, 1e-12),
        })  # fmt: skip
    columns = ["lines", "changed_lines", "people", "lost_person_h", "gained_person_h", "lost_h",
               "gained_h"]  # fmt: skip
    return pd.DataFrame(rows, index=pd.Index(names, name="queue"), columns=columns)


def changes_by_time(old: Schedule, new: Schedule, feeders: pd.DataFrame) -> pd.DataFrame:
    """List who loses or gains light when.

    Parameters
    ----------
    old, new
        Two schedules of the same feeders and slots.
    feeders
        Their table.

    Returns
    -------
    pandas.DataFrame
        A row a queue and stretch of time, as `Revision.spans`; by queue and time.
    """
    edges = new.grid.times.append(pd.DatetimeIndex([new.grid.end]))
    people = people_of(new, feeders)
    names, members = _queues(new)
    rows = []
    for name, own in zip(names, members, strict=True):
        for what, changed in zip(("loses", "gains"), _diff(old, new), strict=True):
            touched = people[own] @ changed[own]
            on = np.concatenate(([False], touched > 0, [False]))
            starts = np.flatnonzero(on[1:] & ~on[:-1]).tolist()
            ends = np.flatnonzero(~on[1:] & on[:-1]).tolist()
            rows += [
                (name, edges[a], edges[b], what, float(touched[a:b].max()),
                 SLOT_H * float(touched[a:b].sum()))
                for a, b in zip(starts, ends, strict=True)
            ]  # fmt: skip
    columns = ["queue", "start", "end", "change", "people", "person_h"]
    table = pd.DataFrame(rows, columns=columns)
    for column in ("start", "end"):
        table[column] = pd.to_datetime(table[column], utc=True)
    return table.sort_values(["queue", "start"], kind="stable", ignore_index=True)


def revision_summary(  # noqa: PLR0917 - what there was, is, and is said of it
    old: Schedule, new: Schedule, feeders: pd.DataFrame, demand: Demand, outages: pd.DataFrame,
    queue_outages: pd.DataFrame, *, now_slot: int, slot: int,
) -> dict[str, Any]:  # fmt: skip
    """Figures of a revision over all lines.

    Parameters
    ----------
    old, new
        The schedule before and after.
    feeders, demand
        Feeders and what they would draw.
    outages, queue_outages
        Outages of the new schedule by name.
    now_slot, slot
        Slot in which it was revised, and the first that could change.

    Returns
    -------
    dict
        ``lost_mwh`` and ``gained_mwh``; ``excess_mwh``, by which the schedule before exceeds the
        new limit after the freeze; ``frozen_excess_mw``, by which it does within the freeze, where
        only an emergency cut helps; people-hours, lines, and outages by what happened to them.
    """
    lost, gained = _diff(old, new)
    people = people_of(new, feeders)
    over = np.nan_to_num(old.served_mw - new.limit_mw, nan=-np.inf)
    frozen = over[now_slot:slot]
    counted = {
        f"{name}_{change.replace(' ', '_')}": int((table["change"] == change).sum())
        for name, table in (("outages", outages), ("queue_outages", queue_outages))
        for change in CHANGES[1:]
    }
    return {
        "lost_mwh": SLOT_H * float(demand.load_mw[lost].sum()),
        "gained_mwh": SLOT_H * float(demand.load_mw[gained].sum()),
        "excess_mwh": SLOT_H * float(np.maximum(over[slot:], 0.0).sum()),
        "frozen_excess_mw": float(max(frozen.max(initial=0.0), 0.0)),
        "lost_person_h": SLOT_H * float(people @ lost.sum(axis=1)),
        "gained_person_h": SLOT_H * float(people @ gained.sum(axis=1)),
        "people_who_lose": float(people[lost.any(axis=1)].sum()),
        "people_who_gain": float(people[gained.any(axis=1)].sum()),
        "changed_lines": int((lost | gained).any(axis=1).sum()),
        "lines": len(people),
        **counted,
    }
