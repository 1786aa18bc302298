"""The whole synthetic city: fabric, then networks, then ways out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vatra.city.model import City
from vatra.city.synthetic.fabric import make_fabric
from vatra.city.synthetic.layout import FULL_SIZE
from vatra.city.synthetic.ways import add_ways


def make_city(
    residents: int = FULL_SIZE, seed: int = 0, progress: Callable[[str], None] | None = None
) -> City:
    """Make a city: land, streets, homes, people, public buildings, networks, ways out.

    Parameters
    ----------
    residents
        How many people live in it, 20,000 to 3,000,000.
    seed
        Chooses the city; the same number of residents and seed give the same bytes.
    progress
        Called with the name of each stage as it starts.

    Returns
    -------
    City
        A city with all tables; every row of its networks and ways out is marked as assumed.
    """
    # The networks are also built over real cities; here they come last.
    from vatra.city.lifelines import add_lifelines  # noqa: PLC0415

    fabric = make_fabric(residents, seed, progress)
    if progress:
        progress("networks")
    return add_ways(add_lifelines(fabric, np.random.default_rng([seed, 1])))
