"""One pass over all feeders, each on its best path given the others or given prices."""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts._even import even_path, imbalance
from vatra.blackouts._paths import FAR, Flags, Floats, Ints, best_path, draw, path_cost


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
    share: Floats,
    aim: Ints,
    uneven: Floats,
    lean: float,
    band: int,
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
    full
        Lit slots × dark slots: the pickup factor that loads are worked out with.
    share, aim, uneven, lean
        As in `even_path`, two of them by feeder.
    band
        Width of the band of totals; 0 where totals don't count.
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
    wide = factor.shape[1]
    free = np.empty(slots + 1)
    dark = np.empty(slots + 1)
    back = np.zeros((slots + 1, wide))
    dark_length = np.zeros(slots + 1, dtype=np.int64)
    back_length = np.zeros((slots + 1, wide), dtype=np.int64)
    free2 = np.empty((slots + 1, band), dtype=np.float32)
    dark2 = np.empty((slots + 1, band), dtype=np.float32)
    back2 = np.empty(((slots + 1) * wide, band), dtype=np.float32)
    free_stay = np.zeros((slots + 1, band), dtype=np.int32)
    dark_length2 = np.zeros((slots + 1, band), dtype=np.int32)
    back_length2 = np.zeros(((slots + 1) * wide, band), dtype=np.int32)
    room = np.empty(slots)
    price = np.empty(slots)
    over_price = np.zeros(slots)
    old_path = np.empty(slots, dtype=np.bool_)
    old_load = np.empty(slots)
    base = row_price.copy()
    level = np.ones(limits)
    done = np.zeros(limits)
    if steer > 0.0:
        for r in range(limits):
            finite = 0
            level[r] = 0.0
            for t in range(slots):
                mean_price[r, t] = 0.0
                if np.isfinite(capacity[r, t]):
                    finite += 1
                    level[r] += capacity[r, t]
            level[r] = max(level[r] / finite, 1e-9) if finite > 0 else np.inf
    total = 0.0
    for f in order:
        for t in range(slots):
            price[t] = 0.0
            room[t] = np.inf
            old_path[t] = path[f, t]
            old_load[t] = load[f, t]
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
        cost = FAR
        if band > 0:
            cost = even_path(
                ordinary[f], steady[f], dark_cost[f], price, room, over_price, fixed,
                available[f], factor, column, over_dark, end_dark, end_light, max_light,
                scale[f], start[f], share, aim[f], uneven[f], lean,
                free2, dark2, back2, free_stay, dark_length2, back_length2, path[f],
            )  # fmt: skip
        # A band too narrow may hold no path within the room; then evenness comes second.
        if cost >= FAR or (fixed > 0.0 and cost >= fixed):
            cost = best_path(
                ordinary[f], steady[f], dark_cost[f], price, room, over_price, fixed,
                available[f], factor, column, over_dark, end_dark, end_light, max_light,
                scale[f], start[f], free, dark, back, dark_length, back_length, path[f],
            )  # fmt: skip
        draw(ordinary[f], steady[f], path[f], full, start[f], load[f])
        if respect:
            # The tables round pickup up, so a path in place may look worse than it is.
            cost = path_cost(
                path[f], load[f], dark_cost[f], price, room, over_price, fixed, available[f],
                over_dark, end_dark, end_light, scale[f], start[f],
            )  # fmt: skip
            old_cost = path_cost(
                old_path, old_load, dark_cost[f], price, room, over_price, fixed, available[f],
                over_dark, end_dark, end_light, scale[f], start[f],
            )  # fmt: skip
            if band > 0:
                off = -aim[f]
                old_off = -aim[f]
                for t in range(slots):
                    if available[f, t]:
                        off += 0 if path[f, t] else 1
                        old_off += 0 if old_path[t] else 1
                cost += uneven[f] * imbalance(off, lean)
                old_cost += uneven[f] * imbalance(old_off, lean)
            if old_cost <= cost:
                for t in range(slots):
                    path[f, t] = old_path[t]
                    load[f, t] = old_load[t]
                cost = old_cost
        total += cost
        weight_f = 0.0
        for t in range(slots):
            weight_f += (ordinary[f, t] + steady[f, t]) / slots
        for r in rows_of[f]:
            if r >= 0:
                for t in range(slots):
                    row_load[r, t] += load[f, t]
                if steer > 0.0:
                    part = weight_f / max(mass[r], 1e-12)
                    done[r] += part
                    for t in range(slots):
                        mean_price[r, t] += part * row_price[r, t]
                        if np.isfinite(capacity[r, t]):
                            ahead = (row_load[r, t] - done[r] * capacity[r, t]) / level[r]
                            row_price[r, t] = max(0.0, base[r, t] + steer * ahead)
    return total
