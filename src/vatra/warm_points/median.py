"""The p-median: up to p sites, every customer to the cheapest, with a proved bound.

Lagrangian relaxation of «every customer is served once» (Cornuejols, Fisher and Nemhauser,
1977) gives the bound, tells which sites can't be in or out of a better answer, and gives sets
of sites to start the exchange from. What is still open then is decided by branching.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._exchange import exchange_at_rents
from vatra.warm_points._median import discounts, serve
from vatra.warm_points.costs import Costs
from vatra.warm_points.parts import PART_SITES, Parts, part_of
from vatra.warm_points.radii import MOST_PAIRS, solve_by_radii

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PATIENCE = 30
_CHILD_ROUNDS, _CHILD_STEP, _CHILD_PATIENCE = 80, 0.5, 15
_SHORTEN = 0.8
_FRESH = 0.7
"""Subgradient steps: after so many without a better bound they are shortened by a factor; the
direction mixes the new subgradient with the last direction. Tuned on the TSPLIB instances."""
_SHAKE_SHARE, _PART_SHARE = 0.3, 0.15
"""Shares of the time left that go into shaking the best answer and into mending it part by part,
at most."""
_TRY_NODES, _MOST_NODES = 64, 640
"""Branching gives way to the mixed-integer solver if after each so many nodes it hasn't closed as
much of the gap as it would take to close all of it with so many."""
_NEAR = 0.15
"""Share of the gap above its price up to which a customer may be served in the first, quick try
of the mixed-integer solver."""
_TRIALS, _SITE_TRIALS = 300, 40
"""Shakes of the best answer without success before the search goes on: so many, and so many for
each open site."""
_WIDE = 16.0
"""Sites in one place that are shaken, at most, against sites for each open one."""


@dataclass(frozen=True)
class Median:
    """An answer to a p-median and how good it is.

    Parameters
    ----------
    chosen
        Open sites, ascending.
    site
        By customer, the site that serves it; -1 for none.
    cost
        Cost of all customers.
    bound
        No choice of as many sites costs less.
    proved
        True where none costs less than `cost`; never true because time ran out.
    nodes
        Nodes of the branching that were bounded.
    """

    chosen: Ints
    site: Ints
    cost: float
    bound: float
    proved: bool
    nodes: int

    @property
    def gap(self) -> float:
        """How much cheaper another choice can be at most, as a share of the cost."""
        return 0.0 if self.proved or self.cost <= 0 else (self.cost - self.bound) / self.cost


@dataclass
class _Search:
    """The state of one search: the best answer so far and what is left to do."""

    costs: Costs
    sites: int
    stop_at: float
    rng: np.random.Generator
    best_cost: float = np.inf
    best_open: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    nodes: int = 0
    ids: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def narrow(self, root: _Node) -> None:
        """Leave out the sites that no better answer opens; they are numbered anew."""
        stay = (root.state >= 0) | self.best_open
        self.costs = part_of(self.costs, np.ones(self.costs.customers, dtype=bool), stay)
        self.ids, self.best_open = self.ids[stay], self.best_open[stay]
        root.state, root.share = root.state[stay], root.share[stay]

    @property
    def late(self) -> bool:
        return time.monotonic() > self.stop_at

    def worth_beating(self, bound: float) -> bool:
        """Whether an answer of this bound could be better than the best."""
        slack = 1.0 - 1e-6 if self.costs.whole else 1e-9 * abs(self.best_cost)
        return bound <= self.best_cost - slack

    def cost_of(self, is_open: NDArray[np.bool_]) -> float:
        c = self.costs
        nothing = np.zeros(c.customers)
        return float(serve(c.ptr, c.site, c.cost, nothing, c.penalty, is_open, nothing.copy()))

    def keep(self, is_open: NDArray[np.bool_], cost: float) -> bool:
        if cost < self.best_cost - 1e-9:
            self.best_cost, self.best_open = cost, is_open.copy()
            return True
        return False

    def improve(
        self, is_open: NDArray[np.bool_], core: Ints | None = None
    ) -> tuple[NDArray[np.bool_], float]:
        """Exchange sites until nothing is better; keeps the result if it is the best."""
        c = self.costs
        is_open = is_open.copy()
        core = np.arange(c.sites) if core is None else core
        exchange_at_rents(
            c.ptr, c.site, c.cost, c.site_ptr, c.customer, c.site_cost, c.penalty, is_open,
            np.zeros(c.sites, dtype=bool), np.zeros(c.sites), self.rng.permutation(core),
            self.sites, 100 * c.sites, True,
        )  # fmt: skip
        cost = self.cost_of(is_open)
        self.keep(is_open, cost)
        return is_open, cost


def p_median(
    costs: Costs,
    sites: int,
    *,
    seconds: float = 60.0,
    rng: np.random.Generator | None = None,
) -> Median:
    """Choose `sites` sites so that all customers together cost least.

    Parameters
    ----------
    costs
        Costs, from `costs_of`.
    sites
        How many sites open (fewer if there are fewer).
    seconds
        Time after which the search ends with the bound that it has.
    rng
        Source of randomness. The same one gives the same answer where the search ends by itself;
        where time ends it, that depends on the machine.

    Returns
    -------
    Median
        The best answer found, its bound, and whether it is proved.
    """
    search = _Search(
        costs,
        min(sites, costs.sites),
        time.monotonic() + seconds,
        np.random.default_rng(0) if rng is None else rng,
        ids=np.arange(costs.sites),
    )
    start = np.zeros(costs.sites, dtype=bool)
    if search.sites <= 0:
        cost = float(costs.penalty.sum())
        return Median(np.flatnonzero(start), np.full(costs.customers, -1), cost, cost, True, 0)
    start[search.rng.choice(costs.sites, search.sites, replace=False)] = True
    search.improve(start)
    bound = _solve(search)
    proved = not search.worth_beating(bound)
    is_open = np.zeros(costs.sites, dtype=bool)
    is_open[search.ids[search.best_open]] = True
    return Median(
        chosen=np.flatnonzero(is_open),
        site=_served_by(costs, is_open),
        cost=search.best_cost,
        bound=search.best_cost if proved else bound,
        proved=proved,
        nodes=search.nodes,
    )


def _served_by(costs: Costs, is_open: NDArray[np.bool_]) -> Ints:
    row = np.repeat(np.arange(costs.customers), np.diff(costs.ptr))
    entry = np.flatnonzero(is_open[costs.site] & (costs.cost < costs.penalty[row]))
    served, first = np.unique(row[entry], return_index=True)
    site = np.full(costs.customers, -1, dtype=np.int64)
    site[served] = costs.site[entry[first]]
    return site


@dataclass
class _Node:
    bound: float
    price: Floats
    state: NDArray[np.int8]
    share: Floats


def _solve(search: _Search) -> float:
    """Bound the root, improve the answer, then branch until it is proved or time is up."""
    free = np.zeros(search.costs.sites, dtype=np.int8)
    root = _bound(search, _first_prices(search), free, rounds=3000)
    if search.worth_beating(root.bound):
        search.narrow(root)
        _perturb(search, root)
        _mend_parts(search, root)
        root = _bound(search, root.price, root.state, rounds=500)
        search.narrow(root)
    bound = _branch(search, root)
    if search.worth_beating(bound):
        _decide(search, root)
        bound = max(bound, root.bound)
    return bound


def _branch(search: _Search, root: _Node) -> float:
    """Branch on sites, best bound first; return the bound of the whole."""
    nodes, begun = [root], search.nodes
    while nodes:
        # The least bound of all is the bound of the whole.
        at = int(np.argmin([node.bound for node in nodes]))
        node = nodes[at]
        if search.late or not search.worth_beating(node.bound):
            return node.bound
        done = search.nodes - begun
        closed = (node.bound - root.bound) / (search.best_cost - root.bound)
        if done and done % _TRY_NODES == 0 and closed < done / _MOST_NODES:
            near, _ = _in_play(search, root)
            if near <= MOST_PAIRS:
                return node.bound
        nodes.pop(at)
        loose = np.flatnonzero(node.state == 0)
        if loose.size == 0:
            continue
        split = loose[np.argmin(np.abs(node.share[loose] - 0.5))]
        for side in (1, -1):
            state = node.state.copy()
            state[split] = side
            if (state == 1).sum() > search.sites or (state >= 0).sum() < search.sites:
                continue
            child = _bound(
                search, node.price, state, _CHILD_ROUNDS, step=_CHILD_STEP, patience=_CHILD_PATIENCE
            )
            child.bound = max(child.bound, node.bound)
            if search.worth_beating(child.bound):
                nodes.append(child)
    return search.best_cost


def _in_play(search: _Search, root: _Node) -> tuple[int, Floats]:
    """Count the pairs that a better answer may use, and tell the most it pays by customer."""
    c = search.costs
    limit = root.price + (search.best_cost - root.bound) + 1e-6
    row = np.repeat(np.arange(c.customers), np.diff(c.ptr))
    return int(((c.cost <= limit[row]) & (root.state[c.site] >= 0)).sum()), limit


def _decide(search: _Search, root: _Node) -> None:
    """Give what the bound leaves open to the mixed-integer solver, first near the prices only."""
    for share in (_NEAR, 1.0):
        left = search.stop_at - time.monotonic()
        if left <= 0 or not search.worth_beating(root.bound):
            return
        gap = search.best_cost - root.bound
        limit = root.price + (np.minimum(share * gap, gap) if share < 1.0 else gap + 1e-6)
        seconds = left if share == 1.0 else 0.5 * left
        decided = solve_by_radii(search.costs, search.sites, root.state, limit, seconds)
        if decided is None:
            continue
        if decided.is_open is not None:
            search.keep(decided.is_open, search.cost_of(decided.is_open))
            search.improve(search.best_open)
        if share == 1.0:
            # What is beyond the limits costs at least what was best before.
            root.bound = max(root.bound, min(decided.bound - 1e-6, search.best_cost))


def _first_prices(search: _Search) -> Floats:
    """Prices to start from: between a customer's cheapest and next cheapest open site."""
    c = search.costs
    is_open = search.best_open
    row = np.repeat(np.arange(c.customers), np.diff(c.ptr))
    entry = np.flatnonzero(is_open[c.site])
    rank = np.arange(entry.size) - np.searchsorted(row[entry], row[entry], side="left")
    low, high = c.penalty.copy(), c.penalty.copy()
    low[row[entry[rank == 0]]] = c.cost[entry[rank == 0]]
    high[row[entry[rank == 1]]] = c.cost[entry[rank == 1]]
    return low + 0.5 * (np.minimum(high, 2.0 * low) - low)


