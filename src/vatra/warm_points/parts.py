"""A p-median part by part: lists cut down to the sites in play, and places decided on their own.

A good answer to a large problem is mended by solving small pieces of it to the optimum: some
neighbouring open sites and the customers that they serve, everything else as it is (Taillard
and Voss, 2002).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vatra.warm_points.radii import solve_by_radii

if TYPE_CHECKING:
    from vatra.warm_points.costs import Costs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PART_SITES = 20
"""Open sites that are decided together (assumed: a second or less each)."""
MOST_PAIRS = 6_000
"""Pairs of a part, at most; a part with more is made smaller."""
PART_S = 3.0
"""Seconds that a part may take."""


def part_of(costs: Costs, customers: Flags, sites: Flags) -> Costs:
    """Keep some customers and some sites, numbered anew in the same order.

    Parameters
    ----------
    costs
        All lists.
    customers, sites
        Whether each is kept.
    """
    new_customer = np.cumsum(customers, dtype=np.int32) - 1
    new_site = np.cumsum(sites, dtype=np.int32) - 1
    row = np.repeat(np.arange(costs.customers), np.diff(costs.ptr))
    kept = customers[row] & sites[costs.site]
    counts = np.bincount(new_customer[row[kept]], minlength=int(customers.sum()))
    by = np.repeat(np.arange(costs.sites), np.diff(costs.site_ptr))
    stays = sites[by] & customers[costs.customer]
    site_counts = np.bincount(new_site[by[stays]], minlength=int(sites.sum()))
    return replace(
        costs,
        ptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        site=new_site[costs.site[kept]].astype(np.int32),
        cost=costs.cost[kept],
        site_ptr=np.concatenate([[0], np.cumsum(site_counts)]).astype(np.int64),
        customer=new_customer[costs.customer[stays]].astype(np.int32),
        site_cost=costs.site_cost[stays],
        penalty=costs.penalty[customers],
    )


class Parts:
    """The parts of one answer.

    Parameters
    ----------
    costs
        Costs.
    is_open
        Open sites.
    limit
        By customer: a cost that is enough to look at, from the bound.
    """

    def __init__(self, costs: Costs, is_open: Flags, limit: Floats) -> None:
        self.costs, self.limit = costs, limit
        n = costs.customers
        self.row = np.repeat(np.arange(n), np.diff(costs.ptr))
        self.is_open = is_open
        entry = np.flatnonzero(is_open[costs.site] & (costs.cost < costs.penalty[self.row]))
        who = self.row[entry]
        rank = np.arange(entry.size) - np.searchsorted(who, who, side="left")
        # By customer, the open sites in ascending order of cost: the first few.
        self.first = np.full(n, -1)
        self.first[who[rank == 0]] = costs.site[entry[rank == 0]]
        self.low = costs.penalty.copy()
        self.low[who[rank == 0]] = costs.cost[entry[rank == 0]]
        self.entry, self.who, self.rank = entry, who, rank

    def around(self, centre: int, count: int) -> Ints:
        """List open sites near to one: those that its neighbours' customers would go to next."""
        few = self.rank < 6
        site, who = self.costs.site[self.entry[few]], self.who[few]
        inside = np.zeros(self.costs.sites, dtype=bool)
        inside[centre] = True
        size = 1
        while size < count:
            mine = inside[self.first[who]] & (self.first[who] >= 0)
            more, votes = np.unique(site[mine & ~inside[site]], return_counts=True)
            if not more.size:
                break
            best = more[np.argsort(-votes, kind="stable")][: max(count - size, 0)]
            best = best[: max(size, 4)]
            inside[best] = True
            size += best.size
        return np.flatnonzero(inside)

    def decide(self, centre: int, count: int) -> tuple[Ints, Ints] | None:
        """Decide anew which sites open round one.

        Parameters
        ----------
        centre
            An open site.
        count
            How many open sites to decide together.

        Returns
        -------
        tuple or None
            The sites that were open there, and those that serve the same customers for less;
            None where there are none, or too much to decide.
        """
        costs = self.costs
        while True:
            mine = self.around(centre, count)
            inside = np.zeros(costs.sites, dtype=bool)
            inside[mine] = True
            served = inside[self.first] & (self.first >= 0)
            limit = np.maximum(self.limit, self.low)
            near = served[self.row] & (costs.cost <= limit[self.row])
            if int(near.sum()) <= MOST_PAIRS:
                break
            count //= 2
            if count < 3:
                return None
        sites = np.zeros(costs.sites, dtype=bool)
        sites[costs.site[near]] = True
        sites &= ~self.is_open | inside
        sites |= inside
        # Whoever finds nothing dearer elsewhere can go to the open sites outside this part.
        outside = self.entry[served[self.who] & ~inside[costs.site[self.entry]]]
        elsewhere = costs.penalty.copy()
        np.minimum.at(elsewhere, self.row[outside], costs.cost[outside])
        part = replace(part_of(costs, served, sites), penalty=elsewhere[served])
        free = np.zeros(int(sites.sum()), dtype=np.int8)
        found = solve_by_radii(part, mine.size, free, limit[served], PART_S)
        if found is None or found.is_open is None:
            return None
        return mine, np.flatnonzero(sites)[found.is_open]
