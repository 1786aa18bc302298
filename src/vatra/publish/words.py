"""Numbers, times and sentences in the languages of what is published."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from vatra.publish import comparison_text, homes_text, text_en, text_uk

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "\u2013"
JOINER = "\u2060"
"""Keeps a line from breaking at a dash."""


@dataclass(frozen=True)
class Language:
    """A language: its sentences, its plural forms, and how it writes numbers and times.

    Parameters
    ----------
    code
        BCP 47 tag, ``en`` or ``uk``.
    texts
        Sentences by key, with ``str.format`` fields.
    nouns
        Forms of each counted noun, in the order that `form` numbers them.
    form
        Number of the plural form of a whole number.
    fraction_form
        Number of the plural form of a number with decimals.
    thousands, decimal
        Separators of numbers.
    weekdays, weekdays_from, weekdays_short
        Monday first: as a heading, as after «from» and «by», and shortened.
    months, months_short
        January first, as they stand after a day.
    """

    code: str
    texts: Mapping[str, str]
    nouns: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]
    fraction_form: int
    thousands: str
    decimal: str
    weekdays: tuple[str, ...]
    weekdays_from: tuple[str, ...]
    weekdays_short: tuple[str, ...]
    months: tuple[str, ...]
    months_short: tuple[str, ...]

    def say(self, key: str, **values: object) -> str:
        """Return the sentence of a key with its fields filled in."""
        return self.texts[key].format(**values)

    def name(self, english: str, ukrainian: str) -> str:
        """Return the name in this language, or the one that there is."""
        first, second = (english, ukrainian) if self.code == "en" else (ukrainian, english)
        return first or second

    # Numbers -------------------------------------------------------------------------------

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with its separators; «—» where it isn't known."""
        if not math.isfinite(value):
            return "—"
        whole = f"{abs(value):,.{decimals}f}"
        sign = MINUS if value < 0 and float(whole.replace(",", "")) else ""
        return sign + whole.replace(",", "\0").replace(".", self.decimal).replace(
            "\0", self.thousands
        )

    def about(self, value: float, digits: int = 2) -> str:
        """Write a predicted number, rounded to the digits that are known, whole from 10 up."""
        if not math.isfinite(value):
            return "—"
        shown = rounded(value, digits)
        return self.number(shown, 0 if abs(shown) >= 10 else _decimals(value, digits))

    def share(self, value: float) -> str:
        """Write a share of one as per cent; never 0 or 100 where that isn't quite so."""
        if not math.isfinite(value):
            return "—"
        if 0 < value < 0.005:
            return f"{self.texts['below']}{NBSP}1{NBSP}%"
        if 0.995 <= value < 1:
            return f"{self.texts['above']}{NBSP}99{NBSP}%"
        return f"{self.number(value * 100)}{NBSP}%"

    def hours(self, value: float) -> str:
        """Write a number of hours to the half."""
        half = round(value * 2) / 2
        return self.number(half, 0 if half == int(half) else 1)

    def noun(self, noun: str, value: float) -> str:
        """Return the form of a noun that goes with a number."""
        forms = self.nouns[noun]
        form = self.form(abs(int(value))) if value == int(value) else self.fraction_form
        return forms[form]

    def count(self, value: float, noun: str, digits: int | None = None) -> str:
        """Write a number with its noun: whole, or rounded to `digits`."""
        shown = float(round(value)) if digits is None else rounded(value, digits)
        return f"{self.number(shown)}{NBSP}{self.noun(noun, round(shown))}"

    def of_hours(self, low: float, high: float | None = None, noun: str = "hour") -> str:
        """Write hours with their noun: «7.5 hours» or «7 to 8 hours»."""
        last = round((low if high is None else high) * 2) / 2
        first = self.hours(low)
        if high is None or self.hours(high) == first:
            return f"{first}{NBSP}{self.noun(noun, last)}"
        return f"{first}{self.texts['to']}{self.hours(high)}{NBSP}{self.noun(noun, last)}"

    def between(self, low: float, high: float, digits: int = 3) -> str:
        """Write a range of numbers, or one number where both round to it."""
        first, last = self.about(low, digits), self.about(high, digits)
        return first if first == last else f"{first}{self.texts['to']}{last}"

    def join(self, parts: Iterable[str]) -> str:
        """Join parts into a list: «a, b and c»."""
        names = list(parts)
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.texts['and']} {names[-1]}"

    # Times ---------------------------------------------------------------------------------

    def clock(self, local: pd.Timestamp) -> str:
        """Write the time of day; in the hour that comes twice a year, which of the two."""
        shown = f"{local.hour:02d}:{local.minute:02d}"
        hour = pd.Timedelta(hours=1)
        before = (local - hour).utcoffset() != local.utcoffset()
        after = (local + hour).utcoffset() != local.utcoffset()
        if before and (local - hour).hour == local.hour:
            return f"{shown} ({self.texts['winter_time']})"
        if after and (local + hour).hour == local.hour:
            return f"{shown} ({self.texts['summer_time']})"
        return shown

    def day(self, local: pd.Timestamp) -> str:
        """Write «Thursday 24 November»."""
        return self._day(local, self.weekdays)

    def at(self, local: pd.Timestamp) -> str:
        """Write «Thursday 24 November 18:00», as a heading or on its own."""
        return f"{self.day(local)} {self.clock(local)}"

    def dated(self, local: pd.Timestamp) -> str:
        """Write «Thursday 24 November 2022 18:00», for the head of a page."""
        return f"{self.day(local)} {local.year} {self.clock(local)}"

    def by(self, local: pd.Timestamp) -> str:
        """Write «Thursday 24 November 18:00», as it stands after «from», «by» and «until»."""
        return f"{self._day(local, self.weekdays_from)} {self.clock(local)}"

    def short(self, local: pd.Timestamp) -> str:
        """Write «Thu 24 Nov 18:00»."""
        return f"{self.short_day(local)} {self.clock(local)}"

    def short_day(self, local: pd.Timestamp) -> str:
        """Write «Thu 24 Nov»."""
        return NBSP.join(
            (
                self.weekdays_short[local.weekday()],
                str(local.day),
                self.months_short[local.month - 1],
            )
        )

    def span(self, start: pd.Timestamp, end: pd.Timestamp) -> str:
        """Write a run of time: «08:00–16:00», or with the day that it ends on."""
        last = self.clock(end)
        if end.date() != start.date():
            midnight = end.hour == 0 and end.minute == 0
            next_day = (end - pd.Timedelta(minutes=1)).date() == start.date()
            last = "24:00" if midnight and next_day else self.short(end)
        return f"{self.clock(start)}{JOINER}{DASH}{JOINER}{last}"

    def _day(self, local: pd.Timestamp, weekdays: tuple[str, ...]) -> str:
        day = f"{local.day}{NBSP}{self.months[local.month - 1]}"
        return f"{weekdays[local.weekday()]} {day}"


