"""Fits a raw table to the schema: names, types, defaults, ranges and choices of its columns.

What can't be fitted becomes a problem; the fitted table then holds a missing value there, so that
later checks neither stumble over it nor report it twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city.schema import Column, Table
from vatra.problems import Problem, name_ids

Flags = NDArray[np.bool_]

_TRUE = {"true", "t", "yes", "y", "1", "1.0", "так", "істина"}
_FALSE = {"false", "f", "no", "n", "0", "0.0", "ні", "хиба"}
_GEOMETRY_NAMES = {"geometry", "geom", "wkt", "x", "y", "lon", "lat"}
_MOST = {"MW": 1e5, "h": 1e5, "m": 1e6, "m²": 1e8, "m³": 1e9, "m³/h": 1e8}
"""More than anything in a city, by unit: numbers above were meant in another unit; assumed."""
_MOST_COUNT = 2**53  # whole numbers above this are not exact as floats


def fit_table(table: Table, raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Fit a table to the schema.

    Parameters
    ----------
    table
        What the table should be.
    raw
        As read, its id a column or the index; a GeoDataFrame where it has geometry.

    Returns
    -------
    pd.DataFrame
        Indexed by id (unnamed where that column is missing); the columns of the schema in its
        order and types, then any others, then the geometry (a GeoDataFrame where the schema has
        geometry and `raw` is one).
    list[Problem]
        Everything that doesn't fit.
    """
    if raw.index.name == table.id and table.id not in raw.columns:
        raw = raw.reset_index()
    problems = _name_problems(table, raw)
    ids, id_problems = _fit_ids(table, raw)
    problems += id_problems
    geometry: str | None = (
        raw.geometry.name if isinstance(raw, gpd.GeoDataFrame) and _active(raw) else None
    )
    fitted: dict[str, Any] = {}
    for column in table.columns[1:]:
        if column.name not in raw.columns:
            fitted[column.name] = _filled(column, len(raw))
            continue
        values, found = _fit_column(table, column, raw[column.name], ids)
        fitted[column.name] = values
        problems += found
    known: set[str | None] = {table.id, geometry, *fitted}
    for name in raw.columns:
        if name not in known:
            fitted[str(name)] = raw[name].to_numpy()
    id_name = table.id if table.id in raw.columns else None
    index = pd.Index(ids, name=id_name, dtype="object")
    frame = pd.DataFrame({key: _as_column(value, index) for key, value in fitted.items()}, index)
    if table.geometry and geometry is not None:
        shapes = gpd.GeoSeries(_as_single(table, raw), index=index, crs=raw.crs)
        return gpd.GeoDataFrame(frame, geometry=shapes, crs=raw.crs), problems
    return frame, problems


def _as_column(values: Any, index: pd.Index) -> pd.Series:
    """Return values as they are: pandas from 3 on would turn text into a type of its own."""
    dtype = object if values.dtype == object else None
    return pd.Series(values, index=index, dtype=dtype)


