"""Filling references to tables that have just been synthesised, and writing new tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from vatra.city.lifelines.ground import Floats
from vatra.city.schema import TABLE


def fill_reference(
    given: pd.Series[Any], target: pd.DataFrame, found: ArrayLike, *, keep: bool
) -> pd.Series[Any]:
    """Fill a column of ids.

    Parameters
    ----------
    given
        Column as it is.
    target
        Table that it refers to.
    found
        Ids to fill it with, None for none.
    keep
        Whether ids that are in `target` stay as they are.

    Returns
    -------
    pd.Series
        The column filled, as objects.
    """
    new = pd.Series(np.asarray(found, dtype=object), index=given.index, dtype=object)
    if keep and len(given):
        new = new.mask(given.isin(target.index), given.astype(object))
    return new


def number_ids(prefix: str, count: int) -> pd.Index[str]:
    """Return ids of one length: ``F-0001``, ``F-0002`` and so on."""
    width = max(2, len(str(count)))
    return pd.Index([f"{prefix}-{n:0{width}d}" for n in range(1, count + 1)], dtype=object)


def named_ids(references: pd.Series[Any]) -> pd.Index[str]:
    """Return the ids that a column of references names, sorted."""
    ids: list[str] = sorted(references.dropna().unique())
    return pd.Index(ids, dtype=object)


def take_ids(ids: pd.Index[str], rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the ids at row numbers, None where a number is negative."""
    padded = np.array([*ids, None], dtype=object)
    return np.asarray(padded[rows], dtype=object)


def make_table(
    name: str, ids: pd.Index[str], columns: Mapping[str, Any], crs: str, xy: Any = None
) -> pd.DataFrame:
    """Make a table of the schema, every row marked as assumed.

    Parameters
    ----------
    name
        Table of the schema.
    ids
        Ids of its rows.
    columns
        Columns by name; one value stands for all rows. Those left out get the schema's default.
    crs
        Coordinate system.
    xy
        Row × 2 coordinates or an array of geometries, of a table with geometry.

    Returns
    -------
    pd.DataFrame
        Columns in the schema's order; a GeoDataFrame where the table has geometry.
    """
    table = TABLE[name]
    data: dict[str, pd.Series[Any]] = {}
    dtypes = {"int": "int64", "float": "float64", "bool": "bool"}
    for column in table.columns[1:]:
        value = columns.get(column.name, True if column.name == "assumed" else column.default)
        if np.ndim(value) == 0:
            value = [value] * len(ids)
        dtype = dtypes.get(column.kind, "object")
        data[column.name] = pd.Series(np.asarray(value, dtype=dtype), index=ids, dtype=dtype)
    index = ids.rename(table.id)
    frame = pd.DataFrame(data, index=ids).set_axis(index)
    if not table.geometry:
        return frame
    if isinstance(xy, np.ndarray) and xy.dtype != object:
        xy = shapely.points(xy.reshape(-1, 2))
    geo: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=xy, crs=crs)
    return geo


def weighted_centres(xy: Floats, weight: Floats, label: NDArray[np.int64], count: int) -> Floats:
    """Weighted centre of each group of points; of plain points where a group weighs nothing."""
    weight = weight + (weight.sum() or 1.0) * 1e-9 / max(len(xy), 1)
    total = np.bincount(label, weights=weight, minlength=count)
    sums = [np.bincount(label, weights=weight * xy[:, d], minlength=count) for d in (0, 1)]
    return np.asarray(np.stack(sums, axis=1) / np.maximum(total, 1e-300)[:, None])


def central_rows(
    xy: Floats, weight: Floats, label: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Row of the point nearest to the weighted centre of each group; groups must not be empty."""
    centre = weighted_centres(xy, weight, label, count)
    away = np.linalg.norm(xy - centre[label], axis=1)
    order = np.lexsort((away, label))
    return np.asarray(order[np.searchsorted(label[order], np.arange(count))], dtype=np.int64)
