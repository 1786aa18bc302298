"""Which sites to open: the most people within reach first, then the most seats filled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points._choose import exchange, open_greedily
from vatra.warm_points.arcs import Arcs
from vatra.warm_points.assign import seat_people

_ROUNDS = 50
"""Passes of the exchange over all sites; it ends much earlier."""


def choose_sites(
    arcs: Arcs,
    need: NDArray[np.int64],
    weight: NDArray[np.float64],
    capacity: NDArray[np.int64],
    sites: int,
    *,
    quality: NDArray[np.float64] | None = None,
    fixed: NDArray[np.bool_] | None = None,
    seat_rounds: int = 10,
) -> NDArray[np.int64]:
    """Choose up to `sites` sites: most weight within reach first, then most seats filled.

    Parameters
    ----------
    arcs
        Walks within reach.
    need
        People by home.
    weight
        What it counts to bring each home within reach.
    capacity
        Places by site, 0 where it may not open.
    sites
        How many may be open.
    quality
        What a place at each site counts, 0 to 1; all alike by default.
    fixed
        Sites that are open in any case.
    seat_rounds
        Rounds of exact seating and exchange, at most.

    Returns
    -------
    NDArray[np.int64]
        Row numbers of the chosen sites, ascending; fewer where more would add nothing.
    """
    quality = np.ones(arcs.sites) if quality is None else quality
    fixed = np.zeros(arcs.sites, dtype=bool) if fixed is None else fixed
    is_open = fixed.copy()
    # Those nearest take the seats first.
    row = np.repeat(np.arange(arcs.sites), np.diff(arcs.site_ptr))
    nearest = arcs.site_home[np.lexsort((arcs.site_m, row))]
    shape = (arcs.site_ptr, nearest, arcs.home_ptr, arcs.home_site)
    open_greedily(*shape, weight, need, capacity, quality, is_open, sites)
    # Exchange sites against an exact seating until that finds nothing more.
    nobody = np.zeros(arcs.homes, dtype=np.int64)
    for _ in range(seat_rounds):
        seating = seat_people(arcs, need, nobody, capacity, np.flatnonzero(is_open))
        seated = np.zeros(arcs.site_home.size, dtype=np.int64)
        seated[seating.pair] = seating.people
        moves = exchange(
            arcs.site_ptr,
            arcs.site_home,
            arcs.home_ptr,
            arcs.home_site,
            weight,
            need,
            capacity,
            quality,
            seated,
            is_open,
            fixed,
            sites,
            _ROUNDS,
        )
        if not moves:
            break
    _add_by_rerouting(arcs, need, capacity, is_open, sites)
    return np.flatnonzero(is_open)


def _add_by_rerouting(
    arcs: Arcs,
    need: NDArray[np.int64],
    capacity: NDArray[np.int64],
    is_open: NDArray[np.bool_],
    sites: int,
) -> None:
    """Open further sites where people have to change places for that to seat more.

    The exchange opens a site only for people round it who have no place. What it misses shows
    in the seating at all sites: closed ones that are used there, the most used first.
    """
    spare = sites - int(is_open.sum())
    usable = np.flatnonzero(is_open | (capacity > 0))
    nobody = np.zeros(arcs.homes, dtype=np.int64)
    if spare <= 0 or usable.size == int(is_open.sum()):
        return
    now = seat_people(arcs, need, nobody, capacity, np.flatnonzero(is_open))
    most = seat_people(arcs, need, nobody, capacity, usable)
    if most.seated.sum() <= now.seated.sum():
        return
    used = usable[(most.taken[usable] > 0) & ~is_open[usable]]
    order = np.argsort(-most.taken[used], kind="stable")
    added = used[order[:spare]]
    is_open[added] = True
    then = seat_people(arcs, need, nobody, capacity, np.flatnonzero(is_open))
    is_open[added] = (then.taken[added] > 0) & (then.seated.sum() > now.seated.sum())
