"""The public schedule: which queues are dark when, as many in each slot as was ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vatra.blackouts.conduct import spans_of
from vatra.blackouts.model import Violation
from vatra.blackouts.queues import units_dark
from vatra.blackouts.rotation_blocks import Runs, Start
from vatra.blackouts.rotation_search import Aim, Found, search
from vatra.blackouts.rules import Rules
from vatra.blackouts.task import Flags, Floats, Ints
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.timegrid import SLOT_H, TimeGrid

SUBQUEUES = tuple(f"{queue}.{part}" for queue in range(1, 7) for part in (1, 2))
"""Six queues of two parts, as ordered since November 2024 (order № 439)."""

PUBLISHED = Rules(max_dark_h=7.0)
"""Dark 1 to 7 h, light 2 h or more: what the rotations published for Dnipro in December 2025 keep
to on most days."""

EVENING_H = (17.0, 23.0)
"""Local hours that count as evening: from, up to."""


@dataclass(frozen=True)
class Rotation:
    """Which units of the public schedule are dark when, and how good that is.

    Parameters
    ----------
    units
        Names of the queues, or parts of queues.
    dark
        Unit × slot: True where dark.
    ordered
        Units dark by slot, as ordered; `dark` has as many.
    day
        Number of the local day by slot, 0 for the first.
    evening
        By slot: whether it is in the evening.
    started_dark
        Unit: whether it was dark just before the first slot; None where that isn't known.
    before_h
        Unit: dark hours that it had before and that are evened out with these.
    blocks
        Outage blocks that begin in these slots. Where nothing is known of the time before, those
        that the first slot lies in are counted too.
    blocks_bound
        No rotation with the same order and rules has fewer blocks, if its range of dark hours is
        no larger than asked for, or than `range_bound_h` where that is larger.
    range_h
        Longest less shortest darkness, hours, what was before included.
    range_bound_h
        No rotation with the same order and rules has a smaller range.
    evening_range_h, evening_range_bound_h
        The same in the evenings; the bound is the range possible without rules on runs.
    runs_h
        The limits on runs that are kept, hours: longest and shortest darkness, shortest and
        longest light. Wider than the rules where the order leaves no choice.
    violations
        Rules that can't be kept with this order, with the smallest relaxations.
    """

    units: pd.Index[str]
    dark: Flags
    ordered: Ints
    day: Ints
    evening: Flags
    started_dark: Flags | None
    before_h: Floats
    blocks: int
    blocks_bound: int
    range_h: float
    range_bound_h: float
    evening_range_h: float
    evening_range_bound_h: float
    runs_h: dict[str, float] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether the number of blocks and the range are proved to be the best there are."""
        return self.blocks == self.blocks_bound and self.range_h <= self.range_bound_h + 1e-9

    @property
    def dark_h(self) -> pd.Series[float]:
        """Dark hours of each unit in these slots."""
        return pd.Series(self.dark.sum(axis=1) * SLOT_H, index=self.units, name="dark_h")

    @property
    def dark_h_by_day(self) -> pd.DataFrame:
        """Dark hours, unit × local day."""
        days = np.unique(self.day)
        hours = [self.dark[:, self.day == day].sum(axis=1) * SLOT_H for day in days]
        return pd.DataFrame(np.transpose(hours), index=self.units, columns=days)

    @property
    def evening_dark_h(self) -> pd.Series[float]:
        """Dark hours of each unit in the evenings."""
        hours = self.dark[:, self.evening].sum(axis=1) * SLOT_H
        return pd.Series(hours, index=self.units, name="evening_dark_h")

    @property
    def gini(self) -> float:
        """Gini coefficient of the dark hours: 0 where all are dark equally long."""
        return gini_of(self.dark_h.to_numpy())

    @property
    def outages(self) -> pd.DataFrame:
        """Outage blocks: unit, first slot, slot after the last, begun before the first slot."""
        return outages_of(self.dark, self.units, self.started_dark)


