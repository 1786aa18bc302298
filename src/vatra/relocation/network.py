"""Ways through a city and out of it as a network in time, and the earliest arrivals over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vatra.relocation._flow import push_earliest

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]

ENDLESS = 2**30
"""Room of an arc that limits nobody."""


@dataclass(frozen=True)
class Network:
    """Places, what joins them, and where people may stay.

    Parameters
    ----------
    places
        How many places there are; an arc names its ends by number.
    tail, head
        By arc: the place where it begins, and where it ends.
    lag
        By arc: slots from setting out to arriving.
    room
        Slot × arc: people who may set out on it in the slot. Nobody waits at a place but at
        home, unless an arc joins the place to itself.
    host, beds
        By destination: its place, and people who may stay there.
    """

    places: int
    tail: Ints32
    head: Ints32
    lag: Ints32
    room: Ints32
    host: Ints32
    beds: Ints

    @property
    def slots(self) -> int:
        """Number of slots."""
        return int(self.room.shape[0])


@dataclass(frozen=True)
class Crowd:
    """Groups of people who are to leave.

    Parameters
    ----------
    home
        By group: the place where it lives.
    release, last
        By group: first and last slot in which it may set out.
    people
        By group: how many.
    """

    home: Ints32
    release: Ints32
    last: Ints32
    people: Ints


@dataclass(frozen=True)
class Moves:
    """Who sets out, travels and arrives when.

    Parameters
    ----------
    moved
        Slot × arc: people who set out on it.
    gone
        Group × slot: people who leave home.
    arrived
        Destination × slot: people who arrive.
    left
        By group: people who find no way out within the slots.
    """

    moved: Ints32
    gone: Ints
    arrived: Ints
    left: Ints


def make_network(
    places: int,
    *,
    tail: NDArray[np.integer],
    head: NDArray[np.integer],
    lag: NDArray[np.integer],
    room: NDArray[np.integer],
    host: NDArray[np.integer],
    beds: NDArray[np.integer],
) -> tuple[Network, Ints]:
    """Lay a network out for the kernel.

    Parameters
    ----------
    places, tail, head, lag, host, beds
        As in `Network`.
    room
        Slot × arc, as in `Network`; larger numbers count as endless.

    Returns
    -------
    Network
        With its arcs in the order of the places where they end.
    Ints
        Row of each of its arcs in what was given.

    Raises
    ------
    ValueError
        If an arc takes no time and leads to where it begins, a number is negative, or shapes
        don't fit.
    """
    if room.ndim != 2 or room.shape[1] != tail.size or not tail.size == head.size == lag.size:
        raise ValueError(f"room is {room.shape}, but there are {tail.size} arcs")
    for name, numbers in (("lag", lag), ("room", room), ("beds", beds)):
        if (numbers < 0).any():
            raise ValueError(f"{name} has numbers below 0")
    if ((lag == 0) & (tail == head)).any():
        raise ValueError("an arc that takes no time leads to where it begins")
    order = np.argsort(head, kind="stable")  # arcs into a place lie together in memory
    network = Network(
        places=places,
        tail=tail[order].astype(np.int32),
        head=head[order].astype(np.int32),
        lag=lag[order].astype(np.int32),
        room=np.ascontiguousarray(np.minimum(room, ENDLESS)[:, order].astype(np.int32)),
        host=host.astype(np.int32),
        beds=beds.astype(np.int64),
    )
    return network, order.astype(np.int64)


def send_earliest(network: Network, crowd: Crowd, *, swap_beds: bool = False) -> Moves:
    """Send people so that, at every slot, as many as possible have arrived by then.

    Parameters
    ----------
    network
        Ways and places to stay.
    crowd
        Who is to leave.
    swap_beds
        Let an arrival give up its bed for a later one and go elsewhere, while that brings more
        people in. As many as can then find a bed in the end, some of them later than they could.

    Returns
    -------
    Moves
        Exact where no destination fills up: no plan has more arrivals by any slot. Where one
        does, the first to arrive keep their beds unless `swap_beds` is set.
    """
    return _send(network, crowd, swap_beds=swap_beds)[0]


def most_by_slot(network: Network, crowd: Crowd) -> Ints:
    """Return how many can have arrived by each slot at most, beds counted.

    Parameters
    ----------
    network, crowd
        Who leaves, and over what.

    Returns
    -------
    Ints
        By slot, each the exact maximum on its own; where destinations fill up, no one plan need
        reach all of them.
    """
    most: Ints = _send(network, crowd, swap_beds=True)[1].cumsum()
    return most


def _send(network: Network, crowd: Crowd, *, swap_beds: bool) -> tuple[Moves, Ints]:
    """Return the moves, and by slot how many more people are in than by the slot before."""
    slots, places, host = network.slots, network.places, network.host
    tail, head, lag, room = network.tail, network.head, network.lag, network.room.copy()
    chain = np.full(host.size, -1, dtype=np.int32)
    if swap_beds:
        # Each destination gets a place of its own where arrivals wait until the last slot.
        inside = np.arange(places, places + host.size, dtype=np.int32)
        chain = np.arange(tail.size, tail.size + host.size, dtype=np.int32)
        tail, head = np.concatenate([tail, inside, host]), np.concatenate([head, inside, inside])
        lag = np.concatenate([lag, np.repeat(np.array([1, 0], dtype=np.int32), host.size)])
        stay = np.full((slots, 2 * host.size), ENDLESS, dtype=np.int32)
        room = np.ascontiguousarray(np.concatenate([room, stay], axis=1))
        host, places = inside, places + host.size
    moved = np.zeros_like(room)
    left = crowd.people.astype(np.int64)
    gone = np.zeros((crowd.home.size, slots), dtype=np.int64)
    arrived = np.zeros((host.size, slots), dtype=np.int64)
    in_start, in_arc = _star(head, places)
    out_start, out_arc = _star(tail, places)
    at_start, at_group = _star(crowd.home, places)
    push_earliest(
        tail, head, lag, room, moved, in_start, in_arc, out_start, out_arc,
        crowd.home.astype(np.int32), np.maximum(crowd.release, 0).astype(np.int32),
        np.minimum(crowd.last, slots - 1).astype(np.int32), left, gone, at_start, at_group,
        host, network.beds.copy(), chain, arrived,
    )  # fmt: skip
    gain: Ints = arrived.sum(axis=0)
    arcs = network.tail.size
    if swap_beds:  # who arrives when is what goes inside, not what each slot gained
        arrived = np.ascontiguousarray(moved[:, arcs + host.size :].T.astype(np.int64))
    return Moves(np.ascontiguousarray(moved[:, :arcs]), gone, arrived, left), gain


def without(network: Network, moves: Moves) -> Network:
    """Return what a network has left when some people's moves are settled.

    Parameters
    ----------
    network
        What they travel on.
    moves
        Their moves.
    """
    return replace(
        network,
        room=np.ascontiguousarray(network.room - moves.moved),
        beds=network.beds - moves.arrived.sum(axis=1),
    )


def _star(ends: NDArray[np.integer], places: int) -> tuple[Ints32, Ints32]:
    """Return where each place's entries begin, and the entries sorted by place."""
    start = np.zeros(places + 1, dtype=np.int32)
    start[1:] = np.cumsum(np.bincount(ends, minlength=places))
    return start, np.argsort(ends, kind="stable").astype(np.int32)
