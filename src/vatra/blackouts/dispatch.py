"""Place feeders so that the limits hold, rules are kept and darkness is even.

First every feeder chooses at prices, one after the other, so that the limits fill evenly; then
feeders are moved within the room that the others leave, at first with a price on what exceeds it
that rises from pass to pass, at last not at all beyond it. A path that is dark throughout always
fits, so the limits hold in the end whatever the rules say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from vatra.blackouts.bound import CALM_FROM, Prices, rule_cost
from vatra.blackouts.duties import breaking
from vatra.blackouts.evenness import (
    even_share,
    fair_share,
    is_scarce,
    price_of_unevenness,
    queue_template,
)
from vatra.blackouts.exchange import exchange
from vatra.blackouts.refine import can_refine, coupled, refine, refine_some
from vatra.blackouts.setting import Setting, State, fresh_state, place, state_of, stricter
from vatra.blackouts.task import Flags, Floats, Ints, Task

ALIGN = (0.05, 0.015)
"""Price of a slot in which a feeder is not as its queue, in dark slots: when feeders are placed
first, and when they are moved. Twice as much puts 2 % more feeders into line and leaves 0.6 to
1.4 % more energy unserved in towns of 300 and 400; energy comes before lines."""

ALIGN_FREE = (0.6, 0.4)
"""The same where a queue has few feeders, or limits leave the rules no room: there lines cost next
to no energy."""

OWED_H = 0.3
"""Hours of earlier darkness off the mean of its queue at which a feeder is held half as firmly:
what is owed to it comes before its queue's hours."""

TRIED_AGAIN = 200
"""Feeders up to which they are placed again less in line, or not at all, where rules that can be
kept are broken in line: rules come first."""

FEW_A_QUEUE = 12.0
"""Mean number of feeders of a queue up to which they are few."""

FEASIBLE = 1e-3
"""Cost of broken rules at prices, over the energy wanted, below which rules can be kept."""

STRICT, STRICTER = 8.0, 10.0
"""How much dearer breaking rules gets then, and once more for those that still do."""

MENDINGS = 4
"""How often room is made for feeders that break rules."""

PASSES = ((1.5, 1.0), (3.0, 3.0), (6.0, 3.0), (3.0, 10.0), (6.0, 10.0), (3.0, 20.0), (6.0, 20.0),
          (6.0, 20.0), (12.0, 20.0))  # fmt: skip
"""What a MW beyond the room costs from pass to pass, in units of its worth, and how much dearer
unevenness is."""

DEARER = 1.5
"""How much dearer a MW gets after each pass that leaves a limit exceeded."""

STAY, KEEP = 0.05, 0.01
"""Price of leaving a path of the schedule before, likewise, when all feeders are placed anew, and
when they are moved."""

STEER = 2.0
"""How fast prices follow the limits while feeders are placed, as `place` takes it."""

SAMPLE = 600
"""Feeders that are placed to find prices with evenness and lines counted."""

FULL = 0.004
"""Share of the limits by which they may be missed without moving all feeders."""

SHORT = 0.5
"""Power to which unevenness gets dearer from pass to pass where there is little darkness: over a
day of 6 dark hours, full evenness would leave 5 % more energy unserved."""

MOVED = 6.0
"""How many times the excess is taken up when feeders are moved to mend it, to have a choice."""

UNEVEN_SCARCE = 2.5
"""How much dearer unevenness is from the first where limits bind nearly all the time and there are
many feeders: what is uneven then stays so, as nobody has room to take light later. In Kyiv's day
it brings those with less than 8.5 h of light from 98 to 2 for 0.03 % more energy unserved."""

LAST = 300
"""Feeders that are offered what room is left at the end."""

HARD = 1e6
"""Price of exceeding a limit at the end: more than anything else may cost."""

FAR_OFF = 2
"""Slots off the even share that are worth moving a feeder for."""

EVENING_OUT = (10.0, 30.0)
"""How much dearer unevenness gets while light passes from those with most to those with least."""

