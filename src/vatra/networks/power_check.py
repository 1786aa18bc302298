"""Whether the high-voltage network can carry what a plan of switching leaves on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.model import Balance, balance_of
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power_ac import REACTIVE_SHARE, AcState, ac_state
from vatra.networks.power_dispatch import Dispatch, Feeds, dispatches
from vatra.networks.power_feeders import FeederMoments, feeder_voltage
from vatra.networks.power_flow.dc import solve_dc
from vatra.networks.power_network import power_network
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

SECONDARY_PU = 1.03
"""Voltage that on-load tap changers hold on the 10 kV side; assumed."""

TAP_RANGE = 0.16
"""How far they can turn: ±9 steps of 1.78 %, usual of 110 kV transformers."""

LOWEST_PU = 0.9
"""Least voltage at a 110 kV bus and at the end of a feeder: −10 %, EN 50160 and the like."""

_SLACK_MW = 1e-6
DEFAULT = NetworkParameters()

COLUMNS = ("table", "id", "slot", "load_mw", "capacity_mw", "excess_mw")


@dataclass(frozen=True)
class PowerCheck:
    """What the network carries under a switching, and where that is too much.

    Parameters
    ----------
    flow_mw
        Line × slot: from ``from_id`` to ``to_id``; 0 where the line is out or dark.
    loading
        Line × slot: flow over the capacity that damage leaves; the AC flow's where there is one.
    source_mw
        Source × slot: what each gives, losses left out.
    unserved_mw
        By slot: load of feeders that no source reaches; their load is taken as zero.
    overloads
        One row for each asset and slot that carries too much, worst first: ``table`` (``lines``,
        ``substations``, ``power_sources`` or ``feeders``), ``id``, ``slot``, ``load_mw``,
        ``capacity_mw``, ``excess_mw``.
    solved
        By slot: whether the AC flow has an operating point in every island; True where no network
        is known and nothing was solved.
    shed_more_mw
        By slot: how much more has to be shed until there is one; 0 where there is one, NaN where
        no lesser load tried has one either.
    station_short
        Substation × slot: True where power reaches it but there is no operating point.
    station_pu
        Substation × slot: voltage at its bus before taps are changed; NaN where dark or unknown.
    feeder_pu
        Feeder × slot: least voltage along it; NaN where it is off or unknown.
    islands
        By slot: islands that are fed; 0 where no network is known.
    supplied_mwh, lost_mwh, delivered_mwh
        Over the slots that were solved: what sources give, what turns to heat, what feeders draw.
    ac
        Whether an AC flow was solved.
    """

    flow_mw: Float
    loading: Float
    source_mw: Float
    unserved_mw: Float
    overloads: pd.DataFrame
    solved: Bool = field(default_factory=lambda: np.empty(0, np.bool_))
    shed_more_mw: Float = field(default_factory=lambda: np.empty(0))
    station_short: Bool = field(default_factory=lambda: np.empty((0, 0), np.bool_))
    station_pu: Float = field(default_factory=lambda: np.empty((0, 0)))
    feeder_pu: Float = field(default_factory=lambda: np.empty((0, 0)))
    islands: Int = field(default_factory=lambda: np.empty(0, np.int64))
    supplied_mwh: float = 0.0
    lost_mwh: float = 0.0
    delivered_mwh: float = 0.0
    ac: bool = False

    @property
    def holds(self) -> bool:
        """Whether lines, substations and sources carry it, at an operating point in every slot.

        Feeders are told apart: one that comes back with more than it may carry is switched on in
        parts.
        """
        feeders = self.overloads["table"] == "feeders"
        return bool(feeders.all()) and bool(self.solved.all())

    @property
    def balance(self) -> Balance:
        """Power in, out and lost over the slots that were solved."""
        return balance_of(
            "power", supplied=self.supplied_mwh, delivered=self.delivered_mwh,
            lost=self.lost_mwh, unit="MWh", method="AC flow" if self.ac else "DC flow",
        )  # fmt: skip

    @property
    def most_loaded(self) -> float:
        """Largest loading of a line in any slot, 0 where no line is known."""
        return float(np.max(self.loading, initial=0.0))

    def figures(self) -> dict[str, object]:
        """Return the figures that people ask for first, as plain values; None where unknown."""
        counts = self.overloads.groupby("table")
        least = [_least(values) for values in (self.station_pu, self.feeder_pu)]
        return {
            "method": "AC flow" if self.ac else "DC flow" if self.loading.size else "capacities",
            "holds": self.holds,
            "slots_without_operating_point": int((~self.solved).sum()),
            "shed_more_mw": float(np.max(np.nan_to_num(self.shed_more_mw), initial=0.0)),
            "most_islands": int(self.islands.max(initial=0)),
            "most_loaded_line": self.most_loaded,
            "least_station_pu": least[0],
            "least_feeder_pu": least[1],
            "overloaded": {
                str(table): {
                    "assets": int(rows["id"].nunique()), "slots": int(rows["slot"].nunique()),
                    "worst_excess_mw": float(rows["excess_mw"].max()),
                }
                for table, rows in counts
            },
        }  # fmt: skip

    def by_line(self) -> pd.DataFrame:
        """Return the overloaded lines: line × slot, MW above what it may carry."""
        lines = self.overloads[self.overloads["table"] == "lines"]
        return lines.pivot_table(
            index="id", columns="slot", values="excess_mw", aggfunc="sum", fill_value=0.0
        )


def check_power(
    city: City,
    situation: Situation,
    load_mw: Float,
    parameters: NetworkParameters = DEFAULT,
    *,
    ac: bool = True,
    moments: FeederMoments | None = None,
) -> PowerCheck:
    """Check a pattern of switching against the high-voltage network, slot by slot.

    DC flow first, then AC flow with the same dispatch: sources of an island share its load in
    proportion to the capacity that damage leaves them, the largest takes the losses. Slots of the
    same damage are solved as one batch. Without a user's model, lines have the *assumed* impedance
    of usual conductors by their length, as the city's table says only what they may carry. A slot
    without operating point is an answer: `PowerCheck.solved` and what more to shed.

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
    parameters
        `NetworkParameters.chp_islands` is used.
    ac
        Whether to solve the AC flow after the DC flow.
    moments
        Lengths of the feeders, from `feeder_moments`; without them their voltage is not given.

    Returns
    -------
    PowerCheck
        Flows, voltages, and the overloads by asset and slot.
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
    state = _State.of(city, station_mw)
    network = power_network(city)
    if network is not None:
        feeds = Feeds.of(city, network)
        for at, dispatch in dispatches(city, situation, network, feeds, parameters):
            state.write(at, dispatch, ac=ac)
    loads = {"lines": state.carried, "substations": station_mw, "power_sources": state.source_mw}
    loads["feeders"] = load_mw
    carries = city.feeders["capacity_mw"].to_numpy(np.float64)[:, None]
    capacity["feeders"] = np.where(carries > 0.0, carries, np.inf)  # 0 is not known
    short_mw = np.where(state.short, station_mw, 0.0).sum(axis=0)
    return PowerCheck(
        flow_mw=state.flow,
        loading=state.carried / np.maximum(capacity["lines"], 1e-9),
        source_mw=state.source_mw,
        unserved_mw=load_mw.sum(axis=0) - station_mw.sum(axis=0),
        overloads=_overloads(city, loads, capacity),
        solved=state.solved,
        shed_more_mw=(1.0 - state.keep_share) * short_mw,
        station_short=state.short,
        station_pu=state.station_pu,
        feeder_pu=_feeder_pu(load_mw, rows, state.station_pu, moments),
        islands=state.islands,
        supplied_mwh=float(np.nansum(state.supplied_mw)) * SLOT_H,
        lost_mwh=float(np.nansum(state.lost_mw)) * SLOT_H,
        delivered_mwh=float(state.delivered_mw[np.isfinite(state.supplied_mw)].sum()) * SLOT_H,
        ac=ac and network is not None,
    )


