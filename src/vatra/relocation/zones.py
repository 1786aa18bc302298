"""A city cut into zones that travel as one: pick-up points, and the roads between zones."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from vatra.city.model import City
from vatra.relocation.exits import Zones
from vatra.relocation.rules import MoveRules
from vatra.situation.model import Situation
from vatra.warm_points.reach import walking_arcs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LANES = {"primary": 2.0, "secondary": 1.0, "residential": 0.5}
"""Lanes of a street in each direction, by rank; assumed."""


def block_xy(city: City) -> Floats:
    """Return the middle of each block, metres; block × 2."""
    middle = shapely.centroid(city.blocks.geometry.to_numpy())
    return np.asarray(shapely.get_coordinates(middle), dtype=np.float64)


def closed_streets(situation: Situation) -> list[str]:
    """List the streets and bridges that are out; they stay out.

    Parameters
    ----------
    situation
        What is damaged.
    """
    return [d.asset_id for d in situation.damage if d.table == "streets"]


def choose_pickups(
    city: City, people: Ints, rules: MoveRules, closed: Collection[str] = ()
) -> tuple[pd.DataFrame, Ints]:
    """Choose buildings where buses pick people up, few and within a walk of as many as can be.

    The building that most of those without one can walk to is taken until nobody else has any
    in reach. People walk on the streets, as to warm points.

    Parameters
    ----------
    city
        The city, for its blocks, sites and streets.
    people
        By block: who is to leave without a car.
    rules
        What is assumed.
    closed
        Ids of streets and names of bridges that nobody can walk.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``site_id``: ``people`` who go there, ``walk_m`` of the one who walks
        farthest, ``district_id``.
    Ints
        By block: row of its point in that table, -1 where none is within the walk.
    """
    sites = city.sites[city.sites["status"] != "closed"]
    rows = np.flatnonzero(people > 0)
    own = np.full(people.size, -1, dtype=np.int64)
    empty = pd.DataFrame({"people": [], "walk_m": [], "district_id": []})
    if not len(sites) or not rows.size:
        return empty, own
    homes = city.blocks.geometry.iloc[rows]
    reach = walking_arcs(city.streets, homes, sites.geometry, rules.pickup_walk_m, closed=closed)
    walk_m = reach.data.copy()
    reach.data[:] = 1.0
    waiting = people[rows].astype(np.float64)
    chosen: list[int] = []
    far_m: list[float] = []
    point = np.full(rows.size, -1, dtype=np.int64)
    while True:
        gain = reach @ waiting
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        covered = reach.indices[reach.indptr[best] : reach.indptr[best + 1]]
        fresh = waiting[covered] > 0
        point[covered[fresh]] = len(chosen)
        far_m.append(float(walk_m[reach.indptr[best] : reach.indptr[best + 1]][fresh].max()))
        waiting[covered] = 0.0
        chosen.append(best)
    own[rows] = point
    table = pd.DataFrame(
        {"people": np.bincount(point[point >= 0], people[rows][point >= 0], len(chosen))},
        index=pd.Index(sites.index[chosen], name="site_id"),
    ).astype("int64")
    table["walk_m"] = np.round(far_m)
    table["district_id"] = sites["district_id"].to_numpy()[chosen]
    return table, own


def zones_of(
    city: City, situation: Situation, xy: Floats, pickup_of: Ints, rules: MoveRules
) -> tuple[Zones, Ints]:
    """Cut each district into squares, and count the roads between them.

    Parameters
    ----------
    city
        The city.
    situation
        For bridges and streets that are out; they stay out.
    xy
        Block × 2, metres.
    pickup_of
        By block, as `choose_pickups` returns it.
    rules
        What is assumed.

    Returns
    -------
    Zones
        Parts of the city.
    Ints
        By block: its zone.
    """
    cell = np.floor((xy - xy.min(axis=0)) / rules.cell_m).astype(np.int64)
    district = city.blocks["district_id"].to_numpy(dtype=object)
    key = pd.MultiIndex.from_arrays([district, cell[:, 0], cell[:, 1]])
    zone, names = pd.factorize(key, sort=True)
    zone = zone.astype(np.int64)
    count = len(names)
    residents = np.maximum(city.blocks["residents"].to_numpy(dtype=np.float64), 1e-3)
    total = np.bincount(zone, residents, count)
    middle = np.stack(
        [np.bincount(zone, residents * xy[:, axis], count) / total for axis in (0, 1)], axis=-1
    )
    served = pickup_of >= 0
    pairs = np.unique(np.stack([pickup_of[served], zone[served]], axis=-1), axis=0)
    tail, head, people_h = _roads_between(city, situation, xy, zone, rules)
    zones = Zones(
        name=np.array([f"{d} {x}-{y}" for d, x, y in names], dtype=object),
        district_id=np.array([d for d, _, _ in names], dtype=object),
        xy=middle,
        pickups=np.bincount(pairs[:, 1], minlength=count).astype(np.int64),
        tail=tail,
        head=head,
        people_h=people_h,
    )
    return zones, zone


def _roads_between(
    city: City, situation: Situation, xy: Floats, zone: Ints, rules: MoveRules
) -> tuple[Ints, Ints, Floats]:
    """Add up the lanes that cross from zone to zone; bridges that are out don't count."""
    out = closed_streets(situation)
    streets = city.streets
    lanes = streets["rank"].map(LANES).fillna(0.0).to_numpy(dtype=np.float64)
    closed = streets["bridge"].isin(out).to_numpy() | streets.index.isin(out)
    rows = np.flatnonzero((lanes > 0) & ~closed)
    nodes, first = np.unique(streets["from_node"].to_numpy()[rows], return_index=True)
    others, last = np.unique(streets["to_node"].to_numpy()[rows], return_index=True)
    shapes = streets.geometry.to_numpy()
    at = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(shapes[rows[first]], 0)),
            shapely.get_coordinates(shapely.get_point(shapes[rows[last]], -1)),
        ]
    )
    both, where = np.unique(np.concatenate([nodes, others]), return_index=True)
    node_zone = zone[cKDTree(xy).query(at[where])[1]]
    ends = [
        node_zone[np.searchsorted(both, streets[name].to_numpy()[rows])]
        for name in ("from_node", "to_node")
    ]
    crosses = ends[0] != ends[1]
    pair = np.stack([ends[0][crosses], ends[1][crosses]], axis=-1)
    pair = np.concatenate([pair, pair[:, ::-1]])
    kinds, number = np.unique(pair, axis=0, return_inverse=True)
    wide = np.bincount(number.ravel(), np.tile(lanes[rows][crosses], 2), len(kinds))
    people_h = np.asarray(wide * rules.inner_lane_cars_h * rules.winter_share * rules.car_people)
    return kinds[:, 0].astype(np.int64), kinds[:, 1].astype(np.int64), people_h
