"""The place of a result on disk: what may be replaced there, and how, whole or not at all."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vatra.problems import InputError, Problem


def plain(value: Any) -> Any:
    """Return a value of any kind as one that JSON has a word for.

    Parameters
    ----------
    value
        Numbers, arrays, tables, dataclasses and what is made of them.

    Returns
    -------
    Any
        The same in plain values; None for what isn't finite, numbers to six decimals.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return _plain_parts(value)


def _plain_parts(value: Any) -> Any:
    if isinstance(value, np.ndarray | tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, pd.DataFrame):
        return json.loads(value.to_json(orient="records"))
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return str(value)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV; times are UTC with their offset.

    Parameters
    ----------
    table
        The table; its index is left out.
    path
        The file.
    """
    shown = table.copy()
    for column in shown.columns:
        if isinstance(shown[column].dtype, pd.DatetimeTZDtype):
            text = shown[column].dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
            shown[column] = text
    shown.to_csv(path, index=False, lineterminator="\n")


def write_json(values: dict[str, Any], path: Path) -> None:
    """Write plain values as JSON.

    Parameters
    ----------
    values
        The values.
    path
        The file.
    """
    text = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def check_result_folder(folder: Path | str, manifest: str) -> None:
    """Refuse a place that holds something else, or where nothing can be written.

    Parameters
    ----------
    folder
        Where a result is to be written.
    manifest
        File by which a folder of the same kind is known; such a folder may be replaced.

    Raises
    ------
    InputError
        If the place is taken.
    """
    place = Path(folder).resolve()
    ground = next((p for p in place.parents if p.exists()), place.parent)
    mend = "name another folder"
    if place.is_dir() and (place == Path.cwd() or place in Path.cwd().parents):
        reason, mend = "you are in this folder, it can't be replaced", "name a folder in it"
    elif place.is_dir() and any(place.iterdir()) and not (place / manifest).is_file():
        reason = "the folder holds something else"
    elif place.exists() and not place.is_dir():
        reason = "it is a file, not a folder"
    elif not ground.is_dir() or not os.access(ground, os.W_OK | os.X_OK):
        reason = f"«{ground}» can't be written to"
    else:
        return
    raise InputError(str(folder), [Problem("--out", str(folder), reason, mend)])


@contextmanager
def result_folder(folder: Path | str, manifest: str, own: Sequence[str]) -> Iterator[Path]:
    """Give a folder to write into; it takes its place when all has gone well.

    Parameters
    ----------
    folder
        Where the result is to be.
    manifest
        File by which a folder of the same kind is known.
    own
        Files of such a folder that go with it; others are the user's and are kept.

    Yields
    ------
    Path
        The draft, beside that place.
    """
    check_result_folder(folder, manifest)
    place = Path(folder).resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{place.name}-", dir=place.parent, ignore_cleanup_errors=True
    ) as scratch:
        draft, old = Path(scratch) / "new", Path(scratch) / "old"
        draft.mkdir()
        yield draft
        try:
            if place.exists():
                place.rename(old)
            draft.rename(place)
        except BaseException:  # an interruption too must not cost the result that was there
            if old.exists() and not place.exists():
                old.rename(place)
            raise
        for path in old.iterdir() if old.exists() else ():
            if path.name not in own and not (place / path.name).exists():
                path.rename(place / path.name)
