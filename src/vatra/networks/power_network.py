"""The city's high-voltage network as a grid to solve: from its tables, or from a user's model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.networks.power_flow._file import read_text
from vatra.networks.power_flow.model import PowerGrid
from vatra.networks.power_flow.read import parse_power_grid
from vatra.problems import InputError, Problem, name_ids

Int = NDArray[np.int64]

X_OHM_PER_KM = 0.4
"""Reactance of a 110 kV overhead line: 0.38 to 0.44 Ω/km for usual conductors and spacing."""

R_OHM_PER_KM = 0.12
"""Resistance of a 240 mm² aluminium-steel conductor, 0.118 to 0.120 Ω/km at 20 °C."""

B_US_PER_KM = 2.8
"""Susceptance to ground of a 110 kV overhead line, 2.6 to 2.8 µS/km."""

SOURCE_PU = 1.05
"""Voltage that bulk supply points and plants hold; assumed."""

TRANSFORMER_X = 0.105
"""Short-circuit voltage of a 110/10 kV transformer relative to its rating: 10.5 %, usual."""

KV = 110.0
BASE_MVA = 100.0
LEAST_KM = 0.05
"""Lines between neighbouring yards, and lines without geometry; assumed."""


@dataclass(frozen=True)
class PowerNetwork:
    """The grid that feeds the substations, and where the city's tables meet it.

    Parameters
    ----------
    grid
        The grid, completed. Its sources and generators are left as a user's model has them; a
        grid from tables has none, since which bus holds the voltage depends on damage.
    station_bus
        By substation: row of the bus that its load hangs on, −1 for none.
    line_branch
        By line: row of its branch, −1 for none.
    source_bus
        By power source: row of its bus, −1 for none.
    own_mw, own_mvar
        By bus: load that a user's model has besides that of the substations.
    given
        Whether a user gave it; otherwise it is assumed from the tables.
    """

    grid: PowerGrid
    station_bus: Int
    line_branch: Int
    source_bus: Int
    own_mw: NDArray[np.float64]
    own_mvar: NDArray[np.float64]
    given: bool = False


def power_network(city: City) -> PowerNetwork | None:
    """Return the network of a city: the user's model where there is one, else that of its tables.

    Parameters
    ----------
    city
        The city.

    Returns
    -------
    PowerNetwork or None
        None where the city has neither a model nor lines and sources.

    Raises
    ------
    InputError
        With every problem of the user's model.
    """
    if city.power_model is not None:
        network, problems = network_of_model(city)
        if network is None or problems:
            raise InputError("power model", problems)
        return network
    if city.lines.empty or city.power_sources.empty:
        return None
    return _network_of_tables(city)


def check_power_model(city: City) -> list[Problem]:
    """List what is wrong with a user's model of the power network.

    Parameters
    ----------
    city
        The city; nothing is wrong where it has no model.
    """
    return [] if city.power_model is None else network_of_model(city)[1]


def with_power_model(city: City, path: Path | str) -> City:
    """Return a city with a model of its power network.

    Parameters
    ----------
    city
        The city; substations are found by their column ``bus``, or by their id.
    path
        JSON of power-grid-model or pandapower, or a MATPOWER case.

    Raises
    ------
    InputError
        With every problem of the file, substations that it doesn't have among them.
    """
    file = Path(path)
    made = replace(city, power_model=(file.name, read_text(file)))
    problems = check_power_model(made)
    if problems:
        raise InputError(str(path), problems)
    return made


def _network_of_tables(city: City) -> PowerNetwork:
    ids = city.substations.index
    high = pd.DataFrame({"kv": KV}, index=ids)
    low = pd.DataFrame({"kv": 10.0}, index=[f"{i} 10 kV" for i in ids])
    km = np.maximum(city.lines.geometry.length.to_numpy() / 1e3, LEAST_KM)
    tail = city.rows("lines", "from_id", "substations")
    head = city.rows("lines", "to_id", "substations")
    joins = (tail >= 0) & (head >= 0) & (tail != head)
    ohm = KV**2 / BASE_MVA
    lines = pd.DataFrame(
        {
            "from_bus": ids[np.where(joins, tail, 0)], "to_bus": ids[np.where(joins, head, 0)],
            "r_pu": R_OHM_PER_KM * km / ohm, "x_pu": X_OHM_PER_KM * km / ohm,
            "from_b_pu": B_US_PER_KM * 1e-6 * km * ohm / 2.0,
            "to_b_pu": B_US_PER_KM * 1e-6 * km * ohm / 2.0,
            "from_limit_mva": city.lines["capacity_mw"].to_numpy(np.float64),
            "to_limit_mva": city.lines["capacity_mw"].to_numpy(np.float64),
            "from_closed": joins, "to_closed": joins,
        },
        index=[f"line {i}" for i in city.lines.index],
    )  # fmt: skip
    rating = np.maximum(city.substations["capacity_mw"].to_numpy(np.float64), 1e-3)
    transformers = pd.DataFrame(
        {
            "from_bus": ids, "to_bus": low.index, "r_pu": 0.0,
            "x_pu": TRANSFORMER_X * BASE_MVA / rating, "from_b_pu": 0.0, "to_b_pu": 0.0,
            "from_limit_mva": np.inf, "to_limit_mva": np.inf,
            "from_closed": True, "to_closed": True,
        },
        index=low.index,
    )  # fmt: skip
    stations = len(ids)
    grid = PowerGrid(
        city.about.name, BASE_MVA, pd.concat([high, low]), pd.concat([lines, transformers])
    ).completed()
    nothing = np.zeros(2 * stations)
    return PowerNetwork(
        grid, stations + np.arange(stations),
        np.where(joins, np.arange(len(lines)), -1),
        city.rows("power_sources", "substation_id", "substations"), nothing, nothing,
    )  # fmt: skip


def network_of_model(city: City) -> tuple[PowerNetwork | None, list[Problem]]:
    """Read a city's power model and find its substations, lines and sources in it.

    A substation is the bus that its column ``bus`` names, or else the bus of its own id; a line the
    branch of its id, or else the first between the buses of its ends; a source sits at its
    substation's bus, or at that which its plant has in the model.

    Parameters
    ----------
    city
        The city, with a model.

    Returns
    -------
    PowerNetwork or None
        None where it can't be read.
    list[Problem]
        Everything that is wrong with it.
    """
    name, text = city.power_model or ("", "")
    try:
        grid = parse_power_grid(text, name)
    except InputError as error:
        return None, list(error.problems)
    problems: list[Problem] = []
    where = {str(bus): row for row, bus in enumerate(grid.buses.index)}
    names = city.substations["bus"] if "bus" in city.substations else pd.Series(dtype=object)
    wanted = [
        str(bus) if isinstance(bus := names.get(station), str) and bus else str(station)
        for station in city.substations.index
    ]
    station_bus = np.array([where.get(bus, -1) for bus in wanted], dtype=np.int64)
    lost = city.substations.index[station_bus < 0]
    if len(lost):
        mend = f"give its bus in the column «bus» of substations (ids such as {_some(where)})"
        problems.append(Problem("substations.bus", name_ids(lost), f"not in {name}", mend))
    if grid.sources.empty and grid.generators.empty:
        reason, mend = "nothing in it holds a voltage", "name a source or reference bus"
        problems.append(Problem(name, "", reason, mend))
    row = grid.rows("loads", "bus")
    used = grid.loads["in_service"].to_numpy()
    own = np.zeros((2, len(grid.buses)))
    for values, column in zip(own, ("p_mw", "q_mvar"), strict=True):
        np.add.at(values, row[used], grid.loads[column].to_numpy()[used])
    # What hangs on a substation's bus in the model is what its feeders draw: theirs takes its
    # place. Generation that is entered as a negative load stays.
    fed = station_bus[station_bus >= 0]
    own[:, fed] = np.minimum(own[:, fed], 0.0)
    at = city.rows("power_sources", "substation_id", "substations")
    source_bus = np.where(at >= 0, station_bus[at], -1) if len(at) else at
    lines = _line_branches(city, grid, station_bus)
    network = PowerNetwork(grid, station_bus, lines, source_bus, own[0], own[1], given=True)
    return network, problems


def _some(where: dict[str, int]) -> str:
    return ", ".join(list(where)[:3])


def _line_branches(city: City, grid: PowerGrid, station_bus: Int) -> Int:
    """By line: the branch of its id, or else the first between its ends that no line has yet."""
    by_id = {str(i): row for row, i in enumerate(grid.branches.index)}
    found = np.array([by_id.get(str(i), -1) for i in city.lines.index], dtype=np.int64)
    tail, head = (station_bus[city.rows("lines", c, "substations")] for c in ("from_id", "to_id"))
    free: dict[tuple[int, int], list[int]] = {}
    ends = zip(grid.rows("branches", "from_bus"), grid.rows("branches", "to_bus"), strict=True)
    taken = set(found.tolist())
    for row, (a, b) in enumerate(ends):
        if row not in taken:
            free.setdefault((int(min(a, b)), int(max(a, b))), []).append(row)
    for line in np.flatnonzero(found < 0):
        rows = free.get((int(min(tail[line], head[line])), int(max(tail[line], head[line]))))
        if rows:
            found[line] = rows.pop(0)
    return found
