"""Numba's ``njit`` with a type that mypy can follow."""

from __future__ import annotations

from collections.abc import Callable
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
    decorate = numba.njit(cache=True, nogil=True, parallel=parallel, fastmath=fastmath)
    return cast("Callable[[Function], Function]", decorate)
