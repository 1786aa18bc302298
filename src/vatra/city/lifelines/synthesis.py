"""The way in: every lifeline table that a city lacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.lifelines.customers import add_customers
from vatra.city.lifelines.epanet import write_water_inp
from vatra.city.lifelines.feeders import (
    Loads,
    assign_feeders,
    draw_feeders,
    feeder_table_columns,
)
from vatra.city.lifelines.ground import Floats, Ints, nearest_rows, points_of, survey
from vatra.city.lifelines.heat import add_heat
from vatra.city.lifelines.known import add_to_known_feeders
from vatra.city.lifelines.notes import ASSUMPTIONS
from vatra.city.lifelines.partition import partition_by_bank
from vatra.city.lifelines.power import add_transmission, make_substations, place_substations
from vatra.city.lifelines.queues import assign_queues, choose_reserved
from vatra.city.lifelines.references import fill_reference, make_table, number_ids, take_ids
from vatra.city.lifelines.scale import PEAK_KW_PER_RESIDENT, Scale
from vatra.city.lifelines.setting import Setting
from vatra.city.lifelines.water import add_water
from vatra.city.model import City

LIFELINES = (
    "substations", "feeders", "lines", "power_sources", "customers", "heat_zones",
    "heat_sources", "water_zones", "sewage_zones", "pumps",
)  # fmt: skip
"""Tables that `add_lifelines` makes."""


def add_lifelines(
    city: City, rng: np.random.Generator, *, known: frozenset[str] = frozenset()
) -> City:
    """Synthesise the lifelines that a city lacks, and fill the references to them.

    Every row made is marked as assumed, and has no real location. Sizes follow the city's residents
    and its peak load (0.5 kW a resident where it isn't known); see `Scale`. The peaks of the
    feeders sum to the city's; that of a feeder is the sum of its customers' and its dwellings'.

    Parameters
    ----------
    city
        City with districts and blocks; water bodies and sites if it has them.
    rng
        Source of randomness; the same state gives the same tables.
    known
        Names of tables that the user has. They stay as they are, but for references to tables that
        are made here; those of blocks and sites to known tables are kept where they hold.

    Returns
    -------
    City
        With all lifeline tables, the EPANET model and what they take for granted.

    Raises
    ------
    ValueError
        Where `known` names a table that isn't made here, or the city has no blocks.
    """
    wrong = sorted(known - set(LIFELINES))
    if wrong:
        raise ValueError(f"no lifeline table is called {', '.join(wrong)}")
    # An empty table of heat zones says that there are none; a city without feeders can't be.
    known -= {name for name in ("substations", "feeders") if not len(getattr(city, name))}
    if not len(city.blocks):
        raise ValueError("a city without blocks has no lifelines")
    peak = city.about.known_peak_mw
    if not (np.isfinite(peak) and peak > 0):
        peak = max(1e-3 * PEAK_KW_PER_RESIDENT * city.residents, 0.01)
        city = replace(city, about=replace(city.about, known_peak_mw=peak))
    heat_rng, water_rng, customer_rng, power_rng = rng.spawn(4)
    scale = Scale(city.residents, peak)
    ground = survey(city)
    setting = Setting(ground, scale, known)
    city = add_heat(city, setting, heat_rng)
    city = add_water(city, setting, water_rng)
    if "feeders" in known:
        city = add_to_known_feeders(city, setting, power_rng)
    else:
        city, block_mw = add_customers(city, setting, customer_rng)
        city = _add_feeders(city, setting, block_mw, power_rng)
    city = add_transmission(city, setting, power_rng)
    if city.water_inp is None or "water_zones" not in known:
        city = replace(city, water_inp=write_water_inp(city, ground))
    made = set(LIFELINES) - known
    notes = tuple(note for note in ASSUMPTIONS if made.intersection(note.tables))
    said = {note.what for note in city.about.assumptions}
    new = tuple(note for note in notes if note.what not in said)
    about = replace(city.about, assumptions=(*city.about.assumptions, *new))
    return replace(city, about=about)


def _add_feeders(city: City, setting: Setting, block_mw: Floats, rng: np.random.Generator) -> City:
    """Synthesise substations and feeders, and put blocks, customers, sites and assets on them."""
    customers, blocks = city.customers, city.blocks
    ground, known, scale = setting.ground, setting.known, setting.scale
    xy = np.vstack([ground.xy, points_of(customers)])
    mw = np.concatenate([block_mw, customers["peak_mw"].to_numpy(float)])
    count = len(blocks)
    if "substations" in known and len(city.substations):
        area = nearest_rows(points_of(city.substations), xy)
    else:
        bank = np.concatenate([ground.bank, ground.bank[ground.nearest(xy[count:])[0]]])
        area = partition_by_bank(xy, mw, bank, scale.substations, rng=rng, spread=0.25)
        places = place_substations(xy, mw, area, ground, rng)
        city = make_substations(city, places, np.bincount(area, weights=mw).astype(float), rng)
    critical = customers["critical"].to_numpy(bool)
    backed = (customers["backup_mw"] >= 0.99 * customers["peak_mw"]).to_numpy(bool)
    networks = customers["kind"].isin(["water", "sewage", "heat"])
    none = np.zeros(count, dtype=bool)
    loads = Loads(
        xy=xy,
        mw=mw,
        critical=np.concatenate([none, critical]),
        backed=np.concatenate([none, backed]),
        vital=np.concatenate([none, critical & ~backed & networks.to_numpy()]),
        residents=np.concatenate([blocks["residents"].to_numpy(float), np.zeros(len(customers))]),
        customers=np.concatenate(
            [blocks["dwellings"].to_numpy(np.int64), np.ones(len(customers), np.int64)]
        ),
        area=area,
    )
    feeder, protected = assign_feeders(loads, scale.feeders, rng)
    city = _make_feeders(city, loads, feeder, protected, rng)
    return _join(city, loads, feeder, known)


def _make_feeders(
    city: City, loads: Loads, feeder: Ints, protected: NDArray[np.bool_], rng: np.random.Generator
) -> City:
    columns = feeder_table_columns(loads, feeder, protected)
    residents = columns.pop("residents")
    count = len(protected)
    area = np.zeros(count, dtype=np.int64)
    area[feeder] = loads.area
    peak = columns["peak_mw"]
    reserved = choose_reserved(peak, columns["critical_mw"], protected, rng)
    columns |= {
        "substation_id": take_ids(city.substations.index, area),
        "queue": assign_queues(area, peak, residents, ~(protected | reserved)),
        "reserved": reserved,
        "switching": np.where(rng.random(count) < 0.6, "remote", "manual"),
        "capacity_mw": np.maximum(peak * rng.uniform(1.5, 2.0, count), 1e-3),
    }
    shapes = draw_feeders(loads, feeder, count, points_of(city.substations)[area])
    table = make_table("feeders", number_ids("F", count), columns, city.about.crs, shapes)
    return city.with_tables(feeders=table)


def _join(city: City, loads: Loads, feeder: Ints, known: frozenset[str]) -> City:
    """Fill the feeder of every row that has one."""
    ids = take_ids(city.feeders.index, feeder)
    blocks, customers = city.blocks.copy(), city.customers.copy()
    blocks["feeder_id"] = pd.Series(ids[: len(city.blocks)], index=blocks.index, dtype=object)
    customers["feeder_id"] = pd.Series(ids[len(city.blocks) :], index=customers.index, dtype=object)
    tables = {"blocks": blocks, "customers": customers}
    first = len(city.blocks)
    for name in ("heat_sources", "pumps", "sites"):
        table = getattr(city, name).copy()
        if not len(table):
            continue
        if name == "sites" or "customers" in known:
            found = ids[nearest_rows(loads.xy, points_of(table))]
        else:
            # The customers of heat sources and pumps come first, in the order of these tables.
            found = ids[first : first + len(table)]
            first += len(table)
        table["feeder_id"] = fill_reference(table["feeder_id"], city.feeders, found, keep=False)
        tables[name] = table
    return city.with_tables(**tables)
