"""Reads and writes the folder of a city.

``city.toml`` says what the city is, ``city.gpkg`` holds a layer for each table, ``streets.parquet``
the streets (or a layer does), ``water.inp`` an EPANET model where there is one, ``power.json`` or
``power.m`` a model of the power network. A file
``<table>.csv`` takes the place of a table's layer, for those who edit in a spreadsheet.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from vatra.city.about import FILE, places_and_scales, read_about, write_about
from vatra.city.epanet_file import check_water_file
from vatra.city.fit import fit_table
from vatra.city.layers import GPKG, STREETS, WATER, read_layers
from vatra.city.model import City, empty_table
from vatra.city.rules import check_tables
from vatra.city.schema import TABLE, TABLES
from vatra.folders import FolderKind, check_folder, draft_folder
from vatra.problems import InputError, Problem

POWER = ("power.json", "power.m")
"""Names of a model of the power network: power-grid-model or pandapower, and MATPOWER."""

HEAT = "heat.json"
"""Name of a model of the mains of district heat."""

_OWN_FILES = {FILE, GPKG, STREETS, WATER, HEAT, *POWER, *(f"{table.name}.csv" for table in TABLES)}
CITY = FolderKind("a city", lambda folder: (folder / FILE).is_file(), lambda _: set(_OWN_FILES))
_STAMP = "2022-11-23T00:00:00.000Z"  # GeoPackages carry a time stamp; a fixed one repeats bytes


def write_city(city: City, path: str | Path) -> None:
    """Write a city to a folder, all of it or nothing.

    An older city in the same place is replaced; files that are not a city's are kept.

    Parameters
    ----------
    city
        The city.
    path
        Folder to write to.

    Raises
    ------
    InputError
        Where the place is taken by something that isn't a city, or can't be written.
    """
    with draft_folder(path, CITY) as folder:
        _write_files(city, folder)


def check_city_folder(path: str | Path) -> None:
    """Refuse a place for a city that holds something else.

    Parameters
    ----------
    path
        Where a city is to be written.

    Raises
    ------
    InputError
        If it is a file, or a folder with something in it that isn't a city.
    """
    check_folder(path, CITY)


def _write_files(city: City, folder: Path) -> None:
    write_about(city.about, folder / FILE)
    with _fixed_stamp():
        for name, frame in city.tables().items():
            if name == "streets":
                continue
            _write_layer(name, frame.reset_index(), folder / GPKG, city.about.crs)
    _as_geo(city.streets.reset_index(), city.about.crs).to_parquet(
        folder / STREETS, index=False, compression="zstd"
    )
    if city.water_inp is not None:
        _write_text(folder / WATER, city.water_inp)
    if city.heat_model is not None:
        _write_text(folder / HEAT, city.heat_model)
    if city.power_model is not None:
        name, text = city.power_model
        _write_text(folder / POWER[name.lower().endswith(".m")], text)


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


def _write_layer(name: str, frame: pd.DataFrame, path: Path, crs: str) -> None:
    table = TABLE[name]
    try:
        if not table.geometry:
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=False)
            return
        kinds = table.geometry
        pyogrio.write_dataframe(
            _as_geo(frame, crs),
            path,
            layer=name,
            driver="GPKG",
            geometry_type=kinds[0] if len(kinds) == 1 else "Unknown",
        )
    except (ValueError, TypeError, RuntimeError, pyogrio.errors.DataSourceError) as error:
        problem = Problem(name, "", f"can't be written ({error})", "check its columns")
        raise InputError(str(path), [problem]) from error


def _as_geo(frame: pd.DataFrame, crs: str) -> gpd.GeoDataFrame:
    geo = gpd.GeoDataFrame(frame, geometry="geometry")
    return geo if geo.crs is not None else geo.set_crs(crs)


@contextmanager
def _fixed_stamp() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def read_city(path: str | Path) -> City:
    """Read a city from its folder and check it.

    Parameters
    ----------
    path
        The folder.

    Returns
    -------
    City
        With every table in the columns and types of the schema.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    city, problems = load_city(path)
    if city is None or problems:
        raise InputError(os.fspath(path), problems)
    return city


def load_city(path: str | Path) -> tuple[City | None, list[Problem]]:
    """Read a city from its folder as far as possible.

    Parameters
    ----------
    path
        The folder.

    Returns
    -------
    City or None
        None where there are problems.
    list[Problem]
        Everything that is wrong with it.
    """
    folder = Path(path)
    if not folder.is_dir():
        reason = "is a file, not a folder" if folder.exists() else "no such folder"
        mend = "give the folder of a city; «vatra city new» or «vatra city import» makes one"
        return None, [Problem(str(folder), "", reason, mend)]
    about, problems = read_about(folder / FILE)
    sound = about if places_and_scales(problems) else None
    crs = None if sound is None else sound.crs
    layers, found = read_layers(folder, crs)
    problems += found
    unread = {p.place for p in found} - layers.keys()
    if GPKG in unread:
        unread |= TABLE.keys() - layers.keys()
    frames: dict[str, pd.DataFrame] = {}
    for table in TABLES:
        if table.name in layers:
            frames[table.name], found = fit_table(table, layers[table.name])
            problems += found
    water, found = _read_text(folder / WATER)
    problems += found or check_water_file(water, frames)
    power, found = _read_power(folder)
    problems += found
    heat, found = _read_text(folder / HEAT)
    problems += found
    problems += check_tables(sound, frames, skip=unread)
    if about is None or problems:
        return None, problems
    for table in TABLES:
        frames.setdefault(table.name, empty_table(table.name, about.crs))
    city = City(about=about, water_inp=water, power_model=power, heat_model=heat, **frames)
    return city, problems


def _read_power(folder: Path) -> tuple[tuple[str, str] | None, list[Problem]]:
    there = [name for name in POWER if (folder / name).exists()]
    if len(there) > 1:
        problem = Problem(there[1], "", f"{there[0]} is there as well", "remove one of the two")
        return None, [problem]
    for name in there:
        text, problems = _read_text(folder / name)
        return (None if text is None else (name, text)), problems
    return None, []


def _read_text(path: Path) -> tuple[str | None, list[Problem]]:
    if not path.exists():
        return None, []
    try:
        return path.read_bytes().decode("utf-8"), []
    except (UnicodeDecodeError, OSError) as error:
        mend = "save it as text in UTF-8, or remove it"
        return None, [Problem(path.name, "", f"can't be read ({error})", mend)]
