"""Let light pass, slot by slot, from feeders with most of it to those with least."""

from __future__ import annotations

import numpy as np

from vatra.blackouts._exchange import exchange_light
from vatra.blackouts.bound import rule_cost
from vatra.blackouts.setting import Setting, State, stricter
from vatra.blackouts.task import Floats, Ints

FIRM = 1000.0
"""How much dearer breaking rules is meanwhile: more than any evenness may cost."""

LOOKED_AT = 1_000
"""Feeders that are looked at for each slot that is to be taken, at most."""


def exchange(  # noqa: PLR0917 - what a dispatch has at hand
    setting: Setting,
    state: State,
    takers: Ints,
    dark_cost: Floats,
    off: Ints,
    uneven: float,
    rng: np.random.Generator,
    *,
    givers: int = 1,
) -> int:
    """Let feeders take slots of light from others; limits and rules that are kept stay kept.

    Parameters
    ----------
    setting, state
        Feeders and limits, and their paths; these change in place.
    takers
        Feeders that may take, in order.
    dark_cost
        Feeder × slot: cost of a dark slot, MWh.
    off
        By feeder: dark slots beyond its even share.
    uneven
        Price of the square of these, in dark slots.
    rng
        Draws whom to ask first.
    givers
        Feeders that together may make room for one slot.

    Returns
    -------
    int
        Slots that were taken.
    """
    firm = stricter(setting, FIRM)
    cost = rule_cost(firm, state.path) + (dark_cost * (firm.available & ~state.path)).sum(axis=1)
    taken: int = exchange_light(
        takers, rng.integers(0, max(firm.count, 1), len(takers)), LOOKED_AT, givers, firm.ordinary,
        firm.steady, dark_cost, firm.available, firm.scale, firm.start, firm.rows_of,
        firm.capacity, state.row_load, firm.above.full, firm.over_dark, firm.end_dark,
        firm.end_light, firm.max_light, firm.switch_cost, firm.window, off.copy(),
        uneven * firm.scale, 1.0, state.path, state.load, cost,
    )  # fmt: skip
    return taken
