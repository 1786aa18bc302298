"""Tables that the user has stay as they are, and what is made refers to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.city.lifelines_cities import CRS, bare_city
from vatra.city.check import check_city
from vatra.city.lifelines import add_lifelines
from vatra.city.lifelines.synthesis import LIFELINES
from vatra.city.model import City, empty_table
from vatra.city.schema import TABLE

FILLED = ("feeder_id", "heat_zone_id", "water_zone_id", "sewage_zone_id")


@pytest.fixture(scope="module")
def whole() -> City:
    return add_lifelines(bare_city(40_000, blocks=300), np.random.default_rng(5))


def keep_only(city: City, known: frozenset[str], *, forget: bool) -> City:
    """Take away all lifelines but those known, and the references of blocks and sites."""
    tables = {name: empty_table(name, CRS) for name in LIFELINES if name not in known}
    for name in ("blocks", "sites"):
        table = getattr(city, name).copy()
        for column in FILLED:
            if column in table and forget:
                table[column] = None
        tables[name] = table
    return city.with_tables(**tables)


@pytest.mark.parametrize("forget", [True, False])
@pytest.mark.parametrize(
    "known",
    [
        {"substations"},
        {"feeders"},
        {"substations", "feeders"},
        {"substations", "feeders", "customers"},
        {"customers"},
        {"heat_zones"},
        {"heat_sources"},
        {"heat_zones", "heat_sources", "feeders", "substations"},
        {"water_zones"},
        {"pumps"},
        {"sewage_zones", "water_zones", "pumps"},
        {"substations", "lines"},
        {"substations", "power_sources"},
        set(LIFELINES),
    ],
    ids=lambda known: "+".join(sorted(known)) if len(known) < 9 else "all",
)
def test_known_tables_stay(whole: City, known: set[str], forget: bool) -> None:
    bare = keep_only(whole, frozenset(known), forget=forget)
    city = add_lifelines(bare, np.random.default_rng(6), known=frozenset(known))
    assert check_city(city) == []
    for name in known:
        # References to tables that were made anew had to change; nothing else did.
        made = [c.name for c in TABLE[name].columns if c.kind == "ref" and set(c.refers_to) - known]
        pd.testing.assert_frame_equal(
            city.tables()[name].drop(columns=made), whole.tables()[name].drop(columns=made)
        )
    if not forget and "heat_zones" in known:
        pd.testing.assert_series_equal(city.blocks["heat_zone_id"], whole.blocks["heat_zone_id"])
    if not forget and "feeders" in known:
        pd.testing.assert_series_equal(city.blocks["feeder_id"], whole.blocks["feeder_id"])


def test_customers_on_known_feeders_fit_their_peaks(whole: City) -> None:
    known = frozenset({"substations", "feeders", "heat_zones", "heat_sources", "pumps",
                       "water_zones", "sewage_zones"})  # fmt: skip
    bare = keep_only(whole, known, forget=False)
    city = add_lifelines(bare, np.random.default_rng(6), known=known)
    drawn = city.customers.groupby("feeder_id")[["peak_mw"]].sum()
    critical = city.customers[city.customers["critical"]].groupby("feeder_id")["peak_mw"].sum()
    feeders = city.feeders.loc[drawn.index]
    assert (drawn["peak_mw"] <= feeders["peak_mw"] * (1 + 1e-9)).all()
    np.testing.assert_allclose(
        critical.reindex(city.feeders.index, fill_value=0.0), city.feeders["critical_mw"], atol=1e-5
    )


def test_water_model_of_known_zones_is_kept(whole: City) -> None:
    known = frozenset({"water_zones", "pumps"})
    mine = "[TITLE]\nmine\n[END]\n"
    city = keep_only(whole, known, forget=False)
    kept = add_lifelines(
        City(**{**vars(city), "water_inp": mine}), np.random.default_rng(0), known=known
    )
    assert kept.water_inp == mine


@pytest.mark.parametrize("name", LIFELINES)
def test_empty_known_tables_do_no_harm(name: str) -> None:
    bare = bare_city(8_000, blocks=80)
    city = add_lifelines(bare, np.random.default_rng(6), known=frozenset({name}))
    # A feeder must hang on something; any other table that is known to be empty stays empty.
    assert len(city.tables()[name]) == 0 or name in {"substations", "feeders"}
    assert city.feeders["peak_mw"].sum() == pytest.approx(city.about.known_peak_mw)
    assert city.blocks["feeder_id"].isin(city.feeders.index).all()
    lacking = {
        "heat_zones": {"blocks"},
        "heat_sources": {"blocks", "heat_zones"},
        "lines": {"substations"},
        "pumps": {"water_zones"},
    }
    found = {problem.place.split(".")[0] for problem in check_city(city)}
    assert found <= lacking.get(name, set())
