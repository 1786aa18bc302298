"""The two-node step: against matrix exponentials, energy balances and its own time constant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import expm

from vatra.homes import TwoNode, cool_down, make_two_node
from vatra.homes.two_node import heavy_capacity

positive = st.floats(0.05, 20.0)
nodes_any = st.builds(
    lambda d, i, o, c, m: TwoNode(*(np.array([x]) for x in (d, i, o, c, m))),
    positive, positive, positive, st.floats(1.0, 30.0), st.floats(20.0, 400.0),
)  # fmt: skip


def dense(nodes: TwoNode) -> NDArray[np.float64]:
    return np.array([float(x[0]) for x in nodes.matrix()]).reshape(2, 2)


@settings(max_examples=80, deadline=None)
@given(nodes=nodes_any, hours=st.floats(0.05, 24.0))
def test_closed_form_equals_matrix_exponential(nodes: TwoNode, hours: float) -> None:
    closed = np.array([float(x[0]) for x in nodes.propagator(hours)]).reshape(2, 2)
    np.testing.assert_allclose(closed, expm(dense(nodes) * hours), atol=1e-12, rtol=0)


@settings(max_examples=80, deadline=None)
@given(nodes=nodes_any, hours=st.floats(0.05, 24.0), air_share=st.floats(0.0, 1.0))
def test_forcing_equals_augmented_exponential(
    nodes: TwoNode, hours: float, air_share: float
) -> None:
    # Inputs held constant become states of a larger system: outdoors and heat.
    system = np.zeros((4, 4))
    system[:2, :2] = dense(nodes)
    light, heavy = float(nodes.light_wh_k[0]), float(nodes.heavy_wh_k[0])
    system[:2, 2] = nodes.direct_w_k[0] / light, nodes.outer_w_k[0] / heavy
    system[:2, 3] = air_share / light, (1.0 - air_share) / heavy
    step = expm(system * hours)
    outdoor = np.array([x[0] for x in nodes.outdoor_weight(hours)])
    heat = np.array([x[0] for x in nodes.forcing(hours, air_share)])
    np.testing.assert_allclose(outdoor, step[:2, 2], atol=1e-12, rtol=0)
    np.testing.assert_allclose(heat, step[:2, 3], atol=1e-11, rtol=1e-9)


@settings(max_examples=50, deadline=None)
@given(
    nodes=nodes_any,
    air=st.floats(-10, 30),
    mass=st.floats(-10, 30),
    outdoor=st.floats(-30, 20),
    heat=st.floats(0, 100),
)
def test_energy_of_a_step_closes(
    nodes: TwoNode, air: float, mass: float, outdoor: float, heat: float
) -> None:
    # What is stored is what came in less what went out; losses by fine quadrature of the step.
    air_share, step_h, parts = 0.7, 0.5, 2000
    fine = step_h / parts
    e = [float(x[0]) for x in nodes.propagator(fine)]
    o = [float(x[0]) for x in nodes.outdoor_weight(fine)]
    g = [float(x[0]) for x in nodes.forcing(fine, air_share)]
    t_air, t_mass, lost = air, mass, 0.0
    direct, outer = float(nodes.direct_w_k[0]), float(nodes.outer_w_k[0])
    for _ in range(parts):
        before = direct * (t_air - outdoor) + outer * (t_mass - outdoor)
        t_air, t_mass = (
            e[0] * t_air + e[1] * t_mass + o[0] * outdoor + g[0] * heat,
            e[2] * t_air + e[3] * t_mass + o[1] * outdoor + g[1] * heat,
        )
        after = direct * (t_air - outdoor) + outer * (t_mass - outdoor)
        lost += (before + after) / 2.0 * fine
    stored = float(nodes.light_wh_k[0]) * (t_air - air) + float(nodes.heavy_wh_k[0]) * (
        t_mass - mass
    )
    throughput = abs(stored) + abs(lost) + heat * step_h + 1.0
    assert abs(heat * step_h - lost - stored) < 1e-5 * throughput


@settings(max_examples=50, deadline=None)
@given(loss=st.floats(0.4, 4.5), share=st.floats(0.1, 0.9), tau=st.floats(60.0, 250.0))
def test_time_constant_is_the_one_asked_for(loss: float, share: float, tau: float) -> None:
    nodes = make_two_node(loss, share, tau)
    assert float(nodes.loss_w_k) == pytest.approx(loss)
    assert float(nodes.slow_time_constant_h()) == pytest.approx(tau)


def test_impossible_time_constant_is_refused() -> None:
    with pytest.raises(ValueError, match="time constant"):
        heavy_capacity(1.0, 9.2, 1.0, 8.0, 0.5)
    with pytest.raises(ValueError, match="time constant"):
        make_two_node(0.5, 0.5, 15.0)


def test_heavier_mass_cools_later() -> None:
    nodes = make_two_node(np.full(3, 2.3), 0.5, 55.0, mass_factor=np.array([0.5, 1.0, 2.0]))
    air = cool_down(nodes, np.full(96, -10.0))[0, :, -1]
    assert air[0] < air[1] < air[2]


def test_heat_kept_on_keeps_the_temperature() -> None:
    nodes = make_two_node(2.3, 0.5, 55.0)
    hold = 30.0 / float(nodes.rise(0.7)[0])
    path = cool_down(nodes, np.full(96, -10.0), start_c=20.0, gain_w_m2=hold)
    np.testing.assert_allclose(path[0], 20.0, atol=1e-9)
