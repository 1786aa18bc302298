"""Who is dark when: orders, rules, the schedule and the proof that comes with it."""

from typing import TYPE_CHECKING

from vatra._lazy import lazy_names

if TYPE_CHECKING:
    from vatra.blackouts.check import check_schedule
    from vatra.blackouts.emergency import Emergency, emergency_values, shed_now, write_emergency
    from vatra.blackouts.emergency_repay import Repayment, repay_emergency
    from vatra.blackouts.files import Tables, read_tables
    from vatra.blackouts.files_book import enter_in_book, with_memory
    from vatra.blackouts.files_fairness import fairness_table
    from vatra.blackouts.files_folder import (
        ScheduleFolder,
        certificate_of,
        read_schedule,
        revision_values,
        write_schedule,
    )
    from vatra.blackouts.files_place import check_result_folder
    from vatra.blackouts.files_revision import emergency_folder, repay_folder, revise_folder
    from vatra.blackouts.files_rotation import read_feeder_table, rotate_from_order
    from vatra.blackouts.ledger import Ledger, execution_ledger, measured_dark, write_ledger
    from vatra.blackouts.ledger_history import history_after
    from vatra.blackouts.ledger_measured import Measured, read_measured
    from vatra.blackouts.memory import (
        book_fairness,
        days_of_schedule,
        enter,
        evening_exposure,
        history_from,
        people_exposure,
        read_book,
        write_book,
    )
    from vatra.blackouts.memory_spans import Standing, standing_of
    from vatra.blackouts.model import Certificate, Schedule, State, Violation
    from vatra.blackouts.outages import feeder_outages, queue_outages
    from vatra.blackouts.pictures import (
        PLAIN,
        Marks,
        draw_fairness,
        draw_load,
        draw_schedule,
    )
    from vatra.blackouts.pictures_book import draw_standing
    from vatra.blackouts.queue_balance import (
        QueuePlan,
        balance_queues,
        queue_names,
        rebalance_queues,
    )
    from vatra.blackouts.recount import recount_schedule
    from vatra.blackouts.revision import Revision, revise_schedule
    from vatra.blackouts.rotation import Rotation, rotate_queues
    from vatra.blackouts.rotation_template import Template, rotate_template
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
    "QueuePlan",
    "Repayment",
    "Revision",
    "Rotation",
    "Rules",
    "Schedule",
    "ScheduleFolder",
    "Standing",
    "State",
    "Tables",
    "Template",
    "Violation",
    "balance_queues",
    "book_fairness",
    "certificate_of",
    "check_result_folder",
    "check_schedule",
    "days_of_schedule",
    "draw_fairness",
    "draw_load",
    "draw_schedule",
    "draw_standing",
    "emergency_folder",
    "emergency_values",
    "enter",
    "enter_in_book",
    "evening_exposure",
    "execution_ledger",
    "fairness_table",
    "feeder_outages",
    "history_after",
    "history_from",
    "measured_dark",
    "people_exposure",
    "queue_names",
    "queue_outages",
    "read_book",
    "read_feeder_table",
    "read_measured",
    "read_schedule",
    "read_tables",
    "rebalance_queues",
    "recount_schedule",
    "repay_emergency",
    "repay_folder",
    "revise_folder",
    "revise_schedule",
    "revision_values",
    "rotate_from_order",
    "rotate_queues",
    "rotate_template",
    "rules_from",
    "schedule_blackouts",
    "schedule_table",
    "shed_now",
    "standing_of",
    "trim_schedule",
    "with_memory",
    "write_book",
    "write_emergency",
    "write_ledger",
    "write_schedule",
]

__getattr__ = lazy_names(__name__, __file__)
