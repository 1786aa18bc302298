"""Which sites to open, by objectives in order: reach, then places, then walking, then cost.

Serving everybody in turns at least cost (`cheapest_sites`), with a high price on whoever has no
site in reach at all, gives the choice and its bound. Where it still leaves somebody out of reach
it is mended, and held against the choice that looks at reach alone (`choose_sites`); the better
of the two, objective by objective, is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vatra.warm_points.arcs import Arcs
from vatra.warm_points.assign import Seating, seat_people
from vatra.warm_points.bounds import cover_of
from vatra.warm_points.budget import sites_in_budget
from vatra.warm_points.capacitated import Sites, cheapest_sites
from vatra.warm_points.choose import choose_sites
from vatra.warm_points.serve import cost_of, serve_at
from vatra.warm_points.sizes import Sizes
from vatra.warm_points.task import Floats, Ints, Task, siting_task
from vatra.warm_points.whole import pack_homes

UNSERVED_REACH = 3.0
"""Somebody without a place counts as much as so many times the longest walk (assumed)."""
AWAY, AWAY_VULNERABLE = 30.0, 150.0
"""Somebody without a site within reach counts as so many times the longest walk; somebody
vulnerable, so much more (assumed: as good as any number served elsewhere)."""
ROUNDS = 160
"""Steps of the bound in a plan: fixed, so that the same input gives the same answer however busy
the machine is."""
_ENDLESS_S = 3600.0
_MENDS = 400
_WIDE = 0.01
"""Gap from which small problems are searched once more."""
_SMALL_PAIRS = 60_000
"""With fewer pairs the bound takes five times the steps in less time."""


@dataclass(frozen=True)
class Wanted:
    """What is asked: who needs a place, which sites there are, and what is preferred.

    Parameters
    ----------
    arcs
        Walks within reach, metres.
    need, vulnerable
        People by home, and the vulnerable among them.
    places
        People whom each site holds at once; 0 where it may not open.
    capacity
        People whom each site serves in turns.
    sites
        How many may be open.
    extra_m
        By site: what its disadvantages (dark hours, cold hours, no shelter) count a head, in
        metres more to walk.
    fixed
        Sites that are open in any case.
    group, least
        District of each site, -1 for none, and the fewest sites that each district gets, as far
        as it has them.
    vulnerable_weight
        What a vulnerable person counts against others.
    whole_homes
        The people of a block all go to one site.
    reach_m
        Longest walk, metres.
    """

    arcs: Arcs
    need: Ints
    vulnerable: Ints
    places: Ints
    capacity: Ints
    sites: int
    extra_m: Floats
    fixed: NDArray[np.bool_]
    group: Ints
    least: int
    vulnerable_weight: float
    whole_homes: bool
    reach_m: float

    @property
    def priced(self) -> Arcs:
        """The walks with what each site's disadvantages count."""
        arcs = self.arcs
        row = np.repeat(self.extra_m, np.diff(arcs.site_ptr))
        return replace(
            arcs, site_m=arcs.site_m + row, home_m=arcs.home_m + self.extra_m[arcs.home_site]
        )

    @property
    def task(self) -> Task:
        """The same as a problem of least cost."""
        arcs = self.priced
        shape = (arcs.sites, arcs.homes)
        costs = sp.csr_array((arcs.site_m, arcs.site_home, arcs.site_ptr), shape=shape)
        more = (self.vulnerable_weight - 1.0) * self.vulnerable / np.maximum(self.need, 1)
        dearest = self.reach_m + float(self.extra_m.max(initial=0.0))
        return siting_task(
            costs,
            self.need,
            self.capacity,
            sites=self.sites,
            unserved=UNSERVED_REACH * dearest * (1.0 + more),
            fixed=self.fixed,
            whole_homes=self.whole_homes,
            away=dearest * (AWAY_VULNERABLE * self.vulnerable + AWAY * self.need),
        )


@dataclass(frozen=True)
class Choice:
    """The sites to open, who goes where in turns, and what that costs.

    Parameters
    ----------
    chosen
        Open sites, ascending.
    at_once
        Who has a place at once.
    later
        Who has one after them, in turns, where a place serves more than one person a day.
    cost, bound
        In metres of walking, everybody served in turns at least cost: all ways, what is
        preferred, and those without a place or a site in reach; and what no choice of as many
        sites costs less than.
    status
        How the search ended, as in `Sites`.
    """

    chosen: Ints
    at_once: Seating
    later: Seating
    cost: float
    bound: float
    status: str

    @property
    def seated(self) -> Ints:
        """By home: people with a place, at once or later."""
        return self.at_once.seated + self.later.seated


