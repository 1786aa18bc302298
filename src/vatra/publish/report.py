"""The report: one page a language that opens without network and prints well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment
from markupsafe import Markup

from vatra.planning.model import Plan
from vatra.publish import _charts, _grid, _homes_tables, _map, _repairs, _tables, _warm, _water
from vatra.publish._map_data import map_data, with_words
from vatra.publish._page import page_environment, page_policy, page_style, write_page
from vatra.publish._proof import proof_of
from vatra.publish.basis import standing_of, told, unconfirmed, what_changes
from vatra.publish.figures import Figures, figures_of, key_slots
from vatra.publish.relocation_page import FILES as MOVING
from vatra.publish.relocation_page import LANGUAGES as MOVING_WORDS
from vatra.publish.relocation_page import say_moving, write_relocation_page
from vatra.publish.summary import decisions, sentences
from vatra.publish.summary import standing as summary_standing
from vatra.publish.words import LANGUAGES, Language

FILES = {"en": "report.html", "uk": "report.uk.html"}
"""Name of the page of each language."""


def write_report(plan: Plan, folder: Path) -> list[Path]:
    """Write the report of a plan, a page in English and one in Ukrainian.

    Each page is one file with all that it needs. It asks for nothing from any network, works
    without scripts, and shows no text of the plan's as anything but text.

    Parameters
    ----------
    plan
        The plan.
    folder
        Folder to write into; made if it isn't there.

    Returns
    -------
    list[Path]
        The pages, English first. Where ways out of the city are known, the page on moving out
        stands beside each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = page_environment()
    figures = figures_of(plan)
    drawn = _Drawn(plan, figures)
    written = []
    for code, name in FILES.items():
        page = _page(plan, figures, drawn, LANGUAGES[code], environment)
        written.append(write_page(page, folder / name))
    write_relocation_page(plan, folder, as_of=figures.as_of)
    return written


class _Drawn:
    """What is the same in every language, worked out once."""

    def __init__(self, plan: Plan, figures: Figures) -> None:
        self.slots = key_slots(plan)
        self.ground = _map.ground_of(plan)
        self.light = _map.light_maps(plan, self.ground, figures.block_state, self.slots)
        self.cold = _map.cold_maps(plan, self.ground, self.slots)
        self.data = map_data(plan, self.ground, figures)


def _page(
    plan: Plan, figures: Figures, drawn: _Drawn, language: Language, environment: Environment
) -> str:
    style = page_style(environment)
    script = environment.loader.get_source(environment, "map.js")[0] if environment.loader else ""
    about = plan.city.about
    other = next(code for code in LANGUAGES if code != language.code)
    context: dict[str, Any] = {
        "language": language,
        "t": language.say,
        "other": other,
        "other_file": FILES[other],
        "style": Markup(style),  # noqa: S704 # ours
        "script": Markup(script),  # noqa: S704 # ours
        "policy": page_policy(style, script),
        "city": language.name(about.name, about.name_uk),
        "situation": language.name(plan.situation.name, plan.situation.name_uk),
        "synthetic": about.synthetic,
        "as_of": language.dated(figures.as_of) if figures.as_of is not None else "",
        "valid_until": language.dated(figures.end),
        "basis": _tables.basis_word(plan.situation.basis, language),
        "confirmed": plan.situation.basis == "confirmed" and not unconfirmed(plan),
        "sentences": sentences(plan, figures, language),
        "doubts": summary_standing(plan, language),
        "unconfirmed": [
            (r.claim.claim_id, *told(r.claim, language),
             language.join(language.say(f"part_{p}") for p in r.parts),
             what_changes(r, plan, language))
            for r in unconfirmed(plan)
        ],
        "decisions": [
            (language.by(d.by) if d.by is not None else "", d)
            for d in decisions(plan, figures, language)
        ],
        "standing": {
            part: standing_of(part, plan, language)
            for part in ("map", "schedule", "load", "cold", "services", "warm", "relocation")
        },
        "assumptions": [
            (language.name(a.what, a.what_uk), a.source) for a in about.assumptions
        ],
        "attribution": about.attribution,
        "weather_source": plan.situation.weather.source.removesuffix("."),
        **_map_parts(plan, figures, drawn, language),
        **_schedule_parts(plan, language),
        "load_chart": _charts.load_chart(plan, figures, language),
        "load_table": _tables.load_table(plan, language),
        "cold_chart": _charts.cold_chart(plan, figures, language),
        "cold_table": _tables.cold_table(plan, figures, language),
        "homes_table": _homes_tables.homes_table(plan, language),
        "pipes_table": _homes_tables.pipes_table(plan, language),
        "cold_first": _homes_tables.cold_sentences(plan, language),
        "service_chart": _charts.service_chart(plan, figures, language),
        **_water.water_parts(plan, language),
        **_repairs.repairs_parts(plan, language),
        "zone_tables": _tables.zone_tables(plan, language),
        "damage_table": _tables.damage_table(plan, language),
        "has_heat": len(plan.city.heat_zones) > 0,
        "has_water": len(plan.city.water_zones) > 0,
        "points": len(plan.warm_points.sites),
        "warm_intro": _warm_intro(plan, figures, language),
        "warm_table": _tables.warm_table(plan, language),
        **_warm.warm_parts(plan, language),
        "opening_table": _tables.opening_table(plan, figures, language),
        "relocation_intro": language.say(
            "relocation_intro",
            n=language.count(plan.relocation.people, "person", 2),
            v=language.count(plan.relocation.vulnerable, "person", 2),
        ),
        "moving": say_moving(plan, language.code) if plan.relocation.people else [],
        "moving_file": MOVING[language.code] if plan.relocation.everyone is not None else "",
        "moving_link": MOVING_WORDS[language.code].say("m_link"),
        "relocation_table": _tables.relocation_table(plan, language),
        "claims_table": _tables.claims_table(plan, language),
        "assumed_table": _tables.assumed_table(plan, language),
        "rounds_table": _tables.rounds_table(plan, language),
        "proof": proof_of(plan, language),
        "pickup_times": language.number(1 + plan.demand.pickup.extra, 1),
    }  # fmt: skip
    return environment.get_template("report.html.j2").render(context)


