"""Steps a network through its horizon in EPANET, with pumps that lose and regain power.

Where EPANET's own stepping goes wrong, it is held:

- A tank that is all but empty (or full) can be drained (or filled) in less than half a second;
  EPANET takes that for no event and steps on, up to the next hour, with water that isn't there.
  Here its gate is shut as long as it would drain (or fill).
- A tank that fills and empties within seconds makes a step of each. Here it opens again at most
  twice within a slot.
"""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.city.epanet_file import OURS
from vatra.networks.water_flow.library import (
    CAN_OVERFLOW,
    DAMPING,
    DEFICIT,
    DEMAND,
    DURATION,
    ELEVATION,
    FLOW,
    HEAD,
    HYDRAULIC_STEP,
    JUNCTION,
    LINKS,
    MAX_VOLUME,
    MIN_VOLUME,
    NODES,
    PATTERN_START,
    PATTERN_STEP,
    PRESSURE_DRIVEN,
    REPORT_START,
    REPORT_STEP,
    RESERVOIR,
    START_TIME,
    STATUS,
    TANK_VOLUME,
    TRIALS,
    UNBALANCED,
    Project,
)

Float = NDArray[np.float64]

MOST_SOLVES = 400
"""Solutions within one slot at which a run is given up."""

MOST_OPENINGS = 2
"""How often a tank may open again within one slot."""

_MORE_TRIALS, _EXTRA_TRIALS = 200, 20
_DAMPED = 0.1  # relative change of flow below which steps are damped
_DAY_S = 86_400
_EXPONENT = 0.5  # flow at a tap goes with the root of pressure (Wagner and others, 1988)
_EVENT_S = 0.5  # nearer events are rounded to none
_TRACE = 1e-5  # flow of a tank that is too little to be water that isn't there, as a share of all
_DRIVE = 0.01  # head that opens a tank again, in the file's unit of length


class TooManyStepsError(RuntimeError):
    """A slot took more solutions than are allowed."""


@dataclass(frozen=True)
class Job:
    """What to run.

    Parameters
    ----------
    slots, slot_s
        The horizon.
    start_s
        Local time of day at its start, s; negative to keep the file's own clock.
    tanks
        By link of a tank: the tank, the pipe that shuts it, and the node at its other end.
    pumps
        By pump that `share` speaks of: its gates and the share of power that each stands for.
    twins
        Pumps and their twins for part of the power.
    added
        How many junctions are gates'; the last of the junctions.
    pressure_driven
        Whether to replace a fixed demand by a pressure-driven one.
    required
        Pressure from which all of the demand is met, where the file has none, in the file's unit
        of pressure.
    """

    slots: int
    slot_s: int
    start_s: int
    tanks: list[tuple[str, str, str]]
    pumps: list[list[tuple[float, str]]]
    twins: dict[str, list[str]]
    added: int
    pressure_driven: bool
    required: float


def step_through(library: Path, inp: Path, job: Job, share: Float) -> dict[str, Any]:
    """Run a network and return the fields of a `WaterRun`.

    Parameters
    ----------
    library
        EPANET's library.
    inp
        The network with its gates; the report goes beside it.
    job
        What to run.
    share
        Pump × slot: share of its power; 0 or one of its gates' shares.

    Raises
    ------
    EpanetError, TooManyStepsError
        If EPANET refuses the file or a step, or steps become too many.
    """
    began = time.process_time()
    clock_s = _set_clock(library, inp, job.start_s) if job.start_s >= 0 else 0
    with Project(library) as project:
        project.do("open", str(inp), str(inp.with_suffix(".rpt")), "")
        run = _Run(project, job, share, clock_s)
        run.through()
        return run.result() | {"seconds": time.process_time() - began}


