"""What must hold between the tables of a city, and of their geometry."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from vatra.city.model import About
from vatra.problems import Problem


def check_tables(
    about: About | None, frames: Mapping[str, pd.DataFrame], *, skip: Collection[str] = ()
) -> list[Problem]:
    """Check tables that were fitted to the schema, and how they fit one another.

    Parameters
    ----------
    about
        What the city says of itself, None where that can't be read.
    frames
        Tables by name, as `fit_table` returns them.
    skip
        Tables that were reported as unreadable already.

    Returns
    -------
    list[Problem]
        Everything that is wrong.
    """
    return []
