"""Water networks against EPANET alone and WNTR: part of ``benchmarks/networks.py``.

    python benchmarks/networks_water.py [--json] [--data DIR] [--runs 200] [--quick]

The six networks come with ``wntr``. EPANET alone is the same library stepped as its manual says,
without anything of Vatra. ``--data DIR`` runs every EPANET file (``.inp``) of a folder, as it is
and with outages. Times include the start of Vatra's process.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from table import Row, show

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.networks.water_flow.nets import PUBLISHED, epanet_alone, outages, published

from vatra.city.epanet_file import EpanetFile, read_epanet
from vatra.networks.water_flow import (
    RunSettings,
    WaterFailure,
    WaterRun,
    run_water,
    run_water_many,
)
from vatra.networks.water_flow.library import find_library
from vatra.problems import InputError

SLOTS, SLOT_S = 48, 1800
REQUIRED_M = 20.0
SAME_M, SAME_M3_H = 0.005, 0.2
MOST_ERROR = 0.001
WATER_TIMES = 20.0
SPEED_NET = "Net6"


def at_work(name: str, path: Path, network: EpanetFile) -> list[Row]:
    """Heads and flows of a day without outages, beside EPANET alone."""
    share = np.ones((len(network.pumps), SLOTS))
    began = time.perf_counter()
    run = run_water(network, network.pumps, share, RunSettings(required_m=REQUIRED_M))
    ours_s = time.perf_counter() - began
    if isinstance(run, WaterFailure):
        return [Row(name, f"no answer: {run.code} ({run.detail})", 1.0, 0.0)]
    with tempfile.TemporaryDirectory() as folder:
        head, flow = epanet_alone(path, Path(folder), network, SLOTS, SLOT_S, REQUIRED_M)
    return [
        Row(name, "at work: largest difference of head, m", worst(run.head_m, head), SAME_M),
        Row(
            name, "at work: largest difference of flow, m³/h", worst(run.flow_m3_h, flow), SAME_M3_H
        ),
        Row(name, "at work: water unaccounted for, share", run.error_share, MOST_ERROR),
        Row(name, "at work: s, with the start of the process", ours_s),
    ]


def worst(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    return float(np.abs(ours - theirs).max())


def with_outages(name: str, network: EpanetFile, runs: int, seed: int = 11) -> list[Row]:
    """Random outages of pumps over a day: all answered, and all water accounted for."""
    if not network.pumps:
        return [Row(name, "outages: no pumps to lose", 0.0)]
    shares = outages(np.random.default_rng(seed), runs, len(network.pumps), SLOTS)
    # What isn't in balance is shown here, not refused.
    settings = RunSettings(required_m=REQUIRED_M, limit_s=30.0 * runs + 60.0, most_error=np.inf)
    began = time.perf_counter()
    answers = run_water_many(network, network.pumps, shares, settings)
    seconds = time.perf_counter() - began
    done = [answer for answer in answers if isinstance(answer, WaterRun)]
    return [
        Row(name, f"outages: without an answer, of {runs}", float(len(answers) - len(done)), 0.0),
        Row(name, "outages: most water unaccounted for, share",
            max((run.error_share for run in done), default=np.nan), MOST_ERROR),
        Row(name, f"outages: most solutions in {SLOTS} slots",
            float(max((run.solves for run in done), default=0))),
        Row(name, "outages: share of runs with a tank shut at its limit",
            float(np.mean([run.held > 0 for run in done])) if done else np.nan),
        Row(name, "outages: least share of demand served",
            min((float(r.delivered_m3.sum() / r.wanted_m3.sum()) for r in done), default=np.nan)),
        Row(name, "outages: s a run", seconds / runs),
    ]  # fmt: skip


def beside_wntr(hours: int) -> list[Row]:
    """Time Net6 pressure-driven beside WNTR's own simulator, on the same file in hours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wntr  # noqa: PLC0415

    path = published(SPEED_NET)
    assert path is not None
    network = read_epanet(path)
    share = np.ones((len(network.pumps), hours))
    settings = RunSettings(slot_s=3600, required_m=REQUIRED_M)
    name = f"{SPEED_NET}, {hours} h, pressure-driven"
    began = time.perf_counter()
    run = run_water(network, network.pumps, share, settings)
    ours_s = time.perf_counter() - began
    if isinstance(run, WaterFailure):
        return [Row(name, f"no answer: {run.code}", 1.0, 0.0)]
    model: Any = wntr.network.WaterNetworkModel(str(path))
    model.options.time.duration = hours * 3600
    model.options.hydraulic.demand_model = "PDD"
    model.options.hydraulic.required_pressure = REQUIRED_M
    model.options.hydraulic.minimum_pressure = 0.0
    began = time.perf_counter()
    theirs: Any = wntr.sim.WNTRSimulator(model).run_sim()
    theirs_s = time.perf_counter() - began
    head = theirs.node["head"][list(run.nodes)].to_numpy().T[:, : hours + 1]
    junctions = np.flatnonzero(run.kind == 0)
    drawn = theirs.node["demand"][[run.nodes[n] for n in junctions]].to_numpy().T[:, :hours]
    ours_m3 = run.delivered_m3.sum()
    off = np.abs(head - run.head_m)
    return [
        Row(name, "vatra, s, with the start of its process", ours_s),
        Row(name, "WNTRSimulator, s", theirs_s),
        Row(name, "times faster", theirs_s / ours_s, WATER_TIMES, more_is_better=True),
        Row(name, "difference of water delivered, share",
            abs(float(drawn.clip(min=0.0).sum()) * 3600.0 - ours_m3) / ours_m3, 0.01),
        Row(name, "difference of head at the start, largest, m", float(off[:, 0].max()), 0.1),
        Row(name, "difference of head, median over nodes and hours, m", float(np.median(off)), 0.5),
        Row(name, "difference of head, 95 of 100, m", float(np.quantile(off, 0.95))),
    ]  # fmt: skip


