"""``vatra warm-points``: site warm points for any people, candidates and streets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vatra.cli.terminal import Progress, run, show_json
from vatra.problems import InputError, Problem
from vatra.progress import Clock

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from vatra.warm_points import WarmPoints

FILE = click.Path(path_type=Path)


@click.command("warm-points")
@click.argument("people", type=FILE)
@click.argument("candidates", type=FILE)
@click.argument("streets", type=FILE)
@click.option("--sites", type=click.IntRange(0), default=1000, show_default=True)
@click.option(
    "--budget",
    type=click.FloatRange(0),
    help="Most that the sites may cost in all; each opens in the size that suits.",
)
@click.option(
    "--levels",
    type=FILE,
    help="With --budget: sizes, .csv: level, places, cost (or what goes into it), site_id.",
)
@click.option(
    "--reach-m",
    type=click.FloatRange(0, min_open=True),
    default=1000.0,
    show_default=True,
    help="Longest walk, metres.",
)
@click.option("--ice", is_flag=True, help="Streets are icy: everybody walks more slowly.")
@click.option("--closed", multiple=True, help="Street or bridge that can't be walked; repeatable.")
@click.option(
    "--turns",
    type=click.FloatRange(1),
    default=1.0,
    show_default=True,
    help="People whom a place serves in a day, one after the other.",
)
@click.option(
    "--least-per-district", type=click.IntRange(0), default=0, help="Fewest sites of each district."
)
@click.option("--whole-blocks", is_flag=True, help="All people of a block go to one site.")
@click.option(
    "--scenario",
    "scenarios",
    type=FILE,
    multiple=True,
    help="PEOPLE of another outage that the same sites are to serve; repeatable.",
)
@click.option(
    "--before",
    type=FILE,
    help="Who went where until now (.csv, from --assignment): mend that, sending few elsewhere.",
)
@click.option("--lost", multiple=True, help="With --before: a site that is lost; repeatable.")
@click.option("--out", type=FILE, required=True, help="Sites: .csv, .geojson or .gpkg.")
@click.option("--assignment", type=FILE, help="Who goes where: .csv.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def warm_points(  # noqa: PLR0917 - one parameter an option
    people: Path,
    candidates: Path,
    streets: Path,
    sites: int,
    budget: float | None,
    levels: Path | None,
    reach_m: float,
    ice: bool,
    closed: tuple[str, ...],
    turns: float,
    least_per_district: int,
    whole_blocks: bool,
    scenarios: tuple[Path, ...],
    before: Path | None,
    lost: tuple[str, ...],
    out: Path,
    assignment: Path | None,
    as_json: bool,
) -> None:
    """Choose which CANDIDATES to open for PEOPLE who walk there on STREETS.

    PEOPLE has need (and vulnerable) by block, CANDIDATES has capacity. Each file is GeoPackage,
    GeoJSON, GeoParquet, or CSV with lon and lat (streets: wkt); PEOPLE may be a plan's folder, the
    others a city's. First as many people as possible
    come within reach, then as many as possible get a place, then they walk as little as possible.
    """

    def work() -> dict[str, Any]:
        from vatra.warm_points.files import read_scenarios, write_siting
        from vatra.warm_points.pace import Paces
        from vatra.warm_points.siting import Wishes, site_warm_points
        from vatra.warm_points.sizes import read_levels

        _check_outputs(out, assignment)
        _check_options(
            budget, levels, before, scenarios,
            {"--before": before is not None, "--budget": budget is not None,
             "--whole-blocks": whole_blocks, "--least-per-district": least_per_district > 0},
        )  # fmt: skip
        clock = Clock(Progress(quiet=as_json))
        with clock.stage("reading") as figure:
            (blocks, *others), places, lines = read_scenarios(
                (people, *scenarios), candidates, streets
            )
            sizes = None if levels is None else read_levels(levels, places.index)
            figure.append(f"{len(blocks):,} blocks, {len(places):,} candidates")
        if before is not None:
            return _mend(
                (blocks, places, lines), before, out, assignment, clock,
                sites=sites, reach_m=reach_m, turns=turns, lost=lost, closed=closed,
            )  # fmt: skip
        wishes = Wishes(
            turns=turns, least_per_district=least_per_district, whole_blocks=whole_blocks,
            paces=Paces.of(ice=ice),
        )  # fmt: skip
        if others:
            named = dict(zip(_names((people, *scenarios)), (blocks, *others), strict=True))
            return _robust(
                named, places, lines, out, assignment, clock,
                sites=sites, reach_m=reach_m, closed=closed, wishes=wishes,
            )  # fmt: skip
        with clock.stage("siting") as figure:
            found = site_warm_points(
                blocks, places, lines, sites=sites, reach_m=reach_m, closed=closed, wishes=wishes,
                budget=budget, levels=sizes,
            )  # fmt: skip
            figure.append(f"{len(found.sites):,} sites, {found.served:,} of {found.need:,} people")
        with clock.stage("writing") as figure:
            write_siting(found, out)
            if assignment is not None:
                draft = assignment.with_name(f".{assignment.name}.part")
                found.assignment.to_csv(draft, index=False)
                draft.replace(assignment)
            figure.append(str(out))
        return _answer_of(found, budget, out)

    answer = run(work, as_json=as_json)
    if as_json:
        show_json(answer)
        return
    click.echo(_told(answer, reach_m))


def _answer_of(found: WarmPoints, budget: float | None, out: Path) -> dict[str, Any]:
    """Sum an answer up for people and machines."""
    import numpy as np

    reasons = found.blocks["reason"]
    rings = found.rings.loc[np.isfinite(found.rings["within_m"]), ["within_m", "people"]]
    left = found.blocks["need"] - found.blocks["assigned"]
    return {
        "sites": len(found.sites),
        "need": found.need,
        "reached": found.reached,
        "reached_bound": found.reached_bound,
        "rings": {f"{m:.0f}": int(n) for m, n in rings.itertuples(index=False)},
        "served": found.served,
        "served_bound": found.served_bound,
        "in_turns": found.in_turns,
        "in_turns_bound": found.in_turns_bound,
        "gap": round(found.gap, 5) if found.need and found.cost > 0 else None,
        "status": found.status,
        **({} if budget is None else _bill(found, budget)),
        "not_served": {r: int(left[reasons == r].sum()) for r in sorted(set(reasons)) if r},
        "out": str(out),
    }


def _told(answer: dict[str, Any], reach_m: float) -> str:
    if "scenarios" in answer:
        return _told_robust(answer)
    if "moved" in answer:
        return (
            f"{answer['sites']:,} sites open: {len(answer['lost']):,} lost, "
            f"{len(answer['added']):,} opened instead. {answer['moved']:,} people are sent "
            f"elsewhere, {answer['had_to_move']:,} of them because they have to; "
            f"{answer['without']:,} have no place. At most {answer['gap']:.1%} of the cost could "
            "be saved by choosing anew."
        )
    near = "; ".join(f"{n:,} have one within {int(m):,} m" for m, n in answer["rings"].items())
    lines = [
        (
            f"{answer['sites']:,} sites open. {answer['reached']:,} of {answer['need']:,} people "
            f"in need reach one in the time that {reach_m:,.0f} m take a healthy adult on cleared "
            f"streets; no choice of as many sites reaches more than {answer['reached_bound']:,}."
        ),
        f"{near}.",
        (
            f"{answer['served']:,} find a place at once; no choice seats more than "
            f"{answer['served_bound']:,}."
        ),
    ]
    if "budget" in answer:
        opened = ", ".join(f"{count:,} {level}" for level, count in answer["levels"].items())
        brought = ", ".join(f"{count:,} {part}" for part, count in answer["parts"].items())
        lines.append(
            f"They cost {answer['spent']:,.0f} of {answer['budget']:,.0f}: {opened}"
            + (f"; {brought}." if brought else ".")
        )
    if answer["status"] == "optimal":
        lines.append("No choice is better.")
    elif answer["gap"] is not None:
        lines.append(
            f"Another choice could cost people at most {answer['gap']:.2%} less, in walks and "
            "places missed."
        )
    lines += [f"  {n:,} without a place: {why}" for why, n in answer["not_served"].items()]
    return "\n".join(lines)


def _names(files: tuple[Path, ...]) -> list[str]:
    """Name scenarios after their files; with a number where two are named alike."""
    stems = [file.resolve().stem if file.is_file() else file.resolve().name for file in files]
    return [
        f"{stem} {stems[: at + 1].count(stem)}" if stems.count(stem) > 1 else stem
        for at, stem in enumerate(stems)
    ]


def _robust(  # noqa: PLR0917
    scenarios: dict[str, GeoDataFrame],
    places: GeoDataFrame,
    lines: GeoDataFrame,
    out: Path,
    assignment: Path | None,
    clock: Clock,
    **options: Any,
) -> dict[str, Any]:
    """Choose the same sites for several outages, and write them."""
    from vatra.warm_points.files import write_table
    from vatra.warm_points.robust_points import site_robustly

    with clock.stage("siting") as figure:
        points = site_robustly(scenarios, places, lines, **options)
        found = points.found
        figure.append(f"{len(points.sites):,} sites for {len(scenarios)} outages")
    with clock.stage("writing") as figure:
        layers = {"scenarios": points.scenarios.reset_index(), "assignment": points.assignment}
        write_table(points.sites, out, layers)
        if assignment is not None:
            points.assignment.to_csv(assignment, index=False)
        figure.append(str(out))
    whole = points.scenarios.round(1).to_dict("index")
    return {
        "sites": len(points.sites), "scenarios": whole, "mean": round(found.mean),
        "tail": round(found.tail), "gap": round(found.gap, 5), "out": str(out),
    }  # fmt: skip


def _told_robust(answer: dict[str, Any]) -> str:
    lines = [f"{answer['sites']:,} sites open, the same whichever outage comes:"]
    for name, row in answer["scenarios"].items():
        lines.append(
            f"  {name}: {row['in_turns']:,} of {row['need']:,} people in need have a place, "
            f"{row['walk_m']:,.0f} m away on average; {row['without']:,} have none"
        )
    lines.append(
        "For the mean and the worst of them together another choice could cost people at most "
        f"{answer['gap']:.2%} less, in walks and places missed."
        if answer["gap"]
        else "No choice is better for the mean and the worst of them together."
    )
    return "\n".join(lines)


def _bill(found: WarmPoints, budget: float) -> dict[str, Any]:
    """Tell what a choice within a budget costs, and what goes into it."""
    from vatra.warm_points.sizes import PRICES

    sites = found.sites
    levels = sites["level"].value_counts(sort=False)
    return {
        "budget": budget,
        "spent": round(found.spent, 2),
        "levels": {str(name): int(count) for name, count in levels.items()},
        "parts": {name: int(sites[name].sum()) for name in PRICES if name in sites},
    }


def _check_options(
    budget: float | None,
    levels: Path | None,
    before: Path | None,
    scenarios: tuple[Path, ...],
    given: dict[str, bool],
) -> None:
    """Refuse options that can't go together."""
    found = [
        Problem("--scenario", "", f"can't be with {name}", "leave out one of them")
        for name, is_given in given.items()
        if scenarios and is_given
    ]
    if levels is not None and budget is None:
        found.append(Problem("--levels", levels.name, "sizes need a budget", "add --budget"))
    if budget is not None and before is not None:
        mend = "leave out one of them"
        found.append(Problem("--budget", "", "can't be with --before", mend))
    if found:
        raise InputError("vatra warm-points", found)


def _mend(
    tables: tuple[Any, Any, Any],
    before: Path,
    out: Path,
    assignment: Path | None,
    clock: Clock,
    **options: Any,
) -> dict[str, Any]:
    """Mend the answer of before, and write what is so now."""
    import pandas as pd

    from vatra.warm_points.again import mend_warm_points
    from vatra.warm_points.files import write_table

    if not before.is_file():
        problem = Problem("--before", before.name, "there is no such file", "correct the name")
        raise InputError("vatra warm-points", [problem])
    old = pd.read_csv(before, dtype={"block_id": str, "site_id": str})
    with clock.stage("mending") as figure:
        now = mend_warm_points(*tables, old, **options)
        figure.append(f"{now.moved:,} people sent elsewhere")
    write_table(now.sites, out)
    if assignment is not None:
        now.assignment.to_csv(assignment, index=False)
    return {
        "sites": len(now.sites), "lost": now.lost, "added": now.added, "moved": now.moved,
        "had_to_move": now.had_to_move, "without": now.without, "gap": round(now.gap, 5),
        "out": str(out),
    }  # fmt: skip


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
