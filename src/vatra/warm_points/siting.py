"""Which warm points to open, whom they reach and seat, and how good that is at best."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.warm_points.afford import choose_in_budget
from vatra.warm_points.arcs import arcs_of
from vatra.warm_points.bounds import cover_of, reach_bound, seats_bound
from vatra.warm_points.choice import ROUNDS, Choice, Wanted, choose_in_order
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.pace import RINGS_M, Paces, by_pace, joined, parts_of, rings_of
from vatra.warm_points.reach import walking_arcs
from vatra.warm_points.sizes import sizes_of
from vatra.warm_points.tables import assignment_of, block_table, column, nearest_open, site_table

UNPOWERED_M, UNHEATED_M, NO_SHELTER_M = 200.0, 200.0, 100.0
"""What it counts that a site is dark, or cold, all the time, or has no shelter from air raids by
it: as much as so many metres more to walk (assumed: a generator and stoves can be brought, but
take a crew and fuel)."""


@dataclass(frozen=True)
class Wishes:
    """What is preferred and what must be, beside the number of sites.

    Parameters
    ----------
    turns
        How many people one place serves in a day, one after the other; at least 1.
    least_per_district
        Fewest sites of each district, as far as it has them.
    keep_open
        Whether sites that are open already stay so.
    whole_blocks
        Whether all people of a block go to one site.
    vulnerable_weight
        What a vulnerable person counts, within reach and without a place, against 1 for others
        (assumed).
    unpowered_m, unheated_m, no_shelter_m
        What it counts, in metres more to walk, that a site is dark or cold all the time, or has
        no shelter; half of it where it is so half of the time.
    paces
        How fast the vulnerable and the others walk: fewer metres are within reach of who walks
        slowly.
    """

    turns: float = 1.0
    least_per_district: int = 0
    keep_open: bool = True
    whole_blocks: bool = False
    vulnerable_weight: float = 3.0
    unpowered_m: float = UNPOWERED_M
    unheated_m: float = UNHEATED_M
    no_shelter_m: float = NO_SHELTER_M
    paces: Paces = field(default_factory=Paces)


def site_warm_points(
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None,
    *,
    sites: int = 1000,
    reach_m: float = 1000.0,
    closed: Collection[str] = (),
    metres: Any = None,
    wishes: Wishes | None = None,
    rounds: int = ROUNDS,
    bound_rounds: int = 100,
    budget: float | None = None,
    levels: pd.DataFrame | None = None,
) -> WarmPoints:
    """Choose which sites to open as warm points, and give the people in need their places.

    Objectives in order: nobody vulnerable without a site in reach, then nobody at all, then as
    many as possible with a place in turns, then they walk as little as possible; among sites
    alike, those that keep power and heat and have a shelter. The choice is heuristic; who goes
    where is exact for the sites chosen; the bounds hold for every choice of as many sites.

    Parameters
    ----------
    people
        One row a block: ``need`` (people), geometry, and optionally ``vulnerable``,
        ``from_time`` (UTC) and ``planning_time`` (UTC), as `need_of` makes them.
    candidates
        One row a site: ``capacity`` (people at once), geometry, and optionally ``powered`` and
        ``heated`` (share of the time, 0 to 1), ``shelter``, ``district_id``, ``fixed`` (open in
        any case), ``forbidden`` (closed in any case) and ``status``: ``closed`` ones are left
        out, ``open`` ones kept.
    streets
        Table ``streets`` of a city; where `metres` is given only to count who is how far.
    sites
        How many may be open.
    reach_m
        Longest walk that counts as reach, metres: 1,000 m are 15 minutes at 4 km/h.
    closed
        Ids of streets and names of bridges that nobody can walk.
    metres
        Sparse site × block matrix of walks to use instead of the streets; what is not stored is
        out of reach, stored zeros are walks of 0 m.
    wishes
        What is preferred and what must be.
    rounds
        Steps of the bound on cost.
    bound_rounds
        Steps of the Lagrangian bounds on people; more steps bring them closer.
    budget
        Money that the sites may cost, beside their number; no limit by default.
    levels
        With a budget: the sizes that sites may open in, see `vatra.warm_points.sizes`.

    Returns
    -------
    WarmPoints
        The chosen sites, who goes where, and the bounds.
    """
    wishes = wishes or Wishes()
    if metres is None:
        if streets is None:
            raise ValueError("walks need streets or a matrix of metres")
        metres = walking_arcs(streets, people.geometry, candidates.geometry, reach_m, closed=closed)
    wanted = wanted_of(people, candidates, metres, sites, float(reach_m), wishes)
    arcs, paces, blocks = wanted.arcs, wishes.paces, len(people)
    need, vulnerable, capacity = wanted.need, wanted.vulnerable, wanted.places
    in_turns, fixed = wanted.capacity, wanted.fixed
    walks = arcs if paces.alike else arcs_of(metres)
    bought = None
    if budget is None:
        choice = choose_in_order(wanted, rounds=rounds)
    else:
        sizes = sizes_of(candidates, capacity, levels)
        capacity = sizes.places.max(axis=1)
        bought = choose_in_budget(
            replace(wanted, places=capacity, fixed=fixed & (capacity > 0)),
            sizes, float(budget), wishes.turns,
        )  # fmt: skip
        choice = bought.choice
        in_turns = np.floor(capacity * wishes.turns).astype(np.int64)
    chosen = choice.chosen
    usable, limit = capacity > 0, wanted.sites if bought is None else bought.most_sites
    reached = cover_of(arcs, chosen) > 0
    seated, served = int(choice.seated.sum()), int(choice.at_once.seated.sum())
    fragile = int(vulnerable.sum()) - reach_bound(
        arcs, vulnerable, usable, limit, chosen=chosen, rounds=bound_rounds
    )
    most_in_turns = seats_bound(arcs, need, in_turns, limit, seated=seated, rounds=bound_rounds)
    most_at_once = most_in_turns
    if wishes.turns != 1.0:
        most_at_once = seats_bound(arcs, need, capacity, limit, seated=served, rounds=bound_rounds)
    if bought is not None:
        most_in_turns = min(most_in_turns, bought.most_in_turns)
        most_at_once = min(most_at_once, bought.most_at_once)
        candidates = candidates.assign(capacity=bought.capacity)
    choice = joined(choice, blocks, paces)
    table = site_table(candidates, people, choice)
    if bought is not None:
        table = table.join(bought.table.set_axis(table.index))
    return WarmPoints(
        sites=table,
        blocks=block_table(people, candidates, walks, choice, usable, reach_m, paces),
        need=int(need.sum()),
        reached=int(need[reached].sum()),
        served=served,
        reached_bound=reach_bound(arcs, need, usable, limit, chosen=chosen, rounds=bound_rounds),
        served_bound=most_at_once,
        reach_m=float(reach_m),
        planning_time=people["planning_time"].iloc[0]
        if "planning_time" in people and len(people)
        else None,
        assignment=assignment_of(people, candidates, choice),
        turns=wishes.turns,
        in_turns=seated,
        in_turns_bound=most_in_turns,
        vulnerable_left=int(vulnerable[~reached].sum()),
        vulnerable_left_bound=fragile,
        cost=choice.cost,
        cost_bound=choice.bound,
        status=choice.status,
        budget=None if budget is None else float(budget),
        spent=0.0 if bought is None else bought.spent,
        paces=paces,
        rings=_rings(people, candidates, streets, metres, choice, closed, paces),
    )


def wanted_of(  # noqa: PLR0917
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    metres: Any,
    sites: int,
    reach_m: float,
    wishes: Wishes,
) -> Wanted:
    """Put people, sites and walks together as the search takes them.

    Parameters
    ----------
    people, candidates, sites, reach_m, wishes
        As for `site_warm_points`.
    metres
        Site × block, sparse: walks.
    """
    need = people["need"].to_numpy(dtype=np.int64)
    vulnerable = np.minimum(column(people, "vulnerable", 0).astype(np.int64), need)
    capacity = candidates["capacity"].to_numpy(dtype=np.int64).copy()
    if (need < 0).any() or (capacity < 0).any():
        raise ValueError("need and capacity can't be negative")
    status = candidates["status"].to_numpy() if "status" in candidates else np.array([""])
    capacity[(status == "closed") | (column(candidates, "forbidden", 0.0) > 0)] = 0
    need, vulnerable = parts_of(need, vulnerable, wishes.paces)
    fixed = column(candidates, "fixed", 0.0) > 0
    if wishes.keep_open:
        fixed |= status == "open"
    fixed &= capacity > 0
    return Wanted(
        arcs=arcs_of(by_pace(metres, reach_m, wishes.paces)),
        need=need,
        vulnerable=vulnerable,
        places=capacity,
        capacity=np.floor(capacity * wishes.turns).astype(np.int64),
        sites=max(int(sites), int(fixed.sum()), 0),
        extra_m=_extra_m(candidates, wishes),
        fixed=fixed,
        group=_districts(candidates),
        least=wishes.least_per_district,
        vulnerable_weight=wishes.vulnerable_weight,
        whole_homes=wishes.whole_blocks,
        reach_m=reach_m,
    )


def _rings(  # noqa: PLR0917
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None,
    metres: Any,
    choice: Choice,
    closed: Collection[str],
    paces: Paces,
) -> pd.DataFrame:
    """Count the people by how far the nearest open site is; beyond the reach by the streets."""
    need = people["need"].to_numpy(dtype=np.int64)
    vulnerable = np.minimum(column(people, "vulnerable", 0).astype(np.int64), need)
    if streets is not None and len(choice.chosen) and len(people):
        places = candidates.geometry.iloc[choice.chosen]
        metres = walking_arcs(streets, people.geometry, places, RINGS_M[-1], closed=closed)
        arcs = arcs_of(metres)
        walk_m = nearest_open(arcs, np.arange(arcs.sites))[1]
    else:
        walk_m = nearest_open(arcs_of(metres), choice.chosen)[1]
    return rings_of(walk_m, need, vulnerable, paces)


def _extra_m(candidates: pd.DataFrame, wishes: Wishes) -> NDArray[np.float64]:
    """Return what each site's disadvantages count a head, metres."""
    extra_m = wishes.unpowered_m * (1.0 - column(candidates, "powered", 1.0))
    extra_m += wishes.unheated_m * (1.0 - column(candidates, "heated", 1.0))
    return extra_m + wishes.no_shelter_m * (1.0 - column(candidates, "shelter", 1.0))


def _districts(candidates: pd.DataFrame) -> NDArray[np.int64]:
    if "district_id" not in candidates:
        return np.full(len(candidates), -1, dtype=np.int64)
    codes, _ = pd.factorize(candidates["district_id"])
    return np.asarray(codes, dtype=np.int64)
