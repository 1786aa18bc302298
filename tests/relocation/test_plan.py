"""Who can't stay, counted once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.warm_points.conftest import city, grid, make_situation, outlook, streets
from vatra.city.model import City
from vatra.networks.model import Outlook
from vatra.relocation import plan_relocation
from vatra.relocation.come_back import find_return
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


def test_every_person_of_a_block_is_in_one_tier(city: City, outlook: Outlook) -> None:
    few = city.with_tables(sites=city.sites.loc[["W-2"]])
    warm = warm_points_of(few, make_situation(outlook.homes.grid), outlook, reach_m=450.0)
    plan = plan_relocation(few, outlook, warm, situation=make_situation(outlook.homes.grid))
    tiers = plan.blocks[["infants", "elderly", "disabled", "displaced", "others"]]
    assert (tiers >= 0).all().all()
    assert tiers.sum(axis=1).tolist() == plan.blocks["people"].tolist()
    assert plan.blocks["people"].sum() == plan.people
    frail = plan.blocks[["infants", "elderly", "disabled"]].to_numpy().sum()
    assert frail == plan.vulnerable
    residents = city.blocks["residents"].reindex(plan.blocks["block_id"]).to_numpy()
    by_block = plan.blocks.groupby("block_id")["people"].sum()
    assert (by_block <= city.blocks["residents"].reindex(by_block.index)).all()
    assert (plan.blocks["people"].to_numpy() <= residents).all()
    # Homes fall below 12 °C in the seventh slot.
    assert plan.blocks["leave_by"].eq(outlook.homes.grid.times[6]).all()
    assert plan.some is None  # this city says nothing of its ways out
    assert plan.everyone is None


def test_a_district_is_fit_when_it_is_warm_wet_and_lit_for_a_day(
    city: City, outlook: Outlook
) -> None:
    slots = 120
    grid = TimeGrid(outlook.homes.grid.start, slots)
    blocks = len(city.blocks)
    indoor = np.full((blocks, slots), 14.0, dtype=np.float32)
    indoor[:, 40:] = 18.0
    water = np.ones((blocks, slots), dtype=np.float32)
    water[4:, 100:] = 0.0  # the right bank falls dry again
    services = replace(
        outlook.services, grid=grid, block_power=np.ones((blocks, slots), dtype=bool),
        block_water=water,
    )  # fmt: skip
    later = replace(
        outlook, services=services, homes=replace(outlook.homes, grid=grid, indoor_c=indoor)
    )
    leaving = city.blocks["residents"].to_numpy(dtype=np.int64)
    table = find_return(city, later, leaving).set_index("district_id")
    assert table.loc["left", "fit_from"] == grid.times[40]
    assert table["fit_from"].isna().to_dict() == {"left": False, "right": True}
    assert table["lacks"].to_dict() == {"left": "", "right": "water"}
    dark = replace(services, block_power=np.zeros((blocks, slots), dtype=bool))
    none = find_return(city, replace(later, services=dark), leaving)
    assert none["fit_from"].isna().all()
    assert none["lacks"].tolist() == ["power", "water, power"]
    nobody = find_return(city, later, np.zeros(blocks, dtype=np.int64))
    assert nobody.empty
