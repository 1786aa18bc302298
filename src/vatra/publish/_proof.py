"""The certificate of a plan in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd

from vatra.blackouts.model import Certificate, Schedule, Violation
from vatra.networks.model import Balance
from vatra.planning.model import Plan
from vatra.publish._power import power_sentences
from vatra.publish.certificate_uk import in_ukrainian, subject_in_ukrainian
from vatra.publish.words import Language

MOST_VIOLATIONS = 20

IN_ALL, EVENING = "in all", "evening"
"""Spans of the certificate's shares: all of it, and what a date of an evening ends with."""


@dataclass(frozen=True)
class Broken:
    """A rule that could not be kept, in words.

    Parameters
    ----------
    rule
        Its name.
    when
        When, and for how long.
    violation
        What the scheduler says of it.
    subject, reason, relaxation
        The same in the language of the page, or in English where there is no other.
    reason_code, relaxation_code
        Languages of these.
    """

    rule: str
    when: str
    violation: Violation
    subject: str
    reason: str
    relaxation: str
    reason_code: str
    relaxation_code: str


@dataclass(frozen=True)
class Proof:
    """The certificate in words.

    Parameters
    ----------
    sentences
        One thing each.
    method, method_code
        How the bound was computed, and the language that this is in.
    broken
        Rules that could not be kept, the first few.
    more
        How many more there are, worded; empty if none.
    """

    sentences: tuple[str, ...]
    method: str
    method_code: str
    broken: tuple[Broken, ...]
    more: str


