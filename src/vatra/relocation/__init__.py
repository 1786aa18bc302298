"""Who moves out: groups, capacities, clearance time."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.relocation.model import Relocation
    from vatra.relocation.plan import plan_relocation

__all__ = ["Relocation", "plan_relocation"]

__getattr__ = lazy_names(__name__, __file__)
