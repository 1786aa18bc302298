"""Who will look for warmth: people in homes below their threshold or dry, by block and tier."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.situation.timegrid import SLOT_H, TimeGrid

COLD_C = 12.0
"""Below this indoor temperature everybody needs a warm place, °C. Assumed: WHO (2018) asks for
18 °C; below 12 °C blood pressure rises in healthy adults at rest (Collins, 1986)."""
VULNERABLE_C = 16.0
"""Below this infants, the elderly, the disabled and the ill do, °C. Assumed: below 16 °C
resistance to respiratory illness falls (Collins, 1986)."""
VULNERABLE = ("infants", "elderly", "disabled")
"""Columns of the table ``blocks`` that count the vulnerable; they don't overlap."""
TIERS = (*VULNERABLE, "displaced", "others")
"""Everybody is in one of these; the displaced are those who aren't vulnerable as well."""
DRY_H = 24.0
"""Hours on end without water at the tap after which a home is in need, whatever its temperature.
Assumed: for a day what is stored at home bridges it."""
DRY_SHARE = 0.5
"""A block is without water while fewer of its residents than this share have it (assumed)."""
SHARE_COMING = 1.0
"""Share of those in need who come. All of them: a plan that counts on people staying in the cold
isn't one. Where people can leave by themselves far fewer come: public shelters took about 15 % of
the evacuated in past disasters of the United States (Mileti, Sorensen and O'Brien, 1992), which
is no measure of a city that has nowhere else to get warm."""


@dataclass(frozen=True)
class Need:
    """Who is in need when: by block and slot for all of it, by tier through the tiers.

    Parameters
    ----------
    grid
        The slots.
    tiers
        Block × tier, people, in the order of `TIERS`; the tiers of a block add up to its
        residents.
    all_of_them
        Block × slot: everybody is in need, for cold or for want of water.
    fragile
        Block × slot: the vulnerable are.
    """

    grid: TimeGrid
    tiers: NDArray[np.float64]
    all_of_them: NDArray[np.bool_]
    fragile: NDArray[np.bool_]

    def people(self, tier: str | None = None) -> NDArray[np.float64]:
        """Count the people in need by block and slot, of one tier or of all.

        Parameters
        ----------
        tier
            One of `TIERS`; all of them by default.
        """
        if tier is not None:
            column = TIERS.index(tier)
            when = self.fragile if tier in VULNERABLE else self.all_of_them
            return self.tiers[:, column, None] * when
        few = self.tiers[:, : len(VULNERABLE)].sum(axis=1)
        rest = self.tiers[:, len(VULNERABLE) :].sum(axis=1)
        people: NDArray[np.float64] = few[:, None] * self.fragile + rest[:, None] * self.all_of_them
        return people

    def by_hour(self) -> pd.DataFrame:
        """Count the people in need by slot (UTC) and tier, in the whole city."""
        few = self.tiers[:, : len(VULNERABLE)].T @ self.fragile
        rest = self.tiers[:, len(VULNERABLE) :].T @ self.all_of_them
        counts = np.rint(np.concatenate([few, rest])).astype(np.int64)
        return pd.DataFrame(counts.T, index=self.grid.times, columns=list(TIERS))


def need_by_tier(
    city: City,
    outlook: Outlook,
    *,
    cold_c: float = COLD_C,
    vulnerable_c: float = VULNERABLE_C,
    dry_h: float = DRY_H,
) -> Need:
    """Tell who is in need when: below the threshold of their tier, or without water for long.

    Parameters
    ----------
    city
        The city, for its blocks.
    outlook
        How cold the blocks get, and who has water.
    cold_c, vulnerable_c
        Thresholds for everybody and for the vulnerable, °C. Where the temperature isn't known
        nobody is counted.
    dry_h
        Hours on end without water after which everybody of a block is in need.
    """
    blocks = city.blocks
    residents = blocks["residents"].to_numpy(dtype=np.float64)
    few = blocks[list(VULNERABLE)].to_numpy(dtype=np.float64)
    few = few * np.minimum(1.0, residents / np.maximum(few.sum(axis=1), 1.0))[:, None]
    rest = residents - few.sum(axis=1)
    # Who of the displaced is vulnerable isn't recorded: as many as of all residents (assumed).
    share = rest / np.maximum(residents, 1.0)
    displaced = np.minimum(blocks["displaced"].to_numpy(np.float64), residents) * share
    indoor_c = outlook.homes.indoor_c
    dry = dry_for(outlook.services.block_water < DRY_SHARE, dry_h)
    everybody = (indoor_c < cold_c) | dry
    return Need(
        outlook.homes.grid,
        np.column_stack([few, displaced, rest - displaced]),
        everybody,
        everybody | (indoor_c < vulnerable_c),
    )


