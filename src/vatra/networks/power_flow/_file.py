"""Reading files that others wrote: size, encoding and shape are checked before anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vatra.problems import InputError, Problem

LARGEST_BYTES = 200_000_000
"""Largest file read: a case of 80,000 buses has a tenth of that."""


def read_text(path: Path) -> str:
    """Return a text file, or say why it can't be read.

    Parameters
    ----------
    path
        The file.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            reason = f"is larger than {LARGEST_BYTES // 1_000_000} MB"
            raise InputError(path.name, [Problem(path.name, "", reason, "cut it down")])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problem = Problem(path.name, "", "is not UTF-8 text", "save it as UTF-8")
        raise InputError(path.name, [problem]) from None
    except OSError as error:
        reason = (error.strerror or "can't be read").lower()
        raise InputError(path.name, [Problem(path.name, "", reason, "check the path")]) from None


def parse_json(text: str, name: str) -> dict[str, Any]:
    """Return a JSON object, or say where it is broken.

    Parameters
    ----------
    text
        The text.
    name
        Name of the file.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}"
        problem = Problem(place, "", f"is not JSON: {error.msg}", "export it again")
        raise InputError(name, [problem]) from None
    except (RecursionError, ValueError):
        problem = Problem(name, "", "is not JSON that can be read", "export it again")
        raise InputError(name, [problem]) from None
    if not isinstance(value, dict):
        raise InputError(name, [Problem(name, "", "is not a JSON object", "export it again")])
    return value
