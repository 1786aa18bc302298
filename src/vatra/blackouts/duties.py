"""Rules on switchings and on spans of time, as arrays for the kernels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vatra.blackouts._kernels import UNKNOWN
from vatra.blackouts._paths import FAR
from vatra.blackouts.conduct import Span
from vatra.blackouts.task import Flags, Floats, Ints, Task

BARRED = 60.0
"""Price of a switching that is barred, in dark slots: more than a run that is a slot too short."""

CREW = 15.0
"""Price of a switching that its crew can't do in the slot, in dark slots."""

SPAN = 20.0
"""Price of a dark slot beyond what a day, or hours with light, may have, in dark slots."""


@dataclass(frozen=True)
class Duties:
    """Rules on switchings and on spans of time, as `place_feeders` takes them.

    Parameters
    ----------
    kind, barred
        By feeder, and kind × slot.
    crews_of, crew_most, crew_price
        Feeder × few, crew × slot, and the price of a switching beyond that.
    window
        3 × slots.
    span_of, span_most, span_price
        Few × slot, by span, and the price of a dark slot beyond that.
    """

    kind: Ints
    barred: Floats
    crews_of: Ints
    crew_most: Floats
    crew_price: float
    window: Floats
    span_of: Ints
    span_most: Ints
    span_price: float


def no_duties(count: int, slots: int) -> Duties:
    """Have no such rules, for so many feeders and slots."""
    window = np.zeros((3, slots))
    window[0] = FAR
    return Duties(
        np.zeros(count, dtype=np.int64), np.zeros((1, slots)),
        np.full((count, 1), -1, dtype=np.int64), np.zeros((1, slots)), 0.0, window,
        np.full((1, slots), -1, dtype=np.int64), np.zeros(1, dtype=np.int64), 0.0,
    )  # fmt: skip


def duties_of(task: Task, feeders: Ints) -> Duties | None:
    """Lay the rules out for the feeders that may be cut.

    Parameters
    ----------
    task
        What the rotation has to obey.
    feeders
        Rows of the feeders that may be cut.

    Returns
    -------
    Duties or None
        The arrays; None where there are no such rules.
    """
    conduct, slots = task.conduct, task.grid.slots
    crews = [crew for crew in conduct.crews if crew.feeders[feeders].sum() > crew.most]
    if not (crews or conduct.bans or conduct.spans) or not len(feeders):
        return None
    duties = no_duties(len(feeders), slots)
    if conduct.bans:
        barred = np.zeros((2, slots))
        for kind in (0, 1):
            ban = conduct.banned(by_hand=bool(kind))
            if ban is not None:
                barred[kind] = BARRED * ban
        kind_of = conduct.by_hand[feeders].astype(np.int64)
        duties = replace(duties, kind=kind_of, barred=barred)
    if crews:
        members = np.array([crew.feeders[feeders] for crew in crews])
        crews_of = np.full((len(feeders), int(members.sum(axis=0).max())), -1, dtype=np.int64)
        filled = np.zeros(len(feeders), dtype=np.int64)
        for c, own in enumerate(members):
            at = np.flatnonzero(own)
            crews_of[at, filled[at]] = c
            filled[at] += 1
        most = np.repeat([[float(crew.most)] for crew in crews], slots, axis=1)
        duties = replace(
            duties, crews_of=crews_of, crew_most=np.ascontiguousarray(most), crew_price=CREW
        )
    return _with_spans(task, duties) if conduct.spans else duties


def queue_duties(duties: Duties | None, count: int) -> Duties | None:
    """Lay the rules out for queues, as if each were one feeder.

    Parameters
    ----------
    duties
        The rules for feeders.
    count
        Number of queues.

    Returns
    -------
    Duties or None
        Hours with light and dark hours a day hold for queues too: in towns of 72 and 300 feeders
        2 to 3 % more of these keep their queue's hours then. Crews, quiet hours and notice are
        left to the feeders: not all of a queue are switched by hand, and holding all of it to
        these put 0.2 to 1 % fewer in line.
    """
    if duties is None or not (duties.span_price > 0 or duties.window[2].any()):
        return None
    rules = no_duties(count, duties.window.shape[1])
    return replace(
        rules, window=duties.window, span_of=duties.span_of, span_most=duties.span_most,
        span_price=duties.span_price,
    )  # fmt: skip


