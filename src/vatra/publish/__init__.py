"""What people are told: reports and summaries in English and Ukrainian."""

from vatra.publish.report import write_report
from vatra.publish.schedule_page import summarise_schedule, write_schedule_page
from vatra.publish.summary import summarise

__all__ = ["summarise", "summarise_schedule", "write_report", "write_schedule_page"]
