"""Reading a situation from a TOML file, with every problem at once."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from vatra.city.model import City
from vatra.problems import InputError, Problem
from vatra.situation.damage import read_crews, read_damage
from vatra.situation.fields import Fields
from vatra.situation.given_weather import given_weather
from vatra.situation.local_time import nearest_half_hours
from vatra.situation.model import Basis, Claim, Situation
from vatra.situation.supply import read_supply
from vatra.situation.timegrid import SLOT_H, TimeGrid
from vatra.situation.what_if import (
    SUPPOSED,
    WhatIf,
    at_temperature,
    check_temperature,
    marked,
    supposed,
)

DEFAULT_HOURS = 72.0
MOST_HOURS = 400.0
BASES: tuple[Basis, ...] = get_args(Basis)

KEYS = (
    "name", "name_uk", "start", "hours", "basis", "supply", "damage", "weather", "claims", "rules",
    "crews",
)  # fmt: skip
CLAIM_KEYS = ("id", "text", "source", "basis", "as_of", "text_uk", "source_uk")

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_situation(
    path: Path | str, city: City, hours: float | None = None, what_if: WhatIf | None = None
) -> Situation:
    """Read a situation from a TOML file; `docs/examples/november-2022.toml` shows the form.

    Steps of the supply hold until the next step of the same area or until their ``to``. Where a
    step begins or ends within a slot, the stricter limit holds for the whole slot; damage counts
    in every slot that it touches. Times without an offset are the city's local time.

    Parameters
    ----------
    path
        The file.
    city
        The city that it happens to: its assets, areas and time zone are looked up.
    hours
        Length of the horizon, half an hour to 400 hours, whatever the file says; by default the
        file's ``hours``, or 72.
    what_if
        What is supposed besides, or against, what the file says.

    Returns
    -------
    Situation
        The situation; «if confirmed» if the file says so or anything in it cites a claim that
        is not confirmed, and wherever something is supposed.

    Raises
    ------
    InputError
        With every problem in the file, and then with every one in what is supposed.
    """
    path = Path(path)
    raw = _load(path)
    situation = _fold(raw, path, city, hours)
    if not what_if:
        return situation
    varied, problems = supposed(raw, what_if)
    problems += check_temperature(what_if.temperature_c)
    try:
        situation = _fold(varied, path, city, hours)
        _refuse_outside(situation, what_if, problems)
    except InputError as error:
        # The file itself is sound: what is wrong stands on the command line.
        option = {True: "--source", False: "--without"}
        problems += [replace(p, place=option[p.place[:6] == "damage"]) for p in error.problems]
    if problems:
        raise InputError(str(path), problems)
    if what_if.temperature_c is not None:
        situation = at_temperature(situation, what_if.temperature_c)
    return marked(situation, what_if)


def _refuse_outside(situation: Situation, what_if: WhatIf, problems: list[Problem]) -> None:
    """Note what is supposed to be out at no time of the horizon."""
    cited = {claim for damage in situation.damage for claim in damage.claims}
    for number, outage in enumerate(what_if.out, 1):
        if f"{SUPPOSED}-{number}" not in cited:
            reason = "isn't within the horizon"
            problems.append(Problem("--source", str(outage), reason, "check the times"))


def _fold(raw: dict[str, Any], path: Path, city: City, hours: float | None) -> Situation:
    """Fold the content of a file into one situation."""
    problems: list[Problem] = []
    file = Fields(raw, "", KEYS, problems, city.about.zone)
    grid = _grid(file, city, hours)
    name = file.text("name", path.stem)
    name_uk = file.text("name_uk", "")
    basis = file.choice("basis", BASES, "confirmed")
    claims = _claims(file)
    known = frozenset(claim.claim_id for claim in claims)
    supply = read_supply(file, city, grid, known)
    damage = read_damage(file, city, grid, known)
    weather, weather_claims = given_weather(file, city, grid, path.parent, known)
    rules = _rules(file)
    crews = read_crews(file, city)
    if problems or grid is None or weather is None:
        raise InputError(str(path), problems)
    cited = {
        **supply.cited,
        "damage": tuple(dict.fromkeys(c for d in damage for c in d.claims)),
        "weather": weather_claims,
    }
    cited = {what: ids for what, ids in cited.items() if ids}
    unsure = {claim.claim_id for claim in claims if claim.basis != "confirmed"}
    rests_on_unsure = any(unsure.intersection(ids) for ids in cited.values())
    return Situation(
        name=name or "",
        grid=grid,
        limit_mw=supply.limit_mw,
        queues_off=supply.queues_off,
        weather=weather,
        area_limits=supply.area_limits,
        damage=damage,
        claims=claims,
        cited=cited,
        basis="if confirmed" if rests_on_unsure or basis == "if confirmed" else "confirmed",
        rules=rules,
        name_uk=name_uk or "",
        crews=crews,
    )


def _load(path: Path) -> dict[str, Any]:
    """Load the TOML, or say on which line it is broken."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        problem = Problem("", "", "there is no such file", "correct the name")
    except UnicodeDecodeError:
        problem = Problem("", "", "is not UTF-8 text", "save it as UTF-8")
    except OSError as error:
        problem = Problem("", "", f"can't be read ({error.strerror})", "check the file")
    except RecursionError:
        problem = Problem("", "", "is nested too deeply", "check the brackets")
    except ValueError as error:
        # Besides syntax errors, TOML's own limits: numbers too long, times that don't exist.
        found = _AT_LINE.search(str(error))
        place = f"line {found[1]}" if found else ""
        reason = _AT_LINE.sub("", str(error)).strip()
        problem = Problem(place, "", f"is not valid TOML ({reason})", "correct the line")
    raise InputError(str(path), [problem])


