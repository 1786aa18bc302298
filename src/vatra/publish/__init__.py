"""What people are told: reports and summaries in English and Ukrainian."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.publish._warm import write_warm_points
    from vatra.publish.comparison import compare_in_words
    from vatra.publish.report import write_report
    from vatra.publish.schedule_page import (
        summarise_revision,
        summarise_schedule,
        write_schedule_page,
    )
    from vatra.publish.summary import summarise

__all__ = [
    "compare_in_words",
    "summarise",
    "summarise_revision",
    "summarise_schedule",
    "write_report",
    "write_schedule_page",
    "write_warm_points",
]

__getattr__ = lazy_names(__name__, __file__)
