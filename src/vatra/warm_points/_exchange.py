"""Kernel of the exchange of sites, at given rents of their places where those can be full."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Flags = NDArray[np.bool_]


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
def exchange_at_rents(
    ptr: Ints,
    site: Ints32,
    cost: Floats,
    site_ptr: Ints,
    customer: Ints32,
    site_cost: Floats,
    penalty: Floats,
    is_open: Flags,
    fixed: Flags,
    fee: Floats,
    core: Ints,
    most_open: int,
    most_moves: int,
    in_order: bool,
) -> int:
    """Open, close and swap sites while that lowers the cost, as if nothing could be full.

    The interchange of Teitz and Bart (1968) with the bookkeeping of Whitaker (1983): the two
    cheapest open sites of each customer tell the gain of a site that opens together with the
    loss of every one that might close for it. Here it has a fee for each open site, and moves
    that only open or only close one.

    Parameters
    ----------
    ptr, site, cost
        Lists by customer, cheapest site first; the rent is in the cost.
    site_ptr, customer, site_cost
        The same pairs by site.
    penalty
        What a customer costs whom no open site serves.
    is_open
        Open sites; changed in place.
    fixed
        Sites that stay open.
    fee
        By site: what it costs to open it, less the rent that its places bring in.
    core
        Sites to try to open, in this order.
    most_open
        How many may be open.
    most_moves
        Stop after as many.
    in_order
        Whether the lists by site are cheapest customer first; then they aren't read beyond the
        dearest second choice.

    Returns
    -------
    int
        Moves made.
    """
    customers = ptr.size - 1
    sites = site_ptr.size - 1
    first = np.empty(customers, np.int32)
    second = np.empty(customers, np.int32)
    low = np.empty(customers)
    next_low = np.empty(customers)
    loss = np.zeros(sites)
    extra = np.zeros(sites)
    farthest = 0.0
    for i in range(customers):
        two_cheapest(i, ptr, site, cost, penalty, is_open, first, second, low, next_low)
        farthest = max(farthest, next_low[i])
        if first[i] >= 0:
            loss[first[i]] += next_low[i] - low[i]
    opened = np.zeros(sites, np.int64)
    count = 0
    for j in range(sites):
        if is_open[j]:
            opened[count] = j
            count += 1
    moves = 0
    since = 0
    at = 0
    while since < core.size and moves < most_moves:
        j = core[at]
        at += 1
        if at == core.size:
            at = 0
        since += 1
        add = -1
        out = -1
        best = 1e-7
        if is_open[j]:
            if not fixed[j] and fee[j] - loss[j] > best:
                out = j
        else:
            gain = -fee[j]
            for k in range(site_ptr[j], site_ptr[j + 1]):
                d = site_cost[k]
                if in_order and d >= farthest:
                    break
                i = customer[k]
                if d < low[i]:
                    gain += low[i] - d
                    if first[i] >= 0:
                        extra[first[i]] += next_low[i] - low[i]
                elif d < next_low[i] and first[i] >= 0:
                    extra[first[i]] += next_low[i] - d
            if count < most_open and gain > best:
                best = gain
                add = j
            for r in range(count):
                i = opened[r]
                profit = gain + extra[i] - loss[i] + fee[i]
                if profit > best and not fixed[i]:
                    best = profit
                    add = j
                    out = i
                extra[i] = 0.0
        if add < 0 and out < 0:
            continue
        moves += 1
        since = 0
        if out >= 0:
            is_open[out] = False
            for r in range(count):
                if opened[r] == out:
                    count -= 1
                    opened[r] = opened[count]
                    break
        if add >= 0:
            is_open[add] = True
            opened[count] = add
            count += 1
        if out >= 0:
            for k in range(site_ptr[out], site_ptr[out + 1]):
                if in_order and site_cost[k] > farthest:
                    break
                i = int(customer[k]) + 0  # of one type wherever it comes from: compiled once
                if first[i] == out or second[i] == out:
                    if first[i] >= 0:
                        loss[first[i]] -= next_low[i] - low[i]
                    two_cheapest(i, ptr, site, cost, penalty, is_open, first, second, low, next_low)
                    if first[i] >= 0:
                        loss[first[i]] += next_low[i] - low[i]
            loss[out] = 0.0
        # Customers of the one that closed may now have a dearer second choice than any before.
        if in_order:
            farthest = 0.0
            for i in range(customers):
                farthest = max(farthest, next_low[i])
        if add >= 0:
            for k in range(site_ptr[add], site_ptr[add + 1]):
                d = site_cost[k]
                if in_order and d >= farthest:
                    break
                i = customer[k]
                if d < next_low[i] and first[i] != add and second[i] != add:
                    if first[i] >= 0:
                        loss[first[i]] -= next_low[i] - low[i]
                    if d < low[i]:
                        second[i] = first[i]
                        next_low[i] = low[i]
                        first[i] = add
                        low[i] = d
                    else:
                        second[i] = add
                        next_low[i] = d
                    loss[first[i]] += next_low[i] - low[i]
    return moves
