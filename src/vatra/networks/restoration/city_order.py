"""The order of repairs in a city: a time-indexed program over power, water and heat as one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.parameters import NetworkParameters
from vatra.networks.restoration.model import Restoration, crews_table, repairs_of, travel_h
from vatra.networks.restoration.program import Program
from vatra.networks.restoration.services import ServiceModel
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

Float = NDArray[np.float64]
Int = NDArray[np.int64]

DEFAULT = NetworkParameters()
MOST_PERIODS = 36
"""Periods that the horizon is cut into at most; more make the program slow, fewer round travel and
repairs up by more."""


@dataclass(frozen=True)
class Jobs:
    """Repairs and the crews that can do them, in periods.

    Parameters
    ----------
    repairs
        From `repairs_of`.
    pair_repair, pair_crew
        By pair of a repair and a crew of its skill: their rows.
    periods
        By pair: how many periods it takes, travel included, rounded up.
    travel_h
        By pair.
    release
        By repair: first period in which it can begin.
    crews
        By crew row: how many.
    """

    repairs: pd.DataFrame
    pair_repair: Int
    pair_crew: Int
    periods: Int
    travel_h: Float
    release: Int
    crews: Int


def plan_restoration(
    city: City,
    situation: Situation,
    want_mw: Float,
    *,
    repairs: pd.DataFrame | None = None,
    crews: pd.DataFrame | None = None,
    refill_crew_h: Float | None = None,
    drained_share: Float | None = None,
    parameters: NetworkParameters = DEFAULT,
    gap: float = 0.02,
    seconds: float = 30.0,
) -> Restoration:
    """Order repairs so that people have most hours of light, water and heat meanwhile.

    A time-indexed program: which crew begins which repair in which period. What works follows from
    what is repaired by flows of power over lines within their capacities, of water from works
    through pumps to zones, of heat from sources to zones; pumps and sources need the power of
    their feeder, or their own. One person-hour of light, water or heat counts like another. Filling
    drained buildings again takes hours of the same crews as the repair of heat sources. It
    orders repairs; what it proposes is to be proved by `simulate_restoration`.

    Parameters
    ----------
    city
        The city.
    situation
        Damage, crews, supply limit and weather.
    want_mw
        Feeder × slot: what feeders would draw, from the plan's demand.
    repairs
        What can be repaired, as `repairs_of` gives it; None for the situation's damage.
    crews
        Who repairs, as `crews_table` gives it; None for the situation's crews.
    refill_crew_h
        By heat zone: crew-hours that filling its drained buildings takes, by crews of the skill
        ``heat``; None for none. Their heat comes back in proportion to the work done.
    drained_share
        By heat zone: share of its people in such buildings; None for all of a zone with any. They
        count as drained from the start, so what repairs gain before frost comes is understated.
    parameters
        What is assumed of the networks.
    gap
        Distance from the bound at which to stop, relative to what repairs could gain at most.
    seconds
        Time at which to stop.

    Returns
    -------
    Restoration
        The order, its gain and a bound. Repairs that can't be done are in ``not_done``.

    Raises
    ------
    InputError
        With every problem of the tables.
    """
    repairs = repairs_of(city, situation) if repairs is None else repairs.reset_index(drop=True)
    crews = crews_table(situation) if crews is None else crews.reset_index(drop=True)
    _check(city, repairs, crews)
    slots = situation.grid.slots
    per = max(1, int(np.ceil(slots / MOST_PERIODS)))
    starts = np.arange(0, slots, per)
    jobs = _jobs(repairs, crews, per, starts.size)
    model = ServiceModel.of(city, situation, want_mw, repairs, starts, parameters)
    program = Program()
    periods = starts.size
    # begin[pair, period]: it may begin only when it can be over within the horizon.
    at = np.arange(periods)[None, :]
    may = (at >= jobs.release[jobs.pair_repair][:, None]) & (at + jobs.periods[:, None] <= periods)
    begin = program.add(may.shape, 0.0, may.astype(float), whole=True)
    once = program.row_block(len(repairs), most=1.0)
    program.put(once[jobs.pair_repair][:, None], begin, 1.0)
    works = program.add((len(repairs), periods))
    done = program.row_block(len(repairs) * periods, most=0.0).reshape(len(repairs), periods)
    program.put(done, works, 1.0)
    busy = program.row_block(len(crews) * periods, most=np.repeat(jobs.crews, periods))
    busy = busy.reshape(len(crews), periods)
    for pair in range(begin.shape[0]):
        repair, crew, lasts = jobs.pair_repair[pair], jobs.pair_crew[pair], jobs.periods[pair]
        for first in np.flatnonzero(may[pair]):
            if first + lasts < periods:
                program.put(done[repair, first + lasts :], begin[pair, first], -1.0)
            program.put(busy[crew, first : first + lasts], begin[pair, first], 1.0)
    hours = np.minimum(per, slots - starts) * SLOT_H
    filled = _refill(program, crews, busy, refill_crew_h, hours)
    share = None
    if filled is not None and refill_crew_h is not None:
        share = (refill_crew_h > 0.0).astype(float) if drained_share is None else drained_share
    served = model.write(program, works, filled, hours, share)
    nothing = _value_of(model, np.zeros((len(repairs), periods)), None, hours)
    whole = sum(_value_of(model, np.ones((len(repairs), periods)), None, hours).values())
    # Most is served whatever is repaired: the gap counts against what repairs can gain.
    gain = max(whole - sum(nothing.values()), 0.0)
    answer = program.solve(gap=gap * gain / max(whole, 1e-9), seconds=seconds)
    if not answer.value.size:
        value, chosen = nothing, np.zeros(begin.shape)
        bound = answer.bound
    else:
        value = {name: float(answer.value[v] @ w) for name, (v, w) in served.items()}
        chosen, bound = answer.value[begin], answer.bound
    chosen = _fill_in(jobs, chosen, may)
    order, left = _order(jobs, crews, chosen, per)
    order["gained"] = _gains(model, len(repairs), order, hours, per)
    if filled is None:
        # With what idle crews do besides, by the same model.
        value = _value_of(model, _works(len(repairs), order, hours.size, per), None, hours)
    order = order.drop(columns="row")
    return Restoration(
        order=order, not_done=left,
        gained={name: value[name] - nothing[name] for name in value},
        people_hours=sum(value.values()), bound=max(bound, sum(value.values())),
        without=sum(nothing.values()),
    )  # fmt: skip


def _check(city: City, repairs: pd.DataFrame, crews: pd.DataFrame) -> None:
    problems = []
    tables = city.tables()
    for table in sorted({str(name) for name in repairs["table"]}):
        if table not in tables:
            problems.append(Problem("repairs.table", table, "is no table", "correct it"))
            continue
        rows = repairs[repairs["table"] == table]
        lost = rows.loc[~rows["asset_id"].isin(tables[table].index), "asset_id"]
        if len(lost):
            mend = "correct the id or the table"
            problems.append(Problem("repairs.asset_id", name_ids(lost), f"not in {table}", mend))
    bad = repairs.loc[~(repairs["hours"] >= 0.0), "asset_id"]
    if len(bad):
        problems.append(
            Problem("repairs.hours", name_ids(bad), "is no number of hours", "give hours")
        )
    bad = crews.loc[~(crews["count"] >= 0), "skill"]
    if len(bad):
        problems.append(Problem("crews.count", name_ids(bad), "is no count", "give 0 or more"))
    if problems:
        raise InputError("restoration", problems)


def _jobs(repairs: pd.DataFrame, crews: pd.DataFrame, per: int, periods: int) -> Jobs:
    pairs = [
        (r, c, travel_h(crews["depot"][c], repairs["place"][r]))
        for r in range(len(repairs))
        for c in range(len(crews))
        if crews["skill"][c] == repairs["skill"][r]
    ]
    repair = np.array([p[0] for p in pairs], dtype=np.int64)
    crew = np.array([p[1] for p in pairs], dtype=np.int64)
    travel = np.array([p[2] for p in pairs], dtype=np.float64)
    total = travel + repairs["hours"].to_numpy(np.float64)[repair]
    lasts = np.maximum(np.ceil(total / (per * SLOT_H) - 1e-9), 1.0).astype(np.int64)
    release = -(-repairs["from_slot"].to_numpy(np.int64) // per)
    return Jobs(
        repairs, repair, crew, np.minimum(lasts, periods + 1), travel, release,
        crews["count"].to_numpy(np.int64),
    )  # fmt: skip


def _refill(
    program: Program, crews: pd.DataFrame, busy: Int, refill_crew_h: Float | None, hours: Float
) -> Int | None:
    """Zone × period: share of a zone's drained buildings that are full again; None for none."""
    if refill_crew_h is None or not (refill_crew_h > 0.0).any():
        return None
    heat = np.flatnonzero((crews["skill"] == "heat").to_numpy())
    zones, periods = refill_crew_h.size, hours.size
    # crew-periods that each crew row gives to each zone
    spent = program.add((zones, heat.size, periods), 0.0, np.inf)
    program.put(np.broadcast_to(busy[heat], spent.shape), spent, 1.0)
    full = program.add((zones, periods))
    rows = program.row_block(zones * periods, most=0.0).reshape(zones, periods)
    program.put(rows, full, np.broadcast_to(refill_crew_h[:, None], full.shape))
    for period in range(1, periods):
        before = spent[:, :, :period]
        program.put(rows[:, period][:, None, None], before, -hours[:period])
    return full


