"""Which feeders planned cuts may touch, and in which queue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.city.lifelines.ground import Floats, Ints
from vatra.city.lifelines.scale import QUEUES, RESERVED_SHARE

_POLISH_ROUNDS = 30


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
        fullness = held @ size[row] + np.where(here == here.min(), 0.0, np.inf)
        best = int(np.argmin(fullness))
        queue[row] = best
        held[best] += size[row]
        here[best] += 1
    _swap(queue, size, held, substation[rows])
    named = np.full(len(peak_mw), None, dtype=object)
    named[rows] = np.array(QUEUES, dtype=object)[queue]
    return named


def _shares(value: Floats) -> Floats:
    total = value.sum()
    return np.asarray(value / total if total > 0 else np.zeros_like(value))


def _swap(queue: Ints, size: Floats, held: Floats, substation: Ints) -> None:
    """Exchange feeders of one substation between uneven queues while that evens them."""
    for _ in range(_POLISH_ROUNDS * len(QUEUES)):
        spread = held.sum(axis=1)
        high, low = int(np.argmax(spread)), int(np.argmin(spread))
        a, b = np.flatnonzero(queue == high), np.flatnonzero(queue == low)
        same = substation[a][:, None] == substation[b][None]
        step = size[a][:, None] - size[b][None]
        new = ((held[high] - step) ** 2).sum(axis=2) + ((held[low] + step) ** 2).sum(axis=2)
        new = np.where(same, new, np.inf)
        if not new.size:
            return
        i, j = np.unravel_index(int(np.argmin(new)), new.shape)
        if new[i, j] >= (held[high] ** 2).sum() + (held[low] ** 2).sum() - 1e-15:
            return
        queue[a[i]], queue[b[j]] = low, high
        held[high] -= step[i, j]
        held[low] += step[i, j]
