"""The page on moving out, for a mayor: one sheet in plain words that stands alone and prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from vatra.planning.model import Plan
from vatra.publish._charts import Series, time_chart
from vatra.publish._map import district_names
from vatra.publish._page import page_environment, page_policy, page_style, write_page
from vatra.publish._tables import TextTable, basis_word
from vatra.publish.relocation_text import EN, NOUNS, UK
from vatra.publish.words import ENGLISH, UKRAINIAN, Language
from vatra.relocation.come_back import FIT_C
from vatra.relocation.model import MovePlan, Notice
from vatra.situation.timegrid import TimeGrid

FILES = {"en": "relocation.html", "uk": "relocation.uk.html"}
"""Name of the page of each language."""
REPORTS = {"en": "report.html", "uk": "report.uk.html"}
MOST_HOURS = 72.0
"""Longer than this is told in days."""
SHOWN_LEADS_H = (-12.0, 0.0, 12.0, 24.0, 48.0, 72.0, 120.0, 168.0)


def _with_words(language: Language, texts: Mapping[str, str]) -> Language:
    """Add this page's words; degrees stay on the line of their number."""
    own = {key: text.replace(" °C", "\u00a0°C") for key, text in texts.items()}
    nouns = {**language.nouns, **NOUNS[language.code]}
    return replace(language, texts={**language.texts, **own}, nouns=nouns)


LANGUAGES = {"en": _with_words(ENGLISH, EN), "uk": _with_words(UKRAINIAN, UK)}


def write_relocation_page(
    plan: Plan, folder: Path, *, as_of: pd.Timestamp | None = None
) -> list[Path]:
    """Write the page on moving out, one in English and one in Ukrainian.

    Parameters
    ----------
    plan
        The plan; without ways out in its city no page is written.
    folder
        Folder to write into; made if it isn't there.
    as_of
        Local time of the newest report that the plan rests on; None where that isn't known.

    Returns
    -------
    list[Path]
        The pages, English first.
    """
    if plan.relocation.everyone is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    environment = page_environment()
    style = page_style(environment)
    template = environment.get_template("relocation.html.j2")
    written = []
    for code, file in FILES.items():
        language = LANGUAGES[code]
        other = "uk" if code == "en" else "en"
        page = template.render(
            language=language, t=language.say, other=other, other_file=FILES[other],
            report=REPORTS[code], style=Markup(style),  # noqa: S704 # ours
            policy=page_policy(style), **_context(plan, plan.relocation.everyone, language, as_of),
        )  # fmt: skip
        written.append(write_page(page, folder / file))
    return written


def say_moving(plan: Plan, code: str) -> list[str]:
    """Return the sentences that the page opens with, one thing each.

    Parameters
    ----------
    plan
        The plan.
    code
        ``en`` or ``uk``.
    """
    language, moved = LANGUAGES[code], plan.relocation
    if moved.everyone is None:
        return [language.say("m_unknown")]
    said = [*_some(plan, language), *_everyone(moved.everyone, language)]
    return [*said, *([_notice(moved.notice, language)] if moved.notice else [])]


def long(hours: float, language: Language, *, of: bool = False) -> str:
    """Write a length of time: hours up to three days, then days.

    Parameters
    ----------
    hours
        Hours; rounded up, as nobody is helped by a plan that is a little too short.
    language
        The language.
    of
        As it stands after «from» and «about» (a genitive in Ukrainian), not after «in».
    """
    if not np.isfinite(hours):
        return "—"
    if hours <= MOST_HOURS:
        return language.of_hours(float(np.ceil(hours)), noun="hour_gen" if of else "hour_acc")
    days = float(np.ceil(hours / 2.4) / 10.0)
    shown = language.number(days, 0 if days == int(days) else 1)
    return f"{shown}\u00a0{language.noun('full_day_gen' if of else 'full_day', days)}"


def _context(
    plan: Plan, everyone: MovePlan, language: Language, as_of: pd.Timestamp | None
) -> dict[str, Any]:
    about, grid = plan.city.about, plan.situation.grid
    notice = plan.relocation.notice
    return {
        "city": language.name(about.name, about.name_uk),
        "situation": language.name(plan.situation.name, plan.situation.name_uk),
        "synthetic": about.synthetic,
        "as_of": language.dated(as_of) if as_of is not None else language.say("as_of_unknown"),
        "valid_until": language.dated(grid.end.tz_convert(grid.time_zone)),
        "decided": language.dated(everyone.start.tz_convert(grid.time_zone)),
        "basis": basis_word(plan.situation.basis, language),
        "sentences": say_moving(plan, language.code),
        "decide_table": _decide_table(notice, language) if notice else None,
        "late_table": _late_table(notice, language) if notice else None,
        "chart": _chart(everyone, grid.time_zone, language),
        "holds": _holds(everyone, plan, language),
        "some_table": _some_table(plan, language),
        "back": _back(plan, language),
        "rests": _rests(plan, language),
    }


