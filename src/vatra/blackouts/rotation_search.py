"""The search for a rotation by queue: bounds first, then exchanges until they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vatra.blackouts._rotation import BARRED_RANK, UNKNOWN, barred_switchings, exchange
from vatra.blackouts.conduct import Span
from vatra.blackouts.model import Violation
from vatra.blackouts.rotation_blocks import Runs, Start, fewest_starts, first_come
from vatra.blackouts.rotation_bound import bound_blocks
from vatra.blackouts.rotation_relax import explain
from vatra.blackouts.task import Flags, Floats, Ints
from vatra.problems import name_ids
from vatra.situation.timegrid import SLOT_H

ROW_BOUND_SLOTS = 100
"""Longest period for which rows of single units are priced: two days."""

WINDOWS = 3
"""Most windows of dark slots for which the bound by rows is worked out."""

WIDEST = 8
"""By how many slots more than asked the range may be proved to have to be."""

BLOCK_WEIGHT = 0.6
"""Weight of an outage block in the search where rules besides those on runs let there be more than
the fewest."""

SPAN_WEIGHT, SPAN_RANK = 3.0, 1e8
"""Weight of a dark slot beyond a rule on a span in the search, and its rank: before evenness."""

ALL, EVENINGS = 0, 1
"""Groups of slots whose dark ones are to be even; days follow."""


@dataclass(frozen=True)
class Aim:
    """What is to be even, and how even; slots.

    Parameters
    ----------
    day, evening
        By slot: number of its day, whether it is in the evening.
    before, evening_before
        Unit: dark slots before.
    width
        Range that is good enough.
    evening_width
        The same in the evenings; None where that comes after the blocks.
    extra_blocks
        Blocks above the fewest that may be spent on evenness.
    spans
        Slots in which a unit may be dark for so long: hours with light, dark hours a day.
    barred
        Unit × slot: True where it is not to be switched; None where nothing is barred.
    """

    day: Ints
    evening: Flags
    before: Ints
    evening_before: Ints
    width: int
    evening_width: int | None
    extra_blocks: int
    spans: tuple[Span, ...] = ()
    barred: Flags | None = None


@dataclass(frozen=True)
class Found:
    """The best rotation found, in slots; fields as in `Rotation`."""

    dark: Flags
    runs: Runs
    blocks: int
    blocks_bound: int
    range_bound: int
    evening_bound: int
    violations: tuple[Violation, ...]


def search(
    ordered: Ints, start: Start, runs: Runs, aim: Aim,
    *, steps: int, tries: int, rng: np.random.Generator,
) -> Found:  # fmt: skip
    """Find an even rotation with few blocks.

    Parameters
    ----------
    ordered
        Units dark by slot.
    start
        What units come from.
    runs
        Limits on runs; widened as little as possible where the order can't be kept with them.
    aim
        What is to be even.
    steps, tries
        Exchanges tried in one search, and searches.
    rng
        Where randomness comes from.

    Returns
    -------
    Found
        The rotation, with bounds.
    """
    slots = len(ordered)
    starts = fewest_starts(ordered, start, runs)
    violations: tuple[Violation, ...] = ()
    if starts is None:
        runs, violations = explain(ordered, start, runs)
        starts = fewest_starts(ordered, start, runs)
    if starts is None:
        raise AssertionError("any order can be kept with the widest limits")
    dark = first_come(ordered, starts, start)
    fewest = int(starts[-1]) + (0 if start.known else int(ordered[0]))
    total = int(ordered.sum())
    range_bound = least_range(aim.before, total, slots)
    width = max(aim.width, range_bound)
    least = fewest
    if slots <= ROW_BOUND_SLOTS:
        by_rows, proved = _by_rows(ordered, start, runs, aim.before, width, dark)
        if proved > width:
            range_bound = width = proved
        fewest = max(fewest, by_rows)
    evening_total = int(ordered[aim.evening].sum())
    evening_bound = least_range(aim.evening_before, evening_total, int(aim.evening.sum()))
    known = start.dark.astype(np.int64) if start.known else np.full(start.count, UNKNOWN)
    goal = _Goal.of(ordered, aim, width, evening_bound, known)
    best = _improve(dark, start, runs, goal, fewest + aim.extra_blocks, steps, tries, rng)
    totals = best.sum(axis=1) + aim.before
    if totals.max() - totals.min() > width:
        # The bound by rows is over rotations as even as that, which this one is not.
        fewest = least
    violations += span_violations(best, ordered, aim.spans)
    if late := goal.banned(best):
        violations += (_late(late, goal, best),)
    return Found(
        best, runs, count_blocks(best, start), fewest, range_bound, evening_bound, violations
    )


def count_blocks(dark: Flags, start: Start) -> int:
    """Count the dark runs that begin in a rotation, or that its first slot lies in if unknown."""
    began = dark[:, 0] & ~start.dark if start.known else dark[:, 0]
    return int(began.sum() + (dark[:, 1:] & ~dark[:, :-1]).sum())


def least_in(ordered: Ints, own: Flags, count: int) -> int:
    """Find the dark slots that some unit must have in a span, by the order alone."""
    return int(-(-int(ordered[own].sum()) // max(count, 1)))


def span_violations(dark: Flags, ordered: Ints, spans: tuple[Span, ...]) -> tuple[Violation, ...]:
    """List hours with light, and dark hours a day, that are not kept, with what would be.

    Parameters
    ----------
    dark
        Unit × slot.
    ordered
        Units dark by slot.
    spans
        The rules.

    Returns
    -------
    tuple of Violation
        One a rule.
    """
    found = []
    for rule in ("max_dark_day_h", "must_light"):
        names, units, slots, worst, least = [], set[int](), set[int](), 0, 0
        for span in spans:
            own = np.zeros(len(ordered), dtype=np.bool_)
            own[max(span.first, 0) : min(span.end, len(ordered))] = True
            over = dark[:, own].sum(axis=1) - span.most
            if span.rule != rule or not (over > 0).any():
                continue
            names.append(span.name)
            units |= set(np.flatnonzero(over > 0).tolist())
            slots |= set(np.flatnonzero(own).tolist())
            worst = max(worst, int(over.max()))
            least = max(least, least_in(ordered, own, len(dark)) - span.most)
        if not names:
            continue
        proof = f"; with this order it is {SLOT_H * least:g} h at least" if least > 0 else ""
        found.append(
            Violation(
                rule, name_ids(names), tuple(sorted(slots)),
                f"{len(units)} queues are dark longer there than the rule lets them be, because "
                "the order comes first.",
                f"{SLOT_H * worst:g} h more darkness there is kept by this rotation{proof}.",
            )
        )  # fmt: skip
    return tuple(found)


def _late(count: int, goal: _Goal, dark: Flags) -> Violation:
    """Tell of switchings that are barred."""
    before = np.where(goal.before == UNKNOWN, dark[:, 0], goal.before == 1)
    switched = dark != np.column_stack([before, dark[:, :-1]])
    slots = np.flatnonzero((switched & goal.barred).any(axis=0))
    return Violation(
        "quiet_h", name_ids(np.flatnonzero((switched & goal.barred).any(axis=1))),
        tuple(int(t) for t in slots),
        f"{count} switchings fall before there was notice of them or into quiet hours, because "
        "the order comes first.",
        f"Switchings in {len(slots)} half-hours would have to be allowed.",
    )  # fmt: skip


def least_range(before: Ints, total: int, slots: int) -> int:
    """Find the smallest range of dark slots that a total can be spread with, rules aside.

    Parameters
    ----------
    before
        Unit: dark slots that it already has.
    total
        Dark slots to spread.
    slots
        Most that a unit can have of them.

    Returns
    -------
    int
        Slots.
    """
    width = 0
    while not len(window_floors(before, total, slots, width)):
        width += 1
    return width


def window_floors(before: Ints, total: int, slots: int, width: int) -> Ints:
    """Give every level from which a total can be spread within a width, rules aside.

    Parameters
    ----------
    before, total, slots
        As in `least_range`.
    width
        Range of dark slots, those before included.

    Returns
    -------
    Ints
        Lowest dark slots of a unit, those before included.
    """
    floors = np.arange(max(0, int(before.max()) - width), int(before.min()) + slots + 1)
    low, high = _windows(before, floors[:, None], slots, width)
    fits = (low <= high).all(axis=1) & (low.sum(axis=1) <= total) & (total <= high.sum(axis=1))
    return np.asarray(floors[fits], dtype=np.int64)


def _windows(before: Ints, floor: Ints | int, slots: int, width: int) -> tuple[Ints, Ints]:
    """Give the fewest and most dark slots that each unit may have."""
    low = np.maximum(floor - before, 0)
    return low, np.minimum(floor + width - before, slots)


def _by_rows(  # noqa: PLR0917
    ordered: Ints, start: Start, runs: Runs, before: Ints, width: int, dark: Flags
) -> tuple[int, int]:
    """Bound blocks by rows, widening the range where none is possible: blocks, range."""
    total, slots = int(ordered.sum()), len(ordered)
    for wider in range(width, width + WIDEST + 1):
        floors = window_floors(before, total, slots, wider)
        if len(floors) > WINDOWS:
            return 0, wider
        bounds = [
            bound_blocks(ordered, start, runs, *_windows(before, int(floor), slots, wider),
                         seeds=dark)
            for floor in floors
        ]  # fmt: skip
        possible = [bound.blocks for bound in bounds if not bound.impossible]
        if possible:
            return int(np.ceil(min(possible) - 1e-6)), wider
    return 0, width + WIDEST + 1


@dataclass(frozen=True)
class _Goal:
    """Groups of slots to even out, with windows by unit and weights, as `exchange` takes them.

    Spans of the rules are groups too: their windows begin at no dark slot.
    """

    group: Flags
    low: Ints
    high: Ints
    weight: Floats
    rank: Floats
    barred: Flags
    before: Ints

    @classmethod
    def of(cls, ordered: Ints, aim: Aim, width: int, evening_bound: int, before: Ints) -> _Goal:
        """Set windows round the middle of the levels that are possible."""
        slots = len(ordered)
        days = np.unique(aim.day)
        asked = aim.evening_width is not None
        evening_width = max(evening_bound, 1, aim.evening_width or 0)
        none = np.zeros_like(aim.before)
        group, windows, weight, rank = [], [], [], []

        def add(
            own: Flags, before: Ints, own_width: int, own_weight: float, own_rank: float
        ) -> None:
            spread = int(ordered[own].sum())
            floors = window_floors(before, spread, int(own.sum()), own_width)
            group.append(own)
            windows.append(
                _windows(before, int(floors[len(floors) // 2]), int(own.sum()), own_width)
            )
            weight.append(own_weight)
            rank.append(own_rank)

        add(np.ones(slots, dtype=np.bool_), aim.before, width, 1.0, 1e6)
        if asked or len(days) > 1:
            add(aim.evening, aim.evening_before, evening_width, 0.5, 1e4 if asked else 1e-3)
        if len(days) > 1:
            for day in days:
                add(aim.day == day, none, 1, 0.1, 1e-4)
        for span in aim.spans:
            own = np.zeros(slots, dtype=np.bool_)
            own[max(span.first, 0) : min(span.end, slots)] = True
            # What the order leaves no room for is shared by all.
            most = max(span.most, least_in(ordered, own, len(none)))
            group.append(own)
            windows.append((none, np.full(len(none), most)))
            weight.append(SPAN_WEIGHT)
            rank.append(SPAN_RANK)
        barred = aim.barred
        if barred is None:
            barred = np.zeros((len(none), slots), dtype=np.bool_)
        low, high = zip(*windows, strict=True)
        return cls(
            np.array(group), np.array(low, dtype=np.int64), np.array(high, dtype=np.int64),
            np.array(weight), np.array(rank), np.ascontiguousarray(barred), before,
        )  # fmt: skip

    @property
    def ruled(self) -> bool:
        """Whether there are spans or barred switchings."""
        return bool(self.barred.any() or (self.rank == SPAN_RANK).any())

    def banned(self, dark: Flags) -> int:
        """Count switchings that are barred."""
        if not self.barred.any():
            return 0
        rows = zip(dark, self.barred, self.before, strict=True)
        return sum(barred_switchings(d, b, int(w), 0, len(d)) for d, b, w in rows)

    def value(self, dark: Flags, blocks: int, target: int) -> float:
        """Rank of a rotation as in `exchange`: below 1 where blocks and what was asked are met."""
        held = dark.astype(np.int64) @ self.group.T.astype(np.int64)
        off = np.maximum(0, np.maximum(held.T - self.high, self.low - held.T))
        late = BARRED_RANK * self.banned(dark)
        return float(self.rank @ (off**2).sum(axis=1) + max(0, blocks - target) + late)


def _improve(  # noqa: PLR0917
    dark: Flags, start: Start, runs: Runs, goal: _Goal, target: int,
    steps: int, tries: int, rng: np.random.Generator,
) -> Flags:  # fmt: skip
    """Search from the rotation with the fewest blocks until the goal is met or tries are out."""
    before = goal.before
    limits = np.array(runs, dtype=np.int64)
    best, best_value = dark, goal.value(dark, count_blocks(dark, start), target)
    # Rules may need more blocks than the fewest that there can be.
    more = start.count if goal.ruled else 0
    least_weight = BLOCK_WEIGHT if goal.ruled else 0.0
    barred_weight = SPAN_WEIGHT if goal.barred.any() else 0.0
    for weight, block_weight, hot, slack in _settings(len(goal.group), tries):
        if best_value < 1:
            break
        found = exchange(
            dark.copy(), before, start.age, limits, goal.group, goal.low, goal.high,
            goal.weight * weight, goal.rank, goal.barred, barred_weight,
            max(block_weight, least_weight), target,
            target + slack + more,
            steps, hot, 0.1, rng,
        )  # fmt: skip
        value = goal.value(found, count_blocks(found, start), target)
        if value < best_value:
            best, best_value = found, value
    return best


def _settings(groups: int, tries: int) -> Iterator[tuple[float, float, float, int]]:
    """Give weight of evenness, weight of a block, temperature and blocks above the target.

    Half of the searches never exceed the target and only look for evenness; the others may pass
    through rotations with a few blocks more, which they weigh against evenness: measured on the
    days of December 2025 in Dnipro, each finds some that the other doesn't.
    """
    for turn in range(tries):
        if groups > 1:
            yield 1.0, 0.0, 3.0, max(0, turn - 1)
        elif turn % 2 == 0:
            yield 1.0, 0.0, 2.0, turn // 4
        else:
            yield 0.5, 1.0, 0.6, 1 + turn // 4
