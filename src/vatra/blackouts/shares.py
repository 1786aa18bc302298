"""How darkness is shared out by day, evening and in all, and what each rule costs, with bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from vatra.blackouts.bound import price_bound, rule_cost
from vatra.blackouts.conduct import Span
from vatra.blackouts.duties import least_dark_in
from vatra.blackouts.model import RuleCost, Share
from vatra.blackouts.setting import Setting, fresh_state, place
from vatra.blackouts.task import Flags, Floats, Task
from vatra.situation.timegrid import SLOT_H

BROKEN = 0.01
"""Cost of rules broken, over the energy wanted, up to which rules count in the bound."""

PRICED, PRICE_STEPS = 18_000_000, 3
"""Feeders × slots² up to which prices are moved to prove one slot more, over how often; and how
often at most."""

PRICE_STEP = 0.02
"""Length of a step, as a part of what the limits are worth."""

EVENING = (17, 23)
"""Hours of the evening, local: those that operators and residents count apart."""

DEAR = (0.6, 0.7, 0.8, 0.9, 1.0, 1.2)
"""Prices of a dark slot at which it is asked how little darkness the darkest can have."""


def shares_of(task: Task, dark: Flags, *, least_slots: int = 0) -> tuple[Share, ...]:
    """Tell the longest and shortest darkness by day, by evening and in all, with its bound.

    Parameters
    ----------
    task
        What was to be obeyed.
    dark
        Feeder × slot: True where dark, for whatever reason.
    least_slots
        Slots that some feeder has to be dark in all, where more is known than `least_dark_in`
        finds.

    Returns
    -------
    tuple of Share
        In all first, then days and evenings in turn; evenings that lie outside are left out.
    """
    whole = ~task.kept & ~task.released & task.available.all(axis=1)
    if not whole.any():
        return ()
    found = [_share(task, dark[whole], "in all", np.arange(task.grid.slots), least_slots)]
    local, hour = pd.DatetimeIndex(task.grid.local), task.grid.hour
    late = (hour >= EVENING[0]) & (hour < EVENING[1])
    for day in np.unique(task.grid.day):
        own = np.flatnonzero(task.grid.day == day)
        name = f"{local[own[0]]:%Y-%m-%d}"
        evening = own[late[own]]
        found.append(_share(task, dark[whole], name, own, 0))
        if evening.size:
            found.append(_share(task, dark[whole], f"{name} evening", evening, 0))
    return tuple(found)


def _share(task: Task, dark: Flags, name: str, slots: np.ndarray, least: int) -> Share:
    had = SLOT_H * dark[:, slots].sum(axis=1)
    span = Span("", name, int(slots[0]), int(slots[-1]) + 1, len(slots))
    bound = max(least, least_dark_in(task, span))
    uneven = int(dark[:, slots].sum()) % len(dark)
    return Share(
        name, float(had.max()), SLOT_H * bound, float(had.min()), SLOT_H if uneven else 0.0
    )


def least_darkest(setting: Setting, price: Floats, path: Flags) -> int:
    """Find how many slots some feeder has to be dark in schedules that keep rules no worse.

    If no feeder were dark for more than n slots, the load that all draw on their cheapest paths,
    at some prices on the limits, would be no more than the limits are worth. A price on each dark
    slot, chosen feeder by feeder, bounds that cost from below (Lagrangian relaxation twice).
    Breaking rules has its price too, and what the given schedule breaks at it is allowed for.

    Parameters
    ----------
    setting
        Feeders and limits.
    price
        Limit × slot: any prices of 0 or more.
    path
        Feeder × slot: the schedule that others are held against, True where lit.

    Returns
    -------
    int
        Slots; 0 where nothing has to be dark.
    """
    broken = float(rule_cost(setting, path).sum())
    work = max(setting.count * setting.slots**2, 1)
    least = 0
    if broken <= BROKEN * float(setting.dark_cost.sum()):
        least = _darkest(setting, price, broken, min(PRICE_STEPS, PRICED // work))
    if broken <= 0.0:
        return least
    # What may be broken blurs the bound: the one without rules can be better.
    bare = replace(
        setting, over_dark=np.zeros(1), end_dark=np.zeros(1), end_light=np.zeros(1), duties=None
    )
    return max(least, _darkest(bare, price, 0.0, 0))


def _darkest(setting: Setting, price: Floats, broken: float, steps: int) -> int:
    """Do the same with the rules of a setting, moving prices that often to prove one slot more."""
    finite = np.isfinite(setting.capacity)
    capacity = np.where(finite, setting.capacity, 0.0)
    low = 0
    for step in range(max(steps, 0) + 1):
        worth = float((price * capacity).sum()) + broken
        found = [_costs(setting, price, dear) for dear in (*DEAR, 0.0)]
        cost = np.array([each for each, _ in found])
        weight = np.array((*DEAR, 0.0))[:, None] * setting.scale[None, :]

        def proved(
            most: int, cost: Floats = cost, weight: Floats = weight, worth: float = worth
        ) -> bool:
            """Whether somebody is darker than so many slots."""
            least = float((cost - weight * most).max(axis=0).sum())
            return least > worth * (1.0 + 1e-9) + 1e-9

        least, high = -1, setting.slots
        while high - least > 1:
            middle = (least + high) // 2
            least, high = (middle, high) if proved(middle) else (least, middle)
        low = max(low, least + 1)
        if step == steps or low >= setting.slots:
            break
        # Towards prices at which one slot more is proved: dearer where too much is drawn then.
        chosen = (cost - weight * low).argmax(axis=0)
        load = np.array([drawn for _, drawn in found])[chosen, np.arange(setting.count)]
        over = -capacity
        for column in setting.rows_of.T:
            np.add.at(over, column[column >= 0], load[column >= 0])
        over = np.where(finite, over, 0.0)
        over[(price <= 0) & (over < 0)] = 0.0
        size = float(np.square(over).sum())
        if size <= 0.0:
            break
        price = np.maximum(price + PRICE_STEP * worth / size * over, 0.0)
    return min(low, setting.slots)


def _costs(setting: Setting, price: Floats, dear: float) -> tuple[Floats, Floats]:
    """Least cost of each feeder where a MWh costs `price` and a dark slot `dear`, and its load."""
    state = fresh_state(setting)
    dark_cost = np.full(setting.ordinary.shape, dear) * setting.scale[:, None]
    place(setting, state, np.arange(setting.count), price, setting.below, dark_cost=dark_cost)
    own = np.zeros(setting.ordinary.shape)
    for k in range(setting.rows_of.shape[1]):
        rows = setting.rows_of[:, k]
        own += np.where((rows >= 0)[:, None], price[np.maximum(rows, 0)], 0.0)
    dark = setting.available & ~state.path
    cost = (dark_cost * dark).sum(axis=1) + (own * state.load).sum(axis=1)
    return np.asarray(cost + rule_cost(setting, state.path)), state.load


def rule_costs(
    setting: Setting, price: Floats, path: Flags, released: Flags, bound_mwh: float
) -> tuple[RuleCost, ...]:
    """Tell what each rule costs: the bound with it less the bound without, at the same prices.

    Parameters
    ----------
    setting
        Feeders, limits and rules.
    price
        Limit × slot: prices of the limits.
    path, released
        As in `price_bound`.
    bound_mwh
        The bound with all rules at these prices.

    Returns
    -------
    tuple of RuleCost
        By rule, dearest first; empty where rules are broken, as their prices then mean nothing.
    """
    if float(rule_cost(setting, path).sum()) > 1e-9:
        return ()
    without = {
        "max_dark_h": replace(setting, over_dark=np.zeros(1)),
        "min_dark_h": replace(setting, end_dark=np.zeros(1)),
        "min_light_h": replace(setting, end_light=np.zeros(1)),
    }
    if setting.duties is not None:
        without["switching and hours with light"] = replace(setting, duties=None)
    found = [
        RuleCost(rule, max(0.0, bound_mwh - price_bound(eased, price, path, released)))
        for rule, eased in without.items()
    ]
    return tuple(sorted(found, key=lambda cost: -cost.mwh))
