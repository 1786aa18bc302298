"""The process that EPANET runs in: reads a folder of work, leaves an answer for each run.

A library that goes wrong, or goes on for ever, takes only this process with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.networks.water_flow._engine import Job, TooManyStepsError, step_through
from vatra.networks.water_flow.library import EpanetError, Project

JOB, SHARES, NETWORK, STRAIGHT = "job.json", "shares.npy", "water.inp", "straight.inp"

NO_SOLUTION = 110
"""EPANET's error where the equations of a step can't be solved."""


def answer_name(run: int, ending: str) -> str:
    """Return the name of a run's answer."""
    return f"run-{run:05d}.{ending}"


def main(folder: Path) -> None:
    """Do the work in a folder.

    Parameters
    ----------
    folder
        Holds the network, the job and the shares of all runs.
    """
    given = json.loads((folder / JOB).read_text(encoding="utf-8"))
    library, inp = Path(given.pop("library")), folder / NETWORK
    check = given.pop("check")
    if check:
        _check(library, inp, folder)
        return
    job = Job(**given)
    shares = np.load(folder / SHARES, allow_pickle=False)
    for run, share in enumerate(shares):
        try:
            result = _run(library, folder, job, share)
        except TooManyStepsError as error:
            _fail(folder, run, "steps", str(error))
        except EpanetError as error:
            _fail(folder, run, "refused", str(error))
        else:
            _keep(folder, run, result)


def _run(library: Path, folder: Path, job: Job, share: NDArray[np.float64]) -> dict[str, Any]:
    """Run the network; with straight pieces of pump curves where that has no solution."""
    last: EpanetError | None = None
    for name in (NETWORK, STRAIGHT):
        # A run sets the clock in its file.
        inp = folder / f"run-{name}"
        inp.write_bytes((folder / name).read_bytes())
        try:
            return step_through(library, inp, job, share)
        except EpanetError as error:
            if error.code != NO_SOLUTION:
                raise
            last = error
    assert last is not None  # noqa: S101
    raise last


def _check(library: Path, inp: Path, folder: Path) -> None:
    report = inp.with_suffix(".rpt")
    try:
        with Project(library) as project:
            project.do("open", str(inp), str(report), "")
    except EpanetError as error:
        _fail(folder, 0, "refused", str(error))
    else:
        _fail(folder, 0, "", "")


def _fail(folder: Path, run: int, code: str, detail: str) -> None:
    text = json.dumps({"code": code, "detail": detail})
    (folder / answer_name(run, "json")).write_text(text, encoding="utf-8")


def _keep(folder: Path, run: int, result: dict[str, object]) -> None:
    arrays: dict[str, Any] = {
        name: value for name, value in result.items() if isinstance(value, np.ndarray)
    }
    rest = {name: value for name, value in result.items() if name not in arrays}
    np.savez(folder / answer_name(run, "npz"), **arrays)
    # Written last: an answer is whole when this is there.
    text = json.dumps({"code": "", "rest": rest})
    (folder / answer_name(run, "json")).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