def proof_of(plan: Plan, language: Language) -> Proof:
    """Put a plan's certificate into words.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    say, proof = language.say, proof_of_schedule(plan.schedule, language)
    said = list(proof.sentences)
    rounds = language.count(len(plan.rounds), "round")
    change = language.about(plan.rounds[-1].change_mw, 2) if plan.rounds else "—"
    said.append(say("proof_settled" if plan.settled else "proof_unsettled", n=rounds, mw=change))
    said += power_sentences(plan, language)
    said += [_balance(balance, language) for balance in plan.balances]
    warm = plan.warm_points
    if warm.need and len(warm.sites):
        said.append(say(
            "proof_warm",
            reached=language.count(warm.reached, "person", 3),
            reached_bound=language.about(warm.reached_bound, 3),
            served=language.count(warm.served, "person", 3),
            served_bound=language.about(warm.served_bound, 3),
        ))  # fmt: skip
    return replace(proof, sentences=tuple(said))


def _balance(balance: Balance, language: Language) -> str:
    known = f"balance_of_{balance.name}"
    unit = language.texts.get(f"unit_{balance.unit}", balance.unit)
    way = f" ({balance.method})" if balance.method else ""
    key = "proof_balance_drawn" if balance.stored < 0.0 else "proof_balance_stored"
    return language.say(
        key,
        name=language.texts.get(known, balance.name) + way,
        supplied=language.about(balance.supplied, 3),
        delivered=language.about(balance.delivered, 3),
        stored=language.about(abs(balance.stored), 3),
        lost=language.about(balance.lost, 3),
        unit=unit,
        # Rounded up: what is unaccounted for is never shown as less than it is.
        error=language.number(math.ceil(balance.error_share * 1e5 - 1e-9) / 1e3, 3),
    )


def proof_of_schedule(schedule: Schedule, language: Language) -> Proof:
    """Put a schedule's certificate into words.

    Parameters
    ----------
    schedule
        The schedule.
    language
        The language.
    """
    say, certificate = language.say, schedule.certificate
    said = []
    unserved = language.about(certificate.unserved_mwh, 3)
    bound = language.about(certificate.unserved_bound_mwh, 3)
    ratio = certificate.unserved_ratio
    if certificate.unserved_mwh <= 1e-9:
        said.append(say("proof_all_served"))
    elif certificate.unserved_bound_mwh > 0 and math.isfinite(ratio):
        shown = language.number(math.ceil(ratio * 1000 - 1e-6) / 1000, 3)
        said.append(say("proof_unserved", mwh=unserved, bound=bound, ratio=shown))
    else:
        said.append(say("proof_unserved_no_bound", mwh=unserved))
    if certificate.limit_excess_mw > 0:
        said.append(say("proof_excess", mw=language.about(certificate.limit_excess_mw, 2)))
    else:
        said.append(say("proof_limits_kept"))
    said.append(say("proof_range", range=language.of_hours(certificate.dark_h_range),
                    bound=language.of_hours(certificate.dark_h_range_bound)))  # fmt: skip
    said.append(say("proof_longest", h=language.of_hours(certificate.longest_dark_h)))
    said += _shares(certificate, language)
    said += _rule_costs(certificate, language)
    shown_cases = certificate.violations[:MOST_VIOLATIONS]
    broken = tuple(_broken(v, schedule.grid.local, language) for v in shown_cases)
    rest = len(certificate.violations) - len(broken)
    more = say("and_more", n=language.count(rest, "rule_case")) if rest > 0 else ""
    method, code = _in(certificate.bound_method, language)
    return Proof(tuple(said), method, code, broken, more)


def _shares(certificate: Certificate, language: Language) -> list[str]:
    """Say how darkness is shared out in all, on the least even day and evening, with bounds."""
    days = [s for s in certificate.shares if s.span != IN_ALL and not s.span.endswith(EVENING)]
    evenings = [s for s in certificate.shares if s.span.endswith(EVENING)]
    said = []
    for key, spans in (
        ("proof_share_all", [s for s in certificate.shares if s.span == IN_ALL]),
        ("proof_share_day", days),
        ("proof_share_evening", evenings),
    ):
        worst = max(spans, key=lambda s: s.most_h - s.least_h, default=None)
        if worst is None or worst.most_h <= 0.0:
            continue
        day = worst.span.removesuffix(EVENING).strip()
        said.append(language.say(
            key,
            day="" if worst.span == IN_ALL else language.day(pd.Timestamp(day)),
            most=language.of_hours(worst.most_h), least=language.of_hours(worst.least_h),
            bound=language.say("proof_share_bound", h=language.of_hours(worst.most_bound_h))
            if worst.most_bound_h > 0.0 else "",
        ))  # fmt: skip
    return said


def _rule_costs(certificate: Certificate, language: Language) -> list[str]:
    """Say what each rule that binds costs, the dearest first."""
    dear = sorted((c for c in certificate.rule_costs if c.mwh > 0.0), key=lambda c: -c.mwh)
    if not dear:
        return []
    costs = "; ".join(
        language.say("proof_rule_cost", mwh=language.about(cost.mwh),
                     rule=language.texts.get(f"rule_{cost.rule.replace(' ', '_')}", cost.rule))
        for cost in dear
    )  # fmt: skip
    return [language.say("proof_rule_costs", costs=costs)]


def _broken(violation: Violation, local: pd.DatetimeIndex, language: Language) -> Broken:
    key = f"rule_{violation.rule.replace(' ', '_')}"
    slots = [s for s in violation.slots if 0 <= s < len(local)]
    when = ""
    if slots:
        hours = language.of_hours(len(slots) / 2)
        when = language.say("broken_when", start=language.by(local[min(slots)]), hours=hours)
    reason, reason_code = _in(violation.reason, language)
    relaxation, relaxation_code = _in(violation.relaxation, language)
    return Broken(
        language.texts.get(key, violation.rule), when, violation,
        subject_in_ukrainian(violation.subject) if reason_code == "uk" else violation.subject,
        reason, relaxation, reason_code, relaxation_code,
    )  # fmt: skip


def _in(sentence: str, language: Language) -> tuple[str, str]:
    """Return what the scheduler says in a language, and the code of the one that it is in."""
    said = in_ukrainian(sentence) if language.code == "uk" else ""
    return (said, "uk") if said else (sentence, "en")
