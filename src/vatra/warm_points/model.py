"""The carrier of where people get warm."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from vatra.warm_points.pace import Paces


@dataclass(frozen=True)
class WarmPoints:
    """Which sites to open, and who reaches them.

    Parameters
    ----------
    sites
        Chosen sites, indexed by ``site_id``: ``capacity`` (people at once), ``assigned`` (people
        of the planning hour with a place at once), ``in_turns`` (people who have a place there
        in turns), ``powered`` (share of the slots of the need in which it has power or its own
        generation), ``heated`` (the same for heat), ``open_by`` (UTC, the slot before the first
        of its people falls below the threshold), ``autonomy_days`` (how long the fuel on site
        lasts on the day of most use; infinite where none is used), geometry.
    blocks
        One row a block with need, indexed by ``block_id``: ``need`` (people who will look for
        warmth), ``vulnerable`` (of them), ``reached`` (of them within reach of a chosen site),
        ``assigned`` (of them with a place at once), ``in_turns`` (with a place in turns),
        ``site_id`` (nearest chosen site, empty if none), ``walk_m`` (to it; NaN if none),
        ``reason`` (why not all have a place at once: empty, ``no site in reach``, ``budget``
        (one is in reach, but as many as may are open elsewhere), ``capacity``),
        ``sites_in_reach`` (sites that may open within reach, chosen or not).
    need
        People in need at the planning hour.
    reached
        Of them within the reach of a chosen site on foot.
    served
        Of them with a place at once.
    reached_bound, served_bound
        No choice of as many sites reaches, or seats at once, more than these.
    reach_m
        Walking distance that counts as reach, metres.
    planning_time
        UTC slot of greatest need.
    assignment
        Who goes where: ``block_id``, ``site_id``, ``people`` (at once), ``in_turns`` (people),
        ``walk_m``.
    turns
        People whom one place serves in a day, one after the other.
    in_turns, in_turns_bound
        People with a place in turns; no choice of as many sites gives more.
    vulnerable_left, vulnerable_left_bound
        Vulnerable people without a chosen site in reach; no choice of as many leaves fewer.
    cost, cost_bound
        What the choice costs in metres of walking, with those who have no place and what is
        preferred counted in; no choice of as many sites costs less than the bound.
    status
        How the search ended: ``optimal`` (proved), ``search ended``, or empty where it isn't
        known.
    hours
        By slot (UTC): people in need by tier, with a place at once, and places.
    stages
        Which sites open first: see `vatra.warm_points.stages.opening_stages`; ``sites`` has
        their ``stage``.
    load
        Site × slot (UTC), people at once.
    sites_for_all, sites_for_all_in_turns
        Sites that it takes at least to give everybody in need a place, at once or in turns, of
        the sizes that there are.
    candidates
        Sites that may open.
    curve
        People served against the number of sites: see `vatra.warm_points.sums.served_curve`.
    supplies, deliveries
        What the sites use by day, and who brings it: see `vatra.warm_points.supplies`.
    budget, spent
        Money that the sites may cost (None: no limit), and what they do; ``sites`` then has
        ``level``, ``cost`` and what goes into each.
    paces
        How fast the vulnerable and the others walk; `reach_m` is for a healthy adult on cleared
        streets, and fewer metres are within reach of who is slower.
    rings
        People by how far the nearest chosen site is: see `vatra.warm_points.pace.rings_of`.
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
    turns: float = 1.0
    in_turns: int = 0
    in_turns_bound: int = 0
    vulnerable_left: int = 0
    vulnerable_left_bound: int = 0
    cost: float = float("nan")
    cost_bound: float = float("nan")
    status: str = ""
    hours: pd.DataFrame = field(default_factory=pd.DataFrame)
    stages: pd.DataFrame = field(default_factory=pd.DataFrame)
    load: pd.DataFrame = field(default_factory=pd.DataFrame)
    sites_for_all: int = 0
    sites_for_all_in_turns: int = 0
    candidates: int = 0
    curve: pd.DataFrame = field(default_factory=pd.DataFrame)
    supplies: pd.DataFrame = field(default_factory=pd.DataFrame)
    deliveries: pd.DataFrame = field(default_factory=pd.DataFrame)
    budget: float | None = None
    spent: float = 0.0
    paces: Paces = field(default_factory=Paces)
    rings: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def gap(self) -> float:
        """How much cheaper another choice can be at most, as a share; NaN if not known."""
        return float(1.0 - self.cost_bound / self.cost) if self.cost > 0 else float("nan")
