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

SUBURBS = (
    ("Birch Hollow", "Березова Балка"), ("Willow Ford", "Вербовий Брід"),
    ("Stone Mill", "Кам’яний Млин"), ("Clear Springs", "Ясні Джерела"),
    ("Oak Hill", "Дубова Гора"), ("Reed Lake", "Очеретяне"),
    ("White Well", "Біла Криниця"), ("Pine Edge", "Соснівка Крайня"),
)  # fmt: skip
"""Towns near the city; invented."""

REGIONS = (
    ("Stephill", "Степогірне"), ("Lindenburg", "Липоград"), ("Swanport", "Лебедине Поле"),
    ("Rowan City", "Горобинськ"), ("Amber Ridge", "Бурштинова Гряда"), ("Vintervale", "Зимодол"),
    ("Storkton", "Лелечин"), ("Maple Cross", "Кленовий Перехрест"), ("High Meadow", "Високий Луг"),
    ("Cherry Pass", "Вишневий Перевал"), ("Old Harbour", "Стара Гавань"),
    ("Beech Castle", "Буковий Замок"),
)  # fmt: skip
"""Larger towns farther away; invented."""

STATIONS = (
    ("Central Station", "Вокзал Центральний"), ("North Station", "Вокзал Північний"),
    ("West Station", "Вокзал Західний"), ("Left Bank Station", "Вокзал Лівобережний"),
)  # fmt: skip
"""Railway stations; invented."""
