"""Sizes that a warm point may be opened in: what each holds, what goes into it, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.problems import InputError, Problem, name_ids
from vatra.warm_points.task import Floats, Ints

PRICES = {"hall": 1500.0, "generators": 12000.0, "heaters": 400.0, "beds": 40.0, "staff": 700.0}
"""What goes into a warm point, and its price in euros: a hall made ready, a generator of 20 kW, a
heater, a bed with its bedding, one of the staff for two weeks (all assumed)."""
SIZES = pd.DataFrame(
    {
        "level": ["small", "middle", "large", "whole"],
        "places": [50, 150, 400, 1000],
        "hall": [1, 1, 1, 1],
        "generators": [1, 1, 2, 4],
        "heaters": [2, 5, 12, 30],
        "beds": [15, 40, 100, 250],
        "staff": [6, 9, 24, 60],
    }
)
"""Sizes where no others are given (assumed: one of the staff at a time for 50 people in three
shifts, a bed for every fourth)."""
_GENERATORS = "generators"


@dataclass(frozen=True)
class Sizes:
    """The sizes that each site may open in.

    Parameters
    ----------
    names
        Name of each level.
    places
        Site × level, people at once; 0 where the site can't open so.
    cost
        Site × level, money.
    parts
        What goes into a level: site × level by name.
    """

    names: tuple[str, ...]
    places: Ints
    cost: Floats
    parts: dict[str, Ints]

    @property
    def price(self) -> Floats:
        """Site × level, money; infinite where the site can't open so."""
        return np.where(self.places > 0, self.cost, np.inf)


def sizes_of(candidates: pd.DataFrame, capacity: Ints, levels: pd.DataFrame | None = None) -> Sizes:
    """Tell in which sizes each candidate may open, and what that costs.

    A site holds no more than its own capacity. A size is left out where another costs no more
    and holds as much. Without a column ``cost`` a size costs what goes into it, and a site with
    a generator of its own (``backup_mw``) needs none brought.

    Parameters
    ----------
    candidates
        Sites, indexed by ``site_id``.
    capacity
        People that each holds at once; 0 where it may not open.
    levels
        As `read_levels` gives them; `SIZES` by default. Rows with a ``site_id`` are for that
        site alone, which then has no others.
    """
    table = SIZES if levels is None else levels
    own = table["site_id"].ne("") if "site_id" in table else pd.Series(False, index=table.index)
    names = tuple(dict.fromkeys(table["level"].astype(str)))
    shape = (capacity.size, len(names))
    parts = {name: np.zeros(shape, dtype=np.int64) for name in PRICES if name in table}
    places = np.zeros(shape, dtype=np.int64)
    cost = np.zeros(shape)
    special = candidates.index.isin(table.loc[own, "site_id"]) if own.any() else np.zeros(
        capacity.size, dtype=bool
    )  # fmt: skip
    backup = candidates["backup_mw"].to_numpy(np.float64) if "backup_mw" in candidates else 0.0
    has_own = np.broadcast_to(np.nan_to_num(np.asarray(backup, dtype=np.float64)), capacity.shape)
    for row in table.to_dict("records"):
        at = names.index(str(row["level"]))
        one = str(row.get("site_id") or "")
        who = np.flatnonzero(candidates.index == one) if one else np.flatnonzero(~special)
        places[who, at] = np.minimum(int(row["places"]), capacity[who])
        price = np.zeros(who.size)
        for name, counts in parts.items():
            count = np.full(who.size, int(row[name]))
            if name == _GENERATORS:
                count[has_own[who] > 0] = 0
            counts[who, at] = count
            price += PRICES[name] * count
        given = row.get("cost")
        cost[who, at] = price if given is None or given != given else float(given)  # noqa: PLR0124
    return Sizes(names, _undominated(places, cost), cost, parts)


def _undominated(places: Ints, cost: Floats) -> Ints:
    """Rule out sizes that hold no more than another that costs no more."""
    kept = places.copy()
    levels = places.shape[1]
    for this in range(levels):
        for other in range(levels):
            if other == this:
                continue
            more, less = places[:, other] >= places[:, this], cost[:, other] <= cost[:, this]
            alike = (places[:, other] == places[:, this]) & (cost[:, other] == cost[:, this])
            kept[more & less & (~alike | (other < this)), this] = 0
    return kept


def read_levels(file: Path, sites: pd.Index | None = None) -> pd.DataFrame:
    """Read sizes from a CSV: ``level``, ``places``, and ``cost`` or what goes into it.

    Parameters
    ----------
    file
        Columns ``level``, ``places``; ``cost`` (money), or counts of any of ``hall``,
        ``generators``, ``heaters``, ``beds``, ``staff``; ``site_id`` where a row is for one site.
    sites
        Ids that ``site_id`` may be.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    if not file.is_file():
        problem = Problem("--levels", file.name, "there is no such file", "correct the name")
        raise InputError("vatra warm-points", [problem])
    table = pd.read_csv(file, dtype={"level": str, "site_id": str})
    problems = [
        Problem(name, "", "the column is missing", "add it")
        for name in ("level", "places")
        if name not in table
    ]
    if "cost" not in table and not set(PRICES) & set(table.columns):
        mend = f"add it, or counts of {', '.join(PRICES)}"
        problems.append(Problem("cost", "", "the column is missing", mend))
    if not len(table):
        problems.append(Problem("", "", "it has no rows", "give at least one size"))
    for name in ("places", "cost", *PRICES):
        if name not in table:
            continue
        values: Any = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
        bad: NDArray[np.bool_] = ~np.isfinite(values) | (values < 0)
        if bad.any():
            rows = f"lines {name_ids(table.index[bad] + 2)}"
            problems.append(Problem(name, rows, "not a number from 0", "correct them"))
        else:
            table[name] = values if name == "cost" else np.floor(values).astype(np.int64)
    if "site_id" in table:
        table["site_id"] = table["site_id"].fillna("")
        given = table.loc[table["site_id"] != "", "site_id"]
        strange = [] if sites is None else list(given[~given.isin(sites)].unique())
        if len(strange):
            problems.append(
                Problem("site_id", name_ids(strange), "no such candidate", "correct the ids")
            )
    if problems:
        raise InputError(str(file), problems)
    return table
