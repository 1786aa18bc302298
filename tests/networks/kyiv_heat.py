"""Buildings without heat in Kyiv, January 2026, as the model has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.networks.heat_state import HeatState, HeatStateParameters, follow_buildings

CASE = Path(__file__).parents[1] / "cases" / "kyiv_heat_2026-01"
DAYS = 10.5


def buildings_without_heat(
    lost: int, outage_h: float, since_day: float, parameters: HeatStateParameters
) -> NDArray[np.float64]:
    """Return the buildings without heat, half-hour by half-hour from the sources' return on."""
    out = round(2 * outage_h)
    slots = out + round(48 * DAYS)
    share = np.ones((1, slots))
    share[0, :out] = 0.0
    table = pd.read_csv(CASE / "crews.csv")
    day = since_day + np.maximum(np.arange(slots) - out, 0) / 48
    water = follow_buildings(
        np.zeros(lost, dtype=np.int64), share, np.full(slots, -8.0),
        np.full(lost, parameters.residents_per_building), parameters,
        crews=np.interp(day, table["day"], table["crews"]),
    )  # fmt: skip
    without = np.isin(water.state, (HeatState.STOPPED, HeatState.DRAINED)).sum(axis=0)
    return np.asarray(without[out:], dtype=np.float64)


REPAIRED_CREW_H = 45.0
"""Crew-hours a building with which the third event comes out, against 10 of the first two."""


def held_against(third_crew_h: float | None = None) -> pd.DataFrame:
    """Return the figures observed with those modelled beside them.

    Parameters
    ----------
    third_crew_h
        Crew-hours to fill a building after the third event; by default as after the others.
    """
    observed = pd.read_csv(CASE / "observed.csv")
    outage = pd.read_csv(CASE / "expected.csv").set_index("event")["outage_h"]
    parameters = HeatStateParameters()
    rows = []
    for event, told in observed.groupby("event"):
        lost, first = int(told["without_heat"].iloc[0]), float(told["day"].iloc[0])
        own = parameters
        if event == 3 and third_crew_h is not None:
            own = replace(parameters, refill_crew_h=third_crew_h)
        path = buildings_without_heat(lost, float(outage[event]), first, own)
        modelled = path[np.maximum(2 * told["hours"].to_numpy() - 1, 0)]
        rows.append(told.assign(modelled=modelled, share=(modelled - told["without_heat"]) / lost))
    return pd.concat(rows, ignore_index=True)
