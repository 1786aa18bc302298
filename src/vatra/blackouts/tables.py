"""A schedule as a table of outages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.blackouts.model import Schedule, State


def schedule_table(schedule: Schedule) -> pd.DataFrame:
    """List every run in which a feeder is not lit.

    Parameters
    ----------
    schedule
        The schedule.

    Returns
    -------
    pandas.DataFrame
        ``feeder``, ``start`` and ``end`` (UTC) and ``state`` (a name of `State`, lower case); one
        row a run of one state, by feeder and time.
    """
    state = schedule.state
    starts = np.ones(state.shape, dtype=np.bool_)
    starts[:, 1:] = state[:, 1:] != state[:, :-1]
    feeder, first = np.nonzero(starts)
    slots = state.shape[1]
    end = np.append(first[1:], slots)
    end[np.append(feeder[1:] != feeder[:-1], True)] = slots
    what = state[feeder, first]
    keep = what != State.LIT
    edges = schedule.grid.times.append(pd.DatetimeIndex([schedule.grid.end]))
    return pd.DataFrame(
        {
            "feeder": np.asarray(schedule.feeder_id)[feeder[keep]],
            "start": edges[first[keep]],
            "end": edges[end[keep]],
            "state": [State(int(s)).name.lower() for s in what[keep]],
        }
    )
