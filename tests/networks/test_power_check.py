"""The 110 kV network under a switching pattern: flows by hand, islands, overloads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.networks.conftest import small_city, small_situation, table
from vatra.city.model import City
from vatra.networks import check_power
from vatra.situation.model import Damage


def triangle(capacity_mw: float = 50.0) -> City:
    """Three substations in a ring of like lines, a source at the first and a CHP at the second."""
    ends = (("L12", "P1", "P2"), ("L23", "P2", "P3"), ("L13", "P1", "P3"))
    return small_city(
        lines=table(
            "lines",
            *(
                {"line_id": i, "from_id": a, "to_id": b, "capacity_mw": capacity_mw}
                for i, a, b in ends
            ),
        ),
        power_sources=table(
            "power_sources",
            {"power_source_id": "G", "kind": "grid", "substation_id": "P1", "capacity_mw": 90.0},
            {"power_source_id": "C", "kind": "chp", "substation_id": "P2", "capacity_mw": 30.0},
        ),
    )


def load(city: City, slots: int = 4, mw: tuple[float, ...] = (0.0, 0.0, 12.0)) -> np.ndarray:
    return np.tile(np.array(mw)[:, None], (1, slots))


def damage(what: str, asset: str, first: int, share: float = 0.0) -> Damage:
    return Damage(what, asset, first, 4, share, end_known=False)


def test_flows_of_a_ring_by_hand() -> None:
    city = triangle()
    check = check_power(city, small_situation(4), load(city))
    # 9 MW from P1 and 3 MW from P2: two thirds of each go straight, one third the other way round.
    np.testing.assert_allclose(check.source_mw[:, 0], [9.0, 3.0])
    np.testing.assert_allclose(check.flow_mw[:, 0], [3.0 - 1.0, 3.0 + 2.0, 6.0 + 1.0])
    assert check.holds
    assert check.by_line().empty
    np.testing.assert_allclose(check.unserved_mw, 0.0)


def test_a_line_out_moves_its_flow() -> None:
    city = triangle(capacity_mw=10.0)
    situation = small_situation(4, damage=(damage("lines", "L13", 2),))
    check = check_power(city, situation, load(city), ac=False)
    np.testing.assert_allclose(check.flow_mw[:, 0], [2.0, 5.0, 7.0])
    np.testing.assert_allclose(check.flow_mw[:, 3], [9.0, 12.0, 0.0])
    assert not check.holds
    assert check.overloads["slot"].tolist() == [2, 3]
    assert check.overloads["id"].unique().tolist() == ["L23"]
    np.testing.assert_allclose(check.by_line().loc["L23"], 2.0)
    np.testing.assert_allclose(check.loading[1], [0.5, 0.5, 1.2, 1.2])


def test_an_island_lives_on_its_own_source() -> None:
    city = triangle()
    cut = (damage("lines", "L12", 0), damage("lines", "L13", 0))
    check = check_power(city, small_situation(4, damage=cut), load(city, mw=(5.0, 8.0, 24.0)))
    np.testing.assert_allclose(check.source_mw[:, 0], [5.0, 32.0])
    assert check.overloads.iloc[0][["table", "id"]].tolist() == ["power_sources", "C"]
    assert check.overloads["excess_mw"].iloc[0] == pytest.approx(2.0)


def test_what_no_source_reaches_is_unserved_not_overloaded() -> None:
    city = triangle()
    cut = (damage("lines", "L23", 0), damage("lines", "L13", 0))
    check = check_power(city, small_situation(4, damage=cut), load(city))
    np.testing.assert_allclose(check.unserved_mw, 12.0)
    assert check.holds
    dead = check_power(
        city, small_situation(4, damage=(damage("substations", "P3", 0),)), load(city)
    )
    np.testing.assert_allclose(dead.unserved_mw, 12.0)


def test_substations_are_checked_without_lines() -> None:
    city = small_city(lines=table("lines"), power_sources=table("power_sources"))
    check = check_power(city, small_situation(4), load(city, mw=(60.0, 0.0, 0.0)))
    assert check.overloads["table"].unique().tolist() == ["substations"]
    assert isinstance(check.overloads, pd.DataFrame)


def test_sources_and_lines_share_power_by_balance() -> None:
    city = triangle()
    rng = np.random.default_rng(3)
    check = check_power(city, small_situation(4), rng.uniform(0.0, 5.0, (3, 4)))
    net = np.array([[1.0, 0.0, 1.0], [-1.0, 1.0, 0.0], [0.0, -1.0, -1.0]]) @ check.flow_mw
    given = np.vstack([check.source_mw, np.zeros(4)])
    load_mw = np.random.default_rng(3).uniform(0.0, 5.0, (3, 4))
    np.testing.assert_allclose(net, given - load_mw, atol=1e-9)


def test_load_must_be_by_feeder_and_slot() -> None:
    city = triangle()
    with pytest.raises(ValueError, match="feeder × slot"):
        check_power(city, small_situation(4), np.zeros((2, 4)))
