"""Fewest switchings of a rotation by queue, and why an order can't be kept.

Units are alike but for what they come from, so only counts matter: let S(t) be the units switched
off and R(t) those switched on again up to slot t. Whoever went dark first comes back first, and
whoever came back first goes dark first: swapping two of them never breaks a limit on runs. Every
rule is then a limit on the difference of two of these counts:

- the order: S(t) − R(t) is what is ordered, less what was dark before;
- dark at most L slots: R(t) ≥ S(t − L); at least m: R(t) ≤ S(t − m);
- light at least M slots: S(t) ≤ (units light before) + R(t − M); at most X: S(t) ≥ … + R(t − X).

R goes out by the first, and what is left are differences of S alone. The smallest S that satisfies
them is a longest path, found exactly by raising S until nothing pushes it higher; if it is pushed
past an upper limit there is no rotation. The smallest S is smallest in every slot at once, so its
last value is the fewest switchings that there can be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from vatra.blackouts.rules import NEVER, Rules
from vatra.blackouts.task import Flags, Ints


class Runs(NamedTuple):
    """Limits on runs, slots."""

    max_dark: int
    min_dark: int
    min_light: int
    max_light: int

    @classmethod
    def of(cls, rules: Rules) -> Runs:
        """Take the limits from rules."""
        return cls(
            rules.max_dark_slots, rules.min_dark_slots, rules.min_light_slots, rules.max_light_slots
        )


@dataclass(frozen=True)
class Start:
    """What units come from.

    Parameters
    ----------
    dark
        Unit: whether it is dark just before the first slot.
    age
        Unit: for how many slots it has been as it is.
    known
        False where nothing is known of the time before: then any unit may be dark in the first
        slot, that run may end at once, and its length counts from the first slot.
    """

    dark: Flags
    age: Ints
    known: bool

    @classmethod
    def unknown(cls, count: int) -> Start:
        """Nothing is known."""
        return cls(np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.int64), known=False)

    @classmethod
    def after(cls, history: Flags) -> Start:
        """Take the last runs of unit × slot darkness before the first slot.

        Only what is seen of a run counts as its age, so give a day or more.
        """
        count, slots = history.shape
        if slots == 0:
            return cls.unknown(count)
        dark = history[:, -1]
        same = history[:, ::-1] == dark[:, None]
        age = np.where(same.all(axis=1), slots, np.argmin(same, axis=1))
        return cls(dark.astype(np.bool_), age.astype(np.int64), known=True)

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.dark)


_Lag = tuple[int, Ints]


class _Gates(NamedTuple):
    """By slot: how many units from before may or must have changed by then."""

    dark: int
    may_return: Ints
    must_return: Ints
    may_leave: Ints
    must_leave: Ints


def _gates(start: Start, first: int, runs: Runs, slots: int) -> _Gates:
    """Count the gates; `first` is the number dark in slot 0, used where nothing is known."""
    t = np.arange(slots)
    if not start.known:
        light = start.count - first
        return _Gates(
            first, first * (t >= 1), first * (t >= runs.max_dark),
            light * (t >= 1), light * (t >= runs.max_light),
        )  # fmt: skip
    was_dark, was_light = start.age[start.dark], start.age[~start.dark]

    def by(when: Ints) -> Ints:
        return np.asarray((when[:, None] <= t).sum(axis=0), dtype=np.int64)

    return _Gates(
        len(was_dark), by(runs.min_dark - was_dark), by(runs.max_dark - was_dark),
        by(runs.min_light - was_light), by(runs.max_light - was_light),
    )  # fmt: skip


def fewest_starts(ordered: Ints, start: Start, runs: Runs) -> Ints | None:
    """Find the smallest number of units switched off up to each slot.

    Parameters
    ----------
    ordered
        Units dark by slot.
    start
        What they come from.
    runs
        Limits on runs.

    Returns
    -------
    Ints or None
        By slot: units switched off in it and before, smallest in every slot of all rotations that
        keep the order and the runs; where the time before is unknown, those dark in the first
        slot aren't counted. None where there is no such rotation.
    """
    k = np.asarray(ordered, dtype=np.int64)
    slots, count = len(k), start.count
    if k.min() < 0 or k.max() > count:
        return None
    gate = _gates(start, int(k[0]), runs, slots)
    spare = k - gate.dark
    rise = np.cumsum(np.maximum(0, np.diff(k, prepend=gate.dark)))
    low = np.maximum(rise, np.maximum(gate.must_return + spare, gate.must_leave))
    high = np.full(slots, NEVER)
    # Past the shortest runs all units from before may have changed, and new runs bind instead.
    first = slice(None, runs.min_dark)
    high[first] = np.minimum(high[first], (gate.may_return + spare)[first])
    first = slice(None, runs.min_light)
    high[first] = np.minimum(high[first], gate.may_leave[first])
    later, sooner = _lags(k, count, runs)
    most = count * (slots // 2 + 2)
    s = low
    while (s <= high).all() and s[-1] <= most:
        before = s
        s = np.maximum.accumulate(s - rise) + rise
        for lag, push in later:
            s = np.concatenate([s[:lag], np.maximum(s[lag:], s[:-lag] + push)])
        for lag, push in sooner:
            s = np.concatenate([np.maximum(s[:-lag], s[lag:] + push), s[-lag:]])
        if (s == before).all():
            return np.asarray(s, dtype=np.int64)
    return None


def _lags(k: Ints, count: int, runs: Runs) -> tuple[list[_Lag], list[_Lag]]:
    """Tell by how much S must be above itself some slots before, and some slots after."""
    slots = len(k)
    later = [
        (lag, push)
        for lag, push in (
            (runs.max_dark, k[runs.max_dark :]),
            (runs.max_light, count - k[: max(slots - runs.max_light, 0)]),
        )
        if lag < slots
    ]
    sooner = [
        (lag, push)
        for lag, push in (
            (runs.min_dark, -k[runs.min_dark :]),
            (runs.min_light, k[: max(slots - runs.min_light, 0)] - count),
        )
        if lag < slots
    ]
    return later, sooner


def first_come(ordered: Ints, starts: Ints, start: Start) -> Flags:
    """Lay out a rotation in which whoever has been dark or light longest changes first.

    Parameters
    ----------
    ordered
        Units dark by slot.
    starts
        By slot: units switched off up to it, as from `fewest_starts`.
    start
        What they come from.

    Returns
    -------
    Flags
        Unit × slot: True where dark.
    """
    k = np.asarray(ordered, dtype=np.int64)
    slots, count = len(k), start.count
    if start.known:
        oldest = np.argsort(-start.age, kind="stable")
        dark = deque(int(u) for u in oldest if start.dark[u])
        light = deque(int(u) for u in oldest if not start.dark[u])
    else:
        dark, light = deque(range(k[0])), deque(range(k[0], count))
    out = np.zeros((count, slots), dtype=np.bool_)
    for t, leaving in enumerate(np.diff(starts, prepend=0)):
        returning = len(dark) + int(leaving) - int(k[t])
        back = [dark.popleft() for _ in range(returning)]
        dark.extend(light.popleft() for _ in range(int(leaving)))
        light.extend(back)
        out[list(dark), t] = True
    return out


@dataclass(frozen=True)
class Relaxation:
    """Rules by which an order can be kept that can't be kept otherwise.

    Parameters
    ----------
    runs
        The nearest limits on runs for which there is a rotation.
    alone
        By name of a limit: the nearest value of it for which there is a rotation with all others
        as they are; only those limits with which that is possible.
    """

    runs: Runs
    alone: dict[str, int]


def relax_runs(ordered: Ints, start: Start, runs: Runs) -> Relaxation:
    """Find the smallest change of the limits on runs that lets an order be kept.

    Parameters
    ----------
    ordered
        Units dark by slot, not more than there are.
    start
        What they come from.
    runs
        Limits for which there is no rotation.

    Returns
    -------
    Relaxation
        The change with the fewest slots in all; of equals a longer darkness first, then a shorter
        light, then a shorter darkness.
    """
    alone = {}
    for name in Runs._fields:
        for value in _wider(name, getattr(runs, name), len(ordered)):
            if fewest_starts(ordered, start, runs._replace(**{name: value})) is not None:
                alone[name] = value
                break
    for change in _changes(runs, len(ordered)):
        if fewest_starts(ordered, start, change) is not None:
            return Relaxation(change, alone)
    return Relaxation(Runs(NEVER, 1, 1, NEVER), alone)


def _wider(name: str, value: int, slots: int) -> Iterator[int]:
    """Give the values of a limit that bind less, nearest first."""
    if name.startswith("min"):
        yield from range(value - 1, 0, -1)
    elif value < slots:
        yield from range(value + 1, slots + 1)


def _changes(runs: Runs, slots: int) -> Iterator[Runs]:
    """Give limits that bind less, by the number of slots that they differ in all."""
    longest = slots if runs.max_light < slots else 0
    for total in range(1, slots + runs.min_dark + runs.min_light + longest):
        for extra in range(min(total, longest) + 1):
            for dark in range(min(total - extra, runs.min_dark - 1) + 1):
                for light in range(min(total - extra - dark, runs.min_light - 1) + 1):
                    rest = total - extra - dark - light
                    if rest and runs.max_dark >= slots:
                        continue
                    yield Runs(
                        runs.max_dark + rest, runs.min_dark - dark, runs.min_light - light,
                        runs.max_light + extra,
                    )  # fmt: skip


def nearest_order(ordered: Ints, start: Start, runs: Runs) -> Ints | None:
    """Find the order nearest to a given one that can be kept.

    Parameters
    ----------
    ordered
        Units dark by slot.
    start
        What they come from.
    runs
        Limits on runs.

    Returns
    -------
    Ints or None
        Units dark by slot, with the smallest sum of differences; None where what the units come
        from lets no order be kept. The program's matrix is that of a network, so its vertices are
        whole.
    """
    k = np.asarray(ordered, dtype=np.float64)
    slots, count = len(k), start.count
    known = start.known
    gate = _gates(start, 0 if known else 1, runs, slots)
    # Columns: S (starts and, where nothing is known, those dark from the first slot), R, over,
    # under. With nothing known, S(0) takes the place of what was dark before.
    rows: list[tuple[list[tuple[int, float]], float, float]] = []
    s, r, over, under = (np.arange(slots) + i * slots for i in range(4))
    dark_before = gate.dark if known else 0
    idle = start.count - dark_before
    for t in range(slots):
        rows.append(([(s[t], 1), (r[t], -1), (over[t], -1), (under[t], 1)],
                     k[t] - dark_before, k[t] - dark_before))  # fmt: skip
        rows.append(([(s[t], 1), (r[t], -1)], -dark_before, count - dark_before))
        if t:
            rows += [([(x[t], 1), (x[t - 1], -1)], 0, np.inf) for x in (s, r)]
        else:
            rows.append(([(r[0], 1)], 0, np.inf if known else 0))
        for lag, a, b, floor, roof in (
            (runs.max_dark, r, s, gate.must_return, None),
            (runs.min_dark, r, s, None, gate.may_return),
            (runs.max_light, s, r, gate.must_leave, None),
            (runs.min_light, s, r, None, gate.may_leave),
        ):
            own, source = [(a[t], 1.0)], dark_before if a is r else idle
            if t >= lag:
                own.append((b[t - lag], -1.0))
                edge = source
            elif known:
                edge = int((floor if floor is not None else roof)[t])  # type: ignore[index]
            elif roof is not None and t and a is r:
                own.append((s[0], -1.0))
                edge = 0
            else:
                edge = idle if roof is not None and a is s else 0
            rows.append((own, edge, np.inf) if roof is None else (own, -np.inf, edge))
    entries = [(i, j, v) for i, (own, _, _) in enumerate(rows) for j, v in own]
    i, j, v = zip(*entries, strict=True)
    result = milp(
        np.repeat([0.0, 0.0, 1.0, 1.0], slots),
        constraints=LinearConstraint(
            coo_array((v, (i, j)), shape=(len(rows), 4 * slots)).tocsr(),
            [low for _, low, _ in rows], [high for _, _, high in rows],
        ),
        bounds=Bounds(0, np.inf),
    )  # fmt: skip
    if result.x is None:
        return None
    change = result.x[over] - result.x[under]
    return np.asarray(np.round(k + change), dtype=np.int64)