def _as_single(table: Table, raw: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return shapes flat, and those of one part as single ones where the schema wants that."""
    shapes = np.asarray(shapely.force_2d(raw.geometry.to_numpy()), dtype=object)
    for kind in ("Point", "LineString", "Polygon"):
        if kind in table.geometry and f"Multi{kind}" not in table.geometry:
            multi = shapely.get_type_id(shapes) == shapely.GeometryType[f"Multi{kind}".upper()]
            multi &= shapely.get_num_geometries(shapes) == 1
            shapes[multi] = shapely.get_geometry(shapes[multi], 0)
    return shapes


def _active(raw: gpd.GeoDataFrame) -> bool:
    return raw.active_geometry_name is not None


def _name_problems(table: Table, raw: pd.DataFrame) -> list[Problem]:
    """Report columns that are missing, with the name that was probably meant."""
    problems = []
    names = [str(name) for name in raw.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        problems.append(
            Problem(table.name, name_ids(repeated), "columns of the same name", "rename one")
        )
    unknown = [n for n in names if n not in table.column and n.lower() not in _GEOMETRY_NAMES]
    for column in table.columns:
        if column.name in names:
            continue
        near = difflib.get_close_matches(column.name, unknown, 1, 0.8)
        needed = column.default is None and not column.nullable
        if near:
            mend = f"rename «{near[0]}» to «{column.name}»"
        elif needed:
            mend = f"add it: {column.about}{f', in {column.unit}' if column.unit != '' else ''}"
        else:
            continue
        place = f"{table.name}.{column.name}"
        problems.append(Problem(place, "", "the column is missing", mend))
    return problems


def _filled(column: Column, count: int) -> Any:
    """Return what a missing column is filled with."""
    if column.kind in ("int", "float"):
        value = np.nan if column.default is None else column.default
        dtype = np.int64 if column.kind == "int" and column.default is not None else np.float64
        return np.full(count, value, dtype=dtype)
    if column.kind == "bool":
        return np.full(count, bool(column.default))
    return np.full(count, column.default, dtype=object)


def _texts(values: pd.Series) -> NDArray[np.object_]:
    """Return values as stripped text, None where missing or empty; whole numbers without ``.0``."""
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return np.array([_number_text(value) for value in values.tolist()], dtype=object)
    out = values.astype(object).to_numpy().copy()
    out[values.isna().to_numpy()] = None
    if pd.api.types.infer_dtype(out, skipna=True) not in ("string", "empty"):
        out = np.array([None if v is None else _number_text(v) for v in out], dtype=object)
    return np.array([(v.strip() or None) if v is not None else None for v in out], dtype=object)


def _number_text(value: Any) -> str | None:
    if isinstance(value, float):
        if np.isnan(value):
            return None
        if value.is_integer():
            return str(int(value))
    return str(value)


def _fit_ids(table: Table, raw: pd.DataFrame) -> tuple[NDArray[np.object_], list[Problem]]:
    place = f"{table.name}.{table.id}"
    rows = np.array([f"row {i + 1}" for i in range(len(raw))], dtype=object)
    if table.id not in raw.columns:
        return rows, []
    ids = _texts(raw[table.id])
    problems = []
    empty = np.array([v is None for v in ids], dtype=bool)
    if empty.any():
        mend = "give each row an id of its own"
        problems.append(Problem(place, name_ids(rows[empty]), "the id is empty", mend))
        ids = np.where(empty, rows, ids)
    repeated = pd.Index(ids).duplicated()
    if repeated.any():
        names = list(dict.fromkeys(ids[repeated]))
        mend = "give each row an id of its own"
        problems.append(Problem(place, name_ids(names), "the id is used more than once", mend))
    return ids, problems


def _fit_column(
    table: Table, column: Column, values: pd.Series, ids: NDArray[np.object_]
) -> tuple[Any, list[Problem]]:
    """Turn one column into its type; report what doesn't fit."""
    if isinstance(values, pd.DataFrame):  # two columns of one name; reported with the names
        values = values.iloc[:, 0]
    place = f"{table.name}.{column.name}"
    if column.kind in ("int", "float"):
        return _fit_numbers(place, column, values, ids)
    if column.kind == "bool":
        return _fit_flags(place, column, values, ids)
    texts = _texts(values)
    missing = np.array([v is None for v in texts], dtype=bool)
    if column.default is not None:
        texts[missing] = column.default
    elif missing.any() and not column.nullable:
        what = f"{column.about.lower()}: {_where(column)}" if column.refers_to else column.about
        found = Problem(place, name_ids(ids[missing]), "is empty", f"fill it in: {what}")
        return texts, [found]
    if column.kind == "choice":
        return texts, _choice_problems(place, column, texts, ids)
    return texts, []


def _where(column: Column) -> str:
    return f"an id of {' or '.join(column.refers_to)}"


def _fit_numbers(
    place: str, column: Column, values: pd.Series, ids: NDArray[np.object_]
) -> tuple[Any, list[Problem]]:
    problems = []
    number, unreadable = _numbers(values)
    mend = f"give {_range_text(column)}"
    if unreadable.any():
        shown = _shown(values.astype(object).to_numpy()[unreadable], quote=True)
        subject = name_ids(ids[unreadable])
        problems.append(Problem(place, subject, f"{shown}: not a number", mend))
    missing = np.isnan(number) & ~unreadable
    if missing.any():
        if column.default is not None:
            number[missing] = float(str(column.default))
        elif not column.nullable:
            problems.append(Problem(place, name_ids(ids[missing]), "is empty", mend))
    wrong, reason = _range_faults(column, number)
    if wrong.any():
        shown = _shown(number[wrong])
        problems.append(Problem(place, name_ids(ids[wrong]), f"{shown}: {reason}", mend))
        number[wrong] = np.nan
    if column.kind == "float":
        return number, problems
    broken = np.isfinite(number) & (number != np.floor(number))
    if broken.any():
        shown = _shown(number[broken])
        reason = f"{shown}: {_label(column)} can't have a fraction"
        problems.append(Problem(place, name_ids(ids[broken]), reason, mend))
    if np.isfinite(number).all():
        return number.astype(np.int64), problems
    return number, problems


def _numbers(values: pd.Series) -> tuple[NDArray[np.float64], Flags]:
    """Return values as floats, and where text can't be read as a number."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        number = values.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        return number, np.zeros(len(number), dtype=bool)
    texts = _texts(values)
    present = np.array([v is not None for v in texts], dtype=bool)
    read = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(dtype=np.float64).copy()
    is_flag = np.array([v in ("True", "False") for v in texts], dtype=bool)
    is_nan = np.array([isinstance(v, str) and v.lower() == "nan" for v in texts], dtype=bool)
    return read, present & (np.isnan(read) | is_flag) & ~is_nan


def _range_faults(column: Column, number: NDArray[np.float64]) -> tuple[Flags, str]:
    low = -np.inf if column.minimum is None else column.minimum
    high = _MOST.get(column.unit, np.inf) if column.maximum is None else column.maximum
    limit = _MOST_COUNT if column.kind == "int" else np.finfo(np.float64).max
    with np.errstate(invalid="ignore"):
        wrong = (number < low) | (number > high) | (np.abs(number) > limit)
    label = _label(column)
    if not wrong.any():
        return wrong, ""
    if np.isinf(number[wrong]).any():
        return wrong, f"{label} can't be infinite"
    if low == 0.0 and (number[wrong] < 0.0).all():
        return wrong, f"{label} can't be negative"
    if column.maximum is None and (number[wrong] > 0.0).all():
        return wrong, f"no {label} in a city is that large"
    return wrong, f"{label} is out of range"


def _label(column: Column) -> str:
    if column.unit in ("", "1"):
        return column.name.replace("_", " ")
    return column.name.rsplit("_", 1)[0].replace("_", " ")


def _range_text(column: Column) -> str:
    what = "a whole number" if column.kind == "int" else "a number"
    unit = f" in {column.unit}" if column.unit not in ("", "1") else ""
    if column.minimum is not None and column.maximum is not None:
        return f"{what}{unit} from {column.minimum:g} to {column.maximum:g}"
    if column.minimum is not None:
        return f"{what}{unit}, {column.minimum:g} or more"
    return what + unit


def _shown(values: Sequence[Any] | NDArray[Any], *, quote: bool = False) -> str:
    """Show the first of some values and how many different ones there are besides."""
    texts = list(dict.fromkeys(_value_text(v, quote=quote) for v in values))
    if len(texts) <= 2:
        return " and ".join(texts)
    return f"{texts[0]} and {len(texts) - 1} other values"


def _value_text(value: Any, *, quote: bool) -> str:
    if quote:
        return f"«{str(value).strip()[:40]}»"
    return f"{value:.15g}".replace("-", "−")


def _fit_flags(
    place: str, column: Column, values: pd.Series, ids: NDArray[np.object_]
) -> tuple[Flags, list[Problem]]:
    if pd.api.types.is_bool_dtype(values.dtype) and not values.hasnans:
        return values.to_numpy(dtype=bool), []
    texts = [None if v is None else v.lower() for v in _texts(values)]
    default = bool(column.default)
    flags = np.array([default if v is None else v in _TRUE for v in texts], dtype=bool)
    wrong = np.array([v is not None and v not in _TRUE and v not in _FALSE for v in texts], bool)
    if not wrong.any():
        return flags, []
    shown = _shown(values.astype(object).to_numpy()[wrong], quote=True)
    reason = f"{shown}: neither true nor false"
    return flags, [Problem(place, name_ids(ids[wrong]), reason, "give true or false")]


def _choice_problems(
    place: str, column: Column, texts: NDArray[np.object_], ids: NDArray[np.object_]
) -> list[Problem]:
    """Report each value that isn't one of the choices, with the one that was probably meant."""
    problems = []
    wrong = ~pd.Series(texts).isin([*column.choices, None]).to_numpy()
    allowed = f"give one of {', '.join(column.choices)}"
    values = list(dict.fromkeys(texts[wrong]))
    for value in values[:5]:
        near = difflib.get_close_matches(value.lower().replace(" ", "_"), column.choices, 1, 0.6)
        mend = f"did you mean «{near[0]}»?" if near else allowed
        subject = name_ids(ids[texts == value])
        problems.append(Problem(place, subject, f"«{value[:40]}» is not a choice", mend))
    if len(values) > 5:
        rest = wrong & ~pd.Series(texts).isin(values[:5]).to_numpy()
        reason = f"{len(values) - 5} more values that are not choices"
        problems.append(Problem(place, name_ids(ids[rest]), reason, allowed))
    return problems
