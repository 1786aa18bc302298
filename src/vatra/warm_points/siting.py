"""Which warm points to open, whom they reach and seat, and how good that is at best."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import SLOT_H
from vatra.warm_points.arcs import Arcs, arcs_of
from vatra.warm_points.assign import Seating, seat_people
from vatra.warm_points.bounds import cover_of, reach_bound, seats_bound
from vatra.warm_points.choose import choose_sites
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.reach import walking_arcs

NO_SITE = "no site in reach"
NO_PLACE = "capacity"
VULNERABLE_WEIGHT = 3.0
"""What it counts to bring a vulnerable person within reach, against 1 for others (assumed)."""
UNPOWERED_PENALTY = 0.1
UNHEATED_PENALTY = 0.1
"""What a seat counts less where its site has no power, or no heat, all the time (assumed: a
generator and stoves can be brought, but take a crew and fuel)."""


def site_warm_points(
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None,
    *,
    sites: int = 1000,
    reach_m: float = 1000.0,
    closed: Collection[str] = (),
    metres: Any = None,
    vulnerable_weight: float = VULNERABLE_WEIGHT,
    bound_rounds: int = 100,
) -> WarmPoints:
    """Choose which sites to open as warm points, and seat the people in need.

    First as many people as possible come within reach on foot, the vulnerable counted more;
    then as many as possible get a place at once, the vulnerable of a block first; then they
    walk as little as possible. The choice of sites is heuristic; the seating at the chosen
    sites is exact; the bounds hold for every choice of as many sites.

    Parameters
    ----------
    people
        One row a block: ``need`` (people), geometry, and optionally ``vulnerable``,
        ``from_time`` (UTC) and ``planning_time`` (UTC), as `need_of` makes them.
    candidates
        One row a site: ``capacity`` (people at once), geometry, and optionally ``powered`` and
        ``heated`` (share of the time, 0 to 1) and ``fixed`` (open in any case). Sites whose
        ``status`` is ``closed`` are left out; those that are ``open`` already are not kept for
        that alone.
    streets
        Table ``streets`` of a city; not needed where `metres` is given.
    sites
        How many may be open.
    reach_m
        Longest walk that counts as reach, metres: 1,000 m are 15 minutes at 4 km/h.
    closed
        Ids of streets and names of bridges that nobody can walk.
    metres
        Sparse site × block matrix of walks to use instead of the streets; what is not stored is
        out of reach, stored zeros are walks of 0 m.
    vulnerable_weight
        What it counts to bring a vulnerable person within reach, against 1 for others.
    bound_rounds
        Steps of the Lagrangian bounds; more steps bring them closer.

    Returns
    -------
    WarmPoints
        The chosen sites, who goes where, and the bounds.
    """
    need = people["need"].to_numpy(dtype=np.int64)
    vulnerable = np.minimum(_column(people, "vulnerable", 0).astype(np.int64), need)
    capacity = candidates["capacity"].to_numpy(dtype=np.int64).copy()
    if "status" in candidates:
        capacity[(candidates["status"] == "closed").to_numpy()] = 0
    if (need < 0).any() or (capacity < 0).any():
        raise ValueError("need and capacity can't be negative")
    sites = max(int(sites), 0)
    if metres is None:
        if streets is None:
            raise ValueError("walks need streets or a matrix of metres")
        metres = walking_arcs(streets, people.geometry, candidates.geometry, reach_m, closed=closed)
    arcs = arcs_of(metres)
    powered = _column(candidates, "powered", 1.0)
    heated = _column(candidates, "heated", 1.0)
    quality = 1.0 - UNPOWERED_PENALTY * (1.0 - powered) - UNHEATED_PENALTY * (1.0 - heated)
    chosen = choose_sites(
        arcs,
        need,
        need + (vulnerable_weight - 1.0) * vulnerable,
        capacity,
        sites,
        quality=quality,
        fixed=_column(candidates, "fixed", 0.0).astype(bool) & (capacity > 0),
    )
    seating = seat_people(arcs, need, vulnerable, capacity, chosen)
    limit = max(sites, chosen.size)
    reached = cover_of(arcs, chosen) > 0
    return WarmPoints(
        sites=_site_table(candidates, chosen, seating, people),
        blocks=_block_table(people, candidates, arcs, chosen, seating),
        need=int(need.sum()),
        reached=int(need[reached].sum()),
        served=int(seating.seated.sum()),
        reached_bound=reach_bound(
            arcs, need, capacity > 0, limit, chosen=chosen, rounds=bound_rounds
        ),
        served_bound=seats_bound(
            arcs, need, capacity, limit, seated=int(seating.seated.sum()), rounds=bound_rounds
        ),
        reach_m=float(reach_m),
        planning_time=people["planning_time"].iloc[0]
        if "planning_time" in people and len(people)
        else None,
        assignment=pd.DataFrame(
            {
                "block_id": people.index.to_numpy()[seating.home],
                "site_id": candidates.index.to_numpy()[seating.site],
                "people": seating.people,
                "walk_m": seating.metres,
            }
        ),
    )


def _column(frame: pd.DataFrame, name: str, default: float) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), float(default))
    values = frame[name].to_numpy(dtype=np.float64)
    return np.where(np.isnan(values), float(default), values)


def _site_table(
    candidates: gpd.GeoDataFrame,
    chosen: NDArray[np.int64],
    seating: Seating,
    people: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    kept = [c for c in ("name", "kind", "district_id", "shelter", "status") if c in candidates]
    table = candidates.iloc[chosen][[*kept, "capacity", candidates.geometry.name]].copy()
    table["assigned"] = seating.taken[chosen]
    table["powered"] = _column(candidates, "powered", 1.0)[chosen]
    table["heated"] = _column(candidates, "heated", 1.0)[chosen]
    earliest = pd.Series([], dtype="datetime64[ns, UTC]")
    if "from_time" in people:
        first = people["from_time"].reset_index(drop=True).iloc[seating.home]
        earliest = first.groupby(seating.site).min() - pd.Timedelta(hours=SLOT_H)
    table["open_by"] = earliest.reindex(chosen).set_axis(table.index)
    return table


def _block_table(
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    arcs: Arcs,
    chosen: NDArray[np.int64],
    seating: Seating,
) -> pd.DataFrame:
    need = people["need"].to_numpy(dtype=np.int64)
    vulnerable = np.minimum(_column(people, "vulnerable", 0).astype(np.int64), need)
    nearest, walk_m = _nearest(arcs, chosen)
    reached = nearest >= 0
    site_id = np.full(need.size, "", dtype=object)
    site_id[reached] = candidates.index.to_numpy()[nearest[reached]]
    unserved = seating.seated < need
    reason = np.where(unserved, np.where(reached, NO_PLACE, NO_SITE), "")
    table = pd.DataFrame(
        {
            "need": need,
            "vulnerable": vulnerable,
            "reached": np.where(reached, need, 0),
            "assigned": seating.seated,
            "site_id": site_id,
            "walk_m": walk_m,
            "reason": reason.astype(object),
            "sites_in_reach": np.diff(arcs.home_ptr),
        },
        index=pd.Index(people.index, name="block_id"),
    )
    kept = [name for name in ("in_need", "in_need_peak", "from_time") if name in people]
    return table.join(people[kept])


def _nearest(
    arcs: Arcs, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nearest chosen site of each home and the walk to it; -1 and NaN where there is none."""
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
