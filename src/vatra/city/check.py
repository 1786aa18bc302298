"""Finds everything that is wrong with a city."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from vatra.city.about import check_about, places_and_scales
from vatra.city.fit import fit_table
from vatra.city.io import load_city
from vatra.city.model import City
from vatra.city.rules import check_tables
from vatra.city.schema import TABLE
from vatra.problems import Problem


def check_city(city: City | str | Path) -> list[Problem]:
    """Find everything that is wrong with a city.

    Parameters
    ----------
    city
        A city, or the folder of one.

    Returns
    -------
    list[Problem]
        Empty where the city can be planned for.
    """
    if not isinstance(city, City):
        return load_city(city)[1]
    about_problems = check_about(city.about)
    sound = city.about if places_and_scales(about_problems) else None
    problems = list(about_problems)
    frames: dict[str, pd.DataFrame] = {}
    for name, raw in city.tables().items():
        frames[name], found = fit_table(TABLE[name], raw)
        problems += found
    return problems + check_tables(sound, frames)
