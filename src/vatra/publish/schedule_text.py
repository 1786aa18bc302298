"""What the page of a schedule that stands alone says besides what reports say."""

from __future__ import annotations

NOUNS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "line": ("line", "lines"),
        "queue_case": ("queue", "queues"),
        "slot_case": ("half-hour", "half-hours"),
        "customer": ("customer", "customers"),
        "day": ("day", "days"),
    },
    "uk": {
        "line": ("лінія", "лінії", "ліній", "лінії"),
        "queue_case": ("черга", "черги", "черг", "черги"),
        "slot_case": ("пів години", "пів години", "пів години", "пів години"),
        "customer": ("споживач", "споживачі", "споживачів", "споживача"),
        "day": ("день", "дні", "днів", "дня"),
    },
}
"""Forms of each noun, as in the catalogues of the report."""

EN: dict[str, str] = {
    "s_title": "Schedule of blackouts",
    "s_half_hour": "half an hour",
    "s_supply": "From {start} for {hours} there are {limit} MW of the {wanted} MW that are wanted "
    "at the peak.",
    "s_supply_partly": "From {start} for {hours} there are {limit} MW in the hours that have a "
    "limit, of the {wanted} MW that are wanted at the peak.",
    "s_supply_areas": "From {start} for {hours} limits are set for parts of the network only; "
    "{wanted} MW are wanted at the peak.",
    "s_supply_queues": "From {start} for {hours} the order is to keep dark at a time: {queues}; "
    "{wanted} MW are wanted at the peak.",
    "s_supply_free": "From {start} for {hours} there is no limit on the {wanted} MW that are "
    "wanted at the peak.",
    "s_areas": "Limits of their own: {areas}.",
    "s_nobody_dark": "No line has to be dark.",
    "s_dark_day": "A line that takes turns is dark for {range} a day.",
    "s_dark_all": "A line that takes turns is dark for {range} of the {hours}.",
    "s_turns": "Taking turns: {turns} ({people}); kept lit: {kept}.",
    "s_turns_no_people": "Taking turns: {turns}; kept lit: {kept}.",
    "s_damaged": "Without power for a part of the time for another reason: {n}.",
    "s_emergency": "Cut by an emergency, beside the plan: {n}.",
    "s_special": "Cut by a special emergency, critical customers not spared: {n}.",
    "s_possible": "Possibly dark for a part of the time, which is not decided: {n}.",
    "s_unknown": "Not known for a part of the time: {n}.",
    "s_over": "The load exceeds a limit by up to {mw} MW: see «How good this plan is».",
    "s_broken": "Rules or limits that can't be kept, listed under «How good this plan is»: {n}.",
    "s_all_kept": "All limits and rules are kept.",
    "s_intro": "Kept lines are those that planned cuts don't touch: protected ones and those "
    "reserved for automatic shedding. Pickup is what lines draw beyond their ordinary load after "
    "they come back.",
    "s_chart_pickup": "pickup",
    "s_table_other": "Dark for another reason than the plan",
    "s_col_line": "Line",
    "s_col_until": "Until",
    "s_col_state": "Why",
    "s_state_possible": "possible, not decided",
    "s_state_emergency": "emergency",
    "s_state_special_emergency": "special emergency",
    "s_state_damaged": "no power anyway",
    "s_state_unknown": "not known",
    "s_h_fair": "How evenly darkness is spread",
    "s_fair_intro": "A bar is the mean of a queue's lines, by people where they are known; the "
    "thin line reaches from the line with least darkness to the one with most. The upright line "
    "is the mean of all.",
    "s_fair_alt": "Bars of dark hours by queue: {low} to {high} on average. The table below gives "
    "them.",
    "s_fair_axis": "Dark, hours",
    "s_table_queues": "Dark hours by queue",
    "s_table_fair": "Dark hours of lines that take turns",
    "s_col_span": "Stretch",
    "s_col_least": "Least",
    "s_col_most": "Most",
    "s_col_range": "Between them",
    "s_col_mean": "Mean",
    "s_col_gini": "Gini index",
    "s_col_lines": "Lines",
    "s_col_people": "People",
    "s_span_week": "week from {name}",
    "s_span_evenings": "evenings, 17:00–23:00",
    "s_span_all": "all",
    "s_lines": "When each line has light",
    "s_lines_caption": "Light of each line that takes turns, by queue",
    "s_lines_all": "all the time",
    "s_lines_none": "none",
    "s_h_book": "With the days before: day, week and month",
    "s_book_known": "The book of darkness knows {days} of the {month} up to {last}, this schedule "
    "included.",
    "s_book_none": "Nothing is known of the days before, as no book of darkness was given: week "
    "and month hold the days of this schedule alone ({days} of {month}).",
    "s_book_empty": "The book of darkness begins with this schedule: week and month hold its days "
    "alone ({days} of {month}).",
    "s_book_owed_before": "Owed light before it, having been dark {least} or more beyond the mean "
    "of all, emergencies included: {n}, {most} at most.",
    "s_book_owed_before_none": "Before it nobody was owed light: all lines had been dark alike.",
    "s_book_owed": "Still owed light after it: {n}, {most} at most.",
    "s_book_owed_none": "After it nobody is owed light.",
    "s_book_emergency": "Emergency cuts are {share} of the month's darkness ({n}); they count like "
    "planned ones in what is owed.",
    "s_book_intro": "A bar is what a queue's lines had in the mean over the days that are known; "
    "the upright line is the mean of all lines.",
    "s_book_alt": "Bars of the month's dark hours by queue, in all, in evenings and at night: in "
    "all {low} to {high}. The table below gives them.",
    "s_book_axis_dark": "In all, hours",
    "s_book_axis_evening": "Evenings 17–23, hours",
    "s_book_axis_night": "Nights 23–7, hours",
    "s_book_mean": "mean {h}",
    "s_book_dark": "in all",
    "s_book_evening": "evenings 17–23",
    "s_book_night": "nights 23–7",
    "s_book_day": "{last}",
    "s_book_span": "{first} – {last}",
    "s_book_span_partly": "{first} – {last}, {known} of {days} known",
    "s_book_table_spans": "Dark hours of a line by day, week and month",
    "s_book_table_queues": "Dark hours by queue, means of its lines, and what they are owed",
    "s_book_col_day_dark": "Last day",
    "s_book_col_week_dark": "7 days",
    "s_book_col_month_dark": "30 days",
    "s_book_col_month_evening": "of it evenings",
    "s_book_col_month_night": "of it nights",
    "s_book_col_month_emergency": "of it emergency cuts",
    "s_book_col_owed_before": "Owed before",
    "s_book_col_owed": "Owed after",
    "s_book_owed_note": "Owed is light, in hours: + where a queue was dark longer than the mean of "
    "all over the 30 days, − where it was dark less.",
    "s_h_rests": "What was given and what is assumed",
    "s_hours_of_line": "The hours of every single line are in the file {file}.",
    "s_proof_intro": "A bound is a figure that no schedule could beat, computed for this very "
    "order. The closer the schedule is to it, the less is left to gain.",
    "s_h_revision": "What has changed",
    "s_rev_head": "Revised {now}: nothing changes before {until}.",
    "s_rev_frozen": "Until then the load exceeds the new limit by up to {mw} MW, and only an "
    "emergency cut can help.",
    "s_rev_same": "Nothing changes after it either.",
    "s_rev_lose": "{people} lose light that was announced, {hours} people-hours in all.",
    "s_rev_gain": "{people} gain light, {hours} people-hours in all.",
    "s_rev_outages": "Of the lines' outages {same} stay as announced, {earlier_or_later} begin or "
    "end at another time, {moved} are moved, {split_off} are split off from another, {new} are "
    "new and {cancelled} are cancelled; each keeps its name in outages.csv.",
    "s_rev_table": "Who loses and who gains light when",
    "s_rev_col_queue": "Queue",
    "s_rev_col_loses": "Loses light (most people at a time)",
    "s_rev_col_gains": "Gains light (most people at a time)",
    "s_rev_col_hours": "People-hours of light",
    "s_rev_no_queue": "no queue",
    "s_pickup": "A line that comes back draws up to {times} times its ordinary load, after long "
    "darkness.",
}
"""Sentences by key in English."""

