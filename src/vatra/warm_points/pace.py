"""How far people get in the time that counts as reach: pace by tier, and on ice.

Reach is a time: 1,000 m are 15 minutes for a healthy adult on cleared streets. The vulnerable
walk more slowly, and everybody does on ice, so that fewer metres are within their reach.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vatra.warm_points.assign import Seating
    from vatra.warm_points.choice import Choice

Ints = NDArray[np.int64]

ADULT_M_S = 1000.0 / (15.0 * 60.0)
"""Pace of a healthy adult on cleared streets, m/s: 4 km/h (assumed)."""
VULNERABLE_M_S = 0.95
"""Pace of the elderly, of the disabled who walk and of those with infants, m/s (assumed; the
mean of healthy people over 65 indoors is 1.1 to 1.3)."""
ADULT_ICE_M_S, VULNERABLE_ICE_M_S = 1.0, 0.8
"""The same on ice (assumed: 0.8 to 1.0 for the elderly)."""
ICE_C = 0.0
"""Streets are icy where it is colder on average (assumed)."""
RINGS_M = (500.0, 1000.0, 1500.0)
"""Target, limit and cap of a walk to a warm point, metres (assumed)."""


@dataclass(frozen=True)
class Paces:
    """Paces against that of a healthy adult on cleared streets.

    Parameters
    ----------
    others, vulnerable
        Shares, above 0 up to 1.
    ice
        Whether that is on ice.
    """

    others: float = 1.0
    vulnerable: float = 1.0
    ice: bool = False

    @classmethod
    def of(cls, *, ice: bool) -> Paces:
        """Return the paces of people in winter.

        Parameters
        ----------
        ice
            Whether streets are icy.
        """
        adult, slow = (ADULT_ICE_M_S, VULNERABLE_ICE_M_S) if ice else (ADULT_M_S, VULNERABLE_M_S)
        return cls(adult / ADULT_M_S, slow / ADULT_M_S, ice)

    @property
    def alike(self) -> bool:
        """Whether everybody walks as a healthy adult on cleared streets does."""
        return self.others >= 1.0 and self.vulnerable >= 1.0

    def minutes(self, metres: float, *, vulnerable: bool = False) -> float:
        """Tell how long a walk takes, minutes.

        Parameters
        ----------
        metres
            Its length.
        vulnerable
            For the vulnerable, or for others.
        """
        return metres / (ADULT_M_S * (self.vulnerable if vulnerable else self.others)) / 60.0


def is_icy(outdoor_c: NDArray[np.float64]) -> bool:
    """Tell whether streets are icy: it is below `ICE_C` on average.

    Parameters
    ----------
    outdoor_c
        By slot, °C.
    """
    known = outdoor_c[np.isfinite(outdoor_c)]
    return bool(known.size and known.mean() < ICE_C)


def by_pace(metres: Any, reach_m: float, paces: Paces) -> Any:
    """List the walks of others and then of the vulnerable, in metres of a healthy adult.

    Parameters
    ----------
    metres
        Site × block, sparse: walks as they are.
    reach_m
        Longest walk of a healthy adult, metres.
    paces
        Paces.

    Returns
    -------
    Any
        Site × block, or where paces differ site × twice the blocks: metres that a healthy adult
        walks in the same time, up to `reach_m`.
    """
    if paces.alike:
        return metres
    return sp.hstack(
        [_slowed(metres, reach_m, share) for share in (paces.others, paces.vulnerable)],
        format="csr",
    )


def _slowed(metres: Any, reach_m: float, share: float) -> Any:
    sparse: Any = sp.coo_array
    pairs = sparse(metres)
    effort = pairs.data / share
    near = effort <= reach_m * (1 + 1e-9)
    coords = tuple(axis[near] for axis in pairs.coords)
    return sp.csr_array((np.minimum(effort[near], reach_m), coords), shape=pairs.shape)


def parts_of(need: Ints, vulnerable: Ints, paces: Paces) -> tuple[Ints, Ints]:
    """Count people, and of them the vulnerable, as the columns of `by_pace` have them.

    Parameters
    ----------
    need, vulnerable
        By block.
    paces
        Paces.
    """
    if paces.alike:
        return need, vulnerable
    nobody = np.zeros_like(vulnerable)
    return (
        np.concatenate([need - vulnerable, vulnerable]),
        np.concatenate([nobody, vulnerable]),
    )


def joined(choice: Choice, blocks: int, paces: Paces) -> Choice:
    """Put the two parts of each block together again, with walks as they are.

    Parameters
    ----------
    choice
        A choice for the columns of `by_pace`.
    blocks
        Number of blocks.
    paces
        Paces.
    """
    if paces.alike:
        return choice

    def whole(seating: Seating) -> Seating:
        fragile = seating.home >= blocks
        share = np.where(fragile, paces.vulnerable, paces.others)
        return replace(
            seating,
            home=seating.home % blocks,
            metres=seating.metres * share,
            seated=seating.seated.reshape(2, blocks).sum(axis=0),
            home_price=seating.home_price[:blocks],
        )

    return replace(choice, at_once=whole(choice.at_once), later=whole(choice.later))


def rings_of(
    walk_m: NDArray[np.float64], need: Ints, vulnerable: Ints, paces: Paces
) -> pd.DataFrame:
    """Count the people by how far the nearest warm point is.

    Parameters
    ----------
    walk_m
        By block: walk to the nearest open site, metres; NaN where it is farther than the last of
        `RINGS_M`.
    need, vulnerable
        People by block, and the vulnerable among them.
    paces
        Paces.

    Returns
    -------
    pandas.DataFrame
        By ring, cumulative: ``within_m`` (infinite: everybody), ``people``, ``vulnerable``,
        ``minutes``, ``vulnerable_minutes`` (how long such a walk takes).
    """
    rows = []
    for metres in (*RINGS_M, np.inf):
        near = (walk_m <= metres) | np.isinf(metres)
        rows.append(
            (metres, int(need[near].sum()), int(vulnerable[near].sum()), paces.minutes(metres),
             paces.minutes(metres, vulnerable=True))
        )  # fmt: skip
    names = ["within_m", "people", "vulnerable", "minutes", "vulnerable_minutes"]
    return pd.DataFrame(rows, columns=names)
