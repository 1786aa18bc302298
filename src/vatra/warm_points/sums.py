"""The honest sum: whom so many sites serve, and how many it would take for all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.warm_points.arcs import Arcs
from vatra.warm_points.assign import seat_people

Ints = NDArray[np.int64]

_SHARES = (0.1, 0.3, 0.6, 1.0, 2.0)
"""Numbers of sites on the curve, as shares of those that open; then all there are."""


def most_served(
    arcs: Arcs, need: Ints, places: Ints, shifts: Ints, chosen: Ints
) -> tuple[int, int, Ints]:
    """Count the people whom some sites can serve: most in turns, of them at once; who is left.

    Parameters
    ----------
    arcs
        Walks within reach.
    need
        People by home.
    places, shifts
        Places by site at once, and people whom it serves in turns.
    chosen
        Open sites.
    """
    seating = seat_people(arcs, need, np.zeros_like(need), shifts, chosen)
    at_once = int(np.minimum(seating.taken, places).sum())
    return int(seating.seated.sum()), at_once, need - seating.seated


def served_curve(arcs: Arcs, need: Ints, capacity: Ints, order: Ints, turns: float) -> pd.DataFrame:
    """Count the people served, at once and in turns, against the number of sites.

    The first sites are those of the plan, in their order; after them those that serve most of
    who is left. The bounds hold for every choice of as many sites: the places of the largest,
    as far as people are within reach of them.

    Parameters
    ----------
    arcs
        Walks within reach.
    need
        People by home.
    capacity
        Places by site at once; 0 where it may not open.
    order
        Sites of the plan, those first that open first.
    turns
        People whom a place serves in a day.

    Returns
    -------
    pandas.DataFrame
        ``sites``, ``at_once``, ``at_once_bound``, ``in_turns``, ``in_turns_bound``.
    """
    usable = int((capacity > 0).sum())
    counts = {min(max(round(s * order.size), 1), usable) for s in _SHARES} if order.size else set()
    shifts = np.floor(capacity * turns).astype(np.int64)
    row = np.repeat(np.arange(arcs.sites), np.diff(arcs.site_ptr))
    around = np.bincount(row, need[arcs.site_home], arcs.sites).astype(np.int64)
    all_need = int(need.sum())
    rows = [(0, 0, 0, 0, 0)]
    further = np.zeros(0, dtype=np.int64)
    for count in sorted(counts | ({usable} if usable else set())):
        is_open = np.zeros(arcs.sites, dtype=bool)
        is_open[order[:count]] = True
        if count > order.size:
            is_open[further[: count - order.size]] = True
        in_turns, at_once, left = most_served(arcs, need, capacity, shifts, np.flatnonzero(is_open))
        if count == order.size:
            # Then those round which most are left, as far as they have places.
            more = np.minimum(np.bincount(row, left[arcs.site_home], arcs.sites), shifts)
            more = np.where(is_open | (capacity <= 0), -1.0, more)
            further = np.argsort(-more, kind="stable")[: usable - count]
        most = [
            min(int(np.sort(np.minimum(room, around))[::-1][:count].sum()), all_need)
            for room in (capacity, shifts)
        ]
        rows.append((count, at_once, most[0], in_turns, most[1]))
    names = ["sites", "at_once", "at_once_bound", "in_turns", "in_turns_bound"]
    return pd.DataFrame(rows, columns=names)


def sites_for_all(need: int, capacity: Ints, turns: float = 1.0) -> int:
    """Count the sites that it takes at least to give everybody a place, wherever they live.

    The largest first; when there are no more, as many as needed of their mean size.

    Parameters
    ----------
    need
        People.
    capacity
        Places by site at once.
    turns
        People whom a place serves in a day.
    """
    places = np.sort(np.floor(capacity[capacity > 0] * turns))[::-1]
    upto = np.cumsum(places)
    if need <= 0:
        return 0
    if upto.size and upto[-1] >= need:
        return int(np.searchsorted(upto, need) + 1)
    if not upto.size:
        return 0
    return int(places.size + np.ceil((need - upto[-1]) / places.mean()))
