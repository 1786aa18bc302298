"""Reads the raw tables of a city's folder: GeoPackage layers, street parquet and CSV overrides."""

from __future__ import annotations

import csv
import difflib
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from vatra.city.schema import TABLE, TABLES, Table
from vatra.problems import Problem

GPKG = "city.gpkg"
STREETS = "streets.parquet"
WATER = "water.inp"

_READ_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    RuntimeError,
    KeyError,
    pa.ArrowException,
    shapely.errors.ShapelyError,
)
_FID_NAMES = ("fid", "ogc_fid")  # row numbers that QGIS adds to what it exports


def read_layers(folder: Path, crs: str | None) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Read every table that a city's folder holds, as it is.

    Parameters
    ----------
    folder
        The city's folder.
    crs
        The city's coordinate system, for CSV files; None where it isn't known.

    Returns
    -------
    dict[str, pd.DataFrame]
        Raw tables by name; those that can't be read are missing.
    list[Problem]
        What couldn't be read, and layers with names that look mistaken.
    """
    tables, problems = _read_geopackage(folder / GPKG)
    if (folder / STREETS).exists():
        if "streets" in tables:
            reason = f"streets are in {GPKG} and in {STREETS}"
            problems.append(Problem("streets", "", reason, "remove one of the two"))
        streets, found = _read_streets(folder / STREETS)
        problems += found
        if streets is not None:
            tables["streets"] = streets
    for table in TABLES:
        path = folder / f"{table.name}.csv"
        if path.exists():
            read, found = _read_csv(table, path, crs, tables.get(table.name))
            problems += found
            if read is not None:
                tables[table.name] = read
    return tables, problems


def _read_geopackage(path: Path) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    problem = _file_problem(path)
    if problem is not None:
        return {}, [problem]
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    try:
        with quiet_gdal():
            names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except _READ_ERRORS as error:
        return {}, [Problem(GPKG, "", f"can't be read ({_brief(error)})", _RESTORE)]
    for name in names:
        if name in TABLE:
            try:
                tables[name] = _read_layer(path, name)
            except _READ_ERRORS as error:
                reason = f"the layer can't be read ({_brief(error)})"
                problems.append(Problem(name, GPKG, reason, _RESTORE))
        elif near := difflib.get_close_matches(name, TABLE.keys() - set(names), 1, 0.8):
            reason = f"no table «{name}» is known"
            problems.append(Problem(name, GPKG, reason, f"rename the layer to «{near[0]}»?"))
    return tables, problems


_RESTORE = "restore it from a copy or export it again"


def _file_problem(path: Path) -> Problem | None:
    """Say what keeps a file from being a whole GeoPackage, before GDAL guesses at its format."""
    if not path.is_file():
        return Problem(GPKG, "", "is missing", "a city folder needs it, one layer a table")
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        return Problem(GPKG, "", f"can't be read ({error.strerror})", "check the file")
    if len(head) < 100 or not head.startswith(b"SQLite format 3\x00"):
        return Problem(GPKG, "", "is not a GeoPackage", "export the tables as GeoPackage layers")
    damage = _missing_pages(head, path.stat().st_size) or _damage(path)
    return Problem(GPKG, "", damage, _RESTORE) if damage else None


def _missing_pages(head: bytes, size: int) -> str:
    """Compare a database's size with the page count in its header (sqlite.org/fileformat2)."""
    page = int.from_bytes(head[16:18], "big")
    expected = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    counted = head[24:28] == head[92:96]  # else the page count is out of date
    if counted and size < expected:
        return f"is cut off: {size:,} of {expected:,} bytes"
    return ""


def _damage(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)) as database:
            (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
            (layers,) = database.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'gpkg_contents'"
            ).fetchone()
    except sqlite3.OperationalError:
        return ""  # locked, or an extension is missing; GDAL will say
    except sqlite3.DatabaseError as error:
        return f"is damaged ({error})"
    if answer != "ok":
        return f"is damaged ({answer[:80]})"
    return "" if layers else "is a database, but not a GeoPackage"


def _read_layer(path: Path, name: str) -> pd.DataFrame:
    with quiet_gdal():
        frame: pd.DataFrame = pyogrio.read_dataframe(path, layer=name, use_arrow=True)
    return frame


