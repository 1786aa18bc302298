"""Drawing in SVG: escaped elements, paths, scales and axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from numpy.typing import NDArray

from vatra.publish.words import Language


def short(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, *content: str, **attributes: object) -> Markup:
    """Return an element; attributes and plain text in it are escaped.

    Parameters
    ----------
    name
        Tag.
    *content
        Markup as it is, plain strings escaped.
    **attributes
        ``_`` in a name stands for ``-``, a trailing one is dropped; numbers are shortened, None
        leaves the attribute out.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = short(value) if isinstance(value, float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    inside = Markup("").join(escape(part) for part in content)
    return Markup("<") + Markup(" ".join(parts)) + Markup(">") + inside + Markup(f"</{name}>")  # noqa: S704 # the parts are escaped above


def picture(
    width: float, height: float, label: str, content: Iterable[Markup], *, classes: str = ""
) -> Markup:
    """Return an SVG picture with its text alternative.

    Parameters
    ----------
    width, height
        Size of the view box.
    label
        What the picture shows, in words, for whoever can't see it.
    content
        Its elements.
    classes
        Classes for the style sheet.
    """
    return element(
        "svg",
        *content,
        viewBox=f"0 0 {short(width)} {short(height)}",
        role="img",
        aria_label=label,
        class_=classes or None,
    )


def path(d: str, classes: str, **attributes: object) -> Markup:
    """Return a path, or nothing where there is nothing to draw."""
    return element("path", class_=classes, d=d, **attributes) if d else Markup("")


def text(x: float, y: float, words: str, classes: str = "", anchor: str = "start") -> Markup:
    """Return a text; `anchor` is ``start``, ``middle`` or ``end``."""
    return element("text", words, x=x, y=y, class_=classes or None, text_anchor=anchor)


def step_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Return the path of a step line; it is broken where `y` is NaN.

    Parameters
    ----------
    x
        Edges of the steps, one more than `y`.
    y
        Height of each step.
    """
    parts: list[str] = []
    drawing = False
    for i, height in enumerate(y):
        if not math.isfinite(height):
            drawing = False
            continue
        same = drawing and i > 0 and short(y[i - 1]) == short(height)
        if not drawing:
            parts.append(f"M{short(x[i])} {short(height)}")
        elif not same:
            parts.append(f"V{short(height)}")
        if same:
            parts.pop()
        parts.append(f"H{short(x[i + 1])}")
        drawing = True
    return "".join(parts)


def step_band(x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    """Return the path of the area between two step lines, both without NaN."""
    back = step_line(x[::-1], low[::-1]).replace("M", "L")
    return f"{step_line(x, high)}{back}Z"


def nice_ticks(top: float, most: int = 5) -> list[float]:
    """Return round tick values from 0 to just above a value.

    Parameters
    ----------
    top
        Highest value to be shown.
    most
        Most steps.
    """
    if not math.isfinite(top) or top <= 0:
        return [0.0, 1.0]
    rough = top / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    count = math.ceil(top / step - 1e-9)
    return [i * step for i in range(count + 1)]


@dataclass(frozen=True)
class Frame:
    """Where a chart over the slots draws, and its scales.

    Parameters
    ----------
    width, height
        Size of the picture.
    left, right, top, bottom
        Margins.
    slots
        Number of slots across.
    y_top
        Value at the upper edge.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    slots: int
    y_top: float

    @property
    def floor(self) -> float:
        """The y of value 0."""
        return self.height - self.bottom

    @property
    def end(self) -> float:
        """The x of the end of the last slot."""
        return self.width - self.right

    def x(self, slot: float) -> float:
        """X of the start of a slot."""
        return self.left + (self.width - self.left - self.right) * slot / self.slots

    @property
    def edges(self) -> NDArray[np.float64]:
        """X of the edges of all slots."""
        return np.linspace(self.left, self.end, self.slots + 1)

    def y(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Y of values."""
        return np.asarray(self.floor - (self.floor - self.top) * value / self.y_top)


def time_axis(frame: Frame, local: pd.DatetimeIndex, language: Language) -> list[Markup]:
    """Return ticks by the hour, heavier lines at midnight, and the days.

    Parameters
    ----------
    frame
        The frame of the chart.
    local
        Start of each slot, local time.
    language
        Language of the days.
    """
    hours = frame.slots / 2
    every = 1 if hours <= 12 else 3 if hours <= 30 else 6 if hours <= 100 else 24
    if frame.width < 500 and every in (3, 6):
        every *= 2
    marks: list[Markup] = []
    hour = np.asarray(local.hour + local.minute / 60.0)
    days = [i for i in range(frame.slots) if hour[i] == 0]
    for k in np.flatnonzero((hour % every == 0) & (hour != 0)):
        x = frame.x(int(k))
        marks.append(path(f"M{short(x)} {short(frame.floor)}v4", "tick"))
        if frame.end - x > 8:
            marks.append(text(x, frame.floor + 16, f"{int(hour[k]):02d}", "axis", "middle"))
    starts = sorted({0, *days})
    for i, start in enumerate(starts):
        stop = starts[i + 1] if i + 1 < len(starts) else frame.slots
        x, room = frame.x(start), frame.x(stop) - frame.x(start)
        if start in days:
            marks.append(
                path(f"M{short(x)} {short(frame.top)}V{short(frame.floor + 36)}", "midnight")
            )
        # The weekday alone where the date has no room.
        for name in (
            language.short_day(local[start]),
            language.weekdays_short[local[start].weekday()],
        ):
            if room > 5.6 * len(name) + 6:
                marks.append(text(x + 4, frame.floor + 33, name, "axis day"))
                break
    return marks


def value_axis(frame: Frame, ticks: Sequence[float], unit: str, language: Language) -> list[Markup]:
    """Return grid lines with their values and the unit above them.

    Parameters
    ----------
    frame
        The frame of the chart.
    ticks
        Values to mark.
    unit
        What is measured, with its unit.
    language
        Language of the numbers.
    """
    marks: list[Markup] = []
    for value, y in zip(ticks, frame.y(np.asarray(ticks, dtype=np.float64)), strict=True):
        line = f"M{short(frame.left)} {short(y)}H{short(frame.end)}"
        marks.append(path(line, "grid" if value else "base"))
        shown = language.number(value, 0 if value == int(value) else 1)
        marks.append(text(frame.left - 6, y + 4, shown, "axis", "end"))
    marks.append(text(0, 12, unit, "axis unit"))
    return marks


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart that would overlap.

    Parameters
    ----------
    wanted
        Where each label would stand.
    gap
        Least distance between two.
    low, high
        Range that they must stay in, as far as there is room.

    Returns
    -------
    list[float]
        Where each stands, in the order given.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    last = low - gap
    for i in order:
        placed[i] = last = max(wanted[i], last + gap)
    over = last - high
    if over > 0:
        ceiling = high + gap
        for i in reversed(order):
            placed[i] = ceiling = min(placed[i], ceiling - gap)
    return placed
