"""Numba's ``njit`` with a type that mypy can follow."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

prange = numba.prange


def njit(*, parallel: bool = False, fastmath: bool = False) -> Callable[[Function], Function]:
    """Compile a function of arrays, and keep the result on disk for the next run.

    It lets go of the interpreter while it runs, so that threads may share the work.

    Parameters
    ----------
    parallel
        Run ``prange`` loops on all cores.
    fastmath
        Let the compiler reorder floating-point operations. Only for kernels whose results are
        checked against a plain version within a tolerance.
    """
    compile_ = numba.njit(cache=True, nogil=True, parallel=parallel, fastmath=fastmath)

    def decorate(function: Function) -> Function:
        kernel = compile_(function)
        # Numba knows a kept kernel by the file it stands in, but those of other files that it
        # calls are compiled into it: after an update it would run their old code.
        kept = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
        if kept is not None and hasattr(kept, "_source_stamp"):
            kept._source_stamp = _stamp_of(Path(inspect.getfile(function)).parent)  # noqa: SLF001
        return cast("Function", kernel)

    return decorate


@cache
def _stamp_of(folder: Path) -> tuple[tuple[str, float, int], ...]:
    """Tell the state of a folder's private modules: kernels call those of their own folder only."""
    files = sorted(folder.glob("_*.py"))
    return tuple((file.name, file.stat().st_mtime, file.stat().st_size) for file in files)
