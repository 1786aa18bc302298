"""Homes: speed of the kernel beside its peers and the memory, and every reference case.

    python benchmarks/homes.py [--json] [--data DIR] [--buildings 100000] [--slots 336]

Prints ``case, figure, vatra, reference, ratio, verdict``. Speed: two-node steps a second of parts
of buildings with heaters, stoves, thermostats, people below four temperatures and the heaters' load
by feeder. Peers run in the same process and the memory is measured in the same run. Validation:
how far outside its band or tolerance each reference case is, 0 where it is inside.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from homes_peers import five_r_one_c, iso52016
from table import Row, show
from vatra.city.schema import ARCHETYPES
from vatra.homes import (
    HomeParameters,
    Pipe,
    build_network,
    hours_until,
    read_climate,
    reduce_to_two,
    run_two,
)
from vatra.homes import _kernels as k
from vatra.homes.parts import part_columns

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.homes.cases import ashrae140_zone, cool_downs, cooled, pair

TARGET_STEPS_S = 200e6
TARGET_PEER = 1000.0
TARGET_STREAM = 3.0
FEEDERS = 1000
REPEATS = 11


def best(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds of the fastest of several runs."""
    times = []
    for _ in range(REPEATS):
        began = clock()
        run()
        times.append(clock() - began)
    return min(times)