def _value_of(
    model: ServiceModel, works: Float, filled: Float | None, hours: Float
) -> dict[str, float]:
    """Return people-hours by service where what is repaired when is given: a linear program."""
    program = Program()
    fixed = program.add(works.shape, works, works)
    full = None if filled is None else program.add(filled.shape, filled, filled)
    served = model.write(program, fixed, full, hours)
    value = program.solve(relaxed=True).value
    return {name: float(value[v] @ w) if value.size else 0.0 for name, (v, w) in served.items()}


def _fill_in(jobs: Jobs, chosen: Float, may: NDArray[np.bool_]) -> Float:
    """Give idle crews the repairs that nobody does, the shortest first, as early as they fit.

    The program leaves out what brings nobody anything within the horizon; a spare part of the
    network is worth having all the same.
    """
    chosen = (chosen > 0.5).astype(np.float64)
    free = np.repeat(jobs.crews[:, None], may.shape[1], axis=1)
    for pair, first in zip(*np.nonzero(chosen), strict=True):
        free[jobs.pair_crew[pair], first : first + jobs.periods[pair]] -= 1
    done = {int(jobs.pair_repair[pair]) for pair in np.nonzero(chosen)[0]}
    for pair in np.argsort(jobs.periods, kind="stable"):
        crew, lasts = jobs.pair_crew[pair], jobs.periods[pair]
        if int(jobs.pair_repair[pair]) in done:
            continue
        for first in np.flatnonzero(may[pair]):
            if (free[crew, first : first + lasts] > 0).all():
                free[crew, first : first + lasts] -= 1
                chosen[pair, first] = 1.0
                done.add(int(jobs.pair_repair[pair]))
                break
    return chosen


