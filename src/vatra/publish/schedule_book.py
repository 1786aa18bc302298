"""Who has had how much darkness by day, week and month, evenings and nights apart, on a page."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from vatra.blackouts.files_folder import ScheduleFolder
from vatra.blackouts.memory_spans import KINDS, OWED_FROM_H, SPANS, Standing, standing_of
from vatra.publish._svg import nice_ticks, path, picture, short, text
from vatra.publish._tables import TextTable
from vatra.publish.words import Language

PANEL, GAP, LEFT, ROW, TOP = 232.0, 14.0, 44.0, 18.0, 42.0
"""Widths of a panel, between two and for the names; heights of a row and of the heading."""


@dataclass(frozen=True)
class BookPart:
    """What the page says of the days before and with the schedule.

    Parameters
    ----------
    sentences
        What is known, and what is owed.
    pictures
        Bars by queue, for wide and for narrow pages; none where no queue is switched.
    spans, queues
        The figures by span, and by queue.
    """

    sentences: tuple[str, ...]
    pictures: tuple[tuple[str, Markup], ...]
    spans: TextTable
    queues: TextTable


def book_part(content: ScheduleFolder, language: Language) -> BookPart | None:
    """Put what everybody has had into words, bars and tables.

    Parameters
    ----------
    content
        The schedule, with the book of the days before where there is one.
    language
        The language.

    Returns
    -------
    BookPart or None
        None where no line takes turns.
    """
    standing = standing_of(content.schedule, content.feeders, content.book)
    if not len(standing.lines):
        return None
    bars: tuple[tuple[str, Markup], ...] = ()
    if len(standing.queues):
        bars = (("wide", _bars(standing, language, 3)), ("narrow", _bars(standing, language, 1)))
    return BookPart(
        tuple(_sentences(standing, content.book is not None, language)), bars,
        _span_table(standing, language), _queue_table(standing, language),
    )  # fmt: skip


def _sentences(standing: Standing, kept: bool, language: Language) -> list[str]:
    say, lines = language.say, standing.lines
    known = {"days": language.count(standing.days["month"], "day"),
             "month": language.count(SPANS["month"], "day"),
             "last": language.day(standing.last)}  # fmt: skip
    if not standing.before:
        return [say("s_book_empty" if kept else "s_book_none", **known)]
    said = [say("s_book_known", **known)]
    for column, key in (("owed_before_h", "s_book_owed_before"), ("owed_h", "s_book_owed")):
        count, most = standing.owed(column)
        said.append(
            say(key, n=language.count(count, "line"), most=language.of_hours(most),
                least=language.of_hours(OWED_FROM_H))
            if count else say(f"{key}_none")
        )  # fmt: skip
    emergency = float(lines["month_emergency_h"].sum())
    if emergency > 0:
        share = emergency / max(float(lines["month_dark_h"].sum()), 1e-9)
        cut = int((lines["month_emergency_h"] > 0).sum())
        said.append(
            say("s_book_emergency", share=language.share(share), n=language.count(cut, "line"))
        )
    return said


def _span_name(standing: Standing, span: str, language: Language) -> str:
    """Name a span by its days, and how many of them are known where some aren't."""
    last = language.short_day(standing.last)
    if span == "day":
        return language.say("s_book_day", last=last)
    first = language.short_day(standing.last - pd.Timedelta(days=SPANS[span] - 1))
    key = "s_book_span" if standing.days[span] == SPANS[span] else "s_book_span_partly"
    return language.say(
        key, first=first, last=last, known=language.number(standing.days[span]),
        days=language.count(SPANS[span], "day"),
    )  # fmt: skip


def _span_table(standing: Standing, language: Language) -> TextTable:
    say, rows = language.say, []
    for row in standing.spans.to_dict("records"):
        span, kind = str(row["span"]), str(row["kind"])
        name = f"{_span_name(standing, span, language)}: {say(f's_book_{kind}')}"
        hours = (language.number(row[f"{k}_h"], 1) for k in ("least", "most", "range", "mean"))
        rows.append((name, *hours, language.number(row["gini"], 3)))
    columns = ("least", "most", "range", "mean", "gini")
    head = (say("s_col_span"), *(say(f"s_col_{k}") for k in columns))
    return TextTable(say("s_book_table_spans"), head, tuple(rows))


