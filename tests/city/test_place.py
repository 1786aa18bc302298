"""Coordinate systems and time zones by position."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vatra.city.place import guess_time_zone, utm_crs


@pytest.mark.parametrize(
    ("lon", "lat", "country", "zone", "crs"),
    [
        (30.52, 50.45, None, "Europe/Kyiv", "EPSG:32636"),
        (35.05, 48.46, None, "Europe/Kyiv", "EPSG:32636"),
        (24.03, 49.84, "UA", "Europe/Kyiv", "EPSG:32635"),
        (24.94, 60.17, None, "Europe/Helsinki", "EPSG:32635"),
        (-46.63, -23.55, "BR", "America/Sao_Paulo", "EPSG:32723"),
        (28.86, 47.01, "md", "Europe/Chisinau", "EPSG:32635"),
        (179.99, -17.0, "FJ", "Pacific/Fiji", "EPSG:32760"),
    ],
)
def test_known_places(lon: float, lat: float, country: str | None, zone: str, crs: str) -> None:
    assert guess_time_zone(lon, lat, country) == zone
    assert utm_crs(lon, lat) == crs


def test_importing_the_folder_does_not_load_what_imports_cities() -> None:
    code = (
        "import sys, vatra.city; from vatra.city import read_city; "
        "print([m for m in ('osmium', 'rasterio', 'numba', 'vatra.city.osm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
