"""How far from the best possible a choice of sites can be: upper bounds on reach and seats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vatra.warm_points._choose import fill_seats
from vatra.warm_points.arcs import Arcs
from vatra.warm_points.assign import seat_people

Floats = NDArray[np.float64]

_TOLERANCE = 1e-6
_PATIENCE = 8
"""Steps without a better bound before they are shortened (assumed)."""


def reach_bound(
    arcs: Arcs,
    need: NDArray[np.int64],
    usable: NDArray[np.bool_],
    sites: int,
    *,
    chosen: NDArray[np.int64] | None = None,
    rounds: int = 100,
) -> int:
    """Bound from above the people that any choice of sites can bring within reach.

    The least of: all people with a usable site in reach; the people round the sites that have
    most, as if none shared any; and a Lagrangian bound.

    Parameters
    ----------
    arcs
        Walks within reach.
    need
        People by home.
    usable
        Sites that may open.
    sites
        How many may be open.
    chosen
        The best choice known; only steers the search for the bound.
    rounds
        Steps of the Lagrangian bound.
    """
    row = np.repeat(np.arange(arcs.sites), np.diff(arcs.site_ptr))
    live = usable[row]
    reachable = np.zeros(arcs.homes, dtype=bool)
    reachable[arcs.site_home[live]] = True
    total = int(need[reachable].sum())
    around = np.bincount(row[live], need[arcs.site_home[live]], minlength=arcs.sites)
    alone = int(np.sort(around)[::-1][:sites].sum())
    bound = min(total, alone)
    cover = cover_of(arcs, chosen) if chosen is not None else np.zeros(arcs.homes, dtype=np.int64)
    reached = float(need[cover > 0].sum())
    if reached >= bound:
        return bound
    # Relaxed: «a home is reached only if one of its sites is open» (Galvão and ReVelle, 1996).
    # A home's price is paid to each of its sites that opens.
    around_site = sp.csr_array(
        (live.astype(np.float64), arcs.site_home, arcs.site_ptr), shape=(arcs.sites, arcs.homes)
    )
    around_home = around_site.T.tocsr()
    people = need.astype(np.float64)

    def relaxed(price: Floats) -> tuple[float, Floats]:
        worth = np.asarray(around_site @ price, dtype=np.float64)
        best = np.argsort(-worth, kind="stable")[:sites]
        is_open = np.zeros(arcs.sites)
        is_open[best[worth[best] > 0]] = 1.0
        slope = np.asarray(around_home @ is_open, dtype=np.float64) - (price < people)
        return float((people - price).sum() + worth[best].sum()), slope

    value = lowest(relaxed, people / np.maximum(cover, 1), people, reached, rounds)
    return min(bound, int(np.floor(value * (1 + 1e-12) + _TOLERANCE)))


def seats_bound(
    arcs: Arcs,
    need: NDArray[np.int64],
    capacity: NDArray[np.int64],
    sites: int,
    *,
    seated: int = 0,
    rounds: int = 100,
) -> int:
    """Bound from above the people that any choice of sites can seat at once.

    The least of: all people with a site in reach; the most places that as many sites have and
    could fill; and a Lagrangian bound. Where all sites may open it is exact.

    Parameters
    ----------
    arcs
        Walks within reach.
    need
        People by home.
    capacity
        Places by site, 0 where it may not open.
    sites
        How many may be open.
    seated
        People seated by the best choice known; only steers the search for the bound.
    rounds
        Steps of the Lagrangian bound.
    """
    row = np.repeat(np.arange(arcs.sites), np.diff(arcs.site_ptr))
    live = capacity[row] > 0
    reachable = np.zeros(arcs.homes, dtype=bool)
    reachable[arcs.site_home[live]] = True
    total = int(need[reachable].sum())
    around = np.bincount(row, need[arcs.site_home], minlength=arcs.sites)
    fill = np.minimum(capacity, around.astype(np.int64))
    bound = min(total, int(np.sort(fill)[::-1][:sites].sum()))
    if seated >= bound:
        return bound
    usable = np.flatnonzero(capacity > 0)
    if usable.size <= sites:
        # All of them may open, so the exact seating at all of them is the best.
        nobody = np.zeros_like(need)
        return int(seat_people(arcs, need, nobody, capacity, usable).seated.sum())
    # Relaxed: «a home sends no more people than it has». A person's price is paid for leaving
    # home; each site then takes those who pay least.
    people = need.astype(np.float64)
    room = capacity.astype(np.float64)

    def relaxed(price: Floats) -> tuple[float, Floats]:
        order = np.argsort(price, kind="stable")
        ways = (order, arcs.home_ptr, arcs.home_site, people, 1.0 - price)
        worth = np.zeros(arcs.sites)
        fill_seats(*ways, room.copy(), worth, np.zeros(arcs.homes))
        best = np.argsort(-worth, kind="stable")[:sites]
        is_open = np.zeros(arcs.sites)
        is_open[best] = 1.0
        taken = np.zeros(arcs.homes)
        fill_seats(*ways, room * is_open, np.zeros(arcs.sites), taken)
        return float(price @ people + worth[best].sum()), people - taken

    # Where places are short leaving home is best free of charge, where they abound dear.
    starts = [np.full(arcs.homes, share) for share in (0.0, 0.5)]
    start = min(starts, key=lambda price: relaxed(price)[0])
    value = lowest(relaxed, start, np.ones(arcs.homes), float(seated), rounds)
    return min(bound, int(np.floor(value * (1 + 1e-12) + _TOLERANCE)))


def lowest(
    relaxed: Callable[[Floats], tuple[float, Floats]],
    price: Floats,
    most: Floats,
    aim: float,
    rounds: int,
) -> float:
    """Find a low value of a Lagrangian dual by subgradient steps (Held, Wolfe and Crowder, 1974).

    Every value on the way is an upper bound, so stopping early is safe.

    Parameters
    ----------
    relaxed
        Value and a subgradient of the dual at given prices.
    price
        Prices to start from.
    most
        Highest prices; the lowest are zero.
    aim
        Value of the best answer known: sets the length of the steps.
    rounds
        Steps.

    Returns
    -------
    float
        The lowest value found.
    """
    best, best_price, step, stale = np.inf, price, 1.0, 0
    for _ in range(rounds):
        value, slope = relaxed(price)
        if value < best * (1 - 1e-9) or best == np.inf:
            best, best_price, stale = value, price, 0
        else:
            stale += 1
            if stale >= _PATIENCE:
                step, stale, price = step * 0.6, 0, best_price
                if step < 1e-3:
                    break
                continue
        blocked = ((price <= 0) & (slope > 0)) | ((price >= most) & (slope < 0))
        norm = float((slope[~blocked] ** 2).sum())
        if best - aim < 1.0 or norm == 0.0:
            break
        price = np.clip(price - step * (value - aim) / norm * slope, 0.0, most)
    return float(best)


def cover_of(arcs: Arcs, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the chosen sites within reach of each home."""
    is_open = np.zeros(arcs.sites, dtype=bool)
    is_open[chosen] = True
    row = np.repeat(is_open, np.diff(arcs.site_ptr))
    return np.bincount(arcs.site_home[row], minlength=arcs.homes).astype(np.int64)
