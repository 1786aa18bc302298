"""Kernels of the p-median: the relaxation that bounds it, and what a choice costs.

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
