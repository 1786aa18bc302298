"""Which rules on switchings and on spans of time a schedule could not keep, and what would do."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vatra.blackouts.clock import clock_text
from vatra.blackouts.conduct import Ban, Crew, Span
from vatra.blackouts.duties import least_dark_in, start_of, switchings
from vatra.blackouts.model import State, Violation
from vatra.blackouts.task import Flags, Task
from vatra.problems import name_ids
from vatra.situation.timegrid import SLOT_H


def conduct_broken(task: Task, states: NDArray[np.int8]) -> list[Violation]:
    """List what could not be kept of these rules.

    Parameters
    ----------
    task, states
        What was to be obeyed, and the states.

    Returns
    -------
    list of Violation
        One a rule, worded for a dispatcher.
    """
    lit = states == State.LIT
    conduct = task.conduct
    found: list[Violation] = []
    if conduct.crews or conduct.bans:
        # Feeders that should be kept and are not cut come back when they can, rules or no rules.
        untouched = (task.kept | task.released) & (lit | ~task.available).all(axis=1)
        switched = switchings(lit, task.available, start_of(task)) & ~untouched[:, None]
        for rule in ("substation_switchings", "crew_switchings"):
            found += _crews_broken([c for c in conduct.crews if c.rule == rule], switched)
        for ban in conduct.bans:
            found += _ban_broken(task, ban, switched)
    for rule in ("max_dark_day_h", "must_light"):
        found += _spans_broken(task, [s for s in conduct.spans if s.rule == rule], lit)
    return found


def _crews_broken(crews: list[Crew], switched: Flags) -> list[Violation]:
    """Hold the switchings of crews of one kind against what they can do."""
    counts = [switched[crew.feeders].sum(axis=0) for crew in crews]
    late = [(crew, n) for crew, n in zip(crews, counts, strict=True) if (n > crew.most).any()]
    if not late:
        return []
    worst = max(int(n.max()) for _, n in late)
    slots = np.flatnonzero(np.any([n > crew.most for crew, n in late], axis=0))
    rule, most = crews[0].rule, crews[0].most
    over = sum(int((n > crew.most).sum()) for crew, n in late)
    return [
        Violation(
            rule, name_ids(crew.name for crew, _ in late), _plain(slots),
            f"More than {most} switchings fall into a half-hour {over} times, because the limits "
            "come first.",
            f"{rule} = {worst} is kept by this schedule.",
        )
    ]  # fmt: skip


def _ban_broken(task: Task, ban: Ban, switched: Flags) -> list[Violation]:
    """Find switchings that were not to be."""
    own = switched & ban.slots
    if ban.by_hand:
        own = own & task.conduct.by_hand[:, None]
    if not own.any():
        return []
    slots = np.flatnonzero(own.any(axis=0))
    feeders = np.flatnonzero(own.any(axis=1))
    how = " by hand" if ban.by_hand else ""
    if ban.rule == "quiet_h":
        local = task.grid.local
        times = sorted({f"{time:%H:%M}" for time in local[slots]})
        mend = f"Switchings at {name_ids(times)} would have to be allowed."
    else:
        end = int(np.flatnonzero(ban.slots).max()) + 1
        kept_h = max(0.0, getattr(task.rules, ban.rule) - SLOT_H * float(end - slots.min()))
        mend = f"{ban.rule} = {kept_h:g} is kept by this schedule."
    hours = f" in quiet hours ({clock_text(task.rules.quiet_h)})" if task.rules.quiet_h else ""
    told = hours if ban.rule == "quiet_h" else " before there was notice of it"
    return [
        Violation(
            ban.rule, name_ids(task.demand.feeder_id[feeders]), _plain(slots),
            f"{int(own.sum())} switchings{how} fall{told}, because the limits come first.", mend,
        )
    ]  # fmt: skip


def _spans_broken(task: Task, spans: list[Span], lit: Flags) -> list[Violation]:
    """Find feeders that are dark longer than they may be in a span, as far as it is by choice."""
    which = np.zeros(len(lit), dtype=np.bool_)
    covered = np.zeros(task.grid.slots, dtype=np.bool_)
    names, worst, most, least = [], 0, 0, 0
    for span in spans:
        own = slice(max(span.first, 0), min(span.end, task.grid.slots))
        dark = ~lit[:, own] & ~task.kept[:, None]
        count = dark.sum(axis=1)
        chosen = (dark & task.available[:, own]).any(axis=1)
        over = (count > span.most) & chosen
        if not over.any():
            continue
        which |= over
        covered[own] |= dark[over].any(axis=0)
        names.append(span.name)
        if count[over].max() - span.most > worst - most:
            worst, most = int(count[over].max()), span.most
            least = max(least_dark_in(task, span), span.most)
    if not names:
        return []
    rule = spans[0].rule
    if rule == "max_dark_day_h":
        reason = f"{int(which.sum())} feeders are dark for more than {SLOT_H * most:g} h of a day"
        mend = f"{rule} = {SLOT_H * worst:g} is kept by this schedule"
        if least > most:
            mend += f"; below {SLOT_H * least:g} no schedule within the limits can stay"
    else:
        reason = f"{int(which.sum())} feeders have less light than they should in {name_ids(names)}"
        mend = f"{SLOT_H * (worst - most):g} h less light in these hours is kept by this schedule"
        if least > most:
            mend += f"; {SLOT_H * (least - most):g} h less is the least within the limits"
    return [
        Violation(
            rule, name_ids(task.demand.feeder_id[which]), _plain(np.flatnonzero(covered)),
            f"{reason}, because the limits come first.", f"{mend}.",
        )
    ]  # fmt: skip


def _plain(slots: Iterable[int]) -> tuple[int, ...]:
    return tuple(int(t) for t in slots)