def own_files(folder: Path, runs: int) -> list[Row]:
    """Files that a user keeps: whether they are read, run as EPANET alone, and survive outages."""
    rows: list[Row] = []
    for path in sorted(folder.rglob("*.inp")):
        try:
            network = read_epanet(path)
        except InputError as error:
            rows.append(Row(path.name, "not read: problems", float(len(error.problems))))
            continue
        rows += at_work(path.name, path, network) + with_outages(path.name, network, runs)
    return rows


def water_rows(runs: int, hours: int, data: Path | None) -> list[Row]:
    """Run the cases of water.

    Parameters
    ----------
    runs
        Random outages for each network.
    hours
        Horizon of the comparison with WNTR's simulator.
    data
        Folder of further files; None for none.
    """
    if find_library() is None:
        print("left out: no EPANET library (pip install vatra[water])", file=sys.stderr)
        return []
    rows: list[Row] = []
    for name in PUBLISHED:
        path = published(name)
        if path is None:
            print(f"left out: {name}, which comes with wntr", file=sys.stderr)
            continue
        network = read_epanet(path)
        rows += at_work(name, path, network) + with_outages(name, network, runs)
    if published(SPEED_NET) is None or importlib.util.find_spec("six") is None:
        print("left out: WNTRSimulator, wntr or six not installed", file=sys.stderr)
    else:
        rows += beside_wntr(hours)
    if data is not None:
        rows += own_files(data, min(runs, 20))
    return rows


def main() -> None:
    """Run the cases of water alone and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, help="folder of further EPANET files")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="fewer outages, fewer hours")
    options = parser.parse_args()
    runs, hours = (10, 4) if options.quick else (options.runs, 24)
    show(water_rows(runs, hours, options.data), as_json=options.json)


if __name__ == "__main__":
    main()
