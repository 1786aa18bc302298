"""A schedule as a folder: written whole or not at all, and read back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vatra import __version__
from vatra.blackouts.files_fairness import fairness_table
from vatra.blackouts.files_feeders import COLUMNS, TEXTS, read_feeders
from vatra.blackouts.files_orders import Orders
from vatra.blackouts.files_place import plain, result_folder, write_json, write_table
from vatra.blackouts.memory import read_book, write_book
from vatra.blackouts.model import Certificate, RuleCost, Schedule, Share, State, Violation
from vatra.blackouts.outages import feeder_outages, queue_outages
from vatra.blackouts.queues import queue_share
from vatra.blackouts.revision import Revision
from vatra.blackouts.rules import Rules, rules_from
from vatra.blackouts.tables import schedule_table
from vatra.demand.model import Demand, Pickup
from vatra.problems import InputError, Problem
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import TimeGrid

MANIFEST = "certificate.json"
OWN = ("schedule.csv", MANIFEST, "feeders.csv", "load.parquet")
NAMED = ("outages.csv", "queue_outages.csv")
"""Outages of feeders and of queues, by names that they keep through revisions."""

BEFORE = "before.csv"
"""What went before the schedule, where anything did."""

BOOK = "book.csv"
"""What everybody has had in the days before, where a book of darkness was given."""

CHANGED = ("changes.csv", "revision.json")
"""What a revision changed."""

ADDED = ("schedule.html", "schedule.uk.html", "emergency.json", "history.csv", *NAMED, BEFORE,
         BOOK, *CHANGED)  # fmt: skip
"""What goes with the schedule that it is of."""

Publisher = Callable[[Path], object]


@dataclass(frozen=True)
class ScheduleFolder:
    """What the folder of a schedule holds.

    Parameters
    ----------
    schedule
        The schedule.
    feeders
        Feeders by ``feeder_id``.
    demand
        What they would draw.
    notes
        What was taken as given or assumed.
    orders
        Limits and orders that it was made for; None where they aren't known.
    rules, substation_mw, history
        Rules, capacities and what went before, as it was made with; None where they aren't known.
    outages, queue_outages
        Outages by name; None for those of a first schedule.
    revision
        What it changed; None where it revises nothing.
    book
        What everybody has had in the days before, as `vatra.blackouts.memory` keeps it; None
        where no book was given.
    """

    schedule: Schedule
    feeders: pd.DataFrame
    demand: Demand
    notes: tuple[str, ...] = ()
    orders: Orders | None = None
    rules: Rules | None = None
    substation_mw: pd.Series[float] | None = None
    history: pd.DataFrame | None = None
    outages: pd.DataFrame | None = None
    queue_outages: pd.DataFrame | None = None
    revision: Revision | None = None
    book: pd.DataFrame | None = None

    def named(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the outages of feeders and of queues by name."""
        feeder = feeder_outages(self.schedule) if self.outages is None else self.outages
        queue = queue_outages(self.schedule) if self.queue_outages is None else self.queue_outages
        return feeder, queue


def certificate_of(schedule: Schedule, feeders: pd.DataFrame) -> dict[str, Any]:
    """Return the proof of a schedule as plain values.

    Parameters
    ----------
    schedule, feeders
        The schedule and its table of feeders.

    Returns
    -------
    dict
        Units in the names; None where a figure has no value. Violations carry their slots also
        as times.
    """
    proof = schedule.certificate
    values = {f.name: plain(getattr(proof, f.name)) for f in fields(proof)}
    times = schedule.grid.times
    values["violations"] = [
        {
            **{f.name: plain(getattr(v, f.name)) for f in fields(v)},
            "times": [times[t].isoformat() for t in v.slots if 0 <= t < len(times)],
        }
        for v in proof.violations
    ]
    values["unserved_ratio"] = plain(proof.unserved_ratio)
    fairness = fairness_table(schedule, feeders).round(4)
    values["fairness"] = json.loads(fairness.to_json(orient="records"))
    return values


def write_schedule(
    content: ScheduleFolder, folder: Path | str, *, publishers: Sequence[Publisher] = ()
) -> Path:
    """Write a schedule as a folder, whole or not at all.

    Parameters
    ----------
    content
        The schedule with what it was made from.
    folder
        Where to; a schedule that is there is replaced, anything else is left alone.
    publishers
        Called with the folder that is being written, to add their pages to it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something else, or can't be written.
    """
    with result_folder(folder, MANIFEST, (*OWN, *ADDED)) as draft:
        _write(content, draft)
        for publisher in publishers:
            publisher(draft)
    return Path(folder)


