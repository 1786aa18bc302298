"""Queues in balance, and back into it with the fewest moves."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import balance_queues, queue_names, rebalance_queues
from vatra.problems import InputError


def table_of(count: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    table, demand = make_town(count, 2, seed)
    rng = np.random.default_rng(seed)
    table["residents"] = rng.integers(200, 3000, count)
    table["critical_mw"] = demand.critical_mw[:, 0]
    return table, demand.load_mw.mean(axis=1)


@pytest.mark.parametrize(("queues", "parts"), [(6, 2), (3, 1), (60, 2)])
def test_every_queue_takes_as_much_off(queues: int, parts: int) -> None:
    table, load = table_of(2000, 1)
    names = queue_names(queues, parts)
    plan = balance_queues(table, load, names=names)
    assert list(plan.balance.index) == list(names)
    assert plan.balance[["load_off", "people_off"]].abs().to_numpy().max() < 0.03
    cut = ~(table["protected"] | table["reserved"])
    assert ((plan.queue != "") == cut).all()
    assert plan.balance["load_mw"].sum() == pytest.approx(load[cut].sum())
    if queues == 6:
        assert plan.balance["critical_off"].abs().max() < 0.1
        # No queue holds much more of a substation than another does.
        shuffled = np.random.default_rng(0).permutation(plan.queue[cut])
        assert spread(table[cut], load[cut], plan.queue[cut]) < 0.9 * spread(
            table[cut], load[cut], shuffled
        )


def spread(table: pd.DataFrame, load: np.ndarray, queue: object) -> float:
    """Mean over substations of how much the queues differ in load there."""
    rows = pd.DataFrame({"s": table["substation_id"], "q": np.asarray(queue), "mw": load})
    share = rows.pivot_table(index="s", columns="q", values="mw", aggfunc="sum", fill_value=0.0)
    return float(share.std(axis=1).mean())


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_moves_are_the_fewest_there_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    load = rng.uniform(1, 3, 7)
    table = pd.DataFrame({"queue": rng.choice(["1", "2", "3"], 7)},
                         index=[f"F{i}" for i in range(7)])  # fmt: skip
    if table["queue"].nunique() < 3:
        return
    plan = rebalance_queues(table, load, tolerance=0.35)
    best = np.inf
    for trial in itertools.product("123", repeat=7):
        names = np.array(trial)
        sums = np.array([[load[names == q].sum(), (names == q).sum()] for q in "123"])
        if (np.abs(sums / sums.mean(axis=0) - 1) <= 0.35).all():
            best = min(best, int((names != table["queue"].to_numpy()).sum()))
    if np.isfinite(best):
        assert plan.kept
        assert plan.proved
        assert len(plan.moves) == best
    else:
        assert not plan.kept


def test_a_large_city_that_drifted_moves_few_feeders() -> None:
    table, load = table_of(1500, 3)
    table["queue"] = balance_queues(table, load).queue
    drifted = load * np.where(table["queue"] == "1.1", 1.25, 1.0)
    plan = rebalance_queues(table, drifted, tolerance=0.05)
    assert plan.kept
    assert 0 < plan.moves_bound <= len(plan.moves) <= 2 * plan.moves_bound + 2
    assert set(plan.moves["was"]) == {"1.1"} or len(plan.moves) < 40
    again = rebalance_queues(table.assign(queue=plan.queue), drifted)
    assert again.moves.empty
    assert again.proved


def test_new_feeders_get_a_queue_and_what_cannot_be_is_told() -> None:
    table, load = table_of(60, 4)
    table["queue"] = balance_queues(table, load, names=queue_names(3, 2)).queue
    table["queue"] = table["queue"].where(np.arange(60) >= 3, "")
    plan = rebalance_queues(table, load, tolerance=0.3)
    assert ((plan.queue != "") == ~(table["protected"] | table["reserved"])).all()
    with pytest.raises(InputError, match="no feeder has a queue"):
        rebalance_queues(table.assign(queue=""), load)
    with pytest.raises(InputError, match="not a share"):
        rebalance_queues(table, load, tolerance=0)
    with pytest.raises(InputError, match="not MW"):
        balance_queues(table, load[1:])
    with pytest.raises(InputError, match="no such numbers"):
        queue_names(0, 2)
