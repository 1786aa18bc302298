"""Residents are read from every kind of grid, and codes for «unknown» are not people."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from shapely.geometry import Point, Polygon, box

from vatra.city.population import read_population
from vatra.problems import InputError

CRS = "EPSG:32636"
BOX = (30.50, 50.40, 30.52, 50.41)
LON, LAT = np.meshgrid(np.linspace(30.501, 30.519, 7), np.linspace(50.401, 50.409, 5))


def squares(values: list[float], name: str = "population") -> gpd.GeoDataFrame:
    cells = [box(320_000 + 250 * i, 5_590_000, 320_250 + 250 * i, 5_590_250) for i in range(9)]
    return gpd.GeoDataFrame({"id": range(len(values)), name: values},
                            geometry=cells[: len(values)], crs=CRS)  # fmt: skip


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp"])
def test_polygons(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"grid.{suffix}"
    frame = squares([5.0, 10.0, 0.0])
    (frame.to_crs("EPSG:4326") if suffix == "geojson" else frame).to_file(path)
    grid = read_population(path, CRS, BOX)
    assert grid.cells["residents"].tolist() == [5.0, 10.0, 0.0]
    assert grid.cells.area.to_numpy() == pytest.approx(62_500, rel=1e-3)
    assert "population" in grid.column


@pytest.mark.parametrize(
    "code", [-9999.0, -1.0, 99_999.0, 9_999_999.0, float("nan"), float("inf"), 3e9]
)
def test_codes_for_unknown_are_not_people(tmp_path: Path, code: float) -> None:
    squares([5.0, code, 7.0]).to_file(tmp_path / "grid.gpkg")
    grid = read_population(tmp_path / "grid.gpkg", CRS, BOX)
    assert grid.cells["residents"].sum() == 12.0
    assert grid.unknown == 1


def test_nines_among_their_like_are_people(tmp_path: Path) -> None:
    frame = squares([9_999.0, 9_800.0])
    frame.geometry = frame.geometry.scale(4, 4)
    frame.to_file(tmp_path / "grid.gpkg")
    assert read_population(tmp_path / "grid.gpkg", CRS, BOX).unknown == 0


def test_broken_cells_are_mended_or_counted(tmp_path: Path) -> None:
    frame = squares([5.0, 6.0, 7.0])
    x, y = 320_000, 5_590_000
    bow = Polygon([(x, y), (x + 250, y + 250), (x + 250, y), (x, y + 250)])
    frame.geometry = [frame.geometry.iloc[0], None, bow]
    frame.to_file(tmp_path / "grid.gpkg")
    grid = read_population(tmp_path / "grid.gpkg", CRS, BOX)
    assert (grid.cells["residents"].tolist(), grid.broken) == ([5.0, 7.0], 1)
    assert grid.cells.geometry.is_valid.all()


@pytest.mark.parametrize(
    ("name", "separator"),
    [("asukkaita", ","), ("POP", ";"), ("населення", "\t"), ("pop_2020", ",")],
)
def test_table_of_middles(tmp_path: Path, name: str, separator: str) -> None:
    frame = pd.DataFrame({"lon": LON.ravel(), "Lat": LAT.ravel(), name: np.arange(LON.size)})
    frame.to_csv(tmp_path / "grid.csv", sep=separator, index=False)
    grid = read_population(tmp_path / "grid.csv", CRS, BOX)
    assert grid.cells["residents"].sum() == np.arange(LON.size).sum()
    # Cells meet without gaps, though a degree east is shorter than one north.
    assert grid.cells.union_all().area == pytest.approx(grid.cells.area.sum(), rel=1e-3)
    assert grid.cells.union_all().buffer(1.0).geom_type == "Polygon"


def test_points_in_a_geopackage(tmp_path: Path) -> None:
    points = [Point(320_000 + 100 * i, 5_590_000) for i in range(4)]
    frame = gpd.GeoDataFrame({"residents": [1, 2, 3, 4]}, geometry=points, crs=CRS)
    frame.to_file(tmp_path / "grid.gpkg")
    grid = read_population(tmp_path / "grid.gpkg", CRS, BOX)
    assert grid.cells.area.to_numpy() == pytest.approx(10_000)


def raster(path: Path, values: np.ndarray, west: float = 30.49, **options: object) -> Path:
    transform = Affine(0.001, 0.0, west, 0.0, -0.001, 50.42)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype="float32", transform=transform, **{"crs": "EPSG:4326", "nodata": -200.0, **options},
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)
    return path


def test_raster_is_read_over_the_extract_only(tmp_path: Path) -> None:
    values = np.full((40, 400), 2.0)
    values[10:13, 10:13] = -200.0
    grid = read_population(raster(tmp_path / "grid.tif", values), CRS, BOX)
    assert set(grid.cells["residents"]) == {2.0}
    assert grid.unknown == 0
    west, south, east, north = grid.cells.to_crs("EPSG:4326").total_bounds
    assert west <= BOX[0]
    assert east >= BOX[2]
    assert south <= BOX[1]
    assert north >= BOX[3]
    assert east - west < 0.03


def test_says_what_keeps_a_grid_from_being_read(tmp_path: Path) -> None:
    squares([5.0]).drop(columns="population").to_file(tmp_path / "bare.gpkg")
    squares([-1.0]).to_file(tmp_path / "unknown.gpkg")
    squares([5.0]).assign(other=[2.0]).rename(columns={"population": "a"}).to_file(
        tmp_path / "two.gpkg"
    )
    with pytest.warns(UserWarning, match="crs"):
        squares([5.0]).set_crs(None, allow_override=True).to_file(tmp_path / "nowhere.gpkg")
    (tmp_path / "broken.gpkg").write_bytes(b"SQLite format 3\0" + b"z" * 5000)
    (tmp_path / "broken.tif").write_bytes(b"II*\0")
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureCollection", "features": [')
    (tmp_path / "metres.csv").write_text("lon,lat,pop\n320000,5590000,4\n")
    (tmp_path / "plain.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("")
    raster(tmp_path / "far.tif", np.ones((9, 9)), west=10.0)
    raster(tmp_path / "flat.tif", np.ones((9, 9)), crs=None)
    for name, words in {
        "none.gpkg": "no such file",
        "bare.gpkg": "which column holds the residents",
        "two.gpkg": "columns: id, a, other",
        "unknown.gpkg": "no cell with residents",
        "nowhere.gpkg": "no coordinate system",
        "broken.gpkg": "can't be read",
        "broken.tif": "can't be read",
        "broken.geojson": "can't be read",
        "metres.csv": "are not degrees",
        "plain.csv": "no columns lon and lat",
        "empty.csv": "can't be read",
        "far.tif": "doesn't overlap the extract",
        "flat.tif": "no coordinate system",
    }.items():
        with pytest.raises(InputError) as caught:
            read_population(tmp_path / name, CRS, BOX)
        assert words in str(caught.value), name
