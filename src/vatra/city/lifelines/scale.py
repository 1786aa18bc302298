"""How many of everything a city has, by its residents and its peak load."""

from __future__ import annotations

from dataclasses import dataclass

FULL_RESIDENTS = 3_000_000
FULL_PEAK_MW = 1_500.0
"""Kyiv's winter peak a year before November 2022 (operator)."""

PEAK_KW_PER_RESIDENT = 1e3 * FULL_PEAK_MW / FULL_RESIDENTS
"""Used where a city has no known peak."""

CRITICAL_SHARE = 0.25
"""Critical load over the peak: ≈ 375 of 1,500 MW (Kyiv's operator, November 2022)."""

HOMES_SHARE = 0.47
"""Dwellings' share of the peak; *assumed*."""

RESERVED_SHARE = 0.03
"""Share of the peak kept for automatic under-frequency shedding; *assumed*."""

RIDERS_SHARE = 0.04
"""Share of residents on protected feeders, lit because a hospital is; *assumed*."""

QUEUES = tuple(f"{queue}.{half}" for queue in range(1, 7) for half in (1, 2))
"""Six queues of two halves, as ordered in Ukraine since November 2024."""


@dataclass(frozen=True)
class Scale:
    """Counts of lifeline assets.

    At full size (3 million residents, 1,500 MW) they are those of Kyiv where they are public (water
    works, pump rooms, boiler houses, CHP plants) and *assumed* where they are not (substations,
    feeders, zones). Smaller cities have fewer, but of some more a head.

    Parameters
    ----------
    residents
        People in the city.
    peak_mw
        Its winter peak, MW.
    """

    residents: int
    peak_mw: float

    def _by_people(self, full: float, exponent: float = 1.0, minimum: int = 1) -> int:
        ratio = max(self.residents, 1) / FULL_RESIDENTS
        return max(minimum, round(full * float(ratio**exponent)))

    @property
    def substations(self) -> int:
        """110/10 kV substations: 70 at 1,500 MW, at least 2."""
        return max(2, round(70 * float((self.peak_mw / FULL_PEAK_MW) ** 0.9)))

    @property
    def feeders(self) -> int:
        """10 kV feeders: 2,000 at 1,500 MW, at least 24, so that 12 queues hold some."""
        return max(24, round(2000 * self.peak_mw / FULL_PEAK_MW))

    @property
    def grid_points(self) -> int:
        """Bulk supply points: 5 at full size, at least 1."""
        return max(1, round(5 * self.peak_mw / FULL_PEAK_MW))

    def chps(self, design_mw: float) -> int:
        """CHP plants for a heat demand: none below 300 MW of heat, 3 at full size."""
        return 0 if design_mw < 300 else 1 if design_mw < 1200 else 2 if design_mw < 3000 else 3

    def boiler_houses(self, design_mw: float) -> int:
        """Boiler houses for the heat demand that no CHP plant meets: one for about 14 MW."""
        return max(1, round(design_mw / 14.0))

    @property
    def water_works(self) -> int:
        """Water works: 3 at full size."""
        return 1 if self.residents < 300_000 else 2 if self.residents < 1_500_000 else 3

    @property
    def water_zones(self) -> int:
        """Pressure zones: 80 at full size."""
        return self._by_people(80, 0.75)

    @property
    def pump_rooms(self) -> int:
        """Water pumping stations: 170 and more at full size, at least one a zone."""
        return self._by_people(175, 0.8, self.water_zones)

    @property
    def sewage_zones(self) -> int:
        """Sewage catchments: 40 at full size."""
        return self._by_people(40, 0.75)

    @property
    def sewage_pumps(self) -> int:
        """Sewage pumping stations: 52 at full size, at least one a catchment."""
        return self._by_people(52, 0.75, self.sewage_zones)

    @property
    def critical(self) -> dict[str, int]:
        """Critical customers by kind, besides water, sewage and heat."""
        full = {"hospital": 75, "transport": 95, "telecom": 160, "emergency": 110}
        return {kind: self._by_people(count, 0.9) for kind, count in full.items()}

    @property
    def others(self) -> int:
        """Offices, shops and works that are no sites: 9,000 at full size, at least 60."""
        return self._by_people(9_000, minimum=60)
