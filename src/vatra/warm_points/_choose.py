"""Kernels of the choice of sites: covering first, then seats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Flags = NDArray[np.bool_]


@njit()
def open_greedily(
    site_ptr: Ints,
    site_home: Ints32,
    home_ptr: Ints,
    home_site: Ints32,
    weight: Floats,
    need: Ints,
    capacity: Ints,
    quality: Floats,
    is_open: Flags,
    count: int,
) -> int:
    """Open sites one by one: most weight newly within reach first, then most seats filled.

    Parameters
    ----------
    site_ptr, site_home
        CSR over sites; the homes of a site in the order in which they are seated.
    home_ptr, home_site
        CSR over homes.
    weight
        Weight of each home for being within reach.
    need
        People of each home.
    capacity
        Seats of each site.
    quality
        Worth of a seat at each site, 0 to 1.
    is_open
        Sites that are open already; changed in place.
    count
        Sites that may be open in the end.

    Returns
    -------
    int
        Number of open sites.
    """
    sites = site_ptr.size - 1
    homes = home_ptr.size - 1
    covered = np.zeros(homes, np.bool_)
    left = need.copy()
    gain = np.zeros(sites)
    wanting = np.zeros(sites, np.int64)
    for j in range(sites):
        for k in range(site_ptr[j], site_ptr[j + 1]):
            gain[j] += weight[site_home[k]]
            wanting[j] += need[site_home[k]]
    opened = 0
    start = np.flatnonzero(is_open)
    fixed = start.size
    is_open[:] = False
    while opened < max(count, fixed):
        best = -1
        if opened < fixed:
            best = start[opened]
        else:
            most = 1e-9
            most_seats = 1e-9
            for j in range(sites):
                if is_open[j] or capacity[j] <= 0:
                    continue
                seats = min(capacity[j], wanting[j]) * quality[j]
                if gain[j] > most + 1e-9 or (gain[j] > most - 1e-9 and seats > most_seats):
                    best = j
                    most = max(gain[j], 1e-9)
                    most_seats = seats
            if best < 0:
                for j in range(sites):
                    if is_open[j]:
                        continue
                    seats = min(capacity[j], wanting[j]) * quality[j]
                    if seats > most_seats:
                        best = j
                        most_seats = seats
            if best < 0:
                break
        is_open[best] = True
        opened += 1
        room = capacity[best]
        for k in range(site_ptr[best], site_ptr[best + 1]):
            b = site_home[k]
            seated = min(room, left[b])
            room -= seated
            left[b] -= seated
            lost = 0.0
            if not covered[b]:
                covered[b] = True
                lost = weight[b]
            if seated > 0 or lost > 0:
                for q in range(home_ptr[b], home_ptr[b + 1]):
                    wanting[home_site[q]] -= seated
                    gain[home_site[q]] -= lost
    return opened


@njit()
def swap_to_cover(
    site_ptr: Ints,
    site_home: Ints32,
    home_ptr: Ints,
    home_site: Ints32,
    weight: Floats,
    capacity: Ints,
    is_open: Flags,
    fixed: Flags,
    rounds: int,
) -> int:
    """Swap sites while more weight comes within reach (interchange of Teitz and Bart, 1968).

    Parameters
    ----------
    site_ptr, site_home, home_ptr, home_site
        The pairs within reach, both ways.
    weight
        Weight of each home for being within reach.
    capacity
        Seats of each site; those without are never opened.
    is_open
        Open sites; changed in place.
    fixed
        Sites that must stay open.
    rounds
        Passes over all closed sites, at most.

    Returns
    -------
    int
        Swaps made.
    """
    sites = site_ptr.size - 1
    homes = home_ptr.size - 1
    cover = np.zeros(homes, np.int32)
    for j in range(sites):
        if is_open[j]:
            for k in range(site_ptr[j], site_ptr[j + 1]):
                cover[site_home[k]] += 1
    loss = np.zeros(sites)
    keeper = np.full(homes, -1, np.int32)
    for b in range(homes):
        if cover[b] == 1:
            for q in range(home_ptr[b], home_ptr[b + 1]):
                if is_open[home_site[q]]:
                    keeper[b] = home_site[q]
                    loss[keeper[b]] += weight[b]
    saved = np.zeros(sites)
    swaps = 0
    for _ in range(rounds):
        before = swaps
        for j in range(sites):
            if is_open[j] or capacity[j] <= 0:
                continue
            gain = 0.0
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                if cover[b] == 0:
                    gain += weight[b]
                elif cover[b] == 1:
                    saved[keeper[b]] += weight[b]
            out = -1
            if gain > 1e-9:
                least = gain - 1e-9
                for i in range(sites):
                    if is_open[i] and not fixed[i] and loss[i] - saved[i] < least:
                        least = loss[i] - saved[i]
                        out = i
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                if cover[b] == 1:
                    saved[keeper[b]] = 0.0
            if out < 0:
                continue
            swaps += 1
            is_open[out] = False
            is_open[j] = True
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                cover[b] += 1
                if cover[b] == 1:
                    keeper[b] = j
                    loss[j] += weight[b]
                elif cover[b] == 2:
                    loss[keeper[b]] -= weight[b]
            for k in range(site_ptr[out], site_ptr[out + 1]):
                b = site_home[k]
                cover[b] -= 1
                if cover[b] == 1:
                    for q in range(home_ptr[b], home_ptr[b + 1]):
                        if is_open[home_site[q]]:
                            keeper[b] = home_site[q]
                            loss[keeper[b]] += weight[b]
                elif cover[b] == 0:
                    loss[out] = 0.0
                    keeper[b] = -1
            loss[out] = 0.0
        if swaps == before:
            break
    return swaps


@njit()
def bound_reach(
    site_ptr: Ints,
    site_home: Ints32,
    need: Floats,
    usable: Flags,
    count: int,
    rounds: int,
    price: Floats,
) -> float:
    """Bound from above the need that `count` sites can bring within reach.

    Lagrangian relaxation of «a home is reached only if one of its sites is open» (Galvão and
    ReVelle, 1996), by subgradient steps; every value on the way is a bound.

    Parameters
    ----------
    site_ptr, site_home
        CSR over sites: homes within reach.
    need
        People of each home.
    usable
        Sites that may open.
    count
        Sites that may be open.
    rounds
        Subgradient steps.
    price
        Start prices of the homes, 0 to `need`; the best ones on return.

    Returns
    -------
    float
        No `count` sites reach more.
    """
    sites = site_ptr.size - 1
    homes = need.size
    best = np.inf
    best_price = price.copy()
    step = 1.0
    stale = 0
    low = 0.0
    worth = np.empty(sites)
    chosen = np.zeros(homes, np.int32)
    for _ in range(rounds):
        for j in range(sites):
            total = 0.0
            if usable[j]:
                for k in range(site_ptr[j], site_ptr[j + 1]):
                    total += price[site_home[k]]
            worth[j] = -total
        order = np.argsort(worth)
        value = 0.0
        chosen[:] = 0
        for r in range(min(count, sites)):
            j = order[r]
            if worth[j] >= 0.0:
                break
            value -= worth[j]
            for k in range(site_ptr[j], site_ptr[j + 1]):
                chosen[site_home[k]] += 1
        reached = 0.0
        norm = 0.0
        for b in range(homes):
            value += need[b] - price[b]
            # The home counts itself as reached when that costs it nothing more than its price.
            slope = chosen[b] - (1.0 if price[b] < need[b] else 0.0)
            if chosen[b] > 0:
                reached += need[b]
            norm += slope * slope
        low = max(low, reached)
        if value < best - 1e-9 * abs(best) or best == np.inf:
            best = value
            best_price[:] = price
            stale = 0
        else:
            stale += 1
            if stale >= 8:
                step *= 0.6
                stale = 0
                price[:] = best_price
        if best - low < 0.5 or norm < 0.5 or step < 1e-3:
            break
        scale = step * max(value - low, 0.01 * best) / norm
        for b in range(homes):
            slope = chosen[b] - (1.0 if price[b] < need[b] else 0.0)
            price[b] = min(need[b], max(0.0, price[b] - scale * slope))
    price[:] = best_price
    return best


@njit()
def bound_seats(
    home_ptr: Ints,
    home_site: Ints32,
    need: Floats,
    capacity: Floats,
    count: int,
    rounds: int,
    low: float,
    price: Floats,
) -> float:
    """Bound from above the people whom `count` sites can seat at once.

    Lagrangian relaxation of «no home sends more people than it has»; each site then fills its
    seats with those who pay least. By subgradient steps; every value on the way is a bound.

    Parameters
    ----------
    home_ptr, home_site
        CSR over homes: sites within reach.
    need
        People of each home.
    capacity
        Seats of each site, 0 where it may not open.
    count
        Sites that may be open.
    rounds
        Subgradient steps.
    low
        People seated by the best choice known: aims the steps, doesn't touch the bound.
    price
        Start prices of a person of each home, 0 to 1; the best ones on return.

    Returns
    -------
    float
        No `count` sites seat more.
    """
    sites = capacity.size
    homes = home_ptr.size - 1
    best = np.inf
    best_price = price.copy()
    step = 1.0
    stale = 0
    worth = np.empty(sites)
    room = np.empty(sites)
    chosen = np.zeros(sites, np.bool_)
    slope = np.empty(homes)
    for _ in range(rounds):
        order = np.argsort(price)
        room[:] = capacity
        worth[:] = 0.0
        value = 0.0
        for b in order:
            value += price[b] * need[b]
            gain = 1.0 - price[b]
            if gain <= 0.0:
                continue
            for q in range(home_ptr[b], home_ptr[b + 1]):
                j = home_site[q]
                take = min(need[b], room[j])
                room[j] -= take
                worth[j] -= gain * take
        ranked = np.argsort(worth)
        chosen[:] = False
        for r in range(min(count, sites)):
            value -= worth[ranked[r]]
            chosen[ranked[r]] = True
        room[:] = capacity
        norm = 0.0
        for b in order:
            slope[b] = need[b]
            if price[b] < 1.0:
                for q in range(home_ptr[b], home_ptr[b + 1]):
                    j = home_site[q]
                    if chosen[j]:
                        take = min(need[b], room[j])
                        room[j] -= take
                        slope[b] -= take
            if (slope[b] > 0.0 and price[b] > 0.0) or (slope[b] < 0.0 and price[b] < 1.0):
                norm += slope[b] * slope[b]
        if value < best - 1e-9 * abs(best) or best == np.inf:
            best = value
            best_price[:] = price
            stale = 0
        else:
            stale += 1
            if stale >= 8:
                step *= 0.6
                stale = 0
                price[:] = best_price
        if best - low < 0.5 or norm < 1e-9 or step < 1e-3:
            break
        scale = step * max(value - low, 0.001 * best) / norm
        for b in range(homes):
            price[b] = min(1.0, max(0.0, price[b] - scale * slope[b]))
    price[:] = best_price
    return best


@njit()
def swap_to_seat(
    site_ptr: Ints,
    site_home: Ints32,
    home_ptr: Ints,
    home_site: Ints32,
    weight: Floats,
    need: Ints,
    capacity: Ints,
    quality: Floats,
    seated: Ints,
    is_open: Flags,
    fixed: Flags,
    count: int,
    rounds: int,
) -> int:
    """Swap or add sites while more seats are filled and no less weight is within reach.

    A swap frees the seats of one site and fills those of another from whoever has none then;
    nobody else moves, so the gain is a lower bound of the true one.

    Parameters
    ----------
    site_ptr, site_home, home_ptr, home_site
        The pairs within reach, both ways.
    weight
        Weight of each home for being within reach.
    need, capacity, quality
        People of each home; seats of each site and what one of them counts.
    seated
        By pair in the order of `site_home`: people seated. Changed in place.
    is_open, fixed
        Open sites, changed in place; sites that must stay open.
    count
        Sites that may be open.
    rounds
        Passes over all closed sites, at most.

    Returns
    -------
    int
        Swaps and additions made.
    """
    sites = site_ptr.size - 1
    homes = home_ptr.size - 1
    cover = np.zeros(homes, np.int32)
    left = need.copy()
    taken = np.zeros(sites, np.int64)
    opened = 0
    for j in range(sites):
        if is_open[j]:
            opened += 1
            for k in range(site_ptr[j], site_ptr[j + 1]):
                cover[site_home[k]] += 1
                left[site_home[k]] -= seated[k]
                taken[j] += seated[k]
    # Weight that only one open site reaches, by that site; and that one, by home.
    alone = np.zeros(sites)
    keeper = np.full(homes, -1, np.int32)
    for b in range(homes):
        if cover[b] == 1:
            for q in range(home_ptr[b], home_ptr[b + 1]):
                if is_open[home_site[q]]:
                    keeper[b] = home_site[q]
                    alone[keeper[b]] += weight[b]
    # Pairs of a home and an open site that seats some of it, as short lists by home.
    spot = np.full(home_site.size, -1, np.int64)
    cursor = home_ptr[:-1].copy()
    for j in range(sites):
        for k in range(site_ptr[j], site_ptr[j + 1]):
            spot[cursor[site_home[k]]] = k
            cursor[site_home[k]] += 1
    freed = np.zeros(sites, np.int64)
    saved = np.zeros(sites)
    moves = 0
    for _ in range(rounds):
        before = moves
        for j in range(sites):
            if is_open[j] or capacity[j] <= 0:
                continue
            wanting = 0
            fresh = 0.0
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                wanting += left[b]
                if cover[b] == 0:
                    fresh += weight[b]
                elif cover[b] == 1:
                    saved[keeper[b]] += weight[b]
                for q in range(home_ptr[b], home_ptr[b + 1]):
                    if seated[spot[q]] > 0:
                        freed[home_site[q]] += seated[spot[q]]
            out = -1
            if opened < count:
                best = quality[j] * min(capacity[j], wanting)
            else:
                best = 0.0
                for i in range(sites):
                    if is_open[i] and not fixed[i] and alone[i] - saved[i] <= fresh + 1e-9:
                        gain = quality[j] * min(capacity[j], wanting + freed[i])
                        gain -= quality[i] * taken[i]
                        if gain > best + 1e-9:
                            best = gain
                            out = i
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                if cover[b] == 1:
                    saved[keeper[b]] = 0.0
                for q in range(home_ptr[b], home_ptr[b + 1]):
                    freed[home_site[q]] = 0
            if best <= 1e-9 or (out < 0 and opened >= count):
                continue
            moves += 1
            if out >= 0:
                opened -= 1
                is_open[out] = False
                alone[out] = 0.0
                taken[out] = 0
                for k in range(site_ptr[out], site_ptr[out + 1]):
                    b = site_home[k]
                    left[b] += seated[k]
                    seated[k] = 0
                    cover[b] -= 1
                    keeper[b] = -1
                    if cover[b] == 1:
                        for q in range(home_ptr[b], home_ptr[b + 1]):
                            if is_open[home_site[q]]:
                                keeper[b] = home_site[q]
                                alone[keeper[b]] += weight[b]
            opened += 1
            is_open[j] = True
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                cover[b] += 1
                if cover[b] == 1:
                    keeper[b] = j
                    alone[j] += weight[b]
                elif cover[b] == 2:
                    alone[keeper[b]] -= weight[b]
                sits = min(left[b], capacity[j] - taken[j])
                if sits > 0:
                    seated[k] = sits
                    left[b] -= sits
                    taken[j] += sits
        if moves == before:
            break
    return moves
