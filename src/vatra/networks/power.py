"""Which feeders power can reach, and who has power at the end of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.damage import remaining_share
from vatra.networks.parameters import NetworkParameters
from vatra.networks.power_dispatch import Feeds, dispatches
from vatra.networks.power_network import power_network
from vatra.situation.model import Situation
from vatra.situation.timegrid import SLOT_H

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]

DEFAULT = NetworkParameters()


def substations_live(
    city: City, situation: Situation, parameters: NetworkParameters = DEFAULT
) -> Bool:
    """Return the substations that a source reaches over undamaged lines.

    Without power sources in the tables every undamaged substation is live; without lines every
    undamaged substation is live while any source is. Where the user gave a model of the network,
    its branches and sources count, closed ties included; a substation that it doesn't have is
    taken as fed.

    Parameters
    ----------
    city
        The city.
    situation
        Its damage is used.
    parameters
        `NetworkParameters.chp_islands` says whether CHP plants carry an island without the grid.

    Returns
    -------
    NDArray[np.bool_]
        Substation × slot.
    """
    station_ok = remaining_share(city, situation, "substations") > 0.0
    if city.power_model is not None:
        return _live_by_model(city, situation, station_ok, parameters)
    if city.power_sources.empty:
        return station_ok
    line_ok = remaining_share(city, situation, "lines") > 0.0
    capacity = city.power_sources["capacity_mw"].to_numpy(np.float64) > 0.0
    if not parameters.chp_islands:
        capacity &= (city.power_sources["kind"] == "grid").to_numpy(np.bool_)
    source_ok = (remaining_share(city, situation, "power_sources") > 0.0) & capacity[:, None]
    if city.lines.empty:
        return np.asarray(station_ok & source_ok.any(axis=0))
    tail = city.rows("lines", "from_id", "substations")
    head = city.rows("lines", "to_id", "substations")
    at = city.rows("power_sources", "substation_id", "substations")
    # Damage changes rarely: the reach is found once for each pattern of it.
    pattern = np.concatenate([station_ok, line_ok, source_ok])
    patterns, which = np.unique(pattern, axis=1, return_inverse=True)
    stations, lines = station_ok.shape[0], line_ok.shape[0]
    live = np.empty((stations, patterns.shape[1]), dtype=np.bool_)
    for column in range(patterns.shape[1]):
        ok, line, source = np.split(patterns[:, column], [stations, stations + lines])
        live[:, column] = reach(ok, tail[line], head[line], at[source])
    return np.asarray(live[:, which.ravel()])


def _live_by_model(
    city: City, situation: Situation, station_ok: Bool, parameters: NetworkParameters
) -> Bool:
    network = power_network(city)
    live = station_ok.copy()
    if network is None:
        return live
    known = np.flatnonzero(network.station_bus >= 0)
    feeds = Feeds.of(city, network)
    for at, dispatch in dispatches(city, situation, network, feeds, parameters):
        live[np.ix_(known, at)] &= dispatch.live[network.station_bus[known]][:, None]
    return live


def reach(node_ok: Bool, from_node: Int, to_node: Int, sources: Int) -> Bool:
    """Return the nodes that can be reached from any source over nodes that are whole.

    Parameters
    ----------
    node_ok
        By node: whether it is whole.
    from_node, to_node
        Ends of the lines that are whole, −1 for an unknown end.
    sources
        Nodes of the sources that give power, −1 for an unknown node.
    """
    known = (from_node >= 0) & (to_node >= 0)
    tail, head = from_node[known], to_node[known]
    usable = node_ok[tail] & node_ok[head]
    tail, head = tail[usable], head[usable]
    live = np.zeros(node_ok.size, dtype=np.bool_)
    live[sources[sources >= 0]] = True
    live &= node_ok
    while True:
        joins = live[tail] != live[head]
        if not joins.any():
            return live
        live[tail[joins]] = True
        live[head[joins]] = True


def feeder_available(
    city: City, situation: Situation, parameters: NetworkParameters = DEFAULT
) -> Bool:
    """Return the feeders that power can reach after damage, before any switching.

    Parameters
    ----------
    city
        The city.
    situation
        Its damage is used.
    parameters
        `NetworkParameters.chp_islands` is used.

    Returns
    -------
    NDArray[np.bool_]
        Feeder × slot.
    """
    return feeders_reached(city, situation, substations_live(city, situation, parameters))


def feeders_reached(city: City, situation: Situation, substation_live: Bool) -> Bool:
    """Return the undamaged feeders of live substations.

    Parameters
    ----------
    city
        The city.
    situation
        Its damage is used.
    substation_live
        Substation × slot.
    """
    feeder_ok = remaining_share(city, situation, "feeders") > 0.0
    rows = city.rows("feeders", "substation_id", "substations")
    return feeder_ok & take_rows(substation_live, rows, missing=True)


def take_rows(values: NDArray[np.bool_], rows: Int, *, missing: bool) -> Bool:
    """Return rows of an array, and a constant where the row is −1.

    Parameters
    ----------
    values
        Row × slot.
    rows
        Rows to take.
    missing
        What to fill rows with that are −1.
    """
    if not values.shape[0]:
        return np.full((rows.size, values.shape[1]), missing)
    taken = values[rows]
    taken[rows < 0] = missing
    return np.asarray(taken)


def backed_share(
    live: Bool, need_mw: Float, backup_mw: Float, fuel_h: Float, refuel_h: float
) -> Float:
    """Return the share of its power that each asset has, from its feeder or its generator.

    A generator runs while the feeder is dark and burns fuel in proportion to its load.

    Parameters
    ----------
    live
        Asset × slot: whether its feeder has power.
    need_mw
        Power that each asset needs, MW.
    backup_mw
        Power of its generator, MW.
    fuel_h
        Hours that the fuel lasts at full load of the generator.
    refuel_h
        Hours after which the fuel is full again, infinite for never.

    Returns
    -------
    NDArray[np.float64]
        Asset × slot, 0 to 1.
    """
    share = live.astype(np.float64)
    dark = ~live
    # A generator that outruns the need idles down; one that can't meet it gives what it has.
    safe_need = np.where(need_mw > 0.0, need_mw, 1.0)
    given = np.where(need_mw > 0.0, np.minimum(1.0, backup_mw / safe_need), 1.0)
    safe_backup = np.where(backup_mw > 0.0, backup_mw, 1.0)
    load = np.minimum(need_mw, backup_mw) / safe_backup
    burn_h = load * SLOT_H
    left_h = np.where(given > 0.0, fuel_h, 0.0)
    full_h = left_h.copy()
    refuel_slots = refuel_h / SLOT_H
    for slot in np.flatnonzero(dark.any(axis=0)):
        if np.isfinite(refuel_h) and slot and slot % refuel_slots < 1.0:
            left_h = full_h.copy()
        on = dark[:, slot]
        running = np.where(burn_h > 0.0, np.minimum(1.0, left_h / np.maximum(burn_h, 1e-9)), 1.0)
        running = np.where((left_h > 0.0) | (need_mw <= 0.0), running, 0.0)
        share[on, slot] = (given * running)[on]
        left_h = np.where(on, np.maximum(left_h - burn_h, 0.0), left_h)
    return share
