"""Ways out of a city: those of made-up ones, and what is told of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from vatra.city import City, check_city, read_city, write_city
from vatra.city.model import empty_table
from vatra.city.synthetic import make_city


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(20_000)


def test_a_made_up_city_has_sound_ways_that_are_marked_as_assumed(city: City) -> None:
    assert check_city(city) == []
    assert set(city.ways_out["kind"]) == {"road", "rail", "bus"}
    assert city.ways_out["assumed"].all()
    assert city.destinations["assumed"].all()
    assert city.residents <= city.destinations["beds"].sum() <= 1.2 * city.residents
    assert any("ways_out" in a.tables for a in city.about.assumptions)


def test_ways_come_back_from_a_folder_and_a_folder_without_them_is_read(
    city: City, tmp_path: Path
) -> None:
    write_city(city, tmp_path / "city")
    again = read_city(tmp_path / "city")
    for name in ("ways_out", "destinations"):
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(again, name)), pd.DataFrame(getattr(city, name))
        )
    older = city.with_tables(
        ways_out=empty_table("ways_out", city.about.crs), destinations=empty_table("destinations")
    )
    write_city(older, tmp_path / "older")
    assert read_city(tmp_path / "older").ways_out.empty


def test_everything_that_is_wrong_with_ways_is_told(city: City) -> None:
    ways, towns = city.ways_out.copy(), city.destinations.copy()
    ways.loc["road-1", "lanes"] = 0.0
    ways.loc["rail-1", "trains_h"] = 0.0
    ways.loc["bus-1", ["first_hour", "last_hour"]] = 6.0
    ways.loc["road-2", "destination_id"] = "nowhere"
    towns.loc["region-1", "beyond_id"] = "suburb-1"
    towns.loc["region-2", "beds"] = -1
    found = {p.place for p in check_city(city.with_tables(ways_out=ways, destinations=towns))}
    assert found == {
        "ways_out.lanes", "ways_out.trains_h", "ways_out.last_hour", "ways_out.destination_id",
        "destinations.beyond_id", "destinations.beds",
    }  # fmt: skip
