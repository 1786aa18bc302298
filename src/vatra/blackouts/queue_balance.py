"""Which feeder is in which queue: balanced in load, people and critical load, by substation.

A queue that is dark should take as much load off as any other, strike as many people, and as
little critical load, and should not black out a substation at one blow. Feeders are dealt out
largest first and then exchanged while that helps; when loads drift, as few as possible move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from vatra.blackouts.files_fairness import weight_of
from vatra.blackouts.queues import queue_order
from vatra.blackouts.task import Flags, Floats, Ints
from vatra.problems import InputError, Problem, name_ids

SUBSTATION = 0.05
"""Weight of the balance within substations, beside that of the whole; *assumed*."""

ROUNDS = 6
"""Most rounds of exchanges."""

EXACT = 3000
"""Feeders times queues up to which the fewest moves are searched for exactly."""

NODES = 20_000
"""Nodes of that search, not seconds, end it, so that the same table gives the same answer."""

FREE, NODES_PART = 150, 500
"""Feeders beside those that have to move that may, where there are more of them, and nodes then."""

CANDIDATES = 48
"""Feeders that each is tried to be swapped with."""

SHARE = 0.05
"""Share of the mean by which a queue may be off."""


@dataclass(frozen=True)
class QueuePlan:
    """Queues of feeders.

    Parameters
    ----------
    queue
        By ``feeder_id``, empty for feeders that planned cuts don't touch.
    moves
        Feeders whose queue changes: by ``feeder_id``, ``was`` and ``queue``.
    moves_bound
        No assignment within the tolerance moves fewer; 0 where nothing is to be kept.
    balance
        By queue: ``feeders``, ``load_mw``, ``people``, ``critical_mw``, and the share by which
        each of the latter three is off the mean (``load_off``, ``people_off``, ``critical_off``).
    kept
        Whether every queue's load and people are within the tolerance.
    """

    queue: pd.Series[str]
    moves: pd.DataFrame
    moves_bound: int
    balance: pd.DataFrame
    kept: bool

    @property
    def proved(self) -> bool:
        """Whether no assignment within the tolerance moves fewer feeders."""
        return self.kept and len(self.moves) == self.moves_bound


def queue_names(queues: int = 6, parts: int = 2) -> tuple[str, ...]:
    """Name queues and their parts, as «1.1» and «1.2», or «1» and «2» where there are none.

    Parameters
    ----------
    queues, parts
        Numbers of them, 1 or more.
    """
    if not (1 <= queues <= 1000 and 1 <= parts <= 100):
        raise InputError("queues", [
            Problem("queues", f"{queues} × {parts}", "no such numbers of queues and parts",
                    "1 to 1000 queues of 1 to 100 parts")
        ])  # fmt: skip
    if parts == 1:
        return tuple(str(queue) for queue in range(1, queues + 1))
    return tuple(f"{q}.{p}" for q in range(1, queues + 1) for p in range(1, parts + 1))


def balance_queues(
    feeders: pd.DataFrame, load_mw: Floats, *, names: Sequence[str] | None = None
) -> QueuePlan:
    """Spread feeders over queues so that all take off as much load and strike as many people.

    Parameters
    ----------
    feeders
        By ``feeder_id``: ``protected``, ``reserved``, ``residents`` or ``customers``,
        ``critical_mw``, ``substation_id``; none is required.
    load_mw
        Mean load of each, MW.
    names
        Names of the queues; 6 × 2 if None.

    Returns
    -------
    QueuePlan
        The queues.
    """
    names = list(queue_names() if names is None else names)
    table, load = _checked(feeders, load_mw)
    own = _rotated(table)
    weights = _weights(table, load)[own]
    at = _deal(weights, len(names))
    at = _exchange(weights, at, len(names))
    queue = np.full(len(table), "", dtype=object)
    queue[own] = np.asarray(names, dtype=object)[at]
    return _plan(table, load, pd.Series(queue, index=table.index, dtype="object"), names, 0, None)


def rebalance_queues(
    feeders: pd.DataFrame, load_mw: Floats, *, tolerance: float = SHARE
) -> QueuePlan:
    """Bring queues that have drifted apart back into balance with the fewest moves.

    Parameters
    ----------
    feeders
        As in `balance_queues`, with ``queue``. Feeders without one that may be cut get one, which
        counts as no move.
    load_mw
        Mean load of each now, MW.
    tolerance
        Share of the mean by which a queue's load and people may be off, above 0.

    Returns
    -------
    QueuePlan
        The queues and the moves, with a bound on their number: exact where feeders times queues
        are `EXACT` or fewer and the search ends, else of the linear relaxation. Where no
        assignment is within the tolerance, the nearest found, and ``kept`` is False.
    """
    if not 0 < tolerance < 1:
        raise InputError("queues", [Problem("tolerance", f"{tolerance:g}", "not a share",
                                            "above 0, below 1")])  # fmt: skip
    table, load = _checked(feeders, load_mw)
    if "queue" not in table or not (table["queue"].fillna("") != "").any():
        raise InputError("queues", [Problem("queue", "", "no feeder has a queue",
                                            "balance them anew instead")])  # fmt: skip
    was = table["queue"].astype("object").where(table["queue"].notna(), "").map(str)
    own = _rotated(table)
    names = sorted({name for name in was[own] if name}, key=queue_order)
    weights = _weights(table, load)[own]
    now = np.array([names.index(name) if name else -1 for name in was[own]], dtype=np.int64)
    at, bound = _fewest_moves(weights[:, :2], now, len(names), tolerance)
    queue = np.full(len(table), "", dtype=object)
    queue[own] = np.asarray(names, dtype=object)[at]
    new = pd.Series(queue, index=table.index, dtype="object")
    return _plan(table, load, new, names, bound, was, tolerance)


def _checked(feeders: pd.DataFrame, load_mw: Floats) -> tuple[pd.DataFrame, Floats]:
    load = np.asarray(load_mw, dtype=np.float64)
    problems = []
    if load.shape != (len(feeders),) or not (np.isfinite(load) & (load >= 0)).all():
        problems.append(Problem("load_mw", str(load.shape), "not MW of 0 or more by feeder"))
    twice = feeders.index[feeders.index.duplicated()]
    if len(twice):
        problems.append(Problem("feeders", name_ids(twice.unique()), "the id is there twice"))
    if problems:
        raise InputError("queues", problems)
    return feeders, load


def _rotated(table: pd.DataFrame) -> Flags:
    kept = np.zeros(len(table), dtype=np.bool_)
    for column in ("protected", "reserved"):
        if column in table:
            kept |= np.asarray(table[column].fillna(value=False), dtype=np.bool_)
    return ~kept


def _weights(table: pd.DataFrame, load: Floats) -> Floats:
    """Feeder × what is balanced, each in shares of its sum over a mean queue's weight."""
    critical = np.zeros(len(table))
    if "critical_mw" in table:
        critical = pd.to_numeric(table["critical_mw"], errors="coerce").fillna(0.0).to_numpy(float)
    columns = [load, weight_of(table) if len(table) else load, critical]
    scale = [1.0, 1.0, 0.3]
    if "substation_id" in table:
        names = table["substation_id"].fillna("").to_numpy()
        for name in sorted(set(names) - {""}):
            columns.append(np.where(names == name, load, 0.0))
            scale.append(SUBSTATION)
    stacked = np.stack(columns, axis=1)
    total = np.maximum(stacked[_rotated(table)].sum(axis=0), 1e-12)
    return np.asarray(stacked / total * np.asarray(scale), dtype=np.float64)


