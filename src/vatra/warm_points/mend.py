"""A siting answer after a strike: a site lost, a bridge closed; few people are sent elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from vatra.warm_points.capacitated import Sites, Swaps
from vatra.warm_points.relax import CLOSED, FREE, OPEN, Relaxed, raise_bound, safe_bound, with_away
from vatra.warm_points.serve import serve_at
from vatra.warm_points.task import Task

STAY = 300.0
"""What it counts to leave a person with the site that they know: as much as 300 m more to walk
(assumed)."""
_BOUND_ROUNDS = 80
_BOUND_SHARE = 0.4
"""Steps of the bound from the old prices, and the share of the time that they may take."""


@dataclass(frozen=True)
class Mended:
    """An answer after a change.

    Parameters
    ----------
    sites
        The new answer. Its bound is that of the problem as it is now, with all sites free to
        be chosen anew.
    lost
        Sites of the old answer that can't stay open.
    added
        Sites that the old answer didn't have.
    moved
        People who had a place and now have another one, or none.
    had_to_move
        Of them those whose site is lost, or out of their reach now.
    """

    sites: Sites
    lost: list[int]
    added: list[int]
    moved: int
    had_to_move: int


def mend_sites(task: Task, before: Sites, *, stay: float = STAY, seconds: float = 10.0) -> Mended:
    """Mend an answer: keep all sites that can stay open, replace the others, move few people.

    Parameters
    ----------
    task
        The problem as it is now: the same sites and homes in the same order; a lost site has no
        places any more.
    before
        The answer to mend.
    stay
        What it counts, in units of cost a head, to leave a person with the site they know.
    seconds
        Time for the bound to be renewed in; the answer itself takes what it takes.

    Returns
    -------
    Mended
        The new answer, with whom it sends elsewhere.
    """
    began = time.monotonic()
    keep = before.chosen[task.capacity[before.chosen] > 0][: task.sites]
    is_open = task.fixed.copy()
    is_open[keep] = True
    spare = task.sites - int(is_open.sum())
    if spare > 0 and before.chosen.size > keep.size:
        now = serve_at(task, np.flatnonzero(is_open))
        core = np.flatnonzero(~is_open & (task.capacity > 0))
        # Who finds no place pays in full, so that new sites open where those people are.
        Swaps(task).improve(is_open, is_open.copy(), now.rent, core)
    chosen = np.flatnonzero(is_open)

    discount = np.zeros(task.pairs)
    pair, at_site = task.pairs_of(chosen)
    known = np.isin(
        chosen[at_site] * task.homes + task.home[pair], before.site * task.homes + before.home
    )
    discount[pair[known]] = stay
    served = serve_at(task, chosen, discount=discount)
    heads = np.bincount(task.home[served.pair], served.heads, minlength=task.homes).astype(np.int64)

    state = np.where(task.fixed, OPEN, np.where(task.capacity > 0, FREE, CLOSED)).astype(np.int8)
    price = np.clip(before.price, 0.0, task.unserved)
    zeros = np.zeros(task.candidates)
    at = Relaxed(with_away(task, price), 0.0, zeros, zeros.copy(), state, step=0.3)
    raise_bound(task, at, served.cost, _BOUND_ROUNDS, began + _BOUND_SHARE * seconds)
    answer = Sites(
        chosen=chosen,
        home=task.home[served.pair].astype(np.int64),
        site=task.site[served.pair].astype(np.int64),
        heads=served.heads,
        not_served=task.need - heads,
        cost=served.cost,
        bound=min(safe_bound(at), served.cost),
        status="search ended",
        price=at.price[: task.homes],
        seconds=time.monotonic() - began,
    )
    moved, had_to_move = _moved(task, before, answer)
    return Mended(
        answer,
        np.setdiff1d(before.chosen, chosen).tolist(),
        np.setdiff1d(chosen, before.chosen).tolist(),
        moved,
        had_to_move,
    )


def _moved(task: Task, before: Sites, now: Sites) -> tuple[int, int]:
    """Count who leaves a pair that they used, and who of them can't use it any more."""
    homes = task.homes
    old = before.site * homes + before.home
    new = now.site * homes + now.home
    stayed = np.zeros(old.size, dtype=np.int64)
    _, a, b = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    stayed[a] = np.minimum(before.heads[a], now.heads[b])
    left = before.heads - stayed
    pair, at_site = task.pairs_of(now.chosen)
    possible = now.chosen[at_site] * homes + task.home[pair]
    barred = left * ~np.isin(old, possible)
    # Where fewer are in need now than had a place, those who are gone haven't moved.
    had, leave, must = (
        np.bincount(before.home, heads, minlength=homes).astype(np.int64)
        for heads in (before.heads, left, barred)
    )
    moved = np.maximum(leave - np.maximum(had - task.need, 0), 0)
    return int(moved.sum()), int(np.minimum(moved, must).sum())
