"""The bound of siting with capacities: a price a head for every home, and each site on its own.

«Everybody is served once» is relaxed. At given prices each site takes the load worth most and
the sites worth most open; what that costs, with the prices, is never more than any answer
(Cornuejols, Sridharan and Thizy, 1991). Prices rise where nobody takes the people and fall
where several do.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._relax import served_by, site_worths, whole_worths
from vatra.warm_points.task import Floats, Ints, Task

_PATIENCE = 30
_SHORTEN = 0.7
FRESH, SMOOTH = 0.7, 0.25
"""Steps without a better bound before they are shortened, by what; and the weight of the new
direction against the last one, on the way and where places are short and prices swing. Tuned on
cities of 2,000 to 100,000 blocks."""
_SAFETY = 1e-9
"""Share of a bound that is given away for rounding errors of its sum."""
_PARALLEL_PAIRS = 200_000
"""Fewer pairs than these aren't worth a second thread."""
CLOSED, FREE, OPEN = -1, 0, 1


@dataclass
class Relaxed:
    """Where the relaxation stands; changed in place.

    Parameters
    ----------
    price
        By home: what a head pays, at the best bound; where homes out of reach cost more, then
        again by home what a head pays for having a site within reach.
    bound
        No answer costs less.
    share
        By site: how often it was among those worth most lately; tends to the fractional optimum.
    rent
        By site: what one more place would be worth at the best bound.
    state
        By site: 1 where every better answer has it open, -1 where none has, 0 otherwise.
    rounds
        Steps made.
    step
        Length of the next step, against that which would meet the best cost.
    fresh
        Weight of the new direction of a step against the last one.
    fewest
        Any better answer opens at least so many.
    """

    price: Floats
    bound: float
    share: Floats
    rent: Floats
    state: NDArray[np.int8]
    rounds: int = 0
    step: float = 1.0
    fresh: float = FRESH
    fewest: int = 0


def first_prices(task: Task) -> Relaxed:
    """Start with what the sites cost that each home could expect to find open.

    Parameters
    ----------
    task
        The problem.
    """
    order = np.lexsort((task.cost, task.home))
    counts = np.bincount(task.home, minlength=task.homes)
    first = np.concatenate([[0], np.cumsum(counts)])[:-1]
    rank = int(1.5 * task.candidates / max(task.sites, 1))
    price = task.unserved.copy()
    has = counts > 0
    at = first[has] + np.minimum(rank, counts[has] - 1)
    price[has] = task.cost[order[at]]
    state = np.where(task.fixed, OPEN, np.where(task.capacity > 0, FREE, CLOSED)).astype(np.int8)
    zeros = np.zeros(task.candidates)
    return Relaxed(with_away(task, price), 0.0, zeros, zeros.copy(), state)


def with_away(task: Task, price: Floats) -> Floats:
    """Append prices for having a site within reach, where that counts.

    Parameters
    ----------
    task
        The problem.
    price
        By home: what a head pays to be served.
    """
    return np.concatenate([price, np.zeros(task.homes)]) if task.away.size else price


