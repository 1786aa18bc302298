"""A district heating network: pipes, consumers and sources, supply and return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vatra.problems import InputError, Problem, name_ids

COLUMNS: dict[str, dict[str, float | bool | None]] = {
    "pipes": {
        "from_node": None, "to_node": None, "length_m": None, "diameter_m": None,
        "roughness_mm": 0.2, "fittings": 0.0, "loss_w_mk": 0.3, "open": True,
    },
    "consumers": {
        "supply_node": None, "return_node": None, "demand_mw": None, "return_c": 45.0,
        "open_kg_s": None, "open_bar": 0.5,
    },
    "sources": {
        "return_node": None, "supply_node": None, "supply_c": None, "lift_bar": None,
        "capacity_mw": float("inf"), "on": True,
    },
}  # fmt: skip
"""Columns of each table and what a missing one is filled with; None where it must be there."""

_NODES = ("from_node", "to_node", "supply_node", "return_node")
_POSITIVE = ("length_m", "diameter_m", "open_kg_s", "open_bar")


@dataclass(frozen=True)
class HeatGrid:
    """A network of hot water in a closed circuit. Each table is indexed by its ids.

    Parameters
    ----------
    name
        Name, for messages.
    pipes
        Between ``from_node`` and ``to_node``, supply and return pipes alike: ``length_m``, inner
        ``diameter_m``, ``roughness_mm``, ``fittings`` (sum of their loss coefficients),
        ``loss_w_mk`` (heat lost per metre and kelvin above the ground), ``open``.
    consumers
        Heat points between ``supply_node`` and ``return_node``: ``demand_mw``; ``return_c`` that
        they cool the water to; a valve that lets through what the demand takes, and fully open
        ``open_kg_s`` at a differential pressure of ``open_bar``.
    sources
        Plants with their pump between ``return_node`` and ``supply_node``: ``supply_c`` aimed at,
        ``lift_bar`` of the pump, ``capacity_mw``, ``on``. No water runs back through a pump.
    ground_c
        Temperature around the pipes.
    """

    name: str
    pipes: pd.DataFrame
    consumers: pd.DataFrame
    sources: pd.DataFrame
    ground_c: float = 5.0

    def nodes(self) -> pd.Index[str]:
        """Return the ids of all nodes, in the order of their first mention."""
        ids: list[object] = []
        for table in (self.pipes, self.consumers, self.sources):
            for column in _NODES:
                if column in table:
                    ids.extend(table[column].tolist())
        return pd.Index(list(dict.fromkeys(ids)), dtype=object)

    def completed(self) -> HeatGrid:
        """Return the network with missing columns filled and every column of its own type.

        Raises
        ------
        InputError
            With every problem found.
        """
        problems: list[Problem] = []
        made = {
            name: _complete(name, getattr(self, name), columns, problems)
            for name, columns in COLUMNS.items()
        }
        if not np.isfinite(self.ground_c):
            problems.append(Problem("ground_c", "", "is not a number", "correct it"))
        if problems:
            raise InputError(self.name, problems)
        return HeatGrid(self.name, ground_c=self.ground_c, **made)


def _complete(
    name: str, table: pd.DataFrame, columns: dict[str, float | bool | None], problems: list[Problem]
) -> pd.DataFrame:
    made: dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]] = {}
    for column, default in columns.items():
        place = f"{name}.{column}"
        if column not in table.columns:
            if default is None:
                problems.append(Problem(place, "", "is missing", "add the column"))
                continue
            made[column] = np.full(len(table), default)
        elif column in _NODES:
            made[column] = table[column].to_numpy(dtype=object)
            bad = table.index[table[column].isna()]
            _add(problems, place, bad, "names no node", "add the id")
        elif isinstance(default, bool):
            made[column] = table[column].to_numpy(dtype=np.bool_)
        else:
            values = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
            least = 0.0 if not column.endswith("_c") else -np.inf
            finite = ~np.isnan(values) if column == "capacity_mw" else np.isfinite(values)
            wrong = ~finite | (values < least) | ((column in _POSITIVE) & (values <= 0.0))
            reason = "must be a positive number" if column in _POSITIVE else "is out of range"
            _add(problems, place, table.index[wrong], reason, "correct it")
            made[column] = values
    repeated = table.index[table.index.duplicated()]
    _add(problems, name, repeated, "id is there twice", "rename one")
    ends = [c for c in columns if c in _NODES and c in made]
    if len(ends) == 2:
        same = made[ends[0]] == made[ends[1]]
        _add(problems, name, table.index[same], "begins where it ends", "correct a node")
    return pd.DataFrame(made, index=table.index)


def _add(
    problems: list[Problem], place: str, ids: Iterable[object], reason: str, mend: str
) -> None:
    ids = list(ids)
    if ids:
        problems.append(Problem(place, name_ids(ids), reason, mend))
