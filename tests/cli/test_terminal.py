"""What stands on the terminal, and the cache of cities."""

from __future__ import annotations

import io
import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import vatra
from tests.cli.conftest import invoke
from vatra.cli.plan import default_cache
from vatra.cli.terminal import Progress, in_lines, run, show_json
from vatra.problems import InputError, Problem
from vatra.progress import Clock

DEMO = ("demo", "--residents", "20000", "--hours", "1", "--warm-points", "2")


class Screen(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_running_stage_is_shown_and_wiped_when_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with Clock(Progress()).stage("demand") as figure:
        assert screen.getvalue() == "  demand …"
        figure.append("7 MW")
    assert screen.getvalue().startswith("  demand …\r\x1b[K  demand ")
    assert screen.getvalue().endswith("0.0 s  7 MW\n")


def test_a_file_gets_one_line_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with Clock(Progress()).stage("demand"):
        pass
    with Clock(Progress(quiet=True)).stage("homes"):
        pass
    assert capsys.readouterr().err.split() == ["demand", "0.0", "s"]


def test_a_paragraph_is_broken_between_words_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "1,000 warm points reach 96 % of them " * 8
    assert in_lines(said) == said
    monkeypatch.setattr(sys, "stdout", Screen())
    for columns, widest in ((60, 60), (300, 100)):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = in_lines(said).splitlines()
        assert max(len(line) for line in lines) <= widest
        assert " ".join(lines).split() == said.split()


def test_progress_that_nobody_reads_falls_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(click, "echo", closed)
    progress = Progress()
    with Clock(progress).stage("demand"):
        pass
    assert progress.quiet


def fail(error: BaseException) -> Callable[[], None]:
    """Return work that fails."""

    def work() -> None:
        raise error

    return work


PROBLEM = Problem("here", "this", "is wrong", "mend it")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("file", [PROBLEM, PROBLEM]), "file: 2 problems"),
        (OSError(28, "No space left", "x.gpkg"), "x.gpkg: 1 problem"),
        (OSError("odd"), "odd"),
        (PermissionError(13, "Permission denied", "city"), "Permission denied"),
        (MemoryError(), "not enough memory: a smaller city"),
    ],
)
def test_what_goes_wrong_is_told_to_people_and_machines(
    error: BaseException, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(fail(error))
    assert ended.value.code == 1
    out, err = capsys.readouterr()
    assert words in err
    assert out == ""
    with pytest.raises(SystemExit) as ended:
        run(fail(error), as_json=True)
    out, err = capsys.readouterr()
    assert (ended.value.code, err) == (1, "")
    assert json.loads(out)["problems"][0]["reason"]


def test_problems_begin_on_a_line_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)

    def work() -> None:
        with Clock(Progress()).stage("reading"):
            raise InputError("city", [PROBLEM])

    with pytest.raises(SystemExit):
        run(work)
    assert screen.getvalue().startswith("  reading …\r\x1b[Kcity: 1 problem\n")


def test_an_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(fail(KeyboardInterrupt()), as_json=True)
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "interrupted: nothing half-written is left\n")


def test_an_order_to_end_is_obeyed_during_the_work_only() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        run(lambda: signal.raise_signal(signal.SIGTERM))
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def test_work_may_run_in_another_thread() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(run(lambda: 7)))
    thread.start()
    thread.join()
    assert found == [7]


def test_a_closed_pipe_is_left_to_the_command_line() -> None:
    with pytest.raises(BrokenPipeError):
        run(fail(BrokenPipeError()))


def test_a_mistake_of_ours_is_not_dressed_up_as_the_user_s() -> None:
    with pytest.raises(ZeroDivisionError):
        run(fail(ZeroDivisionError()))


@pytest.mark.parametrize(("encoding", "text"), [("utf-8", "«Ї»"), ("ascii", "\\u00ab\\u0407")])
def test_json_is_readable_where_it_can_be(
    encoding: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    show_json({"name": "«Ї»"})
    sys.stdout.flush()
    assert text.encode("utf-8") in raw.getvalue()
    assert json.loads(raw.getvalue()) == {"name": "«Ї»"}


def test_the_cache_is_where_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_CACHE", "somewhere")
    assert default_cache() == Path("somewhere")
    monkeypatch.delenv("VATRA_CACHE")
    assert default_cache().name == "vatra"


def test_a_demo_keeps_its_city_and_mends_a_damaged_cache(tmp_path: Path) -> None:
    args = (*DEMO, "--out", tmp_path / "plan", "--cache", tmp_path / "cache")
    first = invoke(*args)
    assert first.exit_code == 0
    assert "synthetic city, cached" not in first.stderr
    assert "For about" in first.stdout.replace("\xa0", " ")
    second = invoke(*args)
    assert "synthetic city, cached" in second.stderr
    assert second.stdout == first.stdout
    (kept,) = (tmp_path / "cache" / "cities").iterdir()
    (kept / "city.gpkg").write_bytes(b"damaged")
    third = invoke(*args, "--json")
    assert set(json.loads(third.stdout)["seconds"]) >= {"synthetic city", "keeping the city"}
    assert third.stderr == ""
    assert "cached" in invoke(*args).stderr


def test_a_cache_that_can_not_be_written_costs_no_plan(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    outcome = invoke(*DEMO, "--out", tmp_path / "plan", "--cache", tmp_path / "cache")
    assert outcome.exit_code == 0
    assert "not kept" in outcome.stderr
    assert (tmp_path / "plan" / "report.html").exists()


def test_new_show_and_check(tmp_path: Path) -> None:
    made = invoke("city", "new", tmp_path / "city", "--residents", "20000", "--seed", "3")
    assert made.exit_code == 0
    assert "synthetic city" in made.stderr
    shown = invoke("city", "show", tmp_path / "city")
    assert shown.stdout == made.stdout
    assert shown.stderr == ""
    checked = invoke("city", "check", tmp_path / "city")
    assert (checked.exit_code, checked.stdout) == (0, f"{tmp_path / 'city'}: no problems\n")
    for_machines = invoke("city", "check", tmp_path / "city", "--json")
    assert json.loads(for_machines.stdout) == {"source": str(tmp_path / "city"), "problems": []}


def test_version_and_help() -> None:
    assert vatra.__version__ in invoke("--version").stdout
    for args in ((), ("plan",), ("demo",), ("city",), ("city", "import", "osm")):
        assert invoke(*args, "-h").exit_code == 0
