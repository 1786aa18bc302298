"""Fewest outage blocks of an even rotation: a bound by whole days of single units.

Let every unit choose among all rows (light or dark by slot) that keep its limits on runs and its
window of dark hours. Shares of rows that add up to the order, at the fewest blocks, are a linear
program, and no rotation has fewer blocks than that. Rows are made as they are needed: those that
the present prices of the slots make cheap (column generation). Any prices give a bound, whether or
not the program was solved to the end (Lagrangian duality).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from vatra.blackouts._rotation import FAR, UNKNOWN, follow, price_rest
from vatra.blackouts.rotation_blocks import Runs, Start
from vatra.blackouts.task import Flags, Floats, Ints

SMOOTH = 0.7
"""Share of the best prices so far in those that rows are looked for at: steadier than the
program's own."""

MISFIT = 10.0
"""Cost of a unit too many or too few in a slot, in blocks, while rows are still missing."""


@dataclass(frozen=True)
class RowBound:
    """What rows can and can't do.

    Parameters
    ----------
    blocks
        No rotation within the windows has fewer blocks.
    impossible
        Whether it is proved that there is none at all.
    rounds
        Number of times that rows were made.
    """

    blocks: float
    impossible: bool
    rounds: int


@dataclass
class _Kind:
    """Units that are alike: what they come from and how long they may be dark."""

    before: int
    age: int
    low: int
    high: int
    units: list[int]


def bound_blocks(
    ordered: Ints,
    start: Start,
    runs: Runs,
    low: Ints,
    high: Ints,
    *,
    seeds: Flags,
    rounds: int = 200,
) -> RowBound:
    """Bound the number of outage blocks from below, with windows on each unit's dark slots.

    Parameters
    ----------
    ordered
        Units dark by slot.
    start
        What they come from.
    runs
        Limits on runs.
    low, high
        Unit: fewest and most dark slots.
    seeds
        Unit × slot: a rotation that keeps the limits on runs; the program begins with its rows
        that are within their windows.
    rounds
        Most times that rows are made.

    Returns
    -------
    RowBound
        The bound, at least 0.
    """
    if (low > high).any():
        return RowBound(np.inf, impossible=True, rounds=0)
    kinds = _kinds(start, low, high)
    value, misfit, used = _generate(ordered, kinds, runs, 1.0, MISFIT, seeds, rounds)
    if not misfit:
        return RowBound(max(value, 0.0), impossible=False, rounds=used)
    left, _, more = _generate(ordered, kinds, runs, 0.0, 1.0, seeds, rounds)
    return RowBound(max(value, 0.0), impossible=bool(left > 1e-6), rounds=used + more)


def _kinds(start: Start, low: Ints, high: Ints) -> list[_Kind]:
    """Put units that are alike together."""
    found: dict[tuple[int, int, int, int], _Kind] = {}
    for u in range(start.count):
        before = int(start.dark[u]) if start.known else UNKNOWN
        key = (before, int(start.age[u]) if start.known else 0, int(low[u]), int(high[u]))
        found.setdefault(key, _Kind(*key, units=[])).units.append(u)
    return list(found.values())


def _generate(  # noqa: C901, PLR0917
    ordered: Ints, kinds: list[_Kind], runs: Runs, block_cost: float, misfit_cost: float,
    seeds: Flags, rounds: int,
) -> tuple[float, bool, int]:  # fmt: skip
    """Solve the program over rows: best bound, whether rows and order don't fit, rounds."""
    k = np.asarray(ordered, dtype=np.float64)
    slots = len(k)
    sizes = np.array([len(kind.units) for kind in kinds], dtype=np.float64)
    rows: list[dict[bytes, tuple[Flags, float]]] = [{} for _ in kinds]
    for kind, own in zip(kinds, rows, strict=True):
        for row in seeds[kind.units]:
            if kind.low <= int(row.sum()) <= kind.high:
                own[row.tobytes()] = (row, block_cost * blocks_of(row, kind.before))
    best, centre = -np.inf, np.zeros(slots)
    misfit, turn = True, 0
    while turn < rounds:
        turn += 1
        value, duals, misfit = _solve(k, sizes, rows, misfit_cost)
        levels = duals[slots:]
        found = False
        for prices in (SMOOTH * centre + (1 - SMOOTH) * duals[:slots], duals[:slots]):
            bound = float(prices @ k)
            for kind, own, level in zip(kinds, rows, levels, strict=True):
                lowest, cheap = cheap_rows(-prices, kind, runs, block_cost)
                bound += len(kind.units) * lowest if lowest < FAR / 2 else np.inf
                for row in cheap:
                    cost = block_cost * blocks_of(row, kind.before)
                    if cost - duals[:slots] @ row < level - 1e-7 and row.tobytes() not in own:
                        own[row.tobytes()] = (row, cost)
                        found = True
            if bound > best:
                best, centre = bound, prices
            if found:
                break
        whole = np.ceil(best - 1e-6) if block_cost else best
        if not found or whole >= value - 1e-6:
            break
    return best, misfit, turn


