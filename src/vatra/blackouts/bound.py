"""How little energy can be left unserved: prices on the limits, and the bound that they give.

Put a price on each MW drawn under each limit in each slot and let every feeder choose its best
path alone, pickup and runs included. Whatever the prices, the sum of those costs less the worth of
the limits is no more than what any schedule within the limits leaves unserved (Lagrangian
relaxation). Good prices are found by placing feeders one after the other and raising the price
of a limit where it fills faster than feeders are placed (dual averaging): each feeder is a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vatra.blackouts.setting import Setting, State, fresh_state, place, stricter
from vatra.blackouts.task import Flags, Floats

KEPT_DEARER = (0.0, 1.0, 4.0, 16.0)
"""Prices tried on cutting what should have been kept; the best bound counts."""

LENIENT = 0.15
"""Part of the price of breaking rules that a second bound is computed with."""

POLISHED, MOST_STEPS, LEAST_STEPS = 12_000, 300, 20
"""Feeders placed while prices are polished, and the most and fewest steps that is worth it for."""

FIRST_PART, LEAST_PART = 0.02, 1e-4
"""Part of the price of breaking rules with which polishing begins where rules are broken, and the
smallest that is tried."""

PACE = 0.2
"""How fast that part moves beside the prices of the limits: tried on towns of 17 to 23 feeders."""

PATIENCE = 15
"""Steps without a better bound after which they get shorter."""

CALM_FROM = 200
"""Feeders from which prices end on a pass that hardly moves them: it brings the bound of a city
with 1,500 feeders from 0.15 % to 0.01 % below the best there is."""

PLACED = 12_000
"""Feeders placed, over all passes, at which prices are good enough."""


@dataclass(frozen=True)
class Prices:
    """Prices of the limits.

    Parameters
    ----------
    price
        Limit × slot: worth of one MW more, MWh.
    share
        Share of the feeders' load that is dark by slot at these prices.
    dark_slots
        Mean number of dark slots of a feeder at these prices.
    broken
        Cost of the rules that feeders break at these prices, because all of them can't be kept.
    """

    price: Floats
    share: Floats
    dark_slots: float
    broken: float


def find_prices(
    setting: Setting, rng: np.random.Generator, *, like: Floats | None = None
) -> Prices:
    """Find the prices at which feeders that choose alone fill the limits.

    Parameters
    ----------
    setting
        Feeders and limits.
    rng
        Draws the order in which feeders are placed.
    like
        By slot: prices of the city's limit to begin with.

    Returns
    -------
    Prices
        The prices.
    """
    count = setting.count
    finite = np.isfinite(setting.capacity)
    price = np.where(finite, 0.25, 0.0)
    steer = 4.0
    if like is not None and setting.city and len(like) == setting.slots:
        price[0] = np.where(finite[0], like, 0.0)
        steer = 1.0
    passes = int(np.clip(np.ceil(PLACED / max(count, 1)), 4, 40))
    enough = 4 if like is None else 2
    state = fresh_state(setting)
    tried = 0
    total = setting.capacity[finite].sum() + 1e-9
    while tried < passes:
        tried += 1
        state = fresh_state(setting)
        _, price = place(
            setting, state, rng.permutation(count), price, setting.below, steer=0.5 * steer
        )
        off = np.where(finite & ((price > 0) | (state.row_load > setting.capacity)),
                       state.row_load - np.where(finite, setting.capacity, 0.0), 0.0)  # fmt: skip
        gap = np.abs(off).sum() / total
        steer = min(1.5 * steer, 20.0) if gap > 0.03 else 0.5 * steer
        if gap < 0.01 and tried >= enough and count > CALM_FROM:
            break
    if count > CALM_FROM:
        state = fresh_state(setting)
        _, price = place(setting, state, rng.permutation(count), price, setting.below, steer=1.0)
    return Prices(price, *_darkness(setting, state), float(rule_cost(setting, state.path).sum()))


def _darkness(setting: Setting, state: State) -> tuple[Floats, float]:
    dark = setting.available & ~state.path
    weight = setting.scale[:, None]
    share = (dark * weight).sum(axis=0) / max(float(weight.sum()), 1e-12)
    return share, float(dark.sum(axis=1).mean()) if setting.count else 0.0


def energy_bound(
    setting: Setting, prices: Prices, path: Flags, released: Flags, *, polish: bool = False
) -> float:
    """Least energy that can be left unserved, by the best of several bounds.

    Parameters
    ----------
    setting, prices
        Feeders and limits, and the prices of the limits.
    path
        Feeder × slot: the schedule that is to be measured, True where lit.
    released
        Feeders that should have been kept.
    polish
        Take more time for better prices where feeders are few.

    Returns
    -------
    float
        MWh, 0 or more.
    """
    best = max(simple_bound(setting), price_bound(setting, prices.price, path, released))
    broken = float(rule_cost(setting, path).sum())
    if broken > 0.01 * float(setting.dark_cost.sum()):
        # Rules that can't be kept are dear, and their price blurs the bound: try a lower one.
        lenient = stricter(setting, LENIENT)
        rng = np.random.default_rng(0)
        again = find_prices(lenient, rng, like=np.sqrt(LENIENT) * prices.price[0])
        best = max(best, price_bound(lenient, again.price, path, released))
    steps = min(POLISHED // max(setting.count, 1), MOST_STEPS) if polish else 0
    if steps >= LEAST_STEPS:
        part = FIRST_PART if broken > 0 else 1.0
        price, part = polish_prices(setting, np.sqrt(part) * prices.price, part, path, steps)
        best = max(best, price_bound(stricter(setting, part), price, path, released))
    return best


def polish_prices(
    setting: Setting, price: Floats, part: float, path: Flags, steps: int
) -> tuple[Floats, float]:
    """Better prices by subgradient steps of Polyak's length towards a schedule's own energy.

    Parameters
    ----------
    setting
        Feeders and limits.
    price, part
        Prices of the limits, and the part of the price of breaking rules, to begin with.
    path
        Feeder × slot: the schedule that is to be measured, True where lit.
    steps
        Most steps.

    Returns
    -------
    price, part
        The best that were met.
    """
    finite = np.isfinite(setting.capacity)
    capacity = np.where(finite, setting.capacity, 0.0)
    every = np.arange(setting.count)
    aim = float((setting.dark_cost * (setting.available & ~path)).sum())
    broken = float(rule_cost(setting, path).sum())
    # Broken rules and MW beyond limits are weighed so that both move at about the same pace.
    weigh = PACE * float(np.linalg.norm(capacity)) / max(float(setting.dark_cost.sum()), 1e-9)
    best, best_price, best_part, length, stalled = -np.inf, price, part, 0.7, 0
    for _ in range(steps):
        eased = stricter(setting, part)
        state = fresh_state(setting)
        cost, _ = place(eased, state, every, price, setting.below, dark_cost=setting.dark_cost)
        value = cost - float((price * capacity).sum()) - part * broken
        if value > best:
            best, best_price, best_part, stalled = value, price, part, 0
        else:
            stalled += 1
        if stalled > PATIENCE:
            price, part, length, stalled = best_price, best_part, 0.6 * length, 0
            continue
        over = np.where(finite, state.row_load - capacity, 0.0)
        over[(price <= 0) & (over < 0)] = 0.0
        energy = float((setting.dark_cost * (setting.available & ~state.path)).sum())
        rules = cost - energy - float((price * state.row_load).sum())
        more = weigh * (max(rules, 0.0) / part - broken) if part > 0 else 0.0
        size = float(np.square(over).sum()) + more * more
        if size < 1e-12:
            break
        step = length * max(aim - value, 1e-6) / size
        price = np.maximum(price + step * over, 0.0)
        part = float(np.clip(part + step * weigh * more, LEAST_PART, 1.0))
    return best_price, best_part


def price_bound(setting: Setting, price: Floats, path: Flags, released: Flags) -> float:
    """Least energy unserved by schedules that break rules, and cut kept feeders, no more than one.

    What a schedule breaks gets a price too, and what the given one breaks at it is taken off.

    Parameters
    ----------
    setting
        Feeders and limits.
    price
        Limit × slot: any prices of 0 or more.
    path
        Feeder × slot: the schedule that others are held against, True where lit.
    released
        Feeders that should have been kept.

    Returns
    -------
    float
        MWh, 0 or more.
    """
    finite = np.isfinite(setting.capacity)
    worth = float((price[finite] * setting.capacity[finite]).sum())
    broken = float(rule_cost(setting, path).sum())
    cut_mwh = float((setting.dark_cost * (setting.available & ~path))[released].sum())
    best = 0.0
    for dearer in KEPT_DEARER if cut_mwh > 0 else (0.0,):
        dark_cost = setting.dark_cost * (1.0 + dearer * released)[:, None]
        cost, _ = place(
            setting, fresh_state(setting), np.arange(setting.count), price, setting.below,
            dark_cost=dark_cost,
        )  # fmt: skip
        best = max(best, cost - worth - broken - dearer * cut_mwh)
    return best


def rule_cost(setting: Setting, path: Flags) -> Floats:
    """Cost of the rules that each feeder's path breaks, as the kernels count it."""
    cost = np.zeros(setting.count)
    slots = setting.slots
    available = setting.available
    last_dark, last_light = len(setting.end_dark) - 1, len(setting.end_light) - 1
    dark = setting.start[:, 0].copy()
    light = setting.start[:, 1].copy()
    switch = setting.switch_cost / setting.scale[:, None] if setting.duties else None
    first, most, beyond = setting.window
    for t in range(slots):
        lit = path[:, t]
        before = available[:, t - 1] if t else np.ones(setting.count, dtype=np.bool_)
        back = lit & (light == 0)
        cost += np.where(back & before, setting.end_dark[np.minimum(dark, last_dark)], 0.0)
        off = ~lit & (light > 0) & available[:, t]
        if switch is not None:
            cost += np.where((back & before) | off, switch[:, t], 0.0)
        cost += np.where(off, setting.end_light[np.minimum(light, last_light)], 0.0)
        dark = np.where(lit, dark, np.where(light > 0, 1, dark + 1))
        light = np.where(lit, light + 1, 0)
        over = setting.over_dark[np.minimum(dark, len(setting.over_dark) - 1)]
        if beyond[t] > 0:
            inside = t - np.maximum(t + 1.0 - dark, first[t])
            over = over + np.where(inside >= most[t], beyond[t], 0.0)
        cost += np.where(~lit & available[:, t], over, 0.0)
    return cost * setting.scale


def simple_bound(setting: Setting) -> float:
    """Energy beyond the limits were nobody's load ever to rise after a cut, MWh."""
    load = np.where(setting.available, setting.ordinary + setting.steady, 0.0)
    short = np.zeros(setting.slots)
    for r, capacity in enumerate(setting.capacity):
        members = (setting.rows_of == r).any(axis=1)
        short = np.maximum(short, load[members].sum(axis=0) - capacity)
    return float(0.5 * short.sum())
