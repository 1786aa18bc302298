"""The carrier of what the city would draw."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.situation.timegrid import TimeGrid


@dataclass(frozen=True)
class Pickup:
    """How much more a feeder draws when it comes back than it would have drawn.

    The load after a cut of ``d`` hours, ``s`` hours after the return, is the ordinary load times
    ``1 + extra · (1 − exp(−d / growth_h)) · exp(−s / decay_h)``: diversity is lost while it is
    dark and comes back while it is lit. Averages over a slot are used, not its start.

    Parameters
    ----------
    extra
        Largest extra share, 0.7 for the «1.7 times» of the Kyiv operator, November 2022.
    growth_h
        Hours of darkness after which 63 % of it is reached; *assumed* 1.5.
    decay_h
        Hours of light after which it has decayed to 37 %; *assumed* 1.
    """

    extra: float = 0.7
    growth_h: float = 1.5
    decay_h: float = 1.0


@dataclass(frozen=True)
class Demand:
    """What each feeder would draw in each slot, were it never cut, and after a cut.

    Parameters
    ----------
    grid
        The half-hour slots.
    feeder_id
        Ids of the feeders, in the order of the city's table.
    load_mw
        Feeder × slot: mean load if lit throughout, MW, the critical part and the homes' extra
        heaters (at the indoor temperatures of the present plan) included.
    critical_mw
        Feeder × slot: of it, critical customers.
    heater_mw
        Feeder × slot: of it, extra electric heaters in cold homes.
    pickup
        Extra load after a cut. It acts on ``load_mw − critical_mw − heater_mw``; heaters have a
        state of their own.
    """

    grid: TimeGrid
    feeder_id: pd.Index[str]
    load_mw: NDArray[np.float64]
    critical_mw: NDArray[np.float64]
    heater_mw: NDArray[np.float64]
    pickup: Pickup = Pickup()

    def after(self, slot: int) -> Demand:
        """Return the same from a slot on.

        Parameters
        ----------
        slot
            First slot that is kept.
        """
        grid = self.grid
        return replace(
            self,
            grid=TimeGrid(grid.times[slot], grid.slots - slot, grid.time_zone),
            load_mw=self.load_mw[:, slot:],
            critical_mw=self.critical_mw[:, slot:],
            heater_mw=self.heater_mw[:, slot:],
        )

    @property
    def total_mw(self) -> NDArray[np.float64]:
        """Load of the city by slot, MW."""
        return np.asarray(self.load_mw.sum(axis=0))
