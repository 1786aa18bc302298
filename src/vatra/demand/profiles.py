"""How the load of each kind of customer runs over the day, and how it answers to the cold.

All tables here are *assumed*: no measured profiles of a city's customer classes were found. Their
forms are the usual ones of a northern city in winter (homes with a morning and a higher evening
peak, offices and shops by day, water, heat and hospitals nearly flat). The city's total is scaled
to its known peak, and each feeder's share follows its own peak.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

PEAK_HOUR = 18.25
"""Local hour, the middle of a half-hour, at which profiles are 1 on a working day.

Peak loads in a city's tables are loads at the city's winter peak, not each customer's own."""

FLAT = (1.0,) * 24

WORKDAY: dict[str, tuple[float, ...]] = {
    "household": (
        0.52, 0.46, 0.43, 0.42, 0.42, 0.46, 0.57, 0.70, 0.72, 0.67, 0.64, 0.63,
        0.63, 0.62, 0.63, 0.67, 0.77, 0.90, 1.00, 1.00, 0.97, 0.90, 0.78, 0.63,
    ),
    "office": (
        0.38, 0.36, 0.36, 0.36, 0.37, 0.40, 0.48, 0.65, 0.86, 0.97, 1.00, 1.00,
        0.97, 0.99, 1.00, 0.99, 0.96, 0.90, 0.78, 0.64, 0.54, 0.47, 0.42, 0.39,
    ),
    "shop": (
        0.40, 0.38, 0.38, 0.38, 0.38, 0.40, 0.45, 0.56, 0.75, 0.88, 0.96, 0.98,
        0.98, 0.98, 0.98, 0.98, 1.00, 1.00, 1.00, 0.97, 0.90, 0.74, 0.55, 0.44,
    ),
    "school": (
        0.30, 0.30, 0.30, 0.30, 0.32, 0.38, 0.55, 0.85, 1.00, 1.00, 1.00, 1.00,
        0.98, 0.95, 0.90, 0.85, 0.80, 0.76, 0.68, 0.55, 0.42, 0.35, 0.32, 0.30,
    ),
    "industry": (
        0.72, 0.71, 0.70, 0.70, 0.71, 0.74, 0.82, 0.92, 0.99, 1.00, 1.00, 0.98,
        0.95, 0.98, 0.98, 0.97, 0.94, 0.92, 0.90, 0.88, 0.86, 0.83, 0.78, 0.75,
    ),
    "transport": (
        0.30, 0.20, 0.18, 0.20, 0.35, 0.60, 0.85, 1.00, 1.00, 0.90, 0.80, 0.78,
        0.78, 0.78, 0.80, 0.85, 0.95, 1.00, 1.00, 0.90, 0.78, 0.66, 0.55, 0.42,
    ),
    "hospital": (
        0.80, 0.79, 0.78, 0.78, 0.79, 0.82, 0.88, 0.94, 1.00, 1.00, 1.00, 1.00,
        0.99, 0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.92, 0.90, 0.87, 0.84, 0.82,
    ),
    "water": (
        0.82, 0.80, 0.79, 0.79, 0.80, 0.85, 0.93, 1.00, 1.00, 0.98, 0.96, 0.95,
        0.94, 0.94, 0.94, 0.95, 0.97, 0.99, 1.00, 1.00, 0.99, 0.97, 0.92, 0.86,
    ),
    "heat": FLAT,
    "emergency": FLAT,
    "telecom": FLAT,
}  # fmt: skip
"""Load by hour of a working day, the means of the hours, in any scale."""

WORKDAY["sewage"] = WORKDAY["water"]

WEEKEND: dict[str, tuple[float, ...]] = {
    "household": (
        0.54, 0.48, 0.44, 0.42, 0.42, 0.43, 0.47, 0.56, 0.67, 0.75, 0.79, 0.79,
        0.77, 0.75, 0.75, 0.77, 0.84, 0.93, 0.99, 0.98, 0.94, 0.88, 0.78, 0.65,
    ),
    "office": (
        0.36, 0.35, 0.35, 0.35, 0.35, 0.36, 0.38, 0.41, 0.45, 0.48, 0.50, 0.50,
        0.50, 0.50, 0.49, 0.48, 0.47, 0.46, 0.45, 0.43, 0.41, 0.39, 0.38, 0.37,
    ),
    "school": (
        0.30, 0.30, 0.30, 0.30, 0.30, 0.31, 0.33, 0.35, 0.38, 0.40, 0.40, 0.40,
        0.40, 0.40, 0.38, 0.37, 0.37, 0.36, 0.35, 0.34, 0.33, 0.32, 0.31, 0.30,
    ),
    "industry": (
        0.66, 0.65, 0.65, 0.65, 0.65, 0.66, 0.68, 0.70, 0.72, 0.73, 0.73, 0.73,
        0.72, 0.72, 0.72, 0.72, 0.72, 0.72, 0.71, 0.70, 0.69, 0.68, 0.67, 0.66,
    ),
    "transport": (
        0.32, 0.22, 0.18, 0.18, 0.26, 0.42, 0.56, 0.66, 0.72, 0.74, 0.75, 0.76,
        0.76, 0.76, 0.76, 0.78, 0.80, 0.82, 0.80, 0.76, 0.70, 0.62, 0.52, 0.42,
    ),
}  # fmt: skip
"""The same on Saturday and Sunday, for the kinds that differ then."""

