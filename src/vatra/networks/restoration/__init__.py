"""Which repairs first: the order that gives the most people-hours of heat, water and light back."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.networks.restoration.city_order import plan_restoration
    from vatra.networks.restoration.grid_most import most_served
    from vatra.networks.restoration.grid_order import GridOrder, GridRepair, order_grid_repairs
    from vatra.networks.restoration.grid_score import score_by_ac
    from vatra.networks.restoration.model import (
        DEFAULT_SKILL,
        Restoration,
        crews_table,
        repairs_of,
    )
    from vatra.networks.restoration.proof import restored_situation, simulate_restoration

__all__ = [
    "DEFAULT_SKILL",
    "GridOrder",
    "GridRepair",
    "Restoration",
    "crews_table",
    "most_served",
    "order_grid_repairs",
    "plan_restoration",
    "repairs_of",
    "restored_situation",
    "score_by_ac",
    "simulate_restoration",
]

__getattr__ = lazy_names(__name__, __file__)
