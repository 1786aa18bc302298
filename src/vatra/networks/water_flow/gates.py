"""Adds to a network the short pipes by which pumps lose power and tanks are shut off.

A pump whose power can fail gets a pipe behind it, which is shut while it has none. The model's own
controls and rules go on commanding the pump meanwhile, so that it comes back in the state in which
they want it, and nothing switches to and fro between them and the outage. With part of its power
as many of a pump's units run: a twin takes over that gives as much less flow at each head and
obeys the same controls. A tank is shut off by the pipes that lead to it, or by a short one before a
link that something else commands.

Pump curves that EPANET fits through one or three points are flat at no flow; from there version 2.2
finds no solution when a dry network starts up again. `straightened` has them in straight pieces.

Only pipes are opened and shut during a run: calls that change curves and pumps then are not sound
in every version of the library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vatra.city.epanet_file import OURS, EpanetFile

Row = tuple[str, ...]
Rows = list[Row]

PIECES = 12
"""Straight pieces of a fitted curve."""

_TO_LINK = ("PIPES", "PUMPS", "VALVES")


@dataclass(frozen=True)
class Gates:
    """A network with its gates.

    Parameters
    ----------
    text
        The network, as text for EPANET.
    added
        How many junctions were added; EPANET keeps them last among the junctions.
    tanks
        By link of a tank: the tank, the pipe that shuts it, and the node at the pipe's other end.
    pumps
        By pump: its gate by share of power, 1 for the pump itself and less for its twins.
    twins
        By id of a pump: the ids of its twins.
    """

    text: str
    added: int
    tanks: tuple[tuple[str, str, str], ...]
    pumps: tuple[dict[float, str], ...]
    twins: dict[str, list[str]]


def with_gates(
    network: EpanetFile, pumps: Sequence[str], levels: Sequence[Sequence[float]]
) -> Gates:
    """Return a network with its gates.

    Parameters
    ----------
    network
        The network.
    pumps
        Pumps that get a gate.
    levels
        By pump: the shares of its power between none and all that it may have.
    """
    return _Builder(network).build(pumps, levels)


def straightened(network: EpanetFile) -> EpanetFile:
    """Return a network whose fitted pump curves are straight pieces between points on them.

    Parameters
    ----------
    network
        The network. A fitted curve is h₀ − r qⁿ: of one point with h₀ four thirds of its head and
        n = 2, of three with the first at no flow through all of them (EPANET 2.2 manual, 3.1).
    """
    used = {
        row[place + 1]
        for row in network.sections.get("PUMPS", ())
        for place, word in enumerate(row[:-1])
        if place >= 3 and word.upper() == "HEAD"
    }
    points: dict[str, list[tuple[float, float]]] = {}
    for row in network.sections.get("CURVES", ()):
        points.setdefault(row[0], []).append((float(row[1]), float(row[2])))
    rows: Rows = []
    for name, given in points.items():
        pieces = (_pieces(given) if name in used else None) or given
        rows += [(name, f"{flow:.9g}", f"{head:.9g}") for flow, head in pieces]
    return replace(network, sections={**network.sections, "CURVES": tuple(rows)})


def _pieces(points: list[tuple[float, float]]) -> list[tuple[float, float]] | None:
    """Points on a fitted curve at equal steps of head; None where EPANET fits none."""
    if len(points) == 1:
        (flow, head), power = points[0], 2.0
        top = 4.0 / 3.0 * head
    elif len(points) == 3 and points[0][0] == 0.0:
        (_, top), (flow, head), (far, low) = points
        if not (top > head > low and far > flow):
            return None
        power = math.log((top - low) / (top - head)) / math.log(far / flow)
    else:
        return None
    steep = (top - head) / flow**power
    heads = [top * (1.0 - step / PIECES) for step in range(PIECES + 1)]
    return [(((top - h) / steep) ** (1.0 / power), h) for h in heads]


class _Builder:
    """The sections of a network as gates are added."""

    def __init__(self, network: EpanetFile) -> None:
        self.network = network
        self.sections: dict[str, Rows] = {n: list(rows) for n, rows in network.sections.items()}
        self.height: dict[str, str] = {}
        for section in ("JUNCTIONS", "RESERVOIRS", "TANKS"):
            for row in self.sections.get(section, []):
                self.height[row[0]] = row[1] if len(row) > 1 else "0"
        # A pipe so short and wide that its loss can't be seen, in the file's units.
        bores = [float(row[4]) for row in self.sections.get("PIPES", [])]
        formula = next(
            (
                row[1].upper()[:1]
                for row in self.sections.get("OPTIONS", [])
                if row[0].upper() == "HEADLOSS" and len(row) > 1
            ),
            "H",
        )
        self.bore = f"{3.0 * max(bores, default=100.0):g}"
        self.roughness = "140" if formula == "H" else "0.01"
        self.added = 0

    def gate(self, name: str, end: str) -> None:
        """Add a pipe to a node, and a node of the same name before it."""
        self.height[name] = self.height[end]
        self.sections.setdefault("JUNCTIONS", []).append((name, self.height[end], "0"))
        self.sections.setdefault("PIPES", []).append(
            (name, name, end, "1", self.bore, self.roughness, "0", "Open")
        )
        self.added += 1

    def build(self, pumps: Sequence[str], levels: Sequence[Sequence[float]]) -> Gates:
        """Add all gates."""
        tanks = self._tanks()
        place = {row[0]: n for n, row in enumerate(self.sections["PUMPS"])}
        gates: list[dict[float, str]] = []
        twins: dict[str, list[str]] = {}
        for n, (pump, shares) in enumerate(zip(pumps, levels, strict=True)):
            row = self.sections["PUMPS"][place[pump]]
            name, end = f"{OURS}p{n}", row[2]
            self.gate(name, end)
            self.sections["PUMPS"][place[pump]] = (*row[:2], name, *row[3:])
            mine = {1.0: name}
            for k, share in enumerate(shares):
                gate, twin = f"{name}.{k}", f"{OURS}w{n}.{k}"
                self.gate(gate, end)
                self.sections["PUMPS"].append((twin, row[1], gate, *self._less(row, twin, share)))
                self._same_commands(pump, twin)
                mine[share] = gate
                twins.setdefault(pump, []).append(twin)
            gates.append(mine)
        sections = {name: tuple(rows) for name, rows in self.sections.items()}
        text = replace(self.network, sections=sections).text
        return Gates(text, self.added, tanks, tuple(gates), twins)

    def _tanks(self) -> tuple[tuple[str, str, str], ...]:
        """Find what shuts each tank, and add gates where nothing of the network's own can."""
        tanks = set(self.network.tanks)
        found: list[tuple[str, str, str]] = []
        commanded = self._commanded()
        for section in _TO_LINK:
            rows = self.sections.setdefault(section, [])
            for place, row in enumerate(list(rows)):
                ends = list(row[1:3])
                if not tanks & set(ends):
                    continue
                plain = section == "PIPES" and row[0] not in commanded and not _checks(row)
                if plain:
                    pairs = (ends, ends[::-1])
                    found += [(tank, row[0], other) for tank, other in pairs if tank in tanks]
                    continue
                for n, end in enumerate(ends):
                    if end in tanks:
                        ends[n] = f"{OURS}t{self.added}"
                        self.gate(ends[n], end)
                        found.append((end, ends[n], ends[n]))
                rows[place] = (row[0], *ends, *row[3:])
        return tuple(found)

    def _commanded(self) -> set[str]:
        """Links that controls, rules or a given status speak of."""
        named = {row[0] for row in self.sections.get("STATUS", [])}
        named |= {row[1] for row in self.sections.get("CONTROLS", []) if len(row) > 1}
        return named | {row[2] for row in self.sections.get("RULES", []) if len(row) > 2}

    def _less(self, row: Row, name: str, share: float) -> Row:
        """Return what a twin is like, from the row of its pump."""
        words = list(row[3:])
        keys = [word.upper() for word in words]
        if "HEAD" in keys:
            at = keys.index("HEAD") + 1
            self.sections["CURVES"] += [
                (name, f"{float(point[1]) * share:.9g}", *point[2:])
                for point in self.sections["CURVES"]
                if point[0] == words[at]
            ]
            words[at] = name
        elif "POWER" in keys:
            at = keys.index("POWER") + 1
            words[at] = f"{float(words[at]) * share:.9g}"
        return tuple(words)

    def _same_commands(self, pump: str, twin: str) -> None:
        for section, column in (("STATUS", 0), ("CONTROLS", 1)):
            self.sections[section] = _repeated(self.sections.get(section, []), column, pump, twin)
        rules: Rows = []
        acting = False
        for row in self.sections.get("RULES", []):
            rules.append(row)
            word = row[0].upper()
            acting = word in {"THEN", "ELSE"} or (acting and word == "AND")
            if acting and len(row) > 2 and row[1].upper() in {"PUMP", "LINK"} and row[2] == pump:
                rules.append(("AND", row[1], twin, *row[3:]))
        self.sections["RULES"] = rules


def _checks(row: Row) -> bool:
    """Whether a pipe has a check valve, which takes no other command, or is shut at first."""
    return any(word.upper() in {"CV", "CLOSED"} for word in row[6:8])


def _repeated(rows: Rows, column: int, pump: str, twin: str) -> Rows:
    """Repeat each row that commands a pump, for its twin."""
    out: Rows = []
    for row in rows:
        out.append(row)
        if len(row) > column and row[column] == pump:
            out.append((*row[:column], twin, *row[column + 1 :]))
    return out
