"""Vatra keeps a city lit, watered and warm when its networks are hit.

Each name below is the answer to one question; it is loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

__version__ = version("vatra")

_WHERE = {
    "City": "vatra.city",
    "check_city": "vatra.city",
    "import_osm": "vatra.city",
    "read_city": "vatra.city",
    "write_city": "vatra.city",
    "make_city": "vatra.city.synthetic",
    "Situation": "vatra.situation",
    "november_2022": "vatra.situation",
    "read_situation": "vatra.situation",
    "forecast_demand": "vatra.demand",
    "simulate_homes": "vatra.homes",
    "simulate_networks": "vatra.networks",
    "Rules": "vatra.blackouts",
    "schedule_blackouts": "vatra.blackouts",
    "schedule_table": "vatra.blackouts",
    "site_warm_points": "vatra.warm_points",
    "plan_relocation": "vatra.relocation",
    "Plan": "vatra.planning",
    "make_plan": "vatra.planning",
    "write_plan": "vatra.planning",
    "summarise": "vatra.publish",
    "write_report": "vatra.publish",
    "InputError": "vatra.problems",
    "Problem": "vatra.problems",
}

__all__ = ["__version__", *sorted(_WHERE)]  # noqa: PLE0604 - the names are those of the table


def __getattr__(name: str) -> Any:
    """Load a public name from the folder that answers its question."""
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'vatra' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
