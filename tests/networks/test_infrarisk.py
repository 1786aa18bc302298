"""InfraRisk's simple network: who is dark with a line out, and its outage hours."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from vatra.networks.power_flow import read_matpower, solve_ac

CASE = Path(__file__).parents[1] / "cases" / "infrarisk_in2"


def test_outage_hours_of_power_and_the_weighted_areas() -> None:
    said = tomllib.loads((CASE / "expected.toml").read_text(encoding="utf-8"))
    grid = read_matpower(CASE / "input.m")
    on = np.ones((2, len(grid.branches)), dtype=np.bool_)
    on[1, grid.branches.index.get_loc(said["line_out"])] = False
    flow = solve_ac(grid, branch_on=on)
    assert flow.solved.all()
    served = flow.energised[:, grid.rows("loads", "bus")]
    drawn = grid.loads["p_mw"].to_numpy()
    assert drawn.sum() == pytest.approx(6.23)
    assert served.sum(axis=1).tolist() == [4, 3]
    alike = 1.0 - served[1].mean()
    by_demand = 1.0 - drawn[served[1]].sum() / drawn.sum()
    hours, tolerance = said["line_out_h"], said["tolerance_h"]
    assert alike * hours == pytest.approx(said["power_ecs_h"], abs=tolerance)
    assert by_demand * hours == pytest.approx(said["power_pcs_h"], abs=tolerance)
    for measure, power in (("ecs", alike * hours), ("pcs", by_demand * hours)):
        weighted = 0.5 * (power + said[f"water_{measure}_h"])
        assert weighted == pytest.approx(said[f"weighted_{measure}_h"], abs=tolerance)
