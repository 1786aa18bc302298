"""What synthesised lifelines take for granted, in words for reports."""

from __future__ import annotations

from vatra.city.model import Assumption

ASSUMPTIONS = (
    Assumption(
        "The electricity network is synthetic: substations, feeders, lines and queues have no real "
        "location; their loads sum to the city's known winter peak, a quarter of it critical.",
        "Електрична мережа синтетична: підстанції, фідери, лінії та черги не мають справжнього "
        "розташування; їхні навантаження в сумі дають відомий зимовий пік міста, чверть його "
        "критична.",
        ("substations", "feeders", "lines", "power_sources", "customers"),
        "peak 1,500 MW and 375 MW critical: Kyiv's operator, November 2022; all else assumed",
    ),
    Assumption(
        "About 4 % of residents share a protected feeder with a hospital, a pump or the like.",
        "Близько 4 % мешканців живляться від захищеного фідера разом із лікарнею, насосною "
        "станцією тощо.",
        ("feeders",),
    ),
    Assumption(
        "Feeders with 3 % of the peak are kept for automatic under-frequency shedding.",
        "Фідери з 3 % пікового навантаження залишено для автоматичного частотного розвантаження.",
        ("feeders",),
    ),
    Assumption(
        "District heat zones and sources are synthetic, sized for 60 to 120 W a square metre at "
        "−22 °C; half of the boiler houses have a generator.",
        "Зони та джерела централізованого тепла синтетичні, розраховані на 60–120 Вт на "
        "квадратний метр за −22 °C; половина котелень має генератор.",
        ("heat_zones", "heat_sources"),
    ),
    Assumption(
        "Water zones, works and pumping stations are synthetic, for 0.3 m³ a resident and day; "
        "nine stations in ten can run on a generator, and the ground is taken as flat.",
        "Водопровідні зони, станції та насосні синтетичні, з розрахунку 0,3 м³ на мешканця за "
        "добу; дев'ять насосних із десяти можуть працювати від генератора, рельєф не враховано.",
        ("water_zones", "pumps"),
        "0.9 million m³/day, 154 of 170 pump rooms: public figures of Kyiv; all else assumed",
    ),
    Assumption(
        "Sewage catchments and stations are synthetic; they overflow after 1.5 to 10 hours.",
        "Каналізаційні басейни та станції синтетичні; переповнюються за 1,5–10 годин.",
        ("sewage_zones", "pumps"),
    ),
)
"""One for each thing that a reader of a report should know."""
