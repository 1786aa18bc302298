"""Slots of light that pass from feeders to another one, at the ends of their light runs.

A feeder that takes a slot needs room which only others can make, at that slot: feeders that are
moved one by one can't do that where limits are full.
"""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts._even import imbalance
from vatra.blackouts._paths import Flags, Floats, Ints, draw, path_cost

NOTHING = 1e-9
"""Less than this is no gain."""


@njit()
def _at_end(path: Flags, t: int) -> bool:
    """Whether a slot is at the end of its run."""
    last = path.shape[0] - 1
    return (t == 0 or path[t - 1] != path[t]) or (t == last or path[t + 1] != path[t])


@njit()
def _beyond(limit: Floats, now: Floats, more: Floats) -> float:
    """Return by how much a limit is exceeded, or further than before, with a change of load."""
    most = -np.inf
    for u in range(more.shape[0]):
        most = max(most, now[u] + more[u] - max(limit[u], now[u] + 1e-12))
    return most


@njit()
def _lit_run(path: Flags, behind: int) -> int:
    """Longest light run, with the slots before the first."""
    run, most = behind, 0
    for t in range(path.shape[0]):
        run = run + 1 if path[t] else 0
        most = max(most, run)
    return most


@njit()
def exchange_light(
    takers: Ints,
    begin: Ints,
    look: int,
    givers: int,
    ordinary: Floats,
    steady: Floats,
    dark_cost: Floats,
    available: Flags,
    scale: Floats,
    start: Ints,
    rows_of: Ints,
    capacity: Floats,
    row_load: Floats,
    full: Floats,
    over_dark: Floats,
    end_dark: Floats,
    end_light: Floats,
    max_light: int,
    switch: Floats,
    window: Floats,
    off: Ints,
    uneven: Floats,
    lean: float,
    path: Flags,
    load: Floats,
    cost: Floats,
) -> int:
    """Let feeders take slots of light at the ends of their runs, from those whom it costs least.

    Parameters
    ----------
    takers
        Feeders that may take, in this order.
    begin, look
        By taker, the feeder from which on others are looked at; how many of them.
    givers
        Feeders that together may make room for one slot.
    ordinary, steady, dark_cost, available, scale, start, rows_of, capacity, row_load
        As in `anneal_paths`.
    full, over_dark, end_dark, end_light, max_light, switch, window
        As in `anneal_paths`.
    off
        By feeder: dark slots beyond the even share; kept up to date.
    uneven, lean
        As in `even_path`, the first by feeder.
    path, load
        Feeder × slot: paths and loads; replaced.
    cost
        By feeder: cost of its path, unevenness left out; kept up to date.

    Returns
    -------
    int
        Slots that were taken.
    """
    feeders, slots = path.shape
    deep = rows_of.shape[1]
    none = np.zeros(slots)
    wide = np.full(slots, np.inf)
    mine = np.zeros(slots, dtype=np.bool_)
    trial = np.zeros(slots)
    # Who changes, to which load and cost; the taker comes first.
    who = np.zeros(givers + 1, dtype=np.int64)
    new_load = np.zeros((givers + 1, slots))
    new_cost = np.zeros(givers + 1)
    more = np.zeros(slots)
    whole = np.zeros((deep, slots))
    taken = 0
    for n in range(takers.shape[0]):
        f = takers[n]
        for t in range(slots):
            if path[f, t] or not available[f, t] or not _at_end(path[f], t):
                continue
            gain = 0.0
            many = 0
            done = False
            while not done and many <= givers:
                # The taker itself; then the giver that makes all fit at least cost, or the one
                # that makes room most cheaply.
                best = -1
                best_win = -np.inf
                best_fits = False
                need = -np.inf
                for k in range(deep):
                    r = rows_of[f, k]
                    if r >= 0 and many > 0:
                        now = row_load[r, t]
                        need = max(need, now + whole[k, t] - max(capacity[r, t], now))
                for k in range(1 if many == 0 else min(look, feeders)):
                    g = f if many == 0 else (begin[n] + k) % feeders
                    if many > 0:
                        if not path[g, t] or not available[g, t] or not _at_end(path[g], t):
                            continue
                        r = rows_of[f, 0]
                        makes = load[g, t] if r >= 0 and rows_of[g, 0] == r else 0.0
                        if makes < need and many == givers:
                            continue
                        known = False
                        for i in range(many):
                            known = known or who[i] == g
                        loss = dark_cost[g, t] + uneven[g] * (
                            imbalance(off[g] + 1, lean) - imbalance(off[g], lean)
                        )
                        if known or gain - loss <= NOTHING:
                            continue
                    for u in range(slots):
                        mine[u] = path[g, u]
                    mine[t] = many == 0
                    if many == 0 and max_light < slots and _lit_run(mine, start[f, 1]) > max_light:
                        continue
                    draw(ordinary[g], steady[g], mine, full, start[g], trial)
                    total = path_cost(
                        mine, trial, dark_cost[g], none, wide, none, 0.0, available[g], over_dark,
                        end_dark, end_light, scale[g], start[g], switch[g], window,
                    )  # fmt: skip
                    change = -1 if many == 0 else 1
                    win = (
                        cost[g]
                        - total
                        + uneven[g] * (imbalance(off[g], lean) - imbalance(off[g] + change, lean))
                    )
                    if gain + win <= NOTHING:
                        continue
                    fits = True
                    for u in range(slots):
                        more[u] = trial[u] - load[g, u]
                    for j in range(deep):
                        r = rows_of[g, j]
                        shared = False
                        for i in range(deep):
                            shared = shared or (many > 0 and r == rows_of[f, i])
                        if r >= 0 and not shared and many > 0:
                            fits = fits and _beyond(capacity[r], row_load[r], more) <= 0.0
                    if not fits:
                        continue
                    for i in range(deep):
                        r = rows_of[f, i]
                        if r < 0:
                            continue
                        shared = False
                        for j in range(deep):
                            shared = shared or rows_of[g, j] == r
                        for u in range(slots):
                            now = row_load[r, u]
                            new = now + (more[u] if shared else 0.0)
                            new += whole[i, u] if many > 0 else 0.0
                            fits = fits and new <= max(capacity[r, u], now + 1e-12)
                    value = win
                    if many > 0 and not fits:
                        value = win / max(min(load[g, t], need), NOTHING)
                        if best_fits or many == givers or need <= 0.0:
                            continue
                    if (fits and not best_fits) or value > best_win:
                        best = g
                        best_win = value
                        best_fits = fits
                        who[many] = g
                        new_cost[many] = total
                        for u in range(slots):
                            new_load[many, u] = trial[u]
                if best < 0:
                    break
                g = who[many]
                change = -1 if many == 0 else 1
                gain += (
                    cost[g]
                    - new_cost[many]
                    + uneven[g] * (imbalance(off[g], lean) - imbalance(off[g] + change, lean))
                )
                for i in range(deep):
                    shared = False
                    for j in range(deep):
                        shared = shared or rows_of[g, j] == rows_of[f, i]
                    for u in range(slots):
                        old = whole[i, u] if many > 0 else 0.0
                        whole[i, u] = old + (new_load[many, u] - load[g, u] if shared else 0.0)
                many += 1
                done = best_fits
            if not done:
                continue
            taken += 1
            for i in range(many):
                g = who[i]
                for u in range(slots):
                    for r in rows_of[g]:
                        if r >= 0:
                            row_load[r, u] += new_load[i, u] - load[g, u]
                    load[g, u] = new_load[i, u]
                path[g, t] = i == 0
                cost[g] = new_cost[i]
                off[g] += -1 if i == 0 else 1
    return taken
