"""The place of a plan on disk: what may be replaced there, and how, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vatra.problems import InputError, Problem

MANIFEST = "plan.json"


def check_plan_folder(folder: Path | str) -> None:
    """Refuse a place for a plan that holds something else, or where nothing can be written.

    Parameters
    ----------
    folder
        Where a plan is to be written.

    Raises
    ------
    InputError
        If it is a file, a folder with something in it that isn't a plan, the folder that the
        user is in, or can't be made.
    """
    place = Path(folder).resolve()
    mend = "name another folder"
    if place.is_dir() and (place == Path.cwd() or place in Path.cwd().parents):
        reason, mend = "you are in this folder, it can't be replaced", "name a folder in it"
    elif place.is_dir() and any(place.iterdir()) and not _manifest(place):
        reason = "the folder holds something that isn't a plan"
    elif place.exists() and not place.is_dir():
        reason = "it is a file, not a folder"
    elif not (ground := _nearest(place.parent)).is_dir():
        reason = f"«{ground}» is a file, not a folder"
    elif not os.access(ground, os.W_OK | os.X_OK):
        reason = f"«{ground}» can't be written to"
    else:
        return
    raise InputError(str(folder), [Problem("--out", str(folder), reason, mend)])


@contextmanager
def plan_draft(folder: Path | str) -> Iterator[Path]:
    """Give a folder to write a plan into; it takes its place when all has gone well.

    Files of the user's in a plan that is replaced are kept.

    Parameters
    ----------
    folder
        Where the plan is to be.

    Yields
    ------
    Path
        The draft, beside that place.

    Raises
    ------
    InputError
        If the place is taken, as `check_plan_folder` has it.
    """
    check_plan_folder(folder)
    place = Path(folder).resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{place.name}-", dir=place.parent, ignore_cleanup_errors=True
    ) as scratch:
        draft, old = Path(scratch) / "new", Path(scratch) / "old"
        draft.mkdir()
        yield draft
        if place.exists():
            _keep_foreign_files(place, draft)
        try:
            if place.exists():
                place.rename(old)
            draft.rename(place)
        except BaseException:  # an interruption too must not cost the plan that was there
            if old.exists() and not place.exists():
                old.rename(place)
            raise


def _nearest(place: Path) -> Path:
    """Return the nearest thing above a place that is there."""
    while not place.exists():
        place = place.parent
    return place


def _manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a plan; empty where the folder holds none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    sound = isinstance(manifest, dict) and isinstance(manifest.get("files"), dict)
    return manifest if sound and "content_hash" in manifest else {}


def _keep_foreign_files(old: Path, draft: Path) -> None:
    """Copy what a user has put beside a plan's own files, but not what readers left there."""
    own = {MANIFEST, *_manifest(old).get("files", {})}
    for path in sorted(old.rglob("*")):
        name = path.relative_to(old).as_posix()
        left_by_reader = any(name.startswith(f"{one}-") for one in own)  # plan.gpkg-wal
        if path.is_dir() or name in own or left_by_reader or (draft / name).exists():
            continue
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, draft / name, follow_symlinks=False)
