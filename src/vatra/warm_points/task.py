"""What siting with capacities is asked: who can be served where, at what cost a head."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """Open some sites and serve people there, so that all of it costs least.

    Parameters
    ----------
    ptr, home, cost
        Lists by site, cheapest home first: homes within reach and cost a head.
    need, capacity
        Heads by home, places by site; whole numbers.
    opening
        What it costs to open each site.
    unserved
        By home: what a head costs that finds no place.
    sites
        How many may be open.
    fixed
        Sites that are open in any case; they count among `sites`.
    whole_homes
        A home is served at one site or not at all.
    whole_costs
        Costs of whole homes and of sites are whole numbers, so that bounds round up.
    away
        By home: what it costs that no open site is within reach, full or not; empty where that
        costs nothing.
    """

    ptr: Ints
    home: NDArray[np.int32]
    cost: Floats
    need: Ints
    capacity: Ints
    opening: Floats
    unserved: Floats
    sites: int
    fixed: NDArray[np.bool_]
    whole_homes: bool
    whole_costs: bool
    away: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def homes(self) -> int:
        """Number of homes."""
        return self.need.size

    @property
    def candidates(self) -> int:
        """Number of sites that might open."""
        return self.capacity.size

    @property
    def pairs(self) -> int:
        """Number of pairs of a site and a home within its reach."""
        return self.home.size

    @property
    def site(self) -> NDArray[np.int32]:
        """By pair: its site."""
        return np.repeat(np.arange(self.candidates, dtype=np.int32), np.diff(self.ptr))

    def away_cost(self, chosen: Ints) -> float:
        """Cost of the homes without an open site within reach."""
        if not self.away.size:
            return 0.0
        pair, _ = self.pairs_of(np.asarray(chosen, dtype=np.int64))
        has = np.zeros(self.homes, dtype=bool)
        has[self.home[pair]] = True
        return float(self.away[~has].sum())

    def pairs_of(self, sites: Ints) -> tuple[Ints, Ints]:
        """List the pairs of some sites, site by site, and the place of each one's site."""
        counts = np.diff(self.ptr)[sites]
        before = np.concatenate([[0], np.cumsum(counts)])[:-1]
        pair = np.arange(int(counts.sum())) + np.repeat(self.ptr[sites] - before, counts)
        return pair.astype(np.int64), np.repeat(np.arange(sites.size), counts)


def siting_task(
    costs: Any,
    need: Any,
    capacity: Any,
    *,
    sites: int | None = None,
    opening: Any = 0.0,
    unserved: Any = None,
    fixed: Any = None,
    whole_homes: bool = False,
    away: Any = None,
) -> Task:
    """Describe a siting problem with capacities.

    Parameters
    ----------
    costs
        Site × home, cost a head: a dense array, or any sparse one in which only what is stored
        is within reach (stored zeros too).
    need
        Heads by home, whole numbers.
    capacity
        Places by site, whole numbers; 0 where it can't open.
    sites
        How many may be open; all by default.
    opening
        What it costs to open a site: one figure or one by site.
    unserved
        What a head costs that finds no place: one figure or one by home. By default so much
        that nobody is left out to spare the others their way.
    fixed
        By site: whether it is open in any case.
    whole_homes
        A home is served at one site or not at all.
    away
        What it costs that a home has no open site within reach, full or not: by home, in all.
        Nothing by default.

    Returns
    -------
    Task
        The problem, with its pairs sorted.
    """
    pairs = pairs_given(costs)
    count, homes = pairs.shape
    site, home = (np.asarray(axis, dtype=np.int64) for axis in pairs.coords)
    cost = np.asarray(pairs.data, dtype=np.float64)
    heads = _whole(need, homes, "need")
    places = _whole(capacity, count, "capacity")
    fee = np.broadcast_to(np.asarray(opening, dtype=np.float64), (count,)).copy()
    if unserved is None:
        unserved = 2.0 * (float(cost.max(initial=0.0)) + float(fee.max(initial=0.0))) + 1.0
    dear = np.broadcast_to(np.asarray(unserved, dtype=np.float64), (homes,)).copy()
    if not (np.isfinite(cost).all() and np.isfinite(dear).all() and np.isfinite(fee).all()):
        raise ValueError("costs must be finite; leave out pairs that aren't possible")
    if (cost < 0).any() or (dear < 0).any() or (fee < 0).any():
        raise ValueError("costs can't be negative")
    # Nobody goes where it costs more than to stay, nor to a site without places.
    useful = (cost < dear[home]) & (places[site] > 0) & (heads[home] > 0)
    if whole_homes:
        useful &= heads[home] <= places[site]
    site, home, cost = site[useful], home[useful], cost[useful]
    order = np.lexsort((home, cost, site))
    ptr = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=count))]).astype(np.int64)
    stay = np.zeros(count, dtype=bool) if fixed is None else np.asarray(fixed, dtype=bool)
    stay = stay & (places > 0)
    whole = np.concatenate([cost * heads[home] if whole_homes else cost, fee, dear * heads])
    alone = np.zeros(0)
    if away is not None:
        reachable = np.bincount(home, minlength=homes) > 0
        # Who has no site in reach at all is away whatever opens.
        alone = np.where(reachable, np.broadcast_to(np.asarray(away, np.float64), (homes,)), 0.0)
        whole = np.concatenate([whole, alone])
        if not np.isfinite(alone).all() or (alone < 0).any():
            raise ValueError("away: finite costs from 0 wanted")
    return Task(
        ptr=ptr,
        home=home[order].astype(np.int32),
        cost=cost[order],
        need=heads,
        capacity=places,
        opening=fee,
        unserved=dear,
        sites=max(min(count if sites is None else int(sites), count), int(stay.sum())),
        fixed=stay,
        whole_homes=whole_homes,
        whole_costs=bool((np.abs(whole - np.rint(whole)) < 1e-9).all()),
        away=alone,
    )


def pairs_given(costs: Any) -> Any:
    """List the pairs of a site × home matrix: all of a dense one, those stored of a sparse one.

    Parameters
    ----------
    costs
        A dense array or any sparse one.
    """
    if sp.issparse(costs):
        sparse: Any = sp.coo_array
        return sparse(costs)
    dense = np.asarray(costs, dtype=np.float64)
    row, column = np.indices(dense.shape)
    return sp.coo_array((dense.ravel(), (row.ravel(), column.ravel())), shape=dense.shape)


def _whole(values: Any, size: int, name: str) -> Ints:
    given = np.asarray(values, dtype=np.float64)
    if given.shape != (size,):
        raise ValueError(f"{name}: {size} values wanted, not {given.shape}")
    if not np.isfinite(given).all() or (given < 0).any() or (given != np.rint(given)).any():
        raise ValueError(f"{name}: whole numbers from 0 wanted")
    return given.astype(np.int64)
