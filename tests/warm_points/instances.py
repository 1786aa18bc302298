"""Small random instances, and their optima by an exact solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint
from scipy.optimize import milp as _milp

from vatra.warm_points.arcs import Arcs, arcs_of

# The stubs don't know sparse matrices here.
milp: Any = _milp


@dataclass(frozen=True)
class Instance:
    """Homes, sites and who can walk where."""

    arcs: Arcs
    need: NDArray[np.int64]
    vulnerable: NDArray[np.int64]
    capacity: NDArray[np.int64]


def random_instance(rng: np.random.Generator, homes: int = 14, sites: int = 7) -> Instance:
    """An instance of up to as many homes and sites, with empty ones among them."""
    shape = (int(rng.integers(1, sites + 1)), int(rng.integers(1, homes + 1)))
    pairs = sp.coo_array(rng.random(shape) < rng.uniform(0.1, 0.9))
    metres = np.round(rng.uniform(0, 1000, pairs.nnz), 1)
    need = rng.integers(0, 9, shape[1])
    return Instance(
        arcs_of(sp.csr_array((metres, pairs.coords), shape=shape)),
        need,
        np.minimum(rng.integers(0, 4, shape[1]), need),
        rng.integers(0, 12, shape[0]),
    )


def most_reached(case: Instance, sites: int) -> int:
    """Most people whom so many sites can bring within reach."""
    arcs = case.arcs
    n, m = arcs.homes, arcs.sites
    row = np.repeat(np.arange(m), np.diff(arcs.site_ptr))
    cover = sp.csr_array((np.ones(row.size), (arcs.site_home, row)), shape=(n, m))
    rules = [
        LinearConstraint(sp.hstack([sp.eye(n), -cover]), ub=0),
        LinearConstraint(np.concatenate([np.zeros(n), np.ones(m)])[None, :], ub=sites),
    ]
    upper = np.concatenate([np.ones(n), (case.capacity > 0).astype(float)])
    value = np.concatenate([-case.need.astype(float), np.zeros(m)])
    answer = milp(value, constraints=rules, integrality=np.ones(n + m), bounds=Bounds(0, upper))
    return round(-float(answer.fun))


def most_seated(case: Instance, sites: int) -> int:
    """Most people whom so many sites can seat."""
    arcs = case.arcs
    n, m, k = arcs.homes, arcs.sites, arcs.site_home.size
    row = np.repeat(np.arange(m), np.diff(arcs.site_ptr))
    at_home = sp.csr_array((np.ones(k), (arcs.site_home, np.arange(k))), shape=(n, k))
    at_site = sp.csr_array((np.ones(k), (row, np.arange(k))), shape=(m, k))
    rules = [
        LinearConstraint(sp.hstack([at_home, sp.csr_array((n, m))]), ub=case.need),
        LinearConstraint(sp.hstack([at_site, -sp.diags_array(case.capacity.astype(float))]), ub=0),
        LinearConstraint(np.concatenate([np.zeros(k), np.ones(m)])[None, :], ub=sites),
    ]
    upper = np.concatenate([np.full(k, np.inf), np.ones(m)])
    whole = np.concatenate([np.zeros(k), np.ones(m)])
    value = np.concatenate([-np.ones(k), np.zeros(m)])
    answer = milp(value, constraints=rules, integrality=whole, bounds=Bounds(0, upper))
    return round(-float(answer.fun))
