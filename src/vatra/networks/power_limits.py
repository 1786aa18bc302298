"""What substations may draw so that lines, sources and voltages of the network hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power_check import DEFAULT, PowerCheck
from vatra.networks.power_dispatch import Dispatch, Feeds, dispatches
from vatra.networks.power_flow.dc import solve_dc
from vatra.networks.power_network import PowerNetwork, power_network
from vatra.situation.model import Situation

Float = NDArray[np.float64]
Int = NDArray[np.int64]

AIR_SHARE = 0.01
"""Left free of what the network can carry, for heaters that a new schedule adds; assumed."""

_LEAST_SENSITIVITY = 0.02  # MW on the line for a MW at the substation: less is no help


def station_limits(
    city: City,
    situation: Situation,
    check: PowerCheck,
    load_mw: Float,
    parameters: NetworkParameters = DEFAULT,
) -> Float:
    """Return how much each substation may draw where the network would carry too much.

    An overloaded line asks less of the substations whose load flows over it, in proportion to that
    load; an overloaded source less of all substations of its island; an island without operating
    point what `PowerCheck.shed_more_mw` says. The limits are those that bring this schedule back:
    another schedule has to be checked anew.

    Parameters
    ----------
    city, situation
        The city and its damage.
    check
        What `check_power` found for `load_mw`.
    load_mw
        Feeder × slot: what each feeder draws.
    parameters
        `NetworkParameters.chp_islands` is used.

    Returns
    -------
    Float
        Substation × slot, MW; infinite where nothing has to change.
    """
    rows = city.rows("feeders", "substation_id", "substations")
    load = np.zeros((len(city.substations), situation.grid.slots))
    np.add.at(load, rows[rows >= 0], load_mw[rows >= 0])
    limit = np.full(load.shape, np.inf)
    network = power_network(city)
    if network is None or check.holds:
        return limit
    feeds = Feeds.of(city, network)
    left = {
        table: city.tables()[table]["capacity_mw"].to_numpy(np.float64)[:, None]
        * remaining_share(city, situation, table)
        for table in ("lines", "power_sources")
    }
    over_line = np.maximum(check.loading * np.maximum(left["lines"], 1e-9) - left["lines"], 0.0)
    over_source = check.source_mw > left["power_sources"] + 1e-6
    for at, dispatch in dispatches(city, situation, network, feeds, parameters):
        station_island = np.where(
            network.station_bus >= 0, dispatch.island[network.station_bus], -1
        )
        for slot in at[over_source[:, at].any(axis=0)]:
            _hold_sources(
                limit[:, slot], load[:, slot], station_island, dispatch, over_source[:, slot]
            )
        slots = at[(over_line[:, at] > 1e-6).any(axis=0)]
        if slots.size:
            sensitivity = _sensitivity(network, dispatch)
            for slot in slots:
                _hold_lines(
                    limit[:, slot], load[:, slot], over_line[:, slot], check.flow_mw[:, slot],
                    sensitivity,
                )  # fmt: skip
    for slot in np.flatnonzero(~check.solved):
        short = check.station_short[:, slot]
        drawn = float(load[short, slot].sum())
        shed = check.shed_more_mw[slot]
        keep = 0.0 if np.isnan(shed) else 1.0 - shed / max(drawn, 1e-9)
        limit[short, slot] = np.minimum(limit[short, slot], keep * load[short, slot])
    return limit


def _hold_sources(
    limit: Float, load: Float, island: Int, dispatch: Dispatch, over: NDArray[np.bool_]
) -> None:
    """Scale the substations of islands whose sources are short, each by the same share."""
    feeds = dispatch.feeds
    own = feeds.source >= 0
    hit = feeds.bus[own][over[feeds.source[own]]]
    for number in np.unique(dispatch.island[hit]):
        inside = island == number
        capacity = dispatch.can_mw[dispatch.island[feeds.bus] == number].sum()
        share = (1.0 - AIR_SHARE) * capacity / max(float(load[inside].sum()), 1e-9)
        limit[inside] = np.minimum(limit[inside], min(share, 1.0) * load[inside])


def _hold_lines(limit: Float, load: Float, over: Float, flow: Float, sensitivity: Float) -> None:
    """Take the excess of each line off the substations whose load loads it."""
    for line in np.flatnonzero(over > 1e-6):
        per_mw = np.sign(flow[line]) * sensitivity[line]
        helps = np.where(per_mw > _LEAST_SENSITIVITY, per_mw, 0.0)
        moved = float((helps * helps * load).sum())
        if moved <= 0.0:
            continue
        excess = over[line] + AIR_SHARE * (abs(flow[line]) - over[line])
        less = np.minimum(helps * load * excess / moved, load)
        limit[:] = np.where(less > 0.0, np.minimum(limit, load - less), limit)


def _sensitivity(network: PowerNetwork, dispatch: Dispatch) -> Float:
    """Line × substation: MW that flow more over a line for each MW more that a substation draws.

    The sources of the island give it in proportion to what they can.
    """
    stations = network.station_bus.size
    known = np.flatnonzero(network.station_bus >= 0)
    bus_mw = np.zeros((dispatch.bus_ok.size, stations))
    bus_mw[network.station_bus[known], known] = 1.0
    bus_mw[~dispatch.live] = 0.0
    grid, others = dispatch.grid()
    flow = solve_dc(
        grid, load_mw=bus_mw.T, generator_mw=dispatch.given_mw(bus_mw)[others].T,
        branch_on=dispatch.branch_on,
    ).flow_mw  # fmt: skip
    found = np.zeros((network.line_branch.size, stations))
    has = np.flatnonzero(network.line_branch >= 0)
    found[has] = flow[:, network.line_branch[has]].T
    return found