@contextmanager
def quiet_gdal() -> Iterator[None]:
    """Keep GDAL's warnings to itself; what comes of them is checked and worded by us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def _read_streets(path: Path) -> tuple[pd.DataFrame | None, list[Problem]]:
    try:
        return gpd.read_parquet(path), []
    except _READ_ERRORS as error:
        mend = "write it as GeoParquet, or use a layer «streets»"
        return None, [Problem("streets", STREETS, f"can't be read ({_brief(error)})", mend)]


def _brief(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else f"{text[:117]}…"


def _read_csv(
    table: Table, path: Path, crs: str | None, layer: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, list[Problem]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        mark = max(",;\t", key=first.count)
        lines = csv.reader(text.splitlines(), delimiter=mark)
        header = [name.strip() for name in next(lines, [])]
        rows = [line for line in lines if any(cell.strip() for cell in line)]
    except UnicodeDecodeError:
        mend = "save it as «CSV UTF-8»"
        return None, [Problem(table.name, path.name, "is not in UTF-8", mend)]
    except (OSError, csv.Error) as error:
        reason = f"can't be read ({_brief(error)})"
        return None, [Problem(table.name, path.name, reason, "check the file")]
    uneven = [i + 2 for i, line in enumerate(rows) if len(line) != len(header)]
    if uneven:
        reason = f"line {uneven[0]} has {len(rows[uneven[0] - 2])} cells, the header {len(header)}"
        mend = "give each line one cell a column"
        return None, [Problem(table.name, path.name, reason, mend)]
    cells = np.array(rows, dtype=object).reshape(len(rows), len(header))
    frame = pd.DataFrame(
        {name: cells[:, i] for i, name in enumerate(header) if name not in _FID_NAMES}
    )
    if mark == ";":  # spreadsheets that separate by semicolons write decimal commas
        for column in table.columns:
            if column.kind in ("int", "float") and column.name in frame:
                frame[column.name] = [str(v).replace(",", ".") for v in frame[column.name]]
    if not table.geometry:
        return frame, []
    return _with_geometry(table, path.name, frame, crs, layer)


def _with_geometry(
    table: Table, file: str, frame: pd.DataFrame, crs: str | None, layer: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Make geometry from WKT, x and y or lon and lat; else take that of the layer by id."""
    names = {name.lower(): name for name in frame.columns}
    try:
        for pair, system in ((("x", "y"), crs), (("lon", "lat"), "EPSG:4326")):
            if names.keys() >= set(pair):
                across, up = (_coordinates(frame[names[name]]) for name in pair)
                shapes = gpd.GeoSeries(gpd.points_from_xy(across, up), crs=system)
                rest = frame.drop(columns=[names[name] for name in pair])
                return _placed(rest, shapes, crs), []
        for name in ("wkt", "geometry"):
            if name in names:
                shapes = gpd.GeoSeries.from_wkt(frame[names[name]], crs=crs)
                return _placed(frame.drop(columns=names[name]), shapes, crs), []
    except _READ_ERRORS as error:
        mend = "give lon and lat, x and y, or WKT"
        return None, [Problem(f"{table.name}.geometry", file, _brief(error), mend)]
    known = isinstance(layer, gpd.GeoDataFrame) and table.id in layer and table.id in frame
    if known and layer is not None:
        shapes_by_id = gpd.GeoSeries(
            layer.geometry.to_numpy(), index=layer[table.id].astype(str), crs=layer.crs
        )
        shapes_by_id = shapes_by_id[~shapes_by_id.index.duplicated()]
        matched = shapes_by_id.reindex(frame[table.id].astype(str).str.strip())
        return _placed(frame, gpd.GeoSeries(matched.to_numpy(), crs=layer.crs), None), []
    return frame, []


def _coordinates(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values.astype(str).str.strip().str.replace(",", "."))


def _placed(frame: pd.DataFrame, shapes: gpd.GeoSeries, crs: str | None) -> gpd.GeoDataFrame:
    shapes = shapes.set_axis(frame.index)
    if crs is not None and shapes.crs is not None and str(shapes.crs) != str(crs):
        shapes = shapes.to_crs(crs)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=shapes.crs)
