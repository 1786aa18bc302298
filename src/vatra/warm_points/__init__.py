"""Where people get warm: need, walking reach, siting, bounds, assignment."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.warm_points.capacitated import Sites, cheapest_sites
    from vatra.warm_points.check import check_sites
    from vatra.warm_points.costs import costs_of
    from vatra.warm_points.median import Median, p_median
    from vatra.warm_points.mend import Mended, mend_sites
    from vatra.warm_points.model import WarmPoints
    from vatra.warm_points.need import need_of
    from vatra.warm_points.of_city import warm_points_of
    from vatra.warm_points.reach import walking_arcs
    from vatra.warm_points.siting import site_warm_points
    from vatra.warm_points.task import Task, siting_task

__all__ = [
    "Median",
    "Mended",
    "Sites",
    "Task",
    "WarmPoints",
    "cheapest_sites",
    "check_sites",
    "costs_of",
    "mend_sites",
    "need_of",
    "p_median",
    "site_warm_points",
    "siting_task",
    "walking_arcs",
    "warm_points_of",
]

__getattr__ = lazy_names(__name__, __file__)
