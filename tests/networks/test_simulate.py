"""The networks as one, on a city that can be followed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.conftest import small_city, small_situation, table
from vatra.city.model import City, empty_table
from vatra.homes import simulate_homes
from vatra.networks import (
    NetworkParameters,
    feeder_available,
    make_outlook,
    simulate_networks,
)
from vatra.situation.model import Damage


def on(slots: int = 48) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.ones((3, slots), dtype=np.bool_)


def test_with_power_everything_works(city: City) -> None:
    services = simulate_networks(city, small_situation(), on())
    assert services.feeder_live.all()
    assert services.substation_live.all()
    np.testing.assert_allclose(services.heat_share, 1.0)
    np.testing.assert_allclose(services.water_share, 1.0)
    assert services.sewage_ok.all()
    assert services.block_power.all()
    np.testing.assert_allclose(services.block_heat[:2], 1.0)
    assert np.isnan(services.block_heat[2:]).all()
    np.testing.assert_allclose(services.block_water[:4], 1.0)
    assert np.isnan(services.block_water[4]).all()
    assert services.block_heat.dtype == services.block_water.dtype == np.float32


def test_no_power_stops_the_boiler_the_water_and_the_sewers(city: City) -> None:
    switched = on()
    switched[:, 8:] = False
    services = simulate_networks(city, small_situation(), switched)
    assert (services.heat_share[0, 8:] == 0.0).all()
    assert services.water_share[0, 8] == 1.0  # the tank
    assert services.water_share[0, -1] == 0.0
    assert services.sewage_ok[0, 8:15].all()
    assert not services.sewage_ok[0, 16:].any()
    assert (services.block_heat[1, 8:] == 0.0).all()


def test_pumped_heat_needs_the_feeder_of_the_block(city: City) -> None:
    switched = on()
    switched[0, 5] = False
    backed = city.heat_sources.assign(backup_mw=1.0, backup_fuel_h=24.0)
    services = simulate_networks(city.with_tables(heat_sources=backed), small_situation(), switched)
    np.testing.assert_allclose(services.heat_share, 1.0)
    assert services.block_heat[0, 5] == 0.0
    assert services.block_heat[0, 6] == 1.0
    assert services.block_heat[1, 5] == 1.0


def test_heat_falls_short_in_hard_frost_and_by_damage(city: City) -> None:
    half = Damage("heat_sources", "K1", 0, 48, remaining_share=0.5)
    services = simulate_networks(city, small_situation(outdoor_c=-22.0, damage=(half,)), on())
    np.testing.assert_allclose(services.heat_share, 0.6)
    mild = simulate_networks(city, small_situation(outdoor_c=0.0, damage=(half,)), on())
    np.testing.assert_allclose(mild.heat_share, 1.0)


def test_a_boiler_without_make_up_water_stops_later(city: City) -> None:
    works = Damage("pumps", "U1", 0, 48)
    services = simulate_networks(city, small_situation(damage=(works,)), on())
    dry = int(np.argmax(services.water_share[0] < 0.2))
    out = int(np.argmax(services.heat_share[0] == 0.0))
    assert out == dry + 12


def test_networks_may_be_absent() -> None:
    bare = {name: empty_table(name) for name in (
        "power_sources", "lines", "heat_zones", "heat_sources", "water_zones", "sewage_zones",
        "pumps", "customers",
    )}  # fmt: skip
    city = small_city(**bare)
    situation = small_situation()
    services = simulate_networks(city, situation, on())
    assert services.heat_share.shape == services.water_share.shape == (0, 48)
    assert services.sewage_ok.shape == (0, 48)
    assert services.block_power.all()
    assert np.isnan(services.block_water).all()
    np.testing.assert_allclose(services.block_heat[:2], 1.0)
    homes = simulate_homes(city, situation, services.block_power, services.block_heat)
    assert not make_outlook(city, services, homes).people.to_numpy().any()


def test_wrong_shape_is_refused(city: City) -> None:
    with pytest.raises(ValueError, match="feeder × slot"):
        simulate_networks(city, small_situation(), np.ones((3, 4), dtype=np.bool_))


def test_zones_without_pumps_works_or_demand(city: City) -> None:
    zones = table(
        "water_zones",
        {"water_zone_id": "W1", "demand_m3_h": 100.0},
        {"water_zone_id": "W2", "demand_m3_h": 0.0},
    )
    pumps = city.pumps[city.pumps["kind"] == "sewage"]
    services = simulate_networks(
        city.with_tables(water_zones=zones, pumps=pumps), small_situation(), ~on()
    )
    np.testing.assert_allclose(services.water_share, 1.0)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_more_feeders_never_serve_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = small_city()
    situation = small_situation(outdoor_c=float(rng.uniform(-20, 5)))
    some = np.repeat(rng.random((3, 8)) < 0.5, 6, axis=1)
    more = some | np.repeat(rng.random((3, 8)) < 0.4, 6, axis=1)
    less, served = (simulate_networks(city, situation, s) for s in (some, more))
    assert (served.feeder_live >= less.feeder_live).all()
    assert (served.heat_share >= less.heat_share - 1e-9).all()
    # Where more taps run more flows into the sewers: only with as much water is less power no help.
    same = (served.block_water == less.block_water) | np.isnan(less.block_water)
    if same.all():
        assert (served.sewage_ok >= less.sewage_ok).all()
    dark = ~less.feeder_live
    assert (dark | feeder_available(city, situation)).all()


def test_people_are_counted_by_what_they_lack(city: City) -> None:
    situation = small_situation()
    switched = on()
    switched[:, 24:] = False
    services = simulate_networks(city, situation, switched, NetworkParameters(source_ramp_h=0.0))
    homes = simulate_homes(city, situation, services.block_power, services.block_heat)
    outlook = make_outlook(city, services, homes)
    people = outlook.people
    assert list(people.columns) == [
        "dark", "no_heat", "no_water", "below_16", "below_12", "below_8", "below_5",
    ]  # fmt: skip
    assert isinstance(people.index, pd.DatetimeIndex)
    assert str(people.index.tz) == "UTC"
    assert (people["dark"].iloc[:24] == 0).all()
    assert (people["dark"].iloc[24:] == 1250).all()
    assert (people["no_heat"].iloc[24:] == 500).all()
    assert people["no_water"].iloc[24] == round(250 * 4 / 9 * 2)
    assert people["no_water"].iloc[-1] == 1000
    assert people["below_16"].iloc[-1] >= people["below_12"].iloc[-1]
