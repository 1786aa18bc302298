"""Flow and temperature of many cases of one heating network.

Links are pipes, then consumers, then sources. The loss of pressure along a link rises with its
flow, so the flows are the minimum of a convex content, and Newton's method finds it: the gradient
method of Todini and Pilati (1988), with valves of consumers and check valves of pumps as further
rising functions. Water runs from high pressure to low but for the
pumps, so one sweep over the nodes by falling pressure gives the temperatures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra._jit import njit, prange

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

CP = 4190.0  # J/(kg K): water between 20 and 90 °C within 0.4 %
STANDING_KG_S = 1e-4
_WALL = 1e11  # Pa s/kg: slope of what is shut; 5 bar push 5 mg/s through it
_FLAT = 0.01  # Pa s/kg: least slope that a Newton step reckons with
_PUMP = 0.01  # Pa s/kg: slope of a pump's lift
_LEAST_RE = 20.0  # the turbulent formula has a pole at 7
_DRIVEN_K = 0.5  # least cooling that a consumer's valve opens for
_SETTLED_K = 1e-3
_USUAL_C = 65.0  # of water before anything is known


@njit()
def _lost(  # noqa: PLR0911
    link: int, pipes: int, consumers: int, q: float, way: float, p: Float
) -> tuple[float, float]:
    # Pressure lost along a link and its slope. `way`: 0 for shut, for consumers the most flow.
    # Pipes: 1 / (2 rho A²), Reynolds number per flow, roughness / 3.7 d, length / d, fittings,
    # Reynolds number up to which flow is laminar.
    # Consumers: Pa and kg/s of the open valve. Sources: Pa of lift.
    if way <= 0.0:
        return _WALL * q, _WALL
    if link < pipes:
        size = abs(q)
        reynolds = p[1] * size
        laminar = p[5]
        if reynolds <= laminar:  # Hagen-Poiseuille
            viscous = 64.0 * p[3] / p[1]
            return p[0] * (viscous + p[4] * size) * q, p[0] * (viscous + 2.0 * p[4] * size)
        smooth = 5.74 * max(reynolds, 2.0 * laminar, _LEAST_RE) ** -0.9
        log = np.log10(p[2] + smooth)
        factor = 0.25 / (log * log)  # Swamee and Jain, 1976
        if reynolds >= 2.0 * laminar:
            rise = 0.45 * smooth / (reynolds * (p[2] + smooth) * np.log(10.0) * log * log * log)
        else:  # straight between the two, as nothing better is known there
            lowest = 64.0 / laminar
            rise = (factor - lowest) / laminar
            factor = lowest + rise * (reynolds - laminar)
        drag = factor * p[3] + p[4]
        return p[0] * drag * size * q, p[0] * (2.0 * drag + rise * reynolds * p[3]) * size
    if q < 0.0:
        lift = 0.0 if link < pipes + consumers else -p[0]
        return lift + _WALL * q, _WALL
    if link >= pipes + consumers:
        return -p[0] + _PUMP * q, _PUMP
    if q < way:
        return p[0] * (q / p[1]) ** 2, max(2.0 * p[0] * q / p[1] ** 2, 1e-3 * p[0] / p[1])
    return p[0] * (way / p[1]) ** 2 + _WALL * (q - way), _WALL


@njit()
def _warm(area: Float, diameter: Float, mean_c: Float, parameter: Float) -> None:
    # Density and viscosity at the pipes' temperatures, where water moves: a parabola within 0.04 %
    # of the tables of IAPWS between 10 and 110 °C, and Vogel's equation, within 1.1 %.
    for pipe in range(mean_c.size):
        t = mean_c[pipe]
        if np.isnan(t):
            continue
        density = 1001.53 - 0.116592 * t - 0.0031414 * t * t
        viscosity = 2.414e-5 * 10.0 ** (247.8 / (t + 133.15))
        parameter[pipe, 0] = 0.5 / (density * area[pipe] * area[pipe])
        parameter[pipe, 1] = diameter[pipe] / (area[pipe] * viscosity)


@njit()
def _root(parent: Int, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit()
def _pin(
    tail: Int, head: Int, way: Float, pipes: int, consumers: int, nodes: int, pinned: Bool
) -> None:
    # Hold one node of each part that has a running pump, and all of the parts that have none.
    parent = np.arange(nodes)
    for link in range(tail.size):
        if way[link] > 0.0:
            a, b = _root(parent, tail[link]), _root(parent, head[link])
            if a != b:
                parent[a] = b
    lead = np.full(nodes, -1)
    for link in range(pipes + consumers, tail.size):
        part = _root(parent, tail[link])
        if way[link] > 0.0 and lead[part] < 0:
            lead[part] = tail[link]
    for node in range(nodes):
        keeper = lead[_root(parent, node)]
        pinned[node] = keeper < 0 or keeper == node


@njit()
def _solve_pressures(
    lu_start: Int, lu_node: Int, lu_diagonal: Int, lu: Float, row: Float, x: Float
) -> None:
    nodes = lu_diagonal.size
    for i in range(nodes):
        for k in range(lu_start[i], lu_start[i + 1]):
            row[lu_node[k]] = lu[k]
        for k in range(lu_start[i], lu_diagonal[i]):
            j = lu_node[k]
            if row[j] == 0.0:
                continue
            share = row[j] / lu[lu_diagonal[j]]
            row[j] = share
            for m in range(lu_diagonal[j] + 1, lu_start[j + 1]):
                row[lu_node[m]] -= share * lu[m]
            x[i] -= share * x[j]
        for k in range(lu_start[i], lu_start[i + 1]):
            lu[k] = row[lu_node[k]]
    for i in range(nodes - 1, -1, -1):
        for k in range(lu_diagonal[i] + 1, lu_start[i + 1]):
            x[i] -= lu[k] * x[lu_node[k]]
        x[i] /= lu[lu_diagonal[i]]


@njit()
def _flow(
    tail: Int, head: Int, pipes: int, consumers: int, parameter: Float, typical: Float, way: Float,
    pinned: Bool, lu_start: Int, lu_node: Int, lu_diagonal: Int, above: Int, below: Int,
    lu: Float, row: Float, lost: Float, gain: Float, q: Float, pressure: Float,
    cold: bool, precision: float,
) -> bool:  # fmt: skip
    # Newton steps on the flows; True when they have settled.
    links = tail.size
    for turn in range(80):
        lu[:] = 0.0
        pressure[:] = 0.0
        for link in range(links):
            loss, slope = _lost(link, pipes, consumers, q[link], way[link], parameter[link])
            if cold and turn == 0 and link < pipes and way[link] > 0.0:
                # Standing water has hardly any slope: begin with that of an ordinary flow.
                slope = _lost(link, pipes, consumers, typical[link], 1.0, parameter[link])[1]
            lost[link] = loss
            gain[link] = 1.0 / max(slope, _FLAT)
            a, b = tail[link], head[link]
            flow = q[link] - gain[link] * loss
            if not pinned[a]:
                lu[lu_diagonal[a]] += gain[link]
                pressure[a] -= flow
                if not pinned[b]:
                    lu[above[link]] -= gain[link]
            if not pinned[b]:
                lu[lu_diagonal[b]] += gain[link]
                pressure[b] += flow
                if not pinned[a]:
                    lu[below[link]] -= gain[link]
        for node in range(pinned.size):
            if pinned[node]:
                lu[lu_diagonal[node]] = 1.0
        _solve_pressures(lu_start, lu_node, lu_diagonal, lu, row, pressure)
        worst = 0.0
        carried = 0.0
        for link in range(links):
            fall = pressure[tail[link]] - pressure[head[link]]
            step = gain[link] * (fall - lost[link])
            # Full steps settle which valves throttle within a few turns; shorter ones end a dance.
            if turn >= 30:
                step *= 0.5
            q[link] += step
            worst = max(worst, abs(step))
            carried += abs(q[link])
        if worst <= precision * carried / links + 1e-9:
            return True
    return False


@njit()
def _temperatures(
    tail: Int, head: Int, pipes: int, consumers: int, decay: Float, ground: float,
    node_start: Int, node_link: Int, q: Float, pressure: Float, given_c: Float,
    demand: Float, return_c: Float, mass: Float, heat: Float, temperature: Float,
    at_c: Float, taken: Float, mean_c: Float,
) -> float:  # fmt: skip
    # Sweep by falling pressure; the heat lost in pipes, W. `at_c`: what reaches consumers and comes
    # back to sources, NaN where nothing flows; `mean_c` likewise of pipes.
    mass[:] = 0.0
    heat[:] = 0.0
    at_c[:] = np.nan
    mean_c[:] = np.nan
    taken[:] = 0.0
    lost = 0.0
    first = pipes + consumers
    for link in range(first, tail.size):
        if q[link] > STANDING_KG_S:
            mass[head[link]] += q[link]
            heat[head[link]] += q[link] * given_c[link - first]
    for node in np.argsort(-pressure):
        if mass[node] <= STANDING_KG_S:
            temperature[node] = np.nan
            continue
        here = heat[node] / mass[node]
        temperature[node] = here
        for k in range(node_start[node], node_start[node + 1]):
            link = node_link[k]
            out = q[link] if tail[link] == node else -q[link]
            if out <= STANDING_KG_S:
                continue
            there = here
            if link < pipes:
                there = ground + (here - ground) * np.exp(-decay[link] / out)
                lost += out * CP * (here - there)
                mean_c[link] = 0.5 * (here + there)
            elif link < first:
                c = link - pipes
                at_c[c] = here
                taken[c] = min(demand[c], out * CP * max(0.0, here - return_c[c]))
                there = here - taken[c] / (out * CP)
            else:
                at_c[link - pipes] = here
                continue
            other = head[link] if tail[link] == node else tail[link]
            mass[other] += out
            heat[other] += out * there
    return lost


@njit(parallel=True)
def solve_cases(
    tail: Int, head: Int, given_parameter: Float, diameter: Float, typical: Float, decay: Float,
    node_start: Int, node_link: Int, lu_start: Int, lu_node: Int, lu_diagonal: Int, above: Int,
    below: Int, ground: Float, is_open: Bool, demand: Float, return_c: Float, aim_c: Float,
    capacity: Float, flow: Float, pressure: Float, temperature: Float, at_c: Float, taken: Float,
    given: Float, lost: Float, settled: Bool,
) -> None:  # fmt: skip
    """Solve cases: flows, pressures, temperatures and heat, coupled until they settle.

    Parameters
    ----------
    tail, head
        By link: its ends, nodes in the order of elimination.
    given_parameter
        Link × 6, as in `_lost`; what depends on the water's temperature is filled in.
    diameter
        By pipe: m.
    typical
        By link: an ordinary flow, kg/s.
    decay
        By pipe: heat lost per kelvin over `CP`, kg/s.
    node_start, node_link
        Links at each node.
    lu_start, lu_node, lu_diagonal, above, below
        Pattern of the factors, and the places of each link in it.
    ground
        By case: °C.
    is_open
        Case × link: pipes open, consumers connected, pumps on.
    demand
        Case × consumer: W.
    return_c
        By consumer: °C.
    aim_c, capacity
        Case × source: °C and W.
    flow, pressure, temperature
        Case × link, node and node: written; kg/s, Pa above the first pump's inlet, °C.
    at_c, taken, given
        Case × (consumer and source), consumer, source: written; °C, W, W.
    lost, settled
        By case: written; W.
    """
    cases, links = is_open.shape
    consumers, sources = demand.shape[1], aim_c.shape[1]
    pipes, nodes = links - consumers - sources, lu_diagonal.size
    area = 0.25 * np.pi * diameter * diameter
    first = pipes + consumers
    for case in prange(cases):
        q = np.zeros(links)
        p = np.zeros(nodes)
        way = np.where(is_open[case], 1.0, 0.0)
        pinned = np.zeros(nodes, dtype=np.bool_)
        lu, row = np.zeros(lu_node.size), np.zeros(nodes)
        a, b = np.zeros(links), np.zeros(links)
        mass, heat = np.zeros(nodes), np.zeros(nodes)
        parameter, mean_c = given_parameter.copy(), np.full(pipes, _USUAL_C)
        given_c = aim_c[case].copy()
        supply_c = np.full(consumers, -np.inf)
        for s in range(sources):
            if way[first + s] > 0.0:
                supply_c = np.maximum(supply_c, given_c[s])
        supply_c = np.where(np.isfinite(supply_c), supply_c, 0.0)
        _pin(tail, head, way, pipes, consumers, nodes, pinned)
        # How much of a change is taken over: less where the last two went to and fro.
        pace, last = np.ones(consumers + sources), np.zeros(consumers + sources)
        change = 100.0
        for turn in range(100):
            for k in range(consumers):
                if is_open[case, pipes + k]:
                    cooling = max(supply_c[k] - return_c[k], _DRIVEN_K)
                    before = way[pipes + k]
                    way[pipes + k] = demand[case, k] / (CP * cooling)
                    if turn == 0 or q[pipes + k] >= before:
                        q[pipes + k] = way[pipes + k]
            _warm(area, diameter, mean_c, parameter)
            steady = _flow(
                tail, head, pipes, consumers, parameter, typical, way, pinned, lu_start, lu_node,
                lu_diagonal, above, below, lu, row, a, b, q, p, turn == 0,
                max(1e-6, min(1e-2, 1e-4 * change)),
            )  # fmt: skip
            lost[case] = _temperatures(
                tail, head, pipes, consumers, decay, ground[case], node_start, node_link, q, p,
                given_c, demand[case], return_c, mass, heat, temperature[case], at_c[case],
                taken[case], mean_c,
            )  # fmt: skip
            change = 0.0
            for k in range(consumers + sources):
                now = at_c[case, k]
                if k < consumers:
                    before = supply_c[k]
                else:
                    source = k - consumers
                    before = given_c[source]
                    mass_flow = q[pipes + k]
                    given[case, source] = 0.0
                    if not mass_flow > STANDING_KG_S:
                        continue
                    given[case, source] = mass_flow * CP * (before - now)
                    most = now + capacity[case, source] / (CP * mass_flow)
                    now = min(max(aim_c[case, source], now), most)
                if np.isnan(now):
                    continue
                move = now - before
                change = max(change, abs(move))
                if move * last[k] < 0.0:
                    pace[k] = max(0.5 * pace[k], 0.02)
                else:
                    pace[k] = min(1.3 * pace[k], 1.0)
                step = pace[k] * move
                if k >= consumers and turn % 3 == 2 and abs(move) < abs(last[k]) and pace[k] == 1.0:
                    # A plant that is too weak cools its network by the same share each time.
                    ratio = move / last[k]
                    if ratio > 0.0:
                        step = move / max(1.0 - ratio, 0.01)
                last[k] = move
                if k < consumers:
                    supply_c[k] = before + step
                else:
                    most = max(aim_c[case, k - consumers], now)
                    given_c[k - consumers] = min(max(before + step, ground[case]), most)
            if steady and change <= _SETTLED_K and turn > 0:
                settled[case] = True
                break
        for link in range(links):
            flow[case, link] = q[link] if abs(q[link]) > STANDING_KG_S else 0.0
        pressure[case] = p
