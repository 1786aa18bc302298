"""Times as people write them: with an offset, or in the local time of the city."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

EARLIEST_YEAR, LATEST_YEAR = 1950, 2200
"""Years that a situation may lie in; anything else is a slip of the pen."""

WRITTEN = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")
"""Forms besides ISO 8601 that spreadsheets write."""

SHOWN = "%Y-%m-%d %H:%M"


class TimeProblemError(ValueError):
    """A time that can't be used.

    Parameters
    ----------
    reason
        What is wrong with it.
    mend
        What to do about it.
    """

    def __init__(self, reason: str, mend: str) -> None:
        self.reason = reason
        self.mend = mend
        super().__init__(f"{reason}: {mend}")


def parse_time(value: object, zone: ZoneInfo) -> pd.Timestamp:
    """Read a time, in local time where it has no offset.

    Parameters
    ----------
    value
        A date-time, a date (its midnight) or a text that says one.
    zone
        Zone of times without an offset.

    Returns
    -------
    pd.Timestamp
        The time, UTC.

    Raises
    ------
    TimeProblemError
        Where it is not a time, doesn't exist (the clocks skip it in spring) or is twice on the
        clock (in autumn).
    """
    moment = _moment(value)
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise TimeProblemError("is not in a year that can be planned", "check the year")
    if moment.tzinfo is None:
        moment = _localise(moment, zone)
    return pd.Timestamp(moment).tz_convert("UTC").as_unit("ns")


def nearest_half_hours(time: pd.Timestamp, zone: ZoneInfo) -> str:
    """Name the full or half hour nearest to a time, as one may write it.

    Parameters
    ----------
    time
        A time, with its zone.
    zone
        Zone to write it in.

    Returns
    -------
    str
        Date, time and offset.
    """
    return str(time.round("30min").tz_convert(zone).isoformat(timespec="minutes"))


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - localised later
    if isinstance(value, str):
        text = value.strip()
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            for form in WRITTEN:
                try:
                    return datetime.strptime(text, form)  # noqa: DTZ007 - localised later
                except ValueError:
                    continue
    raise TimeProblemError("is not a time", "write it like 2022-11-23T14:00:00+02:00")


def _localise(moment: datetime, zone: ZoneInfo) -> datetime:
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    skipped = datetime.fromtimestamp(first.timestamp(), zone).replace(tzinfo=None) != moment
    if skipped:
        later = (moment + timedelta(hours=1)).strftime(SHOWN)
        raise TimeProblemError(
            f"doesn't exist in {zone.key}: the clocks skip that hour",
            f"write {later}, or give the offset from UTC",
        )
    raise TimeProblemError(
        f"is twice on the clock in {zone.key} that night",
        f"give the offset: {first.isoformat(timespec='minutes')} or "
        f"{second.isoformat(timespec='minutes')}",
    )
