"""What the terminal shows: progress by stage, problems, and nothing but results on stdout."""

from __future__ import annotations

import io
import json
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click

from vatra.problems import InputError, Problem, format_problems
from vatra.progress import Stage

Answer = TypeVar("Answer")

LONGEST_LINE = 100
"""Characters in a line on a wide terminal: longer ones are hard to follow."""


class Progress:
    """Shows one line a stage on standard error: what, how long, the figure that matters.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def __call__(self, stage: Stage) -> None:
        """Show where a stage stands."""
        if self.quiet:
            return
        try:
            if stage.seconds is not None:
                text = f"  {stage.name:<30} {stage.seconds:6.1f} s  {stage.figure}"
                click.echo(_fresh_line() + text, err=True)
            elif _is_live():
                click.echo(f"  {stage.name} …", err=True, nl=False)
        except OSError:
            self.quiet = True  # nobody reads on; the work goes on


def _is_live() -> bool:
    """Tell whether a person looks on: standard error may be closed, a file or a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def _fresh_line() -> str:
    """Return what wipes a stage that is still shown as running."""
    return "\r\x1b[K" if _is_live() else ""


def say_any_text() -> None:
    """Let both streams replace characters that a terminal's encoding doesn't have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def show_problems(error: InputError, *, as_json: bool) -> None:
    """Show every problem, for people on standard error or for machines on standard output.

    Parameters
    ----------
    error
        The problems and what they are of.
    as_json
        For machines.
    """
    if as_json:
        show_json({"source": error.source, "problems": [p.as_dict() for p in error.problems]})
    else:
        click.echo(_fresh_line() + format_problems(error.source, error.problems), err=True)


def show_json(answer: Any) -> None:
    """Print an answer for machines.

    Parameters
    ----------
    answer
        Plain values.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    narrow = not encoding.lower().startswith("utf")
    click.echo(json.dumps(answer, ensure_ascii=narrow, indent=1, allow_nan=False))


def in_lines(text: str) -> str:
    """Break a paragraph between words where a terminal would break it within them.

    Parameters
    ----------
    text
        The paragraph.

    Returns
    -------
    str
        In lines of at most 100 characters on a terminal; as it is anywhere else.
    """
    if not sys.stdout.isatty():
        return text
    width = min(shutil.get_terminal_size().columns, LONGEST_LINE)
    return textwrap.fill(text, width, break_on_hyphens=False)


def run(work: Callable[[], Answer], *, as_json: bool = False) -> Answer:
    """Do the work of a command; bad input and interruption end it calmly.

    Parameters
    ----------
    work
        What to do.
    as_json
        Show problems for machines.

    Returns
    -------
    Answer
        What the work returns.
    """
    say_any_text()
    with _ended_by_signal():
        try:
            return work()
        except InputError as error:
            problems = error
        except KeyboardInterrupt:
            click.echo(f"{_fresh_line()}interrupted: nothing half-written is left", err=True)
            raise SystemExit(130) from None
        except MemoryError:
            mend = "a smaller city or a shorter horizon needs less"
            problems = InputError("vatra", [Problem("", "", "not enough memory", mend)])
        except BrokenPipeError:
            raise  # whoever read has gone: the command line ends without a word
        except OSError as error:
            where = str(error.filename or "vatra")
            problems = InputError(where, [Problem("", "", error.strerror or str(error))])
        show_problems(problems, as_json=as_json)
        raise SystemExit(1)


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Take an order to end like an interruption, so that drafts are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
