"""What the power network says of a schedule, in plain words."""

from __future__ import annotations

import numpy as np

from vatra.networks.power_check import PowerCheck
from vatra.planning.model import Plan
from vatra.publish.words import Language


def power_sentences(plan: Plan, language: Language) -> list[str]:
    """Say whether the power network carries the schedule, and where it doesn't.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    check = plan.power
    if check is None:
        return []
    if not check.loading.size and check.holds:
        return [language.say("power_not_known")]
    said = [*power_doubts(plan, language)]
    if not said:
        key = "power_holds_ac" if check.ac else "power_holds_dc"
        low, high = _range(check, language)
        loaded = language.share(check.most_loaded)
        said.append(language.say(key, loaded=loaded, low=low, high=high))
    most = int(check.islands.max(initial=0))
    if most > 1:
        said.append(language.say("power_islands", n=language.count(most, "island")))
    feeders = check.overloads[check.overloads["table"] == "feeders"]
    if len(feeders):
        count = language.count(feeders["id"].nunique(), "feeder")
        slots = language.count(feeders["slot"].nunique(), "half_hour")
        said.append(language.say("power_feeders_over", n=count, slots=slots))
    return said


def power_doubts(plan: Plan, language: Language) -> list[str]:
    """Say where the power network would not carry the schedule; empty where it does.

    Parameters
    ----------
    plan
        The plan.
    language
        The language.
    """
    check = plan.power
    if check is None or check.holds:
        return []
    said = []
    lost = np.flatnonzero(~check.solved)
    if lost.size:
        more = check.shed_more_mw[lost]
        key = "power_no_point" if np.isfinite(more).all() else "power_no_point_at_all"
        said.append(language.say(
            key, slots=language.count(lost.size, "half_hour"),
            when=language.by(plan.situation.grid.local[int(lost[0])]),
            mw=language.about(float(np.nanmax(more, initial=0.0)), 2),
        ))  # fmt: skip
    over = check.overloads[check.overloads["table"] != "feeders"]
    if len(over):
        said.append(language.say(
            "power_over", n=language.count(over["id"].nunique(), "network_part"),
            slots=language.count(over["slot"].nunique(), "half_hour"),
            mw=language.about(float(over["excess_mw"].max()), 2),
            when=language.by(plan.situation.grid.local[int(over["slot"].min())]),
        ))  # fmt: skip
    return said


def _range(check: PowerCheck, language: Language) -> tuple[str, str]:
    """Lowest and highest voltage at a substation, per cent of the nominal one."""
    known = check.station_pu[np.isfinite(check.station_pu)]
    ends = (known.min(), known.max()) if known.size else (np.nan, np.nan)
    return language.number(100.0 * float(ends[0])), language.number(100.0 * float(ends[1]))