@dataclass(frozen=True)
class _State:
    """Arrays that the states of damage are written into."""

    station_mw: Float
    flow: Float
    carried: Float
    source_mw: Float
    solved: Bool
    short: Bool
    keep_share: Float
    station_pu: Float
    islands: Int
    supplied_mw: Float
    lost_mw: Float
    delivered_mw: Float

    @classmethod
    def of(cls, city: City, station_mw: Float) -> _State:
        slots = station_mw.shape[1]
        lines, sources = len(city.lines), len(city.power_sources)
        return cls(
            station_mw=station_mw,
            flow=np.zeros((lines, slots)), carried=np.zeros((lines, slots)),
            source_mw=np.zeros((sources, slots)), solved=np.ones(slots, dtype=np.bool_),
            short=np.zeros(station_mw.shape, dtype=np.bool_), keep_share=np.ones(slots),
            station_pu=np.full(station_mw.shape, np.nan), islands=np.zeros(slots, dtype=np.int64),
            supplied_mw=np.full(slots, np.nan), lost_mw=np.full(slots, np.nan),
            delivered_mw=np.zeros(slots),
        )  # fmt: skip

    def write(self, at: Int, dispatch: Dispatch, *, ac: bool) -> None:
        """Solve one state of damage and write its slots."""
        network, feeds = dispatch.network, dispatch.feeds
        live = dispatch.live
        known = network.station_bus >= 0
        reached = np.zeros(known.size, dtype=np.bool_)
        reached[known] = live[network.station_bus[known]]
        # A substation that a user's model doesn't have is checked alone.
        self.station_mw[np.ix_(~reached & known, at)] = 0.0
        bus_mw = np.repeat(np.where(live, network.own_mw, 0.0)[:, None], at.size, axis=1)
        bus_mvar = np.repeat(np.where(live, network.own_mvar, 0.0)[:, None], at.size, axis=1)
        drawn = self.station_mw[np.ix_(known, at)]
        np.add.at(bus_mw, network.station_bus[known], drawn)
        np.add.at(bus_mvar, network.station_bus[known], REACTIVE_SHARE * drawn)
        given = dispatch.given_mw(bus_mw)
        own = feeds.source >= 0
        self.source_mw[np.ix_(feeds.source[own], at)] = given[own]
        self.islands[at] = dispatch.keepers().size
        self.delivered_mw[at] = bus_mw.sum(axis=0)
        line, branch = np.flatnonzero(network.line_branch >= 0), network.line_branch
        branch = branch[line]
        if not live.any():
            self.supplied_mw[at] = self.lost_mw[at] = 0.0
            return
        grid, others = dispatch.grid()
        flow = solve_dc(
            grid, load_mw=bus_mw.T, generator_mw=given[others].T, branch_on=dispatch.branch_on
        ).flow_mw.T
        self.flow[np.ix_(line, at)] = flow[branch]
        self.carried[np.ix_(line, at)] = np.abs(flow[branch])
        self.supplied_mw[at], self.lost_mw[at] = given.sum(axis=0), 0.0
        if ac:
            solution = ac_state(dispatch, bus_mw, bus_mvar)
            self._write_ac(at, line, branch, network.station_bus, solution)

    def _write_ac(self, at: Int, line: Int, branch: Int, bus: Int, state: AcState) -> None:
        carried = state.line_mw[branch]
        dc = self.carried[np.ix_(line, at)]
        self.carried[np.ix_(line, at)] = np.where(np.isnan(carried), dc, carried)
        self.solved[at], self.keep_share[at] = state.solved, state.keep_share
        known = np.flatnonzero(bus >= 0)
        self.station_pu[np.ix_(known, at)] = state.voltage_pu[bus[known]]
        self.short[np.ix_(known, at)] = state.short[bus[known]]
        self.supplied_mw[at], self.lost_mw[at] = state.supplied_mw, state.lost_mw


def _feeder_pu(
    load_mw: Float, rows: Int, station_pu: Float, moments: FeederMoments | None
) -> Float:
    if moments is None or not len(station_pu):
        return np.full(load_mw.shape, np.nan)
    # Taps hold the secondary voltage as far as they reach.
    start = np.clip(SECONDARY_PU, station_pu * (1.0 - TAP_RANGE), station_pu * (1.0 + TAP_RANGE))
    at_feeder = np.where(rows[:, None] >= 0, start[rows], np.nan)
    return feeder_voltage(moments, load_mw, REACTIVE_SHARE * load_mw, at_feeder)


def _least(values: Float) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else None


def _overloads(city: City, loads: dict[str, Float], capacity: dict[str, Float]) -> pd.DataFrame:
    parts = []
    for table, load in loads.items():
        most = np.broadcast_to(capacity[table], load.shape)
        row, slot = np.nonzero(load > most + _SLACK_MW)
        over, most = load[row, slot], most[row, slot]
        values = (table, city.tables()[table].index[row], slot, over, most, over - most)
        parts.append(pd.DataFrame(dict(zip(COLUMNS, values, strict=True))))
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled).sort_values("excess_mw", ascending=False, ignore_index=True)
