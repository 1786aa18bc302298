"""What each water zone gets: by EPANET where the city has a model, else by zones and tanks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.epanet_file import (
    EpanetFile,
    check_water_file,
    epanet_id,
    parse_epanet,
    read_epanet,
)
from vatra.city.model import City
from vatra.networks.parameters import NetworkParameters
from vatra.networks.water import balance_water, demand_by_hour, floors_reached
from vatra.networks.water_answer import EPANET, ZONES, WaterAnswer
from vatra.networks.water_flow.model import WaterRun
from vatra.networks.water_flow.run import RunSettings, epanet_complaints, run_water
from vatra.problems import InputError, Problem
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]
Int = NDArray[np.int64]

JUNCTION = 0

LIMIT_S = 240.0
"""Seconds after which EPANET is taken to hang: far above what it needs, so that how busy a machine
is does not decide how an answer is found."""


def water_by_zones(
    city: City, situation: Situation, pump_share: Float, parameters: NetworkParameters
) -> WaterAnswer:
    """Return what each zone gets by a balance of works, pumps and tanks.

    Parameters
    ----------
    city
        The city.
    situation
        Its time grid is used.
    pump_share
        Pump × slot: share of its capacity that power and damage leave.
    parameters
        What is assumed of the networks.
    """
    zones, slots = city.water_zones, situation.grid.slots
    kind = city.pumps["kind"].to_numpy()
    lift = pump_share * city.pumps["capacity_m3_h"].to_numpy(np.float64)[:, None]
    zone = city.rows("pumps", "water_zone_id", "water_zones")
    works = kind == "water_works"
    pumps = (kind == "water") & (zone >= 0)
    by_zone = np.zeros((len(zones), slots))
    np.add.at(by_zone, zone[pumps], lift[pumps])
    pumped = np.zeros(len(zones), dtype=np.bool_)
    pumped[zone[pumps]] = True
    by_zone[~pumped] = np.inf
    mean = zones["demand_m3_h"].to_numpy(np.float64)
    demand = mean[:, None] * demand_by_hour(situation.grid.hour)
    tank = zones["tank_m3"].to_numpy(np.float64)
    served, stored, lifted = balance_water(
        lift[works].sum(axis=0) if works.any() else None,
        by_zone, demand, tank, parameters.tank_start_share,
    )  # fmt: skip
    share = np.where(demand > 0.0, served / np.where(demand > 0.0, demand, 1.0), 1.0)
    gravity = zones["gravity_floors"].to_numpy(np.float64)
    start = float(tank.sum()) * parameters.tank_start_share
    return WaterAnswer(
        share=share,
        reach_floors=share * gravity[:, None],
        pressure_m=np.full(share.shape, np.nan),
        method=ZONES,
        reason="not asked" if city.water_inp else "no model",
        supplied_m3=float(lifted.sum()) * SLOT_H,
        delivered_m3=float(served.sum()) * SLOT_H,
        stored_m3=(float(stored[:, -1].sum()) if slots else start) - start,
    )


def water_by_epanet(
    city: City,
    situation: Situation,
    pump_share: Float,
    parameters: NetworkParameters,
    *,
    limit_s: float = LIMIT_S,
) -> WaterAnswer:
    """Return what each zone gets by EPANET; by zones and tanks, with the reason, where it can't.

    Parameters
    ----------
    city
        The city; `City.water_inp` is the model. Its pumps are those of the table of the same id,
        its nodes those of `water_nodes`, or of the zone of the same id.
    situation, pump_share, parameters
        As for `water_by_zones`.
    limit_s
        Seconds after which EPANET's process is ended.
    """
    plain = water_by_zones(city, situation, pump_share, parameters)
    if not city.water_inp or not len(city.water_zones):
        return plain
    try:
        network = parse_epanet(city.water_inp)
    except InputError as error:
        return replace(plain, reason="refused", detail=str(error.problems[0]))
    zone = zone_of_nodes(city, network)
    names = _rows_by_id(city.pumps.index, np.arange(len(city.pumps)))
    pumps = [pump for pump in network.pumps if pump in names]
    if not (zone >= 0).any():
        return replace(plain, reason="names")
    start_s = round(3600 * float(situation.grid.hour[0]))
    share = pump_share[[names[pump] for pump in pumps]].reshape(len(pumps), situation.grid.slots)
    settings = RunSettings(start_s=start_s, limit_s=limit_s)
    run = run_water(network, pumps, share, settings)
    if not isinstance(run, WaterRun):
        return replace(plain, reason=run.code, detail=run.detail)
    answer = _by_zone(city, plain, run, zone)
    lost = tuple(pump for pump in network.pumps if pump not in names)
    return replace(answer, always_on=lost)


@dataclass(frozen=True)
class WaterFit:
    """How a model of the water network fits a city's tables.

    Parameters
    ----------
    pumps, known_pumps
        Pumps of the model, and those of them that stand in `pumps` and so have a feeder.
    zones, known_zones
        Zones of the city, and those of them that nodes of the model belong to.
    """

    pumps: int
    known_pumps: int
    zones: int
    known_zones: int


def with_water_model(city: City, path: Path | str) -> tuple[City, WaterFit]:
    """Return a city with an EPANET file as the model of its water network.

    Parameters
    ----------
    city
        The city.
    path
        The file.

    Returns
    -------
    City
        With the file as `City.water_inp`.
    WaterFit
        How it fits the tables.

    Raises
    ------
    InputError
        With everything that is wrong with it, by what EPANET itself says of it too.
    """
    network = read_epanet(path)
    text = Path(path).read_text(encoding="utf-8-sig")
    tables = {"water_nodes": city.water_nodes}
    problems = check_water_file(text, tables, network.name)
    if not problems:
        mend = "correct it in EPANET"
        said = epanet_complaints(network)
        problems = [Problem(network.name, "", words, mend) for words in said]
    if problems:
        raise InputError(network.name, problems)
    names = _rows_by_id(city.pumps.index, np.arange(len(city.pumps)))
    zone = zone_of_nodes(city, network)
    fit = WaterFit(
        len(network.pumps),
        sum(pump in names for pump in network.pumps),
        len(city.water_zones),
        len(np.unique(zone[zone >= 0])),
    )
    return replace(city, water_inp=text), fit


def zone_of_nodes(city: City, network: EpanetFile) -> Int:
    """Return the row of the water zone of each junction, −1 for none.

    Parameters
    ----------
    city
        The city.
    network
        Its model.
    """
    zones = city.water_zones.index
    if len(city.water_nodes):
        rows = city.rows("water_nodes", "water_zone_id", "water_zones")
        known = _rows_by_id(city.water_nodes.index, rows)
    elif len(zones) == 1:
        return np.zeros(len(network.junctions), dtype=np.int64)
    else:
        known = _rows_by_id(zones, np.arange(len(zones)))
    return np.array([known.get(node, -1) for node in network.junctions], dtype=np.int64)


def _rows_by_id(ids: pd.Index[str], rows: Int) -> dict[str, int]:
    """Rows by the id that a model may give them: their own, or that id as EPANET takes it."""
    known = {epanet_id(given): int(row) for given, row in zip(ids, rows, strict=True)}
    return known | {str(given): int(row) for given, row in zip(ids, rows, strict=True)}


def _by_zone(city: City, plain: WaterAnswer, run: WaterRun, zone: Int) -> WaterAnswer:
    junction = np.flatnonzero(run.kind == JUNCTION)
    inside = zone >= 0
    rows, at = junction[inside], zone[inside]
    wanted, got, pressure, floors = (np.zeros(plain.share.shape) for _ in range(4))
    np.add.at(wanted, at, run.wanted_m3[rows])
    np.add.at(got, at, run.delivered_m3[rows])
    # People live where water is drawn: pressure counts by what a junction wants over the horizon.
    weight = run.wanted_m3[rows].sum(axis=1)
    total = np.bincount(at, weight, minlength=len(plain.share))
    reach = floors_reached(run.pressure_m[rows])
    np.add.at(pressure, at, weight[:, None] * run.pressure_m[rows])
    np.add.at(floors, at, weight[:, None] * reach)
    served = total > 0.0
    scale = np.where(served, total, 1.0)[:, None]
    share = np.where(wanted > 0.0, got / np.where(wanted > 0.0, wanted, 1.0), 1.0)
    here = served[:, None]
    return WaterAnswer(
        share=np.where(here, np.clip(share, 0.0, 1.0), plain.share),
        reach_floors=np.where(here, floors / scale, plain.reach_floors),
        pressure_m=np.where(here, pressure / scale, np.nan),
        method=EPANET,
        reason="",
        without_nodes=tuple(str(z) for z in city.water_zones.index[~served]),
        supplied_m3=run.supplied_m3,
        delivered_m3=float(run.delivered_m3.sum()),
        stored_m3=run.stored_m3,
        lost_m3=run.lost_m3,
    )
