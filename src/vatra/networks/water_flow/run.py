"""Runs EPANET in a process of its own, with a time limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vatra.city.epanet_file import EpanetFile
from vatra.networks.water_flow import _child
from vatra.networks.water_flow.gates import straightened, with_gates
from vatra.networks.water_flow.library import find_library
from vatra.networks.water_flow.model import WaterFailure, WaterRun
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]

SLOT_S = round(3600 * SLOT_H)


@dataclass(frozen=True)
class RunSettings:
    """How a network is run.

    Parameters
    ----------
    slot_s
        Length of a slot, s.
    start_s
        Local time of day at which the horizon starts, s: demand by hour and controls by clock
        follow it; negative to keep the file's own clock.
    pressure_driven
        Whether a demand that the file takes as fixed depends on pressure instead. Without it a
        network that loses pumps goes on delivering at pressures below zero.
    required_m
        Pressure from which all of a demand is met, where the file doesn't say, m of water; assumed.
    limit_s
        Seconds after which the process is ended, for all runs together.
    most_error
        Water unaccounted for above which an answer isn't taken, as a share of the turnover.
    """

    slot_s: int = SLOT_S
    start_s: int = -1
    pressure_driven: bool = True
    required_m: float = 20.0
    limit_s: float = 60.0
    most_error: float = 0.001


def run_water(
    network: EpanetFile,
    pumps: Sequence[str],
    share: Float,
    settings: RunSettings = RunSettings(),
) -> WaterRun | WaterFailure:
    """Run a water network through a horizon with pumps that lose and regain power.

    Parameters
    ----------
    network
        The network, as `read_epanet` returns it.
    pumps
        Ids of the pumps in the file that can lose power; others always have it.
    share
        Pump × slot: share of its capacity that power and damage leave, 0 to 1.
    settings
        How it is run.

    Returns
    -------
    WaterRun or WaterFailure
        The answer, or why there is none: never an exception for what EPANET does.
    """
    return run_water_many(network, pumps, share[None], settings)[0]


def run_water_many(
    network: EpanetFile,
    pumps: Sequence[str],
    shares: Float,
    settings: RunSettings = RunSettings(),
) -> list[WaterRun | WaterFailure]:
    """Run a water network many times, in one process: for ensembles.

    Parameters
    ----------
    network, pumps, settings
        As for `run_water`; the time limit is for all runs together.
    shares
        Run × pump × slot.

    Returns
    -------
    list
        By run. A run that takes the process down leaves the runs after it without an answer.
    """
    unknown = [pump for pump in pumps if pump not in network.pumps]
    if unknown:
        raise ValueError(f"not pumps of the network: {unknown}")
    library = find_library()
    if library is None:
        return [WaterFailure("absent", "EPANET isn't installed")] * len(shares)
    shares = np.clip(np.round(shares, 1), 0.0, 1.0)
    # A pump that never lacks power needs no gate.
    gated = np.flatnonzero((shares < 1.0).any(axis=(0, 2))).tolist()
    shares = shares[:, gated]
    levels = [sorted(set(np.unique(shares[:, n])) - {0.0, 1.0}) for n in range(len(gated))]
    names = [pumps[n] for n in gated]
    gates = with_gates(network, names, levels)
    straight = with_gates(straightened(network), names, levels)
    job = {
        "library": str(library), "check": False, "slots": shares.shape[2],
        "slot_s": settings.slot_s, "start_s": settings.start_s, "tanks": gates.tanks,
        "pumps": [list(pump.items()) for pump in gates.pumps], "twins": gates.twins,
        "added": gates.added, "pressure_driven": settings.pressure_driven,
        "required": settings.required_m / network.pressure_unit_m,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="vatra-water-") as place:
        folder = Path(place)
        (folder / _child.NETWORK).write_text(gates.text, encoding="utf-8")
        (folder / _child.STRAIGHT).write_text(straight.text, encoding="utf-8")
        (folder / _child.JOB).write_text(json.dumps(job), encoding="utf-8")
        np.save(folder / _child.SHARES, shares)
        ended = _start(folder, settings.limit_s)
        return [_answer(folder, run, ended, settings) for run in range(len(shares))]


def epanet_complaints(network: EpanetFile, limit_s: float = 20.0) -> tuple[str, ...]:
    """Return what EPANET itself finds wrong with a network when it opens it.

    Parameters
    ----------
    network
        The network.
    limit_s
        Seconds after which the process is ended.

    Returns
    -------
    tuple[str, ...]
        Its messages, with the line that each is about; empty where it takes the network or isn't
        installed.
    """
    library = find_library()
    if library is None:
        return ()
    with tempfile.TemporaryDirectory(prefix="vatra-water-") as place:
        folder = Path(place)
        (folder / _child.NETWORK).write_text(network.text, encoding="utf-8")
        job = {"library": str(library), "check": True}
        (folder / _child.JOB).write_text(json.dumps(job), encoding="utf-8")
        ended = _start(folder, limit_s)
        kept = _read(folder, 0)
        if kept is not None and not kept["code"]:
            return ()
        report = (folder / _child.NETWORK).with_suffix(".rpt")
        said = report.read_text(encoding="utf-8", errors="replace") if report.exists() else ""
        lines = [line.strip() for line in said.splitlines()]
        messages = [
            " ".join(filter(None, (line, following if line.endswith(":") else "")))
            for line, following in zip(lines, [*lines[1:], ""], strict=True)
            if line.startswith("Error ") and not line.startswith("Error 200")
        ]
        return tuple(messages) or (ended or "can't be opened",)


def _start(folder: Path, limit_s: float) -> str:
    """Do the work of a folder in a process; why it ended early, empty where it didn't."""
    # The child finds Vatra where this process found it.
    package = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", _child.__name__, str(folder)]
    try:
        done = subprocess.run(  # noqa: S603  # the command is ours, the network only a file
            command, cwd=folder, env=environment, timeout=limit_s, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"time: no answer within {limit_s:g} s"
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"crash: ended by {signal.Signals(-done.returncode).name}"
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    return f"crash: ended with {done.returncode}: {' '.join(last)}"


def _read(folder: Path, run: int) -> dict[str, object] | None:
    path = folder / _child.answer_name(run, "json")
    if not path.exists():
        return None
    kept: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _answer(folder: Path, run: int, ended: str, settings: RunSettings) -> WaterRun | WaterFailure:
    kept = _read(folder, run)
    if kept is None:
        code, _, detail = (ended or "crash: no answer").partition(": ")
        return WaterFailure(code, detail)
    if kept["code"]:
        return WaterFailure(str(kept["code"]), str(kept["detail"]))
    with np.load(folder / _child.answer_name(run, "npz"), allow_pickle=False) as arrays:
        fields = {name: arrays[name] for name in arrays.files}
    rest = kept["rest"]
    assert isinstance(rest, dict)  # noqa: S101  # written by our own process
    fields |= rest | {
        "nodes": tuple(rest["nodes"]),
        "links": tuple(rest["links"]),
        "warnings": {int(code): count for code, count in rest["warnings"].items()},
    }
    answer = WaterRun(**fields)
    if not all(np.isfinite(a).all() for a in (answer.pressure_m, answer.delivered_m3)):
        return WaterFailure("balance", "values that aren't numbers")
    if answer.error_share > settings.most_error:
        return WaterFailure("balance", f"{100 * answer.error_share:.2f} % of the water unaccounted")
    return answer
