"""Siting with capacities: which sites to open and who goes where, at least cost, with a bound.

The relaxation of `vatra.warm_points.relax` gives the bound, the sites to start with and the rent
of every place. At given rents the exchange of sites is as fast as if nothing could be full; the
exact flow at the sites that it finds then tells the true cost and new rents. What is small
enough is decided by a mixed-integer program over what the bound leaves open.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._exchange import exchange_at_rents
from vatra.warm_points.exact import MOST_PAIRS, solve_rest
from vatra.warm_points.relax import (
    CLOSED,
    OPEN,
    SMOOTH,
    Relaxed,
    first_prices,
    raise_bound,
    safe_bound,
    tolerance,
)
from vatra.warm_points.serve import Served, cost_of, serve_at
from vatra.warm_points.task import Floats, Ints, Task
from vatra.warm_points.whole import pack_homes, pairs_in_play

FIRST_ROUNDS, MOST_ROUNDS = 150, 1500
"""Steps of the bound before the first answer, and in all (assumed: more than 1,000 add less
than 0.02 % at 100,000 blocks)."""
FIRST_STEP, LAST_STEP = 0.5, 0.03
"""Lengths of the steps after the first answer where places are short, against that which would
meet its cost."""
_SCARCE = 0.01
"""Share of heads without a place in the first answer from which places are taken to be short."""
_PARTS = 3
"""Parts that the steps of the bound come in, with exchanges after each."""
_EXCHANGES = 5
"""Rounds of exchange and flow in each, at most."""
_PATIENCE = 3
"""Rounds without a better answer before they end."""
_TRIALS, _FEW_TRIALS = 3000, 300
"""Single swaps tried with the exact flow on small problems, at most; and in a quick search."""
_LIST = 40
"""Sites that close, and sites that open, that are paired for that."""
_SMALL_PAIRS = 20_000
"""Homes and pairs of open sites up to which single swaps are tried with the exact flow: it takes
milliseconds there."""


@dataclass(frozen=True)
class Sites:
    """Which sites to open, who goes where, and how good that is at best.

    Parameters
    ----------
    chosen
        Open sites, ascending.
    home, site, heads
        One entry a pair that is used, and how many use it.
    not_served
        By home: heads without a place.
    cost
        Of all ways, of those not served, and of the sites.
    bound
        No answer costs less.
    status
        ``optimal`` (nothing costs less, to a millionth), ``within the gap asked for``,
        ``search ended`` (by itself, not proved) or ``time ran out``.
    price
        By home: prices behind the bound, to start the next search from.
    seconds
        Time that it took.
    """

    chosen: Ints
    home: Ints
    site: Ints
    heads: Ints
    not_served: Ints
    cost: float
    bound: float
    status: str
    price: Floats = field(repr=False)
    seconds: float

    @property
    def gap(self) -> float:
        """How much cheaper another answer can be at most, as a share of the cost."""
        return 0.0 if self.cost <= 0 else max(self.cost - self.bound, 0.0) / self.cost

    @property
    def proved(self) -> bool:
        """Whether nothing costs less."""
        return self.status == "optimal"


@dataclass
class _Search:
    task: Task
    at: Relaxed
    rng: np.random.Generator
    stop_at: float
    cost: float = np.inf
    chosen: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    pair: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    heads: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def late(self) -> bool:
        return time.monotonic() > self.stop_at

    @property
    def proved(self) -> bool:
        return self.at.bound >= self.cost - tolerance(self.task, self.cost)

    def serve(self, is_open: NDArray[np.bool_]) -> Served:
        """Serve everybody at some sites, and keep the answer if it is the best."""
        chosen = np.flatnonzero(is_open)
        served = serve_at(self.task, chosen)
        if self.task.whole_homes:
            if served.cost < self.cost - tolerance(self.task, self.cost):
                pair = pack_homes(self.task, chosen, served)
                self.keep(chosen, pair, self.task.need[self.task.home[pair]])
        else:
            self.keep(chosen, served.pair, served.heads)
        return served

    def keep(self, chosen: Ints, pair: Ints, heads: Ints) -> None:
        cost = cost_of(self.task, chosen, pair, heads)
        if cost < self.cost - 1e-12 * abs(cost):
            self.cost, self.chosen, self.pair, self.heads = cost, chosen, pair, heads


def cheapest_sites(
    task: Task,
    *,
    seconds: float = 120.0,
    gap: float = 0.0,
    rng: np.random.Generator | None = None,
    rounds: int = MOST_ROUNDS,
    exact: bool = True,
) -> Sites:
    """Choose the sites that cost least, with who goes where and a bound on how little it can be.

    Parameters
    ----------
    task
        The problem, from `siting_task`.
    seconds
        Time after which the search ends with what it has.
    gap
        Share of the cost that may be left between answer and bound; 0 asks for the proof.
    rng
        Source of randomness. The same one gives the same answer where the search ends by
        itself; where time ends it, that depends on the machine.
    rounds
        Steps of the bound, at most.
    exact
        Whether small problems are decided by mixed-integer program, which takes what time there
        is. Without it the search ends by itself, the same on every machine.

    Returns
    -------
    Sites
        The best answer found and its bound.
    """
    began = time.monotonic()
    search = _Search(
        task,
        first_prices(task),
        np.random.default_rng(0) if rng is None else rng,
        began + seconds,
    )
    at = search.at
    raise_bound(task, at, np.inf, min(FIRST_ROUNDS, rounds // 3), began + 0.2 * seconds)
    exchange(search, rounds=2)
    at.step, cooling = 0.7, 1.0
    if task.away.size or search.heads.sum() < (1.0 - _SCARCE) * task.need.sum():
        # Where places are short prices swing: smaller steps, smoothed, that end in the fine.
        at.step, at.fresh = FIRST_STEP, SMOOTH
        cooling = (LAST_STEP / FIRST_STEP) ** (1.0 / max(rounds - at.rounds, 1))
    for part in range(1, _PARTS + 1):
        left = rounds - at.rounds
        until = began + (0.2 + 0.6 * part / _PARTS) * seconds
        raise_bound(task, at, search.cost, left // (_PARTS + 1 - part), until, cooling)
        if _done(search, gap):
            break
        exchange(search, gap=gap)
        if _done(search, gap):
            break
    if not _done(search, gap):
        _swap_exactly(search, _TRIALS if exact else _FEW_TRIALS)
    if exact and not _done(search, gap):
        at.step = 0.1
        raise_bound(task, at, search.cost, min(300, rounds), search.stop_at)
        _decide_rest(search)
    return answer_of(search, gap, began)


def _done(search: _Search, gap: float) -> bool:
    return search.proved or search.late or _close(search, gap)


def _close(search: _Search, gap: float) -> bool:
    return gap > 0 and search.cost - safe_bound(search.at) <= gap * search.cost


def answer_of(search: _Search, gap: float, began: float) -> Sites:
    """Turn the state of a search into an answer, and say how it ended."""
    task = search.task
    if search.proved:
        status = "optimal"
    elif _close(search, gap):
        status = "within the gap asked for"
    else:
        status = "time ran out" if search.late else "search ended"
    # Where costs are whole numbers, a bound within one of the cost is the cost.
    sure = search.proved and task.whole_costs
    served = np.zeros(task.homes, dtype=np.int64)
    np.add.at(served, task.home[search.pair], search.heads)
    return Sites(
        chosen=search.chosen,
        home=task.home[search.pair].astype(np.int64),
        site=task.site[search.pair].astype(np.int64),
        heads=search.heads,
        not_served=task.need - served,
        cost=search.cost,
        bound=search.cost if sure else min(safe_bound(search.at), search.cost),
        status=status,
        price=search.at.price[: task.homes],
        seconds=time.monotonic() - began,
    )


def first_choice(task: Task, at: Relaxed) -> NDArray[np.bool_]:
    """Open the sites that the relaxation chose most often."""
    rank = np.where(at.state == OPEN, 2.0, at.share)
    rank[at.state == CLOSED] = -1.0
    rank[task.fixed] = 3.0
    best = np.argsort(-rank, kind="stable")[: task.sites]
    is_open = np.zeros(task.candidates, dtype=bool)
    is_open[best[rank[best] > 0]] = True
    if task.opening.any():
        is_open &= (rank > 0.5) | task.fixed
    return is_open


class Swaps:
    """The exchange of sites of a problem, at rents that change from round to round.

    Parameters
    ----------
    task
        The problem.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        homes, site, row = task.homes, task.site, task.home
        need = task.need.astype(np.float64)
        self.heads, self.ways = need[row], task.cost
        self.penalty = task.unserved * need
        self.site, self.home, self.site_ptr = site, row, task.ptr
        if task.away.size:
            # «A site within reach» as customers of their own, whom any open one serves for
            # nothing; pairs of a site stay together.
            homes *= 2
            self.site = np.concatenate([site, site])
            self.home = np.concatenate([row, row + np.int32(task.homes)])
            together = np.argsort(self.site, kind="stable")
            self.site, self.home = self.site[together], self.home[together]
            self.heads = np.concatenate([self.heads, np.zeros(row.size)])[together]
            self.ways = np.concatenate([task.cost, np.zeros(row.size)])[together]
            self.site_ptr = 2 * task.ptr
            self.penalty = np.concatenate([self.penalty, task.away])
        self.order = np.argsort(self.home, kind="stable")
        counts = np.bincount(self.home, minlength=homes)
        self.ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def improve(
        self, is_open: NDArray[np.bool_], fixed: NDArray[np.bool_], rent: Floats, core: Ints
    ) -> None:
        """Open, close and swap sites until nothing is better at these rents.

        Parameters
        ----------
        is_open
            Open sites; changed in place.
        fixed
            Sites that stay open.
        rent
            By site: what a place there is worth.
        core
            Sites to try to open, in this order.
        """
        task = self.task
        cost = (self.ways + rent[self.site]) * self.heads
        # Nearly sorted already, which a stable sort is quick with.
        self.order = self.order[np.lexsort((cost[self.order], self.home[self.order]))]
        exchange_at_rents(
            self.ptr,
            self.site[self.order],
            cost[self.order],
            self.site_ptr,
            self.home,
            cost,
            self.penalty,
            is_open,
            fixed,
            task.opening - rent * task.capacity,
            core,
            task.sites,
            100 * task.candidates,
            False,
        )


