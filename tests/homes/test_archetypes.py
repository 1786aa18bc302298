"""Archetypes: complete, and with the mass that measured time constants ask for."""

from __future__ import annotations

import numpy as np
import pytest

from vatra.city.schema import ARCHETYPES
from vatra.homes import PHYSICS, TwoNode, cool_down, make_two_node, slow_time_constant


def test_every_archetype_of_the_schema_has_physics() -> None:
    assert set(PHYSICS) == set(ARCHETYPES)
    assert all(physics.source for physics in PHYSICS.values())


def building(name: str, loss_factor: float = 1.0) -> TwoNode:
    physics = PHYSICS[name]
    slow = slow_time_constant(physics.loss_w_m2k, physics.direct_share, physics.cooling_tau_h)
    return make_two_node(physics.loss_w_m2k, physics.direct_share, slow, loss_factor=loss_factor)


@pytest.mark.parametrize("name", ARCHETYPES)
def test_two_days_without_heat_are_those_measured(name: str) -> None:
    tau = PHYSICS[name].cooling_tau_h
    left = float(building(name).left_after(48.0, 0.7))
    assert left == pytest.approx(np.exp(-48.0 / tau), rel=1e-9)
    # The first hours are faster than the single exponential, the later ones slower.
    assert float(building(name).left_after(4.0, 0.7)) < np.exp(-4.0 / tau)
    assert float(building(name).left_after(96.0, 0.7)) > np.exp(-96.0 / tau)


@pytest.mark.parametrize("name", ARCHETYPES)
def test_mass_is_that_of_heavy_buildings(name: str) -> None:
    nodes = building(name)
    capacity = float(nodes.light_wh_k + nodes.heavy_wh_k)
    assert 95.0 <= capacity <= 260.0  # and not TABULA's 45 Wh/m²K


@pytest.mark.parametrize("name", ARCHETYPES)
def test_top_corners_cool_faster(name: str) -> None:
    # Series 1-605A: 42 h in the top corner where the middle has 77 h; K7-3: 32 h and 51 h.
    factor = PHYSICS[name].top_corner_factor
    corner = -48.0 / np.log(float(building(name, factor).left_after(48.0, 0.7)))
    assert 0.5 <= corner / PHYSICS[name].cooling_tau_h <= 1.0 + 1e-9


@pytest.mark.parametrize("name", ["brick_5", "panel_5", "panel_9", "panel_9_late", "panel_16"])
def test_first_hours_lie_between_claim_and_rule(name: str) -> None:
    # Top corner flats may lose 4 K about as fast as the fastest claim has it (18 to 14 °C in 3-4 h
    # at −5 °C, Kyiv press), middle ones no faster than that nor slower than the coefficient of
    # accumulation says (β = 77 h: 18 to 14 °C in 15 h).
    def hours_of_4_k(nodes: TwoNode) -> float:
        air = cool_down(nodes, np.full(400, -5.0), start_c=18.0, step_h=0.1)[0]
        return float(np.argmax(air < 14.0)) / 10.0

    assert 1.0 <= hours_of_4_k(building(name, PHYSICS[name].top_corner_factor)) <= 8.0
    assert 2.0 <= hours_of_4_k(building(name)) <= 15.0


def test_kyiv_flats_after_a_day_without_heat() -> None:
    # 21 January 2026, about −12 °C (assumed): flats at +10 after more than 24 h, +15 with gas.
    for name in ("panel_5", "panel_9", "panel_9_late", "panel_16"):
        air = cool_down(building(name), np.full(72, -12.0), gain_w_m2=4.0)[0]
        assert 5.0 <= air[48] <= 12.0, name
