"""A room between layered walls and glass, as a network of heat flows.

Every layer is cut into cells; each inner surface exchanges heat with the air by convection and with
a mean radiant node by long-wave radiation. The sun through the glass falls on the floor, what the
floor reflects spreads over all surfaces, and part of it leaves again through the glass.
`vatra.homes.reduction` turns the network into two nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vatra.homes.climate import Climate
from vatra.homes.glass import Glazing, glass_diffuse, glass_sun
from vatra.homes.irradiance import PlaneSun, SunPath, plane_sun, sun_path

Float = NDArray[np.float64]

CELLS = 4
"""Cells of a layer."""
STEFAN_BOLTZMANN = 5.670374e-8
AIR_J_KGK = 1006.0
INSIDE_CONVECTION = 2.5
"""Air to inner surfaces, W/m²K: ISO 13790, all surfaces alike."""
LINEAR_K = 273.15
"""Temperature at which long-wave exchange is made linear, K: that of cold nights, and that for
which ISO 52016-1 has 4.14 W/m²K outdoors."""
BLACK_W_M2K = 4.0 * STEFAN_BOLTZMANN * LINEAR_K**3
AIR_CONDUCTIVITY_W_MK = 0.0243
"""Of still air at 0 °C, between panes."""
WIND_EXPONENT = 0.14
"""Wind grows with this power of the height, open country (ASHRAE Fundamentals)."""
WIND_HEIGHT_M = 10.0


@dataclass(frozen=True)
class Layer:
    """A layer of a wall; one with no density stores no heat.

    Parameters
    ----------
    thickness_m, conductivity_w_mk, density_kg_m3, heat_j_kgk
        Thickness, thermal conductivity, density and specific heat.
    """

    thickness_m: float
    conductivity_w_mk: float
    density_kg_m3: float
    heat_j_kgk: float


@dataclass(frozen=True)
class Surface:
    """A wall, roof or floor.

    Parameters
    ----------
    kind
        ``wall``, ``roof`` or ``floor``; the sun that comes in falls on the floor.
    area_m2, azimuth_deg
        Without its windows; 0 faces south, 90 west.
    layers
        From outside to inside.
    exposed
        False where neither sun nor wind nor sky reaches its outside.
    absorptance, emissivity
        Solar and long-wave, on both sides.
    """

    kind: str
    area_m2: float
    azimuth_deg: float
    layers: tuple[Layer, ...]
    exposed: bool = True
    absorptance: float = 0.6
    emissivity: float = 0.9

    @property
    def tilt_deg(self) -> float:
        """0 for a roof, 90 for a wall, 180 for a floor."""
        return {"roof": 0.0, "wall": 90.0, "floor": 180.0}[self.kind]


@dataclass(frozen=True)
class Window:
    """A window in a wall.

    Parameters
    ----------
    area_m2, azimuth_deg
        Area of the glass and which way it faces.
    glazing
        Its panes.
    """

    area_m2: float
    azimuth_deg: float
    glazing: Glazing


@dataclass(frozen=True)
class Zone:
    """A room, or a building taken as one.

    Parameters
    ----------
    volume_m3, height_m
        Of its air, and of its walls.
    surfaces, windows
        What it is made of.
    infiltration_ach
        Air changes an hour, at the density of the place.
    gain_air_w, gain_radiant_w
        Heat from inside, W, to the air and as radiation.
    fan_m3_h
        Air that a fan exchanges in the hours `fan_hours`, at the density of the place.
    fan_hours
        Hour at which it starts and hour at which it stops; it may run over midnight.
    """

    volume_m3: float
    height_m: float
    surfaces: tuple[Surface, ...]
    windows: tuple[Window, ...]
    infiltration_ach: float
    gain_air_w: float = 0.0
    gain_radiant_w: float = 0.0
    fan_m3_h: float = 0.0
    fan_hours: tuple[int, int] = (0, 0)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Zone:
        """Build a zone from a file's tables: ``surface``, ``window`` and the figures of the zone.

        Parameters
        ----------
        fields
            As read from TOML; layers are lists of thickness, conductivity, density, specific heat.
        """
        rest = {k: v for k, v in fields.items() if k not in {"surface", "window"}}
        surfaces = tuple(
            Surface(**{**row, "layers": tuple(Layer(*layer) for layer in row["layers"])})
            for row in fields["surface"]
        )
        windows = tuple(
            Window(row["area_m2"], row["azimuth_deg"], Glazing(**row["glazing"]))
            for row in fields.get("window", ())
        )
        if "fan_hours" in rest:
            rest["fan_hours"] = tuple(rest["fan_hours"])
        return cls(surfaces=surfaces, windows=windows, **rest)


@dataclass(frozen=True)
class Network:
    """Nodes, what ties them, and the heat that comes in: ``C dT/dt = q − K T``.

    Parameters
    ----------
    capacity_j_k
        By node; 0 where it stores none. Node 0 is the air.
    conductance_w_k
        K: node × node, outdoors included on the diagonal.
    heat_w
        q: hour × node, that from outdoors included.
    fan_w_k
        Conductance from the air to the outdoors while the fan runs.
    fan_on
        By hour.
    sun_in_w, sun_back_w
        By hour: sunlight that comes through the glass, and of it what leaves again.
    """

    capacity_j_k: Float
    conductance_w_k: Float
    heat_w: Float
    fan_w_k: float
    fan_on: NDArray[np.bool_]
    sun_in_w: Float
    sun_back_w: Float

    @property
    def loss_w_k(self) -> float:
        """Heat that holds the air one kelvin warmer than all outdoors, W/K; without the fan."""
        return float(1.0 / np.linalg.inv(self.conductance_w_k)[0, 0])


AIR, RADIANT = 0, 1


class _Builder:
    """Collects nodes, links and heat while a network is put together."""

    def __init__(self, zone: Zone, climate: Climate) -> None:
        self.zone, self.climate = zone, climate
        self.path: SunPath = sun_path(climate)
        self.capacity: list[float] = []
        self.links: list[tuple[int, int, float]] = []
        self.outside: list[tuple[int, float]] = []
        self.heat: dict[int, Float] = {}
        self.planes: dict[tuple[float, float], PlaneSun] = {}

    def node(self, capacity_j_k: float = 0.0) -> int:
        self.capacity.append(capacity_j_k)
        return len(self.capacity) - 1

    def add_heat(self, node: int, heat_w: Float | float) -> None:
        self.heat[node] = self.heat.get(node, np.zeros(self.climate.outdoor_c.size)) + heat_w

    def sun(self, tilt_deg: float, azimuth_deg: float) -> PlaneSun:
        key = (tilt_deg, azimuth_deg)
        if key not in self.planes:
            self.planes[key] = plane_sun(self.climate, self.path, *key)
        return self.planes[key]

    def tie_outside(self, node: int, conductance_w_k: float, warmer_k: Float | float) -> None:
        """Tie a node to the outdoor air, which feels warmer by the sun less the cold sky."""
        self.outside.append((node, conductance_w_k))
        self.add_heat(node, conductance_w_k * (self.climate.outdoor_c + warmer_k))

    def wind_convection(self, tilt_deg: float) -> Float:
        """Outer convection by hour, W/m²K: ISO 6946, 4 + 4 × the wind at the surface."""
        height = self.zone.height_m * (1.0 if tilt_deg == 0.0 else 0.5)
        factor = float((height / WIND_HEIGHT_M) ** WIND_EXPONENT)
        return 4.0 + 4.0 * factor * self.climate.wind_m_s

    def tie_inside(self, node: int, area_m2: float, emissivity: float) -> None:
        self.links.append((node, AIR, INSIDE_CONVECTION * area_m2))
        self.links.append((node, RADIANT, emissivity * BLACK_W_M2K * area_m2))

    def exposed(
        self, node: int, tilt_deg: float, area_m2: float, emissivity: float, sun_w_m2: Float | float
    ) -> None:
        """Tie an outer surface to wind, sun and sky.

        The resistance is that of the year's mean wind; the sun's and sky's effect is that of the
        hour's. A tilted surface sees the sky less and warmer near the horizon (Walton 1983).
        """
        radiation = emissivity * BLACK_W_M2K
        convection = self.wind_convection(tilt_deg)
        view = ((1.0 + np.cos(np.radians(tilt_deg))) / 2.0) ** 1.5
        black = STEFAN_BOLTZMANN * (self.climate.outdoor_c + 273.15) ** 4
        sky = emissivity * view * (self.climate.sky_w_m2 - black)
        conductance = (float(convection.mean()) + radiation) * area_m2
        self.tie_outside(node, conductance, (sun_w_m2 + sky) / (convection + radiation))

    def surface(self, surface: Surface) -> int:
        """Add a wall's cells; return its inner surface."""
        area = surface.area_m2
        last = self.node()
        if surface.exposed:
            sun = surface.absorptance * self.sun(surface.tilt_deg, surface.azimuth_deg).total
            self.exposed(last, surface.tilt_deg, area, surface.emissivity, sun)
        else:
            self.tie_outside(last, (4.0 + surface.emissivity * BLACK_W_M2K) * area, 0.0)
        for layer in surface.layers:
            cells = CELLS if layer.density_kg_m3 > 0 else 1
            thick = layer.thickness_m / cells
            half = 2.0 * layer.conductivity_w_mk / thick * area
            for _ in range(cells):
                middle = self.node(thick * layer.density_kg_m3 * layer.heat_j_kgk * area)
                after = self.node()
                self.links += [(last, middle, half), (middle, after, half)]
                last = after
        self.tie_inside(last, area, surface.emissivity)
        return last

    def window(self, window: Window) -> tuple[int, int]:
        """Add a window's panes; return the outer and the inner one."""
        glass, area = window.glazing, window.area_m2
        outer, inner = self.node(), self.node()
        self.exposed(outer, 90.0, area, glass.emissivity, 0.0)
        exchange = 1.0 / (2.0 / glass.emissivity - 1.0)
        gap = AIR_CONDUCTIVITY_W_MK / glass.gap_m + exchange * BLACK_W_M2K
        self.links.append((outer, inner, gap * area))
        self.tie_inside(inner, area, glass.emissivity)
        return outer, inner


