"""What everybody has had: darkness by feeder and day, and what of it is still to be repaid.

A book holds a row a feeder and local day. A plan is entered when it is made, and again as measured;
the later entry of a day replaces the earlier one. The next schedule gets from it what each feeder
had over a window of a week or a month, evenings apart, emergency cuts included, so that those who
had more get more light.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.files_fairness import CUTS, EVENING, gini, weight_of
from vatra.blackouts.files_place import write_table
from vatra.blackouts.model import Schedule, State
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.timegrid import SLOT_H, TimeGrid

WINDOW_DAYS = 30
"""Days that are evened out: «month»."""

NIGHT = (23.0, 7.0)
"""Local hours of the night."""

EVENING_PRICE = 0.02
"""How much more an hour of an evening counts for each hour of evening darkness above the mean;
*assumed*, small: in all, hours come before evenings."""

COLUMNS = ("feeder", "date", "dark_h", "evening_h", "night_h", "emergency_h", "basis")
"""Columns of a book."""

HOURS = ("dark_h", "evening_h", "night_h", "emergency_h")


def days_of_schedule(
    schedule: Schedule, *, dark: NDArray[np.bool_] | None = None, basis: str = "ordered",
    until: pd.Timestamp | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Enter a schedule by feeder and local day.

    Parameters
    ----------
    schedule
        The schedule; damage is not in it, as nobody chose that.
    dark
        Feeder × slot: True where it was measured dark; by default as ordered.
    basis
        ``ordered`` or ``measured``.
    until
        Up to when; by default to its end.

    Returns
    -------
    pandas.DataFrame
        ``feeder``, ``date`` (local), hours ``dark_h`` in all, of it ``evening_h`` (17–23),
        ``night_h`` (23–7) and ``emergency_h``, and ``basis``.
    """
    grid = schedule.grid
    cut = np.isin(schedule.state, CUTS) if dark is None else dark.copy()
    cut &= schedule.state != State.DAMAGED
    if until is not None:
        cut[:, max(grid.slot_of(until), 0) :] = False
    emergency = np.isin(schedule.state, (State.EMERGENCY, State.SPECIAL_EMERGENCY)) & cut
    evening, night = _clock(grid)
    tables = []
    dates = grid.local.strftime("%Y-%m-%d")
    last = grid.slots if until is None else max(grid.slot_of(until), 0)
    for date in dict.fromkeys(dates[:last]):
        own = np.asarray(dates == date)
        tables.append(pd.DataFrame({
            "feeder": np.asarray(schedule.feeder_id), "date": date,
            "dark_h": SLOT_H * cut[:, own].sum(axis=1),
            "evening_h": SLOT_H * cut[:, own & evening].sum(axis=1),
            "night_h": SLOT_H * cut[:, own & night].sum(axis=1),
            "emergency_h": SLOT_H * emergency[:, own].sum(axis=1), "basis": basis,
        }))  # fmt: skip
    empty = pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(tables, ignore_index=True) if tables else empty


