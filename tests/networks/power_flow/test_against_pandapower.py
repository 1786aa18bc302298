"""The same voltages, flows, islands and verdicts as pandapower, on the grids it ships."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from vatra.networks.power_flow import solve_ac, solve_dc

TOLERANCE_PU = 1e-6


def solvable(pandapower: Any, net: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pandapower.runpp(net, calculate_voltage_angles=True, max_iteration=20)
        except pandapower.LoadflowNotConverged:
            return False
    return True


def test_voltages_and_flows(pandapower: Any, reference: Any) -> None:
    net, grid = reference
    flow = solve_ac(grid)
    assert flow.solved.all()
    assert solvable(pandapower, net)
    bus = flow.bus_table()
    np.testing.assert_allclose(bus["v_pu"], net.res_bus["vm_pu"], atol=TOLERANCE_PU, rtol=0)
    np.testing.assert_allclose(bus["angle_deg"], net.res_bus["va_degree"], atol=1e-4, rtol=0)
    branch = flow.branch_table()
    for table, end in (("line", "from"), ("trafo", "hv")):
        ours = branch.loc[[f"{table} {i}" for i in net[table].index]]
        theirs = net[f"res_{table}"]
        np.testing.assert_allclose(ours["from_mw"], theirs[f"p_{end}_mw"], atol=1e-4, rtol=1e-6)
        np.testing.assert_allclose(ours["from_mvar"], theirs[f"q_{end}_mvar"], atol=1e-4, rtol=1e-6)
        loading = theirs["loading_percent"]
        np.testing.assert_allclose(ours["loading"] * 100.0, loading, atol=1e-4, rtol=1e-6)


def test_lines_out_at_random(pandapower: Any, reference: Any) -> None:
    net, grid = reference
    rng = np.random.default_rng(4)
    cases = 4 if len(grid.buses) > 1000 else 12
    lines = len(net.line)
    on = np.ones((cases, len(grid.branches)), dtype=np.bool_)
    for case in range(cases):
        on[case, :lines] = rng.random(lines) >= 0.2 * case / (cases - 1)
    flow = solve_ac(grid, branch_on=on)
    was = net.line["in_service"].copy()
    try:
        for case in range(cases):
            net.line["in_service"] = was & on[case, :lines]
            verdict = solvable(pandapower, net)
            assert flow.solved[case] == verdict, f"case {case}"
            if not verdict:
                continue
            theirs = net.res_bus["vm_pu"].to_numpy()
            np.testing.assert_array_equal(flow.energised[case], ~np.isnan(theirs))
            np.testing.assert_allclose(flow.voltage_pu[case], theirs, atol=TOLERANCE_PU, rtol=0)
    finally:
        net.line["in_service"] = was


def test_dc_flow(pandapower: Any, reference: Any) -> None:
    net, grid = reference
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.rundcpp(net, calculate_voltage_angles=True)
    flow = solve_dc(grid)
    lines = grid.branches.index.get_indexer([f"line {i}" for i in net.line.index])
    theirs = net.res_line["p_from_mw"].to_numpy()
    np.testing.assert_allclose(flow.flow_mw[0, lines], theirs, atol=1e-4, rtol=1e-6)
