"""Warm points after a strike: the sites and who goes where, with few people sent elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from vatra.problems import InputError, Problem, name_ids
from vatra.warm_points.capacitated import Sites
from vatra.warm_points.mend import Mended, mend_sites
from vatra.warm_points.reach import walking_arcs
from vatra.warm_points.task import siting_task


@dataclass(frozen=True)
class Again:
    """Warm points after a change.

    Parameters
    ----------
    sites
        Sites that are open now: ``capacity``, ``in_turns``, ``added``, geometry.
    assignment
        Who goes where now: ``block_id``, ``site_id``, ``in_turns``.
    lost, added
        Ids of the sites that can't stay open, and of those that open instead.
    moved, had_to_move
        People sent elsewhere, and of them those whose site is lost or out of reach.
    without
        People without a place.
    gap
        How much cheaper another choice can be at most, as a share, moves not counted.
    """

    sites: gpd.GeoDataFrame
    assignment: pd.DataFrame
    lost: list[str]
    added: list[str]
    moved: int
    had_to_move: int
    without: int
    gap: float


def mend_warm_points(
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    before: pd.DataFrame,
    *,
    sites: int,
    reach_m: float = 1000.0,
    turns: float = 1.0,
    lost: Collection[str] = (),
    closed: Collection[str] = (),
    seconds: float = 10.0,
) -> Again:
    """Mend warm points after a strike: a site lost, a bridge closed, a zone cold.

    What can stay open stays open and who can stay there stays; sites that are lost are replaced.

    Parameters
    ----------
    people, candidates, streets
        As for `site_warm_points`, as they are now: where a zone has gone cold ``need`` is more.
    before
        Who went where: ``block_id``, ``site_id``, ``in_turns`` (or ``people``).
    sites
        How many may be open.
    reach_m
        Longest walk, metres.
    turns
        People whom a place serves in a day.
    lost
        Ids of sites that can't open any more.
    closed
        Ids of streets and names of bridges that are out.
    seconds
        Time for the bound.

    Raises
    ------
    InputError
        Where ids aren't known.
    """
    column = "in_turns" if "in_turns" in before else "people"
    _check(before, candidates, lost, column)
    known = before[before["block_id"].isin(people.index) & before["site_id"].isin(candidates.index)]
    known = known[known[column] > 0]
    capacity = np.floor(candidates["capacity"].to_numpy(dtype=np.float64) * turns)
    shut = candidates.index.isin(list(lost))
    if "status" in candidates:
        shut |= (candidates["status"] == "closed").to_numpy()
    capacity[shut] = 0
    need = people["need"].to_numpy(dtype=np.int64)
    metres = walking_arcs(streets, people.geometry, candidates.geometry, reach_m, closed=closed)
    task = siting_task(metres, need, capacity, sites=sites, unserved=3.0 * reach_m)
    home = people.index.get_indexer(pd.Index(known["block_id"])).astype(np.int64)
    site = candidates.index.get_indexer(pd.Index(known["site_id"])).astype(np.int64)
    heads = known[column].to_numpy(dtype=np.int64)
    served = np.bincount(home, heads, minlength=need.size).astype(np.int64)
    old = Sites(
        chosen=np.unique(site),
        home=home,
        site=site,
        heads=heads,
        not_served=np.maximum(need - served, 0),
        cost=np.inf,
        bound=0.0,
        status="search ended",
        price=0.5 * task.unserved,
        seconds=0.0,
    )
    return _tables(mend_sites(task, old, seconds=seconds), people, candidates)


def _tables(done: Mended, people: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> Again:
    now = done.sites
    ids = candidates.index.to_numpy()
    load = np.bincount(now.site, now.heads, minlength=len(candidates)).astype(np.int64)
    table = candidates.iloc[now.chosen][["capacity", candidates.geometry.name]].copy()
    table["in_turns"] = load[now.chosen]
    table["added"] = np.isin(now.chosen, done.added)
    return Again(
        sites=table,
        assignment=pd.DataFrame(
            {
                "block_id": people.index.to_numpy()[now.home],
                "site_id": ids[now.site],
                "in_turns": now.heads,
            }
        ),
        lost=[str(i) for i in ids[done.lost]],
        added=[str(i) for i in ids[done.added]],
        moved=done.moved,
        had_to_move=done.had_to_move,
        without=int(now.not_served.sum()),
        gap=now.gap,
    )


def _check(
    before: pd.DataFrame, candidates: gpd.GeoDataFrame, lost: Collection[str], column: str
) -> None:
    problems = [
        Problem(f"--before: {name}", "", "the column is missing", "give the assignment as written")
        for name in ("block_id", "site_id", column)
        if name not in before
    ]
    strange = [name for name in lost if name not in candidates.index]
    if strange:
        problems.append(
            Problem("--lost", name_ids(strange), "no such candidate", "correct the ids")
        )
    if problems:
        raise InputError("vatra warm-points", problems)
