"""Best path of one feeder with a say in how many slots it is dark in all.

As `best_path`, with the number of dark slots still to come as part of the state. Only totals near
an even spread are looked at: a band of them at each slot. A state is a row of the table, with the
costs of the totals of its band; what can follow it are other rows, moved and with a cost. Which of
them was the best is not noted: along the path itself it is found anew.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit
from vatra.blackouts._paths import FAR, Flags, Floats, Ints

Singles = NDArray[np.float32]

BAND = 32
"""Width of the band of dark totals that is looked at. Fixed, so that loops over it are unrolled."""

ROW = 2 * BAND
"""A row of the table: its band, and as much room, which says that totals outside can't be."""

DARK, LIT, FREE = 0, 1, 2
"""What begins at a slot: a dark run, a light run, or light with the pickup over."""


@njit()
def table_rows(slots: int, wide: int) -> int:
    """Rows of the table of `even_path`, and one to keep the last one apart."""
    return (slots + 1) * (2 + wide) + 1


@njit()
def _lower(table: Singles, best: Singles, row: int, count: int, cost: Floats, ways: Ints) -> None:
    """Fill in a row: the least over other rows, each moved and with a cost; four at a time."""
    for k in range(BAND):
        best[k] = FAR
    n = 0
    # Unsigned indices need no check for being counted from the end, which keeps the loops wide.
    while n + 4 <= count:
        from_0, add_0 = np.uint64(ways[0, n]), np.float32(cost[n])
        from_1, add_1 = np.uint64(ways[0, n + 1]), np.float32(cost[n + 1])
        from_2, add_2 = np.uint64(ways[0, n + 2]), np.float32(cost[n + 2])
        from_3, add_3 = np.uint64(ways[0, n + 3]), np.float32(cost[n + 3])
        for k in range(BAND):
            j = np.uint64(k)
            a, b = table[from_0 + j] + add_0, table[from_1 + j] + add_1
            c, d = table[from_2 + j] + add_2, table[from_3 + j] + add_3
            a = min(a, b)
            c = min(c, d)
            a = min(a, c)
            best[j] = min(a, best[j])
        n += 4
    while n < count:
        from_0, add_0 = np.uint64(ways[0, n]), np.float32(cost[n])
        for k in range(BAND):
            j = np.uint64(k)
            a = table[from_0 + j] + add_0
            best[j] = min(a, best[j])
        n += 1
    to = np.uint64(row * ROW + BAND)
    for k in range(BAND):
        j = np.uint64(k)
        table[to + j] = best[j]


@njit()
def imbalance(off: int, lean: float) -> float:
    """Weigh the slots by which a feeder is darker than the even share; `lean` if it is lighter."""
    return float(off * off) if off > 0 else lean * off * off


