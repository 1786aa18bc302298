"""Water by zone and floor: from EPANET where it answers, else by zones and tanks, and told so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.networks.conftest import block, small_city, small_situation, table
from vatra.city.model import City
from vatra.homes import simulate_homes
from vatra.networks import make_outlook, simulate_networks
from vatra.networks import water_service as service
from vatra.networks.model import Services
from vatra.networks.water_answer import EPANET, ZONES
from vatra.networks.water_flow.library import find_library
from vatra.networks.water_flow.model import WaterFailure
from vatra.problems import InputError

needs_epanet = pytest.mark.skipif(find_library() is None, reason="no EPANET library installed")

MODEL = """
[JUNCTIONS]
M   100   0
W1  100  100
[RESERVOIRS]
R   100
[TANKS]
T   124  3  0.5  5  12  0
[PIPES]
p1  M  X  500  300  110  0  Open
p2  W1 T  200  300  110  0  Open
[JUNCTIONS]
X   100   0
[PUMPS]
U1  R  M  HEAD a
U2  X  W1  HEAD b
[CURVES]
a  0  25
a  120  20
a  200  5
b  0  20
b  120  15
b  180  3
[OPTIONS]
Units CMH
Headloss H-W
Demand Model PDA
Required Pressure 20
Minimum Pressure 0
[END]
"""
SLOTS = 96


def modelled(text: str = MODEL) -> City:
    return replace(small_city(), water_inp=text)


def serve(city: City, feeder_on: Any = None, **changes: Any) -> Services:
    on = np.ones((3, SLOTS), dtype=np.bool_) if feeder_on is None else feeder_on
    return simulate_networks(city, small_situation(SLOTS), on, hydraulics=True, **changes)


@needs_epanet
def test_epanet_serves_zones_and_floors() -> None:
    services = serve(modelled())
    water = services.water
    assert water is not None
    assert (water.method, water.reason, water.always_on) == (EPANET, "", ())
    assert (services.water_share > 0.99).all()
    # 25 m and more in the mains: five floors by pressure, the others by their own booster.
    assert (water.pressure_m > 25.0).all()
    assert (water.reach_floors >= 5).all()
    names = {balance.name: balance for balance in services.balances}
    assert names["water"].method == EPANET
    assert names["water"].error_share < 1e-3
    assert names["water"].delivered == pytest.approx(100.0 * SLOTS / 2, rel=0.01)


@needs_epanet
def test_top_floors_dry_first_and_last_come_back() -> None:
    on = np.ones((3, SLOTS), dtype=np.bool_)
    on[:, 20:60] = False
    city = modelled()
    services = serve(city, on)
    taps = services.block_water
    assert (np.diff(taps[0, 20:60]) <= 1e-6).all()
    # Nine floors without a booster fare worse than five, and these worse than two.
    assert (taps[0, 20:60] <= taps[1, 20:60] + 1e-6).all()
    assert (taps[1, 20:60] <= taps[3, 20:60] + 1e-6).all()
    assert taps[0, 20] < 1.0
    assert taps[3, 20] == 1.0
    assert taps[3, 59] == 0.0, "the tank is empty"
    assert (taps[:4, -1] == 1.0).all()
    homes = simulate_homes(city, small_situation(SLOTS), services.block_power, services.block_heat)
    outlook = make_outlook(city, services, homes)
    dry = outlook.dry_by_floor
    assert list(dry.columns) == ["1–2", "3–5", "6–9", "10–"]
    assert (dry.sum(axis=1) - outlook.people["no_water"]).abs().max() <= 3
    per_floor = dry["6–9"].to_numpy() / 4, dry["1–2"].to_numpy() / 2
    assert per_floor[0][20] > 0.0
    assert per_floor[1][20] == 0.0


@needs_epanet
def test_a_generator_lifts_its_part_while_its_fuel_lasts() -> None:
    on = np.zeros((3, SLOTS), dtype=np.bool_)
    bare = modelled()
    pumps = bare.pumps.copy()
    pumps["backup_mw"] = pumps["electric_mw"]
    pumps["backup_fuel_h"] = [30.0, 30.0, 0.0]
    backed = bare.with_tables(pumps=pumps)
    dry, fed = serve(bare, on).water_share[0], serve(backed, on).water_share[0]
    assert (fed[:56] > 0.99).all()
    assert dry[50] < 1e-3
    assert fed[-1] < 0.01, "the fuel is gone, then the tank"


@needs_epanet
def test_pumps_and_nodes_that_nobody_knows_are_told() -> None:
    city = modelled()
    pumps = city.pumps.rename(index={"U2": "other"})
    zones = table(
        "water_zones",
        {"water_zone_id": "W1", "demand_m3_h": 100.0, "tank_m3": 500.0},
        {"water_zone_id": "W2", "demand_m3_h": 10.0, "tank_m3": 5.0},
    )
    water = serve(city.with_tables(pumps=pumps, water_zones=zones)).water
    assert water is not None
    assert water.always_on == ("U2",)
    assert water.without_nodes == ("W2",)
    assert np.isnan(water.pressure_m[1]).all()
    assert np.isfinite(water.pressure_m[0]).all()


@needs_epanet
def test_nodes_belong_to_zones_by_their_table() -> None:
    zones = table(
        "water_zones",
        *({"water_zone_id": z, "demand_m3_h": 50.0, "tank_m3": 100.0} for z in ("low", "high")),
    )
    nodes = pd.DataFrame({"water_zone_id": ["low"], "assumed": False}, index=["W1"])
    nodes.index.name = "node_id"
    blocks = table("blocks", block("B1", water_zone_id="low"))
    city = modelled().with_tables(water_zones=zones, blocks=blocks)
    pumps = city.pumps.assign(water_zone_id=[None, "low", None])
    water = serve(replace(city, water_nodes=nodes, pumps=pumps)).water
    assert water is not None
    assert (water.method, water.without_nodes) == (EPANET, ("high",))


def test_without_a_model_zones_and_tanks_answer() -> None:
    water = serve(small_city()).water
    assert water is not None
    assert (water.method, water.reason) == (ZONES, "no model")
    model = modelled()
    quick = simulate_networks(model, small_situation(SLOTS), np.ones((3, SLOTS), np.bool_)).water
    assert quick is not None
    assert (quick.method, quick.reason) == (ZONES, "not asked")


@pytest.mark.parametrize("code", ["absent", "time", "steps", "crash", "refused", "balance"])
def test_where_epanet_gives_no_answer_zones_and_tanks_do(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "run_water", lambda *_: WaterFailure(code, "words"))
    city = modelled()
    services = serve(city)
    water = services.water
    assert water is not None
    assert (water.method, water.reason, water.detail) == (ZONES, code, "words")
    plain = serve(small_city())
    np.testing.assert_array_equal(services.water_share, plain.water_share)
    np.testing.assert_array_equal(services.block_water, plain.block_water)


def test_a_model_that_cannot_be_read_is_no_crash() -> None:
    water = serve(modelled("[JUNCTIONS]\n")).water
    assert water is not None
    assert (water.method, water.reason) == (ZONES, "refused")
    lost = modelled(MODEL.replace("W1", "Q1"))
    two = table(
        "water_zones",
        *({"water_zone_id": z, "demand_m3_h": 50.0, "tank_m3": 100.0} for z in ("W1", "W2")),
    )
    water = serve(lost.with_tables(water_zones=two)).water
    assert water is not None
    assert water.reason == "names"


def test_a_file_becomes_the_model_of_a_city(tmp_path: Path) -> None:
    path = tmp_path / "mains.inp"
    path.write_text(MODEL, encoding="utf-8")
    city, fit = service.with_water_model(small_city(), path)
    assert city.water_inp == MODEL
    assert (fit.pumps, fit.known_pumps, fit.zones, fit.known_zones) == (2, 2, 1, 1)
    path.write_text(MODEL.replace("U2  X", "U9  X"), encoding="utf-8")
    assert service.with_water_model(small_city(), path)[1].known_pumps == 1
    path.write_text(MODEL.replace("X  W1", "X  W7"), encoding="utf-8")
    with pytest.raises(InputError, match="no node «W7»"):
        service.with_water_model(small_city(), path)


@needs_epanet
def test_what_epanet_itself_refuses_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mains.inp"
    path.write_text(MODEL.replace("Headloss H-W", "Headloss odd"), encoding="utf-8")
    with pytest.raises(InputError, match="odd"):
        service.with_water_model(small_city(), path)