def build_network(zone: Zone, climate: Climate) -> Network:
    """Return the network of a zone in a year of weather.

    Parameters
    ----------
    zone
        The zone.
    climate
        The weather.
    """
    air_j_m3k = climate.air_kg_m3 * AIR_J_KGK
    made = _Builder(zone, climate)
    made.node(zone.volume_m3 * air_j_m3k)
    made.node()
    made.add_heat(AIR, zone.gain_air_w)
    made.add_heat(RADIANT, zone.gain_radiant_w)
    made.tie_outside(AIR, zone.volume_m3 * zone.infiltration_ach / 3600.0 * air_j_m3k, 0.0)
    inner = [made.surface(surface) for surface in zone.surfaces]
    panes = [made.window(window) for window in zone.windows]
    sun_in, sun_back = _let_sun_in(made, inner, panes)
    fan_w_k = zone.fan_m3_h / 3600.0 * air_j_m3k
    start, stop = zone.fan_hours
    fan_on = (climate.hour_of_day - start) % 24 < (stop - start) % 24
    made.add_heat(AIR, fan_w_k * fan_on * climate.outdoor_c)
    nodes = len(made.capacity)
    conductance = np.zeros((nodes, nodes))
    for i, j, g in made.links:
        conductance[[i, j], [i, j]] += g
        conductance[[i, j], [j, i]] -= g
    for i, g in made.outside:
        conductance[i, i] += g
    heat = np.zeros((climate.outdoor_c.size, nodes))
    for i, q in made.heat.items():
        heat[:, i] = q
    return Network(
        np.array(made.capacity), conductance, heat, fan_w_k, fan_on & (fan_w_k > 0),
        sun_in, sun_back,
    )  # fmt: skip


