"""Every kind of thing that can be wrong with a city is found, named and said how to mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from tests.city.conftest import CRS, X, Y, at, make_tiny_city
from vatra.city import TABLES, City, check_city

Change = Callable[[City], City]


def put(table: str, column: str, value: Any, *rows: str) -> Change:
    """Return a change that puts a value into some rows of a column, all by default."""

    def change(city: City) -> City:
        frame = getattr(city, table).copy()
        values = frame[column].astype(object)
        for row in rows or frame.index:
            values[row] = value
        frame[column] = values
        return city.with_tables(**{table: frame})

    return change


def shape(table: str, row: str, geometry: Any) -> Change:
    """Return a change that puts another geometry into a row."""

    def change(city: City) -> City:
        frame = getattr(city, table).copy()
        shapes = frame.geometry.to_numpy().copy()
        shapes[frame.index.get_loc(row)] = geometry
        return city.with_tables(**{table: frame.set_geometry(gpd.GeoSeries(
            shapes, index=frame.index, crs=frame.crs))})  # fmt: skip

    return change


def alter(table: str, how: Callable[[Any], Any]) -> Change:
    """Return a change that puts another table in the place of one."""
    return lambda city: city.with_tables(**{table: how(getattr(city, table))})


def about(**values: Any) -> Change:
    """Return a change of what the city says of itself."""
    return lambda city: replace(city, about=replace(city.about, **values))


CASES: dict[str, tuple[Change, str, str, str]] = {
    # name: change, place, subject, a part of reason and mend
    "dangling": (
        put("feeders", "substation_id", "S-77", "F-1", "F-2"),
        "feeders.substation_id", "F-1, F-2",
        "no substation «S-77» in substations: add it or correct the id",
    ),
    "no feeder": (
        put("blocks", "feeder_id", None, "B-2"), "blocks.feeder_id", "B-2", "is empty: fill it in",
    ),
    "negative": (
        put("blocks", "residents", -40, "B-2"),
        "blocks.residents", "B-2", "−40: residents can't be negative",
    ),
    "text": (
        put("blocks", "residents", "many", "B-2"),
        "blocks.residents", "B-2", "«many»: not a number: give a whole number, 0 or more",
    ),
    "fraction": (
        put("blocks", "dwellings", 2.5, "B-2"),
        "blocks.dwellings", "B-2", "2.5: dwellings can't have a fraction",
    ),
    "nan": (put("feeders", "peak_mw", np.nan, "F-1"), "feeders.peak_mw", "F-1", "is empty"),
    "infinite": (
        put("feeders", "capacity_mw", np.inf, "F-1"),
        "feeders.capacity_mw", "F-1", "can't be infinite",
    ),
    "kilowatts": (
        put("feeders", "capacity_mw", 4e6, "F-1"),
        "feeders.capacity_mw", "F-1", "no capacity in a city is that large",
    ),
    "floors": (
        put("blocks", "floors", 0, "B-1"), "blocks.floors", "B-1", "from 1 to 60",
    ),
    "flag": (
        put("feeders", "protected", "perhaps", "F-1"),
        "feeders.protected", "F-1", "neither true nor false",
    ),
    "choice": (
        put("blocks", "archetype", "Panel 9", "B-1"),
        "blocks.archetype", "B-1", "«Panel 9» is not a choice: did you mean «panel_9»?",
    ),
    "choice unlike any": (
        put("sites", "kind", "zzz", "ST-1"), "sites.kind", "ST-1", "give one of school,",
    ),
    "missing column": (
        alter("blocks", lambda f: f.drop(columns="residents")),
        "blocks.residents", "", "the column is missing: add it: People who live here now",
    ),
    "misnamed column": (
        alter("feeders", lambda f: f.rename(columns={"reserved": "reservd"})),
        "feeders.reserved", "", "rename «reservd» to «reserved»",
    ),
    "duplicate id": (
        alter("sites", lambda f: pd.concat([f, f])), "sites.site_id", "ST-1", "more than once",
    ),
    "empty id": (
        alter("sites", lambda f: f.rename(index={"ST-1": " "})),
        "sites.site_id", "row 1", "the id is empty",
    ),
    "no rows": (
        lambda c: c.with_tables(streets=c.streets.iloc[:0]), "streets", "", "has no rows",
    ),
    "displaced": (
        put("blocks", "displaced", 101, "B-1"), "blocks.displaced", "B-1", "more displaced",
    ),
    "vulnerable": (
        put("blocks", "elderly", 98, "B-1"), "blocks.residents", "B-1", "add up to more",
    ),
    "crowded": (
        put("blocks", "floor_area_m2", 24.0, "B-1"), "blocks.floor_area_m2", "B-1", "less than 1",
    ),
    "no heat zone": (
        put("blocks", "heat_zone_id", None, "B-1"), "blocks.heat_zone_id", "B-1", "in no heat zone",
    ),
    "seats": (put("sites", "capacity", 2000, "ST-1"), "sites.capacity", "ST-1", "less than 0.5 m²"),
    "critical": (
        put("feeders", "critical_mw", 0.2, "F-1"), "feeders.critical_mw", "F-1", "more critical",
    ),
    "feeder overloaded": (
        put("feeders", "capacity_mw", 0.05, "F-1"), "feeders.capacity_mw", "F-1", "overloaded",
    ),
    "both": (
        put("feeders", "reserved", True, "F-2"), "feeders.reserved", "F-2", "both protected",
    ),
    "no queue": (
        put("feeders", "queue", None, "F-1"), "feeders.queue", "F-1", "may be cut, but is in no",
    ),
    "substation overloaded": (
        put("substations", "capacity_mw", 0.05, "S-1"),
        "substations.capacity_mw", "S-1", "more than it may carry",
    ),
    "unfed": (lambda c: c.with_tables(lines=c.lines.iloc[:0]), "substations", "S-2", "no power"),
    "known peak": (about(known_peak_mw=2.0), "feeders.peak_mw", "all 2", "add up to 0.2 MW"),
    "cold zone": (
        lambda c: c.with_tables(heat_sources=c.heat_sources.iloc[:0]),
        "heat_zones", "HZ-1", "no heat source",
    ),
    "dry zone": (
        lambda c: c.with_tables(pumps=c.pumps[c.pumps["kind"] == "sewage"]),
        "water_zones", "WZ-1", "no pump",
    ),
    "pump of nothing": (
        put("pumps", "sewage_zone_id", None, "PU-2"),
        "pumps.sewage_zone_id", "PU-2", "a sewage pump in no catchment",
    ),
    "streets apart": (
        put("streets", "to_node", 7, "R-1"), "streets", "R-1", "not connected",
    ),
    "length": (
        put("streets", "length_m", 0.3, "R-1"), "streets.length_m", "R-1", "0 against 300 m",
    ),
    "torn": (
        lambda c: put("streets", "to_node", 1, "R-2")(put("streets", "from_node", 2, "R-2")(c)),
        "streets.from_node", "junctions 1", "don't meet",
    ),
    "no shape": (shape("sites", "ST-1", None), "sites.geometry", "ST-1", "missing or empty"),
    "empty shape": (shape("sites", "ST-1", Polygon()), "sites.geometry", "ST-1", "or empty"),
    "wrong kind": (
        shape("districts", "D-1", Point(X, Y)), "districts.geometry", "D-1", "is a Point: make",
    ),
    "bow tie": (
        shape("sites", "ST-1", Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])),
        "sites.geometry", "ST-1", "not valid (self-intersection)",
    ),
    "not a place": (
        shape("pumps", "PU-1", Point(np.inf, Y)), "pumps.geometry", "PU-1", "not numbers",
    ),
    "no geometry": (
        alter("pumps", lambda f: pd.DataFrame(f.drop(columns="geometry"))),
        "pumps.geometry", "", "the table has no geometry: give each row a Point",
    ),
    "no system": (
        alter("pumps", lambda f: f.set_crs(None, allow_override=True)),
        "pumps.geometry", "all", "no coordinate system",
    ),
    "degrees": (
        alter("pumps", lambda f: f.to_crs("EPSG:4326")), "pumps.geometry", "all", "is in degrees",
    ),
    "other system": (
        alter("pumps", lambda f: f.to_crs("EPSG:32635")),
        "pumps.geometry", "all", "city.toml says «WGS 84 / UTM zone 36N»",
    ),
    "swapped metres": (
        shape("pumps", "PU-1", Point(Y + 700, X + 700)), "pumps.geometry", "PU-1", "swapped (x/y)",
    ),
    "swapped degrees": (
        alter("pumps", lambda f: f.set_geometry(gpd.GeoSeries(shapely.transform(
            f.to_crs("EPSG:4326").geometry.to_numpy(), lambda xy: xy[:, ::-1]),
            index=f.index, crs="EPSG:4326").to_crs(CRS))),
        "pumps.geometry", "PU-1, PU-2", "swapped (lat/lon)",
    ),
    "unprojected": (
        shape("pumps", "PU-1", Point(30.5, 50.4)), "pumps.geometry", "PU-1", "look like degrees",
    ),
    "elsewhere": (
        shape("pumps", "PU-1", at(90_000, 0)), "pumps.geometry", "PU-1", "far outside",
    ),
    "homeless": (
        shape("blocks", "B-2", at(3000, 300)), "blocks.geometry", "B-2", "in none of the districts",
    ),
    "another city": (
        about(latitude=46.5, longitude=30.7),
        "districts.geometry", "all 2", "not near latitude and longitude",
    ),
    "time zone": (
        about(time_zone="Europe/Kyyiv"), "city.toml", "time_zone", "did you mean «Europe/Kyiv»?",
    ),
    "name": (about(name=" "), "city.toml", "name", "is empty"),
    "latitude": (about(latitude=float("nan")), "city.toml", "latitude", "out of range"),
    "peak": (about(known_peak_mw=float("inf")), "city.toml", "known_peak_mw", "above 0"),
    "crs": (about(crs="EPSG:4326"), "city.toml", "crs", "is in degrees, not metres"),
    "crs in feet": (about(crs="EPSG:2225"), "city.toml", "crs", "not in metres"),
    "no crs": (about(crs="Kyiv"), "city.toml", "crs", "no coordinate system «Kyiv»"),
}  # fmt: skip


def test_a_sound_city_has_no_problems(tiny: City) -> None:
    assert check_city(tiny) == []


@pytest.mark.parametrize("name", CASES)
def test_finds(tiny: City, name: str) -> None:
    change, place, subject, words = CASES[name]
    problems = check_city(change(tiny))
    assert [(p.place, p.subject) for p in problems] == [(place, subject)], problems
    assert words in f"{problems[0].reason}: {problems[0].mend}"


def test_finds_all_at_once(tiny: City) -> None:
    several = ("dangling", "negative", "swapped metres", "time zone", "both", "length")
    city = tiny
    for name in several:
        city = CASES[name][0](city)
    found = {p.place for p in check_city(city)}
    assert {CASES[name][1] for name in several} <= found


def test_names_the_first_missing_ids_and_gathers_the_rest(tiny: City) -> None:
    block = tiny.blocks.loc[["B-1"]]
    many = pd.concat([block.rename(index={"B-1": f"N-{i}"}) for i in range(9)])
    many["feeder_id"] = [f"X-{i}" for i in range(9)]
    problems = check_city(tiny.with_tables(blocks=many))
    assert [p.subject for p in problems] == [
        "N-0", "N-1", "N-2", "N-3, N-4, N-5, N-6 and 2 more",
    ]  # fmt: skip


def test_unknown_columns_are_kept_and_allowed(tiny: City) -> None:
    assert check_city(tiny.with_tables(sites=tiny.sites.assign(keys="with the porter"))) == []


def test_single_lines_drawn_as_multi_are_taken_as_single(tiny: City) -> None:
    line = tiny.streets.geometry["R-1"]
    assert check_city(shape("streets", "R-1", MultiLineString([line]))(tiny)) == []
    torn = MultiLineString([line, LineString([(X, Y), (X + 9, Y)])])
    (problem,) = check_city(shape("streets", "R-1", torn)(tiny))
    assert "is a MultiLineString" in problem.reason


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_nothing_that_a_cell_may_hold_breaks_the_check(data: st.DataObject) -> None:
    """Whatever is in a cell, the check ends and gives problems, never an error."""
    city = make_tiny_city()
    cell = st.one_of(
        st.none(), st.text(max_size=5), st.floats(), st.integers(), st.booleans(),
        st.just(pd.NaT), st.just(pd.NA), st.binary(max_size=3), st.just([1]),
    )  # fmt: skip
    for _ in range(3):
        table = data.draw(st.sampled_from([t for t in TABLES if len(getattr(city, t.name))]))
        column = data.draw(st.sampled_from(table.columns[1:]))
        row = data.draw(st.sampled_from(list(getattr(city, table.name).index)))
        city = put(table.name, column.name, data.draw(cell), row)(city)
    problems = check_city(city)
    assert all(p.place and p.reason for p in problems)