EXCHANGED, EXCHANGED_LAST, GIVERS = 30.0, (100.0, 300.0), 3
"""The same while feeders pass slots on, and while those still more than `OFF` from their share
take some, each from up to so many others."""

OFF = 1.0
"""Slots more than its even share up to which nobody is too dark: shares are whole slots."""

REFINED_EVEN, REFINED_LEAST = 3.0, 0.1
"""The same while a rotation of few feeders is refined: one feeder is a large step there, and the
last half-hour of evenness is dear. At least so much, in dark slots: what is owed is repaid."""

REFINED_LINE = 0.02
"""What part of the price of hours against one's queue counts then."""

HELPERS, PULLED, PULLS = 12, 10, 6
"""Feeders that are refined together with each that is more than `FAR_OFF` slots too dark, for how
many of these at once, and how often."""


@dataclass
class Mover:
    """Feeders on their paths, and what moving one costs.

    Parameters
    ----------
    task, setting, state
        What is to be obeyed, the feeders that may be cut, and their paths.
    price
        Limit × slot: worth of a MW.
    dark_cost
        Feeder × slot: cost of a dark slot.
    unevenness, dearer
        Price of unevenness, in dark slots, and how much dearer than usual that is.
    scarce
        Whether limits bind nearly all the time: light given up is then light for somebody else.
    strict
        Whether rules can be kept, so that breaking one is worse than being beyond the room.
    rng
        Draws orders.
    """

    task: Task
    setting: Setting
    state: State
    price: Floats
    dark_cost: Floats
    unevenness: float
    dearer: float
    scarce: bool
    strict: bool
    rng: np.random.Generator

    def dark_slots(self) -> Ints:
        """Count the slots that each feeder is dark by choice."""
        dark = self.setting.available & ~self.state.path
        return np.asarray(dark.sum(axis=1), dtype=np.int64)

    def aim(self) -> Ints:
        """Even share of the darkness that there is."""
        mean = float(self.dark_slots().mean()) if self.setting.count else 0.0
        return even_share(self.task, self.setting, mean)

    def too_dark(self) -> Floats:
        """Slots that each feeder is darker than its even share before that is rounded."""
        dark = self.dark_slots()
        mean = float(dark.mean()) if self.setting.count else 0.0
        return dark - fair_share(self.task, self.setting, mean)

    def off_share(self) -> Ints:
        """Slots that each feeder is darker than its even share."""
        return self.dark_slots() - self.aim()

    def move(
        self, moving: Ints, press: float, uneven: float, *, capacity: Floats | None = None
    ) -> None:
        """Put feeders on their best paths given all others.

        Parameters
        ----------
        moving
            Feeders, in order.
        press
            What a MW beyond the room costs, in units of its worth.
        uneven
            How much dearer unevenness is than at first.
        capacity
            Instead of the limits.
        """
        dark = self.setting.available & ~self.state.path
        # A few dark hours can be made even over a week, and need not be at any price in a day.
        uneven **= SHORT + (1.0 - SHORT) * min(1.0, self.unevenness / 0.05)
        place(
            self.setting, self.state, moving, self.price, self.setting.coarse,
            dark_cost=self.dark_cost, capacity=capacity, press=press,
            fixed=HARD if press == HARD else 0.0,
            share=np.asarray(dark.mean(axis=0)) if self.setting.count else None,
            aim=self.aim(), uneven=uneven * self.unevenness,
            lean=1.0 if self.scarce else 1.0 / uneven, even=True,
        )  # fmt: skip

    def breaking(self) -> Ints:
        """Feeders whose paths break rules."""
        return np.flatnonzero((rule_cost(self.setting, self.state.path) > 0) | self.coupled())

    def broken(self) -> float:
        """Price the rules that are broken, those that couple feeders or slots by the feeder."""
        cost = float(rule_cost(self.setting, self.state.path).sum())
        return cost + float(self.setting.scale[self.coupled()].sum())

    def coupled(self) -> Flags:
        """Tell which feeders break rules that couple feeders, or runs of a day."""
        setting = self.setting
        if setting.duties is None:
            return np.zeros(setting.count, dtype=np.bool_)
        return breaking(setting.duties, self.state.path, setting.available, setting.start)

    def over(self) -> Ints:
        """Pick feeders lit where a limit is exceeded: enough of them so as to have a choice."""
        setting, state = self.setting, self.state
        over = state.row_load - setting.capacity
        moving = np.zeros(setting.count, dtype=np.bool_)
        order = self.rng.permutation(setting.count)
        for r, t in zip(*np.nonzero(over > 0), strict=True):
            lit = order[(setting.rows_of[order] == r).any(axis=1) & (state.load[order, t] > 0)]
            enough = np.searchsorted(np.cumsum(state.load[lit, t]), MOVED * over[r, t]) + 3
            moving[lit[:enough]] = True
        return self.rng.permutation(np.flatnonzero(moving))

    def inside(self) -> Floats:
        """Limits less a little, so that what is moved last still fits."""
        margin = float(self.setting.scale.mean()) if self.setting.count else 0.0
        return np.maximum(self.setting.capacity - margin, 0.0)


