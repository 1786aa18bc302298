"""Every outage by a name that it keeps, however often the schedule is revised.

An outage is a run of a unit (a feeder, or a queue of the public schedule) that is dark for one
reason. It is named after its unit and the time at which it was first to begin. In a revision it
keeps its name where it still overlaps; where it doesn't, the nearest new one of the same unit and
kind takes the name and is said to have moved; what is left is new or cancelled. Cancelled ones stay
in the table, so that a name is never given twice and calendars can take them out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.model import Schedule, State
from vatra.situation.timegrid import TimeGrid

COLUMNS = (
    "outage", "unit", "start", "end", "state", "sequence", "change", "was_start", "was_end",
)  # fmt: skip
"""Columns of a table of outages."""

CHANGES = ("planned", "same", "earlier or later", "moved", "split off", "new", "cancelled")
"""What a revision may do to an outage; ``planned`` before any revision."""

MOVED_H = 6.0
"""Hours between the old and the new time of an outage up to which it counts as moved, rather than
cancelled and another one planned; *assumed*."""

GONE = "cancelled"

KIND = np.array([0, 1, 1, 2, 3, 4, 5])
"""Reasons that may pass into one another by `State`: a possible outage that becomes planned is the
same outage, an emergency is not."""

DARK = 0.5
"""A queue counts as dark for its outages where at least this share of its customers is."""


def feeder_outages(schedule: Schedule, before: pd.DataFrame | None = None) -> pd.DataFrame:
    """List the outages of every feeder.

    Parameters
    ----------
    schedule
        The schedule.
    before
        The table of the schedule that it revises; None where it is the first.

    Returns
    -------
    pandas.DataFrame
        ``outage`` (its name), ``unit``, ``start`` and ``end`` (UTC), ``state``, ``sequence`` (how
        often it has changed), ``change`` (one of `CHANGES`), ``was_start`` and ``was_end`` (NaT
        where it is new); by unit and time.
    """
    return name_outages(np.asarray(schedule.feeder_id), schedule.state, schedule.grid, before)


def queue_outages(schedule: Schedule, before: pd.DataFrame | None = None) -> pd.DataFrame:
    """List the outages of every queue of the public schedule.

    Parameters
    ----------
    schedule
        The schedule. A queue is dark where half of its customers or more are; for the reason that
        most of its dark feeders have, in doubt an emergency.
    before
        The table of the schedule that it revises; None where it is the first.

    Returns
    -------
    pandas.DataFrame
        As `feeder_outages`; the units are queues.
    """
    shares = schedule.queue_dark_share
    state = np.full(shares.shape, State.LIT, dtype=np.int8)
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    for i, name in enumerate(shares.index):
        own = schedule.state[queue == name]
        counts = np.stack([(own == s).sum(axis=0) for s in State if s != State.LIT])
        ranked = np.array([State.SPECIAL_EMERGENCY, State.EMERGENCY, State.PLANNED, State.POSSIBLE,
                           State.DAMAGED, State.UNKNOWN])  # fmt: skip
        most = ranked[np.argmax(counts[ranked - 1], axis=0)]
        state[i] = np.where(shares.iloc[i].to_numpy() >= DARK, most, State.LIT)
    return name_outages(np.asarray(shares.index.astype("object")), state, schedule.grid, before)


def name_outages(
    units: NDArray[np.object_],
    state: NDArray[np.int8],
    grid: TimeGrid,
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name the runs of darkness of some units.

    Parameters
    ----------
    units
        Names of the rows.
    state
        Unit × slot: `State`.
    grid
        The slots.
    before
        The table of the schedule that this one revises; outages that were over before the first
        slot are let be.

    Returns
    -------
    pandas.DataFrame
        As `feeder_outages`.
    """
    row, first, end, what = _runs(state)
    edges = grid.times.append(pd.DatetimeIndex([grid.end]))
    table = pd.DataFrame({
        "outage": "", "unit": np.asarray(units, dtype=object)[row], "start": edges[first],
        "end": edges[end], "state": [State(int(s)).name.lower() for s in what],
        "sequence": 0, "change": "planned" if before is None else "new",
        "was_start": pd.Series(pd.NaT, index=range(len(row)), dtype=edges.dtype),
        "was_end": pd.Series(pd.NaT, index=range(len(row)), dtype=edges.dtype),
    })  # fmt: skip
    if before is None or not len(before):
        return _with_names(table, set())
    return _match(table, before[before["end"] > grid.start].reset_index(drop=True), before)


