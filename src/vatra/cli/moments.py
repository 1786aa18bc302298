"""A moment that somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vatra.problems import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd


def moment_of(text: str, time_zone: str, option: str = "--at") -> pd.Timestamp:
    """Read a moment; without an offset it is local time.

    Parameters
    ----------
    text
        Such as ``2022-11-24T18:10+02:00`` or ``2022-11-24 18:10``.
    time_zone
        Zone of local time.
    option
        What a problem is said to be with.

    Returns
    -------
    pandas.Timestamp
        With its zone.

    Raises
    ------
    InputError
        If it isn't a time.
    """
    from zoneinfo import ZoneInfo

    from vatra.situation.local_time import TimeProblemError, parse_time

    try:
        return parse_time(text, ZoneInfo(time_zone))
    except TimeProblemError as error:
        raise InputError("blackouts", [Problem(option, text, error.reason, error.mend)]) from None
