"""Cutting weighted points into compact parts of given sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def apportion(weight: NDArray[Any], count: int, at_least: Ints | int = 0) -> Ints:
    """Share out `count` things by weight (largest remainders), none below its minimum.

    Parameters
    ----------
    weight
        Weight of each taker; not negative.
    count
        Things to share out.
    at_least
        Fewest that each taker gets, or one number for all; if these sum to more than `count`, they
        are what is given.

    Returns
    -------
    Ints
        Things for each taker.
    """
    weight = np.asarray(weight, dtype=float)
    if not weight.size:
        return np.zeros(0, dtype=np.int64)
    if weight.sum() <= 0:
        weight = np.ones_like(weight)
    floor = np.broadcast_to(np.asarray(at_least, dtype=np.int64), weight.shape)
    given: Ints = np.maximum(np.floor(count * weight / weight.sum()).astype(np.int64), floor)
    wanted = count * weight / weight.sum()
    while given.sum() < count:
        given[np.argmax(wanted - given)] += 1
    while given.sum() > count and (given > floor).any():
        given[np.argmax(np.where(given > floor, given - wanted, -np.inf))] -= 1
    return given


def principal_axis(xy: Floats, weight: Floats) -> Floats:
    """Direction in which weighted points spread most, as a unit vector."""
    total = weight.sum()
    w = weight / total if total > 0 else np.full(len(xy), 1 / len(xy))
    centred = xy - w @ xy
    xx, yy = w @ centred[:, 0] ** 2, w @ centred[:, 1] ** 2
    cross = w @ (centred[:, 0] * centred[:, 1])
    angle = 0.5 * np.arctan2(2 * cross, xx - yy)
    return np.array([np.cos(angle), np.sin(angle)])


def partition(xy: Floats, weight: Floats, share: Floats) -> Ints:
    """Cut points into compact parts by recursive bisection across their longer axis.

    No part is empty where there are as many points as parts; points are not split, so a part with
    a heavy point may exceed its share.

    Parameters
    ----------
    xy
        Point × 2, m.
    weight
        Weight of each point.
    share
        Share of the weight that each part should hold, in any unit.

    Returns
    -------
    Ints
        Part of each point, from 0 up to ``len(share) − 1``.
    """
    label = np.zeros(len(xy), dtype=np.int64)
    # Weightless points still count a little, so that no cut leaves them all on one side.
    weight = weight + (weight.sum() or 1.0) * 1e-6 / max(len(xy), 1)
    stack = [(np.arange(len(xy)), 0, len(share))]
    while stack:
        rows, first, end = stack.pop()
        parts = end - first
        if parts <= 1 or len(rows) <= 1:
            label[rows] = first
            continue
        middle = first + parts // 2
        along = xy[rows] @ principal_axis(xy[rows], weight[rows])
        rows = rows[np.argsort(along, kind="stable")]
        done = np.cumsum(weight[rows])
        wanted = done[-1] * share[first:middle].sum() / share[first:end].sum()
        cut = int(np.argmin(np.abs(done - wanted))) + 1
        few = min(middle - first, len(rows) - 1)
        cut = min(max(cut, few), max(len(rows) - (end - middle), few))
        stack.append((rows[:cut], first, middle))
        stack.append((rows[cut:], middle, end))
    return label


def partition_by_bank(
    xy: Floats, weight: Floats, bank: Ints, count: int, *, rng: np.random.Generator, spread: float
) -> Ints:
    """Cut points into compact parts none of which crosses the river.

    Parameters
    ----------
    xy
        Point × 2, m.
    weight
        Weight of each point.
    bank
        Bank that each point is on; banks too small for a part join the nearest.
    count
        Parts wanted.
    rng
        Source of the parts' unequal sizes.
    spread
        Standard deviation of the logarithm of the parts' sizes.

    Returns
    -------
    Ints
        Part of each point, consecutive from 0; every part holds a point.
    """
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    side = _join_small_banks(xy, weight, bank, count)
    names, side = np.unique(side, return_inverse=True)
    total = np.bincount(side, weights=weight, minlength=len(names))
    counts = apportion(total, count, 1)
    label = np.zeros(len(xy), dtype=np.int64)
    first = 0
    for row, parts in enumerate(counts):
        share = np.exp(spread * rng.standard_normal(parts))
        here = np.flatnonzero(side == row)
        label[here] = first + partition(xy[here], weight[here], share)
        first += int(parts)
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


def _join_small_banks(xy: Floats, weight: Floats, bank: Ints, count: int) -> Ints:
    """Join banks that deserve less than half a part to the nearest of the others."""
    names, side = np.unique(bank, return_inverse=True)
    total = np.bincount(side, weights=weight, minlength=len(names))
    all_ = total.sum() or 1.0
    large = total / all_ * count >= 0.5
    if not large.any():
        return np.zeros(len(xy), dtype=np.int64)
    sums = np.stack([np.bincount(side, weights=xy[:, d]) for d in (0, 1)], axis=1)
    centre = sums / np.bincount(side)[:, None]
    away = np.linalg.norm(centre[:, None] - centre[None, large], axis=2)
    home = np.where(large, np.arange(len(names)), np.flatnonzero(large)[np.argmin(away, axis=1)])
    return np.asarray(home[side], dtype=np.int64)
