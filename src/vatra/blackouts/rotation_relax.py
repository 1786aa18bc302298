"""Why an order can't be kept with the rules on runs, and what would let it be, in words."""

from __future__ import annotations

import numpy as np

from vatra.blackouts.model import Violation
from vatra.blackouts.rotation_blocks import (
    Runs,
    Start,
    fewest_starts,
    nearest_order,
    relax_runs,
)
from vatra.blackouts.task import Ints
from vatra.situation.timegrid import SLOT_H

WORDS = {
    "max_dark": "longest darkness",
    "min_dark": "shortest darkness",
    "min_light": "shortest light",
    "max_light": "longest light",
}


def explain(ordered: Ints, start: Start, runs: Runs) -> tuple[Runs, tuple[Violation, ...]]:
    """Widen the limits on runs as little as an order needs, and say so.

    Parameters
    ----------
    ordered
        Units dark by slot.
    start
        What they come from.
    runs
        Limits on runs for which there is no rotation.

    Returns
    -------
    tuple[Runs, tuple[Violation, ...]]
        Limits for which there is one, and a violation for each limit that was widened.
    """
    relaxed = relax_runs(ordered, start, runs)
    since, until = conflict(ordered, start, runs)
    slots = tuple(range(since, until))
    ways = [
        f"{WORDS[name]} {value * SLOT_H:g} h instead of {getattr(runs, name) * SLOT_H:g} h"
        for name, value in relaxed.alone.items()
    ]
    nearest = nearest_order(ordered, start, runs)
    if nearest is not None:
        moved = np.flatnonzero(nearest != ordered)
        changes = [f"{nearest[t]} units in slot {t} instead of {ordered[t]}" for t in moved[:6]]
        more = f" and {len(moved) - 6} more slots" if len(moved) > 6 else ""
        ways.append(f"{', '.join(changes)}{more}")
    return relaxed.runs, tuple(
        Violation(
            f"{name}_h", WORDS[name], slots,
            f"the order of slots {since} to {until - 1} can't be kept with a {WORDS[name]} of "
            f"{getattr(runs, name) * SLOT_H:g} h and the other rules: "
            f"it is {getattr(relaxed.runs, name) * SLOT_H:g} h here",
            "any one of: " + "; ".join(ways),
        )
        for name in Runs._fields
        if getattr(relaxed.runs, name) != getattr(runs, name)
    )  # fmt: skip


def conflict(ordered: Ints, start: Start, runs: Runs) -> tuple[int, int]:
    """Find a shortest stretch of an order that can't be kept by itself.

    Parameters
    ----------
    ordered, start, runs
        As in `explain`.

    Returns
    -------
    tuple[int, int]
        First slot, and slot after the last. The end is the earliest at which the order fails; the
        beginning is the latest from which it still does, whatever was before.
    """
    count = start.count
    until = next(
        t for t in range(1, len(ordered) + 1) if fewest_starts(ordered[:t], start, runs) is None
    )
    free = Start.unknown(count)
    for since in range(until - 1, 0, -1):
        if fewest_starts(ordered[since:until], free, runs) is None:
            return since, until
    return 0, until