def rotate_queues(
    order: ArrayLike,
    *,
    units: Sequence[str] = SUBQUEUES,
    grid: TimeGrid | None = None,
    rules: Rules = PUBLISHED,
    history: ArrayLike | None = None,
    barred: ArrayLike | None = None,
    before_h: ArrayLike | None = None,
    evening_before_h: ArrayLike | None = None,
    range_h: float = 0.5,
    evening_range_h: float | None = None,
    evening_h: tuple[float, float] = EVENING_H,
    extra_blocks: int = 0,
    steps: int = 3_000_000,
    tries: int = 12,
    seed: int = 0,
) -> Rotation:
    """Choose which queues are dark, as many in each slot as ordered, fairly and in few blocks.

    What is sought, in this order: the order and the rules on runs, which are kept whatever it
    costs (an order that rules can't be kept with widens them as little as possible, and says so);
    the range of dark hours over the units; the range in the evenings, if one is asked for; the
    fewest outage blocks; then, over several days, the ranges in the evenings and on each day.

    Parameters
    ----------
    order
        By slot: queues that must be dark; halves allowed where queues have two parts.
    units
        Names of the units: «3.2» is the second part of queue 3, a name without a dot a queue.
    grid
        The slots; None for days of 48 slots from a local midnight.
    rules
        Limits on runs: dark 1 to 7 h and light 2 h or more where not given. Hours with light and
        dark hours a day are kept as far as the order and the runs let them, and need `grid`;
        rules for substations and crews are for lines.
    barred
        Unit × slot: True where the unit is not to be switched at the start of the slot, for quiet
        hours or notice, as `vatra.blackouts.conduct.barred_slots` spells them out; None for
        nowhere. Kept as far as the order and the runs let it.
    history
        Unit × earlier slots: True where dark, up to just before the first slot; a day or more.
        None where nothing is known: then runs that the first slot lies in have no shortest
        length, and their length counts from the first slot. Runs that the last slot lies in have
        no shortest length either, as they may go on.
    before_h, evening_before_h
        Unit: dark hours in the days, and evenings, before these slots that are to be evened out
        with them; none where not given. Rounded to slots.
    range_h
        Range of dark hours over the units that is good enough, hours.
    evening_range_h
        The same in the evenings; None where it doesn't come before the number of blocks.
    evening_h
        Local hours from and up to which it is evening.
    extra_blocks
        How many blocks above the fewest may be spent on making evenings and days more even.
    steps, tries
        Exchanges tried in one search, and searches at most. A search that reaches the bounds is
        the last one.
    seed
        Of the search; the same seed gives the same rotation.

    Returns
    -------
    Rotation
        The best rotation found, with bounds.

    Raises
    ------
    InputError
        With everything that is wrong with the order, the history or the hours.
    """
    names = [str(unit) for unit in units]
    wanted = np.atleast_1d(np.asarray(order, dtype=np.float64))
    slots = len(wanted)
    _check(wanted, names, grid, history, before_h, evening_before_h, range_h, evening_range_h)
    ordered = units_dark(names, wanted, slots)
    count = len(names)
    day = np.arange(slots) // 48 if grid is None else grid.day
    hour = np.arange(slots) % 48 * SLOT_H if grid is None else grid.hour
    evening = (hour >= evening_h[0]) & (hour < evening_h[1])
    start = (
        Start.unknown(count)
        if history is None
        else Start.after(np.asarray(history, dtype=np.bool_))
    )
    before, evening_before = _slots(before_h, count), _slots(evening_before_h, count)
    found = search(
        ordered, start, Runs.of(rules),
        Aim(
            day, evening, before, evening_before, _whole(range_h),
            None if evening_range_h is None else _whole(evening_range_h), extra_blocks,
            () if grid is None else spans_of(rules, grid),
            None if barred is None else np.asarray(barred, dtype=np.bool_),
        ),
        steps=steps, tries=tries, rng=np.random.default_rng(seed),
    )  # fmt: skip
    return _rotation(found, names, ordered, start, day, evening, before, evening_before)


def _rotation(  # noqa: PLR0917
    found: Found, names: list[str], ordered: Ints, start: Start, day: Ints, evening: Flags,
    before: Ints, evening_before: Ints,
) -> Rotation:  # fmt: skip
    """Put what was found into hours."""
    total = found.dark.sum(axis=1) + before
    late = found.dark[:, evening].sum(axis=1) + evening_before
    kept = dict(zip(Runs._fields, found.runs, strict=True))
    return Rotation(
        units=pd.Index(names), dark=found.dark, ordered=ordered,
        day=np.asarray(day, dtype=np.int64), evening=evening,
        started_dark=start.dark if start.known else None,
        before_h=np.asarray(before * SLOT_H, dtype=np.float64),
        blocks=found.blocks, blocks_bound=found.blocks_bound,
        range_h=float(np.ptp(total)) * SLOT_H, range_bound_h=found.range_bound * SLOT_H,
        evening_range_h=float(np.ptp(late)) * SLOT_H,
        evening_range_bound_h=found.evening_bound * SLOT_H,
        runs_h={f"{name}_h": slots * SLOT_H for name, slots in kept.items()
                if slots <= len(ordered)},
        violations=found.violations,
    )  # fmt: skip


