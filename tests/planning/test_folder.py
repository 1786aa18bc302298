"""A plan's folder: whole or not at all, and never at the cost of what was there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from vatra.blackouts import State
from vatra.planning import Plan, check_plan_folder, content_hash, summary_of, write_plan
from vatra.planning.folder import assumed_rows
from vatra.problems import InputError

FILES = {
    "leaving.csv",
    "outlook.nc",
    "plan.gpkg",
    "plan.json",
    "schedule.csv",
    "schedule.parquet",
}


@pytest.fixture(scope="module")
def written(hard_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a plan of 20,000 people."""
    return write_plan(hard_plan, tmp_path_factory.mktemp("plans") / "plan")


def names(folder: Path) -> set[str]:
    """Return the files in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def digests(folder: Path) -> dict[str, str]:
    """Return the hash of each file in a folder."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in names(folder)}  # fmt: skip


def reason_of(folder: Path) -> str:
    """Return why a place is refused."""
    with pytest.raises(InputError) as caught:
        check_plan_folder(folder)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].mend
    return caught.value.problems[0].reason


def test_the_manifest_names_every_file_with_its_hash(written: Path, hard_plan: Plan) -> None:
    assert names(written) == {*FILES, "departures.csv", "pickups.csv"}  # its ways out are known
    manifest = json.loads((written / "plan.json").read_bytes())
    hashes = digests(written)
    del hashes["plan.json"]
    assert manifest["files"] == hashes
    assert manifest["content_hash"] == content_hash(hard_plan)
    assert manifest["summary"] == summary_of(hard_plan)
    assert [claim["id"] for claim in manifest["claims"]] == ["C1", "D1"]
    assert manifest["cited"] == {"damage": ["D1"], "supply": ["C1"]}
    assumed = {name: count for name, (count, _) in assumed_rows(hard_plan).items()}
    assert manifest["assumed"]["tables"] == assumed
    assert len(manifest["assumed"]["statements"]) == len(hard_plan.city.about.assumptions)


def test_the_summary_is_the_plan_s(hard_plan: Plan) -> None:
    summary = summary_of(hard_plan)
    certificate = hard_plan.schedule.certificate
    assert summary["hours"] == 48
    assert summary["limit_excess_mw"] == 0
    assert summary["unserved_mwh"] == pytest.approx(certificate.unserved_mwh, abs=5e-4)
    damaged = hard_plan.schedule.state == State.DAMAGED
    out_mwh = float(hard_plan.demand.load_mw[damaged].sum() * 0.5)
    assert summary["without_supply_mwh"] == pytest.approx(out_mwh, abs=5e-4)
    assert out_mwh > 0
    assert len(summary["rules_not_kept"]) == len(certificate.violations)
    assert summary["people_most"]["dark"] == hard_plan.outlook.people["dark"].max()


def test_a_figure_without_a_value_is_null_and_the_manifest_stays_json(tiny_plan: Plan) -> None:
    certificate = replace(tiny_plan.schedule.certificate, unserved_bound_mwh=0.0)
    plan = replace(tiny_plan, schedule=replace(tiny_plan.schedule, certificate=certificate))
    assert certificate.unserved_ratio == float("inf")
    summary = summary_of(plan)
    assert summary["unserved_ratio"] is None
    json.dumps(summary, allow_nan=False)


def test_layers_open_in_geopandas(written: Path, hard_plan: Plan) -> None:
    path = written / "plan.gpkg"
    layers = {name: gpd.read_file(path, layer=name) for name in gpd.list_layers(path)["name"]}
    assert set(layers) == {"blocks", "feeders", "warm_points", "districts"}
    assert all(layer.crs == hard_plan.city.about.crs for layer in layers.values())
    blocks = layers["blocks"].set_index("block_id")
    assert len(blocks) == len(hard_plan.city.blocks)
    dark_h = 0.5 * (~hard_plan.outlook.services.block_power).sum(axis=1)
    np.testing.assert_array_equal(blocks["dark_h"], dark_h)
    lowest = hard_plan.outlook.homes.indoor_c.min(axis=1)
    np.testing.assert_allclose(blocks["lowest_indoor_c"], lowest, atol=0.051)
    points = layers["warm_points"].set_index("site_id")
    assert list(points.index) == list(hard_plan.warm_points.sites.index)
    times = pd.to_datetime(points["open_by"])
    assert (times == hard_plan.warm_points.sites["open_by"]).all()
    assert layers["districts"]["people_to_relocate"].sum() == hard_plan.relocation.people


