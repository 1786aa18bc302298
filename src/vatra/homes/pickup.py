"""Cold-load pickup of heaters, which follows from how cold homes have become.

On an ordinary day thermostats are out of step: of a building's heaters only as many run as the
loss asks for. After a cut all of them find their rooms too cold and run at once, up to their power,
until the rooms are warm again, which takes the longer the longer it was dark. No factor is needed
for this; it is what `simulate_homes` steps anyway.

A forecast of demand may take the heaters' part of the pickup from here and keep a factor, with its
growth and decay in hours, for what else falls due at once: fridges, water boilers, pumps. As the
want of a slot is that of heaters *if it is lit*, given all that went before, it holds for the first
slot after a cut as for any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.homes.archetypes import HomeParameters
from vatra.homes.simulate import simulate_homes
from vatra.situation.model import Situation

Float = NDArray[np.float64]


@dataclass(frozen=True)
class HeaterPickup:
    """What heaters want with cuts and without.

    Parameters
    ----------
    want_kw
        Block × slot: with the cuts, if the slot is lit.
    ordinary_kw
        Block × slot: had there been none.
    """

    want_kw: Float
    ordinary_kw: Float

    @property
    def extra_kw(self) -> Float:
        """What the cuts add, never negative but for rounding."""
        return self.want_kw - self.ordinary_kw

    def by_feeder(self, feeder: NDArray[np.int64], feeders: int) -> Float:
        """Add up the extra want of the blocks on each feeder.

        Parameters
        ----------
        feeder
            Row of each block's feeder.
        feeders
            How many there are.

        Returns
        -------
        NDArray[np.float64]
            Feeder × slot, kW.
        """
        total = np.zeros((feeders, self.want_kw.shape[1]))
        np.add.at(total, feeder, self.extra_kw)
        return total


def heater_pickup(
    city: City,
    situation: Situation,
    power: NDArray[np.bool_],
    heat: NDArray[np.floating],
    parameters: HomeParameters | None = None,
) -> HeaterPickup:
    """Return what heaters want after cuts, and what they would have wanted without them.

    Parameters
    ----------
    city, situation, power, heat, parameters
        As of `simulate_homes`.

    Returns
    -------
    HeaterPickup
        The part of cold-load pickup that is heaters'.
    """
    parameters = parameters or HomeParameters()
    with_cuts = simulate_homes(city, situation, power, heat, parameters)
    without = simulate_homes(city, situation, np.ones_like(power, dtype=bool), heat, parameters)
    return HeaterPickup(
        with_cuts.heater_want_kw.astype(np.float64), without.heater_want_kw.astype(np.float64)
    )
