"""The place of a plan on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vatra.folders import FolderKind, check_folder

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
    check_folder(folder, PLAN)


def _manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a plan; empty where the folder holds none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    sound = isinstance(manifest, dict) and isinstance(manifest.get("files"), dict)
    return manifest if sound and "content_hash" in manifest else {}


PLAN = FolderKind(
    "a plan",
    holds=lambda folder: bool(_manifest(folder)),
    own_files=lambda folder: {MANIFEST, *_manifest(folder).get("files", {})},
)
