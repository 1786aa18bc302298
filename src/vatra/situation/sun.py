"""The weak sun of an overcast winter day, where no measured irradiance is given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid

OVERCAST_SHARE = 0.35
"""Share of the clear sky's irradiance that an overcast sky lets through; *assumed*, between the
quarter of full stratus and the half of broken cloud."""


def overcast_sun(grid: TimeGrid, latitude: float, longitude: float) -> NDArray[np.float64]:
    """Global horizontal irradiance under an overcast sky.

    Clear sky after Haurwitz (1945), ``1098 · cos z · exp(−0.057 / cos z)`` W/m², times
    `OVERCAST_SHARE`; the sun's declination after Cooper (1969); mean solar time, without the
    equation of time (a quarter of an hour at most).

    Parameters
    ----------
    grid
        The half-hour slots.
    latitude, longitude
        Degrees, north and east positive.

    Returns
    -------
    NDArray[np.float64]
        W/m² at the middle of each slot.
    """
    times = grid.times
    hour_utc = np.asarray(times.hour + times.minute / 60.0, dtype=np.float64) + 0.25
    day = np.asarray(times.day_of_year, dtype=np.float64)
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365)
    hour_angle = np.radians(15.0 * (hour_utc - 12.0) + longitude)
    north = np.radians(latitude)
    height = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(
        hour_angle
    )
    up = np.maximum(height, 1e-3)
    clear = 1098.0 * up * np.exp(-0.057 / up)
    return np.where(height > 1e-3, OVERCAST_SHARE * clear, 0.0)
