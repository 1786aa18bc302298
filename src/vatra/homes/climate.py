"""A year of weather as a building feels it: air, wind, sun and the sky's long-wave radiation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vatra.problems import InputError, Problem

Float = NDArray[np.float64]

HOURS = 8760
HEADER_LINES = 8

# Fields of an EPW record: EnergyPlus «Auxiliary Programs», EPW data dictionary.
OUTDOOR_C, PRESSURE_PA, SKY_W_M2, GLOBAL_W_M2, BEAM_W_M2, DIFFUSE_W_M2, WIND_M_S = (
    6, 9, 12, 13, 14, 15, 21,
)  # fmt: skip


@dataclass(frozen=True)
class Climate:
    """A year of hourly means at a place; hour 0 is the first of 1 January by its own clock.

    Parameters
    ----------
    latitude, longitude
        Degrees, north and east positive.
    offset_h
        Offset of its clock from UTC, hours.
    pressure_pa
        Mean air pressure, which is that of its height.
    outdoor_c, wind_m_s
        Air temperature, °C, and wind at 10 m, m/s.
    sky_w_m2
        Long-wave radiation of the sky on a horizontal plane, W/m².
    global_w_m2, beam_w_m2, diffuse_w_m2
        Sun on a horizontal plane, beam on a plane that faces it, sky's light on a horizontal plane.
    """

    latitude: float
    longitude: float
    offset_h: float
    pressure_pa: float
    outdoor_c: Float
    wind_m_s: Float
    sky_w_m2: Float
    global_w_m2: Float
    beam_w_m2: Float
    diffuse_w_m2: Float

    @property
    def air_kg_m3(self) -> float:
        """Density of dry air at the place's pressure and 20 °C."""
        return self.pressure_pa / (287.05 * 293.15)

    @property
    def hour_of_day(self) -> NDArray[np.int64]:
        """Hour of the day at which each hour begins, 0 to 23."""
        return np.arange(self.outdoor_c.size) % 24


def read_climate(path: str | Path) -> Climate:
    """Read a year from an EPW file.

    Parameters
    ----------
    path
        The file. Temperature and wind hold at the end of the hour and are averaged with the hour
        before; irradiance is that of the hour before.

    Returns
    -------
    Climate
        8,760 hours.

    Raises
    ------
    InputError
        Where it isn't a whole year of hours.
    """
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    try:
        place = [float(field) for field in lines[0].split(",")[-4:]]
        rows = [line.split(",") for line in lines[HEADER_LINES:] if line.strip()]
        table = np.array([[float(row[i]) for i in range(OUTDOOR_C, WIND_M_S + 1)] for row in rows])
    except (IndexError, ValueError) as error:
        reason = Problem("records", "", f"can't be read ({error})", "check that it is an EPW file")
        raise InputError(str(path), [reason]) from error
    if len(table) != HOURS:
        reason = Problem("records", f"{len(table):,}", f"are not the {HOURS:,} hours of a year")
        raise InputError(str(path), [reason])

    def field(index: int) -> Float:
        return np.asarray(table[:, index - OUTDOOR_C])

    def over_the_hour(index: int) -> Float:
        return (field(index) + np.roll(field(index), 1)) / 2.0

    return Climate(
        latitude=place[0],
        longitude=place[1],
        offset_h=place[2],
        pressure_pa=float(field(PRESSURE_PA).mean()),
        outdoor_c=over_the_hour(OUTDOOR_C),
        wind_m_s=over_the_hour(WIND_M_S),
        sky_w_m2=field(SKY_W_M2),
        global_w_m2=field(GLOBAL_W_M2),
        beam_w_m2=field(BEAM_W_M2),
        diffuse_w_m2=field(DIFFUSE_W_M2),
    )
