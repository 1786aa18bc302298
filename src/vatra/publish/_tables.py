"""The tables of a report, as text ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from vatra.planning.folder import assumed_rows
from vatra.planning.model import Plan
from vatra.publish._map import district_names
from vatra.publish.basis import RestsOn, asset_name, rests_on, told, what_changes
from vatra.publish.figures import LIT, Figures, key_slots
from vatra.publish.summary import opening_times
from vatra.publish.words import Language
from vatra.situation.timegrid import SLOT_H

MOST_ROWS = 40
"""Rows of a table of zones or damage; whatever is cut off is counted below it."""

ALL_OF_IT = 0.995
"""A zone that always gets this share of what it needs is counted, not listed."""


@dataclass(frozen=True)
class TextTable:
    """A table of text.

    Parameters
    ----------
    caption
        What it shows.
    head
        Names of the columns.
    rows
        Cells; the first of a row is its name.
    numeric
        Whether the columns after the first hold numbers, which stand to the right.
    note
        What was left out, empty if nothing.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True
    note: str = ""


def text_table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    language: Language,
    *,
    numeric: bool = True,
    most: int = MOST_ROWS,
) -> TextTable:
    """Return a table of texts, and a note of what is left out where it has too many rows."""
    left_out = len(rows) - most
    note = language.say("rows_left_out", n=language.number(left_out)) if left_out > 0 else ""
    shown = tuple(tuple(row) for row in rows[:most])
    return TextTable(caption, tuple(head), shown, numeric, note)


def district_table(plan: Plan, figures: Figures, language: Language) -> TextTable:
    """Return light and cold by district, the same as the maps show."""
    say = language.say
    row = plan.city.rows("blocks", "district_id", "districts")
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)
    lit_h = (figures.block_state == LIT).sum(axis=1) * SLOT_H
    days = max(figures.hours / 24, 1.0)
    coldest = plan.outlook.homes.indoor_c.min(axis=1, initial=np.inf)
    rows = []
    for i, name in enumerate(district_names(plan, language)):
        mine = row == i
        people = residents[mine].sum()
        mean = (residents[mine] @ lit_h[mine]) / people / days if people else np.nan
        below = [language.about(residents[mine & (coldest < c)].sum()) for c in (16, 12, 8)]
        shown = language.hours(mean) if people else "—"
        rows.append((name, language.about(people), shown, *below))
    light = say("col_light_day" if figures.hours >= 24 else "col_light_all")
    head = (say("col_district"), say("col_residents"), light, "< 16 °C", "< 12 °C", "< 8 °C")
    return text_table(say("table_of_districts"), head, rows, language)


def load_table(plan: Plan, language: Language) -> TextTable:
    """Return limit, load and what is not served by day."""
    say = language.say
    grid = plan.situation.grid
    missing = np.where(plan.schedule.lit, 0.0, plan.demand.load_mw).sum(axis=0) * SLOT_H
    limit = plan.schedule.limit_mw
    rows = []
    for day in np.unique(grid.day):
        mine = grid.day == day
        known = limit[mine][np.isfinite(limit[mine])]
        rows.append((
            language.short_day(grid.local[int(np.flatnonzero(mine)[0])]),
            language.between(known.min(), known.max()) if len(known) else say("none"),
            language.about(plan.demand.total_mw[mine].max(), 3),
            language.about(plan.schedule.served_mw[mine].max(), 3),
            language.about(plan.schedule.served_mw[mine].sum() * SLOT_H, 3),
            language.about(missing[mine].sum(), 3),
        ))  # fmt: skip
    head = tuple(say(f"col_load_{k}") for k in ("day", "limit", "wanted", "served", "mwh", "cut"))
    return text_table(say("table_of_load"), head, rows, language)


def cold_table(plan: Plan, figures: Figures, language: Language) -> TextTable:
    """Return outdoor temperature and people below each threshold at some times."""
    say = language.say
    grid = plan.situation.grid
    rows = []
    for slot in key_slots(plan, most=9):
        below = [language.about(v) for v in figures.people_below[:, slot]]
        low, high = figures.doubt_12[:, slot]
        doubt = f"{below[1]} ({language.between(low, high, 2)})" if high > low else below[1]
        outdoor = language.number(plan.situation.weather.outdoor_c[slot])
        rows.append((language.short(grid.local[slot]), outdoor, below[0], doubt, below[2]))
    head = (say("col_time"), say("col_outdoor"), "< 16 °C", "< 12 °C", "< 8 °C")
    return text_table(say("table_of_cold"), head, rows, language)


