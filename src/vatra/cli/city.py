"""``vatra city``: make, import, check and show a city."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vatra.cli.terminal import Progress, run, show_json, show_problems
from vatra.cli.values import MEGAWATTS, RESIDENTS, SEED
from vatra.problems import InputError, Problem, format_problems, name_ids
from vatra.progress import Clock

if TYPE_CHECKING:
    import pandas as pd


@click.group()
def city() -> None:
    """Make, import, check and show a city."""


@city.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--residents", type=RESIDENTS, default=3_000_000, show_default=True)
@click.option("--seed", type=SEED, default=0, show_default=True)
def new(folder: Path, residents: int, seed: int) -> None:
    """Make a synthetic city in FOLDER. It has no real location of anything."""

    def work() -> str:
        from vatra.city import check_city_folder, summarise_city, write_city
        from vatra.city.synthetic import make_city

        check_city_folder(folder)
        clock = Clock(Progress())
        with clock.stage("synthetic city") as figure:
            made = make_city(residents, seed)
            figure.append(f"{made.residents:,} residents in {len(made.blocks):,} blocks")
        with clock.stage("writing") as figure:
            write_city(made, folder)
            figure.append(str(folder))
        return str(summarise_city(made))

    click.echo(run(work))


@city.group("import")
def import_() -> None:
    """Import a real city."""


@import_.command("osm")
@click.argument("pbf", type=click.Path(path_type=Path))
@click.option(
    "--population",
    type=click.Path(path_type=Path),
    required=True,
    help="Residents by cell or point: GeoPackage, GeoJSON, CSV with lon and lat, GeoTIFF.",
)
@click.option("--out", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--name", help="Name of the city.  [default: the file's name]")
@click.option("--peak-mw", type=MEGAWATTS, help="Known winter peak, MW.")
@click.option("--time-zone", help="IANA name, such as Europe/Kyiv.  [default: by longitude]")
@click.option("--seed", type=SEED, default=0, show_default=True)
def import_osm_(  # noqa: PLR0917 - one parameter an option
    pbf: Path,
    population: Path,
    folder: Path,
    name: str | None,
    peak_mw: float | None,
    time_zone: str | None,
    seed: int,
) -> None:
    """Import streets, buildings and people from OpenStreetMap's FILE.osm.pbf.

    The networks that OpenStreetMap doesn't have are synthesised over it and marked as assumed.
    """

    def work() -> tuple[str, list[str]]:
        from vatra.city import check_city_folder, import_osm, summarise_city, write_city

        check_city_folder(folder)
        clock = Clock(Progress())
        with clock.stage("OpenStreetMap and people") as figure:
            made, left_out = import_osm(
                pbf, population, seed=seed, name=name, known_peak_mw=peak_mw, time_zone=time_zone
            )
            figure.append(f"{made.residents:,} residents in {len(made.blocks):,} blocks")
        with clock.stage("writing") as figure:
            write_city(made, folder)
            figure.append(str(folder))
        return summarise_city(made), left_out

    summary, left_out = run(work)
    click.echo(summary)
    if left_out:
        click.echo("\nLeft out or repaired:")
        for line in left_out:
            click.echo(f"  {line}")


@import_.command("power")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--city", "folder", type=click.Path(path_type=Path), required=True)
def import_power(file: Path, folder: Path) -> None:
    """Put a power model into the city in --city: power-grid-model, pandapower or MATPOWER.

    Substations are found by their column «bus», or by their own id.
    """

    def work() -> str:
        from vatra.city import read_city, write_city
        from vatra.networks import with_power_model

        made = with_power_model(read_city(folder), file)
        write_city(made, folder)
        return f"{file.name} is now the power network of {folder}."

    click.echo(run(work))


@import_.command("water")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--city", "folder", type=click.Path(path_type=Path), required=True)
def import_water(file: Path, folder: Path) -> None:
    """Put an EPANET file into the city in --city as its water network.

    Pumps are found in the table «pumps» by their id, nodes in «water_nodes» or by their zone's id.
    """

    def work() -> str:
        from vatra.city import read_city, write_city
        from vatra.networks.water_service import with_water_model

        made, fit = with_water_model(read_city(folder), file)
        write_city(made, folder)
        said = f"{file.name} is now the water network of {folder}."
        if fit.known_pumps < fit.pumps:
            said += (
                f" {fit.pumps - fit.known_pumps} of its {fit.pumps} pumps stand in no row of "
                "«pumps»: they count as always powered."
            )
        if fit.known_zones < fit.zones:
            said += (
                f" {fit.zones - fit.known_zones} of {fit.zones} water zones have no node in it: "
                "give the table «water_nodes», or the balance of zones and tanks holds for them."
            )
        return said

    click.echo(run(work))


@import_.command("sites")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--city", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--as-of", metavar="TIME", help="When that is known, ISO 8601.  [default: now]")
@click.option(
    "--valid-days",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="Days for which an inspection holds.",
)
def import_sites(file: Path, folder: Path, as_of: str | None, valid_days: float) -> None:
    """Put a list of inspected sites (a CSV) into the city in --city.

    It has site_id, status (candidate, open, closed, unverified), inspected (a day) and, where
    known, capacity. What was seen too long ago is «unverified», now and in later plans.
    """

    def work() -> str:
        from vatra.city import read_city, write_city
        from vatra.warm_points.inspection import with_site_list

        done = with_site_list(read_city(folder), file, _time_of(as_of), valid_days=valid_days)
        write_city(done.city, folder)
        said = (
            f"{done.updated:,} of {len(done.city.sites):,} sites of {folder} are as {file.name} "
            f"says; {done.unverified:,} of them are unverified."
        )
        if done.unknown:
            said += f" Not in the city: {name_ids(done.unknown)}."
        return said

    click.echo(run(work))


def _time_of(words: str | None) -> pd.Timestamp:
    """Read a time; a day means its beginning, and without a zone UTC is meant."""
    import pandas as pd

    if words is None:
        return pd.Timestamp.now(tz="UTC")
    try:
        time = pd.Timestamp(words)
    except ValueError:
        problem = Problem("--as-of", words, "not a time", "write it as 2026-01-31")
        raise InputError("vatra city import sites", [problem]) from None
    return time.tz_localize("UTC") if time.tzinfo is None else time


@city.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def check(folder: Path, as_json: bool) -> None:
    """List every problem of the city in FOLDER; exit with 1 if there is any."""

    def work() -> list[Problem]:
        from vatra.city import check_city, read_city
        from vatra.networks import check_power_model
        from vatra.networks.heat_mains import check_heat_model

        if problems := check_city(folder):
            return problems
        made = read_city(folder)
        return [*check_power_model(made), *check_heat_model(made)]

    problems = run(work, as_json=as_json)
    if problems:
        show_problems(InputError(str(folder), problems), as_json=as_json)
        raise SystemExit(1)
    if as_json:
        show_json({"source": str(folder), "problems": []})
    else:
        click.echo(format_problems(str(folder), []))


@city.command("show")
@click.argument("folder", type=click.Path(path_type=Path))
def show(folder: Path) -> None:
    """Summarise the city in FOLDER in plain words."""

    def work() -> str:
        from vatra.city import read_city, summarise_city

        return str(summarise_city(read_city(folder)))

    click.echo(run(work))