def _runs(
    state: NDArray[np.int8],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    """Row, first slot, slot after the last and state of every run that isn't lit."""
    starts = np.ones(state.shape, dtype=np.bool_)
    starts[:, 1:] = state[:, 1:] != state[:, :-1]
    row, first = (np.asarray(at, dtype=np.int64) for at in np.nonzero(starts))
    end = np.concatenate((first[1:], [state.shape[1]]))
    end[np.append(row[1:] != row[:-1], True)] = state.shape[1]
    what = state[row, first]
    dark = what != State.LIT
    return row[dark], first[dark], end[dark], what[dark]


def _with_names(table: pd.DataFrame, taken: set[str]) -> pd.DataFrame:
    """Name what has no name yet after its unit and start, never with a name that is taken."""
    nameless = np.flatnonzero(table["outage"].to_numpy() == "")
    names = table["outage"].to_numpy(dtype=object, copy=True)
    fresh = (
        table["unit"].iloc[nameless].astype(str).to_numpy(dtype=object)
        + table["start"].iloc[nameless].dt.strftime("/%Y%m%dT%H%MZ").to_numpy(dtype=object)
    )  # fmt: skip
    for i, name in zip(nameless, fresh, strict=True):
        own, n = name, 2
        while own in taken:
            own, n = f"{name}-{n}", n + 1
        taken.add(own)
        names[i] = own
    return table.assign(outage=names)


def _kinds(table: pd.DataFrame) -> NDArray[np.int64]:
    known = {s.name.lower(): int(KIND[s]) for s in State}
    return np.asarray(table["state"].map(known), dtype=np.int64)


def _match(new: pd.DataFrame, old: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    """Give new outages the names of the old ones that they are."""
    pair = _pairs(new, old)
    heir = np.full(len(new), -1)
    used = np.zeros(len(old), dtype=np.bool_)
    for n, o in pair[["new", "old"]].to_numpy():
        if heir[n] < 0 and not used[o]:
            heir[n], used[o] = o, True
    kept = heir >= 0
    was = old.iloc[np.maximum(heir, 0)].reset_index(drop=True)
    same = kept & np.asarray(
        (new["start"] == was["start"]) & (new["end"] == was["end"])
        & (new["state"] == was["state"]) & (was["change"] != GONE)
    )  # fmt: skip
    overlaps = np.asarray((new["start"] < was["end"]) & (was["start"] < new["end"]))
    sharing = np.zeros(len(new), dtype=np.bool_)
    sharing[pair.loc[pair["gap_h"] < 0, "new"].to_numpy(dtype=np.int64)] = True
    change = np.select(
        [same, kept & overlaps, kept, sharing],
        ["same", "earlier or later", "moved", "split off"], "new",
    )  # fmt: skip
    new = new.assign(
        outage=np.where(kept, was["outage"], ""),
        sequence=np.where(kept, was["sequence"] + ~same, 0),
        change=change,
        was_start=was["start"].where(kept), was_end=was["end"].where(kept),
    )  # fmt: skip
    gone = old[~used]
    tombs = gone.assign(
        sequence=gone["sequence"] + (gone["change"] != GONE), change=GONE,
        was_start=gone["start"], was_end=gone["end"],
    )  # fmt: skip
    named = _with_names(new, set(every["outage"]))
    both = pd.concat([named, tombs], ignore_index=True) if len(tombs) else named
    return both.sort_values(["unit", "start", "outage"], kind="stable", ignore_index=True)


def _pairs(new: pd.DataFrame, old: pd.DataFrame) -> pd.DataFrame:
    """Pairs that may be the same outage, the likeliest first: those that overlap most, then near.

    Overlapping and cancelled ones come after those still planned.
    """
    left = new[["unit", "start", "end"]].assign(kind=_kinds(new), new=np.arange(len(new)))
    right = old[["unit", "start", "end"]].assign(
        kind=_kinds(old), old=np.arange(len(old)), gone=old["change"] == GONE
    )
    pair = left.merge(right, on=["unit", "kind"], suffixes=("", "_old"))
    since = pair[["start", "start_old"]].max(axis=1)
    until = pair[["end", "end_old"]].min(axis=1)
    pair["gap_h"] = (since - until).dt.total_seconds() / 3600  # below 0 where they overlap
    pair["touch"] = pair["gap_h"] >= 0
    near = pair[(pair["gap_h"] < 0) | ((pair["gap_h"] <= MOVED_H) & ~pair["gone"])]
    return near.sort_values(["gone", "touch", "gap_h", "new", "old"], kind="stable")
