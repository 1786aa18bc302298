"""What must hold between the tables of a city."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from vatra.city.model import About
from vatra.city.schema import TABLES, Column, Table
from vatra.city.shapes import check_shapes
from vatra.problems import Problem, name_ids

Frames = Mapping[str, pd.DataFrame]

_LEAST_M2_A_PERSON = 1.0
"""Floor area a resident below which a number is wrong; assumed, far below any crowding."""
_LEAST_M2_A_SEAT = 0.5
"""Floor area a person below which nobody fits into a warm point; assumed, people who stand."""
_PEAK_RATIO = (0.7, 1.5)
"""Sum of the feeders' peaks over the city's; above one as feeders don't peak at once; assumed."""
_ROUNDING = 1.001
_LEAST_CONNECTED = 0.9
_MOST_NAMED = 3


def check_tables(
    about: About | None, frames: Frames, *, skip: Collection[str] = ()
) -> list[Problem]:
    """Check tables that were fitted to the schema, and how they fit one another.

    Parameters
    ----------
    about
        What the city says of itself, None where that can't be read.
    frames
        Tables by name, as `fit_table` returns them.
    skip
        Tables that were reported as unreadable already.

    Returns
    -------
    list[Problem]
        Everything that is wrong.
    """
    problems: list[Problem] = []
    for table in TABLES:
        if table.name in frames:
            problems += _reference_problems(table, frames, skip)
        if table.required and table.name not in skip:
            problems += _required_problems(table, frames)
    problems += check_shapes(about, frames)
    for rule in (_people, _sites, _feeders, _substations, _heat, _water, _streets, _ways):
        problems += rule(frames)
    if about is not None:
        problems += _known_peak(about, frames)
    return problems


def _required_problems(table: Table, frames: Frames) -> list[Problem]:
    if table.name not in frames:
        reason, what = "the table is missing", "a city needs it"
    elif not len(frames[table.name]):
        reason, what = "the table has no rows", "a city needs at least one"
    else:
        return []
    return [Problem(table.name, "", reason, f"{what}: {table.about[0].lower()}{table.about[1:]}")]


def _reference_problems(table: Table, frames: Frames, skip: Collection[str]) -> list[Problem]:
    problems: list[Problem] = []
    frame = frames[table.name]
    for column in table.columns:
        if column.kind != "ref" or set(column.refers_to) & set(skip):
            continue
        targets = [frames[name].index for name in column.refers_to if name in frames]
        if any(target.name is None for target in targets):
            continue  # its id column is missing, which is reported
        known = np.zeros(len(frame), dtype=bool)
        for target in targets:
            known |= frame[column.name].isin(target).to_numpy()
        dangling = frame[column.name].notna().to_numpy() & ~known
        if dangling.any():
            problems += _dangling(f"{table.name}.{column.name}", column, frame[dangling])
    return problems


def _dangling(place: str, column: Column, rows: pd.DataFrame) -> Iterator[Problem]:
    """Name each id that isn't there and who refers to it; after a few, the rest together."""
    where = " or ".join(column.refers_to)
    what = column.refers_to[0].removesuffix("s").replace("_", " ")
    mend = "add it or correct the id"
    groups = rows.groupby(column.name, sort=False).groups
    missing = list(groups)
    for value in missing[:_MOST_NAMED]:
        yield Problem(place, name_ids(groups[value]), f"no {what} «{value}» in {where}", mend)
    rest = missing[_MOST_NAMED:]
    if rest:
        others = rows.index[rows[column.name].isin(rest)]
        ids = name_ids([f"«{value}»" for value in rest])
        yield Problem(place, name_ids(others), f"no {what} {ids} in {where}", mend)


def _found(
    frame: pd.DataFrame, wrong: ArrayLike, place: str, reason: str, mend: str
) -> Iterator[Problem]:
    mask = np.asarray(wrong, dtype=bool)
    if mask.any():
        yield Problem(place, name_ids(frame.index[mask]), reason, mend)


