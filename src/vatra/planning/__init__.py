"""One plan: City and Situation in, Plan out, with its certificates and what it rests on."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.planning.comparison import Comparison, compare_plans
    from vatra.planning.folder import content_hash, summary_of, write_plan
    from vatra.planning.make import make_plan
    from vatra.planning.model import LoopRound, Plan
    from vatra.planning.place import check_plan_folder

__all__ = [
    "Comparison",
    "LoopRound",
    "Plan",
    "check_plan_folder",
    "compare_plans",
    "content_hash",
    "make_plan",
    "summary_of",
    "write_plan",
]

__getattr__ = lazy_names(__name__, __file__)
