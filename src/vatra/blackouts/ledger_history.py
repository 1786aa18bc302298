"""What went before, carried from one schedule into the next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.blackouts.task import Flags
from vatra.situation.timegrid import SLOT_H


def history_after(
    dark: Flags, feeder_id: pd.Index[str], history: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Sum up darkness so that the next schedule can even it out.

    Parameters
    ----------
    dark
        Feeder × slot: True where it was dark, up to where the next schedule begins.
    feeder_id
        The feeders.
    history
        What went before that, by ``feeder_id``: ``dark_h``, ``dark_slots``, ``lit_slots``.

    Returns
    -------
    pandas.DataFrame
        By ``feeder_id``: ``dark_h`` in all, ``dark_slots`` of the last dark run (0 for none) and
        ``lit_slots`` since, 0 if it still lasts; as `schedule_blackouts` takes it.
    """
    feeders, slots = dark.shape
    had = np.zeros((3, feeders))
    if history is not None:
        own = history.reindex(feeder_id)
        for i, name in enumerate(("dark_h", "dark_slots", "lit_slots")):
            if name in own:
                had[i] = pd.to_numeric(own[name], errors="coerce").fillna(0.0)
    back = dark[:, ::-1]
    any_dark = dark.any(axis=1)
    lit_since = np.where(any_dark, back.argmax(axis=1), slots)
    # Length of the last run: from its end back to the first lit slot before it.
    run = np.zeros(feeders, dtype=np.int64)
    reaches_start = np.zeros(feeders, dtype=np.bool_)
    for f in np.flatnonzero(any_dark):
        before = back[f, lit_since[f] :]
        whole = bool(before.all())
        run[f] = len(before) if whole else int(np.argmin(before))
        reaches_start[f] = whole
    # A run that began before goes on where it was not ended by light.
    goes_on = reaches_start & (had[1] > 0) & (had[2] == 0)
    never_dark = ~any_dark
    dark_slots = np.where(never_dark, had[1], run + np.where(goes_on, had[1], 0))
    lit_slots = np.where(never_dark, np.where(had[1] > 0, had[2] + slots, 0), lit_since)
    return pd.DataFrame(
        {
            "dark_h": had[0] + SLOT_H * dark.sum(axis=1),
            "dark_slots": dark_slots.astype(np.int64),
            "lit_slots": lit_slots.astype(np.int64),
        },
        index=pd.Index(feeder_id, name="feeder_id"),
    )