def test_the_outlook_opens_in_xarray(written: Path, hard_plan: Plan) -> None:
    with xr.open_dataset(written / "outlook.nc", engine="h5netcdf") as data:
        assert data.sizes["slot"] == 96
        assert list(data["block"].values) == list(hard_plan.city.blocks.index)
        np.testing.assert_allclose(data["indoor_c"], hard_plan.outlook.homes.indoor_c, atol=1e-3)
        np.testing.assert_array_equal(data["feeder_live"], hard_plan.outlook.services.feeder_live)
        people = data["people"].sel(measure="dark")
        np.testing.assert_array_equal(people, hard_plan.outlook.people["dark"])
        assert data.attrs["basis"] == "if confirmed"
        starts = pd.DatetimeIndex(data["slot"].values).tz_localize("UTC")
        assert starts.equals(hard_plan.situation.grid.times)


def test_the_schedule_is_the_same_in_both_files(written: Path, hard_plan: Plan) -> None:
    table = pd.read_parquet(written / "schedule.parquet")
    csv = pd.read_csv(written / "schedule.csv", parse_dates=["start", "end"])
    pd.testing.assert_frame_equal(table.astype({"start": csv["start"].dtype,
                                                "end": csv["end"].dtype}), csv)  # fmt: skip
    hours = (table["end"] - table["start"]).dt.total_seconds().sum() / 3600
    assert hours == 0.5 * (~hard_plan.schedule.lit).sum()
    assert set(table["state"]) == {"planned", "damaged"}


def test_a_plan_takes_the_place_of_a_plan_and_keeps_what_is_the_user_s(
    tiny_plan: Plan, tmp_path: Path
) -> None:
    folder = tmp_path / "plan"

    def publish(plan: Plan, draft: Path) -> list[Path]:
        (draft / "public").mkdir()
        (draft / "public" / "feed.json").write_text("{}")
        return [draft / "public" / "feed.json"]

    write_plan(tiny_plan, folder, publishers=[publish])
    assert names(folder) == {*FILES, "public/feed.json"}
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("keep")
    (folder / "plan.gpkg-wal").write_text("left by a reader of the older layers")
    write_plan(replace(tiny_plan, settled=False), folder)
    assert names(folder) == {*FILES, "notes/mine.txt"}
    manifest = json.loads((folder / "plan.json").read_bytes())
    assert manifest["summary"]["loop"]["settled"] is False
    assert set(manifest["files"]) == FILES - {"plan.json"}
    assert list(tmp_path.iterdir()) == [folder]


