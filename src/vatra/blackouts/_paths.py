"""Best on/off path of one feeder, by dynamic programming over its runs of darkness and light.

A path is a chain of dark and light runs. What a lit slot draws depends on the length of the dark
run before it and on the slots since the return; so a light run starts in a state (slot, dark slots
before it), and a dark run in a state (slot). Costs add up over slots and runs. The same program
prices a feeder for the bound (prices, no room) and places it for the schedule (room, no prices).
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
def set_run(path: Flags, first: int, end: int, lit: bool) -> None:
    """Set a run of slots. A loop: to compile the assignment of a slice takes seconds."""
    for t in range(first, end):
        path[t] = lit


@njit()
def _stay_dark(
    t: int, before: int, dark_cost: Floats, available: Flags, over_dark: Floats,
    end_dark: Floats, scale: float, back: Floats, column: Ints, least: int,
) -> tuple[float, int]:  # fmt: skip
    """Cost of the best dark run from slot t on, and its slots; `before` slots are behind it."""
    slots = dark_cost.shape[0]
    reach = column.shape[0] - 1
    last_over = over_dark.shape[0] - 1
    last_end = end_dark.shape[0] - 1
    best = FAR
    length = slots - t
    total = 0.0
    if least == 0 and available[t]:
        best = back[t, column[min(before, reach)]] + scale * end_dark[min(before, last_end)]
        length = 0
    for d in range(1, slots - t + 1):
        u = t + d - 1
        run = before + d
        if available[u]:
            total += dark_cost[u] + scale * over_dark[min(run, last_over)]
        if u + 1 == slots:
            if total < best:
                best = total
                length = d
        elif available[u + 1]:
            stop = total + back[u + 1, column[min(run, reach)]]
            if available[u]:
                stop += scale * end_dark[min(run, last_end)]
            if stop < best:
                best = stop
                length = d
    return best, length


@njit()
def _stay_lit(
    behind: int, lit_cost: Floats, steady: Floats, price: Floats, room: Floats,
    over_price: Floats, fixed: float, available: Flags, factor: Floats, at: int, end_light: Floats,
    max_light: int, scale: float, free: Floats, dark: Floats,
) -> tuple[float, int]:  # fmt: skip
    """Cost of the best rest of a light run from slot 0 on, and its slots.

    The run has lasted `behind` slots; its factors are in column `at`.
    """
    slots = lit_cost.shape[0]
    tail = factor.shape[0] - 1
    last = end_light.shape[0] - 1
    if behind >= tail:
        return free[0], TO_END
    best = FAR
    length = 0
    total = 0.0
    for n in range(tail - behind + 1):
        s = behind + n
        if n == slots:
            if total < best:
                best = total
                length = n
            break
        if not available[n]:
            if total + dark[n] < best:
                best = total + dark[n]
                length = n
            break
        stop = total + dark[n] + scale * end_light[min(s, last)]
        if stop < best:
            best = stop
            length = n
        if s >= max_light:
            break
        if s == tail:
            if total + free[n] < best:
                best = total + free[n]
                length = TO_END
            break
        load = lit_cost[n] * factor[s, at] + steady[n]
        total += price[n] * load
        if load > room[n]:
            total += fixed + over_price[n] * (load - room[n])
    return best, length


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
    total = np.empty(wide)
    free[slots] = 0.0
    dark[slots] = 0.0
    for t in range(slots - 1, -1, -1):
        # Back at t after d dark slots: how many slots to stay lit. All d at once.
        if available[t]:
            best = back[t]
            length = back_length[t]
            for d in range(wide):
                total[d] = 0.0
                best[d] = FAR
            for s in range(tail + 1):
                u = t + s
                if u == slots or not available[u]:
                    for d in range(wide):
                        if total[d] + dark[u] < best[d]:
                            best[d] = total[d] + dark[u]
                            length[d] = s
                    break
                if s > 0:
                    stop = dark[u] + scale * end_light[min(s, last)]
                    for d in range(wide):
                        if total[d] + stop < best[d]:
                            best[d] = total[d] + stop
                            length[d] = s
                if s >= max_light:
                    break
                if s == tail:
                    for d in range(wide):
                        if total[d] + free[u] < best[d]:
                            best[d] = total[d] + free[u]
                            length[d] = TO_END
                    break
                for d in range(wide):
                    load = ordinary[u] * factor[s, d] + steady[u]
                    excess = load - room[u]
                    total[d] += price[u] * load
                    total[d] += fixed + over_price[u] * excess if excess > 0.0 else 0.0
        dark[t], dark_length[t] = _stay_dark(
            t, 0, dark_cost, available, over_dark, end_dark, scale, back, column, 1
        )
        free[t] = dark[t]
        if available[t]:
            load = ordinary[t] * factor[tail, 0] + steady[t]
            stay = price[t] * load + free[t + 1]
            if load > room[t]:
                stay += fixed + over_price[t] * (load - room[t])
            free[t] = min(free[t], stay)

    # The first run goes on from before the first slot.
    t = 0
    before = start[0]
    if start[1] == 0:
        cost, run = _stay_dark(
            0, before, dark_cost, available, over_dark, end_dark, scale, back, column, 0
        )
        set_run(path, 0, run, False)
        t = run
        before += run
        lit = True
    else:
        cost, run = _stay_lit(
            start[1], ordinary, steady, price, room, over_price, fixed, available, factor,
            column[min(before, reach)], end_light, max_light, scale, free, dark,
        )  # fmt: skip
        if run == TO_END:
            run = _fill_free(max(0, tail - start[1]), 0, free, dark, path)
        set_run(path, 0, run, True)
        t = run
        lit = False
    while t < slots:
        if lit:
            run = back_length[t, column[min(before, reach)]]
            if run == TO_END:
                run = _fill_free(tail, t, free, dark, path)
            set_run(path, t, t + run, True)
        else:
            run = dark_length[t]
            set_run(path, t, t + run, False)
            before = run
        t += run
        lit = not lit
    return cost


@njit()
def _fill_free(least: int, t: int, free: Floats, dark: Floats, path: Flags) -> int:
    """Count the slots from t on that a feeder stays lit: at least `least`, then while it pays."""
    slots = path.shape[0]
    u: int = min(slots, t + least)
    while u < slots and free[u] < dark[u]:
        u += 1
    return u - t


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
                total += scale * end_dark[min(before, last_end)]
            behind += 1
            total += price[t] * load[t]
            if load[t] > room[t]:
                total += fixed + over_price[t] * (load[t] - room[t])
        else:
            if behind > 0:
                if available[t]:
                    total += scale * end_light[min(behind, last)]
                before = 0
            behind = 0
            before += 1
            if available[t]:
                total += dark_cost[t] + scale * over_dark[min(before, last_over)]
    return total