def _queue_table(standing: Standing, language: Language) -> TextTable:
    say = language.say
    columns = ("day_dark", "week_dark", "month_dark", "month_evening", "month_night",
               "month_emergency")  # fmt: skip
    rows = []
    for name, row in standing.queues.iterrows():
        hours = (language.number(row[f"{column}_h"], 1) for column in columns)
        owed = (_signed(float(row[k]), language) for k in ("owed_before_h", "owed_h"))
        rows.append((str(name), *hours, *owed))
    head = (say("col_queue"), *(say(f"s_book_col_{c}") for c in columns),
            say("s_book_col_owed_before"), say("s_book_col_owed"))  # fmt: skip
    note = say("s_book_owed_note") if rows else ""
    return TextTable(say("s_book_table_queues"), head, tuple(rows), note=note)


def _signed(hours: float, language: Language) -> str:
    shown = round(hours, 1)
    return f"{'+' if shown > 0 else ''}{language.number(shown + 0.0, 1)}"


def _bars(standing: Standing, language: Language, abreast: int) -> Markup:
    """Draw the month's dark hours by queue in three panels: all of it, evenings and nights."""
    queues, say = standing.queues, language.say
    tall = TOP + ROW * len(queues) + 22.0
    wide = LEFT + PANEL
    marks: list[Markup] = []
    means = standing.spans[standing.spans["span"] == "month"].set_index("kind")["mean_h"]
    for number, kind in enumerate(KINDS):
        across, down = number % abreast, number // abreast
        marks += _panel(
            queues, kind, float(means[kind]), language, down * tall,
            LEFT + across * (wide + GAP),
        )  # fmt: skip
    return picture(
        abreast * wide + (abreast - 1) * GAP, tall * (len(KINDS) // abreast),
        say("s_book_alt", low=language.number(float(queues["month_dark_h"].min()), 1),
            high=language.of_hours(float(queues["month_dark_h"].max()))),
        marks, classes="queues chart" if abreast > 1 else "queues bars",
    )  # fmt: skip


def _panel(  # noqa: PLR0917 - where and what
    queues: pd.DataFrame, kind: str, mean: float, language: Language, top: float, left: float
) -> list[Markup]:
    """Draw one panel: a bar a queue, the mean of all as an upright line."""
    hours = queues[f"month_{kind}_h"].to_numpy(dtype=float)
    ticks = nice_ticks(max(float(hours.max()), mean, 0.5), 3)
    scale = (PANEL - 40.0) / ticks[-1]
    floor = top + TOP + ROW * len(queues)
    marks = [text(left - LEFT, top + 14, language.say(f"s_book_axis_{kind}"), "label")]
    for tick in ticks:
        x = left + scale * tick
        marks.append(path(f"M{short(x)} {short(top + TOP - 6)}V{short(floor)}", "grid"))
        label = language.number(tick, 0 if tick == int(tick) else 1)
        marks.append(text(x, floor + 14, label, "axis", "middle"))
    for i, name in enumerate(queues.index):
        y, long = top + TOP + ROW * i, scale * float(hours[i])
        if long > 0:
            bar = f"M{short(left)} {short(y)}h{short(long)}v{short(ROW - 5)}h{short(-long)}z"
            marks.append(path(bar, "dark"))
        marks.append(text(left - 6, y + 11, str(name), "queue", "end"))
        # Beside the line of the mean, not under it.
        x = left + max(long, scale * mean) + 6
        marks.append(text(x, y + 11, language.number(float(hours[i]), 1), "axis"))
    x = left + scale * mean
    marks.append(path(f"M{short(x)} {short(top + TOP - 8)}V{short(floor)}", "line-limit"))
    marks.append(text(x, top + TOP - 12, language.say("s_book_mean", h=language.number(mean, 1)),
                      "axis", "middle"))  # fmt: skip
    return marks
