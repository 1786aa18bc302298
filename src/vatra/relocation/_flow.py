"""Kernel of the earliest arrival: blocking flows in a time-expanded network that is never built.

For each slot in turn, arrivals by then are made as many as can be. What has arrived stays, so the
flow that results is at its most at every slot at once where places at destinations don't run out
(the lexicographic maximum of Minieka, 1973; earliest arrivals of Gale, 1959). Each step is a
maximum flow by blocking flows on levels (Dinitz, 1970), searched backwards from the slot's
arrivals; nodes are places × slots, arcs are looked up in the places' own network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]


@njit()
def push_earliest(
    tail: Ints32, head: Ints32, lag: Ints32, room: Ints32, moved: Ints32,
    in_start: Ints32, in_arc: Ints32, out_start: Ints32, out_arc: Ints32,
    home: Ints32, release: Ints32, last: Ints32, left: Ints, gone: Ints,
    at_start: Ints32, at_group: Ints32, host: Ints32, beds: Ints, chain: Ints32, arrived: Ints,
) -> None:  # fmt: skip
    """Send people so that as many as possible have arrived by each slot; changes arrays in place.

    Parameters
    ----------
    tail, head, lag
        By arc: places at its ends, and slots that it takes.
    room
        Slot of departure × arc: people who may still set out on it.
    moved
        Slot of departure × arc: people who do.
    in_start, in_arc, out_start, out_arc
        By place: arcs that end and begin there.
    home, release, last
        By group: place, first and last slot in which it may set out.
    left
        By group: people who have not set out.
    gone
        Group × slot: people who set out.
    at_start, at_group
        By place: groups that live there.
    host, beds, chain
        By destination: place, places to sleep that are left, and an arc from the place to itself
        over which arrivals are carried on so that they may be given up again; -1 for none.
    arrived
        Destination × slot: people who arrive.
    """
    places, slots = in_start.size - 1, room.shape[0]
    groups, hosts = home.size, host.size
    nodes = places * slots + groups
    level = np.full(nodes, -1, dtype=np.int64)
    at = np.zeros(nodes, dtype=np.int32)
    queue = np.empty(nodes, dtype=np.int32)
    path = np.empty(nodes + 1, dtype=np.int32)
    edge = np.empty(nodes + 1, dtype=np.int32)
    side = np.empty(nodes + 1, dtype=np.int8)
    base = np.int64(0)
    waiting = np.int64(0)
    for g in range(groups):
        waiting += left[g]
    for t in range(slots):
        while waiting > 0:
            # Levels, backwards from the arrivals of slot t to groups with people left.
            end = 0
            for d in range(hosts):
                node = t * places + host[d]
                if beds[d] > 0 and level[node] < base:
                    level[node] = base
                    at[node] = 0
                    queue[end] = node
                    end += 1
            begin = 0
            found = np.int64(-1)
            top = base
            while begin < end:
                node = queue[begin]
                begin += 1
                here = level[node]
                if found >= 0 and here >= found:
                    break
                top = here + 1
                if node >= places * slots:
                    g = node - places * slots
                    for s in range(release[g], min(last[g], t) + 1):
                        other = s * places + home[g]
                        if gone[g, s] > 0 and level[other] < base:
                            level[other] = here + 1
                            at[other] = 0
                            queue[end] = other
                            end += 1
                    continue
                s = node // places
                v = node - s * places
                for k in range(at_start[v], at_start[v + 1]):
                    g = at_group[k]
                    other = places * slots + g
                    if release[g] <= s <= last[g] and level[other] < base:
                        level[other] = here + 1
                        at[other] = release[g]
                        queue[end] = other
                        end += 1
                        if left[g] > 0 and found < 0:
                            found = here + 1
                for k in range(in_start[v], in_start[v + 1]):
                    a = in_arc[k]
                    s0 = s - lag[a]
                    if s0 >= 0 and room[s0, a] > 0:
                        other = s0 * places + tail[a]
                        if level[other] < base:
                            level[other] = here + 1
                            at[other] = 0
                            queue[end] = other
                            end += 1
                for k in range(out_start[v], out_start[v + 1]):
                    a = out_arc[k]
                    if moved[s, a] > 0:
                        s1 = s + lag[a]
                        other = s1 * places + head[a]
                        if s1 <= t and level[other] < base:
                            level[other] = here + 1
                            at[other] = 0
                            queue[end] = other
                            end += 1
            if found < 0:
                base = top + 1
                break
            # A blocking flow: paths along rising levels, each node's arcs tried once.
            for d in range(hosts):
                root = t * places + host[d]
                if beds[d] <= 0 or level[root] != base:
                    continue
                depth = 0
                path[0] = root
                while depth >= 0:
                    node = path[depth]
                    here = level[node]
                    advanced = False
                    if node >= places * slots:
                        g = node - places * slots
                        if left[g] > 0:
                            flow = min(left[g], beds[d])
                            for i in range(depth):
                                s, e = path[i] // places, edge[i]
                                if side[i] == 1:
                                    flow = min(flow, room[s - lag[e], e])
                                elif side[i] == 2:
                                    flow = min(flow, moved[s, e])
                                elif side[i] == 4:
                                    flow = min(flow, gone[e, path[i + 1] // places])
                            left[g] -= flow
                            waiting -= flow
                            beds[d] -= flow
                            arrived[d, t] += flow
                            back = depth
                            if beds[d] == 0:
                                back = 0
                            for i in range(depth - 1, -1, -1):
                                s, e = path[i] // places, edge[i]
                                if side[i] == 1:
                                    room[s - lag[e], e] -= flow
                                    moved[s - lag[e], e] += flow
                                    if room[s - lag[e], e] == 0 and i < back:
                                        back = i
                                elif side[i] == 2:
                                    room[s, e] += flow
                                    moved[s, e] -= flow
                                    if moved[s, e] == 0 and i < back:
                                        back = i
                                elif side[i] == 3:
                                    gone[e, s] += flow
                                else:
                                    s1 = path[i + 1] // places
                                    gone[e, s1] -= flow
                                    if gone[e, s1] == 0 and i < back:
                                        back = i
                            if beds[d] == 0:
                                break
                            depth = back
                            continue
                        stop = min(last[g], t)
                        s = at[node]
                        while s <= stop:
                            other = s * places + home[g]
                            if gone[g, s] > 0 and level[other] == here + 1:
                                advanced = True
                                edge[depth] = g
                                side[depth] = 4
                                path[depth + 1] = other
                                break
                            s += 1
                        at[node] = s
                    else:
                        s = node // places
                        v = node - s * places
                        ins = in_start[v + 1] - in_start[v]
                        outs = out_start[v + 1] - out_start[v]
                        own = at_start[v + 1] - at_start[v]
                        k = at[node]
                        while k < own:
                            g = at_group[at_start[v] + k]
                            other = places * slots + g
                            if release[g] <= s <= last[g] and level[other] == here + 1:
                                advanced = True
                                edge[depth] = g
                                side[depth] = 3
                                path[depth + 1] = other
                                break
                            k += 1
                        while not advanced and k < own + ins:
                            a = in_arc[in_start[v] + k - own]
                            s0 = s - lag[a]
                            if s0 >= 0 and room[s0, a] > 0:
                                other = s0 * places + tail[a]
                                if level[other] == here + 1:
                                    advanced = True
                                    edge[depth] = a
                                    side[depth] = 1
                                    path[depth + 1] = other
                                    break
                            k += 1
                        while not advanced and k < own + ins + outs:
                            a = out_arc[out_start[v] + k - own - ins]
                            s1 = s + lag[a]
                            if s1 <= t and moved[s, a] > 0:
                                other = s1 * places + head[a]
                                if level[other] == here + 1:
                                    advanced = True
                                    edge[depth] = a
                                    side[depth] = 2
                                    path[depth + 1] = other
                                    break
                            k += 1
                        at[node] = k
                    if advanced:
                        depth += 1
                    else:
                        depth -= 1
                        if depth >= 0:
                            at[path[depth]] += 1
            base = top + 1
        for d in range(hosts):
            if chain[d] >= 0 and t + 1 < slots:
                # Arrivals wait at the place, so that a later one may take another's bed.
                total = np.int64(0)
                for s in range(t + 1):
                    total += arrived[d, s]
                moved[t, chain[d]] = total
