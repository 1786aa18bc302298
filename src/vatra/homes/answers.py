"""What headquarters asks of each block: how long until it is too cold, and when to drain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.homes.archetypes import HomeParameters, physics_table
from vatra.homes.freezing import DRAIN_H, FLOWS_FROM, cold_spot, when_pipes_freeze
from vatra.homes.model import COUNTED_C, HomesOutlook
from vatra.homes.parts import archetype_rows
from vatra.homes.simulate import simulate_homes
from vatra.homes.thresholds import degree_hours, hours_until
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

DEGREE_HOURS_C = (18.0, 16.0, 12.0)
"""Bases of degree-hours: the WHO guideline, respiratory and cardiovascular illness."""
MASS_FACTORS = (0.65, 1.0, 1.35)
"""Measured time constants of like buildings differ by about ±35 %."""


def answer_blocks(
    city: City,
    situation: Situation,
    homes: HomesOutlook,
    heat: NDArray[np.floating],
    parameters: HomeParameters | None = None,
    *,
    drain_h: float = DRAIN_H,
    drained: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Return how long each block can hold out.

    Parameters
    ----------
    city
        The city.
    situation
        Weather is used.
    homes
        As `simulate_homes` returns it.
    heat
        Block × slot: share of its district heat that reaches the block; its pipes stand still where
        there is hardly any.
    parameters
        As given to `simulate_homes`.
    drain_h
        Hours that draining a building takes.
    drained
        Block × slot: whether its pipes are empty; None where none ever are.

    Returns
    -------
    pd.DataFrame
        One row a block. ``hours_to_16``, …12, …8, …5: until the mean flat is below it, hours from
        the start, infinite where it never is; ``corner_hours_to_…`` for top corner flats;
        ``degree_hours_18``, …16, …12: K·h below it; ``hours_to_freezing``: until the standing
        water in its coldest heating pipes is at 0 °C; ``hours_to_plug``: until ice blocks one;
        ``drain_by_h``: when draining must begin at the latest; ``drained_h``: when it is drained,
        infinite where it never is; ``coldest_pipe_c``. When pipes freeze is said as if nobody
        drained them: whoever drains before is safe. Blocks without district heat have their pipes
        inside the flats, the coldest in a top corner.
    """
    parameters = parameters or HomeParameters()
    corner_c = homes.indoor_c if homes.corner_c is None else homes.corner_c
    table: dict[str, NDArray[np.float64]] = {}
    for prefix, air in (("", homes.indoor_c), ("corner_", corner_c)):
        until = hours_until(air, COUNTED_C)
        table |= {f"{prefix}hours_to_{c:g}": until[:, i] for i, c in enumerate(COUNTED_C)}
    table |= {f"degree_hours_{c:g}": degree_hours(homes.indoor_c, c) for c in DEGREE_HOURS_C}
    district = (city.blocks["heating"] == "district").to_numpy()
    kinds = physics_table()[archetype_rows(city)]
    place = cold_spot(
        np.where(district[:, None], homes.indoor_c, corner_c),
        np.asarray(situation.weather.outdoor_c, dtype=np.float64),
        np.where(district, kinds[:, 6], 0.0),
        np.where(district, kinds[:, 7], 0.0),
        start_c=np.full(district.size, parameters.initial_c),
    )
    flows = district[:, None] & (np.nan_to_num(np.asarray(heat), nan=1.0) > FLOWS_FROM)
    freezing = when_pipes_freeze(place, flows, drain_h=drain_h)
    table["hours_to_freezing"] = freezing.zero_h
    table["hours_to_plug"] = freezing.plug_h
    table["drain_by_h"] = freezing.drain_by_h
    table["drained_h"] = np.full(district.size, np.inf)
    if drained is not None and drained.shape[1]:
        ever = drained.any(axis=1)
        table["drained_h"][ever] = drained[ever].argmax(axis=1) * SLOT_H
    table["coldest_pipe_c"] = freezing.coldest_c
    return pd.DataFrame(table, index=homes.block_id)


def answer_range(
    city: City,
    situation: Situation,
    power: NDArray[np.bool_],
    heat: NDArray[np.floating],
    parameters: HomeParameters | None = None,
    *,
    mass_factors: Sequence[float] = MASS_FACTORS,
) -> pd.DataFrame:
    """Return the answers for lighter and heavier buildings than supposed.

    Parameters
    ----------
    city, situation, power, heat, parameters
        As of `simulate_homes`.
    mass_factors
        Factors on the heavy mass, on top of that in `parameters`.

    Returns
    -------
    pd.DataFrame
        As of `answer_blocks`, with the factor as the first level of the columns.
    """
    parameters = parameters or HomeParameters()
    own = np.asarray(parameters.mass_factor, dtype=np.float64)
    frames = {}
    for factor in mass_factors:
        varied = replace(parameters, mass_factor=own * factor)
        homes = simulate_homes(city, situation, power, heat, varied)
        frames[factor] = answer_blocks(city, situation, homes, heat, varied)
    return pd.concat(frames, axis=1, names=["mass_factor", "answer"])