class AtPrices:
    """What the sites are worth at given prices, each on its own, and whom they would serve.

    Parameters
    ----------
    task
        The problem.
    pool
        Threads to share the work, if any.
    """

    def __init__(self, task: Task, pool: ThreadPoolExecutor | None) -> None:
        self.task, self.pool = task, pool
        self.need = task.need.astype(np.float64)
        # «A site within reach» is a second wish of every home, of as many heads, that takes no
        # places: its price times the heads goes to every open site in reach.
        self.heads, self.most = self.need, task.unserved
        if task.away.size:
            heads = np.maximum(self.need, 1.0)
            self.heads = np.concatenate([self.need, heads])
            self.most = np.concatenate([task.unserved, task.away / heads])
        self.capacity = task.capacity.astype(np.float64)
        self.cuts = np.linspace(0, task.candidates, 9).astype(np.int64).tolist()
        self.worth, self.rent = np.zeros(task.candidates), np.zeros(task.candidates)
        self.inside = np.zeros(task.pairs if task.whole_homes else 0, dtype=bool)

    def net(self, price: Floats) -> Floats:
        """Worth of each site's best load, less what it costs to open it."""
        task = self.task
        more = -task.opening
        if task.away.size:
            paid = (price * self.heads)[task.homes :]
            upto = np.concatenate([[0.0], np.cumsum(paid[task.home])])
            more = more + np.diff(upto[task.ptr])
        return self.worths(price[: task.homes]) + more

    def fewest(self, state: NDArray[np.int8], enough: float) -> int:
        """Tell how few sites an answer can do with that costs no more than this.

        Its open sites have places for all but those whom it can afford to leave out. The
        relaxation forgets that sites open as a whole (Cornuejols, Sridharan and Thizy, 1991).

        Parameters
        ----------
        state
            By site: 1 open, -1 closed, 0 to be decided.
        enough
            What the answer may cost.
        """
        task = self.task
        dear = float(task.unserved[task.need > 0].min(initial=np.inf))
        if not (np.isfinite(enough) and 0.0 < dear < np.inf):
            return 0
        wanted = float(task.need.sum()) - np.floor(enough / dear * (1.0 + _SAFETY))
        stay = state == OPEN
        room = float(task.capacity[stay].sum())
        more = np.cumsum(np.sort(task.capacity[state == FREE])[::-1])
        if wanted <= room:
            return int(stay.sum())
        # Where even all together are too few, no answer is as cheap, and any number will do.
        return min(int(stay.sum() + np.searchsorted(more, wanted - room)) + 1, task.sites)

    def worths(self, price: Floats) -> Floats:
        """Worth of each site's best load."""
        task = self.task
        shape = (task.ptr, task.home, task.cost, price)
        if task.whole_homes:
            whole_worths(*shape, task.need, task.capacity, self.worth, self.inside)
            return self.worth
        rest = (*shape, self.need, self.capacity, self.worth, self.rent)
        if self.pool is None:
            site_worths(0, task.candidates, *rest)
        else:
            jobs = [self.pool.submit(site_worths, a, b, *rest) for a, b in pairwise(self.cuts)]
            for job in jobs:
                job.result()
        return self.worth

    def served(self, chosen: Ints, price: Floats) -> Floats:
        """By home: heads in the best loads of some sites, each site counted on its own."""
        task = self.task
        inside = self.loads(chosen, price[: task.homes])
        if not task.away.size:
            return inside
        pair, _ = task.pairs_of(chosen)
        near = np.bincount(task.home[pair], minlength=task.homes)
        return np.concatenate([inside, near * self.heads[task.homes :]])

    def loads(self, chosen: Ints, price: Floats) -> Floats:
        """By home: heads in the best loads of some sites."""
        task = self.task
        if task.whole_homes:
            pair, _ = task.pairs_of(chosen)
            home = task.home[pair[self.inside[pair]]]
            return np.bincount(home, self.need[home], minlength=task.homes).astype(np.float64)
        served = np.zeros(task.homes)
        shape = (task.ptr, task.home, task.cost, price)
        served_by(chosen, *shape, self.need, self.capacity, self.rent, served)
        return served


def raise_bound(  # noqa: PLR0917
    task: Task,
    at: Relaxed,
    best_cost: float,
    rounds: int,
    stop_at: float = np.inf,
    cooling: float = 1.0,
    kind: type[AtPrices] | None = None,
) -> None:
    """Raise the bound, and tell which sites no better answer opens or closes.

    Parameters
    ----------
    task
        The problem.
    at
        Where the relaxation stands; changed in place.
    best_cost
        Cost of the best answer known, infinite if there is none; of better answers alone is
        told how few sites they can do with (`AtPrices.fewest`).
    rounds
        Steps, at most.
    stop_at
        Moment of the steady clock to stop at.
    cooling
        What each step is shortened by.
    kind
        What tells the sites' worth, where it isn't each on its own.
    """
    kind = kind or AtPrices
    threads = cpu_count() or 1
    if task.pairs < _PARALLEL_PAIRS or threads == 1:
        _climb(kind(task, None), at, best_cost, rounds, stop_at, cooling)
        return
    with ThreadPoolExecutor(threads) as pool:
        _climb(kind(task, pool), at, best_cost, rounds, stop_at, cooling)


