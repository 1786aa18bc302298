"""The plan in one paragraph, and what has to be decided."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vatra.planning.answers import draining
from vatra.planning.folder import assumed_rows
from vatra.planning.model import Plan
from vatra.publish._power import power_doubts
from vatra.publish.basis import told, unconfirmed
from vatra.publish.figures import Cold, Figures, figures_of
from vatra.publish.words import LANGUAGES, Language

MOST_CLAIMS = 2
"""Reports spelled out in the paragraph; the rest are counted."""

MOST_OPENINGS = 3
"""Steps of opening warm points that are told one by one; the last holds all that follow."""

HEATERS_SHARE = 0.03
"""Heaters of cold homes that add more than this share to the peak are told apart."""

WHOLE = 0.999
"""A warm point with power or heat in at least this share of its hours of need counts as kept."""


@dataclass(frozen=True)
class Decision:
    """Something that people have to decide.

    Parameters
    ----------
    by
        Local time by which; None where it has none.
    what
        What, as a sentence without its full stop.
    why
        Why, in a sentence.
    headline
        Whether the paragraph names it.
    """

    by: pd.Timestamp | None
    what: str
    why: str
    headline: bool = False


def summarise(plan: Plan, language: str = "en") -> str:
    """Return the plan in one paragraph: what will happen, to whom, and what to decide.

    Parameters
    ----------
    plan
        The plan.
    language
        ``en`` or ``uk``.

    Returns
    -------
    str
        Sentences in one line, numbers rounded to what is known, times local.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no language «{language}»: there are {', '.join(LANGUAGES)}")
    words = LANGUAGES[language]
    return " ".join([*sentences(plan, figures_of(plan), words), *standing(plan, words)])


def sentences(plan: Plan, figures: Figures, language: Language) -> list[str]:
    """Return what will happen and what to decide, by sentences.

    Parameters
    ----------
    plan
        The plan.
    figures
        Its figures.
    language
        The language.
    """
    said = [
        _supply(figures, language),
        *_light(plan, figures, language),
        _cold(plan, figures, language),
        _warm(plan, figures, language),
        _relocation(plan, language),
        _decide(plan, figures, language),
    ]
    return [s for s in said if s]


NETWORKS = {"feeders", "substations", "heat_sources", "water_zones", "pumps"}
"""Tables whose assumed rows every figure of the plan leans on."""


