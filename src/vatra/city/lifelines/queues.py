"""Which feeders planned cuts may touch, and in which queue."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from vatra.city.lifelines.ground import Floats, Ints
from vatra.city.lifelines.scale import QUEUES, RESERVED_SHARE

_EVEN_ENOUGH = 0.005
"""Queues whose loads and people differ by less than this share are left as dealt."""

_ROUNDS = 20
_SLACK = 2
_LEAST_GAIN = 1e-10


def choose_reserved(
    peak_mw: Floats, critical_mw: Floats, protected: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose feeders kept for automatic under-frequency shedding.

    Parameters
    ----------
    peak_mw, critical_mw
        Feeder: load at the peak and its critical part, MW.
    protected
        Feeder: True where planned cuts must not touch it.
    rng
        Source of randomness.

    Returns
    -------
    NDArray[np.bool_]
        Feeder: True where reserved; never a protected or critical one, and never so many that
        queues stay empty.
    """
    reserved = np.zeros(len(peak_mw), dtype=bool)
    free = rng.permutation(np.flatnonzero(~protected & (critical_mw == 0)))
    most = max(int((~protected).sum()) - len(QUEUES), 0)
    target = RESERVED_SHARE * peak_mw.sum()
    kept = 0.0
    for row in free:
        if reserved.sum() >= most or kept >= target:
            break
        if kept + peak_mw[row] <= 1.35 * target:
            reserved[row] = True
            kept += peak_mw[row]
    return reserved


def assign_queues(
    substation: Ints, peak_mw: Floats, residents: Floats, may_cut: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Deal feeders to queues: even in load and people, and spread over each substation.

    Parameters
    ----------
    substation
        Feeder: row of its substation.
    peak_mw
        Feeder: load at the peak, MW.
    residents
        Feeder: people on it.
    may_cut
        Feeder: True where planned cuts may touch it.

    Returns
    -------
    NDArray[np.object_]
        Feeder: queue, None where planned cuts don't touch it.
    """
    rows = np.flatnonzero(may_cut)
    size = np.stack([_shares(peak_mw[rows]), _shares(residents[rows])], axis=1)
    rows_by_size = np.argsort(-size.sum(axis=1), kind="stable")
    queue = np.zeros(len(rows), dtype=np.int64)
    held = np.zeros((len(QUEUES), 2))
    dealt = np.zeros((int(substation.max(initial=0)) + 1, len(QUEUES)), dtype=np.int64)
    for row in rows_by_size:
        here = dealt[substation[rows[row]]]
        # Only queues that this substation has fewest of, so that no queue empties a substation.
        fullness = held @ (size[row] + 1e-9) + np.where(here == here.min(), 0.0, np.inf)
        best = int(np.argmin(fullness))
        queue[row] = best
        held[best] += size[row]
        here[best] += 1
    _even_out(queue, size, held, substation[rows], dealt)
    named = np.full(len(peak_mw), None, dtype=object)
    named[rows] = np.array(QUEUES, dtype=object)[queue]
    return named


def _shares(value: Floats) -> Floats:
    total = value.sum()
    return np.asarray(value / total if total > 0 else np.zeros_like(value))


def _even_out(queue: Ints, size: Floats, held: Floats, substation: Ints, dealt: Ints) -> None:
    """Exchange feeders between queues while that evens them, within substations if that will do."""
    for slack in (0, _SLACK):
        for _ in range(_ROUNDS):
            if _uneven(held) <= _EVEN_ENOUGH:
                return
            if not _exchange_all(queue, size, held, substation, (dealt, slack)):
                break


def _uneven(held: Floats) -> float:
    """Return the largest difference between queues, of load or people, over their mean."""
    return float((np.ptp(held, axis=0) / np.maximum(held.mean(axis=0), 1e-12)).max())


def _exchange_all(
    queue: Ints, size: Floats, held: Floats, substation: Ints, spread: tuple[Ints, int]
) -> bool:
    """Make the exchange that helps most for each pair of queues; return whether any did.

    `spread` holds the feeders by substation and queue, and by how many those of a substation may
    differ after an exchange with another substation; 0 for no such exchange.
    """
    dealt, slack = spread
    helped = False
    for high, low in permutations(range(len(held)), 2):
        a, b = np.flatnonzero(queue == high), np.flatnonzero(queue == low)
        if not (a.size and b.size):
            continue
        at, bt = substation[a], substation[b]
        allowed = at[:, None] == bt[None]
        if slack:
            away = _may_go(dealt[at], high, low, slack)
            back = _may_go(dealt[bt], low, high, slack)
            allowed |= away[:, None] & back[None]
        step = size[a][:, None] - size[b][None]
        # Half of the change in the sum of squares of the two queues.
        change = np.where(allowed, (step * (step - (held[high] - held[low]))).sum(axis=2), np.inf)
        i, j = np.unravel_index(int(np.argmin(change)), change.shape)
        if change[i, j] < -_LEAST_GAIN:
            queue[a[i]], queue[b[j]] = low, high
            held[high] -= step[i, j]
            held[low] += step[i, j]
            for place, new, old in ((at[i], low, high), (bt[j], high, low)):
                dealt[place, new] += 1
                dealt[place, old] -= 1
            helped = True
    return helped


def _may_go(dealt: Ints, old: int, new: int, slack: int) -> NDArray[np.bool_]:
    """Tell where a feeder may change queues without piling up those of its substation."""
    full = dealt[:, new] - dealt.min(axis=1) >= slack
    thin = dealt.max(axis=1) - dealt[:, old] >= slack
    return np.asarray(~(full | thin))