def _bound(  # noqa: PLR0917
    search: _Search,
    price: Floats,
    state: NDArray[np.int8],
    rounds: int,
    step: float = 1.0,
    patience: int = _PATIENCE,
) -> _Node:
    """Raise the Lagrangian bound of a node, and fix sites that no better answer can hold.

    The steps are subgradient steps along a smoothed direction; `share` is how much of the time
    a site was chosen lately, which tends to the fractional optimum (Barahona and Anbil, 2000).
    """
    c = search.costs
    state = state.copy()
    best, best_price = -np.inf, price
    share = np.zeros(c.sites)
    direction = np.zeros(c.customers)
    offers = np.empty(c.customers)
    stale = 0
    search.nodes += 1
    for turn in range(rounds):
        saving = np.zeros(c.sites)
        discounts(c.ptr, c.site, c.cost, price, saving)
        rank = np.where(state == 1, np.inf, np.where(state == -1, -np.inf, saving))
        order = np.argpartition(-rank, search.sites - 1)
        chosen = order[: search.sites]
        is_open = np.zeros(c.sites, dtype=bool)
        is_open[chosen] = True
        value = float(price.sum() - saving[chosen].sum())
        cost = float(serve(c.ptr, c.site, c.cost, price, c.penalty, is_open, offers))
        if search.keep(is_open, cost) or (turn % 100 == 99 and cost < 1.05 * search.best_cost):
            search.improve(is_open)
        # A rounded fixing test: what a free site would add to the bound if it had to change.
        last = saving[chosen][state[chosen] == 0]
        rest = saving[(state == 0) & ~is_open]
        if last.size and rest.size:
            slack = value + last.min() - saving
            can_not_open = (state == 0) & ~is_open & ~_beats(search, slack)
            slack = value + saving - rest.max()
            must_open = (state == 0) & is_open & ~_beats(search, slack)
            state[can_not_open] = -1
            state[must_open] = 1
        share = 0.9 * share + 0.1 * is_open
        if value > best + 1e-7 * abs(best) or best == -np.inf:
            best, best_price, stale = value, price, 0
        else:
            stale += 1
        if not search.worth_beating(best) or search.late:
            break
        if stale >= patience:
            step, stale, price = step * _SHORTEN, 0, best_price
            if step < 1e-3:
                break
        direction = (1 - _FRESH) * direction + _FRESH * (1.0 - offers)
        norm = float(direction @ direction)
        if norm == 0.0:
            break
        aim = max(search.best_cost * 1.0005 - value, 1e-6)
        price = np.minimum(np.maximum(price + step * aim / norm * direction, 0.0), c.penalty)
    return _Node(best, best_price, state, share)


