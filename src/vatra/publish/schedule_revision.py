"""What a revised schedule changes, in words: who gains or loses light when."""

from __future__ import annotations

import pandas as pd

from vatra.blackouts.files_folder import ScheduleFolder
from vatra.blackouts.revision import Revision
from vatra.publish._tables import TextTable
from vatra.publish.words import Language

MOST_QUEUES = 40


def revision_sentences(content: ScheduleFolder, language: Language) -> list[str]:
    """Say what a revision changes.

    Parameters
    ----------
    content
        The revised schedule.
    language
        The language.

    Returns
    -------
    list[str]
        Sentences; none where nothing was revised.
    """
    revision, say = content.revision, language.say
    if revision is None:
        return []
    zone, figures = revision.schedule.grid.time_zone, revision.summary
    said = [say(
        "s_rev_head", now=language.by(revision.now.tz_convert(zone)),
        until=language.by(revision.frozen_until.tz_convert(zone)),
    )]  # fmt: skip
    if figures["frozen_excess_mw"] > 0:
        said.append(say("s_rev_frozen", mw=language.about(figures["frozen_excess_mw"], 2)))
    if not figures["changed_lines"]:
        return [*said, say("s_rev_same")]
    who = _noun(content)
    for key in ("lose", "gain"):
        word = {"lose": "lost", "gain": "gained"}[key]
        if figures[f"people_who_{key}"] > 0:
            said.append(say(
                f"s_rev_{key}", people=language.count(figures[f"people_who_{key}"], who, 3),
                hours=language.about(figures[f"{word}_person_h"], 2),
            ))  # fmt: skip
    kinds = ("earlier_or_later", "moved", "split_off", "new", "cancelled")
    counts = {kind: figures[f"outages_{kind}"] for kind in kinds}
    said.append(say(
        "s_rev_outages", same=language.number(figures["outages_same"]),
        **{kind: language.number(n) for kind, n in counts.items()},
    ))  # fmt: skip
    return said


def _noun(content: ScheduleFolder) -> str:
    table = content.feeders
    for column, noun in (("residents", "person"), ("customers", "customer")):
        if column in table and pd.to_numeric(table[column], errors="coerce").sum() > 0:
            return noun
    return "line"


def revision_table(content: ScheduleFolder, language: Language) -> TextTable:
    """Lay out by queue who loses and who gains light when.

    Parameters
    ----------
    content
        The revised schedule.
    language
        The language.
    """
    say, revision = language.say, content.revision
    head = tuple(say(f"s_rev_col_{name}") for name in ("queue", "loses", "gains", "hours"))
    if revision is None:
        return TextTable(say("s_rev_table"), head, ())
    rows = []
    for queue, figures in revision.changes.iterrows():
        lost, gained = figures["lost_person_h"], figures["gained_person_h"]
        if not (lost or gained):
            continue
        change = f"−{language.about(lost, 2)} / +{language.about(gained, 2)}"
        rows.append((
            str(queue) or say("s_rev_no_queue"),
            *(_when(revision, str(queue), kind, language) for kind in ("loses", "gains")), change,
        ))  # fmt: skip
    return TextTable(say("s_rev_table"), head, tuple(rows[:MOST_QUEUES]), numeric=False)


def _when(revision: Revision, queue: str, kind: str, language: Language) -> str:
    """Write the stretches in which a queue loses or gains light, those of most people first."""
    zone = revision.schedule.grid.time_zone
    own = revision.spans[(revision.spans["queue"] == queue) & (revision.spans["change"] == kind)]
    most = own.nlargest(3, "person_h").sort_values("start")
    parts = []
    for start, end, people in zip(most["start"], most["end"], most["people"], strict=True):
        since, until = start.tz_convert(zone), end.tz_convert(zone)
        span = f"{language.short_day(since)} {language.span(since, until)}"
        parts.append(f"{span} ({language.about(people, 2)})")
    if len(own) > len(most):
        parts.append("…")
    return "; ".join(parts) or "—"
