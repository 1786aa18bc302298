"""How cold homes get, by when, and what their heaters draw."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.homes.answers import answer_blocks, answer_range
    from vatra.homes.archetypes import PHYSICS, Archetype, HomeParameters
    from vatra.homes.climate import Climate, read_climate
    from vatra.homes.cooling import cool_down
    from vatra.homes.freezing import Freezing, cold_spot, when_pipes_freeze
    from vatra.homes.model import COUNTED_C, THRESHOLDS_C, HomesOutlook
    from vatra.homes.parts import block_physics
    from vatra.homes.pickup import HeaterPickup, heater_pickup
    from vatra.homes.pipes import RISER, Pipe
    from vatra.homes.reduction import TwoNodeZone, reduce_to_two, run_network, run_two
    from vatra.homes.simulate import simulate_homes
    from vatra.homes.thresholds import degree_hours, hours_until
    from vatra.homes.two_node import TwoNode, make_two_node, slow_time_constant
    from vatra.homes.zone import Zone, build_network

__all__ = [
    "COUNTED_C",
    "PHYSICS",
    "RISER",
    "THRESHOLDS_C",
    "Archetype",
    "Climate",
    "Freezing",
    "HeaterPickup",
    "HomeParameters",
    "HomesOutlook",
    "Pipe",
    "TwoNode",
    "TwoNodeZone",
    "Zone",
    "answer_blocks",
    "answer_range",
    "block_physics",
    "build_network",
    "cold_spot",
    "cool_down",
    "degree_hours",
    "heater_pickup",
    "hours_until",
    "make_two_node",
    "read_climate",
    "reduce_to_two",
    "run_network",
    "run_two",
    "simulate_homes",
    "slow_time_constant",
    "when_pipes_freeze",
]

__getattr__ = lazy_names(__name__, __file__)
