"""Residents from a population grid: GeoPackage, GeoJSON, CSV with lon and lat, or GeoTIFF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

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
    import pyogrio  # noqa: PLC0415 - heavy, and only for this kind of file

    failure: InputError | None = None
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        for layer in layers:
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
    except (OSError, ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
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
    """Draw a cell around each middle: half-way to the next ones in both directions."""
    good = np.isfinite(x) & np.isfinite(y)
    x, y, residents = x[good], y[good], residents[good]
    width, height = _spacing(x), _spacing(y)
    degrees = gpd.GeoSeries([], crs=crs).crs.is_geographic
    default = _DEFAULT_CELL_M / 111_320.0 if degrees else _DEFAULT_CELL_M
    width = width or height or default
    height = height or width
    shapes = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return gpd.GeoDataFrame({"residents": residents}, geometry=shapes, crs=crs)


def _spacing(values: NDArray[np.float64]) -> float:
    """Return the usual step of a grid's coordinates, 0 where there is only one."""
    steps = np.diff(np.unique(np.round(values, 6)))
    steps = steps[steps > 1e-5]
    return float(np.median(steps)) if len(steps) else 0.0


def _read_raster(path: Path, box: Box) -> tuple[gpd.GeoDataFrame, str]:
    import rasterio  # noqa: PLC0415 - heavy, and only for this kind of file
    from rasterio.warp import transform_bounds  # noqa: PLC0415
    from rasterio.windows import Window, from_bounds  # noqa: PLC0415

    try:
        with rasterio.open(path, driver="GTiff") as raster:
            if raster.crs is None:
                raise _failure(path, "has no coordinate system", "set it, for example in QGIS")
            edges = transform_bounds("EPSG:4326", raster.crs, *box)
            window = from_bounds(*edges, transform=raster.transform)
            window = window.round_offsets("floor").round_lengths("ceil")
            window = Window(window.col_off, window.row_off, window.width + 1, window.height + 1)
            window = window.intersection(Window(0, 0, raster.width, raster.height))
            if window.width * window.height > _MOST_CELLS:
                raise _failure(path, "has too many cells over the extract", "give a coarser grid")
            values = raster.read(1, window=window, masked=True).astype(np.float64)
            transform, crs = raster.window_transform(window), raster.crs
    except InputError:
        raise
    except rasterio.errors.WindowError as error:
        mend = "give a grid that covers the extract"
        raise _failure(path, "doesn't overlap the extract", mend) from error
    except (rasterio.errors.RasterioError, OSError, ValueError) as error:
        mend = "give a GeoTIFF of residents by cell"
        raise _failure(path, f"can't be read ({str(error)[:120]})", mend) from error
    rows, columns = np.nonzero(~np.ma.getmaskarray(values))
    left, top = transform * (columns, rows)
    right, bottom = transform * (columns + 1, rows + 1)
    shapes = shapely.box(
        np.minimum(left, right), np.minimum(top, bottom),
        np.maximum(left, right), np.maximum(top, bottom),
    )  # fmt: skip
    residents = np.ma.getdata(values)[rows, columns]
    cells = gpd.GeoDataFrame({"residents": residents}, geometry=shapes, crs=crs.to_wkt())
    return cells, "band 1"
