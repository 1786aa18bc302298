"""The carrier of where people get warm."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True)
class WarmPoints:
    """Which sites to open, and who reaches them.

    Parameters
    ----------
    sites
        Chosen sites, indexed by ``site_id``: ``capacity`` (people at once), ``assigned`` (people
        of the planning hour), ``powered`` (share of the slots of the need in which it has power
        or its own generation), ``heated`` (the same for heat), ``open_by`` (UTC, the slot before
        the first of its people falls below the threshold), geometry.
    blocks
        One row a block with need, indexed by ``block_id``: ``need`` (people who will look for
        warmth), ``reached`` (of them within reach of a chosen site), ``assigned`` (of them with
        a place), ``site_id`` (nearest chosen site, empty if none), ``walk_m`` (to it; NaN if
        none), ``reason`` (why not all are served: empty, ``no site in reach``, ``capacity``),
        ``candidates`` (sites within reach, chosen or not).
    need
        People in need at the planning hour.
    reached
        Of them within the reach of a chosen site on foot.
    served
        Of them with a place at once.
    reached_bound, served_bound
        No choice of as many sites reaches, or seats, more than these.
    reach_m
        Walking distance that counts as reach, metres.
    planning_time
        UTC slot of greatest need.
    assignment
        Who goes where: ``block_id``, ``site_id``, ``people``, ``walk_m``.
    """

    sites: gpd.GeoDataFrame
    blocks: pd.DataFrame
    need: int
    reached: int
    served: int
    reached_bound: int
    served_bound: int
    reach_m: float
    planning_time: pd.Timestamp | None
    assignment: pd.DataFrame = field(default_factory=pd.DataFrame)
