"""The tables of an answer: sites, blocks, and who has a place at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import SLOT_H
from vatra.warm_points.arcs import Arcs
from vatra.warm_points.choice import Choice
from vatra.warm_points.pace import Paces

NO_SITE = "no site in reach"
NO_PLACE = "capacity"
NO_BUDGET = "budget"
"""Why somebody has no place: no building that could open is in reach; those in reach that are
open are full; one is in reach, but more may not open."""


def column(frame: pd.DataFrame, name: str, default: float) -> NDArray[np.float64]:
    """Return a column as numbers; a default where it, or a value of it, is missing.

    Parameters
    ----------
    frame
        The table.
    name, default
        The column, and what stands for what is missing.
    """
    if name not in frame:
        return np.full(len(frame), float(default))
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(values), float(default), values)


def assignment_of(people: pd.DataFrame, candidates: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """List who goes where, as `WarmPoints` has it.

    Parameters
    ----------
    people, candidates
        The tables given.
    choice
        Which sites, and who has a place there at once and later.
    """
    parts = []
    for seating, at_once in ((choice.at_once, 1), (choice.later, 0)):
        parts.append(
            pd.DataFrame(
                {
                    "home": seating.home,
                    "site": seating.site,
                    "people": seating.people * at_once,
                    "in_turns": seating.people,
                    "walk_m": seating.metres,
                }
            )
        )
    both = pd.concat(parts, ignore_index=True).groupby(["home", "site"], as_index=False)
    table = both.agg({"people": "sum", "in_turns": "sum", "walk_m": "first"})
    table.insert(0, "block_id", people.index.to_numpy()[table.pop("home")])
    table.insert(1, "site_id", candidates.index.to_numpy()[table.pop("site")])
    return table


def site_table(
    candidates: gpd.GeoDataFrame, people: gpd.GeoDataFrame, choice: Choice
) -> gpd.GeoDataFrame:
    """Make the table of the chosen sites, as `WarmPoints` has it.

    Parameters
    ----------
    candidates, people
        The tables given.
    choice
        Which sites, and who has a place there at once and later.
    """
    chosen = choice.chosen
    kept = [
        c
        for c in ("name", "kind", "district_id", "floor_area_m2", "shelter", "status", "backup_mw")
        if c in candidates
    ]
    table = candidates.iloc[chosen][[*kept, "capacity", candidates.geometry.name]].copy()
    table["assigned"] = choice.at_once.taken[chosen]
    table["in_turns"] = (choice.at_once.taken + choice.later.taken)[chosen]
    table["powered"] = column(candidates, "powered", 1.0)[chosen]
    table["heated"] = column(candidates, "heated", 1.0)[chosen]
    earliest = pd.Series([], dtype="datetime64[ns, UTC]")
    if "from_time" in people:
        home = np.concatenate([choice.at_once.home, choice.later.home])
        site = np.concatenate([choice.at_once.site, choice.later.site])
        first = people["from_time"].reset_index(drop=True).iloc[home]
        earliest = first.groupby(site).min() - pd.Timedelta(hours=SLOT_H)
    table["open_by"] = earliest.reindex(chosen).set_axis(table.index)
    return table


def block_table(  # noqa: PLR0917 - one parameter a table
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    arcs: Arcs,
    choice: Choice,
    usable: NDArray[np.bool_],
    reach_m: float,
    paces: Paces,
) -> pd.DataFrame:
    """Make the table of the blocks with need, as `WarmPoints` has it.

    Parameters
    ----------
    people, candidates
        The tables given.
    arcs
        Walks within reach.
    choice
        Which sites, and who has a place there at once and later.
    usable
        By site: whether it may open.
    reach_m, paces
        Longest walk of a healthy adult, metres, and how fast others walk against that.
    """
    need = people["need"].to_numpy(dtype=np.int64)
    vulnerable = np.minimum(column(people, "vulnerable", 0).astype(np.int64), need)
    nearest, walk_m = nearest_open(arcs, choice.chosen)
    far_m = np.where(nearest >= 0, walk_m, np.inf)
    near_all = far_m <= reach_m * paces.others * (1 + 1e-9)
    near_few = far_m <= reach_m * paces.vulnerable * (1 + 1e-9)
    reached = np.where(near_all, need - vulnerable, 0) + np.where(near_few, vulnerable, 0)
    # Farther than the slower go, a site is nobody's.
    nearest[~(near_all | near_few)], walk_m[~(near_all | near_few)] = -1, np.nan
    is_near = nearest >= 0
    site_id = np.full(need.size, "", dtype=object)
    site_id[is_near] = candidates.index.to_numpy()[nearest[is_near]]
    home = np.repeat(np.arange(arcs.homes), np.diff(arcs.home_ptr))
    within = arcs.home_m <= reach_m * max(paces.others, paces.vulnerable) * (1 + 1e-9)
    open_there = usable[arcs.home_site] & within
    in_reach = np.bincount(home, open_there, minlength=arcs.homes).astype(np.int64)
    slow = usable[arcs.home_site] & (arcs.home_m <= reach_m * paces.vulnerable * (1 + 1e-9))
    in_slow_reach = np.bincount(home, slow, minlength=arcs.homes)
    assigned = choice.at_once.seated
    why = np.where(is_near, NO_PLACE, np.where(in_reach > 0, NO_BUDGET, NO_SITE))
    # Where nobody but who walks slowly is without a place, it is theirs.
    only_far = is_near & (assigned >= reached) & (reached < need)
    why = np.where(only_far, np.where(in_slow_reach > 0, NO_BUDGET, NO_SITE), why)
    table = pd.DataFrame(
        {
            "need": need,
            "vulnerable": vulnerable,
            "reached": reached,
            "assigned": assigned,
            "in_turns": choice.seated,
            "site_id": site_id,
            "walk_m": walk_m,
            "reason": np.where(assigned < need, why, "").astype(object),
            "sites_in_reach": in_reach,
        },
        index=pd.Index(people.index, name="block_id"),
    )
    kept = [name for name in ("in_need", "in_need_peak", "from_time") if name in people]
    return table.join(people[kept])


def nearest_open(
    arcs: Arcs, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest chosen site of each home and the walk to it; -1 and NaN if there is none.

    Parameters
    ----------
    arcs
        Walks within reach.
    chosen
        Open sites.
    """
    is_open = np.zeros(arcs.sites, dtype=bool)
    is_open[chosen] = True
    home = np.repeat(np.arange(arcs.homes), np.diff(arcs.home_ptr))
    entry = np.flatnonzero(is_open[arcs.home_site])
    entry = entry[np.lexsort((arcs.home_m[entry], home[entry]))]
    first = entry[np.concatenate([[True], np.diff(home[entry]) > 0])] if entry.size else entry
    site = np.full(arcs.homes, -1, dtype=np.int64)
    walk_m = np.full(arcs.homes, np.nan)
    site[home[first]] = arcs.home_site[first]
    walk_m[home[first]] = arcs.home_m[first]
    return site, walk_m
