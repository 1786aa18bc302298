"""What headquarters asks of homes, answered for a whole plan: by block, with its doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from vatra.city.model import City
from vatra.homes import HomeParameters, answer_blocks, simulate_homes
from vatra.homes.answers import MASS_FACTORS
from vatra.networks.heat_state import HeatState
from vatra.networks.model import Outlook
from vatra.situation.model import Situation


def with_answers(
    city: City, situation: Situation, outlook: Outlook, parameters: HomeParameters | None = None
) -> Outlook:
    """Return an outlook with the answers by block, and what hangs on the mass of buildings.

    The heaters' part of the pickup after cuts is told apart too: it follows from how cold homes
    have become, the same homes without any cut being the measure (`vatra.homes.heater_pickup`).

    Parameters
    ----------
    city, situation
        Where they are.
    outlook
        Services and homes under the schedule that is kept.
    parameters
        As given to `vatra.homes.simulate_homes`.

    Returns
    -------
    Outlook
        With `answers`, `below_range` and `heater_pickup_mw`.
    """
    parameters = parameters or HomeParameters()
    services = outlook.services
    water = services.block_heat_state
    answers = answer_blocks(
        city, situation, outlook.homes, services.block_heat, parameters,
        drained=None if water is None else water == HeatState.DRAINED,
    )  # fmt: skip
    own = np.asarray(parameters.mass_factor, dtype=np.float64)
    below = [
        simulate_homes(
            city, situation, services.block_power, services.block_heat,
            replace(parameters, mass_factor=own * factor),
        ).people_below.to_numpy(np.float64)
        for factor in (MASS_FACTORS[-1], MASS_FACTORS[0])
    ]  # fmt: skip
    middle = outlook.homes.people_below.to_numpy(np.float64)
    # A lighter building cools faster but also warms faster: the ends are taken slot by slot.
    span = np.stack([np.minimum.reduce([*below, middle]), np.maximum.reduce([*below, middle])])
    lit = np.ones_like(services.block_power)
    uncut = simulate_homes(city, situation, lit, services.block_heat, parameters)
    extra_kw = outlook.homes.heater_want_kw - uncut.heater_want_kw
    pickup_mw = 1e-3 * (extra_kw * services.block_power).sum(axis=0, dtype=np.float64)
    return replace(outlook, answers=answers, below_range=span, heater_pickup_mw=pickup_mw)


def draining(city: City, outlook: Outlook) -> dict[str, float]:
    """Return what the water in heating pipes comes to, in people; for machines and the report.

    Parameters
    ----------
    city
        The city.
    outlook
        With its answers.

    Returns
    -------
    dict[str, float]
        Residents whose buildings' pipes would freeze if nobody drained them (``at_risk``), of
        them those by when draining begins in time (``drained_in_time``) and not (``frozen``),
        those who live in drained buildings at the end (``drained_at_end``), and the hours from the
        start by which the first must be drained (``first_drain_by_h``; infinite for none).
    """
    residents = city.blocks["residents"].to_numpy(np.float64)
    answers: pd.DataFrame = outlook.answers
    freezing = np.isfinite(answers["hours_to_freezing"].to_numpy(np.float64))
    in_time = answers["drained_h"].to_numpy(np.float64) <= answers["hours_to_freezing"].to_numpy()
    water = outlook.services.block_heat_state
    drained = np.zeros(residents.size, dtype=bool)
    if water is not None and water.shape[1]:
        drained = water[:, -1] == HeatState.DRAINED
    plugged = np.isfinite(answers["hours_to_plug"].to_numpy(np.float64)) & ~(freezing & in_time)
    deadline = answers["drain_by_h"].to_numpy(np.float64)
    return {
        "at_risk": float(residents[freezing].sum()),
        "drained_in_time": float(residents[freezing & in_time].sum()),
        "frozen": float(residents[plugged].sum()),
        "drained_at_end": float(residents[drained].sum()),
        "first_drain_by_h": float(deadline.min(initial=np.inf)),
    }
