"""The blackout schedule as one program, given to a general solver in a process of its own.

    python benchmarks/blackouts_peers.py cp-sat|highs INSTANCE.npz SECONDS

Prints JSON: ``unserved_mwh``, ``bound_mwh`` (null where none was found) and ``seconds``, or
``absent``. Pickup is rounded down to a few classes of dark and light runs, evenness is left out:
the program is smaller and easier than Vatra's own.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import numpy as np

DARK_CLASSES = (2, 4, 8, 16)
LIT_SLOTS = 4
MIN_DARK, MIN_LIGHT, MAX_DARK = 2, 4, 16


def windows(slots: int) -> list[tuple[int, int, int]]:
    """Slot, slots lit before it in the run, and least dark slots before that: each has a pickup."""
    return [
        (t, s, d)
        for t in range(slots)
        for s in range(LIT_SLOTS)
        for d in DARK_CLASSES
        if t - s - d >= 0
    ]


def highs(case: Any, seconds: float) -> dict[str, float | None]:
    """Solve with HiGHS through SciPy."""
    from scipy import sparse  # noqa: PLC0415 - the other peer does without
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    load, ordinary, factor, limit = (case[k] for k in ("load", "ordinary", "factor", "limit"))
    feeders, slots = load.shape
    count = feeders * slots
    one = windows(slots)
    rows: list[Any] = []
    columns: list[Any] = []
    values: list[Any] = []
    low: list[float] = []
    high: list[float] = []

    def add(at: list[int], weight: list[float], least: float, most: float) -> None:
        rows.extend([len(low)] * len(at))
        columns.extend(at)
        values.extend(weight)
        low.append(least)
        high.append(most)

    for f in range(feeders):
        x = [f * slots + t for t in range(slots)]
        e = [count + f * slots + t for t in range(slots)]
        for t, s, d in one:
            extra = float(ordinary[f, t] * (factor[s, d] - 1.0))
            lit, dark = x[t - s : t + 1], x[t - s - d : t - s]
            weight = [extra] * len(lit) + [-extra] * len(dark)
            add([e[t], *lit, *dark], [1.0, *[-w for w in weight]], -extra * s, np.inf)
        for t in range(1, slots):
            if t + 1 < slots:
                add([x[t - 1], x[t], x[t + 1]], [1.0, -1.0, 1.0], -np.inf, 1.0)
            for k in range(1, MIN_LIGHT):
                if t + k < slots:
                    add([x[t], x[t - 1], x[t + k]], [1.0, -1.0, -1.0], -np.inf, 0.0)
        for t in range(slots - MAX_DARK):
            add(x[t : t + MAX_DARK + 1], [1.0] * (MAX_DARK + 1), 1.0, np.inf)
    for t in range(slots):
        at = [f * slots + t for f in range(feeders)]
        add([*at, *[count + i for i in at]], [*load[:, t], *([1.0] * feeders)], 0.0, limit[t])
    matrix = sparse.csr_array((values, (rows, columns)), shape=(len(low), 2 * count))
    cost = np.concatenate([-0.5 * load.ravel(), np.zeros(count)])
    upper = np.concatenate([np.ones(count), np.full(count, np.inf)])
    whole = np.concatenate([np.ones(count), np.zeros(count)])
    began = time.perf_counter()
    found = milp(
        cost, integrality=whole, bounds=Bounds(0, upper),
        constraints=LinearConstraint(matrix, low, high), options={"time_limit": seconds},
    )  # fmt: skip
    total = 0.5 * float(load.sum())
    bound = found.get("mip_dual_bound")
    return {
        "unserved_mwh": None if found.x is None else total + float(found.fun),
        "bound_mwh": None if bound is None else max(0.0, total + float(bound)),
        "seconds": time.perf_counter() - began,
    }


def cp_sat(case: Any, seconds: float) -> dict[str, float | None]:
    """Solve with CP-SAT, loads rounded to kW in its favour."""
    cp_model: Any = importlib.import_module("ortools.sat.python.cp_model")

    load, ordinary, factor, limit = (case[k] for k in ("load", "ordinary", "factor", "limit"))
    feeders, slots = load.shape
    model = cp_model.CpModel()
    kw = np.floor(1000 * load).astype(int)
    one = windows(slots)
    x = [[model.new_bool_var("") for _ in range(slots)] for _ in range(feeders)]
    e = [
        [model.new_int_var(0, int(1000 * ordinary[f, t]) + 1, "") for t in range(slots)]
        for f in range(feeders)
    ]
    for f in range(feeders):
        for t, s, d in one:
            extra = int(1000 * ordinary[f, t] * (factor[s, d] - 1.0))
            when = [*x[f][t - s : t + 1], *[~v for v in x[f][t - s - d : t - s]]]
            model.add(e[f][t] >= extra).only_enforce_if(when)
        for t in range(1, slots):
            if t + 1 < slots:
                model.add_bool_or([~x[f][t - 1], x[f][t], ~x[f][t + 1]])
            for k in range(1, MIN_LIGHT):
                if t + k < slots:
                    model.add_bool_or([~x[f][t], x[f][t - 1], x[f][t + k]])
        for t in range(slots - MAX_DARK):
            model.add_bool_or(x[f][t : t + MAX_DARK + 1])
    for t in range(slots):
        drawn = [int(kw[f, t]) * x[f][t] + e[f][t] for f in range(feeders)]
        model.add(sum(drawn) <= int(np.ceil(1000 * limit[t])))
    model.minimize(sum(int(kw[f, t]) * (1 - x[f][t]) for f in range(feeders) for t in range(slots)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    began = time.perf_counter()
    status = solver.solve(model)
    known = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return {
        "unserved_mwh": 0.0005 * solver.objective_value if known else None,
        "bound_mwh": max(0.0, 0.0005 * solver.best_objective_bound),
        "seconds": time.perf_counter() - began,
    }


def main() -> None:
    """Solve one instance with one solver."""
    name, instance, seconds = sys.argv[1:4]
    case = np.load(instance)
    try:
        result: dict[str, Any] = (highs if name == "highs" else cp_sat)(case, float(seconds))
    except ImportError as error:
        result = {"absent": str(error)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
