"""What a choice of warm points means by the hour, in stages, in goods, and as a sum."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.situation.model import Situation
from vatra.warm_points.arcs import arcs_of
from vatra.warm_points.hours import hours_of, load_by_hour
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.need import VULNERABLE, Need
from vatra.warm_points.pace import Paces, by_pace, parts_of
from vatra.warm_points.stages import opening_stages
from vatra.warm_points.sums import served_curve, sites_for_all
from vatra.warm_points.supplies import deliveries_of, depots_of, supplies_of

WATER_SHARE = 0.5
"""A site has water at the tap while its zone gets at least this share of its demand (assumed)."""


def with_details(
    points: WarmPoints,
    city: City,
    situation: Situation,
    outlook: Outlook,
    need: Need,
    *,
    metres: Any,
    capacity: NDArray[np.int64],
    closed: Collection[str],
    share_coming: float,
) -> WarmPoints:
    """Add to warm points their load by hour, opening stages, supplies and the honest sum.

    Parameters
    ----------
    points
        The warm points, with who goes where.
    city, situation, outlook
        What they are for.
    need
        Who is in need when.
    metres
        Site × block matrix of walks that they were chosen with; its columns are the rows of
        ``points.blocks``.
    capacity
        Places by site of the city at once; 0 where it may not open.
    closed
        Ids of streets and names of bridges that are out.
    share_coming
        Share of those in need who come.
    """
    if not len(points.blocks):
        return points
    paces = points.paces
    arcs = arcs_of(by_pace(metres, points.reach_m, paces))
    chosen = city.sites.index.get_indexer(points.sites.index)
    rows = city.blocks.index.get_indexer(points.blocks.index)
    grid = need.grid
    stages, stage = opening_stages(
        arcs,
        _by_slot(need, rows, paces) * share_coming,
        capacity,
        chosen,
        outlook.homes.indoor_c,
        city.blocks["residents"].to_numpy(dtype=np.float64),
        grid,
        turns=points.turns,
    )
    sites = points.sites.assign(stage=stage)
    points = replace(points, sites=sites)
    load = load_by_hour(points, need, city.blocks.index, share_coming=share_coming)
    order = chosen[np.lexsort((-sites["in_turns"].to_numpy(), stage))]
    wanted, _ = parts_of(
        points.blocks["need"].to_numpy(dtype=np.int64),
        points.blocks["vulnerable"].to_numpy(dtype=np.int64),
        paces,
    )
    curve = served_curve(arcs, wanted, capacity, order, points.turns)
    supplies = supplies_of(
        sites,
        load,
        grid,
        situation.weather.outdoor_c,
        lit=_of_site(city, "feeder_id", "feeders", outlook.services.feeder_live)[chosen] > 0,
        heat_share=_of_site(city, "heat_zone_id", "heat_zones", outlook.services.heat_share)[
            chosen
        ],
        tap=_of_site(city, "water_zone_id", "water_zones", outlook.services.water_share)[chosen]
        >= WATER_SHARE,
        stay_h=24.0 / points.turns,
    )
    if len(supplies):
        least = supplies.groupby("site_id")["autonomy_days"].min()
        sites = sites.assign(autonomy_days=least.reindex(sites.index))
        points = replace(points, sites=sites)
    deliveries = deliveries_of(
        supplies, sites, depots_of(city.sites, sites.index), city.streets, closed=closed
    )
    return replace(
        points,
        hours=hours_of(load, need, points),
        load=load,
        stages=stages,
        curve=curve,
        sites_for_all=sites_for_all(points.need, capacity),
        sites_for_all_in_turns=sites_for_all(points.need, capacity, points.turns),
        candidates=int((capacity > 0).sum()),
        supplies=supplies,
        deliveries=deliveries,
    )


def _by_slot(need: Need, rows: NDArray[np.int64], paces: Paces) -> NDArray[np.float64]:
    """Count the people in need by slot, as the columns of `by_pace` have them."""
    if paces.alike:
        return need.people()[rows]
    few = need.tiers[rows, : len(VULNERABLE)].sum(axis=1)
    rest = need.tiers[rows, len(VULNERABLE) :].sum(axis=1)
    return np.concatenate(
        [rest[:, None] * need.all_of_them[rows], few[:, None] * need.fragile[rows]]
    )


def _of_site(
    city: City, column: str, table: str, by_row: NDArray[np.bool_] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what each site's network gives by slot; nothing where it isn't known."""
    found = np.zeros((len(city.sites), by_row.shape[1]))
    if column not in city.sites:
        return found
    rows = city.rows("sites", column, table)
    found[rows >= 0] = by_row[rows[rows >= 0]]
    return found
