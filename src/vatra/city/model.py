"""The carrier of everything that is known of a city."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.schema import TABLE, TABLES

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Assumption:
    """Something that the city's tables take for granted.

    Parameters
    ----------
    what
        What is assumed, as a sentence, in English.
    what_uk
        The same in Ukrainian.
    tables
        Tables that it concerns.
    source
        Where the figure comes from, or «assumed».
    """

    what: str
    what_uk: str = ""
    tables: tuple[str, ...] = ()
    source: str = "assumed"


@dataclass(frozen=True)
class About:
    """What ``city.toml`` says.

    Parameters
    ----------
    name, name_uk
        Name in English and Ukrainian.
    time_zone
        IANA name of the time zone.
    crs
        Projected coordinate system of all geometry, in metres, for example ``EPSG:32636``.
    known_peak_mw
        Electric load of the city at its winter peak, to which demand is scaled.
    latitude, longitude
        Degrees, for the sun.
    languages
        Languages of what is published.
    synthetic
        True where the whole city is made up.
    assumptions
        What is taken for granted.
    attribution
        Whose data the tables hold, with its licence.
    """

    name: str
    time_zone: str
    crs: str
    known_peak_mw: float
    latitude: float
    longitude: float
    name_uk: str = ""
    languages: tuple[str, ...] = ("uk", "en")
    synthetic: bool = False
    assumptions: tuple[Assumption, ...] = ()
    attribution: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def sun_longitude(self) -> float:
        """Longitude by which the sun goes, degrees east.

        A made-up city lies where nobody lives, so there it is the meridian of its clock.
        """
        if not self.synthetic:
            return self.longitude
        offset = datetime(2022, 1, 1, tzinfo=self.zone).utcoffset()
        return 15.0 * offset.total_seconds() / 3600.0 if offset else self.longitude


@dataclass(frozen=True)
class City:
    """A city: tables with declared columns, indexed by their ids, and its network models.

    Every table follows `vatra.city.schema`; geometry is in ``about.crs``.

    Parameters
    ----------
    about
        Name, time zone, coordinate system, assumptions.
    water_inp
        EPANET model of the water network, as text, None where there is none.
    power_model
        Name of the file and text of a model of the power network, from power-grid-model, pandapower
        or MATPOWER; None where there is none.
    heat_model
        Model of the mains of district heat (`vatra.networks.heat_mains`), as text; None where
        there is none.
    """

    about: About
    districts: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    substations: gpd.GeoDataFrame
    feeders: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    water_bodies: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("water_bodies"))
    power_sources: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("power_sources"))
    lines: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("lines"))
    customers: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("customers"))
    heat_zones: pd.DataFrame = field(default_factory=lambda: empty_table("heat_zones"))
    heat_sources: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("heat_sources"))
    water_zones: pd.DataFrame = field(default_factory=lambda: empty_table("water_zones"))
    sewage_zones: pd.DataFrame = field(default_factory=lambda: empty_table("sewage_zones"))
    pumps: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("pumps"))
    sites: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("sites"))
    destinations: pd.DataFrame = field(default_factory=lambda: empty_table("destinations"))
    ways_out: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("ways_out"))
    water_inp: str | None = None
    water_nodes: pd.DataFrame = field(default_factory=lambda: empty_table("water_nodes"))
    power_model: tuple[str, str] | None = None
    heat_model: str | None = None

    def __post_init__(self) -> None:
        """Give empty tables of places the city's own coordinates."""
        for table in TABLES:
            frame = getattr(self, table.name)
            if table.geometry and not len(frame) and frame.crs is None:
                object.__setattr__(self, table.name, frame.set_crs(self.about.crs))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of the schema."""
        return {table.name: getattr(self, table.name) for table in TABLES}

    def with_tables(self, **tables: pd.DataFrame) -> City:
        """Return a city with some tables replaced."""
        changes: dict[str, Any] = dict(tables)
        return replace(self, **changes)

    @property
    def residents(self) -> int:
        """People in all blocks."""
        return int(self.blocks["residents"].sum())

    def rows(self, table: str, column: str, of: str) -> NDArray[np.int64]:
        """Row numbers in table `of` that a reference column points at.

        Parameters
        ----------
        table
            Table that holds the reference.
        column
            Its column of ids.
        of
            Table that the ids are in.

        Returns
        -------
        NDArray[np.int64]
            One a row of `table`; -1 where the reference is empty.
        """
        target: pd.DataFrame = getattr(self, of)
        return np.asarray(target.index.get_indexer(getattr(self, table)[column]), dtype=np.int64)


def empty_table(name: str, crs: str | None = None) -> pd.DataFrame:
    """Return a table of the schema with no rows.

    Parameters
    ----------
    name
        Name of the table.
    crs
        Coordinate system of its geometry.
    """
    table = TABLE[name]
    dtypes = {"int": "int64", "float": "float64", "bool": "bool"}
    columns = {c.name: pd.Series([], dtype=dtypes.get(c.kind, "object")) for c in table.columns[1:]}
    index = pd.Index([], name=table.id, dtype="object")
    frame = pd.DataFrame(columns, index=index)
    if not table.geometry:
        return frame
    geo: pd.DataFrame = gpd.GeoDataFrame(
        frame, geometry=gpd.GeoSeries([], index=index, crs=crs), crs=crs
    )
    return geo
