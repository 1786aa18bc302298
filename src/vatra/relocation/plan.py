"""Who can be neither kept warm at home nor seated at a warm point."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.relocation.model import Relocation
from vatra.situation.timegrid import SLOT_H
from vatra.warm_points.model import WarmPoints
from vatra.warm_points.need import COLD_C, VULNERABLE, VULNERABLE_C, people_in_need

NO_SITE = "no warm point in reach"
NO_PLACE = "no place at a warm point"
NO_WATER = "no water"
DRY_H = 48.0
"""Hours without water at the tap after which a home can't be lived in (assumed: for so long
tankers and stores at home bridge it; after that the toilets of tall buildings decide)."""
DRY_SHARE = 0.5
"""A block is without water while fewer of its residents than this share have it (assumed)."""


def plan_relocation(
    city: City,
    outlook: Outlook,
    warm_points: WarmPoints,
    *,
    cold_c: float = COLD_C,
    vulnerable_c: float = VULNERABLE_C,
    dry_h: float = DRY_H,
) -> Relocation:
    """Count the people who can't stay: where, from when and why.

    Of each block, at its own worst slot: those in need (everybody below `cold_c`, the vulnerable
    below `vulnerable_c`) who find no place at a warm point. Where no chosen warm point is in
    reach that is all of them. Where one is, it is those of the planning hour without a place,
    counted at the share that comes; at other hours, when fewer are in need in all, those who
    are found a place. Then, where water is out for `dry_h` on end, the rest of the block.
    Places at warm points go to the vulnerable of a block first. Nobody is counted twice.

    Parameters
    ----------
    city
        The city, for its blocks.
    outlook
        How cold they get, and who has water.
    warm_points
        Who has a place at a warm point.
    cold_c, vulnerable_c
        Thresholds of need, °C; those that the warm points were planned for.
    dry_h
        Hours on end without water after which a block can't be lived in.

    Returns
    -------
    Relocation
        People by district and reason.
    """
    blocks = city.blocks
    residents = blocks["residents"].to_numpy(dtype=np.float64)
    fragile = np.minimum(blocks[list(VULNERABLE)].sum(axis=1).to_numpy(np.float64), residents)
    by_slot = people_in_need(
        residents, fragile, outlook.homes.indoor_c, cold_c=cold_c, vulnerable_c=vulnerable_c
    )
    in_need = by_slot.max(axis=1, initial=0.0).astype(np.int64)
    # A block is left when all of it is too cold; earlier, its vulnerable need a warm point.
    all_cold = outlook.homes.indoor_c < cold_c
    first_cold = np.where(
        all_cold.any(axis=1), all_cold.argmax(axis=1), (by_slot > 0).argmax(axis=1)
    )

    served = warm_points.blocks.reindex(blocks.index)
    near = served["site_id"].fillna("").to_numpy() != ""
    short = (served["need"] - served["assigned"]).fillna(0).to_numpy(dtype=np.int64)
    leave_cold = np.where(near, np.minimum(short, in_need), in_need)
    # Below the vulnerable's own threshold only they are in need; seats go to them first.
    vulnerable = fragile.astype(np.int64)
    seated = np.where(near, served["assigned"].fillna(0).to_numpy(dtype=np.int64), 0)
    frail_cold = np.minimum(np.where(near, np.maximum(vulnerable - seated, 0), vulnerable),
                            leave_cold)  # fmt: skip

    dry = outlook.services.block_water < DRY_SHARE
    first_dry = first_run(dry, max(int(np.ceil(dry_h / SLOT_H)), 1))
    leave_dry = np.where(first_dry >= 0, residents.astype(np.int64) - leave_cold, 0)
    frail_dry = np.where(first_dry >= 0, vulnerable - frail_cold, 0)

    times = outlook.homes.grid.times
    district = blocks["district_id"].to_numpy()
    parts = [
        _part(district, NO_SITE, np.where(near, 0, leave_cold), frail_cold, times[first_cold]),
        _part(district, NO_PLACE, np.where(near, leave_cold, 0), frail_cold, times[first_cold]),
        _part(district, NO_WATER, leave_dry, frail_dry, times[first_dry]),
    ]
    people = pd.concat(parts, ignore_index=True)
    groups = people.groupby(["district_id", "reason"], as_index=False, sort=True).agg(
        people=("people", "sum"), vulnerable=("vulnerable", "sum"), from_time=("from_time", "min")
    )
    return Relocation(
        groups=groups,
        people=int(groups["people"].sum()),
        vulnerable=int(groups["vulnerable"].sum()),
    )


def first_run(flags: NDArray[np.bool_], slots: int) -> NDArray[np.int64]:
    """Slot in which each row's first run of at least so many flags begins; -1 for none.

    Parameters
    ----------
    flags
        Row × slot.
    slots
        Shortest run that counts.
    """
    if slots > flags.shape[1]:
        return np.full(flags.shape[0], -1, dtype=np.int64)
    total = np.cumsum(flags, axis=1, dtype=np.int64)
    total = np.concatenate([np.zeros((flags.shape[0], 1), dtype=np.int64), total], axis=1)
    full = total[:, slots:] - total[:, :-slots] == slots
    return np.where(full.any(axis=1), full.argmax(axis=1), -1).astype(np.int64)


def _part(
    district: NDArray[np.object_],
    reason: str,
    people: NDArray[np.int64],
    vulnerable: NDArray[np.int64],
    from_time: pd.DatetimeIndex,
) -> pd.DataFrame:
    rows = np.flatnonzero(people > 0)
    return pd.DataFrame(
        {
            "district_id": district[rows],
            "reason": pd.Series([reason] * rows.size, dtype=object),
            "people": people[rows],
            "vulnerable": vulnerable[rows],
            "from_time": from_time[rows],
        }
    )
