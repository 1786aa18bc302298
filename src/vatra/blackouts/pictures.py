"""The queue × time grid as a terminal can show it, and the schedule in a few sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files_fairness import CUTS, weight_of
from vatra.blackouts.model import Schedule, State
from vatra.demand.model import Demand
from vatra.situation.timegrid import SLOT_H, TimeGrid

WHOLE = 0.95
"""A queue counts as dark from this share of its customers, and as lit up to one less this."""


@dataclass(frozen=True)
class Marks:
    """Characters of the grid.

    Parameters
    ----------
    lit, part, dark
        Light, a part of the queue dark, all of it dark.
    possible, emergency, special, unknown, damaged
        Some of it possibly dark; dark by an emergency or special emergency; not known; without
        power for another reason.
    """

    lit: str = "·"
    part: str = "▒"
    dark: str = "█"
    possible: str = "░"
    emergency: str = "E"
    special: str = "S"
    unknown: str = "?"
    damaged: str = "x"


PLAIN = Marks(lit=".", part="+", dark="#", possible="~")
"""Characters that every terminal has."""


def draw_schedule(schedule: Schedule, *, marks: Marks | None = None) -> str:
    """Draw the queue × time grid, a block a local day.

    Parameters
    ----------
    schedule
        The schedule.
    marks
        Characters to use.

    Returns
    -------
    str
        Lines of text; rows are queues, a character is half an hour, hours stand above. Empty
        where no queue is switched.
    """
    marks = marks or Marks()
    shares = schedule.queue_dark_share
    if not len(shares):
        return ""
    local, day = schedule.grid.local, schedule.grid.day
    width = max(5, *(len(str(name)) for name in shares.index))
    cells = _cells(schedule, marks)
    parts = _parts(schedule)
    number_of = {queue: i for i, queue in enumerate(shares.index)}
    lines: list[str] = []
    for number in range(int(day[-1]) + 1):
        slots = np.flatnonzero(day == number)
        lines += [f"{local[slots[0]]:%A %d %B %Y}", _hours(local[slots], width)]
        for queue, row in zip(shares.index, cells, strict=True):
            hours = "  ".join(
                f"{SLOT_H * float(part[number_of[queue], slots].sum()):4.1f} h {name}"
                for name, part in parts.items()
                if name == "dark" or part[number_of[queue], slots].any()
            )
            lines.append(f"{queue!s:>{width}}  {''.join(row[slots])}  {hours}")
        lines.append("")
    used = {str(mark) for row in cells for mark in row}
    names = {
        marks.lit: "light", marks.part: "a part of the queue dark", marks.dark: "dark",
        marks.possible: "possibly dark", marks.emergency: "emergency",
        marks.special: "special emergency", marks.unknown: "not known",
        marks.damaged: "no power anyway",
    }  # fmt: skip
    lines.append("  ".join(f"{mark} {name}" for mark, name in names.items() if mark in used))
    return "\n".join(lines)


def _hours(local: pd.DatetimeIndex, width: int) -> str:
    """Write the hours above their columns, each three hours."""
    line = [" "] * (width + 2 + len(local) + 2)
    for i, time in enumerate(local):
        # Where the clock goes back an hour comes twice: its second one would touch the first.
        touches = i > 0 and line[width + 1 + i] != " "
        if time.minute == 0 and time.hour % 3 == 0 and i + 2 <= len(local) + 1 and not touches:
            line[width + 2 + i : width + 4 + i] = f"{time.hour:02d}"
    return "".join(line).rstrip()


def _parts(schedule: Schedule) -> dict[str, NDArray[np.float64]]:
    """Share of each queue, queue × slot, that is dark, possibly dark, and not known."""
    queue = np.asarray(schedule.queue.reindex(schedule.feeder_id).fillna(""), dtype=object)
    shares = schedule.queue_dark_share.to_numpy(dtype=np.float64)
    parts = {name: np.zeros(shares.shape) for name in ("dark", "possible", "not known")}
    for i, name in enumerate(schedule.queue_dark_share.index):
        own = schedule.state[queue == name]
        off = np.maximum((own != State.LIT).sum(axis=0), 1)
        for part, state in (("possible", State.POSSIBLE), ("not known", State.UNKNOWN)):
            parts[part][i] = shares[i] * (own == state).sum(axis=0) / off
        parts["dark"][i] = shares[i] - parts["possible"][i] - parts["not known"][i]
    return parts


def _cells(schedule: Schedule, marks: Marks) -> NDArray[np.str_]:
    shares = schedule.queue_dark_share.to_numpy(dtype=np.float64)
    cells = np.where(
        shares >= WHOLE, marks.dark, np.where(shares > 1 - WHOLE, marks.part, marks.lit)
    )
    queue = np.asarray(schedule.queue.reindex(schedule.feeder_id).fillna(""), dtype=object)
    for i, name in enumerate(schedule.queue_dark_share.index):
        own = schedule.state[queue == name]
        for state, mark in (
            (State.DAMAGED, marks.damaged),
            (State.POSSIBLE, marks.possible),
            (State.EMERGENCY, marks.emergency),
            (State.SPECIAL_EMERGENCY, marks.special),
            (State.UNKNOWN, marks.unknown),
        ):
            cells[i, (own == state).any(axis=0)] = mark
    return np.asarray(cells)


STATE_MARKS = {
    State.LIT: "·", State.PLANNED: "█", State.POSSIBLE: "░", State.EMERGENCY: "E",
    State.SPECIAL_EMERGENCY: "S", State.DAMAGED: "x", State.UNKNOWN: "?",
}  # fmt: skip
STATE_NAMES = {
    State.LIT: "light", State.PLANNED: "dark", State.POSSIBLE: "possibly dark",
    State.EMERGENCY: "emergency", State.SPECIAL_EMERGENCY: "special emergency",
    State.DAMAGED: "no power anyway", State.UNKNOWN: "not known",
}  # fmt: skip


def draw_states(units: pd.Index[str], state: NDArray[np.int8], grid: TimeGrid) -> str:
    """Draw a unit × time grid of states, a block a local day.

    Parameters
    ----------
    units
        Names of the rows.
    state
        Unit × slot: `State`.
    grid
        The slots.

    Returns
    -------
    str
        Lines of text; a character is half an hour.
    """
    local, day = grid.local, grid.day
    width = max(5, *(len(str(name)) for name in units))
    lines: list[str] = []
    for number in range(int(day[-1]) + 1):
        slots = np.flatnonzero(day == number)
        lines += [f"{local[slots[0]]:%A %d %B %Y}", _hours(local[slots], width)]
        for unit, row in zip(units, state, strict=True):
            text = "".join(STATE_MARKS[State(int(s))] for s in row[slots])
            hours = SLOT_H * float((row[slots] == State.PLANNED).sum())
            lines.append(f"{unit!s:>{width}}  {text}  {hours:4.1f} h dark")
        lines.append("")
    used = [State(int(s)) for s in np.unique(state)]
    lines.append("  ".join(f"{STATE_MARKS[s]} {STATE_NAMES[s]}" for s in used))
    return "\n".join(lines)


ROWS = 10
"""Lines of text of the picture of the load."""


def draw_load(schedule: Schedule, demand: Demand, *, plain: bool = False) -> str:
    """Draw the load that is served under its limit, pickup apart, a column half an hour.

    Parameters
    ----------
    schedule
        The schedule.
    demand
        What would be drawn without cuts.
    plain
        Use only characters that every terminal has.

    Returns
    -------
    str
        Lines of text, a block a local day: ordinary load, pickup on top of it, the limit and what
        is wanted.
    """
    bar, extra, line, want = ("#", "+", "-", ".") if plain else ("█", "▒", "━", "·")
    served = schedule.served_mw
    ordinary = np.minimum((demand.load_mw * schedule.lit).sum(axis=0), served)
    wanted, limit = demand.total_mw, schedule.limit_mw
    top = max(float(wanted.max()), float(np.nan_to_num(limit).max(initial=0.0)), 1e-9)
    local, day = schedule.grid.local, schedule.grid.day
    decimals = 0 if top >= 2 * ROWS else 1
    width = max(5, len(f"{top:,.{decimals}f}"))
    lines: list[str] = []
    for number in range(int(day[-1]) + 1):
        slots = np.flatnonzero(day == number)
        lines += [f"{local[slots[0]]:%A %d %B %Y}, MW", _hours(local[slots], width)]
        for row in range(ROWS, 0, -1):
            edge = top * (row - 0.5) / ROWS
            text = ""
            for t in slots:
                mark = " "
                if np.isfinite(limit[t]) and int(np.ceil(ROWS * limit[t] / top)) == row:
                    mark = line
                elif ordinary[t] >= edge:
                    mark = bar
                elif served[t] >= edge:
                    mark = extra
                elif wanted[t] >= edge:
                    mark = want
                text += mark
            lines.append(f"{top * row / ROWS:>{width},.{decimals}f}  {text}".rstrip())
        lines.append("")
    lines.append(f"{bar} drawn  {extra} pickup after cuts  {line} limit  {want} wanted, not served")
    return "\n".join(lines)


def draw_fairness(schedule: Schedule, feeders: pd.DataFrame, *, plain: bool = False) -> str:
    """Draw a bar of dark hours a queue, with those of its lines with least and most.

    Parameters
    ----------
    schedule
        The schedule.
    feeders
        Its table of feeders; people weigh the mean.
    plain
        Use only characters that every terminal has.

    Returns
    -------
    str
        Lines of text; empty where no queue is switched.
    """
    bar, dot = ("#", "|") if plain else ("█", "│")
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    dark = SLOT_H * np.isin(schedule.state, CUTS).sum(axis=1)
    weight = weight_of(feeders.loc[schedule.feeder_id])
    names = [str(name) for name in schedule.queue_dark_share.index]
    if not names:
        return ""
    most = max(float(dark[queue != ""].max(initial=0.0)), 1.0)
    width = max(5, *(len(name) for name in names))
    lines = ["Dark hours by queue: mean, and least to most of its lines"]
    for name in names:
        own = dark[queue == name]
        mean = float(np.average(own, weights=weight[queue == name]))
        text = list((bar * round(40 * mean / most)).ljust(41))
        for value in (own.min(), own.max()):
            text[min(40, round(40 * float(value) / most))] = dot
        lines.append(
            f"{name:>{width}}  {''.join(text)}  {mean:5.1f} h  ({own.min():g}–{own.max():g})"
        )
    return "\n".join(lines)
