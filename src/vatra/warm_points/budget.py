"""Siting over sizes: which sites to open how large, within a budget, with a bound.

«Everybody is served once» is relaxed as in `vatra.warm_points.relax`; each site then is worth
most in one of its sizes, and the budget is a second price, found exactly at every step: the bound
is that of the multiple-choice knapsack's linear relaxation (Sinha and Zoltners, 1979) over them.
Answers come from the exchange of sites at those prices, from moving money between sites with the
exact flow as judge, and, where the problem is small, from a mixed-integer program.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points.budget_exact import decide_sizes
from vatra.warm_points.capacitated import Swaps
from vatra.warm_points.relax import SMOOTH, AtPrices, first_prices
from vatra.warm_points.serve import Served, serve_at
from vatra.warm_points.sizes import Sizes
from vatra.warm_points.task import Floats, Ints, Task

ROUNDS, SMALL_ROUNDS = 300, 900
"""Steps of the bound, and where there are few pairs."""
_FEW_PAIRS = 200_000
_PARTS = 5
"""Times that an answer is looked for on the way."""
_EXCHANGES = 3
"""Rounds of exchange and flow each time."""
_MOVES_PAIRS, _MOST_MOVES, _LEAST_MOVES = 5e6, 300, 12
"""Exact flows tried to move money between sites, each time: so many pairs' worth, at most and at
least so many (assumed: seconds)."""
_BISECTIONS = 40
_PATIENCE, _SHORTEN = 20, 0.7
_PROVED = 1e-6


@dataclass(frozen=True)
class Bought:
    """Which sites to open in which size.

    Parameters
    ----------
    level
        By site: its level, -1 where it stays closed.
    spent
        Money.
    cost, bound
        What the walks cost, with those who have no place or no site in reach; no choice within
        the budget costs less than the bound.
    status
        ``optimal`` (to a millionth) or ``search ended``.
    """

    level: Ints
    spent: float
    cost: float
    bound: float
    status: str

    @property
    def gap(self) -> float:
        """How much less another choice can cost at most, as a share."""
        return 0.0 if self.cost <= 0 else max(self.cost - self.bound, 0.0) / self.cost


@dataclass
class _Search:
    task: Task
    sizes: Sizes
    budget: float
    bound: float = 0.0
    cost: float = np.inf
    level: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def proved(self) -> bool:
        return self.bound >= self.cost * (1.0 - _PROVED)

    def spent(self, level: Ints) -> float:
        chosen = np.flatnonzero(level >= 0)
        return float(self.sizes.cost[chosen, level[chosen]].sum())

    def allowed(self, level: Ints) -> bool:
        few = int((level >= 0).sum()) <= self.task.sites
        return few and self.spent(level) <= self.budget * (1 + 1e-12) + 1e-9

    def sized(self, level: Ints) -> Task:
        """Return the problem with sites of these sizes; closed ones have no places."""
        places = self.sizes.places[np.arange(level.size), np.maximum(level, 0)]
        return replace(self.task, capacity=np.where(level >= 0, places, 0))

    def serve(self, level: Ints) -> Served:
        served = serve_at(self.sized(level), np.flatnonzero(level >= 0))
        if served.cost < self.cost and self.allowed(level):
            self.cost, self.level = served.cost, level.copy()
        return served


def sites_in_budget(
    task: Task, sizes: Sizes, budget: float, *, rounds: int | None = None, exact_s: float = 60.0
) -> Bought:
    """Choose which sites to open in which size, so that all is within a budget and costs least.

    Parameters
    ----------
    task
        The problem; its capacities are the largest of each site's sizes, opening costs nothing,
        homes may be split. ``sites`` holds as well as the budget.
    sizes
        The sizes of each site.
    budget
        Money.
    rounds
        Steps of the bound; by the size of the problem by default.
    exact_s
        Time that small problems may take to be decided, seconds.
    """
    if task.whole_homes:
        raise ValueError("homes can't be whole where sites have sizes")
    price = sizes.price
    if task.fixed.any() and float(price[task.fixed].min(axis=1).sum()) > budget:
        raise ValueError("the budget doesn't pay for the sites that are open in any case")
    search = _Search(task, sizes, float(budget))
    # Nothing but what must be open, at its cheapest: an answer, if a bad one.
    least = np.full(task.candidates, -1, dtype=np.int64)
    least[task.fixed] = price[task.fixed].argmin(axis=1)
    search.serve(least)
    threads = cpu_count() or 1
    many = task.pairs > _FEW_PAIRS
    rounds = rounds or (ROUNDS if many else SMALL_ROUNDS)
    if many and threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            _climb(search, pool, rounds)
    else:
        _climb(search, None, rounds)
    if not search.proved and exact_s > 0:
        rest = decide_sizes(task, sizes, budget, exact_s)
        if rest is not None:
            search.serve(rest.level) if rest.level is not None else None
            search.bound = max(search.bound, rest.bound)
    return Bought(
        search.level,
        search.spent(search.level),
        search.cost,
        min(search.bound, search.cost),
        "optimal" if search.proved else "search ended",
    )


def _climb(search: _Search, pool: ThreadPoolExecutor | None, rounds: int) -> None:
    """Raise the bound, and look for answers on the way."""
    task, sizes = search.task, search.sizes
    kinds = [
        AtPrices(replace(task, capacity=sizes.places[:, at].copy()), pool)
        for at in range(len(sizes.names))
    ]
    heads, most = kinds[0].heads, kinds[0].most
    price = first_prices(task).price
    best = price
    direction, step, stale = np.zeros(heads.size), 0.7, 0
    swaps, moves = Swaps(task), _Moves(search, kinds)
    every = max(rounds // _PARTS, 1)
    for number in range(1, rounds + 1):
        net = np.stack([kind.net(price) for kind in kinds], axis=1)
        net[sizes.places <= 0] = -np.inf
        at = _affordable(net, sizes.cost, search.budget, task)
        value = float(price @ heads) - at.worth
        if value > search.bound:
            search.bound, best, stale = value - 1e-9 * abs(value), price, 0
        else:
            stale += 1
        if search.proved:
            return
        served = sum(
            share * kind.served(np.flatnonzero(level == k), price)
            for share, level in ((1.0 - at.share, at.low), (at.share, at.high))
            if share > 0
            for k, kind in enumerate(kinds)
        )
        if number % every == 0 or number == rounds // (2 * _PARTS):
            _answer(search, swaps, moves, net, at, np.stack([k.rent for k in kinds], axis=1))
            if search.proved:
                return
        if stale >= _PATIENCE:
            step, stale, price = step * _SHORTEN, 0, best
            if step < 1e-3:
                break
        slope = np.where(heads > 0, 1.0 - served / np.maximum(heads, 1.0), 0.0)
        if task.away.size:
            blocked = (price <= 0.0) & (slope < 0.0)
            blocked[: task.homes] = False
            slope[blocked] = 0.0
        direction = (1 - SMOOTH) * direction + SMOOTH * slope
        norm = float(heads @ direction**2)
        if norm == 0.0:
            break
        away = max(search.cost - value, 1e-4 * abs(value))
        price = np.clip(price + step * away / norm * direction, 0.0, most)
    _answer(search, swaps, moves, net, at, np.stack([k.rent for k in kinds], axis=1))


@dataclass(frozen=True)
class _Affordable:
    """The best choice at given worths: two that it lies between, and its worth.

    Parameters
    ----------
    rate
        What a unit of money is worth.
    low, high
        Level by site, -1 for closed: within the budget, and beyond it.
    share
        How much of the second.
    worth
        Worth of the best, at most.
    """

    rate: float
    low: Ints
    high: Ints
    share: float
    worth: float


def _affordable(net: Floats, cost: Floats, budget: float, task: Task) -> _Affordable:
    """Choose sites and sizes worth most within a budget, as if they could be had in part."""

    def at(rate: float) -> tuple[Ints, float, float]:
        worth = net - rate * cost
        level = worth.argmax(axis=1)
        each = worth[np.arange(level.size), level]
        rank = np.where(task.fixed, np.inf, each)
        if task.sites < rank.size:
            few = np.zeros(rank.size, dtype=bool)
            if task.sites:
                few[np.argpartition(-rank, task.sites - 1)[: task.sites]] = True
        else:
            few = np.ones(rank.size, dtype=bool)
        chosen = few & (rank > 0)
        level = np.where(chosen, level, -1)
        rows = np.flatnonzero(chosen)
        paid = float(cost[rows, level[rows]].sum())
        return level, paid, float(each[rows].sum()) + rate * budget

    high, paid_high, worth = at(0.0)
    if paid_high <= budget:
        return _Affordable(0.0, high, high, 0.0, worth)
    finite = net[np.isfinite(net)]
    low_rate, rate = 0.0, float(np.abs(finite).max()) / max(float(cost[cost > 0].min()), 1e-12)
    low, paid_low, worth = at(rate)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low_rate + rate)
        level, paid, now = at(middle)
        worth = min(worth, now)
        if paid <= budget:
            rate, low, paid_low = middle, level, paid
        else:
            low_rate, high, paid_high = middle, level, paid
        if paid == budget:
            break
    share = 0.0
    if paid_high > paid_low:
        share = min(max((budget - paid_low) / (paid_high - paid_low), 0.0), 1.0)
    return _Affordable(rate, low, high, share, worth)


def _answer(  # noqa: PLR0917
    search: _Search, swaps: Swaps, moves: _Moves, net: Floats, at: _Affordable, rent: Floats
) -> None:
    """Look for an answer from where the bound stands."""
    task, sizes = search.task, search.sizes
    rows = np.arange(task.candidates)
    usual = (net - at.rate * sizes.cost).argmax(axis=1)
    kept = np.where(at.low >= 0, at.low, usual)
    places, price = sizes.places[rows, kept], sizes.cost[rows, kept]
    is_open, rate = at.low >= 0, at.rate
    rents = rent[rows, kept].copy()
    core = np.flatnonzero(places > 0)
    found = (np.inf, at.low)
    for _ in range(_EXCHANGES):
        # The exchange knows one size a site, and money by its price.
        swaps.task = replace(task, capacity=places, opening=rate * price)
        swaps.improve(is_open, task.fixed, rents, core)
        rate *= (float(price[is_open].sum()) / max(search.budget, 1e-12)) ** 2
        level = _fitted(search, np.where(is_open, kept, -1), net)
        served = search.serve(level)
        if served.cost < found[0]:
            found = served.cost, level
        chosen = np.flatnonzero(level >= 0)
        rents[chosen] = 0.5 * (rents[chosen] + served.rent[chosen])
        if search.proved:
            return
    moves.improve(found[1])


def _fitted(search: _Search, level: Ints, net: Floats) -> Ints:
    """Close the sites worth least for their money until the rest is within the budget."""
    if search.allowed(level):
        return level
    level = level.copy()
    chosen = np.flatnonzero((level >= 0) & ~search.task.fixed)
    price = search.sizes.cost[chosen, level[chosen]]
    worth = net[chosen, level[chosen]] / np.maximum(price, 1e-12)
    for site in chosen[np.argsort(worth, kind="stable")]:
        if search.allowed(level):
            break
        level[site] = -1
    return level if search.allowed(level) else search.level


class _Moves:
    """Moves of money from sites that lose least by it to those that gain most.

    Parameters
    ----------
    search
        What is searched.
    kinds
        What tells the sites' worth in each size.
    """

    def __init__(self, search: _Search, kinds: list[AtPrices]) -> None:
        self.search, self.kinds = search, kinds

    def improve(self, level: Ints) -> None:
        """Move money, as much at a time as still makes it better."""
        search = self.search
        served = search.serve(level)
        size = search.task.pairs + search.task.homes
        left = int(min(max(_MOVES_PAIRS / size, _LEAST_MOVES), _MOST_MOVES))
        cost = served.cost
        level = self._trimmed(level, served)
        size = max(int((level >= 0).sum()) // 8, 1)
        while left > 0 and not search.proved:
            better = False
            worth = self._worth(level, served)
            for skip in range(12 if size == 1 else 1):
                trial = self._moved(level, worth, size, skip)
                left -= 1
                if trial is None:
                    break
                now = search.serve(trial)
                if now.cost < cost * (1 - 1e-9):
                    level, served, cost, better = self._trimmed(trial, now), now, now.cost, True
                    break
            if not better:
                if size == 1:
                    return
                size //= 2

    def _trimmed(self, level: Ints, served: Served) -> Ints:
        """Take for each site the cheapest size that holds those who go there."""
        search = self.search
        task, sizes = search.task, search.sizes
        load = np.bincount(task.site[served.pair], served.heads, minlength=task.candidates)
        fits = (sizes.places > 0) & (sizes.places >= load[:, None])
        cost = np.where(fits, sizes.cost, np.inf)
        best = cost.argmin(axis=1)
        return np.where((level >= 0) & fits.any(axis=1), best, level)

    def _worth(self, level: Ints, served: Served) -> Floats:
        """Worth of each site in each size, as the prices of the flow have it."""
        search = self.search
        task, sizes = search.task, search.sizes
        price = np.minimum(served.price, task.unserved)
        worth = np.stack([kind.worths(price).copy() for kind in self.kinds], axis=1)
        if task.away.size:
            chosen = np.flatnonzero(level >= 0)
            pair, _ = task.pairs_of(chosen)
            near = np.bincount(task.home[pair], minlength=task.homes)
            is_open = np.repeat(level >= 0, np.diff(task.ptr))
            alone = np.where(is_open, near[task.home] == 1, near[task.home] == 0)
            gain = np.bincount(
                task.site[alone], task.away[task.home[alone]], minlength=task.candidates
            )
            worth += gain[:, None]
        worth[sizes.places <= 0] = -np.inf
        return worth

    def _moved(self, level: Ints, worth: Floats, size: int, skip: int) -> Ints | None:
        """Take the money that is left, and that of as many sites, to where it gains most."""
        search = self.search
        task, sizes = search.task, search.sizes
        rows = np.arange(level.size)
        now = np.where(level >= 0, worth[rows, np.maximum(level, 0)], 0.0)
        paid = np.where(level >= 0, sizes.cost[rows, np.maximum(level, 0)], 0.0)
        level = level.copy()
        # Down: the move of each site that loses least for what it saves; closing is one.
        options = np.concatenate([worth, np.zeros((level.size, 1))], axis=1)
        price = np.concatenate([sizes.cost, np.zeros((level.size, 1))], axis=1)
        options[task.fixed, -1] = -np.inf
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = (now[:, None] - options) / (paid[:, None] - price)
        rate[(price >= paid[:, None]) | (level < 0)[:, None] | ~np.isfinite(options)] = np.inf
        down = rate.argmin(axis=1)
        least = rate[rows, down]
        order = np.argsort(least, kind="stable")
        sold = order[skip : skip + size]
        sold = sold[np.isfinite(least[sold])]
        level[sold] = np.where(down[sold] == sizes.cost.shape[1], -1, down[sold])
        money = search.budget - search.spent(level)
        room = task.sites - int((level >= 0).sum())
        # Up: opening or a larger size, those first that gain most for their money.
        now = np.where(level >= 0, worth[rows, np.maximum(level, 0)], 0.0)
        paid = np.where(level >= 0, sizes.cost[rows, np.maximum(level, 0)], 0.0)
        gain = worth - now[:, None]
        more = sizes.cost - paid[:, None]
        rate = np.where((gain > 1e-9) & (more <= money), gain / np.maximum(more, 1e-9), -np.inf)
        rate[sold] = -np.inf
        before = level.copy()
        flat = np.argsort(-rate, axis=None, kind="stable")
        bought = 0
        for entry in flat[: 40 * size + 200]:
            site, up = divmod(int(entry), rate.shape[1])
            if not np.isfinite(rate[site, up]) or bought >= 2 * size + 1:
                break
            if level[site] != before[site] or more[site, up] > money:
                continue
            if level[site] < 0:
                if room <= 0:
                    continue
                room -= 1
            level[site] = up
            money -= more[site, up]
            bought += 1
        return level if bought else None


def most_affordable(sizes: Sizes, budget: float, most: int, fixed: NDArray[np.bool_]) -> int:
    """Count the sites that a budget opens at most, each in its cheapest size.

    Parameters
    ----------
    sizes
        The sizes of each site.
    budget
        Money.
    most
        How many may be open.
    fixed
        Sites that are open in any case.
    """
    least = sizes.price.min(axis=1)
    rest = np.sort(least[np.isfinite(least) & ~fixed])
    left = budget - float(least[fixed].sum())
    upto = np.cumsum(rest)
    return min(most, int(fixed.sum()) + int((upto <= left * (1 + 1e-12) + 1e-9).sum()))


def places_affordable(sizes: Sizes, budget: float, turns: float = 1.0) -> int:
    """Count the places that a budget buys at most, as if sizes could be had in part.

    Parameters
    ----------
    sizes
        The sizes of each site.
    budget
        Money.
    turns
        People whom a place serves in a day.
    """
    usable = sizes.places > 0
    if not usable.any():
        return 0
    places = np.floor(sizes.places * turns)
    free = usable & (sizes.cost <= 0)
    if free.any():
        return int(places.max(axis=1).sum())
    each = np.where(usable, places / np.where(usable, sizes.cost, 1.0), 0.0).max(axis=1)
    most = places.max(axis=1)
    order = np.argsort(-each, kind="stable")
    # A site's places cost at least as much as at its cheapest.
    money = most[order] / np.maximum(each[order], 1e-12)
    upto = np.cumsum(np.where(each[order] > 0, money, 0.0))
    full = int((upto <= budget).sum())
    total = float(most[order][:full].sum())
    if full < order.size and each[order[full]] > 0:
        total += (budget - (upto[full - 1] if full else 0.0)) * each[order[full]]
    return int(np.floor(total + 1e-6))
