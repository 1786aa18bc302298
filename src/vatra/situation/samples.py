"""Weather as samples in time, and how it becomes one value a slot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid

RANGES = {"outdoor_c": (-60.0, 60.0), "wind_m_s": (0.0, 90.0), "solar_w_m2": (0.0, 1500.0)}
"""Least and most that each quantity may be."""

UNITS = {"outdoor_c": "°C", "wind_m_s": "m/s", "solar_w_m2": "W/m²"}

LONGEST_GAP_H = 12.0
"""Longest stretch without a sample that is interpolated in a file."""


@dataclass(frozen=True)
class Samples:
    """Values at times.

    Parameters
    ----------
    time
        Times of the samples, UTC, rising.
    value
        Their values.
    """

    time: pd.DatetimeIndex
    value: NDArray[np.float64]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Times as seconds since 1970."""
        return _seconds(self.time)

    @property
    def step_h(self) -> float:
        """Usual distance between samples, an hour for a single one."""
        if len(self.time) < 2:
            return 1.0
        return float(np.median(np.diff(self.seconds))) / 3600.0

    def at(self, grid: TimeGrid) -> NDArray[np.float64]:
        """Interpolate to the middle of each slot; the ends hold beyond the samples."""
        return np.asarray(np.interp(middles(grid), self.seconds, self.value))

    def covers(self, grid: TimeGrid) -> str:
        """Say in a sentence what of a grid the samples don't cover; empty where they do.

        The last sample holds for as long as samples usually are apart.
        """
        middle, seconds = middles(grid), self.seconds
        first, last = seconds[0], seconds[-1] + 3600.0 * self.step_h
        zone = grid.time_zone
        span = " to ".join(
            self.time[end].tz_convert(zone).isoformat(timespec="minutes") for end in (0, -1)
        )
        if middle[0] < first or middle[-1] > last:
            return f"it has {span}"
        long = np.flatnonzero(np.diff(seconds) > 3600.0 * LONGEST_GAP_H)
        for gap in long.tolist():
            if middle[0] < seconds[gap + 1] and middle[-1] > seconds[gap]:
                since = self.time[gap].tz_convert(zone).isoformat(timespec="minutes")
                return f"nothing for more than {LONGEST_GAP_H:g} hours from {since} on"
        return ""


def middles(grid: TimeGrid) -> NDArray[np.float64]:
    """Middle of each slot, seconds since 1970."""
    return _seconds(grid.times) + 900.0


def _seconds(times: pd.DatetimeIndex) -> NDArray[np.float64]:
    return np.asarray((times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1))
