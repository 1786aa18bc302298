"""A real extract becomes a city that checks clean, and nothing is left out in silence."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from tests.city.osm_files import Sketch, degrees, draw_town, write_grid
from tests.city.test_io import assert_same
from vatra.city import City, check_city, import_osm, read_city, write_city
from vatra.problems import InputError

DATA = Path(os.environ.get("VATRA_DATA", Path(__file__).parents[3] / "shared" / "data"))
EXTENT = (-60.0, -60.0, 460.0, 460.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the extract and the grid of the town."""
    folder = tmp_path_factory.mktemp("town")
    extract = draw_town().write(folder / "small-town.osm.pbf", EXTENT)
    return extract, write_grid(folder / "grid.gpkg")


@pytest.fixture(scope="module")
def town(files: tuple[Path, Path]) -> tuple[City, list[str]]:
    """Return the town as a city, and what was said of it."""
    return import_osm(*files, seed=3)


def test_the_import_checks_clean_and_survives_its_folder(
    town: tuple[City, list[str]], tmp_path: Path
) -> None:
    city, _ = town
    assert check_city(city) == []
    write_city(city, tmp_path / "city")
    assert_same(city, read_city(tmp_path / "city"))


def test_about(town: tuple[City, list[str]]) -> None:
    about = town[0].about
    assert about.name == "Small Town"
    assert about.time_zone == "Europe/Kyiv"
    assert about.crs == "EPSG:32636"
    assert about.known_peak_mw == pytest.approx(town[0].residents * 0.5e-3, abs=1e-3)
    assert any("OpenStreetMap contributors" in text for text in about.attribution)
    assert not about.synthetic


def test_residents_of_each_cell_live_in_its_homes(town: tuple[City, list[str]]) -> None:
    city, notes = town
    # 200 + 60 + 5 + 40 + 12 + 50, and not those of the cell far away or the code for unknown.
    assert city.residents == 367
    assert "900 residents of the grid live outside" in " ".join(notes)
    assert "The residents of 1 cell of the grid are not known" in " ".join(notes)
    assert "50 residents of cells without buildings were put on blocks of their own" in " ".join(
        notes
    )
    first = city.blocks.cx[320_000:320_100, 5_590_000:5_590_100]
    assert first["residents"].sum() == 200
    by_kind = first.set_index("archetype")["residents"]
    # 400 m² of nine floors, 400 m² of five, and two houses of 100 m².
    assert by_kind["panel_9"] > by_kind["panel_5"] > by_kind["private_house"]
    assert by_kind["panel_9"] / by_kind["panel_5"] == pytest.approx(9 / 5, rel=0.03)
    assert len(by_kind) == 3


def test_the_school_houses_people_only_where_nothing_else_stands(
    town: tuple[City, list[str]],
) -> None:
    city, _ = town
    school = city.sites[city.sites["kind"] == "school"].geometry.iloc[0]
    living = city.blocks[city.blocks.intersects(school.buffer(-1.0))]
    assert living["residents"].sum() == 5


def test_floors_come_from_tags_or_neighbours(town: tuple[City, list[str]]) -> None:
    city, notes = town
    neighbour = city.blocks.cx[320_120:320_140, 5_590_020:5_590_040]
    assert neighbour["floors"].tolist() == [5]  # the median of 4, 5 and 9
    assert any("guessed from" in note for note in notes)


def test_streets_are_cut_at_junctions_and_connected(town: tuple[City, list[str]]) -> None:
    city, notes = town
    streets = city.streets
    assert len(streets) == 25  # 24 sides of the grid, and the bridge
    assert streets["length_m"].sum() == pytest.approx(2480, rel=1e-3)
    assert set(streets["rank"]) == {"residential", "path", "primary"}
    assert streets["bridge"].dropna().tolist() == ["North Bridge"]
    assert "1 stretch of street (50 m) was left out" in " ".join(notes)


def test_public_places_are_sites_once_each(town: tuple[City, list[str]]) -> None:
    city, notes = town
    assert sorted(city.sites["name"]) == ["Clinic by the road", "Library", "School 1"]
    assert set(city.sites["status"]) == {"unverified"}
    school = city.sites.set_index("name").loc["School 1"]
    assert school["floor_area_m2"] == pytest.approx(0.30 * 3 * 3600, rel=0.01)
    assert school["capacity"] == school["floor_area_m2"] // 3.5
    assert any("have another one already" in note for note in notes)


def test_broken_outlines_are_repaired_or_counted(town: tuple[City, list[str]]) -> None:
    city, notes = town
    said = " ".join(notes)
    assert "The outline of 1 building crossed itself and was repaired." in said
    assert "2 buildings were left out: their outlines are broken or cut off" in said
    assert "1 building beyond the edge of the extract was left out." in said
    court = city.blocks.cx[320_220:320_280, 5_590_120:5_590_180].geometry.iloc[0]
    assert court.area == pytest.approx(3600 - 400, rel=1e-3)
    assert city.water_bodies["name"].tolist() == ["Pond"]


def test_networks_are_synthesised_and_marked(town: tuple[City, list[str]]) -> None:
    city, _ = town
    for name in ("feeders", "substations", "pumps", "heat_sources", "customers"):
        assert getattr(city, name)["assumed"].all(), name
    assert not city.sites["assumed"].any()
    assert city.blocks["feeder_id"].notna().all()
    assert len(city.about.assumptions) >= 5


