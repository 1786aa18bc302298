"""Refine a rotation of few feeders, where a feeder is a large step and moves alone lead nowhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vatra.blackouts._anneal import DRAWS, anneal_paths
from vatra.blackouts.bound import rule_cost
from vatra.blackouts.setting import Setting, State, stricter
from vatra.blackouts.task import Flags, Floats, Ints

FEW = 40
"""Feeders up to which a rotation is refined; more of them fill the limits well enough."""

STEPS = 250_000
"""Changes tried: about a fifth of a second."""

WARM, WARM_AGAIN, COLD = 1.0, 0.2, 0.06
"""Temperature at first, at first where there was a schedule before, and at last, in dark slots of
a mean feeder. Chosen by trying towns of 17 to 40 feeders."""

FIRM = 10.0
"""How much dearer breaking rules is while paths are refined: about what the largest change can win
in energy. Ten times that would hold long dark runs where they are if rules can't be kept."""


def can_refine(setting: Setting) -> bool:
    """Whether there are few enough feeders, a limit, and no rule that the changes know nothing of.

    Parameters
    ----------
    setting
        Feeders, limits and rules.
    """
    limited = bool(np.isfinite(setting.capacity).any())
    return setting.count <= FEW and not coupled(setting) and limited


def coupled(setting: Setting) -> bool:
    """Whether there are rules for crews or spans of time, which the changes know nothing of.

    Parameters
    ----------
    setting
        Feeders, limits and rules.
    """
    duties = setting.duties
    return duties is not None and (duties.crew_price > 0 or duties.span_price > 0)


def refine(  # noqa: PLR0917 - what a dispatch has at hand
    setting: Setting,
    state: State,
    dark_cost: Floats,
    aim: Ints,
    uneven: float,
    rng: np.random.Generator,
    *,
    again: bool = False,
) -> State:
    """Improve paths by simulated annealing; limits and rules that are kept stay kept.

    Parameters
    ----------
    setting, state
        Feeders and limits, and their paths.
    dark_cost
        Feeder × slot: cost of a dark slot, MWh.
    aim
        By feeder: dark slots of an even share.
    uneven
        Price of the square of the slots off that share, in dark slots.
    rng
        Draws the changes.
    again
        Whether the paths are good already and should change little.

    Returns
    -------
    State
        The better paths: no dearer than before in broken rules, and cheaper in all.
    """
    new = State(state.path.copy(), state.load.copy(), state.row_load.copy())
    broken = float(rule_cost(setting, state.path).sum())
    setting = stricter(setting, FIRM)
    # Nobody gains by the darkness of those whom no limit concerns.
    weight = np.where(_free(setting), 0.0, uneven * setting.scale)
    off = (setting.available & ~state.path).sum(axis=1) - aim
    cost = (
        rule_cost(setting, state.path)
        + (dark_cost * (setting.available & ~state.path)).sum(axis=1)
        + weight * np.square(off)
    )
    slot = float(setting.scale.mean())
    before = float(cost.sum())
    anneal_paths(
        setting.ordinary, setting.steady, dark_cost, setting.available, setting.scale,
        setting.start, setting.rows_of, setting.capacity, new.row_load, setting.above.full,
        setting.over_dark, setting.end_dark, setting.end_light, setting.max_light,
        setting.switch_cost, setting.window, aim, weight, 1.0,
        slot * (WARM_AGAIN if again else WARM), slot * COLD, rng.random((STEPS, DRAWS)),
        new.path, new.load, cost,
    )  # fmt: skip
    better = float(cost.sum()) < before
    fewer = float(rule_cost(setting, new.path).sum()) <= FIRM * broken + 1e-9
    return new if better and fewer else state


def _free(setting: Setting) -> Flags:
    """Feeders that may draw all they want, whatever the others do."""
    most = setting.ordinary * max(float(setting.coarse.factor.max()), 1.0) + setting.steady
    wanted = np.zeros_like(setting.capacity)
    for rows, load in zip(setting.rows_of, most, strict=True):
        wanted[rows[rows >= 0]] += load
    slack = np.asarray((wanted <= setting.capacity).all(axis=1))
    return np.array([slack[rows[rows >= 0]].all() for rows in setting.rows_of], dtype=np.bool_)


def refine_some(  # noqa: PLR0917 - as `refine`
    setting: Setting,
    state: State,
    group: Ints,
    dark_cost: Floats,
    aim: Ints,
    uneven: float,
    rng: np.random.Generator,
) -> State:
    """Refine a few feeders within the room that all others leave.

    Parameters
    ----------
    setting, state, dark_cost, aim, uneven, rng
        As in `refine`, for all feeders.
    group
        The few.

    Returns
    -------
    State
        The better paths of all.
    """
    own = np.zeros_like(state.row_load)
    for i in group:
        own[setting.rows_of[i][setting.rows_of[i] >= 0]] += state.load[i]
    others = state.row_load - own
    duties = setting.duties
    some = replace(
        setting, feeders=setting.feeders[group], ordinary=setting.ordinary[group],
        steady=setting.steady[group], available=setting.available[group],
        start=setting.start[group], scale=setting.scale[group],
        dark_cost=setting.dark_cost[group], rows_of=setting.rows_of[group],
        capacity=setting.capacity - others,
        duties=None if duties is None else replace(
            duties, kind=duties.kind[group], crews_of=duties.crews_of[group]
        ),
    )  # fmt: skip
    part = State(state.path[group], state.load[group], own)
    part = refine(some, part, dark_cost[group], aim[group], uneven, rng, again=True)
    new = State(state.path.copy(), state.load.copy(), others + part.row_load)
    new.path[group], new.load[group] = part.path, part.load
    return new
