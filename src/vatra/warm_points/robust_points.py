"""The same warm points for several outages: one list of sites that stands whichever comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from vatra.warm_points.bounds import cover_of
from vatra.warm_points.reach import walking_arcs
from vatra.warm_points.robust import TAIL, TAIL_WEIGHT, Robust, robust_sites
from vatra.warm_points.serve import Served
from vatra.warm_points.siting import Wishes, wanted_of
from vatra.warm_points.task import Task


@dataclass(frozen=True)
class RobustPoints:
    """Warm points for several outages.

    Parameters
    ----------
    sites
        Chosen sites, indexed by ``site_id``: ``capacity``, ``most`` (most people in turns in any
        scenario), ``worst`` (the scenario in which it is fullest), geometry.
    scenarios
        Indexed by its name: ``need``, ``reached`` (of them within reach), ``in_turns`` (with a
        place in turns), ``without``, ``walk_m`` (mean), ``cost`` (metres of walking, with those
        without a place and what is preferred counted in).
    assignment
        ``scenario``, ``block_id``, ``site_id``, ``in_turns`` (people), ``walk_m``.
    found
        Costs, their mean and tail mean, and the bound.
    """

    sites: gpd.GeoDataFrame
    scenarios: pd.DataFrame
    assignment: pd.DataFrame
    found: Robust


def site_robustly(
    scenarios: Mapping[str, gpd.GeoDataFrame],
    candidates: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    sites: int = 1000,
    reach_m: float = 1000.0,
    closed: Collection[str] = (),
    wishes: Wishes | None = None,
    tail: float = TAIL,
    tail_weight: float = TAIL_WEIGHT,
    seconds: float = 600.0,
) -> RobustPoints:
    """Choose the same sites for all scenarios: least cost on average and in the worst of them.

    Who goes where may differ between scenarios. Whoever has no place counts three times the
    longest walk, a vulnerable person more; that somebody has no site in reach at all counts no
    more than that, unlike for one scenario.

    Parameters
    ----------
    scenarios
        People of each scenario by its name, as for `site_warm_points`.
    candidates, streets, sites, reach_m, closed, wishes
        As there; districts and whole blocks aren't looked at.
    tail
        Share of the scenarios that isn't in the tail.
    tail_weight
        What the tail mean counts, 0 to 1, against the mean.
    seconds
        Time, at most.
    """
    wishes = wishes or Wishes()
    asked, tasks = [], []
    for people in scenarios.values():
        metres = walking_arcs(streets, people.geometry, candidates.geometry, reach_m, closed=closed)
        wanted = wanted_of(people, candidates, metres, sites, float(reach_m), wishes)
        asked.append(wanted)
        task = replace(wanted, whole_homes=False).task
        tasks.append(replace(task, away=np.zeros(0), whole_costs=False))
    found = robust_sites(tasks, tail=tail, tail_weight=tail_weight, seconds=seconds)
    rows, who, loads = [], [], []
    share = np.array([wishes.paces.others, wishes.paces.vulnerable])
    for (name, people), wanted, task, served in zip(
        scenarios.items(), asked, tasks, found.served, strict=True
    ):
        site, home = task.site[served.pair], task.home[served.pair]
        # Metres as they are: less what the site's disadvantages count, at the walker's pace.
        walk_m = task.cost[served.pair] - wanted.extra_m[site]
        walk_m *= share[home // len(people)]
        who.append(_who(name, people, candidates, served, task, walk_m))
        loads.append(np.bincount(site, served.heads, minlength=len(candidates)))
        seated = int(served.heads.sum())
        reached = cover_of(wanted.arcs, found.chosen) > 0
        need = int(wanted.need.sum())
        rows.append(
            {
                "scenario": name,
                "need": need,
                "reached": int(wanted.need[reached].sum()),
                "in_turns": seated,
                "without": need - seated,
                "walk_m": float(walk_m @ served.heads) / max(seated, 1),
                "cost": served.cost,
            }
        )
    table = candidates.iloc[found.chosen]
    kept = [c for c in ("name", "kind", "district_id") if c in table]
    table = table[[*kept, "capacity", candidates.geometry.name]].copy()
    by_site = np.stack(loads, axis=1)[found.chosen]
    table["most"] = by_site.max(axis=1)
    table["worst"] = np.array(list(scenarios), dtype=object)[by_site.argmax(axis=1)]
    return RobustPoints(
        table,
        pd.DataFrame(rows).set_index("scenario"),
        pd.concat(who, ignore_index=True),
        found,
    )


def _who(  # noqa: PLR0917
    name: str,
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    served: Served,
    task: Task,
    walk_m: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> pd.DataFrame:
    """List who goes where in one scenario, each pair of block and site once."""
    pairs = pd.DataFrame(
        {
            "block_id": people.index.to_numpy()[task.home[served.pair] % len(people)],
            "site_id": candidates.index.to_numpy()[task.site[served.pair]],
            "in_turns": served.heads,
            "walk_m": walk_m.round(1),
        }
    )
    by_pair = pairs.groupby(["block_id", "site_id"], as_index=False, sort=True)
    table = by_pair.agg({"in_turns": "sum", "walk_m": "first"})
    table.insert(0, "scenario", name)
    return table
