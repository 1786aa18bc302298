"""A city: its tables, their checks, readers, writers and imports.

Each name is loaded when first asked for, so that reading a city doesn't load what imports one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vatra.city.check import check_city
    from vatra.city.describe import describe_schema
    from vatra.city.io import check_city_folder, load_city, read_city, write_city
    from vatra.city.model import About, Assumption, City, empty_table
    from vatra.city.osm import import_osm
    from vatra.city.schema import TABLE, TABLES
    from vatra.city.show import summarise_city

_WHERE = {
    "About": "model",
    "Assumption": "model",
    "City": "model",
    "TABLE": "schema",
    "TABLES": "schema",
    "check_city": "check",
    "check_city_folder": "io",
    "describe_schema": "describe",
    "empty_table": "model",
    "import_osm": "osm",
    "load_city": "io",
    "read_city": "io",
    "summarise_city": "show",
    "write_city": "io",
}

__all__ = [
    "TABLE",
    "TABLES",
    "About",
    "Assumption",
    "City",
    "check_city",
    "check_city_folder",
    "describe_schema",
    "empty_table",
    "import_osm",
    "load_city",
    "read_city",
    "summarise_city",
    "write_city",
]


def __getattr__(name: str) -> Any:
    """Load a public name from the module that defines it."""
    if name in _WHERE:
        return getattr(import_module(f"vatra.city.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'vatra.city' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
