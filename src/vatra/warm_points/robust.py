"""The same sites for many scenarios: good on average and in the worst of them, with a bound.

Who goes where may differ from scenario to scenario, the sites may not. At given weights of the
scenarios this is siting at least cost with one set of homes a scenario, and its Lagrangian bound
holds. The tail mean is the dearest weighting allowed (Rockafellar and Uryasev, 2000), so the bound
at any allowed weights is one for mean and tail together.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._exchange import exchange_at_rents
from vatra.warm_points.relax import (
    CLOSED,
    FREE,
    OPEN,
    SMOOTH,
    AtPrices,
    Relaxed,
    first_prices,
    raise_bound,
    safe_bound,
)
from vatra.warm_points.serve import Served, serve_at
from vatra.warm_points.task import Floats, Ints, Task

TAIL = 0.75
TAIL_WEIGHT = 0.5
"""The tail are the worst quarter of the scenarios; it counts as much as the mean (assumed)."""
_TURNS = 4
_EXCHANGES = 3
_FIRST_STEP, _LAST_STEP = 0.5, 0.03


@dataclass(frozen=True)
class Robust:
    """Sites for many scenarios.

    Parameters
    ----------
    chosen
        Open sites, ascending.
    served
        Who goes where, by scenario.
    costs
        Cost by scenario.
    mean, tail
        Mean of the costs, and their mean over the worst scenarios.
    cost, bound
        What is minimised, mean and tail as weighted; no choice of sites has less than the bound.
    seconds
        Time that it took.
    """

    chosen: Ints
    served: tuple[Served, ...]
    costs: Floats
    mean: float
    tail: float
    cost: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """How much less another choice can cost at most, as a share."""
        return 0.0 if self.cost <= 0 else max(self.cost - self.bound, 0.0) / self.cost


def tail_weights(costs: Floats, chance: Floats, tail: float) -> Floats:
    """Weights of the scenarios whose weighted sum of costs is the tail mean.

    Parameters
    ----------
    costs, chance
        Cost and chance of each scenario.
    tail
        Share of the chance that isn't in the tail, 0 to less than 1.
    """
    weights = np.zeros(costs.size)
    left = 1.0
    for s in np.argsort(-costs, kind="stable"):
        weights[s] = min(chance[s] / (1.0 - tail), left)
        left -= weights[s]
    return weights


def robust_sites(
    tasks: Sequence[Task],
    *,
    chance: Floats | None = None,
    tail: float = TAIL,
    tail_weight: float = TAIL_WEIGHT,
    rounds: int = 400,
    seconds: float = 600.0,
    rng: np.random.Generator | None = None,
) -> Robust:
    """Choose the same sites for all scenarios, for the mean of their costs and the tail mean.

    Parameters
    ----------
    tasks
        The problem in each scenario: the same sites in the same order, as many of which may
        open, with the same opening costs; homes, walks and places may differ. Homes may be split.
    chance
        Chance of each scenario; alike by default.
    tail
        Share of the chance that isn't in the tail.
    tail_weight
        What the tail mean counts, 0 to 1, against the mean.
    rounds
        Steps of the bound, at most.
    seconds
        Time after which the search ends with what it has.
    rng
        Source of randomness.

    Returns
    -------
    Robust
        The best sites found, with the bound.
    """
    began = time.monotonic()
    first, count = tasks[0], len(tasks)
    if any(t.candidates != first.candidates or t.sites != first.sites for t in tasks):
        raise ValueError("all scenarios need the same sites, and as many of them open")
    if any(t.whole_homes or t.away.size for t in tasks):
        raise ValueError("homes can't be whole here, nor cost for having no site in reach")
    rng = np.random.default_rng(0) if rng is None else rng
    chance = np.full(count, 1.0 / count) if chance is None else chance / chance.sum()

    def value(costs: Floats) -> float:
        worst = float(tail_weights(costs, chance, tail) @ costs)
        return (1.0 - tail_weight) * float(chance @ costs) + tail_weight * worst

    nothing: tuple[Served, ...] = ()
    total, best, served_best, costs_best = np.inf, np.zeros(0, np.int64), nothing, np.zeros(count)
    bound, dual = 0.0, chance.copy()
    price = np.concatenate([first_prices(t).price for t in tasks])
    homes = np.repeat(np.arange(count), [t.homes for t in tasks])
    for turn in range(_TURNS):
        weights = (1.0 - tail_weight) * chance + tail_weight * dual
        stack = _stacked(tasks, weights)
        state = np.where(first.fixed, OPEN, _openable(tasks)).astype(np.int8)
        zeros = np.zeros(first.candidates)
        at = Relaxed(
            np.minimum(price * weights[homes], stack.unserved), 0.0, zeros, zeros.copy(), state,
            fresh=SMOOTH,
        )  # fmt: skip
        steps = rounds // (2 if turn == 0 else 2 * (_TURNS - 1))
        upto = float(weights @ costs_best) if turn else np.inf
        at.step = _FIRST_STEP if turn else 1.0
        cooling = (_LAST_STEP / _FIRST_STEP) ** (1.0 / max(steps, 1)) if turn else 1.0
        stop_at = began + seconds * (turn + 0.7) / _TURNS
        raise_bound(stack, at, upto, steps, stop_at, cooling, kind=_Together)
        bound = max(bound, safe_bound(at))
        price = at.price / np.maximum(weights, 1e-12)[homes]
        is_open = _most_chosen(first, at, state)
        rent = at.rent.copy()
        for _ in range(_EXCHANGES):
            _exchange(stack, count, is_open, first.fixed, rent, rng.permutation(_core(state)))
            chosen = np.flatnonzero(is_open)
            with ThreadPoolExecutor() as pool:
                served = tuple(pool.map(lambda t, c=chosen: serve_at(t, c), tasks))
            costs = np.array([s.cost for s in served])
            if value(costs) < total:
                total, best, served_best, costs_best = value(costs), chosen, served, costs
            if time.monotonic() > stop_at:
                break
        dual = (turn * dual + tail_weights(costs_best, chance, tail)) / (turn + 1.0)
        if time.monotonic() - began > seconds:
            break
    worst = float(tail_weights(costs_best, chance, tail) @ costs_best)
    return Robust(
        best, served_best, costs_best, float(chance @ costs_best), worst, total, min(bound, total),
        time.monotonic() - began,
    )  # fmt: skip


class _Together(AtPrices):
    """Sites that open in all scenarios or in none: rows of the task are site by scenario."""

    def net(self, price: Floats) -> Floats:
        count = self.task.candidates // self.task.opening.size
        net: Floats = self.worths(price).reshape(-1, count).sum(axis=1) - self.task.opening
        return net

    def fewest(self, state: NDArray[np.int8], enough: float) -> int:  # noqa: ARG002
        return 0  # not told: places differ between scenarios

    def loads(self, chosen: Ints, price: Floats) -> Floats:
        count = self.task.candidates // self.task.opening.size
        rows = (chosen[:, None] * count + np.arange(count)).ravel()
        return super().loads(rows.astype(np.int64), price)


def _stacked(tasks: Sequence[Task], weights: Floats) -> Task:
    """Put the scenarios side by side: a row a site and scenario, costs as weighted."""
    count, first = len(tasks), tasks[0]
    shift = np.concatenate([[0], np.cumsum([t.homes for t in tasks])])
    row = np.concatenate([t.site.astype(np.int64) * count + s for s, t in enumerate(tasks)])
    order = np.argsort(row, kind="stable")
    home = np.concatenate([t.home + np.int32(shift[s]) for s, t in enumerate(tasks)])[order]
    cost = np.concatenate([t.cost * weights[s] for s, t in enumerate(tasks)])[order]
    counts = np.bincount(row, minlength=first.candidates * count)
    return Task(
        ptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        home=home.astype(np.int32),
        cost=cost,
        need=np.concatenate([t.need for t in tasks]),
        capacity=np.stack([t.capacity for t in tasks], axis=1).ravel(),
        opening=first.opening,
        unserved=np.concatenate([t.unserved * weights[s] for s, t in enumerate(tasks)]),
        sites=first.sites,
        fixed=first.fixed,
        whole_homes=False,
        whole_costs=False,
    )


def _openable(tasks: Sequence[Task]) -> NDArray[np.int64]:
    places = np.max([t.capacity for t in tasks], axis=0)
    return np.where(places > 0, FREE, CLOSED)


def _core(state: NDArray[np.int8]) -> Ints:
    return np.flatnonzero(state != CLOSED)


def _most_chosen(task: Task, at: Relaxed, state: NDArray[np.int8]) -> NDArray[np.bool_]:
    rank = np.where(task.fixed, 3.0, np.where(state == CLOSED, -1.0, at.share))
    best = np.argsort(-rank, kind="stable")[: task.sites]
    is_open = np.zeros(rank.size, dtype=bool)
    is_open[best[rank[best] >= 0]] = True
    return is_open


def _exchange(  # noqa: PLR0917
    stack: Task, count: int, is_open: NDArray[np.bool_], fixed: NDArray[np.bool_], rent: Floats,
    core: Ints,
) -> None:  # fmt: skip
    """Exchange sites at the rents of all scenarios together."""
    row = stack.site
    heads = stack.need[stack.home].astype(np.float64)
    cost = (stack.cost + rent[row]) * heads
    site = (row // count).astype(np.int32)
    order = np.lexsort((cost, stack.home))
    counts = np.bincount(stack.home, minlength=stack.homes)
    exchange_at_rents(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        site[order],
        cost[order],
        stack.ptr[::count].copy(),
        stack.home,
        cost,
        stack.unserved * stack.need,
        is_open,
        fixed,
        stack.opening - (rent * stack.capacity).reshape(-1, count).sum(axis=1),
        core,
        stack.sites,
        100 * is_open.size,
        False,
    )
