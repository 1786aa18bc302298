"""The warm points of a city in a situation: what is closed, damaged, lit and heated."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H
from vatra.warm_points.detail import with_details
from vatra.warm_points.inspection import sites_at
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.need import SHARE_COMING, need_by_tier, need_of
from vatra.warm_points.pace import Paces, is_icy
from vatra.warm_points.reach import walking_arcs
from vatra.warm_points.siting import Wishes, site_warm_points

STAY_H = 8.0
"""Hours that a person in need spends in warmth a day: a night's or a shift's rest (assumed). A
place then serves three people a day, one after the other."""
TURNS = 24.0 / STAY_H


def warm_points_of(
    city: City,
    situation: Situation,
    outlook: Outlook,
    sites: int = 1000,
    *,
    reach_m: float = 1000.0,
    share_coming: float = SHARE_COMING,
    wishes: Wishes | None = None,
) -> WarmPoints:
    """Choose the warm points of a city for the people whom its outlook leaves in the cold.

    Bridges and streets that are out while anybody is in need can't be walked. Sites that are
    closed or out then don't open; those that keep part of their capacity open with it.

    Parameters
    ----------
    city
        The city: its blocks, sites and streets.
    situation
        What is damaged.
    outlook
        How cold the blocks get, and which sites keep power and heat.
    sites
        How many may be open.
    reach_m
        Longest walk that counts as reach, metres.
    share_coming
        Share of those in need who come to a warm point, as in `need_of`.
    wishes
        What is preferred and what must be; by default each place serves three people a day in
        turns, and the vulnerable, and all on ice, walk more slowly.

    Returns
    -------
    WarmPoints
        The chosen sites, who goes where, and the bounds.
    """
    need = need_by_tier(city, outlook)
    people = need_of(city, outlook, share_coming=share_coming, need=need)
    grid = outlook.homes.grid
    # From the first who fall below to the end: nobody closes a warm point in between.
    first = grid.slot_of(people["from_time"].min()) if len(people) else grid.slots
    span = slice(first, None)
    if wishes is None:
        wishes = Wishes(turns=TURNS, paces=Paces.of(ice=is_icy(situation.weather.outdoor_c[span])))
    closed = [
        d.asset_id
        for d in situation.damage
        if d.table == "streets" and d.end_slot > first and d.remaining_share <= 0.0
    ]
    left = pd.Series(1.0, index=city.sites.index)
    for damage in situation.damage:
        if damage.table == "sites" and damage.end_slot > first and damage.asset_id in left.index:
            left[damage.asset_id] = min(left[damage.asset_id], damage.remaining_share)
    candidates: gpd.GeoDataFrame = sites_at(city.sites, grid.start).copy()
    candidates["capacity"] = np.floor(candidates["capacity"] * left).astype(np.int64)
    candidates["powered"] = powered_share(city, outlook, span)
    candidates["heated"] = heated_share(city, outlook, span)
    metres = walking_arcs(
        city.streets, people.geometry, candidates.geometry, reach_m, closed=closed
    )
    points = site_warm_points(
        people, candidates, city.streets, sites=sites, reach_m=reach_m, metres=metres,
        closed=closed, wishes=wishes,
    )  # fmt: skip
    capacity = candidates["capacity"].to_numpy(dtype=np.int64, copy=True)
    capacity[(candidates["status"] == "closed").to_numpy()] = 0
    return with_details(
        points,
        city,
        situation,
        outlook,
        need,
        metres=metres,
        capacity=capacity,
        closed=closed,
        share_coming=share_coming,
    )


def powered_share(city: City, outlook: Outlook, span: slice) -> NDArray[np.float64]:
    """Share of some slots in which each site has power, from its feeder or its own generation.

    Own generation runs in every dark slot until the fuel on site is used up; the fuel is
    counted from the start of the outlook. A site whose feeder isn't known counts as dark.

    Parameters
    ----------
    city
        The city, for its sites.
    outlook
        Which feeders are live.
    span
        The slots to count.

    Returns
    -------
    NDArray[np.float64]
        By site, 0 to 1; 1 where there are no slots to count.
    """
    rows = city.rows("sites", "feeder_id", "feeders")
    live = outlook.services.feeder_live
    lit = np.zeros((rows.size, live.shape[1]), dtype=bool)
    lit[rows >= 0] = live[rows[rows >= 0]]
    fuel_h = np.where(city.sites["backup_mw"] > 0, city.sites["backup_fuel_h"], 0.0)
    spent_h = np.cumsum(~lit, axis=1) * SLOT_H
    return _mean((lit | (spent_h <= fuel_h[:, None]))[:, span])


def heated_share(city: City, outlook: Outlook, span: slice) -> NDArray[np.float64]:
    """Share of its heat that each site gets over some slots.

    A site without a known heat zone has a boiler of its own, which runs while the site has
    power (assumed).

    Parameters
    ----------
    city
        The city, for its sites.
    outlook
        How much heat the zones get.
    span
        The slots to count.

    Returns
    -------
    NDArray[np.float64]
        By site, 0 to 1; 1 where there are no slots to count.
    """
    rows = city.rows("sites", "heat_zone_id", "heat_zones")
    share = powered_share(city, outlook, span)
    known = rows >= 0
    share[known] = _mean(outlook.services.heat_share[rows[known]][:, span])
    return share


def _mean(by_slot: NDArray[np.bool_] | NDArray[np.float64]) -> NDArray[np.float64]:
    if not by_slot.shape[1]:
        return np.ones(by_slot.shape[0])
    return np.asarray(by_slot.mean(axis=1), dtype=np.float64)
