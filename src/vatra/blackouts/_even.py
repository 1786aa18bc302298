"""Best path of one feeder with a say in how many slots it is dark in all.

As `best_path`, with the number of dark slots still to come as part of the state. Only totals near
an even spread are looked at: a band of them at each slot, so the work grows with the band's width.
"""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts._paths import FAR, TO_END, Flags, Floats, Ints, set_run


@njit()
def _relax(
    into: Floats, choice: Ints, row: int, source: Floats, other: int, shift: int,
    cost: float, mark: int,
) -> None:  # fmt: skip
    """Lower a row to another one moved by `shift` plus a cost, and note where that was done."""
    first = max(0, shift)
    last = min(into.shape[1], into.shape[1] + shift)
    extra = np.float32(cost)
    note = np.int32(mark)
    for j in range(first, last):
        value = source[other, j - shift] + extra
        better = value < into[row, j]
        into[row, j] = value if better else into[row, j]
        choice[row, j] = note if better else choice[row, j]


@njit()
def imbalance(off: int, lean: float) -> float:
    """Weigh the slots by which a feeder is darker than the even share; `lean` if it is lighter."""
    return float(off * off) if off > 0 else lean * off * off


@njit()
def even_path(
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
    share: Floats,
    aim: int,
    uneven: float,
    lean: float,
    free: Floats,
    dark: Floats,
    back: Floats,
    free_stay: Ints,
    dark_length: Ints,
    back_length: Ints,
    path: Flags,
) -> float:
    """Find the cheapest path of a feeder that has about `aim` dark slots.

    Parameters
    ----------
    ordinary, steady, dark_cost, price, room, over_price, fixed, available, factor, column
        As in `best_path`.
    over_dark, end_dark, end_light, max_light, scale, start
        As in `best_path`.
    share
        Share of feeders that are dark by slot, which says where the band of totals lies.
    aim
        Dark slots wanted in all, those without power to have not counted.
    uneven, lean
        Cost of the square of the dark slots beyond it, and what part of that it costs to be as
        much below it. A feeder with much light should give some of it up, but not in vain.
    free, dark, back, free_stay, dark_length, back_length
        Room to work in: slots + 1 × band; `back` also × the width of `factor`, slot
        by slot.
    path
        Filled with the path: True where lit.

    Returns
    -------
    float
        Cost of the path, unevenness included; `FAR` if there is none in the band.
    """
    slots = ordinary.shape[0]
    wide = factor.shape[1]
    reach = column.shape[0] - 1
    tail = factor.shape[0] - 1
    band = free.shape[1]
    last_light = end_light.shape[0] - 1
    last_over = over_dark.shape[0] - 1
    last_end = end_dark.shape[0] - 1
    # base[t] is the number of dark slots to come at the lower edge of the band.
    base = np.empty(slots + 1, dtype=np.int64)
    ahead = np.zeros(slots + 1)
    for t in range(slots - 1, -1, -1):
        ahead[t] = ahead[t + 1] + (share[t] if available[t] else 0.0)
    for t in range(slots + 1):
        part = ahead[t] / ahead[0] if ahead[0] > 0.0 else 0.0
        base[t] = int(np.round(aim * part)) - band // 2
    for j in range(band):
        free[slots, j] = FAR
        dark[slots, j] = FAR
    free[slots, band // 2] = 0.0
    dark[slots, band // 2] = 0.0
    total = np.empty(wide)
    for t in range(slots - 1, -1, -1):
        if available[t]:
            for d in range(wide):
                total[d] = 0.0
                for j in range(band):
                    back[t * wide + d, j] = FAR
            for s in range(tail + 1):
                u = t + s
                shift = base[u] - base[t]
                if u == slots or not available[u]:
                    for d in range(wide):
                        _relax(back, back_length, t * wide + d, dark, u, shift, total[d], s)
                    break
                if s > 0:
                    stop = scale * end_light[min(s, last_light)]
                    for d in range(wide):
                        _relax(back, back_length, t * wide + d, dark, u, shift, total[d] + stop, s)
                if s >= max_light:
                    break
                if s == tail:
                    for d in range(wide):
                        _relax(back, back_length, t * wide + d, free, u, shift, total[d], TO_END)
                    break
                for d in range(wide):
                    load = ordinary[u] * factor[s, d] + steady[u]
                    excess = load - room[u]
                    total[d] += price[u] * load
                    total[d] += fixed + over_price[u] * excess if excess > 0.0 else 0.0
        for j in range(band):
            dark[t, j] = FAR
        cost = 0.0
        count = 0
        for d in range(1, slots - t + 1):
            u = t + d - 1
            if available[u]:
                cost += dark_cost[u] + scale * over_dark[min(d, last_over)]
                count += 1
            if u + 1 == slots:
                _relax(dark, dark_length, t, dark, slots, base[slots] + count - base[t], cost, d)
            elif available[u + 1]:
                stop = scale * end_dark[min(d, last_end)] if available[u] else 0.0
                _relax(
                    dark, dark_length, t, back, (u + 1) * wide + column[min(d, reach)],
                    base[u + 1] + count - base[t], cost + stop, d,
                )  # fmt: skip
        for j in range(band):
            free[t, j] = dark[t, j]
            free_stay[t, j] = 0
        if available[t]:
            load = ordinary[t] * factor[tail, 0] + steady[t]
            cost = price[t] * load
            if load > room[t]:
                cost += fixed + over_price[t] * (load - room[t])
            _relax(free, free_stay, t, free, t + 1, base[t + 1] - base[t], cost, 1)

    # The first run goes on from before the first slot: over its length and the total.
    before = start[0]
    behind = start[1]
    best = FAR
    run = -1
    at = 0
    lit = False
    if behind >= tail:
        for j in range(band):
            off = j + base[0] - aim
            if free[0, j] + uneven * imbalance(off, lean) < best:
                best = free[0, j] + uneven * imbalance(off, lean)
                at = j
        run = 0
        lit = True
    elif behind == 0:
        cost = 0.0
        count = 0
        for d in range(slots + 1):
            if d > 0 and available[d - 1]:
                cost += dark_cost[d - 1] + scale * over_dark[min(before + d, last_over)]
                count += 1
            if d < slots and not available[d]:
                continue
            stop = 0.0
            if d < slots and (d == 0 or available[d - 1]):
                stop = scale * end_dark[min(before + d, last_end)]
            for j in range(band):
                ends = (
                    dark[slots, j]
                    if d == slots
                    else back[d * wide + column[min(before + d, reach)], j]
                )
                off = j + base[d] + count - aim
                if ends + cost + stop + uneven * imbalance(off, lean) < best:
                    best = ends + cost + stop + uneven * imbalance(off, lean)
                    at = j
                    run = d
    else:
        cost = 0.0
        for n in range(tail - behind + 1):
            s = behind + n
            off_grid = n == slots or not available[n]
            stop = 0.0 if off_grid else scale * end_light[min(s, last_light)]
            for j in range(band):
                off = j + base[n] - aim
                if dark[n, j] + cost + stop + uneven * imbalance(off, lean) < best:
                    best = dark[n, j] + cost + stop + uneven * imbalance(off, lean)
                    at = j
                    run = n
                    lit = False
                stays = s == tail and not off_grid and s < max_light
                if stays and free[n, j] + cost + uneven * imbalance(off, lean) < best:
                    best = free[n, j] + cost + uneven * imbalance(off, lean)
                    at = j
                    run = n
                    lit = True
            if off_grid or s >= max_light:
                break
            load = ordinary[n] * factor[s, column[min(before, reach)]] + steady[n]
            cost += price[n] * load
            if load > room[n]:
                cost += fixed + over_price[n] * (load - room[n])
    if best >= FAR / 2:
        return FAR

    # Walk the choices: 0 at the start of a dark run, 1 of a light run, 2 with the pickup over.
    t = run
    k = at + base[run]
    stage = 2 if lit else (1 if behind == 0 else 0)
    set_run(path, 0, run, behind > 0)
    before += run if behind == 0 else 0
    while t < slots:
        j = k - base[t]
        if stage == 0:
            run = dark_length[t, j]
            set_run(path, t, t + run, False)
            for u in range(t, t + run):
                k -= 1 if available[u] else 0
            before = run
            stage = 1
        elif stage == 1:
            run = back_length[t * wide + column[min(before, reach)], j]
            stage = 0
            if run == TO_END:
                run = tail
                stage = 2
            set_run(path, t, t + run, True)
        elif free_stay[t, j] == 1:
            path[t] = True
            run = 1
        else:
            run = 0
            stage = 0
        t += run
    return best
