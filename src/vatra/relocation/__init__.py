"""Who moves out: groups, capacities, clearance time."""

from vatra.relocation.model import Relocation
from vatra.relocation.plan import plan_relocation

__all__ = ["Relocation", "plan_relocation"]
