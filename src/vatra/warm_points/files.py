"""Files for siting on its own: people, candidates and streets in, the chosen sites out.

Any of them may be GeoPackage, GeoJSON, GeoParquet or CSV. A CSV has columns ``lon`` and ``lat``
(or ``wkt``, for streets) in degrees, WGS 84.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from vatra.city import read_city
from vatra.problems import InputError, Problem, name_ids
from vatra.warm_points.model import WarmPoints

Checked = tuple[gpd.GeoDataFrame | None, list[Problem]]

WGS84 = "EPSG:4326"
OUTPUTS = (".csv", ".geojson", ".gpkg")


def read_siting(
    people: Path, candidates: Path, streets: Path
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read what siting needs for one outage: see `read_scenarios`.

    Parameters
    ----------
    people, candidates, streets
        Files or folders.
    """
    (blocks,), sites, lines = read_scenarios((people,), candidates, streets)
    return blocks, sites, lines


def read_scenarios(
    people: Sequence[Path], candidates: Path, streets: Path
) -> tuple[list[gpd.GeoDataFrame], gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read what siting needs, in one metric coordinate system.

    Parameters
    ----------
    people
        By outage, ``need`` (people), optionally ``block_id`` and ``vulnerable``; points or
        areas. A plan's folder gives its blocks.
    candidates
        ``capacity`` (people at once), optionally ``site_id``, ``powered``, ``heated``,
        ``fixed``, ``status``, ``name``; points or areas. A city's folder gives its sites.
    streets
        Lines, optionally ``street_id``, ``from_node``, ``to_node``, ``length_m``, ``bridge``.
        Without nodes, lines meet where their ends do, to the decimetre. A city's folder gives
        its streets.

    Returns
    -------
    tuple
        People by outage, candidates and streets, indexed by their ids.

    Raises
    ------
    InputError
        With every problem of all three files.
    """
    problems: list[Problem] = []
    tables: list[gpd.GeoDataFrame] = []
    for file, index, counts, shares in (
        *((file, "block_id", ("need",), ("vulnerable",)) for file in people),
        (candidates, "site_id", ("capacity",), ("powered", "heated", "fixed")),
        (streets, "street_id", (), ("length_m",)),
    ):
        table, found = _read(file, index)
        if table is not None:
            found += _check_numbers(file, table, counts, shares)
            table, more = _with_ids(file, table, index)
            found += more
            tables.append(table)
        problems += found
        if table is not None and index == "street_id":
            problems += _check_streets(streets, table)
    if problems:
        raise InputError("vatra warm-points", problems)
    crs = tables[-1].crs
    if not crs.is_projected:
        crs = tables[-1].estimate_utm_crs()
    *blocks, sites, lines = (table.to_crs(crs) for table in tables)
    return blocks, sites, _with_nodes(lines)


def _read_folder(folder: Path, index: str) -> Checked:
    """Take people from a plan's folder, sites and streets from a city's."""
    if index == "block_id":
        layers = folder / "plan.gpkg"
        if not layers.is_file():
            return None, [Problem(folder.name, "", "it isn't a plan", "give the folder of a plan")]
        table = gpd.read_file(layers, layer="blocks")
        need = table["need"] if "need" in table else pd.Series(0.0, index=table.index)
        return table[need.fillna(0) > 0].reset_index(drop=True), []
    try:
        city = read_city(folder)
    except InputError as error:
        return None, list(error.problems)
    return (city.sites if index == "site_id" else city.streets).reset_index(), []


def _read(file: Path, index: str) -> Checked:
    if file.is_dir():
        return _read_folder(file, index)
    if not file.is_file():
        return None, [Problem(file.name, "", "there is no such file", "correct the name")]
    try:
        if file.suffix == ".csv":
            return _from_csv(file)
        is_parquet = file.suffix in {".parquet", ".geoparquet"}
        table = gpd.read_parquet(file) if is_parquet else gpd.read_file(file)
    except Exception as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        return None, [Problem(file.name, "", f"can't be read ({words})", "check the file")]
    found = []
    if not isinstance(table, gpd.GeoDataFrame) or table.geometry.name not in table:
        return None, [Problem(file.name, "", "it has no geometry", "give points, areas or lines")]
    if table.crs is None:
        mend = "set it in the file"
        found.append(Problem(file.name, "", "its coordinate system isn't known", mend))
    bad = table.index[table.geometry.isna() | table.geometry.is_empty]
    if len(bad):
        found.append(Problem(file.name, f"rows {name_ids(bad)}", "no geometry", "fill it in"))
    if not len(table):
        found.append(Problem(file.name, "", "it has no rows", "give at least one"))
    return (None if found else table), found


def _from_csv(file: Path) -> Checked:
    plain = pd.read_csv(file, dtype={"block_id": str, "site_id": str, "street_id": str})
    if not len(plain):
        return None, [Problem(file.name, "", "it has no rows", "give at least one")]
    if "wkt" in plain:
        shapes: Any = shapely.from_wkt(plain["wkt"].astype(str).to_numpy(), on_invalid="ignore")
        bad = plain.index[shapely.is_missing(shapes)]
    elif {"lon", "lat"} <= set(plain.columns):
        lon, lat = (pd.to_numeric(plain[c], errors="coerce") for c in ("lon", "lat"))
        good = lon.between(-180, 180) & lat.between(-90, 90)
        shapes = shapely.points(lon.to_numpy(dtype=float), lat.to_numpy(dtype=float))
        bad = plain.index[~good]
    else:
        mend = "name them lon and lat, in degrees, or give a column wkt"
        return None, [Problem(file.name, "", "it has no coordinates", mend)]
    if len(bad):
        rows = f"lines {name_ids(bad + 2)}"
        mend = "longitude and latitude in degrees, or well-known text"
        return None, [Problem(file.name, rows, "coordinates can't be read", mend)]
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=WGS84), []


def _check_numbers(
    file: Path, table: gpd.GeoDataFrame, counts: tuple[str, ...], others: tuple[str, ...]
) -> list[Problem]:
    found = []
    for name in (*counts, *others):
        place = f"{file.name}: {name}"
        if name not in table:
            if name in counts:
                found.append(Problem(place, "", "the column is missing", "add it"))
            continue
        values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
        bad = ~np.isfinite(values) | (values < 0)
        if name in others:  # these have defaults
            bad &= table[name].notna().to_numpy()
        if bad.any():
            rows = f"rows {name_ids(table.index[bad])}"
            found.append(Problem(place, rows, "not a number from 0", "correct them"))
        else:
            whole = name in counts or name == "vulnerable"
            table[name] = np.floor(np.nan_to_num(values)).astype(np.int64) if whole else values
    return found


def _with_ids(file: Path, table: gpd.GeoDataFrame, index: str) -> Checked:
    if index not in table:
        ids = pd.Index([f"{index.removesuffix('_id')}-{i + 1}" for i in range(len(table))])
        return table.set_index(ids.rename(index)), []
    twice = table[index][table[index].duplicated()].unique()
    if len(twice):
        place = f"{file.name}: {index}"
        return table, [Problem(place, name_ids(twice), "given twice", "make ids unique")]
    return table.set_index(index), []


def _check_streets(file: Path, table: gpd.GeoDataFrame) -> list[Problem]:
    bad = table.index[(table.geom_type != "LineString").to_numpy()]
    if not len(bad):
        return []
    mend = "give each stretch of street as one line"
    return [Problem(file.name, name_ids(bad), "not a single line", mend)]


def _with_nodes(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give streets their nodes and lengths where the file doesn't."""
    streets = streets.copy()
    if "length_m" not in streets:
        streets["length_m"] = streets.length
    streets["length_m"] = streets["length_m"].fillna(streets.length)
    if not {"from_node", "to_node"} <= set(streets.columns):
        lines = np.asarray(streets.geometry.array, dtype=object)
        ends = np.concatenate([_end(lines, 0), _end(lines, -1)])
        _, node = np.unique(np.rint(ends * 10).astype(np.int64), axis=0, return_inverse=True)
        node = node.ravel()
        streets["from_node"], streets["to_node"] = node[: len(lines)], node[len(lines) :]
    return streets


def _end(lines: NDArray[np.object_], at: int) -> NDArray[np.float64]:
    points: NDArray[np.float64] = shapely.get_coordinates(shapely.get_point(lines, at))
    return points


def write_siting(points: WarmPoints, file: Path) -> None:
    """Write the chosen sites, and to a GeoPackage the blocks and who goes where as well.

    Parameters
    ----------
    points
        The answer.
    file
        ``.csv`` or ``.geojson`` (sites in degrees, WGS 84) or ``.gpkg`` (layers ``sites``,
        ``blocks`` and ``assignment``). It appears only when it is complete.
    """
    sites = points.sites.copy()
    sites.insert(0, "free", sites["capacity"] - sites["assigned"])
    if "open_by" in sites and sites["open_by"].isna().all():
        sites = sites.drop(columns="open_by")
    layers = {"blocks": points.blocks.reset_index(), "assignment": points.assignment}
    write_table(sites, file, layers)


def write_table(
    sites: gpd.GeoDataFrame, file: Path, layers: dict[str, pd.DataFrame] | None = None
) -> None:
    """Write a table of sites, and to a GeoPackage other tables beside it.

    Parameters
    ----------
    sites
        Sites, indexed by ``site_id``.
    file
        As for `write_siting`.
    layers
        Tables without geometry.
    """
    sites = sites.reset_index(names="site_id")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".siting-") as folder:
        draft = Path(folder) / file.name
        if file.suffix == ".gpkg":
            sites.to_file(draft, layer="sites", driver="GPKG")
            for name, table in (layers or {}).items():
                plain = gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=sites.crs)
                plain.to_file(draft, layer=name, driver="GPKG")
        else:
            round_earth = sites.set_geometry(sites.centroid).to_crs(WGS84)
            if file.suffix == ".geojson":
                round_earth.to_file(draft, driver="GeoJSON")
            else:
                _as_plain(round_earth).to_csv(draft, index=False)
        draft.replace(file)


def _as_plain(sites: gpd.GeoDataFrame) -> pd.DataFrame:
    plain = pd.DataFrame(sites.drop(columns=sites.geometry.name))
    plain["lon"], plain["lat"] = sites.geometry.x.round(6), sites.geometry.y.round(6)
    return plain
