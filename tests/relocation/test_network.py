"""Earliest arrivals against exact optima, their bounds, and the checker against broken moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.relocation.towns import exact_least, small_town
from vatra.relocation.bound import cut_bound
from vatra.relocation.check import check_moves
from vatra.relocation.network import (
    Crowd,
    Moves,
    Network,
    make_network,
    most_by_slot,
    send_earliest,
    without,
)

SEEDS = st.integers(0, 2**32 - 1)


def _total(moves: Moves) -> float:
    slots = moves.arrived.shape[1]
    return float(moves.arrived.sum(axis=0) @ np.arange(slots) + 2 * slots * moves.left.sum())


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_arrivals_are_the_exact_optimum_and_the_cuts_prove_it(seed: int) -> None:
    network, crowd = small_town(seed, tight_beds=False)
    moves = send_earliest(network, crowd)
    assert check_moves(network, [crowd], [moves]) == []
    assert _total(moves) == pytest.approx(exact_least(network, crowd), abs=1e-6)
    np.testing.assert_array_equal(cut_bound(network, crowd, moves), moves.arrived.sum(0).cumsum())


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_where_beds_run_out_no_bound_exceeds_or_undercuts_the_optimum(seed: int) -> None:
    network, crowd = small_town(seed, tight_beds=True)
    moves = send_earliest(network, crowd)
    assert check_moves(network, [crowd], [moves]) == []
    by_slot = most_by_slot(network, crowd)
    swapped = send_earliest(network, crowd, swap_beds=True)
    assert check_moves(network, [crowd], [swapped]) == []
    assert swapped.arrived.sum() == by_slot[-1]
    cuts = cut_bound(network, crowd, moves)
    most = [round(exact_least(network, crowd, until)) for until in range(network.slots)]
    np.testing.assert_array_equal(by_slot, most)
    assert (cuts >= most).all()
    assert (moves.arrived.sum(0).cumsum() <= most).all()


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_those_who_go_first_go_as_if_alone_and_nothing_is_used_twice(seed: int) -> None:
    network, crowd = small_town(seed, tight_beds=True)
    half = replace(crowd, people=crowd.people // 2)
    rest = replace(crowd, people=crowd.people - half.people)
    first = send_earliest(network, half)
    second = send_earliest(without(network, first), rest)
    assert check_moves(network, [half, rest], [first, second]) == []
    most = most_by_slot(network, crowd)
    staged = first.arrived.sum(0) + second.arrived.sum(0)
    assert (staged.cumsum() <= most).all()


def _one_road(room: int = 3, beds: int = 7) -> tuple[Network, Crowd]:
    """Five people who may set out from slot 1 to 3 on a road of a slot, so many a slot."""
    network, _ = make_network(
        2, tail=np.array([0]), head=np.array([1]), lag=np.array([1]),
        room=np.full((4, 1), room), host=np.array([1]), beds=np.array([beds]),
    )  # fmt: skip
    _, crowd = small_town(0, tight_beds=False)
    crowd = replace(
        crowd, home=np.array([0], np.int32), release=np.array([1], np.int32),
        last=np.array([3], np.int32), people=np.array([5]),
    )  # fmt: skip
    return network, crowd


def test_a_road_of_three_a_slot_takes_five_people_in_two_slots() -> None:
    network, crowd = _one_road()
    moves = send_earliest(network, crowd)
    assert check_moves(network, [crowd], [moves]) == []
    assert moves.gone[0].tolist() == [0, 3, 2, 0]
    assert moves.arrived[0].tolist() == [0, 0, 3, 2]


@pytest.mark.parametrize(
    ("field", "at", "says"),
    [
        ("moved", (1, 0), "vanish"),
        ("gone", (0, 2), "counted twice"),
        ("gone", (0, 0), "too early"),
        ("arrived", (0, 1), "vanish"),
        ("left", 0, "lost"),
    ],
)
def test_the_checker_finds_what_is_broken(field: str, at: tuple[int, int] | int, says: str) -> None:
    network, crowd = _one_road()
    moves = send_earliest(network, crowd)
    changed = getattr(moves, field).copy()
    changed[at] += 1
    wrong = check_moves(network, [crowd], [replace(moves, **{field: changed})])
    assert any(says in one for one in wrong), wrong


def test_the_checker_finds_a_road_and_a_town_that_are_too_full() -> None:
    moves = send_earliest(*_one_road())
    narrow, crowd = _one_road(room=2, beds=4)
    wrong = check_moves(narrow, [crowd], [moves])
    assert any("room for 2" in one for one in wrong)
    assert any("beds for 4" in one for one in wrong)


def test_numbers_that_make_no_network_are_refused() -> None:
    arc = {"tail": np.array([0]), "head": np.array([0]), "host": np.array([0])}
    room, beds = np.ones((2, 1), dtype=np.int64), np.array([1])
    with pytest.raises(ValueError, match="takes no time"):
        make_network(1, **arc, lag=np.array([0]), room=room, beds=beds)
    with pytest.raises(ValueError, match="below 0"):
        make_network(1, **arc, lag=np.array([1]), room=-room, beds=beds)
    with pytest.raises(ValueError, match="1 arcs"):
        make_network(1, **arc, lag=np.array([1]), room=room[0], beds=beds)
