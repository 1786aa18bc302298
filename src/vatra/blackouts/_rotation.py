"""Kernels of the rotation by queue: exchanging spells between units, and pricing one unit's day."""

from __future__ import annotations

import numpy as np

from vatra._jit import njit
from vatra.blackouts.task import Flags, Floats, Ints

UNKNOWN = -1
"""State before the first slot: nothing is known of it."""

FAR = 1e18
"""Cost of what can't be."""

BARRED_RANK = 1e7
"""Rank of a switching that is barred: before evenness, after hours with light."""


@njit()
def run_allowed(row: Flags, t: int, before: int, age: int, limits: Ints) -> bool:
    """Tell whether the run in which slot `t` lies keeps to the limits on runs.

    Parameters
    ----------
    row
        Slot: whether the unit is dark.
    t
        A slot of the run.
    before, age
        State before the first slot (0 light, 1 dark, `UNKNOWN`), and for how many slots.
    limits
        Longest dark, shortest dark, shortest light, longest light, slots.
    """
    slots = len(row)
    state = row[t]
    first = t
    while first > 0 and row[first - 1] == state:
        first -= 1
    end = t + 1
    while end < slots and row[end] == state:
        end += 1
    length = end - first
    begun = first > 0
    if first == 0 and before != UNKNOWN:
        if (before == 1) == state:
            length += age
        elif age < (limits[1] if before == 1 else limits[2]):
            return False
        begun = True
    if length > (limits[0] if state else limits[3]):
        return False
    return not (begun and end < slots and length < (limits[1] if state else limits[2]))


@njit()
def barred_switchings(row: Flags, barred: Flags, before: int, first: int, end: int) -> int:
    """Count the switchings of a unit at the start of slots at which it is not to be switched.

    Parameters
    ----------
    row, barred
        By slot: whether the unit is dark; whether it is not to be switched.
    before
        State before the first slot; where it is unknown, nothing is known to be switched there.
    first, end
        Slots to look at: from, up to.
    """
    found = 0
    for t in range(first, end):
        if barred[t]:
            if t > 0:
                found += row[t] != row[t - 1]
            elif before != UNKNOWN:
                found += row[t] != (before == 1)
    return found


@njit()
def _outside(count: int, low: int, high: int) -> float:
    """Square of the slots by which a count is outside a window."""
    off = max(0, count - high, low - count)
    return float(off * off)


