"""Results on disk: which folder may be replaced by one, and how, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vatra.problems import InputError, Problem

MAKE_ROOM = "make room, or name another folder"


@dataclass(frozen=True)
class FolderKind:
    """A kind of result that Vatra writes into a folder of its own.

    Parameters
    ----------
    name
        What it is, as a user would say it: ``a plan``.
    holds
        Whether a folder holds such a result already; it may then be replaced.
    own_files
        Names of the files in such a folder that go with it, relative to the folder and with
        slashes. Anything else is the user's and is kept.
    """

    name: str
    holds: Callable[[Path], bool]
    own_files: Callable[[Path], set[str]]


def check_folder(folder: Path | str, kind: FolderKind) -> None:
    """Refuse a place that holds something else, or where nothing can be written.

    Parameters
    ----------
    folder
        Where a result is to be written.
    kind
        What it will be.

    Raises
    ------
    InputError
        If it is a file, a folder with something else in it, the folder that the user is in, or
        can't be made.
    """
    place = Path(folder).resolve()
    ground = next((p for p in place.parents if p.exists()), place)
    mend = "name another folder"
    if place.is_dir() and (place == Path.cwd() or place in Path.cwd().parents):
        reason, mend = "you are in this folder, it can't be replaced", "name a folder in it"
    elif place.is_dir() and any(place.iterdir()) and not kind.holds(place):
        reason = f"the folder holds something that isn't {kind.name}"
    elif place.exists() and not place.is_dir():
        reason = "it is a file, not a folder"
    elif not ground.is_dir():
        reason = f"«{ground}» is a file, not a folder"
    elif not os.access(ground, os.W_OK | os.X_OK):
        reason = f"«{ground}» can't be written to"
    else:
        return
    raise InputError(str(folder), [Problem("--out", str(folder), reason, mend)])


@contextmanager
def draft_folder(folder: Path | str, kind: FolderKind) -> Iterator[Path]:
    """Give a folder to write into; it takes its place when all has gone well.

    Files of the user's in a result that is replaced are kept.

    Parameters
    ----------
    folder
        Where the result is to be.
    kind
        What it is.

    Yields
    ------
    Path
        The draft, beside that place.

    Raises
    ------
    InputError
        If the place is taken, as `check_folder` has it, or writing fails.
    """
    check_folder(folder, kind)
    place = Path(folder).resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{place.name}-", dir=place.parent, ignore_cleanup_errors=True
        ) as scratch:
            draft, old = Path(scratch) / "new", Path(scratch) / "old"
            draft.mkdir()
            yield draft
            if place.exists():
                _keep_foreign_files(place, draft, kind.own_files(place))
            try:
                if place.exists():
                    place.rename(old)
                draft.rename(place)
            except BaseException:  # an interruption too must not cost the result that was there
                if old.exists() and not place.exists():
                    old.rename(place)
                raise
    except OSError as error:
        reason = f"can't be written ({error.strerror or error})"
        problem = Problem("--out", str(folder), reason, MAKE_ROOM)
        raise InputError(str(folder), [problem]) from error


def _keep_foreign_files(old: Path, draft: Path, own: set[str]) -> None:
    """Copy what a user has put beside a result's own files, but not what readers left there."""
    for path in sorted(old.rglob("*")):
        name = path.relative_to(old).as_posix()
        left_by_reader = any(name.startswith(f"{one}-") for one in own)  # plan.gpkg-wal
        if name in own or left_by_reader or (draft / name).exists():
            continue
        if path.is_dir() and not path.is_symlink():
            (draft / name).mkdir(parents=True, exist_ok=True)
            continue
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, draft / name, follow_symlinks=False)
