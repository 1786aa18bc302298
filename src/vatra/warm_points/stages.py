"""Which warm points open first: nested stages, each with its trigger and its own bound."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid
from vatra.warm_points.arcs import Arcs
from vatra.warm_points.bounds import cover_of, seats_bound
from vatra.warm_points.capacitated import cheapest_sites
from vatra.warm_points.sums import most_served
from vatra.warm_points.task import Floats, Ints, siting_task

NOTICE_H = 6.0
SITES_AN_HOUR = 50.0
"""Hours of notice that a stage needs: to call staff and bring fuel to the first site, and then
for as many sites as crews open an hour (both assumed)."""
COLDEST = 0.1
"""The trigger is the forecast for the coldest tenth of homes."""
_ROUNDS = 45
_BOUND_ROUNDS = 10


def stage_sizes(sites: int) -> tuple[int, ...]:
    """Tell how many sites are open after each stage: 100, 300, all; or a tenth, three, all.

    Parameters
    ----------
    sites
        Sites in all.
    """
    sizes = (100, 300, sites) if sites >= 400 else (sites // 10, 3 * sites // 10, sites)
    return tuple(sorted({s for s in sizes if 0 < s <= sites}))


def opening_stages(  # noqa: PLR0917 - the tables of three carriers
    arcs: Arcs,
    need: Floats,
    capacity: Ints,
    chosen: Ints,
    indoor_c: NDArray[np.float32],
    residents: Floats,
    grid: TimeGrid,
    *,
    turns: float,
) -> tuple[pd.DataFrame, Ints]:
    """Split the chosen sites into nested stages, each with its trigger.

    A stage opens when the need, as forecast, outgrows what the stage before serves in turns. It
    is chosen, among the sites of the stage after it, for the need at the time when that opens.

    Parameters
    ----------
    arcs
        Walks within reach.
    need
        Home × slot, people who come.
    capacity
        Places by site at once; 0 where it may not open.
    chosen
        Sites of the last stage.
    indoor_c
        Block × slot, °C, of all blocks of the city.
    residents
        By block, of all blocks.
    grid
        The slots.
    turns
        People whom a place serves in a day.

    Returns
    -------
    pandas.DataFrame
        By stage: ``stage``, ``sites`` (open in all), ``opens`` (of them new), ``from_time`` (UTC,
        when the need outgrows the stage before), ``trigger_c`` (what the coldest tenth of homes
        is forecast to be below then), ``notice_h``, ``decide_by`` (UTC), ``late_h`` (by how much
        that is before the plan begins), ``need`` (people, when the next stage opens), ``reached``,
        ``in_turns``, ``in_turns_bound`` (no choice of as many sites serves more).
    numpy.ndarray
        Stage of each chosen site, from 1.
    """
    stage_of = np.zeros(chosen.size, dtype=np.int64)
    sizes = stage_sizes(chosen.size)
    if not sizes or not need.size or need.max() <= 0:
        return pd.DataFrame(), stage_of
    shifts = np.floor(capacity * turns).astype(np.int64)
    total = need.sum(axis=0)
    mean = float(shifts[chosen].mean())
    opens = [_first_above(total, size * mean) for size in (0, *sizes[:-1])]
    until = [*opens[1:], int(np.argmax(total))]
    sets = [chosen]
    for size, slot in zip(reversed(sizes[:-1]), reversed(until[:-1]), strict=True):
        sets.append(_best_of(arcs, _whole(need[:, slot]), shifts, sets[-1], size))
    sets.reverse()
    rows = []
    before = 0
    for k, (open_sites, slot, last) in enumerate(zip(sets, opens, until, strict=True)):
        fresh = np.isin(chosen, open_sites) & (stage_of == 0)
        stage_of[fresh] = k + 1
        people = _whole(need[:, last])
        served, _, _ = most_served(arcs, people, capacity, shifts, open_sites)
        notice_h = np.ceil(NOTICE_H + (open_sites.size - before) / SITES_AN_HOUR)
        from_time = grid.times[slot]
        decide_by = from_time - pd.Timedelta(hours=notice_h)
        rows.append(
            {
                "stage": k + 1,
                "sites": open_sites.size,
                "opens": open_sites.size - before,
                "from_time": from_time,
                "trigger_c": _coldest_c(indoor_c[:, slot], residents),
                "notice_h": float(notice_h),
                "decide_by": max(decide_by, grid.start),
                "late_h": max((grid.start - decide_by) / pd.Timedelta(hours=1), 0.0),
                "need": int(people.sum()),
                "reached": int(people[cover_of(arcs, open_sites) > 0].sum()),
                "in_turns": served,
                "in_turns_bound": seats_bound(
                    arcs, people, shifts, open_sites.size, seated=served, rounds=_BOUND_ROUNDS
                ),
            }
        )
        before = open_sites.size
    return pd.DataFrame(rows), stage_of


def _best_of(arcs: Arcs, need: Ints, shifts: Ints, among: Ints, count: int) -> Ints:
    """Choose so many of some sites, to serve most people in turns and then walk least."""
    allowed = np.zeros(arcs.sites, dtype=bool)
    allowed[among] = True
    shape = (arcs.sites, arcs.homes)
    costs = sp.csr_array((arcs.site_m, arcs.site_home, arcs.site_ptr), shape=shape)
    dear = 3.0 * float(arcs.site_m.max(initial=1.0))
    task = siting_task(
        costs,
        need,
        np.where(allowed, shifts, 0),
        sites=count,
        unserved=dear,
        away=2.0 * dear * need,
    )
    found = cheapest_sites(task, seconds=3600.0, rounds=_ROUNDS, exact=False).chosen
    # Where fewer do as well, the largest of the others open with them.
    rest = np.setdiff1d(among, found)
    rest = rest[np.argsort(-shifts[rest], kind="stable")][: count - found.size]
    return np.sort(np.concatenate([found, rest]))


def _whole(people: Floats) -> Ints:
    return np.floor(people + 0.5).astype(np.int64)


def _first_above(total: Floats, limit: float) -> int:
    """First slot with more people than a limit; that with most if none has."""
    above = total > limit
    return int(above.argmax()) if above.any() else int(total.argmax())


def _coldest_c(indoor_c: NDArray[np.float32], residents: Floats) -> float:
    """Temperature that the coldest tenth of homes is below, to half a degree, rounded up."""
    known = np.isfinite(indoor_c)
    order = np.argsort(indoor_c[known], kind="stable")
    upto = np.cumsum(residents[known][order])
    if not upto.size or upto[-1] <= 0:
        return float("nan")
    at = indoor_c[known][order][min(int(np.searchsorted(upto, COLDEST * upto[-1])), upto.size - 1)]
    return float(np.ceil(2.0 * float(at)) / 2.0)
