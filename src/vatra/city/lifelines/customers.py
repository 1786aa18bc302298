"""What draws power at the winter peak: dwellings, critical customers and all others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.city.lifelines.ground import Floats, Ground, Ints, points_of
from vatra.city.lifelines.references import make_table, number_ids
from vatra.city.lifelines.scale import CRITICAL_SHARE, HOMES_SHARE
from vatra.city.lifelines.setting import Setting
from vatra.city.model import City

_ASSET_CAP = 0.7  # most of the critical load that pumps and heat sources take; assumed

_CRITICAL = {
    # kind: share of the critical load that pumps and heat sources leave, spread of sizes (σ of
    # the logarithm), share with a generator, its size over the load, median hours of fuel.
    "hospital": (0.33, 0.6, 0.95, 1.0, 24.0),
    "transport": (0.40, 0.4, 0.05, 1.0, 4.0),
    "telecom": (0.16, 0.5, 0.80, 1.0, 8.0),
    "emergency": (0.11, 0.5, 0.70, 1.0, 24.0),
}
"""Critical customers; all figures *assumed*."""

_SITE_W_M2 = {
    "school": 25.0, "kindergarten": 25.0, "college": 30.0, "hall": 30.0, "library": 25.0,
    "clinic": 40.0, "station": 60.0, "worship": 10.0, "sports": 35.0, "office": 45.0,
    "shop": 60.0, "other": 25.0,
}  # fmt: skip
"""Electric load of a site at the winter peak, W/m²; *assumed*."""

_SITE_CUSTOMER = {
    "school": "school", "kindergarten": "school", "college": "school", "shop": "shop",
    "station": "transport",
}  # fmt: skip

_OTHERS = {
    # kind: share of the rows, share of the load, spread of sizes.
    "shop": (0.55, 0.30, 0.7),
    "office": (0.40, 0.30, 0.9),
    "industry": (0.05, 0.40, 1.0),
}
"""Customers that are neither critical nor sites; *assumed*."""


def block_load_mw(blocks: pd.DataFrame) -> Floats:
    """Load of each block's dwellings at the winter peak, up to a common factor.

    Houses draw more than flats, all-electric kitchens and electric heating more than gas, empty
    flats little. The weights are *assumed*; the sum is set by the city's peak.

    Parameters
    ----------
    blocks
        Table of blocks.

    Returns
    -------
    Floats
        Block: kW.
    """
    residents = blocks["residents"].to_numpy(float)
    dwellings = np.maximum(blocks["dwellings"].to_numpy(float), residents / 6.0)
    occupied = np.clip(residents / np.maximum(2.5 * dwellings, 1e-9), 0.0, 1.2)
    kw = np.where(blocks["archetype"].to_numpy() == "private_house", 0.9, 0.6)
    kw = kw + np.where(blocks["gas_stove"].to_numpy(bool), 0.0, 0.25)
    kw = kw + np.where(blocks["heating"].to_numpy() == "electric", 1.5, 0.0)
    return np.asarray(dwellings * kw * (0.2 + 0.8 * occupied))


def add_customers(city: City, setting: Setting, rng: np.random.Generator) -> tuple[City, Floats]:
    """Synthesise the customers that are not dwellings; their feeders are left empty.

    Rows come in this order: heat sources, pumps (as in their tables), critical, all others.

    Parameters
    ----------
    city
        City with blocks, sites, heat sources and pumps.
    setting
        Where things can stand, how many there are, and what is known.
    rng
        Source of randomness.

    Returns
    -------
    city : City
        With ``customers``, and with the power of synthesised heat sources and pumps lowered where
        they would take too much of the critical load.
    block_mw : Floats
        Load of each block's dwellings at the peak, MW: with the customers it sums to the city's.
    """
    known, peak = setting.known, city.about.known_peak_mw
    weight = block_load_mw(city.blocks)
    if "customers" in known:
        homes = max(peak - float(city.customers["peak_mw"].sum()), 0.0)
        return city, _scaled(weight, homes)
    city = _cap_assets(city, CRITICAL_SHARE * peak, known)
    assets = pd.concat([_asset_rows(city.heat_sources, "heat"), _asset_rows(city.pumps, "water")])
    site_rows = _site_rows(city)
    budget = max(CRITICAL_SHARE * peak - float(assets["peak_mw"].sum()), 0.0)
    critical, clinics = _critical_rows(city, setting, budget, rng)
    sites = site_rows[~site_rows.index.isin(clinics)]
    used = float(assets["peak_mw"].sum() + critical["peak_mw"].sum())
    homes = HOMES_SHARE * peak
    others = _other_rows(setting, weight, sites, max(peak - homes - used, 0.0), rng)
    rows = pd.concat([assets, critical, others], ignore_index=True)
    homes = max(peak - float(rows["peak_mw"].sum()), 0.0)
    columns = {name: rows[name].to_numpy() for name in rows.columns.difference(["x", "y"])}
    table = make_table(
        "customers",
        number_ids("C", len(rows)),
        columns,
        city.about.crs,
        rows[["x", "y"]].to_numpy(float),
    )
    return city.with_tables(customers=table), _scaled(weight, homes)


def _scaled(weight: Floats, total: float) -> Floats:
    if weight.sum() <= 0:
        return np.full(len(weight), total / len(weight))
    return np.asarray(weight * (total / weight.sum()))


def _cap_assets(city: City, critical_mw: float, known: frozenset[str]) -> City:
    """Lower the power of synthesised assets to what a city with this peak can have."""
    total = float(city.heat_sources["electric_mw"].sum() + city.pumps["electric_mw"].sum())
    if total <= _ASSET_CAP * critical_mw:
        return city
    lower = _ASSET_CAP * critical_mw / total
    tables = {}
    for name in ("heat_sources", "pumps"):
        if name not in known:
            table = getattr(city, name).copy()
            table["electric_mw"] *= lower
            table["backup_mw"] *= lower
            tables[name] = table
    return city.with_tables(**tables)


def _asset_rows(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    xy = points_of(table)
    is_sewage = table["kind"] == "sewage"
    return pd.DataFrame(
        {
            "name": table["name"].to_numpy(),
            "kind": np.where(is_sewage, "sewage", kind),
            "peak_mw": table["electric_mw"].to_numpy(float),
            "critical": True,
            "backup_mw": table["backup_mw"].to_numpy(float),
            "backup_fuel_h": table["backup_fuel_h"].to_numpy(float),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _site_rows(city: City) -> pd.DataFrame:
    sites = city.sites
    xy = points_of(sites)
    density = sites["kind"].map(_SITE_W_M2).astype(float).fillna(25.0).to_numpy()
    return pd.DataFrame(
        {
            "name": sites["name"].to_numpy(),
            "kind": sites["kind"].map(_SITE_CUSTOMER).fillna("office").to_numpy(),
            "peak_mw": 1e-6 * density * sites["floor_area_m2"].to_numpy(float),
            "critical": False,
            "backup_mw": sites["backup_mw"].to_numpy(float),
            "backup_fuel_h": sites["backup_fuel_h"].to_numpy(float),
            "x": xy[:, 0],
            "y": xy[:, 1],
        },
        index=sites.index,
    )


def _critical_rows(
    city: City, setting: Setting, budget_mw: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.Index[str]]:
    """Hospitals, transport, telecom and emergency services, and the sites used as hospitals."""
    people = city.blocks["residents"].to_numpy(float) + 1e-9
    clinics = city.sites[city.sites["kind"] == "clinic"]
    clinics = clinics.sort_values("floor_area_m2", ascending=False, kind="stable")
    frames = []
    used = clinics.index[:0]
    for kind, (share, spread, backed_share, size, hours) in _CRITICAL.items():
        count = setting.scale.critical[kind]
        places = rng.choice(len(people), count, p=people / people.sum())
        xy = setting.ground.near(places, 150.0, rng)
        if kind == "hospital":
            used = clinics.index[:count]
            xy[: len(used)] = points_of(clinics.loc[used])
        load = np.exp(spread * rng.standard_normal(count))
        # The largest hospitals are where the largest clinics are.
        load = np.sort(load)[::-1] if kind == "hospital" else load
        load *= budget_mw * share / load.sum()
        backed = rng.random(count) < backed_share
        fuel = np.clip(np.exp(rng.normal(np.log(hours), 0.5, count)), 2.0, 96.0)
        frames.append(
            pd.DataFrame(
                {
                    "name": [f"{kind.capitalize()} {n}" for n in range(1, count + 1)],
                    "kind": kind,
                    "peak_mw": load,
                    "critical": True,
                    "backup_mw": np.where(backed, size * load, 0.0),
                    "backup_fuel_h": np.where(backed, np.round(fuel), 0.0),
                    "x": xy[:, 0],
                    "y": xy[:, 1],
                }
            )
        )
    return pd.concat(frames, ignore_index=True), used


def _other_rows(
    setting: Setting, weight: Floats, sites: pd.DataFrame, total_mw: float,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Sites and everyone else, scaled to what is left of the peak."""
    sites = sites.copy()
    if sites["peak_mw"].sum() > 0.5 * total_mw:
        sites["peak_mw"] *= 0.5 * total_mw / sites["peak_mw"].sum()
    rest_mw = total_mw - float(sites["peak_mw"].sum())
    frames = [sites]
    for kind, (rows_share, load_share, spread) in _OTHERS.items():
        count = max(1, round(rows_share * setting.scale.others))
        places = _places(setting.ground, weight, kind, count, rng)
        xy = setting.ground.near(places, 250.0 if kind == "industry" else 60.0, rng)
        load = np.exp(spread * rng.standard_normal(count))
        load *= rest_mw * load_share / load.sum()
        frames.append(
            pd.DataFrame(
                {
                    "name": "",
                    "kind": kind,
                    "peak_mw": load,
                    "critical": False,
                    "backup_mw": 0.0,
                    "backup_fuel_h": 0.0,
                    "x": xy[:, 0],
                    "y": xy[:, 1],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _places(
    ground: Ground, weight: Floats, kind: str, count: int, rng: np.random.Generator
) -> Ints:
    """Rows of blocks near which customers are: offices crowd the middle, works the outskirts."""
    weight = weight + weight.mean() * 0.01 + 1e-12
    centre = np.average(ground.xy, axis=0, weights=weight)
    away = np.linalg.norm(ground.xy - centre, axis=1)
    rank = away / (np.quantile(away, 0.9) + 1.0)
    if kind == "office":
        weight = weight * np.exp(-1.5 * rank)
    elif kind == "industry":
        weight = weight * np.clip(rank, 0.05, 1.0) ** 2
    return np.asarray(rng.choice(len(weight), count, p=weight / weight.sum()), dtype=np.int64)
