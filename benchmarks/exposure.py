"""What cutting last those whose homes cool first changes, against a schedule blind to it.

    python benchmarks/exposure.py [--json] [--sizes 20000 100000 500000] [--data DIR]

Each synthetic city goes through 72 hours of November 2022 twice, in one process: with the weights
of `vatra.planning.exposure` and without. Prints ``case, figure, vatra, reference, ratio, verdict``;
the reference is the blind schedule, or the figure that the project has set itself. `--data` is
taken as by the other benchmarks and not used.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from table import Row, show
from vatra.city.synthetic import make_city
from vatra.homes import COUNTED_C
from vatra.planning import Plan, make_plan
from vatra.planning.answers import draining
from vatra.planning.exposure import MOST
from vatra.publish.figures import figures_of
from vatra.situation import november_2022
from vatra.situation.timegrid import SLOT_H

LIMIT_RATIO = 1.05
LIMIT_S = 10.0
PRICE = ("darkness, longest less shortest, h", "longest darkness, h", "least light a day, h")
"""What those pay for whom light counts least: shown, and no figure to meet."""


def figures(plan: Plan) -> dict[str, float]:
    """Return what the two plans are compared by."""
    below = plan.outlook.homes.people_below.sum(axis=1) * SLOT_H
    certificate, light = plan.schedule.certificate, figures_of(plan).light
    pipes = draining(plan.city, plan.outlook)
    return {
        **{f"person-hours below {c:g} °C": float(below.loc[c]) for c in COUNTED_C},
        "people whose pipes would freeze undrained": pipes["at_risk"],
        "unserved, MWh": certificate.unserved_mwh,
        "darkness, longest less shortest, h": certificate.dark_h_range,
        "longest darkness, h": certificate.longest_dark_h,
        "least light a day, h": light.least_h,
    }


def rows_of(residents: int) -> list[Row]:
    """Plan a city twice."""
    city = make_city(residents, 0)
    situation = november_2022(city, 72)
    sites = max(1, residents // 3000)
    seconds, plans = [], []
    for cold_first in (False, True):
        began = time.process_time()
        plans.append(make_plan(city, situation, sites=sites, cold_first=cold_first))
        seconds.append(time.process_time() - began)
    name = f"cold first, {residents:,}"
    blind, seeing = (figures(plan) for plan in plans)
    rows = [Row(name, figure, seeing[figure], blind[figure]) for figure in blind]
    certificate = plans[1].schedule.certificate
    weight = plans[1].exposure.weight if plans[1].exposure is not None else np.zeros(1)
    rows = [Row(r.case, r.figure, r.vatra) if r.figure in PRICE else r for r in rows]
    return [
        *rows,
        Row(name, "unserved over its bound", certificate.unserved_ratio, LIMIT_RATIO),
        Row(name, "most that an hour counts more", float(weight.max()), MOST),
        Row(name, "what it takes, s of CPU", seconds[1] - seconds[0], LIMIT_S),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000, 500_000])
    options = parser.parse_args()
    rows = [row for residents in options.sizes for row in rows_of(residents)]
    show(rows, as_json=options.json)


if __name__ == "__main__":
    main()
