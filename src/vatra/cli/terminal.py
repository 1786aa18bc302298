"""What the terminal shows: progress by stage, problems, and nothing but results on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from vatra.progress import Stage
from vatra.problems import InputError, format_problems

Answer = TypeVar("Answer")


class Progress:
    """Shows one line a stage on standard error: what, how long, the figure that matters.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._live = sys.stderr.isatty()

    def __call__(self, stage: Stage) -> None:
        """Show where a stage stands."""
        if self.quiet:
            return
        if stage.seconds is None:
            if self._live:
                click.echo(f"  {stage.name} …", err=True, nl=False)
            return
        start = "\r\x1b[K" if self._live else ""
        click.echo(f"{start}  {stage.name:<30} {stage.seconds:6.1f} s  {stage.figure}", err=True)


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
        click.echo(format_problems(error.source, error.problems), err=True)


def show_json(answer: Any) -> None:
    """Print an answer for machines.

    Parameters
    ----------
    answer
        Plain values.
    """
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1, default=str))


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
    try:
        return work()
    except InputError as error:
        show_problems(error, as_json=as_json)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        click.echo("\ninterrupted: nothing was written", err=True)
        raise SystemExit(130) from None
    except MemoryError:
        click.echo("not enough memory: a smaller city or a shorter horizon needs less", err=True)
        raise SystemExit(1) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"{where}{error.strerror or error}", err=True)
        raise SystemExit(1) from None
