"""One pass over all feeders, each on its best path given the others or given prices."""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts._even import ROW, even_path, imbalance, table_rows
from vatra.blackouts._paths import FAR, Flags, Floats, Ints, best_path, draw, path_cost

UNKNOWN = 10**6
"""Lit slots before the first slot where nothing is known: no switching can be told there."""

ATTEMPTS = 4
"""How often a feeder is placed at most, to have less darkness in a span."""

DEARER = 0.5
"""How much dearer a dark slot of such a span gets at first, in dark slots; then four times that."""


@njit()
def count_switched(
    switched: Floats, crews: Ints, path: Flags, available: Flags, start: Ints, times: float
) -> None:
    """Add a path's switchings, so many times, to those of its crews; damage is no switching."""
    lit = start[1] > 0
    for t in range(path.shape[0]):
        chosen = available[t] if lit else t == 0 or available[t - 1]
        if path[t] != lit and chosen and (t > 0 or start[1] < UNKNOWN):
            for c in crews:
                if c >= 0:
                    switched[c, t] += times
        lit = path[t]


@njit()
def over_spans(
    span_of: Ints, span_most: Ints, path: Flags, available: Flags, beyond: Floats
) -> None:
    """Fill in the dark slots beyond what each span may have, and in a second row those by choice.

    What damage takes can't be given back: no more is beyond than is by choice.
    """
    spans = span_most.shape[0]
    for s in range(spans):
        beyond[0, s] = -span_most[s]
        beyond[1, s] = 0.0
    for k in range(span_of.shape[0]):
        for t in range(path.shape[0]):
            s = span_of[k, t]
            if s >= 0 and not path[t]:
                beyond[0, s] += 1.0
                beyond[1, s] += 1.0 if available[t] else 0.0
    for s in range(spans):
        beyond[0, s] = max(0.0, min(beyond[0, s], beyond[1, s]))


