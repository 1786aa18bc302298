"""What the report says of warm points: the honest sum, the stages, the supplies."""

from __future__ import annotations

EN: dict[str, str] = {
    "sum": "{points} hold about {at_once} of the {need} in need at once, and in "
    "turns of {hours} each about {in_turns} in a day.",
    "for_all": "To give everybody a place at once it would take at least {sites} buildings like "
    "these; {candidates} are on the list. In turns at least {turns} would do, if they stood where "
    "the people are.",
    "rings": "A warm point is within 500 m of {near} of them, within 1,000 m of {middle} and "
    "within 1,500 m of {far}, along streets that can be walked. {ground} a healthy adult takes "
    "{minutes} minutes for 1,000 m, the elderly and parents with infants {slow} (assumed).",
    "ice": "On ice, which there is in frost,",
    "cleared": "On cleared streets",
    "left": "Nobody of the vulnerable is without a warm point in reach.",
    "left_some": "{n} vulnerable people have no warm point in reach; no choice of as many could "
    "leave fewer than {bound}.",
    "why": "Of those without a place at once {capacity} lack it because the points in reach are "
    "full, {budget} because no more points may open, and {no_site} because no suitable building "
    "is in reach.",
    "gap": "The choice of points: at most {gap} dearer, in walking and in people without a place, "
    "than the best there can be.",
    "supplies": "On the day of most use ({day}) the points need {fuel} L of fuel, {water} m³ of "
    "water brought in, {meals} meals and {staff} staff; {beds} sets of bedding in all. "
    "Points that run for a day on the fuel that they have: {alone}. Deliveries: trucks {trucks}, "
    "trips {trips}. Use is assumed from floor area, cold and people.",
    "supply_table": "What the warm points use by day, and who brings it (assumed)",
    "in_all": "In all",
    "col_day": "Day",
    "col_fuel": "Fuel, L",
    "col_water": "Water brought, m³",
    "col_meals": "Meals",
    "col_bedding": "Bedding, sets",
    "col_staff": "Staff",
    "col_alone": "Last a day on their own fuel",
    "col_trucks": "Trucks",
    "col_trips": "Trips",
    "col_road": "By road, km",
    "no_road": "No road leads from any depot to {n} of them.",
    "stages": "Which warm points open first",
    "col_stage": "Stage",
    "col_sites": "Points open",
    "col_trigger": "Open when the coldest tenth of homes is forecast below, °C",
    "col_from": "Needed from",
    "col_notice": "Notice, h",
    "col_decide": "Decide by",
    "col_turns": "Served in turns",
    "col_bound": "No choice of as many serves more than",
    "now": "now ({h} h late)",
    "curve": "Chart: people served against the number of warm points.",
    "curve_x": "warm points",
    "curve_once": "at once",
    "curve_turns": "in turns",
    "curve_need": "in need",
    "curve_table": "People served by the number of warm points (at least, and no choice more than)",
    "col_points": "Points",
    "people": "people",
}
UK: dict[str, str] = {
    "sum": "{points} одночасно вміщують близько {at_once} із {need}, які потребують тепла, а "
    "позмінно, по {hours} кожна зміна, — близько {in_turns} за добу.",
    "for_all": "Щоб місце одночасно мали всі, потрібно щонайменше {sites} таких будинків; у "
    "переліку їх {candidates}. Позмінно вистачило б щонайменше {turns}, якби вони стояли там, де "
    "живуть люди.",
    "rings": "Вулицями, якими можна пройти, до пункту обігріву не більше ніж 500 м має {near} із "
    "них, не більше ніж 1000 м — {middle}, не більше ніж 1500 м — {far}. {ground} здорова доросла "
    "людина проходить 1000 м за {minutes} хв, літні люди й батьки з немовлятами — за {slow} хв "
    "(припущення).",
    "ice": "Ожеледдю (вона буде в мороз)",
    "cleared": "Розчищеними вулицями",
    "left": "Усі вразливі мають пункт обігріву в межах досяжності.",
    "left_some": "Вразливих, які не мають пункту обігріву в межах досяжності, — {n}; за жодного "
    "вибору стількох пунктів їх не було б менше ніж {bound}.",
    "why": "Із тих, кому бракує місця одночасно: {capacity} — бо досяжні пункти заповнені, "
    "{budget} — бо більше пунктів відкрити не можна, {no_site} — бо поблизу немає придатного "
    "будинку.",
    "gap": "Вибір пунктів щонайбільше на {gap} гірший (за шляхом пішки й за людьми без місця) від "
    "найкращого можливого.",
    "supplies": "У день найбільшого споживання ({day}) пунктам треба {fuel} л пального, {water} м³ "
    "привізної води, {meals} порцій їжі та {staff} осіб персоналу; комплектів постелі разом — "
    "{beds}. Пунктів, яким власного пального вистачить на добу: {alone}. Доставка: вантажівок — "
    "{trucks}, рейсів — {trips}. Витрати припущено за площею, холодом і кількістю людей.",
    "supply_table": "Скільки пункти обігріву споживають за день і хто це привозить (припущення)",
    "in_all": "Разом",
    "col_day": "День",
    "col_fuel": "Пальне, л",
    "col_water": "Привізна вода, м³",
    "col_meals": "Порцій їжі",
    "col_bedding": "Постіль, комплектів",
    "col_staff": "Персонал",
    "col_alone": "Мають власного пального на добу",
    "col_trucks": "Вантажівок",
    "col_trips": "Рейсів",
    "col_road": "Дорогами, км",
    "no_road": "До {n} із них від жодного складу немає дороги.",
    "stages": "Які пункти обігріву відкривати першими",
    "col_stage": "Черга",
    "col_sites": "Відкрито пунктів",
    "col_trigger": "Відкривати, коли прогноз для найхолоднішої десятої частини домівок нижчий, °C",
    "col_from": "Потрібні з",
    "col_notice": "Підготовка, год",
    "col_decide": "Вирішити до",
    "col_turns": "Обслуговують позмінно",
    "col_bound": "Жоден вибір стількох — не більше ніж",
    "now": "тепер (із запізненням {h} год)",
    "curve": "Графік: скільки людей обслуговує певна кількість пунктів обігріву.",
    "curve_x": "пунктів обігріву",
    "curve_once": "одночасно",
    "curve_turns": "позмінно",
    "curve_need": "потребують",
    "curve_table": "Скільки людей обслуговують пункти (щонайменше і не більше за жодного вибору)",
    "col_points": "Пунктів",
    "people": "людей",
}
TEXTS = {"en": EN, "uk": UK}
