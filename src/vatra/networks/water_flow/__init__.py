"""Pressure-driven flow in a water network, hour by hour, with pumps that lose power.

EPANET solves it, in a process of its own with a time limit; its library comes with
``pip install vatra[water]``.
"""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.networks.water_flow.model import WaterFailure, WaterRun
    from vatra.networks.water_flow.run import RunSettings, run_water, run_water_many

__all__ = ["RunSettings", "WaterFailure", "WaterRun", "run_water", "run_water_many"]

__getattr__ = lazy_names(__name__, __file__)