@njit()
def exchange(
    dark: Flags,
    before: Ints,
    age: Ints,
    limits: Ints,
    group: Flags,
    low: Ints,
    high: Ints,
    weight: Floats,
    rank: Floats,
    barred: Flags,
    barred_weight: float,
    block_weight: float,
    target: int,
    cap: int,
    steps: int,
    hot: float,
    cold: float,
    rng: np.random.Generator,
) -> Flags:
    """Exchange spells of two units at a time until darkness is even, by simulated annealing.

    A spell exchanged leaves the number of dark units in every slot as it was, and one up to the
    last slot leaves the number of switchings as it was too.

    Parameters
    ----------
    dark
        Unit × slot; a rotation that keeps to the limits on runs. Changed in place.
    before, age
        Unit: as in `run_allowed`.
    limits
        As in `run_allowed`.
    group
        Group × slot: slots whose dark ones are to be even: all, evenings, each day.
    low, high
        Group × unit: fewest and most dark slots that count as even.
    weight, rank
        Group: weight of the slots outside in the search, and in telling which rotation is best;
        a block above `target` has rank 1.
    barred
        Unit × slot: True where the unit is not to be switched at the start of the slot.
    barred_weight
        Weight of such a switching in the search, in telling which rotation is best times
        `BARRED_RANK`; 0 if nothing is barred.
    block_weight
        Weight of an outage block in the search.
    target
        Number of blocks that is good enough.
    cap
        Number of blocks never exceeded.
    steps, hot, cold
        Number of exchanges tried, and the temperatures between which the search cools down.
    rng
        Where randomness comes from.

    Returns
    -------
    Flags
        The best rotation met.
    """
    count, slots = dark.shape
    groups = len(group)
    held = np.zeros((groups, count), dtype=np.int64)
    outside = np.zeros(groups)
    blocks = 0
    for u in range(count):
        for t in range(slots):
            if dark[u, t]:
                if (t > 0 and not dark[u, t - 1]) or (t == 0 and before[u] != 1):
                    blocks += 1
                for g in range(groups):
                    held[g, u] += group[g, t]
        for g in range(groups):
            outside[g] += _outside(held[g, u], low[g, u], high[g, u])
    switched = 0
    if barred_weight > 0.0:
        for u in range(count):
            switched += barred_switchings(dark[u], barred[u], before[u], 0, slots)
    best = dark.copy()
    best_rank = (rank * outside).sum() + max(0, blocks - target) + BARRED_RANK * switched
    change = np.zeros(groups, dtype=np.int64)
    temperature = hot
    cooling = (cold / hot) ** (256.0 / steps)
    for step in range(steps):
        if best_rank <= 0.0:
            break
        if step % 256 == 0:
            temperature *= cooling
        a = int(rng.random() * count)
        b = int(rng.random() * count)
        if a == b:
            continue
        since = int(rng.random() * slots)
        kind = rng.random()
        if kind < 0.7:
            # Most exchanges begin where one of the two is switched.
            while (
                0 < since < slots
                and dark[a, since] == dark[a, since - 1]
                and dark[b, since] == dark[b, since - 1]
            ):
                since += 1
            if since == slots:
                continue
        kind = rng.random()
        until = slots
        if kind < 0.25:
            until = since + 1
            while (
                until < slots
                and dark[a, until] == dark[a, until - 1]
                and dark[b, until] == dark[b, until - 1]
            ):
                until += 1
        elif kind < 0.5:
            until = min(slots, since + 1 + int(rng.random() * 4))
        elif kind < 0.75:
            until = min(slots, since + 1 + int(rng.random() * 48))
        if rng.random() < 0.3:
            since = max(0, since - int(rng.random() * 4))
        more = 0
        if since > 0:
            more += int(dark[b, since] and not dark[a, since - 1])
            more += int(dark[a, since] and not dark[b, since - 1])
            more -= int(dark[a, since] and not dark[a, since - 1])
            more -= int(dark[b, since] and not dark[b, since - 1])
        else:
            more += int(dark[b, 0] and before[a] != 1) + int(dark[a, 0] and before[b] != 1)
            more -= int(dark[a, 0] and before[a] != 1) + int(dark[b, 0] and before[b] != 1)
        if until < slots:
            more += int(dark[a, until] and not dark[b, until - 1])
            more += int(dark[b, until] and not dark[a, until - 1])
            more -= int(dark[a, until] and not dark[a, until - 1])
            more -= int(dark[b, until] and not dark[b, until - 1])
        if blocks + more > cap:
            continue
        change[:] = 0
        differ = False
        for t in range(since, until):
            if dark[a, t] != dark[b, t]:
                differ = True
                sign = 1 if dark[b, t] else -1
                for g in range(groups):
                    if group[g, t]:
                        change[g] += sign
        if not differ:
            continue
        energy = block_weight * more
        for g in range(groups):
            if change[g] != 0:
                was = _outside(held[g, a], low[g, a], high[g, a])
                was += _outside(held[g, b], low[g, b], high[g, b])
                now = _outside(held[g, a] + change[g], low[g, a], high[g, a])
                now += _outside(held[g, b] - change[g], low[g, b], high[g, b])
                energy += weight[g] * (now - was)
        end = min(until + 1, slots)
        banned = 0
        if barred_weight > 0.0:
            banned -= barred_switchings(dark[a], barred[a], before[a], since, end)
            banned -= barred_switchings(dark[b], barred[b], before[b], since, end)
            for t in range(since, until):
                kept = dark[a, t]
                dark[a, t] = dark[b, t]
                dark[b, t] = kept
            banned += barred_switchings(dark[a], barred[a], before[a], since, end)
            banned += barred_switchings(dark[b], barred[b], before[b], since, end)
            for t in range(since, until):
                kept = dark[a, t]
                dark[a, t] = dark[b, t]
                dark[b, t] = kept
            energy += barred_weight * banned
        if energy > 0 and rng.random() >= np.exp(-energy / temperature):
            continue
        for t in range(since, until):
            kept = dark[a, t]
            dark[a, t] = dark[b, t]
            dark[b, t] = kept
        allowed = True
        for u in (a, b):
            row = dark[u]
            allowed = (
                run_allowed(row, since, before[u], age[u], limits)
                and run_allowed(row, until - 1, before[u], age[u], limits)
                and (since == 0 or run_allowed(row, since - 1, before[u], age[u], limits))
                and (until == slots or run_allowed(row, until, before[u], age[u], limits))
            )
            if not allowed:
                break
        if not allowed:
            for t in range(since, until):
                kept = dark[a, t]
                dark[a, t] = dark[b, t]
                dark[b, t] = kept
            continue
        blocks += more
        switched += banned
        value = float(max(0, blocks - target)) + BARRED_RANK * switched
        for g in range(groups):
            if change[g] != 0:
                outside[g] -= _outside(held[g, a], low[g, a], high[g, a])
                outside[g] -= _outside(held[g, b], low[g, b], high[g, b])
                held[g, a] += change[g]
                held[g, b] -= change[g]
                outside[g] += _outside(held[g, a], low[g, a], high[g, a])
                outside[g] += _outside(held[g, b], low[g, b], high[g, b])
            value += rank[g] * outside[g]
        if value < best_rank:
            best_rank = value
            best[:] = dark
    return best