def test_a_link_to_a_plan_stays_a_link(tiny_plan: Plan, tmp_path: Path) -> None:
    write_plan(tiny_plan, tmp_path / "first")
    (tmp_path / "latest").symlink_to(tmp_path / "first")
    write_plan(tiny_plan, tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink()
    assert names(tmp_path / "first") == FILES


class StopError(Exception):
    """What a publisher may raise."""


@pytest.mark.parametrize("error", [StopError, KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("older", [False, True])
def test_what_breaks_off_leaves_all_as_it_was(
    error: type[BaseException], older: bool, tiny_plan: Plan, tmp_path: Path
) -> None:
    folder = tmp_path / "plan"
    if older:
        write_plan(tiny_plan, folder)
    before = digests(tmp_path)

    def publish(plan: Plan, draft: Path) -> list[Path]:
        (draft / "report.html").write_text("half")
        raise error

    with pytest.raises(error):
        write_plan(replace(tiny_plan, settled=False), folder, publishers=[publish])
    assert digests(tmp_path) == before
    assert list(tmp_path.iterdir()) == ([folder] if older else [])


@pytest.mark.parametrize("call", [0, 1])
def test_an_interruption_between_the_two_renames_brings_the_older_plan_back(
    call: int, tiny_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_plan(tiny_plan, tmp_path / "plan")
    before = digests(tmp_path)
    rename, calls = Path.rename, iter(range(9))

    def interrupted(self: Path, target: Path) -> Path:
        if next(calls) == call:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_plan(replace(tiny_plan, settled=False), folder)
    monkeypatch.undo()
    assert digests(tmp_path) == before
    assert list(tmp_path.iterdir()) == [folder]


def full_disk(plan: Plan, draft: Path) -> list[Path]:
    """Fail as a publisher does on a full disk."""
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_an_ordinary_problem(tiny_plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No space left on device.*make room"):
        write_plan(tiny_plan, tmp_path / "plan", publishers=[full_disk])
    assert list(tmp_path.iterdir()) == []


def make_file(place: Path) -> Path:
    place.write_text("x")
    return place


def make_under_file(place: Path) -> Path:
    return make_file(place) / "deeper" / "plan"


def make_other(content: str) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        place.mkdir()
        (place / "plan.json").write_text(content)
        return place

    return make


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_file, "is a file"),
        (make_under_file, "«.*taken» is a file"),
        (make_other('{"scripts": {}}'), "isn't a plan"),
        (make_other('{"files": [], "content_hash": 1}'), "isn't a plan"),
        (make_other("[]"), "isn't a plan"),
        (make_other("[" * 100_000), "isn't a plan"),
        (make_other("\0"), "isn't a plan"),
        (lambda taken: taken.parent, "you are in this folder"),
        (lambda _: Path(), "you are in this folder"),
        (lambda _: Path("/"), "you are in this folder"),
    ],
)
def test_a_place_that_is_taken_is_refused_and_left_alone(
    make: Callable[[Path], Path], words: str, tiny_plan: Plan, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    folder = make(tmp_path / "taken")
    before = digests(tmp_path)
    with pytest.raises(InputError, match=words):
        write_plan(tiny_plan, folder)
    assert digests(tmp_path) == before
    assert reason_of(folder)


def test_a_place_where_nothing_can_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "can't be written to" in reason_of(tmp_path / "a" / "plan")


def test_an_empty_folder_is_taken(tiny_plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    write_plan(tiny_plan, tmp_path / "plan")
    assert names(tmp_path / "plan") == FILES


def altered(plan: Plan) -> dict[str, Plan]:
    """Return plans that differ from a plan in one thing."""
    city, situation = plan.city, plan.situation

    def of_city(**values: Any) -> Plan:
        return replace(plan, city=replace(city, **values))

    def of_situation(**values: Any) -> Plan:
        return replace(plan, situation=replace(situation, **values))

    weather = situation.weather
    state = plan.schedule.state.copy()
    state[0, 0] = State.EMERGENCY
    swapped = city.blocks.rename(columns={"infants": "disabled", "disabled": "infants"})
    return {
        "name": of_city(about=replace(city.about, name="Elsewhere")),
        "water": of_city(water_inp="[TITLE]"),
        "residents": of_city(blocks=city.blocks.assign(residents=1)),
        "columns": of_city(blocks=swapped),
        "shape": of_city(blocks=city.blocks.set_geometry(city.blocks.translate(1.0))),
        "limit": of_situation(limit_mw=situation.limit_mw + 1e-9),
        "wind": of_situation(weather=replace(weather, wind_m_s=weather.wind_m_s + 1)),
        "sun": of_situation(weather=replace(weather, solar_w_m2=weather.solar_w_m2 + 1)),
        "claims": of_situation(claims=()),
        "cited": of_situation(cited={}),
        "rules": of_situation(rules={"max_dark_h": 4.0}),
        "state": replace(plan, schedule=replace(plan.schedule, state=state)),
        "sites": replace(plan, warm_points=replace(
            plan.warm_points, sites=plan.warm_points.sites.iloc[:0])),
    }  # fmt: skip


def test_the_content_hash_tells_plans_apart(tiny_plan: Plan) -> None:
    hashes = {name: content_hash(plan) for name, plan in altered(tiny_plan).items()}
    assert content_hash(replace(tiny_plan, seconds={"demand": 9.0})) == content_hash(tiny_plan)
    hashes["itself"] = content_hash(tiny_plan)
    assert len(set(hashes.values())) == len(hashes), hashes
