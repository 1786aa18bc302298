"""Networks against the tools that engineers use: the same answers, and how long they take.

    python benchmarks/networks.py [--json] [--data DIR] [--slots 144] [--quick] [--city]

The reference runs beside Vatra, in the same process, on the same machine. pandapower comes with the
development set-up; pandapipes 0.16 pins an older one and needs an environment of its own
(``pip install -e . pandapipes==0.16.0 power-grid-model``); what isn't installed is left out,
with the reason. ``--data DIR`` adds every MATPOWER (``.m``), pandapower and power-grid-model
(``.json``) case in a folder, and every EPANET file (``.inp``); `networks_water` holds the cases of
water. Times are the median of three runs, compilation left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from networks_water import water_rows
from table import Row, show

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.networks.heat_flow.nets import street_net
from tests.networks.heat_flow.reference import pandapipes_net, run

from vatra.networks.heat_flow import solve_heat
from vatra.networks.power_flow import (
    PowerGrid,
    read_pandapower,
    read_power_grid,
    solve_ac,
    solve_dc,
    solve_with_power_grid_model,
)
from vatra.problems import InputError

CASES = (
    "case14", "case118", "case300", "case2869pegase", "case24_ieee_rts",
    "create_cigre_network_mv", "mv_oberrhein",
)  # fmt: skip
SAME_PU = 1e-6
AC_TIMES, HEAT_TIMES = 10.0, 20.0
CITY_S, CITY_LONG_S = 60.0, 300.0


def timed(work: Callable[[], object], runs: int = 3) -> float:
    """Median seconds of some runs after one that compiles and warms up."""
    work()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def installed(*names: str) -> bool:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        print(f"left out: {', '.join(missing)} not installed", file=sys.stderr)
    return not missing


def solvable(pandapower: Any, net: Any) -> bool:
    try:
        pandapower.runpp(net, calculate_voltage_angles=True, max_iteration=20)
    except pandapower.LoadflowNotConverged:
        return False
    return True


def accuracy(folder: Path, patterns: int) -> list[Row]:
    """Voltages as they are, and islands and verdicts with lines out at random."""
    import pandapower as pp  # noqa: PLC0415
    import pandapower.networks  # noqa: PLC0415

    rows = []
    for name in CASES:
        net = getattr(pandapower.networks, name)()
        net = net[0] if isinstance(net, tuple) else net
        path = folder / f"{name}.json"
        pp.to_json(net, str(path))
        grid = read_pandapower(path)
        rng = np.random.default_rng(1)
        count = max(4, patterns // 5) if len(grid.buses) > 1000 else patterns
        on = np.ones((count, len(grid.branches)), dtype=np.bool_)
        for case in range(1, count):
            on[case, : len(net.line)] = rng.random(len(net.line)) >= rng.uniform(0.0, 0.2)
        flow = solve_ac(grid, branch_on=on)
        was = net.line["in_service"].copy()
        worst, verdicts, islands, solved = 0.0, 0, 0, 0
        for case in range(count):
            net.line["in_service"] = was & on[case, : len(net.line)]
            verdict = solvable(pp, net)
            verdicts += verdict != flow.solved[case]
            if verdict and flow.solved[case]:
                theirs = net.res_bus["vm_pu"].to_numpy()
                solved += 1
                islands += bool((np.isnan(theirs) == flow.energised[case]).any())
                worst = max(worst, float(np.nanmax(np.abs(theirs - flow.voltage_pu[case]))))
        rows += [
            Row(name, "largest difference of voltage, pu", worst, SAME_PU),
            Row(name, f"other verdicts of {count} patterns ({solved} solvable)", verdicts, 0.0),
            Row(name, "other islands", islands, 0.0),
        ]
    return rows


def feeder_net(nodes: int, seed: int = 0) -> PowerGrid:
    """Make a radial 10 kV network with a feeder every 250 nodes."""
    rng = np.random.default_rng(seed)
    number = np.arange(1, nodes)
    place = (number - 1) % 250
    parent = np.where(
        place == 0, 0, number - 1 - np.minimum(place - 1, rng.integers(0, 8, nodes - 1))
    )
    km = rng.uniform(0.05, 0.3, nodes - 1)
    ohm = 10.0**2 / 1.0
    branches = pd.DataFrame(
        {
            "from_bus": parent, "to_bus": number, "r_pu": 0.2 * km / ohm, "x_pu": 0.1 * km / ohm,
            "from_b_pu": np.pi * 50 * 250e-9 * km * ohm, "to_b_pu": np.pi * 50 * 250e-9 * km * ohm,
            "from_limit_mva": 6.0, "to_limit_mva": 6.0,
        }
    )  # fmt: skip
    p = rng.uniform(0.005, 0.025, nodes - 1)
    loads = pd.DataFrame({"bus": number, "p_mw": p, "q_mvar": 0.3 * p})
    buses = pd.DataFrame({"kv": 10.0}, index=np.arange(nodes))
    sources = pd.DataFrame({"bus": [0], "v_pu": [1.02]})
    return PowerGrid(f"{nodes} nodes", 1.0, buses, branches, loads=loads, sources=sources)


def as_pandapower(pp: Any, grid: PowerGrid) -> Any:
    """Make the same in pandapower."""
    net = pp.create_empty_network(sn_mva=grid.base_mva, f_hz=50.0)
    pp.create_buses(net, len(grid.buses), vn_kv=10.0)
    pp.create_ext_grid(net, 0, vm_pu=1.02)
    b, ohm = grid.branches, 100.0
    pp.create_lines_from_parameters(
        net, b["from_bus"].tolist(), b["to_bus"].tolist(), length_km=1.0,
        r_ohm_per_km=b["r_pu"] * ohm, x_ohm_per_km=b["x_pu"] * ohm,
        c_nf_per_km=b["from_b_pu"] / ohm / (np.pi * 50.0) * 1e9, max_i_ka=0.35,
    )  # fmt: skip
    loads = grid.loads
    pp.create_loads(net, loads["bus"].tolist(), p_mw=loads["p_mw"], q_mvar=loads["q_mvar"])
    return net


def ac_batch(nodes: int, slots: int) -> list[Row]:
    """Time three days of slots on a large radial network."""
    import pandapower as pp  # noqa: PLC0415

    grid = feeder_net(nodes)
    rng = np.random.default_rng(2)
    table = grid.loads["p_mw"].to_numpy() + 1j * grid.loads["q_mvar"].to_numpy()
    load = table * rng.uniform(0.3, 1.0, (slots, 1)) * rng.uniform(0.8, 1.2, (slots, nodes - 1))
    net = as_pandapower(pp, grid)
    voltage = np.empty((slots, nodes))
    some = min(slots, 24)

    def theirs(**options: Any) -> None:
        for slot in range(some):
            net.load["p_mw"], net.load["q_mvar"] = load[slot].real, load[slot].imag
            pp.runpp(net, calculate_voltage_angles=True, numba=True, **options)
            voltage[slot] = net.res_bus["vm_pu"].to_numpy()

    name = f"AC, {nodes:,} nodes × {slots} slots"
    flow = solve_ac(grid, load_mva=load)
    ours_s = timed(lambda: solve_ac(grid, load_mva=load))
    theirs_s = timed(theirs, 1) * slots / some
    recycle = {"trafo": False, "gen": False, "bus_pq": True}
    recycled_s = timed(lambda: theirs(recycle=recycle), 1) * slots / some
    theirs()
    same = float(np.abs(voltage[:some] - flow.voltage_pu[:some]).max())
    rows = [
        Row(name, "vatra, s", ours_s),
        Row(name, "pandapower with numba, s", theirs_s),
        Row(name, "times faster", theirs_s / ours_s, AC_TIMES, more_is_better=True),
        Row(name, "times faster than with its matrices kept", recycled_s / ours_s),
        Row(name, "largest difference of voltage, pu", same, SAME_PU),
        Row(name, "lowest voltage, pu", float(flow.voltage_pu.min())),
    ]
    dc_s = timed(lambda: solve_dc(grid, load_mw=load.real))
    rows.append(Row(name, "vatra DC, s", dc_s))
    if installed("power_grid_model"):
        pgm = solve_with_power_grid_model(grid, load)
        pgm_s = timed(lambda: solve_with_power_grid_model(grid, load))
        same = float(np.abs(pgm.voltage - flow.voltage).max())
        rows += [
            Row(name, "power-grid-model called from vatra, s", pgm_s),
            Row(name, "largest difference from power-grid-model, pu", same, SAME_PU),
        ]
    return rows


def heat_batch(pipes: int, steps: int) -> list[Row]:
    """Time three days of steps on a large network with rings."""
    grid = street_net(pipes, looped=True)
    rng = np.random.default_rng(3)
    table = grid.consumers["demand_mw"].to_numpy()
    demand = table * rng.uniform(0.3, 1.0, (steps, 1)) * rng.uniform(0.9, 1.1, (steps, table.size))
    flow = solve_heat(grid, demand_mw=demand)
    ours_s = timed(lambda: solve_heat(grid, demand_mw=demand))
    name = f"heat, {pipes:,} pipes × {steps} steps"
    rows = [
        Row(name, "vatra, s", ours_s),
        Row(name, "steps not settled", float((~flow.settled).sum()), 0.0),
        Row(name, "heat out of balance, MW", float(np.abs(flow.unbalanced_mw).max()), 1e-3),
    ]
    if not installed("pandapipes"):
        return rows
    net = pandapipes_net(grid)
    some = min(steps, 12)
    kg_s, node_c = np.empty((some, pipes)), np.empty((some, len(grid.nodes())))

    def theirs() -> None:
        for step in range(some):
            net.heat_consumer["qext_w"] = 1e6 * demand[step]
            kg_s[step], node_c[step] = run(net)

    theirs_s = timed(theirs, 1) * steps / some
    rows += [
        Row(name, "pandapipes, s", theirs_s),
        Row(name, "times faster", theirs_s / ours_s, HEAT_TIMES, more_is_better=True),
    ]
    # The reference keeps its turbulent formula at any flow: compared on that footing, and as it is.
    for laminar, figure in ((False, ""), (True, " where slow water is laminar")):
        flow = solve_heat(grid, demand_mw=demand[:some], laminar=laminar)
        colder = np.abs(node_c - flow.node_c)
        off = np.abs(kg_s - flow.pipe_kg_s)
        allowed = np.maximum(0.01 * np.abs(kg_s), 1e-4 * flow.source_kg_s)
        rows += [
            Row(name, f"largest difference{figure}, K", float(np.nanmax(colder)),
                None if laminar else 0.5),
            Row(name, f"pipes × steps off by 1 %{figure}", float((off > allowed).sum()),
                None if laminar else 0.0),
        ]  # fmt: skip
    return rows


def whole_city() -> list[Row]:
    """Plan three and fourteen days of the city of three million, networks checked by AC flow."""
    rows = []
    for hours, limit_s in ((72, CITY_S), (336, CITY_LONG_S)):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            command = [sys.executable, "-m", "vatra", "demo", "--json", "--hours", str(hours)]
            done = subprocess.run(
                [*command, "--out", str(Path(folder) / "plan")], stdout=subprocess.PIPE, check=True
            )
            cpu_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        made = json.loads(done.stdout)
        loop_s = made["seconds"]["blackouts, networks and homes"]
        network = made["power_network"]
        name = f"plan, 3,000,000 residents, {hours} h"
        rows += [
            Row(name, "loop closed and checked, s", loop_s, limit_s),
            Row(name, "whole run, s of CPU", cpu_s),
            Row(name, "network carries it (1 is yes)", float(network["holds"]), 1.0, True),
            Row(name, "slots without operating point", network["slots_without_operating_point"]),
            Row(name, "loop settled (1 is yes)", float(made["loop"]["settled"]), 1.0, True),
        ]
    return rows


def own_cases(folder: Path) -> list[Row]:
    """Cases that a user keeps: whether they are read, and solved."""
    rows = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".m", ".json"}):
        try:
            grid = read_power_grid(path)
        except InputError as error:
            rows.append(Row(path.name, "not read: problems", float(len(error.problems))))
            continue
        began = time.perf_counter()
        flow = solve_ac(grid)
        rows += [
            Row(path.name, "buses", float(len(grid.buses))),
            Row(path.name, "has an operating point (1 is yes)", float(flow.solved[0])),
            Row(path.name, "mismatch left, MVA", float(flow.mismatch_mva[0])),
            Row(path.name, "s", time.perf_counter() - began),
        ]
    return rows


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, help="folder of further cases")
    parser.add_argument("--slots", type=int, default=144)
    parser.add_argument("--water-runs", type=int, default=200, help="outages a water network")
    parser.add_argument("--city", action="store_true", help="plan the city of three million too")
    parser.add_argument("--quick", action="store_true", help="fewer patterns, smaller networks")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows: list[Row] = []
    if installed("pandapower"):
        with tempfile.TemporaryDirectory() as folder:
            rows += accuracy(Path(folder), 10 if options.quick else 60)
        rows += ac_batch(300 if options.quick else 3000, options.slots)
    rows += heat_batch(220 if options.quick else 2200, options.slots)
    runs, hours = (10, 4) if options.quick else (options.water_runs, 24)
    rows += water_rows(runs, hours, options.data)
    if options.city:
        rows += whole_city()
    if options.data is not None:
        rows += own_cases(options.data)
    show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
