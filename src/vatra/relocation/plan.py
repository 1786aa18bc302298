"""Who can be neither kept warm at home nor seated at a warm point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.relocation.city_moves import CityMoves
from vatra.relocation.come_back import find_return
from vatra.relocation.model import Relocation
from vatra.relocation.rules import MoveRules
from vatra.situation.model import Situation
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
    situation: Situation | None = None,
    rules: MoveRules | None = None,
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
    situation
        Weather, time and bridges that are out. With it, and where the city says by which ways
        people leave it, their leaving is planned too, that of the whole city as well.
    rules
        What is assumed of the moves.

    Returns
    -------
    Relocation
        People by district and reason, and the plans.
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
    cold_at = np.where(all_cold.any(axis=1), all_cold.argmax(axis=1), -1)
    dry_at = np.where(first_dry >= 0, first_dry + int(np.ceil(dry_h / SLOT_H)), -1)
    scenario = situation.name if situation is not None else ""
    parts = [
        _part(
            city, reason, people, frail,
            from_time=times[first_cold if cold else first_dry],
            leave_by=_leave_by(times, cold_at if cold else dry_at), scenario=scenario,
        )
        for reason, people, frail, cold in (
            (NO_SITE, np.where(near, 0, leave_cold), frail_cold, True),
            (NO_PLACE, np.where(near, leave_cold, 0), frail_cold, True),
            (NO_WATER, leave_dry, frail_dry, False),
        )
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    groups = table.groupby(["district_id", "reason"], as_index=False, sort=True).agg(
        people=("people", "sum"), vulnerable=("vulnerable", "sum"), from_time=("from_time", "min")
    )
    found = Relocation(
        groups=groups,
        people=int(groups["people"].sum()),
        vulnerable=int(groups["vulnerable"].sum()),
        blocks=table.drop(columns="vulnerable"),
        come_back=find_return(city, outlook, leave_cold + leave_dry),
        rules=rules or MoveRules(),
    )
    if situation is None or not len(city.ways_out) or not len(city.destinations):
        return found
    both = np.where(leave_cold > 0, cold_at, -1), np.where(leave_dry > 0, dry_at, -1)
    due = np.min([np.where(at >= 0, at * SLOT_H, np.inf) for at in both], axis=0)
    moves = CityMoves(city, situation, found.rules)
    some = None
    if found.people:
        some = moves.plan_for(leave_cold + leave_dry, frail_cold + frail_dry, due, "some")
    never = np.full(residents.size, np.inf)
    return replace(
        found,
        some=some,
        everyone=moves.plan_for(moves.residents, moves.fragile, never, "all"),
        notice=moves.notice(cold_c),
        pickups=moves.pickups,
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


def _leave_by(times: pd.DatetimeIndex, slot: NDArray[np.int64]) -> pd.DatetimeIndex:
    """Return the begin of each slot, which may lie past the last; NaT for -1."""
    when = times[0] + pd.to_timedelta(np.maximum(slot, 0) * SLOT_H, unit="h")
    return pd.DatetimeIndex(when.where(slot >= 0))


def _part(
    city: City, reason: str, people: NDArray[np.int64], vulnerable: NDArray[np.int64],
    *, from_time: pd.DatetimeIndex, leave_by: pd.DatetimeIndex, scenario: str,
) -> pd.DataFrame:  # fmt: skip
    """Return the rows of one reason, the people told by tier; each is in one tier."""
    rows = np.flatnonzero(people > 0)
    blocks = city.blocks.iloc[rows]
    frail, rest = vulnerable[rows], people[rows] - vulnerable[rows]
    of_frail = blocks[list(VULNERABLE)].to_numpy(dtype=np.float64)
    share = of_frail / np.maximum(of_frail.sum(axis=1, keepdims=True), 1.0)
    # Rounded along the tiers, so that they add up to the vulnerable.
    upto = np.floor(np.cumsum(share, axis=1) * frail[:, None] + 0.5)
    tiers = np.diff(np.minimum(upto, frail[:, None]), axis=1, prepend=0.0).astype(np.int64)
    sound = np.maximum(blocks["residents"].to_numpy(dtype=np.float64) - of_frail.sum(axis=1), 1.0)
    displaced = np.floor(rest * np.minimum(blocks["displaced"].to_numpy() / sound, 1.0))
    displaced = displaced.astype(np.int64)
    table = {
        "block_id": blocks.index.to_numpy(dtype=object),
        "district_id": blocks["district_id"].to_numpy(dtype=object),
        "reason": pd.Series([reason] * rows.size, dtype=object),
        **dict(zip(VULNERABLE, tiers.T, strict=True)),
        "displaced": displaced,
        "others": rest - displaced + frail - tiers.sum(axis=1),
        "people": people[rows],
        "vulnerable": frail,
        "from_time": from_time[rows],
        "leave_by": leave_by[rows],
        "scenario": pd.Series([scenario] * rows.size, dtype=object),
    }
    return pd.DataFrame(table)
