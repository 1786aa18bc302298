"""People who are to leave, by zone, by car or on foot, by tier and by when."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.relocation.exits import Exits
from vatra.relocation.network import Crowd
from vatra.relocation.rules import MoveRules
from vatra.warm_points.need import round_to_sum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_DUE = 10**6
"""Step of a deadline that never comes."""
TIERS = ("vulnerable", "others")


def who_leaves(
    zone: Ints, people: Ints, vulnerable: Ints, due_h: Floats, rules: MoveRules,
    *, car_share: Floats | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Sort people who are to leave into groups that travel as one.

    Parameters
    ----------
    zone
        By block or place: its zone.
    people, vulnerable
        By block: who is to leave, and the infants, elderly and disabled among them.
    due_h
        By block: hours after the start by which they must have left home; infinite for no
        deadline.
    rules
        What is assumed.
    car_share
        By block; by default that of the rules.

    Returns
    -------
    pandas.DataFrame
        ``zone``, ``tier`` (``vulnerable``: with the people who travel with them; ``others``),
        ``by_car``, ``due`` (last step in which they may set out), ``people``. Everybody is in one
        row only.
    """
    share = np.full(zone.size, rules.car_share) if car_share is None else car_share
    party = np.floor(vulnerable * (1.0 + rules.companions)).astype(np.int64)
    party = np.minimum(np.maximum(party, np.minimum(vulnerable, people)), people)
    steps = np.floor(np.where(np.isfinite(due_h), due_h, 0.0) / rules.step_h + 1e-9) - 1
    due = np.where(np.isfinite(due_h), np.maximum(steps, -1), NO_DUE).astype(np.int64)
    parts = []
    for tier, number in zip(TIERS, (party, people - party), strict=True):
        by_car = np.minimum(round_to_sum(number * share), number)
        for car, own in ((True, by_car), (False, number - by_car)):
            parts.append(
                pd.DataFrame({"zone": zone, "tier": tier, "by_car": car, "due": due, "people": own})
            )
    table = pd.concat(parts, ignore_index=True)
    table = table[table["people"] > 0]
    keys = ["zone", "tier", "by_car", "due"]
    summed: pd.DataFrame = table.groupby(keys, as_index=False, sort=True)[["people"]].sum()
    return summed


def crowd_of(exits: Exits, who: pd.DataFrame, first: int, *, until_due: bool = False) -> Crowd:
    """Return groups as the network takes them.

    Parameters
    ----------
    exits
        The network.
    who
        Rows as `who_leaves` returns them.
    first
        First step in which anybody sets out.
    until_due
        Let nobody set out after the deadline; by default all go in the end.
    """
    last = np.full(len(who), exits.network.slots - 1, dtype=np.int64)
    if until_due:
        last = np.minimum(last, who["due"].to_numpy(dtype=np.int64))
    by_car = who["by_car"].to_numpy(dtype=bool)
    home = exits.homes(who["zone"].to_numpy(dtype=np.int64), by_car)
    return Crowd(
        home=home.astype(np.int32),
        release=np.full(len(who), max(first, 0), dtype=np.int32),
        last=last.astype(np.int32),
        people=who["people"].to_numpy(dtype=np.int64),
    )
