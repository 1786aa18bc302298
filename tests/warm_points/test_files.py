"""Siting from files: every problem at once, every kind of file, nothing half-written."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from tests.warm_points.conftest import grid_streets, points
from vatra.city import read_city, write_city
from vatra.city.synthetic import make_city
from vatra.cli.main import main
from vatra.problems import InputError
from vatra.warm_points.files import read_siting
from vatra.warm_points.inspection import sites_at

NAMED_CSV = r"`(\w+\.csv)`(?:(?!`\w+\.csv`|```).)*```csv\n(.*?)```"
COMMAND = ["warm-points", "--sites", "2", "--reach-m", "400"]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Four blocks and three candidates on a grid of streets, in three formats."""
    grid_streets(8, 4).to_file(tmp_path / "streets.gpkg", layer="streets", driver="GPKG")
    homes = points([(0, 20), (120, 0), (320, 80), (680, 290)], "B")
    blocks = gpd.GeoDataFrame(
        {"block_id": homes.index, "need": [40, 30, 20, 10], "vulnerable": [4, 3, 2, 1]},
        geometry=homes.to_numpy(),
        crs=homes.crs,
    ).to_crs("EPSG:4326")
    flat = pd.DataFrame(blocks.drop(columns="geometry"))
    flat["lon"], flat["lat"] = blocks.geometry.x, blocks.geometry.y
    flat.to_csv(tmp_path / "people.csv", index=False)
    where = points([(210, 20), (400, 280), (690, 280)], "W")
    gpd.GeoDataFrame(
        {"site_id": where.index, "capacity": [60, 50, 5]}, geometry=where.to_numpy(), crs=where.crs
    ).to_parquet(tmp_path / "candidates.parquet")
    return {
        "people": tmp_path / "people.csv",
        "candidates": tmp_path / "candidates.parquet",
        "streets": tmp_path / "streets.gpkg",
    }


def arguments(files: dict[str, Path], out: Path) -> list[str]:
    """The command for some files."""
    return [*COMMAND, *(str(f) for f in files.values()), "--out", str(out)]


