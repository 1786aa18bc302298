"""What the report says of how long homes and their pipes hold out."""

from __future__ import annotations

EN: dict[str, str] = {
    "table_of_homes": "How long homes hold out, by district: hours from the start until the middle "
    "home is below a temperature, in brackets those between which four of five are; «—» where it "
    "doesn't come to that",
    "col_degree_hours": "Below 18 °C, K·h",
    "col_drain_by": "Drain by",
    "col_drained_in_time": "Drained in time, people",
    "col_pipes_frozen": "Pipes freeze, people",
    "table_of_pipes": "Water in the heating of buildings, people by zone: standing and drained at "
    "the end; by when the first pipes must be drained so as not to freeze",
    "col_heat_runs": "Runs",
    "col_heat_stands": "Stands",
    "col_heat_drained": "Drained",
    "col_heat_refilling": "Filled again, warming",
    "decide_drain": "say who drains the heating of the buildings where it stands, with {n} in them",
    "decide_drain_why": "Below −3 °C standing pipes have to be emptied before they freeze. Filling "
    "them again takes crews days, and heat two days more to reach the flats.",
    "cold_first": "Lines whose homes cool first are cut shorter: the tenth of people for whom it "
    "counts most are dark {most} in all, the tenth for whom it counts least {least}.",
    "heater_pickup": "Cut homes come back colder: their heaters draw up to {mw} MW more than they "
    "would had nobody been cut ({when}). It follows from how cold they are, and is in the load.",
}

UK: dict[str, str] = {
    "table_of_homes": "Скільки тримаються оселі за районами: години від початку, доки середня "
    "оселя стане холоднішою за температуру, у дужках — між якими чотири з пʼяти; «—», де до "
    "цього не доходить",
    "col_degree_hours": "Нижче 18 °C, К·год",
    "col_drain_by": "Злити до",
    "col_drained_in_time": "Злито вчасно, людей",
    "col_pipes_frozen": "Труби замерзнуть, людей",
    "table_of_pipes": "Вода в опаленні будинків, людей за зонами: стоїть і злита наприкінці; до "
    "якого часу злити перші труби, щоб не замерзли",
    "col_heat_runs": "Тече",
    "col_heat_stands": "Стоїть",
    "col_heat_drained": "Злита",
    "col_heat_refilling": "Знову залита, гріється",
    "decide_drain": "визначити, хто зливає опалення будинків, де воно стоїть; у них {n}",
    "decide_drain_why": "Нижче −3 °C воду, що стоїть у трубах, треба злити, доки не замерзла. "
    "Знову залити їх — дні роботи бригад, і ще дві доби тепло йде до квартир.",
    "cold_first": "Лінії, де оселі холонуть першими, вимикають на менше: для десятої частини "
    "людей, для яких це важить найбільше, темно разом {most}, для десятої, для "
    "якої найменше, — {least}.",
    "heater_pickup": "Після вимкнень оселі холодніші: їхні обігрівачі беруть до {mw} МВт більше, "
    "ніж якби нікого не вимикали ({when}). Це випливає з того, як вони вихололи, і враховано в "
    "навантаженні.",
}
