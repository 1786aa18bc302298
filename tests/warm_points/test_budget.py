"""Siting over sizes within a budget, against every choice there is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from vatra.problems import InputError
from vatra.warm_points.budget import (
    most_affordable,
    places_affordable,
    sites_in_budget,
)
from vatra.warm_points.serve import serve_at
from vatra.warm_points.sizes import PRICES, SIZES, Sizes, read_levels, sizes_of
from vatra.warm_points.task import Task, siting_task


def make_case(seed: int) -> tuple[Task, Sizes, float]:
    """A problem of up to five sites in up to three sizes."""
    rng = np.random.default_rng(seed)
    sites, homes, levels = (int(rng.integers(1, n)) for n in (6, 9, 4))
    places = np.sort(rng.integers(0, 14, (sites, levels)), axis=1)
    cost = np.cumsum(rng.integers(1, 9, (sites, levels)), axis=1).astype(float)
    metres = rng.uniform(10, 900, (sites, homes)).round()
    need = rng.integers(0, 7, homes)
    away = 500.0 * need if rng.random() < 0.5 else None
    fixed = rng.random(sites) < 0.15
    task = siting_task(
        metres, need, places.max(axis=1), sites=int(rng.integers(1, sites + 1)), unserved=1000.0,
        fixed=fixed, away=away,
    )  # fmt: skip
    least = np.where(places > 0, cost, np.inf).min(axis=1)
    budget = float(rng.uniform(0.2, 0.9) * cost.max(axis=1).sum() + least[task.fixed].sum())
    return task, Sizes(tuple("abc"[:levels]), places, cost, {}), budget


def every_choice(task: Task, sizes: Sizes, budget: float) -> float:
    """The least that any choice of sites and sizes costs."""
    sites, levels = sizes.places.shape
    best = np.inf
    for each in itertools.product(range(-1, levels), repeat=sites):
        level = np.array(each)
        chosen = np.flatnonzero(level >= 0)
        paid = sizes.cost[chosen, level[chosen]].sum()
        holds = sizes.places[chosen, level[chosen]]
        if chosen.size > task.sites or paid > budget or (holds <= 0).any():
            continue
        if (level[task.fixed] < 0).any():
            continue
        places = np.zeros(sites, dtype=np.int64)
        places[chosen] = holds
        best = min(best, serve_at(replace(task, capacity=places), chosen).cost)
    return best


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_no_choice_is_cheaper_than_the_bound(seed: int, exact: bool) -> None:
    task, sizes, budget = make_case(seed)
    least = every_choice(task, sizes, budget)
    found = sites_in_budget(task, sizes, budget, rounds=60, exact_s=10.0 if exact else 0.0)
    assert found.spent <= budget * (1 + 1e-9)
    assert (found.level >= 0).sum() <= task.sites
    assert (found.level[task.fixed] >= 0).all()
    assert found.bound <= least * (1 + 1e-6) + 1e-6
    assert found.cost >= least * (1 - 1e-6) - 1e-6
    if exact:
        assert found.cost == pytest.approx(least, rel=1e-5, abs=1e-5)
        assert found.status == "optimal"
    limit = most_affordable(sizes, budget, task.sites, task.fixed)
    assert (found.level >= 0).sum() <= limit
    opened = np.flatnonzero(found.level >= 0)
    assert sizes.places[opened, found.level[opened]].sum() <= places_affordable(sizes, budget)


def test_a_larger_city_comes_close_without_the_exact_solver() -> None:
    rng = np.random.default_rng(3)
    sites, homes = 60, 400
    here, there = rng.uniform(0, 4000, (sites, 2)), rng.uniform(0, 4000, (homes, 2))
    metres = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
    near = sp.coo_array(np.where(metres < 1500, metres, 0.0))
    candidates = pd.DataFrame(index=[f"A-{i}" for i in range(sites)])
    capacity = rng.integers(60, 600, sites)
    sizes = sizes_of(candidates, capacity)
    task = siting_task(near, rng.integers(5, 40, homes), capacity, unserved=4500.0)
    budget = 0.5 * float(np.where(sizes.places > 0, sizes.cost, 0.0).max(axis=1).sum())
    found = sites_in_budget(task, sizes, budget, exact_s=0.0)
    assert found.spent <= budget
    assert found.gap < 0.08


def test_sizes_cost_what_goes_into_them() -> None:
    candidates = pd.DataFrame({"backup_mw": [0.0, 0.1]}, index=["A", "B"])
    sizes = sizes_of(candidates, np.array([100, 1000]))
    first = SIZES.iloc[0]
    assert sizes.cost[0, 0] == sum(PRICES[name] * first[name] for name in PRICES)
    # A generator of its own needs none brought.
    assert sizes.cost[0, 0] - sizes.cost[1, 0] == PRICES["generators"]
    # A site of 100 holds as much when opened as «middle» as when «large», which costs more.
    assert sizes.places.tolist() == [[50, 100, 0, 0], [50, 150, 400, 1000]]


def test_sizes_of_one_site(tmp_path: Path) -> None:
    file = tmp_path / "levels.csv"
    file.write_text("level,places,cost,site_id\nhall,80,9,\nhall,200,30,B\nhalf,90,12,B\n")
    levels = read_levels(file, pd.Index(["A", "B"]))
    sizes = sizes_of(pd.DataFrame(index=["A", "B"]), np.array([500, 150]), levels)
    assert sizes.places.tolist() == [[80, 0], [150, 90]]
    assert sizes.cost.tolist() == [[9, 0], [30, 12]]


def test_all_that_is_wrong_with_sizes_is_told(tmp_path: Path) -> None:
    file = tmp_path / "levels.csv"
    file.write_text("level,places,site_id\nhall,-3,Z\n")
    with pytest.raises(InputError) as caught:
        read_levels(file, pd.Index(["A"]))
    assert [p.place for p in caught.value.problems] == ["cost", "places", "site_id"]
