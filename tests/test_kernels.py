"""Kernels are kept on disk, and compiled anew when what they call has changed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import vatra

CALLED = """
from vatra._jit import njit


@njit()
def called(x: float) -> float:
    return x + {add}
"""

CALLER = """
from vatra._jit import njit
from {package}._called import called


@njit()
def caller(x: float) -> float:
    return 2.0 * called(x)
"""


def test_a_kernel_is_compiled_anew_when_one_that_it_calls_has_changed(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "_caller.py").write_text(CALLER.format(package=folder.name))
    (folder / "_called.py").write_text(CALLED.format(add=1.0))
    assert _run(tmp_path) == (4.0, 0)
    assert _run(tmp_path) == (4.0, 1)
    (folder / "_called.py").write_text(CALLED.format(add=10.0))
    assert _run(tmp_path) == (22.0, 0)


def _run(place: Path) -> tuple[float, int]:
    """Return what the kernel says in a process of its own, and how often it was found on disk."""
    code = (
        "from kept._caller import caller; print(caller(1.0), sum(caller.stats.cache_hits.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True
    )
    value, hits = done.stdout.split()
    return float(value), int(hits)


def test_kernels_call_those_of_their_own_folder_only() -> None:
    source = Path(vatra.__file__).parent
    wrong = []
    for file in source.rglob("_*.py"):
        text = file.read_text(encoding="utf-8")
        if "import njit" not in text or file.name == "_jit.py":
            continue
        own = ".".join(("vatra", *file.parent.relative_to(source).parts))
        modules = re.findall(r"^from (vatra\.[\w.]*\._\w+) import", text, re.MULTILINE)
        wrong += [f"{file.name}: {name}" for name in modules if name.rpartition(".")[0] != own]
    assert not wrong