def _people(frames: Frames) -> Iterator[Problem]:
    blocks = frames.get("blocks")
    if blocks is None:
        return
    residents, area = blocks["residents"], blocks["floor_area_m2"]
    yield from _found(
        blocks,
        blocks["displaced"] > residents,
        "blocks.displaced",
        "more displaced people than residents",
        "residents include displaced people: correct one of the two",
    )
    yield from _found(
        blocks,
        blocks["infants"] + blocks["elderly"] + blocks["disabled"] > residents,
        "blocks.residents",
        "infants, elderly and disabled people add up to more than the residents",
        "count each person once",
    )
    yield from _found(
        blocks,
        area < _LEAST_M2_A_PERSON * residents,
        "blocks.floor_area_m2",
        f"less than {_LEAST_M2_A_PERSON:g} m² of floor a resident",
        "give the floor area of all dwellings in m², or correct the residents",
    )
    yield from _found(
        blocks,
        (blocks["heating"] == "district") & blocks["heat_zone_id"].isna(),
        "blocks.heat_zone_id",
        "heated by district heat, but in no heat zone",
        "give its heat zone, or another heating",
    )


def _sites(frames: Frames) -> Iterator[Problem]:
    sites = frames.get("sites")
    if sites is None:
        return
    yield from _found(
        sites,
        sites["capacity"] * _LEAST_M2_A_SEAT > sites["floor_area_m2"],
        "sites.capacity",
        f"less than {_LEAST_M2_A_SEAT:g} m² of floor a person",
        "give the people whom it can hold at once and the floor area in m²",
    )


def _feeders(frames: Frames) -> Iterator[Problem]:
    feeders = frames.get("feeders")
    if feeders is None:
        return
    yield from _found(
        feeders,
        feeders["critical_mw"] > feeders["peak_mw"] * _ROUNDING,
        "feeders.critical_mw",
        "more critical load than peak load",
        "peak_mw includes critical_mw: correct one of the two",
    )
    yield from _found(
        feeders,
        feeders["peak_mw"] > feeders["capacity_mw"] * _ROUNDING,
        "feeders.capacity_mw",
        "overloaded at its own peak",
        "raise capacity_mw or lower peak_mw",
    )
    yield from _found(
        feeders,
        feeders["protected"] & feeders["reserved"],
        "feeders.reserved",
        "both protected from cuts and reserved for automatic shedding",
        "choose one",
    )
    yield from _found(
        feeders,
        feeders["queue"].isna() & ~feeders["protected"] & ~feeders["reserved"],
        "feeders.queue",
        "may be cut, but is in no queue",
        "give its queue, for example 3.2, or protect or reserve it",
    )


def _substations(frames: Frames) -> Iterator[Problem]:
    substations, feeders = frames.get("substations"), frames.get("feeders")
    if substations is None or feeders is None:
        return
    load = feeders.groupby("substation_id")["peak_mw"].sum()
    load = load.reindex(substations.index).fillna(0.0)
    yield from _found(
        substations,
        load > substations["capacity_mw"] * _ROUNDING,
        "substations.capacity_mw",
        "its feeders' peaks add up to more than it may carry",
        "raise capacity_mw, or move feeders to another substation",
    )
    yield from _unfed(substations, frames)


def _unfed(substations: pd.DataFrame, frames: Frames) -> Iterator[Problem]:
    """Report substations that no power source reaches, where any source is known."""
    sources, lines = frames.get("power_sources"), frames.get("lines")
    if sources is None or not len(sources):
        return
    fed = substations.index.get_indexer(pd.Index(sources["substation_id"]))
    ends = np.empty((0, 2), dtype=np.int64)
    if lines is not None and len(lines):
        yield from _found(
            lines,
            lines["from_id"] == lines["to_id"],
            "lines.to_id",
            "both ends are the same substation",
            "correct one of the two",
        )
        ends = np.column_stack(
            [substations.index.get_indexer(pd.Index(lines[end])) for end in ("from_id", "to_id")]
        )
        ends = ends[(ends >= 0).all(axis=1)]
    part = _components(ends, len(substations))
    reached = np.isin(part, part[fed[fed >= 0]])
    yield from _found(
        substations,
        ~reached,
        "substations",
        "no power source reaches it over lines",
        "add a line or a power source",
    )


