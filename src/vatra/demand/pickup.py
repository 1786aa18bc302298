"""Cold-load pickup: how much more a feeder draws after a cut, and for how long.

While a feeder is dark its customers' fridges, boilers and heaters all fall due at once, so that
when it comes back more of them run together than usual. The form, growth with the length of the
cut and decay with the time since the return, and its constants stand in `Pickup`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vatra.demand.model import Demand, Pickup
from vatra.situation.timegrid import SLOT_H


def pickup_growth(dark_slots: ArrayLike, pickup: Pickup) -> NDArray[np.float64]:
    """Share of the largest extra load that a cut builds up.

    Parameters
    ----------
    dark_slots
        Length of the dark run in slots; 0 for none.
    pickup
        Constants of the pickup.

    Returns
    -------
    NDArray[np.float64]
        ``1 − exp(−d / growth_h)``, of the shape of `dark_slots`.
    """
    dark_h = SLOT_H * np.maximum(np.asarray(dark_slots, dtype=np.float64), 0.0)
    if pickup.growth_h <= 0:
        return np.asarray(dark_h > 0, dtype=np.float64)
    return np.asarray(-np.expm1(-dark_h / pickup.growth_h))


def pickup_decay(lit_slots: ArrayLike, pickup: Pickup) -> NDArray[np.float64]:
    """Share of the extra load that is left, averaged over a slot after the return.

    Parameters
    ----------
    lit_slots
        Full slots lit between the return and the slot: 0 for the first slot after the return.
    pickup
        Constants of the pickup.

    Returns
    -------
    NDArray[np.float64]
        Mean of ``exp(−s / decay_h)`` over the slot, of the shape of `lit_slots`.
    """
    since_h = SLOT_H * np.asarray(lit_slots, dtype=np.float64)
    if pickup.decay_h <= 0:
        return np.zeros_like(since_h)
    mean = -np.expm1(-SLOT_H / pickup.decay_h) * pickup.decay_h / SLOT_H
    return np.asarray(mean * np.exp(-since_h / pickup.decay_h))


def pickup_multiplier(
    dark_slots: ArrayLike, lit_slots: ArrayLike, pickup: Pickup
) -> NDArray[np.float64]:
    """How many times its ordinary load a feeder draws in a slot after a cut.

    The mean over the slot of ``1 + extra · (1 − exp(−d / growth_h)) · exp(−s / decay_h)``. It is
    the product ``1 + extra · pickup_growth(d) · pickup_decay(s)``, so a kernel may look both
    factors up in tables.

    Parameters
    ----------
    dark_slots
        Length of the last dark run in slots; 0 where there was none.
    lit_slots
        Full slots lit between the return and this slot: 0 for the first slot after the return.
    pickup
        Constants of the pickup.

    Returns
    -------
    NDArray[np.float64]
        Multiplier, 1 or more, of the shape that the two arguments broadcast to.
    """
    return np.asarray(
        1.0 + pickup.extra * pickup_growth(dark_slots, pickup) * pickup_decay(lit_slots, pickup)
    )


def served_load(
    demand: Demand,
    lit: NDArray[np.bool_],
    *,
    dark_before: NDArray[np.int64] | None = None,
    lit_before: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Load that is really drawn under a switching pattern, pickup included.

    Only the last dark run counts: what is left of an earlier run's pickup is forgotten when the
    feeder goes dark again. Critical customers and heaters have no pickup; heaters have a state
    of their own, which `vatra.homes` follows.

    Parameters
    ----------
    demand
        What the feeders would draw.
    lit
        Feeder × slot: True where the feeder has power.
    dark_before
        Feeder: slots of the last dark run before the grid starts, 0 for none. By default none.
    lit_before
        Feeder: slots lit between that run and the grid's start; 0, the default, where the run
        lasts up to the start.

    Returns
    -------
    NDArray[np.float64]
        Feeder × slot: mean load, MW; 0 where dark.
    """
    lit = np.asarray(lit, dtype=np.bool_)
    if lit.shape != demand.load_mw.shape:
        raise ValueError(f"lit is {lit.shape}, but the demand is {demand.load_mw.shape}")
    feeders, slots = lit.shape
    dark = np.zeros(feeders) if dark_before is None else np.array(dark_before, dtype=np.float64)
    light = np.zeros(feeders) if lit_before is None else np.array(lit_before, dtype=np.float64)
    # The last run goes on while the feeder stays dark and is replaced by a new one otherwise.
    was_lit = (dark == 0) | (light > 0)
    extra = np.empty((slots, feeders))
    for slot in range(slots):
        on = lit[:, slot]
        dark = np.where(on, dark, np.where(was_lit, 1.0, dark + 1.0))
        light = np.where(on, light, 0.0)
        extra[slot] = pickup_growth(dark, demand.pickup) * pickup_decay(light, demand.pickup)
        light += on
        was_lit = on
    ordinary_mw = demand.load_mw - demand.critical_mw - demand.heater_mw
    return np.asarray((demand.load_mw + demand.pickup.extra * extra.T * ordinary_mw) * lit)
