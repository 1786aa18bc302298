"""Warm points within a budget: the choice of sites and sizes, and their places."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from vatra.problems import InputError, Problem
from vatra.warm_points.budget import most_affordable, places_affordable, sites_in_budget
from vatra.warm_points.choice import Choice, Wanted, seat_in_turns
from vatra.warm_points.sizes import Sizes
from vatra.warm_points.task import Ints


@dataclass(frozen=True)
class Afforded:
    """A choice within a budget.

    Parameters
    ----------
    choice
        The sites, and who goes where.
    level
        By site: its level, -1 where it stays closed.
    capacity
        By site, people at once: of the size it opens in, or its own where it stays closed.
    spent
        Money.
    most_sites
        The budget opens no more sites.
    most_at_once, most_in_turns
        The budget buys no more places.
    sizes
        The sizes of each site.
    """

    choice: Choice
    level: Ints
    capacity: Ints
    spent: float
    most_sites: int
    most_at_once: int
    most_in_turns: int
    sizes: Sizes

    @property
    def table(self) -> pd.DataFrame:
        """By chosen site: ``level``, ``cost`` and what goes into it."""
        chosen = self.choice.chosen
        at = self.level[chosen]
        return pd.DataFrame(
            {
                "level": np.asarray(self.sizes.names, dtype=object)[at],
                "cost": self.sizes.cost[chosen, at],
                **{name: counts[chosen, at] for name, counts in self.sizes.parts.items()},
            }
        )


def choose_in_budget(wanted: Wanted, sizes: Sizes, budget: float, turns: float) -> Afforded:
    """Choose sites and sizes within a budget, by the costs of `Wanted.task`.

    Whoever has no site in reach counts most, then who has no place, then walking: as weights of
    one sum, which the bound is of.

    Parameters
    ----------
    wanted
        What is asked; its places are those of the largest sizes.
    sizes
        The sizes of each site.
    budget
        Money.
    turns
        People whom a place serves in a day.

    Raises
    ------
    InputError
        Where the budget can't be kept, or blocks are to be whole.
    """
    problems = []
    least = sizes.price.min(axis=1)
    needed = float(least[wanted.fixed].sum())
    if needed > budget:
        words = f"sites that are open in any case cost {needed:,.0f} at their cheapest"
        problems.append(Problem("--budget", f"{budget:,.0f}", words, "give more, or free some"))
    if wanted.whole_homes:
        mend = "leave out one of them"
        problems.append(Problem("--budget", "", "can't be with --whole-blocks", mend))
    if wanted.least:
        mend = "leave out one of them"
        problems.append(Problem("--budget", "", "can't be with --least-per-district", mend))
    if problems:
        raise InputError("vatra warm-points", problems)
    in_turns = np.floor(sizes.places * turns).astype(np.int64)
    wanted = replace(wanted, capacity=in_turns.max(axis=1))
    found = sites_in_budget(wanted.task, replace(sizes, places=in_turns), budget)
    chosen = np.flatnonzero(found.level >= 0)
    capacity = wanted.places.copy()
    capacity[chosen] = sizes.places[chosen, found.level[chosen]]
    shifts = wanted.capacity.copy()
    shifts[chosen] = in_turns[chosen, found.level[chosen]]
    first, later = seat_in_turns(replace(wanted, places=capacity, capacity=shifts), chosen)
    return Afforded(
        Choice(chosen, first, later, found.cost, found.bound, found.status),
        found.level,
        capacity,
        found.spent,
        most_affordable(sizes, budget, wanted.sites, wanted.fixed),
        places_affordable(sizes, budget),
        places_affordable(sizes, budget, turns),
        sizes,
    )
