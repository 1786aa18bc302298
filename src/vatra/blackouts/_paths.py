"""Best on/off path of one feeder, by dynamic programming over its runs of darkness and light.

A path is a chain of dark and light runs. What a lit slot draws depends on the length of the dark
run before it and on the slots since the return; so a light run starts in a state (slot, dark slots
before it), and a dark run in a state (slot). Costs add up over slots and runs. The same program
prices a feeder for the bound (prices, no room) and places it for the schedule (room, no prices).

The run that goes on from before the first slot is the row of slot 0, with what lies behind it: no
other run of its kind can start there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR = 1e30
"""Cost of what can't be."""

TO_END = -1
"""Length of a light run that goes on until the pickup is over, and then freely."""


@njit()
def best_path(
    ordinary: Floats,
    steady: Floats,
    dark_cost: Floats,
    price: Floats,
    room: Floats,
    over_price: Floats,
    fixed: float,
    available: Flags,
    factor: Floats,
    column: Ints,
    over_dark: Floats,
    end_dark: Floats,
    end_light: Floats,
    max_light: int,
    scale: float,
    start: Ints,
    switch: Floats,
    window: Floats,
    free: Floats,
    dark: Floats,
    back: Floats,
    dark_length: Ints,
    back_length: Ints,
    path: Flags,
) -> float:
    """Find the cheapest path of a feeder through the slots.

    Parameters
    ----------
    ordinary, steady
        Load by slot with and without pickup, MW.
    dark_cost
        Cost of each dark slot; a slot that is not available costs nothing.
    price
        Cost of each MW drawn, by slot.
    room
        MW that may be drawn, by slot.
    over_price, fixed
        Cost of each MW drawn beyond that, by slot, and of drawing more than that at all.
    available
        Slots in which the feeder can have power.
    factor
        Lit slots × classes of dark runs: pickup factor. The last row holds from there on.
    column
        Class of a dark run by its slots; the last entry holds from there on.
    over_dark
        Cost of the n-th dark slot of a run, in units of `scale`; n counts from 1, the last entry
        holds from there on.
    end_dark, end_light
        Cost of ending a dark or a light run after n slots, likewise. Runs that end because power
        is not available are not charged.
    max_light
        Longest light run, slots: less than the rows of `factor`, or more than all slots.
    scale
        What breaking a rule by one unit costs this feeder.
    start
        Before the first slot: dark slots of the last dark run, and lit slots since; 0 lit slots
        if it is still dark.
    switch
        Cost of being switched at the start of a slot, on or off. What damage ends or begins is no
        switching.
    window
        3 × slots: first slot of the window in which there should be light (below 0: before the
        first slot; `FAR` for none), dark slots that a run may have in it, and the cost of each
        beyond that, in units of `scale`.
    free, dark, back, dark_length, back_length
        Room to work in, slots + 1 long, `back` also as wide as `factor`.
    path
        Filled with the path: True where lit.

    Returns
    -------
    float
        Cost of the path.
    """
    slots = ordinary.shape[0]
    wide = factor.shape[1]
    reach = column.shape[0] - 1
    tail = factor.shape[0] - 1
    last = end_light.shape[0] - 1
    last_over = over_dark.shape[0] - 1
    last_end = end_dark.shape[0] - 1
    total = np.empty(wide)
    free[slots] = 0.0
    dark[slots] = 0.0
    for t in range(slots - 1, -1, -1):
        # Dark from t on, for d slots.
        lead = start[0] if t == 0 and start[1] == 0 else 0
        cost = 0.0
        dark[t] = FAR
        for d in range(1, slots - t + 1):
            u = t + d - 1
            run = lead + d
            if available[u]:
                cost += dark_cost[u] + scale * over_dark[min(run, last_over)]
                if u - max(u + 1.0 - run, window[0, u]) >= window[1, u]:
                    cost += scale * window[2, u]
            ends = cost
            if u + 1 < slots:
                if not available[u + 1]:
                    continue
                ends += back[u + 1, column[min(run, reach)]]
                if available[u]:
                    ends += scale * end_dark[min(run, last_end)] + switch[u + 1]
            if ends < dark[t]:
                dark[t] = ends
                dark_length[t] = d
        free[t] = dark[t]
        if not available[t]:
            continue
        free[t] += switch[t]
        load = ordinary[t] * factor[tail, 0] + steady[t]
        stay = price[t] * load + free[t + 1]
        if load > room[t]:
            stay += fixed + over_price[t] * (load - room[t])
        free[t] = min(free[t], stay)
        # Back at t after d dark slots: how many slots to stay lit. All d at once.
        for d in range(wide):
            total[d] = 0.0
            back[t, d] = FAR
        gone = min(start[1], tail) if t == 0 else 0
        for s in range(gone, tail + 1):
            u = t + s - gone
            off = u == slots or not available[u]
            if off or s > 0:
                stop = dark[u] if off else dark[u] + scale * end_light[min(s, last)] + switch[u]
                for d in range(wide):
                    if total[d] + stop < back[t, d]:
                        back[t, d] = total[d] + stop
                        back_length[t, d] = s - gone
            if off or s >= max_light:
                break
            if s == tail:
                for d in range(wide):
                    if total[d] + free[u] < back[t, d]:
                        back[t, d] = total[d] + free[u]
                        back_length[t, d] = TO_END
                break
            for d in range(wide):
                load = ordinary[u] * factor[s, d] + steady[u]
                excess = load - room[u]
                total[d] += price[u] * load
                total[d] += fixed + over_price[u] * excess if excess > 0.0 else 0.0

    # A light run can begin at slot 0 only if it goes on, or if darkness ends there.
    before = start[0]
    lit = start[1] > 0
    cost = dark[0]
    if lit:
        if available[0]:
            cost = back[0, column[min(before, reach)]]
        else:
            lit = False
    elif available[0]:
        ends = back[0, column[min(before, reach)]] + scale * end_dark[min(before, last_end)]
        if ends + switch[0] <= cost:
            cost = ends + switch[0]
            lit = True
    t = 0
    while t < slots:
        if lit:
            run = back_length[t, column[min(before, reach)]]
            if run == TO_END:
                run = tail - min(start[1], tail) if t == 0 else tail
                # Beyond the pickup a feeder stays lit as long as it pays.
                while t + run < slots:
                    u = t + run
                    if not available[u] or free[u] >= dark[u] + switch[u]:
                        break
                    run += 1
        else:
            run = dark_length[t]
            before = run + (start[0] if t == 0 and start[1] == 0 else 0)
        for u in range(t, t + run):  # to compile the assignment of a slice takes seconds
            path[u] = lit
        t += run
        lit = not lit
    return float(cost)


