"""Where the sun stands, and what its light and the sky's bring to a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.homes.climate import Climate

Float = NDArray[np.float64]

PARTS = 12
"""Parts of an hour over which the sun's angles are averaged."""
GROUND_REFLECTANCE = 0.2
"""Usual bare ground; ASHRAE 140 has the same."""
SOLAR_CONSTANT_W_M2 = 1367.0
LOWEST_COSINE = float(np.cos(np.radians(85.0)))
"""Of the zenith angle: the light round the sun is tilted as if it stood no lower (Perez 1990)."""

# Perez et al. (1990), Solar Energy 44(5), table 1: upper ends of the bins of clearness, and
# F11 F12 F13 F21 F22 F23 in each.
CLEARNESS = np.array([1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2])
BRIGHTNESS = np.array(
    [
        [-0.008, 0.588, -0.062, -0.060, 0.072, -0.022],
        [0.130, 0.683, -0.151, -0.019, 0.066, -0.029],
        [0.330, 0.487, -0.221, 0.055, -0.064, -0.026],
        [0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
        [0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
        [1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
        [1.060, -1.600, -0.359, 0.264, -1.127, 0.131],
        [0.678, -0.327, -0.250, 0.156, -1.377, 0.251],
    ]
)


@dataclass(frozen=True)
class SunPath:
    """Direction to the sun by hour and part of the hour.

    Parameters
    ----------
    south, west, up
        Hour × part: components of the unit vector to the sun.
    shines
        Hour × part: whether it is above the horizon.
    """

    south: Float
    west: Float
    up: Float
    shines: NDArray[np.bool_]

    def mean(self, values: Float) -> Float:
        """Average over the part of each hour in which the sun is up; 0 where it isn't.

        The irradiance of an hour is its sum, so all of it fell in that part.
        """
        count = self.shines.sum(axis=1)
        return np.asarray((values * self.shines).sum(axis=1) / np.maximum(count, 1))


@dataclass(frozen=True)
class PlaneSun:
    """Irradiance of a plane by hour, W/m².

    Parameters
    ----------
    direct
        Beam and the light round the sun.
    diffuse
        Light of the rest of the sky and of the ground.
    cosine
        Hour × part: cosine of the beam's angle of incidence, 0 where it is behind the plane.
    """

    direct: Float
    diffuse: Float
    cosine: Float

    @property
    def total(self) -> Float:
        """All of it."""
        return self.direct + self.diffuse


def sun_path(climate: Climate) -> SunPath:
    """Return where the sun stands; declination and equation of time after Spencer (1971).

    Parameters
    ----------
    climate
        The place, with its clock.
    """
    hours = climate.outdoor_c.size
    clock = (np.arange(hours) % 24)[:, None] + (np.arange(PARTS) + 0.5) / PARTS
    day = _day_angle(hours)[:, None]
    sin, cos = np.sin, np.cos
    declination = (
        0.006918 - 0.399912 * cos(day) + 0.070257 * sin(day) - 0.006758 * cos(2 * day)
        + 0.000907 * sin(2 * day) - 0.002697 * cos(3 * day) + 0.00148 * sin(3 * day)
    )  # fmt: skip
    equation_min = 229.18 * (
        0.000075 + 0.001868 * cos(day) - 0.032077 * sin(day)
        - 0.014615 * cos(2 * day) - 0.040849 * sin(2 * day)
    )  # fmt: skip
    solar = clock + (4.0 * (climate.longitude - 15.0 * climate.offset_h) + equation_min) / 60.0
    angle, north = np.radians(15.0 * (solar - 12.0)), np.radians(climate.latitude)
    up = sin(north) * sin(declination) + cos(north) * cos(declination) * cos(angle)
    south = cos(declination) * cos(angle) * sin(north) - sin(declination) * cos(north)
    return SunPath(south, cos(declination) * sin(angle), up, up > 0.0)


def plane_sun(climate: Climate, path: SunPath, tilt_deg: float, azimuth_deg: float) -> PlaneSun:
    """Return what a plane receives; the sky after Perez et al. (1990).

    Parameters
    ----------
    climate, path
        The weather, and where the sun stands in it.
    tilt_deg
        0 for a roof, 90 for a wall.
    azimuth_deg
        Which way it faces: 0 south, 90 west, 180 north, −90 east.
    """
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    facing = (
        path.south * np.sin(tilt) * np.cos(azimuth) + path.west * np.sin(tilt) * np.sin(azimuth)
        + path.up * np.cos(tilt)
    )  # fmt: skip
    cosine = np.where(path.shines, np.maximum(facing, 0.0), 0.0)
    mean_cosine, zenith_cosine = path.mean(cosine), path.mean(path.up)
    around, band = _perez(climate, zenith_cosine)
    beam, sky = climate.beam_w_m2, climate.diffuse_w_m2
    ratio = mean_cosine / np.maximum(zenith_cosine, LOWEST_COSINE)
    rest = sky * (1.0 - around) * (1.0 + np.cos(tilt)) / 2.0 + sky * band * np.sin(tilt)
    ground = climate.global_w_m2 * GROUND_REFLECTANCE * (1.0 - np.cos(tilt)) / 2.0
    return PlaneSun(
        direct=beam * mean_cosine + sky * around * ratio,
        diffuse=np.maximum(rest, 0.0) + ground,
        cosine=cosine,
    )


def _perez(climate: Climate, zenith_cosine: Float) -> tuple[Float, Float]:
    # Brightness round the sun and at the horizon, relative to the sky's mean.
    zenith = np.arccos(np.clip(zenith_cosine, 0.0, 1.0))
    sky, beam = np.maximum(climate.diffuse_w_m2, 1e-9), climate.beam_w_m2
    haze = 1.041 * zenith**3
    clearness = np.where(climate.diffuse_w_m2 > 0.0, ((sky + beam) / sky + haze) / (1 + haze), 1.0)
    bins = BRIGHTNESS[np.searchsorted(CLEARNESS, clearness, side="right")]
    # Air mass after Kasten (1966); the sun's distance by the day of the year.
    mass = 1.0 / (np.cos(zenith) + 0.15 * np.maximum(93.885 - np.degrees(zenith), 1.0) ** -1.253)
    outside = SOLAR_CONSTANT_W_M2 * (1.0 + 0.033 * np.cos(_day_angle(zenith.size)))
    bright = climate.diffuse_w_m2 * mass / outside
    around = bins[:, 0] + bins[:, 1] * bright + bins[:, 2] * zenith
    band = bins[:, 3] + bins[:, 4] * bright + bins[:, 5] * zenith
    return np.maximum(around, 0.0), np.asarray(band)


def _day_angle(hours: int) -> Float:
    return np.asarray(2.0 * np.pi * (np.arange(hours) // 24) / 365.0)
