"""``vatra plan`` and ``vatra demo``: from a city and a situation to a plan with its report."""

from __future__ import annotations

import hashlib
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vatra.cli.first_run import compile_beside
from vatra.cli.terminal import Progress, in_lines, run, show_json
from vatra.cli.values import CELSIUS, HOURS, RESIDENTS, SEED, SITES
from vatra.problems import InputError, Problem
from vatra.progress import Clock

if TYPE_CHECKING:
    from vatra.city import City
    from vatra.planning import Plan
    from vatra.situation import Situation


class SpokenSources(click.Command):
    """A command whose ``--source`` takes words: ``--source H-002 out from 06:00 to 18:00``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the words after each ``--source`` into one."""
        return super().parse_args(ctx, _join_sources(args))


def _join_sources(args: list[str]) -> list[str]:
    joined: list[str] = []
    rest = iter(enumerate(args))
    for at, word in rest:
        joined.append(word)
        if word != "--source":
            continue
        words = args[at + 1 : at + 2]
        while (following := args[at + 1 + len(words) :])[:1]:
            if following[0] == "out":
                words.append("out")
            elif following[0] in {"from", "to", "until"} and len(following) > 1:
                words += following[:2]
            else:
                break
        if words:
            joined.append(" ".join(words))
        for _ in words:
            next(rest)
    return joined


@click.command("plan", cls=SpokenSources)
@click.argument("city", type=click.Path(path_type=Path))
@click.option("--situation", "situation_file", type=click.Path(path_type=Path), required=True)
@click.option("--hours", type=HOURS, help="Horizon.  [default: the situation's, or 72]")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the plan.")
@click.option("--warm-points", "sites", type=SITES, default=1000, show_default=True)
@click.option(
    "--without",
    multiple=True,
    metavar="CLAIM",
    help="What if this report isn't true; can be repeated.",
)
@click.option("--temperature", type=CELSIUS, help="What if it is so cold on average, °C.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="ID [out] [from TIME] [to TIME]",
    help="What if this source, pump, line or other asset is out; can be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def plan(  # noqa: PLR0917 - one parameter an option
    city: Path,
    situation_file: Path,
    hours: float | None,
    out: Path,
    sites: int,
    without: tuple[str, ...],
    temperature: float | None,
    sources: tuple[str, ...],
    as_json: bool,
) -> None:
    """Plan the CITY (a folder) through a situation (a TOML file).

    The plan of a what-if says so in its name and is never «confirmed»; `vatra compare` sets it
    beside another.
    """

    def work() -> tuple[Plan, Clock]:
        from vatra.blackouts import rules_from
        from vatra.city import read_city
        from vatra.planning import check_plan_folder
        from vatra.situation import Outage, WhatIf, read_situation

        check_plan_folder(out)
        if not situation_file.exists():  # reading a large city takes a while
            problem = Problem("--situation", "", "there is no such file", "correct the name")
            raise InputError(str(situation_file), [problem])
        clock = Clock(Progress(quiet=as_json))
        with clock.stage("reading the city") as figure:
            place = read_city(city)
            figure.append(f"{place.residents:,} residents in {len(place.blocks):,} blocks")
        what_if = WhatIf(without, temperature, tuple(Outage.of(words) for words in sources))
        situation = read_situation(situation_file, place, hours, what_if)
        try:
            rules_from(situation.rules)
        except InputError as error:
            raise InputError(str(situation_file), error.problems) from None
        with compile_beside(clock):
            return _plan(place, situation, out, sites, clock)

    run(lambda: _tell(*work(), out, as_json=as_json), as_json=as_json)


@click.command("demo")
@click.option("--residents", type=RESIDENTS, default=3_000_000, show_default=True)
@click.option("--seed", type=SEED, default=0, show_default=True)
@click.option("--hours", type=HOURS, default=72, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("vatra-demo"),
    show_default=True,
    help="Folder of the plan.",
)
@click.option("--warm-points", "sites", type=SITES, help="[default: 1,000 for 3 million people]")
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    help="Where synthetic cities are kept.  [default: VATRA_CACHE or the user's cache folder]",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def demo(  # noqa: PLR0917 - one parameter an option
    residents: int,
    seed: int,
    hours: float,
    out: Path,
    sites: int | None,
    cache: Path | None,
    as_json: bool,
) -> None:
    """Plan 72 hours of 23-25 November 2022 for a synthetic city of three million.

    The supply limit is 430 MW, then 690 MW, against a demand of about 1,500 MW, in a cold spell.
    """

    def work() -> tuple[Plan, Clock]:
        from vatra.planning import check_plan_folder
        from vatra.situation import november_2022

        check_plan_folder(out)
        clock = Clock(Progress(quiet=as_json))
        wanted = sites if sites is not None else max(1, round(1000 * residents / 3_000_000))
        with compile_beside(clock):
            place = _cached_city(residents, seed, cache or default_cache(), clock)
            return _plan(place, november_2022(place, hours), out, wanted, clock)

    run(lambda: _tell(*work(), out, as_json=as_json), as_json=as_json)


def _plan(
    city: City, situation: Situation, out: Path, sites: int, clock: Clock
) -> tuple[Plan, Clock]:
    from vatra.planning import make_plan, write_plan
    from vatra.publish import write_report, write_warm_points

    made = make_plan(city, situation, sites=sites, clock=clock)
    with clock.stage("writing the plan and its report") as figure:
        write_plan(made, out, publishers=[write_report, write_warm_points])
        figure.append(str(out))
    return made, clock


def _tell(made: Plan, clock: Clock, out: Path, *, as_json: bool) -> None:
    from vatra.planning import summary_of
    from vatra.publish import summarise

    if as_json:
        seconds = {name: round(took, 2) for name, took in clock.seconds.items()}
        show_json({"out": str(out), **summary_of(made), "seconds": seconds})
        return
    click.echo(f"\n{in_lines(summarise(made))}\n")
    click.echo(f"Report: {out / 'report.html'}  (Ukrainian: {out / 'report.uk.html'})")
    if made.relocation.everyone is not None:
        moving, other = out / "relocation.html", out / "relocation.uk.html"
        click.echo(f"Moving out: {moving}  (Ukrainian: {other})")
    click.echo(f"Plan:   {out}")


def default_cache() -> Path:
    """Return where synthetic cities are kept: VATRA_CACHE, or the user's cache folder.

    Returns
    -------
    Path
        The folder; it need not exist.
    """
    if named := os.environ.get("VATRA_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("vatra", appauthor=False)


def _cached_city(residents: int, seed: int, cache: Path, clock: Clock) -> City:
    from vatra.city import read_city, write_city
    from vatra.city.synthetic import make_city

    folder = cache / "cities" / f"{_maker_digest()}-{residents}-{seed}"
    if folder.is_dir():
        try:
            with clock.stage("synthetic city, cached") as figure:
                made = read_city(folder)
                figure.append(f"{made.residents:,} residents in {len(made.blocks):,} blocks")
                return made
        except InputError:
            pass  # a damaged cache is made anew
    with clock.stage("synthetic city") as figure:
        made = make_city(residents, seed)
        figure.append(f"{made.residents:,} residents in {len(made.blocks):,} blocks")
    with clock.stage("keeping the city") as figure:
        try:
            write_city(made, folder)
            figure.append(str(folder))
        except InputError as error:  # a plan doesn't hang on the next one's being quicker
            figure.append(f"not kept: {error.problems[0]}")
    return made


def _maker_digest() -> str:
    """Name the code that makes a city, so that a newer maker doesn't read an older city."""
    digest = hashlib.sha256()
    package = Path(str(files("vatra.city")))
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
