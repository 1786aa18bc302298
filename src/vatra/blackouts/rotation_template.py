"""Pure rotation: a weekly template in which every queue keeps the same cycle, one after another.

Where the shortage is steady, a cycle that divides the week but not the day spreads darkness over
the clock by itself: 10.5 h go 16 times into a week, and each clock hour comes round to every queue.
Published templates say for how long it is surely dark, and for how long it may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.model import State
from vatra.blackouts.rotation import EVENING_H, SUBQUEUES
from vatra.problems import InputError, Problem
from vatra.situation.timegrid import SLOT_H, TimeGrid

WEEK = 336
"""Slots of a week without a change of the clock."""

DARK_H, POSSIBLE_H = 3.5, 7.0
"""Surely dark, and possibly: the cycle of 10.5 h that the Kyiv operator published in 2025."""


@dataclass(frozen=True)
class Template:
    """A weekly template.

    Parameters
    ----------
    grid
        The half-hour slots.
    units
        Queues, or parts of queues.
    state
        Unit × slot: `State.PLANNED`, `State.POSSIBLE` or `State.LIT`.
    cycle_h
        Length of a cycle.
    """

    grid: TimeGrid
    units: pd.Index[str]
    state: NDArray[np.int8]
    cycle_h: float

    @property
    def repeats(self) -> bool:
        """Whether every week is the same: the cycle goes into a week without a rest."""
        return WEEK % round(self.cycle_h / SLOT_H) == 0

    def hours(self) -> pd.DataFrame:
        """Return by unit the hours ``dark_h``, ``possible_h``, and those of evenings and nights.

        Returns
        -------
        pandas.DataFrame
            ``dark_h``, ``possible_h``, ``evening_dark_h`` (17–23) and ``night_dark_h`` (23–7).
        """
        dark, hour = self.state == State.PLANNED, self.grid.hour
        evening = (hour >= EVENING_H[0]) & (hour < EVENING_H[1])
        night = (hour >= EVENING_H[1]) | (hour < 7.0)
        return pd.DataFrame({
            "dark_h": SLOT_H * dark.sum(axis=1),
            "possible_h": SLOT_H * (self.state == State.POSSIBLE).sum(axis=1),
            "evening_dark_h": SLOT_H * dark[:, evening].sum(axis=1),
            "night_dark_h": SLOT_H * dark[:, night].sum(axis=1),
        }, index=self.units)  # fmt: skip


def rotate_template(
    grid: TimeGrid,
    *,
    units: Sequence[str] = SUBQUEUES,
    dark_h: float = DARK_H,
    possible_h: float = POSSIBLE_H,
    light_h: float = 0.0,
    shift_h: float = 0.0,
) -> Template:
    """Let every queue go through the same cycle, each a step after the one before.

    Parameters
    ----------
    grid
        The half-hour slots; the cycle runs on in hours that pass, whatever the clock does.
    units
        Names of the queues or their parts, which follow one another in this order.
    dark_h, possible_h, light_h
        Hours of a cycle that are surely dark, then possibly dark, then surely lit: whole numbers
        of half-hours.
    shift_h
        Hours by which the whole template begins later.

    Returns
    -------
    Template
        Dark, possible and lit slots of each unit.

    Raises
    ------
    InputError
        If there are no units or the hours can't be.
    """
    problems = []
    names = [str(unit) for unit in units]
    if not names or len(set(names)) < len(names):
        problems.append(Problem("units", "", "no units, or names given twice"))
    for name, hours in (("dark_h", dark_h), ("possible_h", possible_h), ("light_h", light_h),
                        ("shift_h", shift_h)):  # fmt: skip
        if not 0 <= hours <= WEEK * SLOT_H or not float(hours / SLOT_H).is_integer():
            problems.append(
                Problem(name, f"{hours:g}", "is not a whole number of half-hours", "0 to 168")
            )
    if not problems and dark_h + possible_h + light_h <= 0:
        problems.append(Problem("dark_h", "0", "a cycle of no length", "hours above 0"))
    if problems:
        raise InputError("template", problems)
    dark, possible, light = (round(h / SLOT_H) for h in (dark_h, possible_h, light_h))
    cycle = dark + possible + light
    step = np.round(np.arange(len(names)) * cycle / len(names)).astype(np.int64)
    since = (np.arange(grid.slots)[None, :] - step[:, None] - round(shift_h / SLOT_H)) % cycle
    state = np.where(
        since < dark, State.PLANNED, np.where(since < dark + possible, State.POSSIBLE, State.LIT)
    ).astype(np.int8)
    return Template(grid, pd.Index(names, dtype="object"), state, cycle * SLOT_H)
