"""From homes to places to stay: zones, pick-up points, roads through the city, ways out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.relocation.network import ENDLESS, Network, make_network
from vatra.relocation.rules import MoveRules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_LAG = 10_000


@dataclass(frozen=True)
class Zones:
    """Parts of a city whose people travel as one.

    Parameters
    ----------
    name, district_id
        By zone.
    xy
        Zone × 2: where most of its people are, metres; None where that isn't known.
    pickups
        Pick-up points by zone.
    tail, head, people_h
        By road between two zones: its ends, and people in cars who may drive on it in an hour.
        None where cars get from everywhere to every road out.
    """

    name: NDArray[np.object_]
    district_id: NDArray[np.object_]
    xy: Floats | None
    pickups: Ints
    tail: Ints | None = None
    head: Ints | None = None
    people_h: Floats | None = None


@dataclass(frozen=True)
class Exits:
    """The network out of a city, and what its parts stand for.

    Parameters
    ----------
    network
        Places: cars by zone, people on foot by zone, pick-up points by zone, ways, destinations.
    way
        By arc of the network: row of the way that it is, -1 for others.
    kind
        By arc: ``way``, ``pick-up``, ``street`` or ``link``.
    zones, ways, destinations
        What it was made of; of the destinations those that are used.
    """

    network: Network
    way: Ints
    kind: NDArray[np.object_]
    zones: Zones
    ways: pd.DataFrame
    destinations: pd.DataFrame

    def homes(self, zone: Ints, by_car: NDArray[np.bool_]) -> Ints:
        """Return the place of people of each zone, by car or on foot."""
        return np.where(by_car, zone, zone + self.zones.name.size)


def choose_destinations(destinations: pd.DataFrame, people: int) -> pd.DataFrame:
    """Return who takes people in: those with their own heat and water alone while they suffice.

    Parameters
    ----------
    destinations
        The city's table.
    people
        How many are to move.
    """
    sound = destinations[destinations["own_heat"] & destinations["own_water"]]
    return sound if int(sound["beds"].sum()) >= people else destinations


def lay_exits(
    zones: Zones, ways: pd.DataFrame, destinations: pd.DataFrame, room: Ints, rules: MoveRules,
    *, way_xy: Floats | None = None,
) -> Exits:  # fmt: skip
    """Lay the network out of a city.

    Cars drive from zone to zone to the road out; people without a car walk to a pick-up point of
    their zone and go by shuttle to a station or by bus out of the city. Roads, buses and pick-up
    points take in an hour what the rules say; nobody waits on the way.

    Parameters
    ----------
    zones
        Parts of the city.
    ways
        Ways out.
    destinations
        Where people may stay. Ways to others are left out.
    room
        Step × way: people who may set out.
    rules
        What is assumed.
    way_xy
        Way × 2: where the ways begin, metres; None where that isn't known.
    """
    count, steps = zones.name.size, room.shape[0]
    known = destinations.index.get_indexer(pd.Index(ways["destination_id"]))
    car, foot, pick = np.arange(count), count + np.arange(count), 2 * count + np.arange(count)
    hub = 3 * count + np.arange(len(ways))
    host = 3 * count + len(ways) + np.arange(len(destinations))
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints, str]] = []

    def add(tail: Ints, head: Ints, lag: Ints, a_step: Ints, *, kind: str, way: int = -1) -> None:
        rooms = np.broadcast_to(a_step, (steps, tail.size)).astype(np.int64)
        parts.append((tail, head, lag, rooms, np.full(tail.size, way), kind))

    none = np.zeros(count, dtype=np.int64)
    step_h = rules.step_h
    a_pickup = np.maximum(zones.pickups, 1) * rules.pickup_people_h * step_h
    add(foot, pick, none + 1, a_pickup.astype(np.int64), kind="pick-up")
    if zones.tail is not None and zones.head is not None and zones.people_h is not None:
        streets = np.minimum(zones.people_h * step_h, ENDLESS).astype(np.int64)
        add(zones.tail, zones.head, np.zeros_like(zones.tail), streets, kind="street")
    for number, (kind, district, travel_h) in enumerate(
        zip(ways["kind"], ways["district_id"], ways["travel_h"], strict=True)
    ):
        if known[number] < 0:
            continue
        serves = np.arange(count)
        if isinstance(district, str) and district:
            serves = np.flatnonzero(zones.district_id == district)
        lag = np.zeros(serves.size, dtype=np.int64)
        far: Floats | None = None
        if zones.xy is not None and way_xy is not None:
            far = np.hypot(*(zones.xy[serves] - way_xy[number]).T)
        if kind == "road":
            if zones.tail is not None and far is not None and far.size:
                serves, lag = serves[[far.argmin()]], lag[:1]
            starts = car[serves]
        else:
            if kind == "rail" and far is not None:
                lag = np.floor(far * rules.detour / 1000.0 / rules.shuttle_km_h / step_h)
                lag = lag.astype(np.int64)
            starts = pick[serves]
        endless = np.full(serves.size, ENDLESS)
        add(starts, np.full(serves.size, hub[number]), lag, endless, kind="link")
        took = max(int(np.ceil(travel_h / step_h - 1e-9)), 1)
        there = room[:, [number]]
        add(hub[[number]], host[[known[number]]], np.array([took]), there, kind="way", way=number)
    beyond = destinations.index.get_indexer(pd.Index(destinations["beyond_id"]))
    on = np.flatnonzero(beyond >= 0)
    took_on = np.maximum(np.ceil(destinations["beyond_h"].to_numpy()[on] / step_h - 1e-9), 1)
    add(
        host[on], host[beyond[on]], took_on.astype(np.int64), np.full(on.size, ENDLESS), kind="link"
    )
    tail, head, lag = (np.concatenate([p[i] for p in parts]) for i in range(3))
    network, order = make_network(
        3 * count + len(ways) + len(destinations),
        tail=tail,
        head=head,
        lag=np.minimum(lag, MOST_LAG),
        room=np.concatenate([p[3] for p in parts], axis=1),
        host=host,
        beds=destinations["beds"].to_numpy(),
    )
    kinds = np.concatenate([np.full(p[0].size, p[5], dtype=object) for p in parts])
    way = np.concatenate([p[4] for p in parts])
    return Exits(network, way[order], kinds[order], zones, ways, destinations)
