"""By how much a rule has to give way: what no schedule within the limits can keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vatra.blackouts.bound import Prices, find_prices
from vatra.blackouts.setting import Setting, fresh_state, place
from vatra.blackouts.task import Floats

RULES_ONLY = 1e-6
"""Weight of energy where only rules count: enough to break ties."""

ASKED = 5.0
"""Price of a dark slot beyond the rule where only rules count, in dark slots."""

NEVER_DARK = 1e6
"""Price of a dark slot beyond a rule that is held to be kept."""


def least_longest_dark(
    setting: Setting, prices: Prices, *, kept_slots: int, rule_slots: int
) -> int:
    """Find a longest dark run below which no schedule within the limits can stay.

    With the longest dark run at n slots, let each feeder take the path that costs least at some
    prices on the limits. If that costs more than the limits are worth at those prices, n slots
    can't be kept, whatever is done (a Farkas certificate). Tried are the prices of the energy and
    those at which the rule alone is dear.

    Parameters
    ----------
    setting
        Feeders and limits.
    prices
        Prices of the limits.
    kept_slots
        Longest dark run of a schedule within the limits.
    rule_slots
        Longest dark run that was asked for.

    Returns
    -------
    int
        Slots: nothing below this can be kept. At least `rule_slots`, at most `kept_slots`.
    """
    proved = _unkeepable(setting, prices.price, kept_slots, rule_slots - 1)
    middle = (proved + kept_slots) // 2
    if middle > proved + 1:
        rules_only = replace(
            setting,
            dark_cost=RULES_ONLY * setting.dark_cost,
            over_dark=np.append(np.zeros(middle + 1), ASKED),
        )
        again = find_prices(rules_only, np.random.default_rng(0), like=prices.price[0])
        proved = _unkeepable(setting, again.price, kept_slots, proved)
    return min(proved + 1, kept_slots)


def _unkeepable(setting: Setting, price: Floats, kept_slots: int, proved: int) -> int:
    """Longest rule that these prices prove can't be kept, slots; `proved` is one that is known."""
    finite = np.isfinite(setting.capacity)
    if not finite.any():  # an order in queues alone: no limit, nothing to prove by
        return proved
    for tilt in (0.0, 0.5, 1.0):
        # What a MW is worth beyond the energy that it serves is what keeping the rule needs.
        price_now = np.maximum(price - tilt * float(np.median(price[finite])), 0.0)
        worth = float((price_now[finite] * setting.capacity[finite]).sum())
        low, high = proved, kept_slots
        while high - low > 1:
            middle = (low + high) // 2
            over_dark = np.append(np.zeros(middle + 1), NEVER_DARK)
            hard = replace(setting, over_dark=over_dark, duties=None)
            cost, _ = place(
                hard, fresh_state(hard), np.arange(hard.count), price_now, hard.below,
                dark_cost=np.zeros_like(hard.dark_cost),
            )  # fmt: skip
            if cost > worth * (1.0 + 1e-9):
                low = middle
            else:
                high = middle
        proved = max(proved, low)
    return proved
