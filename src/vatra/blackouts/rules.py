"""What a rotation of blackouts has to obey, besides the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from vatra.blackouts.clock import LightWindow, clock_span, clock_text, light_window, overlapping
from vatra.problems import InputError, Problem
from vatra.situation.fields import did_you_mean, shown
from vatra.situation.timegrid import SLOT_H

NEVER = 10**6
"""A run longer than any, slots."""

LONGEST_H = 10_000.0
"""Longest run that a rule may speak of, hours: more than a year."""

MOST_SWITCHINGS = 10_000
"""More switchings in half an hour than anybody could do."""

OFF_AT_0 = (
    "max_dark_h", "max_light_h", "max_dark_day_h", "substation_switchings", "crew_switchings",
)  # fmt: skip
"""Rules that 0 or less turns off."""

LENGTHS = ("min_dark_h", "min_light_h", "max_dark_h", "max_light_h", "max_dark_day_h")
NOTICES = ("notice_h", "manual_notice_h")
COUNTS = ("substation_switchings", "crew_switchings")


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
    max_dark_day_h
        Most dark hours of a feeder in a local day, of 23, 24 or 25 hours; None for no such rule,
        as in practice: Ukraine's order 439 of 2024 asks for equality over the week only.
    must_light
        Local hours of every day in which there should be light, all the time or for so many
        hours. None in practice: published templates name no such hours.
    substation_switchings
        Most switchings in one substation and half-hour; None for no such rule.
    crew_switchings
        Most switchings by one crew and half-hour, of feeders that are switched by hand; None for
        no such rule. Order 439 gives 30 minutes to carry an order out: with a drive between them,
        three switchings are about what a crew can do in that time (assumed).
    notice_h
        No feeder is switched before this many hours from now. 0.
    manual_notice_h
        The same for feeders that are switched by hand. 0.5 h: the 30 minutes of order 439.
    quiet_h
        Local hours from and up to which nothing is switched by hand, for example 22 and 6; None
        for no such rule.
    keep_mixed
        Whether feeders with a critical part are kept lit where that part is known to have no
        backup of its own. True: order 439 exempts critical customers.
    align_queues
        Whether the feeders of a queue keep to the hours of their queue as far as the limits
        allow, so that a rotation can be published by queue.
    """

    min_dark_h: float = 1.0
    min_light_h: float = 2.0
    max_dark_h: float | None = 8.0
    max_light_h: float | None = None
    max_dark_day_h: float | None = None
    must_light: tuple[LightWindow, ...] = ()
    substation_switchings: int | None = None
    crew_switchings: int | None = None
    notice_h: float = 0.0
    manual_notice_h: float = 0.5
    quiet_h: tuple[float, float] | None = None
    keep_mixed: bool = True
    align_queues: bool = True

    def __post_init__(self) -> None:
        problems = self._own_problems()
        wrong = {problem.place for problem in problems}
        for most, least in (("max_dark_h", "min_dark_h"), ("max_light_h", "min_light_h")):
            value = getattr(self, most)
            if value is None or {f"rules.{most}", f"rules.{least}"} & wrong:
                continue
            if value < getattr(self, least):
                problems.append(Problem(f"rules.{most}", str(value), f"less than {least}"))
        if problems:
            raise InputError("rules", problems)

    def _own_problems(self) -> list[Problem]:
        """Find values that are wrong by themselves."""
        problems = []
        for name in (*LENGTHS, *NOTICES):
            value = getattr(self, name)
            if value is None and name in OFF_AT_0:
                continue
            least = "0 or more" if name in NOTICES else "above 0"
            sound = _is_number(value) and (
                0 < value <= LONGEST_H or (value == 0 and name in NOTICES)
            )
            if not sound:
                mend = f"hours {least}, at most {LONGEST_H:g}"
                problems.append(Problem(f"rules.{name}", str(value), "not a length of time", mend))
        for name in COUNTS:
            value = getattr(self, name)
            sound = _is_number(value) and value == int(value) and 1 <= value <= MOST_SWITCHINGS
            if value is not None and not sound:
                mend = f"a whole number, 1 to {MOST_SWITCHINGS:,}"
                problems.append(
                    Problem(f"rules.{name}", str(value), "not a number of switchings", mend)
                )
        if self.quiet_h is not None:
            _, wrong = clock_span(self.quiet_h)
            if wrong:
                problems.append(Problem("rules.quiet_h", str(self.quiet_h), wrong, QUIET_MEND))
        if twice := overlapping(self.must_light):
            problems.append(
                Problem("rules.must_light", twice, "hours that overlap", "make them one")
            )
        return problems

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

    def values(self) -> dict[str, Any]:
        """Return the rules as `rules_from` takes them; what is off is left out.

        Returns
        -------
        dict
            Numbers, texts and lists of texts by name.
        """
        plain: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "must_light":
                value = [str(window) for window in value] or None
            elif field.name == "quiet_h" and value is not None:
                value = clock_text(value)
            if value is not None:
                plain[field.name] = value
        for name in OFF_AT_0:
            plain.setdefault(name, 0)
        return plain


