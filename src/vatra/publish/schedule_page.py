"""The page of a schedule that stands alone: one file that opens without network and prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from vatra.blackouts.files_fairness import CUTS, fairness_table, may_be_cut, weight_of
from vatra.blackouts.files_folder import ScheduleFolder
from vatra.blackouts.model import Schedule, State
from vatra.blackouts.tables import schedule_table
from vatra.publish import _grid
from vatra.publish._charts import Series, time_chart
from vatra.publish._page import page_environment, page_policy, page_style, write_page
from vatra.publish._proof import proof_of_schedule
from vatra.publish._svg import nice_ticks, path, picture, short, text
from vatra.publish._tables import MOST_ROWS, TextTable
from vatra.publish.notes_uk import note_in_ukrainian
from vatra.publish.schedule_book import book_part
from vatra.publish.schedule_lines import line_table
from vatra.publish.schedule_revision import revision_sentences, revision_table
from vatra.publish.schedule_text import EN, NOUNS, UK
from vatra.publish.words import ENGLISH, UKRAINIAN, Language
from vatra.situation.timegrid import SLOT_H

FILES = {"en": "schedule.html", "uk": "schedule.uk.html"}
"""Name of the page of each language."""

LANGUAGES = {
    "en": replace(ENGLISH, texts={**ENGLISH.texts, **EN}, nouns={**ENGLISH.nouns, **NOUNS["en"]}),
    "uk": replace(
        UKRAINIAN, texts={**UKRAINIAN.texts, **UK}, nouns={**UKRAINIAN.nouns, **NOUNS["uk"]}
    ),
}

BAR_WIDTH, BAR_LEFT, BAR_RIGHT, BAR_ROW = 560.0, 60.0, 60.0, 18.0


def write_schedule_page(content: ScheduleFolder, folder: Path, *, name: str = "") -> list[Path]:
    """Write the page of a schedule, one in English and one in Ukrainian.

    Each page is one file with all that it needs. It asks for nothing from any network, has no
    scripts, and shows no text of the tables as anything but text.

    Parameters
    ----------
    content
        The schedule with its feeders, its demand and what was assumed.
    folder
        Folder to write into; made if it isn't there.
    name
        Whose schedule it is; heads the page.

    Returns
    -------
    list[Path]
        The pages, English first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = page_environment()
    style = page_style(environment)
    template = environment.get_template("schedule.html.j2")
    written = []
    for code, file in FILES.items():
        language = LANGUAGES[code]
        other = "uk" if code == "en" else "en"
        page = template.render(
            language=language, t=language.say, other=other, other_file=FILES[other], name=name,
            style=Markup(style),  # noqa: S704 # ours
            policy=page_policy(style), **_context(content, language),
        )  # fmt: skip
        written.append(write_page(page, folder / file))
    return written


def summarise_schedule(content: ScheduleFolder, language: str = "en") -> str:
    """Return the paragraph that a page of a schedule opens with.

    Parameters
    ----------
    content
        The schedule with its feeders and its demand.
    language
        ``en`` or ``uk``.

    Returns
    -------
    str
        Sentences.
    """
    return " ".join(_sentences(content, LANGUAGES[language])).replace("\u2060", "")


def summarise_revision(content: ScheduleFolder, language: str = "en") -> str:
    """Return what a revised schedule changes, in a paragraph.

    Parameters
    ----------
    content
        The revised schedule with its feeders.
    language
        ``en`` or ``uk``.

    Returns
    -------
    str
        Sentences; empty where nothing was revised.
    """
    return " ".join(revision_sentences(content, LANGUAGES[language])).replace("\u2060", "")


