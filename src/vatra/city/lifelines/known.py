"""A city whose feeders are known: what is synthesised joins them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.lifelines.ground import Floats, Ground, Ints, points_of
from vatra.city.lifelines.power import make_substations
from vatra.city.lifelines.references import (
    fill_reference,
    make_table,
    named_ids,
    number_ids,
    take_ids,
)
from vatra.city.lifelines.setting import Setting
from vatra.city.model import City

_OTHERS_SHARE = 0.37  # of what is not critical on a feeder: 28 of 75 % of the city's peak; assumed


def add_to_known_feeders(city: City, setting: Setting, rng: np.random.Generator) -> City:
    """Join blocks, sites, pumps and heat sources to feeders that the user has.

    Substations and customers are made where they are not known: a substation amid the feeders that
    name it; for each feeder the pumps and heat sources on it, the rest of its critical load, and
    its offices and shops, one row each.

    Parameters
    ----------
    city
        City with feeders, blocks, sites, pumps and heat sources.
    setting
        Where things can stand, how many there are, and what is known.
    rng
        Source of randomness.

    Returns
    -------
    City
        With all ``feeder_id`` filled, ``substations`` and ``customers``.
    """
    if "substations" not in setting.known:
        city = _add_substations(city, setting.ground, rng)
    tables: dict[str, pd.DataFrame] = {}
    serious = np.flatnonzero((city.feeders["critical_mw"] > 0).to_numpy())
    for name in ("blocks", "sites", "heat_sources", "pumps"):
        table = getattr(city, name).copy()
        if not len(table):
            continue
        asset = name in ("heat_sources", "pumps")
        rows = _nearest_feeder(city, points_of(table), serious if asset and serious.size else None)
        table["feeder_id"] = fill_reference(
            table["feeder_id"], city.feeders, take_ids(city.feeders.index, rows), keep=True
        )
        tables[name] = table
    city = city.with_tables(**tables)
    return city if "customers" in setting.known else _add_customers(city)


def _nearest_feeder(city: City, xy: Floats, among: Ints | None) -> Ints:
    rows = np.arange(len(city.feeders)) if among is None else among
    shapes = np.asarray(city.feeders.geometry.array, dtype=object)[rows]
    return np.asarray(rows[shapely.STRtree(shapes).nearest(shapely.points(xy))], dtype=np.int64)


def _add_substations(city: City, ground: Ground, rng: np.random.Generator) -> City:
    names = named_ids(city.feeders["substation_id"])
    of = names.get_indexer(city.feeders["substation_id"])
    middle = points_of(city.feeders)
    sums = np.stack(
        [
            np.bincount(of[of >= 0], weights=middle[of >= 0, d], minlength=len(names))
            for d in (0, 1)
        ],
        axis=1,
    )
    places = np.asarray(sums / np.bincount(of[of >= 0], minlength=len(names))[:, None], dtype=float)
    peak = np.bincount(
        of[of >= 0], weights=city.feeders["peak_mw"].to_numpy(float)[of >= 0]
    ).astype(float)
    return make_substations(city, ground.on_land(places), peak, rng, names)


def _add_customers(city: City) -> City:
    feeders = city.feeders
    middle = points_of(feeders)
    parts: list[dict[str, Any]] = []
    held = np.zeros(len(feeders))
    for name in ("heat_sources", "pumps"):
        table = getattr(city, name)
        of = city.rows(name, "feeder_id", "feeders")
        power = table["electric_mw"].to_numpy(float)
        np.add.at(held, of, power)
        kind = np.where(
            table["kind"] == "sewage", "sewage", "heat" if name == "heat_sources" else "water"
        )
        parts.append(
            _rows(table["name"].to_numpy(), kind, of, power, points_of(table), critical=True)
            | {
                "backup_mw": table["backup_mw"].to_numpy(float),
                "backup_fuel_h": table["backup_fuel_h"].to_numpy(float),
            }
        )
    critical = feeders["critical_mw"].to_numpy(float) - held
    rest = feeders["peak_mw"].to_numpy(float) - feeders["critical_mw"].to_numpy(float)
    for customer, load, is_critical in (
        ("hospital", critical, True), ("office", _OTHERS_SHARE * rest, False),
    ):  # fmt: skip
        of = np.flatnonzero(load > 1e-6)
        names = np.full(len(of), "", dtype=object)
        parts.append(
            _rows(names, np.full(len(of), customer), of, load[of], middle[of], critical=is_critical)
        )
    frame = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    columns = {name: frame[name].to_numpy() for name in frame.columns.difference(["x", "y", "of"])}
    columns["feeder_id"] = take_ids(feeders.index, frame["of"].to_numpy())
    xy = frame[["x", "y"]].to_numpy(float)
    ids = number_ids("C", len(frame))
    return city.with_tables(customers=make_table("customers", ids, columns, city.about.crs, xy))


def _rows(
    name: NDArray[Any], kind: NDArray[Any], of: Ints, load: Floats, xy: Floats, *, critical: bool
) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "of": of, "peak_mw": load, "critical": critical,
        "backup_mw": 0.0, "backup_fuel_h": 0.0, "x": xy[:, 0], "y": xy[:, 1],
    }  # fmt: skip
