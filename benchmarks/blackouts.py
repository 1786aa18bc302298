"""Rotations by queue and by feeder against what was published, bounds and other methods.

    python benchmarks/blackouts.py [--data DIR] [--json] [--only days weeks ...]

Every ``*.csv`` of DIR with published schedules by subqueue is used (columns ``date, version,
first_seen_utc, subqueue, on_by_half_hour``). Prints ``case, figure, vatra, reference, ratio,
verdict``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from blackouts_scale import kyiv_rows, peer_rows, size_rows
from published import Flags, Published, blocks_of, read_published, runs_of, weeks_of
from table import Row, show
from vatra.blackouts import Rotation, rotate_queues
from vatra.blackouts.rotation_share import share_supply
from vatra.situation.timegrid import TimeGrid

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases"
DATA = Path(os.environ.get("VATRA_DATA", ROOT.parent / "shared" / "data"))

DAY_S, WEEK_S = 10.0, 60.0
EXTRA_BLOCKS = (4, 8, 16, 32)
MAX_DARK_H, MIN_DARK_H, MIN_LIGHT_H = 7.0, 1.0, 2.0


def read_toml(case: str, name: str) -> dict[str, Any]:
    with (CASES / case / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def queues(dark: Flags, units: tuple[str, ...]) -> NDArray[np.float64]:
    """Return queues dark by slot, of which units are parts."""
    parts = len(units) / len({unit.split(".")[0] for unit in units})
    return np.asarray(dark.sum(axis=0) / parts)


def grid_of(days: list[Published]) -> TimeGrid | None:
    """Return the half-hours of some days, or None where the clock says that there were others."""
    start = days[0].date.tz_localize("Europe/Kyiv").tz_convert("UTC")
    grid = TimeGrid(start, sum(day.dark.shape[1] for day in days))
    lengths = np.bincount(grid.day)
    return grid if list(lengths) == [day.dark.shape[1] for day in days] else None


def rule_rows(case: str, rotation: Rotation, dark: Flags) -> list[Row]:
    """Recount what must hold, from the table itself."""
    longest, least_dark, least_light = runs_of(rotation.dark)
    wrong = int(np.abs(rotation.dark.sum(axis=0) - dark.sum(axis=0)).sum())
    rows = [Row(case, "slots × units not as ordered", wrong, 0.0)]
    if not rotation.violations:
        broken = (longest > MAX_DARK_H) + (least_dark < MIN_DARK_H) + (least_light < MIN_LIGHT_H)
        return [*rows, Row(case, "rules on runs broken", float(broken), 0.0)]
    for violation in rotation.violations:
        sys.stderr.write(f"{case}: {violation.reason}; {violation.relaxation}\n")
    return [*rows, Row(case, "rules that the order doesn't let be kept", len(rotation.violations))]


def day_rows(days: list[Published]) -> list[Row]:
    """Each day by itself, and the days one after another."""
    known = read_toml("dnipro_2025-12", "expected")["day"]
    rows = []
    for day in days:
        case = f"day {day.date:%Y-%m-%d}"
        began = time.perf_counter()
        rotation = rotate_queues(queues(day.dark, day.units), units=day.units, grid=grid_of([day]))
        seconds = time.perf_counter() - began
        reached = max(0.5, rotation.range_bound_h)
        rows += [
            *rule_rows(case, rotation, day.dark),
            Row(case, "range, h, against 0.5 or its proved bound", rotation.range_h, reached),
            Row(case, "  range as published, h", float(np.ptp(day.dark.sum(axis=1)) / 2)),
            Row(case, "outage blocks, against the proved fewest", rotation.blocks,
                rotation.blocks_bound),
            Row(case, "  outage blocks as published", blocks_of(day.dark)),
        ]  # fmt: skip
        peer = known.get(f"{day.date:%Y-%m-%d}", {}).get("cp_sat_30s")
        if peer:
            rows.append(Row(case, "outage blocks, against CP-SAT in 30 s", rotation.blocks, peer))
        rows.append(Row(case, "time, s", seconds, DAY_S))
    return rows + chain_rows(days)


def chain_rows(days: list[Published]) -> list[Row]:
    """Each day after the one before, as a dispatcher would plan them."""
    before: Published | None = None
    last: Rotation | None = None
    ranges, blocks, bounds, seconds, relaxed = [], 0, 0, [], 0
    for day in days:
        follows = before is not None and day.date - before.date == pd.Timedelta(days=1)
        carried = last.dark if last is not None and follows else None
        if before is not None and before.units != day.units:
            carried = None
        began = time.perf_counter()
        last = rotate_queues(
            queues(day.dark, day.units), units=day.units, grid=grid_of([day]), history=carried
        )
        seconds.append(time.perf_counter() - began)
        ranges.append(last.range_h - max(0.5, last.range_bound_h))
        blocks, bounds = blocks + last.blocks, bounds + last.blocks_bound
        relaxed += bool(last.violations)
        before = day
    case = f"{len(days)} days, each after the one before"
    return [
        Row(case, "days whose range is above 0.5 h or its proved bound",
            float(np.sum(np.array(ranges) > 1e-9)), 0.0),
        Row(case, "outage blocks, against the proved fewest of each day", blocks, bounds),
        Row(case, "days with a rule that the order doesn't let be kept", relaxed),
        Row(case, "longest time of a day, s", max(seconds), DAY_S),
    ]  # fmt: skip


def week_rows(weeks: list[list[Published]]) -> list[Row]:
    """Each week as one, and what more blocks buy."""
    rows = []
    for week in weeks:
        units = week[0].units
        dark = np.concatenate([day.dark for day in week], axis=1)
        case = f"week of {week[0].date:%Y-%m-%d}"
        order, grid = queues(dark, units), grid_of(week)
        began = time.perf_counter()
        rotation = rotate_queues(order, units=units, grid=grid, evening_range_h=1.0)
        seconds = time.perf_counter() - began
        late = dark[:, rotation.evening].sum(axis=1) / 2
        rows += [
            *rule_rows(case, rotation, dark),
            Row(case, "range, h", rotation.range_h, 0.5),
            Row(case, "  range as published, h", float(np.ptp(dark.sum(axis=1)) / 2)),
            Row(case, "range in the evenings, h", rotation.evening_range_h, 1.0),
            Row(case, "  range in the evenings as published, h", float(np.ptp(late))),
            Row(case, "outage blocks, against those published", rotation.blocks, blocks_of(dark)),
            Row(case, "outage blocks, against the proved fewest", rotation.blocks,
                rotation.blocks_bound),
            Row(case, "time, s", seconds, WEEK_S),
        ]  # fmt: skip
        curve = [rotation] + [
            rotate_queues(order, units=units, grid=grid, evening_range_h=1.0, extra_blocks=extra)
            for extra in EXTRA_BLOCKS
        ]
        for evening_range_h in (0.5, 1.0, None):
            point = rotate_queues(
                order, units=units, grid=grid, range_h=0.0, evening_range_h=evening_range_h
            )
            asked = "any" if evening_range_h is None else f"{evening_range_h} h"
            name = f"{case}, range 0 h if possible, evenings {asked}"
            rows += [
                Row(name, "  range, h", point.range_h, point.range_bound_h),
                Row(name, "  range in the evenings, h", point.evening_range_h, evening_range_h),
                Row(name, "  outage blocks", point.blocks),
                Row(name, "  fewest proved, whatever the evenings", point.blocks_bound),
            ]  # fmt: skip
        for point in curve:
            by_day = point.dark_h_by_day
            ranges = (by_day.max() - by_day.min()).to_numpy()
            name = f"{case}, {point.blocks} blocks"
            rows += [
                Row(name, "  range, h", point.range_h),
                Row(name, "  range in the evenings, h", point.evening_range_h),
                Row(name, "  range of a day, mean, h", float(ranges.mean())),
                Row(name, "  range of a day, largest, h", float(ranges.max())),
            ]
    return rows


def zaporizhzhia_rows() -> list[Row]:
    """Run the order of one day, and nothing else."""
    name = "zaporizhzhia_2024-12-16"
    given, expected = read_toml(name, "input"), read_toml(name, "expected")
    order = np.zeros(48)
    for step in given["order"]:
        first, end = (int(step[key][:2]) * 2 for key in ("from", "until"))
        order[first:end] = step["queues"]
    rotation = rotate_queues(order)
    case = "Zaporizhzhia 2024-12-16"
    return [
        Row(case, "dark hours of all parts, h", float(rotation.dark_h.sum()), expected["unit_h"]),
        Row(case, "range, h", rotation.range_h, expected["range_h"]),
        Row(case, "Gini coefficient", rotation.gini, expected["gini"]),
        Row(case, "outage blocks, against the proved fewest", rotation.blocks,
            rotation.blocks_bound),
    ]  # fmt: skip


def first_fit_decreasing(load: NDArray[np.float64], supply: float, copies: int) -> float:
    """Share of time by FFDk: copies in passes of falling load, each in the first bin it fits.

    The heuristic of Baghel, Ravsky and Segal-Halevi (arXiv 2311.16742), written from its
    description: a bin holds at most one copy of a feeder.
    """
    left = np.zeros(0)
    inside = np.zeros((0, len(load)), dtype=bool)
    for _ in range(copies):
        for i in np.argsort(-load, kind="stable"):
            fits = np.flatnonzero((left >= load[i]) & ~inside[:, i])
            if not fits.size:
                left = np.append(left, supply)
                inside = np.vstack([inside, np.zeros((1, len(load)), dtype=bool)])
                fits = np.array([len(left) - 1])
            left[fits[0]] -= load[i]
            inside[fits[0], i] = True
    return copies / len(left)


def share_rows() -> list[Row]:
    """Fair division of a supply: the smallest share of time that anyone has light."""
    rows = []
    for count, ratio, within in ((60, 0.28, 0.008), (367, 0.7, 0.015)):
        for seed in range(3):
            load = np.random.default_rng(seed).lognormal(0.0, 0.6, count)
            supply = ratio * float(load.sum())
            case = f"share, {count} feeders, supply/demand {ratio}, seed {seed}"
            peer = max(first_fit_decreasing(load, supply, copies) for copies in (5, 10, 20, 50))
            began = time.perf_counter()
            share = share_supply(load, supply)
            rows += [
                Row(case, "smallest share, against FFDk", share.share, peer, more_is_better=True),
                Row(case, "smallest share, against its bound less what FFDk may lack",
                    share.share, share.bound * (1 - within), more_is_better=True),
                Row(case, "  bound of the share", share.bound),
                Row(case, "load over the supply, most",
                    float((share.lit @ load).max() / supply), 1.0),
                Row(case, "  time, s", time.perf_counter() - began),
            ]  # fmt: skip
    return rows


def main() -> None:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true")
    parts = ("days", "weeks", "zaporizhzhia", "share", "kyiv", "scale", "peers")
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument(
        "--peer-times", type=float, nargs="+", default=[1.0, 10.0],
        help="What peers are given, in times of what Vatra takes.",
    )  # fmt: skip
    parser.add_argument("--peer-feeders", type=int, nargs="+", default=[50, 200, 2_000])
    parser.add_argument(
        "--peer-python", default=sys.executable, help="Python with OR-Tools; HiGHS is SciPy's."
    )
    options = parser.parse_args()
    days = read_published(options.data)
    if not days:
        sys.stderr.write(f"no published schedules in {options.data}: days and weeks left out\n")
    rotate_queues(np.full(48, 0.5), steps=1000)  # compiles what isn't yet
    rows: list[Row] = []
    if "days" in options.only and days:
        rows += day_rows(days)
    if "weeks" in options.only:
        rows += week_rows(weeks_of(days))
    if "zaporizhzhia" in options.only:
        rows += zaporizhzhia_rows()
    if "share" in options.only:
        rows += share_rows()
    if "kyiv" in options.only:
        rows += kyiv_rows()
    if "scale" in options.only:
        rows += size_rows([(2_000, 144), (10_000, 336)])
    if "peers" in options.only:
        rows += peer_rows(options.peer_feeders, options.peer_times, options.peer_python)
    show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
