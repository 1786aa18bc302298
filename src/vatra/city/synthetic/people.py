"""Who lives where: residents, displaced people, infants, elderly and disabled people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vatra.city.synthetic.layout import Ints
from vatra.city.synthetic.stock import STOCK, round_to_total

DISPLACED_SHARE = 350_000 / 3_000_000
"""Displaced people among residents; mayor, November 2022."""

ELDERLY_SHARE, INFANT_SHARE, DISABLED_SHARE = 0.13, 0.03, 0.05
"""Over 70, under 3, and disabled or chronically ill, each person counted once; assumed."""


@dataclass(frozen=True)
class People:
    """People by building; shape (building,) each."""

    residents: Ints
    displaced: Ints
    infants: Ints
    elderly: Ints
    disabled: Ints


def settle_people(kind: Ints, dwellings: Ints, residents: int, rng: np.random.Generator) -> People:
    """House the residents; everyone, and every displaced person, is counted exactly once.

    Parameters
    ----------
    kind
        Index into `STOCK`; shape (building,).
    dwellings
        Flats or houses; shape (building,).
    residents
        How many people to house.
    rng
        Source of randomness.

    Returns
    -------
    People
        People by building.
    """
    size = np.asarray([a.people for a in STOCK])[kind]
    weight = size * dwellings * rng.gamma(120.0, 1 / 120.0, len(kind))
    living = round_to_total(weight, residents)
    displaced = rng.multivariate_hypergeometric(
        living, round(residents * DISPLACED_SHARE), method="marginals"
    )
    tilt_old = np.asarray([a.elderly for a in STOCK])[kind]
    tilt_young = np.asarray([a.infants for a in STOCK])[kind]
    tilt_old = tilt_old / np.average(tilt_old, weights=living)
    tilt_young = tilt_young / np.average(tilt_young, weights=living)
    elderly = ELDERLY_SHARE * tilt_old
    infants = INFANT_SHARE * tilt_young
    disabled = DISABLED_SHARE * (0.6 + 0.4 * tilt_old)
    chances = np.stack([infants, elderly, disabled, 1 - infants - elderly - disabled], axis=-1)
    groups = rng.multinomial(living, chances)
    return People(living, displaced, groups[:, 0], groups[:, 1], groups[:, 2])
