"""Where people get warm: need, walking reach, siting, bounds, assignment."""

from vatra.warm_points.model import WarmPoints
from vatra.warm_points.need import need_of
from vatra.warm_points.of_city import warm_points_of
from vatra.warm_points.reach import walking_arcs
from vatra.warm_points.siting import site_warm_points

__all__ = ["WarmPoints", "need_of", "site_warm_points", "walking_arcs", "warm_points_of"]
