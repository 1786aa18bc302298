"""Every rotation of a tiny order, found by trying all rows of all units."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np

from vatra.blackouts.rotation_blocks import Runs, Start
from vatra.blackouts.task import Flags, Ints

Row = tuple[int, ...]


def row_keeps(row: Row, was_dark: bool, age: int, known: bool, runs: Runs) -> bool:
    """Whether one unit's row keeps the limits on runs, told plainly."""
    spells = [(bool(state), len(list(own))) for state, own in groupby(row)]
    lengths = [length for _, length in spells]
    whole = [True] * len(spells)
    whole[-1] = False
    if not known:
        whole[0] = False
    elif spells[0][0] == was_dark:
        lengths[0] += age
    elif age < (runs.min_dark if was_dark else runs.min_light):
        return False
    for (dark, _), length, ended in zip(spells, lengths, whole, strict=True):
        if length > (runs.max_dark if dark else runs.max_light):
            return False
        if ended and length < (runs.min_dark if dark else runs.min_light):
            return False
    return True


def keeps(dark: Flags, start: Start, runs: Runs) -> bool:
    """Whether a rotation keeps the limits on runs."""
    return all(
        row_keeps(tuple(map(int, row)), bool(start.dark[u]), int(start.age[u]), start.known, runs)
        for u, row in enumerate(dark)
    )


def begun(row: Row, was_dark: bool) -> int:
    """Dark runs that begin in a row."""
    return sum(
        state and not before for before, state in zip((was_dark, *row[:-1]), row, strict=True)
    )


def best_of_all(
    slots: int, start: Start, runs: Runs
) -> dict[tuple[int, ...], dict[tuple[int, ...], int]]:
    """By units dark in each slot and dark slots of each unit: the fewest blocks there are."""
    found: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {(0,) * slots: {(): 0}}
    for u in range(start.count):
        was_dark, age = bool(start.dark[u]), int(start.age[u])
        rows = [
            (row, sum(row), begun(row, start.known and was_dark))
            for row in product((0, 1), repeat=slots)
            if row_keeps(row, was_dark, age, start.known, runs)
        ]
        after: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
        for order, ways in found.items():
            for row, dark, blocks in rows:
                own = after.setdefault(tuple(np.add(order, row).tolist()), {})
                for held, before in ways.items():
                    key = (*held, dark)
                    own[key] = min(own.get(key, 10**6), before + blocks)
        found = after
    return found


def as_start(dark: list[bool] | None, age: list[int], count: int) -> Start:
    """Make a start of drawn values."""
    if dark is None:
        return Start.unknown(count)
    ages: Ints = np.array(age[:count], dtype=np.int64)
    return Start(np.array(dark[:count], dtype=np.bool_), ages, known=True)
