"""What changes if: the same situation with a report withdrawn, colder, or with more out."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from typing import Any

from vatra.problems import Problem
from vatra.situation.fields import did_you_mean, shown
from vatra.situation.model import Claim, Situation
from vatra.situation.samples import RANGES

_OUTAGE = re.compile(
    r"(?P<asset>.+?)(?: out)?(?: from (?P<since>.+?))?(?: (?:to|until) (?P<until>.+))?"
)
SUPPOSED = "what-if"
"""Id of the claim that stands for what is supposed, with its number."""


@dataclass(frozen=True)
class Outage:
    """Something supposed to be out.

    Parameters
    ----------
    asset
        Id in the city's tables, or the name of a bridge.
    since, until
        Times as people write them; empty for the start, and for «nobody knows until when».
    """

    asset: str
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, words: str) -> Outage:
        """Read «H-002 out from 2022-11-24T06:00 to 2022-11-24T18:00»; times may be left out.

        Parameters
        ----------
        words
            What was written.
        """
        found = _OUTAGE.fullmatch(" ".join(words.split()))
        if found is None:
            return cls(words.strip())
        return cls(found["asset"], found["since"] or "", found["until"] or "")

    def __str__(self) -> str:
        """Return it in words."""
        since = f" from {self.since}" if self.since else ""
        until = f" to {self.until}" if self.until else ""
        return f"{self.asset} out{since}{until}"

    @property
    def in_ukrainian(self) -> str:
        """The same in Ukrainian."""
        since = f" з {self.since}" if self.since else ""
        until = f" до {self.until}" if self.until else ""
        return f"{self.asset} не працює{since}{until}"


@dataclass(frozen=True)
class WhatIf:
    """What is supposed besides, or against, what a situation says.

    Parameters
    ----------
    without
        Ids of reports that are not taken to be true. A value falls when none of the reports that
        it cites is left.
    temperature_c
        Mean outdoor temperature of the horizon, °C: the whole course is shifted to it, its days
        and nights keep their shape. None for the situation's own.
    out
        What else is out.
    """

    without: tuple[str, ...] = ()
    temperature_c: float | None = None
    out: tuple[Outage, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything is supposed."""
        return bool(self.without or self.out) or self.temperature_c is not None

    def words(self, language: str = "en") -> str:
        """Return what is supposed, in ``en`` or ``uk``.

        Parameters
        ----------
        language
            Which.
        """
        english = language == "en"
        parts = [f"{'without' if english else 'без'} {claim}" for claim in self.without]
        if self.temperature_c is not None:
            shown_c = f"{self.temperature_c:g}".replace("-", "\u2212")
            parts.append(f"{shown_c} °C {'on average' if english else 'у середньому'}")
        parts += [str(o) if english else o.in_ukrainian for o in self.out]
        return ", ".join(parts)


def supposed(raw: dict[str, Any], what_if: WhatIf) -> tuple[dict[str, Any], list[Problem]]:
    """Return a situation file's content with reports withdrawn and more out.

    Parameters
    ----------
    raw
        The content of a file without problems.
    what_if
        What is supposed; its temperature is left to `at_temperature`.

    Returns
    -------
    raw : dict
        The content that follows.
    problems : list[Problem]
        Reports that aren't in the file, and a weather that nothing is left for.
    """
    raw = copy.deepcopy(raw)
    known = [claim["id"] for claim in raw.get("claims", [])]
    problems = [
        Problem("--without", shown(claim), "there is no such claim", did_you_mean(claim, known))
        for claim in what_if.without
        if claim not in known
    ]
    gone = frozenset(what_if.without)
    for key in ("supply", "damage"):
        if key in raw:
            raw[key] = [item for item in raw[key] if not _falls(item, gone)]
    if _falls(raw["weather"], gone) and what_if.temperature_c is None:
        ids = ", ".join(raw["weather"]["claims"])
        mend = "say what the temperature is instead, with --temperature"
        problems.append(Problem("--without", ids, "the weather rests on it alone", mend))
    for item in (*raw.get("supply", ()), *raw.get("damage", ()), raw["weather"]):
        if "claims" in item:
            item["claims"] = [claim for claim in item["claims"] if claim not in gone]
    raw["claims"] = [claim for claim in raw.get("claims", []) if claim["id"] not in gone]
    raw["damage"] = list(raw.get("damage", ()))
    for number, outage in enumerate(what_if.out, 1):
        claim = f"{SUPPOSED}-{number}"
        raw["damage"].append(
            {"asset": outage.asset, "claims": [claim]}
            | ({"from": outage.since} if outage.since else {})
            | ({"to": outage.until} if outage.until else {})
        )
        raw["claims"].append(
            {
                "id": claim, "text": f"{outage}: supposed, nobody has reported it.",
                "text_uk": f"{outage.in_ukrainian}: припущення, про це ніхто не повідомляв.",
                "source": "what if", "source_uk": "що, якщо", "basis": "if confirmed",
            }
        )  # fmt: skip
    return raw, problems


def _falls(item: dict[str, Any], gone: frozenset[str]) -> bool:
    cited = item.get("claims", [])
    return bool(cited) and gone.issuperset(cited)


def at_temperature(situation: Situation, mean_c: float) -> Situation:
    """Return a situation whose outdoor temperature is shifted as a whole to another mean.

    Parameters
    ----------
    situation
        The situation.
    mean_c
        Mean over the horizon, °C.
    """
    outdoor = situation.weather.outdoor_c
    source = f"{situation.weather.source} Shifted to a mean of {mean_c:g} °C: what if.".strip()
    weather = replace(situation.weather, outdoor_c=outdoor - outdoor.mean() + mean_c, source=source)
    claim = Claim(
        f"{SUPPOSED}-weather",
        f"{mean_c:g} °C outdoors on average: supposed, nobody has forecast it.".replace(
            "-", "\u2212"
        ),
        "what if", basis="if confirmed",
        text_uk=f"{mean_c:g} °C надворі в середньому: припущення, цього ніхто не прогнозував."
        .replace("-", "\u2212"),
        source_uk="що, якщо",
    )  # fmt: skip
    return replace(
        situation,
        weather=weather,
        claims=(*situation.claims, claim),
        cited={**situation.cited, "weather": (claim.claim_id,)},
        basis="if confirmed",
    )


def check_temperature(mean_c: float | None) -> list[Problem]:
    """Return what is wrong with a temperature that is supposed.

    Parameters
    ----------
    mean_c
        Mean over the horizon, °C; None passes.
    """
    least, most = RANGES["outdoor_c"]
    if mean_c is None or least <= mean_c <= most:
        return []
    reason = f"is outside {least:g} to {most:g} °C"
    return [Problem("--temperature", f"{mean_c:g}", reason, "correct it")]


def marked(situation: Situation, what_if: WhatIf) -> Situation:
    """Return a situation whose names say what is supposed, never «confirmed».

    Parameters
    ----------
    situation
        The situation that follows.
    what_if
        What is supposed.
    """
    name_uk = situation.name_uk and f"{situation.name_uk}. Що, якщо: {what_if.words('uk')}"
    return replace(
        situation,
        name=f"{situation.name}. What if: {what_if.words()}",
        name_uk=name_uk,
        basis="if confirmed",
    )