MIXED = {"household": 0.62, "office": 0.12, "shop": 0.13, "industry": 0.10, "transport": 0.03}
"""Kinds in the load at the peak of a feeder whose customers aren't known; *assumed*."""

COLD_WEIGHT = {
    "household": 1.0, "office": 0.7, "shop": 0.5, "school": 0.7, "industry": 0.15,
    "transport": 0.3,
}  # fmt: skip
"""How strongly a kind answers to the cold, homes being 1; *assumed*. Other kinds and critical
customers don't."""

MOST_COLD_SHARE = 0.8
"""No kind's load at the peak is more than this share due to the cold; *assumed*."""


@dataclass(frozen=True)
class ColdResponse:
    """How the ordinary load answers to the outdoor temperature.

    It grows linearly from `mild_c` to `design_c` by a thirtieth of the peak for each degree,
    which is the «−5 °C = +250 MW» of the supplier Yasno for a city of 1,500 MW. What that figure
    covers is unclear (it may be more than the city, or include heaters in unheated homes); it
    agrees with the city's own range from 1,000 MW in mild weather to 1,500 MW at the peak. Below
    `design_c` the ordinary load grows no more: the heaters that there are all run by then
    (*assumed*), and what homes that lose their heat plug in besides is counted by `vatra.homes`.

    Parameters
    ----------
    mild_c
        Outdoor temperature above which there is no heating by electricity; *assumed* 5 °C.
    design_c
        Outdoor temperature from which on the load is at its peak, down to −10 °C and beyond;
        *assumed* −5 °C.
    peak_share
        Share of the city's peak load that is due to the cold, 1/3.
    """

    mild_c: float = 5.0
    design_c: float = -5.0
    peak_share: float = 1.0 / 3.0

    def __post_init__(self) -> None:
        if not self.design_c < self.mild_c:
            raise ValueError(f"design_c ({self.design_c}) must be below mild_c ({self.mild_c})")

    def cold(self, outdoor_c: ArrayLike) -> NDArray[np.float64]:
        """Cold as a share of the design cold: 0 in mild weather, 1 at `design_c` and below."""
        below = self.mild_c - np.asarray(outdoor_c, dtype=np.float64)
        return np.asarray(np.clip(below / (self.mild_c - self.design_c), 0.0, 1.0))


def day_profile(
    kind: str, hour: ArrayLike, weekend: ArrayLike, *, heating: bool = False
) -> NDArray[np.float64]:
    """Load of a kind of customer, as a share of its load at the city's winter peak.

    Parameters
    ----------
    kind
        A kind of customer of the city's schema, or ``household``, ``mixed`` or ``critical``
        (flat).
    hour
        Local hour of the day at the middle of each slot, 0 to 24.
    weekend
        True on Saturday and Sunday, by slot.
    heating
        Whether it is the part due to the cold, which runs through the night and is taken to be
        half as uneven as the rest; *assumed*.

    Returns
    -------
    NDArray[np.float64]
        Share by slot; 1 at `PEAK_HOUR` of a working day.
    """
    hour = np.asarray(hour, dtype=np.float64)
    if kind == "mixed":
        parts = [
            share * day_profile(part, hour, weekend, heating=heating)
            for part, share in MIXED.items()
        ]
        return np.asarray(np.sum(parts, axis=0))
    workday = WORKDAY.get(kind, FLAT)
    at_peak = _interpolate(workday, np.asarray(PEAK_HOUR))
    shape = np.where(
        np.asarray(weekend, dtype=np.bool_),
        _interpolate(WEEKEND.get(kind, workday), hour),
        _interpolate(workday, hour),
    )
    shape = shape / at_peak
    return np.asarray(0.5 + 0.5 * shape if heating else shape)


def cold_weight(kind: str) -> float:
    """Return how strongly a kind of customer answers to the cold, homes being 1."""
    if kind == "mixed":
        return sum(share * COLD_WEIGHT.get(part, 0.0) for part, share in MIXED.items())
    return COLD_WEIGHT.get(kind, 0.0)


def _interpolate(hourly: tuple[float, ...], hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read hourly means at any hour; a mean stands for the middle of its hour."""
    middles = np.arange(24) + 0.5
    return np.asarray(np.interp(hour, middles, np.asarray(hourly), period=24.0))
