"""The p-median: up to p sites, every customer to the cheapest, with a proved bound.

Lagrangian relaxation of «every customer is served once» (Cornuejols, Fisher and Nemhauser,
1977) gives the bound, tells which sites can't be in or out of a better answer, and gives sets
of sites to start the exchange from. What is still open then is decided by branching.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vatra.warm_points._median import discounts, interchange, serve
from vatra.warm_points.radii import solve_by_radii

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PATIENCE = 30
_SHORTEN = 0.8
_FRESH = 0.7
"""Subgradient steps: after so many without a better bound they are shortened by a factor; the
direction mixes the new subgradient with the last direction. Tuned on the TSPLIB instances."""
_SHAKE_SHARE = 0.4
"""Share of the time left that goes into shaking the best answer, at most."""
_BRANCH_SHARE = 0.7
"""Share of the time left that goes into branching; the mixed-integer solver has the rest."""
_NEAR = 0.15
"""Share of the gap above its price up to which a customer may be served in the first, quick try
of the mixed-integer solver."""
_TRIALS = 400
"""Shakes of the best answer without success before the search goes on to branching."""


@dataclass(frozen=True)
class Costs:
    """What each site costs each customer, as sorted lists.

    Parameters
    ----------
    ptr, site, cost
        Lists by customer, cheapest site first.
    site_ptr, customer, site_cost
        Lists by site, cheapest customer first.
    penalty
        By customer: what it costs if no open site serves it.
    whole
        True where all costs are whole numbers, so that bounds may be rounded up.
    """

    ptr: Ints
    site: NDArray[np.int32]
    cost: Floats
    site_ptr: Ints
    customer: NDArray[np.int32]
    site_cost: Floats
    penalty: Floats
    whole: bool

    @property
    def customers(self) -> int:
        """Number of customers."""
        return self.ptr.size - 1

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.site_ptr.size - 1


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


def costs_of(matrix: Any, penalty: Floats | None = None) -> Costs:
    """Sort a cost matrix into lists.

    Parameters
    ----------
    matrix
        Customer × site: a dense array, or a sparse one in which only what is stored is possible
        (stored zeros too).
    penalty
        By customer: what it costs if no open site serves it. By default the dearest of all
        costs times the number of customers, so that everybody is served if that can be.
    """
    sparse: bool = sp.issparse(matrix)
    if sparse:
        rows = sp.csr_array(matrix)
        ptr = rows.indptr.astype(np.int64)
        row = np.repeat(np.arange(rows.shape[0]), np.diff(ptr))
        order = np.lexsort((rows.data, row))
        site, cost = rows.indices[order].astype(np.int32), rows.data[order].astype(np.float64)
        sites = rows.shape[1]
    else:
        dense = np.asarray(matrix)
        customers, sites = dense.shape
        ptr = np.arange(customers + 1, dtype=np.int64) * sites
        site = np.empty(dense.size, dtype=np.int32)
        cost = np.empty(dense.size)
        for i in range(customers):
            order = np.argsort(dense[i], kind="stable")
            site[ptr[i] : ptr[i + 1]] = order
            cost[ptr[i] : ptr[i + 1]] = dense[i, order]
        if customers == sites and np.array_equal(dense, dense.T):
            return _finished((ptr, site, cost), (ptr, site, cost), penalty)
        row = np.repeat(np.arange(customers), sites)
    back = np.lexsort((cost, site))
    site_ptr = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=sites))])
    by_site = (site_ptr.astype(np.int64), row[back].astype(np.int32), cost[back])
    return _finished((ptr, site, cost), by_site, penalty)


def _finished(
    by_customer: tuple[Ints, NDArray[np.int32], Floats],
    by_site: tuple[Ints, NDArray[np.int32], Floats],
    penalty: Floats | None,
) -> Costs:
    customers = by_customer[0].size - 1
    cost = by_customer[2]
    if penalty is None:
        penalty = np.full(customers, (float(cost.max(initial=0.0)) + 1.0) * max(customers, 1))
    penalty = np.asarray(penalty, dtype=np.float64)
    whole = bool((cost == np.rint(cost)).all() and (penalty == np.rint(penalty)).all())
    return Costs(*by_customer, *by_site, penalty, whole)


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
        interchange(
            c.ptr, c.site, c.cost, c.site_ptr, c.customer, c.site_cost, c.penalty, is_open,
            np.zeros(c.sites, dtype=bool), self.rng.permutation(core), 1_000_000,
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
    )
    start = np.zeros(costs.sites, dtype=bool)
    if search.sites <= 0:
        cost = float(costs.penalty.sum())
        return Median(np.flatnonzero(start), np.full(costs.customers, -1), cost, cost, True, 0)
    start[search.rng.choice(costs.sites, search.sites, replace=False)] = True
    search.improve(start)
    bound = _solve(search)
    proved = not search.worth_beating(bound)
    is_open = search.best_open
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
    costs = search.costs
    free = np.zeros(costs.sites, dtype=np.int8)
    price = _first_prices(search)
    root = _bound(search, price, free, rounds=3000)
    if search.worth_beating(root.bound):
        _perturb(search, root)
        root = _bound(search, root.price, root.state, rounds=500)
    nodes = [root]
    left = max(search.stop_at - time.monotonic(), 0.0)
    branch_until = time.monotonic() + _BRANCH_SHARE * left
    while nodes and time.monotonic() < branch_until:
        # Best bound first: the least bound of all is the bound of the whole.
        at = int(np.argmin([node.bound for node in nodes]))
        node = nodes[at]
        if not search.worth_beating(node.bound):
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
            child = _bound(search, node.price, state, rounds=150)
            child.bound = max(child.bound, node.bound)
            if search.worth_beating(child.bound):
                nodes.append(child)
    if not nodes:
        return search.best_cost
    bound = min(node.bound for node in nodes)
    if not search.worth_beating(bound):
        return bound
    _decide(search, root)
    return max(bound, root.bound)


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


def _bound(search: _Search, price: Floats, state: NDArray[np.int8], rounds: int) -> _Node:
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
    step, stale = 1.0, 0
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
        if stale >= _PATIENCE:
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
    """Shake the best answer among the sites that the bound leaves in play, and mend it."""
    core = np.flatnonzero(root.state >= 0)
    loose = np.flatnonzero(root.state == 0)
    failures = 0
    limit = time.monotonic() + _SHAKE_SHARE * max(search.stop_at - time.monotonic(), 0.0)
    while failures < _TRIALS and time.monotonic() < limit and loose.size:
        trial = search.best_open.copy()
        inside = loose[trial[loose]]
        outside = loose[~trial[loose]]
        count = min(int(search.rng.integers(2, 12)), inside.size, outside.size)
        if not count:
            return
        trial[search.rng.choice(inside, count, replace=False)] = False
        trial[search.rng.choice(outside, count, replace=False)] = True
        before = search.best_cost
        search.improve(trial, core)
        failures = 0 if search.best_cost < before else failures + 1
