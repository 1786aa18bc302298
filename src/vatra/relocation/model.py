"""The carriers of who should move out, how, and what must be decided by when."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from vatra.relocation.exits import Exits
from vatra.relocation.network import Crowd, Moves
from vatra.relocation.rules import MoveRules


@dataclass(frozen=True)
class MovePlan:
    """A staged plan for some people, or for all, to leave.

    Parameters
    ----------
    name
        ``some`` (those who can be neither kept warm, watered nor reached) or ``all``.
    start
        When it is decided, UTC; steps are counted from here.
    step_h
        Length of a step, hours.
    people, vulnerable
        Who is to leave, and of them the vulnerable with those who travel with them.
    departures
        When who leaves home: ``district_id``, ``time`` (UTC), ``tier``, ``by`` (``car`` or
        ``pick-up``), ``people``.
    curve
        By ``time`` (UTC, end of the step): ``left_home``, ``arrived``, ``vulnerable`` (of those
        arrived), ``bound`` (no plan has more arrivals by then).
    ways
        By ``way_id``: ``kind``, ``name``, ``name_uk``, ``people``, ``first`` and ``last`` (UTC,
        departures), ``full_share`` (share of its steps between these that are full).
    arrivals
        By ``destination_id``: ``name``, ``name_uk``, ``people``, ``beds``.
    binding
        What is full before everybody is out, and what more of it would save: ``what`` (``lane``,
        ``train``, ``buses``, ``pick-up``, ``street``, ``beds``), ``way_id``, ``saved_h`` (hours
        that the last departure by car, or from pick-up points, comes earlier; NaN: not tried).
    clearance_h, clearance_bound_h
        Hours from the start until the last arrival, and no plan has it earlier. Infinite where
        not everybody finds a way.
    vulnerable_h, vulnerable_bound_h
        The same for the vulnerable.
    range_h
        Clearance where all ways and pick-up points take a quarter more, and a quarter less, than
        supposed: hours, from and to, sent in the best order.
    cut_h
        Hours that the ways alone need, with nothing said of how people get to them: ``car`` and
        ``pick-up``, a simpler lower bound.
    last_car_h, last_pickup_h
        Hours until the last departure by car, and from the pick-up points.
    no_way
        People who find no way or no bed within the days planned.
    late
        People who leave home only after their home is too cold or dry, by tier.
    walk_none
        People without a car and without a pick-up point within the walk: to be fetched.
    exits, crowds, moves
        The network, the groups in the order in which they go, and their moves: `check_moves`
        recounts them.
    """

    name: str
    start: pd.Timestamp
    step_h: float
    people: int
    vulnerable: int
    departures: pd.DataFrame
    curve: pd.DataFrame
    ways: pd.DataFrame
    arrivals: pd.DataFrame
    binding: pd.DataFrame
    clearance_h: float
    clearance_bound_h: float
    vulnerable_h: float
    vulnerable_bound_h: float
    cut_h: dict[str, float]
    last_car_h: float
    last_pickup_h: float
    no_way: int
    late: dict[str, int]
    walk_none: int
    exits: Exits
    crowds: list[Crowd]
    moves: list[Moves]
    range_h: tuple[float, float] = (float("nan"), float("nan"))

    @property
    def gap(self) -> float:
        """How much longer the plan takes than the bound, as a share."""
        return self.clearance_h / self.clearance_bound_h - 1.0 if self.clearance_bound_h else 0.0


@dataclass(frozen=True)
class Notice:
    """What can still be done with how much notice, should heat and power fail everywhere.

    Parameters
    ----------
    late
        One row a lead: ``lead_h`` (hours from the decision to the failure, negative after it),
        ``vulnerable`` and ``all``: people still at home when it falls below the threshold.
    vulnerable, people
        Who would have to leave within the hours looked at.
    decide
        One row a step: ``step`` (``vulnerable``, ``all``), ``lead_h`` (hours before
        the failure by which to decide it so that nobody is late; NaN where no lead that was
        tried is long enough), ``left`` (people late at the longest lead, where that is so).
    notice_h
        Hours of notice that there will be.
    late_vulnerable, late_all
        People late at that notice.
    range_vulnerable, range_all
        The same where buildings hold their heat 35 % longer, and 35 % shorter, than supposed.
    threshold_c
        Indoor temperature, °C.
    first_h, half_h
        Hours from the failure until the first homes, and homes of half of the people, are
        below it.
    """

    late: pd.DataFrame
    vulnerable: int
    people: int
    decide: pd.DataFrame
    notice_h: float
    late_vulnerable: int
    late_all: int
    threshold_c: float
    first_h: float
    half_h: float
    range_vulnerable: tuple[int, int] = (-1, -1)
    range_all: tuple[int, int] = (-1, -1)


@dataclass(frozen=True)
class Relocation:
    """People who can't be kept warm where they live, nor at a warm point.

    Parameters
    ----------
    groups
        One row a district and reason: ``district_id``, ``reason`` (``no warm point in reach``,
        ``no place at a warm point``, ``no water``), ``people``, ``vulnerable`` (infants, elderly
        and disabled among them), ``from_time`` (UTC, when the first block of them falls below
        the threshold for everybody, or, where none does, that for the vulnerable).
    people
        All of them; nobody is counted twice.
    vulnerable
        Infants, elderly and disabled among them.
    blocks
        The same by block, one row a block and reason: ``block_id``, ``district_id``, ``reason``,
        ``infants``, ``elderly``, ``disabled``, ``displaced``, ``others`` (these five add up to
        ``people``), ``people``, ``from_time``, ``leave_by`` (UTC; NaT where no home is expected
        to be too cold for everybody), ``scenario``.
    some, everyone
        Plans for these people, and for the whole city; None where no ways out are known or
        nobody is to move.
    notice
        What must be decided by when; None where no ways out are known.
    come_back
        By district of those who left: ``fit_from`` (UTC, NaT where not within the horizon),
        ``fit_share`` (share of those who left whose homes are fit at the end), ``lacks`` (what
        keeps it: ``heat``, ``water``, ``sewage``, ``power``, or empty), ``warm_up_h`` (hours
        until homes are at 16 °C after heat is back).
    rules
        What was assumed of the moves.
    pickups
        Where buses stop, by ``site_id``: ``people`` without a car who are nearest in the plan for
        all, ``walk_m`` of the one who walks farthest, ``district_id``; empty where no ways out
        are known.
    """

    groups: pd.DataFrame
    people: int
    vulnerable: int
    blocks: pd.DataFrame = field(default_factory=pd.DataFrame)
    some: MovePlan | None = None
    everyone: MovePlan | None = None
    notice: Notice | None = None
    come_back: pd.DataFrame = field(default_factory=pd.DataFrame)
    rules: MoveRules = field(default_factory=MoveRules)
    pickups: pd.DataFrame = field(default_factory=pd.DataFrame)
