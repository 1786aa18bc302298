"""Names of a folder that are loaded when first asked for, so that importing it costs little."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def lazy_names(package: str, file: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a folder whose imports stand under ``TYPE_CHECKING``.

    The names stand once, where type checkers and readers look for them: the folder's own source is
    read for them.

    Parameters
    ----------
    package
        ``__name__`` of the folder.
    file
        ``__file__`` of its ``__init__``.

    Returns
    -------
    Callable
        Loads a name from the module that defines it, and keeps it.
    """
    where = _imported(Path(file).read_text(encoding="utf-8"))

    def load(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(where[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def _imported(source: str) -> dict[str, str]:
    """By name: the module that it is imported from under ``if TYPE_CHECKING``."""
    return {
        alias.name: node.module
        for block in ast.parse(source).body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
