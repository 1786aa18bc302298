"""Ordered against done: which feeder was dark when it should have been, by line and queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra import __version__
from vatra.blackouts.files_fairness import CUTS, gini, weight_of
from vatra.blackouts.files_place import LEDGER, plain, result_folder, write_json, write_table
from vatra.blackouts.ledger_history import history_after
from vatra.blackouts.ledger_measured import DARK, LIT, UNKNOWN, Measured
from vatra.blackouts.model import Schedule, State
from vatra.problems import InputError, Problem

HOUR_NS = 3_600_000_000_000
SLOT_NS = HOUR_NS // 2

TOLERANCE_MIN = 30.0
"""Minutes by which a switching may be off the order before it is a deviation: order No. 439 of
the government of Ukraine (27 November 2024) gives operators as long to switch a queue."""

FORGOTTEN_H = 1.0
"""Hours beyond its ordered return from which a feeder counts as forgotten; *assumed*."""

KINDS = {
    (True, LIT): "not cut",
    (False, DARK): "dark without order",
    (True, UNKNOWN): "unknown while ordered dark",
    (False, UNKNOWN): "unknown while ordered lit",
}

OPEN = (State.POSSIBLE, State.DAMAGED, State.UNKNOWN)
"""States in which nothing was ordered, so that nothing deviates from it."""

FILES = ("lines.csv", "queues.csv", "deviations.csv", "history.csv")
MANIFEST = LEDGER


@dataclass(frozen=True)
class Ledger:
    """What was ordered and what was done.

    Parameters
    ----------
    lines
        By ``feeder_id``: ``queue``, ``ordered_dark_h``, ``dark_h`` (measured), ``as_ordered_h``
        (dark when ordered), ``not_cut_h``, ``without_order_h``, ``measured_h``, ``unknown_h``, of
        it ``unknown_while_ordered_h``, ``damaged_h`` (nothing was ordered, for damage or as it was
        possible or not known; left out of all others), ``forgotten_h`` (the longest stretch dark
        after an ordered return) and ``verdict``.
    queues
        The same hours by ``queue``, means of its lines, with the number of ``lines`` and of those
        ``forgotten``, ``never_cut`` and ``unmeasured``.
    deviations
        A row a stretch beyond the tolerance: ``feeder``, ``queue``, ``start``, ``end`` (UTC),
        ``kind`` and ``hours``.
    history
        Darkness as measured, as `schedule_blackouts` takes it; what isn't known counts as ordered.
    summary
        Figures over all lines.
    notes
        How it was measured and counted, in sentences.
    """

    lines: pd.DataFrame
    queues: pd.DataFrame
    deviations: pd.DataFrame
    history: pd.DataFrame
    summary: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def forgotten(self) -> list[str]:
        """Feeders that stayed dark after their ordered return."""
        return [str(f) for f in self.lines.index[self.lines["verdict"] == "forgotten"]]


def execution_ledger(
    schedule: Schedule,
    feeders: pd.DataFrame,
    measured: Measured,
    *,
    tolerance_min: float = TOLERANCE_MIN,
    forgotten_h: float = FORGOTTEN_H,
    history: pd.DataFrame | None = None,
) -> Ledger:
    """Hold what was measured against what was ordered.

    Hours are counted to the second. A stretch is a deviation where it lasts longer than the
    tolerance. What was not measured is neither: it is unknown.

    Parameters
    ----------
    schedule
        What was ordered.
    feeders
        Its table of feeders; ``residents`` or ``customers`` weigh the summary.
    measured
        What was measured.
    tolerance_min
        Minutes by which a switching may be late or early.
    forgotten_h
        Hours dark beyond an ordered return from which a feeder counts as forgotten.
    history
        What went before the schedule.

    Returns
    -------
    Ledger
        By line and by queue.

    Raises
    ------
    InputError
        If what was measured is of other feeders or another time altogether.
    """
    _check(schedule, measured, tolerance_min, forgotten_h)
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    rows: list[dict[str, Any]] = []
    deviations: list[tuple[Any, ...]] = []
    for f, feeder in enumerate(schedule.feeder_id):
        pieces = _pieces(schedule, f, measured)
        stretches = _stretches(pieces)
        row = _hours(pieces)
        row["forgotten_h"] = _dark_after_return(stretches)
        verdict = _verdict(row, stretches, tolerance_min / 60, forgotten_h)
        rows.append({"queue": queue[f], **row, "verdict": verdict})
        deviations += [
            (feeder, queue[f], a, b, kind, (b - a) / HOUR_NS)
            for a, b, kind in stretches
            if kind and b - a > tolerance_min / 60 * HOUR_NS
        ]
    lines = pd.DataFrame(rows, index=pd.Index(schedule.feeder_id, name="feeder_id"))
    table = pd.DataFrame(deviations, columns=["feeder", "queue", "start", "end", "kind", "hours"])
    for column in ("start", "end"):
        table[column] = pd.to_datetime(table[column], utc=True)
    foreign = sorted(set(measured.changes) - set(map(str, schedule.feeder_id)))
    notes = (
        measured.how,
        f"Known up to {measured.until:%Y-%m-%d %H:%M} UTC; after that it is unknown.",
        f"Switching may be off by {tolerance_min:g} minutes.",
        f"Dark {forgotten_h:g} h or more beyond an ordered return counts as forgotten.",
        *([f"Measured, but not in the schedule: {len(foreign)} feeders."] if foreign else []),
    )
    return Ledger(
        lines, _by_queue(lines), table, _history(schedule, measured, history),
        _summary(lines, weight_of(feeders.loc[schedule.feeder_id])), notes,
    )  # fmt: skip


def _check(
    schedule: Schedule, measured: Measured, tolerance_min: float, forgotten_h: float
) -> None:
    problems = []
    if not any(feeder in measured.changes for feeder in schedule.feeder_id):
        problems.append(
            Problem("feeder", "", "no feeder of the schedule was measured", "check the ids")
        )
    times = [t for changes, _ in measured.changes.values() for t in (changes[0], changes[-1])]
    if times and (
        min(times) >= schedule.grid.end.value or measured.until.value <= schedule.grid.start.value
    ):
        problems.append(
            Problem("time", f"{pd.Timestamp(min(times), tz='UTC'):%Y-%m-%d %H:%M} UTC",
                    "nothing was measured in the time of the schedule", "check the dates")
        )  # fmt: skip
    for name, value in (("tolerance_min", tolerance_min), ("forgotten_h", forgotten_h)):
        if not 0 <= value < float("inf"):
            problems.append(Problem(name, f"{value:g}", "is not a length of time", "0 or more"))
    if problems:
        raise InputError("ledger", problems)


Pieces = tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int8]]


def _pieces(schedule: Schedule, f: int, measured: Measured) -> Pieces:
    """Cut the time of the schedule where the order or the measurement changes.

    Returns
    -------
    tuple
        Edges (nanoseconds, one more than pieces), ordered `State` and measured state by piece.
    """
    start, end = schedule.grid.start.value, schedule.grid.end.value
    state = schedule.state[f]
    turns = np.flatnonzero(state[1:] != state[:-1]) + 1
    times, codes = measured.changes.get(
        str(schedule.feeder_id[f]), (np.zeros(0, np.int64), np.zeros(0, np.int8))
    )
    inside = times[(times > start) & (times < end)]
    until = [measured.until.value] if start < measured.until.value < end else []
    edges = np.unique(
        np.concatenate(([start, end], start + SLOT_NS * turns, inside, until)).astype(np.int64)
    )
    left = edges[:-1]
    at = np.searchsorted(times, left, side="right") - 1
    seen = np.full(len(left), UNKNOWN, dtype=np.int8)
    known = (at >= 0) & (left < measured.until.value)
    seen[known] = codes[at[known]]
    return edges, state[(left - start) // SLOT_NS], seen


def _hours(pieces: Pieces) -> dict[str, float]:
    edges, ordered, seen = pieces
    hours = np.diff(edges) / HOUR_NS
    damaged = np.isin(ordered, OPEN)
    cut = np.isin(ordered, CUTS)

    def total(which: NDArray[np.bool_]) -> float:
        return float(hours[which & ~damaged].sum())

    return {
        "ordered_dark_h": total(cut),
        "dark_h": total(seen == DARK),
        "as_ordered_h": total(cut & (seen == DARK)),
        "not_cut_h": total(cut & (seen == LIT)),
        "without_order_h": total(~cut & (seen == DARK)),
        "measured_h": total(seen != UNKNOWN),
        "unknown_h": total(seen == UNKNOWN),
        "unknown_while_ordered_h": total(cut & (seen == UNKNOWN)),
        "damaged_h": float(hours[damaged].sum()),
    }


def _stretches(pieces: Pieces) -> list[tuple[int, int, str]]:
    """Join pieces that deviate in the same way; «» where all is as ordered or nothing was."""
    edges, ordered, seen = pieces
    joined: list[tuple[int, int, str]] = []
    for i, (order, code) in enumerate(zip(ordered, seen, strict=True)):
        kind = ""
        if order not in OPEN:
            kind = KINDS.get((bool(order in CUTS), int(code)), "")
        if kind == "dark without order" and joined and _was_cut(i, ordered, seen):
            kind = "not returned"
        if joined and joined[-1][2] == kind:
            joined[-1] = (joined[-1][0], int(edges[i + 1]), kind)
        else:
            joined.append((int(edges[i]), int(edges[i + 1]), kind))
    return joined


def _was_cut(i: int, ordered: NDArray[np.int8], seen: NDArray[np.int8]) -> bool:
    """Tell whether darkness in a piece goes on from an ordered cut without a break."""
    while i > 0 and seen[i - 1] == DARK:
        i -= 1
        if ordered[i] in CUTS:
            return True
    return False


def _dark_after_return(stretches: list[tuple[int, int, str]]) -> float:
    late = [(b - a) / HOUR_NS for a, b, kind in stretches if kind == "not returned"]
    return max(late, default=0.0)


def _verdict(
    row: dict[str, float],
    stretches: list[tuple[int, int, str]],
    tolerance_h: float,
    forgotten_h: float,
) -> str:
    """Say of a line, in one or two words, how the order was carried out; the worst first."""
    known_h = row["ordered_dark_h"] - row["unknown_while_ordered_h"]
    off = [(b - a) / HOUR_NS for a, b, kind in stretches if kind and "unknown" not in kind]
    missing = [(b - a) / HOUR_NS for a, b, kind in stretches if "unknown" in kind]
    verdict = "as ordered"
    if row["forgotten_h"] > tolerance_h and row["forgotten_h"] >= forgotten_h:
        verdict = "forgotten"
    elif known_h > tolerance_h and row["as_ordered_h"] <= 0:
        verdict = "never cut"
    elif max(off, default=0.0) > tolerance_h:
        verdict = "deviates"
    elif max(missing, default=0.0) > tolerance_h:
        verdict = "partly unknown" if row["measured_h"] > 0 else "unmeasured"
    return verdict


def _by_queue(lines: pd.DataFrame) -> pd.DataFrame:
    hours = [c for c in lines.columns if c.endswith("_h")]
    grouped = lines.groupby("queue", sort=True)
    table = grouped[hours].mean()
    table.insert(0, "lines", grouped.size())
    for name in ("forgotten", "never cut", "unmeasured"):
        is_so = (lines["verdict"] == name).groupby(lines["queue"], sort=True)
        table[name.replace(" ", "_")] = is_so.sum()
    return table.rename(index={"": "(no queue)"})


def _summary(lines: pd.DataFrame, weight: NDArray[np.float64]) -> dict[str, Any]:
    total = lines[[c for c in lines.columns if c.endswith("_h")]].sum()
    known = float(total["ordered_dark_h"] - total["unknown_while_ordered_h"])
    measured = ~lines["verdict"].isin(["partly unknown", "unmeasured"]).to_numpy()
    dark = lines["dark_h"].to_numpy()[measured]
    return {
        "lines": len(lines),
        **{str(k): round(float(v), 4) for k, v in total.items() if k != "forgotten_h"},
        "executed_share": round(float(total["as_ordered_h"]) / known, 4) if known > 0 else None,
        "dark_h_range": float(dark.max() - dark.min()) if dark.size else None,
        "dark_h_gini": round(gini(dark, weight[measured]), 4) if dark.size else None,
        **{
            verdict.replace(" ", "_"): int((lines["verdict"] == verdict).sum())
            for verdict in ("as ordered", "deviates", "forgotten", "never cut", "partly unknown",
                            "unmeasured")
        },
    }  # fmt: skip


def _history(schedule: Schedule, measured: Measured, history: pd.DataFrame | None) -> pd.DataFrame:
    """Carry measured darkness on."""
    return history_after(measured_dark(schedule, measured), schedule.feeder_id, history)


def measured_dark(schedule: Schedule, measured: Measured) -> NDArray[np.bool_]:
    """Tell in which slots feeders were dark.

    Parameters
    ----------
    schedule
        What was ordered.
    measured
        What was measured.

    Returns
    -------
    NDArray[np.bool_]
        Feeder × slot: a slot is dark where most of it was, or, unknown, where it was ordered so.
    """
    dark = np.zeros(schedule.state.shape, dtype=np.bool_)
    ordered = schedule.state != State.LIT
    step = SLOT_NS // 6
    moments = schedule.grid.start.value + step // 2 + step * np.arange(6 * schedule.grid.slots)
    for f, feeder in enumerate(schedule.feeder_id):
        times, codes = measured.changes.get(
            str(feeder), (np.zeros(0, np.int64), np.zeros(0, np.int8))
        )
        at = np.searchsorted(times, moments, side="right") - 1
        seen = np.full(len(moments), UNKNOWN)
        known = (at >= 0) & (moments < measured.until.value)
        seen[known] = codes[at[known]]
        by_slot = seen.reshape(-1, 6)
        dark_parts = (by_slot == DARK).sum(axis=1)
        lit_parts = (by_slot == LIT).sum(axis=1)
        dark[f] = np.where(dark_parts == lit_parts, ordered[f], dark_parts > lit_parts)
    return dark


def write_ledger(ledger: Ledger, folder: Path | str) -> Path:
    """Write a ledger as a folder, whole or not at all.

    Parameters
    ----------
    ledger
        The ledger.
    folder
        Where to; a ledger that is there is replaced, anything else is left alone.

    Returns
    -------
    Path
        The folder: ``lines.csv``, ``queues.csv``, ``deviations.csv``, ``history.csv`` and
        ``ledger.json``.

    Raises
    ------
    InputError
        If the folder holds something else, or can't be written.
    """
    with result_folder(folder, MANIFEST, (*FILES, MANIFEST)) as draft:
        named = ledger.lines.rename_axis("feeder").round(4).reset_index()
        write_table(named, draft / "lines.csv")
        write_table(ledger.queues.round(4).reset_index(), draft / "queues.csv")
        write_table(ledger.deviations.round({"hours": 4}), draft / "deviations.csv")
        before = ledger.history.rename_axis("feeder").reset_index()
        write_table(before, draft / "history.csv")
        write_json({
            "vatra": __version__, **plain(ledger.summary), "forgotten_lines": ledger.forgotten,
            "notes": list(ledger.notes),
        }, draft / MANIFEST)  # fmt: skip
    return Path(folder)
