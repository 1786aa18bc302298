"""What the documentation tells people to type works as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner
from shapely.geometry import box

from tests.city.osm_files import small_town
from vatra.cli import main

ROOT = Path(__file__).parents[1]
PAGES = ("docs/tutorial.md", "docs/how-to.md", "README.md")
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the files that the pages call yours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VATRA_CACHE", str(tmp_path / "cache"))
    small_town(tmp_path / "mycity.osm.pbf")
    (tmp_path / "grid.csv").write_text("lon,lat,residents\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_a_page_run_in_order(page: str, folder: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    ran = 0
    for language, block in FENCE.findall(text):
        if language == "toml":
            (folder / "situation.toml").write_text(block, encoding="utf-8")
        elif language == "python":
            exec(compile(block, page, "exec"), {})  # noqa: S102 - our own documentation
            ran += 1
        elif language == "sh":
            for line in block.strip().splitlines():
                if not line.startswith("vatra "):
                    continue
                outcome = CliRunner().invoke(main, shlex.split(line)[1:])
                assert outcome.exit_code == 0, f"{line}\n{outcome.output}"
                ran += 1
    assert ran >= 3


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
    blocks = FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    commands = [block for language, block in blocks if language == "sh"]
    assert "vatra demo" in commands[0]
    assert "pytest" in commands[1]


def test_the_tutorial_refuses_what_it_says_is_refused(folder: Path) -> None:
    run = CliRunner()
    assert run.invoke(main, ["city", "new", "mycity", "--residents", "20000"]).exit_code == 0
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    toml = next(block for language, block in FENCE.findall(text) if language == "toml")
    broken = toml.replace("limit_mw = 6.5", "limit_mw = -6.5").replace("start = 2023-01-18T06:00", "start = 2023-01-18T06:10")
    (folder / "situation.toml").write_text(broken, encoding="utf-8")
    outcome = run.invoke(main, ["plan", "mycity", "--situation", "situation.toml", "--out", "plan"])
    assert outcome.exit_code == 1
    assert "2 problems" in outcome.output
    assert not (folder / "plan").exists()