def _context(content: ScheduleFolder, language: Language) -> dict[str, Any]:
    schedule = content.schedule
    grid, say = schedule.grid, language.say
    days = _grid.days_of(grid)
    has_queues = len(schedule.queue_dark_share) > 0
    return {
        "valid_from": language.dated(grid.local[0]),
        "valid_until": language.dated(grid.end.tz_convert(grid.time_zone)),
        "sentences": _sentences(content, language),
        "changed": revision_sentences(content, language),
        "changed_table": revision_table(content, language),
        "notes": [_note(note, language) for note in content.notes],
        "pickup_times": language.number(1 + content.demand.pickup.extra, 1),
        "mixed": has_queues and _grid.is_mixed(schedule),
        "grids": [
            (
                language.day(day.times[0]),
                _grid.day_grid(schedule, day, language, revision=content.revision),
            )
            for day in days
        ] if has_queues else [],
        "grid_key": _grid.grid_key(schedule, content.revision),
        "queue_days": [language.short_day(day.times[0]) for day in days],
        "queue_words": _grid.queue_words(schedule, days, language) if has_queues else [],
        "other_table": _other_table(schedule, language),
        "lines": line_table(content, language),
        "load_chart": _load_chart(content, language),
        "load_table": _load_table(content, language),
        "fair_chart": _fair_chart(content, language) if has_queues else "",
        "queue_table": _queue_table(content, language),
        "fair_table": _fair_table(content, language),
        "book": book_part(content, language),
        "proof": proof_of_schedule(schedule, language),
        "skip": say("skip"),
    }  # fmt: skip


def _note(note: str, language: Language) -> tuple[str, str]:
    """Return a note in the language of the page, and the code of the one that it is in."""
    said = note_in_ukrainian(note) if language.code == "uk" else ""
    return (said, "uk") if said else (note, "en")


def _other_table(schedule: Schedule, language: Language) -> TextTable:
    """List what isn't lit and isn't planned, so that the grid's blue isn't taken for the plan."""
    say, zone = language.say, schedule.grid.time_zone
    runs = schedule_table(schedule)
    runs = runs[runs["state"] != State.PLANNED.name.lower()]
    shown = runs.head(MOST_ROWS)
    start, end = (pd.DatetimeIndex(shown[k]).tz_convert(zone) for k in ("start", "end"))
    rows = tuple(
        (str(feeder), language.short(since), language.short(until), say(f"s_state_{state}"))
        for feeder, since, until, state in zip(
            shown["feeder"], start, end, shown["state"], strict=True
        )
    )
    more = len(runs) - len(rows)
    note = say("rows_left_out", n=language.number(more)) if more else ""
    head = (say("s_col_line"), say("col_from"), say("s_col_until"), say("s_col_state"))
    return TextTable(say("s_table_other"), head, rows, numeric=False, note=note)


def _sentences(content: ScheduleFolder, language: Language) -> list[str]:
    schedule, say = content.schedule, language.say
    grid, proof = schedule.grid, content.schedule.certificate
    hours = grid.slots * SLOT_H
    values = {
        "start": language.by(grid.local[0]),
        "hours": language.of_hours(hours) if hours >= 1 else say("s_half_hour"),
        "wanted": language.about(float(content.demand.total_mw.max()), 3),
    }
    said = [_supply(content, values, language)]
    if content.orders is not None and content.orders.area_limits:
        said.append(say("s_areas", areas=language.join(a.area for a in content.orders.area_limits)))
    whole = may_be_cut(schedule, content.feeders)
    cut = np.isin(schedule.state, CUTS)
    if not cut.any():
        said.append(say("s_nobody_dark"))
    elif whole.any():
        dark = SLOT_H * cut[whole].sum(axis=1)
        days = max(hours / 24, 1.0)
        low, high = (float(v) / days for v in (dark.min(), dark.max()))
        key = "s_dark_day" if hours >= 24 else "s_dark_all"
        said.append(say(key, range=language.of_hours(low, high), hours=values["hours"]))
    kept = int((~whole).sum())
    turns, people = int(whole.sum()), _people(content, whole)
    counts = {"turns": language.count(turns, "line"), "kept": language.count(kept, "line")}
    if people:
        said.append(say("s_turns", people=language.count(people, "person", 3), **counts))
    else:
        said.append(say("s_turns_no_people", **counts))
    for state, key in (
        (State.DAMAGED, "s_damaged"),
        (State.EMERGENCY, "s_emergency"),
        (State.SPECIAL_EMERGENCY, "s_special"),
        (State.POSSIBLE, "s_possible"),
        (State.UNKNOWN, "s_unknown"),
    ):
        lines = int((schedule.state == state).any(axis=1).sum())
        if lines:
            said.append(say(key, n=language.count(lines, "line")))
    if proof.limit_excess_mw > 0:
        said.append(say("s_over", mw=language.about(proof.limit_excess_mw, 2)))
    if proof.violations:
        said.append(say("s_broken", n=language.count(len(proof.violations), "rule_case")))
    elif not proof.limit_excess_mw:
        said.append(say("s_all_kept"))
    return said


