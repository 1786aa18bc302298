"""Who is dark by an order in queues: of the whole network, and of parts of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.conduct import barred_slots
from vatra.blackouts.model import State, Violation
from vatra.blackouts.queues import rotate_units, units_dark
from vatra.blackouts.task import Flags, Floats, Ints, Task
from vatra.problems import InputError, Problem
from vatra.situation.timegrid import SLOT_H

STEPS, TRIES = 600_000, 3
"""Effort for an even rotation: less than a second for three days of 12 queues."""

RULED = 3
"""How many times as often is searched where quiet hours, notice or hours with light count too."""

KNOWN_SLOTS = 96
"""Slots before the first one that a rotation is told of."""


def ordered_dark(
    task: Task,
    queue: pd.Series[str],
    queues_off: ArrayLike | None,
    *,
    previous: Flags | None = None,
) -> Flags:
    """Rotate queues evenly so that as many are dark as orders say.

    A part of the network with an order of its own has a rotation of its own where that order goes
    beyond the one of the whole network: its feeders then follow the larger of the two.

    Parameters
    ----------
    task
        Feeders, slots, rules, and orders for parts of the network.
    queue
        Queue of each feeder, empty for none.
    queues_off
        Queues that must be dark by slot, halves allowed; NaN or None for no order.
    previous
        Feeder × slot: True where it was to be dark; kept to where the order lets it.

    Returns
    -------
    Flags
        Feeder × slot: True where the order says dark.

    Raises
    ------
    InputError
        If an order is not in halves of queues, or no feeder has a queue.
    """
    forced = np.zeros((len(queue), task.grid.slots), dtype=np.bool_)
    names = np.asarray(queue, dtype="object")
    groups = _groups(task, queues_off)
    if groups and not (names != "").any() and not task.kept.all():
        raise InputError(
            "blackouts",
            [Problem("queues_off", "", "is an order in queues, but no feeder has a queue",
                     "add a column queue to the feeders")],
        )  # fmt: skip
    for _, own, order in groups:
        forced[own] = _rotation(task, names, own, order, previous)[own]
    return forced


def _groups(task: Task, queues_off: ArrayLike | None) -> list[tuple[str, Flags, Floats]]:
    """Parts of the network with their name, feeders and order by slot; each feeder in one."""
    slots = task.grid.slots
    everywhere = np.zeros(slots)
    if queues_off is not None:
        units_dark(["1"], queues_off, slots)  # tells what is wrong with it
        given = np.asarray(queues_off, dtype=np.float64)
        everywhere = np.nan_to_num(np.broadcast_to(given, (slots,)))
    rest = np.ones(len(task.kept), dtype=np.bool_)
    groups: list[tuple[str, Flags, Floats]] = []
    for area in task.area_orders:
        order = np.fmax(np.nan_to_num(area.queues_off), everywhere)
        if (order > everywhere).any() and (area.feeders & rest).any():
            groups.append((area.name, area.feeders & rest, order))
            rest = rest & ~area.feeders
    if everywhere.any() and rest.any():
        groups.append(("the city", rest, everywhere))
    return groups


def _rotation(
    task: Task, names: NDArray[np.object_], own: Flags, order: Floats, previous: Flags | None
) -> Flags:
    """Feeder × slot: who is dark by the order of some feeders."""
    dark = np.zeros((len(names), task.grid.slots), dtype=np.bool_)
    units = sorted({str(name) for name in names[own] if name})
    if not units:
        return dark
    member = [own & (names == unit) for unit in units]

    def typical(values: Floats | Ints) -> Floats:
        return np.array([float(np.median(values[one])) for one in member])

    lit, last = typical(task.lit_before), typical(task.dark_before)
    before_h = typical(task.dark_h_before)
    # Where one line of a queue is switched by hand, the queue's hours are not for quiet hours.
    by_hand = np.array([bool(task.conduct.by_hand[one].any()) for one in member])
    barred = barred_slots(task.conduct.bans, by_hand)
    if previous is None:
        wanted = _wanted(names, units, order)
        chosen = _even_rotation(task, wanted, lit, last, before_h, barred)
    else:
        off = (lit == 0) & (last > 0)
        run = np.where(off, last, np.where((lit == 0) & (last == 0), 10**6, lit))
        chosen = rotate_units(
            _wanted(names, units, order), len(units), task.rules,
            dark_before=before_h / SLOT_H, run_before=run.astype(np.int64), off_before=off,
            previous=np.array([previous[one].mean(axis=0) > 0.5 for one in member]),
            barred=barred, spans=task.conduct.spans,
        )  # fmt: skip
    for one, row in zip(member, chosen, strict=True):
        dark[one] = row
    return dark


def _asked(names: NDArray[np.object_], units: list[str], order: Floats) -> Ints:
    """Turn an order in queues into units by slot; a part of the network gives its share of them."""
    whole = {str(name).split(".")[0] for name in names if name}
    return np.ceil(order * len(units) / max(len(whole), 1) - 1e-9).astype(np.int64)


def _wanted(names: NDArray[np.object_], units: list[str], order: Floats) -> Ints:
    """Count the units that are to be dark by slot, as far as there are so many."""
    return np.minimum(_asked(names, units, order), len(units))


def _even_rotation(  # noqa: PLR0917 - what a rotation hangs on
    task: Task, wanted: Ints, lit: Floats, last: Floats, before_h: Floats, barred: Flags | None
) -> Flags:
    """Choose units, unit × slot, as evenly and in as few blocks as little effort finds."""
    # Imported late: its kernels are needed for orders in queues only.
    from vatra.blackouts.rotation import rotate_queues  # noqa: PLC0415

    history = None
    if (last > 0).any() or (lit > 0).any():
        back = np.arange(KNOWN_SLOTS, 0, -1)[None, :]
        history = (back > lit[:, None]) & (back <= (lit + last)[:, None])
    elif task.rules.max_light_h is None:
        # Nothing is known: runs begin with the first slot, as they do for the lines' rules, and
        # nobody knows whether that is a switching.
        history = np.zeros((len(lit), KNOWN_SLOTS), dtype=np.bool_)
        if barred is not None:
            barred = barred & (np.arange(task.grid.slots) > 0)
    rotation = rotate_queues(
        wanted, units=[str(n) for n in range(len(lit))], grid=task.grid, rules=task.rules,
        history=history, barred=barred, before_h=before_h, steps=STEPS,
        tries=TRIES if barred is None and not task.conduct.spans else RULED * TRIES,
    )  # fmt: skip
    return rotation.dark


def orders_broken(
    task: Task, states: NDArray[np.int8], queue: pd.Series[str], queues_off: ArrayLike | None
) -> list[Violation]:
    """Tell where fewer queues are dark than an order says.

    Parameters
    ----------
    task, states, queue, queues_off
        What was to be obeyed, and the states.

    Returns
    -------
    list of Violation
        One an order that could not be met: it asks for more queues than can be cut.
    """
    names = np.asarray(queue, dtype="object")
    found = []
    for name, own, order in _groups(task, queues_off):
        units = sorted({str(n) for n in names[own] if n})
        dark = np.array([(states[own & (names == u)] != State.LIT).all(axis=0) for u in units])
        parts = len(units) / max(len({str(n).split(".")[0] for n in names if n}), 1)
        wanted = _asked(names, units, order) if units else np.ceil(order).astype(np.int64)
        count = dark.sum(axis=0) if units else np.zeros(len(order))
        at = np.flatnonzero(count < wanted)
        if at.size:
            short = at[np.argmax((wanted - count)[at])]
            found.append(
                Violation(
                    "queues", name, tuple(int(t) for t in at),
                    f"{order[short]:g} queues were to be dark, and only "
                    f"{_queues(int(count[short]), parts)} can be cut.",
                    f"queues = {_queues(int(count[at].min()), parts)} is kept by this schedule.",
                )
            )  # fmt: skip
    return found


def _queues(units: int, parts: float) -> str:
    """Write a number of units as queues, in halves."""
    return f"{np.floor(2 * units / parts) / 2:g}" if parts > 0 else "0"