@njit()
def price_rest(cost: Floats, block_cost: float, limits: Ints, low: int, high: int) -> Floats:
    """Price the rest of a unit's period from each state, backwards.

    Parameters
    ----------
    cost
        Cost of being dark, by slot.
    block_cost
        Cost of going dark.
    limits
        As in `run_allowed`; longest runs past the last slot don't bind.
    low, high
        Fewest and most dark slots.

    Returns
    -------
    Floats
        State (0 light, 1 dark) × slot × age of the run × dark slots so far: lowest cost of all
        later slots. Ages past which nothing changes are one.
    """
    slots = len(cost)
    ages = np.zeros(2, dtype=np.int64)
    ages[0] = limits[3] if limits[3] < slots else limits[2]
    ages[1] = limits[0] if limits[0] < slots else limits[1]
    table = np.full((2, slots, max(ages[0], ages[1]) + 1, high + 1), FAR)
    table[:, slots - 1, :, low:] = 0.0
    for t in range(slots - 2, -1, -1):
        for state in range(2):
            least = limits[1] if state else limits[2]
            bound = (limits[0] if state else limits[3]) < slots
            for age in range(1, ages[state] + 1):
                for used in range(high + 1):
                    lowest = FAR
                    if age < ages[state] or not bound:
                        after = min(age + 1, ages[state])
                        if not state:
                            lowest = table[0, t + 1, after, used]
                        elif used < high:
                            lowest = table[1, t + 1, after, used + 1] + cost[t + 1]
                    if age >= least:
                        value = FAR
                        if state:
                            value = table[0, t + 1, 1, used]
                        elif used < high:
                            value = table[1, t + 1, 1, used + 1] + cost[t + 1] + block_cost
                        lowest = min(lowest, value)
                    table[state, t, age, used] = lowest
    return table


@njit()
def follow(
    table: Floats, cost: Floats, block_cost: float, limits: Ints, row: Flags, t: int
) -> None:
    """Lay out the cheapest rest after slot `t`, in which a run has just begun.

    Parameters
    ----------
    table, cost, block_cost, limits
        As in `price_rest`.
    row
        Slot: whether the unit is dark, given up to `t`, filled from there.
    t
        First slot of a new run.
    """
    slots = len(cost)
    used = int(row[: t + 1].sum())
    high = table.shape[3] - 1
    age = 1
    state = int(row[t])
    while t < slots - 1:
        longest = limits[0] if state else limits[3]
        ages = longest if longest < slots else (limits[1] if state else limits[2])
        after = min(age + 1, ages)
        stay = FAR
        if age < ages or longest >= slots:
            if not state:
                stay = table[0, t + 1, after, used]
            elif used < high:
                stay = table[1, t + 1, after, used + 1] + cost[t + 1]
        leave = FAR
        if age >= (limits[1] if state else limits[2]):
            if state:
                leave = table[0, t + 1, 1, used]
            elif used < high:
                leave = table[1, t + 1, 1, used + 1] + cost[t + 1] + block_cost
        if stay <= leave:
            age = after
        else:
            state = 1 - state
            age = 1
        t += 1
        row[t] = state == 1
        used += state
