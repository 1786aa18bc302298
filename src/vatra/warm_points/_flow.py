"""Kernel of the cheapest flow: primal network simplex on whole numbers.

The method is the textbook one (Ahuja, Magnanti and Orlin, Network Flows, 1993, chapter 11):
a spanning tree that is strongly feasible, so that it can't cycle, and block search for the arc
that enters (Grigoriadis, 1986). It starts from any strongly feasible tree, so a flow that is
the best for one set of sites can be mended for the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Signs = NDArray[np.int8]


@dataclass
class Tree:
    """A spanning tree of the network, all nodes hanging from the last one; changed in place.

    Parameters
    ----------
    parent, parent_arc, upward, depth, price
        By node: parent (root -1), the arc to it, 1 where that arc points to the parent and -1
        where it points away, depth, and price, so that ``cost + price[tail] - price[head]`` is
        zero on tree arcs.
    child, after, before
        By node: first child, next and previous sibling; -1 for none.
    """

    parent: Ints32
    parent_arc: Ints32
    upward: Signs
    depth: Ints32
    price: Ints
    child: Ints32
    after: Ints32
    before: Ints32


def star(parent_arc: Ints, cost: Ints) -> Tree:
    """Hang every node directly from the last one.

    Parameters
    ----------
    parent_arc
        By node but the last: its arc to the last node.
    cost
        By arc: cost of a unit.
    """
    root = parent_arc.size
    nodes = root + 1
    none = np.full(nodes, -1, dtype=np.int32)
    tree = Tree(
        parent=np.full(nodes, root, dtype=np.int32),
        parent_arc=np.append(parent_arc, -1).astype(np.int32),
        upward=np.ones(nodes, dtype=np.int8),
        depth=np.ones(nodes, dtype=np.int32),
        price=np.append(-cost[parent_arc], 0).astype(np.int64),
        child=none.copy(),
        after=none.copy(),
        before=none.copy(),
    )
    tree.parent[root] = -1
    tree.depth[root] = 0
    if root:
        tree.child[root] = 0
        tree.after[: root - 1] = np.arange(1, root)
        tree.before[1:root] = np.arange(root - 1)
    return tree


IN_TREE = 0
AT_LOWER = 1
AT_UPPER = -1


@njit()
def _detach(u: int, parent: Ints32, child: Ints32, after: Ints32, before: Ints32) -> None:
    left = before[u]
    right = after[u]
    if left >= 0:
        after[left] = right
    else:
        child[parent[u]] = right
    if right >= 0:
        before[right] = left


@njit()
def _attach(u: int, to: int, parent: Ints32, child: Ints32, after: Ints32, before: Ints32) -> None:
    first = child[to]
    parent[u] = to
    before[u] = -1
    after[u] = first
    if first >= 0:
        before[first] = u
    child[to] = u


@njit()
def cheapest_flow(
    tail: Ints32,
    head: Ints32,
    cost: Ints,
    room: Ints,
    flow: Ints,
    state: Signs,
    parent: Ints32,
    parent_arc: Ints32,
    upward: Signs,
    depth: Ints32,
    price: Ints,
    child: Ints32,
    after: Ints32,
    before: Ints32,
    most_pivots: int,
) -> int:
    """Improve a feasible flow until it is the cheapest.

    Parameters
    ----------
    tail, head, cost, room
        By arc: its ends, cost of a unit, most units.
    flow, state
        By arc: units on it; 0 in the tree, 1 at zero, -1 at `room`. Changed in place.
    parent, parent_arc, upward, depth, price, child, after, before
        A strongly feasible tree, as in `Tree`. Changed in place.
    most_pivots
        Stop after as many.

    Returns
    -------
    int
        Pivots made; less than `most_pivots` where the flow is the cheapest.
    """
    arcs = tail.size
    block = max(32, int(np.sqrt(arcs)))
    scan = 0
    pivots = 0
    stack = np.empty(parent.size, np.int32)
    while pivots < most_pivots:
        # Entering arc: the worst of the first block that has any.
        entering = -1
        worst = 0
        in_block = 0
        for _ in range(arcs):
            e = scan
            scan += 1
            if scan == arcs:
                scan = 0
            if state[e] != IN_TREE:
                reduced = state[e] * (cost[e] + price[tail[e]] - price[head[e]])
                if reduced < worst:
                    worst = reduced
                    entering = e
            in_block += 1
            if in_block >= block:
                if entering >= 0:
                    break
                in_block = 0
        if entering < 0:
            break
        pivots += 1

        if state[entering] == AT_LOWER:
            first = tail[entering]
            second = head[entering]
        else:
            first = head[entering]
            second = tail[entering]
        u = first
        v = second
        while u != v:
            if depth[u] > depth[v]:
                u = parent[u]
            elif depth[v] > depth[u]:
                v = parent[v]
            else:
                u = parent[u]
                v = parent[v]
        join = u

        # Leaving arc: the last tight one seen from the join in the flow's direction.
        delta = room[entering]
        out = -1
        on_first = False
        u = first
        while u != join:
            e = parent_arc[u]
            slack = flow[e] if upward[u] > 0 else room[e] - flow[e]
            if slack < delta:
                delta = slack
                out = u
                on_first = True
            u = parent[u]
        u = second
        while u != join:
            e = parent_arc[u]
            slack = room[e] - flow[e] if upward[u] > 0 else flow[e]
            if slack <= delta:
                delta = slack
                out = u
                on_first = False
            u = parent[u]

        if delta > 0:
            flow[entering] += state[entering] * delta
            u = first
            while u != join:
                flow[parent_arc[u]] -= upward[u] * delta
                u = parent[u]
            u = second
            while u != join:
                flow[parent_arc[u]] += upward[u] * delta
                u = parent[u]
        if out < 0:
            state[entering] = -state[entering]
            continue

        leaving = parent_arc[out]
        state[entering] = IN_TREE
        state[leaving] = AT_LOWER if flow[leaving] == 0 else AT_UPPER
        inner = first if on_first else second
        outer = second if on_first else first
        w = inner
        new_parent = outer
        new_arc = entering
        new_up = 1 if tail[entering] == inner else -1
        while True:
            old_parent = parent[w]
            old_arc = parent_arc[w]
            old_up = upward[w]
            _detach(w, parent, child, after, before)
            _attach(w, new_parent, parent, child, after, before)
            parent_arc[w] = new_arc
            upward[w] = new_up
            if w == out:
                break
            new_parent = w
            new_arc = old_arc
            new_up = -old_up
            w = old_parent
        # The subtree moved as one: its prices shift by one figure.
        if upward[inner] > 0:
            shift = price[outer] - cost[entering] - price[inner]
        else:
            shift = price[outer] + cost[entering] - price[inner]
        top = 0
        stack[0] = inner
        while top >= 0:
            u = stack[top]
            top -= 1
            price[u] += shift
            depth[u] = depth[parent[u]] + 1
            v = child[u]
            while v >= 0:
                top += 1
                stack[top] = v
                v = after[v]
    return pivots
