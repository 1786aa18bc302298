"""A check of siting answers that shares nothing with the solvers: it recounts from the input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points.capacitated import Sites
from vatra.warm_points.task import pairs_given

_SHARE = 1e-6
"""Costs are compared to a millionth."""


def check_sites(
    answer: Sites,
    costs: Any,
    need: Any,
    capacity: Any,
    *,
    sites: int | None = None,
    opening: Any = 0.0,
    unserved: Any,
    fixed: Any = None,
    whole_homes: bool = False,
    away: Any = 0.0,
) -> list[str]:
    """Recount an answer from the input that it was made from.

    Parameters
    ----------
    answer
        The answer.
    costs, need, capacity, sites, opening, unserved, fixed, whole_homes, away
        The input, as for `siting_task`; `unserved` as it was there.

    Returns
    -------
    list of str
        What is wrong, in sentences; empty where nothing is.
    """
    table = pairs_given(costs)
    count, homes = table.shape
    need, capacity = np.asarray(need), np.asarray(capacity)
    chosen = answer.chosen
    if np.unique(chosen).size != chosen.size or not np.isin(chosen, np.arange(count)).all():
        return ["a site is chosen twice or doesn't exist"]
    must = np.zeros(count, dtype=bool) if fixed is None else np.asarray(fixed) & (capacity > 0)
    most = count if sites is None else max(sites, int(must.sum()))
    served = np.bincount(answer.home, answer.heads, minlength=homes)
    load = np.bincount(answer.site, answer.heads, minlength=count)
    key = answer.site * homes + answer.home
    each = _cost_of_pairs(table, key)
    fee = np.broadcast_to(np.asarray(opening, dtype=float), (count,))
    dear = np.broadcast_to(np.asarray(unserved, dtype=float), (homes,))
    ways = float(each @ answer.heads)
    cost = ways + float(dear @ answer.not_served) + float(fee[chosen].sum())
    cost += _away(table, need, capacity, chosen, np.broadcast_to(np.asarray(away, float), (homes,)))
    counted = np.array_equal(served + answer.not_served, need) and (answer.not_served >= 0).all()
    over = int((load > capacity).sum())
    checks = [
        (chosen.size <= most, f"{chosen.size} sites are open, {most} may be"),
        (np.isin(np.flatnonzero(must), chosen).all(), "a fixed site isn't open"),
        (np.isin(answer.site, chosen).all(), "somebody is sent to a site that isn't open"),
        ((answer.heads > 0).all(), "a pair is listed that nobody uses"),
        (np.unique(key).size == key.size, "a pair is listed twice"),
        (counted, "served and not served don't make the need of every home"),
        (over == 0, f"{over} sites take more than they have places"),
        (not whole_homes or np.unique(answer.home).size == answer.home.size, "a home is split"),
        (not np.isnan(each).any(), "somebody is sent where they can't go"),
        (
            abs(cost - answer.cost) <= _SHARE * max(abs(cost), 1.0),
            f"it costs {cost:,.6g}, not {answer.cost:,.6g}",
        ),
        (answer.bound <= cost * (1 + _SHARE) + _SHARE, "its bound is above its cost"),
        (
            not answer.proved or answer.gap <= 2 * _SHARE,
            "it is called optimal, and its bound doesn't say so",
        ),
    ]
    return [words for right, words in checks if not right]


def _cost_of_pairs(table: Any, key: NDArray[np.int64]) -> NDArray[np.float64]:
    """Look up what each pair costs, in the input; NaN where it isn't there."""
    keys = np.asarray(table.coords[0], dtype=np.int64) * table.shape[1] + table.coords[1]
    if not keys.size:
        return np.full(key.size, np.nan)
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], key), keys.size - 1)
    return np.where(keys[order][at] == key, np.asarray(table.data)[order][at], np.nan)


def _away(table: Any, need: Any, capacity: Any, chosen: Any, away: NDArray[np.float64]) -> float:
    """Cost of the homes with a site in reach that could open, and none that did."""
    site, home = (np.asarray(axis, dtype=np.int64) for axis in table.coords)
    usable = (capacity[site] > 0) & (need[home] > 0)
    some, near = np.zeros(away.size, dtype=bool), np.zeros(away.size, dtype=bool)
    some[home[usable]] = True
    near[home[usable & np.isin(site, chosen)]] = True
    return float(away[some & ~near].sum())
