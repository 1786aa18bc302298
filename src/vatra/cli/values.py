"""What options take: numbers in a range, with more said of them than click knows."""

from __future__ import annotations

import math
from typing import Any

import click

RESIDENTS = click.IntRange(20_000, 3_000_000)
SITES = click.IntRange(0, 100_000)
SEED = click.IntRange(0)


class Finite(click.FloatRange):
    """A number in a range; «nan» and «inf» are none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Take a finite number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


class HalfHours(Finite):
    """A length of time in whole half-hours."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Take hours."""
        hours = super().convert(value, param, ctx)
        if (2 * hours) % 1:
            self.fail(f"{value} is not a whole number of half-hours.", param, ctx)
        return hours


HOURS = HalfHours(0.5, 400)
MEGAWATTS = Finite(0, min_open=True)
CELSIUS = Finite()
