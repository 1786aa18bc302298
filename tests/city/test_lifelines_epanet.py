"""The water network as EPANET reads and runs it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.city.lifelines_cities import bare_city
from vatra.city.lifelines import add_lifelines
from vatra.city.lifelines.epanet import HOURLY, write_water_inp
from vatra.city.lifelines.ground import survey
from vatra.city.model import City

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    wntr = pytest.importorskip("wntr")


def make(residents: int, blocks: int, **changes: Any) -> City:
    return add_lifelines(bare_city(residents, blocks=blocks, **changes), np.random.default_rng(2))


def run(text: str, folder: Path) -> tuple[Any, Any]:
    """Run a model for its 24 hours; EPANET's errors and warnings are raised."""
    file = folder / "water.inp"
    file.write_text(text, encoding="utf-8")
    network = wntr.network.WaterNetworkModel(str(file))
    return network, wntr.sim.EpanetSimulator(network).run_sim(file_prefix=str(folder / "run"))


@pytest.mark.parametrize(("residents", "blocks"), [(1_000, 20), (80_000, 400), (3_000_000, 2_000)])
def test_runs_a_day_with_pressure_everywhere(residents: int, blocks: int, tmp_path: Path) -> None:
    city = make(residents, blocks)
    network, result = run(city.water_inp or "", tmp_path)
    assert network.options.hydraulic.demand_model == "PDA"
    assert result.node["pressure"].index[-1] == 24 * 3600
    pressure = result.node["pressure"][network.junction_name_list]
    assert pressure.min().min() > 10.0
    zones = list(city.water_zones.index)
    # What is owed to the floors that the table says the mains reach, less half a floor.
    owed = 10.0 + 4.0 * (city.water_zones["gravity_floors"] - 1.0)
    assert (pressure[zones].min() > owed - 2.0).all()
    assert pressure[zones].max().max() < 100.0
    report = (tmp_path / "run.rpt").read_text(encoding="utf-8", errors="replace")
    assert "WARNING" not in report.upper()
    served = 3600.0 * result.node["demand"][zones].iloc[:-1].mean()
    np.testing.assert_allclose(served, city.water_zones["demand_m3_h"], rtol=0.001)


def test_names_and_tanks_agree_with_the_tables(tmp_path: Path) -> None:
    city = make(300_000, 900)
    network, result = run(city.water_inp or "", tmp_path)
    pumps = city.pumps[city.pumps["kind"].isin(["water", "water_works"])]
    assert set(network.pump_name_list) == set(pumps.index)
    assert set(city.water_zones.index) <= set(network.junction_name_list)
    assert network.num_reservoirs == (pumps["kind"] == "water_works").sum()
    for zone, tank_m3 in city.water_zones["tank_m3"].items():
        tank = network.get_node(f"T-{zone}")
        usable = np.pi * tank.diameter**2 / 4 * (tank.max_level - tank.min_level)
        assert usable == pytest.approx(tank_m3, rel=0.001)
    flow = 3600.0 * result.link["flowrate"][list(pumps.index)]
    assert (flow.max() <= pumps["capacity_m3_h"]).all()


def test_day_pattern_has_a_mean_of_one() -> None:
    assert len(HOURLY) == 24
    assert np.mean(HOURLY) == pytest.approx(1.0)


def test_zones_without_stations_tanks_or_plain_names(tmp_path: Path) -> None:
    city = make(60_000, 200)
    names = {zone: f"zone; no {n} " for n, zone in enumerate(city.water_zones.index)}
    zones = city.water_zones.rename(index=names)
    zones.loc[zones.index[0], "tank_m3"] = 0.0
    pumps = city.pumps.copy()
    pumps["water_zone_id"] = pumps["water_zone_id"].map(names)
    first = pumps["water_zone_id"] == zones.index[0]
    blocks = city.blocks.copy()
    blocks["water_zone_id"] = blocks["water_zone_id"].map(names)
    odd = city.with_tables(water_zones=zones, pumps=pumps[~first], blocks=blocks)
    network, result = run(write_water_inp(odd, survey(odd)) or "", tmp_path)
    assert network.num_tanks == len(zones) - 1
    assert result.node["pressure"][network.junction_name_list].min().min() > 0.0


def test_no_model_without_works() -> None:
    city = make(2_000, 20)
    none = city.with_tables(pumps=city.pumps[city.pumps["kind"] != "water_works"])
    assert write_water_inp(none, survey(none)) is None
    bare = replace(city, water_zones=pd.DataFrame(city.water_zones.iloc[:0]))
    assert write_water_inp(bare, survey(bare)) is None
