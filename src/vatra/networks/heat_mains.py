"""District heat through a city's own mains: hydraulics in every slot, and fronts that take time.

Where a city has ``heat.json``, the zones of its heat points get what the mains bring: flow by the
pumps that have power and the pipes that are open, temperature by mixing and by what pipes lose, and
what has left a plant arrives when the water does. Zones without a heat point in the model keep the
balance of `vatra.networks.heat_service`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from vatra.city.model import City
from vatra.networks.heat_flow import HeatFlow, HeatGrid, solve_heat
from vatra.networks.model import Balance, balance_of
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]

HEAT_FILE = "heat.json"
MILD_SUPPLY_C = 65.0
"""Temperature that plants send out in mild weather (Kyiv); it rises in proportion to the need up to
that of the model."""
WATER_KG_M3 = 970.0
CP = 4190.0
LONGEST_DELAY_H = 24.0
"""Water that has been on its way longer than this counts as having been so long; assumed."""


@dataclass(frozen=True)
class HeatMains:
    """A city's mains.

    Parameters
    ----------
    grid
        Pipes, heat points and plants; plants bear the ids of ``heat_sources``.
    zone
        By heat point: row of its heat zone.
    source
        By plant: row of its heat source.
    """

    grid: HeatGrid
    zone: NDArray[np.int64]
    source: NDArray[np.int64]


@dataclass(frozen=True)
class MainsService:
    """What the mains bring.

    Parameters
    ----------
    zone_share
        Zone × slot: share of the heat needed that reaches the zone's heat points; NaN for zones
        without any.
    delay_h
        Heat point × slot: hours that the water which arrives was on its way; NaN where none does.
    balance
        Of the steady states: what plants give, heat points take and pipes lose.
    settled
        By slot: False where flow and temperature came to no rest; the zone's balance holds there.
    """

    zone_share: Float
    delay_h: Float
    balance: Balance
    settled: NDArray[np.bool_]


def check_heat_model(city: City) -> list[Problem]:
    """Return everything that is wrong with a city's model of its mains.

    Parameters
    ----------
    city
        The city; one without a model has no problems.
    """
    try:
        heat_mains(city)
    except InputError as error:
        return list(error.problems)
    return []


def heat_mains(city: City) -> HeatMains | None:
    """Return a city's mains; None where it has no model of them.

    Parameters
    ----------
    city
        The city.

    Raises
    ------
    InputError
        With every problem of the model.
    """
    if city.heat_model is None:
        return None
    tables, ground_c = _tables(city.heat_model)
    grid = HeatGrid(HEAT_FILE, ground_c=ground_c, **tables)
    problems: list[Problem] = []
    zone = _rows(grid.consumers, "heat_zone_id", city.heat_zones.index, "consumers", problems)
    source = city.heat_sources.index.get_indexer(grid.sources.index)
    lost = grid.sources.index[source < 0]
    if len(lost):
        mend = "give each plant the id of its row in heat_sources"
        problems.append(Problem("sources.id", name_ids(lost), "not in heat_sources", mend))
    try:
        grid = grid.completed()
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(HEAT_FILE, problems)
    return HeatMains(grid, zone, np.asarray(source, dtype=np.int64))


def _tables(text: str) -> tuple[dict[str, pd.DataFrame], float]:
    mend = 'write {"ground_c": 5, "pipes": [...], "consumers": [...], "sources": [...]}'
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(HEAT_FILE, [Problem("", "", f"is not JSON ({error})", mend)]) from error
    problems, tables = [], {}
    for name in ("pipes", "consumers", "sources"):
        rows = raw.get(name) if isinstance(raw, dict) else None
        if not isinstance(rows, list) or not rows or not all(
            isinstance(row, dict) and "id" in row for row in rows
        ):  # fmt: skip
            problems.append(Problem(name, "", "is not a list of objects with an id", mend))
            continue
        tables[name] = pd.DataFrame(rows).set_index("id")
    ground_c = raw.get("ground_c", 5.0) if isinstance(raw, dict) else 5.0
    if not isinstance(ground_c, int | float):
        problems.append(Problem("ground_c", str(ground_c), "is not a number", "give it in °C"))
    if problems:
        raise InputError(HEAT_FILE, problems)
    return tables, float(ground_c)


def _rows(
    frame: pd.DataFrame, column: str, ids: pd.Index[str], table: str, problems: list[Problem]
) -> NDArray[np.int64]:
    if column not in frame:
        problems.append(Problem(f"{table}.{column}", "", "is missing", "add the column"))
        return np.zeros(len(frame), dtype=np.int64)
    row = np.asarray(ids.get_indexer(pd.Index(frame[column])), dtype=np.int64)
    lost = frame.index[row < 0]
    if len(lost):
        problems.append(
            Problem(f"{table}.{column}", name_ids(lost), "names no heat zone", "correct the id")
        )
    return row


def serve_by_mains(
    mains: HeatMains, zones: int, available_mw: Float, needed: Float
) -> MainsService:
    """Return what the mains bring to each zone.

    Parameters
    ----------
    mains
        The mains.
    zones
        Number of heat zones.
    available_mw
        Heat source × slot: what damage, power and make-up water leave of it.
    needed
        By slot: need relative to that at the design temperature.
    """
    grid = mains.grid
    design = grid.consumers["demand_mw"].to_numpy(np.float64)
    demand = needed[:, None] * design
    capacity = available_mw[mains.source].T
    full = grid.sources["supply_c"].to_numpy(np.float64)
    supply = np.minimum(full, MILD_SUPPLY_C + (full - MILD_SUPPLY_C) * needed[:, None])
    # Many slots are alike: each state is solved once.
    state = np.concatenate([needed[:, None], capacity], axis=1)
    cases, slot_case = np.unique(np.round(state, 4), axis=0, return_inverse=True)
    first = np.array([int(np.argmax(slot_case.ravel() == c)) for c in range(len(cases))])
    flow = solve_heat(
        grid, demand_mw=demand[first], supply_c=supply[first], capacity_mw=capacity[first],
        pump_on=capacity[first] > 0.0,
    )  # fmt: skip
    which = slot_case.ravel()
    delay_h = np.stack([_delay_h(flow, case) for case in range(len(cases))])[which]
    taken = _after_the_front(flow, which, delay_h, demand)
    total, wanted = np.zeros((zones, needed.size)), np.zeros((zones, needed.size))
    np.add.at(total, mains.zone, taken.T)
    np.add.at(wanted, mains.zone, demand.T)
    runs = np.zeros((zones, needed.size))
    np.add.at(runs, mains.zone, (flow.consumer_kg_s[which] > 0.0).T.astype(np.float64))
    share = np.where(
        wanted > 0.0, total / np.where(wanted > 0.0, wanted, 1.0), (runs > 0.0).astype(np.float64)
    )
    share[np.bincount(mains.zone, minlength=zones) == 0] = np.nan
    share[:, ~flow.settled[which]] = np.nan
    balance = balance_of(
        "heat mains",
        supplied=float(flow.source_mw[which].sum()) * SLOT_H,
        delivered=float(flow.delivered_mw[which].sum()) * SLOT_H,
        lost=float(flow.lost_mw[which].sum()) * SLOT_H,
        unit="MWh",
        method="hydraulics, steady by slot",
    )
    return MainsService(np.minimum(share, 1.0), delay_h.T, balance, flow.settled[which])


def _after_the_front(
    flow: HeatFlow, which: NDArray[np.int64], delay_h: Float, demand: Float
) -> Float:
    """Slot × heat point: heat taken from the water that has arrived, as warm as it set out."""
    slots = np.arange(which.size)
    set_out = slots[:, None] - np.round(np.nan_to_num(delay_h) / SLOT_H).astype(np.int64)
    # Before the first slot everything ran as in it.
    then = which[np.maximum(set_out, 0)]
    arrives_c = np.take_along_axis(flow.consumer_c, then, axis=0)
    back_c = flow.grid.consumers["return_c"].to_numpy(np.float64)
    carried = flow.consumer_kg_s[which] * CP * np.maximum(np.nan_to_num(arrives_c) - back_c, 0.0)
    # What set out cold, or not at all, brings nothing.
    return np.asarray(np.minimum(demand, carried * 1e-6))


def _delay_h(flow: HeatFlow, case: int) -> Float:
    """Hours that water was on its way to each heat point: the age of what mixes there."""
    grid = flow.grid
    ids = grid.nodes()
    tail = ids.get_indexer(pd.Index(grid.pipes["from_node"]))
    head = ids.get_indexer(pd.Index(grid.pipes["to_node"]))
    size = grid.pipes["diameter_m"].to_numpy(np.float64)
    mass_kg = WATER_KG_M3 * 0.25 * np.pi * size**2 * grid.pipes["length_m"].to_numpy(np.float64)
    kg_s = flow.pipe_kg_s[case]
    moves = np.flatnonzero(kg_s != 0.0)
    up = np.where(kg_s > 0.0, tail, head)[moves]
    down = np.where(kg_s > 0.0, head, tail)[moves]
    supply = ids.get_indexer(pd.Index(grid.sources["supply_node"]))
    # Inflow × age here = Σ flow × age above + mass on the way; fresh where a plant feeds in.
    inflow = np.bincount(down, weights=np.abs(kg_s[moves]), minlength=len(ids))
    fed = np.bincount(supply, weights=flow.source_kg_s[case], minlength=len(ids))
    row = np.concatenate([np.arange(len(ids)), down])
    column = np.concatenate([np.arange(len(ids)), up])
    value = np.concatenate([np.maximum(inflow + fed, 1e-9), -np.abs(kg_s[moves])])
    # The return is of no interest: its water starts anew at the plant, so the way has no ring.
    matrix = coo_array((value, (row, column)), shape=(len(ids), len(ids))).tocsc()
    right = np.bincount(down, weights=mass_kg[moves], minlength=len(ids))
    age_h = spsolve(matrix, right) / 3600.0
    at = ids.get_indexer(pd.Index(grid.consumers["supply_node"]))
    arrives = flow.consumer_kg_s[case] > 0.0
    return np.asarray(np.where(arrives, np.clip(age_h[at], 0.0, LONGEST_DELAY_H), np.nan))


def with_heat_model(city: City, text: str) -> City:
    """Return a city with a model of its mains.

    Parameters
    ----------
    city
        The city.
    text
        Content of ``heat.json``.

    Raises
    ------
    InputError
        With every problem of the model.
    """
    made = replace(city, heat_model=text)
    heat_mains(made)
    return made