def _let_sun_in(
    made: _Builder, inner: list[int], panes: list[tuple[int, int]]
) -> tuple[Float, Float]:
    # Direct light meets the floor first; the rest goes round until it is absorbed or out again.
    zone = made.zone
    none = np.zeros(made.climate.outdoor_c.size)
    direct, spread = none.copy(), none.copy()
    for window, (outer, pane) in zip(zone.windows, panes, strict=True):
        sun = made.sun(90.0, window.azimuth_deg)
        at, even = glass_sun(window.glazing, sun.cosine), glass_diffuse(window.glazing)
        mean = np.maximum(made.path.mean(sun.cosine), 1e-9)

        def share(by_angle: Float, cosine: Float = sun.cosine, mean: Float = mean) -> Float:
            return made.path.mean(by_angle * cosine) / mean

        direct += window.area_m2 * sun.direct * share(at.through)
        spread += window.area_m2 * sun.diffuse * even.through
        for node, by_angle, evenly in (
            (outer, at.outer, even.outer), (pane, at.inner, even.inner)
        ):  # fmt: skip
            absorbed = sun.direct * share(by_angle) + sun.diffuse * evenly
            made.add_heat(node, window.area_m2 * absorbed)
    floors = [s for s in zone.surfaces if s.kind == "floor"]
    floor_m2 = sum(s.area_m2 for s in floors)
    came_in = direct + spread
    spread = spread + direct * sum((1.0 - s.absorptance) * s.area_m2 for s in floors) / floor_m2
    take = [s.absorptance * s.area_m2 for s in zone.surfaces]
    glass = [(glass_diffuse(w.glazing), w.area_m2) for w in zone.windows]
    total = sum(take) + sum((1.0 - float(g.back)) * area for g, area in glass)
    back = none
    for node, surface, weight in zip(inner, zone.surfaces, take, strict=True):
        on_floor = direct * weight / floor_m2 if surface.kind == "floor" else 0.0
        made.add_heat(node, on_floor + spread * weight / total)
    for (outer, pane), (share_of, area) in zip(panes, glass, strict=True):
        # Seen from inside, the inner pane is met first.
        made.add_heat(pane, spread * share_of.outer * area / total)
        made.add_heat(outer, spread * share_of.inner * area / total)
        back = back + spread * share_of.through * area / total
    return came_in, back