def _components(ends: np.ndarray, count: int) -> np.ndarray:
    graph = coo_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), (count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _known_peak(about: About, frames: Frames) -> Iterator[Problem]:
    feeders = frames.get("feeders")
    if feeders is None or not len(feeders) or feeders["peak_mw"].isna().any():
        return
    total = float(feeders["peak_mw"].sum())
    low, high = (ratio * about.known_peak_mw for ratio in _PEAK_RATIO)
    if not low <= total <= high:
        reason = f"they add up to {total:,.4g} MW, the city's known peak is"
        yield Problem(
            "feeders.peak_mw",
            f"all {len(feeders)}",
            f"{reason} {about.known_peak_mw:,.4g} MW",
            "check that both are in MW, and known_peak_mw in city.toml",
        )


def _heat(frames: Frames) -> Iterator[Problem]:
    zones = frames.get("heat_zones")
    if zones is None:
        return
    sources = frames.get("heat_sources")
    heated: list[str] = [] if sources is None else sources["heat_zone_id"].tolist()
    yield from _found(
        zones,
        ~zones.index.isin(heated),
        "heat_zones",
        "no heat source heats it",
        "add a row to heat_sources, or remove the zone",
    )


def _water(frames: Frames) -> Iterator[Problem]:
    zones, pumps = frames.get("water_zones"), frames.get("pumps")
    if zones is not None:
        fed = np.zeros(len(zones), dtype=bool)
        if pumps is not None:
            # Works feed every zone; one without pumps of its own is fed by gravity.
            works = bool((pumps["kind"] == "water_works").any())
            fed = zones.index.isin(pumps["water_zone_id"]) | works
        yield from _found(
            zones,
            ~fed,
            "water_zones",
            "no pump and no water works feeds it",
            "add a row to pumps, or remove the zone",
        )
    if pumps is None:
        return
    for kind, column, what in (
        ("water", "water_zone_id", "pressure zone"),
        ("sewage", "sewage_zone_id", "catchment"),
    ):
        yield from _found(
            pumps,
            (pumps["kind"] == kind) & pumps[column].isna(),
            f"pumps.{column}",
            f"a {kind} pump in no {what}",
            f"give its {what}",
        )


def _streets(frames: Frames) -> Iterator[Problem]:
    streets = frames.get("streets")
    if streets is None or not len(streets):
        return
    ends = streets[["from_node", "to_node"]].to_numpy(dtype=np.float64)
    length = streets["length_m"].to_numpy(dtype=np.float64)
    if not (np.isfinite(ends).all() and np.isfinite(length).all()):
        return  # reported with the columns
    nodes, position = np.unique(ends, return_inverse=True)
    position = position.reshape(ends.shape)
    part = _components(position, len(nodes))[position[:, 0]]
    total = np.bincount(part, weights=length)
    share = total.max() / total.sum() if total.sum() > 0 else 0.0
    if share < _LEAST_CONNECTED:
        cut_off = part != total.argmax()
        yield Problem(
            "streets",
            name_ids(streets.index[cut_off]),
            f"{1 - share:.0%} of the streets' length is not connected to the largest network",
            "let streets that meet share a junction number in from_node and to_node",
        )


def _ways(frames: Frames) -> Iterator[Problem]:
    ways, towns = frames.get("ways_out"), frames.get("destinations")
    if ways is not None:
        for kind, column, what in (
            ("road", "lanes", "lanes"),
            ("rail", "trains_h", "trains an hour"),
            ("bus", "buses", "buses"),
        ):
            yield from _found(
                ways,
                (ways["kind"] == kind) & ~(ways[column] > 0),
                f"ways_out.{column}",
                f"a {kind} without {what}",
                f"give {column}, or remove the row",
            )
        yield from _found(
            ways,
            ways["first_hour"] == ways["last_hour"],
            "ways_out.last_hour",
            "it never runs: first_hour and last_hour are the same",
            "0 and 24 for all day; from 22 to 5 runs past midnight",
        )
    if towns is not None:
        yield from _found(
            towns,
            _goes_round(towns["beyond_id"]),
            "destinations.beyond_id",
            "going on from here leads back here",
            "end the chain somewhere",
        )


def _goes_round(beyond: pd.Series) -> list[bool]:
    """Tell of each id whether following the references comes back to it."""
    following = {key: value for key, value in beyond.items() if isinstance(value, str)}
    found = []
    for start in beyond.index:
        seen, at = set(), following.get(start)
        while at is not None and at not in seen and at != start:
            seen.add(at)
            at = following.get(at)
        found.append(at == start)
    return found