def dry_for(flags: NDArray[np.bool_], hours: float) -> NDArray[np.bool_]:
    """Mark the slots up to whose end a flag has held for so many hours on end.

    Parameters
    ----------
    flags
        Row × slot.
    hours
        Shortest run that counts, hours.
    """
    slot = np.arange(flags.shape[1])
    last_off = np.maximum.accumulate(np.where(flags, -1, slot), axis=1)
    long_enough: NDArray[np.bool_] = slot - last_off >= max(round(hours / SLOT_H), 1)
    return long_enough


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
    dry_h: float = DRY_H,
    share_coming: float = SHARE_COMING,
    need: Need | None = None,
) -> gpd.GeoDataFrame:
    """Count who will look for warmth, by block, at the hour when most do.

    Everybody in a block below `cold_c`, or without water for `dry_h`, is in need, and the
    vulnerable in a block below `vulnerable_c`. The planning hour is the slot with most people in
    need, the earliest of equals.

    Parameters
    ----------
    city
        The city, for its blocks.
    outlook
        How cold the blocks get, and who has water.
    cold_c, vulnerable_c, dry_h
        Thresholds, as for `need_by_tier`.
    share_coming
        Share of those in need who come to a warm point, alike in all tiers. A share below 1 is a
        plan's choice, to be stated as assumed.
    need
        Who is in need when, if that is known already; the thresholds are not looked at then.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a block where anybody is in need at any time, indexed by ``block_id``:
        ``in_need`` (people at the planning hour), ``in_need_peak`` (at the block's own worst
        slot), ``need`` (people at the planning hour who come), ``vulnerable`` (of ``need``, the
        vulnerable), a column for each of `TIERS` (of ``need``; they add up to it),
        ``from_time`` (UTC, when the first of them fall below), ``planning_time`` (UTC, the same
        in all rows), ``district_id`` and geometry (points).
    """
    if not 0.0 <= share_coming <= 1.0:
        raise ValueError(f"share_coming is {share_coming}: a share lies between 0 and 1")
    blocks = city.blocks
    if need is None:
        need = need_by_tier(city, outlook, cold_c=cold_c, vulnerable_c=vulnerable_c, dry_h=dry_h)
    people = need.people()
    rows = np.flatnonzero((people > 0).any(axis=1))
    people = people[rows]
    slot = int(np.argmax(people.sum(axis=0)))
    times = need.grid.times
    at_hour = people[:, slot]
    coming = round_to_sum(at_hour * share_coming)
    tiers = _tiers_of(need, rows, slot, share_coming, coming)
    return gpd.GeoDataFrame(
        {
            "district_id": blocks["district_id"].to_numpy()[rows],
            "in_need": np.rint(at_hour).astype(np.int64),
            "in_need_peak": np.rint(people.max(axis=1, initial=0.0)).astype(np.int64),
            "need": coming,
            "vulnerable": tiers[:, : len(VULNERABLE)].sum(axis=1),
            **dict(zip(TIERS, tiers.T, strict=True)),
            "from_time": times[(people > 0).argmax(axis=1)],
            "planning_time": times[np.full(rows.size, slot)],
        },
        index=pd.Index(blocks.index[rows], name="block_id"),
        geometry=blocks.geometry.iloc[rows].centroid.to_numpy(),
        crs=blocks.crs,
    )


def _tiers_of(
    need: Need, rows: NDArray[np.int64], slot: int, share: float, coming: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Split those who come among the tiers, in whole people who add up to them."""
    fragile, everybody = need.fragile[rows, slot], need.all_of_them[rows, slot]
    few = len(VULNERABLE)
    exact = need.tiers[rows] * share
    exact[:, :few] *= fragile[:, None]
    exact[:, few:] *= everybody[:, None]
    # Running sums across the tiers of a block, rounded, and capped by those who come at all.
    upto = np.minimum(np.floor(np.cumsum(exact, axis=1) + 0.5).astype(np.int64), coming[:, None])
    upto[:, -1] = np.where(everybody, coming, upto[:, -1])
    upto[:, few - 1] = np.where(everybody, upto[:, few - 1], coming)
    upto = np.maximum.accumulate(upto, axis=1)
    return np.diff(upto, axis=1, prepend=0)


def round_to_sum(people: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round people to whole ones so that the sum stays, within half a person.

    Each value is the difference of the rounded running sums, so it is off by less than one.
    """
    total = np.floor(np.cumsum(people) + 0.5)
    return np.diff(total, prepend=0.0).astype(np.int64)
