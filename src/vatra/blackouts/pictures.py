"""The queue × time grid as a terminal can show it, and the schedule in a few sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.model import Schedule, State
from vatra.situation.timegrid import SLOT_H

WHOLE = 0.95
"""A queue counts as dark from this share of its customers, and as lit up to one less this."""


@dataclass(frozen=True)
class Marks:
    """Characters of the grid.

    Parameters
    ----------
    lit, part, dark
        Light, a part of the queue dark, all of it dark.
    emergency, special, unknown
        Some of it dark by an emergency or special emergency; not known.
    """

    lit: str = "·"
    part: str = "▒"
    dark: str = "█"
    emergency: str = "E"
    special: str = "S"
    unknown: str = "?"


PLAIN = Marks(lit=".", part="+", dark="#")
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
    lines: list[str] = []
    for number in range(int(day[-1]) + 1):
        slots = np.flatnonzero(day == number)
        lines += [f"{local[slots[0]]:%A %d %B %Y}", _hours(local[slots], width)]
        for queue, row in zip(shares.index, cells, strict=True):
            dark_h = SLOT_H * float(shares.loc[queue].to_numpy()[slots].sum())
            text = "".join(row[slots])
            lines.append(f"{queue!s:>{width}}  {text}  {dark_h:4.1f} h dark")
        lines.append("")
    used = {str(mark) for row in cells for mark in row}
    names = {
        marks.lit: "light", marks.part: "a part of the queue dark", marks.dark: "dark",
        marks.emergency: "emergency", marks.special: "special emergency",
        marks.unknown: "not known",
    }  # fmt: skip
    lines.append("  ".join(f"{mark} {name}" for mark, name in names.items() if mark in used))
    return "\n".join(lines)


def _hours(local: pd.DatetimeIndex, width: int) -> str:
    """Write the hours above their columns, each three hours."""
    line = [" "] * (width + 2 + len(local) + 2)
    for i, time in enumerate(local):
        if time.minute == 0 and time.hour % 3 == 0 and i + 2 <= len(local) + 1:
            line[width + 2 + i : width + 4 + i] = f"{time.hour:02d}"
    return "".join(line).rstrip()


def _cells(schedule: Schedule, marks: Marks) -> NDArray[np.str_]:
    shares = schedule.queue_dark_share.to_numpy(dtype=np.float64)
    cells = np.where(
        shares >= WHOLE, marks.dark, np.where(shares > 1 - WHOLE, marks.part, marks.lit)
    )
    queue = np.asarray(schedule.queue.reindex(schedule.feeder_id).fillna(""), dtype=object)
    for i, name in enumerate(schedule.queue_dark_share.index):
        own = schedule.state[queue == name]
        for state, mark in (
            (State.EMERGENCY, marks.emergency),
            (State.SPECIAL_EMERGENCY, marks.special),
            (State.UNKNOWN, marks.unknown),
        ):
            cells[i, (own == state).any(axis=0)] = mark
    return np.asarray(cells)
