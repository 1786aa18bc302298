"""Residents from a population grid: GeoPackage, GeoJSON, CSV with lon and lat, or GeoTIFF."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from vatra.city.layers import quiet_gdal
from vatra.problems import InputError, Problem

_NAMES = (
    "population", "residents", "inhabitants", "pop", "pop_total", "total_pop", "poptot", "tot_p",
    "asukkaita", "asukkaat", "vaesto", "väestö", "he_vakiy", "einwohner", "insgesamt_bevoelkerung",
    "населення", "мешканці", "ludnosc", "population_count", "obs_value_t", "value", "count",
)  # fmt: skip
"""Names of the column of residents, likeliest first."""
_LON = ("lon", "lng", "long", "longitude", "x_lon")
_LAT = ("lat", "latitude", "y_lat")
_DEFAULT_CELL_M = 250.0
_MOST_A_KM2 = 300_000.0
"""Residents a km² above which a value is a code, not a count; the densest quarters anywhere have
about 100,000 to 150,000; assumed."""
_LEAST_CODE = 9_999
_MOST_CELLS = 5_000_000

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PopulationGrid:
    """Residents by cell.

    Parameters
    ----------
    cells
        Polygons in the city's coordinate system with ``residents`` (people, may have fractions).
    column
        Where the residents were found, in words.
    unknown
        Cells whose value is missing, negative or a code for «unknown».
    broken
        Cells with no usable geometry.
    """

    cells: gpd.GeoDataFrame
    column: str
    unknown: int
    broken: int


def read_population(path: str | Path, crs: str, box: Box) -> PopulationGrid:
    """Read a population grid.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON or another vector file, CSV with lon and lat, or GeoTIFF.
    crs
        Coordinate system to return the cells in, in metres.
    box
        West, south, east and north in degrees; a raster is read only there.

    Returns
    -------
    PopulationGrid
        Cells of known population.

    Raises
    ------
    InputError
        Where the file can't be read, or where it doesn't say which column holds the residents.
    """
    path = Path(path)
    if not path.is_file():
        mend = "give a GeoPackage, GeoJSON, CSV or GeoTIFF of residents by cell"
        raise _failure(path, "no such file", mend)
    kind = path.suffix.lower()
    if kind in (".tif", ".tiff"):
        raw, column = _read_raster(path, box)
    elif kind in (".csv", ".txt", ".tsv"):
        raw, column = _read_points(path)
    else:
        raw, column = _read_vector(path)
    return _cleaned(raw, column, path, crs)


def _failure(path: Path, reason: str, mend: str, subject: str = "") -> InputError:
    return InputError(str(path), [Problem(path.name, subject, reason, mend)])


def _cleaned(raw: gpd.GeoDataFrame, column: str, path: Path, crs: str) -> PopulationGrid:
    shapes = raw.geometry.to_numpy()
    broken = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    cells = raw[~broken].to_crs(crs)
    shapes = cells.geometry.to_numpy().copy()
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    usable = np.isfinite(shapely.bounds(shapes)).all(axis=1) & (shapely.area(shapes) > 0.0)
    cells = cells.set_geometry(gpd.GeoSeries(shapes, index=cells.index, crs=crs))[usable]
    value = cells["residents"].to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(value) & (value >= 0.0) & ~_is_code(value, cells.area.to_numpy())
    if not known.any():
        raise _failure(path, "holds no cell with residents", "check the column and the file")
    kept = cells.loc[known, ["residents", "geometry"]].reset_index(drop=True)
    return PopulationGrid(
        cells=kept,
        column=column,
        unknown=int((~known).sum()),
        broken=int(broken.sum() + (~usable).sum()),
    )


def _is_code(value: NDArray[np.float64], area_m2: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find values such as 99999 that stand for «unknown»: all nines and far above the others."""
    nines = np.array([v >= _LEAST_CODE and set(f"{v:.15g}") == {"9"} for v in value], dtype=bool)
    others = value[np.isfinite(value) & ~nines & (value < _MOST_A_KM2 / 1e6 * area_m2)]
    highest = others.max() if len(others) else 0.0
    too_dense = value > _MOST_A_KM2 / 1e6 * area_m2
    return np.asarray((nines & (value > 2.0 * highest)) | too_dense, dtype=bool)


