"""Which feeders to open for so many MW: a covering knapsack, with its bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from vatra.blackouts.task import TOLERANCE_MW, Flags, Floats

NODES = 2000
"""Nodes of the search, not seconds, end it, so that the same order gives the same answer."""

FINEST_MW = 1e-3
"""Loads are told apart to this in the bound on the excess."""


@dataclass(frozen=True)
class Choice:
    """Feeders to open.

    Parameters
    ----------
    opened
        By feeder.
    most_mw
        MW of all that may be opened.
    excess_bound_mw
        No choice exceeds the order by less; 0 where it can't be met.
    people_bound
        No choice of feeders of the kinds opened takes light from fewer people.
    """

    opened: Flags
    most_mw: float
    excess_bound_mw: float
    people_bound: float


def choose_to_open(
    load_mw: Floats, tier: NDArray[np.int64], people: Floats, mw: float, closed: Flags
) -> Choice:
    """Choose feeders kind by kind until the order is met, with the fewest people.

    Parameters
    ----------
    load_mw
        By feeder, MW.
    tier
        Kind by feeder, those that go first lowest; −1 for those that stay.
    people
        By feeder.
    mw
        MW to shed.
    closed
        Feeders that are lit and may be opened.

    Returns
    -------
    Choice
        The feeders; all that may be opened where that isn't enough.
    """
    can = closed & (tier >= 0) & (load_mw > 0)
    most = float(load_mw[can].sum())
    opened = np.zeros(len(load_mw), dtype=np.bool_)
    if most < mw - TOLERANCE_MW:
        return Choice(can, most, 0.0, float(people[can].sum()))
    for kind in np.unique(tier[can]):
        own = np.flatnonzero(can & (tier == kind))
        missing = mw - float(load_mw[opened].sum())
        if load_mw[own].sum() >= missing - TOLERANCE_MW:
            opened[own[_cover(load_mw[own], people[own], missing)]] = True
            break
        opened[own] = True
    kinds = can & (tier <= tier[opened].max())
    opened = _drop_spare(opened, load_mw, people, mw)
    fewest = _fewest_people(load_mw[kinds], people[kinds], mw)
    return Choice(opened, most, _least_excess(load_mw[can], mw), fewest)


def _fewest_people(load: Floats, people: Floats, mw: float) -> float:
    """Bound the people from below: feeders with fewest people a MW, the last one in part."""
    order = np.argsort(people / load, kind="stable")
    total = np.concatenate(([0.0], np.cumsum(load[order])))
    part = np.clip((mw - total[:-1]) / load[order], 0.0, 1.0)
    return float(people[order] @ part)


def _cover(load: Floats, people: Floats, mw: float) -> Flags:
    """Find the fewest people whose feeders draw so many MW."""
    ratio = np.argsort(people / load, kind="stable")
    last = int(np.searchsorted(np.cumsum(load[ratio]), mw - TOLERANCE_MW))
    greedy = np.zeros(len(load), dtype=np.bool_)
    greedy[ratio[: last + 1]] = True
    greedy = _drop_spare(greedy, load, people, mw)
    # A trace of MW decides between choices with as many people: the least excess.
    cost = people / max(float(people.max()), 1e-9) + 1e-6 * load / float(load.max())
    found = milp(
        cost,
        constraints=LinearConstraint(load[None, :], mw - TOLERANCE_MW, np.inf),
        integrality=np.ones(len(load), dtype=np.int64), bounds=Bounds(0, 1),
        options={"node_limit": NODES, "mip_rel_gap": 1e-4},
    )  # fmt: skip
    if found.x is None:
        return greedy
    chosen = np.asarray(found.x > 0.5)
    enough = float(load[chosen].sum()) >= mw - 2 * TOLERANCE_MW
    return chosen if enough and cost[chosen].sum() <= cost[greedy].sum() else greedy


def _drop_spare(opened: Flags, load: Floats, people: Floats, mw: float) -> Flags:
    """Close again what isn't needed, most people first; nothing that is left can be spared."""
    kept = opened.copy()
    spare = float(load[kept].sum()) - mw + TOLERANCE_MW
    for f in np.lexsort((-load, -people)):
        if kept[f] and load[f] <= spare:
            kept[f] = False
            spare -= float(load[f])
    return kept


def _least_excess(load: Floats, mw: float) -> float:
    """Bound from below by how much any choice exceeds the order: sums of subsets, by bits.

    Loads are rounded to `FINEST_MW`; what that can hide in a sum is taken off, so that the bound
    stays one. Where loads are given in whole kW it is exact.
    """
    units = np.round(load / FINEST_MW).astype(np.int64)
    reach = 1
    for unit in units.tolist():
        reach |= reach << unit
    doubt = float(np.abs(load / FINEST_MW - units).sum()) + 1e-6
    first = max(0, int(np.ceil(mw / FINEST_MW - doubt)))
    above = reach >> first
    least = first + (above & -above).bit_length() - 1
    return max(0.0, FINEST_MW * (least - doubt) - mw)