def _slots(hours: ArrayLike | None, count: int) -> Ints:
    """Turn hours into slots."""
    if hours is None:
        return np.zeros(count, dtype=np.int64)
    return np.asarray(np.round(np.asarray(hours, dtype=np.float64) / SLOT_H), dtype=np.int64)


def _whole(hours: float) -> int:
    """Turn a range in hours into whole slots."""
    return int(hours / SLOT_H + 1e-9)


def _check(  # noqa: C901, PLR0917
    order: Floats, names: list[str], grid: TimeGrid | None, history: ArrayLike | None,
    before_h: ArrayLike | None, evening_before_h: ArrayLike | None, range_h: float,
    evening_range_h: float | None,
) -> None:  # fmt: skip
    """Collect what is wrong with what was given."""
    problems = []
    twice = pd.Index(names)[pd.Index(names).duplicated()]
    if len(twice) or not names:
        problems.append(Problem("units", name_ids(twice), "no units, or names given twice"))
    if order.ndim != 1 or not order.size:
        problems.append(Problem("order", str(order.shape), "not a number of queues by slot"))
    elif grid is not None and grid.slots != order.size:
        problems.append(
            Problem("order", f"{order.size} slots", f"the grid has {grid.slots}",
                    "a day has 46, 48 or 50 half-hours")
        )  # fmt: skip
    whole = len({name.split(".")[0] for name in names})
    over = np.flatnonzero(order.ravel() > whole)
    if over.size:
        problems.append(
            Problem("order", f"slot {name_ids(over)}", f"more than the {whole} queues there are",
                    "correct the order or name all queues")
        )  # fmt: skip
    if not np.isfinite(order).all():
        problems.append(Problem("order", "", "not finite", "0 where nothing is to be dark"))
    if history is not None and np.shape(history)[:1] != (len(names),):
        problems.append(Problem("history", str(np.shape(history)), "not unit × slot"))
    for name, hours in (("before_h", before_h), ("evening_before_h", evening_before_h)):
        if hours is None:
            continue
        given = np.asarray(hours, dtype=np.float64)
        if given.shape != (len(names),) or not np.isfinite(given).all() or (given < 0).any():
            problems.append(Problem(name, "", "not hours of 0 or more by unit"))
    for name, value in (("range_h", range_h), ("evening_range_h", evening_range_h)):
        if value is not None and not 0 <= value < float("inf"):
            problems.append(Problem(name, str(value), "not a range in hours", "0 or more"))
    if problems:
        raise InputError("rotation", problems)


def gini_of(hours: ArrayLike) -> float:
    """Gini coefficient: mean difference of all pairs over twice the mean; 0 for nothing at all."""
    own = np.asarray(hours, dtype=np.float64)
    mean = float(own.mean())
    if mean <= 0:
        return 0.0
    return float(np.abs(own[:, None] - own[None, :]).mean() / (2 * mean))


def outages_of(
    dark: Flags, units: pd.Index[str], started_dark: Flags | None = None
) -> pd.DataFrame:
    """List the dark runs of a unit × slot table.

    Parameters
    ----------
    dark
        Unit × slot.
    units
        Names of the units.
    started_dark
        Unit: whether it was dark just before; None where that isn't known.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``first`` slot, slot after the last as ``end``, and ``carried``: whether it had
        begun before the first slot.
    """
    edges = np.diff(np.pad(dark.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    unit, first = np.nonzero(edges == 1)
    _, end = np.nonzero(edges == -1)
    was = np.zeros(len(dark), dtype=np.bool_) if started_dark is None else started_dark
    return pd.DataFrame(
        {"unit": units[unit], "first": first, "end": end, "carried": (first == 0) & was[unit]}
    )
