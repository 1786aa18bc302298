"""EPANET in its own process: its own answers at work, water that adds up without power."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.water_flow.nets import PUBLISHED, TOWN, epanet_alone, outages, published
from vatra.city.epanet_file import parse_epanet, read_epanet
from vatra.networks.water_flow import (
    RunSettings,
    WaterFailure,
    WaterRun,
    run_water,
    run_water_many,
)
from vatra.networks.water_flow import run as running
from vatra.networks.water_flow.gates import PIECES, straightened
from vatra.networks.water_flow.library import find_library

pytestmark = pytest.mark.skipif(find_library() is None, reason="no EPANET library installed")

SLOTS, SLOT_S, REQUIRED_M = 48, 1800, 20.0


def town_run(share: np.ndarray, **changes: object) -> WaterRun:
    network = parse_epanet(TOWN)
    answer = run_water(network, network.pumps, share, RunSettings(**changes))  # type: ignore[arg-type]
    assert isinstance(answer, WaterRun), answer
    return answer


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_network_at_work_runs_as_epanet_alone_runs_it(name: str, tmp_path: Path) -> None:
    path = published(name)
    if path is None:
        pytest.skip("needs the example networks of wntr")
    network = read_epanet(path)
    share = np.ones((len(network.pumps), SLOTS))
    run = run_water(network, network.pumps, share, RunSettings(required_m=REQUIRED_M))
    assert isinstance(run, WaterRun)
    head, flow = epanet_alone(path, tmp_path, network, SLOTS, SLOT_S, REQUIRED_M)
    # Three tanks of Net6 hang on pipes that controls command, and get a gate: millimetres.
    np.testing.assert_allclose(run.head_m, head, atol=0.005 if name == "Net6" else 1e-9)
    np.testing.assert_allclose(run.flow_m3_h, flow, atol=0.2 if name == "Net6" else 1e-9)
    assert run.error_share < 1e-4


@pytest.mark.parametrize(("name", "runs"), [("Net1", 10), ("Net3", 10), ("ky4", 5), ("ky10", 5)])
def test_water_adds_up_whatever_pumps_are_out(name: str, runs: int) -> None:
    path = published(name)
    if path is None:
        pytest.skip("needs the example networks of wntr")
    network = read_epanet(path)
    shares = outages(np.random.default_rng(7), runs, len(network.pumps), SLOTS)
    for run in run_water_many(network, network.pumps, shares):
        assert isinstance(run, WaterRun), run
        assert run.error_share <= 0.001
        assert run.solves < 8 * SLOTS
        assert (run.delivered_m3 <= run.wanted_m3 + 1e-6).all()


def test_pumps_out_drain_the_tank_and_come_back_as_controls_want_them() -> None:
    share = np.ones((2, SLOTS))
    share[:, 8:24] = 0.0
    run = town_run(share)
    pumps = [run.links.index("P1"), run.links.index("P2")]
    tank = run.nodes.index("T")
    assert np.abs(run.flow_m3_h[pumps, 9:24]).max() < 0.01
    assert run.tank_m3[tank, 22] == pytest.approx(np.pi * 25 * 0.5, rel=0.02)
    served = run.delivered_m3.sum(axis=0) / run.wanted_m3.sum(axis=0)
    assert served[6] > 0.99
    assert served[8] > 0.9, "the tank feeds the town for a while"
    assert served[22] < 0.01
    # Low after the outage, the tank wants the second pump too.
    assert (run.flow_m3_h[pumps, 25] > 10.0).all()
    assert run.tank_m3[tank, 40] > run.tank_m3[tank, 24]
    assert served[30] > 0.99
    assert run.error_share < 1e-4


def test_part_of_a_pumps_units_lift_as_much_less() -> None:
    whole = town_run(np.ones((2, 4)))
    part = np.ones((2, 4))
    part[0] = 0.5
    half = town_run(part)
    pump = whole.links.index("P1")
    ratio = half.flow_m3_h[pump, 1] / whole.flow_m3_h[pump, 1]
    assert 0.45 < ratio < 0.65


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_more_power_never_serves_the_town_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = parse_epanet(TOWN.replace("LINK P2", ";"))  # controls may decide otherwise
    less = (rng.random((2, 24)) < 0.5).astype(np.float64)
    more = np.maximum(less, rng.random((2, 24)) < 0.4)
    runs = run_water_many(network, network.pumps, np.stack([less, more]))
    served = [run.delivered_m3.sum() for run in runs if isinstance(run, WaterRun)]
    assert len(served) == 2
    assert served[1] >= served[0] * 0.999


def test_a_tank_of_a_bucket_does_not_make_a_step_of_every_second() -> None:
    bucket = TOWN.replace("T   135  2  0.5  4  10  0", "T   135  2  1.9  2.1  1  0")
    network = parse_epanet(bucket)
    shares = outages(np.random.default_rng(3), 5, 2, SLOTS)
    for run in run_water_many(network, network.pumps, shares):
        assert isinstance(run, WaterRun), run
        assert run.solves < 20 * SLOTS
        assert run.error_share <= 0.001


def test_a_network_that_has_run_dry_starts_up_again() -> None:
    # Without a tank nothing moves while pumps are out; fitted curves are flat where they start.
    dry = (
        TOWN.replace("T   135  2  0.5  4  10  0", "")
        .replace("p3  B  T", ";")
        .replace("LINK P2", ";")
    )
    network = parse_epanet(dry.replace("lift   0   55", "lift   0   45.5"))
    share = np.ones((2, SLOTS))
    share[:, 8:40] = 0.0
    run = run_water(network, network.pumps, share)
    assert isinstance(run, WaterRun), run
    served = run.delivered_m3.sum(axis=0) / run.wanted_m3.sum(axis=0)
    assert served[20] < 1e-3
    assert served[41] > 0.95
    assert run.error_share < 1e-3


@pytest.mark.parametrize("points", [[(90.0, 45.0)], [(0.0, 55.0), (90.0, 45.0), (160.0, 15.0)]])
def test_straight_pieces_follow_the_fitted_curve(points: list[tuple[float, float]]) -> None:
    lines = "\n".join(f"lift {flow} {head}" for flow, head in points)
    start, end = TOWN.index("lift   0"), TOWN.index("[PATTERNS]")
    fitted = parse_epanet(TOWN[:start] + lines + "\n" + TOWN[end:])
    straight = straightened(fitted)
    assert len(straight.sections["CURVES"]) == PIECES + 1
    flows = []
    for network in (fitted, straight):
        run = run_water(network, network.pumps, np.ones((2, 8)))
        assert isinstance(run, WaterRun)
        flows.append(run.flow_m3_h)
    np.testing.assert_allclose(flows[1], flows[0], atol=2.5)


def test_demand_follows_the_hour_at_which_the_horizon_starts() -> None:
    at_midnight = town_run(np.ones((2, 8)), start_s=0)
    at_noon = town_run(np.ones((2, 8)), start_s=12 * 3600)
    wanted = [run.wanted_m3.sum(axis=0)[0] for run in (at_midnight, at_noon)]
    assert wanted[1] / wanted[0] == pytest.approx(1.4 / 0.6, rel=1e-3)


def test_no_answer_within_the_limit_is_an_answer() -> None:
    network = parse_epanet(TOWN)
    failure = run_water(network, network.pumps, np.ones((2, 4)), RunSettings(limit_s=0.01))
    assert isinstance(failure, WaterFailure)
    assert failure.code == "time"


def test_without_the_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "find_library", lambda: None)
    network = parse_epanet(TOWN)
    failure = run_water(network, network.pumps, np.ones((2, 4)))
    assert isinstance(failure, WaterFailure)
    assert failure.code == "absent"


def test_what_epanet_refuses_is_told_with_its_words() -> None:
    odd = TOWN.replace("Headloss H-W", "Headloss nonsense")
    network = parse_epanet(odd)
    failure = run_water(network, network.pumps, np.ones((2, 4)))
    assert isinstance(failure, WaterFailure)
    assert failure.code == "refused"
    assert any("nonsense" in line for line in running.epanet_complaints(network))


def test_same_input_same_bytes() -> None:
    share = outages(np.random.default_rng(5), 4, 2, 24)[3]
    first, second = town_run(share), town_run(share)
    np.testing.assert_array_equal(first.head_m, second.head_m)
    np.testing.assert_array_equal(first.delivered_m3, second.delivered_m3)


def test_pumps_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="not pumps of the network"):
        run_water(parse_epanet(TOWN), ["P9"], np.ones((1, 4)))
