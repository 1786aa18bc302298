"""How evenly darkness is spread, by day, week and evening, over those who may be cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.model import Schedule, State
from vatra.situation.timegrid import SLOT_H, TimeGrid

EVENING = (17.0, 23.0)
"""Local hours of the evening, as the rotations published for Dnipro are compared by."""

CUTS = (State.PLANNED, State.EMERGENCY, State.SPECIAL_EMERGENCY)
"""States in which somebody chose that it is dark; what is possible is not decided."""


def may_be_cut(schedule: Schedule, feeders: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which feeders planned cuts may touch and damage doesn't.

    Parameters
    ----------
    schedule, feeders
        The schedule and its table of feeders.

    Returns
    -------
    NDArray[np.bool_]
        By feeder of the schedule.
    """
    table = feeders.loc[schedule.feeder_id]
    kept = np.zeros(len(table), dtype=np.bool_)
    for column in ("protected", "reserved"):
        if column in table:
            kept |= np.asarray(table[column].fillna(value=False), dtype=np.bool_)
    if "queue" in table and (schedule.queue != "").any():
        # Whoever has a queue and none in the schedule is kept, for whatever reason.
        queue = schedule.queue.reindex(schedule.feeder_id).fillna("")
        kept |= np.asarray(queue == "") & np.asarray(table["queue"].fillna("") != "")
    return np.asarray(~kept & (schedule.state != State.DAMAGED).all(axis=1))


def spans_of(grid: TimeGrid) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """Name the stretches that fairness is told by.

    Parameters
    ----------
    grid
        The half-hour slots.

    Returns
    -------
    list of tuple
        Kind (``day``, ``week``, ``evenings`` or ``all``), the local date that it begins with, and
        by slot whether it belongs to it.
    """
    local = grid.local
    evening = (grid.hour >= EVENING[0]) & (grid.hour < EVENING[1])
    dates = local.strftime("%Y-%m-%d")
    mondays = (local.normalize() - pd.to_timedelta(local.day_of_week, unit="D")).strftime("%G-W%V")
    spans = [("day", name, np.asarray(dates == name)) for name in dict.fromkeys(dates)]
    spans += [("week", name, np.asarray(mondays == name)) for name in dict.fromkeys(mondays)]
    spans.append(("evenings", dates[0], evening))
    spans.append(("all", dates[0], np.ones(grid.slots, dtype=np.bool_)))
    return [span for span in spans if span[2].any()]


def fairness_table(schedule: Schedule, feeders: pd.DataFrame) -> pd.DataFrame:
    """Tell how evenly darkness is spread.

    Parameters
    ----------
    schedule
        The schedule.
    feeders
        Its table of feeders: ``residents`` or ``customers`` weigh the mean and the Gini index, if
        they are there.

    Returns
    -------
    pandas.DataFrame
        A row a day, week, all evenings and all: ``span``, ``begins``, ``least_h``, ``most_h``,
        ``range_h``, ``mean_h`` (hours of darkness of a feeder that may be cut) and ``gini``.
    """
    whole = may_be_cut(schedule, feeders)
    weight = weight_of(feeders.loc[schedule.feeder_id])[whole]
    cut = np.isin(schedule.state, CUTS)[whole]
    rows = []
    for span, begins, slots in spans_of(schedule.grid):
        hours = SLOT_H * cut[:, slots].sum(axis=1)
        if not hours.size:
            hours, weight = np.zeros(1), np.ones(1)
        rows.append({
            "span": span,
            "begins": begins,
            "least_h": float(hours.min()),
            "most_h": float(hours.max()),
            "range_h": float(hours.max() - hours.min()),
            "mean_h": float(np.average(hours, weights=weight)),
            "gini": gini(hours, weight),
        })  # fmt: skip
    return pd.DataFrame(rows)


def weight_of(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return whom each feeder stands for: residents, else customers, else one.

    Parameters
    ----------
    table
        Feeders.

    Returns
    -------
    NDArray[np.float64]
        By feeder, positive in sum.
    """
    for column in ("residents", "customers"):
        if column in table:
            people = pd.to_numeric(table[column], errors="coerce").fillna(0.0)
            if people.sum() > 0:
                return np.asarray(np.maximum(people, 1e-9), dtype=np.float64)
    return np.ones(len(table))


def gini(hours: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return the Gini index of hours: 0 where all have the same.

    Parameters
    ----------
    hours
        By feeder.
    weight
        People by feeder.

    Returns
    -------
    float
        Half the mean difference of two people, over the mean; twice the area between the line
        of equality and the Lorenz curve.
    """
    order = np.argsort(hours, kind="stable")
    share = np.concatenate(([0.0], np.cumsum(weight[order]))) / weight.sum()
    had = np.concatenate(([0.0], np.cumsum((weight * hours)[order])))
    if had[-1] <= 0:
        return 0.0
    lorenz = had / had[-1]
    area = float((np.diff(share) * (lorenz[1:] + lorenz[:-1])).sum()) / 2
    return max(0.0, 1.0 - 2.0 * area)
