"""10 kV feeders: what shares one, and the line from the substation to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.lifelines.ground import Floats, Ints
from vatra.city.lifelines.partition import apportion, partition
from vatra.city.lifelines.scale import RIDERS_SHARE

_MIXED_SHARE = 0.105  # of the critical load: on feeders that may be cut; assumed
_MIXED_BACKED = 0.7  # chance of it for a small critical customer with its own backup; assumed
_MIXED_BARE = 0.12  # and without
_BIG = 0.4  # of the mean feeder: a critical customer of this size has a feeder of its own
_LARGE = 1.3  # of the mean feeder: any customer of this size has a feeder of its own
_SPREAD = 0.35  # standard deviation of the logarithm of ordinary feeders' sizes; assumed
_TRUNK_POINTS = 60  # points of a feeder that its drawn line goes through at most


@dataclass(frozen=True)
class Loads:
    """Everything that hangs on a feeder: the blocks first, then the other customers.

    Parameters
    ----------
    xy
        Load × 2, m.
    mw
        Load at the peak, MW.
    critical
        True for critical customers.
    backed
        True where its own generation carries it.
    vital
        True where a network stops without it and nothing backs it: never on a feeder to be cut.
    residents
        People, 0 for customers.
    customers
        Electricity customers: dwellings, or 1.
    area
        Row of the substation that feeds it.
    """

    xy: Floats
    mw: Floats
    critical: NDArray[np.bool_]
    backed: NDArray[np.bool_]
    vital: NDArray[np.bool_]
    residents: Floats
    customers: Ints
    area: Ints


def assign_feeders(
    loads: Loads, count: int, rng: np.random.Generator
) -> tuple[Ints, NDArray[np.bool_]]:
    """Put every load on a feeder of its substation.

    Critical customers get protected feeders, large ones their own; a few small ones, mostly with
    their own backup, share feeders that may be cut. A few homes next to critical customers share
    a protected feeder. All else is cut into compact parts of unequal size.

    Parameters
    ----------
    loads
        What there is.
    count
        Feeders wanted; met as far as there are loads.
    rng
        Source of randomness.

    Returns
    -------
    feeder : Ints
        Feeder of each load, consecutive from 0 and by substation.
    protected : NDArray[np.bool_]
        Feeder: True where planned cuts must not touch it.
    """
    mean = loads.mw.sum() / count
    mixed = _choose_mixed(loads, mean, rng)
    guarded = np.flatnonzero(loads.critical & ~mixed)
    feeder = np.full(len(loads.mw), -1, dtype=np.int64)
    used = _guarded_feeders(loads, guarded, feeder, mean, count)
    _add_riders(loads, guarded, feeder, used)
    left = np.flatnonzero(feeder < 0)
    total = _ordinary_feeders(loads, left, feeder, (used, count), rng)
    area = np.zeros(total, dtype=np.int64)
    area[feeder] = loads.area
    order = np.lexsort((np.arange(total) >= used, area))
    rank = np.empty(total, dtype=np.int64)
    rank[order] = np.arange(total)
    return rank[feeder], order < used


def _choose_mixed(loads: Loads, mean: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Choose critical customers whose feeders may be cut."""
    critical = np.flatnonzero(loads.critical)
    odds = np.where(loads.backed[critical], _MIXED_BACKED, _MIXED_BARE)
    drawn = rng.random(len(critical)) < odds
    small = (loads.mw[critical] < _BIG * mean) & ~loads.vital[critical]
    rows = rng.permutation(critical[drawn & small])
    rows = rows[np.cumsum(loads.mw[rows]) <= _MIXED_SHARE * loads.mw[critical].sum()]
    mixed = np.zeros(len(loads.mw), dtype=bool)
    mixed[rows] = True
    return mixed