def exchange(search: _Search, *, rounds: int = _EXCHANGES, gap: float = 0.0) -> None:
    """Exchange sites at given rents, serve exactly, take the new rents; again and again."""
    task, at = search.task, search.at
    swaps = Swaps(task)
    core = np.flatnonzero((at.state != CLOSED) & (task.capacity > 0))
    is_open = first_choice(task, at)
    rent, stale = at.rent.copy(), 0
    for _ in range(rounds):
        swaps.improve(is_open, task.fixed, rent, search.rng.permutation(core))
        before = search.cost
        served = search.serve(is_open)
        stale = 0 if search.cost < before else stale + 1
        if stale >= _PATIENCE or _done(search, gap):
            return
        chosen = np.flatnonzero(is_open)
        rent[chosen] = 0.5 * (rent[chosen] + served.rent[chosen])


def _swap_exactly(search: _Search, most: int) -> None:
    """Swap single sites with the true cost of each swap, the most promising first."""
    task, at = search.task, search.at
    at_open = int(np.diff(task.ptr)[search.chosen].sum()) + task.homes
    if at_open > _SMALL_PAIRS:
        return
    trials = 0
    half = time.monotonic() + 0.3 * max(search.stop_at - time.monotonic(), 0.0)
    is_open = np.zeros(task.candidates, dtype=bool)
    is_open[search.chosen] = True
    served = serve_at(task, search.chosen)
    fresh = True
    while fresh and trials < most:
        fresh = False
        for out, add in _promising(task, at, is_open, served):
            trials += 1
            if trials > most or time.monotonic() > half:
                return
            trial = is_open.copy()
            if out >= 0:
                trial[out] = False
            if add >= 0:
                trial[add] = True
            before = search.cost
            now = search.serve(trial)
            if search.cost < before:
                is_open, served, fresh = trial, now, True
                break


