"""Two panes of glass: what passes, what is reflected and what each pane absorbs, by angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

_RINGS = 200


@dataclass(frozen=True)
class Glazing:
    """Two like panes of plain glass with air between them.

    Parameters
    ----------
    transmittance, reflectance
        Of one pane, for sunlight at normal incidence.
    gap_m
        Thickness of the air between the panes, m; below about 15 mm, where it only conducts.
    emissivity
        Of glass, long-wave.
    """

    transmittance: float
    reflectance: float
    gap_m: float
    emissivity: float = 0.84


@dataclass(frozen=True)
class GlassSun:
    """Shares of the light that meets two panes.

    Parameters
    ----------
    through
        Transmitted.
    back
        Reflected.
    outer, inner
        Absorbed by the pane that it meets first, and by the second one.
    """

    through: Float
    back: Float
    outer: Float
    inner: Float


def glass_sun(glazing: Glazing, cosine: Float) -> GlassSun:
    """Return what light does that comes at an angle; Fresnel's equations and Bouguer's law.

    Duffie and Beckman, «Solar Engineering of Thermal Processes», chapter 5. The index of refraction
    and the absorption of a pane follow from its figures at normal incidence.

    Parameters
    ----------
    glazing
        The panes.
    cosine
        Cosine of the angle of incidence, any shape.
    """
    index, depth = _material(glazing.transmittance, glazing.reflectance)
    shares = [
        _two_panes(*_pane(surface, kept))
        for surface, kept in _polarised(index, depth, np.clip(cosine, 1e-4, 1.0))
    ]
    through, back, outer, inner = (np.mean(both, axis=0) for both in zip(*shares, strict=True))
    return GlassSun(through, back, outer, inner)


def glass_diffuse(glazing: Glazing) -> GlassSun:
    """Return what light does that comes evenly from a whole hemisphere.

    Parameters
    ----------
    glazing
        The panes.
    """
    cosine = (np.arange(_RINGS) + 0.5) / _RINGS
    at = glass_sun(glazing, cosine)
    return GlassSun(
        *(np.asarray((2.0 * cosine * x).mean()) for x in (at.through, at.back, at.outer, at.inner))
    )


def _material(transmittance: float, reflectance: float) -> tuple[float, float]:
    # Index of refraction and optical depth of a pane with these figures at normal incidence.
    def kept_for(surface: float) -> float:
        # transmittance = kept (1 − s)² / (1 − (s kept)²), solved for the share kept on one way.
        a, b = transmittance * surface**2, (1.0 - surface) ** 2
        return float((-b + np.sqrt(b * b + 4.0 * a * transmittance)) / (2.0 * a))

    def off(surface: float) -> float:
        return surface * (1.0 + kept_for(surface) * transmittance) - reflectance

    low, high = 1e-4, reflectance
    for _ in range(60):
        surface = (low + high) / 2.0
        low, high = (surface, high) if off(surface) < 0.0 else (low, surface)
    root = np.sqrt(surface)
    return float((1.0 + root) / (1.0 - root)), float(-np.log(kept_for(surface)))


def _polarised(index: float, depth: float, cosine: Float) -> list[tuple[Float, Float]]:
    # Reflectance of a surface for each polarisation, and the share that one way through keeps.
    inside = np.sqrt(1.0 - (1.0 - cosine**2) / index**2)
    across = (cosine - index * inside) / (cosine + index * inside)
    along = (index * cosine - inside) / (index * cosine + inside)
    kept = np.exp(-depth / inside)
    return [(across**2, kept), (along**2, kept)]


def _pane(surface: Float, kept: Float) -> tuple[Float, Float, Float]:
    through = kept * (1.0 - surface) ** 2 / (1.0 - (surface * kept) ** 2)
    back = surface * (1.0 + kept * through)
    return through, back, 1.0 - through - back


def _two_panes(through: Float, back: Float, absorbed: Float) -> tuple[Float, Float, Float, Float]:
    between = 1.0 - back**2  # to and fro between the panes
    return (
        through**2 / between,
        back + through**2 * back / between,
        absorbed * (1.0 + through * back / between),
        absorbed * through / between,
    )