def _beats(search: _Search, bound: Floats) -> NDArray[np.bool_]:
    slack = 1.0 - 1e-6 if search.costs.whole else 1e-9 * abs(search.best_cost)
    return bound <= search.best_cost - slack


def _perturb(search: _Search, root: _Node) -> None:
    """Shake the best answer in one place after another, among the sites in play, and mend it.

    What costs the same is taken too, or the search stays on a plateau.
    """
    c, rng = search.costs, search.rng
    is_open, cost = search.best_open.copy(), search.best_cost
    failures, patience = 0, _TRIALS + _SITE_TRIALS * search.sites
    limit = time.monotonic() + _SHAKE_SHARE * max(search.stop_at - time.monotonic(), 0.0)
    while failures < patience and time.monotonic() < limit:
        failures += 1
        centre = int(rng.choice(np.flatnonzero(is_open)))
        first, last = c.site_ptr[centre : centre + 2]
        if first == last:
            continue
        middle = c.customer[first + rng.integers(0, min(4, last - first))]
        depth = 2 + int(rng.uniform(2.0, _WIDE) * c.sites / search.sites)
        near = c.site[c.ptr[middle] : min(c.ptr[middle + 1], c.ptr[middle] + depth)]
        near = near[root.state[near] == 0].astype(np.int64)
        inside, outside = near[is_open[near]], near[~is_open[near]]
        count = min(int(rng.integers(1, 5)), inside.size, outside.size)
        if not count:
            continue
        trial = is_open.copy()
        trial[rng.choice(inside, count, replace=False)] = False
        trial[rng.choice(outside, count, replace=False)] = True
        before = search.best_cost
        trial, trial_cost = search.improve(trial, near)
        if trial_cost <= cost + 1e-9:
            is_open, cost = trial, trial_cost
        if search.best_cost < before:
            failures = 0


def _mend_parts(search: _Search, root: _Node) -> None:
    """Decide the best answer anew part by part, until no part of it can be mended."""
    limit = time.monotonic() + _PART_SHARE * max(search.stop_at - time.monotonic(), 0.0)
    if not search.worth_beating(root.bound):
        return
    gap = search.best_cost - root.bound
    fresh = search.best_open.copy()
    parts = Parts(search.costs, search.best_open, root.price + _NEAR * gap)
    while fresh.any() and time.monotonic() < limit:
        centre = int(search.rng.choice(np.flatnonzero(fresh)))
        fresh[centre] = False
        found = parts.decide(centre, PART_SITES)
        if found is None:
            continue
        before, after = found
        trial = search.best_open.copy()
        trial[before] = False
        trial[after] = True
        if search.keep(trial, search.cost_of(trial)):
            search.improve(trial)
            fresh |= search.best_open & ~parts.is_open
            fresh[before] = search.best_open[before]
            fresh &= search.best_open
            parts = Parts(search.costs, search.best_open, parts.limit)