def _clock(grid: TimeGrid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    evening = (grid.hour >= EVENING[0]) & (grid.hour < EVENING[1])
    return evening, (grid.hour >= NIGHT[0]) | (grid.hour < NIGHT[1])


def enter(book: pd.DataFrame | None, days: pd.DataFrame) -> pd.DataFrame:
    """Put days into a book; a feeder's day that is there is replaced.

    Parameters
    ----------
    book
        The book so far; None for an empty one.
    days
        As `days_of_schedule` gives them.

    Returns
    -------
    pandas.DataFrame
        By date and feeder.
    """
    both = days if book is None or not len(book) else pd.concat([book, days], ignore_index=True)
    kept = both.drop_duplicates(["feeder", "date"], keep="last")
    return kept.sort_values(["date", "feeder"], kind="stable", ignore_index=True)


def history_from(
    book: pd.DataFrame, start: pd.Timestamp, time_zone: str, *,
    window_days: int = WINDOW_DAYS, runs: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Sum up what a schedule has to even out.

    Parameters
    ----------
    book
        The book.
    start
        When the schedule begins; days before its local day count.
    time_zone
        Zone of the days.
    window_days
        Days back that count: 7 for a week, 30 for a month.
    runs
        By ``feeder_id``, ``dark_slots`` and ``lit_slots`` of the last run, where they are known.

    Returns
    -------
    pandas.DataFrame
        By ``feeder_id``: ``dark_h``, ``evening_h``, ``night_h`` and ``emergency_h`` in the
        window, above those of the feeder with least; and the runs. As `schedule_blackouts` takes
        it. A feeder that the book doesn't know, a new one, is taken to have had the mean.
    """
    first = (start.tz_convert(time_zone).normalize() - pd.Timedelta(days=window_days)).strftime(
        "%Y-%m-%d"
    )
    last = start.tz_convert(time_zone).strftime("%Y-%m-%d")
    inside = book[(book["date"] >= first) & (book["date"] < last)]
    total = inside.groupby("feeder", sort=True)[list(HOURS)].sum()
    if runs is not None:
        total = total.reindex(total.index.union(runs.index)).astype(float)
        total = total.fillna(total.mean()).fillna(0.0)
    total["dark_h"] -= total["dark_h"].min() if len(total) else 0.0
    if runs is not None:
        for name in ("dark_slots", "lit_slots"):
            if name in runs:
                total[name] = runs[name].reindex(total.index).fillna(0).astype(int)
    return total.rename_axis("feeder_id")


def evening_exposure(
    history: pd.DataFrame, feeder_id: pd.Index[str], grid: TimeGrid
) -> NDArray[np.float64]:
    """Let evenings count more for those who had more dark ones.

    Parameters
    ----------
    history
        As `history_from` gives it.
    feeder_id
        The feeders.
    grid
        The slots of the schedule.

    Returns
    -------
    NDArray[np.float64]
        Feeder × slot: share by which darkness counts more, for `schedule_blackouts`. Its mean over
        the slots is the same for all, so that hours in all stay even.
    """
    evening, _ = _clock(grid)
    had = history["evening_h"].reindex(feeder_id).astype(float)
    owed = EVENING_PRICE * (had - had.mean()).fillna(0.0).to_numpy()
    owed = np.clip(owed, -0.3, 0.3)
    share = float(evening.mean())
    if not 0 < share < 1:
        return np.zeros((len(feeder_id), grid.slots))
    other = -owed * share / (1 - share)
    table = np.where(evening[None, :], owed[:, None], other[:, None])
    return np.asarray(table - table.min(), dtype=np.float64)


def people_exposure(
    feeders: pd.DataFrame, *, displaced: float = 0.25, vulnerable: float = 0.5
) -> NDArray[np.float64]:
    """Let darkness count more where more displaced or vulnerable people live.

    Parameters
    ----------
    feeders
        With ``residents``, and ``displaced`` and ``vulnerable`` people among them, where known.
    displaced, vulnerable
        How much more an hour counts for one of them than for somebody else; *assumed*.

    Returns
    -------
    NDArray[np.float64]
        By feeder: share by which darkness counts more, above that of the feeder with least.
    """
    people = np.maximum(weight_of(feeders), 1e-9)
    more = np.zeros(len(feeders))
    for column, weight in (("displaced", displaced), ("vulnerable", vulnerable)):
        if column in feeders:
            count = pd.to_numeric(feeders[column], errors="coerce").fillna(0.0).to_numpy(float)
            more += weight * np.clip(count / people, 0.0, 1.0)
    return np.asarray(more - more.min() if len(more) else more, dtype=np.float64)


def book_fairness(book: pd.DataFrame, feeders: pd.DataFrame) -> pd.DataFrame:
    """Tell how evenly darkness was spread over days, weeks and months, evenings and nights apart.

    Parameters
    ----------
    book
        The book.
    feeders
        Table of the feeders: those that may be cut count, weighed by ``residents`` or
        ``customers``.

    Returns
    -------
    pandas.DataFrame
        A row a span: ``span`` (``day``, ``week`` or ``month``), ``begins``, and for ``dark``,
        ``evening`` and ``night`` hours ``…_mean_h``, ``…_range_h`` and ``…_gini``.
    """
    kept = np.zeros(len(feeders), dtype=np.bool_)
    for column in ("protected", "reserved"):
        if column in feeders:
            kept |= np.asarray(feeders[column].fillna(value=False), dtype=np.bool_)
    ids = feeders.index[~kept]
    own = book[book["feeder"].isin(ids)]
    dates = pd.to_datetime(own["date"])
    keys = {
        "day": own["date"], "week": dates.dt.strftime("%G-W%V"),
        "month": dates.dt.strftime("%Y-%m"),
    }  # fmt: skip
    people = pd.Series(weight_of(feeders), index=feeders.index)
    rows = []
    for span, key in keys.items():
        for begins, part in own.groupby(key, sort=True):
            total = part.groupby("feeder")[list(HOURS)].sum().reindex(ids).fillna(0.0)
            row: dict[str, object] = {"span": span, "begins": str(begins)}
            for name in ("dark", "evening", "night"):
                hours = total[f"{name}_h"].to_numpy(dtype=np.float64)
                weight = people.loc[ids].to_numpy(dtype=np.float64)
                row[f"{name}_mean_h"] = float(np.average(hours, weights=weight))
                row[f"{name}_range_h"] = float(np.ptp(hours))
                row[f"{name}_gini"] = gini(
                    np.asarray(hours, np.float64), np.asarray(weight, np.float64)
                )
            rows.append(row)
    return pd.DataFrame(rows)


def read_book(path: Path | str, feeders: pd.Index[str]) -> pd.DataFrame | None:
    """Read a book.

    Parameters
    ----------
    path
        The file; there need not be one yet.
    feeders
        Feeders that there are; others of the book are left out, they are no more.

    Returns
    -------
    pandas.DataFrame or None
        The book; None where there is none yet.

    Raises
    ------
    InputError
        With what is wrong with it.
    """
    place = Path(path)
    if not place.exists():
        return None
    try:
        book = pd.read_csv(place, dtype={"feeder": str, "date": str, "basis": str})
    except (OSError, ValueError) as error:
        raise InputError(place.name, [
            Problem(place.name, "", f"can't be read ({error})", "name a book of darkness")
        ]) from error  # fmt: skip
    missing = [name for name in COLUMNS if name not in book]
    problems = []
    if missing:
        problems.append(Problem(place.name, ", ".join(missing), "columns are missing",
                                "name a book of darkness"))  # fmt: skip
    else:
        for name in HOURS:
            hours = pd.to_numeric(book[name], errors="coerce")
            wrong = book.index[~hours.between(0, 25)]
            if len(wrong):
                lines = name_ids([str(i + 2) for i in wrong])
                problems.append(Problem(f"{place.name}: {name}", f"line {lines}",
                                        "not hours of a day", "0 to 25"))  # fmt: skip
        if pd.to_datetime(book["date"], format="%Y-%m-%d", errors="coerce").isna().any():
            problems.append(Problem(f"{place.name}: date", "", "not dates", "like 2022-11-24"))
    if problems:
        raise InputError(place.name, problems)
    return book[book["feeder"].isin(feeders)].reset_index(drop=True)


def write_book(book: pd.DataFrame, path: Path | str) -> Path:
    """Write a book, whole or not at all.

    Parameters
    ----------
    book
        The book.
    path
        The file; one that is there is replaced.

    Returns
    -------
    Path
        The file.
    """
    place = Path(path)
    draft = place.with_name(f".{place.name}.draft")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_table(book[list(COLUMNS)].round(4), draft)
        draft.replace(place)
    except OSError as error:
        reason = f"can't be written ({error.strerror or error})"
        raise InputError(place.name, [
            Problem("--book", str(place), reason, "name another file")
        ]) from error  # fmt: skip
    return place
