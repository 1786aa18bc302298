"""How darkness is shared out, and that what is proved of it holds for every schedule there is."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blackouts.towns import make_town
from vatra.blackouts import Rules, schedule_blackouts
from vatra.blackouts.bound import find_prices, rule_cost
from vatra.blackouts.setting import Setting, lay_out
from vatra.blackouts.shares import least_darkest
from vatra.blackouts.task import state_task
from vatra.demand import served_load
from vatra.demand.model import Demand


def _evenest(demand: Demand, limit: np.ndarray, setting: Setting, broken: float) -> int:
    """Least slots that the darkest of a few feeders has, trying all that break rules no more."""
    feeders, slots = demand.load_mw.shape
    patterns = np.array(list(itertools.product((False, True), repeat=slots)))
    rules = np.array([rule_cost(setting, np.tile(bits, (feeders, 1))) for bits in patterns])
    loads = []
    for f in range(feeders):
        one = Demand(
            demand.grid, demand.feeder_id[[f]], demand.load_mw[[f]], demand.critical_mw[[f]],
            demand.heater_mw[[f]], demand.pickup,
        )  # fmt: skip
        loads.append(np.array([served_load(one, bits[None, :])[0] for bits in patterns]))
    dark = (~patterns).sum(axis=1)
    best: int = slots
    for choice in itertools.product(range(len(patterns)), repeat=feeders):
        most = int(max(dark[c] for c in choice))
        if most < best and sum(rules[c, f] for f, c in enumerate(choice)) <= broken + 1e-9:
            total = np.sum([loads[f][c] for f, c in enumerate(choice)], axis=0)
            if (total <= limit + 1e-9).all():
                best = most
    return best


@given(st.integers(0, 10**6), st.floats(0.1, 0.9))
@settings(max_examples=10, deadline=None)
def test_the_bound_on_the_darkest_is_never_above_the_evenest_schedule(
    seed: int, share: float
) -> None:
    table, demand = make_town(3, 5, seed, kept=0)
    limit = np.full(5, share * demand.total_mw.mean())
    task = state_task(table, demand, limit_mw=limit)
    setting = lay_out(task, np.zeros((3, 5), dtype=bool))
    price = find_prices(setting, np.random.default_rng(seed)).price
    # The bound is of schedules that keep rules as well as a given one.
    path = np.array([[True] * 5, [True] * 5, [True, True, False, False, False]])
    path[2, 3] = seed % 2 == 0  # a run of one dark slot is too short
    broken = float(rule_cost(setting, path).sum())
    assert least_darkest(setting, price, path) <= _evenest(demand, limit, setting, broken)


def test_shares_by_day_and_evening_and_what_rules_cost() -> None:
    table, demand = make_town(60, 96, kept=0.2)
    limit = np.full(96, 0.6 * demand.total_mw.max())
    rules = Rules(max_dark_h=4.0, align_queues=False)
    schedule = schedule_blackouts(table, demand, limit_mw=limit, rules=rules)
    proof = schedule.certificate
    spans = {share.span: share for share in proof.shares}
    assert next(iter(spans)) == "in all"
    assert {"2022-11-24", "2022-11-24 evening", "2022-11-25 evening"} <= set(spans)
    own = (~table.protected & ~table.reserved).to_numpy()
    dark = ~schedule.lit[own]
    late = (demand.grid.hour >= 17) & (demand.grid.hour < 23) & (demand.grid.day == 0)
    evening = spans["2022-11-24 evening"]
    assert evening.most_h == 0.5 * dark[:, late].sum(axis=1).max()
    assert evening.least_h == 0.5 * dark[:, late].sum(axis=1).min()
    assert all(s.most_bound_h <= s.most_h for s in proof.shares)
    assert spans["in all"].most_bound_h >= 0.6 * spans["in all"].most_h
    if not proof.violations:
        costs = {cost.rule: cost.mwh for cost in proof.rule_costs}
        assert {"max_dark_h", "min_dark_h", "min_light_h"} <= set(costs)
        assert all(mwh >= 0 for mwh in costs.values())
        assert sum(costs.values()) < proof.unserved_bound_mwh
