"""Siting over sizes within a budget by a mixed-integer program, where that is small enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint
from scipy.optimize import milp as _milp

from vatra.warm_points.sizes import Sizes
from vatra.warm_points.task import Ints, Task

# The stubs don't know sparse matrices here.
_solve: Any = _milp

MOST_PAIRS = 20_000
"""Pairs of a site and a home that are given to the solver, at most (assumed: a minute)."""


@dataclass(frozen=True)
class Decided:
    """What the solver found.

    Parameters
    ----------
    level
        By site: its level, -1 where it stays closed; None without an answer.
    bound
        No answer costs less; minus infinity if it has none.
    """

    level: Ints | None
    bound: float


def decide_sizes(task: Task, sizes: Sizes, budget: float, seconds: float) -> Decided | None:
    """Choose sites and sizes, and who goes where, by HiGHS.

    Parameters
    ----------
    task
        The problem.
    sizes
        The sizes of each site.
    budget
        Money.
    seconds
        Time, at most.

    Returns
    -------
    Decided or None
        None where it is too large.
    """
    k, m, n = task.pairs, task.candidates, task.homes
    if k > MOST_PAIRS:
        return None
    levels = len(sizes.names)
    need = task.need[task.home].astype(np.float64)
    site, home = task.site.astype(np.int64), task.home.astype(np.int64)
    # Variables: the share of each home in each pair, site by level, not served, away.
    away = n if task.away.size else 0
    width = [k, m * levels, n, away]
    total = sum(width)

    def row(pairs: Any, sized: Any, unserved: Any, gone: Any, rows: int) -> Any:
        parts = [
            sp.csr_array((rows, w)) if block is None else block
            for block, w in zip((pairs, sized, unserved, gone), width, strict=True)
        ]
        return sp.hstack(parts, format="csr")

    one = np.ones(k)
    of_site = np.repeat(np.arange(m), levels)
    opens = sp.csr_array((np.ones(m * levels), (of_site, np.arange(m * levels))), (m, m * levels))
    places = sp.csr_array(
        (sizes.places.ravel().astype(float), (of_site, np.arange(m * levels))), (m, m * levels)
    )
    served = sp.csr_array((one, (home, np.arange(k))), shape=(n, k))
    loads = sp.csr_array((need, (site, np.arange(k))), shape=(m, k))
    by_pair = opens[site]
    rules = [
        LinearConstraint(row(served, None, sp.eye_array(n), None, n), 1, 1),
        LinearConstraint(row(loads, -places, None, None, m), ub=0),
        LinearConstraint(row(None, opens, None, None, m), ub=1),
        LinearConstraint(
            row(None, sp.csr_array(np.ones((1, m * levels))), None, None, 1), ub=task.sites
        ),
        LinearConstraint(
            row(None, sp.csr_array(sizes.cost.ravel()[None, :]), None, None, 1), ub=budget
        ),
    ]
    if k:
        rules.append(LinearConstraint(row(sp.eye_array(k), -by_pair, None, None, k), ub=0))
    if away:
        near = sp.csr_array((one, (home, np.arange(k))), shape=(n, k)) @ by_pair if k else None
        rules.append(LinearConstraint(row(None, near, None, sp.eye_array(n), n), lb=_wanted(task)))
    cost = np.concatenate(
        [
            task.cost * need,
            np.zeros(m * levels),
            task.unserved * task.need,
            task.away if away else np.zeros(0),
        ]
    )
    lower, upper = np.zeros(total), np.ones(total)
    upper[k : k + m * levels] = (sizes.places > 0).ravel()
    if task.fixed.any():
        fixed = np.flatnonzero(task.fixed)
        rules.append(LinearConstraint(row(None, opens[fixed], None, None, fixed.size), lb=1))
    size = max(float(cost.max(initial=0.0)), 1.0) / 1000.0
    answer = _solve(
        cost / size,
        constraints=rules,
        integrality=np.repeat([0, 1, 0, 0], width),
        bounds=Bounds(lower, upper),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 1e-7},
    )
    bound = answer.get("mip_dual_bound")
    bound = -np.inf if bound is None or not np.isfinite(bound) else float(bound) * size
    if answer.x is None:
        return Decided(None, bound)
    sized = answer.x[k : k + m * levels].reshape(m, levels) > 0.5
    return Decided(np.where(sized.any(axis=1), sized.argmax(axis=1), -1), bound)


def _wanted(task: Task) -> Any:
    """By home: 1 where having no open site within reach costs something."""
    return (task.away > 0).astype(np.float64)
