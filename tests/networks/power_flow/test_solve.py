"""What can be worked out by hand: voltages, islands, and no operating point as an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.networks.power_flow.conftest import two_buses
from vatra.networks.power_flow import PowerGrid, solve_ac, solve_dc
from vatra.problems import InputError


def test_two_buses_by_hand() -> None:
    flow = solve_ac(two_buses())
    # p = v sin(d) / x and q = 0 give v² = (1 + sqrt(1 - 4 (p x)²)) / 2.
    expected = np.sqrt((1.0 + np.sqrt(1.0 - 4.0 * (0.5 * 0.1) ** 2)) / 2.0)
    assert flow.voltage_pu[0, 1] == pytest.approx(expected, abs=1e-9)
    assert flow.bus_table().loc["B", "v_pu"] == pytest.approx(expected, abs=1e-9)
    assert flow.branch_table().loc["AB", "to_mw"] == pytest.approx(-50.0, abs=1e-6)
    assert flow.loading[0, 0] == pytest.approx(0.5 / expected, abs=1e-6)


def test_too_much_load_has_no_operating_point_and_stops_no_other_case() -> None:
    # The most that a reactance x carries to a load without reactive power is 1 / (2 x) = 5 pu.
    load = np.array([[100.0], [499.0], [501.0], [5000.0], [200.0]], dtype=complex)
    flow = solve_ac(two_buses(), load_mva=load)
    assert flow.solved.tolist() == [True, True, False, False, True]
    assert np.isnan(flow.voltage[2]).all()
    assert flow.energised[2].all()
    assert np.isfinite(flow.voltage[4]).all()


def test_an_island_without_operating_point_leaves_the_other_one() -> None:
    buses = pd.DataFrame({"kv": [110.0] * 4}, index=["A", "B", "C", "D"])
    branches = pd.DataFrame(
        {"from_bus": ["A", "C"], "to_bus": ["B", "D"], "r_pu": 0.0, "x_pu": 0.1}, index=["AB", "CD"]
    )
    loads = pd.DataFrame({"bus": ["B", "D"], "p_mw": [50.0, 900.0]}, index=["LB", "LD"])
    sources = pd.DataFrame({"bus": ["A", "C"]}, index=["SA", "SC"])
    flow = solve_ac(PowerGrid("two", 100.0, buses, branches, loads=loads, sources=sources))
    assert not flow.solved[0]
    assert np.isfinite(flow.voltage[0]).tolist() == [True, True, False, False]


def test_an_island_without_source_is_dark() -> None:
    flow = solve_ac(two_buses(), branch_on=np.array([[True], [False]]))
    assert flow.energised.tolist() == [[True, True], [True, False]]
    assert flow.solved.all()
    assert np.isnan(flow.voltage[1, 1])
    assert flow.from_mva[1, 0] == 0.0


def test_no_source_at_all() -> None:
    sources = pd.DataFrame({"bus": ["A"], "in_service": [False]}, index=["S"])
    flow = solve_ac(two_buses(sources=sources))
    assert flow.solved.all()
    assert not flow.energised.any()
    assert not solve_dc(two_buses(sources=sources)).energised.any()


def test_a_line_open_at_its_end_still_charges() -> None:
    grid = two_buses()
    branches = grid.branches.assign(from_b_pu=0.05, to_b_pu=0.05, to_closed=False)
    flow = solve_ac(two_buses(branches=branches))
    # Idle susceptance: 0.05 and 0.05 behind the reactance of 0.1.
    expected = 0.05 + 0.05 / (1.0 - 0.05 * 0.1)
    assert flow.from_mva[0, 0].imag == pytest.approx(-100.0 * expected, abs=1e-6)
    assert flow.energised[0].tolist() == [True, False]


def test_loads_follow_the_voltage() -> None:
    grid = two_buses()
    sources = grid.sources.assign(v_pu=0.9)
    for share, power in (("current_share", 1), ("impedance_share", 2)):
        loads = grid.loads.assign(**{share: 1.0})
        flow = solve_ac(two_buses(loads=loads, sources=sources))
        v = flow.voltage_pu[0, 1]
        assert -flow.to_mva[0, 0].real == pytest.approx(50.0 * v**power, abs=1e-6)


def test_links_make_buses_one_and_can_be_opened() -> None:
    buses = pd.DataFrame({"kv": [110.0] * 3}, index=["A", "B", "C"])
    links = pd.DataFrame({"from_bus": ["B"], "to_bus": ["C"]}, index=["T"])
    loads = pd.DataFrame({"bus": ["C"], "p_mw": [50.0]}, index=["L"])
    grid = two_buses(buses=buses, links=links, loads=loads)
    flow = solve_ac(grid, link_on=np.array([[True], [False]]))
    assert flow.voltage[0, 1] == flow.voltage[0, 2]
    assert flow.energised[1].tolist() == [True, True, False]


def test_generators_hold_their_voltage() -> None:
    generators = pd.DataFrame({"bus": ["B"], "p_mw": [20.0], "v_pu": [1.01]}, index=["G"])
    flow = solve_ac(two_buses(generators=generators), generator_mw=np.array([[20.0], [60.0]]))
    np.testing.assert_allclose(flow.voltage_pu[:, 1], 1.01)
    np.testing.assert_allclose(-flow.to_mva[:, 0].real, [30.0, -10.0], atol=1e-6)


def test_the_sum_of_power_is_zero() -> None:
    grid = two_buses()
    flow = solve_ac(two_buses(branches=grid.branches.assign(r_pu=0.02)))
    loss = flow.from_mva[0, 0] + flow.to_mva[0, 0]
    current = np.abs(flow.from_mva[0, 0]) / 100.0
    assert loss == pytest.approx(100.0 * current**2 * (0.02 + 0.1j), abs=1e-6)


def test_dc_flow_of_many_cases() -> None:
    flow = solve_dc(two_buses(), load_mw=np.array([[10.0], [120.0]]))
    np.testing.assert_allclose(flow.flow_mw[:, 0], [10.0, 120.0])
    np.testing.assert_allclose(flow.loading[:, 0], [0.1, 1.2])
    np.testing.assert_allclose(flow.angle_deg[:, 1], -np.rad2deg([0.01, 0.12]))


def test_problems_are_listed_together() -> None:
    grid = two_buses()
    branches = grid.branches.assign(to_bus="Z", x_pu=0.0, tap=-1.0)
    loads = grid.loads.assign(p_mw=np.nan)
    with pytest.raises(InputError) as caught:
        solve_ac(two_buses(branches=branches, loads=loads))
    places = {problem.place for problem in caught.value.problems}
    assert places == {"branches.to_bus", "branches", "branches.tap", "loads.p_mw"}
    with pytest.raises(InputError, match=r"loads.bus"):
        solve_ac(two_buses(loads=grid.loads.drop(columns="bus")))


def test_cases_must_match() -> None:
    with pytest.raises(ValueError, match="cases differ"):
        solve_ac(
            two_buses(),
            load_mva=np.ones((3, 1), complex),
            branch_on=np.ones((2, 1), dtype=np.bool_),
        )


def test_the_same_input_gives_the_same_bytes() -> None:
    load = np.linspace(10.0, 400.0, 40)[:, None].astype(complex)
    first, second = (solve_ac(two_buses(), load_mva=load) for _ in range(2))
    assert first.voltage.tobytes() == second.voltage.tobytes()
