"""The situation that Vatra was made for: the evening of 23 November 2022."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vatra.city.model import City
from vatra.situation.model import Claim, Damage, Situation, Weather
from vatra.situation.sun import overcast_sun
from vatra.situation.timegrid import TimeGrid

START = "2022-11-23T14:00"
"""Start, local time."""

REFERENCE_PEAK_MW = 1500.0
"""Winter peak of the city that the limits were given to; other cities get their share of it."""

LIMITS_MW = (("2022-11-23T14:00", 430.0), ("2022-11-24T00:00", 690.0))
"""Supply limit by local time from which it holds (operator, 25 November 2022: 430 MW on the 23rd,
690 MW on the 24th and 25th; by day, so the change is taken to be at midnight)."""

SAID_UNTIL = "2022-11-26T00:00"
"""Local time up to which the operator named a limit."""

OUTDOOR_C = (
    (0.0, 0.0), (6.0, -1.5), (12.0, -3.0), (18.0, -3.5), (24.0, -3.0), (30.0, -5.0),
    (36.0, -6.5), (42.0, -7.5), (48.0, -7.0), (54.0, -8.0), (60.0, -9.5), (66.0, -10.0),
    (72.0, -7.0),
)  # fmt: skip
"""Outdoor temperature by hours from the start, °C: a cold spell *assumed* for the exercise; the
last day repeats. The days themselves had about −4 to +3 °C."""

WIND_M_S = 3.0
"""Wind speed, m/s; *assumed*."""

WEATHER_SOURCE = (
    "Assumed for the exercise: a cold spell from 0 °C down to −10 °C on the third day, overcast, "
    "wind 3 m/s. The days themselves had about −4 to +3 °C."
)


def november_2022(city: City, hours: float = 72) -> Situation:
    """Return the situation of 23 November 2022, 14:00, for any city.

    The city gets 430 MW until midnight and 690 MW from then on, for a winter peak of 1,500 MW;
    a city with another peak gets the same shares. A cold spell is assumed, and a heat source of
    the city, its first CHP plant in the order of its table or else its largest boiler house, is
    reported out with nobody saying until when, so that heat matters.

    Parameters
    ----------
    city
        The city.
    hours
        Length of the horizon.

    Returns
    -------
    Situation
        The situation with the claims that it cites: «if confirmed», as the heat source's loss
        is not.
    """
    about = city.about
    slots = max(round(hours * 2), 1)
    start = pd.Timestamp(START).tz_localize(about.time_zone)
    grid = TimeGrid(start.tz_convert("UTC"), slots, about.time_zone)
    share = about.known_peak_mw / REFERENCE_PEAK_MW
    limit_mw = np.full(slots, np.nan)
    for since, mw in LIMITS_MW:
        first = grid.slot_of(pd.Timestamp(since).tz_localize(about.time_zone))
        limit_mw[max(first, 0) :] = mw * share
    damage, reported = _heat_source_out(city, grid)
    claims = (*_supply_claims(share, grid), *reported)
    cited = {"supply": tuple(c.claim_id for c in claims if c.claim_id.startswith("C"))}
    if damage:
        cited["damage"] = damage[0].claims
    return Situation(
        name="Evening of 23 November 2022",
        name_uk="Вечір 23 листопада 2022 року",
        grid=grid,
        limit_mw=limit_mw,
        queues_off=np.full(slots, np.nan),
        weather=Weather(
            _outdoor_c(grid),
            np.full(slots, WIND_M_S),
            overcast_sun(grid, about.latitude, about.sun_longitude),
            WEATHER_SOURCE,
        ),
        damage=damage,
        claims=claims,
        cited=cited,
        basis="if confirmed" if any(c.basis != "confirmed" for c in claims) else "confirmed",
    )


def _supply_claims(share: float, grid: TimeGrid) -> tuple[Claim, ...]:
    """Say who said what of the supply.

    The figures became public two days later; the exercise lets them be known at its start, as an
    order of the system operator is.
    """
    scaled = "" if share == 1.0 else " This city is given the same share of its own peak."
    scaled_uk = "" if share == 1.0 else " Тут місту дано ту саму частку його власного піку."
    said = Claim(
        "C1",
        "The city got 430 MW on 23 November and has a limit of 690 MW on 24 and 25 November, "
        f"of the 1,500 MW that it drew a year before.{scaled}",
        "Kyiv grid operator; public since 25 November 2022",
        as_of=grid.start,
        text_uk="23 листопада місто отримало 430 МВт, на 24 і 25 листопада має межу 690 МВт, а "
        f"за рік до того споживало 1 500 МВт.{scaled_uk}",
        source_uk="оператор мережі Києва; оприлюднено 25 листопада 2022 року",
    )
    if grid.end <= pd.Timestamp(SAID_UNTIL).tz_localize(grid.time_zone):
        return (said,)
    taken = Claim(
        "C2",
        "The limit of 690 MW is taken to hold from 26 November on as well; nobody has said so.",
        "assumed for the exercise",
        basis="if confirmed",
        text_uk="Вважаємо, що межа 690 МВт діє і від 26 листопада; цього ніхто не казав.",
        source_uk="припущення навчання",
    )
    return said, taken


def _heat_source_out(city: City, grid: TimeGrid) -> tuple[tuple[Damage, ...], tuple[Claim, ...]]:
    """Take out one heat source of the city, if it has any, with the claim that says so."""
    sources = city.heat_sources
    if not len(sources):
        return (), ()
    plants = sources.index[sources["kind"] == "chp"]
    if len(plants):
        source, kind, kind_uk = str(plants[0]), "A heat and power plant", "ТЕЦ"
    else:
        source = str(sources["capacity_mw"].idxmax())
        kind, kind_uk = "A boiler house", "Котельня"
    claim = Claim(
        "D1",
        f"{kind} ({source}) gives no heat; when it will be back is not known. The power that it "
        "no longer gives is in the supply limit.",
        "exercise",
        basis="if confirmed",
        as_of=grid.start,
        text_uk=f"{kind_uk} ({source}) не дає тепла; коли запрацює, невідомо. Струм, якого вона "
        "більше не виробляє, враховано в межі постачання.",
        source_uk="навчання",
    )
    damage = Damage(
        "heat_sources", source, 0, grid.slots, end_known=False, claims=(claim.claim_id,)
    )
    return (damage,), (claim,)


def _outdoor_c(grid: TimeGrid) -> NDArray[np.float64]:
    """Temperature at the middle of each slot; the last day repeats."""
    hours, values = (np.array(column) for column in zip(*OUTDOOR_C, strict=True))
    middle = (np.arange(grid.slots) + 0.5) / 2
    end = hours[-1]
    last_day = np.where(middle > end, end - 24.0 + (middle - end) % 24.0, middle)
    return np.asarray(np.interp(last_day, hours, values))
