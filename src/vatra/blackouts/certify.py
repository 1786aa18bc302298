"""What a schedule achieves, and what it could not keep, recounted from the schedule itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.blackouts.certify_conduct import conduct_broken
from vatra.blackouts.model import Certificate, State, Violation
from vatra.blackouts.task import (
    RELEASED_MIXED,
    RELEASED_PROTECTED,
    RELEASED_RESERVED,
    TOLERANCE_MW,
    Flags,
    Floats,
    Ints,
    Task,
)
from vatra.problems import name_ids
from vatra.situation.timegrid import SLOT_H

KEPT = (
    ("reserved", RELEASED_RESERVED), ("mixed", RELEASED_MIXED), ("protected", RELEASED_PROTECTED),
)  # fmt: skip
"""Feeders that planned cuts should not touch, by what an hour of their darkness counts."""


@dataclass(frozen=True)
class Runs:
    """All runs of darkness or light of all feeders, in order of feeder and time.

    Parameters
    ----------
    feeder, first, end
        Row of the feeder, first slot and slot after the last.
    dark
        Whether it is a dark run.
    """

    feeder: Ints
    first: Ints
    end: Ints
    dark: Flags

    @property
    def slots(self) -> Ints:
        """Length in slots."""
        return self.end - self.first


def runs_of(dark: Flags) -> Runs:
    """Find all runs.

    Parameters
    ----------
    dark
        Feeder × slot: True where dark.

    Returns
    -------
    Runs
        The runs.
    """
    feeders, slots = dark.shape
    starts = np.ones((feeders, slots), dtype=np.bool_)
    starts[:, 1:] = dark[:, 1:] != dark[:, :-1]
    feeder, first = np.nonzero(starts)
    end = np.append(first[1:], slots)
    end[np.append(feeder[1:] != feeder[:-1], True)] = slots
    return Runs(feeder, first, end, dark[feeder, first])


def certify(
    task: Task,
    states: NDArray[np.int8],
    load: Floats,
    *,
    bound_mwh: float,
    violations: tuple[Violation, ...],
    seconds: float,
) -> Certificate:
    """Put the proof of a schedule together.

    Parameters
    ----------
    task, states, load
        What it had to obey, its states and its loads.
    bound_mwh
        Least energy unserved.
    violations
        What could not be kept.
    seconds
        Time taken.

    Returns
    -------
    Certificate
        The proof.
    """
    cut = (states != State.LIT) & (states != State.DAMAGED)
    dark = states != State.LIT
    # Evenness is told over feeders that may be cut and lost no power to damage.
    whole = ~task.kept & ~task.released & task.available.all(axis=1)
    had = SLOT_H * dark.sum(axis=1)[whole] + task.dark_h_before[whole]
    runs = runs_of(cut & ~task.kept[:, None])
    longest = int(runs.slots[runs.dark].max()) if runs.dark.any() else 0
    slots_of_dark = int(dark[whole].sum())
    uneven = bool(whole.any() and slots_of_dark % int(whole.sum()))
    return Certificate(
        unserved_mwh=float(SLOT_H * task.demand.load_mw[cut].sum()),
        unserved_bound_mwh=float(bound_mwh),
        bound_method=(
            "The larger of the energy beyond the limits and a Lagrangian bound: prices on the "
            "limits, each feeder on its best path with pickup and runs counted; over all "
            "schedules that break the rules for runs no more than this one."
        ),
        dark_h_range=float(had.max() - had.min()) if whole.any() else 0.0,
        dark_h_range_bound=SLOT_H if uneven and not task.dark_h_before.any() else 0.0,
        longest_dark_h=SLOT_H * longest,
        limit_excess_mw=_excess(task, load),
        violations=violations,
        seconds=seconds,
    )


def _excess(task: Task, load: Floats) -> float:
    most = 0.0
    for limit in task.limits:
        over = load[limit.feeders].sum(axis=0) - limit.limit_mw
        most = max(most, float(over.max()))
    return most if most > TOLERANCE_MW else 0.0


def violations_of(
    task: Task, states: NDArray[np.int8], load: Floats, *, least_dark_slots: int = 0
) -> tuple[Violation, ...]:
    """List what a schedule could not keep, worded for a dispatcher.

    Parameters
    ----------
    task, states, load
        What it had to obey, its states and its loads.
    least_dark_slots
        Longest dark run below which no schedule within the limits can stay; 0 if not known.

    Returns
    -------
    tuple of Violation
        Limits first, then feeders that should have been kept, then runs.
    """
    found = _limits_broken(task, load)
    found += _kept_cut(task, states)
    found += _runs_broken(task, states, least_dark_slots)
    found += conduct_broken(task, states)
    return tuple(found)


def _limits_broken(task: Task, load: Floats) -> list[Violation]:
    found = []
    for limit in task.limits:
        over = load[limit.feeders].sum(axis=0) - limit.limit_mw
        at = np.flatnonzero(over > TOLERANCE_MW)
        if at.size:
            found.append(
                Violation(
                    "supply limit", limit.name, tuple(int(t) for t in at),
                    f"The {limit.kind} of {limit.name} is exceeded by up to {over.max():.1f} MW.",
                    f"{over.max():.1f} MW more at the worst slot.",
                )
            )  # fmt: skip
    return found


def _kept_cut(task: Task, states: NDArray[np.int8]) -> list[Violation]:
    found = []
    dark = (states == State.PLANNED) & task.released[:, None]
    for rule, tier in KEPT:
        own = task.released & (task.tier == tier)
        at = np.flatnonzero(dark[own].any(axis=0))
        if not at.size:
            continue
        cut = own & dark.any(axis=1)
        short = (task.demand.load_mw * dark)[own].sum(axis=0)
        found.append(
            Violation(
                rule, name_ids(task.demand.feeder_id[cut]), tuple(int(t) for t in at),
                f"{int(cut.sum())} {rule} feeders are cut, because load that should be kept "
                "exceeds a limit by itself.",
                f"{short.max():.1f} MW more at the worst slot keeps them lit.",
            )
        )  # fmt: skip
    return found


def _with_history(task: Task, runs: Runs) -> tuple[Ints, Ints]:
    """Length of runs with what they had before the grid starts, and that part alone, slots."""
    still_dark = np.where(task.lit_before == 0, task.dark_before, 0)
    before = np.where(runs.dark, still_dark[runs.feeder], task.lit_before[runs.feeder])
    before = np.where(runs.first == 0, before, 0)
    return runs.slots + before, before


def longest_dark(task: Task, states: NDArray[np.int8]) -> int:
    """Longest dark run of a feeder that may be cut, slots, damage and what went before included.

    Parameters
    ----------
    task, states
        What was to be obeyed, and the states.

    Returns
    -------
    int
        Slots.
    """
    runs = runs_of((states != State.LIT) & ~task.kept[:, None])
    length, _ = _with_history(task, runs)
    return int(length[runs.dark].max()) if runs.dark.any() else 0


def _runs_broken(task: Task, states: NDArray[np.int8], least_dark_slots: int) -> list[Violation]:
    """Hold runs against their shortest and longest length, save those that damage ends."""
    rules, slots = task.rules, task.grid.slots
    cut = (states != State.LIT) & (states != State.DAMAGED)
    touched = ~task.kept
    runs = runs_of((states != State.LIT) & touched[:, None])
    first, last = runs.first == 0, runs.end == slots
    length, before = _with_history(task, runs)
    planned = np.array(
        [int(cut[f, a:b].sum()) for f, a, b in zip(runs.feeder, runs.first, runs.end, strict=True)],
        dtype=np.int64,
    )
    longest = rules.max_dark_slots
    over = runs.dark & (length > longest) & (planned > 0)
    ends_by_choice = ~last & np.where(
        runs.dark,
        cut[runs.feeder, runs.end - 1],
        cut[runs.feeder, np.minimum(runs.end, slots - 1)],
    )
    brief = runs.dark & ends_by_choice & (length < rules.min_dark_slots)
    unknown = first & ~runs.dark & (before == 0)
    flicker = ~runs.dark & ends_by_choice & (length < rules.min_light_slots) & ~unknown
    # Feeders that should be kept are lit as long as they can be.
    turns = touched & ~(task.released & ~cut.any(axis=1))
    lasting = ~runs.dark & (length > rules.max_light_slots) & turns[runs.feeder]
    found = []
    for rule, at, text in (
        ("max_dark_h", over, f"longer than {rules.max_dark_h} h"),
        ("min_dark_h", brief, f"shorter than {rules.min_dark_h} h"),
        ("min_light_h", flicker, f"shorter than {rules.min_light_h} h"),
        ("max_light_h", lasting, f"longer than {rules.max_light_h} h"),
    ):
        if not at.any():
            continue
        worst = int(length[at].max() if rule.startswith("max") else length[at].min())
        which = np.unique(runs.feeder[at])
        covered = np.zeros(slots, dtype=np.bool_)
        for a, b in zip(runs.first[at], runs.end[at], strict=True):
            covered[a:b] = True
        kind = "dark" if rule.endswith("dark_h") else "light"
        proof = ""
        if rule == "max_dark_h" and least_dark_slots:
            least_h = SLOT_H * least_dark_slots
            proof = f"; below {least_h:g} no schedule within the limits can stay"
        found.append(
            Violation(
                rule, name_ids(task.demand.feeder_id[which]),
                tuple(int(t) for t in np.flatnonzero(covered)),
                f"{int(at.sum())} {kind} runs of {len(which)} feeders are {text}, because the "
                "limits come first.",
                f"{rule} = {SLOT_H * worst:g} is kept by this schedule{proof}.",
            )
        )  # fmt: skip
    return found
