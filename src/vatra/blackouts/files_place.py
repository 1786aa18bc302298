"""A result of the blackouts on disk: its place, its tables and its plain values."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vatra.folders import FolderKind, check_folder, draft_folder

LEDGER = "ledger.json"


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
    check_folder(folder, _kind(manifest, ()))


def result_folder(
    folder: Path | str, manifest: str, own: Sequence[str]
) -> AbstractContextManager[Path]:
    """Give a folder to write into; it takes its place when all has gone well.

    Parameters
    ----------
    folder
        Where the result is to be.
    manifest
        File by which a folder of the same kind is known.
    own
        Files of such a folder that go with it; others are the user's and are kept.

    Returns
    -------
    AbstractContextManager
        Gives the draft, beside that place.
    """
    return draft_folder(folder, _kind(manifest, own))


def _kind(manifest: str, own: Sequence[str]) -> FolderKind:
    what = "a ledger" if manifest == LEDGER else "a schedule"
    return FolderKind(what, lambda place: (place / manifest).is_file(), lambda _: set(own))
