"""Hours of the day as a dispatcher writes them, and the slots that they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import SLOT_H, TimeGrid

SPAN = re.compile(r"\s*(\d{1,2}):([03]0)\s*[-–—]\s*(\d{1,2}):([03]0)\s*")
DAY_H = 24.0


@dataclass(frozen=True)
class LightWindow:
    """Local hours of every day in which there should be light.

    Parameters
    ----------
    from_h, to_h
        Local hours, in halves; past midnight where `to_h` is not above `from_h`.
    light_h
        Hours of light that there should be at least in them; None for all of them.
    """

    from_h: float
    to_h: float
    light_h: float | None = None

    @property
    def length_h(self) -> float:
        """Length on an ordinary day, hours."""
        return (self.to_h - self.from_h) % DAY_H or DAY_H

    def __str__(self) -> str:
        """Write it as it is read."""
        least = "" if self.light_h is None else f" {self.light_h:g}"
        return clock_text((self.from_h, self.to_h)) + least


def clock_text(span: tuple[float, float]) -> str:
    """Write hours of the day like 22:00-06:00."""
    return "-".join(f"{int(h):02d}:{round(h % 1 * 60):02d}" for h in span)


def clock_span(value: Any) -> tuple[tuple[float, float] | None, str]:
    """Read hours of the day, from a text or a pair of numbers; None with what is wrong.

    Parameters
    ----------
    value
        «22:00-06:00», or 22 and 6.
    """
    if isinstance(value, str):
        match = SPAN.fullmatch(value)
        if match is None:
            return None, "is not hours of the day"
        numbers = [int(part) for part in match.groups()]
        first, last = numbers[0] + numbers[1] / 60, numbers[2] + numbers[3] / 60
    else:
        try:
            first, last = (float(part) for part in value)
        except (TypeError, ValueError):
            return None, "is not hours of the day"
    if not (0 <= first < DAY_H and 0 <= last <= DAY_H):
        return None, "is not within a day"
    if first / SLOT_H % 1 or last / SLOT_H % 1:
        return None, "is not on full or half hours"
    if first == last:
        return None, "begins and ends at the same time"
    return (first, last), ""


def light_window(value: Any) -> tuple[LightWindow | None, str]:
    """Read hours with light from a text; None with what is wrong.

    Parameters
    ----------
    value
        «06:00-08:00» or «06:00-08:00 1», with the hours of light at the end.
    """
    if isinstance(value, LightWindow):
        return value, ""
    clock, _, least = (value.strip() if isinstance(value, str) else "").partition(" ")
    span, wrong = clock_span(clock)
    if span is None:
        return None, wrong
    light_h = None
    if least.strip():
        try:
            light_h = float(least.strip().removesuffix("h").strip())
        except ValueError:
            return None, "doesn't end in a number of hours"
    window = LightWindow(*span, light_h)
    wrong = ""
    if light_h is not None and not 0 < light_h <= window.length_h:
        wrong = "asks for more light than it has hours, or for none"
    elif light_h is not None and light_h / SLOT_H % 1:
        wrong = "asks for light that is not whole half-hours"
    return (None if wrong else window), wrong


def overlapping(windows: Iterable[LightWindow]) -> str:
    """Name two windows that share an hour; empty if none do."""
    taken: dict[int, LightWindow] = {}
    for window in windows:
        first = int(window.from_h / SLOT_H)
        for n in range(int(window.length_h / SLOT_H)):
            other = taken.setdefault((first + n) % 48, window)
            if other is not window:
                return f"{other}, {window}"
    return ""


def days_of(grid: TimeGrid, from_h: float, to_h: float) -> list[tuple[int, int, int]]:
    """Find the slots of hours of the day, one span a day.

    Parameters
    ----------
    grid
        The slots.
    from_h, to_h
        Local hours; past midnight where `to_h` is not above `from_h`.

    Returns
    -------
    list of tuple
        First slot, slot after the last, and whole length in slots of each span that has a slot in
        the grid. The first may lie before the grid and the last after it; on days with a change
        to or from summer time a span may be longer or shorter than by the clock.
    """
    day = pd.Timedelta(days=2)
    around = pd.date_range(grid.start - day, grid.end + day, freq="30min").tz_convert(
        grid.time_zone
    )
    wall = around.tz_localize(None)
    # Past midnight the hours belong to the day before: the clock is turned back so that they do.
    turned = wall - pd.Timedelta(hours=to_h if to_h <= from_h else 0.0)
    hour = np.asarray(turned.hour + turned.minute / 60.0)
    length = (to_h - from_h) % DAY_H or DAY_H
    last = DAY_H if to_h <= from_h else to_h
    member = (hour >= last - length) & (hour < last)
    date: NDArray[np.int64] = np.asarray(turned.normalize().asi8)
    shift = int((grid.start - around[0]) // pd.Timedelta(minutes=30))
    spans = []
    for name in np.unique(date[member]):
        at = np.flatnonzero(member & (date == name)) - shift
        if at[-1] >= 0 and at[0] < grid.slots:
            spans.append((int(at[0]), int(at[-1]) + 1, int(at.size)))
    return spans
