"""An independent recount of the rules on switchings, hours of the day and orders in queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vatra.blackouts.model import Violation
from vatra.blackouts.rules import Rules
from vatra.situation.model import SupplyLimit
from vatra.situation.timegrid import SLOT_H, TimeGrid

Flags = NDArray[np.bool_]


def switchings_broken(  # noqa: PLR0917 - all that a switching is judged by
    table: pd.DataFrame, lit: Flags, powered: Flags, grid: TimeGrid, rules: Rules,
    now: pd.Timestamp | None, history: pd.DataFrame | None,
) -> list[Violation]:  # fmt: skip
    """Go through every switching, one by one.

    Parameters
    ----------
    table
        The feeders, in order.
    lit, powered
        Feeder × slot: lit, and with power to have.
    grid, rules, now, history
        As they were given to `schedule_blackouts`.

    Returns
    -------
    list of Violation
        Substations and crews with too much to do, and switchings at hours that are barred.
    """
    found = []
    per_station: Counter[tuple[str, int]] = Counter()
    per_crew: Counter[tuple[str, int]] = Counter()
    local = [(time.hour + time.minute / 60) for time in grid.local]
    notice = now is not None and any(
        grid.start < now + pd.Timedelta(hours=h) for h in (rules.notice_h, rules.manual_notice_h)
    )
    for f, feeder in enumerate(table.index):
        before = _lit_before(history, str(feeder), known=notice or rules.max_light_h is not None)
        station = _cell(table, "substation_id", f)
        by_hand = _cell(table, "switching", f) == "manual"
        crew = _cell(table, "crew", f) or station
        for t, time in enumerate(grid.times):
            was = before if t == 0 else bool(lit[f, t - 1])
            if was is None or was == lit[f, t]:
                continue
            if not (powered[f, t] if was else t == 0 or powered[f, t - 1]):
                continue  # damage did it
            per_station[station, t] += 1
            per_crew[crew, t] += by_hand
            for rule, barred in (
                ("notice_h", now is not None and time < now + pd.Timedelta(hours=rules.notice_h)),
                ("manual_notice_h", by_hand and now is not None
                 and time < now + pd.Timedelta(hours=rules.manual_notice_h)),
                ("quiet_h", by_hand and rules.quiet_h is not None
                 and _within(local[t], *rules.quiet_h)),
            ):  # fmt: skip
                if barred:
                    found.append(Violation(rule, str(feeder), (t,), "Switched."))
    for rule, counts, most in (
        ("substation_switchings", per_station, rules.substation_switchings),
        ("crew_switchings", per_crew, rules.crew_switchings),
    ):
        found += [
            Violation(rule, name, (t,), f"{n} switchings.")
            for (name, t), n in counts.items()
            if most is not None and n > most and (name or rule == "crew_switchings")
        ]
    return found


def hours_broken(
    feeder: str, lit: Flags, powered: Flags, grid: TimeGrid, rules: Rules
) -> list[Violation]:
    """Add up the dark hours of one feeder by day, and its light in the hours that should have it.

    Parameters
    ----------
    feeder
        Its id.
    lit, powered
        By slot.
    grid, rules
        Slots and rules.

    Returns
    -------
    list of Violation
        One a day or window.
    """
    found = []
    cut = powered & ~lit
    local = grid.local
    if rules.max_dark_day_h is not None:
        for day in dict.fromkeys(local.date):
            today = local.date == day
            if (
                SLOT_H * (~lit[today]).sum() > rules.max_dark_day_h
                and cut[today].any()
            ):  # fmt: skip
                slots = tuple(int(t) for t in np.flatnonzero(today))
                found.append(Violation("max_dark_day_h", feeder, slots, f"Dark on {day}."))
    # The hours of a window that lie outside the grid are not known to be dark.
    wide = pd.date_range(grid.times[0] - pd.Timedelta(hours=50), grid.end + pd.Timedelta(hours=50),
                         freq="30min", inclusive="left").tz_convert(grid.time_zone)  # fmt: skip
    at = np.asarray((wide - grid.start) // pd.Timedelta(minutes=30))
    clock = np.asarray(wide.hour + wide.minute / 60)
    for window in rules.must_light:
        inside = np.array([_within(h, window.from_h, window.to_h) for h in clock])
        # A window is one stretch; two days' windows that touch part at the hour it begins.
        begins = inside & (
            ~np.roll(inside, 1) | ((clock == window.from_h) & (np.roll(clock, 1) != window.from_h))
        )
        for first in np.flatnonzero(begins):
            end = first + 1
            while end < len(at) and inside[end] and not begins[end]:
                end += 1
            stretch = at[first:end]
            own = stretch[(stretch >= 0) & (stretch < grid.slots)]
            least = len(stretch) if window.light_h is None else window.light_h / SLOT_H
            dark = int((~lit[own]).sum())
            if own.size and cut[own].any() and dark > max(0, len(stretch) - least):
                found.append(
                    Violation("must_light", feeder, tuple(int(t) for t in own), str(window))
                )
    return found


def queues_broken(
    table: pd.DataFrame, queue: pd.Series[str], lit: Flags, queues_off: ArrayLike | None,
    area_limits: Iterable[SupplyLimit],
) -> list[Violation]:  # fmt: skip
    """Count the queues that are dark, slot by slot.

    Parameters
    ----------
    table, queue
        The feeders and their queues in the public schedule, empty for none.
    lit
        Feeder × slot.
    queues_off, area_limits
        The orders.

    Returns
    -------
    list of Violation
        One an order and slot. A part of the network has its share of the queues: 2 of 6 ordered
        is a third of the units that it has.
    """
    names = queue.to_numpy(dtype=object)
    whole = {str(name).split(".")[0] for name in names if name}
    orders: list[tuple[str, Flags, ArrayLike]] = []
    if queues_off is not None:
        orders.append(("the city", np.ones(len(table), dtype=np.bool_), queues_off))
    for area in area_limits:
        if area.queues_off is not None:
            for column in ("substation_id", "district_id"):
                own = np.asarray(table[column] == area.area) if column in table else None
                if own is not None and own.any():
                    orders.append((area.area, own, area.queues_off))
                    break
    found = []
    for name, own, given in orders:
        order = np.nan_to_num(np.broadcast_to(np.asarray(given, dtype=float), (lit.shape[1],)))
        units = {str(n) for n in names[own] if n}
        for t in range(lit.shape[1]):
            dark = sum(not lit[own & (names == unit), t].any() for unit in units)
            if order[t] > 0 and dark < order[t] * len(units) / max(len(whole), 1) - 1e-9:
                found.append(Violation("queues", name, (t,), f"{dark} units of {order[t]} queues."))
            elif order[t] > 0 and not units:
                found.append(Violation("queues", name, (t,), "None is there."))
    return found


def _cell(table: pd.DataFrame, column: str, row: int) -> str:
    value = table[column].iloc[row] if column in table else ""
    return "" if pd.isna(value) else str(value)


def _lit_before(history: pd.DataFrame | None, feeder: str, *, known: bool) -> bool | None:
    """Whether a feeder was lit before the first slot; None where nobody knows."""
    if history is not None and feeder in history.index:
        row = history.loc[feeder]
        dark, light = (float(row.get(k, 0) or 0) for k in ("dark_slots", "lit_slots"))
        if dark > 0 or light > 0:
            return light > 0
    return True if known else None


def _within(hour: float, first: float, last: float) -> bool:
    return first <= hour < last if first < last else hour >= first or hour < last
