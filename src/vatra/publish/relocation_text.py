"""What the page on moving out says besides what reports say."""

from __future__ import annotations

NOUNS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "full_day": ("day", "days"),
        "full_day_gen": ("day", "days"),
        "hour_acc": ("hour", "hours"),
        "town": ("town", "towns"),
    },
    "uk": {
        "full_day": ("добу", "доби", "діб", "доби"),
        "full_day_gen": ("доби", "діб", "діб", "доби"),
        "hour_acc": ("годину", "години", "годин", "години"),
        "town": ("місто", "міста", "міст", "міста"),
    },
}
"""Forms of each noun, as in the catalogues of the report."""

EN: dict[str, str] = {
    "m_title": "If people have to move out",
    "m_decided": "Hours and days count from",
    "m_back": "To the report",
    "m_h_decide": "What to decide by when",
    "m_h_curve": "How fast the whole city could leave",
    "m_h_some": "Those who can't stay now",
    "m_h_way": "What holds it up",
    "m_h_return": "When people can come back",
    "m_h_rests": "What these numbers rest on",
    "m_none": "As things stand nobody has to move out: everyone can be kept warm at home or at a "
    "warm point.",
    "m_some": "As things stand {n} can be kept neither warm nor supplied, {v} of them infants, "
    "elderly or disabled people. Temporary relocation of these comes first; the vulnerable and "
    "those who travel with them have arrived after {frail}, the last after {all} ({low} to "
    "{high} if the ways out take a quarter more or less).",
    "m_some_late": "{n} of them leave home only after it has become too cold or dry.",
    "m_all": "To move the whole city of {n} out takes {all} ({low} to {high}): the last cars "
    "have left after {car}, the last train or bus leaves after {pickup}. The vulnerable go "
    "first and have arrived after {frail}.",
    "m_all_open": "The ways out and places known are not enough for the whole city of {n}: {left} "
    "find no way or no bed within the {days} planned.",
    "m_bound": "No plan over these roads, trains and buses gets everybody out in less than "
    "{bound}.",
    "m_notice": "If the grid and the heat fail everywhere, the first homes are below {c} °C after "
    "{first}, and those of half of the people after {half}. Decided {notice} before, {frail}; of "
    "all {n} whose homes get that cold within the forecast, {late} ({low} to {high}) would be in "
    "the cold before they can leave.",
    "m_notice_warm": "If the grid and the heat fail everywhere, no home is below {c} °C within the "
    "forecast.",
    "m_frail_all": "every vulnerable person can leave in time",
    "m_frail_late": "{n} vulnerable people ({low} to {high}) can't leave in time",
    "m_step_vulnerable": "Move the vulnerable out, so that none of them is at home below {c} °C",
    "m_step_all": "Move the whole city out before homes are below {c} °C",
    "m_before": "{h} before the failure",
    "m_after": "{h} after the failure",
    "m_any": "any time looked at is early enough",
    "m_never": "no time looked at is early enough: {n} are late even {h} before",
    "m_col_step": "Decision",
    "m_col_when": "At the latest",
    "m_late_table": "People still at home below {c} °C, by when moving out is decided",
    "m_late_note": "Vulnerable: infants, elderly and disabled people with those who travel with "
    "them; they go first. Decided later than the first row, more are late.",
    "m_col_lead": "Decided",
    "m_col_frail": "Vulnerable",
    "m_col_everyone": "All",
    "m_at_failure": "as the grid fails",
    "m_chart_bound": "at most",
    "m_chart_plan": "arrived",
    "m_chart_frail": "vulnerable",
    "m_chart_alt": "People who have arrived outside the city, all {n} after {all}; the vulnerable "
    "among them; and the most that any plan could have brought out by then.",
    "m_lane": "A lane more on «{way}» saves {h} of driving out.",
    "m_train": "A train more an hour from «{way}» brings the last of those without a car out {h} "
    "earlier.",
    "m_buses": "Fifty buses more in «{way}» bring the last of those without a car out {h} earlier.",
    "m_nothing": "One lane more, or fifty buses more on one line, would save nothing: that is not "
    "what holds it up.",
    "m_pick-up": "Some pick-up points are full for most of the time that they work.",
    "m_street": "Some streets inside the city are full for most of the time.",
    "m_beds": "Most of the towns fill up: who leaves later must travel farther, or by train.",
    "m_walk_none": "{n} without a car have no pick-up point within {m} m and must be fetched.",
    "m_table_some": "Who leaves when, by district",
    "m_col_last": "Last have left",
    "m_towns": "Where to: {n} with {beds} places in all, those with heat and water of their own "
    "first.",
    "m_return_none": "Within the forecast no district that people leave is fit to come back to. "
    "It is fit when nine homes in ten are above {c} °C and have water, drains and six hours of "
    "power a day, for a day on end; flats take about {h} to warm up after heat is back.",
    "m_return": "Fit to come back: {list}. The others not within the forecast; flats take about "
    "{h} to warm up after heat is back.",
    "m_return_one": "{name} from {when}",
    "m_assumed": "Assumed: {cars} of the people have a car, {per} to a car; a lane takes {lane} "
    "cars an hour in winter by day, filled to {full} so that it doesn't break down; {curfew}a "
    "quarter to a third less in snow and in the dark; a companion for every second vulnerable "
    "person; buses ready {bus} and trains {rail} after the decision.",
    "m_curfew": "private cars stand from {a} to {b}; ",
    "m_ways_assumed": "The roads, trains, buses and towns themselves are assumed, not known.",
    "m_range": "Ranges: ways out that take a quarter more or less; buildings that hold heat a "
    "third longer or shorter. Not in them: refusal, strikes on roads, panic. The latest "
    "hours hold no margin for delay: decide earlier.",
    "m_proof": "The order is checked apart from the planner: nobody is counted twice, no road, "
    "train or town takes more than it can.",
    "m_link": "One page on moving out: how long it takes, what to decide by when.",
    "m_unknown": "By which ways people could leave is not known (tables ways_out and destinations "
    "of the city): how long it takes, and what to decide by when, is not computed.",
}

