"""How cold homes get, by when, and what their heaters draw."""

from vatra.homes.archetypes import PHYSICS, Archetype, HomeParameters
from vatra.homes.cooling import cool_down
from vatra.homes.model import THRESHOLDS_C, HomesOutlook
from vatra.homes.simulate import block_physics, simulate_homes
from vatra.homes.thresholds import degree_hours, hours_until
from vatra.homes.two_node import TwoNode, make_two_node, slow_time_constant

__all__ = [
    "PHYSICS",
    "THRESHOLDS_C",
    "Archetype",
    "HomeParameters",
    "HomesOutlook",
    "TwoNode",
    "block_physics",
    "cool_down",
    "degree_hours",
    "hours_until",
    "make_two_node",
    "simulate_homes",
    "slow_time_constant",
]