def _deal(weights: Floats, count: int) -> Ints:
    """Largest first, each where the squares of the sums grow least."""
    at = np.zeros(len(weights), dtype=np.int64)
    total = np.zeros((count, weights.shape[1]))
    for f in np.argsort(-weights[:, :2].sum(axis=1), kind="stable"):
        at[f] = int(np.argmin(total @ weights[f]))
        total[at[f]] += weights[f]
    return at


def _exchange(weights: Floats, at: Ints, count: int) -> Ints:
    """Move or swap feeders between queues while the sum of squares falls."""
    at = at.copy()
    total = np.zeros((count, weights.shape[1]))
    np.add.at(total, at, weights)
    square = np.square(weights).sum(axis=1)
    for _ in range(ROUNDS):
        changed = False
        for f in range(len(weights)):
            gain = (total - total[at[f]]) @ weights[f] + square[f]
            gain[at[f]] = 0.0
            to = int(np.argmin(gain))
            if gain[to] < -1e-12:
                total[at[f]] -= weights[f]
                total[to] += weights[f]
                at[f] = to
                changed = True
                continue
            changed |= _swap(weights, at, total, f)
        if not changed:
            break
    return at


def _swap(weights: Floats, at: Ints, total: Floats, f: int) -> bool:
    """Swap a feeder with the one of another queue where that helps most; True where it did."""
    some = np.arange(f % max(1, len(at) // CANDIDATES), len(at), max(1, len(at) // CANDIDATES))
    diff = weights[some] - weights[f]  # what the own queue would gain
    gain = np.einsum("fd,fd->f", diff, total[at[f]][None, :] - total[at[some]] + diff)
    gain[at[some] == at[f]] = 0.0
    best = int(np.argmin(gain))
    if gain[best] >= -1e-12:
        return False
    g = int(some[best])
    total[at[f]] += diff[best]
    total[at[g]] -= diff[best]
    at[f], at[g] = at[g], at[f]
    return True


def _fewest_moves(weights: Floats, now: Ints, count: int, tolerance: float) -> tuple[Ints, int]:
    """Assign within the tolerance with the fewest moves, and bound them."""
    feeders = len(weights)
    stay = np.zeros((feeders, count))
    stay[np.arange(feeders)[now >= 0], now[now >= 0]] = 1.0
    cost = np.where((now >= 0)[:, None], 1.0 - stay, 0.0)
    # Among as few moves, those of little load.
    cost += 1e-4 * (cost > 0) * weights[:, :1] / max(float(weights[:, 0].max()), 1e-12)
    index = np.arange(feeders * count)
    one = coo_array((np.ones(len(index)), (index // count, index)), shape=(feeders, len(index)))
    constraints = [LinearConstraint(one, 1.0, 1.0)]
    for weight in weights.T:
        mean = float(weight.sum()) / count
        per = coo_array((weight[index // count], (index % count, index)), shape=(count, len(index)))
        constraints.append(LinearConstraint(per, (1 - tolerance) * mean, (1 + tolerance) * mean))
    relaxed = milp(cost.ravel(), constraints=constraints, bounds=Bounds(0, 1))
    if relaxed.x is None:  # not even by parts of feeders
        return _repair(weights, now, count, tolerance), 0
    bound = _whole(relaxed.fun)
    exact = feeders * count <= EXACT
    least = np.zeros((feeders, count))
    if not exact:
        # Most stay where they are at the best parts of feeders too: only the others, and some
        # of each queue to exchange with, are left to choose.
        settled = (relaxed.x.reshape(feeders, count) > 1.0 - 1e-6) & (stay > 0)
        settled[:: max(1, feeders // FREE)] = False
        least = settled.astype(np.float64)
    found = milp(
        cost.ravel(), constraints=constraints, bounds=Bounds(least.ravel(), 1.0),
        integrality=np.ones(feeders * count, dtype=np.int64),
        options={"node_limit": NODES if exact else NODES_PART, "mip_rel_gap": 1e-3},
    )  # fmt: skip
    if exact and found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        bound = max(bound, _whole(found.mip_dual_bound))
    if found.x is not None:
        return np.asarray(found.x.reshape(feeders, count).argmax(axis=1), np.int64), bound
    return _repair(weights, now, count, tolerance), bound


def _whole(value: float) -> int:
    """Fewest whole moves that a cost with its trace for loads allows."""
    return max(0, int(np.ceil(value / (1.0 + 1e-4) - 1e-6)))


def _repair(weights: Floats, now: Ints, count: int, tolerance: float) -> Ints:
    """Move one feeder after the other, each time the one that mends most, until all is within."""
    at = now.copy()
    total = np.zeros((count, weights.shape[1]))
    np.add.at(total, at[at >= 0], weights[at >= 0])
    for f in np.flatnonzero(at < 0)[np.argsort(-weights[at < 0, 0], kind="stable")]:
        at[f] = int(np.argmin(total @ weights[f]))
        total[at[f]] += weights[f]
    mean = weights.sum(axis=0) / count
    band = tolerance * mean

    def off(sums: Floats) -> Floats:
        return np.asarray((np.maximum(np.abs(sums - mean) - band, 0.0) / mean).sum(axis=-1))

    for _ in range(len(weights)):
        now_off = off(total)
        if not now_off.sum() > 1e-12:
            break
        best, move = -1e-12, (0, 0)
        less = off(total[at] - weights) - now_off[at]
        for to in range(count):
            gain = np.where(at == to, 0.0, less + off(total[to] + weights) - now_off[to])
            f = int(np.argmin(gain))
            if gain[f] < best:
                best, move = float(gain[f]), (f, to)
        if best >= -1e-12:
            break
        f, to = move
        total[at[f]] -= weights[f]
        total[to] += weights[f]
        at[f] = to
    return at


def _plan(  # noqa: PLR0917 - what a plan is told from
    table: pd.DataFrame, load: Floats, queue: pd.Series[str], names: list[str], bound: int,
    was: pd.Series[str] | None, tolerance: float = SHARE,
) -> QueuePlan:  # fmt: skip
    critical = np.zeros(len(table))
    if "critical_mw" in table:
        critical = pd.to_numeric(table["critical_mw"], errors="coerce").fillna(0.0).to_numpy(float)
    own = queue.to_numpy() != ""
    rows = pd.DataFrame({
        "feeders": 1, "load_mw": load, "people": weight_of(table), "critical_mw": critical,
    })  # fmt: skip
    sums = rows[own].groupby(queue.to_numpy()[own]).sum().reindex(names).fillna(0.0)
    sums["feeders"] = sums["feeders"].astype(int)
    for name in ("load_mw", "people", "critical_mw"):
        mean = float(sums[name].mean())
        off = sums[name] / mean - 1.0 if mean > 0 else 0.0 * sums[name]
        sums[f"{name.removesuffix('_mw')}_off"] = off
    worst = sums[["load_off", "people_off"]].abs().to_numpy().max(initial=0.0)
    moves = pd.DataFrame({"was": [], "queue": []}, dtype="object")
    if was is not None:
        moved = (was != queue) & (was != "") & own
        moves = pd.DataFrame({"was": was[moved], "queue": queue[moved]})
    return QueuePlan(
        queue, moves.rename_axis("feeder_id"), bound, sums.rename_axis("queue"),
        bool(worst <= tolerance + 1e-9),
    )  # fmt: skip