def _with_spans(task: Task, duties: Duties) -> Duties:
    """Add spans, and those of them that hours with light are as windows besides.

    A window counts the dark slots of one run exactly; a span counts all of them. Where limits
    leave no room for so little darkness, what they leave room for is aimed at.
    """
    spans, slots = task.conduct.spans, task.grid.slots
    window = duties.window.copy()
    span_of = np.full((2, slots), -1, dtype=np.int64)
    for s, span in enumerate(spans):
        own = slice(max(span.first, 0), min(span.end, slots))
        if span.rule == "must_light":
            window[:, own] = np.array([[span.first], [span.most], [SPAN]])
            if span.end - span.first > task.rules.min_light_slots + 1:  # room for two dark runs
                span_of[1, own] = s
        else:
            span_of[0, own] = s
    most = np.array([max(span.most, least_dark_in(task, span)) for span in spans], dtype=np.int64)
    return replace(
        duties, window=np.ascontiguousarray(window), span_of=span_of, span_most=most,
        span_price=SPAN if (span_of >= 0).any() else 0.0,
    )  # fmt: skip


def least_dark_in(task: Task, span: Span) -> int:
    """Find how long some feeder has to be dark in a span of time, whatever is done.

    What the limits leave unserved in the span has to be dark on somebody. If every feeder were
    dark for the n slots in which it would draw most, and that is still less, n is not enough.
    Pickup only makes it worse.

    Parameters
    ----------
    task
        What was to be obeyed.
    span
        The slots.

    Returns
    -------
    int
        Slots; 0 where nothing has to be dark.
    """
    own = slice(max(span.first, 0), min(span.end, task.grid.slots))
    load = (task.ordinary_mw + task.steady_mw)[:, own] * task.available[:, own]
    most = 0
    for limit in task.limits:
        cut = limit.feeders & ~task.kept
        wanted = load[cut].sum(axis=0) + task.kept_load_mw[limit.feeders][:, own].sum(axis=0)
        short = float(np.maximum(wanted - limit.limit_mw[own], 0.0).sum())
        gone = np.cumsum(-np.sort(-load[cut], axis=1).sum(axis=0))
        most = max(most, int((gone < short * (1.0 - 1e-9)).sum()) + (1 if short > 1e-9 else 0))
    return min(most, own.stop - own.start)


def start_of(task: Task) -> Ints:
    """Return what went before the first slot, as `best_path` takes it.

    Parameters
    ----------
    task
        What the rotation has to obey.

    Returns
    -------
    Ints
        Feeder × 2: dark slots of the last dark run, lit slots since. Where nothing is known these
        are `UNKNOWN`, save where there is a longest light run, which counts from the first slot,
        and where there is notice: then what is not known to be dark is lit.
    """
    start = np.stack([task.dark_before, task.lit_before], axis=1)
    notice = any(ban.slots[0] and ban.rule != "quiet_h" for ban in task.conduct.bans)
    unknown = UNKNOWN - 1 if notice else UNKNOWN
    if task.rules.max_light_h is not None:
        unknown = task.rules.min_light_slots
    start[(start == 0).all(axis=1), 1] = unknown
    return np.ascontiguousarray(start)


def switchings(lit: Flags, available: Flags, start: Ints) -> Flags:
    """Tell where feeders are switched by choice.

    Parameters
    ----------
    lit, available
        Feeder × slot.
    start
        By feeder, as `best_path` takes it; from `UNKNOWN` on, what happens at the first slot is
        not known to be a switching.

    Returns
    -------
    Flags
        Feeder × slot: True where it is switched at the start of the slot. What damage begins or
        ends is no switching.
    """
    before = np.concatenate([start[:, 1:] > 0, lit[:, :-1]], axis=1)
    powered = np.concatenate([np.ones((len(lit), 1), dtype=np.bool_), available[:, :-1]], axis=1)
    switched = (lit != before) & np.where(before, available, powered)
    switched[start[:, 1] >= UNKNOWN, 0] = False
    return np.asarray(switched)


def breaking(duties: Duties, lit: Flags, available: Flags, start: Ints) -> Flags:
    """Find feeders whose crews have too much to do, or that are dark too long in a span.

    Parameters
    ----------
    duties
        The rules.
    lit, available, start
        As `switchings` takes them.

    Returns
    -------
    Flags
        By feeder. Of a crew with too much to do in a slot, all that it switches then.
    """
    wrong = np.zeros(len(lit), dtype=np.bool_)
    if duties.crew_price > 0:
        switched = switchings(lit, available, start)
        for c, most in enumerate(duties.crew_most):
            own = (duties.crews_of == c).any(axis=1)
            over = switched[own].sum(axis=0) > most
            wrong[own] |= (switched[own] & over).any(axis=1)
    if duties.span_price > 0:
        for row in duties.span_of:
            for s in np.unique(row[row >= 0]):
                dark = ~lit[:, row == s]
                over = dark.sum(axis=1) > duties.span_most[s]
                wrong |= over & (dark & available[:, row == s]).any(axis=1)
    return wrong
