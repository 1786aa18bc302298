"""The queue × time grid as people know it, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from vatra.blackouts.model import Schedule, State
from vatra.blackouts.revision import Revision
from vatra.publish._svg import element, path, picture, short, text
from vatra.publish.figures import runs
from vatra.publish.words import Language
from vatra.situation.timegrid import SLOT_H, TimeGrid

WHOLE = 0.95
"""A queue counts as dark from this share of its customers, and as lit up to one less this."""

NEARLY, HALF = 0.85, 0.5
"""Where its lines keep different hours, words say from which share on it is dark but for a few
lines, and below which most have light."""

BESIDE = (
    (State.POSSIBLE, "possible", False),
    (State.DAMAGED, "out", False),
    (State.EMERGENCY, "emergency", True),
    (State.SPECIAL_EMERGENCY, "special", True),
    (State.UNKNOWN, "unknown", False),
)
"""States beside light and the plan: each its own pattern, and emergencies a letter too, so that
none is taken for another in grey print."""

OPEN = {State.POSSIBLE: "possible", State.UNKNOWN: "unknown"}
"""States of which nobody knows yet whether they will be dark."""

CHANGED = 0.05
"""Share of a queue whose hours a revision has to change for its cell to be outlined."""

LEFT, TOP, ROW, COLUMN = 44.0, 20.0, 17.0, 9.0
HALF_HOUR = pd.Timedelta(minutes=30)


@dataclass(frozen=True)
class Day:
    """A local calendar day of the horizon.

    Parameters
    ----------
    times
        Start of every half-hour of the day, local time: 46, 48 or 50 of them.
    first
        Slot of the horizon at which the first of them lies; may be negative.
    """

    times: pd.DatetimeIndex
    first: int


@dataclass(frozen=True)
class QueueWords:
    """What the grid says of a queue, in words.

    Parameters
    ----------
    queue
        Its name.
    days
        One sentence a day.
    dark_h
        Hours of darkness over the horizon, mean of its customers, worded.
    """

    queue: str
    days: tuple[str, ...]
    dark_h: str


def days_of(grid: TimeGrid) -> list[Day]:
    """Return the local calendar days that the horizon touches."""
    days: list[Day] = []
    midnight = grid.local[0].normalize()
    while midnight < grid.end:
        following = (midnight + pd.Timedelta(hours=36)).normalize()
        times = pd.date_range(
            midnight.tz_convert("UTC"), following.tz_convert("UTC"), freq="30min", inclusive="left"
        ).tz_convert(grid.time_zone)
        days.append(Day(times, grid.slot_of(midnight)))
        midnight = following
    return days


def is_mixed(schedule: Schedule) -> bool:
    """Tell whether the lines of a queue keep different hours in a quarter of all cells or more.

    Parameters
    ----------
    schedule
        The schedule.
    """
    shares = schedule.queue_dark_share.to_numpy(dtype=np.float64)
    return bool(shares.size and ((shares > 1 - WHOLE) & (shares < WHOLE)).mean() >= 0.25)


def beside_plan(schedule: Schedule) -> dict[State, NDArray[np.float64]]:
    """Share of each queue that is not lit for another reason than the plan.

    Parameters
    ----------
    schedule
        The schedule.

    Returns
    -------
    dict
        Queue × slot by state, for the states that there are.
    """
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    shares = schedule.queue_dark_share.to_numpy(dtype=np.float64)
    parts: dict[State, NDArray[np.float64]] = {}
    there = [State(int(s)) for s in np.unique(schedule.state)]
    for state, _, _ in BESIDE:
        if state not in there:
            continue
        part = np.zeros(shares.shape)
        for i, name in enumerate(schedule.queue_dark_share.index):
            own = schedule.state[queue == name]
            dark = np.maximum((own != State.LIT).sum(axis=0), 1)
            part[i] = shares[i] * (own == state).sum(axis=0) / dark
        if part.any():
            parts[state] = part
    return parts


def grid_key(schedule: Schedule, revision: Revision | None = None) -> list[str]:
    """Name the marks that a grid has, for its key.

    Parameters
    ----------
    schedule
        The schedule.
    revision
        What it changed, if it is a revision.
    """
    parts = beside_plan(schedule)
    names = [name for state, name, _ in BESIDE if state in parts and name != "unknown"]
    return ["lit", "dark", *names, "unknown", *(["revised"] if revision is not None else [])]


def day_grid(
    schedule: Schedule, day: Day, language: Language, *, revision: Revision | None = None
) -> Markup:
    """Draw a day: queues down, half-hours across, dark share as the height of the fill.

    What is dark beside the plan stands on top of it with its own pattern; cells that a revision
    changed are outlined, with lines where it was made and where the freeze ends.

    Parameters
    ----------
    schedule
        The schedule.
    day
        The day.
    language
        Language of the labels.
    revision
        What it changed, if it is a revision.
    """
    shares = schedule.queue_dark_share
    beside = beside_plan(schedule)
    columns = len(day.times)
    height = TOP + ROW * len(shares) + 4
    width = LEFT + COLUMN * columns + 6
    slots = [day.first + i for i in range(columns)]
    inside = [i for i, slot in enumerate(slots) if 0 <= slot < schedule.grid.slots]
    marks: list[Markup] = []
    for row, (queue, values) in enumerate(zip(shares.index, shares.to_numpy(), strict=True)):
        y = TOP + ROW * row
        own = slice(slots[inside[0]], slots[inside[-1]] + 1)
        others = {state: table[row, own] for state, table in beside.items()}
        marks += _row(values[own] - sum(others.values()), y, inside[0], columns)
        marks += _beside(values[own], others, y, inside[0], language)
        if revision is not None:
            was = revision.before.queue_dark_share.to_numpy(dtype=np.float64)[row, own]
            marks += _revised(np.abs(values[own] - was) >= CHANGED, y, inside[0])
        marks.append(text(LEFT - 6, y + 12, str(queue), "queue", "end"))
    marks += _lines(day, len(shares), height)
    if revision is not None:
        marks += _moments(schedule.grid, day, revision, height)
    label = language.say("grid_alt", day=language.day(day.times[0]))
    grid = picture(width, height, label, marks, classes="queues")
    return element(
        "div", grid, class_="day-grid", data_start=int(day.times[0].timestamp()),
        data_left=short(LEFT), data_column=short(COLUMN), data_columns=columns,
        data_height=short(height),
    )  # fmt: skip


def _row(shares: NDArray[np.float64], y: float, first: int, columns: int) -> list[Markup]:
    """Draw a queue's row: lit ground, dark fills, hatching outside the plan."""
    marks: list[Markup] = []
    known = np.isfinite(shares)
    cells = [(a + first, b + first) for a, b in runs(~known)]
    cells += [(0, first), (first + len(shares), columns)]
    unknown = "".join(_box(a, b, y, ROW - 2) for a, b in sorted(cells) if b > a)
    lit = "".join(_box(a + first, b + first, y, ROW - 2) for a, b in runs(known & (shares < WHOLE)))
    marks.append(path(unknown, "unknown"))
    marks.append(path(lit, "lit"))
    tenths = np.where(known, np.round(np.nan_to_num(shares) * 10), 0).astype(int)
    tenths[known & (shares > 1 - WHOLE) & (tenths == 0)] = 1
    tenths[known & (shares < WHOLE) & (tenths == 10)] = 9
    tenths[known & (shares >= WHOLE)] = 10
    whole = "".join(_box(a + first, b + first, y, ROW - 2) for a, b in runs(tenths == 10))
    marks.append(path(whole, "dark"))
    parts = ""
    for tenth in range(1, 10):
        tall = (ROW - 2) * tenth / 10
        for a, b in runs(tenths == tenth):
            parts += _box(a + first, b + first, y + ROW - 2 - tall, tall)
    marks.append(path(parts, "part"))
    return marks


