"""How cold homes get, by when, and what their heaters draw."""

from vatra.homes.archetypes import PHYSICS, Archetype, HomeParameters
from vatra.homes.climate import Climate, read_climate
from vatra.homes.cooling import cool_down
from vatra.homes.model import COUNTED_C, THRESHOLDS_C, HomesOutlook
from vatra.homes.parts import block_physics
from vatra.homes.reduction import TwoNodeZone, reduce_to_two, run_network, run_two
from vatra.homes.simulate import simulate_homes
from vatra.homes.thresholds import degree_hours, hours_until
from vatra.homes.two_node import TwoNode, make_two_node, slow_time_constant
from vatra.homes.zone import Zone, build_network

__all__ = [
    "COUNTED_C",
    "PHYSICS",
    "THRESHOLDS_C",
    "Archetype",
    "Climate",
    "HomeParameters",
    "HomesOutlook",
    "TwoNode",
    "TwoNodeZone",
    "Zone",
    "block_physics",
    "build_network",
    "cool_down",
    "degree_hours",
    "hours_until",
    "make_two_node",
    "read_climate",
    "reduce_to_two",
    "run_network",
    "run_two",
    "simulate_homes",
    "slow_time_constant",
]
