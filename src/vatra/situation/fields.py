"""One table of a situation file, read field by field, with every problem kept."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from vatra.problems import Problem, name_ids
from vatra.situation.local_time import TimeProblemError, parse_time

_SHOWN = 60  # characters of a wrong value that a message repeats


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the known name that is nearest to a wrong one.

    Parameters
    ----------
    name
        What was written.
    known
        What could have been meant.

    Returns
    -------
    str
        A question, or a short list of what is known; empty where nothing is.
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        return f"did you mean «{near[0]}»?"
    return f"known are {name_ids(names, 6)}" if names else ""


def shown(value: object) -> str:
    """Return a value as a message repeats it, shortened."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Fields:
    """Reads the fields of one table; a field that is missing or wrong reads as None.

    Parameters
    ----------
    raw
        The table, as TOML gives it.
    place
        What messages call it, for example ``supply[2]``; empty for the file itself.
    known
        Keys that it may have.
    problems
        Where problems are put.
    zone
        Zone of times without an offset.
    """

    def __init__(
        self,
        raw: dict[str, Any],
        place: str,
        known: Sequence[str],
        problems: list[Problem],
        zone: ZoneInfo,
    ) -> None:
        self.raw = raw
        self.place = place
        self._problems = problems
        self._zone = zone
        for key in raw:
            if key not in known:
                self.problem(key, "", "unknown key", did_you_mean(key, set(known) - raw.keys()))

    def within(self, place: str, raw: dict[str, Any], known: Sequence[str]) -> Fields:
        """Read a table inside this one."""
        return Fields(raw, place, known, self._problems, self._zone)

    def problem(self, key: str, subject: object, reason: str, mend: str = "") -> None:
        """Keep a problem with a field, or with the whole table where `key` is empty."""
        place = ".".join(part for part in (self.place, key) if part)
        self._problems.append(Problem(place, shown(subject), reason, mend))

    def adopt(self, subject: str, problem: Problem) -> None:
        """Keep a problem of a file that the table names."""
        place = ".".join(part for part in (self.place, problem.place) if part)
        subject = " ".join(part for part in (subject, problem.subject) if part)
        self._problems.append(Problem(place, subject, problem.reason, problem.mend))

    def text(self, key: str, default: str | None = None) -> str | None:
        """Read a text."""
        value = self.raw.get(key, default)
        if value is None or (isinstance(value, str) and (value.strip() or key not in self.raw)):
            return value
        self.problem(key, value, "is not a text", f'write it like {key} = "…"')
        return None

    def choice(self, key: str, choices: Sequence[str], default: str) -> str | None:
        """Read one of some texts."""
        value = self.text(key, default)
        if key not in self.raw or value is None or value in choices:
            return value
        self.problem(key, value, "is not one of the choices", did_you_mean(value, choices))
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts."""
        value = self.raw.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(dict.fromkeys(value))
        self.problem(key, value, "is not a list of texts", f'write it like {key} = ["…", "…"]')
        return ()

    def number(
        self, key: str, unit: str, minimum: float = -math.inf, maximum: float = math.inf
    ) -> float | None:
        """Read a finite number in a range."""
        return self.check_number(key, self.raw.get(key), unit, minimum, maximum)

    def check_number(
        self, key: str, value: object, unit: str, minimum: float, maximum: float
    ) -> float | None:
        """Check that a value is a finite number in a range; None passes."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problem(key, value, "is not a number", f"give it in {unit}, without quotes")
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.problem(key, value, "is not a finite number", f"give it in {unit}")
        elif number < minimum:
            self.problem(key, value, f"is below {minimum:g} {unit}", "correct it")
        elif number > maximum:
            self.problem(key, value, f"is above {maximum:g} {unit}", "correct it")
        else:
            return number
        return None

    def time(self, key: str) -> pd.Timestamp | None:
        """Read a time."""
        return self.check_time(key, self.raw[key]) if key in self.raw else None

    def check_time(self, key: str, value: object) -> pd.Timestamp | None:
        """Check that a value is a time that exists once."""
        try:
            return parse_time(value, self._zone)
        except TimeProblemError as error:
            self.problem(key, value, error.reason, error.mend)
            return None

    def tables(self, key: str) -> list[tuple[str, dict[str, Any]]]:
        """Read an array of tables; each with the place that messages call it by."""
        value = self.raw.get(key, [])
        if isinstance(value, dict):
            self.problem(key, "", "is one table", f"write [[{key}]], with two brackets")
        elif not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, value, "is not a list of tables", f"write each as [[{key}]]")
        else:
            return [(f"{key}[{number}]", item) for number, item in enumerate(value, 1)]
        return []

    def table(self, key: str) -> dict[str, Any] | None:
        """Read a table."""
        value = self.raw.get(key)
        if value is None or isinstance(value, dict):
            return value
        self.problem(key, value, "is not a table", f"write it as [{key}]")
        return None

    def span(self) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """Read ``from`` and ``to``; None where they are open."""
        since, until = self.time("from"), self.time("to")
        if since is not None and until is not None and since >= until:
            self.problem("to", self.raw["to"], "is not after «from»", "correct one of them")
        return since, until

    def claims(self, known: Collection[str]) -> tuple[str, ...]:
        """Read the ids of claims, which must be in the file."""
        cited = self.texts("claims")
        for claim in cited:
            if claim not in known:
                mend = did_you_mean(claim, known) or "add it as [[claims]]"
                self.problem("claims", claim, "there is no such claim", mend)
        return cited
