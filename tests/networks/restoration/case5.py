"""The 5-bus case of PowerModelsRestoration, solved our way: for the test and for the benchmark."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vatra.networks.power_flow import PowerGrid, read_matpower
from vatra.networks.restoration import GridOrder, GridRepair, most_served, order_grid_repairs

CASE = Path(__file__).parents[2] / "cases" / "restoration_case5"


def expected() -> dict[str, Any]:
    """Return what the source says."""
    return tomllib.loads((CASE / "expected.toml").read_text(encoding="utf-8"))


def case() -> tuple[PowerGrid, pd.DataFrame, list[GridRepair]]:
    """Return the grid, its generators and what is damaged."""
    said = expected()
    grid = read_matpower(CASE / "input.m")
    columns = ("most_mw", "least_mvar", "most_mvar")
    generation = pd.DataFrame({"bus": said["generator_bus"], **{c: said[c] for c in columns}})
    repairs = [GridRepair("generators", row) for row in said["damaged_generators"]]
    rows = grid.branches.index.get_indexer(pd.Index(said["damaged_branches"]))
    repairs += [GridRepair("branches", int(row)) for row in rows]
    return grid, generation, repairs


def dc_order(periods: dict[str, Any]) -> GridOrder:
    """Order the repairs over some periods by DC flow."""
    grid, generation, repairs = case()
    hours, by = np.array(periods["hours"]), np.array(periods["repaired_by"])
    return order_grid_repairs(grid, generation, repairs, hours, by)


def ac_served(order: GridOrder) -> list[float]:
    """Return the most that each period can serve under AC flow, hundreds of MW."""
    grid, generation, repairs = case()
    served = []
    for done in order.repairs.T:
        works = np.ones(len(generation), dtype=np.bool_)
        on = np.ones(len(grid.branches), dtype=np.bool_)
        for repair, is_done in zip(repairs, done, strict=True):
            (works if repair.table == "generators" else on)[repair.row] = is_done
        served.append(float(most_served(grid, generation, works, on).sum()) / 100.0)
    return served
