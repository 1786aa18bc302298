"""Whether the 110 kV network can carry what a plan of switching leaves on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.power_flow import PowerGrid, solve_dc
from vatra.situation.model import Situation

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

OHM_PER_KM = 0.4
"""Reactance of a 110 kV overhead line: 0.38 to 0.44 Ω/km for usual conductors and spacing."""

_KV = 110.0
_BASE_MVA = 100.0
_LEAST_KM = 0.05  # lines between neighbouring yards, and lines without geometry; assumed
_SLACK_MW = 1e-6

COLUMNS = ("table", "id", "slot", "load_mw", "capacity_mw", "excess_mw")


@dataclass(frozen=True)
class PowerCheck:
    """What the 110 kV network carries, and where that is too much.

    Parameters
    ----------
    flow_mw
        Line × slot: from ``from_id`` to ``to_id``; 0 where the line is out or dark.
    loading
        Line × slot: flow over the capacity that damage leaves.
    source_mw
        Source × slot: what each gives.
    unserved_mw
        By slot: load of feeders that no source reaches; their load is taken as zero.
    overloads
        One row for each asset and slot that carries too much, worst first: ``table`` (``lines``,
        ``substations`` or ``power_sources``), ``id``, ``slot``, ``load_mw``, ``capacity_mw``,
        ``excess_mw``.
    """

    flow_mw: Float
    loading: Float
    source_mw: Float
    unserved_mw: Float
    overloads: pd.DataFrame

    @property
    def holds(self) -> bool:
        """Whether nothing carries more than it may."""
        return self.overloads.empty

    def by_line(self) -> pd.DataFrame:
        """Return the overloaded lines: line × slot, MW above what it may carry."""
        lines = self.overloads[self.overloads["table"] == "lines"]
        return lines.pivot_table(
            index="id", columns="slot", values="excess_mw", aggfunc="sum", fill_value=0.0
        )


def check_power(city: City, situation: Situation, load_mw: Float) -> PowerCheck:
    """Check a pattern of switching against the 110 kV network, slot by slot.

    DC power flow with reactance in proportion to the length of lines (*assumed* conductors: the
    city's table says only what a line may carry). Sources of an island share its load in proportion
    to the capacity that damage leaves them. A slot pattern that overloads something should be
    trimmed or refused; one that holds here still has to pass an AC check where the network is
    known well enough for one, as the DC flow has an answer even beyond the point where voltage
    collapses.

    Meant to be called by planning with what the accepted schedule leaves on:
    ``check_power(city, situation, np.where(schedule_on, demand_mw, 0.0))``.

    Parameters
    ----------
    city
        The city. Without lines or sources in its tables only its substations are checked.
    situation
        Its damage is used.
    load_mw
        Feeder × slot: what each feeder draws; 0 where it is off.

    Returns
    -------
    PowerCheck
        Flows, and the overloads by asset and slot.
    """
    slots = situation.grid.slots
    if load_mw.shape != (len(city.feeders), slots):
        raise ValueError(
            f"load_mw is {load_mw.shape}, not feeder × slot {len(city.feeders), slots}"
        )
    left = {
        table: remaining_share(city, situation, table)
        for table in ("substations", "lines", "power_sources")
    }
    capacity = {
        table: city.tables()[table]["capacity_mw"].to_numpy(np.float64)[:, None] * share
        for table, share in left.items()
    }
    rows = city.rows("feeders", "substation_id", "substations")
    station_mw = np.zeros((len(city.substations), slots))
    np.add.at(station_mw, rows[rows >= 0], load_mw[rows >= 0])
    station_mw[left["substations"] <= 0.0] = 0.0
    flow = np.zeros((len(city.lines), slots))
    source_mw = np.zeros((len(city.power_sources), slots))
    if len(city.lines) and len(city.power_sources):
        states = np.concatenate(
            [left["substations"] > 0.0, left["lines"] > 0.0, capacity["power_sources"]]
        )
        # Damage changes rarely: one factor for each pattern of it, all its slots at once.
        patterns, which = np.unique(states, axis=1, return_inverse=True)
        network = _Network.of(city)
        for pattern in range(patterns.shape[1]):
            at = np.flatnonzero(which.ravel() == pattern)
            stations, lines, sources = np.split(
                patterns[:, pattern], np.cumsum([len(city.substations), len(city.lines)])
            )
            station_mw[:, at], source_mw[:, at], flow[:, at] = network.solve(
                stations > 0.0, lines > 0.0, sources, station_mw[:, at]
            )
    loads = {"lines": np.abs(flow), "substations": station_mw, "power_sources": source_mw}
    return PowerCheck(
        flow_mw=flow,
        loading=np.abs(flow) / np.maximum(capacity["lines"], 1e-9),
        source_mw=source_mw,
        unserved_mw=load_mw.sum(axis=0) - station_mw.sum(axis=0),
        overloads=_overloads(city, loads, capacity),
    )


@dataclass(frozen=True)
class _Network:
    """The 110 kV network: a load at each substation, a generator for each source."""

    grid: PowerGrid
    tail: Int
    head: Int
    source_at: Int

    @classmethod
    def of(cls, city: City) -> _Network:
        ids = city.substations.index
        km = np.maximum(city.lines.geometry.length.to_numpy() / 1e3, _LEAST_KM)
        tail = city.rows("lines", "from_id", "substations")
        head = city.rows("lines", "to_id", "substations")
        joins = (tail >= 0) & (head >= 0) & (tail != head)
        branches = pd.DataFrame(
            {
                "from_bus": ids[np.where(joins, tail, 0)], "to_bus": ids[np.where(joins, head, 0)],
                "r_pu": 0.0, "x_pu": OHM_PER_KM * km * _BASE_MVA / _KV**2,
                "from_closed": joins, "to_closed": joins,
            },
            index=city.lines.index,
        )  # fmt: skip
        loads = pd.DataFrame({"bus": ids, "p_mw": 0.0}, index=ids)
        grid = PowerGrid(
            city.about.name, _BASE_MVA, pd.DataFrame({"kv": _KV}, index=ids), branches, loads=loads
        )
        at = city.rows("power_sources", "substation_id", "substations")
        return cls(grid, np.where(joins, tail, -1), np.where(joins, head, -1), at)

    def solve(
        self, station_ok: Bool, line_ok: Bool, source_mw: Float, load_mw: Float
    ) -> tuple[Float, Float, Float]:
        """Load that is reached (substation × slot), what sources give, what lines carry."""
        count = station_ok.size
        used = line_ok & (self.tail >= 0)
        used &= station_ok[self.tail] & station_ok[self.head]
        joins = csr_array(
            (np.ones(int(used.sum())), (self.tail[used], self.head[used])), shape=(count, count)
        )
        islands, island = connected_components(joins, directed=False)
        gives = (self.source_at >= 0) & station_ok[self.source_at] & (source_mw > 0.0)
        can_give = np.where(gives, source_mw, 0.0)
        at = np.where(gives, self.source_at, 0)
        capacity = np.bincount(island[at], can_give, islands)
        reached = np.where(((capacity[island] > 0.0) & station_ok)[:, None], load_mw, 0.0)
        need = np.zeros((islands, load_mw.shape[1]))
        np.add.at(need, island, reached)
        share = can_give / np.where(gives, np.maximum(capacity[island[at]], 1e-9), 1.0)
        given = share[:, None] * need[island[at]]
        # Every island is balanced, so any one of its buses may keep the angle.
        first = np.unique(island[at[gives]], return_index=True)[1]
        keeper = at[gives][first]
        net = reached.copy()
        np.subtract.at(net, at[gives], given[gives])
        grid = replace(
            self.grid,
            buses=self.grid.buses.assign(in_service=station_ok),
            sources=pd.DataFrame({"bus": self.grid.buses.index[keeper]}),
        )
        flow = solve_dc(grid, load_mw=net.T, branch_on=used)
        return reached, given, flow.flow_mw.T


def _overloads(city: City, loads: dict[str, Float], capacity: dict[str, Float]) -> pd.DataFrame:
    parts = []
    for table, load in loads.items():
        row, slot = np.nonzero(load > capacity[table] + _SLACK_MW)
        over, most = load[row, slot], capacity[table][row, slot]
        values = (table, city.tables()[table].index[row], slot, over, most, over - most)
        parts.append(pd.DataFrame(dict(zip(COLUMNS, values, strict=True))))
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled).sort_values("excess_mw", ascending=False, ignore_index=True)