def _supply(content: ScheduleFolder, values: dict[str, str], language: Language) -> str:
    limit = content.schedule.limit_mw[np.isfinite(content.schedule.limit_mw)]
    if limit.size:
        key = "s_supply" if limit.size == content.schedule.grid.slots else "s_supply_partly"
        return language.say(key, limit=language.between(limit.min(), limit.max()), **values)
    orders = content.orders
    if orders is None:
        return language.say("s_supply_free", **values)
    queues = orders.queues_off[np.isfinite(orders.queues_off)]
    if queues.size:
        shown = language.of_hours(queues.min(), queues.max(), noun="queue_case")
        return language.say("s_supply_queues", queues=shown, **values)
    return language.say("s_supply_areas" if orders.area_limits else "s_supply_free", **values)


def _people(content: ScheduleFolder, which: NDArray[np.bool_]) -> float:
    table = content.feeders.loc[content.schedule.feeder_id]
    if "residents" not in table:
        return 0.0
    return float(pd.to_numeric(table["residents"], errors="coerce").fillna(0.0)[which].sum())


def _load_chart(content: ScheduleFolder, language: Language) -> Markup:
    """Draw the served load under the limit, pickup as the upper band of it."""
    schedule, demand = content.schedule, content.demand
    served = schedule.served_mw
    ordinary = np.minimum((demand.load_mw * schedule.lit).sum(axis=0), served)
    series = [
        Series(ordinary, "", "", "area-served"),
        Series(served, language.say("chart_served"), "line-served", "area-pickup", ordinary),
        Series(np.minimum(schedule.kept_mw, served), language.say("chart_kept"), "line-kept",
               "area-kept"),
        Series(demand.total_mw, language.say("chart_wanted"), "line-wanted"),
    ]  # fmt: skip
    limit = schedule.limit_mw
    known = limit[np.isfinite(limit)]
    if known.size:
        series.append(Series(limit, language.say("chart_limit"), "line-limit"))
    label = language.say(
        "chart_load_alt",
        served=language.between(float(served.min()), float(served.max())),
        wanted=language.about(float(demand.total_mw.max()), 3),
        limit=language.between(float(known.min()), float(known.max())) if known.size else "—",
    )
    return time_chart(schedule.grid, language, series, language.say("axis_mw"), label)


def _load_table(content: ScheduleFolder, language: Language) -> TextTable:
    schedule, demand, say = content.schedule, content.demand, language.say
    cut = np.isin(schedule.state, CUTS)
    rows = []
    for day in np.unique(schedule.grid.day):
        slots = schedule.grid.day == day
        limit = schedule.limit_mw[slots]
        known = limit[np.isfinite(limit)]
        rows.append((
            language.short_day(schedule.grid.local[int(np.argmax(slots))]),
            language.between(float(known.min()), float(known.max())) if known.size else "—",
            language.about(float(demand.total_mw[slots].max()), 3),
            language.about(float(schedule.served_mw[slots].max()), 3),
            language.about(float(SLOT_H * schedule.served_mw[slots].sum()), 3),
            language.about(float(SLOT_H * demand.load_mw[:, slots][cut[:, slots]].sum()), 3),
        ))  # fmt: skip
    head = ("day", "limit", "wanted", "served", "mwh", "cut")
    return TextTable(say("table_of_load"), tuple(say(f"col_load_{h}") for h in head), tuple(rows))


def _by_queue(content: ScheduleFolder) -> pd.DataFrame:
    """By queue: lines, people, least, mean and most dark hours."""
    schedule = content.schedule
    dark = SLOT_H * np.isin(schedule.state, CUTS).sum(axis=1)
    queue = schedule.queue.reindex(schedule.feeder_id).fillna("").to_numpy()
    weight = weight_of(content.feeders.loc[schedule.feeder_id])
    rows = []
    for name in schedule.queue_dark_share.index:
        own = queue == name
        rows.append({
            "lines": int(own.sum()), "people": _people(content, own), "least": dark[own].min(),
            "mean": np.average(dark[own], weights=weight[own]), "most": dark[own].max(),
        })  # fmt: skip
    return pd.DataFrame(rows, index=schedule.queue_dark_share.index)


