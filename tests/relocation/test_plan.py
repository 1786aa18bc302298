"""Who can't stay, counted once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.warm_points.conftest import city, grid, make_situation, outlook, streets
from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.relocation import plan_relocation
from vatra.relocation.plan import NO_PLACE, NO_SITE, NO_WATER, first_run
from vatra.situation.timegrid import TimeGrid
from vatra.warm_points import warm_points_of

__all__ = ["city", "grid", "outlook", "streets"]


def test_those_without_a_place_or_a_site_must_move(
    city: City, outlook: Outlook, grid: TimeGrid
) -> None:
    few = city.with_tables(sites=city.sites.loc[["W-2"]])
    warm = warm_points_of(few, make_situation(grid), outlook, reach_m=450.0)
    plan = plan_relocation(few, outlook, warm)
    # W-2 reaches B-3 and B-4 with 150 places for their 240 people; 240 others have no site.
    assert plan.people == 480 - 150
    people = plan.groups.set_index(["district_id", "reason"])["people"]
    assert people["left", NO_SITE] == 240
    assert people.sum() - people["left", NO_SITE] == 90
    # The vulnerable are too cold after an hour, below 16 °C; the blocks are after three, below 12.
    assert plan.groups["from_time"].eq(grid.start + pd.Timedelta(hours=3)).all()
    # All 34 vulnerable of the two blocks have a place; the 31 of the others have none.
    assert plan.vulnerable == 31
    assert (plan.groups["vulnerable"] <= plan.groups["people"]).all()


def test_nobody_moves_when_all_have_a_place(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    sites = city.sites.copy()
    sites["capacity"] = 1000
    roomy = city.with_tables(sites=sites)
    plan = plan_relocation(roomy, outlook, warm_points_of(roomy, make_situation(grid), outlook))
    assert plan.people == plan.vulnerable == 0
    assert plan.groups.empty


def test_a_block_that_is_cold_at_another_hour_only(
    city: City, outlook: Outlook, grid: TimeGrid
) -> None:
    # B-5 is cold in the first slot alone, when nobody else is, and far from any open site.
    outlook.homes.indoor_c[5, 0] = 5.0
    few = city.with_tables(sites=city.sites.loc[["W-0"]])
    warm = warm_points_of(few, make_situation(grid), outlook, reach_m=300.0)
    assert warm.blocks.loc["B-5", "need"] == 0
    plan = plan_relocation(few, outlook, warm)
    assert plan.groups.set_index(["district_id", "reason"])["people"]["right", NO_SITE] == 250


def test_water_takes_the_rest_of_a_block(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    water = np.ones_like(outlook.services.block_water)
    water[3:, 4:] = 0.0
    dry = replace(outlook, services=replace(outlook.services, block_water=water))
    few = city.with_tables(sites=city.sites.loc[["W-2"]])
    warm = warm_points_of(few, make_situation(grid), dry, reach_m=450.0)
    plan = plan_relocation(few, dry, warm, dry_h=3.0)
    by_reason = plan.groups.groupby("reason")["people"].sum()
    assert by_reason.to_dict() == {NO_SITE: 240, NO_PLACE: 90, NO_WATER: 150 + 50}
    assert plan.people == city.residents
    assert plan.vulnerable == int(city.blocks[["infants", "elderly", "disabled"]].sum().sum())
    since = plan.groups[plan.groups["reason"] == NO_WATER]["from_time"]
    assert since.eq(grid.start + pd.Timedelta(hours=2)).all()
    assert plan_relocation(few, dry, warm, dry_h=3.5).people == 330


def test_unknown_water_is_not_a_reason(city: City, outlook: Outlook, grid: TimeGrid) -> None:
    unknown = np.full_like(outlook.services.block_water, np.nan)
    outlook = replace(outlook, services=replace(outlook.services, block_water=unknown))
    warm = warm_points_of(city, make_situation(grid), outlook)
    assert NO_WATER not in set(plan_relocation(city, outlook, warm, dry_h=0.5).groups["reason"])


def test_first_run() -> None:
    flags = np.array([[0, 1, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1]], dtype=bool)
    assert first_run(flags, 2).tolist() == [3, -1, 0]
    assert first_run(flags, 1).tolist() == [1, 5, 0]
    assert first_run(flags, 7).tolist() == [-1, -1, -1]
