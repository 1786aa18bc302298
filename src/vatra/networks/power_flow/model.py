"""A power grid as flow calculations see it: buses, branches, loads and sources, in per unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from vatra.problems import InputError, Problem, name_ids

COLUMNS: dict[str, dict[str, float | bool | None]] = {
    "buses": {"kv": None, "in_service": True},
    "links": {"from_bus": None, "to_bus": None, "closed": True},
    "branches": {
        "from_bus": None, "to_bus": None, "r_pu": None, "x_pu": None,
        "from_g_pu": 0.0, "from_b_pu": 0.0, "to_g_pu": 0.0, "to_b_pu": 0.0,
        "tap": 1.0, "shift_deg": 0.0,
        "from_limit_mva": float("inf"), "to_limit_mva": float("inf"),
        "from_closed": True, "to_closed": True,
    },
    "loads": {
        "bus": None, "p_mw": None, "q_mvar": 0.0, "current_share": 0.0, "impedance_share": 0.0,
        "in_service": True,
    },
    "shunts": {"bus": None, "g_mw": 0.0, "b_mvar": 0.0, "in_service": True},
    "generators": {"bus": None, "p_mw": None, "v_pu": None, "in_service": True},
    "sources": {"bus": None, "v_pu": 1.0, "angle_deg": 0.0, "in_service": True},
}  # fmt: skip
"""Columns of each table and what a missing one is filled with; None where it must be there."""

_BUS_COLUMNS = ("from_bus", "to_bus", "bus")


def empty(table: str) -> pd.DataFrame:
    """Return a table without rows.

    Parameters
    ----------
    table
        Name of a table of `PowerGrid`.
    """
    return pd.DataFrame(
        {
            name: pd.Series(dtype=object if name in _BUS_COLUMNS else _dtype(default))
            for name, default in COLUMNS[table].items()
        }
    )


def stack(parts: Sequence[pd.DataFrame], table: str) -> pd.DataFrame:
    """Return tables under one another, those without rows left out.

    Parameters
    ----------
    parts
        The tables.
    table
        Name of the table of `PowerGrid` that they make.
    """
    filled = [part for part in parts if len(part)]
    return pd.concat(filled) if filled else empty(table)


def _dtype(default: float | bool | None) -> type:
    return bool if isinstance(default, bool) else float


@dataclass(frozen=True)
class PowerGrid:
    """A three-phase grid under balanced load. Each table is indexed by the ids of the file.

    Parameters
    ----------
    name
        Name, for messages.
    base_mva
        Power that per-unit values refer to.
    buses
        ``kv``: nominal line-to-line voltage, the base of its per-unit values; ``in_service``.
    branches
        Lines and transformers between ``from_bus`` and ``to_bus``: an ideal transformer of ratio
        ``tap`` and ``shift_deg`` at the from end, then a pi circuit of ``r_pu``, ``x_pu`` and the
        shunts ``from_g_pu``, ``from_b_pu``, ``to_g_pu``, ``to_b_pu``. ``from_limit_mva`` and
        ``to_limit_mva``: current that each end may carry, as power at the nominal voltage;
        infinite where there is no limit. ``from_closed``, ``to_closed``: a branch open at one end
        stays under voltage from the other; open at both it is out.
    links
        Bus ties and other switches without impedance; ``closed`` ones make their buses one.
    loads
        What is drawn, generation without voltage control as a negative draw: ``p_mw`` and
        ``q_mvar`` at nominal voltage; ``current_share`` of it follows the voltage,
        ``impedance_share`` its square, the rest is constant.
    shunts
        ``g_mw`` drawn and ``b_mvar`` given at nominal voltage.
    generators
        ``p_mw`` given while the voltage is held at ``v_pu``.
    sources
        The rest of the world: voltage held at ``v_pu`` and ``angle_deg`` whatever that takes. An
        island without one is dark.
    """

    name: str
    base_mva: float
    buses: pd.DataFrame
    branches: pd.DataFrame = field(default_factory=lambda: empty("branches"))
    links: pd.DataFrame = field(default_factory=lambda: empty("links"))
    loads: pd.DataFrame = field(default_factory=lambda: empty("loads"))
    shunts: pd.DataFrame = field(default_factory=lambda: empty("shunts"))
    generators: pd.DataFrame = field(default_factory=lambda: empty("generators"))
    sources: pd.DataFrame = field(default_factory=lambda: empty("sources"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name in COLUMNS}

    def completed(self) -> PowerGrid:
        """Return the grid with missing columns filled and every column of its own type.

        Raises
        ------
        InputError
            With every problem found: columns, values, buses that are not there.
        """
        problems: list[Problem] = []
        made = {name: _complete(name, table, problems) for name, table in self.tables().items()}
        if not problems:
            problems = _check(self.base_mva, made)
        if problems:
            raise InputError(self.name, problems)
        return PowerGrid(self.name, self.base_mva, **made)

    def rows(self, table: str, column: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the row of the bus that each row of a table names, −1 where there is none.

        Parameters
        ----------
        table, column
            Table and its column of bus ids.
        """
        ids = pd.Index(self.tables()[table][column].to_numpy(), dtype=self.buses.index.dtype)
        return np.asarray(self.buses.index.get_indexer(ids), dtype=np.int64)


