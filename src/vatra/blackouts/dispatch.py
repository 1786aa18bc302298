"""Place feeders so that the limits hold, rules are kept and darkness is even.

First every feeder chooses at prices, one after the other, so that the limits fill evenly; then
feeders are moved within the room that the others leave, at first with a price on what exceeds it
that rises from pass to pass, at last not at all beyond it. A path that is dark throughout always
fits, so the limits hold in the end whatever the rules say.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.blackouts.bound import Prices, rule_cost
from vatra.blackouts.setting import Setting, State, fresh_state, place
from vatra.blackouts.task import Flags, Floats, Ints, Task

UNEVEN = 0.05
"""Price of the square of the dark slots by which a feeder is off the even share, in dark slots."""

BAND = 32
"""Width of the band of dark totals that is looked at."""

ALIGN = 0.05
"""Price of a slot in which a feeder is not as its queue, in dark slots."""

HARD = 1e6
"""Price of exceeding a limit at the end: more than anything else may cost."""


def dispatch(
    task: Task, setting: Setting, prices: Prices, queue: pd.Series[str], rng: np.random.Generator
) -> State:
    """Place the feeders.

    Parameters
    ----------
    task, setting, prices
        What is to be obeyed, the feeders that may be cut, and the prices of the limits.
    queue
        Queue of each feeder of the setting, empty for none.
    rng
        Draws orders.

    Returns
    -------
    State
        Paths that keep all limits, and their loads.
    """
    weight = task.tier[setting.feeders][:, None] * (1.0 + task.exposure[setting.feeders])
    dark_cost = setting.dark_cost * weight
    if task.rules.align_queues:
        template = _queue_template(setting, prices, queue, rng)
        dark_cost = dark_cost + ALIGN * setting.dark_cost * template
    dark_cost = np.ascontiguousarray(dark_cost)
    state = fresh_state(setting)
    first = np.argsort(-task.tier[setting.feeders], kind="stable")
    share = prices.share
    aim = even_share(task, setting, prices.dark_slots)
    by_size = np.argsort(-setting.scale, kind="stable")
    at_prices = {"dark_cost": dark_cost, "uneven": UNEVEN, "band": BAND}
    _, price = place(
        setting, state, by_size, prices.price, setting.coarse, steer=1.0, share=share, aim=aim,
        **at_prices,
    )  # fmt: skip
    # What a MW beyond the room costs has to be more than what any MW is worth.
    floor = np.where(np.isfinite(setting.capacity), 0.1, 0.0)
    price = np.maximum(price, floor)
    mean_load = float(setting.scale.mean()) if setting.count else 0.0
    inside = np.maximum(setting.capacity - mean_load, 0.0)
    moving = rng.permutation(setting.count)
    for press in (1.5, 3.0, 6.0, 12.0):
        aim, share = _aim_again(task, setting, state)
        place(setting, state, moving, price, setting.coarse, capacity=inside, press=press,
              share=share, aim=aim, **at_prices)  # fmt: skip
        moving = _over(setting, state, rng)
    place(setting, state, moving, price, setting.coarse, press=HARD, fixed=HARD, share=share,
          aim=aim, **at_prices)  # fmt: skip
    aim, share = _aim_again(task, setting, state)
    order = first[rng.permutation(setting.count)]
    order = order[np.argsort(-task.tier[setting.feeders][order], kind="stable")]
    place(setting, state, order, price, setting.coarse, press=HARD, fixed=HARD, share=share,
          aim=aim, **at_prices)  # fmt: skip
    return state


def even_share(task: Task, setting: Setting, dark_slots: float) -> Ints:
    """Dark slots that each feeder should have so that all have the same in all.

    Parameters
    ----------
    task, setting
        What is to be obeyed, and the feeders that may be cut.
    dark_slots
        Mean number of dark slots by choice.

    Returns
    -------
    Ints
        By feeder. Slots without power anyway and darkness before the grid starts count.
    """
    if not setting.count:
        return np.zeros(0, dtype=np.int64)
    had = (~setting.available).sum(axis=1) + 2.0 * task.dark_h_before[setting.feeders]
    could = setting.available.sum(axis=1)
    low, high = float(had.min()), float(had.max()) + setting.slots
    for _ in range(50):
        level = 0.5 * (low + high)
        if np.clip(level - had, 0.0, could).mean() < dark_slots:
            low = level
        else:
            high = level
    return np.clip(np.round(high - had), 0, could).astype(np.int64)


def _aim_again(task: Task, setting: Setting, state: State) -> tuple[Ints, Floats]:
    """Even share and dark share by slot, as the paths are now."""
    dark = setting.available & ~state.path
    aim = even_share(task, setting, float(dark.sum(axis=1).mean()) if setting.count else 0.0)
    return aim, np.asarray(dark.mean(axis=0)) if setting.count else np.zeros(setting.slots)


def _over(setting: Setting, state: State, rng: np.random.Generator) -> Ints:
    """Feeders that are lit in a slot in which a limit of theirs is exceeded, or break rules."""
    over = state.row_load > setting.capacity
    moving = rule_cost(setting, state.path) > 0
    for r in np.flatnonzero(over.any(axis=1)):
        members = (setting.rows_of == r).any(axis=1)
        moving |= members & state.path[:, over[r]].any(axis=1)
    return rng.permutation(np.flatnonzero(moving))


def _queue_template(
    setting: Setting, prices: Prices, queue: pd.Series[str], rng: np.random.Generator
) -> Floats:
    """By feeder × slot, 1 where its queue would be lit, −1 where dark, 0 for no queue."""
    names = np.asarray(queue, dtype="object")
    units = sorted({name for name in names if name})
    template = np.zeros(setting.ordinary.shape)
    if not units or not setting.count:
        return template
    member = [names == unit for unit in units]
    merged = _merge(setting, member)
    state = fresh_state(merged)
    price = prices.price[:1]
    aim = np.full(merged.count, int(round(prices.dark_slots)))
    every = np.arange(merged.count)
    for press in (0.0, 1.5, 1.5, 1.5):
        place(merged, state, rng.permutation(every), price, merged.coarse, press=press,
              steer=0.0 if press else 1.0, share=prices.share, aim=aim, uneven=UNEVEN,
              band=BAND)  # fmt: skip
    for own, path in zip(member, state.path, strict=True):
        template[own] = np.where(path, 1.0, -1.0)
    return template


def _merge(setting: Setting, member: list[Flags]) -> Setting:
    """Treat the feeders of a queue as one, under the first limit only."""

    def add(values: Floats) -> Floats:
        return np.ascontiguousarray([values[own].sum(axis=0) for own in member])

    ordinary, steady = add(setting.ordinary), add(setting.steady)
    outside = ~np.any(member, axis=0)
    alone = (setting.ordinary + setting.steady)[outside].sum(axis=0)
    total = ordinary.sum(axis=0) + steady.sum(axis=0)
    part = np.divide(total, total + alone, out=np.ones_like(total), where=total + alone > 0)
    mean = (ordinary + steady).mean(axis=1)
    count = len(member)
    everything = np.full((1, setting.slots), np.inf)
    return Setting(
        np.zeros(0, dtype=np.int64), ordinary, steady,
        np.ones(ordinary.shape, dtype=np.bool_),
        np.tile(np.array([0, 10**6]), (count, 1)), 0.5 * mean + 1e-9, add(setting.dark_cost),
        np.zeros((count, 1), dtype=np.int64),
        np.ascontiguousarray(setting.capacity[:1] * part if setting.city else everything), np.array([mean.sum()]),
        setting.over_dark, setting.end_dark, setting.end_light, setting.max_light,
        setting.below, setting.above, setting.coarse, setting.city,
    )  # fmt: skip