@njit()
def draw(
    ordinary: Floats, steady: Floats, path: Flags, factor: Floats, start: Ints, load: Floats
) -> None:
    """Fill in the load of a path by slot, MW; `factor` by lit slots × dark slots."""
    tail = factor.shape[0] - 1
    wide = factor.shape[1] - 1
    before = start[0]
    behind = start[1]
    for t in range(ordinary.shape[0]):
        if path[t]:
            load[t] = ordinary[t] * factor[min(behind, tail), min(before, wide)] + steady[t]
            behind += 1
        else:
            if behind > 0:
                before = 0
            behind = 0
            before += 1
            load[t] = 0.0


@njit()
def path_cost(
    path: Flags,
    load: Floats,
    dark_cost: Floats,
    price: Floats,
    room: Floats,
    over_price: Floats,
    fixed: float,
    available: Flags,
    over_dark: Floats,
    end_dark: Floats,
    end_light: Floats,
    scale: float,
    start: Ints,
    switch: Floats,
    window: Floats,
) -> float:
    """Cost of a path that draws `load`, as `best_path` counts it."""
    before = start[0]
    behind = start[1]
    last_over = over_dark.shape[0] - 1
    last_end = end_dark.shape[0] - 1
    last = end_light.shape[0] - 1
    total = 0.0
    for t in range(path.shape[0]):
        if path[t]:
            if behind == 0 and (t == 0 or available[t - 1]):
                total += scale * end_dark[min(before, last_end)] + switch[t]
            behind += 1
            total += price[t] * load[t]
            if load[t] > room[t]:
                total += fixed + over_price[t] * (load[t] - room[t])
        else:
            if behind > 0:
                if available[t]:
                    total += scale * end_light[min(behind, last)] + switch[t]
                before = 0
            behind = 0
            before += 1
            if available[t]:
                total += dark_cost[t] + scale * over_dark[min(before, last_over)]
                if t - max(t + 1.0 - before, window[0, t]) >= window[1, t]:
                    total += scale * window[2, t]
    return total
