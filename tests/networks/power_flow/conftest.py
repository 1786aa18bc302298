"""Grids to solve, and pandapower to compare with where it is installed."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from vatra.networks.power_flow import PowerGrid, read_pandapower

CASES = (
    "case14", "case118", "case300", "case2869pegase", "case24_ieee_rts",
    "create_cigre_network_mv", "mv_oberrhein",
)  # fmt: skip

SWITCHLESS = ("case14", "case118", "case300", "case24_ieee_rts")
"""Of them those of a size to write out, without switches, which MATPOWER's format has none for."""


@pytest.fixture(scope="session")
def pandapower() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp = pytest.importorskip("pandapower", reason="pandapower, the reference, isn't installed")
        __import__("pandapower.networks")
    return pp


def load_case(pandapower: Any, name: str, folder: Path) -> Any:
    """Return a grid of pandapower's library and the same as Vatra reads it from its file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = getattr(pandapower.networks, name)()
        net = net[0] if isinstance(net, tuple) else net
        path = folder / f"{name}.json"
        pandapower.to_json(net, str(path))
    return net, read_pandapower(path)


@pytest.fixture(scope="session", params=CASES)
def reference(request: pytest.FixtureRequest, pandapower: Any, tmp_path_factory: Any) -> Any:
    """Each of the grids."""
    return load_case(pandapower, request.param, tmp_path_factory.mktemp("grids"))


@pytest.fixture(scope="session", params=SWITCHLESS)
def switchless(request: pytest.FixtureRequest, pandapower: Any, tmp_path_factory: Any) -> Any:
    """Those that a MATPOWER case can hold."""
    return load_case(pandapower, request.param, tmp_path_factory.mktemp("grids"))


def two_buses(**changes: Any) -> PowerGrid:
    """A source, a line of 0.1 pu reactance and a load of half of the base."""
    tables: dict[str, Any] = {
        "buses": pd.DataFrame({"kv": [110.0, 110.0]}, index=["A", "B"]),
        "branches": pd.DataFrame(
            {"from_bus": ["A"], "to_bus": ["B"], "r_pu": [0.0], "x_pu": [0.1],
             "from_limit_mva": [100.0], "to_limit_mva": [100.0]},
            index=["AB"],
        ),
        "loads": pd.DataFrame({"bus": ["B"], "p_mw": [50.0]}, index=["L"]),
        "sources": pd.DataFrame({"bus": ["A"]}, index=["S"]),
    }  # fmt: skip
    return PowerGrid("two", 100.0, **(tables | changes))
