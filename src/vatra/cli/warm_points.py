"""``vatra warm-points``: site warm points for any people, candidates and streets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vatra.cli.terminal import Progress, run, show_json
from vatra.problems import InputError, Problem
from vatra.progress import Clock

FILE = click.Path(path_type=Path)


@click.command("warm-points")
@click.argument("people", type=FILE)
@click.argument("candidates", type=FILE)
@click.argument("streets", type=FILE)
@click.option("--sites", type=click.IntRange(0), default=1000, show_default=True)
@click.option(
    "--reach-m",
    type=click.FloatRange(0, min_open=True),
    default=1000.0,
    show_default=True,
    help="Longest walk, metres.",
)
@click.option("--closed", multiple=True, help="Street or bridge that can't be walked; repeatable.")
@click.option("--out", type=FILE, required=True, help="Sites: .csv, .geojson or .gpkg.")
@click.option("--assignment", type=FILE, help="Who goes where: .csv.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def warm_points(  # noqa: PLR0917 - one parameter an option
    people: Path,
    candidates: Path,
    streets: Path,
    sites: int,
    reach_m: float,
    closed: tuple[str, ...],
    out: Path,
    assignment: Path | None,
    as_json: bool,
) -> None:
    """Choose which CANDIDATES to open for PEOPLE who walk there on STREETS.

    PEOPLE has need (and vulnerable) by block, CANDIDATES has capacity. Each file is GeoPackage,
    GeoJSON, GeoParquet, or CSV with lon and lat (streets: wkt). First as many people as possible
    come within reach, then as many as possible get a place, then they walk as little as possible.
    """

    def work() -> dict[str, Any]:
        from vatra.warm_points.files import read_siting, write_siting
        from vatra.warm_points.siting import site_warm_points

        _check_outputs(out, assignment)
        clock = Clock(Progress(quiet=as_json))
        with clock.stage("reading") as figure:
            blocks, places, lines = read_siting(people, candidates, streets)
            figure.append(f"{len(blocks):,} blocks, {len(places):,} candidates")
        with clock.stage("siting") as figure:
            found = site_warm_points(
                blocks, places, lines, sites=sites, reach_m=reach_m, closed=closed
            )
            figure.append(f"{len(found.sites):,} sites, {found.served:,} of {found.need:,} people")
        with clock.stage("writing") as figure:
            write_siting(found, out)
            if assignment is not None:
                draft = assignment.with_name(f".{assignment.name}.part")
                found.assignment.to_csv(draft, index=False)
                draft.replace(assignment)
            figure.append(str(out))
        reasons = found.blocks["reason"]
        left = found.blocks["need"] - found.blocks["assigned"]
        return {
            "sites": len(found.sites),
            "need": found.need,
            "reached": found.reached,
            "reached_bound": found.reached_bound,
            "served": found.served,
            "served_bound": found.served_bound,
            "not_served": {r: int(left[reasons == r].sum()) for r in sorted(set(reasons)) if r},
            "out": str(out),
        }

    answer = run(work, as_json=as_json)
    if as_json:
        show_json(answer)
        return
    click.echo(
        f"{answer['sites']:,} sites open. {answer['reached']:,} of {answer['need']:,} people in "
        f"need are within {reach_m:,.0f} m of one; no choice of as many sites reaches more than "
        f"{answer['reached_bound']:,}.\n"
        f"{answer['served']:,} find a place at once; no choice seats more than "
        f"{answer['served_bound']:,}."
    )
    for reason, people_left in answer["not_served"].items():
        click.echo(f"  {people_left:,} without a place: {reason}")


def _check_outputs(out: Path, assignment: Path | None) -> None:
    """Refuse what can't be written before the work, not after it."""
    from vatra.warm_points.files import OUTPUTS

    found = []
    if out.suffix not in OUTPUTS:
        mend = f"end its name in {', '.join(OUTPUTS)}"
        found.append(Problem("--out", out.name, "unknown kind of file", mend))
    if assignment is not None and assignment.suffix != ".csv":
        found.append(Problem("--assignment", assignment.name, "not a .csv", "end its name in .csv"))
    for option, file in (("--out", out), ("--assignment", assignment)):
        if file is not None and not file.parent.is_dir():
            found.append(Problem(option, str(file.parent), "no such folder", "make it first"))
    if found:
        raise InputError("vatra warm-points", found)