@pytest.mark.parametrize("ending", [".csv", ".geojson", ".gpkg"])
def test_the_command_writes_every_kind(files: dict[str, Path], tmp_path: Path, ending: str) -> None:
    out, pairs = tmp_path / f"sites{ending}", tmp_path / "pairs.csv"
    command = [*arguments(files, out), "--assignment", str(pairs), "--json"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["served"] <= answer["served_bound"] <= answer["need"] == 100
    assert answer["served"] + sum(answer["not_served"].values()) == 100
    layer = {"layer": "sites"} if ending == ".gpkg" else {}
    table = pd.read_csv(out) if ending == ".csv" else gpd.read_file(out, **layer)
    assert len(table) == answer["sites"] == 2
    assert table["assigned"].sum() == answer["served"]
    assert pd.read_csv(pairs)["people"].sum() == answer["served"]
    if ending == ".gpkg":
        assert len(gpd.read_file(out, layer="blocks")) == 4
    assert not list(tmp_path.glob(".*"))


def test_the_same_sites_for_two_outages(files: dict[str, Path], tmp_path: Path) -> None:
    out, pairs, other = tmp_path / "sites.gpkg", tmp_path / "pairs.csv", tmp_path / "colder.csv"
    colder = pd.read_csv(files["people"])
    colder["need"] = [0, 0, 30, 60]
    colder.to_csv(other, index=False)
    command = [*arguments(files, out), "--scenario", str(other), "--assignment", str(pairs)]
    result = CliRunner().invoke(main, [*command, "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert set(answer["scenarios"]) == {"people", "colder"}
    who = pd.read_csv(pairs)
    for name, row in answer["scenarios"].items():
        assert row["need"] == row["in_turns"] + row["without"]
        assert who.loc[who["scenario"] == name, "in_turns"].sum() == row["in_turns"]
    assert not who.duplicated(["scenario", "block_id", "site_id"]).any()
    assert 0 <= answer["gap"] < 1
    assert len(gpd.read_file(out, layer="scenarios")) == 2
    sites = gpd.read_file(out, layer="sites")
    assert (sites["most"] <= sites["capacity"]).all()
    refused = CliRunner().invoke(main, [*command, "--budget", "3"])
    assert "can't be with --budget" in refused.stderr


def test_a_plan_and_its_city_are_input(tmp_path: Path) -> None:
    city = make_city(20_000, 1)
    write_city(city, tmp_path / "city")
    plan = tmp_path / "plan"
    plan.mkdir()
    layer = city.blocks[["district_id", "geometry"]].assign(need=7.0, vulnerable=2.0)
    layer.iloc[0, layer.columns.get_loc("need")] = None
    layer.to_file(plan / "plan.gpkg", layer="blocks", driver="GPKG")
    people, sites, streets = read_siting(plan, tmp_path / "city", tmp_path / "city")
    assert people["need"].sum() == 7 * (len(city.blocks) - 1)
    assert len(sites) == len(city.sites)
    assert len(streets) == len(city.streets)
    with pytest.raises(InputError) as caught:
        read_siting(tmp_path / "city", plan, plan)
    assert "it isn't a plan" in str(caught.value)


def test_a_budget_buys_sizes(files: dict[str, Path], tmp_path: Path) -> None:
    out, levels = tmp_path / "sites.csv", tmp_path / "levels.csv"
    levels.write_text("level,places,cost,beds\nroom,30,4,8\nhall,60,7,15\n")
    options = ["--budget", "11", "--levels", str(levels)]
    result = CliRunner().invoke(main, [*arguments(files, out), *options, "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["spent"] <= answer["budget"] == 11
    assert answer["served"] <= answer["served_bound"] <= 95
    assert answer["status"] == "optimal"
    table = pd.read_csv(out)
    assert table["cost"].sum() == answer["spent"]
    assert dict(table["level"].value_counts()) == answer["levels"]
    assert answer["parts"] == {"beds": table["beds"].sum()}
    said = CliRunner().invoke(main, [*arguments(files, out), *options])
    assert "of 11:" in said.stdout
    alone = CliRunner().invoke(main, [*arguments(files, out), *options[2:]])
    assert alone.exit_code == 1
    assert "add --budget" in alone.stderr


def test_plain_words(files: dict[str, Path], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, arguments(files, tmp_path / "sites.csv"))
    assert result.exit_code == 0
    assert "2 sites open" in result.stdout
    assert "no choice of as many sites reaches more than" in result.stdout


def test_streets_without_nodes_meet_where_their_ends_do(files: dict[str, Path]) -> None:
    given = gpd.read_file(files["streets"])
    plain = gpd.GeoDataFrame(geometry=given.geometry, crs=given.crs)
    plain.to_file(files["streets"], layer="streets", driver="GPKG", mode="w")
    _, _, streets = read_siting(*files.values())
    nodes = pd.concat([streets["from_node"], streets["to_node"]])
    assert nodes.nunique() == 32
    assert streets["length_m"].tolist() == pytest.approx([100.0] * len(streets))


def test_all_problems_of_all_files_at_once(files: dict[str, Path], tmp_path: Path) -> None:
    people = pd.read_csv(files["people"])
    people["need"] = ["40", "many", "20", "10"]
    people["block_id"] = ["B-0", "B-1", "B-0", "B-3"]
    people.to_csv(files["people"], index=False)
    places = gpd.read_parquet(files["candidates"]).drop(columns="capacity")
    places.to_parquet(files["candidates"])
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs="EPSG:32636").to_file(
        files["streets"], driver="GPKG", layer="streets"
    )
    out = tmp_path / "sites.gpkg"
    result = CliRunner().invoke(main, arguments(files, out))
    assert result.exit_code == 1
    for words in ("not a number", "given twice", "capacity", "not a single line"):
        assert words in result.stderr
    assert not out.exists()


def test_files_that_cannot_be_used(files: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"nothing")
    empty = tmp_path / "empty.csv"
    empty.write_text("need,lon,lat\n")
    with pytest.raises(InputError) as caught:
        read_siting(empty, broken, tmp_path / "none.gpkg")
    reasons = " ".join(p.reason for p in caught.value.problems)
    for words in ("no rows", "can't be read", "no such file"):
        assert words in reasons
    far = tmp_path / "far.csv"
    far.write_text("need,lon,lat\n3,500,2\n4,30,x\n")
    blank = tmp_path / "blank.csv"
    blank.write_text("capacity\n3\n")
    with pytest.raises(InputError) as caught:
        read_siting(far, blank, files["streets"])
    text = str(caught.value)
    assert "lines 2, 3" in text
    assert "no coordinates" in text


def test_outputs_are_refused_before_the_work(files: dict[str, Path], tmp_path: Path) -> None:
    command = [*arguments(files, tmp_path / "no" / "sites.txt"), "--assignment", "pairs.txt"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    for words in ("unknown kind", "no such folder", "not a .csv"):
        assert words in result.stderr


def test_the_page_runs(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = files["people"].parent
    gpd.read_parquet(files["candidates"]).to_file(folder / "candidates.gpkg", driver="GPKG")
    page = (Path(__file__).parents[2] / "docs" / "warm-points.md").read_text(encoding="utf-8")
    for name, text in re.findall(NAMED_CSV, page, re.DOTALL):
        (folder / name).write_text(text, encoding="utf-8")
    colder = pd.read_csv(files["people"])
    colder.assign(need=colder["need"] + 5).to_csv(folder / "colder.csv", index=False)
    blocks = re.findall(r"```(python|sh)\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(folder)
    town = make_city(20_000, 1)
    ids = ["A-0001", "A-0002", "A-0003", *town.sites.index[3:]]
    town = town.with_tables(sites=town.sites.set_axis(pd.Index(ids, name="site_id")))
    write_city(town, folder / "mycity")
    streets = gpd.read_file(files["streets"])
    shown: dict[str, object] = {}
    for kind, text in blocks:
        if kind == "python":
            exec(compile(text, "warm-points.md", "exec"), shown)  # noqa: S102 - our own page
            continue
        for command in text.replace("\\\n", " ").strip().splitlines():
            words = shlex.split(command)[1:]
            if "--lost" in words:  # what the page names are a city's own
                words[words.index("--lost") + 1] = pd.read_csv("who.csv")["site_id"].iloc[0]
                words[words.index("--closed") + 1] = str(streets["street_id"].iloc[0])
            outcome = CliRunner().invoke(main, words)
            assert outcome.exit_code == 0, outcome.output
    sites = read_city(folder / "mycity").sites
    assert sites["status"].head(3).tolist() == ["open", "unverified", "closed"]
    later = sites_at(sites, pd.Timestamp("2026-03-01", tz="UTC"))
    assert later["status"].head(4).tolist() == ["unverified", "unverified", "closed", "candidate"]
    wrong = ["city", "import", "sites", "inspected.csv", "--city", "mycity", "--as-of", "soon"]
    assert "not a time" in CliRunner().invoke(main, wrong).stderr


def test_a_strike_is_mended(files: dict[str, Path], tmp_path: Path) -> None:
    out, pairs = tmp_path / "sites.csv", tmp_path / "pairs.csv"
    first = CliRunner().invoke(main, [*arguments(files, out), "--assignment", str(pairs)])
    assert first.exit_code == 0, first.output
    before = pd.read_csv(pairs)
    lost = before["site_id"].iloc[0]
    now = tmp_path / "now.csv"
    again = [*arguments(files, now), "--before", str(pairs), "--lost", lost, "--json"]
    result = CliRunner().invoke(main, again)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["lost"] == [lost]
    assert lost not in set(pd.read_csv(now)["site_id"])
    assert answer["had_to_move"] == before.loc[before["site_id"] == lost, "people"].sum()
    wrong = CliRunner().invoke(main, [*again, "--lost", "nowhere"])
    assert wrong.exit_code == 1
    assert "nowhere" in wrong.output
