"""A city says what it is in words."""

from __future__ import annotations

import pytest

from vatra.city import City, summarise_city
from vatra.city.show import rounded


def test_says_who_lives_there_and_what_is_assumed(tiny: City) -> None:
    text = summarise_city(tiny)
    assert text.startswith("Tinytown (Крихітне) is a synthetic city of 300 residents, 30 of them")
    assert "West" in text
    assert "2 feeders in 1 queue, 1 of them protected" in text
    assert "All of it. (assumed)" in text
    assert "Data: © nobody" in text


def test_a_city_without_networks_or_sites_says_so(tiny: City) -> None:
    bare = tiny.with_tables(
        heat_zones=tiny.heat_zones.iloc[:0],
        water_zones=tiny.water_zones.iloc[:0],
        sites=tiny.sites.iloc[:0],
        power_sources=tiny.power_sources.iloc[:0],
    )
    text = summarise_city(bare)
    assert "No district heat is known. No water network is known." in text
    assert "No building is known that could be a warm point." in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7.25, "7.25"), (999, "999"), (1234, "1,230"), (2_999_600, "3,000,000")],
)
def test_rounds_to_what_is_known(value: float, text: str) -> None:
    assert rounded(value) == text
