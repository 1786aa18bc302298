"""The staged plan: the vulnerable first, then the rest, as early as the ways out allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.relocation.bound import cut_bound
from vatra.relocation.exits import Exits
from vatra.relocation.groups import NO_DUE, TIERS, crowd_of
from vatra.relocation.model import MovePlan
from vatra.relocation.network import Crowd, Moves, Network, most_by_slot, send_earliest, without
from vatra.relocation.rules import MoveRules
from vatra.relocation.spare import what_binds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stage_moves(
    exits: Exits, who: pd.DataFrame, start: pd.Timestamp, rules: MoveRules,
    *, name: str = "some", walk_none: int = 0,
) -> MovePlan:  # fmt: skip
    """Plan who leaves when, by which way, and bound how long it takes at least.

    Groups go in this order, each as early as what is left of the ways allows: the vulnerable
    whose homes fail soonest, the other vulnerable, then the rest likewise. The bound comes from
    sending all of them at once with no order, at most by every step: no plan clears earlier.

    Parameters
    ----------
    exits
        The network.
    who
        Groups, as `who_leaves` returns them.
    start
        When it is decided, UTC: the first step of the network.
    rules
        What is assumed.
    name
        ``some`` or ``all``.
    walk_none
        People to be fetched.

    Returns
    -------
    MovePlan
        The plan.
    """
    network, first = exits.network, int(np.ceil(rules.pack_h / rules.step_h))
    urgent = who["due"] <= rules.urgent_h / rules.step_h
    stages = [
        who[(who["tier"] == tier) & (urgent if soon else ~urgent)].reset_index(drop=True)
        for tier in TIERS
        for soon in (True, False)
    ]
    stages = [stage for stage in stages if len(stage)]
    crowds: list[Crowd] = []
    moves: list[Moves] = []
    left = network
    for stage in stages:
        crowds.append(crowd_of(exits, stage, first))
        moves.append(_send(left, crowds[-1]))
        left = without(left, moves[-1])
    pooled = most_by_step(network, crowd_of(exits, who, first))
    frail = who[who["tier"] == TIERS[0]]
    frail_most = most_by_step(network, crowd_of(exits, frail, first))
    nobody = np.zeros((network.host.size, network.slots), dtype=np.int64)
    arrived = _sum([nobody, *(m.arrived for m in moves)])
    tiers = [str(stage["tier"].iloc[0]) for stage in stages]
    of_frail = _sum(
        [nobody, *(m.arrived for m, t in zip(moves, tiers, strict=True) if t == TIERS[0])]
    )
    people, vulnerable = int(who["people"].sum()), int(frail["people"].sum())
    times = start + pd.to_timedelta((np.arange(network.slots) + 1) * rules.step_h, unit="h")
    gone = _sum([nobody[:0].sum(axis=0), *(m.gone.sum(axis=0) for m in moves)])
    total = arrived.sum(axis=0).cumsum()
    curve = pd.DataFrame(
        {
            "left_home": gone.cumsum(), "arrived": total,
            "vulnerable": of_frail.sum(axis=0).cumsum(), "bound": pooled,
        },
        index=pd.DatetimeIndex(times, name="time"),
    )  # fmt: skip
    shown = int(np.argmax(total == total[-1])) + 1 if people else 1
    last = last_departures(exits, _moved(exits, moves), rules)
    return MovePlan(
        name=name,
        start=start,
        step_h=rules.step_h,
        people=people,
        vulnerable=vulnerable,
        departures=_departures(exits, stages, moves, start, rules),
        curve=curve.iloc[:shown],
        ways=_ways(exits, moves, start, rules),
        arrivals=exits.destinations[["name", "name_uk", "beds"]].assign(people=arrived.sum(axis=1)),
        binding=what_binds(exits, crowd_of(exits, who, first), rules),
        clearance_h=_hours_until(total, people, rules),
        clearance_bound_h=_hours_until(pooled, people, rules),
        vulnerable_h=_hours_until(curve["vulnerable"].to_numpy(), vulnerable, rules),
        vulnerable_bound_h=_hours_until(frail_most, vulnerable, rules),
        cut_h=ways_alone(exits, who, rules),
        last_car_h=last["car"],
        last_pickup_h=last["pick-up"],
        no_way=people - int(total[-1]),
        late=_late(stages, moves),
        walk_none=walk_none,
        exits=exits,
        crowds=crowds,
        moves=moves,
    )


def most_by_step(network: Network, crowd: Crowd) -> Ints:
    """Return how many can have arrived by the end of each step at most, beds counted.

    Parameters
    ----------
    network, crowd
        Who leaves, and over what.

    Returns
    -------
    Ints
        By step; where destinations fill up, no one plan need reach all of these.
    """
    moves = send_earliest(network, crowd)
    full = (moves.arrived.sum(axis=1) >= network.beds) & (network.beds < crowd.people.sum())
    if full.any():
        return most_by_slot(network, crowd)
    return cut_bound(network, crowd, moves)


def _send(network: Network, crowd: Crowd) -> Moves:
    """Send a crowd as early as can be; where beds run out, so that the last are in earliest.

    Who arrives first keeps a bed that another could have used who now must go farther or stays
    without one. Where that costs, arrivals give up beds for later ones, within the fewest slots
    in which all of the crowd can be in.
    """
    moves = send_earliest(network, crowd)
    people = int(crowd.people.sum())
    full = (moves.arrived.sum(axis=1) >= network.beds) & (network.beds < people)
    if not full.any():
        return moves
    most = most_by_slot(network, crowd)
    arrived = moves.arrived.sum(axis=0).cumsum()
    slots = int(np.argmax(most == most[-1])) + 1
    if arrived[slots - 1] == most[-1]:
        return moves
    shorter = replace(network, room=np.ascontiguousarray(network.room[:slots]))
    swapped = send_earliest(shorter, crowd, swap_beds=True)
    rest = network.slots - slots
    return Moves(
        moved=np.pad(swapped.moved, ((0, rest), (0, 0))),
        gone=np.pad(swapped.gone, ((0, 0), (0, rest))),
        arrived=np.pad(swapped.arrived, ((0, 0), (0, rest))),
        left=swapped.left,
    )


def ways_alone(exits: Exits, who: pd.DataFrame, rules: MoveRules) -> dict[str, float]:
    """Return the hours that the ways need for those who travel on them, the simplest bound.

    Parameters
    ----------
    exits, who, rules
        As of `stage_moves`.
    """
    network, hours = exits.network, {}
    by_car = who["by_car"].to_numpy(dtype=bool)
    for name, mine, kinds in (
        ("car", by_car, ("road",)), ("pick-up", ~by_car, ("rail", "bus")),
    ):  # fmt: skip
        people = int(who["people"].to_numpy()[mine].sum())
        arcs = np.flatnonzero(exits.way >= 0)
        kind = exits.ways["kind"].to_numpy()[exits.way[arcs]]
        arcs = arcs[np.isin(kind, kinds)]
        room = network.room[:, arcs].astype(np.int64)
        there = np.zeros(network.slots + int(network.lag[arcs].max(initial=0)), dtype=np.int64)
        for a in range(arcs.size):
            lag = int(network.lag[arcs[a]])
            there[lag : lag + network.slots] += room[:, a]
        hours[name] = _hours_until(there.cumsum(), people, rules)
    return hours


def last_departures(exits: Exits, moved: NDArray[np.integer], rules: MoveRules) -> dict[str, float]:
    """Return the hours until the last departure on a road, and by train or bus; 0 for none.

    Parameters
    ----------
    exits, rules
        As of `stage_moves`.
    moved
        Step × arc, people.
    """
    hours = {}
    arcs = np.flatnonzero(exits.way >= 0)
    kind = exits.ways["kind"].to_numpy()[exits.way[arcs]]
    for name, own in (("car", kind == "road"), ("pick-up", kind != "road")):
        steps = np.flatnonzero((moved[:, arcs[own]] > 0).any(axis=1))
        hours[name] = float((steps[-1] + 1) * rules.step_h) if steps.size else 0.0
    return hours


def _hours_until(arrived: NDArray[np.integer], people: int, rules: MoveRules) -> float:
    done = np.flatnonzero(arrived >= people)
    if not people:
        return 0.0
    return float((done[0] + 1) * rules.step_h) if done.size else float("inf")


def _sum(parts: Iterable[NDArray[np.integer]]) -> Ints:
    total: Ints = np.sum([p.astype(np.int64) for p in parts], axis=0)
    return total


def _moved(exits: Exits, moves: list[Moves]) -> Ints:
    """Return who travels on each arc in each step, of all stages together."""
    return _sum([np.zeros_like(exits.network.room), *(m.moved for m in moves)])


def _late(stages: list[pd.DataFrame], moves: list[Moves]) -> dict[str, int]:
    late = dict.fromkeys(TIERS, 0)
    for stage, move in zip(stages, moves, strict=True):
        due = stage["due"].to_numpy()
        steps = np.arange(move.gone.shape[1])
        after = move.gone * (steps > due[:, None])
        never = np.where(due < NO_DUE, move.left, 0)
        late[str(stage["tier"].iloc[0])] += int(after.sum() + never.sum())
    return late


def _departures(
    exits: Exits, stages: list[pd.DataFrame], moves: list[Moves], start: pd.Timestamp,
    rules: MoveRules,
) -> pd.DataFrame:  # fmt: skip
    parts = []
    for stage, move in zip(stages, moves, strict=True):
        group, step = np.nonzero(move.gone)
        zone = stage["zone"].to_numpy()[group]
        parts.append(
            pd.DataFrame(
                {
                    "district_id": exits.zones.district_id[zone],
                    "time": start + pd.to_timedelta(step * rules.step_h, unit="h"),
                    "tier": stage["tier"].to_numpy()[group],
                    "by": np.where(stage["by_car"].to_numpy()[group], "car", "pick-up"),
                    "people": move.gone[group, step],
                }
            )
        )
    keys = ["district_id", "time", "tier", "by"]
    if not parts:
        return pd.DataFrame({k: [] for k in (*keys, "people")})
    table = pd.concat(parts, ignore_index=True)
    summed: pd.DataFrame = table.groupby(keys, as_index=False, sort=True)[["people"]].sum()
    return summed


def _ways(exits: Exits, moves: list[Moves], start: pd.Timestamp, rules: MoveRules) -> pd.DataFrame:
    moved, rows = _moved(exits, moves), []
    for arc in np.flatnonzero(exits.way >= 0):
        used, room = moved[:, arc], exits.network.room[:, arc]
        steps = np.flatnonzero(used)
        first, last = (int(steps[0]), int(steps[-1])) if steps.size else (0, -1)
        runs = room[first : last + 1] > 0
        full = (used >= room)[first : last + 1][runs]
        way = exits.ways.iloc[exits.way[arc]]
        rows.append(
            {
                "way_id": exits.ways.index[exits.way[arc]],
                "kind": way["kind"],
                "name": way["name"],
                "name_uk": way["name_uk"],
                "people": int(used.sum()),
                "first": start + pd.Timedelta(hours=first * rules.step_h)
                if steps.size else pd.NaT,
                "last": start + pd.Timedelta(hours=last * rules.step_h) if steps.size else pd.NaT,
                "full_share": float(full.mean()) if full.size else 0.0,
            }
        )  # fmt: skip
    columns = ["way_id", "kind", "name", "name_uk", "people", "first", "last", "full_share"]
    return pd.DataFrame(rows, columns=columns).set_index("way_id")
