"""What the homes kernel is measured against: models of the same class, in this process.

RC_BuildingSimulator, the fastest simulator of this class that was found, isn't on the package
index; where it was measured by itself it made 26,000-36,000 heated steps a second and
88,000-186,000 free-floating ones. `five_r_one_c` solves the same equations, ISO 13790 annex C, the
same way: one building and one step at a time, with the network's conductances as properties. As it
takes one solution a free step and at most three a heated one, it is the faster of the two.
`iso52016`, a richer model, is run where it is installed.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass

import numpy as np


@dataclass
class FiveROneC:
    """One building after ISO 13790, annex C; W/K, J/K, W and °C.

    Parameters
    ----------
    ventilation, window, air_surface, surface_mass, mass_outdoor
        Conductances.
    capacity
        Of the mass.
    mass_area, total_area
        Effective area of the mass and area of all surfaces, m².
    heater
        Most that heats the air.
    """

    ventilation: float
    window: float
    air_surface: float
    surface_mass: float
    mass_outdoor: float
    capacity: float
    mass_area: float
    total_area: float
    heater: float
    mass_c: float = 18.0

    @property
    def to_surface(self) -> float:
        """Outdoors through the air to the surfaces, W/K."""
        return 1.0 / (1.0 / self.ventilation + 1.0 / self.air_surface)

    @property
    def with_window(self) -> float:
        """The same and the windows, W/K."""
        return self.to_surface + self.window

    @property
    def to_mass(self) -> float:
        """All of it on to the mass, W/K."""
        return 1.0 / (1.0 / self.with_window + 1.0 / self.surface_mass)

    def step(self, outdoor: float, inner: float, sun: float, heat: float) -> tuple[float, float]:
        """Return the mass and the air after an hour."""
        share = self.mass_area / self.total_area
        glass = self.window / (9.1 * self.total_area)
        to_air = 0.5 * inner + heat
        in_mass = share * (0.5 * inner + sun)
        on_surface = (1.0 - share - glass) * (0.5 * inner + sun)
        one, two, three = self.to_surface, self.with_window, self.to_mass
        supply = outdoor + to_air / self.ventilation
        total = (
            in_mass + self.mass_outdoor * outdoor
            + three * (on_surface + self.window * outdoor + one * supply) / two
        )  # fmt: skip
        stored, half = self.capacity / 3600.0, 0.5 * (three + self.mass_outdoor)
        mass = (self.mass_c * (stored - half) + total) / (stored + half)
        middle = (mass + self.mass_c) / 2.0
        surface = (
            self.surface_mass * middle + on_surface + self.window * outdoor + one * supply
        ) / (self.surface_mass + self.window + one)
        air = (self.air_surface * surface + self.ventilation * outdoor + to_air) / (
            self.air_surface + self.ventilation
        )
        return mass, air

    def heat_to(self, target: float, outdoor: float, inner: float, sun: float) -> float:
        """Step with as much heat as reaches the target, capped: two or three solutions."""
        mass, free = self.step(outdoor, inner, sun, 0.0)
        if free >= target:
            self.mass_c = mass
            return free
        probe = 10.0 * self.total_area / 4.5
        _, warm = self.step(outdoor, inner, sun, probe)
        heat = min(probe * (target - free) / (warm - free), self.heater)
        self.mass_c, air = self.step(outdoor, inner, sun, heat)
        return air


def _flat() -> FiveROneC:
    area = 55.0
    return FiveROneC(
        ventilation=25.0, window=35.0, air_surface=3.45 * 4.5 * area, surface_mass=9.1 * 2.5 * area,
        mass_outdoor=70.0, capacity=120.0 * 3600.0 * area, mass_area=2.5 * area,
        total_area=4.5 * area, heater=1500.0,
    )  # fmt: skip


def five_r_one_c(steps: int = 20_000) -> tuple[float, float]:
    """Return the steps a second of the 5R1C model, free-floating and heated."""
    outdoor = (-5.0 + 5.0 * np.sin(np.arange(steps) / 4.0)).tolist()
    speeds = []
    for heated in (False, True):
        best = np.inf
        for _ in range(3):
            flat = _flat()
            began = time.perf_counter()
            if heated:
                for t in outdoor:
                    flat.heat_to(18.0, t, 200.0, 50.0)
            else:
                for t in outdoor:
                    flat.mass_c, _ = flat.step(t, 200.0, 50.0, 0.0)
            best = min(best, time.perf_counter() - began)
        speeds.append(steps / best)
    return speeds[0], speeds[1]


def iso52016() -> tuple[float | None, str]:
    """Return the steps a second of `iso52016` over a free-floating year, or why there are none."""
    try:
        iso = importlib.import_module("iso52016")
    except ImportError as error:
        return None, f"not measured: {error}"
    try:
        hours = 8760
        air = -5.0 + 5.0 * np.sin(np.arange(hours) / 4.0)
        weather = iso.Weather(air, np.full(hours, 3.0))
        concrete = iso.Layer(0.25, iso.Material(1800.0, 1000.0, 0.8))
        walls = [
            iso.OpaqueElement(
                area=40.0,
                orientation=iso.Orientation(90.0, angle),
                layers=[concrete],
                windows=[iso.Window(area=4.0, u_value=2.5, g_value=0.7)],
            )
            for angle in (0.0, 90.0, 180.0, 270.0)
        ]
        zone = iso.Zone(
            opaque_elements=walls,
            usable_floor_area=55.0,
            internal_gains=[np.full(hours, 200.0)],
            lower_temperature_limit=-99.0,
            upper_temperature_limit=99.0,
            ventilation=[iso.Ventilation(70.0, 0.0, air)],
        )
        building = iso.Building(weather, zone)
        began = time.perf_counter()
        building.calculate()
        return hours / (time.perf_counter() - began), ""
    except Exception as error:
        # Whatever breaks in a peer is its result.
        return None, f"not measured: it stops with {type(error).__name__}: {error}"
