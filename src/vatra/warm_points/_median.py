"""Kernels of the p-median: the exchange of sites, and the relaxation that bounds it.

Costs are lists by customer, cheapest site first, and lists by site, cheapest customer first.
A pair that isn't in the lists isn't possible.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Flags = NDArray[np.bool_]


@njit()
def discounts(ptr: Ints, site: Ints32, cost: Floats, price: Floats, saving: Floats) -> None:
    """Add up what each site would save its customers against their prices.

    Parameters
    ----------
    ptr, site, cost
        Lists by customer.
    price
        What each customer pays to be served.
    saving
        Added to: by site, the sum of price less cost over customers for whom that is positive.
    """
    for i in range(price.size):
        for k in range(ptr[i], ptr[i + 1]):
            if cost[k] >= price[i]:
                break
            saving[site[k]] += price[i] - cost[k]


@njit()
def serve(
    ptr: Ints,
    site: Ints32,
    cost: Floats,
    price: Floats,
    penalty: Floats,
    is_open: Flags,
    offers: Floats,
) -> float:
    """Serve every customer from the cheapest open site, and count the offers below its price.

    Parameters
    ----------
    ptr, site, cost
        Lists by customer.
    price
        What each customer pays to be served.
    penalty
        What a customer costs whom no open site serves.
    is_open
        Open sites.
    offers
        By customer: open sites that cost less than its price; set.

    Returns
    -------
    float
        Cost of all customers.
    """
    total = 0.0
    for i in range(price.size):
        count = 0.0
        least = penalty[i]
        for k in range(ptr[i], ptr[i + 1]):
            if cost[k] >= price[i] and (least < penalty[i] or cost[k] >= penalty[i]):
                break
            if is_open[site[k]]:
                least = min(least, cost[k])
                if cost[k] >= price[i]:
                    break
                count += 1.0
        offers[i] = count
        total += least
    return total


@njit()
def two_cheapest(
    i: int,
    ptr: Ints,
    site: Ints32,
    cost: Floats,
    penalty: Floats,
    is_open: Flags,
    first: Ints32,
    second: Ints32,
    low: Floats,
    next_low: Floats,
) -> None:
    """Find a customer's two cheapest open sites, -1 and its penalty where there is none.

    Parameters
    ----------
    i
        The customer.
    ptr, site, cost
        Lists by customer, cheapest site first.
    penalty
        What a customer costs whom no open site serves.
    is_open
        Open sites.
    first, second, low, next_low
        By customer, set for this one: the two sites and their costs.
    """
    first[i] = -1
    second[i] = -1
    low[i] = penalty[i]
    next_low[i] = penalty[i]
    for k in range(ptr[i], ptr[i + 1]):
        if cost[k] >= penalty[i]:
            break
        if is_open[site[k]]:
            if first[i] < 0:
                first[i] = site[k]
                low[i] = cost[k]
            else:
                second[i] = site[k]
                next_low[i] = cost[k]
                break


@njit()
def interchange(
    ptr: Ints,
    site: Ints32,
    cost: Floats,
    site_ptr: Ints,
    customer: Ints32,
    site_cost: Floats,
    penalty: Floats,
    is_open: Flags,
    fixed: Flags,
    core: Ints,
    most_swaps: int,
) -> int:
    """Swap an open for a closed site while that lowers the cost.

    The interchange of Teitz and Bart (1968) with the bookkeeping of Whitaker (1983): the two
    cheapest open sites of each customer tell the gain of a site that opens together with the
    loss of every one that might close for it.

    Parameters
    ----------
    ptr, site, cost
        Lists by customer.
    site_ptr, customer, site_cost
        Lists by site.
    penalty
        What a customer costs whom no open site serves.
    is_open
        Open sites; changed in place.
    fixed
        Sites that stay as they are.
    core
        Sites to try to open, in this order.
    most_swaps
        Stop after as many.

    Returns
    -------
    int
        Swaps made.
    """
    customers = ptr.size - 1
    sites = site_ptr.size - 1
    first = np.empty(customers, np.int32)
    second = np.empty(customers, np.int32)
    low = np.empty(customers)
    next_low = np.empty(customers)
    for i in range(customers):
        two_cheapest(i, ptr, site, cost, penalty, is_open, first, second, low, next_low)
    loss = np.zeros(sites)
    extra = np.zeros(sites)
    farthest = 0.0
    for i in range(customers):
        farthest = max(farthest, next_low[i])
        if first[i] >= 0:
            loss[first[i]] += next_low[i] - low[i]
    opened = np.flatnonzero(is_open)
    swaps = 0
    since = 0
    at = 0
    while since < core.size and swaps < most_swaps:
        j = core[at]
        at += 1
        if at == core.size:
            at = 0
        since += 1
        if is_open[j] or fixed[j]:
            continue
        gain = 0.0
        for k in range(site_ptr[j], site_ptr[j + 1]):
            d = site_cost[k]
            if d >= farthest:
                break
            i = customer[k]
            if d < low[i]:
                gain += low[i] - d
                if first[i] >= 0:
                    extra[first[i]] += next_low[i] - low[i]
            elif d < next_low[i]:
                extra[first[i]] += next_low[i] - d
        best = 1e-7
        place = -1
        for r in range(opened.size):
            i = opened[r]
            profit = gain + extra[i] - loss[i]
            if profit > best and not fixed[i]:
                best = profit
                place = r
            extra[i] = 0.0
        if place < 0:
            continue
        out = opened[place]
        opened[place] = j
        is_open[out] = False
        is_open[j] = True
        swaps += 1
        since = 0
        for k in range(site_ptr[j], site_ptr[j + 1]):
            d = site_cost[k]
            if d >= farthest:
                break
            i = customer[k]
            if d < low[i]:
                second[i] = first[i]
                next_low[i] = low[i]
                first[i] = j
                low[i] = d
            elif d < next_low[i]:
                second[i] = j
                next_low[i] = d
        farthest = 0.0
        for i in range(sites):
            loss[i] = 0.0
        for i in range(customers):
            if first[i] == out or second[i] == out:
                two_cheapest(i, ptr, site, cost, penalty, is_open, first, second, low, next_low)
            farthest = max(farthest, next_low[i])
            if first[i] >= 0:
                loss[first[i]] += next_low[i] - low[i]
    return swaps
