"""The synthetic city in November 2022: are heat, water and temperatures believable?"""

from __future__ import annotations

import numpy as np
import pytest

from vatra.city.model import City
from vatra.city.synthetic import make_city
from vatra.homes import HomeParameters, block_physics, hours_until, simulate_homes
from vatra.networks import feeder_available, make_outlook, simulate_networks
from vatra.situation import november_2022


@pytest.fixture(scope="module")
def demo() -> City:
    return make_city(20_000)


def test_homes_need_the_heat_that_their_zones_are_designed_for(demo: City) -> None:
    # Homes at −22 °C by their physics, against the zones' design heat, which has hot water and
    # public buildings in it.
    nodes = block_physics(demo)
    area = demo.blocks["floor_area_m2"].to_numpy(np.float64)
    need_mw = nodes.loss_w_k * area * 42.0 / 1e6
    zone = demo.rows("blocks", "heat_zone_id", "heat_zones")
    ratio = need_mw[zone >= 0].sum() / demo.heat_zones["design_mw"].sum()
    assert 0.65 <= ratio <= 1.05
    assert demo.heat_sources["capacity_mw"].sum() >= need_mw[zone >= 0].sum()


def test_heated_homes_stay_warm_and_those_whose_plant_is_out_cool_for_days(demo: City) -> None:
    situation = november_2022(demo)
    on = np.ones((len(demo.feeders), situation.grid.slots), dtype=np.bool_)
    available = feeder_available(demo, situation)
    assert available.all()
    services = simulate_networks(demo, situation, on)
    # The first heat source is out; in a small town it may be the only one.
    no_power = np.zeros_like(services.block_power)
    homes = simulate_homes(demo, situation, services.block_power, services.block_heat)
    district = (demo.blocks["heating"] == "district").to_numpy()
    warm = district & (services.block_heat.min(axis=1) > 0.99)
    cold = district & (services.block_heat.max(axis=1) < 0.01)
    assert cold.any()
    if warm.any():
        assert homes.indoor_c[warm].min() > 18.0
    dark = simulate_homes(
        demo, situation, no_power, services.block_heat, HomeParameters(stove_kw=0.0)
    )
    hours = hours_until(dark.indoor_c[cold], [16.0, 12.0, 8.0])
    assert 1.5 <= np.median(hours[:, 0]) <= 16.0
    assert 12.0 <= np.median(hours[:, 1]) <= 48.0
    assert np.median(hours[:, 2]) >= 30.0
    # Heaters soften it, and never more than the dwellings that own one can draw.
    assert (homes.indoor_c[cold] >= dark.indoor_c[cold] - 2e-3).all()
    drawn_mw = homes.heater_want_kw.sum(axis=0).max() / 1e3
    assert 0.0 < drawn_mw <= demo.blocks["dwellings"].sum() * 1.5 * 0.6 / 1e3 * 1.2


def test_people_are_never_more_than_the_city_has(demo: City) -> None:
    situation = november_2022(demo)
    rng = np.random.default_rng(1)
    slots = situation.grid.slots
    on = np.repeat(rng.random((len(demo.feeders), slots // 8)) < 0.4, 8, axis=1)
    services = simulate_networks(demo, situation, on)
    homes = simulate_homes(demo, situation, services.block_power, services.block_heat)
    people = make_outlook(demo, services, homes).people
    assert (people.to_numpy() >= 0).all()
    assert (people.to_numpy() <= demo.residents).all()
    assert people["dark"].max() > 0
