from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.situation.small_city import make_small_city
from vatra.city.model import City, empty_table
from vatra.city.synthetic import make_city
from vatra.demand import ColdResponse, Demand, Pickup, forecast_demand
from vatra.situation import Situation, TimeGrid, Weather, november_2022


def steady(outdoor_c: float, start: str = "2022-11-24T00:00", slots: int = 48) -> Situation:
    """A day of one temperature."""
    grid = TimeGrid(pd.Timestamp(start, tz="Europe/Kyiv"), slots)
    zeros, nothing = np.zeros(slots), np.full(slots, np.nan)
    return Situation("A day", grid, nothing, nothing, Weather(zeros + outdoor_c, zeros, zeros))


def day_of(city: City, outdoor_c: float, start: str = "2022-11-24T00:00") -> Demand:
    return forecast_demand(city, steady(outdoor_c, start))


def evening_mw(demand: Demand) -> float:
    return float(demand.total_mw[demand.grid.hour == 18.0][0])


def test_the_cold_working_day_peaks_at_the_known_peak() -> None:
    for peak_mw in (1500.0, 10.0):
        demand = day_of(make_small_city(peak_mw=peak_mw), -10.0)
        assert demand.total_mw.max() == pytest.approx(peak_mw)
        assert 17.0 <= demand.grid.hour[demand.total_mw.argmax()] <= 19.5


def test_the_city_meets_the_public_figures() -> None:
    city = make_small_city()
    november = forecast_demand(city, november_2022(city))
    at = november.grid.local == pd.Timestamp("2022-11-24T18:00", tz="Europe/Kyiv")
    sensitivity = evening_mw(day_of(city, -4.0)) - evening_mw(day_of(city, 1.0))
    rows = [
        ("winter peak, -10 °C", day_of(city, -10).total_mw.max(), 1499, 1501),
        ("mild evening, +5 °C", evening_mw(day_of(city, 5)), 1000, 1200),
        ("mild evening, +2 °C", evening_mw(day_of(city, 2)), 1000, 1200),
        ("24 November 2022, 18:00", november.total_mw[at][0], 1420, 1540),
        ("critical at the peak", november.critical_mw.sum(axis=0)[at][0], 365, 385),
        ("5 degrees colder", sensitivity, 240, 260),
    ]
    lines = [f"{name:<26}  {got:8.0f}   {low} to {high}" for name, got, low, high in rows]
    print("MW", "forecast beside public figures", *lines, sep="\n")  # noqa: T201
    for name, got, low, high in rows:
        assert 0.99 * low <= got <= 1.01 * high, name


def test_each_feeder_has_its_share_of_the_peak() -> None:
    city = make_small_city()
    feeders = city.feeders.copy()
    feeders["peak_mw"] *= np.linspace(1.0, 2.0, len(feeders))
    demand = day_of(city.with_tables(feeders=feeders), -10.0)
    evening = demand.load_mw[:, demand.grid.hour == 18.0][:, 0]
    share = feeders["peak_mw"].to_numpy() / feeders["peak_mw"].sum()
    np.testing.assert_allclose(evening / evening.sum(), share, rtol=1e-6)


def test_a_feeder_follows_its_customers() -> None:
    city = make_small_city(feeders=2)
    customers = city.customers.copy()
    work = customers["kind"].isin(["office", "industry", "school"])
    customers.loc[work, "feeder_id"] = "F-0001"
    customers.loc[~work, "feeder_id"] = "F-0002"
    blocks = city.blocks.assign(feeder_id="F-0002")
    feeders = city.feeders.assign(peak_mw=[250.0, 1250.0])
    demand = day_of(city.with_tables(customers=customers, blocks=blocks, feeders=feeders), 10.0)
    busiest = demand.grid.hour[demand.load_mw.argmax(axis=1)]
    assert 8 <= busiest[0] <= 15
    assert 17 <= busiest[1] <= 20


def test_weekends_are_lighter_by_day() -> None:
    city = make_small_city()
    thursday, saturday = day_of(city, 0.0), day_of(city, 0.0, "2022-11-26T00:00")
    assert saturday.load_mw.sum() < 0.97 * thursday.load_mw.sum()


def test_it_grows_with_the_cold_but_not_beyond_the_design_cold() -> None:
    city = make_small_city()
    energy = [day_of(city, outdoor_c).load_mw.sum() for outdoor_c in (15, 5, 0, -3, -5, -20)]
    assert energy[0] == energy[1] < energy[2] < energy[3] < energy[4] == energy[5]
    flat = forecast_demand(city, steady(0.0), response=ColdResponse(peak_share=0.0))
    cold = forecast_demand(city, steady(-9.0), response=ColdResponse(peak_share=0.0))
    np.testing.assert_array_equal(flat.load_mw, cold.load_mw)


