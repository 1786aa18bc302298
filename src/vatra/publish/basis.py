"""What a plan rests on: reports that may not be confirmed, and tables that are assumed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from vatra.planning.folder import assumed_rows
from vatra.planning.model import Plan
from vatra.publish.words import Language
from vatra.situation.model import Claim, Damage

PARTS = ("schedule", "load", "services", "cold", "warm", "relocation")
"""Parts of the plan in the order in which one follows from another."""

_AFTER_POWER = PARTS
_AFTER_WEATHER = ("load", "schedule", "cold", "warm", "relocation")
_AFTER_NETWORKS = ("services", "cold", "warm", "relocation")
_BY_DAMAGE = {
    "heat_sources": _AFTER_NETWORKS,
    "pumps": _AFTER_NETWORKS,
    "sites": ("warm", "relocation"),
    "streets": ("warm", "relocation"),
}

TABLES_OF_PART: dict[str, tuple[str, ...]] = {
    "map": ("blocks",),
    "schedule": ("feeders", "substations"),
    "load": ("feeders", "customers", "power_sources", "lines"),
    "services": (
        "heat_zones", "heat_sources", "water_zones", "sewage_zones", "pumps", "customers",
    ),
    "cold": ("blocks", "heat_zones", "heat_sources"),
    "warm": ("sites", "feeders"),
    "relocation": ("sites", "blocks"),
}  # fmt: skip
"""Tables of the city whose assumed rows a part of the report rests on."""


@dataclass(frozen=True)
class RestsOn:
    """A report, and what of the plan rests on it.

    Parameters
    ----------
    claim
        The report.
    parts
        Parts of the plan that change with it, of `PARTS`.
    damage
        Damage that it speaks of.
    """

    claim: Claim
    parts: tuple[str, ...]
    damage: tuple[Damage, ...]


def rests_on(plan: Plan) -> list[RestsOn]:
    """Return every report with the parts of the plan that rest on it, unconfirmed ones first.

    Parameters
    ----------
    plan
        The plan; a report that nothing cites counts as bearing on all of it.
    """
    situation = plan.situation
    found = []
    for claim in situation.claims:
        parts: set[str] = set()
        damage = tuple(d for d in situation.damage if claim.claim_id in d.claims)
        for item in damage:
            parts.update(_BY_DAMAGE.get(item.table, _AFTER_POWER))
        for key, ids in situation.cited.items():
            if claim.claim_id in ids:
                parts.update(_parts_of(key, parts))
        found.append(RestsOn(claim, tuple(p for p in PARTS if p in (parts or PARTS)), damage))
    return sorted(found, key=lambda r: r.claim.basis == "confirmed")


def _parts_of(key: str, known: set[str]) -> tuple[str, ...]:
    if key.startswith("weather"):
        return _AFTER_WEATHER
    if key.startswith("damage"):
        # The damage itself says more precisely what it bears on, where it cites the report.
        return () if known else _AFTER_POWER
    return _AFTER_POWER


def unconfirmed(plan: Plan) -> list[RestsOn]:
    """Return the reports that aren't confirmed, with what rests on them."""
    return [r for r in rests_on(plan) if r.claim.basis != "confirmed"]


def told(claim: Claim, language: Language) -> tuple[str, str]:
    """Return a report's text and its source in a language, or in the one that there is.

    Parameters
    ----------
    claim
        The report.
    language
        The language.
    """
    text = language.name(claim.text, claim.text_uk).strip().removesuffix(".")
    return text, language.name(claim.source, claim.source_uk)


def what_changes(item: RestsOn, plan: Plan, language: Language) -> str:
    """Say what changes in the plan if a report is not confirmed.

    Parameters
    ----------
    item
        The report and what rests on it.
    plan
        The plan.
    language
        Language of the sentence.
    """
    if item.damage:
        names = language.join(asset_name(d, plan, language) for d in item.damage[:3])
        return language.say("if_not_damage", assets=names)
    if "services" not in item.parts:
        return language.say("if_not_weather")
    return language.say("if_not_supply")


def asset_name(damage: Damage, plan: Plan, language: Language) -> str:
    """Name a damaged asset: what it is, and its name or id.

    Parameters
    ----------
    damage
        The damage.
    plan
        The plan, for the city's tables.
    language
        Language of the kind of asset.
    """
    table: pd.DataFrame | None = getattr(plan.city, damage.table, None)
    name = damage.asset_id
    if table is not None and "name" in table and damage.asset_id in table.index:
        name = str(table.loc[damage.asset_id, "name"] or damage.asset_id)
    kind = language.texts.get(f"asset_{damage.table}", damage.table)
    return f"{kind} «{name}»"


def standing_of(part: str, plan: Plan, language: Language) -> list[str]:
    """Say how sure a part of the report is, and what it takes for granted.

    Parameters
    ----------
    part
        Part of the report: one of `TABLES_OF_PART`.
    plan
        The plan.
    language
        Language of the sentences.
    """
    said = [language.say(f"sure_{part}")]
    unsure = unconfirmed(plan)
    doubtful = [r for r in unsure if part in r.parts or part == "map"]
    if doubtful:
        ids = language.join(r.claim.claim_id for r in doubtful)
        said.append(language.say("sure_if_confirmed", ids=ids))
    elif plan.situation.basis != "confirmed" and not unsure:
        said.append(language.say("sure_if_confirmed_all"))
    rows = assumed_rows(plan)
    concerned = [t for t in TABLES_OF_PART[part] if t in rows]
    if concerned:
        shown = language.join(
            language.say("rows_assumed", table=language.say(f"table_{t}"),
                         assumed=language.number(rows[t][0]), all=language.number(rows[t][1]))
            for t in concerned
        )  # fmt: skip
        said.append(language.say("sure_assumed", tables=shown))
    return said