def _solve(
    k: Floats, sizes: Floats, rows: list[dict[bytes, tuple[Flags, float]]], misfit_cost: float
) -> tuple[float, Floats, bool]:
    """Solve the program over the rows there are: value, prices, whether rows are missing."""
    slots, kinds = len(k), len(sizes)
    flat = [(i, row, cost) for i, own in enumerate(rows) for row, cost in own.values()]
    spare = len(flat)
    matrix = np.zeros((slots + kinds, spare + 2 * slots + kinds))
    price = np.full(matrix.shape[1], misfit_cost)
    for j, (i, row, cost) in enumerate(flat):
        matrix[:slots, j] = row
        matrix[slots + i, j] = 1.0
        price[j] = cost
    matrix[:slots, spare : spare + slots] = np.eye(slots)
    matrix[:slots, spare + slots : spare + 2 * slots] = -np.eye(slots)
    # A unit without any row counts as one that doesn't fit in any slot.
    matrix[slots:, spare + 2 * slots :] = np.eye(kinds)
    price[spare + 2 * slots :] = misfit_cost * slots
    result = linprog(price, A_eq=matrix, b_eq=np.append(k, sizes), method="highs-ds")
    duals = np.asarray(result.eqlin.marginals, dtype=np.float64)
    shares = np.asarray(result.x, dtype=np.float64)
    return float(result.fun or 0.0), duals, bool(shares[spare:].sum() > 1e-6)


def blocks_of(row: Flags, before: int) -> int:
    """Count the dark runs of a row that begin in it."""
    return int((row[1:] & ~row[:-1]).sum()) + int(row[0] and before != 1)


def cheap_rows(  # noqa: C901
    cost: Floats, kind: _Kind, runs: Runs, block_cost: float, most: int = 16
) -> tuple[float, list[Flags]]:
    """Find the cheapest row of a kind, and the cheapest for other lengths of the first run.

    Parameters
    ----------
    cost
        Cost of being dark, by slot.
    kind
        What the row is for.
    runs
        Limits on runs.
    block_cost
        Cost of a dark run that begins in the row.
    most
        Rows to give at most.

    Returns
    -------
    tuple[float, list]
        The lowest cost, `FAR` if there is no row, and rows, cheapest first.
    """
    slots = len(cost)
    limits = np.array(runs, dtype=np.int64)
    high = min(kind.high, slots)
    if kind.low > high:
        return FAR, []
    table = price_rest(cost, block_cost, limits, kind.low, high)
    summed = np.concatenate([[0.0], np.cumsum(cost)])
    options: list[tuple[float, int, int]] = []
    for state in (0, 1) if kind.before == UNKNOWN else (kind.before,):
        longest, shortest = (
            (runs.max_dark, runs.min_dark) if state else (runs.max_light, runs.min_light)
        )
        first, last = (1, longest)
        if kind.before != UNKNOWN:
            first, last = max(0, shortest - kind.age), max(0, longest - kind.age)
        for length in range(min(first, slots), min(last, slots) + 1):
            used = length * state
            if used > high:
                break
            value = float(summed[length]) * state
            value += block_cost * (state == 1 and kind.before == UNKNOWN)
            if length == slots:
                value += 0.0 if used >= kind.low else FAR
            elif state:
                value += table[0, length, 1, used]
            elif used < high:
                value += table[1, length, 1, used + 1] + cost[length] + block_cost
            else:
                value = FAR
            if value < FAR / 2:
                options.append((value, state, length))
    options.sort()
    rows = []
    for _, state, length in options[:most]:
        row = np.zeros(slots, dtype=np.bool_)
        row[:length] = state == 1
        if length < slots:
            row[length] = state == 0
            follow(table, cost, block_cost, limits, row, length)
        rows.append(row)
    return (options[0][0] if options else FAR), rows
