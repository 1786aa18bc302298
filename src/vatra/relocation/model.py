"""The carrier of who should move out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Relocation:
    """People who can't be kept warm where they live, nor at a warm point.

    Parameters
    ----------
    groups
        One row a district and reason: ``district_id``, ``reason`` (``no warm point in reach``,
        ``no place at a warm point``, ``no water``), ``people``, ``vulnerable`` (infants, elderly
        and disabled among them), ``from_time`` (UTC, when the first block of them falls below
        the threshold for everybody, or, where none does, that for the vulnerable).
    people
        All of them; nobody is counted twice.
    vulnerable
        Infants, elderly and disabled among them.
    """

    groups: pd.DataFrame
    people: int
    vulnerable: int
