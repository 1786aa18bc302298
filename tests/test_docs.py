"""What the documentation tells people to type works as it stands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.city.osm_files import degrees, draw_town, write_grid
from vatra.cli import main

ROOT = Path(__file__).parents[1]
PAGES = ("docs/tutorial.md", "docs/how-to.md", "README.md")
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
RESIDENTS = {(50, 50): 200, (150, 50): 60, (150, 150): 5, (250, 150): 40}


def blocks_of(page: str) -> list[tuple[str, str]]:
    """Return the blocks of a page with their languages."""
    return FENCE.findall((ROOT / page).read_text(encoding="utf-8"))


def invoke(line: str) -> Result:
    """Run a line that begins with «vatra»."""
    return CliRunner().invoke(main, shlex.split(line)[1:])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with the files that the pages call yours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VATRA_CACHE", str(tmp_path / "cache"))
    draw_town().write(tmp_path / "mycity.osm.pbf", (-60.0, -60.0, 460.0, 460.0))
    write_grid(tmp_path / "grid.gpkg")
    rows = [(*degrees(*place), people) for place, people in RESIDENTS.items()]
    grid = pd.DataFrame(rows, columns=["lon", "lat", "residents"])
    grid.to_csv(tmp_path / "grid.csv", index=False)
    situation = dict(blocks_of("docs/how-to.md"))["toml"]
    (tmp_path / "situation.toml").write_text(situation, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_a_page_run_in_order(
    page: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = 0
    for language, block in blocks_of(page):
        if language == "toml":
            (folder / "situation.toml").write_text(block, encoding="utf-8")
        elif language == "python":
            exec(compile(block, page, "exec"), {})  # noqa: S102 - our own documentation
            assert "From " in capsys.readouterr().out
            ran += 1
        elif language == "sh":
            for line in block.strip().splitlines():
                if line.startswith("vatra "):
                    outcome = invoke(line)
                    assert outcome.exit_code == 0, f"{line}\n{outcome.output}"
                    ran += 1
    assert ran >= 3
    if page == "docs/tutorial.md":
        assert_instructive(json.loads((folder / "plan" / "plan.json").read_bytes())["summary"])


def assert_instructive(summary: dict[str, Any]) -> None:
    """See that the tutorial's plan has something to show of everything that it tells of."""
    assert 0.5 < summary["served_mw_max"] / summary["wanted_mw_max"] < 0.8
    assert summary["limit_excess_mw"] == 0
    assert summary["unserved_mwh"] > 0
    assert 0 < summary["people_most"]["dark"] < summary["residents"]
    assert summary["people_most"]["below_16"] > 0
    assert summary["warm_points"]["reached"] > 0


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    dead = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not dead


def test_the_readme_test_command_is_what_ci_runs() -> None:
    commands = [block for language, block in blocks_of("README.md") if language == "sh"]
    assert "vatra demo" in commands[0]
    assert "pytest" in commands[1]


def test_the_tutorial_refuses_what_it_says_is_refused(folder: Path) -> None:
    assert invoke("vatra city new mycity --residents 20000").exit_code == 0
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    told = re.search(r"Change `(.+?)` to\s+`(.+?)` and `start` to\s+`(.+?)`", page)
    assert told
    toml = dict(blocks_of("docs/tutorial.md"))["toml"]
    limit = re.search(r"limit_mw = [\d.]+", toml)
    assert limit
    broken = toml.replace(limit[0], f"{told[1]} = {told[2]}")
    broken = re.sub(r"start = \S+", f"start = {told[3]}", broken)
    (folder / "situation.toml").write_text(toml, encoding="utf-8")
    plan = "vatra plan mycity --situation situation.toml --hours 2 --out plan"
    assert invoke(plan).exit_code == 0
    before = (folder / "plan" / "plan.json").read_bytes()
    (folder / "situation.toml").write_text(broken, encoding="utf-8")
    outcome = invoke(plan)
    assert outcome.exit_code == 1
    assert "2 problems" in outcome.stderr
    assert (folder / "plan" / "plan.json").read_bytes() == before
