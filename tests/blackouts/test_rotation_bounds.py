"""Fewest switchings, bounds and relaxations, against every rotation there is."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.rotations import as_start, best_of_all, keeps
from vatra.blackouts.rotation_blocks import (
    Runs,
    Start,
    fewest_starts,
    first_come,
    nearest_order,
    relax_runs,
)
from vatra.blackouts.rotation_bound import bound_blocks
from vatra.blackouts.rotation_relax import explain
from vatra.blackouts.rotation_search import count_blocks, least_range, window_floors
from vatra.blackouts.rules import NEVER


@st.composite
def tiny(draw: st.DrawFn) -> tuple[tuple[int, ...], Start, Runs]:
    count = draw(st.integers(1, 3))
    slots = draw(st.integers(1, 6))
    runs = Runs(
        draw(st.sampled_from([2, 3, 4, NEVER])), draw(st.integers(1, 2)),
        draw(st.integers(1, 3)), draw(st.sampled_from([3, 4, NEVER, NEVER])),
    )  # fmt: skip
    known = draw(st.booleans())
    # A history that already breaks a longest run isn't what is tested here.
    start = as_start(
        draw(st.lists(st.booleans(), min_size=3, max_size=3)) if known else None,
        draw(st.lists(st.integers(1, 2), min_size=3, max_size=3)), count,
    )  # fmt: skip
    order = draw(st.lists(st.integers(0, count), min_size=slots, max_size=slots))
    return tuple(order), start, runs


@settings(max_examples=80, deadline=None)
@given(tiny())
def test_switchings_are_the_fewest_there_are(case: tuple[tuple[int, ...], Start, Runs]) -> None:
    order, start, runs = case
    known = best_of_all(len(order), start, runs).get(order)
    starts = fewest_starts(np.array(order), start, runs)
    assert (starts is None) == (known is None)
    if starts is not None and known is not None:
        dark = first_come(np.array(order), starts, start)
        assert dark.sum(axis=0).tolist() == list(order)
        assert keeps(dark, start, runs)
        assert count_blocks(dark, start) == min(known.values())


@settings(max_examples=60, deadline=None)
@given(tiny())
def test_what_cannot_be_kept_comes_with_the_nearest_that_can(
    case: tuple[tuple[int, ...], Start, Runs],
) -> None:
    order, start, runs = case
    possible = best_of_all(len(order), start, runs)
    if order in possible:
        return
    nearest = nearest_order(np.array(order), start, runs)
    distances = [int(np.abs(np.subtract(other, order)).sum()) for other in possible]
    assert (nearest is None) == (not distances)
    if nearest is not None:
        assert tuple(nearest.tolist()) in possible
        assert int(np.abs(nearest - order).sum()) == min(distances)
    relaxed = relax_runs(np.array(order), start, runs)
    assert fewest_starts(np.array(order), start, relaxed.runs) is not None
    for name, value in relaxed.alone.items():
        wider = runs._replace(**{name: value})
        nearer = runs._replace(**{name: value + (1 if name.startswith("min") else -1)})
        assert order in best_of_all(len(order), start, wider)
        assert order not in best_of_all(len(order), start, nearer)
    widened, violations = explain(np.array(order), start, runs)
    assert violations
    assert {v.rule for v in violations} == {
        f"{name}_h" for name in Runs._fields if getattr(widened, name) != getattr(runs, name)
    }


@settings(max_examples=50, deadline=None)
@given(tiny(), st.integers(0, 2))
def test_bound_by_rows_is_never_above_the_best(
    case: tuple[tuple[int, ...], Start, Runs], width: int
) -> None:
    order, start, runs = case
    ways = best_of_all(len(order), start, runs).get(order)
    if ways is None:
        return
    starts = fewest_starts(np.array(order), start, runs)
    assert starts is not None
    seeds = first_come(np.array(order), starts, start)
    for floor in range(len(order) + 1):
        low = np.full(start.count, floor)
        high = np.minimum(low + width, len(order))
        bound = bound_blocks(np.array(order), start, runs, low, high, seeds=seeds)
        within = [
            blocks for held, blocks in ways.items()
            if floor <= min(held) and max(held) <= floor + width
        ]  # fmt: skip
        assert not (bound.impossible and within)
        if within:
            assert bound.blocks <= min(within) + 1e-6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.data())
def test_range_without_rules_is_the_smallest(before: list[int], data: st.DataObject) -> None:
    slots = data.draw(st.integers(1, 4))
    total = data.draw(st.integers(0, slots * len(before)))
    spreads = {
        int(np.ptp(np.add(before, held)))
        for held in np.ndindex(*([slots + 1] * len(before)))
        if sum(held) == total
    }
    least = least_range(np.array(before), total, slots)
    assert least == min(spreads)
    assert len(window_floors(np.array(before), total, slots, least))