def _promising(
    task: Task, at: Relaxed, is_open: NDArray[np.bool_], served: Served
) -> list[tuple[int, int]]:
    """List swaps, those first that promise most at the prices of the flow; -1 for none."""
    site = task.site
    gain = np.maximum(served.price[task.home] - task.cost, 0.0)
    # A site that opens saves this much at most: all who would gain, or its places at the best.
    most = np.zeros(task.candidates)
    np.maximum.at(most, site, gain)
    all_gain = np.bincount(site, gain * task.need[task.home], minlength=task.candidates)
    worth = np.minimum(all_gain, most * task.capacity) - task.opening
    # One that closes loses this much at least: what its people gain there, and its rent.
    saved = (served.price[task.home[served.pair]] - task.cost[served.pair]) * served.heads
    use = np.bincount(site[served.pair], saved, minlength=task.candidates)
    loss = use + served.rent * task.capacity - task.opening
    outs = np.flatnonzero(is_open & ~task.fixed & (at.state != OPEN))
    adds = np.flatnonzero(~is_open & (at.state != CLOSED) & (task.capacity > 0))
    outs = outs[np.argsort(loss[outs], kind="stable")][:_LIST]
    adds = adds[np.argsort(-worth[adds], kind="stable")][:_LIST]
    swaps = [pair for r in range(2 * _LIST) for pair in _diagonal(outs, adds, r)]
    if int(is_open.sum()) < task.sites:
        swaps = [(-1, int(a)) for a in adds] + swaps
    if task.opening.any():
        swaps = [(int(o), -1) for o in outs] + swaps
    return swaps


def _diagonal(outs: Ints, adds: Ints, r: int) -> list[tuple[int, int]]:
    """Pairs of an entry of each list whose places add up to a number."""
    first = range(max(0, r - adds.size + 1), min(outs.size, r + 1))
    return [(int(outs[i]), int(adds[r - i])) for i in first]


def _decide_rest(search: _Search) -> None:
    """Decide what the bound leaves open by a mixed-integer program, if that is little enough."""
    task, at = search.task, search.at
    left = search.stop_at - time.monotonic()
    live = at.state[task.site] != CLOSED
    if search.proved or left <= 0 or int(live.sum()) > MOST_PAIRS or task.away.size:
        return
    enough = search.cost - tolerance(task, search.cost)
    possible = live
    if task.whole_homes:
        possible = live & pairs_in_play(task, at, search.cost)
    rest = solve_rest(task, at.state, possible, left, at.fewest)
    if rest.chosen is not None:
        is_open = np.zeros(task.candidates, dtype=bool)
        is_open[rest.chosen] = True
        if task.whole_homes:
            chosen = np.flatnonzero(is_open)
            search.keep(chosen, rest.pair, task.need[task.home[rest.pair]])
        else:
            search.serve(is_open)
    # What was ruled out costs at least `enough`; the rest, at least the solver's bound.
    at.bound = max(at.bound, min(rest.bound, enough))
