"""Where on Earth a city is: its coordinate system and its time zone."""

from __future__ import annotations

import re
from importlib.resources import files
from math import asin, cos, floor, radians, sin, sqrt

_DISPUTED = ("Europe/Simferopol",)  # claimed by two countries; nearer to Dnipro than Kyiv is
_EARTH_KM = 6371.0


def utm_crs(longitude: float, latitude: float) -> str:
    """Return the UTM zone that a place is in.

    Parameters
    ----------
    longitude, latitude
        Degrees.

    Returns
    -------
    str
        For example ``EPSG:32636``.
    """
    zone = min(max(floor((longitude + 180.0) / 6.0) + 1, 1), 60)
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"


def guess_time_zone(longitude: float, latitude: float, country: str | None = None) -> str:
    """Return the time zone of the nearest city in the time zone database's list.

    Near borders the nearest city may be abroad, so the country helps where it is known.

    Parameters
    ----------
    longitude, latitude
        Degrees.
    country
        ISO 3166-1 code of two letters, None where it isn't known.

    Returns
    -------
    str
        IANA name.
    """
    listed = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    places = []
    for line in listed.splitlines():
        if line.startswith("#"):
            continue
        code, position, name = line.split("\t")[:3]
        lat, lon = (_degrees(text) for text in re.findall(r"[+-]\d+", position))
        if name not in _DISPUTED:
            places.append((code, _distance_km(longitude, latitude, lon, lat), name))
    at_home = [place for place in places if place[0] == (country or "").upper()]
    return min(at_home or places, key=lambda place: place[1])[2]


def _degrees(text: str) -> float:
    """Read ±DDMM, ±DDDMM or the same with seconds."""
    sign, digits = (-1.0 if text[0] == "-" else 1.0), text[1:]
    whole = len(digits) - (4 if len(digits) > 5 else 2)
    minutes, seconds = float(digits[whole : whole + 2]), float(digits[whole + 2 :] or 0)
    return sign * (float(digits[:whole]) + minutes / 60.0 + seconds / 3600.0)


def _distance_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return the great-circle distance (haversine)."""
    dx, dy = radians(other_lon - lon) / 2, radians(other_lat - lat) / 2
    half = sin(dy) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(dx) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
