"""The same flows and temperatures as pandapipes, kept as a case and, where installed, put anew."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.networks.heat_flow.nets import street_net
from tests.networks.heat_flow.reference import pandapipes_net, run
from vatra.networks.heat_flow import HeatFlow, HeatGrid, solve_heat

MOVES_KG_S = 1e-3
CASE = Path(__file__).parents[2] / "cases" / "heat_streets"
Float = NDArray[np.floating[Any]]


def check(flow: HeatFlow, kg_s: Float, from_c: Float, to_c: Float) -> None:
    assert flow.settled.all()
    grid = flow.grid
    allowed = np.maximum(0.01 * np.abs(kg_s), 1e-4 * flow.source_kg_s.sum())
    assert (np.abs(flow.pipe_kg_s[0] - kg_s) <= allowed).all()
    node_c = pd.Series(flow.node_c[0], index=grid.nodes())
    for column, expected in (("from_node", from_c), ("to_node", to_c)):
        ours = node_c[grid.pipes[column]].to_numpy()
        # Water that stands, in pipes to nobody, has no temperature.
        moves = np.abs(kg_s) > MOVES_KG_S
        np.testing.assert_allclose(ours[moves], expected[moves], atol=0.5)


@pytest.mark.parametrize("name", ["radial_100", "looped_100", "radial_2000", "looped_2000"])
def test_kept_solutions(name: str) -> None:
    pipes, consumers, sources = (
        pd.read_csv(CASE / f"{name}_{table}.csv", index_col="id")
        for table in ("pipes", "consumers", "sources")
    )
    expected = [pipes.pop(c).to_numpy(np.float64) for c in ("flow_kg_s", "from_c", "to_c")]
    flow = solve_heat(HeatGrid(name, pipes, consumers, sources), laminar=False)
    check(flow, *expected)
    assert np.abs(flow.unbalanced_mw).max() < 1e-4


@pytest.mark.parametrize("looped", [False, True])
def test_another_network_put_to_pandapipes(looped: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reason = "pandapipes, the reference, isn't here: pip install --no-deps pandapipes==0.16.0"
        pytest.importorskip("pandapipes", reason=reason)
        grid = street_net(300, looped=looped, seed=8)
        kg_s, node_c = run(pandapipes_net(grid))
    at = pd.Series(node_c, index=grid.nodes())
    from_c, to_c = (at[grid.pipes[c]].to_numpy() for c in ("from_node", "to_node"))
    check(solve_heat(grid, laminar=False), kg_s, from_c, to_c)


def test_laminar_flow_moves_only_water_that_hardly_moves() -> None:
    grid = street_net(300, looped=True, seed=8)
    one, other = solve_heat(grid), solve_heat(grid, laminar=False)
    differs = np.abs(one.pipe_kg_s - other.pipe_kg_s)
    assert 0.0 < differs.max() < 2e-3 * one.source_kg_s.sum()
    np.testing.assert_allclose(one.served, 1.0, rtol=1e-4)
