"""Water by floor and sewage, as sentences and a chart."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from vatra.networks.water import FLOOR_BANDS, TOP_FLOOR
from vatra.networks.water_answer import EPANET, SewageAnswer, WaterAnswer
from vatra.planning.model import Plan
from vatra.publish._charts import Series, time_chart
from vatra.publish.water_text import TEXTS
from vatra.publish.words import Language

LIFT_FLOOR = 5
"""Above this floor a person without a lift is counted: houses of six floors and more have one
(ДБН В.2.2-15)."""

_LINES = ("line-below-8", "line-below-12", "line-below-16", "line-water")


def water_parts(plan: Plan, language: Language) -> dict[str, object]:
    """Return what the report's section on services shows of water: sentences and a chart.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    services = plan.outlook.services
    if services.water is None:
        return {"water_said": [], "water_chart": None, "water_caption": ""}
    said = [_dry(plan, language), _method(services.water, language)]
    said += _left_out(plan, services.water, language)
    if services.sewage is not None:
        said.append(_sewage(plan, services.sewage, language))
    dry = plan.outlook.dry_by_floor
    chart = _chart(plan, language) if len(dry.columns) and dry.to_numpy().any() else None
    return {
        "water_said": said,
        "water_chart": chart,
        "water_caption": _say(language, "w_caption"),
    }


def _say(language: Language, key: str, **values: object) -> str:
    return TEXTS[language.code][key].format(**values)


def _dry(plan: Plan, language: Language) -> str:
    blocks, grid = plan.city.blocks, plan.situation.grid
    floors = np.maximum(blocks["floors"].to_numpy(np.float64), 1.0)
    high = np.maximum(floors - LIFT_FLOOR, 0.0) / floors
    above = blocks["residents"].to_numpy(np.float64) * high
    without_lift = above @ ~plan.outlook.services.block_power
    dry = plan.outlook.dry_by_floor.to_numpy()
    total = dry.sum(axis=1)
    slot = int(total.argmax()) if total.any() else int(without_lift.argmax())
    lift = language.count(without_lift[slot], "person", 2)
    when = language.short(grid.local[slot])
    if not total.any():
        return _say(language, "w_wet", when=when, lift=lift)
    counts = [language.about(n) for n in dry[slot]]
    return _say(
        language, "w_dry", when=when, n=language.count(total[slot], "person", 2),
        high=counts[3], middle=counts[2], lift=lift,
    )  # fmt: skip


def _method(water: WaterAnswer, language: Language) -> str:
    if water.method == EPANET:
        return _say(language, "w_method_epanet")
    key = f"w_reason_{water.reason.replace(' ', '_')}"
    return _say(language, "w_method_zones", reason=_say(language, key, detail=water.detail))


def _left_out(plan: Plan, water: WaterAnswer, language: Language) -> list[str]:
    said = []
    if water.always_on:
        said.append(_say(language, "w_always_on", n=language.number(len(water.always_on))))
    if water.method == EPANET and water.without_nodes:
        said.append(_say(language, "w_without_nodes", n=language.number(len(water.without_nodes))))
    if plan.city.blocks["water_zone_id"].isna().any():
        said.append(_say(language, "w_unknown"))
    return said


def _sewage(plan: Plan, sewage: SewageAnswer, language: Language) -> str:
    local = plan.situation.grid.local
    over = sewage.first_overflow >= 0
    if over.any():
        return _say(
            language,
            "w_sewage_over",
            n=language.number(int(over.sum())),
            all=language.number(len(over)),
            when=language.short(local[int(sewage.first_overflow[over].min())]),
            m3=language.about(float(sewage.overflow_m3.sum())),
        )
    if not np.isfinite(sewage.left_h).any():
        return _say(language, "w_sewage_fine")
    zone, slot = np.unravel_index(int(sewage.left_h.argmin()), sewage.left_h.shape)
    row = plan.city.sewage_zones.iloc[int(zone)]
    return _say(
        language,
        "w_sewage_near",
        zone=str(row["name"]) or str(row.name),
        h=language.of_hours(float(sewage.left_h[zone, slot])),
        when=language.short(local[int(slot)]),
    )


def _chart(plan: Plan, language: Language) -> Markup:
    dry = plan.outlook.dry_by_floor.to_numpy(np.float64)
    series = []
    for (low, high), values, line in zip(FLOOR_BANDS, dry.T, _LINES[::-1], strict=True):
        key = "w_floor" if high < TOP_FLOOR else "w_floor_top"
        if values.any():
            series.append(Series(values, _say(language, key, low=low, high=high), line))
    axis = language.say("axis_people")
    return time_chart(plan.situation.grid, language, series, axis, _say(language, "w_chart"))
