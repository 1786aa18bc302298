"""Rotation by queue, as ordered: so many queues dark in each slot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vatra.blackouts.conduct import Span
from vatra.blackouts.rules import Rules
from vatra.blackouts.task import Flags, Floats, Ints
from vatra.problems import InputError, Problem, name_ids


def units_dark(queues: list[str], queues_off: ArrayLike, slots: int) -> Ints:
    """Turn an order in queues into numbers of units that are dark.

    Parameters
    ----------
    queues
        Names of the units of the public schedule. «3.2» is the second part of queue 3; a name
        without a dot is a queue of its own.
    queues_off
        By slot: queues that must be dark, halves allowed; NaN for none.
    slots
        Number of slots.

    Returns
    -------
    Ints
        By slot: units that must be dark, rounded up to whole units.
    """
    order = np.asarray(queues_off, dtype=np.float64)
    if order.shape not in {(), (slots,)}:
        raise InputError("blackouts", [Problem("queues_off", str(order.shape), "not by slot")])
    order = np.nan_to_num(np.broadcast_to(order, (slots,)), nan=0.0)
    bad = np.flatnonzero((order < 0) | (order * 2 != np.round(order * 2)))
    if bad.size:
        raise InputError(
            "blackouts",
            [Problem("queues_off", f"slot {name_ids(bad)}", "not a number of queues",
                     "0, 0.5, 1, 1.5 …")],
        )  # fmt: skip
    whole = {name.split(".")[0] for name in queues}
    parts = len(queues) / max(len(whole), 1)
    return np.minimum(np.ceil(order * parts - 1e-9), len(queues)).astype(np.int64)


def rotate_units(
    dark_units: Ints,
    count: int,
    rules: Rules,
    *,
    dark_before: Floats | None = None,
    run_before: Ints | None = None,
    off_before: Flags | None = None,
    previous: Flags | None = None,
    barred: Flags | None = None,
    spans: Sequence[Span] = (),
) -> Flags:
    """Choose which units are dark, as many in each slot as ordered.

    Units that have been dark longest come back first, those with the least darkness go first.

    Parameters
    ----------
    dark_units
        By slot: units that must be dark.
    count
        Number of units.
    rules
        Shortest and longest runs; kept where the order leaves a choice.
    dark_before
        Unit: dark slots that it already had.
    run_before, off_before
        Unit: slots that its last run has lasted when the first slot begins, and whether that run
        is dark. Long light where not given.
    previous
        Unit × slot: True where it was to be dark; kept to where the order and the rules let it.
    barred
        Unit × slot: True where it is not to be switched, where the order leaves a choice.
    spans
        Slots in which a unit may be dark for so long, likewise.

    Returns
    -------
    Flags
        Unit × slot: True where dark.
    """
    slots = len(dark_units)
    dark = np.zeros((count, slots), dtype=np.bool_)
    had = np.zeros(count) if dark_before is None else np.array(dark_before, dtype=np.float64)
    run = np.full(count, 10**6) if run_before is None else np.array(run_before, dtype=np.int64)
    off = np.zeros(count, dtype=np.bool_)
    if off_before is not None:
        off = np.array(off_before, dtype=np.bool_)
    stay = np.zeros(dark.shape, dtype=np.bool_) if previous is None else previous
    longest = rules.max_dark_slots
    for t, wanted in enumerate(dark_units):
        must_stay = off & (run < rules.min_dark_slots)
        must_return = off & (run >= longest)
        tired = ~off & (run < rules.min_light_slots)
        fixed = np.zeros(count, dtype=np.int64)
        if barred is not None:
            fixed = np.where(barred[:, t], np.where(off, -1, 1), 0)
        spent = np.zeros(count, dtype=np.bool_)
        for span in spans:
            if span.first <= t < span.end:
                spent |= dark[:, max(span.first, 0) : t].sum(axis=1) >= span.most
        # Rank: first those that have to be dark, last those that must not be.
        rank = np.lexsort((
            np.arange(count), had, np.where(off, run, 0), ~off, ~stay[:, t], fixed, spent,
            tired | must_return, ~must_stay,
        ))  # fmt: skip
        chosen = np.zeros(count, dtype=np.bool_)
        chosen[rank[:wanted]] = True
        run = np.where(chosen == off, run + 1, 1)
        off = chosen
        had += chosen
        dark[:, t] = chosen
    return dark


def queue_share(queue: pd.Series[str], customers: Floats, dark: Flags, slots: int) -> pd.DataFrame:
    """Share of each queue's customers that are dark.

    Parameters
    ----------
    queue
        Queue by feeder, empty for none.
    customers
        Customers by feeder.
    dark
        Feeder × slot: True where dark.
    slots
        Number of slots.

    Returns
    -------
    pandas.DataFrame
        Queue (sorted) × slot.
    """
    names = np.asarray(queue, dtype="object")
    units = sorted({name for name in names if name}, key=queue_order)
    share = np.zeros((len(units), slots))
    for i, unit in enumerate(units):
        own = names == unit
        weight = customers[own] if customers[own].sum() > 0 else np.ones(own.sum())
        share[i] = weight @ dark[own] / weight.sum()
    return pd.DataFrame(share, index=pd.Index(units, name="queue"), columns=range(slots))


def queue_order(name: str) -> tuple[tuple[int, str], ...]:
    """Sort «10.1» after «9.2»."""
    return tuple((int(part) if part.isdigit() else 10**6, part) for part in name.split("."))
