"""How far the work has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """How a stage of the work stands.

    Parameters
    ----------
    name
        What is being done.
    seconds
        Time that it took; None while it runs.
    figure
        The one figure that matters, worded; empty while it runs.
    """

    name: str
    seconds: float | None = None
    figure: str = ""


Progress = Callable[[Stage], None]


class Clock:
    """Times the stages and passes them on.

    Parameters
    ----------
    progress
        Called at the start and end of each stage.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self.progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[list[str]]:
        """Time a stage; what is put into the list is its figure.

        Parameters
        ----------
        name
            What is being done.
        """
        if self.progress:
            self.progress(Stage(name))
        figure: list[str] = []
        began = time.perf_counter()
        yield figure
        took = time.perf_counter() - began
        self.seconds[name] = self.seconds.get(name, 0.0) + took
        if self.progress:
            self.progress(Stage(name, took, figure[0] if figure else ""))
