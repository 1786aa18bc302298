"""Which capacity holds a plan up, and what one train, lane or bus more would save."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.relocation.exits import Exits
from vatra.relocation.network import Crowd, Moves, send_earliest
from vatra.relocation.rules import MoveRules

Ints = NDArray[np.int64]

MORE_BUSES = 50
"""Buses more that are tried."""
WORD = {"road": "lane", "rail": "train", "bus": "buses"}


def what_binds(exits: Exits, crowd: Crowd, rules: MoveRules) -> pd.DataFrame:
    """Find what is full to the end, and try a little more of it.

    Of each kind of way the one that is used longest is tried with one lane, one train an hour or
    50 buses more; everybody is sent anew, and the hours told by which the last departure comes
    earlier: 0 where that way is not what holds the plan up.

    Parameters
    ----------
    exits
        The network.
    crowd
        All who leave.
    rules
        What is assumed.

    Returns
    -------
    pandas.DataFrame
        As `MovePlan.binding` has it.
    """
    columns = ["what", "way_id", "saved_h"]
    if not crowd.people.sum():
        return pd.DataFrame({c: [] for c in columns})
    moves = send_earliest(exits.network, crowd)
    before = _last(exits, moves)
    rows = []
    for kind, word in WORD.items():
        longest = _longest(exits, moves, kind)
        if longest < 0:
            continue
        way = exits.ways.iloc[longest]
        more = {"road": way["lanes"], "rail": way["trains_h"], "bus": way["buses"] / MORE_BUSES}
        wider = with_extra(exits, longest, 1.0 / float(more[kind]))
        after = _last(wider, send_earliest(wider.network, crowd))
        mode = "car" if kind == "road" else "pick-up"
        saved = (before[mode] - after[mode]) * rules.step_h
        rows.append((word, str(exits.ways.index[longest]), float(saved)))
    used = moves.moved.sum(axis=0, dtype=np.int64)
    for kind in ("pick-up", "street"):
        arcs = np.flatnonzero((exits.kind == kind) & (used > 0))
        full = (moves.moved[:, arcs] >= exits.network.room[:, arcs]).sum(axis=0)
        busy = (moves.moved[:, arcs] > 0).sum(axis=0)
        if (full > 0.5 * busy).any():  # full more than half of the time that it is used
            rows.append((kind, "", float("nan")))
    full_towns = moves.arrived.sum(axis=1) >= exits.network.beds
    if 2 * int(full_towns.sum()) >= full_towns.size:  # half of them take nobody more
        rows.append(("beds", "", float("nan")))
    return pd.DataFrame(rows, columns=columns)


def with_extra(exits: Exits, way: int, share: float) -> Exits:
    """Return the network with a way that takes so much more, as a share of what it takes.

    Parameters
    ----------
    exits
        The network.
    way
        Row of the way.
    share
        For example 0.5 for a third lane beside two.
    """
    room = exits.network.room.astype(np.float64)
    mine = exits.way == way
    room[:, mine] = np.floor(room[:, mine] * (1.0 + share))
    network = replace(exits.network, room=np.ascontiguousarray(room.astype(np.int32)))
    return replace(exits, network=network)


def _longest(exits: Exits, moves: Moves, kind: str) -> int:
    """Return the way of a kind that is used longest, -1 where none is used."""
    best, at = -1, -1
    for arc in np.flatnonzero(exits.way >= 0):
        way = int(exits.way[arc])
        steps = np.flatnonzero(moves.moved[:, arc])
        if exits.ways["kind"].iloc[way] == kind and steps.size and steps[-1] > at:
            best, at = way, int(steps[-1])
    return best


def _last(exits: Exits, moves: Moves) -> dict[str, int]:
    """Return the last step with a departure by car and from pick-up points."""
    arcs = np.flatnonzero(exits.way >= 0)
    road = exits.ways["kind"].to_numpy()[exits.way[arcs]] == "road"
    last = {}
    for name, own in (("car", road), ("pick-up", ~road)):
        steps = np.flatnonzero((moves.moved[:, arcs[own]] > 0).any(axis=1))
        last[name] = int(steps[-1]) if steps.size else -1
    return last
