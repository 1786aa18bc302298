"""docs/formats.md names all that a situation may hold and all that a plan's folder holds."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pyogrio
import pytest
import xarray as xr

from vatra.blackouts import Rules, State, schedule_table
from vatra.city.synthetic import make_city
from vatra.planning import Plan, make_plan, write_plan
from vatra.publish import write_report
from vatra.situation import november_2022
from vatra.situation.damage import DAMAGE_KEYS, DAMAGE_TABLES
from vatra.situation.given_weather import WEATHER_KEYS
from vatra.situation.read import BASES, CLAIM_KEYS, KEYS
from vatra.situation.supply import SUPPLY_KEYS
from vatra.situation.weather import COLUMNS

PAGE = Path(__file__).parents[1] / "docs" / "formats.md"


def part(heading: str) -> set[str]:
    """Return the names in code marks between a heading and the next one of its level."""
    text = PAGE.read_text(encoding="utf-8")
    level = heading.index(" ")
    body = text.split(f"\n{heading}", 1)[1]
    body = re.split(rf"\n#{{2,{level}}} ", body, maxsplit=1)[0]
    return set(re.findall(r"`([^`\n]+)`", body))


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("### At the top", KEYS),
        ("### At the top", BASES),
        ("### `[[supply]]`", SUPPLY_KEYS),
        ("### `[[damage]]`", DAMAGE_KEYS),
        ("### `[[damage]]`", DAMAGE_TABLES),
        ("### `[weather]`", WEATHER_KEYS),
        ("### `[weather]`", COLUMNS),
        ("### `[[claims]]`", CLAIM_KEYS),
        ("### `[rules]`", tuple(rule.name for rule in fields(Rules))),
    ],
)
def test_every_key_of_a_situation_is_named(heading: str, names: tuple[str, ...]) -> None:
    assert set(names) <= part(heading)


def test_defaults_of_the_rules_are_those_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for rule in fields(Rules):
        shown = "none" if rule.default in {None, ()} else f"`{str(rule.default).lower()}`"
        assert re.search(rf"\| `{rule.name}` \|.*\| {re.escape(shown)} \|\n", text), rule.name


@pytest.fixture(scope="module")
def plan() -> Plan:
    city = make_city(20_000, seed=1)
    return make_plan(city, november_2022(city, hours=6), sites=5)


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(plan, tmp_path_factory.mktemp("plans") / "plan", publishers=[write_report])


def test_every_file_of_a_plan_is_named(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} <= part("## A plan")


def test_every_column_of_the_schedule_is_named(plan: Plan) -> None:
    named = part("### `schedule.csv` and `schedule.parquet`")
    assert set(schedule_table(plan.schedule).columns) <= named
    assert {state.name.lower() for state in State} - {"lit"} <= named


def test_everything_in_the_outlook_is_named(folder: Path) -> None:
    named = part("### `outlook.nc`")
    with xr.open_dataset(folder / "outlook.nc") as outlook:
        assert {str(name) for name in (*outlook.variables, *outlook.attrs)} <= named
        assert set(outlook["measure"].to_numpy().tolist()) <= named


def test_every_layer_and_column_of_the_map_is_named(folder: Path) -> None:
    named = part("### `plan.gpkg`")
    path = folder / "plan.gpkg"
    for layer, _ in pyogrio.list_layers(path):
        assert {layer, *pyogrio.read_info(path, layer=layer)["fields"]} <= named, layer


def test_every_key_of_the_manifest_is_named(folder: Path) -> None:
    named = part("### `plan.json`")
    manifest = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    summary = manifest["summary"]
    inner = (summary["loop"], summary["warm_points"], summary["relocation"], manifest["assumed"])
    keys = {*manifest, *summary, *manifest["claims"][0], *(key for table in inner for key in table)}
    assert keys <= named
    assert all(set(broken) <= named for broken in summary["rules_not_kept"])
