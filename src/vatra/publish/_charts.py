"""The charts of a report: load against the limit, people by temperature, people by service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from vatra.planning.model import Plan
from vatra.publish._svg import (
    Frame,
    nice_ticks,
    path,
    picture,
    spread,
    step_band,
    step_line,
    text,
    time_axis,
    value_axis,
)
from vatra.publish.figures import Figures
from vatra.publish.words import Language
from vatra.situation.timegrid import TimeGrid

WIDE = (820.0, 320.0)
NARROW = (370.0, 290.0)


@dataclass(frozen=True)
class Series:
    """A series of a chart.

    Parameters
    ----------
    values
        One value a slot; NaN where there is none.
    label
        Name, written beside its end.
    line
        Class of its line; empty for none.
    area
        Class of the area from 0, or from `low`, up to it; empty for none.
    low
        Lower edge of the area.
    """

    values: NDArray[np.float64]
    label: str = ""
    line: str = ""
    area: str = ""
    low: NDArray[np.float64] | None = None


def time_chart(
    grid: TimeGrid, language: Language, series: Sequence[Series], unit: str, label: str
) -> Markup:
    """Draw series over the horizon, once for wide and once for narrow screens.

    Parameters
    ----------
    grid
        The half-hour slots.
    language
        Language of the labels.
    series
        What to draw, from the back to the front.
    unit
        What the values are, with their unit.
    label
        What the chart shows, in words.
    """
    finite = [float(np.nanmax(s.values)) for s in series if np.isfinite(s.values).any()]
    ticks = nice_ticks(max([*finite, 0.0]))
    both = Markup("")
    for (width, height), classes in ((WIDE, "chart wide"), (NARROW, "chart narrow")):
        names = [s.label for s in series if s.label]
        right = min(12.0 + 7.2 * max((len(n) for n in names), default=0), width * 0.34)
        digits = len(language.number(ticks[-1]))
        frame = Frame(width, height, 14 + 7.4 * digits, right, 26, 40, grid.slots, ticks[-1])
        both += picture(
            width, height, label, _draw(grid, language, series, frame, ticks, unit),
            classes=classes,
        )  # fmt: skip
    return both


def _draw(
    grid: TimeGrid,
    language: Language,
    series: Sequence[Series],
    frame: Frame,
    ticks: Sequence[float],
    unit: str,
) -> list[Markup]:
    marks: list[Markup] = []
    x = frame.edges
    for s in series:
        if s.area:
            high = np.nan_to_num(s.values)
            low = np.zeros_like(high) if s.low is None else s.low
            marks.append(path(step_band(x, frame.y(low), frame.y(high)), s.area))
    marks += value_axis(frame, ticks, unit, language)
    for s in series:
        if s.line:
            line = step_line(x, frame.y(s.values))
            marks.append(path(line, f"halo {s.line}-w"))
            marks.append(path(line, s.line))
    marks += time_axis(frame, grid.local, language)
    named = [s for s in series if s.label and np.isfinite(s.values).any()]
    wanted = [float(frame.y(s.values[np.isfinite(s.values)][-1:])[0]) + 4 for s in named]
    for s, y in zip(named, spread(wanted, 15, frame.top, frame.floor), strict=True):
        marks.append(text(frame.end + 6, y, s.label, "label"))
    return marks


def load_chart(plan: Plan, figures: Figures, language: Language) -> Markup:
    """Draw the load that is served as an area under the limit, with the load that is wanted."""
    schedule = plan.schedule
    served = schedule.served_mw
    kept = np.minimum(schedule.kept_mw, served)
    series = [
        Series(served, language.say("chart_served"), "line-served", "area-served"),
        Series(kept, language.say("chart_kept"), "line-kept", "area-kept"),
        Series(plan.demand.total_mw, language.say("chart_wanted"), "line-wanted"),
    ]
    if np.isfinite(schedule.limit_mw).any():
        series.append(Series(schedule.limit_mw, language.say("chart_limit"), "line-limit"))
    label = language.say(
        "chart_load_alt",
        served=language.between(float(served.min()), float(served.max())),
        wanted=language.about(figures.wanted_mw, 3),
        limit=language.between(*figures.limit_mw) if figures.limit_mw else "—",
    )
    return time_chart(plan.situation.grid, language, series, language.say("axis_mw"), label)


def cold_chart(plan: Plan, figures: Figures, language: Language) -> Markup:
    """Draw people below 16, 12 and 8 °C, with a band of ±1 °C about those below 12."""
    names = ("16", "12", "8")
    series = [
        Series(
            figures.people_below[i],
            language.say("chart_below", c=name),
            f"line-below-{name}",
            f"area-below-{name}",
        )
        for i, name in enumerate(names)
    ]
    low, high = figures.doubt_12
    series.insert(2, Series(high, "", "", "area-doubt", low))
    most = [language.count(c.people, "person", 2) for c in figures.cold]
    label = language.say("chart_cold_alt", below_16=most[0], below_12=most[1], below_8=most[2])
    return time_chart(plan.situation.grid, language, series, language.say("axis_people"), label)


def service_chart(plan: Plan, figures: Figures, language: Language) -> Markup:
    """Draw people without power, without district heat and without water."""
    series = [Series(figures.dark, language.say("chart_dark"), "line-dark")]
    parts = [language.say("without_power_most", n=language.count(figures.dark.max(), "person", 2))]
    for values, key, line in (
        (figures.no_heat, "heat", "line-heat"),
        (figures.no_water, "water", "line-water"),
    ):
        if values is not None:
            series.append(Series(values, language.say(f"chart_no_{key}"), line))
            parts.append(
                language.say(f"without_{key}_most", n=language.count(values.max(), "person", 2))
            )
    label = language.say("chart_service_alt", parts=language.join(parts))
    return time_chart(plan.situation.grid, language, series, language.say("axis_people"), label)
