"""Importing Vatra is cheap, and brings in no second copy of a solver."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vatra

FOLDERS = sorted(
    p.parent.name for p in Path(vatra.__file__).parent.glob("*/__init__.py")
)  # fmt: skip
HEAVY = ("numba", "pandas", "scipy", "geopandas", "xarray")
FORBIDDEN = ("highspy", "ortools", "pandapower", "wntr", "power_grid_model", "pandapipes")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_importing_a_folder_loads_nothing_heavy() -> None:
    statement = "; ".join(["import vatra", *(f"import vatra.{name}" for name in FOLDERS)])
    found = loaded_after(statement)
    assert not found & set(HEAVY)


def test_the_whole_package_loads_no_other_solver() -> None:
    # highspy and ortools each bring a libhighs of their own; some versions can't live in one
    # process. Vatra uses the HiGHS in SciPy and never loads either.
    modules = ["planning.make", "planning.folder", "publish.report", "warm_points.whole",
               "networks.power_flow.ac", "networks.power_flow.pgm"]  # fmt: skip
    found = loaded_after("; ".join(f"import vatra.{name}" for name in modules))
    assert not found & set(FORBIDDEN)


@pytest.mark.parametrize("name", FOLDERS)
def test_public_names_can_be_had(name: str) -> None:
    module = __import__(f"vatra.{name}", fromlist=["x"])
    for public in getattr(module, "__all__", ()):
        assert getattr(module, public) is not None
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = module.no_such_name
