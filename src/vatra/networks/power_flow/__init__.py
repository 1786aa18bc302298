"""Power flow: who is under voltage, at what voltage, and which lines carry too much."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.networks.power_flow.ac import PowerFlow, solve_ac
    from vatra.networks.power_flow.dc import DcFlow, solve_dc
    from vatra.networks.power_flow.matpower import read_matpower
    from vatra.networks.power_flow.model import PowerGrid
    from vatra.networks.power_flow.pandapower_json import read_pandapower
    from vatra.networks.power_flow.pgm import solve_with_power_grid_model
    from vatra.networks.power_flow.pgm_json import read_power_grid_model
    from vatra.networks.power_flow.read import read_power_grid

__all__ = [
    "DcFlow",
    "PowerFlow",
    "PowerGrid",
    "read_matpower",
    "read_pandapower",
    "read_power_grid",
    "read_power_grid_model",
    "solve_ac",
    "solve_dc",
    "solve_with_power_grid_model",
]

__getattr__ = lazy_names(__name__, __file__)