def _guarded_feeders(loads: Loads, rows: Ints, feeder: Ints, mean: float, count: int) -> int:
    """Put critical customers on protected feeders, from 0 on; return how many those are."""
    substations = int(loads.area.max()) + 1
    order = rows[np.argsort(-loads.mw[rows], kind="stable")]
    big = order[loads.mw[order] >= _BIG * mean][: max(1, count // 5)]
    feeder[big] = np.arange(len(big))
    used = len(big)
    small = np.setdiff1d(rows, big)
    room = max(count // 3 - used, 1)
    weight = np.bincount(loads.area[small], weights=loads.mw[small], minlength=substations)
    present = np.bincount(loads.area[small], minlength=substations)
    wanted = np.clip(np.rint(weight / (0.9 * mean)), present > 0, present).astype(np.int64)
    if wanted.sum() > room:
        wanted = np.minimum(apportion(weight, room, (present > 0).astype(np.int64)), present)
    for area in np.flatnonzero(wanted):
        here = small[loads.area[small] == area]
        part = partition(loads.xy[here], loads.mw[here], np.ones(wanted[area]))
        part = np.unique(part, return_inverse=True)[1]
        feeder[here] = used + part
        used += int(part.max()) + 1
    return used


def _add_riders(loads: Loads, guarded: Ints, feeder: Ints, used: int) -> None:
    """Let a few small loads next to critical customers share their feeders."""
    if not used:
        return
    people = RIDERS_SHARE * loads.residents.sum() / used
    largest = RIDERS_SHARE * loads.mw.sum() / used
    first = np.unique(feeder[guarded], return_index=True)[1]
    ordinary = ~loads.critical
    for at in guarded[first]:
        near = np.flatnonzero((loads.area == loads.area[at]) & (feeder < 0) & ordinary)
        if not near.size:
            continue
        away = np.linalg.norm(loads.xy[near] - loads.xy[at], axis=1)
        near = near[np.argsort(away, kind="stable")[:40]]
        # Blocks up to the people's share of this feeder, and the offices and shops among them.
        near = near[loads.mw[near] < largest]
        living, load = loads.residents[near], loads.mw[near]
        few = (np.cumsum(living) - 0.5 * living <= people) & (np.cumsum(load) <= largest)
        feeder[near[few]] = feeder[at]


def _ordinary_feeders(
    loads: Loads, rows: Ints, feeder: Ints, numbers: tuple[int, int], rng: np.random.Generator
) -> int:
    """Cut what is left into feeders of unequal size; return how many feeders there are now.

    `numbers` are those of the protected feeders and of all feeders wanted.
    """
    used, count = numbers[0], max(numbers[1] - numbers[0], 1)
    mean = loads.mw.sum() / numbers[1]
    substations = int(loads.area.max()) + 1
    big = rows[loads.mw[rows] >= _LARGE * mean]
    big = big[np.argsort(-loads.mw[big], kind="stable")][: count // 3]
    feeder[big] = used + np.arange(len(big))
    used, count = used + len(big), count - len(big)
    rows = np.setdiff1d(rows, big)
    weight = np.bincount(loads.area[rows], weights=loads.mw[rows], minlength=substations)
    present = np.bincount(loads.area[rows], minlength=substations)
    wanted = np.minimum(apportion(weight, count, (present > 0).astype(np.int64)), present)
    # Few feeders must be more alike, or queues of one or two can't be even.
    spread = _SPREAD * min(1.0, count / 200)
    for area in np.flatnonzero(wanted):
        here = rows[loads.area[rows] == area]
        share = np.exp(spread * rng.standard_normal(wanted[area]))
        part = partition(loads.xy[here], loads.mw[here], share)
        part = np.unique(part, return_inverse=True)[1]
        feeder[here] = used + part
        used += int(part.max()) + 1
    return used


def draw_feeders(loads: Loads, feeder: Ints, count: int, source: Floats) -> NDArray[Any]:
    """Draw each feeder as a tree of straight lines from its substation to its loads.

    Parameters
    ----------
    loads
        What there is.
    feeder
        Feeder of each load.
    count
        Number of feeders.
    source
        Feeder × 2: where it starts, m.

    Returns
    -------
    NDArray
        Feeder: MultiLineString.
    """
    order = np.argsort(feeder, kind="stable")
    starts = np.searchsorted(feeder[order], np.arange(count + 1))
    shapes = np.empty(count, dtype=object)
    for row in range(count):
        here = order[starts[row] : starts[row + 1]]
        step = -(-len(here) // _TRUNK_POINTS) or 1
        shapes[row] = _draw_tree(np.vstack([source[row], loads.xy[here[::step]]]))
    return shapes


def _draw_tree(xy: Floats) -> Any:
    """Shortest tree over points (Prim's algorithm) as a MultiLineString."""
    parent = np.zeros(len(xy), dtype=np.int64)
    reach = np.linalg.norm(xy - xy[0], axis=1)
    outside = np.ones(len(xy), dtype=bool)
    outside[0] = False
    for _ in range(len(xy) - 1):
        new = int(np.argmin(np.where(outside, reach, np.inf)))
        outside[new] = False
        away = np.linalg.norm(xy - xy[new], axis=1)
        closer = outside & (away < reach)
        parent[closer] = new
        reach = np.where(closer, away, reach)
    ends = np.stack([xy[parent[1:]], xy[1:]], axis=1)
    ends = ends[np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) > 0.01]
    if not len(ends):
        # A load at the substation itself: a metre of cable, so that it is still a line.
        ends = np.array([[xy[0], xy[0] + [1.0, 0.0]]])
    return shapely.multilinestrings(shapely.linestrings(ends))


def feeder_table_columns(
    loads: Loads, feeder: Ints, protected: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Sum the loads by feeder.

    Parameters
    ----------
    loads
        What there is.
    feeder
        Feeder of each load.
    protected
        Feeder: True where planned cuts must not touch it.

    Returns
    -------
    dict
        ``peak_mw``, ``critical_mw``, ``customers``, ``protected`` and, for balancing the queues,
        ``residents``.
    """
    count = len(protected)
    add = pd.DataFrame(
        {
            "peak_mw": loads.mw,
            "critical_mw": np.where(loads.critical, loads.mw, 0.0),
            "customers": loads.customers,
            "residents": loads.residents,
        }
    )
    sums = add.groupby(feeder).sum().reindex(range(count), fill_value=0)
    columns: dict[str, NDArray[Any]] = {name: sums[name].to_numpy() for name in add.columns}
    # Summed one by one the critical part of a feeder can exceed its peak by a rounding error.
    columns["critical_mw"] = np.minimum(columns["critical_mw"], columns["peak_mw"])
    return columns | {"protected": protected}
