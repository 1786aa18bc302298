"""Synthetic cities, each made once for all tests that look at it."""

from __future__ import annotations

import hashlib
from functools import cache

import geopandas as gpd
import pandas as pd
import shapely

from vatra.city.model import City
from vatra.city.synthetic import make_city, make_fabric


@cache
def fabric(residents: int, seed: int = 0) -> City:
    """Return a city without networks."""
    return make_fabric(residents, seed)


@cache
def whole(residents: int, seed: int = 0) -> City:
    """Return a city with networks."""
    return make_city(residents, seed)


def fingerprint(city: City) -> dict[str, str]:
    """Return a digest of each table's bytes."""
    digests = {}
    for name, table in city.tables().items():
        digest = hashlib.sha256()
        plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        digest.update(plain.to_csv().encode())
        if isinstance(table, gpd.GeoDataFrame) and len(table):
            digest.update(b"".join(shapely.to_wkb(table.geometry.to_numpy())))
        digests[name] = digest.hexdigest()
    return digests
