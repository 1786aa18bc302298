"""The water network as a skeletal EPANET 2.2 model: works, mains and a node for each zone.

Names agree with the tables: a pump is its ``pump_id``, the node that holds a zone's demand its
``water_zone_id``. Terrain isn't known, so the ground is flat. Demand is pressure-driven.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from vatra.city.epanet_file import epanet_id
from vatra.city.lifelines.ground import Floats, Ground, Ints, points_of
from vatra.city.lifelines.references import weighted_centres
from vatra.city.lifelines.water import block_demand_m3_h
from vatra.city.model import City

GROUND_M = 100.0
_MAINS_PRESSURE_M = 18.0  # least pressure in the mains at the design flow; assumed
_FIRST_FLOOR_M, _FLOOR_M = (
    10.0,
    4.0,
)  # pressure owed to the first floor and each above: ДБН В.2.5-74
_RESERVE_M = 1.0  # pressure at a zone's node, which floats on its tank, above what is owed; assumed
_SHUT_OFF = 1.15  # head of a station at no flow over that at its design flow; assumed, a flat curve
_WORKS_SHUT_OFF = 1.06  # the same of works, whose pumps hold the pressure in the mains; assumed
_LEAST_LIFT_M = 12.0  # of a station, even next to the works; assumed
_DESIGN = 1.3  # design flow of mains over the mean; assumed
_STATION_DESIGN = 1.2  # flow of a zone's stations at their design head over its mean; assumed
_ROUGHNESS = 110.0  # Hazen–Williams, old steel and iron; assumed
_VELOCITY_M_S = 0.9
_TANK_M = 4.5  # usable depth
_FILLED_M = 0.5 + 0.8 * _TANK_M  # level at the start: four fifths full, as where EPANET isn't run
_SHAPE = (
    0.55, 0.48, 0.45, 0.45, 0.52, 0.75, 1.10, 1.35, 1.35, 1.22, 1.12, 1.08,
    1.05, 1.02, 1.00, 1.02, 1.08, 1.20, 1.32, 1.38, 1.32, 1.20, 0.97, 0.71,
)  # fmt: skip
HOURLY = tuple(hour / (sum(_SHAPE) / 24) for hour in _SHAPE)
"""Demand by hour of the day over its mean; *assumed*."""


def write_water_inp(city: City, ground: Ground) -> str | None:
    """Write the water network as an EPANET 2.2 input file.

    Parameters
    ----------
    city
        City with blocks, water zones and pumps.
    ground
        Where the blocks are.

    Returns
    -------
    str or None
        Text of the file; None where the city has no zones or no works.
    """
    works = city.pumps[city.pumps["kind"] == "water_works"]
    zones = city.water_zones
    if not len(works) or not len(zones):
        return None
    return _Model(city, ground, works, zones).text()


class _Model:
    """The parts of the file, as lines by section."""

    def __init__(
        self, city: City, ground: Ground, works: pd.DataFrame, zones: pd.DataFrame
    ) -> None:
        self.sections: dict[str, list[str]] = {}
        self.works, self.zones = works, zones
        self.zone_name = [epanet_id(z) for z in zones.index]
        self.works_name = [epanet_id(w) for w in works.index]
        self.mean = np.maximum(zones["demand_m3_h"].to_numpy(float), 0.01)
        self.floors = zones["gravity_floors"].to_numpy(float)
        zone_of = city.rows("blocks", "water_zone_id", "water_zones")
        weight = block_demand_m3_h(city.blocks)
        inside = zone_of >= 0
        centre = weighted_centres(ground.xy[inside], weight[inside], zone_of[inside], len(zones))
        empty = np.bincount(zone_of[inside], minlength=len(zones)) == 0
        centre[empty] = ground.xy.mean(axis=0)
        self.works_xy = points_of(works)
        self.xy = np.vstack([self.works_xy, centre])
        self.head = self._mains()
        self._works()
        self._zones(city.pumps)

    def add(self, section: str, *fields: object) -> None:
        self.sections.setdefault(section, []).append("  ".join(str(f) for f in fields))

    def node(self, name: str, xy: Iterable[float]) -> None:
        x, y = xy
        self.add("COORDINATES", name, f"{x:.1f}", f"{y:.1f}")

    def junction(self, name: str, xy: Iterable[float], demand: float = 0.0) -> None:
        pattern = "day" if demand else ""
        self.add("JUNCTIONS", name, f"{GROUND_M:.1f}", f"{demand:.4f}", pattern)
        self.node(name, xy)

    def _mains(self) -> Floats:
        """Lay the mains as a shortest tree, size them, and return the design head of each node."""
        count = len(self.works)
        share = self.works["capacity_m3_h"].to_numpy(float)
        share = share / share.sum() if share.sum() > 0 else np.full(count, 1 / count)
        total = _DESIGN * self.mean.sum()
        supply = np.concatenate([share * total, -_DESIGN * self.mean])
        parent, order = _shortest_tree(self.xy)
        names = [f"O-{w}" for w in self.works_name] + [f"M-{z}" for z in self.zone_name]
        for name, at in zip(names, self.xy, strict=True):
            self.junction(name, at)
        flow = supply.copy()  # out of each node towards its parent, m³/h
        for child in order[:0:-1]:
            flow[parent[child]] += flow[child]
        head = np.zeros(len(self.xy))
        for n, child in enumerate(order[1:], start=1):
            length = max(float(np.linalg.norm(self.xy[child] - self.xy[parent[child]])), 100.0)
            # Works never share the load just as planned, so no main is sized for less than this.
            bore = _bore_mm(max(abs(flow[child]), 0.1 * total / max(count, 1)))
            loss = np.sign(flow[child]) * _head_loss(abs(flow[child]), length, bore)
            head[child] = head[parent[child]] + loss
            self.add(
                "PIPES", f"main-{n}", names[parent[child]], names[child], f"{length:.1f}",
                f"{bore:.0f}", f"{_ROUGHNESS:.0f}", "0", "Open",
            )  # fmt: skip
        self.flow = share * total
        return np.asarray(head - head.min() + GROUND_M + _MAINS_PRESSURE_M)

    def _works(self) -> None:
        for row, name in enumerate(self.works_name):
            self.add("RESERVOIRS", f"R-{name}", f"{GROUND_M:.1f}")
            self.node(f"R-{name}", self.works_xy[row] - 50.0)
            most = float(self.works["capacity_m3_h"].iloc[row])
            point = (self.flow[row], self.head[row] - GROUND_M)
            self.pump(name, (f"R-{name}", f"O-{name}"), point, most, _WORKS_SHUT_OFF)

    def pump(
        self, name: str, ends: tuple[str, str], point: tuple[float, float], most: float,
        shut_off: float,
    ) -> None:  # fmt: skip
        """Add a pump whose curve goes through a design point and drops steeply at its most.

        Four points make EPANET take the curve as straight pieces: one fitted through three is so
        flat at no flow that version 2.2 finds no solution when a dry network starts up again.
        """
        most = max(most, 0.015)
        flow, head = min(point[0], most / 1.5), point[1]
        self.add("PUMPS", name, *ends, f"HEAD curve-{name}")
        middle = ((flow + most) / 2.0, 0.7 * head)
        for at, lift in ((0.0, shut_off * head), (flow, head), middle, (most, 0.2 * head)):
            self.add("CURVES", f"curve-{name}", f"{at:.4f}", f"{lift:.3f}")

    def _zones(self, pumps: pd.DataFrame) -> None:
        stations = pumps[pumps["kind"] == "water"]
        for row, name in enumerate(self.zone_name):
            at, mains = self.xy[len(self.works) + row], self.head[len(self.works) + row]
            owed = _FIRST_FLOOR_M + _FLOOR_M * (self.floors[row] - 1.0)
            target = max(GROUND_M + owed + _RESERVE_M, mains + _LEAST_LIFT_M)
            self.junction(name, at + 30.0, self.mean[row])
            mine = stations[stations["water_zone_id"] == self.zones.index[row]]
            capacity = mine["capacity_m3_h"].to_numpy(float)
            if not capacity.sum():
                # A zone without a station hangs on the mains through a valve-like short pipe.
                bore = _bore_mm(1.5 * self.mean[row])
                self.add("PIPES", f"link-{name}", f"M-{name}", name, "100", f"{bore:.0f}",
                         f"{_ROUGHNESS:.0f}", "0", "Open")  # fmt: skip
                continue
            flows = _STATION_DESIGN * self.mean[row] * capacity / capacity.sum()
            for pump, flow, most in zip(mine.index, flows, capacity, strict=True):
                point = (flow, target + 2.0 - mains)
                self.pump(epanet_id(pump), (f"M-{name}", name), point, most, _SHUT_OFF)
            self._tank(row, name, at, target)

    def _tank(self, row: int, name: str, at: Floats, target: float) -> None:
        volume = float(self.zones["tank_m3"].iloc[row])
        if volume <= 0:
            return
        across = np.sqrt(4.0 * volume / (np.pi * _TANK_M))
        low = target - 3.0
        self.add(
            "TANKS", f"T-{name}", f"{low - 0.5:.2f}", f"{_FILLED_M:.1f}", "0.5",
            f"{_TANK_M + 0.5:.1f}", f"{across:.3f}", "0",
        )  # fmt: skip
        self.node(f"T-{name}", at + 60.0)
        bore = _bore_mm(1.5 * self.mean[row])
        self.add("PIPES", f"riser-{name}", f"T-{name}", name, "200", f"{bore:.0f}",
                 f"{_ROUGHNESS:.0f}", "0", "Open")  # fmt: skip

    def text(self) -> str:
        """Return the file."""
        for at in range(0, 24, 6):
            self.add("PATTERNS", "day", *(f"{v:.4f}" for v in HOURLY[at : at + 6]))
        fixed = {
            "TITLE": [
                "Skeletal water network, assumed: zones, works and mains with no real location"
            ],
            "TIMES": [
                "Duration 24:00", "Hydraulic Timestep 0:30", "Pattern Timestep 1:00",
                "Report Timestep 0:30", "Start ClockTime 0:00",
            ],
            "OPTIONS": [
                "Units CMH", "Headloss H-W", "Demand Model PDA", "Minimum Pressure 0",
                "Required Pressure 20", "Pressure Exponent 0.5", "Trials 200",
                "Accuracy 0.0001", "Unbalanced Continue 50", "Quality None",
            ],
            "REPORT": ["Status No", "Summary No"],
        }  # fmt: skip
        order = (
            "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "CURVES", "PATTERNS",
            "TIMES", "OPTIONS", "REPORT", "COORDINATES",
        )  # fmt: skip
        lines: list[str] = []
        for name in order:
            lines += [f"[{name}]", *(fixed.get(name) or self.sections.get(name, [])), ""]
        return "\n".join([*lines, "[END]", ""])


def _bore_mm(flow_m3_h: float) -> float:
    """Return the next standard diameter above that for the design velocity, mm."""
    wanted = 1e3 * np.sqrt(4.0 * flow_m3_h / 3600.0 / (np.pi * _VELOCITY_M_S))
    sizes = np.array([100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1400])
    fits = sizes[sizes >= wanted]
    return float(fits[0]) if fits.size else float(100 * np.ceil(wanted / 100))


def _head_loss(flow_m3_h: float, length_m: float, bore_mm: float) -> float:
    """Friction by Hazen and Williams in SI units (EPANET 2.2 manual, table 3.1), m."""
    flow, bore = flow_m3_h / 3600.0, bore_mm / 1e3
    return float(10.667 * length_m * flow**1.852 / (_ROUGHNESS**1.852 * bore**4.871))


def _shortest_tree(xy: Floats) -> tuple[Ints, Ints]:
    """Parent of each node of the shortest tree from node 0 (Prim), and the order of joining."""
    parent = np.zeros(len(xy), dtype=np.int64)
    reach = np.linalg.norm(xy - xy[0], axis=1)
    reach[0] = np.inf
    outside = np.arange(len(xy)) > 0
    order = [0]
    while outside.any():
        new = int(np.argmin(np.where(outside, reach, np.inf)))
        order.append(new)
        outside[new] = False
        away = np.linalg.norm(xy - xy[new], axis=1)
        closer = outside & (away < reach)
        parent[closer] = new
        reach = np.where(closer, away, reach)
    return parent, np.array(order, dtype=np.int64)
