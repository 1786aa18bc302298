"""Relocation on its own: a plan from people and ways out, with no city."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vatra.relocation.capacity import way_room
from vatra.relocation.decide import find_notice
from vatra.relocation.exits import Exits, choose_destinations, lay_exits
from vatra.relocation.files import Case
from vatra.relocation.groups import who_leaves
from vatra.relocation.model import MovePlan, Notice
from vatra.relocation.stages import stage_moves

FIRST_TRY_H = 48.0
JOURNEY_H = 16.0
"""Hours after the last departure within which everybody on the way arrives."""


def move_people(case: Case) -> tuple[MovePlan, Notice | None]:
    """Plan who leaves when, and tell who is late by when that is decided.

    Parameters
    ----------
    case
        People and ways out, as `read_case` returns them.

    Returns
    -------
    MovePlan
        The plan, decided at the start.
    Notice or None
        Who is late if it is decided earlier or later; None where nobody has a deadline.
    """
    rules, zone = case.rules, np.arange(case.people.size)
    who = who_leaves(
        zone, case.people, case.vulnerable, case.leave_by_h, rules, car_share=case.car_share
    )
    destinations = choose_destinations(case.destinations, int(case.people.sum()))

    def opens(lead_h: float, steps: int) -> Exits:
        length = pd.Timedelta(hours=rules.step_h)
        start = case.start - pd.Timedelta(hours=lead_h)
        local = pd.date_range(start, periods=steps, freq=length).tz_convert(case.time_zone)
        room = way_room(case.ways, local, np.full(steps, case.outdoor_c), rules)
        return lay_exits(case.zones, case.ways, destinations, room, rules)

    hours, most = FIRST_TRY_H, 24.0 * rules.most_days
    while True:
        exits = opens(0.0, max(int(np.ceil(min(hours, most) / rules.step_h)), 1))
        plan = stage_moves(exits, who, case.start, rules)
        if plan.no_way == 0 or hours >= most:
            break
        hours *= 2.0
    if not np.isfinite(case.leave_by_h).any():
        return plan, None

    def opens_with_journey(lead_h: float, steps: int) -> Exits:
        return opens(lead_h, steps + int(np.ceil(JOURNEY_H / rules.step_h)))

    leads = (-24.0, -12.0, -6.0, 0.0, 6.0, 12.0, 24.0, 48.0, 96.0)
    notice = find_notice(
        who, opens_with_journey, case.leave_by_h, case.people, rules,
        threshold_c=float("nan"), leads_h=leads,
    )  # fmt: skip
    return plan, notice