def _grid(file: Fields, city: City, hours: float | None) -> TimeGrid | None:
    """Make the time grid, if its start and length are good."""
    given = hours if hours is not None else file.raw.get("hours", DEFAULT_HOURS)
    length = file.check_number("hours", given, "h", SLOT_H, MOST_HOURS)
    if length is not None and (length / SLOT_H) % 1:
        file.problem("hours", given, "is not a whole number of half-hours", "round it")
        length = None
    if "start" not in file.raw:
        file.problem("start", "", "is missing", "write it like start = 2022-11-23T14:00:00+02:00")
        return None
    start = file.time("start")
    if start is None:
        return None
    if start != start.floor("30min"):
        near = nearest_half_hours(start, city.about.zone)
        reason = "is not on a full or half hour"
        file.problem("start", file.raw["start"], reason, f"the nearest is {near}")
        return None
    return TimeGrid(start, int(length / SLOT_H), city.about.time_zone) if length else None


def _claims(file: Fields) -> tuple[Claim, ...]:
    claims: dict[str, Claim] = {}
    for place, raw in file.tables("claims"):
        fields = file.within(place, raw, CLAIM_KEYS)
        claim_id, text = fields.text("id"), fields.text("text")
        for key in ("id", "text"):
            if key not in raw:
                fields.problem(key, "", "is missing", "a claim needs it")
        if claim_id in claims:
            fields.problem("id", claim_id, "is there before", "give each claim its own id")
        source = fields.text("source", "unknown")
        basis = fields.choice("basis", BASES, "confirmed")
        as_of = fields.time("as_of")
        if claim_id:
            sure: Basis = "confirmed" if basis == "confirmed" else "if confirmed"
            claims[claim_id] = Claim(
                claim_id, text or "", source or "unknown", sure, as_of,
                fields.text("text_uk") or "", fields.text("source_uk") or "",
            )  # fmt: skip
    return tuple(claims.values())


def _rules(file: Fields) -> dict[str, Any]:
    """Read the rules of the blackouts, numbers and hours by name; the blackouts know the names."""
    rules: dict[str, Any] = {}
    for name, value in (file.table("rules") or {}).items():
        texts = value if isinstance(value, list) else [value]
        if texts and all(isinstance(text, str) and ":" in text for text in texts):
            rules[name] = value  # hours of the day, such as 22:00-06:00
            continue
        if isinstance(value, bool):
            rules[name] = float(value)
            continue
        number = file.check_number(f"rules.{name}", value, "its unit", -math.inf, math.inf)
        if number is not None:
            rules[name] = number
    return rules
