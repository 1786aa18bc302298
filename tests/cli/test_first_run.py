"""The first run of an installation compiles on two cores."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from vatra.cli import first_run
from vatra.cli.terminal import Progress
from vatra.progress import Clock


def test_what_is_kept_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_run.compile_blackouts()
    first_run.compile_others()
    assert first_run.is_compiled()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not first_run.is_compiled()


@pytest.mark.parametrize("compiled", [True, False])
def test_nothing_is_compiled_twice(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    started = []

    class Child:
        def __init__(self, order: list[str], **_: object) -> None:
            started.append(order)

        def terminate(self) -> None:
            started.append(["ended"])

        def wait(self) -> None:
            pass

    monkeypatch.setattr(first_run, "is_compiled", lambda: compiled)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", Child)
    clock = Clock(Progress(quiet=True))
    with first_run.compile_beside(clock):
        assert len(clock.seconds) == len(started) == (0 if compiled else 1)
    assert started[1:] == ([] if compiled else [["ended"]])