def _glued(texts: Mapping[str, str]) -> dict[str, str]:
    """Keep numbers and their units on one line."""
    units = (" °C", " MW", " МВт", " kV", " кВ", " %")
    glued = dict(texts)
    for unit in units:
        for key, text in glued.items():
            glued[key] = text.replace(unit, NBSP + unit[1:])
    return glued


def rounded(value: float, digits: int) -> float:
    """Round a number to so many significant digits.

    Parameters
    ----------
    value
        Any finite number.
    digits
        Digits to keep, at least one.

    Returns
    -------
    float
        For example 412,345 to two digits is 410,000.
    """
    if value == 0:
        return 0.0
    place = digits - 1 - math.floor(math.log10(abs(value)))
    # A negative place is rounded by whole division: 10 ** -place isn't exact as a float.
    if place < 0:
        step = 10**-place
        return float(math.floor(value / step + 0.5) * step)
    return round(value, place)


def _decimals(value: float, digits: int) -> int:
    """Decimals that a number below ten needs when it is rounded to `digits`, one from 1 up."""
    if value == round(value):
        return 0
    place = digits - 1 - math.floor(math.log10(abs(rounded(value, digits))))
    return min(max(0, place), 1) if abs(value) >= 1 else max(0, place)


def _english_form(count: int) -> int:
    return 0 if count == 1 else 1


def _ukrainian_form(count: int) -> int:
    """One, few, many, as Unicode's plural rules have them for Ukrainian."""
    if count % 10 == 1 and count % 100 != 11:
        return 0
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return 1
    return 2


_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ENGLISH = Language(
    code="en",
    texts=_glued({**text_en.TEXTS, **homes_text.EN, **comparison_text.EN}),
    nouns=text_en.NOUNS,
    form=_english_form,
    fraction_form=1,
    thousands=",",
    decimal=".",
    weekdays=_ENGLISH_DAYS,
    weekdays_from=_ENGLISH_DAYS,
    weekdays_short=tuple(day[:3] for day in _ENGLISH_DAYS),
    months=(
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    months_short=(
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ),
)  # fmt: skip

UKRAINIAN = Language(
    code="uk",
    texts=_glued({**text_uk.TEXTS, **homes_text.UK, **comparison_text.UK}),
    nouns=text_uk.NOUNS,
    form=_ukrainian_form,
    fraction_form=3,
    thousands=NBSP,
    decimal=",",
    weekdays=("понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота", "неділя"),
    weekdays_from=("понеділка", "вівторка", "середи", "четверга", "пʼятниці", "суботи", "неділі"),
    weekdays_short=("пн", "вт", "ср", "чт", "пт", "сб", "нд"),
    months=(
        "січня", "лютого", "березня", "квітня", "травня", "червня",
        "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
    ),
    months_short=(
        "січ.", "лют.", "бер.", "квіт.", "трав.", "черв.",
        "лип.", "серп.", "вер.", "жовт.", "лист.", "груд.",
    ),
)  # fmt: skip

LANGUAGES: dict[str, Language] = {"en": ENGLISH, "uk": UKRAINIAN}
"""The languages by their tag, English first."""