def _some(plan: Plan, language: Language) -> list[str]:
    moved, some = plan.relocation, plan.relocation.some
    if some is None or not moved.people:
        return [language.say("m_none")]
    low, high = some.range_h
    said = [
        language.say(
            "m_some",
            n=language.count(moved.people, "person_gen", 2),
            v=language.about(moved.vulnerable, 2),
            frail=long(some.vulnerable_h, language), all=long(some.clearance_h, language),
            low=long(low, language, of=True), high=long(high, language, of=True),
        )
    ]  # fmt: skip
    late = sum(some.late.values())
    if late:
        said.append(language.say("m_some_late", n=language.about(late, 2)))
    return said


def _everyone(moves: MovePlan, language: Language) -> list[str]:
    people = language.count(moves.people, "person", 2)
    if moves.no_way:
        days = long(moves.exits.network.slots * moves.step_h, language)
        left = language.count(moves.no_way, "person_gen", 2)
        return [language.say("m_all_open", n=people, left=left, days=days)]
    low, high = moves.range_h
    said = language.say(
        "m_all", n=people, all=long(moves.clearance_h, language), low=long(low, language, of=True),
        high=long(high, language, of=True), car=long(moves.last_car_h, language),
        pickup=long(moves.last_pickup_h, language), frail=long(moves.vulnerable_h, language),
    )  # fmt: skip
    return [said, language.say("m_bound", bound=long(moves.clearance_bound_h, language))]


def _notice(notice: Notice, language: Language) -> str:
    c = language.number(notice.threshold_c)
    if not notice.people:
        return language.say("m_notice_warm", c=c)
    frail = language.say("m_frail_all")
    if notice.late_vulnerable:
        low, high = notice.range_vulnerable
        frail = language.say(
            "m_frail_late", n=language.about(notice.late_vulnerable), low=language.about(low),
            high=language.about(high),
        )  # fmt: skip
    low, high = notice.range_all
    return language.say(
        "m_notice", c=c, first=long(notice.first_h, language), half=long(notice.half_h, language),
        notice=long(notice.notice_h, language), frail=frail, late=language.about(notice.late_all),
        n=language.count(notice.people, "person", 2), low=language.about(low),
        high=language.about(high),
    )  # fmt: skip


def _lead(hours: float, language: Language) -> str:
    if hours == 0:
        return language.say("m_at_failure")
    key = "m_before" if hours > 0 else "m_after"
    return language.say(key, h=long(abs(hours), language))


def _decide_table(notice: Notice, language: Language) -> TextTable:
    rows = []
    c = language.number(notice.threshold_c)
    least, most = notice.late["lead_h"].min(), notice.late["lead_h"].max()
    for step, lead, left in notice.decide.itertuples(index=False):
        when = _lead(float(lead), language)
        if not np.isfinite(lead):
            hours = long(float(most), language)
            when = language.say("m_never", n=language.about(left), h=hours)
        elif lead <= least:
            when = language.say("m_any")
        rows.append((language.say(f"m_step_{step}", c=c), when))
    head = (language.say("m_col_step"), language.say("m_col_when"))
    return TextTable("", head, tuple(rows), numeric=False)


def _late_table(notice: Notice, language: Language) -> TextTable:
    rows = []
    enough = notice.late.loc[notice.late["all"] == 0, "lead_h"].min()
    for lead, frail, everyone in notice.late.itertuples(index=False):
        if lead > enough:
            break  # what is decided still earlier leaves nobody late either
        if lead in {*SHOWN_LEADS_H, notice.notice_h, enough}:
            rows.append(
                (_lead(float(lead), language), language.about(frail), language.about(everyone))
            )
    head = tuple(language.say(f"m_col_{k}") for k in ("lead", "frail", "everyone"))
    c = language.number(notice.threshold_c)
    return TextTable(
        language.say("m_late_table", c=c), head, tuple(rows), note=language.say("m_late_note")
    )


