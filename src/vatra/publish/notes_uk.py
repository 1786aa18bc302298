"""What was given and assumed for a schedule, in Ukrainian.

Notes are worded in English where they arise; each has a form, and each form its Ukrainian
counterpart here. A note of no known form stays English, and is marked so.
"""

from __future__ import annotations

from vatra.publish.certificate_uk import NUMBER, comma, names_in_ukrainian, reworded

TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d)"

ENDS = {
    "to the midnight after the last step": "до півночі після останнього кроку межі",
    "as asked": "як замовлено",
    "to the end of the loads": "до кінця таблиці навантажень",
}
"""How far is planned, and why."""

FORMS: tuple[tuple[str, str], ...] = (
    (r"(.+): not read: (.+)\.", "{0}: не прочитано стовпців: {1}."),
    (
        (
            r"Only peaks are known: loads run over the day as homes' do \(an assumed profile\), "
            r"critical parts are flat\."
        ),
        (
            "Відомі лише піки: навантаження йде за добу так, як у домівок (припущений графік), "
            "критична частина стала."
        ),
    ),
    (
        r"Only peaks are known: loads are taken to be flat at their peak\.",
        "Відомі лише піки: навантаження взято сталим, на рівні піка.",
    ),
    (
        (r"Where the load is below critical_mw \((.+)\), all of it is taken to be critical\."),
        "Де навантаження менше за critical_mw ({0}), критичним взято його все.",
    ),
    (
        (
            r"No queues are given: feeders are spread over ([\d× ]+) queues so that each has "
            r"nearly the same load and people\."
        ),
        (
            "Черг не дано: лінії поділено на черги ({0}) так, щоб у кожній було майже порівну "
            "навантаження й людей."
        ),
    ),
    (
        (
            r"Feeders without a queue \((.+)\) are switched, but are not in the schedule by "
            r"queue\."
        ),
        "Лінії без черги ({0}) вимикають, але в графіку за чергами їх немає.",
    ),
    (
        rf"Planned to {TIME} local time \((.+)\); after that nothing is known\.",
        "Сплановано до {0} за місцевим часом ({1}); далі нічого не відомо.",
    ),
    (
        rf"{NUMBER} steps of the limit begin after that and are not used\.",
        "Кроків межі, що починаються пізніше й не використані: {0}.",
    ),
    (
        (
            rf"Evened out with the book of the {NUMBER} days before: up to {NUMBER} h more than "
            rf"the line with least, {NUMBER} line-hours of it emergencies\."
        ),
        (
            "Зрівняно з книгою попередніх днів ({0}): щонайбільше на {1} год більше, ніж у лінії "
            "з найменшою темрявою; аварійних із них — {2} лініє-годин."
        ),
    ),
    (
        (
            r"An hour counts half as much again for a vulnerable person and a quarter for a "
            r"displaced one \(assumed weights\)\."
        ),
        (
            "Година темряви важить на половину більше для вразливої людини й на чверть — для "
            "переселеної (припущені ваги)."
        ),
    ),
    (
        rf"Revised {TIME} local time; nothing was changed before {TIME}\.",
        "Переглянуто {0} за місцевим часом; до {1} нічого не змінено.",
    ),
    (
        (
            rf"Emergency from {TIME} to {TIME} local time: {NUMBER} feeders; the plan of the rest "
            r"is that of before\."
        ),
        (
            "Аварійне відключення з {0} до {1} за місцевим часом, ліній: {2}; решта плану така, "
            "як була."
        ),
    ),
    (
        rf"Emergency from {TIME} to {TIME} local time: {NUMBER} feeders\.",
        "Аварійне відключення з {0} до {1} за місцевим часом, ліній: {2}.",
    ),
    (
        (
            rf"Of {NUMBER} line-hours that the emergency took, {NUMBER} are given back up to "
            rf"{TIME} local time; {NUMBER} lines pay for it\."
        ),
        (
            "Із {0} лініє-годин, забраних аварійним відключенням, до {2} за місцевим часом "
            "повернуто {1}; за це поступаються ліній: {3}."
        ),
    ),
)
"""Forms of English notes, and the Ukrainian ones; groups by their number."""


def note_in_ukrainian(note: str) -> str:
    """Return a note of a schedule in Ukrainian.

    Parameters
    ----------
    note
        In English.

    Returns
    -------
    str
        In Ukrainian; empty where its form isn't known.
    """
    return reworded(note, FORMS, lambda part: ENDS.get(part, names_in_ukrainian(comma(part))))