def _set_clock(library: Path, inp: Path, start_s: int) -> int:
    """Let a file start at a time of day; return when it meant to, s."""
    with Project(library) as project:
        project.do("open", str(inp), str(inp.with_suffix(".rpt")), "")
        meant = project.get_time(START_TIME)
    hour, minute = divmod(start_s % _DAY_S // 60, 60)
    given = inp.read_text(encoding="utf-8")
    times = f"[TIMES]\nSTART CLOCKTIME {hour}:{minute:02d}\n[END]\n"
    inp.write_text(given.replace("[END]\n", times), encoding="utf-8")
    return meant


class _Run:
    """A network in its horizon."""

    def __init__(self, project: Project, job: Job, share: Float, clock_s: int) -> None:
        self.project, self.job, self.share = project, job, share
        self._settings(clock_s)
        count = project.integer("getcount", NODES)
        every = [project.text("getnodeid", n + 1) for n in range(count)]
        kinds = np.array([project.integer("getnodetype", n + 1) for n in range(count)])
        ours = np.zeros(count, dtype=np.bool_)
        junctions = int((kinds == JUNCTION).sum())
        ours[junctions - job.added : junctions] = True
        self.own = np.flatnonzero(~ours)
        self.nodes = tuple(every[n] for n in self.own)
        self.kind = kinds[self.own].astype(np.int64)
        links = project.integer("getcount", LINKS)
        names = {project.text("getlinkid", n + 1): n for n in range(links)}
        hidden = {name for name in names if name.startswith(OURS)}
        self.own_links = np.array([n for name, n in names.items() if name not in hidden], int)
        self.links = tuple(name for name in names if name not in hidden)
        self.twins = [(names[pump], names[t]) for pump, all_ in job.twins.items() for t in all_]
        self.flow_m3_h, self.metre = project.units
        self.m3 = self.metre**3
        self.scratch, self.link_scratch = np.empty(count), np.empty(links)
        self.elevation = self._nodes(ELEVATION) * self.metre
        at = {name: n for n, name in enumerate(every)}
        self.tanks = [
            _Tank(
                project,
                at[tank] + 1,
                [(names[p] + 1, at[o] + 1) for t, p, o in job.tanks if t == tank],
            )
            for tank in dict.fromkeys(tank for tank, _, _ in job.tanks)
        ]
        self.tank_rows = np.searchsorted(self.own, [tank.node - 1 for tank in self.tanks])
        self.pumps = [_Pump({s: names[g] + 1 for s, g in gates}) for gates in job.pumps]
        shape = (len(self.nodes), job.slots)
        self.pressure, self.delivered = np.zeros(shape), np.zeros(shape)
        self.wanted = np.zeros(shape)
        self.head = np.zeros((shape[0], job.slots + 1))
        self.tank_m3 = np.zeros_like(self.head)
        self.flow = np.zeros((len(self.links), job.slots + 1))
        self.supplied, self.lost = 0.0, 0.0
        self.solves, self.in_slot, self.held = 0, 0, 0
        self.warnings: dict[int, int] = {}

    def _settings(self, clock_s: int) -> None:
        project, job = self.project, self.job
        if job.start_s >= 0:
            # The demand that the file means for an hour of the day stays with that hour.
            shift = project.get_time(PATTERN_START) + job.start_s - clock_s
            project.set_time(PATTERN_START, shift + _DAY_S if shift < 0 else shift)
        project.set_time(REPORT_START, 0)
        project.set_time(REPORT_STEP, job.slot_s)
        step = min(project.get_time(HYDRAULIC_STEP), project.get_time(PATTERN_STEP), job.slot_s)
        project.set_time(HYDRAULIC_STEP, job.slot_s // -(-job.slot_s // max(step, 60)))
        project.set_time(DURATION, job.slots * job.slot_s)
        if project.number("getoption", UNBALANCED) < _EXTRA_TRIALS:
            # A file may want the run to stop at the first hour that doesn't balance.
            project.do("setoption", UNBALANCED, float(_EXTRA_TRIALS))
        if job.pressure_driven and not self._pressure_driven():
            project.do("setdemandmodel", PRESSURE_DRIVEN, 0.0, job.required, _EXPONENT)

    def _pressure_driven(self) -> bool:
        kind = ctypes.c_int()
        rest = [ctypes.c_double() for _ in range(3)]
        self.project.do("getdemandmodel", ctypes.byref(kind), *(ctypes.byref(r) for r in rest))
        return kind.value == PRESSURE_DRIVEN

    def _nodes(self, quantity: int) -> Float:
        return np.asarray(self.project.all_nodes(quantity, self.scratch)[self.own])

    def through(self) -> None:
        """Step through the horizon."""
        project, job = self.project, self.job
        project.do("openH")
        project.do("initH", 0)
        now, slot = 0, -1
        while True:
            if now // job.slot_s > slot and now // job.slot_s < job.slots:
                slot, self.in_slot = now // job.slot_s, 0
                for row, pump in enumerate(self.pumps):
                    pump.set(project, float(self.share[row, slot]))
                for tank in self.tanks:
                    tank.openings = 0
            now = self._settle()
            if now % job.slot_s == 0:
                self._note(now // job.slot_s)
            demand, head = self._nodes(DEMAND), self._nodes(HEAD)
            deficit = self._nodes(DEFICIT)
            before = self._overflowing()
            step_s = project.advance()
            if step_s <= 0:
                break
            self._count(slot, step_s, demand, head, deficit)
            self._spill(before, demand, step_s)
            now += step_s
        project.do("closeH")

    def _settle(self) -> int:
        """Solve this moment with every tank open or shut as its water and the heads want it."""
        while True:
            now = self._solve()
            if self.in_slot > MOST_SOLVES:
                raise TooManyStepsError(f"{MOST_SOLVES} solutions in one slot")
            demand = self.project.all_nodes(DEMAND, self.scratch)
            second = self.flow_m3_h / self.m3 * _EVENT_S / 3600.0
            least = _TRACE * float(np.abs(demand).sum())
            flows = [float(demand[tank.node - 1]) for tank in self.tanks]
            inflow = [flow * second if abs(flow) > least else 0.0 for flow in flows]
            changed = [
                tank.follow(self.project, into)
                for tank, into in zip(self.tanks, inflow, strict=True)
            ]
            if not any(changed):
                return now
            self.held += sum(changed)

    def _solve(self) -> int:
        now, code = self.project.solve()
        self.solves += 1
        self.in_slot += 1
        if code in {1, 2}:
            # Taken up where it stopped: with more trials, then with steps damped as well.
            trials = self.project.number("getoption", TRIALS)
            damping = self.project.number("getoption", DAMPING)
            self.project.do("setoption", TRIALS, max(trials, float(_MORE_TRIALS)))
            for damped in (damping, _DAMPED):
                self.project.do("setoption", DAMPING, damped)
                now, code = self.project.solve()
                self.solves += 1
                if code not in {1, 2}:
                    break
            self.project.do("setoption", DAMPING, damping)
            self.project.do("setoption", TRIALS, trials)
        if code:
            self.warnings[code] = self.warnings.get(code, 0) + 1
        return now

    def _volumes(self) -> Float:
        out = np.zeros(len(self.nodes))
        out[self.tank_rows] = [tank.volume(self.project) for tank in self.tanks]
        return out * self.m3

    def _note(self, at: int) -> None:
        self.head[:, at] = self._nodes(HEAD) * self.metre
        flow = self.project.all_links(FLOW, self.link_scratch)
        for pump, twin in self.twins:
            flow[pump] += flow[twin]
        self.flow[:, at] = flow[self.own_links] * self.flow_m3_h
        self.tank_m3[:, at] = self._volumes()

    def _count(self, slot: int, step_s: int, demand: Float, head: Float, deficit: Float) -> None:
        hours = step_s / 3600.0
        volume = demand * self.flow_m3_h * hours
        junction = self.kind == JUNCTION
        got = np.where(junction, np.maximum(volume, 0.0), 0.0)
        self.delivered[:, slot] += got
        short = np.where(junction, np.maximum(deficit, 0.0) * self.flow_m3_h * hours, 0.0)
        self.wanted[:, slot] += got + short
        self.supplied -= float(volume[junction & (volume < 0.0)].sum())
        self.supplied -= float(volume[self.kind == RESERVOIR].sum())
        above = np.where(junction, head * self.metre - self.elevation, 0.0)
        self.pressure[:, slot] += above * (step_s / self.job.slot_s)

    def _overflowing(self) -> list[tuple[_Tank, float]]:
        return [(tank, tank.volume(self.project)) for tank in self.tanks if tank.overflows]

    def _spill(self, before: list[tuple[_Tank, float]], demand: Float, step_s: int) -> None:
        """Count what ran over."""
        for tank, had in before:
            inflow = demand[np.searchsorted(self.own, tank.node - 1)] * self.flow_m3_h
            gained = (tank.volume(self.project) - had) * self.m3
            self.lost += max(float(inflow) * step_s / 3600.0 - gained, 0.0)

    def result(self) -> dict[str, Any]:
        """Return the fields of a `WaterRun`, but the time."""
        return {
            "nodes": self.nodes, "links": self.links, "kind": self.kind,
            "elevation_m": self.elevation, "pressure_m": self.pressure,
            "delivered_m3": self.delivered, "wanted_m3": self.wanted, "head_m": self.head,
            "flow_m3_h": self.flow, "tank_m3": self.tank_m3, "supplied_m3": self.supplied,
            "lost_m3": self.lost, "solves": self.solves, "held": self.held,
            "warnings": self.warnings,
        }  # fmt: skip


class _Pump:
    """A pump by its gates: one for each share of its power, at most one of them open."""

    def __init__(self, gates: dict[float, int]) -> None:
        self.gates, self.now, self.begun = gates, 1.0, False

    def set(self, project: Project, share: float) -> None:
        """Give the pump this share of its power."""
        if share == self.now and self.begun:
            return
        for level, pipe in self.gates.items():
            project.do("setlinkvalue", pipe, STATUS, float(level == share))
        self.now, self.begun = share, True


class _Tank:
    """A tank and the pipes that lead to it."""

    def __init__(self, project: Project, node: int, pipes: list[tuple[int, int]]) -> None:
        self.node = node
        self.pipes = [(pipe, other, _away(project, pipe, node)) for pipe, other in pipes]
        self.least = project.number("getnodevalue", node, MIN_VOLUME)
        self.most = project.number("getnodevalue", node, MAX_VOLUME)
        self.overflows = project.number("getnodevalue", node, CAN_OVERFLOW) > 0.0
        self.shut: dict[int, int] = {}  # by pipe: −1 as the tank is empty, 1 as it is full
        self.openings = 0

    def volume(self, project: Project) -> float:
        """Return the water in it, in the file's unit of length cubed."""
        return project.number("getnodevalue", self.node, TANK_VOLUME)

    def follow(self, project: Project, second: float) -> bool:
        """Shut or open its pipes as the water wants it; whether one moved.

        Parameters
        ----------
        project
            The network.
        second
            What flows in within the time that EPANET rounds to none.
        """
        moved = self._open(project) if self.shut else False
        if second == 0.0:
            return moved
        volume = self.volume(project)
        empty = second < 0.0 and volume - self.least <= -second
        full = second > 0.0 and self.most - volume <= second and not self.overflows
        if empty or full:
            for pipe, _, away in self.pipes:
                outward = project.number("getlinkvalue", pipe, FLOW) * away
                if pipe not in self.shut and (outward > 0.0 if empty else outward < 0.0):
                    self.shut[pipe] = -1 if empty else 1
                    project.do("setlinkvalue", pipe, STATUS, 0.0)
                    moved = True
        return moved

    def _open(self, project: Project) -> bool:
        if self.openings >= MOST_OPENINGS:
            return False
        head = project.number("getnodevalue", self.node, HEAD)
        opened = [
            pipe
            for pipe, other, _ in self.pipes
            if pipe in self.shut
            and (project.number("getnodevalue", other, HEAD) - head) * -self.shut[pipe] >= _DRIVE
        ]
        for pipe in opened:
            del self.shut[pipe]
            project.do("setlinkvalue", pipe, STATUS, 1.0)
        self.openings += bool(opened)
        return bool(opened)


def _away(project: Project, pipe: int, node: int) -> int:
    """1 where a pipe leads away from a node, −1 where towards it."""
    first, second = ctypes.c_int(), ctypes.c_int()
    project.do("getlinknodes", pipe, ctypes.byref(first), ctypes.byref(second))
    return 1 if first.value == node else -1
