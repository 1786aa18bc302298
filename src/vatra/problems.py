"""Problems with what a user gave: collected, worded and raised all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, and how to mend it.

    Parameters
    ----------
    place
        Where it is: ``table.column``, ``file:line`` or an option.
    subject
        Which rows, values or files: ids, joined and shortened by `name_ids`.
    reason
        What is wrong.
    mend
        What to do about it.
    """

    place: str
    subject: str
    reason: str
    mend: str = ""

    def __str__(self) -> str:
        """Return the problem as one line."""
        text = f"{self.reason}: {self.mend}" if self.mend else self.reason
        return "  ".join(part for part in (self.place, self.subject, text) if part)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem for machines."""
        return asdict(self)


class InputError(ValueError):
    """Input that can't be used, with every problem found in it.

    Parameters
    ----------
    source
        The file, folder or table that the problems are in.
    problems
        All of them, not the first one.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(format_problems(source, self.problems))


def format_problems(source: str, problems: Sequence[Problem]) -> str:
    """Lay problems out in columns: place, subject, reason and mend.

    Parameters
    ----------
    source
        What they are problems of; heads the list.
    problems
        The problems, in the order to show them.

    Returns
    -------
    str
        One line for the source, then one a problem.
    """
    count = len(problems)
    if not count:
        return f"{source}: no problems"
    width_place = min(max(len(p.place) for p in problems), 32)
    width_subject = min(max(len(p.subject) for p in problems), 40)
    lines = [f"{source}: {count} problem{'s' if count != 1 else ''}"]
    for p in problems:
        text = f"{p.reason}: {p.mend}" if p.mend else p.reason
        lines.append(f"  {p.place:<{width_place}}  {p.subject:<{width_subject}}  {text}")
    return "\n".join(lines)


def name_ids(ids: Iterable[object], limit: int = 4) -> str:
    """Name ids for a problem, the first few and how many more there are.

    Parameters
    ----------
    ids
        The ids concerned.
    limit
        How many to spell out.

    Returns
    -------
    str
        For example ``«F-0112», «F-0113» and 7 more``, without the quotes.
    """
    names = [str(i) for i in ids]
    if len(names) <= limit:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} and {len(names) - limit} more"
