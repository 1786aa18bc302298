"""Who moves out: groups, capacities, staged plans, clearance time, and what to decide by when."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.relocation.alone import move_people
    from vatra.relocation.bound import cut_bound
    from vatra.relocation.check import check_moves
    from vatra.relocation.files import read_case, write_moves
    from vatra.relocation.model import MovePlan, Notice, Relocation
    from vatra.relocation.network import Crowd, Moves, Network, make_network, send_earliest
    from vatra.relocation.plan import plan_relocation
    from vatra.relocation.rules import MoveRules

__all__ = [
    "Crowd",
    "MovePlan",
    "MoveRules",
    "Moves",
    "Network",
    "Notice",
    "Relocation",
    "check_moves",
    "cut_bound",
    "make_network",
    "move_people",
    "plan_relocation",
    "read_case",
    "send_earliest",
    "write_moves",
]

__getattr__ = lazy_names(__name__, __file__)