def find_column(frame: pd.DataFrame, path: Path) -> str:
    """Return the name of the column that holds the residents.

    Parameters
    ----------
    frame
        Table without its coordinates.
    path
        File, for the message.

    Raises
    ------
    InputError
        Where none is recognised.
    """
    by_name = {str(name).strip().lower(): str(name) for name in frame.columns}
    for name in _NAMES:
        if name in by_name:
            return by_name[name]
    for name in _NAMES[:12]:
        near = [full for low, full in by_name.items() if low.startswith(name)]
        if len(near) == 1:
            return near[0]
    ids = ("id", "fid", "index", "gid", "objectid", "ogc_fid", "row", "col")
    numeric = [
        str(name)
        for name in frame.columns
        if pd.api.types.is_numeric_dtype(frame[name]) and str(name).strip().lower() not in ids
    ]
    if len(numeric) == 1:
        return numeric[0]
    columns = ", ".join(map(str, frame.columns[:12])) or "none"
    reason = "can't tell which column holds the residents"
    raise _failure(path, reason, "name it «population»", f"columns: {columns}")


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = pd.to_numeric(values.astype(str).str.replace(",", "."), errors="coerce")
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _read_vector(path: Path) -> tuple[gpd.GeoDataFrame, str]:
    failure: InputError | None = None
    try:
        with quiet_gdal():
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        for layer in layers:
            with quiet_gdal():
                frame = pyogrio.read_dataframe(path, layer=layer)
            try:
                column = find_column(frame.drop(columns="geometry"), path)
            except InputError as error:
                failure = error
                continue
            return _vector_cells(frame, column, path), f"column «{column}» of «{layer}»"
    except InputError:
        raise
    except (OSError, ValueError, RuntimeError, shapely.errors.ShapelyError) as error:
        mend = "give a GeoPackage, GeoJSON, CSV or GeoTIFF"
        raise _failure(path, f"can't be read ({str(error)[:120]})", mend) from error
    raise failure or _failure(path, "has no layer with geometry", "give cells with geometry")


def _vector_cells(frame: gpd.GeoDataFrame, column: str, path: Path) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise _failure(path, "has no coordinate system", "set it, for example in QGIS")
    cells = gpd.GeoDataFrame(
        {"residents": _numbers(frame[column])}, geometry=frame.geometry.to_numpy(), crs=frame.crs
    )
    kinds = set(cells.geom_type.dropna())
    if kinds <= {"Point"}:
        points = cells[~(cells.geometry.is_empty | cells.geometry.isna())]
        return _squares(points.geometry.x.to_numpy(), points.geometry.y.to_numpy(),
                        points["residents"].to_numpy(), frame.crs)  # fmt: skip
    if not kinds & {"Polygon", "MultiPolygon"}:
        raise _failure(path, "has neither polygons nor points", "give cells or their centres")
    return cells


def _read_points(path: Path) -> tuple[gpd.GeoDataFrame, str]:
    try:
        frame = pd.read_csv(path, sep=None, engine="python", encoding="utf-8-sig")
    except (OSError, ValueError, csv.Error) as error:  # parser errors are ValueErrors
        raise _failure(
            path, f"can't be read ({str(error)[:120]})", "give a CSV in UTF-8"
        ) from error
    by_name = {str(name).strip().lower(): str(name) for name in frame.columns}
    lon = next((by_name[name] for name in _LON if name in by_name), None)
    lat = next((by_name[name] for name in _LAT if name in by_name), None)
    if lon is None or lat is None:
        columns = ", ".join(map(str, frame.columns[:12]))
        mend = "give the middle of each cell in degrees as lon and lat"
        raise _failure(path, "has no columns lon and lat", mend, f"columns: {columns}")
    column = find_column(frame.drop(columns=[lon, lat]), path)
    x, y = _numbers(frame[lon]), _numbers(frame[lat])
    if (np.nanmax(np.abs(y), initial=0.0) > 90.0) or (np.nanmax(np.abs(x), initial=0.0) > 180.0):
        raise _failure(path, "lon and lat are not degrees", "give degrees, lat from −90 to 90")
    cells = _squares(x, y, _numbers(frame[column]), "EPSG:4326")
    return cells, f"column «{column}»"


