"""What the report says of repairs and their order."""

from __future__ import annotations

EN: dict[str, str] = {
    "heading": "Which repairs first",
    "intro": "In this order the crews at hand give people back {hours} hours of light, water and "
    "heat over the horizon, as the networks' balances have it ({light} of light, {water} of water, "
    "{heat} of heat); no order gives back more than {bound}.",
    "simulated": "The simulation of all networks, under the schedule of the plan, makes it "
    "{hours} hours ({light} of light, {water} of water, {heat} of heat).",
    "holds": "DC and AC flow carry what is served after these repairs.",
    "holds_not": "DC or AC flow would NOT carry all that could be served after these repairs: the "
    "supply limit or a new schedule has to hold it back.",
    "basis": "Hours of repair are as reported; the way to the place is taken at 20 km/h, an hour "
    "where the depot isn't known. The plan itself does not count on these repairs.",
    "caption": "Repairs in the order of their start",
    "col_what": "what", "col_skill": "crew", "col_start": "begin", "col_end": "works again",
    "col_repair": "on site, h", "col_gain": "hours for people",
    "not_done": "Not finished within the horizon, or without a crew: {names}.",
    "skill_power": "power", "skill_water": "water", "skill_heat": "heat",
}  # fmt: skip

UK: dict[str, str] = {
    "heading": "Що лагодити спершу",
    "intro": "У такому порядку наявні бригади за весь час повернуть людям {hours} годин світла, "
    "води й тепла — за балансами мереж ({light} світла, {water} води, {heat} тепла); жоден порядок "
    "не поверне більше ніж {bound}.",
    "simulated": "За моделлю всіх мереж і за графіком цього плану це {hours} "
    "годин ({light} світла, {water} води, {heat} тепла).",
    "holds": "Розрахунки режиму мережі (спрощений і змінного струму) показують: після ремонтів "
    "вона витримає все подане.",
    "holds_not": "За розрахунками режиму мережа НЕ витримає всього, що можна подати після "
    "ремонтів: стримати це мають межа живлення або новий графік.",
    "basis": "Години ремонту — за повідомленнями; дорога — 20 км/год, або година, якщо база "
    "невідома. Сам план на ці ремонти не розраховує.",
    "caption": "Ремонти за порядком початку",
    "col_what": "що", "col_skill": "бригада", "col_start": "початок", "col_end": "знову працює",
    "col_repair": "на місці, год", "col_gain": "годин для людей",
    "not_done": "Не буде завершено за цей час або нема бригади: {names}.",
    "skill_power": "електрики", "skill_water": "водники", "skill_heat": "тепловики",
}  # fmt: skip

TEXTS = {"en": EN, "uk": UK}