def _map_parts(plan: Plan, figures: Figures, drawn: _Drawn, language: Language) -> dict[str, Any]:
    grid = plan.situation.grid
    light, cold = [], []
    for i, slot in enumerate(drawn.slots):
        when = language.short(grid.local[slot])
        dark = language.count(figures.dark[slot], "person", 2)
        below = language.count(figures.people_below[1, slot], "person", 2)
        said = language.say("map_light_alt", when=when, n=dark)
        light.append((when, dark, _map.small_map(drawn.ground, drawn.light[i], said)))
        said = language.say("map_cold_alt", when=when, n=below)
        cold.append((when, below, _map.small_map(drawn.ground, drawn.cold[i], said)))
    warm = plan.warm_points
    label = language.say(
        "map_warm_alt",
        points=language.count(len(warm.sites), "warm_point"),
        n=language.count(max(warm.need - warm.reached, 0), "person", 2),
    )
    placed = int(np.isfinite(drawn.ground.blocks).all(axis=1).sum())
    return {
        "ground": drawn.ground.base,
        "light_maps": light,
        "cold_maps": cold,
        "warm_map": _map.warm_map(plan, drawn.ground, language, label),
        "map_data": with_words(drawn.data, plan, language),
        "map_missing": len(drawn.ground.blocks) - placed,
        "district_names": _map.district_names(plan, language),
        "district_table": _tables.district_table(plan, figures, language),
        "slots": grid.slots,
        "first_said": language.say(
            "slider_value",
            when=language.at(grid.local[0]),
            dark=language.about(figures.dark[0]),
            cold=language.about(figures.people_below[1, 0]),
        ),
    }


def _warm_intro(plan: Plan, figures: Figures, language: Language) -> str:
    warm = plan.warm_points
    if warm.planning_time is None or not warm.need:
        return language.say("warm_intro_no_need")
    return language.say(
        "warm_intro",
        when=language.at(warm.planning_time.tz_convert(plan.situation.grid.time_zone)),
        minutes=language.count(figures.walk_min, "minute_gen"),
        metres=language.number(round(warm.reach_m * warm.paces.others, -1)),
        slow=language.number(round(warm.reach_m * warm.paces.vulnerable, -1)),
    )


def _schedule_parts(plan: Plan, language: Language) -> dict[str, Any]:
    shares = plan.schedule.queue_dark_share
    if not len(shares):
        return {"grids": [], "queue_days": [], "queue_words": [], "mixed": False, "grid_key": []}
    days = _grid.days_of(plan.schedule.grid)
    return {
        "mixed": _grid.is_mixed(plan.schedule),
        "grid_key": _grid.grid_key(plan.schedule),
        "grids": [
            (language.day(day.times[0]), _grid.day_grid(plan.schedule, day, language))
            for day in days
        ],
        "queue_days": [language.short_day(day.times[0]) for day in days],
        "queue_words": _grid.queue_words(plan.schedule, days, language),
    }