def test_tables_without_customers_keep_their_peaks_and_critical_load() -> None:
    city = make_small_city(customers=False)
    demand = day_of(city, -10.0)
    assert demand.total_mw.max() == pytest.approx(1500.0)
    np.testing.assert_allclose(demand.critical_mw.sum(axis=0), 375.0, rtol=0.02)
    bare = city.with_tables(blocks=city.blocks.iloc[:0])
    np.testing.assert_array_equal(day_of(bare, -10.0).load_mw, demand.load_mw)


def test_critical_customers_stand_before_the_feeders_figure() -> None:
    city = make_small_city()
    feeders = city.feeders.assign(critical_mw=0.0)
    np.testing.assert_array_equal(
        day_of(city.with_tables(feeders=feeders), -10.0).critical_mw,
        day_of(city, -10.0).critical_mw,
    )


def test_customers_larger_than_their_feeder_are_not_hidden() -> None:
    city = make_small_city()
    low = city.with_tables(feeders=city.feeders.assign(peak_mw=1.0))
    demand = day_of(low, -10.0)
    assert demand.total_mw.max() == pytest.approx(1500.0)
    assert (demand.critical_mw <= demand.load_mw + 1e-9).all()


def test_customers_and_blocks_without_a_feeder_are_left_out() -> None:
    city = make_small_city()
    lost = city.customers.copy()
    lost.loc[lost.index[:3], "feeder_id"] = None
    demand = day_of(city.with_tables(customers=lost), -10.0)
    assert demand.total_mw.max() == pytest.approx(1500.0)


def test_a_city_that_draws_nothing_draws_nothing() -> None:
    city = make_small_city(customers=False)
    feeders = city.feeders.assign(peak_mw=0.0, critical_mw=0.0)
    assert day_of(city.with_tables(feeders=feeders), -10.0).load_mw.max() == 0.0
    none = city.with_tables(feeders=city.feeders.iloc[:0], customers=empty_table("customers"))
    assert day_of(none, -10.0).load_mw.shape == (0, 48)


def test_heaters_are_summed_to_their_feeders() -> None:
    city = make_small_city()
    situation = steady(-5.0)
    blocks = len(city.blocks)
    want_kw = np.random.default_rng(1).random((blocks, 48), dtype=np.float32) * 300
    plain = forecast_demand(city, situation)
    demand = forecast_demand(city, situation, want_kw)
    expected = np.zeros_like(plain.load_mw)
    np.add.at(expected, city.rows("blocks", "feeder_id", "feeders"), want_kw / 1000)
    np.testing.assert_allclose(demand.heater_mw, expected, rtol=1e-5)
    np.testing.assert_allclose(demand.load_mw, plain.load_mw + demand.heater_mw)
    np.testing.assert_array_equal(demand.critical_mw, plain.critical_mw)
    assert plain.heater_mw.max() == 0.0
    with pytest.raises(ValueError, match="heaters are"):
        forecast_demand(city, situation, want_kw[1:])
    lost = city.with_tables(blocks=city.blocks.assign(feeder_id=None))
    assert forecast_demand(lost, situation, want_kw).heater_mw.max() == 0.0


@pytest.mark.parametrize(("start", "slots"), [("2023-03-26T00:00", 46), ("2022-10-30T00:00", 50)])
def test_profiles_keep_to_the_clock_when_it_changes(start: str, slots: int) -> None:
    city = make_small_city()
    ordinary = forecast_demand(city, steady(0.0, "2022-11-27T00:00"))  # a Sunday too
    demand = forecast_demand(city, steady(0.0, start, slots))
    by_hour = dict(zip(ordinary.grid.hour, ordinary.total_mw, strict=True))
    expected = [by_hour[hour] for hour in demand.grid.hour]
    np.testing.assert_allclose(demand.total_mw, expected)


def test_one_slot_is_enough() -> None:
    demand = forecast_demand(make_small_city(), steady(-5.0, slots=1), pickup=Pickup(extra=1.0))
    assert demand.load_mw.shape == (12, 1)
    assert demand.pickup.extra == 1.0
    assert demand.feeder_id[0] == "F-0001"


def test_the_carriers_that_it_reads_are_left_alone() -> None:
    city = make_small_city()
    before = {name: table.copy() for name, table in city.tables().items()}
    situation = steady(-5.0)
    forecast_demand(city, situation)
    for name, table in city.tables().items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before[name]))
    warm = replace(situation.weather, outdoor_c=situation.weather.outdoor_c + 20)
    assert forecast_demand(city, replace(situation, weather=warm)).total_mw.max() < 1100


def test_a_synthetic_city_wants_what_its_peak_allows() -> None:
    city = make_city(20_000, seed=3)
    demand = forecast_demand(city, november_2022(city))
    peak_mw = city.about.known_peak_mw
    assert 0.98 * peak_mw < demand.total_mw.max() <= peak_mw * (1 + 1e-9)
    assert 0.5 * peak_mw < demand.total_mw.min()
    assert demand.critical_mw.sum(axis=0).max() == pytest.approx(0.25 * peak_mw, rel=0.05)
    assert (demand.load_mw >= demand.critical_mw - 1e-12).all()