def dispatch(
    task: Task,
    setting: Setting,
    prices: Prices,
    queue: pd.Series[str],
    rng: np.random.Generator,
    *,
    previous: Flags | None = None,
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
    previous
        Feeder × slot: paths to start from and to keep to where there is no reason to leave them.

    Returns
    -------
    State
        Paths that keep all limits, and their loads.
    """
    strict = prices.broken < FEASIBLE * float(setting.dark_cost.sum())
    grouped = queue[queue != ""]
    mean = len(grouped) / max(int(grouped.nunique()), 1)
    tries = [ALIGN if strict and mean > FEW_A_QUEUE else ALIGN_FREE]
    if not task.rules.align_queues:
        tries = [(0.0, 0.0)]
    elif strict and setting.count <= TRIED_AGAIN:
        tries += [ALIGN, (0.0, 0.0)]
    best: tuple[float, State] | None = None
    for align in tries:
        state = _dispatch(task, setting, prices, queue, rng, align, strict=strict,
                          previous=previous)  # fmt: skip
        broken = float(rule_cost(setting, state.path).sum())
        if best is None or broken < best[0]:
            best = broken, state
        if not best[0]:
            break
    assert best is not None  # noqa: S101 - there is a first try
    return best[1]


def _dispatch(  # noqa: PLR0917 - as `dispatch`
    task: Task, setting: Setting, prices: Prices, queue: pd.Series[str], rng: np.random.Generator,
    align: tuple[float, float], *, strict: bool, previous: Flags | None,
) -> State:  # fmt: skip
    """Place the feeders with a price on being out of line with their queues."""
    wanted = setting.dark_cost * task.tier[setting.feeders][:, None]
    wanted *= 1.0 + task.exposure[setting.feeders]
    price, scarce = prices.price, is_scarce(prices)
    dearer = UNEVEN_SCARCE if scarce and setting.count > CALM_FROM else 1.0
    uneven = dearer * price_of_unevenness(prices)
    first, later = np.zeros_like(wanted), np.zeros_like(wanted)
    if any(align):
        aim = even_share(task, setting, prices.dark_slots)
        line = queue_template(
            setting, prices, queue, rng, wanted=wanted, aim=aim,
            uneven=price_of_unevenness(prices), previous=previous,
        )  # fmt: skip
        hold = setting.dark_cost * line * _in_line(task.dark_h_before[setting.feeders], queue)
        first, later = (price * hold for price in align)
    if previous is not None:
        held = setting.dark_cost * np.where(previous, 1.0, -1.0)
        first, later = first + STAY * held, later + KEEP * held
    state = fresh_state(setting)
    if previous is not None:
        state = state_of(setting, previous & setting.available)
    few = can_refine(setting)
    anew = previous is None or (not few and _far_from_full(setting, state, prices))
    if anew:
        state = fresh_state(setting)
        by_size = np.argsort(-setting.scale, kind="stable")
        aim = even_share(task, setting, prices.dark_slots)
        if previous is None:
            # Evenness and lines have a price of their own: some feeders find what it does to
            # the limits' prices.
            part = min(1.0, SAMPLE / max(setting.count, 1))
            some = replace(setting, mass=part * setting.mass, capacity=part * setting.capacity)
            order = rng.permutation(setting.count)[: round(part * setting.count)]
            _, price = place(
                some, state, order, price, setting.coarse, dark_cost=wanted + first, steer=STEER,
                share=prices.share, aim=aim, uneven=uneven, even=True,
            )  # fmt: skip
        state = fresh_state(setting)
        _, price = place(
            setting, state, by_size, price, setting.coarse, dark_cost=wanted + first, steer=STEER,
            share=prices.share, aim=aim, uneven=uneven, even=True,
        )  # fmt: skip
    # What a MW beyond the room costs has to be more than what any MW is worth.
    price = np.maximum(price, np.where(np.isfinite(setting.capacity), 0.1, 0.0))
    mover = Mover(
        task, setting, state, price, wanted + later, uneven, dearer, scarce, strict, rng
    )  # fmt: skip
    if mover.strict:
        mover.setting = stricter(setting, STRICT)
    _mend_limits(mover, everyone=anew and not strict)
    if mover.strict:
        mover.dark_cost = wanted
        _mend_rules(mover)
        mover.dark_cost = wanted + later
    _level(mover)
    if few:
        uneven = max(REFINED_EVEN * mover.unevenness, REFINED_LEAST)
        mover.state = refine(
            setting, mover.state, wanted + REFINED_LINE * later, mover.aim(), uneven, rng,
            again=previous is not None,
        )  # fmt: skip
    _mend_coupled(mover)
    return mover.state


def _in_line(dark_h_before: Floats, queue: pd.Series[str]) -> Floats:
    """Weigh a feeder's place in its queue: less where it is owed light, or owes it, by itself."""
    had = pd.Series(dark_h_before, index=queue.index)
    off = (had - had.groupby(queue).transform("mean")).to_numpy(dtype=np.float64)
    return np.asarray(1.0 / (1.0 + np.square(off / OWED_H)))[:, None]


def _far_from_full(setting: Setting, state: State, prices: Prices) -> bool:
    """Tell whether limits that bind are missed by so much that all feeders have to move."""
    binds = np.isfinite(setting.capacity) & (prices.price > 0.1)
    if not binds.any():
        return bool((state.row_load > setting.capacity).any())
    missed = np.abs(setting.capacity - state.row_load)[binds].sum()
    return bool(missed > FULL * setting.capacity[binds].sum())


def _mend_limits(mover: Mover, *, everyone: bool) -> None:
    """Move feeders until no limit is exceeded, few are far from even and few break rules."""
    for n, (press, uneven) in enumerate(PASSES):
        moving = mover.rng.permutation(mover.setting.count)
        if n or not everyone:
            far = np.flatnonzero(np.abs(mover.off_share()) > FAR_OFF)
            wrong = mover.breaking() if mover.strict else np.flatnonzero(mover.coupled())
            moving = mover.rng.permutation(np.unique(np.concatenate([mover.over(), far, wrong])))
        if not moving.size:
            break
        mover.move(moving, press, uneven, capacity=mover.inside())
        over = mover.state.row_load > mover.setting.capacity
        mover.price = np.where(over, DEARER * mover.price, mover.price)
    mover.move(mover.over(), HARD, 1.0)


def _mend_rules(mover: Mover) -> None:
    """Make room for feeders that break rules, as long as that leaves fewer of them."""
    setting = mover.setting
    for _ in range(MENDINGS):
        wrong = mover.breaking()
        if not wrong.size:
            break
        state, before = mover.state, mover.broken()
        mover.state = State(state.path.copy(), state.load.copy(), state.row_load.copy())
        mover.setting = stricter(setting, STRICTER)
        mover.move(wrong, 2.0, 1.0, capacity=mover.inside())
        for press in (4.0, 8.0, HARD):
            mover.move(mover.over(), press, 1.0, capacity=mover.inside() if press < HARD else None)
        mover.setting = setting
        if mover.broken() >= before:
            mover.state = state


def _mend_coupled(mover: Mover) -> None:
    """Place feeders anew whose crews have too much to do, or that are dark too long in a day."""
    for n in range(MENDINGS):
        wrong = np.flatnonzero(mover.coupled())
        if not wrong.size:
            break
        mover.setting = stricter(mover.setting, STRICT) if n == 0 else mover.setting
        mover.move(mover.rng.permutation(wrong), HARD, 1.0)


def _pull_in(mover: Mover) -> None:
    """Refine those far darker than others, or whose rules are broken though they could be kept.

    Some who can make room for them are refined together with them.
    """
    setting = mover.setting
    if setting.count <= CALM_FROM or coupled(setting):
        return
    for _ in range(PULLS):
        off = mover.too_dark()
        far = np.argsort(-off, kind="stable")[:PULLED]
        wrong = mover.breaking()[:PULLED] if mover.strict else far[:0]
        far = np.concatenate([wrong, np.setdiff1d(far[off[far] > OFF], wrong)])[:PULLED]
        if not far.size:
            return
        can_help = (setting.rows_of[:, 0] == setting.rows_of[far[0], 0]) & (off < 0.5)
        can_help[far] = False
        helpers = np.flatnonzero(can_help)
        count = min(HELPERS * far.size, helpers.size)
        group = np.concatenate([far, mover.rng.choice(helpers, count, replace=False)])
        state = refine_some(
            setting, mover.state, group, mover.dark_cost, mover.aim(),
            EVENING_OUT[-1] * mover.unevenness / mover.dearer, mover.rng,
        )  # fmt: skip
        if rule_cost(setting, state.path).sum() <= rule_cost(setting, mover.state.path).sum():
            mover.state = state


def _level(mover: Mover) -> None:
    """Make darkness even within the limits."""
    exchanged = mover.setting.count > CALM_FROM and not coupled(mover.setting)
    if exchanged:
        _exchange(mover, EXCHANGED)
    _even_out(mover)
    if exchanged:
        _exchange(mover, EXCHANGED)
        for uneven in EXCHANGED_LAST:
            _exchange(mover, uneven, last=True)
    _pull_in(mover)


def _exchange(mover: Mover, uneven: float, *, last: bool = False) -> None:
    """Let feeders take slots of light from others that lose less by it, the darkest first.

    Or only those `last` ones still too dark, each from several others if need be.
    """
    off = mover.too_dark()
    order = np.lexsort((mover.rng.permutation(mover.setting.count), -off))
    takers = order[off[order] > OFF] if last else order
    share = np.ceil(mover.dark_slots() - off) if last else mover.aim()
    exchange(
        mover.setting, mover.state, takers, mover.dark_cost,
        (mover.dark_slots() - share).astype(np.int64), uneven * mover.unevenness / mover.dearer,
        mover.rng, givers=GIVERS if last else 1,
    )  # fmt: skip


def _even_out(mover: Mover) -> None:
    """Let those with more light than others give some of it up, and those with less take it."""
    for uneven in np.array(EVENING_OUT) / mover.dearer:
        off = mover.off_share()
        order = np.lexsort((mover.rng.permutation(mover.setting.count), off))
        mover.move(order[off[order] < -1], HARD, uneven)
        off = mover.off_share()
        first = np.lexsort((-off, -mover.task.tier[mover.setting.feeders]))
        mover.move(first[off[first] > 1], HARD, uneven)
    off = mover.off_share()
    first = np.lexsort((-off, -mover.task.tier[mover.setting.feeders]))
    mover.move(first[:LAST], HARD, EVENING_OUT[-1] / mover.dearer)