def _fair_chart(content: ScheduleFolder, language: Language) -> Markup:
    """Draw a bar a queue: its mean dark hours, with the range of its lines."""
    queues = _by_queue(content)
    whole = may_be_cut(content.schedule, content.feeders)
    dark = SLOT_H * np.isin(content.schedule.state, CUTS).sum(axis=1)
    weight = weight_of(content.feeders.loc[content.schedule.feeder_id])
    mean = float(np.average(dark[whole], weights=weight[whole])) if whole.any() else 0.0
    ticks = nice_ticks(float(queues["most"].max()))
    scale = (BAR_WIDTH - BAR_LEFT - BAR_RIGHT) / ticks[-1]
    height = 24 + BAR_ROW * len(queues) + 24
    floor = height - 20
    marks: list[Markup] = []
    for tick in ticks:
        x = short(BAR_LEFT + scale * tick)
        marks.append(path(f"M{x} 20V{short(floor)}", "grid"))
        label = language.number(tick, 0 if tick == int(tick) else 1)
        marks.append(text(BAR_LEFT + scale * tick, floor + 14, label, "axis", "middle"))
    for i, (name, row) in enumerate(queues.iterrows()):
        y = 24 + BAR_ROW * i
        wide = scale * float(row["mean"])
        bar = f"M{short(BAR_LEFT)} {short(y)}h{short(wide)}v{short(BAR_ROW - 5)}h{short(-wide)}z"
        marks.append(path(bar, "dark"))
        low, high = (BAR_LEFT + scale * float(row[k]) for k in ("least", "most"))
        middle = y + (BAR_ROW - 5) / 2
        span = f"M{short(low)} {short(middle)}H{short(high)}"
        marks.append(path(span, "halo"))
        marks.append(path(span, "line-wanted"))
        marks.append(text(BAR_LEFT - 6, y + 11, str(name), "queue", "end"))
        marks.append(text(max(high, BAR_LEFT + wide) + 6, y + 11,
                          language.number(float(row["mean"]), 1), "axis"))  # fmt: skip
    x = short(BAR_LEFT + scale * mean)
    marks.append(path(f"M{x} 18V{short(floor)}", "line-limit"))
    marks.append(text(0, 12, language.say("s_fair_axis"), "axis unit"))
    label = language.say(
        "s_fair_alt",
        low=language.number(float(queues["mean"].min()), 1),
        high=language.of_hours(float(queues["mean"].max())),
    )
    return picture(BAR_WIDTH, height, label, marks, classes="queues bars")


def _queue_table(content: ScheduleFolder, language: Language) -> TextTable:
    say = language.say
    head = (say("col_queue"), *(say(f"s_col_{n}") for n in ("lines", "people")),
            *(say(f"s_col_{n}") for n in ("least", "mean", "most")))  # fmt: skip
    queues = _by_queue(content) if len(content.schedule.queue_dark_share) else pd.DataFrame()
    rows = tuple(
        (
            str(name), language.number(row["lines"]),
            language.about(row["people"], 3) if row["people"] else "—",
            *(language.number(row[k], 1) for k in ("least", "mean", "most")),
        )
        for name, row in queues.iterrows()
    )  # fmt: skip
    return TextTable(say("s_table_queues"), head, rows)


def _fair_table(content: ScheduleFolder, language: Language) -> TextTable:
    say = language.say
    columns = ("least", "most", "range", "mean", "gini")
    rows = []
    for row in fairness_table(content.schedule, content.feeders).to_dict("records"):
        if row["span"] == "day":
            label = language.short_day(pd.Timestamp(row["begins"]))
        elif row["span"] == "week":
            year, week = (int(part) for part in row["begins"].split("-W"))
            monday = pd.Timestamp.fromisocalendar(year, week, 1)
            label = say("s_span_week", name=language.short_day(monday))
        else:
            label = say(f"s_span_{row['span']}")
        hours = (language.number(row[f"{k}_h"], 1) for k in columns[:-1])
        rows.append((label, *hours, language.number(row["gini"], 3)))
    head = (say("s_col_span"), *(say(f"s_col_{k}") for k in columns))
    return TextTable(say("s_table_fair"), head, tuple(rows))
