"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import vatra

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "vatra"
FOLDERS = (
    "city", "situation", "demand", "homes", "networks", "blackouts", "warm_points",
    "relocation", "planning", "publish", "cli",
)  # fmt: skip
MODULES = sorted(SOURCE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_import_runs_back(path: Path) -> None:
    folder = path.relative_to(SOURCE).parts[0]
    if folder not in FOLDERS:
        return
    later = FOLDERS[FOLDERS.index(folder) + 1 :]
    back = {n for n in imported(path) if n.startswith(tuple(f"vatra.{f}" for f in later))}
    assert not back, f"{path.name} imports {back} from further down the house"


@pytest.mark.parametrize(
    "path",
    [
        *MODULES,
        *sorted((ROOT / "tests").rglob("*.py")),
        *sorted((ROOT / "benchmarks").glob("*.py")),
    ],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_modules_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 500, f"{path.name} has {lines} lines: one module, one idea"


def public_functions() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for folder in FOLDERS[:-1]:
        module = importlib.import_module(f"vatra.{folder}")
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if inspect.isfunction(value):
                found.append((f"{folder}.{name}", value))
    return found


@pytest.mark.parametrize(
    ("name", "function"), [pytest.param(*pair, id=pair[0]) for pair in public_functions()]
)
def test_public_functions_say_what_they_take(name: str, function: object) -> None:
    text = inspect.getdoc(function) or ""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    if signature.parameters:
        assert "Parameters\n----------" in text, f"{name} has no Parameters section"
    for parameter in signature.parameters:
        assert parameter.lstrip("*") in text, f"{name} says nothing of {parameter}"


def test_every_folder_has_a_table_of_contents() -> None:
    for folder in FOLDERS:
        module = importlib.import_module(f"vatra.{folder}")
        assert module.__all__, f"vatra.{folder} names nothing"
        assert module.__doc__


def test_public_names_load() -> None:
    for name in vatra.__all__:
        assert getattr(vatra, name) is not None
    assert set(vatra.__all__) == set(dir(vatra))
    with pytest.raises(AttributeError, match="no attribute"):
        vatra.nothing  # noqa: B018


def test_importing_vatra_loads_no_heavy_library() -> None:
    script = "import sys, vatra; print(sorted({'numba', 'geopandas', 'pandas'} & set(sys.modules)))"
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == "[]"


def test_every_module_imports() -> None:
    for module in pkgutil.walk_packages([str(SOURCE)], "vatra."):
        if module.name != "vatra.__main__":
            importlib.import_module(module.name)
