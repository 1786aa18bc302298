"""Best path of one feeder with a say in how many slots it is dark in all.

As `best_path`, with the number of dark slots still to come as part of the state. Only totals near
an even spread are looked at: a band of them at each slot, so the work grows with the band's width.
"""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts._paths import FAR, TO_END, Flags, Floats, Ints


@njit()
def _relax(
    table: Floats, choice: Ints, row: int, other: int, shift: int, cost: float, mark: int
) -> None:
    """Lower a row to another one moved by `shift` plus a cost, and note where that was done."""
    band = table.shape[1]
    extra = np.float32(cost)
    note = np.int32(mark)
    for j in range(max(0, shift), min(band, band + shift)):
        value = table[other, j - shift] + extra
        better = value < table[row, j]
        table[row, j] = value if better else table[row, j]
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
    switch: Floats,
    window: Floats,
    share: Floats,
    aim: int,
    uneven: float,
    lean: float,
    table: Floats,
    choice: Ints,
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
    table, choice
        Room to work in, single precision and 32 bits: (slots + 1) · (2 + width of `factor`) × band.
        First come the slots at which darkness begins, then those with the pickup over, then those
        of the return, by classes of dark runs.
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
    band = table.shape[1]
    last_light = end_light.shape[0] - 1
    last_over = over_dark.shape[0] - 1
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
        base[t] = int(aim * part + 0.5) - band // 2
    over = slots + 1
    return_at = 2 * over
    for row in (slots, over + slots):
        for j in range(band):
            table[row, j] = FAR
        table[row, band // 2] = 0.0
    total = np.empty(wide)
    for t in range(slots - 1, -1, -1):
        # Dark from t on, for d slots; from slot 0 on, also what lies behind it.
        lead = start[0] if t == 0 and start[1] == 0 else 0
        for j in range(band):
            table[t, j] = FAR
        cost = 0.0
        count = 0
        for d in range(1, slots - t + 1):
            u = t + d - 1
            run = lead + d
            if available[u]:
                cost += dark_cost[u] + scale * over_dark[min(run, last_over)]
                if u - max(u + 1.0 - run, window[0, u]) >= window[1, u]:
                    cost += scale * window[2, u]
                count += 1
            stop = cost
            other = slots
            if u + 1 < slots:
                if not available[u + 1]:
                    continue
                other = return_at + (u + 1) * wide + column[min(run, reach)]
                if available[u]:
                    stop += scale * end_dark[min(run, last_end)] + switch[u + 1]
            _relax(table, choice, t, other, base[u + 1] + count - base[t], stop, d)
        stop = switch[t] if available[t] else 0.0
        mark = 0
        for j in range(band):
            table[over + t, j] = table[t, j] + np.float32(stop)
            choice[over + t, j] = mark
        if not available[t]:
            continue
        load = ordinary[t] * factor[tail, 0] + steady[t]
        cost = price[t] * load
        if load > room[t]:
            cost += fixed + over_price[t] * (load - room[t])
        mark += min(slots, 1)  # a number that is not spelt out, which would be compiled apart
        _relax(table, choice, over + t, over + t + 1, base[t + 1] - base[t], cost, mark)
        # Back at t after d dark slots: how many slots to stay lit.
        for d in range(wide):
            total[d] = 0.0
            for j in range(band):
                table[return_at + t * wide + d, j] = FAR
        gone = min(start[1], tail) if t == 0 else 0
        for s in range(gone, tail + 1):
            u = t + s - gone
            shift = base[u] - base[t]
            off = u == slots or not available[u]
            for way in range(2):
                stop = 0.0
                mark = s - gone
                other = u
                if way == 0:
                    if not off:
                        if s == 0:
                            continue
                        stop = scale * end_light[min(s, last_light)] + switch[u]
                else:
                    if off or s < tail or s >= max_light:
                        break
                    mark = TO_END
                    other = over + u
                for d in range(wide):
                    row = return_at + t * wide + d
                    _relax(table, choice, row, other, shift, total[d] + stop, mark)
            if off or s >= max_light or s == tail:
                break
            for d in range(wide):
                load = ordinary[u] * factor[s, d] + steady[u]
                excess = load - room[u]
                total[d] += price[u] * load
                total[d] += fixed + over_price[u] * excess if excess > 0.0 else 0.0

    # The first run goes on from before the first slot, or ends there.
    t = 0
    before = start[0]
    lit = start[1] > 0 and available[0]
    row = return_at + column[min(before, reach)]
    stop = FAR
    if start[1] == 0 and available[0]:
        stop = scale * end_dark[min(before, last_end)] + switch[0]
    best = FAR
    k = 0
    for j in range(band):
        cost = uneven * imbalance(j + base[0] - aim, lean)
        # Where there is no power at first, nothing was worked out for a return at slot 0.
        if stop < FAR and table[row, j] + stop <= table[t, j]:
            table[t, j] = table[row, j] + np.float32(stop)
            choice[t, j] = t
        cost += table[row, j] if lit else table[t, j]
        if cost < best:
            best = cost
            k = j + base[0]
    if best >= FAR / 2:
        return FAR

    # Walk the choices: 0 at the start of a dark run, 1 of a light run, 2 with the pickup over.
    stage = 1 if lit else 0
    while t < slots:
        j = k - base[t]
        on = stage > 0
        if stage == 0:
            run = choice[t, j]
            for u in range(t, t + run):
                k -= 1 if available[u] else 0
            before = run + (start[0] if t == 0 and start[1] == 0 else 0)
            stage = 1
        elif stage == 1:
            run = choice[return_at + t * wide + column[min(before, reach)], j]
            stage = 0
            if run == TO_END:
                run = tail - min(start[1], tail) if t == 0 else tail
                stage = 2
        else:
            run = choice[over + t, j]
            stage = 2 if run == 1 else 0
        for u in range(t, t + run):
            path[u] = on
        t += run
    return best
