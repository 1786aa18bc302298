"""The carrier of who is dark when, and the proof that comes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid


class State(IntEnum):
    """What is said about a feeder in a slot. The states are never mixed."""

    LIT = 0
    PLANNED = 1
    POSSIBLE = 2
    EMERGENCY = 3
    SPECIAL_EMERGENCY = 4
    DAMAGED = 5
    UNKNOWN = 6


@dataclass(frozen=True)
class Violation:
    """A rule or limit that could not be kept.

    Parameters
    ----------
    rule
        Name of the rule, as in `Rules`, or ``supply limit``.
    subject
        Feeders, substations or areas concerned, worded.
    slots
        Slots concerned.
    reason
        Why it could not be kept, in a sentence.
    relaxation
        The smallest change found that makes the order feasible, in a sentence; empty if none.
    """

    rule: str
    subject: str
    slots: tuple[int, ...]
    reason: str
    relaxation: str = ""


@dataclass(frozen=True)
class Share:
    """How darkness is shared out over a span of time, among feeders that may be cut.

    Parameters
    ----------
    span
        ``in all``, a local date, or a date and ``evening`` (17–23).
    most_h, least_h
        Darkness of the feeder with the most and with the least, hours.
    most_bound_h
        In no schedule within the limits that keeps the rules as well as this one has every feeder
        less than this, hours.
    range_bound_h
        Half an hour where so much darkness can't be shared out evenly, else 0.
    """

    span: str
    most_h: float
    most_bound_h: float
    least_h: float
    range_bound_h: float


@dataclass(frozen=True)
class RuleCost:
    """What a rule costs.

    Parameters
    ----------
    rule
        Name of the rule, as in `Rules`.
    mwh
        Energy unserved that the rule is the reason of: the bound with it less the bound without,
        at the same prices of the limits, MWh. An estimate: without it prices would be others.
    """

    rule: str
    mwh: float


@dataclass(frozen=True)
class Certificate:
    """How far from the best possible a schedule can be.

    Parameters
    ----------
    unserved_mwh
        Energy that customers want and don't get, at the load that they would have drawn had they
        never been cut.
    unserved_bound_mwh
        No schedule that keeps the limits, and breaks the rules on runs no more than this one,
        leaves less unserved than this.
    bound_method
        How the bound was computed, in a sentence.
    dark_h_range
        Longest less shortest darkness over the feeders that may be cut, hours in all.
    dark_h_range_bound
        No schedule has a smaller range than this, hours.
    longest_dark_h
        Longest dark run, hours.
    limit_excess_mw
        Most by which the load exceeds a limit in any slot, MW; 0 when all limits are kept.
    violations
        Whatever could not be kept.
    seconds
        Time that the scheduler took.
    shares
        How darkness is shared out in all, by day and by evening, with bounds.
    rule_costs
        What each rule costs, dearest first; empty where it wasn't asked for or rules are broken.
    """

    unserved_mwh: float
    unserved_bound_mwh: float
    bound_method: str
    dark_h_range: float
    dark_h_range_bound: float
    longest_dark_h: float
    limit_excess_mw: float
    violations: tuple[Violation, ...] = ()
    seconds: float = 0.0
    shares: tuple[Share, ...] = ()
    rule_costs: tuple[RuleCost, ...] = ()

    @property
    def unserved_ratio(self) -> float:
        """Unserved energy over its lower bound, 1 where both are zero."""
        if self.unserved_bound_mwh > 0:
            return self.unserved_mwh / self.unserved_bound_mwh
        return 1.0 if self.unserved_mwh <= 1e-9 else float("inf")


@dataclass(frozen=True)
class Schedule:
    """Who is dark when.

    Parameters
    ----------
    grid
        The half-hour slots.
    feeder_id
        Ids of the feeders, in the order of the city's table.
    state
        Feeder × slot: `State`, int8.
    load_mw
        Feeder × slot: load that is served, pickup included, MW.
    limit_mw
        Limit of the whole city by slot, MW; NaN where there is none.
    kept_mw
        Load of feeders that planned cuts don't touch, by slot, MW.
    certificate
        The proof.
    queue
        Queue of each feeder, empty for feeders that planned cuts don't touch.
    queue_dark_share
        Queue (rows, sorted) × slot: share of the queue's customers that are dark; for display.
    worth
        By slot: energy that could be served for each MWh that the city got on top, 0 where its
        limit doesn't bind; empty where it isn't known.
    """

    grid: TimeGrid
    feeder_id: pd.Index[str]
    state: NDArray[np.int8]
    load_mw: NDArray[np.float64]
    limit_mw: NDArray[np.float64]
    kept_mw: NDArray[np.float64]
    certificate: Certificate
    queue: pd.Series[str] = field(default_factory=lambda: pd.Series(dtype="object"))
    queue_dark_share: pd.DataFrame = field(default_factory=pd.DataFrame)
    worth: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def lit(self) -> NDArray[np.bool_]:
        """Feeder × slot: True where the feeder has power."""
        return np.asarray(self.state == State.LIT)

    @property
    def served_mw(self) -> NDArray[np.float64]:
        """Load of the city by slot, pickup included, MW."""
        return np.asarray(self.load_mw.sum(axis=0))
