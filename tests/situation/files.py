"""Situation and weather files, for the tests."""

from pathlib import Path

PLAIN = """\
name = "A day"
start = 2022-11-23T14:00:00+02:00
hours = 24

[[supply]]
from = 2022-11-23T14:00:00+02:00
limit_mw = 430

[weather]
outdoor_c = -5.0
"""


def write(folder: Path, text: str, name: str = "situation.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def make_epw(*, offset_h: float = 2.0, days: range = range(365), hours: int = 24) -> str:
    """Make a year in which the temperature is the day of the year, plus hours in hundredths."""
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    dates = [(m + 1, d + 1) for m, length in enumerate(lengths) for d in range(length)]
    lines = [
        f"LOCATION,Testove, by the river,-,UKR,MADE,000000,50.4,30.5,{offset_h},150.0",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
        "COMMENTS 1,made up",
        "COMMENTS 2,",
        "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
    ]
    for day in days:
        month, date = dates[day]
        for hour in range(1, hours + 1):
            fields = ["1999", str(month), str(date), str(hour), "0", "?9"] + ["0"] * 29
            fields[6] = f"{day / 10 - 20 + hour / 100:.3f}"
            fields[13] = "240" if hour == 12 else "0"
            fields[21] = "4.0"
            lines.append(",".join(fields))
    return "\n".join(lines) + "\n"
