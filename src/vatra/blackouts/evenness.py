"""What makes a rotation even over feeders, and readable by queue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.blackouts.bound import Prices
from vatra.blackouts.duties import queue_duties
from vatra.blackouts.setting import Setting, fresh_state, place
from vatra.blackouts.task import Flags, Floats, Ints, Task

UNEVEN = 0.0006
"""Price of the square of the dark slots by which a feeder is off the even share, as a part of that
share: at 10 % off it is 0.6 %."""

SCARCE = 0.9
"""Share of slots with a limit that binds, from which on no light is given up in vain."""


def price_of_unevenness(prices: Prices) -> float:
    """Price the square of the dark slots beyond the even share, in dark slots."""
    return UNEVEN * float(np.clip(prices.dark_slots, 5.0, 100.0))


def is_scarce(prices: Prices) -> bool:
    """Whether limits bind nearly all the time: light given up is then light for somebody else."""
    return float((prices.price.max(axis=0) > 0.01).mean()) > SCARCE


def even_share(task: Task, setting: Setting, dark_slots: float) -> Ints:
    """Dark slots that each feeder should have so that all bear the same, in whole slots.

    Parameters
    ----------
    task, setting, dark_slots
        As in `fair_share`.

    Returns
    -------
    Ints
        By feeder.
    """
    return np.round(fair_share(task, setting, dark_slots)).astype(np.int64)


def fair_share(task: Task, setting: Setting, dark_slots: float) -> Floats:
    """Dark slots that each feeder should have so that all bear the same in all.

    Where an hour of darkness counts more, for those who would be cold first, fewer are the same.

    Parameters
    ----------
    task, setting
        What is to be obeyed, and the feeders that may be cut.
    dark_slots
        Mean number of dark slots by choice.

    Returns
    -------
    Floats
        By feeder. Slots without power anyway and darkness before the grid starts count.
    """
    if not setting.count:
        return np.zeros(0)
    had = (~setting.available).sum(axis=1) + 2.0 * task.dark_h_before[setting.feeders]
    could = setting.available.sum(axis=1)
    counts = 1.0 + task.exposure[setting.feeders].mean(axis=1)
    low, high = float(had.min()), (float(had.max()) + setting.slots) * float(counts.max())
    for _ in range(50):
        level = 0.5 * (low + high)
        if np.clip(level / counts - had, 0.0, could).mean() < dark_slots:
            low = level
        else:
            high = level
    return np.asarray(np.clip(high / counts - had, 0, could), dtype=np.float64)


def queue_template(
    setting: Setting, prices: Prices, queue: pd.Series[str], rng: np.random.Generator,
    *, wanted: Floats, aim: Ints, uneven: float, previous: Flags | None = None,
) -> Floats:  # fmt: skip
    """Place the queues as if each were one feeder.

    Parameters
    ----------
    setting, prices
        The feeders that may be cut, and the prices of the limits.
    queue
        Queue of each feeder of the setting, empty for none.
    rng
        Draws orders.
    wanted
        Feeder × slot: cost of a dark slot, exposure included.
    aim, uneven
        By feeder: dark slots of an even share; the price of the square of what is off it.
    previous
        Feeder × slot: True where lit in a schedule before; its queues stay as most of their
        feeders were.

    Returns
    -------
    Floats
        Feeder × slot: 1 where its queue would be lit, −1 where dark, 0 for no queue.
    """
    names = np.asarray(queue, dtype="object")
    units = sorted({name for name in names if name})
    template = np.zeros(setting.ordinary.shape)
    if not units or not setting.count:
        return template
    member = [names == unit for unit in units]
    if previous is not None:
        for own in member:
            lit = previous[own].mean(axis=0)
            template[own] = np.where(lit > 0.5, 1.0, -1.0)
        return template
    merged = _merge(setting, member, wanted)
    state = fresh_state(merged)
    price = prices.price[:1]
    mean = np.array([np.average(aim[own], weights=setting.scale[own]) for own in member])
    even = np.round(mean).astype(np.int64)
    every = np.arange(merged.count)
    for press in (0.0, 1.5, 1.5, 1.5, 3.0, 3.0):
        place(merged, state, rng.permutation(every), price, merged.coarse, press=press,
              steer=0.0 if press else 1.0, share=prices.share, aim=even, even=True,
              uneven=uneven)  # fmt: skip
    for own, path in zip(member, state.path, strict=True):
        template[own] = np.where(path, 1.0, -1.0)
    return template


def _merge(setting: Setting, member: list[Flags], wanted: Floats) -> Setting:
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
    room = setting.capacity[:1] * part if setting.city else np.full((1, setting.slots), np.inf)
    return Setting(
        np.zeros(0, dtype=np.int64), ordinary, steady,
        np.ones(ordinary.shape, dtype=np.bool_),
        np.tile(np.array([0, 10**6]), (count, 1)), 0.5 * mean + 1e-9, add(wanted),
        np.zeros((count, 1), dtype=np.int64),
        np.ascontiguousarray(room), np.array([mean.sum()]),
        setting.over_dark, setting.end_dark, setting.end_light, setting.max_light,
        setting.below, setting.above, setting.coarse, setting.city,
        queue_duties(setting.duties, count),
    )  # fmt: skip
