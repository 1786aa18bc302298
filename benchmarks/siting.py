"""Siting against known optima, at city size, and beside its peers.

    python benchmarks/siting.py --data DIR [--only WORD] [--seconds S] [--json]
    python benchmarks/siting.py --city [--robust] [--peers] [--json]

Runs every instance found under DIR (pmed, pmedcap, tsplib, cap, mclp; see `siting_sets.py`) and
prints ``instance, p, vatra, bound, best known, gap %, s, verdict``. The gap is that to the best
value known, or to the bound where none is. ``proved`` says that the bound meets the answer;
``met`` that the figure that the project has set itself is met without a proof.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from siting_city import city_rows, robust_rows
from siting_peers import peer_rows
from siting_sets import COVER, FACILITY, MEDIAN, PACKED, Case, cases_of
from table import Row, show
from vatra.warm_points import cheapest_sites, costs_of, p_median, siting_task

TIME_S = {"pmed": 20.0, MEDIAN: 120.0, PACKED: 60.0, FACILITY: 60.0, COVER: 60.0}
MOST_GAP = {"pmed": 0.0, MEDIAN: 0.0005, PACKED: 0.0, FACILITY: 1e-6, COVER: 0.001}
BOUND_GAP = 0.001
"""Figures that the project has set itself: seconds, shares of the best known value."""
STARTUP_S = 2.0
"""Seconds kept back of those allowed, for sorting the costs and for the last step to end."""


@dataclass(frozen=True)
class Line:
    """What came of one instance."""

    instance: str
    p: int
    vatra: float
    bound: float
    best_known: float | None
    gap_percent: float
    seconds: float
    verdict: str


def run(case: Case, seconds: float | None) -> Line:
    """Solve one instance."""
    family = "pmed" if case.name.startswith("pmed") and case.kind == MEDIAN else case.kind
    limit = seconds or TIME_S[family]
    began = time.perf_counter()
    if case.kind in {MEDIAN, COVER}:
        sorted_costs = costs_of(
            case.costs.T if case.kind == COVER else case.costs,
            case.need if case.need.size else None,
        )
        left = max(limit - STARTUP_S - (time.perf_counter() - began), 1.0)
        answer = p_median(sorted_costs, case.p, seconds=left)
        value, bound, proved = answer.cost, answer.bound, answer.proved
        if case.points is not None:
            far, _ = cKDTree(case.points[answer.chosen]).query(case.points)
            value = float(np.floor(far).sum())
            proved = proved and value <= answer.cost
    else:
        task = siting_task(
            case.costs / np.maximum(case.need, 1.0),
            case.need,
            case.capacity,
            sites=case.p or None,
            opening=case.opening if case.opening.size else 0.0,
            whole_homes=case.kind == PACKED,
        )
        found = cheapest_sites(task, seconds=limit - STARTUP_S)
        value, bound, proved = found.cost, found.bound, found.proved
    took = time.perf_counter() - began
    if case.kind == COVER:  # what is covered, not what isn't
        value, bound = case.need.sum() - value, case.need.sum() - bound
    aim = bound if case.best is None else case.best
    gap = abs(value - aim) / max(abs(aim), 1e-9)
    if case.kind != COVER and value < aim:
        gap = -gap
    bound_holds = case.kind != MEDIAN or abs(bound - aim) <= BOUND_GAP * abs(aim)
    met = gap <= MOST_GAP[family] + 1e-9 and bound_holds and took <= limit
    verdict = "proved" if proved and gap <= 1e-6 else "met" if met else "MISSED"
    return Line(case.name, case.p, value, bound, case.best, 100 * gap, took, verdict)


def show_lines(lines: list[Line], *, as_json: bool) -> None:
    """Print the instances, for people or for machines."""
    if as_json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
        return
    header = ("instance", "p", "vatra", "bound", "best known", "gap %", "s", "verdict")
    cells = [
        (
            x.instance, str(x.p or ""), f"{x.vatra:,.3f}", f"{x.bound:,.3f}",
            "" if x.best_known is None else f"{x.best_known:,.3f}", f"{x.gap_percent:.4f}",
            f"{x.seconds:.1f}", x.verdict,
        )
        for x in lines
    ]  # fmt: skip
    widths = [max(len(row[i]) for row in [header, *cells]) for i in range(8)]
    for row in [header, *cells]:
        print("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
    if lines:
        mean = sum(max(x.gap_percent, 0.0) for x in lines) / len(lines)
        good = {v: sum(x.verdict == v for x in lines) for v in ("proved", "met", "MISSED")}
        print(f"\nmean gap {mean:.4f} %; " + ", ".join(f"{n} {v}" for v, n in good.items()))


def main() -> None:
    """Run what is asked for and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of instances")
    parser.add_argument("--only", default="", help="instances whose «name-p» has this in it")
    parser.add_argument("--seconds", type=float, help="time for each, instead of the set's own")
    parser.add_argument("--city", action="store_true", help="the city figures")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[2_000, 10_000, 30_000, 100_000],
        help="blocks of the cities",
    )  # fmt: skip
    parser.add_argument("--robust", action="store_true", help="eight scenarios at once")
    parser.add_argument("--peers", action="store_true", help="peers beside it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.data or options.city or options.peers or options.robust):
        parser.error("nothing to do: --data DIR, --city, --robust or --peers")
    if options.data:
        if not options.data.is_dir():
            parser.error(f"no such folder: {options.data}")
        # The kernels are compiled, or read from disk, before the clock runs.
        p_median(costs_of(np.eye(3)), 1)
        chosen = (c for c in cases_of(options.data) if options.only in f"{c.name}-{c.p}")
        lines = []
        for case in chosen:
            lines.append(run(case, options.seconds))
            last = lines[-1]
            print(
                f"{last.instance} {last.p}: {last.verdict}, {last.seconds:.0f} s", file=sys.stderr
            )
        show_lines(lines, as_json=options.json)
    rows: list[Row] = []
    if options.city:
        rows += city_rows(options.sizes)
    if options.robust:
        rows += robust_rows()
    if options.peers:
        rows += peer_rows()
    if rows:
        show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
