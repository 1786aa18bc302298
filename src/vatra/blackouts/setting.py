"""The feeders that may be cut, laid out for the kernels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vatra.blackouts._kernels import UNKNOWN, place_feeders
from vatra.blackouts._paths import draw
from vatra.blackouts.duties import Duties, duties_of, no_duties, start_of
from vatra.blackouts.task import Flags, Floats, Ints, Task, factor_table, table_size
from vatra.situation.timegrid import SLOT_H

OVER_DARK = 1.0
OVER_DARK_GROWTH = 0.1
"""Price of a dark slot beyond the longest dark run, in dark slots, and its growth by slot: slots
beyond are spread over feeders rather than heaped on one."""

SHORT_RUN = 30.0
"""Price of a slot missing to the shortest dark or light run, in dark slots."""

DARK_CLASSES = (0, 1, 2, 3, 4, 6, 9)
"""First slots of the classes of dark runs that `even_path` tells apart; rounded up."""


@dataclass(frozen=True)
class Tables:
    """Pickup factors as the kernels take them.

    Parameters
    ----------
    factor
        Lit slots × classes of dark runs.
    column
        Class of a dark run by its slots.
    full
        Lit slots × dark slots.
    """

    factor: Floats
    column: Ints
    full: Floats


@dataclass(frozen=True)
class Setting:
    """Feeders that may be cut, and the limits that may bind them.

    Parameters
    ----------
    feeders
        Rows of the task that these are; empty for units that are not feeders.
    ordinary, steady, available, start, scale
        By feeder, as `best_path` takes them.
    dark_cost
        Feeder × slot: energy not served if dark, MWh.
    rows_of, capacity, mass
        As `place_feeders` takes them; the capacity is what kept feeders leave, MW.
    over_dark, end_dark, end_light, max_light
        Prices of breaking rules, as `best_path` takes them.
    below, above, coarse
        Pickup factors no more than the true ones, no less, and no less in few classes.
    city
        Whether the first limit is the city's.
    duties
        Rules on switchings and spans of time; None for no such rules.
    """

    feeders: Ints
    ordinary: Floats
    steady: Floats
    available: Flags
    start: Ints
    scale: Floats
    dark_cost: Floats
    rows_of: Ints
    capacity: Floats
    mass: Floats
    over_dark: Floats
    end_dark: Floats
    end_light: Floats
    max_light: int
    below: Tables
    above: Tables
    coarse: Tables
    city: bool
    duties: Duties | None = None

    @property
    def count(self) -> int:
        """Number of feeders."""
        return int(self.ordinary.shape[0])

    @property
    def slots(self) -> int:
        """Number of slots."""
        return int(self.ordinary.shape[1])

    @property
    def switch_cost(self) -> Floats:
        """Feeder × slot: cost of being switched at the start of a slot, as `best_path` takes it."""
        if self.duties is None:
            return np.zeros(self.ordinary.shape)
        cost = self.scale[:, None] * self.duties.barred[self.duties.kind]
        cost[self.start[:, 1] >= UNKNOWN, 0] = 0.0
        return np.ascontiguousarray(cost)

    @property
    def window(self) -> Floats:
        """3 × slots: windows with light, as `best_path` takes them."""
        return no_duties(1, self.slots).window if self.duties is None else self.duties.window


@dataclass
class State:
    """Paths and loads while they are being worked on.

    Parameters
    ----------
    path, load
        Feeder × slot: True where lit; MW drawn.
    row_load
        Limit × slot: MW drawn.
    """

    path: Flags
    load: Floats
    row_load: Floats


def lay_out(task: Task, forced: Flags) -> Setting:
    """Lay out the feeders that may be cut.

    Parameters
    ----------
    task
        What the rotation has to obey.
    forced
        Feeder × slot: True where an order says dark.

    Returns
    -------
    Setting
        The arrays.
    """
    feeders = np.flatnonzero(~task.kept)
    ordinary = np.ascontiguousarray(task.ordinary_mw[feeders])
    steady = np.ascontiguousarray(task.steady_mw[feeders])
    available = np.ascontiguousarray((task.available & ~forced)[feeders])
    dark_cost = SLOT_H * (ordinary + steady)
    slots = task.grid.slots
    start = start_of(task)[feeders]
    capacity, rows_of, city = _rows(task, feeders, ordinary, steady)
    mean = (ordinary + steady).mean(axis=1)
    mass = np.array(
        [mean[(rows_of == r).any(axis=1)].sum() for r in range(len(capacity))], dtype=np.float64
    )
    return Setting(
        feeders, ordinary, steady, available, np.ascontiguousarray(start), SLOT_H * mean + 1e-9,
        dark_cost, rows_of, capacity, mass, *_rule_prices(task, slots), *_tables(task), city,
        duties_of(task, feeders),
    )  # fmt: skip


def _rows(task: Task, feeders: Ints, ordinary: Floats, steady: Floats) -> tuple[Floats, Ints, bool]:
    """Limits that may bind, less what kept feeders draw, and which of them each feeder is under."""
    most = ordinary * (1.0 + task.demand.pickup.extra) + steady
    capacity: list[Floats] = []
    members: list[Flags] = []
    city = False
    for limit in task.limits:
        own = limit.feeders[feeders]
        left = limit.limit_mw - task.kept_load_mw[limit.feeders].sum(axis=0)
        if own.any() and (most[own].sum(axis=0) > left).any():
            city = city or (not capacity and limit.kind == "supply limit")
            capacity.append(np.maximum(left, 0.0))
            members.append(own)
    deep = max(1, int(np.sum(members, axis=0).max())) if members and len(feeders) else 1
    rows_of = np.full((len(feeders), deep), -1, dtype=np.int64)
    filled = np.zeros(len(feeders), dtype=np.int64)
    for r, own in enumerate(members):
        at = np.flatnonzero(own)
        rows_of[at, filled[at]] = r
        filled[at] += 1
    if not capacity:
        return np.full((1, task.grid.slots), np.inf), rows_of, False
    return np.ascontiguousarray(np.stack(capacity)), rows_of, city


def _rule_prices(task: Task, slots: int) -> tuple[Floats, Floats, Floats, int]:
    rules = task.rules
    longest = rules.max_dark_slots
    over_dark = np.zeros(1)
    if rules.max_dark_h is not None:
        beyond = np.arange(slots + 1.0)
        over_dark = np.append(np.zeros(longest + 1), OVER_DARK + OVER_DARK_GROWTH * beyond)
    return (
        over_dark,
        _short(rules.min_dark_slots),
        _short(rules.min_light_slots),
        rules.max_light_slots,
    )


def _short(least: int) -> Floats:
    price = np.zeros(least + 1)
    price[1:] = SHORT_RUN * (least - np.arange(1, least + 1))
    return price


def _tables(task: Task) -> tuple[Tables, Tables, Tables]:
    dark, lit = table_size(task)
    every = np.arange(dark + 1)
    above = factor_table(task, dark, lit, below=False)
    below = factor_table(task, dark, lit, below=True)
    last = np.array([d for d in DARK_CLASSES if d < dark] + [dark])
    column = np.searchsorted(last, every)
    coarse = np.ascontiguousarray(above[:, last])
    return Tables(below, every, below), Tables(above, every, above), Tables(coarse, column, above)


def stricter(setting: Setting, times: float) -> Setting:
    """Make breaking rules so many times as dear."""
    duties = setting.duties
    if duties is not None:
        duties = replace(
            duties, barred=times * duties.barred, crew_price=times * duties.crew_price,
            window=duties.window * np.array([[1.0], [1.0], [times]]),
            span_price=times * duties.span_price,
        )  # fmt: skip
    return replace(
        setting,
        duties=duties,
        over_dark=times * setting.over_dark,
        end_dark=times * setting.end_dark,
        end_light=times * setting.end_light,
    )


def fresh_state(setting: Setting) -> State:
    """Start from nothing placed."""
    shape = setting.ordinary.shape
    return State(np.zeros(shape, dtype=np.bool_), np.zeros(shape), np.zeros(setting.capacity.shape))


def state_of(setting: Setting, path: Flags) -> State:
    """Start from given paths."""
    state = fresh_state(setting)
    state.path[:] = path
    for f in range(setting.count):
        draw(
            setting.ordinary[f], setting.steady[f], state.path[f], setting.above.full,
            setting.start[f], state.load[f],
        )  # fmt: skip
        for r in setting.rows_of[f]:
            if r >= 0:
                state.row_load[r] += state.load[f]
    return state


def place(
    setting: Setting,
    state: State,
    order: Ints,
    price: Floats,
    tables: Tables,
    *,
    dark_cost: Floats | None = None,
    capacity: Floats | None = None,
    steer: float = 0.0,
    press: float = 0.0,
    fixed: float = 0.0,
    share: Floats | None = None,
    aim: Ints | None = None,
    uneven: float = 0.0,
    lean: float = 1.0,
    even: bool = False,
) -> tuple[float, Floats]:
    """Run `place_feeders` with a setting's arrays.

    Parameters
    ----------
    setting, state
        What is known, and the paths to work on; changed in place.
    order, price, tables
        Feeders to place, prices by limit and slot, pickup factors.
    dark_cost, capacity
        Instead of the setting's.
    steer, fixed, share, aim, uneven, lean, even
        As in `place_feeders`; `uneven` in units of the feeder's dark slot.
    press
        As in `place_feeders`; 0 to let prices rule and room not count. Rules that couple feeders
        or slots (crews, dark hours a day) count only where there is a `press` or an `aim`: a
        bound leaves them out, and stays a bound.

    Returns
    -------
    cost, mean_price
        Sum of the paths' costs, and limit × slot: mean price.
    """
    mean_price = np.zeros_like(setting.capacity)
    none = np.zeros(setting.count, dtype=np.int64)
    duties = setting.duties or no_duties(setting.count, setting.slots)
    coupled = press > 0 or aim is not None
    cost = place_feeders(
        order, setting.ordinary, setting.steady,
        setting.dark_cost if dark_cost is None else dark_cost,
        setting.available, setting.scale, setting.start, setting.rows_of,
        setting.capacity if capacity is None else capacity,
        state.row_load, price.copy(), setting.mass, float(steer), press > 0, float(press),
        float(fixed), tables.factor, tables.column, tables.full, setting.over_dark,
        setting.end_dark, setting.end_light, setting.max_light,
        duties.kind, duties.barred, duties.crews_of, duties.crew_most,
        duties.crew_price if coupled else 0.0, duties.window, duties.span_of, duties.span_most,
        duties.span_price if coupled else 0.0,
        np.ones(setting.slots) if share is None else share,
        none if aim is None else aim, uneven * setting.scale, float(lean), even,
        state.path, state.load, mean_price,
    )  # fmt: skip
    return float(cost), mean_price
