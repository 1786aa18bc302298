"""What is to be repaired, by whom, and the answer: when each repair begins and what it brings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from vatra.city.model import City
from vatra.situation.model import Situation

DEFAULT_SKILL = {
    "lines": "power", "substations": "power", "power_sources": "power", "feeders": "power",
    "pumps": "water", "heat_sources": "heat", "heat_zones": "heat",
}  # fmt: skip
"""Skill that damage of a table takes where nobody says another."""

TRAVEL_KM_H = 20.0
"""Speed of a repair crew with its lorries in a dark city in winter, km/h; assumed."""

DETOUR = 1.3
"""Length by road over that in a straight line; assumed, usual of cities."""

NO_DEPOT_H = 1.0
"""Travel where the depot or the place isn't known, h; assumed."""

REPAIR_COLUMNS = ("table", "asset_id", "skill", "hours", "from_slot", "travel_h")


@dataclass(frozen=True)
class Restoration:
    """The order of repairs that gives most people-hours back, and how good it is proved to be.

    Parameters
    ----------
    order
        One row a repair, in the order of its start: ``table``, ``asset_id``, ``skill``, ``depot``,
        ``travel_h``, ``repair_h``, ``start`` and ``end`` (hours from the start of the horizon, to
        when it works again), ``gained`` (people-hours that the model gives it: what all repairs
        up to it bring, less what those before it bring).
    not_done
        Repairs that are not finished within the horizon: the same first four columns.
    gained
        People-hours of ``light``, ``water`` and ``heat`` gained over no repair at all, by the
        linear model.
    simulated
        The same by the networks' simulation, with the order's ends of damage; empty where it
        wasn't run.
    people_hours
        Served by the linear model with this order.
    bound
        People-hours that no order serves more than, by the linear model.
    without
        People-hours served without any repair, by the linear model.
    power_holds
        Whether DC and AC flow carry what is served after the repairs; None where it wasn't checked.
    """

    order: pd.DataFrame
    not_done: pd.DataFrame
    gained: dict[str, float]
    people_hours: float
    bound: float
    without: float
    simulated: dict[str, float] = field(default_factory=dict)
    power_holds: bool | None = None

    @property
    def gap(self) -> float:
        """How far the gain can be from the best, relative to the best that the bound allows."""
        most = self.bound - self.without
        return max(self.bound - self.people_hours, 0.0) / most if most > 1e-9 else 0.0


def repairs_of(city: City, situation: Situation) -> pd.DataFrame:
    """Return what of a situation's damage can be repaired: damage whose repair hours are known.

    Parameters
    ----------
    city
        The city.
    situation
        Its damage is used: that which isn't over by itself within the horizon.

    Returns
    -------
    pd.DataFrame
        ``table``, ``asset_id``, ``skill``, ``hours``, ``from_slot``, ``place`` (a point, or None).
    """
    rows = []
    for damage in situation.damage:
        if damage.repair_h is None or damage.table not in DEFAULT_SKILL:
            continue
        if damage.end_known and damage.end_slot <= situation.grid.slots:
            continue
        rows.append((
            damage.table, damage.asset_id, damage.skill or DEFAULT_SKILL[damage.table],
            float(damage.repair_h), max(damage.first_slot, 0),
            _place(city, damage.table, damage.asset_id),
        ))  # fmt: skip
    columns = ["table", "asset_id", "skill", "hours", "from_slot", "place"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(["table", "asset_id"])


def _place(city: City, table: str, asset_id: str) -> tuple[float, float] | None:
    frame = city.tables()[table]
    if "geometry" not in frame or asset_id not in frame.index:
        return None
    shape = frame.loc[asset_id, "geometry"]
    if shape is None or shapely.is_empty(shape):
        return None
    middle = shapely.centroid(shape)
    return float(middle.x), float(middle.y)


def crews_table(situation: Situation) -> pd.DataFrame:
    """Return a situation's crews: ``skill``, ``count``, ``depot`` (a point, or None), ``name``.

    Parameters
    ----------
    situation
        The situation.
    """
    rows = [(c.skill, c.count, c.depot, c.name) for c in situation.crews]
    return pd.DataFrame(rows, columns=["skill", "count", "depot", "name"])


def travel_h(depot: object, place: object) -> float:
    """Return how long a crew is on its way from its depot, hours.

    Parameters
    ----------
    depot, place
        Points in m, or None where one isn't known.
    """
    if not (isinstance(depot, tuple) and isinstance(place, tuple)):
        return NO_DEPOT_H
    metres = float(np.hypot(depot[0] - place[0], depot[1] - place[1]))
    return DETOUR * metres / 1e3 / TRAVEL_KM_H
