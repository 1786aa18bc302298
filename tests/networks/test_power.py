"""Power reach and backups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tests.networks.conftest import small_city, small_situation, table
from vatra.city.model import City, empty_table
from vatra.networks import feeder_available
from vatra.networks.power import backed_share, reach
from vatra.problems import InputError
from vatra.situation.model import Damage


def test_all_is_live_without_damage(city: City) -> None:
    assert feeder_available(city, small_situation()).all()


def test_a_line_that_is_out_cuts_off_what_lies_beyond(city: City) -> None:
    situation = small_situation(damage=(Damage("lines", "L12", 10, 20),))
    live = feeder_available(city, situation)
    assert live[0].all()
    assert not live[1:, 10:20].any()
    assert live[:, :10].all()
    assert live[:, 20:].all()


def test_a_substation_that_is_out_cuts_off_those_behind_it(city: City) -> None:
    live = feeder_available(city, small_situation(damage=(Damage("substations", "P2", 5, 9),)))
    assert live[0].all()
    assert not live[1:, 5:9].any()
    assert live[1:, 9:].all()


def test_a_source_out_with_no_end_known_darkens_all(city: City) -> None:
    damage = Damage("power_sources", "G1", 7, 8, end_known=False)
    live = feeder_available(city, small_situation(damage=(damage,)))
    assert live[:, :7].all()
    assert not live[:, 7:].any()


def test_what_is_left_of_an_asset_still_carries(city: City) -> None:
    half = Damage("lines", "L12", 0, 48, remaining_share=0.5)
    assert feeder_available(city, small_situation(damage=(half,))).all()


def test_a_feeder_may_be_out_alone(city: City) -> None:
    live = feeder_available(city, small_situation(damage=(Damage("feeders", "F2", 0, 4),)))
    assert not live[1, :4].any()
    assert live[[0, 2]].all()


def test_networks_that_are_not_known_do_not_darken_anything(city: City) -> None:
    situation = small_situation(damage=(Damage("substations", "P3", 0, 48),))
    for changes in (
        {"power_sources": empty_table("power_sources")},
        {"lines": empty_table("lines")},
    ):
        live = feeder_available(city.with_tables(**changes), situation)
        assert live[:2].all()
        assert not live[2].any()


def test_damage_to_something_unknown_is_said(city: City) -> None:
    with pytest.raises(InputError, match="L99"):
        feeder_available(city, small_situation(damage=(Damage("lines", "L99", 0, 1),)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_reach_equals_connected_components(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes, lines = 12, 14
    ok = rng.random(nodes) < 0.8
    tail, head = rng.integers(-1, nodes, (2, lines))
    sources = rng.integers(-1, nodes, 2)
    use = (tail >= 0) & (head >= 0) & ok[tail] & ok[head]
    graph = coo_array((np.ones(use.sum()), (tail[use], head[use])), (nodes, nodes))
    _, label = connected_components(graph, directed=False)
    fed = {label[s] for s in sources if s >= 0 and ok[s]}
    expected = np.array([ok[n] and label[n] in fed for n in range(nodes)])
    np.testing.assert_array_equal(reach(ok, tail, head, sources), expected)


def test_a_generator_runs_until_its_fuel_is_gone() -> None:
    live = np.zeros((3, 12), dtype=bool)
    live[:, 4:6] = True
    one = np.ones(3)
    # Full load for 3 h; half load, so 6 h; a generator of half the need.
    share = backed_share(live, one * 1.0, np.array([1.0, 2.0, 0.5]), one * 3.0, np.inf)
    np.testing.assert_allclose(share[0], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0])
    np.testing.assert_allclose(share[1], 1.0)
    np.testing.assert_allclose(share[2], [0.5] * 4 + [1, 1] + [0.5] * 2 + [0] * 4)


def test_refuelling_and_assets_that_need_nothing() -> None:
    dark = np.zeros((1, 12), dtype=bool)
    one = np.ones(1)
    refuelled = backed_share(dark, one, one, one * 1.0, 3.0)
    np.testing.assert_allclose(refuelled[0], [1, 1, 0, 0, 0, 0] * 2)
    np.testing.assert_allclose(backed_share(dark, one * 0.0, one * 0.0, one * 0.0, np.inf), 1.0)
    np.testing.assert_allclose(backed_share(dark, one, one, one * 0.0, np.inf), 0.0)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), need=st.floats(0.01, 5), backup=st.floats(0, 5),
    fuel=st.floats(0, 20),
)  # fmt: skip
def test_generators_never_burn_more_than_they_have(
    seed: int, need: float, backup: float, fuel: float
) -> None:
    live = np.random.default_rng(seed).random((1, 96)) < 0.4
    share = backed_share(live, np.array([need]), np.array([backup]), np.array([fuel]), np.inf)
    assert (share[live] == 1.0).all()
    given_mwh = share[~live].sum() * 0.5 * need
    assert given_mwh <= fuel * backup + 1e-9


def test_feeders_of_no_known_substation_stay_live(city: City) -> None:
    feeders = table("feeders", {"feeder_id": "F1", "substation_id": "P9", "queue": None})
    assert feeder_available(city.with_tables(feeders=feeders), small_situation()).all()
    assert small_city().residents == 1250
