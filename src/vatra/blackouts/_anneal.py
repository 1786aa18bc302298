"""Small changes to few feeders, tried by the hundred thousand, taken by simulated annealing.

Where few feeders take turns, one is a large step, and a feeder on its best path given all others
is stuck where only two together can move. Here windows of slots are switched, runs are shifted and
windows change hands; a change that would bring a limit further over is never taken.
"""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts._even import imbalance
from vatra.blackouts._paths import Flags, Floats, Ints, draw, path_cost

DRAWS = 7
"""Random numbers that a step takes."""

ALONE = 0.7
"""Share of the steps that change one feeder alone."""


@njit()
def _run_of(path: Flags, t: int) -> tuple[int, int]:
    """First slot of the run at slot t, and the slot after its last."""
    first = t
    while first > 0 and path[first - 1] == path[t]:
        first -= 1
    end = t + 1
    while end < path.shape[0] and path[end] == path[t]:
        end += 1
    return first, end


@njit()
def _switch(path: Flags, available: Flags, first: int, end: int, lit: bool) -> None:
    """Switch a window as far as there is power."""
    for t in range(max(0, first), min(path.shape[0], end)):
        path[t] = lit and available[t]


@njit()
def _too_long(path: Flags, behind: int, most: int) -> bool:
    """Whether a light run is longer than it may be."""
    run = behind
    for t in range(path.shape[0]):
        run = run + 1 if path[t] else 0
        if run > most:
            return True
    return False


@njit()
def _copy(path: Flags, into: Flags) -> None:
    for t in range(path.shape[0]):
        into[t] = path[t]


@njit()
def _change(
    kind: float, size: float, side: float, t: int, paths: Flags, available: Flags, f: int, g: int
) -> None:
    """Make a change to two paths: a window is switched, a run grows or moves, or changes hands."""
    mine, other = paths[0], paths[1]
    n = 1 + int(size * size * 10.0)
    lit = mine[t]
    first, end = _run_of(mine, t)
    if kind < 0.3:
        _switch(mine, available[f], t, t + n, not lit)
    elif kind < 0.5:
        early = side < 0.5
        _switch(mine, available[f], first - n if early else end, first if early else end + n, lit)
    elif kind < ALONE:
        by = n if side < 0.5 else -n
        _switch(mine, available[f], first, end, not lit)
        _switch(mine, available[f], first + by, end + by, lit)
    else:
        if kind < 0.85:
            first, end = t, t + n
        by = int(side * 10.0) - 7 if side > 0.5 else 0
        _switch(mine, available[f], first, end, not lit)
        _switch(other, available[g], first + by, end + by, lit)


@njit()
def anneal_paths(
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
    aim: Ints,
    uneven: Floats,
    lean: float,
    warm: float,
    cold: float,
    draws: Floats,
    path: Flags,
    load: Floats,
    cost: Floats,
) -> None:
    """Improve paths by small changes.

    Parameters
    ----------
    ordinary, steady, dark_cost, available, scale, start, rows_of, capacity
        As in `place_feeders`.
    row_load
        Limit × slot: MW drawn; kept up to date.
    full, over_dark, end_dark, end_light, max_light
        As in `place_feeders`.
    switch
        Feeder × slot: cost of being switched at the start of a slot.
    window
        As in `best_path`.
    aim, uneven, lean
        As in `even_path`, two of them by feeder.
    warm, cold
        Temperature at the first and the last step, in units of the costs.
    draws
        Step × `DRAWS`: random numbers from 0 up to 1.
    path, load
        Feeder × slot: paths and loads; replaced.
    cost
        By feeder: cost of its path, unevenness included; replaced.
    """
    feeders, slots = path.shape
    none = np.zeros(slots)
    wide = np.full(slots, np.inf)
    new_path = np.zeros((2, slots), dtype=np.bool_)
    new_load = np.zeros((2, slots))
    new_cost = np.zeros(2)
    row_new = row_load.copy()
    steps = draws.shape[0]
    for step in range(steps):
        heat = warm * (cold / warm) ** (step / steps)
        f = int(draws[step, 0] * feeders)
        g = int(draws[step, 1] * feeders)
        t = int(draws[step, 2] * slots)
        kind = draws[step, 3]
        many = 2 if kind >= ALONE else 1
        if many == 2 and f == g:
            continue
        _copy(path[f], new_path[0])
        _copy(path[g], new_path[1])
        _change(kind, draws[step, 4], draws[step, 5], t, new_path, available, f, g)
        change = 0.0
        fits = True
        for k in range(many):
            i = f if k == 0 else g
            draw(ordinary[i], steady[i], new_path[k], full, start[i], new_load[k])
            if max_light < slots and _too_long(new_path[k], start[i, 1], max_light):
                fits = False
            off = -aim[i]
            for u in range(slots):
                if available[i, u] and not new_path[k, u]:
                    off += 1
            new_cost[k] = uneven[i] * imbalance(off, lean) + path_cost(
                new_path[k], new_load[k], dark_cost[i], none, wide, none, 0.0, available[i],
                over_dark, end_dark, end_light, scale[i], start[i], switch[i], window,
            )  # fmt: skip
            change += new_cost[k] - cost[i]
        if not fits or change > -heat * np.log(1.0 - draws[step, 6]):
            continue
        for k in range(many):
            i = f if k == 0 else g
            for r in rows_of[i]:
                if r >= 0:
                    for u in range(slots):
                        row_new[r, u] += new_load[k, u] - load[i, u]
        for k in range(many):
            for r in rows_of[f if k == 0 else g]:
                if r >= 0:
                    for u in range(slots):
                        fits &= row_new[r, u] <= max(capacity[r, u], row_load[r, u] + 1e-12)
        for k in range(many):
            i = f if k == 0 else g
            for r in rows_of[i]:
                if r >= 0:
                    for u in range(slots):
                        if fits:
                            row_load[r, u] = row_new[r, u]
                        else:
                            row_new[r, u] = row_load[r, u]
            if fits:
                cost[i] = new_cost[k]
                for u in range(slots):
                    path[i, u] = new_path[k, u]
                    load[i, u] = new_load[k, u]
