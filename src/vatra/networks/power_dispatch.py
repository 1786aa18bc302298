"""Who feeds whom: the islands of a damaged power network, and what each source of one gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power_flow.model import PowerGrid, empty
from vatra.networks.power_network import SOURCE_PU, PowerNetwork
from vatra.situation.model import Situation

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

UNLIMITED_MW = 1e5
"""What the source of a user's model that the city's table doesn't have is taken to be able to give:
no limit is known, so it takes nearly all."""


@dataclass(frozen=True)
class Feeds:
    """What feeds the network, whatever the damage: the city's sources and those of a user's model.

    Parameters
    ----------
    bus
        By feed: row of its bus.
    source
        By feed: row of the city's table, −1 for one of the model's.
    steady
        By feed: True where it can carry an island from the start; a CHP plant has to be able to
        run without the grid.
    model_mw
        By feed: what one of the model's can give, 0 for the city's.
    v_pu
        By feed: voltage that it holds.
    """

    bus: Int
    source: Int
    steady: Bool
    model_mw: Float
    v_pu: Float

    @classmethod
    def of(cls, city: City, network: PowerNetwork) -> Feeds:
        """Collect what feeds a network.

        Parameters
        ----------
        city
            The city.
        network
            Its network.
        """
        grid = network.grid
        held: dict[int, float] = {}
        model: list[tuple[int, bool, float]] = []
        for table, steady in (("sources", True), ("generators", False)):
            frame = grid.tables()[table]
            v_pu = frame["v_pu"].to_numpy(np.float64)
            give = np.full(len(frame), UNLIMITED_MW)
            if not steady:
                give = np.maximum(frame["p_mw"].to_numpy(np.float64), 0.0)
            bus = grid.rows(table, "bus")
            for row in np.flatnonzero(frame["in_service"].to_numpy()):
                held.setdefault(int(bus[row]), float(v_pu[row]))
                model.append((int(bus[row]), steady, float(give[row])))
        at = network.source_bus
        rows = np.flatnonzero(at >= 0)
        taken = set(at[rows].tolist())
        model = [item for item in model if item[0] not in taken]
        kinds = city.power_sources["kind"].to_numpy()
        bus = np.array([*at[rows], *(b for b, _, _ in model)], dtype=np.int64)
        none = SOURCE_PU if not network.given else 1.0
        return cls(
            bus=bus,
            source=np.array([*rows, *(-1 for _ in model)], dtype=np.int64),
            steady=np.array([*(kinds[rows] == "grid"), *(s for _, s, _ in model)], dtype=np.bool_),
            model_mw=np.array([*(0.0 for _ in rows), *(g for _, _, g in model)]),
            v_pu=np.array([held.get(int(b), none) for b in bus]),
        )


@dataclass(frozen=True)
class Dispatch:
    """One state of damage: islands, and which feeds work in them.

    Parameters
    ----------
    network, feeds
        As given.
    bus_ok
        By bus: not damaged.
    branch_on
        By branch: not damaged.
    island
        By bus: number of its island.
    can_mw
        By feed: most that it gives, 0 where it is out or may not carry its island.
    """

    network: PowerNetwork
    feeds: Feeds
    bus_ok: Bool
    branch_on: Bool
    island: Int
    can_mw: Float

    @classmethod
    def of(
        cls, network: PowerNetwork, feeds: Feeds, station_ok: Bool, line_ok: Bool,
        source_mw: Float, *, chp_islands: bool,
    ) -> Dispatch:  # fmt: skip
        """Find the islands under a state of damage.

        Parameters
        ----------
        network, feeds
            The network and what feeds it.
        station_ok, line_ok
            By substation and line: whether it is whole.
        source_mw
            By power source: capacity that damage leaves.
        chp_islands
            Whether CHP plants can carry an island that the grid doesn't reach.
        """
        grid = network.grid
        bus_ok = grid.buses["in_service"].to_numpy().copy()
        lost = network.station_bus[~station_ok & (network.station_bus >= 0)]
        bus_ok[lost] = False
        if not network.given:
            bus_ok[np.flatnonzero(~station_ok)] = False  # its 110 kV yard as well
        branch_on = np.ones(len(grid.branches), dtype=np.bool_)
        out = network.line_branch[~line_ok]
        branch_on[out[out >= 0]] = False
        island = _islands(grid, bus_ok, branch_on)
        own = feeds.source >= 0
        can = (
            np.where(own, source_mw[np.where(own, feeds.source, 0)], feeds.model_mw)
            if source_mw.size
            else feeds.model_mw
        )
        can = np.where(bus_ok[feeds.bus], can, 0.0)
        if not chp_islands:
            count = int(island.max(initial=-1)) + 1
            carried = np.bincount(island[feeds.bus], feeds.steady & (can > 0.0), count) > 0.0
            can = np.where(carried[island[feeds.bus]], can, 0.0)
        return cls(network, feeds, bus_ok, branch_on, island, np.asarray(can, dtype=np.float64))

    @property
    def live(self) -> Bool:
        """By bus: whether power reaches it."""
        count = int(self.island.max(initial=-1)) + 1
        capacity = np.bincount(self.island[self.feeds.bus], self.can_mw, count)
        return np.asarray(self.bus_ok & (capacity[self.island] > 0.0))

    def given_mw(self, bus_mw: Float) -> Float:
        """Share the load of each island over its feeds in proportion to what they can give.

        Parameters
        ----------
        bus_mw
            Bus × slot: load, 0 on dark buses.

        Returns
        -------
        Float
            Feed × slot.
        """
        count = int(self.island.max(initial=-1)) + 1
        need = np.zeros((count, bus_mw.shape[1]))
        np.add.at(need, self.island, bus_mw)
        at = self.island[self.feeds.bus]
        capacity = np.bincount(at, self.can_mw, count)
        share = self.can_mw / np.where(capacity[at] > 0.0, capacity[at], 1.0)
        return np.asarray(share[:, None] * need[at])

    def keepers(self) -> Int:
        """Return, for each island that is fed, the feed that holds its angle: the largest."""
        used = np.flatnonzero(self.can_mw > 0.0)
        order = used[np.lexsort((-self.can_mw[used], ~self.feeds.steady[used]))]
        first = np.unique(self.island[self.feeds.bus[order]], return_index=True)[1]
        return np.asarray(order[first], dtype=np.int64)

    def grid(self) -> tuple[PowerGrid, Int]:
        """Return the grid to solve, with a load at every bus, and the feeds that are generators."""
        grid, feeds = self.network.grid, self.feeds
        keeper = self.keepers()
        used = np.flatnonzero(self.can_mw > 0.0)
        # Feeds that share a bus with the one that holds the angle give through it.
        others = used[~np.isin(feeds.bus[used], feeds.bus[keeper])]
        ids = grid.buses.index
        loads = pd.DataFrame({"bus": ids, "p_mw": 0.0}, index=np.arange(len(ids)))
        made = replace(
            grid,
            buses=grid.buses.assign(in_service=self.bus_ok),
            loads=loads,
            sources=pd.DataFrame({"bus": ids[feeds.bus[keeper]], "v_pu": feeds.v_pu[keeper]}),
            generators=pd.DataFrame(
                {"bus": ids[feeds.bus[others]], "p_mw": 0.0, "v_pu": feeds.v_pu[others]}
            ) if others.size else empty("generators"),
        )  # fmt: skip
        return made, others


def dispatches(
    city: City, situation: Situation, network: PowerNetwork, feeds: Feeds,
    parameters: NetworkParameters,
) -> list[tuple[Int, Dispatch]]:  # fmt: skip
    """Return the states of damage that a situation goes through, each with its slots.

    Parameters
    ----------
    city, situation
        Whose damage.
    network, feeds
        The network and what feeds it.
    parameters
        `NetworkParameters.chp_islands` is used.
    """
    station = remaining_share(city, situation, "substations") > 0.0
    line = remaining_share(city, situation, "lines") > 0.0
    source = remaining_share(city, situation, "power_sources")
    source = source * city.power_sources["capacity_mw"].to_numpy(np.float64)[:, None]
    # Damage changes rarely: one factor for each pattern of it, all its slots at once.
    patterns, which = np.unique(
        np.concatenate([station, line, source]), axis=1, return_inverse=True
    )
    found = []
    for number in range(patterns.shape[1]):
        stations, lines, sources = np.split(
            patterns[:, number], np.cumsum([len(station), len(line)])
        )
        dispatch = Dispatch.of(
            network, feeds, stations > 0.0, lines > 0.0, sources,
            chp_islands=parameters.chp_islands,
        )  # fmt: skip
        found.append((np.flatnonzero(which.ravel() == number), dispatch))
    return found


def _islands(grid: PowerGrid, bus_ok: Bool, branch_on: Bool) -> Int:
    """By bus: what closed branches and links between whole buses join."""
    tails, heads = [], []
    for table, closed in (
        (
            "branches",
            branch_on & grid.branches[["from_closed", "to_closed"]].all(axis=1).to_numpy(),
        ),
        ("links", grid.links["closed"].to_numpy()),
    ):
        tail, head = grid.rows(table, "from_bus"), grid.rows(table, "to_bus")
        used = closed & bus_ok[tail] & bus_ok[head]
        tails.append(tail[used])
        heads.append(head[used])
    tail, head = np.concatenate(tails), np.concatenate(heads)
    count = len(grid.buses)
    joins = csr_array((np.ones(tail.size), (tail, head)), shape=(count, count))
    return np.asarray(connected_components(joins, directed=False)[1], dtype=np.int64)
