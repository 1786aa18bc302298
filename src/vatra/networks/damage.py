"""What is left of each asset, slot by slot."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.problems import InputError, Problem, name_ids
from vatra.situation.model import Situation


def remaining_share(city: City, situation: Situation, table: str) -> NDArray[np.float64]:
    """Return the share of its capacity that each asset of a table has left.

    Parameters
    ----------
    city
        The city.
    situation
        Its damage is used.
    table
        Name of the table.

    Returns
    -------
    NDArray[np.float64]
        Asset × slot, 0 to 1; the least of several reports of the same asset.
    """
    index: pd.Index[str] = city.tables()[table].index
    share = np.ones((len(index), situation.grid.slots))
    unknown = []
    for damage in situation.damage:
        if damage.table != table:
            continue
        row = int(index.get_indexer(pd.Index([damage.asset_id]))[0])
        if row < 0:
            unknown.append(damage.asset_id)
            continue
        first = max(damage.first_slot, 0)
        end = damage.end_slot if damage.end_known else situation.grid.slots
        share[row, first:end] = np.minimum(share[row, first:end], damage.remaining_share)
    if unknown:
        problem = Problem(
            "damage", name_ids(unknown), f"not in {table}", "correct the id or the table"
        )
        raise InputError(situation.name, [problem])
    return share