def zone_tables(plan: Plan, language: Language) -> list[TextTable]:
    """Return heat and water by zone, the worst first."""
    say = language.say
    services = plan.outlook.services
    tables = []
    for kind, zones, share in (
        ("heat", plan.city.heat_zones, services.heat_share),
        ("water", plan.city.water_zones, services.water_share),
    ):
        if not len(zones):
            continue
        mean, least = share.mean(axis=1), share.min(axis=1)
        half = (share < 0.5).sum(axis=1) * SLOT_H
        short = least < ALL_OF_IT
        rows = [
            (_name(zones, i), language.share(mean[i]), language.share(least[i]),
             language.hours(half[i]))
            for i in np.argsort(mean, kind="stable").tolist() if short[i]
        ]  # fmt: skip
        head: tuple[str, ...] = (
            say("col_zone"),
            say("col_mean"),
            say("col_least"),
            say("col_below_half"),
        )
        made = text_table(say(f"table_of_{kind}"), head, rows, language)
        well = say(f"all_of_{kind}", n=language.number(int((~short).sum())))
        if not short.all():
            made = replace(made, note=f"{made.note} {well}".strip())
        tables.append(made)
    zones = plan.city.sewage_zones
    failed = ~services.sewage_ok
    if failed.any():
        overflows = [
            (_name(zones, i), language.hours(failed[i].sum() * SLOT_H),
             language.short(plan.situation.grid.local[int(np.argmax(failed[i]))]))
            for i in np.flatnonzero(failed.any(axis=1)).tolist()
        ]  # fmt: skip
        head = (say("col_zone"), say("col_overflow_h"), say("col_from"))
        tables.append(text_table(say("table_of_sewage"), head, overflows, language))
    return tables


def _name(table: pd.DataFrame, row: int) -> str:
    name = str(table["name"].iloc[row] or "") if "name" in table else ""
    return name or str(table.index[row])


def damage_table(plan: Plan, language: Language) -> TextTable | None:
    """Return what is damaged, since when, until when, and who says so."""
    say = language.say
    if not plan.situation.damage:
        return None
    grid = plan.situation.grid
    claims = {c.claim_id: c for c in plan.situation.claims}
    rows = []
    for item in plan.situation.damage:
        start = grid.start + pd.Timedelta(minutes=30 * item.first_slot)
        end = grid.start + pd.Timedelta(minutes=30 * item.end_slot)
        until = language.short(end.tz_convert(grid.zone)) if item.end_known else say("end_unknown")
        cited = [claims[i] for i in item.claims if i in claims]
        said = "; ".join(f"{told(c, language)[1]} ({basis_word(c.basis, language)})" for c in cited)
        rows.append((
            asset_name(item, plan, language), language.short(start.tz_convert(grid.zone)), until,
            language.share(item.remaining_share), said or say("no_source"),
        ))  # fmt: skip
    head = tuple(say(f"col_damage_{k}") for k in ("asset", "from", "until", "left", "source"))
    return text_table(say("table_of_damage"), head, rows, language, numeric=False)


def warm_table(plan: Plan, language: Language) -> TextTable:
    """Return warm points, their places and whom they don't reach, by district."""
    say = language.say
    warm = plan.warm_points
    blocks, sites = plan.city.blocks, plan.city.sites
    block_in = plan.city.rows("blocks", "district_id", "districts")
    block_in = block_in[blocks.index.get_indexer(warm.blocks.index)]
    site_in = np.full(len(warm.sites), -1, dtype=np.int64)
    if len(warm.sites):
        site_in = plan.city.rows("sites", "district_id", "districts")
        site_in = site_in[sites.index.get_indexer(warm.sites.index)]
    rows = []
    for i, name in enumerate(district_names(plan, language)):
        mine = warm.blocks[block_in == i]
        need, reached = float(mine["need"].sum()), float(mine["reached"].sum())
        seated = float(mine["assigned"].sum())
        points = warm.sites[site_in == i]
        rows.append((
            name, language.number(len(points)), language.number(points["capacity"].sum()),
            language.about(need), language.share(reached / need) if need else "—",
            language.share(seated / need) if need else "—", language.about(need - reached),
        ))  # fmt: skip
    head = tuple(
        say(f"col_{k}")
        for k in ("district", "points", "places", "need", "reached", "seated", "unreached")
    )
    return text_table(say("table_of_warm"), head, rows, language)


