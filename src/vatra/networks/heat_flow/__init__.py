"""District heat as a network: flow, temperature and heat under any state of pumps and pipes."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.networks.heat_flow.model import HeatGrid
    from vatra.networks.heat_flow.solve import HeatFlow, solve_heat

__all__ = ["HeatFlow", "HeatGrid", "solve_heat"]

__getattr__ = lazy_names(__name__, __file__)
