"""Restoration of the 5-bus case: the objective of PowerModelsRestoration by DC and by AC flow."""

from __future__ import annotations

import numpy as np
import pytest

from tests.networks.restoration.case5 import ac_served, case, dc_order, expected
from vatra.networks.restoration import score_by_ac


def test_dc_objective_and_what_each_period_serves() -> None:
    said = expected()["dc"]
    order = dc_order(said)
    assert order.energy_mwh / 100.0 == pytest.approx(said["objective"], abs=said["tolerance"])
    assert order.bound_mwh == pytest.approx(order.energy_mwh, rel=1e-6)
    served = order.served_mw.sum(axis=0) / 100.0
    np.testing.assert_allclose(served, said["served"], atol=said["tolerance"])
    assert order.repairs.sum(axis=0).tolist() == [0, 3, 6]
    # What is out gives and carries nothing.
    assert order.generation_mw[:3, 0].tolist() == [0.0, 0.0, 0.0]


def test_ac_objective() -> None:
    said = expected()["ac"]
    order = dc_order(said)
    served = ac_served(order)
    objective = float(np.array(said["hours"]) @ served)
    assert objective == pytest.approx(said["objective"], abs=said["tolerance"])
    assert served[0] == pytest.approx(said["served_first"], abs=1e-3)


def test_a_safe_ac_score_is_below_the_best_and_not_far() -> None:
    said = expected()["ac"]
    grid, generation, repairs = case()
    order = dc_order(said)
    hours = np.array(said["hours"])
    energy, served = score_by_ac(grid, generation, repairs, order, hours)
    best = 100.0 * np.array(ac_served(order))
    assert (served <= best + 0.1).all()
    assert energy >= 0.9 * float(hours @ best)
    assert energy <= order.energy_mwh
