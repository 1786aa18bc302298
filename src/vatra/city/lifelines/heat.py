"""District heat: zones over the blocks that have it, CHP plants and boiler houses."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.lifelines.ground import Floats, Ground, Ints, nearest_rows, points_of
from vatra.city.lifelines.partition import partition, partition_by_bank
from vatra.city.lifelines.references import (
    central_rows,
    fill_reference,
    make_table,
    named_ids,
    number_ids,
    take_ids,
)
from vatra.city.lifelines.scale import Scale
from vatra.city.lifelines.setting import Setting
from vatra.city.model import City

DESIGN_W_M2 = {
    "prewar_brick": 95.0,
    "brick_5": 100.0,
    "panel_5": 105.0,
    "panel_9": 90.0,
    "panel_9_late": 80.0,
    "panel_16": 80.0,
    "new_build": 60.0,
    "private_house": 120.0,
}
"""Heat for a square metre of dwelling at −22 °C, hot water included, W; *assumed*."""

_PUBLIC_BUILDINGS = 1.15  # schools, offices and hospitals on the same network; assumed
_CHP_SHARES = ((), (0.4,), (0.32, 0.22), (0.24, 0.20, 0.11))  # of all district heat; assumed
_SITE_REACH_M = 300.0  # a site within this of a heated block is on its network; assumed


def add_heat(city: City, setting: Setting, rng: np.random.Generator) -> City:
    """Synthesise heat zones and sources, and fill the references of blocks and sites.

    The feeder and the water zone of the sources are left empty.

    Parameters
    ----------
    city
        City with blocks.
    setting
        Where things can stand, how many there are, and what is known.
    rng
        Source of randomness.

    Returns
    -------
    City
        With ``heat_zones``, ``heat_sources`` and ``heat_zone_id``.
    """
    design_mw = block_heat_mw(city.blocks)
    district = np.flatnonzero((city.blocks["heating"] == "district").to_numpy())
    zone, chp = _zone_blocks(city, setting, design_mw, district, rng)
    city = _add_zones(city, setting, design_mw, zone)
    if "heat_sources" not in setting.known:
        sources = _make_sources(city, setting.ground, design_mw, (zone, chp), rng)
        city = city.with_tables(heat_sources=sources)
    return city


def block_heat_mw(blocks: pd.DataFrame) -> Floats:
    """Heat that each block needs at the design temperature, MW, whatever heats it."""
    density = blocks["archetype"].map(DESIGN_W_M2).astype(float).fillna(90.0).to_numpy()
    return np.asarray(_PUBLIC_BUILDINGS * 1e-6 * density * blocks["floor_area_m2"].to_numpy(float))


def _zone_blocks(
    city: City, setting: Setting, design_mw: Floats, district: Ints, rng: np.random.Generator
) -> tuple[Ints, int]:
    """Zone of each block (−1 for none) and how many of the first zones have a CHP plant."""
    zone = np.full(len(city.blocks), -1, dtype=np.int64)
    if not district.size:
        return zone, 0
    ground = setting.ground
    if setting.known & {"heat_zones", "heat_sources"}:
        return _zone_by_known(city, setting, district, zone), 0
    xy, need, bank = ground.xy[district], design_mw[district], ground.bank[district]
    found, chp = _chp_zones(xy, need, bank, setting.scale, rng)
    rest = np.flatnonzero(found < 0)
    if rest.size:
        count = min(round(0.91 * setting.scale.boiler_houses(need[rest].sum())) or 1, rest.size)
        parts = partition_by_bank(xy[rest], need[rest], bank[rest], count, rng=rng, spread=0.6)
        found[rest] = chp + parts
    zone[district] = found
    return zone, chp


def _zone_by_known(city: City, setting: Setting, district: Ints, zone: Ints) -> Ints:
    """Zones that the user has: as the blocks say, else that of the nearest source or block."""
    ground, known, sources = setting.ground, setting.known, city.heat_sources
    ids = city.heat_zones.index if "heat_zones" in known else named_ids(sources["heat_zone_id"])
    if not len(ids):
        return zone
    zone[:] = ids.get_indexer(city.blocks["heat_zone_id"])
    lost = district[zone[district] < 0]
    if "heat_sources" in known and len(sources):
        near = nearest_rows(points_of(sources), ground.xy[lost])
        zone[lost] = np.maximum(ids.get_indexer(sources["heat_zone_id"])[near], 0)
    elif (zone >= 0).any():
        have = np.flatnonzero(zone >= 0)
        zone[lost] = zone[ground.nearest(ground.xy[lost], have)[0]]
    else:
        weight = city.heat_zones["design_mw"].to_numpy(float) + 1e-9
        need = block_heat_mw(city.blocks)[district]
        zone[district] = partition(ground.xy[district], need, weight)
    return zone


def _chp_zones(
    xy: Floats, need: Floats, bank: Ints, scale: Scale, rng: np.random.Generator
) -> tuple[Ints, int]:
    """Give each CHP plant the blocks around its seed, on its bank, until its share is reached."""
    count = min(scale.chps(float(need.sum())), len(xy))
    zone = np.full(len(xy), -1, dtype=np.int64)
    if not count:
        return zone, 0
    seeds = partition_by_bank(xy, need, bank, count, rng=rng, spread=0.05)
    count = int(seeds.max()) + 1
    middle = central_rows(xy, need, seeds, count)
    for plant, share in zip(range(count), _CHP_SHARES[count], strict=True):
        free = np.flatnonzero((zone < 0) & (bank == bank[middle[plant]]))
        ahead = xy[free] - xy[middle[plant]]
        # Mains reach farther in some directions than in others.
        lobes = np.cos(2 * np.arctan2(ahead[:, 1], ahead[:, 0]) + rng.uniform(0, 2 * np.pi))
        away = np.linalg.norm(ahead, axis=1) * (1 + 0.2 * lobes)
        free = free[np.argsort(away, kind="stable")]
        enough = np.cumsum(need[free]) <= share * need.sum()
        enough[:1] = True
        zone[free[enough]] = plant
    kept, zone = np.unique(zone, return_inverse=True)
    lowest = int(kept[0] < 0)
    return np.asarray(zone - lowest, dtype=np.int64), len(kept) - lowest


def _add_zones(city: City, setting: Setting, design_mw: Floats, zone: Ints) -> City:
    ground, known = setting.ground, setting.known
    if "heat_zones" in known:
        zones = city.heat_zones
    else:
        count = int(zone.max(initial=-1)) + 1
        if "heat_sources" in known:
            ids = named_ids(city.heat_sources["heat_zone_id"])
        else:
            ids = number_ids("HZ", count)
        need = np.bincount(zone[zone >= 0], weights=design_mw[zone >= 0], minlength=len(ids))
        names = [f"Heat zone {n}" for n in range(1, len(ids) + 1)]
        zones = make_table("heat_zones", ids, {"name": names, "design_mw": need}, city.about.crs)
    keep = "heat_zones" in known
    blocks, sites = city.blocks.copy(), city.sites.copy()
    blocks["heat_zone_id"] = fill_reference(
        blocks["heat_zone_id"], zones, take_ids(zones.index, zone), keep=keep
    )
    found = np.full(len(sites), -1, dtype=np.int64)
    heated = np.flatnonzero(zone >= 0)
    if len(sites) and heated.size:
        row, away = ground.nearest(points_of(sites), heated)
        found = np.where(away <= _SITE_REACH_M, zone[row], -1)
    sites["heat_zone_id"] = fill_reference(
        sites["heat_zone_id"], zones, take_ids(zones.index, found), keep=keep
    )
    return city.with_tables(heat_zones=zones, blocks=blocks, sites=sites)


def _make_sources(
    city: City, ground: Ground, design_mw: Floats, zones: tuple[Ints, int],
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    zone, chp = zones
    need = city.heat_zones["design_mw"].to_numpy(float)
    # The largest tenth of the boiler zones has two boiler houses.
    boilers = np.array([z for z in range(len(need)) if z >= chp], dtype=np.int64)
    second = boilers[np.argsort(-need[boilers], kind="stable")][: round(0.1 * len(boilers))]
    of = np.concatenate([np.arange(len(need)), second])
    xy = np.zeros((len(of), 2))
    blocks_of: list[NDArray[np.int64]] = [np.flatnonzero(zone == z) for z in range(len(need))]
    middle = np.zeros(len(of), dtype=np.int64)
    for row, z in enumerate(of):
        here = blocks_of[z] if blocks_of[z].size else np.arange(len(zone))
        part = partition(ground.xy[here], design_mw[here], np.ones(1 + (z in second)))
        here = here[part == (1 if row >= len(need) else 0)] if part.max() else here
        middle[row] = here[
            central_rows(ground.xy[here], design_mw[here], np.zeros(len(here), np.int64), 1)[0]
        ]
    is_chp = of < chp
    xy = np.where(is_chp[:, None], ground.near(middle, 400.0, rng), ground.near(middle, 120.0, rng))
    share = np.where(np.isin(of, second), 0.5, 1.0)
    capacity = np.maximum(need[of] * share * rng.uniform(1.15, 1.35, len(of)), 0.05)
    electric = capacity * np.where(
        is_chp, rng.uniform(0.010, 0.012, len(of)), rng.uniform(0.012, 0.020, len(of))
    )
    backed = rng.random(len(of)) < 0.5
    fuel = np.clip(np.exp(rng.normal(np.log(20.0), 0.5, len(of))), 6.0, 72.0)
    # A CHP plant runs on its own turbines when the grid is gone.
    backup = np.where(
        is_chp, electric, np.where(backed, electric * rng.uniform(1, 1.2, len(of)), 0)
    )
    names = [
        f"CHP {row + 1}" if row < chp else f"Boiler house {row + 1 - chp}" for row in range(len(of))
    ]
    columns = {
        "name": names,
        "kind": np.where(is_chp, "chp", "boiler_house"),
        "heat_zone_id": take_ids(city.heat_zones.index, of),
        "capacity_mw": capacity,
        "electric_mw": electric,
        "backup_mw": backup,
        "backup_fuel_h": np.where(is_chp, 72.0, np.where(backed, np.round(fuel), 0.0)),
    }
    ids = number_ids("H", len(of))
    return make_table("heat_sources", ids, columns, city.about.crs, xy)
