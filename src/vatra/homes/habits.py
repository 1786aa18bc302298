"""When people are at home and use things; assumed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def presence_by_hour(hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of residents at home; assumed: half in working hours, all at night.

    Parameters
    ----------
    hour
        Local hour of the day, 0 to 24.
    """
    by_hour = np.array([1.0] * 7 + [0.8] + [0.5] * 9 + [0.65, 0.8, 0.9] + [1.0] * 4)
    return np.asarray(by_hour[np.floor(hour).astype(np.int64) % 24])


def activity_by_hour(hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heat of appliances relative to its daily mean; assumed: a usual domestic day.

    Parameters
    ----------
    hour
        Local hour of the day, 0 to 24.
    """
    shape = np.array([0.5] * 6 + [0.9, 1.2, 1.1] + [0.9] * 8 + [1.4, 1.7, 1.8, 1.8, 1.7, 1.2, 0.8])
    return np.asarray((shape / shape.mean())[np.floor(hour).astype(np.int64) % 24])
