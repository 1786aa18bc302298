"""Standing water in pipes: how long until it is at 0 °C, and until ice blocks it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WATER_J_M3K = 1000.0 * 4186.0
ICE_J_M3 = 1000.0 * 334e3
STEEL_J_KGK = 460.0
STEEL_KG_M3 = 7850.0


@dataclass(frozen=True)
class Pipe:
    """A steel pipe full of water that stands still, with or without insulation.

    Parameters
    ----------
    inner_m, outer_m
        Diameters of the pipe, m.
    insulation_m
        Thickness of its insulation, m.
    conductivity_w_mk
        Of the insulation.
    film_w_m2k
        From the outer face to still air: convection and radiation. Infinite to leave it out.
    count_steel
        Whether the pipe itself stores heat.
    """

    inner_m: float
    outer_m: float
    insulation_m: float = 0.0
    conductivity_w_mk: float = 0.04
    film_w_m2k: float = 8.5
    count_steel: bool = True

    @property
    def resistance_mk_w(self) -> float:
        """Insulation and film by length of pipe, m·K/W."""
        face_m = self.outer_m + 2.0 * self.insulation_m
        insulation = np.log(face_m / self.outer_m) / (2.0 * np.pi * self.conductivity_w_mk)
        return float(insulation + 1.0 / (np.pi * face_m * self.film_w_m2k))

    @property
    def water_m2(self) -> float:
        """Cross-section of the water, m²."""
        return float(np.pi * (self.inner_m / 2.0) ** 2)

    @property
    def cooling_h(self) -> float:
        """Time constant with which its water follows the air, hours."""
        steel_m2 = np.pi * (self.outer_m**2 - self.inner_m**2) / 4.0 * self.count_steel
        heat_j_mk = WATER_J_M3K * self.water_m2 + STEEL_KG_M3 * STEEL_J_KGK * steel_m2
        return float(heat_j_mk * self.resistance_mk_w / 3600.0)

    @property
    def icing_k_h(self) -> float:
        """Degree-hours of air below 0 °C that turn all its water to ice, K·h."""
        return ICE_J_M3 * self.water_m2 * self.resistance_mk_w / 3600.0

    def hours_to_zero(self, water_c: float, air_c: float) -> float:
        """Return the hours in which its water cools to 0 °C in air of a constant temperature.

        θ = ρc·π(D₁/2)²·R·ln[(tᵢ − tₐ)/(t_f − tₐ)], ASHRAE Handbook Fundamentals, chapter 23.

        Parameters
        ----------
        water_c
            Temperature of the water at the start, °C, above 0.
        air_c
            Temperature of the air, °C; infinite where it isn't below 0.
        """
        if air_c >= 0.0:
            return float("inf")
        return float(self.cooling_h * np.log((water_c - air_c) / -air_c))


RISER = Pipe(inner_m=0.0359, outer_m=0.0423)
"""A bare riser of nominal 32 mm (EN 10255, medium): 1.4 h, and 83 K·h to freeze through."""
PLUG_SHARE = 0.1
"""Share of the water that is ice when the first plug forms; assumed."""
