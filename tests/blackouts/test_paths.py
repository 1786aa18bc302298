"""Best paths of one feeder, against every path there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vatra.blackouts._even import BAND, ROW, even_path, table_rows
from vatra.blackouts._paths import FAR, best_path, draw, path_cost

SLOTS = 9
DARK, LIT = 4, 5
EVERY = [np.array(bits, dtype=bool) for bits in itertools.product((False, True), repeat=SLOTS)]

Arrays = dict[str, NDArray[np.float64]]


def _case(seed: int, *, max_light: int, limited: bool, damaged: bool) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    factor = 1.0 + np.outer(np.exp(-np.arange(LIT + 1.0)), 1 - np.exp(-np.arange(DARK + 1.0)))
    factor[-1] = 1.0
    over_dark = np.zeros(SLOTS + 2)
    over_dark[4:] = 2.0 + 0.5 * np.arange(SLOTS - 2)
    return {
        "ordinary": rng.uniform(0.5, 1.5, SLOTS),
        "steady": rng.uniform(0, 0.3, SLOTS),
        "dark_cost": rng.uniform(0.2, 1.0, SLOTS),
        "price": rng.uniform(0, 1.0, SLOTS),
        "room": rng.uniform(0.5, 3.0, SLOTS) if limited else np.full(SLOTS, np.inf),
        "over_price": np.full(SLOTS, 3.0),
        "fixed": 0.7,
        "available": rng.random(SLOTS) > 0.2 if damaged else np.ones(SLOTS, dtype=bool),
        "factor": factor,
        "column": np.arange(DARK + 1),
        "over_dark": over_dark,
        "end_dark": np.array([0.0, 5.0, 0.0]),
        "end_light": np.array([0.0, 8.0, 4.0, 0.0]),
        "max_light": max_light,
        "scale": 0.5,
        "switch": rng.uniform(0, 1.0, SLOTS) * (rng.random(SLOTS) < 0.5) * (rng.random() < 0.5),
        "window": np.array([
            3 * [-1.0] + 6 * [FAR], 9 * [1.0], 9 * [1.5]
        ]) if rng.random() < 0.3 else np.array([
            2 * [FAR] + 4 * [2.0] + 3 * [FAR], 9 * [2.0], 9 * [3.0]
        ]),
    }  # fmt: skip


def _cost(case: dict[str, object], start: NDArray[np.int64], path: NDArray[np.bool_]) -> float:
    load = np.zeros(SLOTS)
    draw(case["ordinary"], case["steady"], path, case["factor"], start, load)  # type: ignore[arg-type]
    names = ("dark_cost", "price", "room", "over_price", "fixed", "available", "over_dark",
             "end_dark", "end_light", "scale")  # fmt: skip
    rest = [case[name] for name in names]
    return path_cost(path, load, *rest, start, case["switch"], case["window"])  # type: ignore[arg-type,call-arg]


def _allowed(case: dict[str, object], start: NDArray[np.int64], path: NDArray[np.bool_]) -> bool:
    available = np.asarray(case["available"])
    if (path & ~available).any():
        return False
    run = int(start[1]) if start[1] <= LIT else 0
    for on in path:
        run = run + 1 if on else 0
        if run > int(case["max_light"]):  # type: ignore[call-overload]
            return False
    return True


starts = st.sampled_from([(0, 1000), (2, 0), (3, 2), (5, 1)])


@given(st.integers(0, 10**6), starts, st.sampled_from([4, 1000]), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_best_path_is_the_best_of_all(
    seed: int, begin: tuple[int, int], max_light: int, limited: bool, damaged: bool
) -> None:
    case = _case(seed, max_light=max_light, limited=limited, damaged=damaged)
    start = np.array(begin)
    if begin[1] > LIT and max_light < LIT:
        start = np.array((2, 0))
    path = np.zeros(SLOTS, dtype=bool)
    wide = DARK + 1
    cost = best_path(
        **case, start=start, free=np.zeros(SLOTS + 1), dark=np.zeros(SLOTS + 1),  # type: ignore[arg-type]
        back=np.zeros((SLOTS + 1, wide)), dark_length=np.zeros(SLOTS + 1, dtype=np.int64),
        back_length=np.zeros((SLOTS + 1, wide), dtype=np.int64), path=path,
    )  # fmt: skip
    least = min(_cost(case, start, one) for one in EVERY if _allowed(case, start, one))
    assert _allowed(case, start, path)
    assert cost == pytest.approx(least)
    assert _cost(case, start, path) == pytest.approx(least)


@given(
    st.integers(0, 10**6),
    starts,
    st.integers(0, SLOTS),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1.0, 0.2]),
)
@settings(max_examples=60, deadline=None)
def test_even_path_is_the_best_of_all_with_its_total(
    seed: int, begin: tuple[int, int], aim: int, limited: bool, damaged: bool, lean: float
) -> None:
    case = _case(seed, max_light=1000, limited=limited, damaged=damaged)
    start = np.array(begin)
    path = np.zeros(SLOTS, dtype=bool)
    # Room to work in comes with whatever the feeder before left in it, and as it was between rows.
    table = np.full(table_rows(SLOTS, DARK + 1) * ROW, FAR, dtype=np.float32)
    table.reshape(-1, ROW)[:, BAND:] = -1e36
    cost = even_path(
        **case, start=start, share=np.full(SLOTS, 0.5), aim=aim, uneven=0.3, lean=lean,  # type: ignore[arg-type]
        table=table, path=path,
    )  # fmt: skip
    available = np.asarray(case["available"])

    def whole(one: NDArray[np.bool_]) -> float:
        off = int((available & ~one).sum()) - aim
        return _cost(case, start, one) + 0.3 * off * off * (1.0 if off > 0 else lean)

    least = min(whole(one) for one in EVERY if _allowed(case, start, one))
    assert _allowed(case, start, path)
    assert cost == pytest.approx(least, rel=1e-5)
    assert whole(path) == pytest.approx(least, rel=1e-5)
