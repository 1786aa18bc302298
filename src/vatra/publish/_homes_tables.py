"""How long homes hold out, and the water in their heating, as tables and sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.networks.heat_state import HeatState
from vatra.planning.model import Plan
from vatra.publish._map import district_names
from vatra.publish._tables import TextTable, text_table
from vatra.publish.words import Language
from vatra.situation.timegrid import SLOT_H

ANSWERED_C = (16, 12, 8)
MOST_ZONES = 15
"""Heat zones shown: those whose pipes must be drained first."""

SHOWN_STATES = (HeatState.RUNNING, HeatState.STOPPED, HeatState.DRAINED, HeatState.REFILLING)


def homes_table(plan: Plan, language: Language) -> TextTable | None:
    """Return the hours until homes are too cold, by district; None where it wasn't asked.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    answers = plan.outlook.answers
    if not len(answers):
        return None
    say = language.say
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)
    row = plan.city.rows("blocks", "district_id", "districts")
    rows = []
    for i, name in enumerate(district_names(plan, language)):
        mine = (row == i) & (residents > 0)
        weight = residents[mine]
        if not weight.size:
            continue
        until = [_hours(answers[f"hours_to_{c}"].to_numpy()[mine], weight, language)
                 for c in ANSWERED_C]  # fmt: skip
        below = float(np.average(answers["degree_hours_18"].to_numpy()[mine], weights=weight))
        frozen = residents[mine & _freezes(answers)].sum()
        rows.append((name, *until, language.about(below), language.about(frozen)))
    head = (say("col_district"), *(f"< {c} °C" for c in ANSWERED_C), say("col_degree_hours"),
            say("col_pipes_frozen"))  # fmt: skip
    return text_table(say("table_of_homes"), head, rows, language)


def _freezes(answers: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    zero = answers["hours_to_freezing"].to_numpy()
    in_time = answers["drained_h"].to_numpy() <= zero
    return np.asarray(np.isfinite(answers["hours_to_plug"].to_numpy()) & ~in_time)


def _hours(
    hours: np.ndarray[tuple[int], np.dtype[np.float64]],
    weight: np.ndarray[tuple[int], np.dtype[np.float64]],
    language: Language,
) -> str:
    """Write the median with the middle four fifths; «—» where most never come to it."""
    order = np.argsort(hours, kind="stable")
    upto = np.cumsum(weight[order]) / weight.sum()
    at = np.minimum(np.searchsorted(upto, (0.1, 0.5, 0.9)), len(order) - 1)
    low, middle, high = hours[order][at]

    def shown(value: float) -> str:
        return language.number(round(value)) if np.isfinite(value) else "—"

    ends = f"{shown(low)}\u2013{shown(high)}"
    return f"{shown(middle)} ({ends})" if np.isfinite(low) else "—"


def pipes_table(plan: Plan, language: Language) -> TextTable | None:
    """Return the state of the water in buildings by heat zone, where it stands anywhere.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    water, answers = plan.outlook.services.block_heat_state, plan.outlook.answers
    if water is None or not len(answers) or not water.shape[1]:
        return None
    stopped = (water != HeatState.NONE) & (water != HeatState.RUNNING)
    zone = plan.city.rows("blocks", "heat_zone_id", "heat_zones")
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)
    say, grid = language.say, plan.situation.grid
    in_time = answers["drained_h"].to_numpy() <= answers["hours_to_freezing"].to_numpy()
    urgent = []
    for i in np.unique(zone[stopped.any(axis=1) & (zone >= 0)]):
        mine = zone == i
        people = [residents[mine & (water[:, -1] == state)].sum() for state in SHOWN_STATES]
        due = float(answers["drain_by_h"].to_numpy()[mine].min())
        by = None
        if due < np.inf:
            by = grid.start.tz_convert(grid.time_zone) + pd.Timedelta(hours=due)
        saved = residents[
            mine & in_time & np.isfinite(answers["hours_to_freezing"].to_numpy())
        ].sum()
        name = str(plan.city.heat_zones["name"].iloc[i] or plan.city.heat_zones.index[i])
        urgent.append((due, -residents[mine].sum(), (
            name, *(language.about(n) for n in people),
            "—" if by is None else language.short(by.floor("30min")), language.about(saved),
            language.about(residents[mine & _freezes(answers)].sum()),
        )))  # fmt: skip
    if not urgent:
        return None
    rows = [row for _, _, row in sorted(urgent)]
    head = (say("col_zone"), say("col_heat_runs"), say("col_heat_stands"), say("col_heat_drained"),
            say("col_heat_refilling"), say("col_drain_by"), say("col_drained_in_time"),
            say("col_pipes_frozen"))  # fmt: skip
    return text_table(say("table_of_pipes"), head, rows, language, most=MOST_ZONES)


def cold_first_sentence(plan: Plan, language: Language) -> str:
    """Say how much less those are dark for whom it counts most; empty where nobody is by choice.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    if plan.exposure is None:
        return ""
    feeder = plan.city.rows("blocks", "feeder_id", "feeders")
    kept = (plan.city.feeders["protected"] | plan.city.feeders["reserved"]).to_numpy(np.bool_)
    mine = (feeder >= 0) & ~kept[feeder]
    residents = plan.city.blocks["residents"].to_numpy(dtype=np.float64)[mine]
    if not residents.sum():
        return ""
    weight = plan.exposure.weight[feeder[mine]]
    dark_h = (~plan.schedule.lit).sum(axis=1)[feeder[mine]] * SLOT_H
    order = np.argsort(weight, kind="stable")
    upto = np.cumsum(residents[order]) / residents.sum()
    least, most = order[upto <= 0.1], order[upto >= 0.9]
    if not (residents[least].sum() and residents[most].sum()):
        return ""
    hours = [language.of_hours(round(float(np.average(dark_h[part], weights=residents[part]))))
             for part in (most, least)]  # fmt: skip
    return language.say("cold_first", most=hours[0], least=hours[1])


def heater_pickup_sentence(plan: Plan, language: Language) -> str:
    """Say what heaters draw more after cuts; empty where they draw hardly more.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    extra = plan.outlook.heater_pickup_mw
    if extra is None or not extra.size or extra.max() < 0.01 * plan.demand.total_mw.max():
        return ""
    when = language.at(plan.situation.grid.local[int(extra.argmax())])
    return language.say("heater_pickup", mw=language.about(float(extra.max())), when=when)


def cold_sentences(plan: Plan, language: Language) -> str:
    """Say whom cuts spare and what heaters draw after them, in one paragraph.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    said = (cold_first_sentence(plan, language), heater_pickup_sentence(plan, language))
    return " ".join(s for s in said if s)
