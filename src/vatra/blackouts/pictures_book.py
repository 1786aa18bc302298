"""Who has had how much darkness by day, week and month, as a terminal can show it."""

from __future__ import annotations

from vatra.blackouts.memory_spans import SPANS, Standing

BAR = 12
"""Characters of the longest bar."""

HEADS = ("day", "7 d", "30 d", "17-23", "23-7", "emerg.", "before", "after")
COLUMNS = ("day_dark_h", "week_dark_h", "month_dark_h", "month_evening_h", "month_night_h",
           "month_emergency_h", "owed_before_h", "owed_h")  # fmt: skip


def draw_standing(standing: Standing, *, plain: bool = False) -> str:
    """Draw a row a queue: hours over day, week and month, and what it is owed.

    Parameters
    ----------
    standing
        Who has had how much.
    plain
        Use only characters that every terminal has.

    Returns
    -------
    str
        Lines of text; empty where no line takes turns.
    """
    if not len(standing.lines):
        return ""
    queues, spans = standing.queues, standing.spans
    bar = "#" if plain else "█"
    lines = []
    known = f"{standing.days['month']} of {SPANS['month']} days are known"
    lines.append(f"Dark hours up to {standing.last:%a %d %b}, with the days before ({known})")
    if len(queues):
        width = max(5, *(len(str(name)) for name in queues.index))
        month = queues["month_dark_h"]
        most = max(float(month.max()), 0.5)
        heads = "".join(f"{head:>7}" for head in HEADS)
        lines += [
            f"{'':{width + BAR + 4}}{'':21}  of it in 30 days      owed light",
            f"{'queue':>{width}}{'':{BAR + 4}}{heads}",
        ]
        for name, row in queues.iterrows():
            drawn = (bar * round(BAR * float(row["month_dark_h"]) / most)).ljust(BAR)
            cells = "".join(
                f"{round(float(row[c]), 1) + 0.0:{'+' if c.startswith('owed') else ''}7.1f}"
                for c in COLUMNS
            )
            lines.append(f"{name!s:>{width}}  {drawn}  {cells}")
        lines.append("")
    lines.append(f"{'lines that take turns':<24}{'mean':>8}{'least':>8}{'most':>8}{'range':>8}")
    names = {"day": "day", "week": "7 days", "month": "30 days"}
    kinds = {"dark": "in all", "evening": "evenings 17–23", "night": "nights 23–7"}
    for given in spans.to_dict("records"):
        label = f"{names[str(given['span'])]}, {kinds[str(given['kind'])]}"
        label = label.replace("–", "-") if plain else label
        figures = "".join(f"{given[k]:8.1f}" for k in ("mean_h", "least_h", "most_h", "range_h"))
        lines.append(f"{label:<24}{figures}")
    count, most_h = standing.owed()
    if standing.before:
        before, before_h = standing.owed("owed_before_h")
        lines.append(
            f"Owed light before: {before} lines, {before_h:.1f} h at most; after: {count} lines, "
            f"{most_h:.1f} h at most."
        )
    return "\n".join(lines)
