"""Sharing a supply by time: for what part of it everyone can have light.

Feeders that want more than there is take turns: sets of them that fit under the supply, each for a
part of the time. The largest part that every feeder can be sure of is a linear program over all
such sets (the egalitarian share; as k-times bin packing, with k copies of each feeder and as few
bins as possible, it is k over the bins). No share exceeds supply over demand: every set's load is
at most the supply, and everyone's load for the share's time is the share of the demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog

from vatra.blackouts.task import Flags, Floats, Ints
from vatra.problems import InputError, Problem, name_ids

CLOSE = 5e-4
"""A share this near its bound, of 1, is good enough."""


@dataclass(frozen=True)
class Share:
    """Sets of feeders that take turns.

    Parameters
    ----------
    lit
        Set × feeder: True where the feeder has light.
    time
        Set: its part of the time; the sum is 1.
    share
        Part of the time that every feeder has light at least.
    bound
        No turns give everyone more than this.
    """

    lit: Flags
    time: Floats
    share: float
    bound: float


def share_supply(load_mw: ArrayLike, supply_mw: float, *, rounds: int = 60) -> Share:
    """Find turns under which the feeder with least light has as much of it as possible.

    Parameters
    ----------
    load_mw
        Load of each feeder when it has light, MW, above 0.
    supply_mw
        Supply that is never exceeded, MW.
    rounds
        Most times that sets are added.

    Returns
    -------
    Share
        Turns, with the share and its bound.

    Raises
    ------
    InputError
        Where loads aren't above 0, or there is a feeder that the supply isn't enough for.
    """
    load = np.asarray(load_mw, dtype=np.float64)
    bad = np.flatnonzero(~(load > 0) | ~np.isfinite(load) | (load > supply_mw * (1 + 1e-12)))
    if load.ndim != 1 or not load.size or bad.size:
        raise InputError(
            "share",
            [Problem("load_mw", name_ids(bad), "no loads, not above 0, or more than the supply",
                     "a feeder above the supply can't have light")],
        )  # fmt: skip
    bound = min(1.0, float(supply_mw / load.sum()))
    sets = list(_turns(load, supply_mw, 3 * len(load)))
    known = {own.tobytes() for own in sets}
    time, share, worth = _weigh(sets)
    for _ in range(rounds):
        if share >= bound * (1 - CLOSE):
            break
        added = False
        for mix in (1.0, 0.8, 0.5, 0.2):
            own = fill(load, mix * worth / worth.sum() + (1 - mix) * load / load.sum(), supply_mw)
            if own.tobytes() not in known:
                known.add(own.tobytes())
                sets.append(own)
                added = True
        if not added:
            break
        time, share, worth = _weigh(sets)
    used = time > 0
    return Share(np.array(sets)[used], time[used], share, bound)


def _turns(load: Floats, supply_mw: float, turns: int) -> list[Flags]:
    """Let those with the least light so far go first, turn by turn."""
    had = np.zeros(len(load))
    sets: dict[bytes, Flags] = {}
    for _ in range(turns):
        # Large loads are harder to place: they go first among equals.
        order = np.lexsort((-load, had))
        own = _take(load, order, supply_mw)
        had += own
        sets.setdefault(own.tobytes(), own)
    return list(sets.values())


def _take(load: Floats, order: Ints, supply_mw: float) -> Flags:
    """Take what fits, in an order."""
    own = np.zeros(len(load), dtype=np.bool_)
    left = supply_mw
    for i in order:
        if load[i] <= left:
            own[i] = True
            left -= load[i]
    return own


def fill(load: Floats, worth: Floats, supply_mw: float) -> Flags:
    """Choose a set of much worth under the supply: by worth a megawatt, then by exchanges.

    Parameters
    ----------
    load
        Load of each feeder, MW.
    worth
        Worth of each feeder's light.
    supply_mw
        Supply, MW.

    Returns
    -------
    Flags
        Feeders that have light.
    """
    own = _take(load, np.argsort(-worth / load, kind="stable"), supply_mw)
    for _ in range(20):
        left = supply_mw - load[own].sum()
        inside, outside = np.flatnonzero(own), np.flatnonzero(~own)
        if not outside.size or not inside.size:
            break
        gain = worth[outside][None, :] - worth[inside][:, None]
        gain[load[outside][None, :] - load[inside][:, None] > left] = -np.inf
        i, j = np.unravel_index(np.argmax(gain), gain.shape)
        if gain[i, j] <= 1e-12:
            break
        own[inside[i]], own[outside[j]] = False, True
        own |= _take(load, outside[outside != outside[j]], supply_mw - load[own].sum()) & ~own
    return own


def _weigh(sets: list[Flags]) -> tuple[Floats, float, Floats]:
    """Give the sets their time: times, smallest part of the time lit, worth of each feeder."""
    lit = np.array(sets, dtype=np.float64)
    count, feeders = lit.shape
    result = linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.column_stack([-lit.T, np.ones(feeders)]), b_ub=np.zeros(feeders),
        A_eq=np.append(np.ones(count), 0.0)[None, :], b_eq=[1.0], method="highs",
    )  # fmt: skip
    time = np.maximum(np.asarray(result.x, dtype=np.float64)[:count], 0.0)
    time /= time.sum()
    # Rounding in the program may promise a little more than its times give.
    share = float((time @ lit).min())
    return time, share, np.asarray(-result.ineqlin.marginals, dtype=np.float64)
