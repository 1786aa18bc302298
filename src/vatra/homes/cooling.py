"""One building cooling on its own, in double precision: for cases with a known answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vatra.homes.two_node import TwoNode
from vatra.situation.timegrid import SLOT_H


def cool_down(
    nodes: TwoNode,
    outdoor_c: NDArray[np.float64],
    *,
    start_c: float = 20.0,
    gain_w_m2: ArrayLike = 0.0,
    ground_share: float = 0.0,
    ground_c: float = 8.0,
    air_share: float = 0.7,
    step_h: float = SLOT_H,
) -> NDArray[np.float64]:
    """Return the temperatures of unheated buildings that were heated until the start.

    Parameters
    ----------
    nodes
        The buildings.
    outdoor_c
        By step: outdoor temperature, °C. The first one stands for the days before.
    start_c
        Indoor temperature that the heating held until the start, °C.
    gain_w_m2
        Heat that goes on after it, W/m², one figure or one a step.
    ground_share
        Share of the loss that goes to the ground instead of outdoors.
    ground_c
        Temperature of the ground, °C.
    air_share
        Share of all heat that goes to the air; 0 for floor heating.
    step_h
        Length of a step, hours.

    Returns
    -------
    NDArray[np.float64]
        Air and mass (first axis) × the buildings' shape × time, °C; the start first, then the end
        of each step.
    """
    outside = (1.0 - ground_share) * np.asarray(outdoor_c, dtype=np.float64)
    outside += ground_share * ground_c
    gain = np.broadcast_to(np.asarray(gain_w_m2, dtype=np.float64), outside.shape)
    e_aa, e_am, e_ma, e_mm = nodes.propagator(step_h)
    rise_air, rise_mass = nodes.rise(air_share)
    air = np.full(rise_air.shape, start_c)
    mass = outside[0] + (start_c - outside[0]) / rise_air * rise_mass
    path = [(air, mass)]
    for out, heat in zip(outside, gain, strict=True):
        final_air, final_mass = out + rise_air * heat, out + rise_mass * heat
        off_air, off_mass = air - final_air, mass - final_mass
        air = final_air + e_aa * off_air + e_am * off_mass
        mass = final_mass + e_ma * off_air + e_mm * off_mass
        path.append((air, mass))
    return np.moveaxis(np.array(path), 0, -1)
