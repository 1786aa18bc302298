from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.situation.small_city import make_small_city
from vatra.city.model import empty_table
from vatra.situation import november_2022


def test_limits_change_at_midnight_and_scale_with_the_city() -> None:
    situation = november_2022(make_small_city())
    assert situation.grid.local[0] == pd.Timestamp("2022-11-23T14:00", tz="Europe/Kyiv")
    assert situation.grid.slots == 144
    assert set(situation.limit_mw[:20]) == {430.0}
    assert set(situation.limit_mw[20:]) == {690.0}
    small = november_2022(make_small_city(peak_mw=15.0))
    np.testing.assert_allclose(small.limit_mw * 100, situation.limit_mw)
    assert "same share" in small.claims[0].text


def test_the_cold_spell_falls_from_zero_to_minus_ten() -> None:
    weather = november_2022(make_small_city()).weather
    assert weather.outdoor_c[:24].min() >= -3
    assert weather.outdoor_c[:24].max() <= 0
    assert -10.2 <= weather.outdoor_c[96:].min() <= -9.5
    assert np.abs(np.diff(weather.outdoor_c)).max() < 0.5
    assert "Assumed" in weather.source
    assert "−4 to +3" in weather.source


def test_the_sun_is_weak_and_only_by_day() -> None:
    situation = november_2022(make_small_city())
    solar, hour = situation.weather.solar_w_m2, situation.grid.hour
    assert 70 < solar.max() < 160
    assert solar[(hour >= 17) | (hour < 7)].max() == 0
    assert 11 <= hour[solar.argmax()] <= 12.5


@pytest.mark.parametrize("hours", [0.5, 24, 72, 400])
def test_every_horizon_has_all_its_slots(hours: float) -> None:
    situation = november_2022(make_small_city(), hours)
    weather = situation.weather
    assert situation.grid.slots == hours * 2
    for values in (situation.limit_mw, weather.outdoor_c, weather.wind_m_s, weather.solar_w_m2):
        assert values.shape == (hours * 2,)
        assert np.isfinite(values).all()
    assert weather.outdoor_c.min() >= -10.0
    if hours == 400:
        assert np.abs(np.diff(weather.outdoor_c)).max() < 0.5
        np.testing.assert_allclose(weather.outdoor_c[-48:], weather.outdoor_c[-96:-48])


def test_a_chp_plant_is_out_with_nobody_saying_until_when() -> None:
    situation = november_2022(make_small_city())
    (damage,) = situation.damage
    assert (damage.table, damage.asset_id, damage.end_known) == ("heat_sources", "H-001", False)
    assert damage.end_slot == 144
    assert situation.basis == "if confirmed"
    claim = next(c for c in situation.claims if c.claim_id == damage.claims[0])
    assert claim.basis == "if confirmed"
    assert claim.source == "exercise"
    assert {c.claim_id for c in situation.claims} == {
        i for v in situation.cited.values() for i in v
    }


def test_without_a_chp_plant_it_is_the_largest_boiler_house() -> None:
    (damage,) = november_2022(make_small_city(chp=False)).damage
    assert damage.asset_id == "H-002"


def test_a_city_without_heat_sources_has_no_damage() -> None:
    city = make_small_city().with_tables(heat_sources=empty_table("heat_sources", "EPSG:32636"))
    situation = november_2022(city, hours=24)
    assert situation.damage == ()
    assert situation.basis == "confirmed"
    assert november_2022(city).basis == "if confirmed"  # nobody named a limit for the 26th
