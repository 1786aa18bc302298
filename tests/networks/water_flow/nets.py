"""Water networks that the tests and the benchmark run."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vatra.city.epanet_file import EpanetFile
from vatra.networks.water_flow.library import (
    DURATION,
    FLOW,
    HEAD,
    HYDRAULIC_STEP,
    LINKS,
    NODES,
    REPORT_START,
    REPORT_STEP,
    Project,
    find_library,
)

Float = NDArray[np.float64]

PUBLISHED = ("Net1", "Net2", "Net3", "Net6", "ky4", "ky10")

TOWN = """
[JUNCTIONS]
; id  elevation  demand  pattern
A   100   0
B   100  60   day
C   110  40   day
[RESERVOIRS]
R   100
[TANKS]
T   135  2  0.5  4  10  0
[PIPES]
p1  A  B  800  300  110  0  Open
p2  B  C  900  250  110  0  Open
p3  B  T  200  250  110  0  Open
[PUMPS]
P1  R  A  HEAD lift
P2  R  A  HEAD lift
[CURVES]
lift   0   55
lift  90   45
lift 160   15
[PATTERNS]
day  0.6 0.6 0.8 1.4 1.2 1.4
[CONTROLS]
LINK P2 CLOSED IF NODE T ABOVE 3.8
LINK P2 OPEN IF NODE T BELOW 2
[TIMES]
Duration 24:00
Hydraulic Timestep 1:00
Pattern Timestep 4:00
Report Timestep 1:00
[OPTIONS]
Units CMH
Headloss H-W
Demand Model PDA
Minimum Pressure 0
Required Pressure 20
Pressure Exponent 0.5
Trials 100
Accuracy 0.0001
[END]
"""


def published(name: str) -> Path | None:
    """Where a network of EPANET's and WNTR's examples is; None where wntr isn't installed."""
    spec = find_spec("wntr")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "library" / "networks" / f"{name}.inp"
        if path.is_file():
            return path
    return None


def outages(rng: np.random.Generator, runs: int, pumps: int, slots: int) -> Float:
    """Random power of pumps, run × pump × slot: five kinds in turn.

    All out for a time; each slot by chance; some out for a time; part of their units for a time;
    rotating blackouts.
    """
    out = np.ones((runs, pumps, slots))
    for run in range(runs):
        kind = run % 5
        if kind == 0:
            start = rng.integers(0, slots - 4)
            out[run, :, start : start + rng.integers(4, slots)] = 0.0
        elif kind == 1:
            out[run] = rng.random((pumps, slots)) > rng.uniform(0.0, 1.0)
        elif kind == 4:
            period = rng.integers(2, 17)
            phase = rng.integers(0, period, pumps)
            out[run] = (np.arange(slots) + phase[:, None]) % period < period // 2
        else:
            for pump in range(pumps):
                if kind == 2 and rng.random() > 0.6:
                    continue
                left = 0.0 if kind == 2 else rng.choice([0.0, 0.3, 0.6, 0.9])
                start = rng.integers(0, slots)
                out[run, pump, start : start + rng.integers(1, slots)] = left
    return out


def epanet_alone(
    path: Path, folder: Path, network: EpanetFile, slots: int, slot_s: int, required_m: float
) -> tuple[Float, Float]:
    """Heads (node × slot) and flows (link × slot) as EPANET's own stepping gives them."""
    library = find_library()
    assert library is not None
    with Project(library) as project:
        project.do("open", str(path), str(folder / "alone.rpt"), "")
        project.set_time(REPORT_START, 0)
        project.set_time(REPORT_STEP, slot_s)
        project.set_time(HYDRAULIC_STEP, slot_s)
        project.set_time(DURATION, slots * slot_s)
        required = required_m / network.pressure_unit_m
        project.do("setdemandmodel", 1, 0.0, required, 0.5)
        nodes, links = project.integer("getcount", NODES), project.integer("getcount", LINKS)
        head, flow = np.zeros((nodes, slots + 1)), np.zeros((links, slots + 1))
        to_m3_h, to_m = project.units
        project.do("openH")
        project.do("initH", 0)
        while True:
            now, _ = project.solve()
            if now % slot_s == 0:
                head[:, now // slot_s] = project.all_nodes(HEAD, np.zeros(nodes)) * to_m
                flow[:, now // slot_s] = project.all_links(FLOW, np.zeros(links)) * to_m3_h
            if project.advance() <= 0:
                return head, flow
