"""Homes answered in a plan, heat as a state, networks left out, and who is cut last."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.planning.conftest import change
from vatra.city import City
from vatra.homes import COUNTED_C
from vatra.networks.heat_state import HeatState
from vatra.planning import Plan, make_plan, summary_of
from vatra.planning.answers import draining
from vatra.planning.exposure import LEAST_LIGHT, MOST, exposure_of
from vatra.publish import summarise
from vatra.publish._homes_tables import (
    cold_first_sentence,
    heater_pickup_sentence,
    homes_table,
    pipes_table,
)
from vatra.publish.words import LANGUAGES
from vatra.situation import november_2022


def test_every_block_is_answered(plan: Plan) -> None:
    answers = plan.outlook.answers
    assert answers.index.equals(plan.city.blocks.index)
    assert (answers["hours_to_16"] <= answers["hours_to_12"]).all()
    frozen = answers["hours_to_freezing"]
    assert (answers["drain_by_h"] <= frozen).all()
    below = plan.outlook.homes.indoor_c < 12.0
    assert (np.isfinite(answers["hours_to_12"]).to_numpy() == below.any(axis=1)).all()


def test_the_range_holds_the_middle(plan: Plan) -> None:
    span = plan.outlook.below_range
    assert span is not None
    middle = plan.outlook.homes.people_below.to_numpy()
    assert (span[0] <= middle).all()
    assert (middle <= span[1]).all()
    assert (span[1] - span[0]).max() > 0.02 * plan.city.residents
    assert summary_of(plan)["people_most_range"].keys() == {f"below_{c:g}" for c in COUNTED_C}


def test_a_source_out_in_frost_drains_its_buildings(plan: Plan) -> None:
    services = plan.outlook.services
    water = services.block_heat_state
    assert water is not None
    source = plan.situation.damage[0].asset_id
    zone = plan.city.heat_sources.loc[source, "heat_zone_id"]
    alone = (plan.city.heat_sources["heat_zone_id"] == zone).sum() == 1
    mine = (plan.city.blocks["heat_zone_id"] == zone) & (plan.city.blocks["heating"] == "district")
    assert alone
    assert mine.any()
    assert (water[mine.to_numpy(), -1] == HeatState.DRAINED).all()
    first = int((plan.situation.weather.outdoor_c <= -3.0).argmax())
    assert not (water[:, :first] == HeatState.DRAINED).any()
    found = draining(plan.city, plan.outlook)
    assert found["drained_at_end"] >= plan.city.blocks["residents"][mine].sum()
    assert found["drained_in_time"] <= found["at_risk"] <= plan.city.residents


@pytest.mark.parametrize("code", ["en", "uk"])
def test_the_report_says_it(plan: Plan, code: str) -> None:
    language = LANGUAGES[code]
    homes, pipes = homes_table(plan, language), pipes_table(plan, language)
    assert homes is not None
    assert pipes is not None
    assert len(homes.rows) == len(plan.city.districts)
    assert all(len(row) == len(pipes.head) for row in pipes.rows)
    assert cold_first_sentence(plan, language)
    assert heater_pickup_sentence(plan, language)
    extra = plan.outlook.heater_pickup_mw
    assert extra is not None
    assert extra[0] == pytest.approx(0.0, abs=0.05)
    assert 0.0 < extra.max() < plan.demand.heater_mw.sum(axis=0).max()
    assert {"en": "drains the heating", "uk": "зливає опалення"}[code] in summarise(plan, code)


def test_exposure_is_borne_and_bounded(plan: Plan) -> None:
    outlook = plan.outlook
    found = exposure_of(plan.city, plan.situation, outlook.services, outlook.homes)
    assert found.weight.shape == (len(plan.city.feeders),)
    assert ((found.weight >= 0.0) & (found.weight <= MOST)).all()
    kept = (plan.city.feeders["protected"] | plan.city.feeders["reserved"]).to_numpy(bool)
    dark = 1.0 - outlook.services.feeder_live[~kept].mean()
    darkest = dark / np.mean(1.0 / (1.0 + found.weight[~kept]))
    assert darkest <= 1.0 - LEAST_LIGHT * (1.0 - dark) + 1e-6


def test_warm_homes_weigh_nothing(town: City) -> None:
    situation = november_2022(town, 12)
    mild = replace(situation.weather, outdoor_c=np.full(24, 19.0))
    made = make_plan(town, change(situation, weather=mild, damage=()), sites=1)
    assert made.exposure is not None
    assert made.exposure.by_cold.max() == pytest.approx(0.0, abs=1e-6)


def without(city: City, *tables: str) -> City:
    """Leave tables of a network out, and what refers to them."""
    changed = {name: city.tables()[name].iloc[:0] for name in tables}
    for name in ("blocks", "sites", "pumps", "heat_sources"):
        frame = changed.get(name, city.tables()[name]).copy()
        for column in ("heat_zone_id", "water_zone_id", "sewage_zone_id"):
            if column in frame and column.removesuffix("_id") + "s" in tables:
                frame[column] = pd.Series([None] * len(frame), index=frame.index, dtype=object)
        changed[name] = frame
    return city.with_tables(**changed)


@pytest.mark.parametrize(
    "tables",
    [
        ("heat_zones", "heat_sources"),
        ("water_zones", "sewage_zones", "pumps"),
        ("heat_zones", "heat_sources", "water_zones", "sewage_zones", "pumps"),
    ],
)
def test_a_city_plans_without_a_network(town: City, tables: tuple[str, ...]) -> None:
    city = replace(without(town, *tables), water_inp=None)
    if "heat_zones" in tables:
        blocks = city.blocks.assign(heating=city.blocks["heating"].replace("district", "electric"))
        city = city.with_tables(blocks=blocks)
    made = make_plan(city, november_2022(city, 12), sites=2)
    names = {b.name for b in made.balances}
    assert ("heat" in names) == ("heat_zones" not in tables)
    assert ("water" in names) == ("water_zones" not in tables)
    assert all(b.error_share < 1e-6 for b in made.balances if b.name == "heat")
    for code in ("en", "uk"):
        assert summarise(made, code)
    assert made.schedule.certificate.limit_excess_mw == 0.0


def test_every_balance_closes(any_plan: Plan) -> None:
    assert {b.name for b in any_plan.balances} >= {"heat"}
    for balance in any_plan.balances:
        assert balance.error_share < 1e-3, balance
