"""Who is dark when: orders, rules, the schedule and the proof that comes with it."""

from vatra.blackouts.check import check_schedule
from vatra.blackouts.model import Certificate, Schedule, State, Violation
from vatra.blackouts.recount import recount_schedule
from vatra.blackouts.rules import Rules, rules_from
from vatra.blackouts.schedule import schedule_blackouts
from vatra.blackouts.tables import schedule_table
from vatra.blackouts.trim import trim_schedule

__all__ = [
    "Certificate",
    "Rules",
    "Schedule",
    "State",
    "Violation",
    "check_schedule",
    "recount_schedule",
    "rules_from",
    "schedule_blackouts",
    "schedule_table",
    "trim_schedule",
]
