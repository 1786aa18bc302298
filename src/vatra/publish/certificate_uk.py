"""What the scheduler says of its proof and of broken rules, in Ukrainian.

The scheduler words these in English beside the figures; each sentence has a form, and each form
its Ukrainian counterpart here. A sentence of no known form stays English, and is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

NUMBER = r"([\d.,]+)"
KEPT = rf"(\w+) = {NUMBER} is kept by this schedule"
BELOW = rf"; below {NUMBER} no schedule within the limits can stay"
FIRST = ", because the limits come first"

RULES = {
    "max_dark_h": "найдовша темрява", "min_dark_h": "найкоротша темрява",
    "min_light_h": "найкоротше світло", "max_light_h": "найдовше світло",
    "max_dark_day_h": "темрява за добу", "queues": "черг",
    "substation_switchings": "перемикань на підстанції", "crew_switchings": "перемикань бригади",
    "notice_h": "попередження", "manual_notice_h": "попередження бригади",
}  # fmt: skip
"""Rules as they stand in a sentence that says what is kept."""

SWITCHINGS = {"queues", "substation_switchings", "crew_switchings"}

FORMS: tuple[tuple[str, str], ...] = (
    (
        (
            r"The larger of the energy beyond the limits and a Lagrangian bound: prices on the "
            r"limits, each feeder on its best path with pickup and runs counted; over all "
            r"schedules that break the rules for runs no more than this one\."
        ),
        (
            "Більше з двох: енергія понад межі та оцінка Лагранжа (ціни на межі, кожна лінія на "
            "своєму найкращому шляху, з кидком і тривалістю відключень); серед усіх графіків, які "
            "порушують правила тривалості не більше за цей."
        ),
    ),
    (
        (
            rf"The (supply limit|area limit|substation capacity) of (.+) is exceeded by up to "
            rf"{NUMBER} MW\."
        ),
        "Межу ({1}) перевищено щонайбільше на {2} МВт.",
    ),
    (rf"{NUMBER} MW more at the worst slot\.", "Ще {0} МВт у найгірші пів години."),
    (
        (
            rf"{NUMBER} (\w+) feeders are cut, because load that should be kept exceeds a limit by "
            r"itself\."
        ),
        (
            "Вимикають і такі лінії, які треба зберегти ({0}), бо їхнє навантаження саме перевищує "
            "межу."
        ),
    ),
    (
        rf"{NUMBER} MW more at the worst slot keeps them lit\.",
        "Ще {0} МВт у найгірші пів години — і вони лишаться зі світлом.",
    ),
    (
        rf"{NUMBER} dark runs of {NUMBER} feeders are longer than {NUMBER} h{FIRST}\.",
        "Відключень, довших за {2} год: {0}, на лініях: {1}; межі важливіші.",
    ),
    (
        rf"{NUMBER} dark runs of {NUMBER} feeders are shorter than {NUMBER} h{FIRST}\.",
        "Відключень, коротших за {2} год: {0}, на лініях: {1}; межі важливіші.",
    ),
    (
        rf"{NUMBER} light runs of {NUMBER} feeders are shorter than {NUMBER} h{FIRST}\.",
        "Проміжків світла, коротших за {2} год: {0}, на лініях: {1}; межі важливіші.",
    ),
    (
        rf"{NUMBER} light runs of {NUMBER} feeders are longer than {NUMBER} h{FIRST}\.",
        "Проміжків світла, довших за {2} год: {0}, на лініях: {1}; межі важливіші.",
    ),
    (
        rf"More than {NUMBER} switchings fall into a half-hour {NUMBER} times{FIRST}\.",
        "Понад {0} перемикань за пів години — випадків: {1}; межі важливіші.",
    ),
    (
        rf"{NUMBER} switchings(?: by hand)? fall before there was notice of it{FIRST}\.",
        "Перемикань без вчасного попередження: {0}; межі важливіші.",
    ),
    (
        rf"{NUMBER} switchings by hand fall in quiet hours \((.+)\){FIRST}\.",
        "Ручних перемикань у тихі години ({1}): {0}; межі важливіші.",
    ),
    (
        r"Switchings at (.+) would have to be allowed\.",
        "Довелося б дозволити перемикання о {0}.",
    ),
    (
        rf"{NUMBER} feeders are dark for more than {NUMBER} h of a day{FIRST}\.",
        "Ліній, темних понад {1} год на добу: {0}; межі важливіші.",
    ),
    (
        rf"{NUMBER} feeders have less light than they should in (.+){FIRST}\.",
        "Ліній, які мають менше світла, ніж належить, у години {1}: {0}; межі важливіші.",
    ),
    (
        rf"{NUMBER} h less light in these hours is kept by this schedule\.",
        "Цей графік дотримує на {0} год менше світла в ці години.",
    ),
    (
        (
            rf"{NUMBER} h less light in these hours is kept by this schedule; {NUMBER} h less is "
            r"the least within the limits\."
        ),
        (
            "Цей графік дотримує на {0} год менше світла в ці години; у цих межах бракує "
            "щонайменше {1} год."
        ),
    ),
    (
        rf"{NUMBER} queues were to be dark, and only {NUMBER} can be cut\.",
        "Наказано вимкнути черг: {0}, а вимкнути можна лише {1}.",
    ),
)
"""Forms of English sentences, and the Ukrainian ones; groups by their number."""

AREA = {"the city": "міста"}

SUBJECTS: tuple[tuple[str, str], ...] = (
    (r"the city", "місто"),
    (r"the order", "наказ"),
    (r"substation (.+)", "підстанція {0}"),
    (r"district (.+)", "район {0}"),
    (r"crew (.+)", "бригада {0}"),
    (r"crew", "бригада"),
)
"""Forms of what a sentence is about."""


def in_ukrainian(sentence: str) -> str:
    """Return a sentence of the scheduler in Ukrainian.

    Parameters
    ----------
    sentence
        In English.

    Returns
    -------
    str
        In Ukrainian; empty where its form isn't known.
    """
    kept = re.fullmatch(rf"{KEPT}(?:{BELOW})?\.", sentence)
    if kept and kept[1] in RULES:
        unit = "" if kept[1] in SWITCHINGS else " год"
        said = f"Цей графік дотримує: {RULES[kept[1]]} {comma(kept[2])}{unit}"
        if kept[3]:
            said += f"; менше за {comma(kept[3])} год не може жоден графік у цих межах"
        return f"{said}."
    return reworded(sentence, FORMS, lambda part: AREA.get(part, names_in_ukrainian(comma(part))))


def reworded(text: str, forms: Iterable[tuple[str, str]], part: Callable[[str], str]) -> str:
    """Say what has one of some forms in the words that stand beside it.

    Parameters
    ----------
    text
        What is to be said.
    forms
        Patterns of the whole text, and the words with the patterns' groups by number.
    part
        What becomes of a group.

    Returns
    -------
    str
        Empty where it has none of the forms.
    """
    for form, words in forms:
        found = re.fullmatch(form, text)
        if found:
            return words.format(*map(part, found.groups()))
    return ""


def subject_in_ukrainian(subject: str) -> str:
    """Return what a sentence of the scheduler is about in Ukrainian; ids stay as they are.

    Parameters
    ----------
    subject
        As a `Violation` has it: an area, crews or ids.

    Returns
    -------
    str
        In Ukrainian.
    """
    names, more, rest = subject.partition(" and ")
    said = [reworded(name, SUBJECTS, str) or name for name in names.split(", ")]
    return names_in_ukrainian(", ".join(said) + more + rest)


def names_in_ukrainian(names: str) -> str:
    """Return a list of ids, shortened by `vatra.problems.name_ids`, in Ukrainian.

    Parameters
    ----------
    names
        For example «F-1, F-2 and 7 more».

    Returns
    -------
    str
        For example «F-1, F-2 і ще 7».
    """
    return re.sub(r" and (\d+) more$", r" і ще \1", names)


def comma(text: str) -> str:
    """Write a number with a decimal comma; let other text be.

    Parameters
    ----------
    text
        A number in English, or anything else.

    Returns
    -------
    str
        Without a decimal part of nought.
    """
    if re.fullmatch(r"\d+\.\d+", text):
        return text.replace(".", ",").removesuffix(",0")
    return text
