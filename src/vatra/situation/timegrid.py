"""Half-hour slots: UTC inside, local time at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SLOT_H = 0.5
"""Length of a slot in hours."""


@dataclass(frozen=True)
class TimeGrid:
    """A run of half-hour slots.

    Parameters
    ----------
    start
        Start of the first slot, UTC, on a full or half hour.
    slots
        Number of slots, at least one.
    time_zone
        IANA name of the zone that local times are shown in.
    """

    start: pd.Timestamp
    slots: int
    time_zone: str = "Europe/Kyiv"

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("the start of a time grid needs a time zone")
        start = self.start.tz_convert("UTC")
        if start != start.floor("30min"):
            raise ValueError(f"{self.start} is not on a full or half hour")
        if self.slots < 1:
            raise ValueError("a time grid needs at least one slot")
        object.__setattr__(self, "start", start)

    @property
    def times(self) -> pd.DatetimeIndex:
        """Start of each slot, UTC."""
        return pd.date_range(self.start, periods=self.slots, freq="30min")

    @property
    def end(self) -> pd.Timestamp:
        """End of the last slot, UTC."""
        return self.start + pd.Timedelta(minutes=30 * self.slots)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that local times are shown in."""
        return ZoneInfo(self.time_zone)

    @property
    def local(self) -> pd.DatetimeIndex:
        """Start of each slot in local time."""
        return self.times.tz_convert(self.time_zone)

    @property
    def day(self) -> NDArray[np.int64]:
        """Number of the local calendar day of each slot, 0 for the first.

        A day has 46, 48 or 50 slots: the change to and from summer time is in it.
        """
        dates = self.local.normalize()
        codes, _ = pd.factorize(dates)
        return np.asarray(codes, dtype=np.int64)

    @property
    def hour(self) -> NDArray[np.float64]:
        """Local hour of the day at which each slot starts, 0 to 23.5."""
        local = self.local
        return np.asarray(local.hour + local.minute / 60.0, dtype=np.float64)

    def slot_of(self, time: pd.Timestamp) -> int:
        """Return the slot in which a time falls; may lie before 0 or past the end."""
        return int((time.tz_convert("UTC") - self.start) // pd.Timedelta(minutes=30))

    def touched(self, since: pd.Timestamp | None, until: pd.Timestamp | None) -> tuple[int, int]:
        """Return the slots that a span touches: the first, and the one after the last.

        Parameters
        ----------
        since, until
            The span, with time zones; None for the start and end of the grid.

        Returns
        -------
        tuple[int, int]
            Both within the grid; equal where the span doesn't touch it.
        """
        slot = pd.Timedelta(minutes=30)
        first = 0 if since is None else int((since - self.start) // slot)
        end = self.slots if until is None else -int((self.start - until) // slot)
        return min(max(first, 0), self.slots), min(max(end, 0), self.slots)
