"""What the city would draw: load by feeder and half-hour, and what a cut does to it."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.demand.forecast import forecast_demand
    from vatra.demand.model import Demand, Pickup
    from vatra.demand.pickup import pickup_decay, pickup_growth, pickup_multiplier, served_load
    from vatra.demand.profiles import ColdResponse

__all__ = [
    "ColdResponse",
    "Demand",
    "Pickup",
    "forecast_demand",
    "pickup_decay",
    "pickup_growth",
    "pickup_multiplier",
    "served_load",
]

__getattr__ = lazy_names(__name__, __file__)
