"""What is said when two plans are compared."""

from __future__ import annotations

EN: dict[str, str] = {
    "compare_first": "A is «{name}» ({place}).",
    "compare_second": "B is «{name}» ({place}).",
    "compare_span": "Compared over the {hours} from {start} that both cover; of people, the most "
    "in any half-hour.",
    "compare_dark": "Without light: {first} people in A, {second} in B: {change}; "
    "person-hours: {hours}.",
    "compare_no_water": "Without water: {first} people in A, {second} in B: {change}; "
    "person-hours: {hours}.",
    "compare_no_heat": "Without heat: {first} people in A, {second} in B: {change}; "
    "person-hours: {hours}.",
    "compare_below_16": "Below 16 °C at home: {first} people in A, {second} in B: {change}; "
    "person-hours: {hours}.",
    "compare_below_12": "Below 12 °C at home: {first} people in A, {second} in B: {change}; "
    "person-hours: {hours}.",
    "compare_unserved_mwh": "Not served: {first} MWh in A, {second} in B: {change}.",
    "compare_warm_points": "Warm points opened: {first} in A, {second} in B: {change}.",
    "compare_people_to_move": "People who can't be kept warm where they are: {first} in A, "
    "{second} in B: {change}.",
    "compare_more": "{n} more",
    "compare_fewer": "{n} fewer",
    "compare_same": "the same",
    "compare_not_known": "not known",
    "compare_from": "From, A → B",
    "compare_col_dark": "no light",
    "compare_col_no_water": "no water",
    "compare_col_no_heat": "no heat",
    "compare_col_below_16": "below 16 °C",
    "compare_col_below_12": "below 12 °C",
}

UK: dict[str, str] = {
    "compare_first": "А — «{name}» ({place}).",
    "compare_second": "Б — «{name}» ({place}).",
    "compare_span": "Порівняно {hours} від {start}, які охоплюють обидва плани; людей — найбільше "
    "за будь-які пів години.",
    "compare_dark": "Без світла: {first} осіб в А, {second} у Б: {change}; людино-години: {hours}.",
    "compare_no_water": "Без води: {first} осіб в А, {second} у Б: {change}; "
    "людино-години: {hours}.",
    "compare_no_heat": "Без тепла: {first} осіб в А, {second} у Б: {change}; "
    "людино-години: {hours}.",
    "compare_below_16": "Удома нижче 16 °C: {first} осіб в А, {second} у Б: {change}; "
    "людино-години: {hours}.",
    "compare_below_12": "Удома нижче 12 °C: {first} осіб в А, {second} у Б: {change}; "
    "людино-години: {hours}.",
    "compare_unserved_mwh": "Не постачено: {first} МВт·год в А, {second} у Б: {change}.",
    "compare_warm_points": "Відкрито пунктів обігріву: {first} в А, {second} у Б: {change}.",
    "compare_people_to_move": "Людей, яких не втримати в теплі на місці: {first} в А, "
    "{second} у Б: {change}.",
    "compare_more": "на {n} більше",
    "compare_fewer": "на {n} менше",
    "compare_same": "стільки ж",
    "compare_not_known": "невідомо",
    "compare_from": "Від, А → Б",
    "compare_col_dark": "без світла",
    "compare_col_no_water": "без води",
    "compare_col_no_heat": "без тепла",
    "compare_col_below_16": "нижче 16 °C",
    "compare_col_below_12": "нижче 12 °C",
}
