"""What people are told: reports and summaries in English and Ukrainian."""

from vatra.publish.report import write_report
from vatra.publish.summary import summarise

__all__ = ["summarise", "write_report"]
