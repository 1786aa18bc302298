"""What warm points use by the day, how long they last alone, and who brings it by which road."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from vatra.situation.timegrid import SLOT_H, TimeGrid
from vatra.warm_points.reach import doors_of, street_net, walks

Floats = NDArray[np.float64]


LEG_M = 3000.0
"""Longest way from site to site that is looked for, metres; a longer one is counted by way of the
depot, which is a road as well."""


@dataclass(frozen=True)
class Rates:
    """What a warm point uses. All are assumed unless a source is named.

    Parameters
    ----------
    indoor_c
        Temperature that is kept, °C (WHO, 2018: 18 °C).
    loss_w_m2_k
        Heat that is lost by area and difference of temperature: a school of 1,225 m² takes
        about 100 kW at −10 °C.
    boiler_l_kwh
        Diesel by heat: 11 L an hour for 100 kW.
    power_w_m2, power_kw
        Electricity by area, and for 50 devices on charge, pumps and radio.
    generator_l_kwh
        Diesel by electricity.
    water_l_visit
        Water a visit of eight hours: a third of 15 L a day (Sphere).
    meals_visit
        Meals a visit.
    people_per_staff, least_staff, shifts
        People at once whom one of the staff looks after, fewest at a time, and shifts a day.
    truck_kg, stop_h, speed_km_h, work_h
        Load of a truck, time at a stop, speed in winter streets, hours a truck works a day.
    meal_kg, bedding_kg, fuel_kg_l
        Weights.
    """

    indoor_c: float = 18.0
    loss_w_m2_k: float = 2.9
    boiler_l_kwh: float = 0.11
    power_w_m2: float = 4.0
    power_kw: float = 1.0
    generator_l_kwh: float = 0.33
    water_l_visit: float = 5.0
    meals_visit: float = 1.0
    people_per_staff: float = 50.0
    least_staff: int = 2
    shifts: int = 3
    truck_kg: float = 3000.0
    stop_h: float = 0.4
    speed_km_h: float = 20.0
    work_h: float = 10.0
    meal_kg: float = 0.6
    bedding_kg: float = 2.0
    fuel_kg_l: float = 0.84


def supplies_of(
    sites: gpd.GeoDataFrame,
    load: pd.DataFrame,
    grid: TimeGrid,
    outdoor_c: Floats,
    *,
    lit: NDArray[np.bool_],
    heat_share: Floats,
    tap: NDArray[np.bool_],
    stay_h: float = 8.0,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Count what each site uses by local day.

    Parameters
    ----------
    sites
        Chosen sites: ``capacity``, and where known ``floor_area_m2``, ``backup_mw``,
        ``backup_fuel_h`` and ``open_by`` (a site runs from then on).
    load
        Site × slot, people at once.
    grid
        The slots.
    outdoor_c
        By slot, °C.
    lit
        Site × slot: it has power from the network.
    heat_share
        Site × slot: share of its heat that the network gives.
    tap
        Site × slot: it has water at the tap, so that none is brought.
    stay_h
        Hours of a visit.
    rates
        What is used.

    Returns
    -------
    pandas.DataFrame
        One row a site and day: ``site_id``, ``day`` (local date), ``visits``, ``fuel_l``,
        ``water_l``, ``meals``, ``bedding`` (sets, on the first day), ``staff`` (people over all
        shifts), ``load_kg`` (to bring), ``autonomy_days`` (how long the fuel on site lasts at
        the day's use; infinite where none is used).
    """
    rates = rates or Rates()
    count, slots = load.shape
    area_m2 = _numbers(sites, "floor_area_m2", sites["capacity"].to_numpy(np.float64) * 3.5)
    runs = np.ones((count, slots), dtype=bool)
    if "open_by" in sites:
        first = pd.DatetimeIndex(sites["open_by"])
        start = ((first - grid.start) // pd.Timedelta(hours=SLOT_H)).to_numpy(np.float64)
        runs = np.arange(slots)[None, :] >= np.nan_to_num(start, nan=slots)[:, None]
    warmth_kw = rates.loss_w_m2_k * area_m2[:, None] / 1e3
    warmth_kw = warmth_kw * np.maximum(rates.indoor_c - np.nan_to_num(outdoor_c), 0.0)[None, :]
    heat_kwh = warmth_kw * (1.0 - np.clip(heat_share, 0.0, 1.0)) * runs * SLOT_H
    power_kw = rates.power_w_m2 * area_m2 / 1e3 + rates.power_kw
    power_kwh = power_kw[:, None] * (~lit & runs) * SLOT_H
    fuel_l = heat_kwh * rates.boiler_l_kwh + power_kwh * rates.generator_l_kwh
    people = load.to_numpy(dtype=np.float64)
    visits = people * SLOT_H / stay_h
    dry = ~tap & runs
    stock_l = (
        _numbers(sites, "backup_mw", 0.0) * 1e3 * _numbers(sites, "backup_fuel_h", 0.0)
        * rates.generator_l_kwh
    )  # fmt: skip
    parts: list[pd.DataFrame] = []
    begun = np.zeros(count, dtype=bool)
    day_of, dates = grid.day, grid.local.strftime("%Y-%m-%d").to_numpy()
    capacity = sites["capacity"].to_numpy(dtype=np.int64)
    for day in np.unique(day_of):
        now = day_of == day
        on = runs[:, now].any(axis=1)
        came = np.maximum(np.ceil(visits[:, now].sum(axis=1) - 1e-9), 0.0)
        used_l = fuel_l[:, now].sum(axis=1)
        share_dry = dry[:, now].mean(axis=1)
        staff = np.maximum(
            np.ceil(people[:, now].max(axis=1) / rates.people_per_staff), rates.least_staff
        )
        bedding = np.where(on & ~begun, capacity, 0)
        begun |= on
        water_l = came * rates.water_l_visit * share_dry
        table = pd.DataFrame(
            {
                "site_id": sites.index,
                "day": dates[now][0],
                "visits": came.astype(np.int64),
                "fuel_l": used_l.round(1),
                "water_l": water_l.round(),
                "meals": np.ceil(came * rates.meals_visit).astype(np.int64),
                "bedding": bedding,
                "staff": (staff * rates.shifts).astype(np.int64),
                "load_kg": (
                    used_l * rates.fuel_kg_l + water_l + came * rates.meals_visit * rates.meal_kg
                    + bedding * rates.bedding_kg
                ).round(),
                "autonomy_days": np.where(
                    used_l > 0, (stock_l / np.maximum(used_l, 1e-9)).round(2), np.inf
                ),
            }
        )  # fmt: skip
        parts.append(table[pd.Series(on)])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def depots_of(candidates: gpd.GeoDataFrame, chosen: pd.Index) -> gpd.GeoDataFrame:
    """Take the largest site of each district that doesn't open as its depot (assumed).

    Parameters
    ----------
    candidates
        All sites: ``capacity``, ``district_id``, geometry.
    chosen
        Ids of those that open.
    """
    free = candidates[~candidates.index.isin(chosen)]
    if "district_id" not in free or free.empty:
        return free.nlargest(1, "capacity")
    return free.loc[free.groupby("district_id", observed=True)["capacity"].idxmax().dropna()]


def deliveries_of(
    supplies: pd.DataFrame,
    sites: gpd.GeoDataFrame,
    depots: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    closed: Collection[str] = (),
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Plan the trips that bring the supplies, each site from the depot nearest by road.

    A truck takes on sites one after the other, round its depot by bearing, while their loads fit.
    From site to site it goes by road where that is at most `LEG_M`, else by way of its depot.

    Parameters
    ----------
    supplies
        What is used, from `supplies_of`.
    sites, depots
        Where it goes and comes from, in the streets' coordinate system.
    streets
        Table ``streets`` of a city; all are taken as roads.
    closed
        Ids of streets and names of bridges that can't be driven.
    rates
        Loads and speeds.

    Returns
    -------
    pandas.DataFrame
        One row a depot and day: ``depot_id`` (empty: no road from any depot), ``day``, ``sites``,
        ``load_kg``, ``trips``, ``road_km``, ``truck_h``, ``trucks``.
    """
    rates = rates or Rates()
    names = ["depot_id", "day", "sites", "load_kg", "trips", "road_km", "truck_h", "trucks"]
    if supplies.empty or depots.empty:
        return pd.DataFrame({name: [] for name in names})
    net = street_net(streets, closed)
    nodes = net.ptr.size - 1
    graph = sp.csr_array((net.length_m, net.adjacent, net.ptr), shape=(nodes, nodes))
    at_depot = net.ends[doors_of(net, depots.geometry).edge, 0]
    doors = doors_of(net, sites.geometry)
    at_site = net.ends[doors.edge, 0]
    legs = walks(net, doors, doors, LEG_M).todok()
    far_m, _, source = dijkstra(graph, indices=at_depot, min_only=True, return_predecessors=True)
    first = {int(node): str(name) for node, name in zip(at_depot, depots.index, strict=True)}
    reached = np.isfinite(far_m[at_site])
    depot = np.array([first.get(int(s), "") for s in source[at_site]], dtype=object)
    depot[~reached] = ""
    middle = sites.geometry.centroid
    place = depots.geometry.centroid
    xy = np.column_stack([middle.x, middle.y])
    from_xy = {str(i): np.array([p.x, p.y]) for i, p in place.items()}
    away = np.array([from_xy.get(d, np.zeros(2)) for d in depot]).reshape(-1, 2)
    table = pd.DataFrame(
        {
            "depot": depot,
            "road_m": np.where(reached, far_m[at_site], 0.0),
            "bearing": np.arctan2(*(xy - away).T),
            "row": np.arange(len(sites)),
        },
        index=sites.index,
    )
    all_loads = supplies.join(table, on="site_id")
    rows = []
    for (name, day), group in all_loads.groupby(["depot", "day"], sort=True):
        ordered = group.sort_values("bearing", kind="stable")
        load, out_m = ordered["load_kg"].to_numpy(), ordered["road_m"].to_numpy()
        trip = _trips(load, rates.truck_kg)
        row = ordered["row"].to_numpy()
        step = out_m[:-1] + out_m[1:]
        for leg, pair in enumerate(pairwise(row.tolist())):
            step[leg] = min(step[leg], legs.get(pair, np.inf))
        same = np.diff(trip) == 0
        lasts = np.append(~same, True)
        starts = np.insert(~same, 0, True)
        loads = np.ceil(np.maximum(load / rates.truck_kg, 1.0))
        road_m = out_m[starts].sum() + out_m[lasts].sum() + step[same].sum()
        road_m += (2.0 * out_m * (loads - 1)).sum()
        truck_h = road_m / 1e3 / rates.speed_km_h + rates.stop_h * loads.sum()
        trips = int(starts.sum() + (loads - 1).sum())
        if name == "":
            road_m, truck_h, trips = 0.0, 0.0, 0
        rows.append(
            (name, day, len(group), float(load.sum()), trips, round(road_m / 1e3, 1),
             round(truck_h, 1), int(np.ceil(truck_h / rates.work_h)))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _trips(load: Floats, most: float) -> NDArray[np.int64]:
    """Give each load the number of its trip: a new one where it doesn't fit."""
    trip = np.zeros(load.size, dtype=np.int64)
    inside, number = 0.0, 0
    for i, weight in enumerate(load):
        if i and inside + weight > most:
            number, inside = number + 1, 0.0
        inside += weight
        trip[i] = number
    return trip


def _numbers(frame: pd.DataFrame, name: str, default: Floats | float) -> Floats:
    values = np.broadcast_to(np.asarray(default, dtype=np.float64), (len(frame),))
    if name not in frame:
        return values
    given = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(given), values, given)
