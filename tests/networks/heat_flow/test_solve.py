"""What can be worked out by hand, and what must hold whatever fails."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.heat_flow.nets import street_net
from vatra.networks.heat_flow import HeatGrid, solve_heat
from vatra.problems import InputError

CP = 4190.0


def one_consumer(length_m: float = 1000.0, **changes: Any) -> HeatGrid:
    """A plant, a supply pipe, a consumer of 1 MW and a return pipe."""
    tables: dict[str, Any] = {
        "pipes": pd.DataFrame(
            {"from_node": ["S0", "R1"], "to_node": ["S1", "R0"], "length_m": length_m,
             "diameter_m": 0.1, "loss_w_mk": 0.5},
            index=["supply", "return"],
        ),
        "consumers": pd.DataFrame(
            {"supply_node": ["S1"], "return_node": ["R1"], "demand_mw": [1.0], "return_c": [45.0],
             "open_kg_s": [10.0]},
            index=["C"],
        ),
        "sources": pd.DataFrame(
            {"return_node": ["R0"], "supply_node": ["S0"], "supply_c": [95.0], "lift_bar": [8.0]},
            index=["P"],
        ),
    }  # fmt: skip
    return HeatGrid("one", **(tables | changes))


def test_cooling_along_a_pipe_and_the_balance_of_heat() -> None:
    flow = solve_heat(one_consumer())
    kg_s = flow.consumer_kg_s[0, 0]
    arrives = 5.0 + 90.0 * np.exp(-0.5 * 1000.0 / (CP * kg_s))
    assert flow.consumer_c[0, 0] == pytest.approx(arrives, abs=1e-3)
    assert kg_s == pytest.approx(1e6 / (CP * (arrives - 45.0)), rel=1e-4)
    assert flow.delivered_mw[0, 0] == pytest.approx(1.0, rel=1e-6)
    comes_back = 5.0 + 40.0 * np.exp(-0.5 * 1000.0 / (CP * kg_s))
    assert flow.node_c[0].min() == pytest.approx(comes_back, abs=1e-3)
    lost = CP * kg_s * (95.0 - arrives + 45.0 - comes_back) / 1e6
    assert flow.lost_mw[0] == pytest.approx(lost, rel=1e-4)
    assert flow.source_mw[0, 0] == pytest.approx(1.0 + lost, rel=1e-4)


def test_pressure_lost_along_a_pipe() -> None:
    grid = one_consumer()
    flow = solve_heat(dataclasses.replace(grid, pipes=grid.pipes.assign(loss_w_mk=0.0)))
    pressure = pd.Series(flow.pressure_bar[0], index=grid.nodes())
    # Colebrook and White, for water of 95 °C: 962 kg/m³ and 0.298 mPa s.
    kg_s = flow.consumer_kg_s[0, 0]
    speed = kg_s / (962.0 * np.pi * 0.05**2)
    factor = 0.02
    for _ in range(50):
        reynolds = 962.0 * speed * 0.1 / 0.298e-3
        factor = (-2 * np.log10(0.2e-3 / 0.1 / 3.71 + 2.51 / reynolds / np.sqrt(factor))) ** -2
    lost_bar = factor * 1000.0 / 0.1 * 962.0 * speed**2 / 2.0 / 1e5
    assert pressure["S0"] - pressure["S1"] == pytest.approx(lost_bar, rel=0.01)
    assert pressure["S0"] - pressure["R0"] == pytest.approx(8.0, rel=1e-4)


def test_slow_water_flows_as_hagen_and_poiseuille_say() -> None:
    grid = one_consumer(length_m=100.0)
    pipes = grid.pipes.assign(loss_w_mk=0.0, diameter_m=0.3)
    flow = solve_heat(dataclasses.replace(grid, pipes=pipes), demand_mw=np.array([0.02]))
    pressure = pd.Series(flow.pressure_bar[0], index=grid.nodes())
    kg_s = flow.consumer_kg_s[0, 0]
    lost_pa = 128.0 * 0.298e-3 * 100.0 * kg_s / 962.0 / (np.pi * 0.3**4)
    assert 1e5 * (pressure["S0"] - pressure["S1"]) == pytest.approx(lost_pa, rel=0.02)


def test_a_weak_pump_gives_what_it_can() -> None:
    grid = one_consumer()
    flow = solve_heat(dataclasses.replace(grid, sources=grid.sources.assign(lift_bar=0.2)))
    assert flow.settled.all()
    assert 0.1 < flow.served[0, 0] < 0.9
    assert flow.node_c[0].max() <= 95.0
    assert np.abs(flow.unbalanced_mw[0]) < 1e-5


def test_a_weak_boiler_gives_what_it_can() -> None:
    flow = solve_heat(one_consumer(), capacity_mw=np.array([[2.0], [0.5], [0.0]]))
    assert flow.settled.all()
    np.testing.assert_allclose(flow.source_mw[1:, 0], [0.5, 0.0], atol=1e-4)
    assert flow.delivered_mw[0, 0] == pytest.approx(1.0)
    assert 0.3 < flow.delivered_mw[1, 0] < 0.5
    assert flow.delivered_mw[2, 0] == pytest.approx(0.0, abs=1e-4)
    # Water that nobody heats cools to the ground, not below.
    assert flow.node_c[2].min() >= 5.0
    assert np.abs(flow.unbalanced_mw).max() < 1e-4


def test_hardly_any_flow_and_demand_stay_physical() -> None:
    flow = solve_heat(one_consumer(), demand_mw=np.array([[0.01], [0.001], [1e-5], [0.0]]))
    assert flow.settled.all()
    moving = flow.node_c[~np.isnan(flow.node_c)]
    assert (moving >= 5.0).all()
    assert (moving <= 95.0).all()
    assert (np.nan_to_num(flow.delivered_mw[:, 0]) <= [0.0101, 0.00101, 1.01e-5, 0.0]).all()
    np.testing.assert_allclose(flow.served[3], 1.0)


def test_a_pump_off_and_a_pipe_cut_are_answers() -> None:
    grid = one_consumer()
    off = solve_heat(grid, pump_on=np.array([[True], [False]]))
    assert off.settled.all()
    assert off.served[:, 0].tolist() == [pytest.approx(1.0), 0.0]
    assert (off.pipe_kg_s[1] == 0.0).all()
    assert np.isnan(off.node_c[1]).all()
    cut = solve_heat(grid, pipe_open=np.array([True, False]))
    assert cut.settled.all()
    assert cut.served[0, 0] == 0.0
    assert (cut.pipe_kg_s == 0.0).all()


def test_no_water_runs_back_through_the_weaker_pump() -> None:
    grid = street_net(60, looped=True, sources=2)
    sources = grid.sources.assign(lift_bar=[8.0, 0.5])
    flow = solve_heat(dataclasses.replace(grid, sources=sources))
    assert flow.settled.all()
    assert flow.source_kg_s[0, 1] == 0.0
    assert flow.served.min() > 0.99


def test_water_is_kept_at_every_node() -> None:
    grid = street_net(120, looped=True, sources=2)
    flow = solve_heat(grid)
    ids = grid.nodes()
    net = np.zeros(len(ids))
    for table, kg_s, tail, head in (
        (grid.pipes, flow.pipe_kg_s[0], "from_node", "to_node"),
        (grid.consumers, flow.consumer_kg_s[0], "supply_node", "return_node"),
        (grid.sources, flow.source_kg_s[0], "return_node", "supply_node"),
    ):
        np.subtract.at(net, ids.get_indexer(pd.Index(table[tail])), kg_s)
        np.add.at(net, ids.get_indexer(pd.Index(table[head])), kg_s)
    np.testing.assert_allclose(net, 0.0, atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_whatever_fails_heat_is_kept_and_water_stays_water(seed: int, looped: bool) -> None:
    rng = np.random.default_rng(seed)
    grid = street_net(80, looped=looped, seed=3, sources=3)
    cases = 4
    flow = solve_heat(
        grid,
        demand_mw=grid.consumers["demand_mw"].to_numpy() * rng.uniform(0.0, 2.0, (cases, 1)),
        pump_on=rng.random((cases, 3)) > 0.4,
        pipe_open=rng.random((cases, len(grid.pipes))) > 0.05,
        capacity_mw=rng.uniform(0.0, 3.0, (cases, 3)),
        supply_c=rng.uniform(60.0, 120.0, (cases, 3)),
    )
    moving = flow.node_c[~np.isnan(flow.node_c)]
    assert ((moving >= 5.0 - 1e-6) & (moving <= 120.0 + 1e-6)).all()
    assert (flow.delivered_mw <= flow.demand_mw + 1e-9).all()
    assert (flow.source_kg_s >= 0.0).all()
    np.testing.assert_allclose(flow.unbalanced_mw[flow.settled], 0.0, atol=2e-3)


def test_a_batch_gives_what_its_cases_give_alone() -> None:
    grid = street_net(80, looped=True)
    scale = np.array([[0.2], [1.0], [1.6]])
    demand = grid.consumers["demand_mw"].to_numpy() * scale
    together = solve_heat(grid, demand_mw=demand)
    for case in range(3):
        alone = solve_heat(grid, demand_mw=demand[case])
        assert alone.pipe_kg_s[0].tobytes() == together.pipe_kg_s[case].tobytes()
        assert alone.node_c[0].tobytes() == together.node_c[case].tobytes()


def test_problems_are_listed_together() -> None:
    grid = one_consumer()
    pipes = grid.pipes.assign(diameter_m=[0.0, 0.1], length_m=[np.nan, 5.0])
    consumers = grid.consumers.assign(return_node="S1")
    sources = grid.sources.drop(columns="lift_bar")
    with pytest.raises(InputError) as caught:
        solve_heat(HeatGrid("bad", pipes, consumers, sources))
    places = {problem.place for problem in caught.value.problems}
    assert places == {"pipes.diameter_m", "pipes.length_m", "consumers", "sources.lift_bar"}


def test_cases_must_match() -> None:
    with pytest.raises(ValueError, match="cases differ"):
        solve_heat(one_consumer(), demand_mw=np.ones((3, 1)), pump_on=np.ones((2, 1), np.bool_))