def _chart(moves: MovePlan, time_zone: str, language: Language) -> Markup:
    each = max(round(moves.step_h / 0.5), 1)
    curve = moves.curve
    grid = TimeGrid(moves.start, len(curve) * each, time_zone)

    def values(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.repeat(curve[name].to_numpy(dtype=np.float64), each)

    series = [
        Series(values("bound"), "", "line-wanted", ""),
        Series(values("arrived"), language.say("m_chart_plan"), "line-served", "area-served"),
        Series(values("vulnerable"), language.say("m_chart_frail"), "line-kept", "area-kept"),
        Series(values("bound"), language.say("m_chart_bound"), "line-wanted"),
    ]
    label = language.say(
        "m_chart_alt", n=language.count(moves.people, "person", 2),
        all=long(moves.clearance_h, language),
    )  # fmt: skip
    return time_chart(grid, language, series[1:], language.say("axis_people"), label)


def _holds(moves: MovePlan, plan: Plan, language: Language) -> list[str]:
    names = plan.city.ways_out
    said, idle = [], 0
    for what, way, saved in moves.binding.itertuples(index=False):
        if what in ("lane", "train", "buses"):
            if saved < 1.0:
                idle += 1
                continue
            row = names.loc[way]
            name = language.name(str(row["name"]), str(row["name_uk"])) or str(way)
            said.append(
                (-float(saved), language.say(f"m_{what}", way=name, h=long(float(saved), language)))
            )
        else:
            said.append((0.0, language.say(f"m_{what}")))  # fmt: skip
    told = [text for _, text in sorted(said, key=lambda one: one[0])]
    if idle >= 2:
        told.append(language.say("m_nothing"))
    if moves.walk_none:
        metres = language.number(plan.relocation.rules.pickup_walk_m)
        none = language.count(moves.walk_none, "person", 2)
        told.append(language.say("m_walk_none", n=none, m=metres))
    used = moves.arrivals[moves.arrivals["people"] > 0]
    told.append(
        language.say("m_towns", n=language.count(len(used), "town"),
                     beds=language.about(float(used["beds"].sum()), 2))
    )  # fmt: skip
    return told


def _some_table(plan: Plan, language: Language) -> TextTable | None:
    moves = plan.relocation.some or plan.relocation.everyone
    if moves is None or not len(moves.departures):
        return None
    names = dict(zip(plan.city.districts.index, district_names(plan, language), strict=True))
    zone = plan.situation.grid.zone
    rows = []
    for district, own in moves.departures.groupby("district_id", sort=True):
        frail = own.loc[own["tier"] == "vulnerable", "people"].sum()
        last = own["time"].max() + pd.Timedelta(hours=moves.step_h)
        rows.append((
            names.get(district, str(district)), language.about(float(own["people"].sum())),
            language.about(float(frail)), language.short(last.tz_convert(zone)),
        ))  # fmt: skip
    words = ("col_district", "col_people", "m_col_frail", "m_col_last")
    head = tuple(language.say(word) for word in words)
    return TextTable(language.say("m_table_some"), head, tuple(rows))


def _back(plan: Plan, language: Language) -> str:
    table = plan.relocation.come_back
    if not len(table):
        return ""
    names = dict(zip(plan.city.districts.index, district_names(plan, language), strict=True))
    hours = long(float(table["warm_up_h"].max()), language, of=True)
    fit = table[table["fit_from"].notna()]
    if not len(fit):
        return language.say("m_return_none", c=language.number(FIT_C), h=hours)
    zone = plan.situation.grid.zone
    listed = language.join(
        language.say(
            "m_return_one", name=names.get(row["district_id"], row["district_id"]),
            when=language.by(row["fit_from"].tz_convert(zone)),
        )
        for row in fit.to_dict("records")
    )  # fmt: skip
    return language.say("m_return", list=listed, h=hours)


def _rests(plan: Plan, language: Language) -> list[str]:
    rules = plan.relocation.rules
    curfew = ""
    if rules.curfew is not None:
        a, b = (f"{int(h):02d}:{round(h % 1 * 60):02d}" for h in rules.curfew)
        curfew = language.say("m_curfew", a=a, b=b)
    said = [
        language.say(
            "m_assumed", cars=language.share(rules.car_share),
            per=language.number(rules.car_people, 1),
            lane=language.about(rules.lane_cars_h * rules.winter_share, 3),
            full=language.share(rules.breakdown_share), curfew=curfew,
            bus=long(rules.bus_ready_h, language), rail=long(rules.rail_ready_h, language),
        ),
        language.say("m_range"),
        language.say("m_proof"),
    ]  # fmt: skip
    if bool(plan.city.ways_out["assumed"].any()):
        said.insert(1, language.say("m_ways_assumed"))
    return said
