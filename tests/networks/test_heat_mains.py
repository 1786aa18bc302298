"""A city's own mains: what they bring, when, and what is wrong with a model of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.city.conftest import make_tiny_city
from tests.networks.conftest import small_city, table
from tests.networks.heat_flow.nets import street_net
from vatra.city import City, read_city, write_city
from vatra.networks.heat_flow import HeatGrid
from vatra.networks.heat_mains import check_heat_model, heat_mains, serve_by_mains
from vatra.networks.heat_service import serve_heat
from vatra.networks.heat_state import HeatStateParameters
from vatra.networks.parameters import NetworkParameters
from vatra.problems import InputError
from vatra.situation import Situation, november_2022

SLOTS = 48


def as_json(grid: HeatGrid, zones: list[str]) -> str:
    """Write a network as a city's folder holds it."""
    consumers = grid.consumers.assign(heat_zone_id=[zones[i % len(zones)] for i in
                                                    range(len(grid.consumers))])  # fmt: skip
    tables = {"pipes": grid.pipes, "consumers": consumers, "sources": grid.sources}
    rows = {
        name: frame.rename_axis("id").reset_index().to_dict("records")
        for name, frame in tables.items()
    }
    return json.dumps({"ground_c": 5.0, **rows})


@pytest.fixture
def city() -> City:
    """Return a city with two zones on one network with one plant, and one zone without mains."""
    zones = table(
        "heat_zones", *({"heat_zone_id": f"H{n}", "name": "", "design_mw": 2.0} for n in (1, 2, 3))
    )
    sources = table(
        "heat_sources",
        *(
            {
                "heat_source_id": name, "kind": "boiler_house", "heat_zone_id": zone,
                "capacity_mw": 9.0, "electric_mw": 0.1, "feeder_id": "F1",
            }
            for name, zone in (("P0", "H1"), ("B3", "H3"))
        ),
    )  # fmt: skip
    grid = street_net(100, looped=True, seed=3)
    made = small_city(heat_zones=zones, heat_sources=sources)
    return replace(made, heat_model=as_json(grid, ["H1", "H2"]))


def test_full_plants_serve_every_zone_that_has_mains(city: City) -> None:
    mains = heat_mains(city)
    assert mains is not None
    made = serve_by_mains(mains, 3, np.full((2, SLOTS), 9.0), np.full(SLOTS, 0.6))
    assert made.settled.all()
    assert made.zone_share[:2] == pytest.approx(1.0, abs=0.01)
    assert np.isnan(made.zone_share[2]).all()
    assert made.balance.error_share < 1e-3
    assert made.balance.lost > 0.0
    assert (made.delay_h > 0.0).all()


def test_a_weaker_plant_is_felt_later_the_farther_one_is(city: City) -> None:
    mains = heat_mains(city)
    assert mains is not None
    available = np.full((2, SLOTS), 9.0)
    available[0, 10:] = 1.5  # of about 4 MW
    needed = np.full(SLOTS, 0.9)
    made = serve_by_mains(mains, 3, available, needed)
    share = made.zone_share[0]
    assert share[9] > 0.98
    assert share[-1] < 0.7
    # Water that is still on its way as before keeps the first slot warmer than the last.
    assert share[10] >= share[-1]
    assert (np.diff(share[10:]) <= 1e-9).all()


def test_a_standing_pump_brings_nothing_and_no_cold_water(city: City) -> None:
    mains = heat_mains(city)
    assert mains is not None
    available = np.full((2, SLOTS), 9.0)
    available[0, 20:30] = 0.0
    made = serve_by_mains(mains, 3, available, np.full(SLOTS, 0.5))
    assert (made.zone_share[:2, 20:30] == 0.0).all()
    assert np.isnan(made.delay_h[:, 20:30]).all()
    tiny = serve_by_mains(mains, 3, np.full((2, SLOTS), 9.0), np.full(SLOTS, 0.01))
    assert ((tiny.zone_share[:2] > 0.5) & (tiny.zone_share[:2] <= 1.0)).all()


def situation(city: City) -> Situation:
    """Return a day of November."""
    return november_2022(city, SLOTS / 2)


def test_zones_without_mains_keep_their_balance(city: City) -> None:
    day = situation(city)
    slots = day.grid.slots
    served = serve_heat(
        city, day, np.ones((2, slots)), np.ones((len(city.water_zones), slots)),
        np.ones((len(city.blocks), slots), dtype=bool), NetworkParameters(), HeatStateParameters(),
    )  # fmt: skip
    assert served.zone_share[2] == pytest.approx(1.0)
    assert [b.name for b in served.balances] == ["heat", "heat mains"]
    assert all(b.error_share < 1e-3 for b in served.balances)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda _raw: "nothing", ""),
        (lambda raw: raw | {"pipes": 3}, "pipes"),
        (lambda raw: raw | {"sources": [raw["sources"][0] | {"id": "P9"}]}, "sources.id"),
        (lambda raw: raw | {"consumers": [raw["consumers"][0] | {"heat_zone_id": "X"}]},
         "consumers.heat_zone_id"),
        (lambda raw: raw | {"pipes": [raw["pipes"][0] | {"length_m": -1}]}, "pipes.length_m"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(city: City, change: object, place: str) -> None:
    assert city.heat_model is not None
    raw = change(json.loads(city.heat_model))  # type: ignore[operator]
    text = raw if isinstance(raw, str) else json.dumps(raw)
    bad = replace(city, heat_model=text)
    assert place in {p.place for p in check_heat_model(bad)}
    with pytest.raises(InputError):
        heat_mains(bad)


def test_a_model_goes_with_its_city(tmp_path: Path) -> None:
    made = replace(make_tiny_city(), heat_model='{"pipes": []}')
    write_city(made, tmp_path / "city")
    assert read_city(tmp_path / "city").heat_model == made.heat_model


def test_a_city_without_a_model_has_no_mains(city: City) -> None:
    assert heat_mains(replace(city, heat_model=None)) is None
    assert check_heat_model(replace(city, heat_model=None)) == []
    assert isinstance(city.heat_zones, pd.DataFrame)