@njit()
def place_feeders(
    order: Ints,
    ordinary: Floats,
    steady: Floats,
    dark_cost: Floats,
    available: Flags,
    scale: Floats,
    start: Ints,
    rows_of: Ints,
    capacity: Floats,
    row_load: Floats,
    row_price: Floats,
    mass: Floats,
    steer: float,
    respect: bool,
    press: float,
    fixed: float,
    factor: Floats,
    column: Ints,
    full: Floats,
    over_dark: Floats,
    end_dark: Floats,
    end_light: Floats,
    max_light: int,
    kind: Ints,
    barred: Floats,
    crews_of: Ints,
    crew_most: Floats,
    crew_price: float,
    window: Floats,
    span_of: Ints,
    span_most: Ints,
    span_price: float,
    share: Floats,
    aim: Ints,
    uneven: Floats,
    lean: float,
    even: bool,
    path: Flags,
    load: Floats,
    mean_price: Floats,
) -> float:
    """Place feeders one by one.

    Parameters
    ----------
    order
        Feeders to place, in this order.
    ordinary, steady, dark_cost, available
        Feeder × slot, as in `best_path`.
    scale, start
        By feeder, as in `best_path`.
    rows_of
        Feeder × few: limits that the feeder counts against; −1 for none.
    capacity, row_load, row_price
        Limit × slot: MW that may be drawn, MW drawn, cost of each MW. The loads are kept up to
        date; the prices are too if `steer` is positive.
    mass
        Limit: sum over its feeders of their mean load, MW.
    steer
        How much a limit's price moves when it fills faster than its feeders are placed: per MW,
        relative to its mean capacity. 0 for fixed prices.
    respect
        Whether the room that is left counts, and prices only for what exceeds it; otherwise
        prices count for all load, and room does not.
    press
        What load beyond the room costs, in units of the prices.
    fixed, factor, column, over_dark, end_dark, end_light, max_light
        As in `best_path`.
    kind, barred
        Kind of switch of each feeder, and kind × slot: cost of switching it at the start of a
        slot, in units of `scale`.
    crews_of, crew_most, crew_price
        Feeder × few: crews and substations that switch the feeder, −1 for none; crew × slot:
        switchings that each can do; cost of each beyond that, in units of `scale`. The switchings
        of all feeders count, placed or not.
    window
        As in `best_path`.
    span_of, span_most, span_price
        Few × slot: spans of time that a slot lies in, −1 for none; dark slots that a feeder may
        have in each; cost of each beyond that, in units of `scale`, 0 where spans don't count. A
        feeder that has more is placed again with darkness in the span dearer.
    full
        Lit slots × dark slots: the pickup factor that loads are worked out with.
    share, aim, uneven, lean
        As in `even_path`, two of them by feeder.
    even
        Whether totals count.
    path, load
        Feeder × slot: paths and loads; those of feeders in `order` are replaced.
    mean_price
        Limit × slot: filled with the mean price over the feeders of the limit.

    Returns
    -------
    float
        Sum of the costs of the feeders' paths.
    """
    slots = ordinary.shape[1]
    limits = capacity.shape[0]
    crews = crew_most.shape[0]
    spans = span_most.shape[0]
    wide = factor.shape[1]
    free = np.empty(slots + 1)
    dark = np.empty(slots + 1)
    back = np.empty((slots + 1, wide))
    dark_length = np.empty(slots + 1, dtype=np.int64)
    back_length = np.empty((slots + 1, wide), dtype=np.int64)
    table = np.full(table_rows(slots, wide) * ROW if even else 1, FAR, dtype=np.float32)
    room = np.empty(slots)
    price = np.empty(slots)
    over_price = np.empty(slots)
    switch = np.empty(slots)
    darkness = np.empty(slots)
    old_path = np.empty(slots, dtype=np.bool_)
    old_load = np.empty(slots)
    dearer = np.empty(spans)
    beyond = np.zeros((2, spans))
    level = np.empty(limits)
    done = np.empty(limits)
    base = np.empty((limits, slots))
    switched = np.zeros((crews, slots))
    for r in range(limits):
        finite = 0
        level[r] = 0.0
        done[r] = 0.0
        for t in range(slots):
            base[r, t] = row_price[r, t]
            mean_price[r, t] = 0.0
            if capacity[r, t] < np.inf:
                finite += 1
                level[r] += capacity[r, t]
        level[r] = max(level[r] / finite, 1e-9) if finite > 0 else np.inf
    if crew_price > 0.0:
        for f in range(ordinary.shape[0]):
            count_switched(switched, crews_of[f], path[f], available[f], start[f], 1.0)
    total = 0.0
    for f in order:
        if crew_price > 0.0:
            count_switched(switched, crews_of[f], path[f], available[f], start[f], -1.0)
        for t in range(slots):
            price[t] = 0.0
            over_price[t] = 0.0
            room[t] = np.inf
            old_path[t] = path[f, t]
            old_load[t] = load[f, t]
            darkness[t] = dark_cost[f, t]
            switch[t] = scale[f] * barred[kind[f], t]
            if crew_price > 0.0:
                for c in crews_of[f]:
                    if c >= 0 and switched[c, t] >= crew_most[c, t]:
                        switch[t] += scale[f] * crew_price
        if start[f, 1] >= UNKNOWN:
            switch[0] = 0.0
        for r in rows_of[f]:
            if r >= 0:
                for t in range(slots):
                    row_load[r, t] -= load[f, t]
                    price[t] += row_price[r, t]
                    if respect:
                        room[t] = min(room[t], capacity[r, t] - row_load[r, t])
        if respect:
            for t in range(slots):
                room[t] = max(room[t], 0.0)
                over_price[t] = press * price[t]
                price[t] = 0.0
        for s in range(spans):
            dearer[s] = 0.0
        best = np.inf
        least = np.inf
        for attempt in range(-1 if respect else 0, ATTEMPTS if span_price > 0.0 else 1):
            # At first the path in place: pickup is rounded up, so it may look worse than it is.
            cost = FAR
            if attempt >= 0:
                if even:
                    cost = even_path(
                        ordinary[f], steady[f], darkness, price, room, over_price, fixed,
                        available[f], factor, column, over_dark, end_dark, end_light, max_light,
                        scale[f], start[f], switch, window, share, aim[f], uneven[f], lean,
                        table, path[f],
                    )  # fmt: skip
                # A band too narrow may hold no path within the room; evenness comes second then.
                if cost >= FAR or (fixed > 0.0 and cost >= fixed):
                    cost = best_path(
                        ordinary[f], steady[f], darkness, price, room, over_price, fixed,
                        available[f], factor, column, over_dark, end_dark, end_light, max_light,
                        scale[f], start[f], switch, window,
                        free, dark, back, dark_length, back_length, path[f],
                    )  # fmt: skip
                draw(ordinary[f], steady[f], path[f], full, start[f], load[f])
            if respect or span_price > 0.0:
                cost = path_cost(
                    path[f], load[f], dark_cost[f], price, room, over_price, fixed, available[f],
                    over_dark, end_dark, end_light, scale[f], start[f], switch, window,
                )  # fmt: skip
                off = -aim[f]
                for t in range(slots):
                    off += 1 if available[f, t] and not path[f, t] else 0
                cost += uneven[f] * imbalance(off, lean) if even else 0.0
            excess = 0.0
            if span_price > 0.0:
                over_spans(span_of, span_most, path[f], available[f], beyond)
                for s in range(spans):
                    excess += beyond[0, s]
                    if attempt >= 0 and beyond[0, s] > 0.0:
                        dearer[s] = 4.0 * dearer[s] + DEARER * scale[f]
                cost += scale[f] * span_price * excess
            if cost < best:
                best = cost
                for t in range(slots):
                    old_path[t] = path[f, t]
                    old_load[t] = load[f, t]
            if attempt >= 0 and (excess == 0.0 or (attempt > 1 and excess >= least)):
                break
            least = excess
            for t in range(slots):
                darkness[t] = dark_cost[f, t]
                for k in range(span_of.shape[0]):
                    if span_of[k, t] >= 0:
                        darkness[t] += dearer[span_of[k, t]]
        total += best
        weight_f = 0.0
        for t in range(slots):
            path[f, t] = old_path[t]
            load[f, t] = old_load[t]
            weight_f += (ordinary[f, t] + steady[f, t]) / slots
        if crew_price > 0.0:
            count_switched(switched, crews_of[f], path[f], available[f], start[f], 1.0)
        for r in rows_of[f]:
            if r >= 0:
                part = weight_f / max(mass[r], 1e-12)
                done[r] += part
                for t in range(slots):
                    row_load[r, t] += load[f, t]
                    mean_price[r, t] += part * row_price[r, t]
                    if steer > 0.0 and capacity[r, t] < np.inf:
                        ahead = (row_load[r, t] - done[r] * capacity[r, t]) / level[r]
                        row_price[r, t] = max(0.0, base[r, t] + steer * ahead)
    return total