def standing(plan: Plan, language: Language) -> list[str]:
    """Return how sure the paragraph is: what isn't confirmed, and what isn't computed.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    doubts = []
    excess_mw = plan.schedule.certificate.limit_excess_mw
    if excess_mw > 0:
        doubts.append(language.say("proof_excess", mw=language.about(excess_mw, 2)))
    doubts += power_doubts(plan, language)
    if not plan.settled:
        doubts.append(language.say("unsettled"))
    made_up = []
    if plan.city.about.synthetic:
        made_up.append(language.say("made_up"))
    elif assumed_rows(plan).keys() & NETWORKS:
        made_up.append(language.say("networks_assumed"))
    return [*doubts, _unconfirmed(plan, language), language.say("one_run"), *made_up]


def _supply(figures: Figures, language: Language) -> str:
    values = {
        "start": language.by(figures.start),
        "hours": language.of_hours(figures.hours, noun="hour_gen"),
        "wanted": _wanted(figures, language),
    }
    if figures.limit_mw is None:
        if figures.queues_off is None and figures.areas_limited:
            areas = language.join(figures.areas_limited)
            return language.say("supply_areas", areas=areas, **values)
        if figures.queues_off is None:
            return language.say("supply_free", **values)
        queues = language.between(*figures.queues_off, digits=2)
        return language.say("supply_queues", queues=queues, **values)
    if figures.limit_mw[1] <= 0:
        return language.say("supply_nothing", **values)
    key = "supply" if figures.limit_everywhere else "supply_partly"
    return language.say(key, limit=language.between(*figures.limit_mw), **values)


def _wanted(figures: Figures, language: Language) -> str:
    """Return the load at the peak, and what it is with heaters where they add to it."""
    plain, heated = (language.about(v, 3) for v in (figures.ordinary_mw, figures.wanted_mw))
    if figures.wanted_mw < figures.ordinary_mw * (1 + HEATERS_SHARE):
        return language.say("wants", wanted=heated)
    return language.say("wants_with_heaters", wanted=plain, heated=heated)


def _light(plan: Plan, figures: Figures, language: Language) -> list[str]:
    light = figures.light
    people = max(plan.city.residents, 1)
    if light.shared + light.without + light.unknown == 0:
        return [language.say("light_nobody_dark")]
    if light.without == people:
        return [language.say("light_nobody")]
    said: list[str] = []
    if light.shared:
        low, high = _hours(light.low_h), _hours(light.high_h)
        values = {
            "who": language.count(light.shared, "person", 2),
            "range": language.of_hours(low, high),
            "least": language.of_hours(math.floor(light.least_h * 2) / 2),
            "spells": _spells(light.spells, language),
            "hours": language.of_hours(figures.hours, noun="hour_gen"),
        }
        who = "everyone" if light.shared == people else "turns"
        period = "day" if figures.hours >= 24 else "all"
        said.append(language.say(f"light_{who}_{period}", **values))
        if light.least_h < low - 1:
            said.append(language.say(f"light_least_{period}", **values))
    for key in ("spared", "without", "unknown"):
        count = getattr(light, key)
        if count:
            said.append(language.say(f"light_{key}", n=language.count(count, "person", 2)))
    return said


def _spells(value: float, language: Language) -> str:
    """Write how many times a day there is light, in words as far as people would."""
    times = max(round(value), 1)
    in_words = language.texts.get(f"spells_{times}")
    return in_words or language.count(times, "spell")


def _hours(value: float) -> float:
    """Round hours of light to what is known: halves below three, else whole hours."""
    return round(value) if value >= 3 else round(value * 2) / 2


def cold_of_note(figures: Figures) -> Cold | None:
    """Return the threshold that the paragraph speaks of: 12 °C, or 16 °C if nobody is below."""
    for cold in (figures.cold[1], figures.cold[0]):
        if cold.people:
            return cold
    return None


def _cold(plan: Plan, figures: Figures, language: Language) -> str:
    cold = cold_of_note(figures)
    if cold is None:
        return language.say("cold_nobody")
    grid = plan.situation.grid
    by = grid.local[cold.slot] + pd.Timedelta(minutes=30)
    return language.say(
        "cold_if" if unconfirmed(plan) else "cold",
        n=language.count(cold.people, "person", 2),
        range=language.between(cold.low, cold.high, digits=2),
        c=f"{cold.threshold_c:g}",
        by=language.by(by),
    )


def _warm(plan: Plan, figures: Figures, language: Language) -> str:
    warm = plan.warm_points
    if warm.need == 0:
        return language.say("warm_no_need")
    need = language.count(warm.need, "person_gen", 2)
    if not len(warm.sites):
        return language.say("warm_none", need=need)
    return language.say(
        "warm",
        points=language.count(len(warm.sites), "warm_point"),
        need=need,
        reached=language.share(warm.reached / warm.need),
        served=language.share(warm.served / warm.need),
        minutes=language.count(figures.walk_min, "minute_gen"),
    )


def _relocation(plan: Plan, language: Language) -> str:
    if not plan.relocation.people:
        return ""
    people = language.count(plan.relocation.people, "person", 2)
    first = _first_move(plan)
    if first is None:
        return language.say("relocation_sometime", n=people)
    return language.say("relocation", n=people, by=language.by(first))


def _first_move(plan: Plan) -> pd.Timestamp | None:
    if not len(plan.relocation.groups):
        return None
    first = pd.to_datetime(plan.relocation.groups["from_time"], utc=True).min()
    if not isinstance(first, pd.Timestamp):
        return None
    return first.tz_convert(plan.situation.grid.time_zone)


def _decide(plan: Plan, figures: Figures, language: Language) -> str:
    due = [d for d in decisions(plan, figures, language) if d.headline]
    if not due:
        return ""
    parts = [
        language.say("decide_by", what=d.what, by=language.by(d.by)) if d.by is not None else d.what
        for d in due
    ]
    return language.say("decide", what="; ".join(parts))


def _unconfirmed(plan: Plan, language: Language) -> str:
    if not plan.situation.claims:
        if plan.situation.basis == "confirmed":
            return language.say("cites_nothing")
        return language.say("basis_if_confirmed")
    doubtful = unconfirmed(plan)
    if not doubtful:
        return language.say("all_confirmed")
    claims = []
    for item in doubtful[:MOST_CLAIMS]:
        text, source = told(item.claim, language)
        claims.append(language.say("claim_by", text=text, source=source))
    if len(doubtful) > MOST_CLAIMS:
        rest = language.count(len(doubtful) - MOST_CLAIMS, "report")
        claims.append(language.say("and_more", n=rest))
    return language.say("not_confirmed", claims="; ".join(claims))


def decisions(plan: Plan, figures: Figures, language: Language) -> list[Decision]:
    """Return what has to be decided, the earliest first.

    Parameters
    ----------
    plan
        The plan.
    figures
        Its figures.
    language
        The language.
    """
    found = [
        *_publish_schedule(figures, language),
        *_open_points(plan, figures, language),
        *_supply_points(plan, figures, language),
        *_drain(plan, figures, language),
        *_move_out(plan, language),
        *_give_way(plan, language),
        *_confirm(plan, figures, language),
    ]
    return sorted(found, key=lambda d: figures.end if d.by is None else d.by)


def _publish_schedule(figures: Figures, language: Language) -> list[Decision]:
    if not figures.light.shared:
        return []
    why = language.say("decide_schedule_why", n=language.count(figures.light.shared, "person", 2))
    return [Decision(figures.start, language.say("decide_schedule"), why)]


def opening_times(plan: Plan, figures: Figures) -> list[tuple[pd.Timestamp, int, int]]:
    """Return by when how many warm points have to be open: quarters of a day, never late.

    Parameters
    ----------
    plan
        The plan.
    figures
        Its figures.

    Returns
    -------
    list[tuple[pd.Timestamp, int, int]]
        Local time at which the first of a quarter has to be open, number of points that have to
        be open within the quarter, and their places.
    """
    sites = plan.warm_points.sites
    if not len(sites) or "open_by" not in sites:
        return []
    known = sites[sites["open_by"].notna()]
    local = pd.DatetimeIndex(known["open_by"]).tz_convert(plan.situation.grid.time_zone)
    quarter = ((local - figures.start) // pd.Timedelta(hours=6)).to_numpy()
    return [
        (
            max(local[quarter == q].min(), figures.start),
            int((quarter == q).sum()),
            int(known["capacity"].to_numpy()[quarter == q].sum()),
        )
        for q in np.unique(quarter)
    ]


def _open_points(plan: Plan, figures: Figures, language: Language) -> list[Decision]:
    found = []
    times = opening_times(plan, figures)
    if len(times) > MOST_OPENINGS:
        last = times[MOST_OPENINGS - 1 :]
        rest = (last[0][0], sum(t[1] for t in last), sum(t[2] for t in last))
        times = [*times[: MOST_OPENINGS - 1], rest]
    for i, (by, count, places) in enumerate(times):
        points = language.count(count, "warm_point_acc")
        key = "first" if i == 0 else "rest" if i == MOST_OPENINGS - 1 else "next"
        what = language.say(f"decide_open_{key}", points=points)
        why = language.say("decide_open_why", places=language.count(places, "place", 2))
        found.append(Decision(by, what, why, headline=i == 0))
    return found


def _supply_points(plan: Plan, figures: Figures, language: Language) -> list[Decision]:
    sites = plan.warm_points.sites
    times = opening_times(plan, figures)
    found = []
    for column in ("powered", "heated"):
        if column in sites and len(sites):
            short = int((sites[column] < WHOLE).sum())
            if short:
                points = language.count(short, "warm_point_gen")
                what = language.say(f"decide_{column}", points=points)
                why = language.say(f"decide_{column}_why")
                found.append(Decision(times[0][0] if times else None, what, why))
    return found


def _drain(plan: Plan, figures: Figures, language: Language) -> list[Decision]:
    if not len(plan.outlook.answers):
        return []
    pipes = draining(plan.city, plan.outlook)
    if not pipes["at_risk"]:
        return []
    by = figures.start + pd.Timedelta(hours=math.floor(2 * pipes["first_drain_by_h"]) / 2)
    what = language.say("decide_drain", n=language.count(pipes["at_risk"], "person", 2))
    return [Decision(by, what, language.say("decide_drain_why"), headline=True)]


def _move_out(plan: Plan, language: Language) -> list[Decision]:
    moved = plan.relocation
    if not moved.people:
        return []
    what = language.say("decide_move", n=language.count(moved.people, "person", 2))
    why = language.say("decide_move_why", v=language.count(moved.vulnerable, "person", 2))
    return [Decision(_first_move(plan), what, why, headline=True)]


def _give_way(plan: Plan, language: Language) -> list[Decision]:
    broken = plan.schedule.certificate.violations
    if not broken:
        return []
    slots = [s for v in broken for s in v.slots if 0 <= s < plan.situation.grid.slots]
    by = plan.situation.grid.local[min(slots)] if slots else None
    what = language.say("decide_rules", n=language.count(len(broken), "rule_case"))
    return [Decision(by, what, language.say("decide_rules_why"))]


def _confirm(plan: Plan, figures: Figures, language: Language) -> list[Decision]:
    found = []
    for item in unconfirmed(plan):
        what = language.say(
            "decide_confirm", id=item.claim.claim_id, source=told(item.claim, language)[1]
        )
        parts = language.join(language.say(f"part_{p}") for p in item.parts)
        why = language.say("decide_confirm_why", parts=parts)
        found.append(Decision(figures.start, what, why))
    return found