def _write(content: ScheduleFolder, draft: Path) -> None:
    schedule, demand = content.schedule, content.demand
    write_table(schedule_table(schedule), draft / "schedule.csv")
    write_table(_feeder_rows(content), draft / "feeders.csv")
    for table, name, unit in zip(content.named(), NAMED, ("feeder", "queue"), strict=True):
        write_table(table.rename(columns={"unit": unit}), draft / name)
    if content.history is not None:
        write_table(content.history.rename_axis("feeder").reset_index(), draft / BEFORE)
    if content.book is not None:
        write_book(content.book, draft / BOOK)
    if content.revision is not None:
        write_revision(content.revision, draft)
    slots = range(schedule.grid.slots)
    parts = {
        "served_mw": schedule.load_mw, "load_mw": demand.load_mw,
        "critical_mw": demand.critical_mw, "heater_mw": demand.heater_mw,
    }  # fmt: skip
    load = pd.concat(
        [pd.DataFrame(v, columns=[str(t) for t in slots]).assign(part=k) for k, v in parts.items()],
        ignore_index=True,
    )
    load.to_parquet(draft / "load.parquet", index=False)
    pickup, orders = demand.pickup, content.orders
    manifest = {
        "vatra": __version__,
        **certificate_of(schedule, content.feeders),
        "grid": {
            "start": schedule.grid.start.isoformat(),
            "slots": schedule.grid.slots,
            "time_zone": schedule.grid.time_zone,
        },
        "limit_mw": [plain(v) for v in schedule.limit_mw],
        "kept_mw": [plain(v) for v in schedule.kept_mw],
        "queues_off": plain(orders.queues_off) if orders else None,
        "area_limits": {a.area: plain(a.limit_mw) for a in orders.area_limits} if orders else {},
        "area_queues": {
            a.area: plain(a.queues_off) for a in orders.area_limits if a.queues_off is not None
        }
        if orders
        else {},
        "pickup": {f.name: getattr(pickup, f.name) for f in fields(pickup)},
        "rules": None if content.rules is None else plain(content.rules.values()),
        "substation_mw": None
        if content.substation_mw is None
        else plain(content.substation_mw.to_dict()),
        "worth": plain(schedule.worth),
        "notes": list(content.notes),
    }
    write_json(manifest, draft / MANIFEST)


def write_revision(revision: Revision, folder: Path) -> list[Path]:
    """Write what a revision changed: ``changes.csv`` and ``revision.json``.

    Parameters
    ----------
    revision
        The revision.
    folder
        A folder that is there.

    Returns
    -------
    list[Path]
        The two files.
    """
    written = [folder / name for name in CHANGED]
    write_table(revision.spans, written[0])
    write_json(revision_values(revision), written[1])
    return written


def revision_values(revision: Revision) -> dict[str, Any]:
    """Return a revision as plain values.

    Parameters
    ----------
    revision
        The revision.

    Returns
    -------
    dict
        ``now``, ``frozen_until`` (UTC), ``summary`` and ``queues``.
    """
    return {
        "now": revision.now.isoformat(),
        "frozen_until": revision.frozen_until.isoformat(),
        "summary": plain(revision.summary),
        "queues": plain(revision.changes.reset_index()),
    }


def _feeder_rows(content: ScheduleFolder) -> pd.DataFrame:
    """Lay the feeders out as a utility's table, which can be read again."""
    feeders = content.feeders.loc[content.schedule.feeder_id]
    rows = feeders.rename(columns={inside: column for column, inside in TEXTS.items()})
    rows = rows[[column for column in COLUMNS if column in rows]]
    rows.insert(0, "feeder", feeders.index.astype("object"))
    for column in ("protected", "reserved"):
        if column in rows:
            rows[column] = _yes(rows[column].fillna(value=False))
    # Planned cuts don't touch some feeders: their queue is not in the public schedule.
    shown = content.schedule.queue.reindex(feeders.index).fillna("") != ""
    return rows.assign(in_rotation=_yes(shown))


def _yes(flag: pd.Series[bool]) -> list[str]:
    return ["yes" if on else "no" for on in flag]


def read_schedule(folder: Path | str) -> ScheduleFolder:
    """Read the folder of a schedule.

    Parameters
    ----------
    folder
        As `write_schedule` wrote it.

    Returns
    -------
    ScheduleFolder
        The schedule with what it was made from.

    Raises
    ------
    InputError
        If it isn't the folder of a schedule, or damaged.
    """
    place = Path(folder)
    missing = [name for name in OWN if not (place / name).is_file()]
    if missing:
        reason = "is not a schedule" if place.is_dir() else "there is no such folder"
        mend = "name a folder that «vatra blackouts» wrote"
        subject = ", ".join(missing) if place.is_dir() and len(missing) < len(OWN) else ""
        raise InputError(str(folder), [Problem(str(folder), subject, reason, mend)])
    try:
        return _read(place)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = Problem(str(folder), "", f"is damaged ({error})", "make it again")
        raise InputError(str(folder), [problem]) from error


