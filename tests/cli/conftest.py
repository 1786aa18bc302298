"""A city's folder, a situation, and a way to run a command and see that it ends as it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.city.conftest import make_tiny_city
from vatra.city import City, write_city
from vatra.cli import main

START = "2022-11-23T14:00:00+02:00"


def situation_text(
    supply: str = "[[supply]]\nlimit_mw = 0.17", *, hours: float = 12, start: str = START,
    more: str = "",
) -> str:  # fmt: skip
    """Return a situation file for the tiny city, which wants 0.2 MW."""
    return (
        f'name = "Short of power"\nstart = {start}\nhours = {hours}\n{supply}\n'
        f"[weather]\noutdoor_c = -10.0\n{more}"
    )


def invoke(*args: object) -> Result:
    """Run a command; whatever it does, it shows no traceback."""
    outcome = CliRunner().invoke(main, [str(arg) for arg in args])
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    return outcome


def problems(*args: object) -> list[dict[str, str]]:
    """Run a command that must refuse its input, for machines; return its problems."""
    outcome = invoke(*args, "--json")
    assert outcome.exit_code == 1, outcome.output
    assert outcome.stderr == ""
    answer = json.loads(outcome.stdout)
    assert answer["source"]
    found: list[dict[str, str]] = answer["problems"]
    assert found
    assert all(set(problem) == {"place", "subject", "reason", "mend"} for problem in found)
    return found


class Desk:
    """A folder to work in: ``city``, ``situation.toml`` and the place of the plan.

    Parameters
    ----------
    folder
        Where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city = folder / "city"
        self.situation = folder / "situation.toml"
        self.out = folder / "plan"

    def lay(self, city: City | None = None, text: str = "") -> Desk:
        """Lay a city and a situation on the desk."""
        write_city(city or make_tiny_city(), self.city)
        self.situation.write_text(text or situation_text(), encoding="utf-8")
        return self

    @property
    def command(self) -> tuple[object, ...]:
        """The command that plans what is on the desk."""
        return ("plan", self.city, "--situation", self.situation, "--out", self.out)

    def plan(self, *args: object) -> dict[str, Any]:
        """Plan what is on the desk; return the answer for machines."""
        outcome = invoke(*self.command, *args, "--json")
        assert outcome.exit_code == 0, outcome.output
        assert outcome.stderr == ""
        assert (self.out / "report.html").stat().st_size > 10_000
        assert self.left() == {"city", "situation.toml", "plan"}
        answer: dict[str, Any] = json.loads(outcome.stdout)
        return answer

    def refused(self, *args: object) -> list[dict[str, str]]:
        """Try to plan what must be refused; return the problems, the same in words."""
        before = self.left()
        found = problems(*self.command, *args)
        words = invoke(*self.command, *args)
        assert words.exit_code == 1
        assert words.stdout == ""
        for problem in found:
            assert problem["reason"] in words.stderr
        assert f"{len(found)} problem" in words.stderr
        assert self.left() == before
        return found

    def left(self) -> set[str]:
        """Return what lies on the desk, hidden things too."""
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk with the tiny city."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.setenv("VATRA_CACHE", str(tmp_path / "cache"))
    return Desk(folder).lay()


Change = Callable[[Path], object]