UK: dict[str, str] = {
    "s_title": "Графік відключень",
    "s_half_hour": "пів години",
    "s_supply": "Від {start} протягом {hours} є {limit} МВт із {wanted} МВт, потрібних на піку.",
    "s_supply_partly": "Від {start} протягом {hours} є {limit} МВт у ті години, на які встановлено "
    "межу, із {wanted} МВт, потрібних на піку.",
    "s_supply_areas": "Від {start} протягом {hours} межі встановлено лише для частин мережі; на "
    "піку потрібно {wanted} МВт.",
    "s_supply_queues": "Від {start} протягом {hours} наказано тримати без світла водночас: "
    "{queues}; на піку потрібно {wanted} МВт.",
    "s_supply_free": "Від {start} протягом {hours} межі немає; на піку потрібно {wanted} МВт.",
    "s_areas": "Мають власну межу: {areas}.",
    "s_nobody_dark": "Вимикати жодної лінії не треба.",
    "s_dark_day": "Лінія, яку вимикають по черзі, без світла {range} на добу.",
    "s_dark_all": "Лінія, яку вимикають по черзі, без світла {range} із {hours}.",
    "s_turns": "По черзі вимикають: {turns} ({people}); не вимикають: {kept}.",
    "s_turns_no_people": "По черзі вимикають: {turns}; не вимикають: {kept}.",
    "s_damaged": "Частину часу без струму з іншої причини: {n}.",
    "s_emergency": "Аварійно вимкнено, поза графіком: {n}.",
    "s_special": "Вимкнено спеціальним аварійним відключенням, разом із критичними: {n}.",
    "s_possible": "Частину часу можливо без світла, це не вирішено: {n}.",
    "s_unknown": "Частину часу про світло нічого не відомо: {n}.",
    "s_over": "Навантаження перевищує межу щонайбільше на {mw} МВт: див. «Наскільки добрий цей "
    "план».",
    "s_broken": "Правил чи меж, яких не дотримати (перелічено в розділі «Наскільки добрий цей "
    "план»): {n}.",
    "s_all_kept": "Усіх меж і правил дотримано.",
    "s_intro": "Збережені — лінії, яких планові вимкнення не зачіпають: захищені й залишені для "
    "автоматичного розвантаження. Кидок — те, що лінії беруть понад звичайне після повернення "
    "світла.",
    "s_chart_pickup": "кидок",
    "s_table_other": "Без світла не за графіком",
    "s_col_line": "Лінія",
    "s_col_until": "До",
    "s_col_state": "Чому",
    "s_state_possible": "можливо, не вирішено",
    "s_state_emergency": "аварійне відключення",
    "s_state_special_emergency": "спеціальне аварійне відключення",
    "s_state_damaged": "струму немає й так",
    "s_state_unknown": "невідомо",
    "s_h_fair": "Наскільки рівно поділено темряву",
    "s_fair_intro": "Смужка — середнє ліній черги, за людьми, де їх число відоме; тонка лінія "
    "тягнеться від лінії з найменшою темрявою до лінії з найбільшою. Прямовисна риска — середнє "
    "всіх.",
    "s_fair_alt": "Смужки годин темряви за чергами: у середньому від {low} до {high}. Те саме — у "
    "таблиці нижче.",
    "s_fair_axis": "Без світла, годин",
    "s_table_queues": "Години без світла за чергами",
    "s_table_fair": "Години без світла ліній, які вимикають по черзі",
    "s_col_span": "Проміжок",
    "s_col_least": "Найменше",
    "s_col_most": "Найбільше",
    "s_col_range": "Між ними",
    "s_col_mean": "Середнє",
    "s_col_gini": "Індекс Джині",
    "s_col_lines": "Ліній",
    "s_col_people": "Людей",
    "s_span_week": "тиждень від {name}",
    "s_span_evenings": "вечори, 17:00–23:00",
    "s_span_all": "усе",
    "s_lines": "Коли є світло на кожній лінії",
    "s_lines_caption": "Світло кожної лінії, яку вимикають по черзі, за чергами",
    "s_lines_all": "увесь час",
    "s_lines_none": "немає",
    "s_h_book": "Разом із попередніми днями: доба, тиждень і місяць",
    "s_book_known": "Книга темряви знає {days} із {month} до дня «{last}» включно, разом із цим "
    "графіком.",
    "s_book_none": "Про попередні дні нічого не відомо, бо книги темряви не дано: у тижні й "
    "місяці — лише дні цього графіка ({days} із {month}).",
    "s_book_empty": "Книга темряви починається з цього графіка: у тижні й місяці — лише його дні "
    "({days} із {month}).",
    "s_book_owed_before": "Винні світло до нього (лінії були без світла на {least} чи більше довше "
    "за середнє всіх, разом з аварійними відключеннями): {n}, щонайбільше {most}.",
    "s_book_owed_before_none": "До нього нікому не були винні світла: усі лінії мали темряви "
    "порівну.",
    "s_book_owed": "Винні світло й після нього: {n}, щонайбільше {most}.",
    "s_book_owed_none": "Після нього нікому не винні світла.",
    "s_book_emergency": "Аварійні відключення — {share} темряви за місяць ({n}); у борг вони йдуть "
    "так само, як планові.",
    "s_book_intro": "Смужка — скільки темряви в середньому мали лінії черги за відомі дні; "
    "прямовисна риска — середнє всіх ліній.",
    "s_book_alt": "Смужки годин темряви за місяць за чергами: разом, увечері та вночі; разом від "
    "{low} до {high}. Те саме — у таблиці нижче.",
    "s_book_axis_dark": "Разом, годин",
    "s_book_axis_evening": "Вечори 17–23, годин",
    "s_book_axis_night": "Ночі 23–7, годин",
    "s_book_mean": "середнє {h}",
    "s_book_dark": "разом",
    "s_book_evening": "вечори 17–23",
    "s_book_night": "ночі 23–7",
    "s_book_day": "{last}",
    "s_book_span": "{first} – {last}",
    "s_book_span_partly": "{first} – {last}, відомо {known} із {days}",
    "s_book_table_spans": "Години лінії без світла за добу, тиждень і місяць",
    "s_book_table_queues": "Години без світла за чергами, у середньому на лінію, і борги",
    "s_book_col_day_dark": "Останній день",
    "s_book_col_week_dark": "7 днів",
    "s_book_col_month_dark": "30 днів",
    "s_book_col_month_evening": "з них увечері",
    "s_book_col_month_night": "з них уночі",
    "s_book_col_month_emergency": "з них аварійно",
    "s_book_col_owed_before": "Борг до графіка",
    "s_book_col_owed": "Борг після",
    "s_book_owed_note": "Борг — години світла: + там, де черга за 30 днів була без світла довше за "
    "середнє всіх, − там, де менше.",
    "s_h_rests": "Що було дано, а що припущено",
    "s_hours_of_line": "Години кожної лінії — у файлі {file}.",
    "s_proof_intro": "Оцінка — це число, кращого за яке не дав би жоден графік; її обчислено саме "
    "для цього наказу. Що ближче до неї графік, то менше лишається виграти.",
    "s_h_revision": "Що змінилося",
    "s_rev_head": "Переглянуто {now}: до {until} нічого не змінюється.",
    "s_rev_frozen": "До того часу навантаження перевищує нову межу щонайбільше на {mw} МВт, і "
    "допоможе тут лише аварійне відключення.",
    "s_rev_same": "Після цього теж нічого не змінюється.",
    "s_rev_lose": "Втрачають оголошене світло: {people}, разом {hours} людино-годин.",
    "s_rev_gain": "Одержують додаткове світло: {people}, разом {hours} людино-годин.",
    "s_rev_outages": "З відключень ліній лишаються, як оголошено, {same}; починаються чи "
    "кінчаються в інший час {earlier_or_later}, перенесено {moved}, відділено від інших "
    "{split_off}, нових {new}, скасовано {cancelled}; кожне зберігає свою назву у файлі "
    "outages.csv.",
    "s_rev_table": "Хто й коли втрачає та одержує світло",
    "s_rev_col_queue": "Черга",
    "s_rev_col_loses": "Втрачає світло (найбільше людей водночас)",
    "s_rev_col_gains": "Одержує світло (найбільше людей водночас)",
    "s_rev_col_hours": "Людино-години світла",
    "s_rev_no_queue": "без черги",
    "s_pickup": "Лінія, яку вмикають після довгої темряви, бере до {times} звичайного "
    "навантаження.",
}
"""The same in Ukrainian."""
