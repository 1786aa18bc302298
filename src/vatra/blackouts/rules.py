"""What a rotation of blackouts has to obey, besides the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from vatra.problems import InputError, Problem
from vatra.situation.timegrid import SLOT_H

NEVER = 10**6
"""A run longer than any, slots."""


LONGEST_H = 10_000.0
"""Longest run that a rule may speak of, hours: more than a year."""


@dataclass(frozen=True)
class Rules:
    """Rules of a rotation. None of them comes before a limit.

    Parameters
    ----------
    min_dark_h
        Shortest dark run, hours. 1 h: shorter ones are not worth two switchings; the rotations
        published for Dnipro in December 2025 keep to it.
    min_light_h
        Shortest light run between two cuts, hours. 2 h, as in the same rotations.
    max_dark_h
        Longest dark run, hours; None for no such rule. 8 h, from the Kyiv operator's «4 hours
        on, 8 off» of November 2022.
    max_light_h
        Longest light run, hours; None for no such rule, as in practice.
    align_queues
        Whether the feeders of a queue keep to the hours of their queue as far as the limits
        allow, so that a rotation can be published by queue.
    """

    min_dark_h: float = 1.0
    min_light_h: float = 2.0
    max_dark_h: float | None = 8.0
    max_light_h: float | None = None
    align_queues: bool = True

    def __post_init__(self) -> None:
        problems = []
        for name in ("min_dark_h", "min_light_h", "max_dark_h", "max_light_h"):
            value = getattr(self, name)
            if value is None:
                continue
            if not 0 < value <= LONGEST_H:
                problems.append(
                    Problem(
                        f"rules.{name}",
                        str(value),
                        "not a length of time",
                        f"hours above 0, at most {LONGEST_H:g}",
                    )
                )
        if not problems:
            if self.max_dark_h is not None and self.max_dark_h < self.min_dark_h:
                problems.append(
                    Problem("rules.max_dark_h", str(self.max_dark_h), "less than min_dark_h")
                )
            if self.max_light_h is not None and self.max_light_h < self.min_light_h:
                problems.append(
                    Problem("rules.max_light_h", str(self.max_light_h), "less than min_light_h")
                )
        if problems:
            raise InputError("rules", problems)

    @property
    def min_dark_slots(self) -> int:
        """Shortest dark run, slots: rounded up."""
        return _round_up(self.min_dark_h)

    @property
    def min_light_slots(self) -> int:
        """Shortest light run, slots: rounded up."""
        return _round_up(self.min_light_h)

    @property
    def max_dark_slots(self) -> int:
        """Longest dark run, slots: rounded down, or `NEVER` where there is no rule."""
        return NEVER if self.max_dark_h is None else max(1, int(self.max_dark_h / SLOT_H))

    @property
    def max_light_slots(self) -> int:
        """Longest light run, slots: rounded down, or `NEVER` where there is no rule."""
        return NEVER if self.max_light_h is None else max(1, int(self.max_light_h / SLOT_H))


def rules_from(values: Mapping[str, float]) -> Rules:
    """Make rules from a situation's settings.

    Parameters
    ----------
    values
        Values by name; names that are not rules are a problem, hours of 0 or less turn a
        longest run off.

    Returns
    -------
    Rules
        The defaults, with these values in place.
    """
    known = {field.name for field in fields(Rules)}
    unknown = [name for name in values if name not in known]
    if unknown:
        raise InputError(
            "rules",
            [Problem("rules", name, "no such rule", "one of " + ", ".join(sorted(known)))
             for name in unknown],
        )  # fmt: skip
    given: dict[str, float | bool | None] = dict(values)
    for name in ("max_dark_h", "max_light_h"):
        value = given.get(name)
        if value is not None and value <= 0:
            given[name] = None
    if "align_queues" in given:
        given["align_queues"] = bool(given["align_queues"])
    return Rules(**given)  # type: ignore[arg-type]


def _round_up(hours: float) -> int:
    return max(1, int(-(-hours // SLOT_H)))