def made_up_parts(buildings: int) -> NDArray[np.float32]:
    """Return the kernel's columns of buildings of every kind, in whole groups."""
    count = -(-buildings // k.LANES) * k.LANES
    rng = np.random.default_rng(0)
    blocks = pd.DataFrame(
        {
            "archetype": rng.choice(ARCHETYPES, count),
            "floor_area_m2": rng.uniform(500.0, 9000.0, count),
            "dwellings": rng.integers(10, 160, count),
            "residents": rng.integers(20, 400, count),
            "heating": rng.choice(
                ["district", "gas", "electric", "stove"], count, p=[0.80, 0.10, 0.06, 0.04]
            ),
            "gas_stove": rng.random(count) < 0.5,
        }
    )
    return part_columns(blocks, HomeParameters(), before_c=-2.0)


def speed(buildings: int, slots: int) -> list[Row]:
    """Measure the kernel, the memory and the peers."""
    rng = np.random.default_rng(1)
    columns = made_up_parts(buildings)
    parts = columns.shape[1]
    groups = parts // k.LANES
    hours = np.arange(slots) / 2.0
    drivers = np.array(
        [
            -8.0 + 4.0 * np.sin(hours / 3.8),
            np.maximum(0.0, 200.0 * np.sin(hours / 3.8)),
            np.full(slots, 0.8),
            np.ones(slots),
        ],
        dtype=np.float32,
    )
    power = np.repeat(rng.random((-(-slots // 6), parts)) < 0.4, 6, axis=0)[:slots].copy()
    heat = np.repeat(rng.random((1, parts)) < 0.6, slots, axis=0).astype(np.float32)
    settings = np.array([20.0, 18.0, 0.02, 0.5, 16.0, 0.25], dtype=np.float32)
    thresholds = np.array([16.0, 12.0, 8.0, 5.0], dtype=np.float32)
    # Written once beforehand: what the system takes to hand out memory isn't the kernel's.
    indoor = np.zeros((slots, parts), dtype=np.float32)
    want = np.zeros((slots, parts), dtype=np.float32)
    first = np.linspace(0, parts, FEEDERS, endpoint=False).astype(np.int64)

    def run(begin: int, end: int) -> NDArray[np.float64]:
        below = np.zeros((thresholds.size, slots))
        k.run_parts(
            begin, end, columns, drivers, power, heat, settings, thresholds, indoor, want, below
        )
        return below

    def loads(begin: int, end: int) -> NDArray[np.float32]:
        # By feeder, whose buildings lie side by side.
        return np.add.reduceat(want[begin:end], first, axis=1, dtype=np.float32)

    def one() -> None:
        run(0, groups)
        loads(0, slots)

    began = time.perf_counter()
    run(0, 1)
    compiled_s = time.perf_counter() - began
    steps = parts * slots
    kernel_s, one_s = best(lambda: run(0, groups)), best(one)
    cores = min(2, os.cpu_count() or 1)
    edges = [groups * i // cores for i in range(cores + 1)]
    spans = [slots * i // cores for i in range(cores + 1)]
    with ThreadPoolExecutor(cores) as pool:

        def shared() -> None:
            list(pool.map(run, edges[:-1], edges[1:]))
            list(pool.map(loads, spans[:-1], spans[1:]))

        shared_s = best(shared)
        shared_kernel_s = best(lambda: list(pool.map(run, edges[:-1], edges[1:])))

        # The bytes that the kernel reads and writes, copied: nothing but moving them.
        copied = np.empty_like(power)

        def stream(begin: int, end: int) -> None:
            np.copyto(copied[begin:end], power[begin:end])
            np.copyto(indoor[begin:end], heat[begin:end])
            np.copyto(want[begin:end], heat[begin:end])

        stream_s = min(
            best(lambda: list(pool.map(stream, spans[:-1], spans[1:]))),
            best(lambda: stream(0, slots)),
        )
    # One thread beside one thread, each by its own time: what else the machine does counts in
    # neither, as it would by the clock on the wall.
    own_s, own_stream_s = (
        best(work, time.thread_time) for work in (lambda: run(0, groups), lambda: stream(0, slots))
    )
    free, heated = five_r_one_c()
    case = f"{parts:,} buildings × {slots} half-hours"
    fastest = steps / min(one_s, shared_s)
    return [
        Row(case, "compile or load, s", compiled_s),
        Row(case, "kernel alone, 1 thread, million steps/s", steps / kernel_s / 1e6),
        Row(case, "with load by feeder, 1 thread, million steps/s", steps / one_s / 1e6),
        Row(
            case, f"with load by feeder, up to {cores} cores, million steps/s",
            fastest / 1e6, TARGET_STEPS_S / 1e6, more_is_better=True,
        ),
        Row(
            case, "kernel over copying its inputs and outputs, one thread's own time",
            own_s / own_stream_s, TARGET_STREAM,
        ),
        Row(
            case, "the same by the clock, up to two threads",
            min(kernel_s, shared_kernel_s) / stream_s,
        ),
        Row(case, "and load by feeder over the same", min(one_s, shared_s) / stream_s),
        Row("peer 5R1C, one building", "free-floating, steps/s", free),
        Row("peer 5R1C, one building", "heaters with a limit, steps/s", heated),
        Row(
            case, "times as many as the peer with heaters",
            fastest / heated, TARGET_PEER, more_is_better=True,
        ),
        Row(case, "times as many as the peer without", fastest / free),
        *iso_rows(fastest),
    ]  # fmt: skip


def iso_rows(fastest: float) -> list[Row]:
    """Measure `iso52016`, or say why not."""
    steps_s, why = iso52016()
    if steps_s is None:
        print(f"iso52016 {why}", file=sys.stderr)
        return []
    return [
        Row("peer iso52016, one zone", "free-floating, steps/s (a richer model)", steps_s),
        Row("peer iso52016, one zone", "times as many by the kernel", fastest / steps_s),
    ]


def outside(value: float, low: float, high: float) -> float:
    """Return how far a value is outside a band."""
    return max(low - value, value - high, 0.0)


def validation(data: Path) -> list[Row]:
    """Run the reference cases."""
    rows = []
    given, expected = pair("ashrae140")
    weather = data / given["weather"]
    if weather.exists():
        climate = read_climate(weather)
        for name, bands in expected["case"].items():
            air = run_two(reduce_to_two(build_network(ashrae140_zone(given, name), climate)))
            got = {"minimum": air.min(), "maximum": air.max(), "mean": air.mean()}
            for figure, value in got.items():
                low, high = bands[figure]
                text = f"{figure} {value:.2f} °C: K outside {low} … {high}"
                rows.append(Row(f"ASHRAE 140 {name}", text, outside(float(value), low, high), 0.0))
    else:
        print(f"ASHRAE 140 not run: {weather} is missing", file=sys.stderr)
    for name, building, outdoor_c, wanted in cool_downs():
        air = cooled(building, outdoor_c)
        if "after_h" in wanted:
            low, high = wanted["indoor_c"]
            off = outside(float(air[round(wanted["after_h"] * 2)]), low, high)
            rows.append(Row(name, "indoor, K off what was measured", off, wanted["tolerance_k"]))
        else:
            hours = float(hours_until(air[None, 1:], [wanted["below_c"]])[0, 0])
            off = abs(hours - wanted["hours"])
            rows.append(Row(name, "hours off what was measured", off, wanted["tolerance_h"]))
    given, expected = pair("pipe_freezing")
    pipe = Pipe(**given["pipe"])
    for run, wanted in zip(given["run"], expected["run"], strict=True):
        off = abs(pipe.hours_to_zero(given["water_c"], run["air_c"]) - wanted["hours"])
        name = f"pipe_freezing: {run['name']}"
        rows.append(Row(name, "hours off the handbook's", off, wanted["tolerance_h"]))
    return rows


def main() -> None:
    """Measure, validate and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("VATRA_DATA", Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--buildings", type=int, default=100_000)
    parser.add_argument("--slots", type=int, default=336)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = speed(options.buildings, options.slots) + validation(options.data)
    show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
