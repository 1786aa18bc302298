"""The warm points of a report: the honest sum with its curve, the stages, the supplies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from vatra.planning.model import Plan
from vatra.publish._svg import nice_ticks, path, picture, short, text
from vatra.publish._tables import TextTable
from vatra.publish.warm_text import TEXTS
from vatra.publish.words import Language
from vatra.warm_points.exports import write_exports

WIDTH, HEIGHT = 640.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 84.0, 110.0, 26.0, 42.0


def warm_parts(plan: Plan, language: Language) -> dict[str, object]:
    """Return sentences, curve and tables of the warm points; empty where nothing is known.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    warm = plan.warm_points
    if not len(warm.curve) or not len(warm.sites):
        return {"warm_said": [], "warm_curve": "", "warm_curve_table": None, "stage_table": None,
                "supply_table": None}  # fmt: skip
    held, reached = _sum(plan, language)
    parts = (held, reached, _supplies(plan, language))
    return {
        "warm_said": [" ".join(part) for part in parts if part],
        "supply_table": _supply_table(plan, language) if len(warm.supplies) else None,
        "warm_curve": _curve(plan, language),
        "warm_curve_table": _curve_table(plan, language),
        "stage_table": _stages(plan, language) if len(warm.stages) else None,
    }


def _say(language: Language, key: str, **values: object) -> str:
    return TEXTS[language.code][key].format(**values)


def _sum(plan: Plan, language: Language) -> tuple[list[str], list[str]]:
    """Tell how many the points hold; and whom they reach, with the proof."""
    warm = plan.warm_points
    left = (warm.blocks["need"] - warm.blocks["assigned"]).groupby(warm.blocks["reason"]).sum()
    held = [
        _say(
            language, "sum",
            points=language.count(len(warm.sites), "warm_point"),
            at_once=language.about(warm.served, 2),
            need=language.count(warm.need, "person_gen", 2),
            hours=language.of_hours(24.0 / warm.turns),
            in_turns=language.about(warm.in_turns, 2),
        ),
        _say(
            language, "for_all",
            sites=language.number(warm.sites_for_all),
            candidates=language.number(warm.candidates),
            turns=language.number(warm.sites_for_all_in_turns),
        ),
    ]  # fmt: skip
    said = []
    if len(warm.rings) > 3:
        said.append(_rings(plan, language))
    if warm.vulnerable_left:
        n, bound = (language.about(v) for v in (warm.vulnerable_left, warm.vulnerable_left_bound))
        said.append(_say(language, "left_some", n=n, bound=bound))
    else:
        said.append(_say(language, "left"))
    reasons = {"capacity": "capacity", "budget": "budget", "no_site": "no site in reach"}
    counts = {key: language.about(int(left.get(name, 0))) for key, name in reasons.items()}
    if warm.served < warm.need:
        said.append(_say(language, "why", **counts))
    if np.isfinite(warm.gap):
        percent = np.ceil(1000.0 * max(warm.gap, 0.0)) / 10.0
        said.append(_say(language, "gap", gap=f"{language.number(percent, 1)}\u00a0%"))
    return held, said


def _rings(plan: Plan, language: Language) -> str:
    """Tell how far people have it, and how long that takes them."""
    rings, paces = plan.warm_points.rings, plan.warm_points.paces
    near, middle, far = (language.about(int(n), 2) for n in rings["people"].iloc[:3])
    return _say(
        language, "rings",
        near=near, middle=middle, far=far,
        minutes=language.number(round(paces.minutes(1000.0))),
        slow=language.number(round(paces.minutes(1000.0, vulnerable=True))),
        ground=_say(language, "ice" if paces.ice else "cleared"),
    )  # fmt: skip


def _supplies(plan: Plan, language: Language) -> list[str]:
    warm = plan.warm_points
    if not len(warm.supplies):
        return []
    by_day = warm.supplies.groupby("day")[
        ["visits", "fuel_l", "water_l", "meals", "staff", "bedding"]
    ].sum()
    day = str(by_day["fuel_l"].idxmax())
    most = {name: float(by_day[name][day]) for name in by_day}
    trips = warm.deliveries[warm.deliveries["day"] == day]
    that_day = warm.supplies[warm.supplies["day"] == day]
    said = _say(
        language, "supplies",
        day=language.short_day(pd.Timestamp(day, tz=plan.situation.grid.time_zone)),
        fuel=language.about(most["fuel_l"]),
        water=language.about(most["water_l"] / 1000.0),
        meals=language.about(most["meals"]),
        staff=language.about(most["staff"]),
        beds=language.about(by_day["bedding"].sum()),
        alone=language.number(int((that_day["autonomy_days"] >= 1.0).sum())),
        trucks=language.number(int(trips["trucks"].sum())),
        trips=language.number(int(trips["trips"].sum())),
    )  # fmt: skip
    cut_off = int(trips.loc[trips["depot_id"] == "", "sites"].sum())
    more = [_say(language, "no_road", n=language.number(cut_off))] if cut_off else []
    return [said, *more]


