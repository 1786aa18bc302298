"""The rest of a schedule under other orders, with as little changed as can be.

Feeders stay on their paths. Where a limit is exceeded, those with most light give some up until it
holds; where there is room, those with least take it. What was announced as light costs extra to
take, so nothing moves that need not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vatra.blackouts.bound import Prices, rule_cost
from vatra.blackouts.evenness import even_share, price_of_unevenness
from vatra.blackouts.setting import Setting, State, place, state_of, stricter
from vatra.blackouts.task import TOLERANCE_MW, Flags, Floats, Ints, Task
from vatra.situation.timegrid import SLOT_H

TAKEN = 1.0
"""What taking an announced slot of light costs beyond its energy, in dark slots: a change has to
save as much elsewhere as it takes."""

GIVEN = 0.05
"""What a slot of light that wasn't announced is worth less, in dark slots: it is a change too."""

STRICT = 8.0
"""How much dearer breaking rules is while feeders are moved."""

PRESSES = (2.4, 3.0, 4.0, 8.0)
"""What a MW beyond the room costs from round to round, in dark slots of a MW: at first just above
what taking light costs, so that nobody gives up more than is fair and than rules allow."""

HARD = 1e6
"""Price of exceeding a limit at the end: more than anything else may cost."""

ENOUGH = 1.3
"""How many times the excess feeders are taken up for at a time."""

FEWEST = 12
"""Feeders that are taken up even for a trace."""

PROGRESS = 0.8
"""Part of the excess that may be left by one round before a MW gets dearer."""

MENDINGS = 3
"""How often those whose rules are broken then are moved, and limits mended again."""

OFFERED = 400
"""Feeders that are offered what room is left, those with least light first."""


def repair(
    task: Task, setting: Setting, prices: Prices, before: Flags, rng: np.random.Generator,
    *, offer: bool = True,
) -> State:  # fmt: skip
    """Change a schedule so that it keeps other orders.

    Parameters
    ----------
    task, setting, prices
        What is to be obeyed now, the feeders that may be cut, and prices of the limits.
    before
        Feeder of the setting × slot: True where it was to be lit.
    rng
        Draws orders among equals.
    offer
        Whether what room there is is offered: not where orders were only tightened.

    Returns
    -------
    State
        Paths that keep all limits, and their loads. Where nothing is exceeded and nothing is to
        be gained, the paths are those of before.
    """
    state = state_of(setting, before & setting.available)
    if not setting.count:
        return state
    wanted = setting.dark_cost * task.tier[setting.feeders][:, None]
    wanted *= 1.0 + task.exposure[setting.feeders]
    cost = wanted + setting.dark_cost * np.where(before, TAKEN, -GIVEN)
    strict = stricter(setting, STRICT)
    price = np.where(np.isfinite(setting.capacity), SLOT_H, 0.0)
    uneven = price_of_unevenness(prices)
    # Limits less a little, so that what is moved last still fits.
    inside = np.maximum(setting.capacity - float(setting.scale.mean()), 0.0)

    def move(moving: Ints, press: float) -> None:
        dark = setting.available & ~state.path
        place(
            strict, state, moving, price, setting.coarse, dark_cost=cost, press=press,
            capacity=setting.capacity if press == HARD else inside,
            fixed=HARD if press == HARD else 0.0,
            share=np.asarray(dark.mean(axis=0)),
            aim=even_share(task, setting, float(dark.sum(axis=1).mean())), uneven=uneven,
            lean=1.0, even=True,
        )  # fmt: skip

    _mend(setting, state, move, task, rng)
    for _ in range(MENDINGS):
        broken = np.flatnonzero(_newly_broken(setting, state.path, before))
        if not broken.size:
            break
        move(broken, PRESSES[0])
        _mend(setting, state, move, task, rng)
    if not offer:
        return state
    room = np.where(np.isfinite(setting.capacity), setting.capacity - state.row_load, np.inf)
    dark = setting.available & ~state.path
    could = np.asarray((dark & (state_room(setting, room) > 0)).any(axis=1), dtype=np.bool_)
    fullest = np.lexsort((rng.permutation(setting.count), _light(task, setting, state)))
    move(fullest[could[fullest]][:OFFERED], HARD)
    return state


def state_room(setting: Setting, room: Floats) -> Floats:
    """Room of each feeder by slot: the least over its limits, MW."""
    own = np.full((setting.count, setting.slots), np.inf)
    for column in setting.rows_of.T:
        under = column >= 0
        own[under] = np.minimum(own[under], room[column[under]])
    return own


def _newly_broken(setting: Setting, path: Flags, before: Flags) -> Flags:
    """Feeders whose rules are broken now, and were not or less before."""
    now = rule_cost(setting, path)
    return np.asarray(now > rule_cost(setting, before & setting.available) + 1e-9)


def _light(task: Task, setting: Setting, state: State) -> Floats:
    """Light of each feeder beyond its even share, slots."""
    dark = (setting.available & ~state.path).sum(axis=1)
    return np.asarray(even_share(task, setting, float(dark.mean())) - dark, dtype=np.float64)


def _mend(
    setting: Setting,
    state: State,
    move: Callable[[Ints, float], None],
    task: Task,
    rng: np.random.Generator,
) -> None:
    """Take feeders up, those with most light first, until no limit is exceeded."""
    fresh = np.ones(setting.count, dtype=np.bool_)
    step, before = 0, np.inf
    while step <= len(PRESSES):
        over = state.row_load - setting.capacity
        over[over <= TOLERANCE_MW] = 0.0
        excess = float(over.sum())
        if not excess:
            return
        # Where a price takes too little, the next one is tried, and with it everybody again.
        if excess > PROGRESS * before:
            step += 1
            fresh[:] = True
        before = excess
        order = np.lexsort((rng.permutation(setting.count), -_light(task, setting, state), ~fresh))
        chosen = _enough(setting, state, over, order)
        if not chosen.size:
            return
        move(chosen, PRESSES[step] if step < len(PRESSES) else HARD)
        fresh[chosen] = False


def _enough(setting: Setting, state: State, over: Floats, order: Ints) -> Ints:
    """Pick feeders, in an order, that together draw somewhat more than is too much."""
    moving = np.zeros(setting.count, dtype=np.bool_)
    rows, slots = np.nonzero(over > 0)
    for i in np.argsort(-over[rows, slots], kind="stable"):
        r, t = rows[i], slots[i]
        draws = (setting.rows_of[order] == r).any(axis=1) & (state.load[order, t] > 0)
        missing = ENOUGH * over[r, t] - float(state.load[moving, t].sum())
        if missing <= 0:
            continue
        lit = order[draws & ~moving[order]]
        enough = int(np.searchsorted(np.cumsum(state.load[lit, t]), missing)) + FEWEST
        moving[lit[:enough]] = True
    return np.asarray(order[moving[order]])