@njit()
def _ways(
    stage: int,
    t: int,
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
    base: Ints,
    cost: Floats,
    ways: Ints,
) -> int:
    """List what can follow a state: how long it lasts, and what comes then.

    Parameters
    ----------
    stage, t
        What begins at which slot.
    ordinary, steady, dark_cost, price, room, over_price, fixed, available, factor, column
        As in `best_path`.
    over_dark, end_dark, end_light, max_light, scale, start, switch, window
        As in `best_path`.
    base
        By slot: dark slots to come at the lower edge of the band.
    cost
        Class of dark runs × way: filled with what each way costs; one row, but for `LIT`.
    ways
        3 × way: filled with where in the table its band is, slots that it lasts, and the stage
        after it.

    Returns
    -------
    int
        Number of ways within the band.
    """
    slots = ordinary.shape[0]
    wide = factor.shape[1]
    reach = column.shape[0] - 1
    tail = factor.shape[0] - 1
    last_light = end_light.shape[0] - 1
    last_over = over_dark.shape[0] - 1
    last_end = end_dark.shape[0] - 1
    over = slots + 1
    n = 0
    if stage == DARK:
        # Dark from t on, for d slots; from slot 0 on, also what lies behind it.
        lead = start[0] if t == 0 and start[1] == 0 else 0
        spent = 0.0
        shift = base[t]
        for d in range(1, slots - t + 1):
            u = t + d - 1
            run = lead + d
            if available[u]:
                spent += dark_cost[u] + scale * over_dark[min(run, last_over)]
                if u - max(u + 1.0 - run, window[0, u]) >= window[1, u]:
                    spent += scale * window[2, u]
                shift -= 1
            stop = spent
            other = slots
            if u + 1 < slots:
                if not available[u + 1]:
                    continue
                other = 2 * over + (u + 1) * wide + column[min(run, reach)]
                if available[u]:
                    stop += scale * end_dark[min(run, last_end)] + switch[u + 1]
            if abs(base[u + 1] - shift) < BAND:
                cost[0, n] = stop
                ways[0, n] = other * ROW + BAND - (base[u + 1] - shift)
                ways[1, n] = d
                ways[2, n] = LIT
                n += 1
        return n
    if stage == FREE:
        cost[0, 0] = switch[t] if available[t] else 0.0
        ways[0, 0] = t * ROW + BAND
        ways[1, 0] = 0
        ways[2, 0] = DARK
        n += 1
        if available[t]:
            load = ordinary[t] * factor[tail, 0] + steady[t]
            cost[0, n] = price[t] * load
            if load > room[t]:
                cost[0, n] += fixed + over_price[t] * (load - room[t])
            ways[0, n] = (over + t + 1) * ROW + BAND - (base[t + 1] - base[t])
            ways[1, n] = 1
            ways[2, n] = FREE
            n += 1
        return n
    # Back at t after d dark slots: how many slots to stay lit. Sums go on from way to way.
    gone = min(start[1], tail) if t == 0 else 0
    for d in range(wide):
        cost[d, 0] = 0.0
    for s in range(gone, tail + 1):
        u = t + s - gone
        moved = BAND - (base[u] - base[t])
        off = u == slots or not available[u]
        ended = off or s >= max_light
        if off or s > 0:
            stop = 0.0 if off else scale * end_light[min(s, last_light)] + switch[u]
            for d in range(wide):
                cost[d, n + 1] = cost[d, n]
                cost[d, n] += stop
            ways[0, n] = u * ROW + moved
            ways[1, n] = s - gone
            ways[2, n] = DARK
            n += 1
        if s == tail and not ended:
            ways[0, n] = (over + u) * ROW + moved
            ways[1, n] = s - gone
            ways[2, n] = FREE
            n += 1
        if ended or s == tail:
            break
        for d in range(wide):
            load = ordinary[u] * factor[s, d] + steady[u]
            excess = load - room[u]
            cost[d, n] += price[u] * load
            cost[d, n] += fixed + over_price[u] * excess if excess > 0.0 else 0.0
    return n


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
    switch: Floats,
    window: Floats,
    share: Floats,
    aim: int,
    uneven: float,
    lean: float,
    table: Singles,
    path: Flags,
) -> float:
    """Find the cheapest path of a feeder that has about `aim` dark slots.

    Parameters
    ----------
    ordinary, steady, dark_cost, price, room, over_price, fixed, available, factor, column
        As in `best_path`.
    over_dark, end_dark, end_light, max_light, scale, start, switch, window
        As in `best_path`.
    share
        Share of feeders that are dark by slot, which says where the band of totals lies.
    aim
        Dark slots wanted in all, those without power to have not counted.
    uneven, lean
        Cost of the square of the dark slots beyond it, and what part of that it costs to be as
        much below it. A feeder with much light should give some of it up, but not in vain.
    table
        Room to work in, single precision, `table_rows` × `ROW` long and filled with `FAR` at
        first. First come the slots at which darkness begins, then those with the pickup over, then
        those of the return, by classes of dark runs.
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
    last_end = end_dark.shape[0] - 1
    # base[t] is the number of dark slots to come at the lower edge of the band.
    base = np.empty(slots + 1, dtype=np.int64)
    whole = 0.0
    for t in range(slots):
        whole += share[t] if available[t] else 0.0
    ahead = 0.0
    for t in range(slots, -1, -1):
        if t < slots and available[t]:
            ahead += share[t]
        part = ahead / whole if whole > 0.0 else 0.0
        base[t] = int(aim * part + 0.5) - BAND // 2
    over = slots + 1
    for row in (slots, over + slots):
        for j in range(BAND):
            table[row * ROW + BAND + j] = FAR
        table[row * ROW + BAND + BAND // 2] = 0.0
    most = max(slots, factor.shape[0]) + 2
    cost = np.empty((wide, most))
    ways = np.empty((3, most), dtype=np.int64)
    best = np.empty(BAND, dtype=np.float32)
    for t in range(slots - 1, -1, -1):
        for step in range(3 if available[t] else 2):
            # Darkness first, then light with the pickup over, then a return.
            stage = (3 - step) % 3
            count = _ways(
                stage, t, ordinary, steady, dark_cost, price, room, over_price, fixed, available,
                factor, column, over_dark, end_dark, end_light, max_light, scale, start, switch,
                window, base, cost, ways,
            )  # fmt: skip
            if stage != LIT:
                _lower(table, best, t + over * (stage // FREE), count, cost[0], ways)
                continue
            # No slot but the first can be a return after no darkness.
            for d in range(column[min(1, reach)] if t > 0 else 0, wide):
                _lower(table, best, 2 * over + t * wide + d, count, cost[d], ways)

    # The first run goes on from before the first slot, or ends there.
    before = start[0]
    back = (2 * over + column[min(before, reach)]) * ROW + BAND
    stop = FAR
    if available[0] and start[1] > 0:
        stop = 0.0
    elif available[0]:
        stop = scale * end_dark[min(before, last_end)] + switch[0]
    least = FAR
    k = 0
    # Plain numbers would have `_ways` compiled for these two alone, too.
    stage, t = int(np.int64(DARK)), int(np.int64(0))
    for j in range(BAND):
        # Where there is no power at first, nothing was worked out for a return at slot 0.
        lit = stop < FAR and (start[1] > 0 or table[back + j] + stop <= table[BAND + j])
        total = table[back + j] + stop if lit else float(table[BAND + j])
        total += uneven * imbalance(j + base[0] - aim, lean)
        if total < least:
            least = total
            k = j
            stage = LIT if lit else DARK
    if least >= FAR / 2:
        return FAR

    while t < slots:
        count = _ways(
            stage, t, ordinary, steady, dark_cost, price, room, over_price, fixed, available,
            factor, column, over_dark, end_dark, end_light, max_light, scale, start, switch,
            window, base, cost, ways,
        )  # fmt: skip
        d = column[min(before, reach)] if stage == LIT else 0
        n = 0
        for way in range(1, count):
            here = table[ways[0, way] + k] + np.float32(cost[d, way])
            n = way if here < table[ways[0, n] + k] + np.float32(cost[d, n]) else n
        # Where that way leads, k is counted from the lower edge of the band there.
        run = ways[1, n]
        k = (ways[0, n] + k) % ROW - BAND
        for u in range(t, t + run):
            path[u] = stage != DARK
        if stage == DARK:
            before = run + (start[0] if t == 0 and start[1] == 0 else 0)
        stage = ways[2, n]
        t += run
    return least