def _beside(
    shares: NDArray[np.float64],
    others: dict[State, NDArray[np.float64]],
    y: float,
    first: int,
    language: Language,
) -> list[Markup]:
    """Draw what is dark beside the plan on top of what the plan darkens."""
    marks: list[Markup] = []
    foot = np.nan_to_num(shares) - sum(others.values())
    for state, name, lettered in BESIDE:
        if state not in others:
            continue
        share = others[state]
        boxes = ""
        for a, b in runs(share > 0):
            for t in range(a, b):
                # At least a fifth of the cell: a mark that can't be seen says nothing.
                tall = (ROW - 2) * float(np.clip(share[t], 0.2, 1.0))
                top = y + (ROW - 2) * (1.0 - float(np.clip(foot[t], 0.0, 1.0))) - tall
                boxes += _box(t + first, t + 1 + first, max(top, y), tall)
            if lettered:
                x = LEFT + COLUMN * (first + (a + b) / 2)
                marks.append(text(x, y + 11.5, language.say(f"letter_{name}"), "letter", "middle"))
        marks.insert(0, path(boxes, name))
        foot = foot + share
    return marks


def _revised(changed: NDArray[np.bool_], y: float, first: int) -> list[Markup]:
    """Outline the cells that a revision changed."""
    boxes = "".join(_box(a + first, b + first, y, ROW - 2) for a, b in runs(changed))
    return [path(boxes, "revised")] if boxes else []


def _moments(grid: TimeGrid, day: Day, revision: Revision, height: float) -> list[Markup]:
    """Draw when the revision was made, and up to when nothing changes."""
    marks: list[Markup] = []
    for moment, name in ((revision.now, "now"), (revision.frozen_until, "frozen")):
        at = (moment - grid.start) / HALF_HOUR - day.first
        if 0 <= at <= len(day.times):
            x = short(LEFT + COLUMN * float(at))
            marks.append(path(f"M{x} 16V{short(height - 2)}", name))
    return marks