def _complete(name: str, table: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    made = {}
    for column, default in COLUMNS[name].items():
        place = f"{name}.{column}"
        if column not in table.columns:
            if default is None:
                problems.append(Problem(place, "", "is missing", "add the column"))
                continue
            made[column] = np.full(len(table), default)
            continue
        values = table[column]
        if column in _BUS_COLUMNS:
            made[column] = values.to_numpy(dtype=object)
        elif isinstance(default, bool):
            made[column] = values.to_numpy(dtype=np.bool_)
        else:
            made[column] = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    repeated = table.index[table.index.duplicated()]
    if len(repeated):
        problems.append(Problem(name, name_ids(repeated), "id is there twice", "rename one"))
    return pd.DataFrame(made, index=table.index)


def _check(base_mva: float, tables: dict[str, pd.DataFrame]) -> list[Problem]:
    problems: list[Problem] = []
    if not (np.isfinite(base_mva) and base_mva > 0.0):
        problems.append(Problem("base_mva", f"{base_mva}", "must be positive", "correct it"))
    buses = tables["buses"]
    if buses.empty:
        problems.append(Problem("buses", "", "has no rows", "name at least one bus"))
    for name, table in tables.items():
        for column, default in COLUMNS[name].items():
            values = table[column]
            if column in _BUS_COLUMNS:
                bad = ~values.isin(buses.index).to_numpy()
                reason, mend = "not in buses", "correct the id or add the bus"
            elif isinstance(default, bool):
                continue
            elif column.endswith("limit_mva"):
                bad = ~(values.to_numpy() >= 0.0)
                reason, mend = "must be a number of at least 0", "leave it out for no limit"
            else:
                bad = ~np.isfinite(values.to_numpy())
                reason, mend = "is not a finite number", "correct it"
            _add(problems, f"{name}.{column}", table.index[bad], reason, mend)
    bad = ~(buses["kv"].to_numpy() > 0.0)
    _add(problems, "buses.kv", buses.index[bad], "must be positive", "give the nominal voltage")
    branches = tables["branches"]
    bad = (branches["r_pu"] == 0.0).to_numpy() & (branches["x_pu"] == 0.0).to_numpy()
    _add(problems, "branches", branches.index[bad], "has no impedance", "make it a link")
    bad = ~(branches["tap"].to_numpy() > 0.0)
    _add(problems, "branches.tap", branches.index[bad], "must be positive", "use 1 for none")
    for name in ("generators", "sources"):
        bad = ~(tables[name]["v_pu"].to_numpy() > 0.0)
        mend = "give the voltage that it holds"
        _add(problems, f"{name}.v_pu", tables[name].index[bad], "must be positive", mend)
    return problems


def _add(problems: list[Problem], place: str, ids: pd.Index[str], reason: str, mend: str) -> None:
    if len(ids):
        problems.append(Problem(place, name_ids(ids), reason, mend))
