"""The order of repairs in a report."""

from __future__ import annotations

import pandas as pd

from vatra.networks.restoration.model import Restoration
from vatra.planning.model import Plan
from vatra.publish._tables import TextTable
from vatra.publish.basis import asset_name
from vatra.publish.repairs_text import TEXTS
from vatra.publish.words import Language
from vatra.situation.model import Damage

MOST_NAMES = 8


def repairs_parts(plan: Plan, language: Language) -> dict[str, object]:
    """Return the heading, sentences and table of the repairs; no heading where there are none.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    repairs = plan.restoration
    if repairs is None:
        return {"repairs_heading": "", "repairs_said": [], "repairs_table": None}
    return {
        "repairs_heading": _say(language, "heading"),
        "repairs_said": _sentences(plan, repairs, language),
        "repairs_table": _table(plan, repairs, language) if len(repairs.order) else None,
    }


def _say(language: Language, key: str, **values: object) -> str:
    return TEXTS[language.code][key].format(**values)


def _sentences(plan: Plan, repairs: Restoration, language: Language) -> list[str]:
    def hours(gained: dict[str, float]) -> dict[str, str]:
        parts = {name: language.about(gained.get(name, 0.0)) for name in ("light", "water", "heat")}
        return {"hours": language.about(sum(gained.values())), **parts}

    bound = language.about(repairs.bound - repairs.without)
    said = [_say(language, "intro", bound=bound, **hours(repairs.gained))]
    if repairs.simulated:
        said.append(_say(language, "simulated", **hours(repairs.simulated)))
    if repairs.power_holds is not None:
        said.append(_say(language, "holds" if repairs.power_holds else "holds_not"))
    if len(repairs.not_done):
        rows = zip(repairs.not_done["table"], repairs.not_done["asset_id"], strict=True)
        names = [_name(str(table), str(asset), plan, language) for table, asset in rows]
        shown = language.join(names[:MOST_NAMES])
        if len(names) > MOST_NAMES:
            shown += " " + language.say("and_more", n=language.number(len(names) - MOST_NAMES))
        said.append(_say(language, "not_done", names=shown))
    said.append(_say(language, "basis"))
    return said


def _name(table: str, asset: str, plan: Plan, language: Language) -> str:
    return asset_name(Damage(table, asset, 0, 0), plan, language)


def _table(plan: Plan, repairs: Restoration, language: Language) -> TextTable:
    grid = plan.situation.grid
    rows = []
    for item in repairs.order.to_dict("records"):
        begin, end = (
            language.short((grid.start + pd.Timedelta(hours=item[key])).tz_convert(grid.zone))
            for key in ("start", "end")
        )
        skill = TEXTS[language.code].get(f"skill_{item['skill']}", str(item["skill"]))
        rows.append((
            _name(str(item["table"]), str(item["asset_id"]), plan, language), skill, begin, end,
            language.hours(item["repair_h"]), language.about(item["gained"]),
        ))  # fmt: skip
    head = tuple(_say(language, f"col_{key}") for key in
                 ("what", "skill", "start", "end", "repair", "gain"))  # fmt: skip
    return TextTable(_say(language, "caption"), head, tuple(rows), numeric=False)
