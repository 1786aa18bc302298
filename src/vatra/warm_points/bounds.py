"""How far from the best possible a choice of sites can be: upper bounds on reach and seats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._choose import bound_reach, bound_seats
from vatra.warm_points.arcs import Arcs

_TOLERANCE = 1e-6


def reach_bound(
    arcs: Arcs,
    need: NDArray[np.int64],
    usable: NDArray[np.bool_],
    sites: int,
    *,
    chosen: NDArray[np.int64] | None = None,
    rounds: int = 300,
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
    if chosen is not None:
        cover = cover_of(arcs, chosen)
        if int(need[cover > 0].sum()) >= bound:
            return bound
        price = need / np.maximum(cover, 1)
    else:
        price = need.astype(np.float64)
    value = bound_reach(
        arcs.site_ptr,
        arcs.site_home,
        need.astype(np.float64),
        usable,
        sites,
        rounds,
        price.astype(np.float64),
    )
    return min(bound, int(np.floor(value * (1 + 1e-12) + _TOLERANCE)))


def seats_bound(
    arcs: Arcs,
    need: NDArray[np.int64],
    capacity: NDArray[np.int64],
    sites: int,
    *,
    seated: int = 0,
    rounds: int = 300,
) -> int:
    """Bound from above the people that any choice of sites can seat at once.

    The least of: all people with a site in reach; the most places that as many sites have and
    could fill; and a Lagrangian bound.

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
    value = bound_seats(
        arcs.home_ptr,
        arcs.home_site,
        need.astype(np.float64),
        capacity.astype(np.float64),
        sites,
        rounds,
        float(seated),
        np.full(arcs.homes, 0.5),
    )
    return min(bound, int(np.floor(value * (1 + 1e-12) + _TOLERANCE)))


def cover_of(arcs: Arcs, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the chosen sites within reach of each home."""
    is_open = np.zeros(arcs.sites, dtype=bool)
    is_open[chosen] = True
    row = np.repeat(is_open, np.diff(arcs.site_ptr))
    return np.bincount(arcs.site_home[row], minlength=arcs.homes).astype(np.int64)
