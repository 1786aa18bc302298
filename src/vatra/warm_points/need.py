"""Who will look for warmth: people in homes below their threshold, by block."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook

COLD_C = 12.0
"""Below this indoor temperature everybody needs a warm place, °C. Assumed: WHO (2018) asks for
18 °C; below 12 °C blood pressure rises in healthy adults at rest (Collins, 1986)."""
VULNERABLE_C = 16.0
"""Below this infants, the elderly, the disabled and the ill do, °C. Assumed: below 16 °C
resistance to respiratory illness falls (Collins, 1986)."""
VULNERABLE = ("infants", "elderly", "disabled")
"""Columns of the table ``blocks`` that count the vulnerable; they don't overlap."""


def people_in_need(
    residents: NDArray[np.float64],
    vulnerable: NDArray[np.float64],
    indoor_c: NDArray[np.float32],
    *,
    cold_c: float = COLD_C,
    vulnerable_c: float = VULNERABLE_C,
) -> NDArray[np.float64]:
    """Count the people in need by block and slot.

    Parameters
    ----------
    residents, vulnerable
        People by block, and the vulnerable among them.
    indoor_c
        Block × slot, indoor temperature, °C.
    cold_c
        Below this all residents are in need, °C.
    vulnerable_c
        Below this the vulnerable are, °C.

    Returns
    -------
    NDArray[np.float64]
        Block × slot, people. A block whose temperature is not known (NaN) counts as warm.
    """
    all_of_them = residents[:, None] * (indoor_c < cold_c)
    some_of_them = np.minimum(vulnerable, residents)[:, None] * (indoor_c < vulnerable_c)
    need: NDArray[np.float64] = np.maximum(all_of_them, some_of_them)
    return need


def need_of(
    city: City,
    outlook: Outlook,
    *,
    cold_c: float = COLD_C,
    vulnerable_c: float = VULNERABLE_C,
    share_coming: float = 1.0,
) -> gpd.GeoDataFrame:
    """Count who will look for warmth, by block, at the hour when most do.

    Everybody in a block below `cold_c` is in need, and the vulnerable in a block below
    `vulnerable_c`. The planning hour is the slot with most people in need, the earliest of
    equals.

    Parameters
    ----------
    city
        The city, for its blocks.
    outlook
        How cold the blocks get.
    cold_c, vulnerable_c
        Thresholds for everybody and for the vulnerable, °C.
    share_coming
        Share of those in need who come to a warm point. The default of 1 is the honest sum: all
        who are in need. No measured share is known to us; many will stay with relatives or at
        home in coats, so a smaller share is a plan's choice, to be stated as assumed.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a block where anybody is in need at any time, indexed by ``block_id``:
        ``in_need`` (people at the planning hour), ``in_need_peak`` (at the block's own worst
        slot), ``need`` (people at the planning hour who come), ``vulnerable`` (of ``need``, the
        vulnerable), ``from_time`` (UTC, when the first of them fall below), ``planning_time``
        (UTC, the same in all rows), ``district_id`` and geometry (points).
    """
    if not 0.0 <= share_coming <= 1.0:
        raise ValueError(f"share_coming is {share_coming}: a share lies between 0 and 1")
    blocks = city.blocks
    residents = blocks["residents"].to_numpy(dtype=np.float64)
    vulnerable = np.minimum(blocks[list(VULNERABLE)].sum(axis=1).to_numpy(np.float64), residents)
    need = people_in_need(
        residents, vulnerable, outlook.homes.indoor_c, cold_c=cold_c, vulnerable_c=vulnerable_c
    )
    rows = np.flatnonzero(need.any(axis=1))
    need = need[rows]
    slot = int(np.argmax(need.sum(axis=0)))
    times = outlook.homes.grid.times
    at_hour = need[:, slot]
    coming = round_to_sum(at_hour * share_coming)
    of_them = np.where(at_hour > 0, vulnerable[rows] * share_coming, 0.0)
    return gpd.GeoDataFrame(
        {
            "district_id": blocks["district_id"].to_numpy()[rows],
            "in_need": at_hour.astype(np.int64),
            "in_need_peak": need.max(axis=1, initial=0.0).astype(np.int64),
            "need": coming,
            "vulnerable": np.minimum(round_to_sum(of_them), coming),
            "from_time": times[(need > 0).argmax(axis=1)],
            "planning_time": times[np.full(rows.size, slot)],
        },
        index=pd.Index(blocks.index[rows], name="block_id"),
        geometry=blocks.geometry.iloc[rows].centroid.to_numpy(),
        crs=blocks.crs,
    )


def round_to_sum(people: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round people to whole ones so that the sum stays, within half a person.

    Each value is the difference of the rounded running sums, so it is off by less than one.
    """
    total = np.floor(np.cumsum(people) + 0.5)
    return np.diff(total, prepend=0.0).astype(np.int64)