def _climb(  # noqa: PLR0917
    sites: AtPrices,
    at: Relaxed,
    best_cost: float,
    rounds: int,
    stop_at: float,
    cooling: float,
) -> None:
    task, need = sites.task, sites.heads
    direction = np.zeros(need.size)
    price, stale = at.price, 0
    enough = best_cost - tolerance(task, best_cost)
    at.fewest = sites.fewest(at.state, enough)
    for _ in range(rounds):
        at.step *= cooling
        net = sites.net(price)
        chosen = _worth_most(task, net, at.state, at.fewest)
        value = float(price @ need - net[chosen].sum())
        at.rounds += 1
        at.share *= 0.95
        at.share[chosen] += 0.05
        at_end = (chosen.size <= at.fewest, chosen.size >= task.sites)
        _settle(at, net, chosen, at_end, enough - value)
        if value > at.bound + 1e-7 * abs(value):
            at.bound, at.price, at.rent, stale = value, price, sites.rent.copy(), 0
        else:
            stale += 1
        if at.bound >= enough or time.monotonic() > stop_at:
            return
        served = sites.served(chosen, price)
        if stale >= _PATIENCE:
            at.step, stale, price = at.step * _SHORTEN, 0, at.price
            if at.step < 1e-3:
                return
        slope = np.where(need > 0, 1.0 - served / np.maximum(need, 1.0), 0.0)
        if task.away.size:
            # Most homes have several sites in reach and pay nothing for it: no way down there.
            blocked = (price <= 0.0) & (slope < 0.0)
            blocked[: task.homes] = False
            slope[blocked] = 0.0
        direction = (1 - at.fresh) * direction + at.fresh * slope
        norm = float(need @ direction**2)
        if norm == 0.0:
            return
        away = best_cost - value if np.isfinite(best_cost) else 0.05 * abs(value)
        move = at.step * max(away, 1e-6) / norm * direction
        price = np.clip(price + move, 0.0, sites.most)


def safe_bound(at: Relaxed) -> float:
    """Return the bound less what rounding may have added to it."""
    return at.bound - _SAFETY * abs(at.bound)


def tolerance(task: Task, cost: float) -> float:
    """By how much less a better answer must cost to be worth a search.

    Parameters
    ----------
    task
        The problem.
    cost
        Cost of the best answer known.
    """
    if not np.isfinite(cost):
        return 0.0
    return 1.0 - 1e-6 if task.whole_costs else 1e-6 * abs(cost)


def _worth_most(task: Task, net: Floats, state: NDArray[np.int8], fewest: int) -> Ints:
    """Sites worth most among those that may open, as many as there are at least and at most.

    Fixed ones come first.
    """
    rank = np.where(state == OPEN, np.inf, np.where(state == CLOSED, -np.inf, net))
    if task.sites <= 0:
        return np.zeros(0, dtype=np.int64)
    best = np.argpartition(-rank, task.sites - 1)[: task.sites]
    if not fewest:
        return best[rank[best] > 0].astype(np.int64)
    best = best[np.argsort(-rank[best], kind="stable")]
    count = max(fewest, int((rank[best] > 0).sum()))
    return best[:count][rank[best[:count]] > -np.inf].astype(np.int64)


def _settle(
    at: Relaxed, net: Floats, chosen: Ints, at_end: tuple[bool, bool], slack: float
) -> None:
    """Fix the sites whose change would raise the bound by the slack to the best cost known.

    `at_end` tells whether fewer sites can't be, and whether more can't.
    """
    if not np.isfinite(slack):
        return
    few, full = at_end
    is_open = np.zeros(net.size, dtype=bool)
    is_open[chosen] = True
    free = at.state == FREE
    inside, outside = free & is_open, free & ~is_open
    # Who opens pushes out the least of those inside, if there is no room for more, or if that
    # one is open for the number's sake only.
    least = float(net[inside].min(initial=np.inf))
    least = least if full else min(least, 0.0)
    # Who closes makes room for the best outside, if that is worth anything or must be.
    most = float(net[outside].max(initial=-np.inf))
    most = most if few else max(most, 0.0)
    more = slack + _SAFETY * abs(at.bound)
    at.state[outside & (least - net > more)] = CLOSED
    at.state[inside & (net - most > more)] = OPEN