def choose_in_order(wanted: Wanted, *, rounds: int = ROUNDS) -> Choice:
    """Choose up to so many sites, by objectives in order.

    First as few vulnerable people as possible are without a site in reach, then as few people,
    then as few without a place in turns, then they walk least. Every district gets its fewest.

    Parameters
    ----------
    wanted
        What is asked.
    rounds
        Steps of the bound, at most.
    """
    task = wanted.task
    if task.pairs < _SMALL_PAIRS:
        rounds *= 5
    found = cheapest_sites(task, seconds=_ENDLESS_S, rounds=rounds, exact=False)
    choices = [_widened(wanted, found.chosen)]
    if found.gap > _WIDE and task.pairs < _SMALL_PAIRS and not wanted.whole_homes:
        # Moving sites one for another with the exact flow as judge, as if each cost the same.
        alike = Sizes(("alike",), task.capacity[:, None].copy(), np.ones((task.candidates, 1)), {})
        moved = sites_in_budget(task, alike, float(task.sites), exact_s=0.0)
        found = replace(found, bound=max(found.bound, min(moved.bound, found.cost)))
        choices.append(_widened(wanted, np.flatnonzero(moved.level >= 0)))
    if (task.away[cover_of(wanted.arcs, choices[0]) == 0] > 0).any():
        # Not everybody can be reached with so few sites: whom, is a question of its own.
        weight = wanted.need + (wanted.vulnerable_weight - 1.0) * wanted.vulnerable
        quality = 1.0 - wanted.extra_m / (2.0 * wanted.reach_m + wanted.extra_m)
        choices.append(
            choose_sites(
                wanted.arcs, wanted.need, weight, wanted.capacity, wanted.sites,
                quality=quality, fixed=wanted.fixed,
            )
        )  # fmt: skip
    choices = [_with_least(wanted, chosen) for chosen in choices]
    answers = [_seated(wanted, task, chosen, found) for chosen in choices]
    return _without_idle(wanted, min(answers, key=lambda answer: _rank(wanted, answer)))


def _without_idle(wanted: Wanted, answer: Choice) -> Choice:
    """Leave closed what nobody goes to, except for what must be open: it would need staff."""
    stays = (answer.at_once.taken + answer.later.taken > 0) | wanted.fixed
    is_open = np.zeros(stays.size, dtype=bool)
    is_open[answer.chosen] = True
    for group in np.unique(wanted.group[wanted.group >= 0]) if wanted.least > 0 else ():
        here = np.flatnonzero(is_open & (wanted.group == group))
        by_use = here[np.lexsort((-wanted.capacity[here], ~stays[here]))]
        stays[by_use[: wanted.least]] = True
    return replace(answer, chosen=np.flatnonzero(is_open & stays))


def _rank(wanted: Wanted, answer: Choice) -> tuple[int, int, int, float]:
    """Tell what is left undone, objective by objective."""
    away = cover_of(wanted.arcs, answer.chosen) == 0
    left = wanted.need - answer.seated
    return (
        int(wanted.vulnerable[away].sum()),
        int(wanted.need[away].sum()),
        int(left.sum()),
        answer.cost,
    )


def _seated(wanted: Wanted, task: Task, chosen: Ints, found: Sites) -> Choice:
    """Give places at the chosen sites, and hold the choice against the bound."""
    first, later = seat_in_turns(wanted, chosen)
    # The gap is that of the choice: served at least cost there, against the least anywhere.
    cost = found.cost
    if not np.array_equal(chosen, found.chosen):
        served = serve_at(task, chosen)
        pair, heads = served.pair, served.heads
        if wanted.whole_homes:
            pair = pack_homes(task, chosen, served)
            heads = task.need[task.home[pair]]
        cost = cost_of(task, chosen, pair, heads)
    status = found.status
    if status == "optimal" and cost > found.bound * (1 + 1e-6):
        status = "search ended"
    return Choice(chosen, first, later, cost, min(found.bound, cost), status)