def test_ways_out_are_assumed_and_say_so(town: tuple[City, list[str]]) -> None:
    city, _ = town
    assert set(city.ways_out["kind"]) == {"road", "rail", "bus"}
    for table in (city.ways_out, city.destinations):
        assert table["assumed"].all()
        assert table["name"].str.contains("assumed").all()
        assert table["name_uk"].str.contains("припущення").all()
    assert any("ways_out" in a.tables for a in city.about.assumptions)


def test_the_same_seed_gives_the_same_city(
    files: tuple[Path, Path], town: tuple[City, list[str]]
) -> None:
    again, notes = import_osm(*files, seed=3)
    assert_same(town[0], again)
    assert notes == town[1]


def test_what_is_known_may_be_given(files: tuple[Path, Path]) -> None:
    city, notes = import_osm(*files, name="Містечко", known_peak_mw=0.3, time_zone="Europe/Warsaw")
    assert (city.about.name, city.about.time_zone) == ("Містечко", "Europe/Warsaw")
    assert city.feeders["peak_mw"].sum() == pytest.approx(0.3, rel=0.1)
    assert not any("time zone" in note for note in notes)


def test_whole_administrative_units_become_districts(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    town = draw_town()
    for name, low, high in (("West", -60.0, 155.0), ("East", 155.0, 460.0)):
        ring = [(low, -60.0), (high, -60.0), (high, 460.0), (low, 460.0), (low, -60.0)]
        edge = town.way(*ring)
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "9", "name": name}
        town.relation([("w", edge, "outer")], tags)
    city, notes = import_osm(town.write(tmp_path / "t.osm.pbf", EXTENT), files[1])
    assert city.districts["name"].tolist() == ["West", "East"]
    assert city.blocks.groupby("district_id").size().tolist() == [5, 3]
    assert "Districts are administrative units of level 9." in notes


def test_without_a_box_in_the_header_the_map_tells_its_extent(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    city, _ = import_osm(draw_town().write(tmp_path / "t.osm.pbf", None), files[1])
    assert city.residents == 367


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "none", "folder"])
def test_a_broken_extract_is_an_input_error(
    files: tuple[Path, Path], tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "broken.osm.pbf"
    whole = files[0].read_bytes()
    if damage == "folder":
        path.mkdir()
    elif damage != "none":
        path.write_bytes({"cut": whole[: len(whole) // 2], "text": b"hello", "empty": b""}[damage])
    with pytest.raises(InputError) as caught:
        import_osm(path, files[1])
    assert len(caught.value.problems) == 1


def test_too_little_for_a_city_is_said(files: tuple[Path, Path], tmp_path: Path) -> None:
    bare = Sketch()
    bare.point(10, 10, amenity="school")
    with pytest.raises(InputError, match="no streets and no buildings"):
        import_osm(bare.write(tmp_path / "bare.osm.pbf", None), files[1])
    streets = Sketch()
    streets.way((0, 0), (100, 0), highway="residential")
    with pytest.raises(InputError, match="holds no buildings"):
        import_osm(streets.write(tmp_path / "streets.osm.pbf", EXTENT), files[1])
    (tmp_path / "far.csv").write_text("lon,lat,population\n10,10,5\n10.1,10.1,5\n")
    with pytest.raises(InputError, match="no residents of the grid live in the extract"):
        import_osm(files[0], tmp_path / "far.csv")


def test_a_table_of_middles_gives_the_same_people(
    files: tuple[Path, Path], town: tuple[City, list[str]], tmp_path: Path
) -> None:
    cells = gpd.read_file(files[1])
    middles = cells.geometry.centroid
    rows = [
        f"{lon},{lat},{people}"
        for (lon, lat), people in zip(
            [degrees(p.x - 320_000, p.y - 5_590_000) for p in middles],
            cells["population"],
            strict=True,
        )
    ]
    (tmp_path / "grid.csv").write_text("\n".join(["lon,lat,population", *rows]))
    city, _ = import_osm(files[0], tmp_path / "grid.csv")
    assert city.residents == pytest.approx(town[0].residents, rel=0.05)


@pytest.mark.data
@pytest.mark.skipif(
    not (DATA / "helsinki.osm.pbf").exists(), reason="needs helsinki.osm.pbf in VATRA_DATA"
)
def test_central_helsinki() -> None:
    city, notes = import_osm(
        DATA / "helsinki.osm.pbf", DATA / "helsinki_population_grid_2020.gpkg", name="Helsinki"
    )
    assert check_city(city) == []
    assert city.about.time_zone == "Europe/Helsinki"
    # The grid has 71,724 residents; the extract covers the sparsest fifth of it.
    assert 3_500 < city.residents < 6_000
    assert 100 < city.streets["length_m"].sum() / 1000 + 20 < 150
    assert city.blocks.is_valid.all()
    area = city.blocks["floor_area_m2"] / city.blocks["residents"]
    assert np.all((area >= 6.0) & (area <= 80.0))
    said = " ".join(notes)
    for words in ("were repaired", "broken or cut off", "outside of the extract", "not known"):
        assert words in said
