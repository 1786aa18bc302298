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

from vatra.blackouts.setting import Setting, State, fresh_state, place
from vatra.blackouts.task import Flags, Floats

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
    """

    price: Floats
    share: Floats
    dark_slots: float


def find_prices(setting: Setting, rng: np.random.Generator) -> Prices:
    """Find the prices at which feeders that choose alone fill the limits.

    Parameters
    ----------
    setting
        Feeders and limits.
    rng
        Draws the order in which feeders are placed.

    Returns
    -------
    Prices
        The prices.
    """
    count = setting.count
    price = np.where(np.isfinite(setting.capacity), 0.25, 0.0)
    steer = 4.0
    passes = int(np.clip(np.ceil(PLACED / max(count, 1)), 4, 40))
    state = fresh_state(setting)
    tried = 0
    finite = np.isfinite(setting.capacity)
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
        if gap < 0.01 and tried >= 4 and count > 200:
            break
    return Prices(price, *_darkness(setting, state))


def _darkness(setting: Setting, state: State) -> tuple[Floats, float]:
    dark = setting.available & ~state.path
    weight = setting.scale[:, None]
    share = (dark * weight).sum(axis=0) / max(float(weight.sum()), 1e-12)
    return share, float(dark.sum(axis=1).mean()) if setting.count else 0.0


def price_bound(setting: Setting, price: Floats, broken: float) -> float:
    """Least energy unserved by schedules that break rules no more than one did.

    Parameters
    ----------
    setting
        Feeders and limits.
    price
        Limit × slot: any prices of 0 or more.
    broken
        Cost of the rules that the schedule breaks, as `rule_cost` gives it.

    Returns
    -------
    float
        MWh, 0 or more.
    """
    state = fresh_state(setting)
    cost, _ = place(setting, state, np.arange(setting.count), price, setting.below)
    finite = np.isfinite(setting.capacity)
    worth = float((price[finite] * setting.capacity[finite]).sum())
    return max(0.0, cost - worth - broken)


def rule_cost(setting: Setting, path: Flags) -> Floats:
    """Cost of the rules that each feeder's path breaks, as the kernels count it."""
    cost = np.zeros(setting.count)
    slots = setting.slots
    available = setting.available
    last_dark, last_light = len(setting.end_dark) - 1, len(setting.end_light) - 1
    dark = setting.start[:, 0].copy()
    light = setting.start[:, 1].copy()
    for t in range(slots):
        lit = path[:, t]
        before = available[:, t - 1] if t else np.ones(setting.count, dtype=np.bool_)
        back = lit & (light == 0)
        cost += np.where(back & before, setting.end_dark[np.minimum(dark, last_dark)], 0.0)
        off = ~lit & (light > 0) & available[:, t]
        cost += np.where(off, setting.end_light[np.minimum(light, last_light)], 0.0)
        dark = np.where(lit, dark, np.where(light > 0, 1, dark + 1))
        light = np.where(lit, light + 1, 0)
        over = setting.over_dark[np.minimum(dark, len(setting.over_dark) - 1)]
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
