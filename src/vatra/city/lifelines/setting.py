"""What every step of the synthesis goes by."""

from __future__ import annotations

from dataclasses import dataclass

from vatra.city.lifelines.ground import Ground
from vatra.city.lifelines.scale import Scale


@dataclass(frozen=True)
class Setting:
    """Where things can stand, how many there are, and what is there already.

    Parameters
    ----------
    ground
        Where people and water are.
    scale
        How many of everything.
    known
        Names of tables that stay as they are.
    """

    ground: Ground
    scale: Scale
    known: frozenset[str]
