"""Broken and hostile files: every problem at once, exit code 1, nothing written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.city.osm_files import X, Y, draw_town, write_grid
from tests.cli.conftest import Desk, invoke, problems, situation_text

Mess = Callable[[Path], object]


def cut(name: str, share: float) -> Mess:
    """Cut a file off."""

    def mess(city: Path) -> None:
        content = (city / name).read_bytes()
        (city / name).write_bytes(content[: int(len(content) * share)])

    return mess


def put(name: str, content: str | bytes) -> Mess:
    """Put a file into the city."""
    raw = content.encode() if isinstance(content, str) else content
    return lambda city: (city / name).write_bytes(raw)


def layer(name: str, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Mess:
    """Change a layer."""

    def mess(city: Path) -> None:
        frame = gpd.read_file(city / "city.gpkg", layer=name)
        change(frame).to_file(city / "city.gpkg", layer=name)

    return mess


def swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    degrees = shapely.transform(frame.to_crs(4326).geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return frame.set_geometry(gpd.GeoSeries(degrees, crs=4326)).to_crs(frame.crs)


HEAT = "heat_zone_id,name,design_mw\n"
MESSES: dict[str, tuple[Mess, str, str]] = {
    "GeoPackage cut in half": (cut("city.gpkg", 0.5), "city.gpkg", "is cut off"),
    "GeoPackage without its end": (cut("city.gpkg", 0.99), "city.gpkg", "is cut off"),
    "GeoPackage of no bytes": (cut("city.gpkg", 0), "city.gpkg", "is not a GeoPackage"),
    "GeoPackage that isn't SQLite": (put("city.gpkg", "hello" * 999), "city.gpkg", "is not a Geo"),
    "GeoPackage gone": (lambda city: (city / "city.gpkg").unlink(), "city.gpkg", "is missing"),
    "streets cut in half": (cut("streets.parquet", 0.5), "streets", "can't be read"),
    "about gone": (lambda city: (city / "city.toml").unlink(), "city.toml", "is missing"),
    "about not in UTF-8": (put("city.toml", b"\xff\xfe\0"), "city.toml", "utf-8"),
    "NaN": (put("heat_zones.csv", HEAT + "HZ-1,x,nan"), "heat_zones.design_mw", "is empty"),
    "negative": (put("heat_zones.csv", HEAT + "HZ-1,x,-4"), "heat_zones.design_mw", "negative"),
    "infinite": (put("heat_zones.csv", HEAT + "HZ-1,x,inf"), "heat_zones.design_mw", "inf"),
    "word": (put("heat_zones.csv", HEAT + "HZ-1,x,ten"), "heat_zones.design_mw", "ten"),
    "twice": (put("heat_zones.csv", HEAT + "HZ-1,x,1\nHZ-1,x,1"), "heat_zones", "twice|more than"),
    "ragged": (put("heat_zones.csv", HEAT + "HZ-1,x,1,5,6"), "heat_zones", "5 cells"),
    "bytes": (put("heat_zones.csv", b"\0\xff\xfe" * 50), "heat_zones", "UTF-8"),
    "folder": (lambda city: (city / "heat_zones.csv").mkdir(), "heat_zones", "can't be read"),
    "wrong CRS": (layer("pumps", lambda f: f.set_crs(4326, allow_override=True)), "pumps.geometry",
                  "outside|degrees|infinite|finite"),
    "swapped": (layer("pumps", swapped), "pumps.geometry", "swapped"),
    "feeder without a substation": (
        layer("feeders", lambda f: f.assign(substation_id="S-77")), "feeders.substation_id",
        "no substation «S-77»"),
    "block without a feeder": (
        layer("blocks", lambda f: f.assign(feeder_id=None)), "blocks.feeder_id", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSES)
def test_a_broken_city_is_refused_with_the_list_of_its_check(desk: Desk, name: str) -> None:
    mess, where, words = MESSES[name]
    mess(desk.city)
    found = desk.refused()
    assert found == problems("city", "check", desk.city)
    at = [p for p in found if p["place"].startswith(where)]
    assert at, found
    text = " ".join(f"{p['subject']} {p['reason']}" for p in at)
    assert any(word in text for word in words.split("|")), text
    assert invoke("city", "show", desk.city).exit_code == 1


def test_all_of_a_city_s_problems_come_at_once(desk: Desk) -> None:
    put("heat_zones.csv", HEAT + "HZ-1,x,-4\nHZ-2,x,nan")(desk.city)
    layer("feeders", lambda f: f.assign(substation_id="S-77", peak_mw=np.nan))(desk.city)
    places = {problem["place"] for problem in desk.refused()}
    assert {"heat_zones.design_mw", "feeders.substation_id", "feeders.peak_mw"} <= places


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "start"),
        ("start = ", "not valid TOML"),
        (situation_text("[[supply]]\nlimit_mw = -1"), "below 0"),
        (situation_text("[[supply]]\nlimit_mw = nan"), "finite"),
        (situation_text("[[supply]]\nqueues = 9"), "above 1"),
        (situation_text(area := "[[supply]]\narea = 'S-9'\nlimit_mw = 1"), "not a district"),
        (situation_text(start="2023-03-26T03:30:00"), "skip"),
        (situation_text(start="2022-10-30T03:30:00"), "twice"),
        (situation_text(more="[rules]\nmax_dork_h = 2"), "no such rule"),
        (situation_text(more="[rules]\nmin_dark_h = -2"), "not a length of time"),
        (situation_text(more="[[damage]]\nasset = 'H-9'"), "H-9"),
    ],
)  # fmt: skip
def test_a_broken_situation_is_refused(desk: Desk, text: str, words: str) -> None:
    desk.situation.write_text(text, encoding="utf-8")
    assert words in " ".join(" ".join(problem.values()) for problem in desk.refused())


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_a_situation_in_another_encoding_is_refused(desk: Desk, encoding: str) -> None:
    text = situation_text().replace("Short of power", "Бракує струму")
    desk.situation.write_bytes(text.encode(encoding))
    assert desk.refused()[0]["reason"] == "is not UTF-8 text"


def test_a_situation_that_is_not_there_is_told_before_the_city_is_read(desk: Desk) -> None:
    desk.situation.unlink()
    shutil.rmtree(desk.city)
    assert desk.refused()[0]["reason"] == "there is no such file"


def test_a_situation_that_is_a_folder(desk: Desk) -> None:
    desk.situation.unlink()
    desk.situation.mkdir()
    assert "can't be read" in desk.refused()[0]["reason"]


def test_a_city_that_is_not_there(desk: Desk) -> None:
    shutil.rmtree(desk.city)
    assert desk.refused()[0]["reason"] == "no such folder"
    assert problems("city", "check", desk.city)[0]["reason"] == "no such folder"


def test_a_folder_that_can_not_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # Permissions don't stop root, who runs the tests in many places: the answer is made up.
    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    (desk.city / "city.toml").chmod(0)
    monkeypatch.setattr(Path, "read_text", denied)
    monkeypatch.setattr(Path, "read_bytes", denied)
    assert "ermission" in desk.refused()[0]["reason"]


def test_the_place_of_a_plan_is_a_file(desk: Desk) -> None:
    desk.out.write_text("mine")
    assert desk.refused()[0]["place"] == "--out"
    assert desk.out.read_text() == "mine"


def test_the_place_of_a_plan_is_something_else(desk: Desk) -> None:
    desk.out = desk.city
    assert "isn't a plan" in desk.refused()[0]["reason"]
    assert invoke("city", "check", desk.city).exit_code == 0


@pytest.mark.parametrize("command", ["demo", "new", "import"])
def test_the_other_commands_look_at_the_place_first(desk: Desk, command: str) -> None:
    desk.out.mkdir()
    (desk.out / "mine.txt").write_text("mine")
    args: dict[str, tuple[object, ...]] = {
        "demo": ("demo", "--out", desk.out),
        "new": ("city", "new", desk.out),
        "import": ("city", "import", "osm", "no.pbf", "--population", "no.csv", "--out", desk.out),
    }
    outcome = invoke(*args[command])
    assert outcome.exit_code == 1
    assert "name another folder" in outcome.stderr or "choose a new folder" in outcome.stderr
    assert [path.name for path in desk.out.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "args",
    [
        ("demo", "--hours", "nan"),
        ("demo", "--hours", "0.7"),
        ("demo", "--hours", "0"),
        ("demo", "--hours", "1e9"),
        ("demo", "--residents", "19999"),
        ("demo", "--residents", "many"),
        ("demo", "--warm-points", "-1"),
        ("demo", "--seed", "-1"),
        ("plan",),
        ("city", "import", "osm", "x.pbf"),
        ("city", "import", "osm", "x", "--population", "y", "--out", "z", "--peak-mw", "0"),
        ("city", "import", "osm", "x", "--population", "y", "--out", "z", "--peak-mw", "nan"),
        ("sity",),
    ],
)
def test_what_was_typed_wrong_is_told_as_such(
    args: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = invoke(*args)
    assert outcome.exit_code == 2
    assert "Usage:" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


class Town:
    """An extract, a grid, and the place of the city."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.pbf = draw_town().write(folder / "town.osm.pbf", (-60.0, -60.0, 460.0, 460.0))
        self.grid = write_grid(folder / "grid.gpkg")
        self.out = folder / "city"

    def run(self, *args: object, grid: Path | None = None) -> tuple[int, str, str]:
        """Import it."""
        outcome = invoke("city", "import", "osm", self.pbf, "--population", grid or self.grid,
                         "--out", self.out, *args)  # fmt: skip
        return outcome.exit_code, outcome.stdout, outcome.stderr

    def refused(self, grid: Path | None = None) -> str:
        """Try to import what must be refused."""
        before = {path.name for path in self.folder.iterdir()}
        code, out, err = self.run(grid=grid)
        assert (code, out) == (1, "")
        assert "problem" in err
        assert {path.name for path in self.folder.iterdir()} == before
        return err

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        raw = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(raw)
        return self.folder / name


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return a town with bad geometries, and a grid that overlaps it in part."""
    return Town(tmp_path / "town")


def test_an_extract_with_bad_geometries_is_imported_and_plans(town: Town, desk: Desk) -> None:
    code, out, err = town.run("--name", "Town", "--time-zone", "Europe/Kyiv", "--peak-mw", "0.2")
    assert code == 0, err
    assert "Left out or repaired:" in out
    assert "OpenStreetMap and people" in err
    desk.city = town.out
    assert desk.plan()["city"] == "Town"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9])
def test_an_extract_that_is_cut_off(town: Town, share: float) -> None:
    cut(town.pbf.name, share)(town.folder)
    assert str(town.pbf.name) in town.refused()


def test_an_extract_that_is_something_else(town: Town) -> None:
    town.pbf.write_bytes(b"<html>not found</html>" * 50)
    town.refused()
    town.pbf.unlink()
    assert "no such file" in town.refused()
    town.pbf.mkdir()
    town.refused()


ROWS = "lon,lat,residents\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "", "can't be read"),
        ("a.csv", "x,y\n1,2\n", "lon"),
        ("a.csv", ROWS, ""),
        ("a.csv", ROWS + "30.5,50.4,nan\n", ""),
        ("a.csv", ROWS + "30.5,50.4,-7\n", ""),
        ("a.csv", ROWS + "30.5,50.4,inf\n", ""),
        ("a.csv", ROWS + "50.4,30.5,100\n", ""),
        ("a.csv", ROWS + "500,900,100\n", ""),
        ("a.csv", ROWS + "30.5,50.4,1e300\n", ""),
        ("a.csv", b"\xff\xfe\0\0", ""),
        ("a.gpkg", "nothing", ""),
        ("a.tif", "II*\0", ""),
        ("a.geojson", "{", ""),
        ("a.docx", "PK", ""),
    ],
)
def test_a_grid_of_people_that_is_no_use(
    town: Town, name: str, content: str | bytes, words: str
) -> None:
    assert words in town.refused(town.write(name, content))


def test_a_grid_of_people_elsewhere_or_not_there(town: Town) -> None:
    grid = gpd.read_file(town.grid)
    grid.set_geometry(grid.translate(500_000.0)).to_file(town.folder / "far.gpkg")
    town.refused(town.folder / "far.gpkg")
    town.refused(town.folder / "none.gpkg")
    assert grid.total_bounds[0] == X
    assert grid.total_bounds[1] == Y


def test_a_time_zone_that_is_none(town: Town) -> None:
    code, _, err = town.run("--time-zone", "Europe/Nowhere")
    assert code == 1
    assert "Europe/Nowhere" in err
    assert not town.out.exists()
