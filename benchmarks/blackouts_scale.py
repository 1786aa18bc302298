"""Rotations by feeder: Kyiv's day, sizes up to 10,000 feeders, and general solvers beside them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from table import Row
from vatra.blackouts import Rules, Schedule, revise_schedule, rules_from, schedule_blackouts
from vatra.city.synthetic import make_city
from vatra.demand import Demand, Pickup, forecast_demand, pickup_multiplier
from vatra.planning.orders import Orders
from vatra.situation.november import november_2022
from vatra.situation.timegrid import TimeGrid

PEERS = Path(__file__).with_name("blackouts_peers.py")
KYIV_MW, PEAK_MW, DAY = 690.0, 1500.0, "2022-11-24"
WITHIN = 1.005
SCALE_S = {(2_000, 144): 10.0, (10_000, 336): 120.0}
REPLAN_S = 3.0
FREEZE_H = 2.0
EVERY_RULE_UP_TO = 2_000
EVERY_RULE = rules_from({
    "max_dark_h": 8, "max_dark_day_h": 13, "must_light": ["06:00-08:00 1"],
    "quiet_h": "23:00-05:00", "substation_switchings": 3, "crew_switchings": 6,
})  # fmt: skip
"""Every kind of rule there is, within what a town that is 40 % short at its peak can keep."""
FASTER = 100.0


def town(feeders: int, slots: int, seed: int = 0) -> tuple[pd.DataFrame, Demand]:
    """Make feeders of a town with an evening peak, a quarter of them kept, substations of ten.

    One in five is switched by hand, by one crew for each hundred.
    """
    rng = np.random.default_rng(seed)
    grid = TimeGrid(pd.Timestamp("2022-11-23T22:00Z"), slots)
    hour = grid.hour
    evening = 0.7 + 0.3 * np.exp(-(((hour - 19) / 2.5) ** 2))
    office = 0.5 + 0.4 * np.exp(-(((hour - 13) / 4) ** 2))
    mix = rng.beta(6, 2, (feeders, 1))
    load = (mix * evening + (1 - mix) * office) * rng.lognormal(0, 0.4, (feeders, 1))
    ids = pd.Index([f"F-{i:05d}" for i in range(feeders)], name="feeder_id")
    table = pd.DataFrame(
        {
            "substation_id": [f"S-{i // 10}" for i in range(feeders)],
            "queue": [f"{1 + i // 2 % 6}.{1 + i % 2}" for i in range(feeders)],
            "protected": rng.random(feeders) < 0.25,
            "switching": ["manual" if i % 5 == 0 else "remote" for i in range(feeders)],
            "crew": [f"C-{i // 100}" for i in range(feeders)],
        },
        index=ids,
    )
    critical = load * np.where(rng.random((feeders, 1)) < 0.3, 0.2, 0.0)
    return table, Demand(grid, ids, load, critical, np.zeros_like(load), Pickup())


def kyiv_rows() -> list[Row]:
    """24 November 2022: 690 MW against 1,500 MW at the peak, on the synthetic city."""
    city = make_city(3_000_000, 0)
    situation = november_2022(city, 72)
    demand, orders = forecast_demand(city, situation), Orders.of(city, situation)
    local = situation.grid.local
    own = np.flatnonzero(local.normalize() == pd.Timestamp(DAY, tz=local.tz))
    grid = TimeGrid(situation.grid.times[own[0]], len(own))
    times = PEAK_MW / float(demand.total_mw[own].max())
    demand = Demand(
        grid, demand.feeder_id, times * demand.load_mw[:, own], times * demand.critical_mw[:, own],
        np.zeros((len(demand.feeder_id), len(own))), demand.pickup,
    )  # fmt: skip
    given = orders.as_arguments()
    areas = [replace(area, limit_mw=area.limit_mw[own]) for area in given["area_limits"]]
    rows = []
    for align in (False, True):
        began = time.perf_counter()
        schedule = schedule_blackouts(
            given["feeders"], demand, limit_mw=np.full(len(own), KYIV_MW), area_limits=areas,
            rules=Rules(align_queues=align),
        )  # fmt: skip
        seconds = time.perf_counter() - began
        proof = schedule.certificate
        whole = proof.shares[0]
        case = f"Kyiv {DAY}, {len(demand.feeder_id)} feeders"
        case += ", hours of queues kept" if align else ", by feeder"
        light = len(own) / 2 - whole.most_h
        best = len(own) / 2 - whole.most_bound_h
        rows += [
            Row(case, "unserved over its bound", proof.unserved_ratio, WITHIN),
            Row(case, "least light of anybody, h, against its bound less a slot", light,
                best - 0.5, more_is_better=True),
            Row(case, "  light of the luckiest, h", len(own) / 2 - whole.least_h),
            Row(case, "most above a limit, MW", proof.limit_excess_mw, 0.0),
            Row(case, "rules broken", len(proof.violations), 0.0),
            Row(case, "  critical load, mean, MW", float(demand.critical_mw.sum(axis=0).mean())),
            Row(case, "  time, s", seconds),
        ]  # fmt: skip
    return rows


def size_rows(sizes: list[tuple[int, int]]) -> list[Row]:
    """Time a whole schedule with its certificate, and its revision under a lower limit."""
    rows = []
    for feeders, slots in sizes:
        table, demand = town(feeders, slots)
        limit = np.full(slots, 0.6 * float(demand.total_mw.max()))
        capacity = demand.load_mw.max(axis=1)
        substation = 1.2 * pd.Series(capacity, table["substation_id"]).groupby(level=0).sum()
        size = f"{feeders:,} feeders × {slots} slots"
        cases = [(size, Rules())]
        if feeders <= EVERY_RULE_UP_TO:
            cases.append((f"{size}, every rule on", EVERY_RULE))
        for case, rules in cases:
            began = time.process_time()
            schedule = schedule_blackouts(
                table, demand, limit_mw=limit, substation_mw=substation, rules=rules
            )
            seconds = time.process_time() - began
            proof = schedule.certificate
            broken = ", ".join(sorted({v.rule for v in proof.violations}))
            rows += [
                Row(case, "CPU time with the certificate, s", seconds,
                    SCALE_S.get((feeders, slots))),
                Row(case, "unserved over its bound", proof.unserved_ratio, 1.05),
                Row(case, f"rules broken ({broken or 'none'})", len(proof.violations)),
                Row(case, "most above a limit, MW", proof.limit_excess_mw, 0.0),
                *_revision_rows(case, schedule, table, demand, limit, substation, rules),
            ]  # fmt: skip
    return rows


def _revision_rows(  # noqa: PLR0917 - what a schedule is revised with
    case: str, schedule: Schedule, table: pd.DataFrame, demand: Demand, limit: np.ndarray,
    substation: pd.Series[float], rules: Rules,
) -> list[Row]:  # fmt: skip
    """Half-way through, the limit gets 3 % lower; the next hours are frozen."""
    half = demand.grid.slots // 2
    lower = np.where(np.arange(demand.grid.slots) >= half, 0.97 * limit, limit)
    began = time.process_time()
    revision = revise_schedule(
        schedule, table, demand, now=demand.grid.times[half], freeze_h=FREEZE_H, limit_mw=lower,
        substation_mw=substation, rules=rules,
    )  # fmt: skip
    seconds = time.process_time() - began
    new, said = revision.schedule, revision.summary
    over = (new.served_mw - lower)[revision.slot :].max()
    frozen = new.state[:, : revision.slot] != schedule.state[:, : revision.slot]
    what = f"limit 3 % lower half-way, {FREEZE_H:g} h frozen"
    return [
        Row(case, f"CPU time of a revision, s: {what}", seconds, REPLAN_S),
        Row(case, "  most above the limit after the freeze, MW", max(float(over), 0.0), 0.0),
        Row(case, "  slots changed within it", float(frozen.sum()), 0.0),
        Row(case, "  light changed over what had to go, MWh",
            (said["lost_mwh"] + said["gained_mwh"]) / max(said["excess_mwh"], 1e-9)),
        Row(case, "  unserved over its bound", new.certificate.unserved_ratio),
    ]  # fmt: skip


def peer_rows(sizes: list[int], times: list[float], python: str) -> list[Row]:
    """HiGHS and CP-SAT on the same towns, each in a process of its own.

    They are given Vatra's own time over and over; reading the program in doesn't count. Vatra is
    met where its gap is no wider in the same time, or where a peer takes `FASTER` times as long to
    the same gap.
    """
    rows = []
    for feeders in sizes:
        table, demand = town(feeders, 48)
        table["protected"] = False
        limit = np.full(48, 0.6 * float(demand.total_mw.max()))
        rules = Rules(align_queues=False)
        for some in (50, 300):  # compiles what isn't yet
            schedule_blackouts(table.iloc[:some], _some(demand, some), rules=rules,
                               limit_mw=some / feeders * limit)  # fmt: skip
        began = time.perf_counter()
        proof = schedule_blackouts(table, demand, limit_mw=limit, rules=rules).certificate
        own_s = time.perf_counter() - began
        own_gap = 100 * (proof.unserved_ratio - 1)
        case = f"{feeders:,} feeders × 48 slots"
        for name, runs in (("highs", sys.executable), ("cp-sat", python)):
            for longer in times:
                found = _peer(name, runs, demand, limit, longer * own_s)
                if "absent" in found:
                    rows.append(Row(case, f"  {name}: peer absent, not compared", own_gap))
                    break
                rows += _peer_rows(case, name, found, own_s, own_gap, longer)
    return rows


def _peer_rows(  # noqa: PLR0917 - what was found, and beside what
    case: str, name: str, found: dict[str, float | None], own_s: float, own_gap: float,
    longer: float,
) -> list[Row]:  # fmt: skip
    unserved, bound = found["unserved_mwh"], found["bound_mwh"]
    gap = np.inf if unserved is None or not bound else 100 * (unserved / bound - 1)
    taken = float(found["seconds"] or 0.0)
    said = f"gap, %, against {name} given {longer:g} × Vatra's {own_s:.2f} s"
    if unserved is None:
        said += " (no answer)"
    rows = [
        Row(case, said if longer <= 1.0 else f"  {said}", own_gap, gap),
        Row(case, f"  time {name} took, s", own_s, taken),
    ]
    if gap <= own_gap:
        rows.append(Row(case, f"  time of {name} to that gap over Vatra's", taken / own_s, FASTER,
                        more_is_better=True))  # fmt: skip
    return rows


def _some(demand: Demand, count: int) -> Demand:
    return Demand(
        demand.grid, demand.feeder_id[:count], demand.load_mw[:count],
        demand.critical_mw[:count], demand.heater_mw[:count], demand.pickup,
    )  # fmt: skip


def _peer(
    name: str, python: str, demand: Demand, limit: np.ndarray, seconds: float
) -> dict[str, float | None]:
    factor = pickup_multiplier(np.arange(17)[None, :], np.arange(4)[:, None], demand.pickup)
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "case.npz"
        np.savez(
            instance, load=demand.load_mw, ordinary=demand.load_mw - demand.critical_mw,
            factor=factor, limit=limit,
        )  # fmt: skip
        try:
            done = subprocess.run(
                [python, str(PEERS), name, str(instance), str(seconds)],
                capture_output=True, text=True, check=False, timeout=10 * seconds + 600,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return {"absent": None} if isinstance(error, OSError) else _nothing(seconds)
    if done.returncode:
        return _nothing(seconds)
    result: dict[str, float | None] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _nothing(seconds: float) -> dict[str, float | None]:
    return {"unserved_mwh": None, "bound_mwh": None, "seconds": seconds}