def _box(first: int, end: int, y: float, tall: float) -> str:
    wide = COLUMN * (end - first)
    return f"M{short(LEFT + COLUMN * first)} {short(y)}h{short(wide)}v{short(tall)}h{short(-wide)}z"


def _lines(day: Day, rows: int, height: float) -> list[Markup]:
    """Draw hour lines with labels each three hours, and midnight heavier."""
    marks: list[Markup] = []
    floor = TOP + ROW * rows - 2
    fine = coarse = ""
    for i, time in enumerate(day.times):
        if time.minute or i == 0:
            continue
        x = short(LEFT + COLUMN * i)
        line = f"M{x} {short(TOP)}V{short(floor)}"
        if time.hour % 3 == 0:
            coarse += line
            marks.append(text(LEFT + COLUMN * i, 13, f"{time.hour:02d}", "axis", "middle"))
        else:
            fine += line
    end = LEFT + COLUMN * len(day.times)
    marks.append(text(LEFT, 13, "00", "axis", "middle"))
    marks.append(text(end, 13, "24", "axis", "middle"))
    marks.insert(0, path(fine, "hour"))
    marks.insert(1, path(coarse, "hour3"))
    both = "".join(f"M{short(x)} 16V{short(height - 2)}" for x in (LEFT, end))
    marks.append(path(both, "midnight"))
    return marks


def queue_words(schedule: Schedule, days: list[Day], language: Language) -> list[QueueWords]:
    """Return the grid in words, for whoever can't see it or has no picture.

    Parameters
    ----------
    schedule
        The schedule.
    days
        The days of the horizon.
    language
        Language of the sentences.
    """
    shares = schedule.queue_dark_share
    words = []
    beside = beside_plan(schedule)
    queues = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    for row, (queue, values) in enumerate(
        zip(shares.index, shares.to_numpy(dtype=np.float64), strict=True)
    ):
        known = np.isfinite(values)
        own = schedule.state[queues == queue]
        lines = ((own != State.LIT).sum(axis=0), len(own))
        others = {state: table[row] for state, table in beside.items()}
        # What is possible or not known is told by itself: it is neither dark nor light.
        open_ = sum((others[s] for s in OPEN if s in others), np.zeros(len(values)))
        sure = values - open_
        dark = float(sure[known].sum() * SLOT_H)
        said = tuple(
            _day_words(sure, day, schedule.grid, language, lines=lines, others=others)
            for day in days
        )
        hours = language.of_hours(dark) if known.all() else language.say("unknown")
        for state, name in OPEN.items():
            if state in others:
                more = language.of_hours(float(others[state].sum() * SLOT_H))
                hours += f"; {language.say(f'key_{name}')}: {more}"
        words.append(QueueWords(str(queue), said, hours))
    return words


def _day_words(
    values: NDArray[np.float64],
    day: Day,
    grid: TimeGrid,
    language: Language,
    *,
    lines: tuple[NDArray[np.int64], int],
    others: dict[State, NDArray[np.float64]],
) -> str:
    first = max(day.first, 0)
    end = min(day.first + len(day.times), grid.slots)
    part = values[first:end]
    times = day.times[first - day.first : end - day.first]
    sentences: list[str] = []
    partly = (part > 1 - WHOLE) & (part < WHOLE)
    dark = part >= (NEARLY if partly.any() else WHOLE)
    if dark.any():
        kind = "nearly_dark_at" if (dark & partly).any() else "dark_at"
        sentences.append(language.say(kind, times=", ".join(spans_in_words(dark, times, language))))
    if partly.any():
        light = part < HALF
        for kind, on in (("mostly_light_at", light), ("parts_at", partly & ~dark & ~light)):
            if on.any():
                most = language.number(int(lines[1] - lines[0][first:end][on].min()))
                sentences.append(
                    language.say(
                        kind, n=most, all=language.number(lines[1]),
                        times=", ".join(spans_in_words(on, times, language)),
                    )
                )  # fmt: skip
    for state, name, _ in BESIDE:
        on = others[state][first:end] > 0 if state in others else np.zeros(len(part), np.bool_)
        if on.any():
            spans = ", ".join(spans_in_words(on, times, language))
            sentences.append(language.say(f"beside_{name}", times=spans))
    unknown = spans_in_words(~np.isfinite(part), times, language)
    if unknown:
        sentences.append(language.say("unknown_at", times=", ".join(unknown)))
    return " ".join(sentences) if sentences else language.say("light_all_day")


def spans_in_words(on: NDArray[np.bool_], times: pd.DatetimeIndex, language: Language) -> list[str]:
    """Write the stretches of slots that are on as local times.

    Parameters
    ----------
    on
        By slot.
    times
        Start of each slot, local time.
    language
        The language.
    """
    return [language.span(times[a], times[b - 1] + HALF_HOUR) for a, b in runs(on)]
