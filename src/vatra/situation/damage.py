"""Damage in a situation file, and the assets that it means."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from pyproj import Transformer

from vatra.city.model import City
from vatra.situation.fields import Fields, did_you_mean
from vatra.situation.model import Crew, Damage
from vatra.situation.timegrid import TimeGrid

DAMAGE_TABLES = (
    "heat_sources",
    "pumps",
    "substations",
    "lines",
    "power_sources",
    "feeders",
    "sites",
    "streets",
)
"""Tables whose assets can be damaged; ``streets`` by the names of bridges."""

DAMAGE_KEYS = ("asset", "table", "from", "to", "remaining_share", "claims", "repair_h", "skill")
CREW_KEYS = ("skill", "count", "lon", "lat", "name")
MOST_REPAIR_H = 10_000.0
MOST_CREWS = 10_000.0


def assets_of(city: City) -> dict[str, frozenset[str]]:
    """Return the ids of everything that can be damaged.

    Parameters
    ----------
    city
        The city.

    Returns
    -------
    dict[str, frozenset[str]]
        Table to the ids of its rows, or names of bridges for ``streets``.
    """
    tables = city.tables()
    ids = {name: frozenset(map(str, tables[name].index)) for name in DAMAGE_TABLES}
    bridges = pd.Series(city.streets["bridge"]).dropna().unique()
    ids["streets"] = frozenset(str(name) for name in bridges if str(name))
    return ids


def read_damage(
    file: Fields, city: City, grid: TimeGrid | None, claims: frozenset[str]
) -> tuple[Damage, ...]:
    """Read the damage of a situation.

    Parameters
    ----------
    file
        The situation file.
    city
        The city, whose assets are looked up.
    grid
        The half-hour slots; None where they aren't known, for the problems only.
    claims
        Ids of the claims in the file.

    Returns
    -------
    tuple[Damage, ...]
        Damage that touches the horizon.
    """
    reports = file.tables("damage")
    if not reports:
        return ()
    assets = assets_of(city)
    damage = []
    for place, raw in reports:
        fields = file.within(place, raw, DAMAGE_KEYS)
        found = _asset(fields, assets)
        since, until = fields.span()
        share = fields.number("remaining_share", "of 1", 0.0, 1.0)
        repair_h = fields.number("repair_h", "h", 0.0, MOST_REPAIR_H)
        skill = fields.text("skill", "") or ""
        cited = fields.claims(claims)
        if found is None or grid is None:
            continue
        first, end = grid.touched(since, until)
        if first < end:
            table, asset = found
            known = until is not None
            damage.append(
                Damage(table, asset, first, end, share or 0.0, known, cited, repair_h, skill)
            )
    return tuple(damage)


def read_crews(file: Fields, city: City) -> tuple[Crew, ...]:
    """Read the repair crews of a situation.

    Parameters
    ----------
    file
        The situation file.
    city
        The city, for its coordinate system.

    Returns
    -------
    tuple[Crew, ...]
        In the order of the file.
    """
    crews = []
    for place, raw in file.tables("crews"):
        fields = file.within(place, raw, CREW_KEYS)
        skill, name = fields.text("skill"), fields.text("name", "")
        if "skill" not in raw:
            fields.problem("skill", "", "is missing", 'for example skill = "power"')
        count = fields.number("count", "crews", 0.0, MOST_CREWS)
        if "count" not in raw:
            fields.problem("count", "", "is missing", "say how many crews work at a time")
        lon, lat = fields.number("lon", "°", -180.0, 180.0), fields.number("lat", "°", -90.0, 90.0)
        if ("lon" in raw) != ("lat" in raw):
            fields.problem("lon, lat", "", "one is there without the other", "give both or none")
        depot = None
        if lon is not None and lat is not None:
            east, north = Transformer.from_crs(
                "EPSG:4326", city.about.crs, always_xy=True
            ).transform(lon, lat)
            depot = (float(east), float(north))
        if skill and count is not None:
            crews.append(Crew(skill, int(count), depot, name or ""))
    return tuple(crews)


def _asset(fields: Fields, assets: dict[str, frozenset[str]]) -> tuple[str, str] | None:
    """Find which table's asset is meant."""
    asset = fields.text("asset")
    if asset is None:
        if "asset" not in fields.raw:
            fields.problem("asset", "", "is missing", "give its id, or the name of a bridge")
        return None
    chosen = "table" in fields.raw
    table = fields.choice("table", DAMAGE_TABLES, "")
    if chosen and table is None:
        return None
    tables = [table] if table else list(DAMAGE_TABLES)
    holding = [name for name in tables if asset in assets[name]]
    if len(holding) == 1:
        return holding[0], asset
    if holding:
        mend = "add " + " or ".join(f'table = "{name}"' for name in holding)
        fields.problem("asset", asset, f"is in {len(holding)} tables", mend)
        return None
    elsewhere = [name for name in DAMAGE_TABLES if asset in assets[name]]
    if elsewhere:
        fields.problem("table", table, f"has no {asset}", f"it is in {elsewhere[0]}")
        return None
    ids: Iterable[str] = frozenset().union(*(assets[name] for name in tables))
    where = table or "the tables of the city"
    fields.problem("asset", asset, f"is not in {where}", did_you_mean(asset, ids))
    return None
