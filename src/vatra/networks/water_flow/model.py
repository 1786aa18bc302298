"""What a run of a water network gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True)
class WaterRun:
    """A water network through a horizon, slot by slot.

    Parameters
    ----------
    nodes, links
        Ids, in EPANET's order; nodes and links that only stand for the power of a pump left out.
    kind
        By node: 0 junction, 1 reservoir, 2 tank.
    elevation_m
        By node.
    pressure_m
        Node × slot: mean head above the node, m of water.
    delivered_m3, wanted_m3
        Node × slot: what junctions got, and what they would have drawn at full pressure; zero
        for tanks and reservoirs, and for junctions that feed water in.
    head_m
        Node × slot and one more: head at the start of each slot and at the end of the last.
    flow_m3_h
        Link × slot and one more, likewise; positive from the link's first node to its second.
    tank_m3
        Node × slot and one more: water in tanks, zero for other nodes.
    supplied_m3
        What reservoirs and junctions that feed in gave, less what flowed back into them.
    lost_m3
        What left through emitters and leaks of the model.
    solves
        How many times the hydraulics were solved.
    held
        How many tanks were shut off until the end of a slot, as they kept filling and emptying
        within seconds.
    warnings
        Number of solutions by EPANET's warning code.
    seconds
        Processor time, s.
    """

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    kind: NDArray[np.int64]
    elevation_m: Float
    pressure_m: Float
    delivered_m3: Float
    wanted_m3: Float
    head_m: Float
    flow_m3_h: Float
    tank_m3: Float
    supplied_m3: float
    lost_m3: float
    solves: int
    held: int
    warnings: dict[int, int]
    seconds: float

    @property
    def stored_m3(self) -> float:
        """Water that tanks hold more at the end than at the start."""
        return float((self.tank_m3[:, -1] - self.tank_m3[:, 0]).sum())

    @property
    def error_share(self) -> float:
        """Water unaccounted for, relative to the turnover."""
        delivered = float(self.delivered_m3.sum())
        missing = self.supplied_m3 - delivered - self.stored_m3 - self.lost_m3
        out = delivered + self.lost_m3 + max(self.stored_m3, 0.0)
        turnover = max(self.supplied_m3 - min(self.stored_m3, 0.0), out)
        return abs(missing) / turnover if turnover > 0.0 else 0.0


@dataclass(frozen=True)
class WaterFailure:
    """Why a run gave no answer.

    Parameters
    ----------
    code
        ``absent``, ``time``, ``steps``, ``crash``, ``refused`` or ``balance``.
    detail
        What EPANET said, or which limit was passed.
    """

    code: str
    detail: str
