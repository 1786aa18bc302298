"""An even rotation that keeps limits roughly, so that the first schedule knows of cold homes.

What heaters draw follows from how long homes are dark, hardly from which hours each one is. A
rotation drawn at random, without a look at any rule, tells it to a few per cent in a hundredth of
the time that a schedule takes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.demand import Demand, served_load
from vatra.planning.orders import Orders

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

TURN_H = 9.0
"""Hours in which each feeder has one dark and one light run; assumed."""
GOLDEN = 0.6180339887498949
"""Multiples of it, less whole numbers, spread evenly however many there are (Weyl)."""
FITS = 2
"""Times that the shares are set right by the load that came of them, pickup counted."""


def even_rotation(city: City, orders: Orders, demand: Demand, slot_h: float) -> Bool:
    """Return a rotation that keeps the limits on the whole.

    Feeders of the same limits have light for the same share of each turn, at hours that are spread
    evenly; those that are protected or reserved are cut only where what the others draw doesn't
    suffice.

    Parameters
    ----------
    city
        Whose feeders are meant.
    orders
        Limits. Queues that are ordered off are one more limit to the share.
    demand
        What feeders would draw.
    slot_h
        Length of a slot, hours.

    Returns
    -------
    NDArray[np.bool_]
        Feeder × slot: lit or not.
    """
    feeders, slots = demand.load_mw.shape
    kept = (city.feeders["protected"] | city.feeders["reserved"]).to_numpy(np.bool_)
    at = np.arange(feeders)[:, None] * GOLDEN + np.arange(slots) * (slot_h / TURN_H)
    place = at % 1.0
    limits = [(np.ones(feeders, np.bool_), orders.limit_mw)]
    limits += [(orders.members[area.area], area.limit_mw) for area in orders.areas]
    limits = [(of, most) for of, most in limits if np.isfinite(most).any()]
    share = _by_queues(city, orders)
    share = np.repeat(share[None], feeders, axis=0)
    share[kept] = 1.0
    drawn = demand.load_mw
    for _ in range(FITS):
        for members, limit_mw in limits:
            _fit(share, drawn, members, kept, limit_mw)
        lit: Bool = (place < share) & orders.available
        # What the feeders that are lit draw stands for those that are not, too.
        load = served_load(demand, lit)
        more = np.divide(
            load.sum(axis=0), (demand.load_mw * lit).sum(axis=0),
            out=np.ones(slots), where=(demand.load_mw * lit).sum(axis=0) > 0.0,
        )  # fmt: skip
        drawn = demand.load_mw * more
    return lit


def _by_queues(city: City, orders: Orders) -> Float:
    """Return the share of the turn that an order in queues leaves, by slot."""
    off = np.nan_to_num(orders.queues_off, nan=0.0)
    names = city.feeders["queue"].dropna().astype(str).str.split(".").str[0].nunique()
    return np.clip(1.0 - off / max(int(names), 1), 0.0, 1.0)


def _fit(share: Float, drawn: Float, members: Bool, kept: Bool, limit_mw: Float) -> None:
    """Lower shares until what members draw keeps a limit; changes `share`."""
    most = np.where(np.isnan(limit_mw), np.inf, limit_mw)
    for some, other in ((members & ~kept, members & kept), (members & kept, members & ~kept)):
        own = (share[some] * drawn[some]).sum(axis=0)
        rest = (share[other] * drawn[other]).sum(axis=0)
        room = np.maximum(most - rest, 0.0)
        part = np.divide(room, own, out=np.ones_like(own), where=own > room)
        share[some] *= part