def _works(repairs: int, order: pd.DataFrame, periods: int, per: int) -> Float:
    works = np.zeros((repairs, periods))
    for row, end in zip(order["row"], order["end"], strict=True):
        works[row, round(end / SLOT_H / per) :] = 1.0
    return works


def _order(
    jobs: Jobs, crews: pd.DataFrame, chosen: Float, per: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = []
    for pair, first in zip(*np.nonzero(chosen > 0.5), strict=True):
        repair, crew = jobs.pair_repair[pair], jobs.pair_crew[pair]
        item = jobs.repairs.iloc[repair]
        rows.append((
            item["table"], item["asset_id"], item["skill"], crews["name"][crew],
            float(jobs.travel_h[pair]), float(item["hours"]), float(first * per * SLOT_H),
            float((first + jobs.periods[pair]) * per * SLOT_H), int(repair),
        ))  # fmt: skip
    columns = ["table", "asset_id", "skill", "depot", "travel_h", "repair_h", "start", "end", "row"]
    order = pd.DataFrame(rows, columns=columns)
    order = order.sort_values(["start", "end", "table", "asset_id"], ignore_index=True)
    left = jobs.repairs[~np.isin(np.arange(len(jobs.repairs)), order["row"].to_numpy())]
    left = left[["table", "asset_id", "skill", "hours"]].reset_index(drop=True)
    return order, left


def _gains(model: ServiceModel, repairs: int, order: pd.DataFrame, hours: Float, per: int) -> Float:
    """By repair in its order: people-hours that it adds to those before it, refilling left out."""
    works = np.zeros((repairs, hours.size))
    before = sum(_value_of(model, works, None, hours).values())
    gained = np.zeros(len(order))
    for number, (row, end) in enumerate(zip(order["row"], order["end"], strict=True)):
        works[row, round(end / SLOT_H / per) :] = 1.0
        value = sum(_value_of(model, works, None, hours).values())
        gained[number], before = value - before, value
    return gained