def opening_table(plan: Plan, figures: Figures, language: Language) -> TextTable | None:
    """Return by when how many warm points have to be open."""
    say = language.say
    rows, open_points, open_places = [], 0, 0
    for by, count, places in opening_times(plan, figures):
        open_points, open_places = open_points + count, open_places + places
        rows.append((
            language.short(by), language.number(count),
            language.number(open_points), language.number(open_places),
        ))  # fmt: skip
    head = tuple(say(f"col_open_{k}") for k in ("by", "more", "points", "places"))
    return text_table(say("table_of_opening"), head, rows, language) if rows else None


def relocation_table(plan: Plan, language: Language) -> TextTable | None:
    """Return who would have to move, by district and reason."""
    say = language.say
    groups = plan.relocation.groups
    if not len(groups):
        return None
    names = dict(zip(plan.city.districts.index, district_names(plan, language), strict=True))
    ordered = groups.sort_values("people", ascending=False, kind="stable")
    first = pd.to_datetime(ordered["from_time"], utc=True)
    rows = []
    for district, reason, people, vulnerable, start in zip(
        ordered["district_id"].astype(str), ordered["reason"].astype(str),
        ordered["people"].astype(float), ordered["vulnerable"].astype(float), first, strict=True,
    ):  # fmt: skip
        when = say("unknown")
        if pd.notna(start):
            when = language.short(start.tz_convert(plan.situation.grid.zone))
        key = f"reason_{reason.replace(' ', '_')}"
        rows.append((
            names.get(district, district), language.texts.get(key, reason),
            language.about(people), language.about(vulnerable), when,
        ))  # fmt: skip
    head = tuple(say(f"col_{k}") for k in ("district", "reason", "people", "vulnerable", "from"))
    return text_table(say("table_of_relocation"), head, rows, language)


def claims_table(plan: Plan, language: Language) -> TextTable | None:
    """Return the reports that the plan rests on."""
    say = language.say
    rows = [_claim_row(item, plan, language) for item in rests_on(plan)]
    if not rows:
        return None
    head = tuple(say(f"col_claim_{k}") for k in ("id", "text", "source", "basis", "as_of", "parts"))
    return text_table(say("table_of_claims"), head, rows, language, numeric=False)


def _claim_row(item: RestsOn, plan: Plan, language: Language) -> tuple[str, ...]:
    claim = item.claim
    as_of = language.say("unknown")
    if claim.as_of is not None:
        as_of = language.short(claim.as_of.tz_convert(plan.situation.grid.zone))
    parts = language.join(language.say(f"part_{p}") for p in item.parts)
    if claim.basis != "confirmed":
        parts = f"{parts}. {what_changes(item, plan, language)}"
    return (
        claim.claim_id, *told(claim, language), basis_word(claim.basis, language), as_of, parts,
    )  # fmt: skip


def basis_word(basis: str, language: Language) -> str:
    """Return how sure a report is, in the words that are used everywhere."""
    return language.say("confirmed" if basis == "confirmed" else "if_confirmed")


def assumed_table(plan: Plan, language: Language) -> TextTable | None:
    """Return the tables with assumed rows."""
    say = language.say
    rows = [
        (say(f"table_{name}"), language.number(assumed), language.number(count),
         language.share(assumed / count))
        for name, (assumed, count) in assumed_rows(plan).items()
    ]  # fmt: skip
    if not rows:
        return None
    head = (say("col_table"), say("col_assumed"), say("col_rows"), say("col_share"))
    return text_table(say("table_of_assumed"), head, rows, language)


def rounds_table(plan: Plan, language: Language) -> TextTable:
    """Return the rounds of the loop between switching and homes."""
    rows = [
        (language.number(i), language.about(r.heater_mwh, 3), language.about(r.change_mw, 2),
         language.about(r.excess_mw, 2))
        for i, r in enumerate(plan.rounds, start=1)
    ]  # fmt: skip
    head = tuple(language.say(f"col_round_{k}") for k in ("number", "heaters", "change", "excess"))
    return text_table(language.say("table_of_rounds"), head, rows, language)
