"""What was measured of each feeder: switch states from SCADA, or heartbeats of meters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files_sheet import Sheet, check_columns, read_sheet, zone_of
from vatra.problems import InputError, Problem, name_ids

DARK, LIT, UNKNOWN = 0, 1, 2
"""What is measured of a feeder at a moment."""

WORDS = {
    **dict.fromkeys(("on", "1", "lit", "live", "closed", "light", "увімкнено", "є"), "on"),
    **dict.fromkeys(("off", "0", "dark", "dead", "open", "вимкнено", "немає"), "off"),
    **dict.fromkeys(("unknown", "bad", "invalid", "?", "невідомо"), "unknown"),
}
"""What SCADA exports call it; «closed» and «open» are of the switch."""

CODES = {"on": LIT, "off": DARK, "unknown": UNKNOWN}

SILENCE_MIN = 15.0
"""Minutes of silence from which a feeder counts as dark; *assumed*. Devices that households leave
plugged in report each half to four minutes."""


@dataclass(frozen=True)
class Measured:
    """Measured states of feeders, each from a moment up to the next.

    Parameters
    ----------
    changes
        By ``feeder_id``: times (UTC, nanoseconds, ascending) and what holds from each: `DARK`,
        `LIT` or `UNKNOWN`. Before the first it is not known.
    until
        Up to when anything is known at all, UTC.
    how
        How it was measured, in a sentence.
    """

    changes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int8]]]
    until: pd.Timestamp
    how: str


def read_measured(
    path: Path | str,
    *,
    time_zone: str | None = None,
    silence_min: float = SILENCE_MIN,
    until: pd.Timestamp | None = None,
) -> Measured:
    """Read what was measured.

    Parameters
    ----------
    path
        A CSV of changes, ``feeder,time,state``, as SCADA exports them; or of heartbeats,
        ``feeder,time``, where silence means darkness. A folder of such heartbeat files counts as
        one.
    time_zone
        Zone of times without an offset; without it they need one.
    silence_min
        Minutes of silence from which a feeder counts as dark, back to its last sign of life.
    until
        Up to when the file is complete; by default its last line. Later nothing is known.

    Returns
    -------
    Measured
        States by feeder.

    Raises
    ------
    InputError
        With every problem of the files.
    """
    problems: list[Problem] = []
    place = Path(path)
    zone = zone_of(time_zone, problems)
    if not 0 < silence_min < float("inf"):
        problems.append(
            Problem("--silence", f"{silence_min:g}", "is not a length of time", "minutes above 0")
        )
    files = sorted(place.glob("*.csv")) if place.is_dir() else [place]
    if not files:
        problems.append(Problem(place.name, "", "holds no CSV file", "name a file or a folder"))
    records: list[tuple[str, int, int]] = []
    kinds: set[bool] = set()
    for file in files:
        sheet = read_sheet(file, problems)
        if sheet is not None:
            sheet.columns = tuple(column.lower() for column in sheet.columns)
            kinds.add(sheet.has("state"))
            records += _records(sheet, zone)
    if len(kinds) > 1:
        problems.append(
            Problem(place.name, "", "holds both changes of state and heartbeats",
                    "compare them one after the other")
        )  # fmt: skip
    if problems:
        raise InputError(str(path), problems)
    last = max((time for _, time, _ in records), default=0)
    end = pd.Timestamp(last, tz="UTC") if until is None else until.tz_convert("UTC")
    by_feeder: dict[str, list[tuple[int, int]]] = {}
    for feeder, time, code in records:
        by_feeder.setdefault(feeder, []).append((time, code))
    if kinds == {True}:
        changes = {feeder: _changes(own) for feeder, own in by_feeder.items()}
        return Measured(changes, end, "Switch states as exported from SCADA.")
    silence = int(silence_min * 60e9)
    beats = {f: _beats(own, silence, end.value) for f, own in by_feeder.items()}
    how = f"Heartbeats; a feeder silent for {silence_min:g} minutes or more counts as dark."
    return Measured(beats, end, how)


def _records(sheet: Sheet, zone: ZoneInfo | None) -> list[tuple[str, int, int]]:
    """Read lines as feeder, time in nanoseconds and code; heartbeats are signs of light."""
    known = ("feeder", "time", "state") if sheet.has("state") else ("feeder", "time")
    if not check_columns(sheet, known, known, []):
        return []
    sheet.ids = tuple(sheet.texts("feeder"))
    nameless = [i for i, name in enumerate(sheet.ids) if not name]
    if nameless:
        sheet.problem("feeder", nameless, "is missing", "name the feeder")
    times = sheet.times("time", zone, half_hours=False)
    states = sheet.choices("state", WORDS, "unknown") if sheet.has("state") else ["on"] * len(sheet)
    rows = [
        (feeder, time.value, CODES.get(state, UNKNOWN))
        for feeder, time, state in zip(sheet.ids, times, states, strict=True)
        if time is not None
    ]
    if sheet.has("state"):
        _find_contradictions(sheet, rows)
    return rows


def _find_contradictions(sheet: Sheet, rows: list[tuple[str, int, int]]) -> None:
    said: dict[tuple[str, int], int] = {}
    both = [f for f, time, code in rows if said.setdefault((f, time), code) != code]
    if both:
        sheet.problems.append(
            Problem(f"{sheet.name}: state", name_ids(dict.fromkeys(both)),
                    "is said to be in two states at the same moment", "keep the right one")
        )  # fmt: skip


def _changes(own: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    own.sort()
    return (
        np.array([time for time, _ in own], dtype=np.int64),
        np.array([code for _, code in own], dtype=np.int8),
    )


def _beats(
    own: list[tuple[int, int]], silence: int, end: int
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Turn signs of life into states: lit from beat to beat, dark where the next is too late."""
    beats = np.unique(np.array([time for time, _ in own], dtype=np.int64))
    gap = np.diff(np.append(beats, end))
    fell_silent = gap >= silence
    times: list[int] = []
    codes: list[int] = []
    before = UNKNOWN
    for beat, silent in zip(beats.tolist(), fell_silent.tolist(), strict=True):
        if before != LIT:
            times.append(beat)
            codes.append(LIT)
        before = LIT
        if silent:
            # Power went some time after the last beat: counted from the beat on.
            times.append(beat)
            codes.append(DARK)
            before = DARK
    # Of two changes at one moment the later one holds.
    keep = np.append(np.diff(np.array(times, dtype=np.int64)) > 0, True)
    return np.array(times, dtype=np.int64)[keep], np.array(codes, dtype=np.int8)[keep]
