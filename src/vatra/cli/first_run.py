"""Compile on two cores, when nothing is compiled yet.

The kernels are compiled when they are first called and kept on disk. In the very first run of an
installation that takes longer than the plan of a small city: here those of the blackouts, the
longest ones, while a process of its own compiles all others, in the order in which they are needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vatra.progress import Clock

RESIDENTS, HOURS, SITES = 100_000, 6, 33
"""A town and a short horizon: large enough that what only the smallest ones need isn't compiled."""


def is_compiled() -> bool:
    """Return whether kernels have been compiled and kept before.

    Returns
    -------
    bool
        Judged by the kernel of the homes, which every plan needs.
    """
    own = Path(__file__).parents[1] / "homes"
    kept = os.environ.get("NUMBA_CACHE_DIR")
    places = [own / "__pycache__"] if kept is None else Path(kept).glob(f"{own.name}_*")
    return any(next(place.glob("_kernels.run_parts-*.nbi"), None) for place in places)


@contextmanager
def compile_beside(clock: Clock) -> Iterator[None]:
    """Compile here and in another process, which goes on meanwhile, if nothing is compiled yet.

    Parameters
    ----------
    clock
        Shows what it is that takes long.
    """
    if is_compiled() or (os.cpu_count() or 1) < 2:
        yield
        return
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(
        [sys.executable, "-m", "vatra.cli.first_run"], stdin=quiet, stdout=quiet, stderr=quiet
    )
    try:
        with clock.stage("compiling (first run)"):
            compile_blackouts()
        yield
    finally:
        child.terminate()
        child.wait()


def compile_blackouts() -> None:
    """Make a small schedule."""
    from vatra.blackouts import schedule_blackouts
    from vatra.city.synthetic import make_city
    from vatra.demand import forecast_demand
    from vatra.situation import november_2022

    city = make_city(RESIDENTS)
    demand = forecast_demand(city, november_2022(city, hours=HOURS))
    schedule_blackouts(city.feeders, demand, limit_mw=0.5 * demand.total_mw)


def compile_others() -> None:
    """Call every stage but the blackouts once, on a small city that is dark."""
    import numpy as np

    from vatra.city.synthetic import make_city
    from vatra.homes import simulate_homes
    from vatra.networks import check_power, make_outlook, simulate_networks
    from vatra.relocation import plan_relocation
    from vatra.situation import november_2022
    from vatra.warm_points import warm_points_of

    city = make_city(RESIDENTS)
    situation = november_2022(city, hours=HOURS)
    dark = np.zeros((len(city.feeders), situation.grid.slots), bool)
    services = simulate_networks(city, situation, dark)
    homes = simulate_homes(city, situation, services.block_power, services.block_heat)
    check_power(city, situation, np.zeros(dark.shape))
    outlook = make_outlook(city, services, homes)
    points = warm_points_of(city, situation, outlook, sites=SITES)
    plan_relocation(city, outlook, points, situation=situation)


if __name__ == "__main__":
    compile_others()
