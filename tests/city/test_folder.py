"""Broken, hostile and hand-edited folders give a city or a clear list, never a traceback."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from tests.city.conftest import CRS, make_tiny_city
from vatra.city import check_city, read_city, write_city
from vatra.problems import InputError, Problem


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the tiny city, not to be changed."""
    folder = tmp_path_factory.mktemp("sound") / "city"
    write_city(make_tiny_city(), folder)
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder of the tiny city."""
    return Path(shutil.copytree(sound, tmp_path / "city"))


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


def cut_off(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def scribble(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[8192:20480] = b"\x5a" * (20480 - 8192)
    path.write_bytes(whole)


def edit_toml(old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / "city.toml").read_text(encoding="utf-8")
        assert old in text
        (folder / "city.toml").write_text(text.replace(old, new), encoding="utf-8")

    return edit


BROKEN: dict[str, tuple[Callable[[Path], object], str, str]] = {
    # name: what happens to the folder, place, a part of the problem
    "no toml": (lambda f: (f / "city.toml").unlink(), "city.toml", "is missing"),
    "toml cut off": (lambda f: cut_off(f / "city.toml"), "city.toml", "is not valid TOML"),
    "toml in bytes": (
        lambda f: (f / "city.toml").write_bytes(b"\xff\xfe\x00"), "city.toml", "not valid TOML",
    ),
    "no version": (edit_toml("schema_version = 1", ""), "city.toml", "schema_version  is missing"),
    "later version": (edit_toml("schema_version = 1", "schema_version = 99"), "city.toml", "is 99"),
    "peak as text": (
        edit_toml("known_peak_mw = 0.2", 'known_peak_mw = "much"'), "city.toml", "not a number",
    ),
    "no name": (edit_toml('name = "Tinytown"', ""), "city.toml", "name  is missing"),
    "misspelt": (edit_toml("name_uk =", "nameuk ="), "city.toml", "did you mean «name_uk»?"),
    "languages as text": (
        edit_toml('languages = [\n    "uk",\n    "en",\n]', 'languages = "uk"'),
        "city.toml", "not a list of texts",
    ),
    "assumption as text": (
        edit_toml('tables = [\n    "feeders",\n    "blocks",\n]', "tables = 3"),
        "city.toml", "[[assumptions]]",
    ),
    "assumption of nothing": (
        edit_toml('"blocks",', '"blocs",'), "city.toml", "no table «blocs»",
    ),
    "synthetic as number": (
        edit_toml("synthetic = true", "synthetic = 1"), "city.toml", "true or false",
    ),
    "no tables": (lambda f: (f / "city.gpkg").unlink(), "city.gpkg", "is missing"),
    "tables cut off": (lambda f: cut_off(f / "city.gpkg"), "city.gpkg", "is cut off"),
    "tables damaged": (lambda f: scribble(f / "city.gpkg"), "city.gpkg", "is damaged"),
    "tables empty": (lambda f: (f / "city.gpkg").write_bytes(b""), "city.gpkg", "not a GeoPackage"),
    "tables are a redirection": (
        lambda f: (f / "city.gpkg").write_text("<OGRVRTDataSource/>"), "city.gpkg", "not a GeoP",
    ),
    "tables are a folder": (
        lambda f: put_folder(f / "city.gpkg"), "city.gpkg", "is missing",
    ),
    "another database": (
        lambda f: put_database(f / "city.gpkg"),
        "city.gpkg", "a database, but not a GeoPackage",
    ),
    "streets cut off": (lambda f: cut_off(f / "streets.parquet"), "streets", "can't be read"),
    "streets are a table": (
        lambda f: pd.DataFrame({"street_id": ["R-1"]}).to_parquet(f / "streets.parquet"),
        "streets", "can't be read",
    ),
    "streets twice": (
        lambda f: pyogrio.write_dataframe(
            gpd.read_parquet(f / "streets.parquet"), f / "city.gpkg", layer="streets"),
        "streets", "remove one of the two",
    ),
    "no streets": (lambda f: (f / "streets.parquet").unlink(), "streets", "the table is missing"),
    "water model in bytes": (
        lambda f: (f / "water.inp").write_bytes(b"\xff\xfe"), "water.inp", "can't be read",
    ),
    "layer misnamed": (
        lambda f: rename_layer(f / "city.gpkg", "sites", "site"), "site", "«sites»?",
    ),
    "csv uneven": (
        lambda f: (f / "heat_zones.csv").write_text("heat_zone_id,design_mw\nHZ-1\n"),
        "heat_zones", "line 2 has 1 cells, the header 2",
    ),
    "csv not in UTF-8": (
        lambda f: (f / "heat_zones.csv").write_bytes("heat_zone_id\nЖ\n".encode("cp1251")),
        "heat_zones", "CSV UTF-8",
    ),
    "csv of no place": (
        lambda f: (f / "pumps.csv").write_text("pump_id,lon,lat\nPU-1,north,50\n"),
        "pumps.geometry", "give lon and lat, x and y, or WKT",
    ),
}  # fmt: skip


def put_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("create table cats (name text)")
        database.execute("insert into cats values ('Murka')")
    database.close()


def rename_layer(path: Path, old: str, new: str) -> None:
    frame = pyogrio.read_dataframe(path, layer=old)
    pyogrio.write_dataframe(frame, path, layer=new)
    with sqlite3.connect(path) as database:
        database.execute("delete from gpkg_contents where table_name = ?", [old])
        database.execute("delete from gpkg_geometry_columns where table_name = ?", [old])
    database.close()


@pytest.mark.parametrize("name", BROKEN)
def test_says_what_is_wrong_with(folder: Path, name: str) -> None:
    damage, place, words = BROKEN[name]
    damage(folder)
    problem = only(check_city(folder))
    assert problem.place == place
    assert words in str(problem)
    with pytest.raises(InputError) as caught:
        read_city(folder)
    assert caught.value.problems == (problem,)


def test_no_folder_and_a_file_instead_of_one(tmp_path: Path) -> None:
    assert "no such folder" in str(only(check_city(tmp_path / "none")))
    (tmp_path / "file").write_text("")
    assert "is a file" in str(only(check_city(tmp_path / "file")))


def test_all_files_broken_gives_all_problems(folder: Path) -> None:
    for damage in (cut_off, cut_off):
        damage(folder / "city.gpkg")
    (folder / "city.toml").unlink()
    (folder / "streets.parquet").write_text("")
    assert [p.place for p in check_city(folder)] == ["city.toml", "city.gpkg", "streets"]


def test_a_spreadsheet_takes_the_place_of_a_layer_and_keeps_its_geometry(folder: Path) -> None:
    rows = [
        "fid;pump_id;kind;water_zone_id;capacity_m3_h;electric_mw;feeder_id;assumed",
        "1;PU-1;water;WZ-1;12,5;0,01;F-1;TRUE",
        "",
    ]
    (folder / "pumps.csv").write_text("\r\n".join(rows), encoding="utf-8-sig")
    city = read_city(folder)
    assert list(city.pumps.index) == ["PU-1"]
    assert city.pumps.loc["PU-1", "capacity_m3_h"] == 12.5
    assert city.pumps.loc["PU-1", "feeder_id"] == "F-1"
    assert bool(city.pumps.loc["PU-1", "assumed"])
    assert city.pumps.loc["PU-1", "sewage_zone_id"] is None
    assert city.pumps.geometry["PU-1"] == make_tiny_city().pumps.geometry["PU-1"]


@pytest.mark.parametrize("how", ["lon,lat", "x,y", "wkt"])
def test_a_spreadsheet_may_bring_its_own_geometry(folder: Path, how: str) -> None:
    pumps = make_tiny_city().pumps
    frame = pd.DataFrame(pumps.drop(columns="geometry"))
    if how == "lon,lat":
        there = pumps.to_crs("EPSG:4326").geometry
        frame["Lon"], frame["Lat"] = there.x, there.y
    elif how == "x,y":
        frame["x"], frame["y"] = pumps.geometry.x, pumps.geometry.y
    else:
        frame["wkt"] = pumps.geometry.to_wkt()
    frame.to_csv(folder / "pumps.csv")
    read = read_city(folder).pumps
    assert read.crs == CRS
    assert read.geometry.geom_equals_exact(pumps.geometry, 0.01).all()


def test_streets_may_be_a_layer_and_columns_may_be_added(folder: Path) -> None:
    streets = gpd.read_parquet(folder / "streets.parquet").assign(lit=[True, False])
    (folder / "streets.parquet").unlink()
    pyogrio.write_dataframe(streets, folder / "city.gpkg", layer="streets")
    city = read_city(folder)
    assert city.streets["lit"].tolist() == [True, False]
    write_city(city, folder)
    assert read_city(folder).streets["lit"].tolist() == [True, False]


def test_columns_with_a_default_may_be_left_out(folder: Path) -> None:
    blocks = pyogrio.read_dataframe(folder / "city.gpkg", layer="blocks")
    gone = ["displaced", "infants", "elderly", "disabled", "pumped_heat", "gas_stove", "assumed"]
    pyogrio.write_dataframe(blocks.drop(columns=gone), folder / "city.gpkg", layer="blocks")
    read = read_city(folder).blocks
    assert read["displaced"].tolist() == [0, 0, 0]
    assert read["pumped_heat"].all()
    assert list(read.columns) == list(make_tiny_city().blocks.columns)
