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
from vatra.blackouts.setting import Setting, State, fresh_state, place, stricter
from vatra.blackouts.task import Flags, Floats, Ints, Task

UNEVEN = 0.05
"""Price of the square of the dark slots by which a feeder is off the even share, in dark slots."""

BAND = 32
"""Width of the band of dark totals that is looked at."""

ALIGN_FIRST, ALIGN = 0.03, 0.01
"""Price of a slot in which a feeder is not as its queue, in dark slots: when feeders are placed
first, and when they are moved."""

FEASIBLE = 1e-3
"""Cost of broken rules at prices, over the energy wanted, below which rules can be kept."""

STRICT, STRICTER = 8.0, 1.4
"""How much dearer breaking rules gets then, at first and from pass to pass."""

PASSES = ((1.5, 1.0), (3.0, 3.0), (6.0, 3.0), (3.0, 10.0), (6.0, 10.0), (3.0, 20.0), (6.0, 20.0),
          (6.0, 20.0), (12.0, 20.0))  # fmt: skip
"""What a MW beyond the room costs from pass to pass, in units of its worth, and how much dearer
unevenness is."""

DEARER = 1.5
"""How much dearer a MW gets after each pass that leaves a limit exceeded."""

MOVED = 6.0
"""How many times the excess is taken up when feeders are moved to mend it, to have a choice."""

LAST = 300
"""Feeders that are offered what room is left at the end."""

HARD = 1e6
"""Price of exceeding a limit at the end: more than anything else may cost."""

FAR_OFF = 2
"""Slots off the even share that are worth moving a feeder for."""

EVENING_OUT = (10.0, 30.0)
"""How much dearer unevenness gets while light passes from those with most to those with least."""


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
    wanted = setting.dark_cost * task.tier[setting.feeders][:, None]
    wanted *= 1.0 + task.exposure[setting.feeders]
    template = np.zeros_like(wanted)
    if task.rules.align_queues:
        template = setting.dark_cost * _queue_template(setting, prices, queue, rng)
    state = fresh_state(setting)
    aim, share = even_share(task, setting, prices.dark_slots), prices.share
    _, price = place(
        setting, state, np.argsort(-setting.scale, kind="stable"), prices.price, setting.coarse,
        dark_cost=wanted + ALIGN_FIRST * template, steer=1.0, share=share, aim=aim, uneven=UNEVEN,
        band=BAND,
    )  # fmt: skip
    dark_cost = wanted + ALIGN * template
    strict = float(rule_cost(setting, state.path).sum()) < FEASIBLE * setting.dark_cost.sum()
    if strict:
        # Rules can be kept, so that they may cost more than going beyond the room for a while.
        setting = stricter(setting, STRICT)
    # What a MW beyond the room costs has to be more than what any MW is worth.
    floor = np.where(np.isfinite(setting.capacity), 0.1, 0.0)
    price = np.maximum(price, floor)
    mean_load = float(setting.scale.mean()) if setting.count else 0.0
    inside = np.maximum(setting.capacity - mean_load, 0.0)
    moving = rng.permutation(setting.count)
    for press, uneven in PASSES:
        aim, share = _aim_again(task, setting, state)
        place(
            setting, state, moving, price, setting.coarse, dark_cost=dark_cost, capacity=inside,
            press=press, share=share, aim=aim, uneven=uneven * UNEVEN, band=BAND,
        )  # fmt: skip
        price = np.where(state.row_load > setting.capacity, DEARER * price, price)
        moving = _to_move(setting, state, rng, aim, mend=strict)
        if not moving.size:
            break
        if strict:
            setting = stricter(setting, STRICTER)
    aim, share = _aim_again(task, setting, state)

    def fit(moving: Ints, uneven: float) -> None:
        place(
            setting, state, moving, price, setting.coarse, dark_cost=dark_cost, press=HARD,
            fixed=HARD, share=share, aim=aim, uneven=uneven * UNEVEN, band=BAND,
        )  # fmt: skip

    fit(_to_move(setting, state, rng), 1.0)
    for uneven in EVENING_OUT:
        # Who has had more light than others gives some of it up, and who has had less takes it.
        aim, share = _aim_again(task, setting, state)
        off = (setting.available & ~state.path).sum(axis=1) - aim
        order = np.lexsort((rng.permutation(setting.count), off))
        fit(order[off[order] < -1], uneven)
        first = np.lexsort((-off, -task.tier[setting.feeders]))
        fit(first[off[first] > 1], uneven)
    fit(_darkest(task, setting, aim, state, rng), EVENING_OUT[-1])
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
    return np.asarray(np.clip(np.round(high - had), 0, could), dtype=np.int64)


def _aim_again(task: Task, setting: Setting, state: State) -> tuple[Ints, Floats]:
    """Even share and dark share by slot, as the paths are now."""
    dark = setting.available & ~state.path
    aim = even_share(task, setting, float(dark.sum(axis=1).mean()) if setting.count else 0.0)
    return aim, np.asarray(dark.mean(axis=0)) if setting.count else np.zeros(setting.slots)


def _to_move(
    setting: Setting, state: State, rng: np.random.Generator, aim: Ints | None = None, *,
    mend: bool = False,
) -> Ints:  # fmt: skip
    """Pick feeders to move: enough of those lit where a limit is exceeded, so as to have a choice.

    With `aim` also those that are far from the even share, with `mend` those that break rules.
    """
    over = state.row_load - setting.capacity
    moving = np.zeros(setting.count, dtype=np.bool_)
    if mend:
        moving |= rule_cost(setting, state.path) > 0
    if aim is not None:
        moving |= np.abs((setting.available & ~state.path).sum(axis=1) - aim) > FAR_OFF
    order = rng.permutation(setting.count)
    for r, t in zip(*np.nonzero(over > 0), strict=True):
        lit = order[(setting.rows_of[order] == r).any(axis=1) & (state.load[order, t] > 0)]
        enough = np.searchsorted(np.cumsum(state.load[lit, t]), MOVED * over[r, t]) + 3
        moving[lit[:enough]] = True
    return rng.permutation(np.flatnonzero(moving))


def _darkest(
    task: Task, setting: Setting, aim: Ints, state: State, rng: np.random.Generator
) -> Ints:
    """Pick those with most darkness, who get what room is left."""
    dark = (setting.available & ~state.path).sum(axis=1) - aim
    first = np.lexsort((rng.permutation(setting.count), -dark, -task.tier[setting.feeders]))
    return first[:LAST]


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
    aim = np.full(merged.count, round(prices.dark_slots))
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
    room = setting.capacity[:1] * part if setting.city else np.full((1, setting.slots), np.inf)
    return Setting(
        np.zeros(0, dtype=np.int64), ordinary, steady,
        np.ones(ordinary.shape, dtype=np.bool_),
        np.tile(np.array([0, 10**6]), (count, 1)), 0.5 * mean + 1e-9, add(setting.dark_cost),
        np.zeros((count, 1), dtype=np.int64),
        np.ascontiguousarray(room), np.array([mean.sum()]),
        setting.over_dark, setting.end_dark, setting.end_light, setting.max_light,
        setting.below, setting.above, setting.coarse, setting.city,
    )  # fmt: skip
