"""Invented names, in English and Ukrainian; none is of a real district of a real city."""

from __future__ import annotations

RIVER = ("Syniava", "Синява")

RIGHT_BANK_DISTRICTS = (
    ("Old Town", "Старомістський"),
    ("Riverside", "Прирічний"),
    ("Maple", "Кленовий"),
    ("Mill", "Млинський"),
    ("Foundry", "Ливарний"),
    ("Upper Gate", "Верхньобрамний"),
    ("Orchard", "Садовий"),
    ("Pine", "Сосновий"),
)
"""Districts of the right bank; the first holds the old centre."""

LEFT_BANK_DISTRICTS = (
    ("Overriver", "Зарічний"),
    ("Meadow", "Лучний"),
    ("Station", "Привокзальний"),
    ("Lakeside", "Озерний"),
    ("Willow", "Вербовий"),
    ("Eastern Field", "Східнопільський"),
    ("Ferry", "Перевізний"),
    ("Heron", "Чаплинський"),
)
"""Districts of the left bank."""

BRIDGES = (
    "Ferry Bridge", "Mill Bridge", "Old Bridge", "Chain Bridge", "Meadow Bridge",
    "Foundry Bridge", "Long Bridge", "Pine Bridge", "Heron Bridge",
)  # fmt: skip
"""Bridges, in order along the river."""

LAKES = ("Heron Lake", "Reed Lake", "Mirror Lake", "Clay Pond", "Mill Pond", "Round Lake")
"""Lakes in parks; used again with a number where there are more."""
