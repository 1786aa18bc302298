"""The hours of every single line, for where the lines of a queue keep different ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.blackouts.files_fairness import may_be_cut
from vatra.blackouts.files_folder import ScheduleFolder
from vatra.blackouts.model import State
from vatra.blackouts.queues import queue_order
from vatra.publish._grid import Day, days_of, spans_in_words
from vatra.publish._tables import TextTable
from vatra.publish.words import Language

MOST_LINES = 200
"""Lines up to which a page lists them all; with more of them, the file does."""


def line_table(content: ScheduleFolder, language: Language) -> TextTable | None:
    """List when each line that takes turns has light, queue by queue.

    Parameters
    ----------
    content
        The schedule.
    language
        The language.

    Returns
    -------
    TextTable or None
        A row a line and a column a day; None where there are no such lines, or too many.
    """
    schedule, say = content.schedule, language.say
    turns = np.flatnonzero(may_be_cut(schedule, content.feeders))
    if not 0 < turns.size <= MOST_LINES:
        return None
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").astype(str).tolist()
    ids = [str(feeder) for feeder in schedule.feeder_id]
    ordered = sorted(turns.tolist(), key=lambda f: (queue_order(queue[f]), f))
    days = days_of(schedule.grid)
    rows = [
        (
            ids[f], queue[f] or "—",
            *(_light(schedule.state[f], day, language) for day in days),
        )
        for f in ordered
    ]  # fmt: skip
    head = (say("s_col_line"), say("col_queue"),
            *(language.short_day(day.times[0]) for day in days))  # fmt: skip
    return TextTable(say("s_lines_caption"), head, tuple(rows), numeric=False)


def _light(state: NDArray[np.int8], day: Day, language: Language) -> str:
    """Say when a line has light on a day, and when that is possible only or not known."""
    first, end = max(day.first, 0), min(day.first + len(day.times), len(state))
    own, times = state[first:end], day.times[first - day.first : end - day.first]
    said = []
    lit = own == State.LIT
    if lit.all():
        said.append(language.say("s_lines_all"))
    elif lit.any():
        said.append(", ".join(spans_in_words(lit, times, language)))
    else:
        said.append(language.say("s_lines_none"))
    for kind in (State.POSSIBLE, State.UNKNOWN):
        if (own == kind).any():
            spans = ", ".join(spans_in_words(own == kind, times, language))
            said.append(f"{language.say(f's_state_{kind.name.lower()}')}: {spans}")
    return "; ".join(said)