def _read(place: Path) -> ScheduleFolder:
    manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    given_grid = manifest["grid"]
    start = pd.Timestamp(given_grid["start"])
    grid = TimeGrid(start, int(given_grid["slots"]), given_grid["time_zone"])
    problems: list[Problem] = []
    feeders = read_feeders(place / "feeders.csv", problems, [], need_peak=False)
    if problems:
        raise InputError(str(place), problems)
    shown = pd.read_csv(place / "feeders.csv", dtype=str)["in_rotation"].to_numpy() == "yes"
    given = feeders["queue"] if "queue" in feeders else pd.Series("", index=feeders.index)
    queue = given.astype("object").where(shown, "")
    load = pd.read_parquet(place / "load.parquet")
    part = {name: own.drop(columns="part").to_numpy() for name, own in load.groupby("part")}
    ids = pd.Index(feeders.index, name="feeder_id")
    demand = Demand(
        grid, ids, part["load_mw"], part["critical_mw"], part["heater_mw"],
        Pickup(**manifest["pickup"]),
    )  # fmt: skip
    state = _states(pd.read_csv(place / "schedule.csv", dtype=str), ids, grid)
    people = pd.to_numeric(feeders.get("customers", pd.Series(1.0, index=ids)), errors="coerce")
    schedule = Schedule(
        grid, ids, state, part["served_mw"], _floats(manifest["limit_mw"]),
        _floats(manifest["kept_mw"]), _certificate(manifest), queue,
        queue_share(queue, people.fillna(0.0).to_numpy(dtype=np.float64), state != State.LIT,
                    grid.slots),
        worth=_floats(manifest.get("worth") or []),
    )  # fmt: skip
    return ScheduleFolder(
        schedule, feeders, demand, tuple(manifest["notes"]), _orders(manifest),
        **_terms(manifest, place, ids), **_names(place),
    )  # fmt: skip


def _terms(manifest: dict[str, Any], place: Path, ids: pd.Index[str]) -> dict[str, Any]:
    """Rules, capacities and what went before; a folder of an earlier version doesn't say."""
    given, most = manifest.get("rules"), manifest.get("substation_mw")
    history = None
    if (place / BEFORE).is_file():
        history = pd.read_csv(place / BEFORE, dtype={"feeder": str}).set_index("feeder")
    return {
        "book": read_book(place / BOOK, ids),
        "rules": None if given is None else rules_from(given),
        "substation_mw": None if most is None else pd.Series(most, dtype="float64"),
        "history": history,
    }  # fmt: skip


def _names(place: Path) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for key, name, unit in zip(("outages", "queue_outages"), NAMED, ("feeder", "queue"),
                               strict=True):  # fmt: skip
        if not (place / name).is_file():
            continue
        table = pd.read_csv(place / name, dtype={"outage": str, unit: str, "state": str})
        for column in ("start", "end", "was_start", "was_end"):
            table[column] = pd.to_datetime(table[column], utc=True)
        tables[key] = table.rename(columns={unit: "unit"})
    return tables


def _orders(manifest: dict[str, Any]) -> Orders | None:
    if manifest["queues_off"] is None:
        return None
    areas = manifest["area_limits"].items()
    queues = {name: _floats(order) for name, order in manifest.get("area_queues", {}).items()}
    return Orders(
        _floats(manifest["limit_mw"]), _floats(manifest["queues_off"]),
        tuple(SupplyLimit(name, _floats(limit), queues.get(name)) for name, limit in areas),
    )  # fmt: skip


def _states(table: pd.DataFrame, ids: pd.Index[str], grid: TimeGrid) -> np.ndarray[Any, Any]:
    state = np.full((len(ids), grid.slots), State.LIT, dtype=np.int8)
    row = ids.get_indexer(pd.Index(table["feeder"]))
    if (row < 0).any():
        raise ValueError("schedule.csv has feeders that feeders.csv has not")
    start, end = (pd.to_datetime(table[name], utc=True) for name in ("start", "end"))
    for f, a, b, name in zip(row, start, end, table["state"], strict=True):
        state[f, grid.slot_of(a) : grid.slot_of(b)] = State[name.upper()]
    return state


def _certificate(values: dict[str, Any]) -> Certificate:
    """Make a certificate from plain values; parts that a later version added are left out."""
    violations = tuple(
        Violation(v["rule"], v["subject"], tuple(v["slots"]), v["reason"], v["relaxation"])
        for v in values["violations"]
    )
    shares = tuple(Share(**share) for share in values.get("shares", ()))
    costs = tuple(RuleCost(**cost) for cost in values.get("rule_costs", ()))
    known = {f.name for f in fields(Certificate)} - {"violations", "shares", "rule_costs"}
    rest = {k: _value(v) for k, v in values.items() if k in known and not isinstance(v, dict)}
    return Certificate(**rest, violations=violations, shares=shares, rule_costs=costs)


def _value(value: Any) -> Any:
    if value is None:
        return math.nan
    return tuple(value) if isinstance(value, list) else value


def _floats(values: list[float | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
