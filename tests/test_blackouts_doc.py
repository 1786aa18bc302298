"""docs/blackouts.md works as it stands and names all that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from vatra.blackouts import State
from vatra.blackouts.files_feeders import COLUMNS
from vatra.blackouts.files_folder import BEFORE, CHANGED, NAMED, OWN
from vatra.blackouts.ledger import FILES, KINDS, MANIFEST
from vatra.blackouts.outages import CHANGES
from vatra.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "blackouts.md"
FILES_OF_PAGE = ("schedule.html", "schedule.uk.html")
FENCE = re.compile(r"```(\w+)(?: (\S+))?\n(.*?)```", re.DOTALL)
TEXT = PAGE.read_text(encoding="utf-8")


def test_blocks_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for language, name, block in FENCE.findall(TEXT):
        if name:
            (tmp_path / name).write_text(block, encoding="utf-8")
        elif language == "python":
            exec(compile(block, PAGE.name, "exec"), {})  # noqa: S102 - our own documentation
            ran += 1
        else:
            assert language == "sh"
            for line in block.strip().splitlines():
                outcome = CliRunner().invoke(main, shlex.split(line)[1:])
                assert outcome.exit_code == 0, f"{line}\n{outcome.output}"
                ran += 1
    assert ran == 12
    for folder, files in (
        ("schedule", {*OWN, *NAMED, *FILES_OF_PAGE}),
        ("revised", {*OWN, *NAMED, *FILES_OF_PAGE, *CHANGED}),
        ("cut", {*OWN, *NAMED, *FILES_OF_PAGE, "emergency.json", "history.csv"}),
        ("ledger", {*FILES, MANIFEST}),
    ):
        assert {path.name for path in (tmp_path / folder).iterdir()} == files


def test_the_page_names_every_column_file_state_and_option() -> None:
    named = set(re.findall(r"`([^`\n]+)`", TEXT))
    assert set(COLUMNS) <= named
    assert {*OWN, *NAMED, *CHANGED, BEFORE, *FILES, MANIFEST} <= named
    assert {change for change in CHANGES if change != "planned"} <= named
    assert {state.name.lower() for state in State} - {"lit"} <= named
    assert {kind for kind in KINDS.values() if "unknown" not in kind} <= named
    commands = main.commands["blackouts"].commands  # type: ignore[attr-defined]
    options = {
        option
        for command in commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    missing = {option for option in options if option not in TEXT}
    assert not missing
