"""What must be decided by when, and what is still possible when it is decided late."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.relocation.exits import Exits
from vatra.relocation.groups import NO_DUE, TIERS, crowd_of
from vatra.relocation.model import Notice
from vatra.relocation.network import send_earliest, without
from vatra.relocation.rules import MoveRules

Floats = NDArray[np.float64]

LEADS_H = (-12.0, -6.0, 0.0, 6.0, 12.0, 24.0, 36.0, 48.0, 72.0, 96.0, 120.0, 168.0)
"""Hours from the decision to the failure that are tried."""

Open = Callable[[float, int], Exits]


def find_notice(
    who: pd.DataFrame, opens: Open, due_h: Floats, people: NDArray[np.int64], rules: MoveRules,
    *, threshold_c: float, leads_h: Sequence[float] = LEADS_H,
) -> Notice:  # fmt: skip
    """Count who is late by how long before a failure moving is decided.

    In each case the vulnerable go first, each group only until its homes are too cold; as many
    as possible get away in time. The number of the late is exact for the model: a maximum flow.

    Parameters
    ----------
    who
        Groups, as `who_leaves` returns them, with ``due`` in steps after the failure.
    opens
        Gives the network when it is decided so many hours before the failure, with so many
        steps, the first of them that of the decision.
    due_h, people
        By block: hours from the failure until it is too cold (infinite: not within the hours
        looked at), and residents.
    rules
        What is assumed.
    threshold_c
        Indoor temperature that counts as too cold, °C.
    leads_h
        Hours from the decision to the failure that are tried; negative ones lie after it.

    Returns
    -------
    Notice
        What must be decided by when.
    """
    who = who[who["due"] < NO_DUE].reset_index(drop=True)
    step_h = rules.step_h

    def late(lead_h: float, *, everyone: bool) -> tuple[int, int]:
        return late_at(who, opens, lead_h, rules, everyone=everyone)

    leads = sorted({*leads_h, rules.notice_h})
    table = pd.DataFrame(
        [(lead, *late(lead, everyone=True)) for lead in leads],
        columns=["lead_h", "vulnerable", "all"],
    )
    steps = [
        ("vulnerable", *_least(table, "vulnerable", late, step_h)),
        ("all", *_least(table, "all", late, step_h)),
    ]
    order = np.argsort(due_h, kind="stable")
    share = np.cumsum(people[order]) / max(int(people.sum()), 1)
    half = due_h[order][int(np.searchsorted(share, 0.5).clip(0, due_h.size - 1))]
    row = table[table["lead_h"] == rules.notice_h].iloc[0]
    return Notice(
        late=table,
        vulnerable=int(who.loc[who["tier"] == TIERS[0], "people"].sum()),
        people=int(who["people"].sum()),
        decide=pd.DataFrame(steps, columns=["step", "lead_h", "left"]),
        notice_h=rules.notice_h,
        late_vulnerable=int(row["vulnerable"]),
        late_all=int(row["all"]),
        threshold_c=threshold_c,
        first_h=float(due_h.min(initial=np.inf)),
        half_h=float(half),
    )


def late_at(
    who: pd.DataFrame, opens: Open, lead_h: float, rules: MoveRules, *, everyone: bool = True
) -> tuple[int, int]:
    """Count who can't leave in time when it is decided so many hours before a failure.

    Parameters
    ----------
    who, opens, rules
        As of `find_notice`.
    lead_h
        Hours from the decision to the failure.
    everyone
        Send the others too, not the vulnerable alone.

    Returns
    -------
    tuple[int, int]
        The vulnerable, and all who are late.
    """
    shifted = who[who["due"] < NO_DUE]
    shifted = shifted.assign(due=shifted["due"] + int(np.floor(lead_h / rules.step_h)))
    last = int(shifted["due"].max()) if len(shifted) else 0
    exits = opens(lead_h, max(last + 1, 1))
    left, waiting = exits.network, [0, 0]
    for number, tier in enumerate(TIERS if everyone else TIERS[:1]):
        mine = shifted[shifted["tier"] == tier]
        crowd = crowd_of(exits, mine, int(np.ceil(rules.pack_h / rules.step_h)), until_due=True)
        moves = send_earliest(left, crowd)
        left = without(left, moves)
        waiting[number] = int(moves.left.sum())
    return waiting[0], waiting[0] + waiting[1]


def _least(
    table: pd.DataFrame, column: str, late: Callable[..., tuple[int, int]], step_h: float
) -> tuple[float, int]:
    """Return the shortest lead with nobody late, to the hour, or NaN and who is late at most."""
    numbers = table[column].to_numpy()
    bad = np.flatnonzero(numbers > 0)
    if not bad.size:
        return float(table["lead_h"].iloc[0]), 0
    if bad[-1] == len(table) - 1:
        return float("nan"), int(numbers[-1])
    low, high = table["lead_h"].iloc[bad[-1]], table["lead_h"].iloc[bad[-1] + 1]
    everyone = column == "all"
    while high - low > max(1.0, step_h):
        middle = float(np.round((low + high) / 2.0))
        if late(middle, everyone=everyone)[int(everyone)] == 0:
            high = middle
        else:
            low = middle
    return float(high), 0
