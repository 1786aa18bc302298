"""How cold homes get, by when, and what their heaters draw."""

from vatra.homes.archetypes import PHYSICS, Archetype, HomeParameters
from vatra.homes.model import THRESHOLDS_C, HomesOutlook
from vatra.homes.simulate import block_physics, simulate_homes
from vatra.homes.thresholds import degree_hours, hours_until
from vatra.homes.two_node import TwoNode, make_two_node

__all__ = [
    "PHYSICS",
    "THRESHOLDS_C",
    "Archetype",
    "HomeParameters",
    "HomesOutlook",
    "TwoNode",
    "block_physics",
    "degree_hours",
    "hours_until",
    "make_two_node",
    "simulate_homes",
]
