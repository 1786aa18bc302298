"""Real processes: interrupted, stopped, piped, out of room, and two at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Desk

ROOT = Path(__file__).parents[2]
VATRA = (sys.executable, "-m", "vatra")
DEMO = ("demo", "--residents", "20000", "--hours", "6")
TOLD = "interrupted: nothing half-written is left"
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


def start(
    *args: object, env: dict[str, str] | None = None, cwd: Path, encoding: str = "utf-8"
) -> subprocess.Popen[str]:
    """Start a command."""
    return subprocess.Popen(
        [*VATRA, *(str(arg) for arg in args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding=encoding, cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"} | (env or {}),
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    """Read standard error until a stage is done."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"«{words}» never came")


@posix
@pytest.mark.parametrize(
    ("after", "sent", "code", "words"),
    [
        ("reading the city", signal.SIGINT, 130, TOLD),
        ("demand", signal.SIGINT, 130, TOLD),
        ("relocation", signal.SIGINT, 130, TOLD),
        ("relocation", signal.SIGTERM, 143, ""),
    ],
)
def test_an_interruption_leaves_nothing(
    desk: Desk, after: str, sent: signal.Signals, code: int, words: str
) -> None:
    # Publishing is made slow, so that the signal comes while the draft is there.
    slow = desk.folder.parent / "slow"
    slow.mkdir()
    (slow / "sitecustomize.py").write_text(
        "import time, vatra.publish as publish\n"
        "whole = publish.write_report\n"
        "publish.write_report = lambda *args: (whole(*args), time.sleep(60))\n"
    )
    path = f"{slow}:{ROOT / 'src'}"
    process = start(*desk.command, env={"PYTHONPATH": path}, cwd=desk.folder)
    wait_for(process, after)
    if after == "relocation":
        deadline = time.monotonic() + 60
        while not list(desk.folder.glob(".plan-*/new/report.uk.html")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    process.send_signal(sent)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (code, ""), err
    assert words in err
    assert "Traceback" not in err
    assert desk.left() == {"city", "situation.toml"}


@posix
def test_a_closed_pipe_ends_it_without_a_word(desk: Desk) -> None:
    with start(*desk.command, cwd=desk.folder) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "Exception" not in err
    assert (desk.out / "plan.json").exists()


@posix
def test_nobody_reading_the_progress_does_not_stop_the_work(desk: Desk) -> None:
    with start(*desk.command, cwd=desk.folder) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        process.stderr.close()
        assert f"Plan:   {desk.out}" in process.stdout.read()


@posix
def test_no_standard_error_at_all(desk: Desk) -> None:
    command = " ".join([*VATRA, *(str(arg) for arg in desk.command)])
    outcome = subprocess.run(
        ["/bin/sh", "-c", f"{command} 2>&-"], cwd=desk.folder, capture_output=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert outcome.returncode == 0
    assert b"Plan:" in outcome.stdout


@posix
def test_no_room_on_the_disk(desk: Desk) -> None:
    command = " ".join([*VATRA, *(str(arg) for arg in desk.command)])
    outcome = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -f 40; {command} --json"], cwd=desk.folder, capture_output=True,
        check=False, env=os.environ | {"PYTHONPATH": str(ROOT / "src"),
                                       "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert outcome.returncode == 1, outcome.stderr
    assert b"Traceback" not in outcome.stderr
    assert "can't be written" in json.loads(outcome.stdout)["problems"][0]["reason"]
    assert desk.left() == {"city", "situation.toml"}


@pytest.mark.parametrize(("encoding", "more"), [("ascii", ("--json",)), ("cp1252", ())])
def test_a_terminal_that_lacks_the_characters(
    desk: Desk, encoding: str, more: tuple[str, ...]
) -> None:
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    with start(*desk.command, *more, env=env, cwd=desk.folder, encoding=encoding) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    if more:
        assert json.loads(out)["city"] == "Tinytown"
    else:
        assert "MW" in out


def test_two_at_once_on_one_cache(tmp_path: Path) -> None:
    cache = {"VATRA_CACHE": str(tmp_path / "cache")}
    both = [
        start(*DEMO, "--out", tmp_path / name, env=cache, cwd=tmp_path) for name in ("one", "two")
    ]
    for process in both:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert "Traceback" not in err
    one, two = (json.loads((tmp_path / name / "plan.json").read_bytes()) for name in ("one", "two"))
    assert one == two
    kept = list((tmp_path / "cache" / "cities").iterdir())
    assert len(kept) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "one", "two"}
    # The third time it is read, not made.
    process = start(*DEMO, "--out", tmp_path / "three", "--json", env=cache, cwd=tmp_path)
    out, _ = process.communicate(timeout=300)
    assert "synthetic city, cached" in json.loads(out)["seconds"]


def test_help_answers_at_once(tmp_path: Path) -> None:
    loads = "import sys; from vatra.cli import main; print(sorted(sys.modules))"
    out = subprocess.run(
        [sys.executable, "-c", loads], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    ).stdout  # fmt: skip
    assert not {"numpy", "pandas", "numba", "geopandas"} & set(eval(out))  # noqa: S307 - our own
    process = start("--help", cwd=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.index("\n  demo") < out.index("\n  plan")
