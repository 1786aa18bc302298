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
    for j in range(sites):
        is_open[j] = False
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
def exchange(
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
    """Swap or add sites while more weight comes within reach, or as much and more seats fill.

    The interchange of Teitz and Bart (1968): for each closed site the best open one to close.
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
                reach = fresh
                seats = quality[j] * min(capacity[j], wanting)
            else:
                reach = 0.0
                seats = 0.0
                for i in range(sites):
                    if is_open[i] and not fixed[i]:
                        more = fresh + saved[i] - alone[i]
                        if more < reach - 1e-9:
                            continue
                        gain = quality[j] * min(capacity[j], wanting + freed[i])
                        gain -= quality[i] * taken[i]
                        if more > reach + 1e-9 or gain > seats + 1e-9:
                            reach = more
                            seats = gain
                            out = i
            for k in range(site_ptr[j], site_ptr[j + 1]):
                b = site_home[k]
                if cover[b] == 1:
                    saved[keeper[b]] = 0.0
                for q in range(home_ptr[b], home_ptr[b + 1]):
                    freed[home_site[q]] = 0
            if (reach <= 1e-9 and seats <= 1e-9) or (out < 0 and opened >= count):
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


@njit()
def fill_seats(
    order: Ints,
    home_ptr: Ints,
    home_site: Ints32,
    need: Floats,
    gain: Floats,
    room: Floats,
    worth: Floats,
    seated: Floats,
) -> None:
    """Fill every site on its own, as if the others were not there.

    Parameters
    ----------
    order
        Homes in the order in which they take seats, until `gain` is zero.
    home_ptr, home_site
        CSR over homes: sites within reach.
    need, gain
        People of each home, and what seating one of them is worth.
    room
        Seats of each site; what is left on return.
    worth
        Added to: what each site's seats are worth.
    seated
        Added to: people of each home seated, summed over sites.
    """
    for b in order:
        if gain[b] <= 0.0:
            break
        for q in range(home_ptr[b], home_ptr[b + 1]):
            j = home_site[q]
            take = min(need[b], room[j])
            room[j] -= take
            worth[j] += gain[b] * take
            seated[b] += take
