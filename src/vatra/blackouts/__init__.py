"""Who is dark when: orders, rules, the schedule and the proof that comes with it."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.blackouts.check import check_schedule
    from vatra.blackouts.emergency import Emergency, emergency_values, shed_now, write_emergency
    from vatra.blackouts.files import Tables, read_tables
    from vatra.blackouts.files_fairness import fairness_table
    from vatra.blackouts.files_folder import (
        ScheduleFolder,
        certificate_of,
        read_schedule,
        revision_values,
        write_schedule,
    )
    from vatra.blackouts.files_place import check_result_folder
    from vatra.blackouts.files_revision import revise_folder
    from vatra.blackouts.ledger import Ledger, execution_ledger, write_ledger
    from vatra.blackouts.ledger_history import history_after
    from vatra.blackouts.ledger_measured import Measured, read_measured
    from vatra.blackouts.model import Certificate, Schedule, State, Violation
    from vatra.blackouts.outages import feeder_outages, queue_outages
    from vatra.blackouts.pictures import PLAIN, Marks, draw_schedule
    from vatra.blackouts.recount import recount_schedule
    from vatra.blackouts.revision import Revision, revise_schedule
    from vatra.blackouts.rotation import Rotation, rotate_queues
    from vatra.blackouts.rules import Rules, rules_from
    from vatra.blackouts.schedule import schedule_blackouts
    from vatra.blackouts.tables import schedule_table
    from vatra.blackouts.trim import trim_schedule

__all__ = [
    "PLAIN",
    "Certificate",
    "Emergency",
    "Ledger",
    "Marks",
    "Measured",
    "Revision",
    "Rotation",
    "Rules",
    "Schedule",
    "ScheduleFolder",
    "State",
    "Tables",
    "Violation",
    "certificate_of",
    "check_result_folder",
    "check_schedule",
    "draw_schedule",
    "emergency_values",
    "execution_ledger",
    "fairness_table",
    "feeder_outages",
    "history_after",
    "queue_outages",
    "read_measured",
    "read_schedule",
    "read_tables",
    "recount_schedule",
    "revise_folder",
    "revise_schedule",
    "revision_values",
    "rotate_queues",
    "rules_from",
    "schedule_blackouts",
    "schedule_table",
    "shed_now",
    "trim_schedule",
    "write_emergency",
    "write_ledger",
    "write_schedule",
]

__getattr__ = lazy_names(__name__, __file__)
