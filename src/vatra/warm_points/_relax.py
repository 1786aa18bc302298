"""Kernels of the relaxation of siting with capacities: every site on its own, at given prices.

A site that could take people at given prices a head takes those worth most until it is full: a
fractional knapsack for each site (Cornuejols, Sridharan and Thizy, 1991), or one of whole
homes where a home may not be split.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]


@njit()
def site_worths(
    first: int,
    last: int,
    ptr: Ints,
    home: Ints32,
    cost: Floats,
    price: Floats,
    need: Floats,
    capacity: Floats,
    worth: Floats,
    rent: Floats,
) -> None:
    """Find what the best load of each site is worth, where homes may be split.

    Parameters
    ----------
    first, last
        Sites to look at: from the first, before the last.
    ptr, home, cost
        Lists by site, cheapest home first: homes and cost a head.
    price
        By home: what a head pays to be served.
    need, capacity
        Heads by home, places by site.
    worth
        By site, set: the sum over its best load of price less cost.
    rent
        By site, set: what one more place would be worth, 0 where it isn't full.
    """
    longest = 0
    for j in range(first, last):
        longest = max(longest, ptr[j + 1] - ptr[j])
    gain = np.empty(longest)
    heads = np.empty(longest)
    for j in range(first, last):
        count = 0
        total = 0.0
        value = 0.0
        for k in range(ptr[j], ptr[j + 1]):
            b = home[k]
            g = price[b] - cost[k]
            if g > 0.0:
                gain[count] = g
                heads[count] = need[b]
                total += need[b]
                value += g * need[b]
                count += 1
        rent[j] = 0.0
        if total <= capacity[j]:
            worth[j] = value
            continue
        # Quickselect: keep what is worth most, throw out until the load fits.
        room = capacity[j]
        value = 0.0
        low = 0
        high = count
        while high > low:
            pivot = gain[(low + high) >> 1]
            # Those above the pivot come first, then those equal to it.
            above = low
            equal = low
            load = 0.0
            sum_above = 0.0
            load_equal = 0.0
            for i in range(low, high):
                g = gain[i]
                h = heads[i]
                if g > pivot:
                    load += h
                    sum_above += g * h
                    gain[i] = gain[equal]
                    heads[i] = heads[equal]
                    gain[equal] = gain[above]
                    heads[equal] = heads[above]
                    gain[above] = g
                    heads[above] = h
                    above += 1
                    equal += 1
                elif g == pivot:
                    load_equal += h
                    gain[i] = gain[equal]
                    heads[i] = heads[equal]
                    gain[equal] = g
                    heads[equal] = h
                    equal += 1
            if load >= room:
                high = above
            else:
                value += sum_above
                room -= load
                if load_equal >= room:
                    value += pivot * room
                    rent[j] = pivot
                    break
                value += pivot * load_equal
                room -= load_equal
                low = equal
        worth[j] = value


@njit()
def served_by(
    chosen: Ints,
    ptr: Ints,
    home: Ints32,
    cost: Floats,
    price: Floats,
    need: Floats,
    capacity: Floats,
    rent: Floats,
    served: Floats,
) -> None:
    """Add up whom the best loads of some sites serve, where homes may be split.

    Parameters
    ----------
    chosen
        Sites to count.
    ptr, home, cost, price, need, capacity
        As in `site_worths`.
    rent
        By site, from `site_worths`.
    served
        By home, added to: heads served, more than it has where several sites take it.
    """
    for j in chosen:
        room = capacity[j]
        for k in range(ptr[j], ptr[j + 1]):
            b = home[k]
            if price[b] - cost[k] > rent[j]:
                served[b] += need[b]
                room -= need[b]
        if rent[j] > 0.0:
            for k in range(ptr[j], ptr[j + 1]):
                if room <= 0.0:
                    break
                b = home[k]
                if price[b] - cost[k] == rent[j]:
                    taken = min(room, need[b])
                    served[b] += taken
                    room -= taken


@njit()
def whole_worths(
    ptr: Ints,
    home: Ints32,
    cost: Floats,
    price: Floats,
    need: Ints,
    capacity: Ints,
    worth: Floats,
    inside: NDArray[np.bool_],
) -> None:
    """Find what the best load of each site is worth, where a home may not be split.

    A knapsack of whole homes for each site, by dynamic programming over its places.

    Parameters
    ----------
    ptr, home, cost
        Lists by site: homes and cost a head.
    price
        By home: what a head pays to be served.
    need, capacity
        Heads by home, places by site.
    worth
        By site, set.
    inside
        By pair, set: whether the home is in the site's best load.
    """
    for j in range(ptr.size - 1):
        size = capacity[j]
        count = ptr[j + 1] - ptr[j]
        best = np.zeros(size + 1)
        taken = np.zeros((count, size + 1), np.bool_)
        for r in range(count):
            k = ptr[j] + r
            inside[k] = False
            heads = need[home[k]]
            gain = (price[home[k]] - cost[k]) * heads
            if gain <= 0.0 or heads > size:
                continue
            if heads == 0:
                inside[k] = True
                continue
            for s in range(size, heads - 1, -1):
                more = best[s - heads] + gain
                if more > best[s]:
                    best[s] = more
                    taken[r, s] = True
        worth[j] = best[size]
        s = size
        for r in range(count - 1, -1, -1):
            if taken[r, s]:
                inside[ptr[j] + r] = True
                s -= need[home[ptr[j] + r]]
