"""The main job, from nothing to the report: time by stage, memory, limits and bounds.

    python benchmarks/spine.py [--json] [--sizes 20000 100000 500000 3000000]

Each run is a process of its own, with a fresh cache of cities the first time and the same one the
second; at 100,000 residents also with nothing compiled, as after an installation. Prints
``case, figure, vatra, reference, ratio, verdict``; the reference is the figure that the project
has set itself.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from table import Row, show

AFRESH = 100_000
"""Residents of the city that is planned with nothing compiled too."""

LIMIT_S = {
    (3_000_000, "first"): 300.0,
    (3_000_000, "cached"): 120.0,
    (100_000, "first"): 20.0,
    (100_000, "after installing"): 20.0,
}
LIMIT_GB = 6.0
LIMIT_RATIO = 1.05


def run(
    residents: int, cache: Path, out: Path, kernels: Path | None
) -> tuple[dict[str, Any], float, float]:
    """Run the demo in a process of its own: its summary, seconds and peak memory in GB."""
    own = {} if kernels is None else {"NUMBA_CACHE_DIR": str(kernels)}
    command = [sys.executable, "-m", "vatra", "demo", "--json", "--residents", str(residents)]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--out", str(out), "--cache", str(cache)],
        stdout=subprocess.PIPE,
        env=os.environ | own,
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"the demo of {residents:,} residents failed")
    return json.loads(text), seconds, usage.ru_maxrss / 1e6


def rows_of(residents: int, folder: Path) -> list[Row]:
    """Run a size without and with the city cached."""
    rows = []
    cases = ["after installing"] if residents == AFRESH else []
    for case in (*cases, "first", "cached"):
        afresh = case == "after installing"
        summary, seconds, memory_gb = run(
            residents,
            folder / ("no-cache" if afresh else "cache"),
            folder / f"plan-{residents}",
            folder / "kernels" if afresh else None,
        )
        name = f"demo {residents:,} {case}"
        for stage, took in summary["seconds"].items():
            rows.append(Row(name, f"  {stage}, s", took))
        rows.append(Row(name, "whole run, s", seconds, LIMIT_S.get((residents, case))))
        rows.append(Row(name, "peak memory, GB", memory_gb, LIMIT_GB))
    rows += [
        Row(name, "most above a limit, MW", summary["limit_excess_mw"], 0.0),
        Row(name, "unserved, MWh", summary["unserved_mwh"]),
        Row(name, "unserved, lower bound, MWh", summary["unserved_bound_mwh"]),
        Row(name, "unserved over its bound", summary["unserved_ratio"], LIMIT_RATIO),
        Row(name, "loop settled (1 is yes)", float(summary["loop"]["settled"])),
    ]
    return rows


def main() -> None:
    """Run the sizes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[20_000, 100_000, 500_000, 3_000_000]
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for size in options.sizes for row in rows_of(size, Path(folder))]
    show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