def seat_in_turns(wanted: Wanted, chosen: Ints) -> tuple[Seating, Seating]:
    """Give places at the chosen sites: those at once first, then those in later turns.

    Parameters
    ----------
    wanted
        What is asked.
    chosen
        Open sites.
    """
    first = _seat(wanted, wanted.need, wanted.vulnerable, wanted.places, chosen)
    later = _seat(
        wanted,
        wanted.need - first.seated,
        np.maximum(wanted.vulnerable - first.seated, 0),
        wanted.capacity - first.taken,
        chosen,
    )
    # Walks as they are: what is preferred only steers.
    walks = wanted.arcs.site_m
    return replace(first, metres=walks[first.pair]), replace(later, metres=walks[later.pair])


def _seat(wanted: Wanted, need: Ints, vulnerable: Ints, places: Ints, chosen: Ints) -> Seating:
    if not wanted.whole_homes:
        return seat_people(wanted.priced, need, vulnerable, places, chosen)
    # All people of a block to one site, where that can be.
    arcs = wanted.priced
    costs = sp.csr_array(
        (arcs.site_m, arcs.site_home, arcs.site_ptr), shape=(arcs.sites, arcs.homes)
    )
    unserved = wanted.task.unserved
    task = siting_task(costs, need, places, unserved=unserved, whole_homes=True)
    pair = pack_homes(task, chosen, serve_at(task, chosen))
    home, site = task.home[pair].astype(np.int64), task.site[pair].astype(np.int64)
    key = np.repeat(np.arange(arcs.sites), np.diff(arcs.site_ptr)) * arcs.homes + arcs.site_home
    entry = np.searchsorted(key, site * arcs.homes + home)
    people = need[home]
    return Seating(
        home=home,
        site=site,
        people=people,
        metres=arcs.site_m[entry],
        pair=entry,
        seated=np.bincount(home, people, arcs.homes).astype(np.int64),
        taken=np.bincount(site, people, arcs.sites).astype(np.int64),
        home_price=np.zeros(arcs.homes),
        proved=False,
    )


def _widened(wanted: Wanted, chosen: Ints) -> Ints:
    """Swap in sites for those whom a choice leaves without any in reach, the vulnerable first."""
    arcs = wanted.arcs
    by_site = sp.csr_array(
        (np.ones(arcs.site_home.size), arcs.site_home, arcs.site_ptr),
        shape=(arcs.sites, arcs.homes),
    )
    weight = wanted.need + 1000.0 * wanted.vulnerable
    is_open = np.zeros(arcs.sites, dtype=bool)
    is_open[chosen] = True
    spare = wanted.sites - int(is_open.sum())
    for _ in range(_MENDS):
        cover = cover_of(arcs, np.flatnonzero(is_open))
        gain = by_site @ (weight * (cover == 0))
        gain[is_open | (wanted.capacity <= 0)] = 0.0
        add = int(np.argmax(gain)) if gain.size else 0
        if not gain.size or gain[add] <= 0.0:
            break
        if spare > 0:
            is_open[add], spare = True, spare - 1
            continue
        # What closing costs in reach; of equals the one with fewest places.
        loss = by_site @ (weight * (cover == 1))
        loss[~is_open | wanted.fixed] = np.inf
        out = int(np.lexsort((wanted.capacity, loss))[0])
        if loss[out] >= gain[add]:
            break
        is_open[out], is_open[add] = False, True
    return np.flatnonzero(is_open)


def _with_least(wanted: Wanted, chosen: Ints) -> Ints:
    """Give every district its fewest sites: its largest ones for the smallest of the others."""
    if wanted.least <= 0:
        return chosen
    is_open = np.zeros(wanted.capacity.size, dtype=bool)
    is_open[chosen] = True
    for group in np.unique(wanted.group[wanted.group >= 0]):
        here = wanted.group == group
        short = wanted.least - int((here & is_open).sum())
        usable = np.flatnonzero(here & ~is_open & (wanted.capacity > 0))
        for add in usable[np.argsort(-wanted.capacity[usable], kind="stable")][: max(short, 0)]:
            if int(is_open.sum()) >= wanted.sites:
                counts = np.bincount(
                    wanted.group[is_open & (wanted.group >= 0)],
                    minlength=int(wanted.group.max()) + 1,
                )
                rich = (wanted.group < 0) | (counts[wanted.group] > wanted.least)
                out = np.flatnonzero(is_open & ~wanted.fixed & rich)
                if not out.size:
                    return np.flatnonzero(is_open)
                is_open[out[np.argmin(wanted.capacity[out])]] = False
            is_open[add] = True
    return np.flatnonzero(is_open)