QUIET_MEND = "write it like 22:00-06:00"


def rules_from(values: Mapping[str, Any]) -> Rules:
    """Make rules from a situation's settings or a file.

    Parameters
    ----------
    values
        Values by name: hours and numbers, where 0 or less turns a longest run, dark hours a day
        and numbers of switchings off; ``quiet_h`` as «22:00-06:00»; ``must_light`` as a list of
        «06:00-08:00» (light throughout) and «06:00-08:00 1» (for an hour).

    Returns
    -------
    Rules
        The defaults, with these values in place.

    Raises
    ------
    InputError
        With every name that is not a rule and every value that can't be.
    """
    known = {field.name for field in fields(Rules)}
    problems = [
        Problem("rules", name, "no such rule",
                did_you_mean(name, known) or "one of " + ", ".join(sorted(known)))
        for name in values if name not in known
    ]  # fmt: skip
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name in known:
            given[name] = _read(name, value, problems)
    broken = {p.place.removeprefix("rules.") for p in problems}
    try:
        rules = Rules(**{name: value for name, value in given.items() if name not in broken})
    except InputError as error:
        raise InputError("rules", [*problems, *error.problems]) from error
    if problems:
        raise InputError("rules", problems)
    return rules


def _read(name: str, value: Any, problems: list[Problem]) -> Any:
    """Read one value; its kind is looked at here, whether it can be by `Rules`."""
    place = f"rules.{name}"
    if name == "must_light":
        return _windows(place, value, problems)
    if name == "quiet_h":
        if value is None or (_is_number(value) and value <= 0):
            return None
        span, wrong = clock_span(value)
        if wrong:
            problems.append(Problem(place, str(value), wrong, QUIET_MEND))
        return span
    if name in {"align_queues", "keep_mixed"}:
        if not isinstance(value, bool | int | float) or value not in {0, 1}:
            problems.append(
                Problem(place, shown(value), "is neither true nor false", "true or false")
            )
        return bool(value)
    if name in OFF_AT_0 and (value is None or (_is_number(value) and value <= 0)):
        value = None
    elif not _is_number(value):
        mend = "a number, without quotes"
        problems.append(Problem(place, shown(value), "is not of the right kind", mend))
    elif name in COUNTS and value == int(value):
        value = int(value)
    return value


def _windows(place: str, value: Any, problems: list[Problem]) -> tuple[LightWindow, ...]:
    """Read hours with light; 0 or an empty list is none."""
    if isinstance(value, list | tuple):
        texts = list(value)
    else:
        texts = [] if _is_number(value) and value <= 0 else [value]
    windows = []
    for text in texts:
        window, wrong = light_window(text)
        if window is None:
            mend = "write it like 06:00-08:00, or 06:00-08:00 1 for an hour of them"
            problems.append(Problem(place, shown(text), wrong, mend))
        else:
            windows.append(window)
    return tuple(windows)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124


def _round_up(hours: float) -> int:
    return max(1, int(-(-hours // SLOT_H)))