def _supply_table(plan: Plan, language: Language) -> TextTable:
    """List what the points use by day, who brings it, and what it comes to."""
    warm, zone = plan.warm_points, plan.situation.grid.time_zone
    used = ["fuel_l", "water_l", "meals", "bedding"]
    days = warm.supplies.groupby("day")
    whole = days[[*used, "staff"]].sum()
    whole["open"] = days["site_id"].nunique()
    whole["alone"] = days["autonomy_days"].agg(lambda lasts: int((lasts >= 1.0).sum()))
    trips = warm.deliveries.groupby("day")[["trips", "trucks", "road_km"]].sum()
    whole = whole.join(trips).fillna(0.0)

    def row(name: str, values: pd.Series, *, is_sum: bool = False) -> tuple[str, ...]:
        # Points, staff and trucks are the same ones every day: they don't add up.
        same = ("", "", "", "") if is_sum else tuple(
            language.number(int(values[key])) for key in ("open", "staff", "alone", "trucks")
        )  # fmt: skip
        return (
            name, same[0], language.about(float(values["fuel_l"])),
            language.about(float(values["water_l"]) / 1000.0),
            language.about(float(values["meals"])), language.about(float(values["bedding"])),
            same[1], same[2], same[3], language.number(int(values["trips"])),
            language.about(float(values["road_km"])),
        )  # fmt: skip

    rows = [
        row(language.short_day(pd.Timestamp(str(day), tz=zone)), values)
        for day, values in whole.iterrows()
    ]
    rows.append(row(_say(language, "in_all"), whole.sum(), is_sum=True))
    names = ("day", "sites", "fuel", "water", "meals", "bedding", "staff", "alone", "trucks",
             "trips", "road")  # fmt: skip
    head = tuple(_say(language, f"col_{name}") for name in names)
    return TextTable(_say(language, "supply_table"), head, tuple(rows))


def _stages(plan: Plan, language: Language) -> TextTable:
    zone = plan.situation.grid.time_zone
    names = ("stage", "sites", "trigger", "from", "notice", "decide", "turns", "bound")
    rows = []
    for row in plan.warm_points.stages.to_dict("records"):
        decide = language.short(row["decide_by"].tz_convert(zone))
        if row["late_h"] > 0:
            decide = _say(language, "now", h=language.hours(row["late_h"]))
        rows.append((
            language.number(row["stage"]), language.number(row["sites"]),
            language.number(row["trigger_c"], 1),
            language.short(row["from_time"].tz_convert(zone)),
            language.hours(row["notice_h"]), decide,
            language.about(row["in_turns"]), language.about(row["in_turns_bound"], 3),
        ))  # fmt: skip
    head = tuple(_say(language, f"col_{name}") for name in names)
    return TextTable(_say(language, "stages"), head, tuple(rows))


def _curve_table(plan: Plan, language: Language) -> TextTable:
    names = ["at_once", "at_once_bound", "in_turns", "in_turns_bound"]
    rows = tuple(
        (language.number(row["sites"]), *(language.about(row[name], 3) for name in names))
        for row in plan.warm_points.curve.to_dict("records")
    )
    once, turns, most = (_say(language, key) for key in ("curve_once", "curve_turns", "col_bound"))
    head = (_say(language, "col_points"), once, most, turns, most)
    return TextTable(_say(language, "curve_table"), head, rows)


def _curve(plan: Plan, language: Language) -> Markup:
    """Draw the people served, at once and in turns, against the number of sites."""
    warm = plan.warm_points
    curve = warm.curve
    ticks = nice_ticks(float(max(warm.need, curve["in_turns_bound"].max())))
    marks_x = nice_ticks(float(curve["sites"].max()))
    width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(value: float) -> float:
        return _LEFT + width * float(value) / marks_x[-1]

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - height * float(value) / ticks[-1]

    marks: list[Markup] = []
    for value in ticks:
        line = f"M{short(_LEFT)} {short(y(value))}H{short(WIDTH - _RIGHT)}"
        marks.append(path(line, "grid" if value else "base"))
        marks.append(text(_LEFT - 6, y(value) + 4, language.number(value), "axis", "end"))
    marks.append(text(0, 12, _say(language, "people"), "axis unit"))
    for value in marks_x:
        shown = language.number(value)
        marks.append(text(x(value), HEIGHT - _BOTTOM + 16, shown, "axis", "middle"))
    middle = _LEFT + width / 2
    marks.append(text(middle, HEIGHT - 6, _say(language, "curve_x"), "axis", "middle"))
    ends = []
    for name, key, style in (
        ("in_turns", "curve_turns", "line-heat"),
        ("at_once", "curve_once", "line-dark"),
    ):
        points = zip(curve["sites"], curve[name], strict=True)
        line = "L".join(f"{short(x(a))} {short(y(b))}" for a, b in points)
        marks.append(path(f"M{line}", style))
        ends.append((y(float(curve[name].iloc[-1])), key))
    line = f"M{short(_LEFT)} {short(y(warm.need))}H{short(WIDTH - _RIGHT)}"
    marks.append(path(line, "line-wanted"))
    ends.append((y(warm.need), "curve_need"))
    last = -np.inf
    for at, key in sorted(ends):
        at_y = max(at + 4, last + 15)
        marks.append(text(WIDTH - _RIGHT + 6, at_y, _say(language, key), "label"))
        last = at_y
    return picture(WIDTH, HEIGHT, _say(language, "curve"), marks, classes="chart")


def write_warm_points(plan: Plan, folder: Path) -> list[Path]:
    """Write the warm points' own files into a plan's folder.

    Parameters
    ----------
    plan
        The plan.
    folder
        The plan's folder.

    Returns
    -------
    list[Path]
        The files: see `vatra.warm_points.exports.write_exports`.
    """
    return write_exports(plan.warm_points, folder, plan.city.about.name)