def _squares(
    x: NDArray[np.float64], y: NDArray[np.float64], residents: NDArray[np.float64], crs: Any
) -> gpd.GeoDataFrame:
    """Draw a cell around each middle: half-way to the next ones.

    Middles in rows and columns of their coordinate system get rectangles there; others, such as a
    metric grid given in degrees, get squares as wide as the usual way to the nearest middle.
    """
    good = np.isfinite(x) & np.isfinite(y)
    points = gpd.GeoDataFrame(
        {"residents": residents[good]}, geometry=gpd.points_from_xy(x[good], y[good]), crs=crs
    )
    width, height = _spacing(x[good]), _spacing(y[good])
    if not (width and height):
        if points.crs.is_geographic and len(points):
            points = points.to_crs(points.estimate_utm_crs())
        width = height = _nearest_m(points)
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    shapes = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return points.set_geometry(gpd.GeoSeries(shapes, index=points.index, crs=points.crs))


def _spacing(values: NDArray[np.float64]) -> float:
    """Return the step of coordinates in rows, 0 where they are in none."""
    different = np.unique(np.round(values, 6))
    if not 1 < len(different) <= len(values) / 2:
        return 0.0
    return float(np.median(np.diff(different)))


def _nearest_m(points: gpd.GeoDataFrame) -> float:
    """Return the usual distance to the nearest other point, a default for a single one."""
    xy = np.unique(np.column_stack([points.geometry.x, points.geometry.y]), axis=0)
    if len(xy) < 2:
        return _DEFAULT_CELL_M
    away, _ = KDTree(xy).query(xy, k=[2])
    return float(np.median(away))


def _read_raster(path: Path, box: Box) -> tuple[gpd.GeoDataFrame, str]:
    import rasterio  # noqa: PLC0415 - heavy, and only for this kind of file
    from rasterio.warp import transform_bounds  # noqa: PLC0415

    try:
        with rasterio.open(path, driver="GTiff") as raster:
            if raster.crs is None:
                raise _failure(path, "has no coordinate system", "set it, for example in QGIS")
            edges = transform_bounds("EPSG:4326", raster.crs, *box)
            a, b, c, d, e, f = tuple(raster.transform)[:6]
            step, origin = np.array([[a, b], [d, e]]), np.array([c, f])
            corners = np.array([[edges[i], edges[j]] for i in (0, 2) for j in (1, 3)])
            pixels = np.linalg.solve(step, (corners - origin).T)
            first = np.maximum(np.floor(pixels.min(axis=1)).astype(int), 0)
            last = np.minimum(
                np.ceil(pixels.max(axis=1)).astype(int), [raster.width, raster.height]
            )
            if (last <= first).any():
                mend = "give a grid that covers the extract"
                raise _failure(path, "doesn't overlap the extract", mend)
            if int(np.prod(last - first)) > _MOST_CELLS:
                raise _failure(path, "has too many cells over the extract", "give a coarser grid")
            window = ((first[1], last[1]), (first[0], last[0]))
            values = raster.read(1, window=window, masked=True).astype(np.float64)
            crs = raster.crs.to_wkt()
    except InputError:
        raise
    except (rasterio.errors.RasterioError, OSError, ValueError, np.linalg.LinAlgError) as error:
        mend = "give a GeoTIFF of residents by cell"
        raise _failure(path, f"can't be read ({str(error)[:120]})", mend) from error
    rows, columns = np.nonzero(~np.ma.getmaskarray(values))
    ring = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    corner = np.column_stack([columns, rows]) + first
    places = (corner[:, None, :] + ring) @ step.T + origin
    shapes = shapely.polygons(places)
    residents = np.ma.getdata(values)[rows, columns]
    cells = gpd.GeoDataFrame({"residents": residents}, geometry=shapes, crs=crs)
    return cells, "band 1"
