"""What each site costs each customer, as the sorted lists that the p-median's kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Costs:
    """What each site costs each customer, as sorted lists.

    Parameters
    ----------
    ptr, site, cost
        Lists by customer, cheapest site first.
    site_ptr, customer, site_cost
        Lists by site, cheapest customer first.
    penalty
        By customer: what it costs if no open site serves it.
    whole
        True where all costs are whole numbers, so that bounds may be rounded up.
    """

    ptr: Ints
    site: NDArray[np.int32]
    cost: Floats
    site_ptr: Ints
    customer: NDArray[np.int32]
    site_cost: Floats
    penalty: Floats
    whole: bool

    @property
    def customers(self) -> int:
        """Number of customers."""
        return self.ptr.size - 1

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.site_ptr.size - 1


def costs_of(matrix: Any, penalty: Floats | None = None) -> Costs:
    """Sort a cost matrix into lists.

    Parameters
    ----------
    matrix
        Customer × site: a dense array, or a sparse one in which only what is stored is possible
        (stored zeros too).
    penalty
        By customer: what it costs if no open site serves it. By default the dearest of all
        costs times the number of customers, so that everybody is served if that can be.
    """
    sparse: bool = sp.issparse(matrix)
    if sparse:
        rows = sp.csr_array(matrix)
        ptr = rows.indptr.astype(np.int64)
        row = np.repeat(np.arange(rows.shape[0]), np.diff(ptr))
        order = np.lexsort((rows.data, row))
        site, cost = rows.indices[order].astype(np.int32), rows.data[order].astype(np.float64)
        sites = rows.shape[1]
    else:
        dense = np.asarray(matrix)
        customers, sites = dense.shape
        ptr = np.arange(customers + 1, dtype=np.int64) * sites
        site = np.empty(dense.size, dtype=np.int32)
        cost = np.empty(dense.size)
        for i in range(customers):
            order = np.argsort(dense[i], kind="stable")
            site[ptr[i] : ptr[i + 1]] = order
            cost[ptr[i] : ptr[i + 1]] = dense[i, order]
        if customers == sites and np.array_equal(dense, dense.T):
            return _finished((ptr, site, cost), (ptr, site, cost), penalty)
        row = np.repeat(np.arange(customers), sites)
    back = np.lexsort((cost, site))
    site_ptr = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=sites))])
    by_site = (site_ptr.astype(np.int64), row[back].astype(np.int32), cost[back])
    return _finished((ptr, site, cost), by_site, penalty)


def _finished(
    by_customer: tuple[Ints, NDArray[np.int32], Floats],
    by_site: tuple[Ints, NDArray[np.int32], Floats],
    penalty: Floats | None,
) -> Costs:
    customers = by_customer[0].size - 1
    cost = by_customer[2]
    if penalty is None:
        penalty = np.full(customers, (float(cost.max(initial=0.0)) + 1.0) * max(customers, 1))
    penalty = np.asarray(penalty, dtype=np.float64)
    whole = bool((cost == np.rint(cost)).all() and (penalty == np.rint(penalty)).all())
    return Costs(*by_customer, *by_site, penalty, whole)
