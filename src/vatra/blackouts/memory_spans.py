"""Who has had how much darkness up to a schedule's end: by day, week and month, and what is owed.

The days before come from the book of darkness, the schedule's own from itself. Spans end with its
last day and reach back 1, 7 and 30 days, as far as the book does: what it doesn't know isn't
counted as light, but said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from vatra.blackouts.files_fairness import gini, may_be_cut, weight_of
from vatra.blackouts.memory import HOURS, WINDOW_DAYS, days_of_schedule, enter
from vatra.blackouts.model import Schedule
from vatra.blackouts.queues import queue_order

SPANS = {"day": 1, "week": 7, "month": WINDOW_DAYS}
"""Days that each span reaches back, the last one included."""

KINDS = ("dark", "evening", "night")
"""All darkness, of it 17–23 and 23–7."""

OWED_FROM_H = 0.5
"""Hours above the mean from which a line is owed light: one slot is as even as slots allow."""


@dataclass(frozen=True)
class Standing:
    """What lines that take turns have had, and what they are owed.

    Parameters
    ----------
    last
        Last local day of the schedule.
    days
        By span, its days that are known, the schedule's included.
    before
        Days before the schedule that the book knows in the month.
    lines
        By ``feeder``: ``queue``, ``people`` (the weight of its means), hours
        ``{day,week,month}_{dark,evening,night,emergency}_h``, and ``owed_before_h`` and
        ``owed_h``: hours beyond the mean of all over the month, without and with the schedule;
        below 0 where it had less.
    queues
        The same by queue: ``lines``, ``people`` and means weighted by people.
    spans
        A row a span and kind: ``span``, ``kind``, ``mean_h``, ``least_h``, ``most_h``,
        ``range_h`` and ``gini``.
    """

    last: pd.Timestamp
    days: dict[str, int]
    before: int
    lines: pd.DataFrame
    queues: pd.DataFrame
    spans: pd.DataFrame

    def owed(self, column: str = "owed_h") -> tuple[int, float]:
        """Count the lines that are owed light, and tell the most that one is owed.

        Parameters
        ----------
        column
            ``owed_before_h`` or ``owed_h``.

        Returns
        -------
        int, float
            Lines owed `OWED_FROM_H` or more, and the most hours.
        """
        hours = self.lines[column].to_numpy(dtype=np.float64)
        count = int((hours >= OWED_FROM_H).sum())
        return count, float(hours.max(initial=0.0)) if count else 0.0


def standing_of(
    schedule: Schedule, feeders: pd.DataFrame, book: pd.DataFrame | None = None
) -> Standing:
    """Sum up who has had how much darkness, up to the end of a schedule.

    Parameters
    ----------
    schedule
        The schedule.
    feeders
        Its table of feeders; ``residents`` or ``customers`` weigh the means.
    book
        Days before it, as `vatra.blackouts.memory` keeps them; None where nobody kept any.

    Returns
    -------
    Standing
        Lines that take turns only.
    """
    own = days_of_schedule(schedule)
    first, last = str(own["date"].min()), str(own["date"].max())
    known = None if book is None else book[book["date"] < first]
    every = enter(known, own)
    ids = schedule.feeder_id[may_be_cut(schedule, feeders)]
    every = every[every["feeder"].isin(ids)]
    end = pd.Timestamp(last)
    people = pd.Series(weight_of(feeders.loc[ids]), index=ids)
    lines = pd.DataFrame({
        "queue": schedule.queue.reindex(ids).fillna("").astype("object"), "people": people,
    }, index=pd.Index(ids, name="feeder"))  # fmt: skip
    days: dict[str, int] = {}
    for span, count in SPANS.items():
        since = (end - pd.Timedelta(days=count - 1)).strftime("%Y-%m-%d")
        inside = every[every["date"] >= since]
        days[span] = int(inside["date"].nunique())
        total = inside.groupby("feeder")[list(HOURS)].sum().reindex(ids).fillna(0.0)
        for name in HOURS:
            lines[f"{span}_{name}"] = total[name].to_numpy(dtype=np.float64)
    since = (end - pd.Timedelta(days=SPANS["month"] - 1)).strftime("%Y-%m-%d")
    earlier = every[(every["date"] >= since) & (every["date"] < first)]
    booked = earlier.groupby("feeder")["dark_h"].sum().reindex(ids)
    # A line that the book doesn't know, a new one, is taken to have had the mean.
    had = booked.fillna(booked.mean() if len(earlier) else 0.0)
    lines["owed_before_h"] = had - _mean(had, people)
    after = lines["month_dark_h"] + (had - booked.fillna(0.0))
    lines["owed_h"] = after - _mean(after, people)
    return Standing(
        end, days, int(earlier["date"].nunique()), lines, _by_queue(lines), _by_span(lines)
    )


def _mean(hours: pd.Series[float], people: pd.Series[float]) -> float:
    return float(np.average(hours, weights=people)) if len(hours) else 0.0


def _by_queue(lines: pd.DataFrame) -> pd.DataFrame:
    """Weigh the lines of each queue by people; those without a queue are left out."""
    columns = [name for name in map(str, lines) if name.endswith("_h")]
    named = lines[lines["queue"] != ""]
    rows = []
    names = sorted(set(named["queue"]), key=queue_order)
    for name in names:
        own = named[named["queue"] == name]
        means = np.average(own[columns], axis=0, weights=own["people"])
        rows.append({
            "lines": len(own), "people": float(own["people"].sum()),
            **dict(zip(columns, means, strict=True)),
        })  # fmt: skip
    table = pd.DataFrame(rows, index=pd.Index(names, name="queue", dtype="object"))
    return table.reindex(columns=["lines", "people", *columns])


def _by_span(lines: pd.DataFrame) -> pd.DataFrame:
    weight = lines["people"].to_numpy(dtype=np.float64)
    rows = []
    for span in SPANS:
        for kind in KINDS:
            hours = lines[f"{span}_{kind}_h"].to_numpy(dtype=np.float64)
            if not hours.size:
                continue
            low, high = float(hours.min()), float(hours.max())
            rows.append({
                "span": span, "kind": kind, "mean_h": float(np.average(hours, weights=weight)),
                "least_h": low, "most_h": high, "range_h": high - low, "gini": gini(hours, weight),
            })  # fmt: skip
    columns = ["span", "kind", "mean_h", "least_h", "most_h", "range_h", "gini"]
    return pd.DataFrame(rows, columns=columns)
