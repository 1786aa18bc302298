"""Buildings as two nodes, air and heavy mass, and their exact step.

The state is the temperature of the air (with furniture and surfaces) and of the heavy mass. With
conductances per m² of floor and inputs constant over a step, the linear system

    C_air  dT_air/dt  = K_direct (T_out − T_air)  + K_inner (T_mass − T_air) + q_air
    C_mass dT_mass/dt = K_outer  (T_out − T_mass) + K_inner (T_air − T_mass) + q_mass

has the exact step ``T(t+h) = E T(t) + (I − E) T_steady`` with ``E = exp(A h)``, in closed form for
a 2 × 2 matrix with real eigenvalues.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vatra.homes.archetypes import COUPLING_W_M2K, LIGHT_WH_M2K

Float = NDArray[np.float64]

MEASURED_H = 48.0
"""Hours after which published cool-downs were measured."""


@dataclass(frozen=True)
class TwoNode:
    """Two-node buildings, all arrays of one shape, all figures per m² of floor.

    Parameters
    ----------
    direct_w_k
        Air to outdoors, W/K.
    inner_w_k
        Air to mass, W/K.
    outer_w_k
        Mass to outdoors, W/K.
    light_wh_k, heavy_wh_k
        Heat capacity of air and of mass, Wh/K.
    """

    direct_w_k: Float
    inner_w_k: Float
    outer_w_k: Float
    light_wh_k: Float
    heavy_wh_k: Float

    @property
    def loss_w_k(self) -> Float:
        """Air to outdoors along both ways, W/K."""
        through = self.inner_w_k * self.outer_w_k / (self.inner_w_k + self.outer_w_k)
        return np.asarray(self.direct_w_k + through)

    def matrix(self) -> tuple[Float, Float, Float, Float]:
        """Return the elements of A, 1/h: air-air, air-mass, mass-air, mass-mass."""
        return (
            -(self.direct_w_k + self.inner_w_k) / self.light_wh_k,
            self.inner_w_k / self.light_wh_k,
            self.inner_w_k / self.heavy_wh_k,
            -(self.inner_w_k + self.outer_w_k) / self.heavy_wh_k,
        )

    def slow_time_constant_h(self) -> Float:
        """Return the slower of the two time constants of free cooling, hours."""
        a, b, c, d = self.matrix()
        mean = (a + d) / 2.0
        spread = np.sqrt(np.square((a - d) / 2.0) + b * c)
        return np.asarray(-1.0 / (mean + spread))

    def rise(self, air_share: ArrayLike) -> tuple[Float, Float]:
        """Return the lasting rise of air and mass, K per W/m², of heat with `air_share` to the air.

        Parameters
        ----------
        air_share
            Share of the heat that goes to the air; the rest goes to the mass.
        """
        air = np.asarray(air_share, dtype=np.float64)
        both = self.direct_w_k + self.inner_w_k
        below = self.outer_w_k + self.inner_w_k
        det = both * below - np.square(self.inner_w_k)
        rise_air = (below * air + self.inner_w_k * (1.0 - air)) / det
        rise_mass = (self.inner_w_k * air + both * (1.0 - air)) / det
        return np.asarray(rise_air), np.asarray(rise_mass)

    def propagator(self, hours: float) -> tuple[Float, Float, Float, Float]:
        """Return the elements of exp(A·hours): air-air, air-mass, mass-air, mass-mass.

        Parameters
        ----------
        hours
            Length of the step, hours.
        """
        a, b, c, d = self.matrix()
        mean = (a + d) / 2.0
        half = (a - d) / 2.0
        spread = np.sqrt(np.square(half) + b * c)
        slow = np.exp((mean + spread) * hours)
        fast = np.exp((mean - spread) * hours)
        even = (slow + fast) / 2.0
        # The coupling is positive, so the eigenvalues are real and distinct.
        odd = (slow - fast) / (2.0 * spread)
        return even + odd * half, odd * b, odd * c, even - odd * half

    def forcing(self, hours: float, air_share: ArrayLike) -> tuple[Float, Float]:
        """Return what a step adds to air and mass, K per W/m² of heat with `air_share` to the air.

        Parameters
        ----------
        hours
            Length of the step, hours.
        air_share
            Share of the heat that goes to the air.
        """
        e_aa, e_am, e_ma, e_mm = self.propagator(hours)
        air, mass = self.rise(air_share)
        return air - e_aa * air - e_am * mass, mass - e_ma * air - e_mm * mass

    def left_after(self, hours: float, air_share: ArrayLike) -> Float:
        """Return the share of the indoor-outdoor difference that is left after the heat stops.

        Parameters
        ----------
        hours
            Hours after steady heating has stopped.
        air_share
            Share of that heating that went to the air.
        """
        e_aa, e_am, _, _ = self.propagator(hours)
        rise_air, rise_mass = self.rise(air_share)
        return np.asarray(e_aa + e_am * rise_mass / rise_air)

    def outdoor_weight(self, hours: float) -> tuple[Float, Float]:
        """Return the weight of the outdoor temperature in air and mass after a step.

        Parameters
        ----------
        hours
            Length of the step, hours.
        """
        e_aa, e_am, e_ma, e_mm = self.propagator(hours)
        return 1.0 - e_aa - e_am, 1.0 - e_ma - e_mm


def heavy_capacity(
    direct_w_k: ArrayLike,
    inner_w_k: ArrayLike,
    outer_w_k: ArrayLike,
    light_wh_k: ArrayLike,
    tau_h: ArrayLike,
) -> Float:
    """Return the heat capacity of the heavy mass for which `tau_h` is the slow time constant.

    Solves det(A + 1/τ) = 0 for the capacity, in closed form.

    Parameters
    ----------
    direct_w_k, inner_w_k, outer_w_k
        Conductances, W/K.
    light_wh_k
        Heat capacity of the air node, Wh/K.
    tau_h
        Slow time constant of free cooling, hours.

    Returns
    -------
    NDArray[np.float64]
        Wh/K.
    """
    direct, inner, outer, light, tau = (
        np.asarray(x, dtype=np.float64)
        for x in (direct_w_k, inner_w_k, outer_w_k, light_wh_k, tau_h)
    )
    left = direct + inner - light / tau
    heavy = tau * (inner + outer - np.square(inner) / np.where(left > 0.0, left, np.inf))
    if np.any(left <= 0.0) or np.any(heavy <= 0.0):
        raise ValueError("the time constant is shorter than air and furniture alone would give")
    return np.asarray(heavy)


def make_two_node(
    loss_w_k: ArrayLike,
    direct_share: ArrayLike,
    slow_tau_h: ArrayLike,
    *,
    mass_factor: ArrayLike = 1.0,
    loss_factor: ArrayLike = 1.0,
) -> TwoNode:
    """Return buildings with a given loss and time constant, per m² of floor.

    Parameters
    ----------
    loss_w_k
        Loss of the air to the outdoors along both ways, W/K.
    direct_share
        Share of it that bypasses the mass.
    slow_tau_h
        Slow time constant of free cooling with both factors at 1, hours.
    mass_factor
        Factor on the heavy mass that follows from it.
    loss_factor
        Factor on the loss.

    Returns
    -------
    TwoNode
        Arrays of the shape that the figures have together.
    """
    loss, share = np.asarray(loss_w_k, dtype=np.float64), np.asarray(direct_share, dtype=np.float64)
    inner = np.full(np.broadcast(loss, share).shape, COUPLING_W_M2K)
    light = np.full(inner.shape, LIGHT_WH_M2K)
    outer = _outer(loss * (1.0 - share), inner)
    heavy = heavy_capacity(share * loss, inner, outer, light, slow_tau_h)
    scaled = loss * np.asarray(loss_factor, dtype=np.float64)
    return TwoNode(
        direct_w_k=share * scaled,
        inner_w_k=inner,
        outer_w_k=_outer(scaled * (1.0 - share), inner),
        light_wh_k=light,
        heavy_wh_k=heavy * np.asarray(mass_factor, dtype=np.float64),
    )


def slow_time_constant(
    loss_w_k: ArrayLike,
    direct_share: ArrayLike,
    cooling_tau_h: ArrayLike,
    *,
    after_h: float = MEASURED_H,
    air_share: float = 0.7,
) -> Float:
    """Return the slow time constant for which a building cools as far as it was measured to.

    A measured cool-down is summed up by one exponential, `cooling_tau_h`. Two nodes fall faster in
    the first hours, so that their slow time constant must be longer to be as warm in the end.

    Parameters
    ----------
    loss_w_k, direct_share
        As of `make_two_node`.
    cooling_tau_h
        Time constant of the single exponential through start and end, hours.
    after_h
        Hours from start to end.
    air_share
        Share of the heating before that went to the air.

    Returns
    -------
    NDArray[np.float64]
        Slow time constant, hours, for `make_two_node`.
    """
    target = np.exp(-after_h / np.asarray(cooling_tau_h, dtype=np.float64))
    low = np.asarray(cooling_tau_h, dtype=np.float64) * 0.5
    high = low * 40.0
    for _ in range(60):
        middle = np.sqrt(low * high)
        warm = make_two_node(loss_w_k, direct_share, middle).left_after(after_h, air_share) > target
        low, high = np.where(warm, low, middle), np.where(warm, middle, high)
    return np.asarray(np.sqrt(low * high))


def _outer(through: Float, inner: Float) -> Float:
    # `through` is inner and outer in series.
    return np.asarray(through * inner / (inner - through))
