"""Rules on switchings and on spans of time, spelt out for the feeders and slots of a rotation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.blackouts.clock import clock_text, days_of
from vatra.blackouts.rules import Rules
from vatra.problems import Problem, name_ids
from vatra.situation.timegrid import SLOT_H, TimeGrid

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crew:
    """Those who switch some feeders: a substation's equipment, or a crew that drives.

    Parameters
    ----------
    name
        As a dispatcher would name them.
    rule
        Which rule says how much they can do.
    feeders
        Which feeders they switch.
    most
        Switchings that they can do in a slot.
    """

    name: str
    rule: str
    feeders: Flags
    most: int


@dataclass(frozen=True)
class Ban:
    """Slots at whose start some feeders are not to be switched.

    Parameters
    ----------
    rule
        Which rule says so.
    slots
        By slot.
    by_hand
        Whether it is for feeders only that are switched by hand.
    """

    rule: str
    slots: Flags
    by_hand: bool


@dataclass(frozen=True)
class Span:
    """Slots of a day in which a feeder may be dark for so long.

    Parameters
    ----------
    rule
        Which rule says so.
    name
        The hours in words.
    first, end
        First slot and slot after the last; may lie outside the grid.
    most
        Dark slots in it at most.
    """

    rule: str
    name: str
    first: int
    end: int
    most: int


@dataclass(frozen=True)
class Conduct:
    """All of these rules.

    Parameters
    ----------
    by_hand
        Feeders that are switched by hand.
    crews, bans, spans
        The rules; empty where there are none.
    """

    by_hand: Flags
    crews: tuple[Crew, ...] = ()
    bans: tuple[Ban, ...] = ()
    spans: tuple[Span, ...] = ()

    def banned(self, *, by_hand: bool) -> Flags | None:
        """Slots at whose start feeders are not to be switched; None where there is no ban."""
        own = [ban.slots for ban in self.bans if by_hand or not ban.by_hand]
        return np.any(own, axis=0) if own else None


def conduct_of(
    table: pd.DataFrame,
    rules: Rules,
    grid: TimeGrid,
    now: pd.Timestamp | None,
    problems: list[Problem],
) -> Conduct:
    """Spell the rules out.

    Parameters
    ----------
    table
        The feeders, in order: ``substation_id``, ``switching`` (``manual`` or ``remote``) and
        ``crew`` where they are known.
    rules, grid
        The rules and the slots.
    now
        When it is that the schedule is made; None for long before its first slot.
    problems
        Where what is wrong is put.

    Returns
    -------
    Conduct
        The rules. Where no crew is named, each substation has one; where there are no substations
        either, there is one crew.
    """
    by_hand = np.zeros(len(table), dtype=np.bool_)
    if "switching" in table:
        word = table["switching"].astype("object")
        by_hand = np.asarray(word == "manual", dtype=np.bool_)
        odd = ~(word.isin(["manual", "remote"]) | word.isna() | (word == ""))
        if odd.any():
            problems.append(
                Problem("feeders.switching", name_ids(table.index[odd]),
                        "is not a way of switching", "manual or remote")
            )  # fmt: skip
    return Conduct(
        by_hand, _crews(table, rules, by_hand), bans_of(rules, grid, now), spans_of(rules, grid)
    )


def _crews(table: pd.DataFrame, rules: Rules, by_hand: Flags) -> tuple[Crew, ...]:
    crews = []
    station = _names(table, "substation_id")
    if rules.substation_switchings is not None and station is not None:
        crews += [
            Crew(f"substation {name}", "substation_switchings", station == name,
                 rules.substation_switchings)
            for name in sorted({str(n) for n in station if n})
        ]  # fmt: skip
    if rules.crew_switchings is not None and by_hand.any():
        crew = _names(table, "crew")
        own = np.full(len(table), "", dtype=object) if crew is None else crew
        if station is not None:
            own = np.where(own == "", station, own)
        crews += [
            Crew(f"crew {name}" if name else "crew", "crew_switchings", by_hand & (own == name),
                 rules.crew_switchings)
            for name in sorted({str(n) for n in own[by_hand]})
        ]  # fmt: skip
    # Who has no more feeders than switchings is never short of them.
    return tuple(crew for crew in crews if crew.feeders.sum() > crew.most)


def _names(table: pd.DataFrame, column: str) -> NDArray[np.object_] | None:
    if column not in table:
        return None
    names = table[column].astype("object")
    return np.asarray(names.where(names.notna(), "").map(str), dtype=object)


def bans_of(rules: Rules, grid: TimeGrid, now: pd.Timestamp | None) -> tuple[Ban, ...]:
    """Find the slots at whose start lines are not to be switched.

    Parameters
    ----------
    rules, grid
        The rules and the slots.
    now
        When the schedule is made; None for long before its first slot.

    Returns
    -------
    tuple of Ban
        Notice, notice for switching by hand, quiet hours; those that there are.
    """
    bans = []
    if now is not None:
        for rule, notice_h in (
            ("notice_h", rules.notice_h),
            ("manual_notice_h", rules.manual_notice_h),
        ):
            slots = grid.times < now + pd.Timedelta(hours=notice_h)
            bans.append(Ban(rule, np.asarray(slots, dtype=np.bool_), rule == "manual_notice_h"))
    if rules.quiet_h is not None:
        quiet = np.zeros(grid.slots, dtype=np.bool_)
        for first, end, _ in days_of(grid, *rules.quiet_h):
            quiet[max(first, 0) : min(end, grid.slots)] = True
        bans.append(Ban("quiet_h", quiet, True))
    return tuple(ban for ban in bans if ban.slots.any())


def barred_slots(bans: tuple[Ban, ...], by_hand: Flags) -> Flags | None:
    """Tell at the start of which slots queues, or lines, are not to be switched.

    Parameters
    ----------
    bans
        As `bans_of` finds them.
    by_hand
        Unit: whether it, or some of its lines, is switched by hand.

    Returns
    -------
    Flags or None
        Unit × slot; None where nothing is barred.
    """
    barred = None
    for ban in bans:
        if barred is None:
            barred = np.zeros((len(by_hand), len(ban.slots)), dtype=np.bool_)
        barred[by_hand if ban.by_hand else slice(None)] |= ban.slots
    return barred if barred is not None and barred.any() else None


def spans_of(rules: Rules, grid: TimeGrid) -> tuple[Span, ...]:
    """Find the spans of time of the rules; those that nothing could break are left out.

    Parameters
    ----------
    rules, grid
        The rules and the slots.

    Returns
    -------
    tuple of Span
        Dark hours a day, then hours with light, each by time.
    """
    spans = []
    if rules.max_dark_day_h is not None:
        most = int(rules.max_dark_day_h / SLOT_H)
        spans += [
            Span("max_dark_day_h", _date(grid, first, end), first, end, most)
            for first, end, _ in days_of(grid, 0.0, 24.0)
        ]
    for window in rules.must_light:
        text = clock_text((window.from_h, window.to_h))
        for first, end, length in days_of(grid, window.from_h, window.to_h):
            light = length if window.light_h is None else int(window.light_h / SLOT_H)
            most = max(0, length - light)
            spans.append(
                Span("must_light", f"{text} on {_date(grid, first, end)}", first, end, most)
            )
    return tuple(s for s in spans if min(s.end, grid.slots) - max(s.first, 0) > s.most)


def _date(grid: TimeGrid, first: int, end: int) -> str:
    """Local date of a span, in its middle."""
    middle = grid.start + pd.Timedelta(minutes=15 * (first + end))
    return f"{middle.tz_convert(grid.time_zone):%Y-%m-%d}"