UK: dict[str, str] = {
    "m_title": "Якщо людям доведеться виїхати",
    "m_decided": "Години й доби — від рішення",
    "m_back": "До звіту",
    "m_h_decide": "Що й до якого часу вирішити",
    "m_h_curve": "Як швидко могло б виїхати все місто",
    "m_h_some": "Хто не може лишатися вже тепер",
    "m_h_way": "Що затримує",
    "m_h_return": "Коли можна повертатися",
    "m_h_rests": "На чому ґрунтуються ці числа",
    "m_none": "За нинішніх умов виїжджати нікому не треба: кожен може грітися вдома або в пункті "
    "обігріву.",
    "m_some": "За нинішніх умов ні тепла, ні води не забезпечити для {n}; з них {v} — немовлята, "
    "літні люди та люди з інвалідністю. Спершу тимчасово виїжджають саме вони: найвразливіші й ті, "
    "хто їде з ними, прибувають за {frail}, останні — за {all} (від {low} до {high}, якщо шляхи "
    "пропускають на чверть більше чи менше).",
    "m_some_late": "З них {n} вирушають уже після того, як удома стало надто холодно або сухо.",
    "m_all": "Щоб виїхало все місто, {n}, потрібно {all} (від {low} до {high}): останні автівки "
    "виїжджають за {car}, останній поїзд чи автобус — за {pickup}. Найвразливіші їдуть першими й "
    "прибувають за {frail}.",
    "m_all_open": "Відомих шляхів і місць не вистачає на все місто, {n}: для {left} немає шляху "
    "або місця за {days}, на які складено план.",
    "m_bound": "Жоден план на цих дорогах, поїздах і автобусах не вивезе всіх швидше, ніж за "
    "{bound}.",
    "m_notice": "Якщо електрика й тепло зникнуть усюди, перші домівки охолонуть нижче {c} °C за "
    "{first}, а оселі половини людей — за {half}. Якщо вирішити за {notice} до того, {frail}; "
    "а з усіх, чиї оселі так охолонуть у межах прогнозу ({n}), опиняться в холоді до "
    "виїзду: {late} (від {low} до {high}).",
    "m_notice_warm": "Якщо електрика й тепло зникнуть усюди, у межах прогнозу жодна оселя не "
    "охолоне нижче {c} °C.",
    "m_frail_all": "усі найвразливіші встигають виїхати",
    "m_frail_late": "не встигають виїхати {n} з найвразливіших (від {low} до {high})",
    "m_step_vulnerable": "Вивезти найвразливіших, щоб ніхто з них не був удома за температури "
    "нижче {c} °C",
    "m_step_all": "Вивезти все місто, перш ніж оселі охолонуть нижче {c} °C",
    "m_before": "за {h} до відмови",
    "m_after": "за {h} після відмови",
    "m_any": "будь-який із розглянутих строків достатній",
    "m_never": "жоден із розглянутих строків не достатній: навіть якщо вирішити за {h}, не "
    "встигають {n}",
    "m_col_step": "Рішення",
    "m_col_when": "Найпізніше",
    "m_late_table": "Люди, які ще вдома за температури нижче {c} °C, залежно від часу рішення",
    "m_late_note": "Найвразливіші: немовлята, літні люди, люди з інвалідністю і ті, хто їде з "
    "ними; вони їдуть першими. Якщо вирішити ще пізніше, ніж у першому рядку, не встигає більше "
    "людей.",
    "m_col_lead": "Вирішено",
    "m_col_frail": "Найвразливіші",
    "m_col_everyone": "Усі",
    "m_at_failure": "у мить відмови",
    "m_chart_bound": "межа",
    "m_chart_plan": "прибули",
    "m_chart_frail": "вразливі",
    "m_chart_alt": "Скільки людей прибуло за межі міста, усі {n} — за {all}; скільки з них "
    "найвразливіших; і скільки щонайбільше міг би вивезти будь-який план.",
    "m_lane": "Ще одна смуга на шляху «{way}» скорочує виїзд автівками на {h}.",
    "m_train": "Ще один поїзд щогодини зі станції «{way}» скорочує виїзд людей без авто на {h}.",
    "m_buses": "Ще пʼятдесят автобусів («{way}») скорочують виїзд людей без авто на {h}.",
    "m_nothing": "Ще одна смуга чи ще пʼятдесят автобусів на одній лінії нічого не дають: "
    "затримують не вони.",
    "m_pick-up": "Деякі місця посадки заповнені майже весь час роботи.",
    "m_street": "Деякі вулиці всередині міста заповнені майже весь час.",
    "m_beds": "Більшість міст заповнюється: хто виїжджає пізніше, має їхати далі або поїздом.",
    "m_walk_none": "{n} без авто не мають місця посадки в межах {m} м: по них треба приїхати.",
    "m_table_some": "Хто коли виїжджає, за районами",
    "m_col_last": "Останні виїхали",
    "m_towns": "Куди: {n}, разом місць: {beds}; спершу ті, що мають власне тепло й воду.",
    "m_return_none": "У межах прогнозу жоден із районів, звідки виїжджають, не придатний для "
    "повернення. Район придатний, коли в девʼяти оселях із десяти цілу добу тепліше за {c} °C, є "
    "вода, працює каналізація і світло є шість годин на добу; після повернення тепла оселі "
    "прогріваються близько {h}.",
    "m_return": "Придатні для повернення: {list}. Решта — не в межах прогнозу; після повернення "
    "тепла оселі прогріваються близько {h}.",
    "m_return_one": "{name} — від {when}",
    "m_assumed": "Припущено: авто мають {cars} людей, по {per} в автівці; смуга взимку вдень "
    "пропускає {lane} автівок на годину, заповнена на {full}, щоб рух не зупинився; {curfew}у сніг "
    "і в темряві — на чверть чи третину менше; з кожною другою вразливою людиною їде супровід; "
    "автобуси готові за {bus}, поїзди — за {rail} після рішення.",
    "m_curfew": "приватні автівки не їздять від {a} до {b}; ",
    "m_ways_assumed": "Самі дороги, поїзди, автобуси й міста припущено, а не відомо.",
    "m_range": "Межі: шляхи пропускають на чверть більше чи менше; будинки тримають тепло на "
    "третину довше чи коротше. Не враховано: відмову їхати, удари по дорогах, паніку. "
    "Найпізніші строки — без запасу на затримки: вирішуйте раніше.",
    "m_proof": "План перераховано окремо від того, хто його складав: нікого не пораховано двічі, "
    "жодна дорога, поїзд чи місто не беруть більше, ніж можуть.",
    "m_link": "Одна сторінка про виїзд: скільки часу потрібно і що до якого часу вирішити.",
    "m_unknown": "Якими шляхами люди могли б виїхати, не відомо (таблиці міста ways_out і "
    "destinations): скільки часу це триває і що до якого часу вирішити, не обчислено.",
}
