"""Recount moves from scratch: nobody twice, nothing over its capacity, nobody from nowhere."""

from __future__ import annotations

import numpy as np

from vatra.relocation.network import Crowd, Moves, Network


def check_moves(network: Network, crowds: list[Crowd], moves: list[Moves]) -> list[str]:
    """Find everything that is wrong with the moves of several crowds over one network.

    Parameters
    ----------
    network
        Ways and places to stay, as they were before anybody moved.
    crowds, moves
        Who was to leave, and who does.

    Returns
    -------
    list[str]
        One sentence each; empty where all is right.
    """
    found: list[str] = []
    slots = network.slots
    used = np.zeros(network.room.shape, dtype=np.int64)
    slept = np.zeros(network.beds.size, dtype=np.int64)
    for number, (crowd, move) in enumerate(zip(crowds, moves, strict=True)):
        name = f"crowd {number}"
        used += move.moved
        slept += move.arrived.sum(axis=1)
        for what, numbers in (("moved", move.moved), ("gone", move.gone), ("left", move.left),
                              ("arrived", move.arrived)):  # fmt: skip
            if (numbers < 0).any():
                found.append(f"{name}: {what} has numbers below 0")
        wrong = np.flatnonzero(move.gone.sum(axis=1) + move.left != crowd.people)
        found += [f"{name}: group {g} has people who are lost or counted twice" for g in wrong]
        slot = np.arange(slots)
        early = (move.gone > 0) & (slot < crowd.release[:, None])
        late = (move.gone > 0) & (slot > crowd.last[:, None])
        found += [f"{name}: group {g} sets out too early" for g in np.flatnonzero(early.any(1))]
        found += [f"{name}: group {g} sets out too late" for g in np.flatnonzero(late.any(1))]
        # What comes to a place in a slot goes on in the same slot, or stays there for good.
        balance = np.zeros((slots, network.places), dtype=np.int64)
        for g in range(crowd.people.size):
            balance[:, crowd.home[g]] += move.gone[g]
        for a in np.flatnonzero(move.moved.any(axis=0)):
            lag = int(network.lag[a])
            out = move.moved[:, a].astype(np.int64)
            balance[:, network.tail[a]] -= out
            balance[lag:, network.head[a]] += out[: slots - lag]
            if out[slots - lag :].any():
                found.append(f"{name}: people are on the way when the plan ends")
        for d in range(network.host.size):
            balance[:, network.host[d]] -= move.arrived[d]
        found += [
            f"{name}: {abs(int(balance[s, v]))} people vanish or appear at place {v} in slot {s}"
            for s, v in np.argwhere(balance != 0)
        ]
    found += [
        f"arc {a} carries {used[s, a]} people in slot {s}, it has room for {network.room[s, a]}"
        for s, a in np.argwhere(used > network.room)
    ]
    found += [
        f"destination {d} takes {slept[d]} people, it has beds for {network.beds[d]}"
        for d in np.flatnonzero(slept > network.beds)
    ]
    return found
