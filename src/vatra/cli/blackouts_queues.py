"""``vatra blackouts queues`` and ``rotate``: the public level, without any dispatch below it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vatra.cli.terminal import run, show_json
from vatra.problems import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

FILE = click.Path(path_type=Path)
SHOWN = 30


@click.command("queues")
@click.argument("feeders", type=FILE)
@click.option("--out", type=FILE, required=True, help="CSV: the table with its queues.")
@click.option("--queues", "count", type=int, default=6, show_default=True, help="Queues.")
@click.option("--parts", type=int, default=2, show_default=True, help="Parts of each queue.")
@click.option("--rebalance", is_flag=True, help="Keep the queues; move as few lines as can be.")
@click.option("--tolerance", type=float, default=5.0, show_default=True,
              help="Per cent by which a queue may be off, with --rebalance.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def queues(  # noqa: PLR0917 - one parameter an option
    feeders: Path,
    out: Path,
    count: int,
    parts: int,
    rebalance: bool,
    tolerance: float,
    as_json: bool,
) -> None:
    """Spread FEEDERS (a CSV) over queues of the same load and people, or mend their balance."""

    def work() -> dict[str, Any]:
        from vatra.blackouts import balance_queues, queue_names, read_feeder_table, rebalance_queues

        if out.exists() and out.is_dir():
            raise InputError("blackouts", [Problem("--out", str(out), "is a folder", "name a CSV")])
        table = read_feeder_table(feeders)
        load = table["peak_mw"].to_numpy(dtype=float)
        if rebalance:
            plan = rebalance_queues(table, load, tolerance=tolerance / 100)
        else:
            plan = balance_queues(table, load, names=queue_names(count, parts))
        _write_queues(feeders, out, plan.queue)
        return {
            "out": str(out), "kept": plan.kept, "moves_bound": plan.moves_bound,
            "moves": plan.moves.rename_axis("feeder").reset_index().to_dict("records"),
            "balance": plan.balance.round(4).reset_index().to_dict("records"),
            "rebalance": rebalance,
        }  # fmt: skip

    answer = run(work, as_json=as_json)
    run(lambda: show_json(answer) if as_json else _tell_queues(answer, tolerance), as_json=as_json)


def _write_queues(feeders: Path, out: Path, queue: pd.Series[str]) -> None:
    """Write the table as it was, with its queues in place."""
    import pandas as pd

    text = feeders.read_text(encoding="utf-8-sig").partition("\n")[0]
    mark = max(",;\t", key=text.count)
    rows = pd.read_csv(feeders, dtype=str, keep_default_na=False, sep=mark, encoding="utf-8-sig")
    rows["queue"] = queue.reindex(rows["feeder"].str.strip()).fillna("").to_numpy()
    try:
        rows.to_csv(out, index=False, sep=mark, lineterminator="\n")
    except OSError as error:
        reason = f"can't be written ({error.strerror or error})"
        problem = Problem("--out", str(out), reason, "name another file")
        raise InputError("blackouts", [problem]) from error


def _tell_queues(answer: dict[str, Any], tolerance: float) -> None:
    moves = answer["moves"]
    if answer["rebalance"]:
        proof = "no fewer would do" if len(moves) == answer["moves_bound"] else (
            f"at least {answer['moves_bound']} have to"
        )  # fmt: skip
        click.echo(f"{len(moves)} lines change their queue; {proof}.")
        if not answer["kept"]:
            click.echo(f"No assignment within {tolerance:g} % was found; this is the nearest.")
        for move in moves[:SHOWN]:
            click.echo(f"  {move['feeder']:<14} {move['was']} → {move['queue']}")
        if len(moves) > SHOWN:
            click.echo(f"  … {len(moves) - SHOWN} more")
    click.echo("\nQueue   lines   load, MW   off    people   off    critical, MW")
    for row in answer["balance"]:
        click.echo(
            f"{row['queue']:<6} {row['feeders']:>6} {row['load_mw']:>10.1f} "
            f"{100 * row['load_off']:>+5.1f}% {row['people']:>8,.0f} "
            f"{100 * row['people_off']:>+5.1f}% {row['critical_mw']:>10.1f}"
        )
    click.echo(f"\nTable with its queues: {answer['out']}")


@click.command("rotate")
@click.option("--order", type=FILE, help="CSV: start, queues.  [default: a cycle]")
@click.option("--start", "moment", help="First local day of a cycle, such as 2022-11-21.")
@click.option("--days", type=int, default=7, show_default=True, help="Days of a cycle.")
@click.option("--queues", "count", type=int, default=6, show_default=True, help="Queues.")
@click.option("--parts", type=int, default=2, show_default=True, help="Parts of each queue.")
@click.option("--dark", type=float, default=3.5, show_default=True, help="Dark hours of a cycle.")
@click.option("--possible", type=float, default=7.0, show_default=True,
              help="Hours of a cycle that may be dark.")  # fmt: skip
@click.option("--light", type=float, default=0.0, show_default=True, help="Lit hours of a cycle.")
@click.option("--rules", type=FILE, help="TOML of rules, with --order.  [default: practice]")
@click.option("--now", help="When it is made, with --order: notice counts from it.")
@click.option("--time-zone", default="Europe/Kyiv", show_default=True, help="Zone of the days.")
@click.option("--out", type=FILE, required=True, help="CSV: queue, start, end, state.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def rotate(  # noqa: PLR0917 - one parameter an option
    order: Path | None,
    moment: str | None,
    days: int,
    count: int,
    parts: int,
    dark: float,
    possible: float,
    light: float,
    rules: Path | None,
    now: str | None,
    time_zone: str,
    out: Path,
    as_json: bool,
) -> None:
    """Rotate queues alone: as many dark as an ORDER says, or a weekly cycle."""

    def work() -> dict[str, Any]:
        import pandas as pd

        from vatra.blackouts import rotate_from_order, rotate_template
        from vatra.blackouts.files_place import write_table
        from vatra.blackouts.outages import name_outages
        from vatra.blackouts.pictures import draw_states
        from vatra.blackouts.queue_balance import queue_names
        from vatra.cli.moments import moment_of
        from vatra.situation.timegrid import TimeGrid

        names = queue_names(count, parts)
        if order is not None:
            made = rotate_from_order(
                order, units=names, time_zone=time_zone, rules=rules,
                now=None if now is None else moment_of(now, time_zone, "--now"),
            )  # fmt: skip
            units, state, grid, said = made.units, made.state, made.grid, made.words
        else:
            if rules is not None or now is not None:
                raise InputError("blackouts", [
                    Problem("--rules, --now", "", "a cycle is the same whatever the rules",
                            "leave them out, or add --order")
                ])  # fmt: skip
            if moment is None or not 1 <= days <= 35:
                raise InputError("blackouts", [
                    Problem("--start", moment or "", "a cycle needs a first day and 1 to 35 days",
                            "for example --start 2022-11-21 --days 7")
                ])  # fmt: skip
            first = moment_of(f"{moment} 00:00" if len(moment) == 10 else moment, time_zone,
                              "--start")  # fmt: skip
            local = first.tz_convert(time_zone)
            end = (local.normalize() + pd.Timedelta(days=days, hours=12)).normalize()
            slots = int((end - local) // pd.Timedelta(minutes=30))
            grid = TimeGrid(first.tz_convert("UTC"), slots, time_zone)
            template = rotate_template(
                grid, units=names, dark_h=dark, possible_h=possible, light_h=light
            )
            units, state = template.units, template.state
            hours = template.hours()
            said = (
                f"A cycle of {template.cycle_h:g} h: {hours['dark_h'].min():g} to "
                f"{hours['dark_h'].max():g} h dark and {hours['possible_h'].min():g} to "
                f"{hours['possible_h'].max():g} h possibly dark in {days} days; in the evenings "
                f"{hours['evening_dark_h'].min():g} to {hours['evening_dark_h'].max():g} h dark. "
                + ("Every week is the same." if template.repeats
                   else "The cycle doesn't go into a week: the next one differs.")
            )  # fmt: skip
        table = name_outages(units.to_numpy(dtype=object), state, grid)
        table = table.rename(columns={"unit": "queue"})[
            ["queue", "start", "end", "state", "outage"]
        ]
        try:
            write_table(table, out)
        except OSError as error:
            reason = f"can't be written ({error.strerror or error})"
            problem = Problem("--out", str(out), reason, "name another file")
            raise InputError("blackouts", [problem]) from error
        return {"out": str(out), "words": said, "grid": draw_states(units, state, grid)}

    answer = run(work, as_json=as_json)
    if as_json:
        show_json({"out": answer["out"], "words": answer["words"]})
    else:
        click.echo(f"{answer['words']}\n\n{answer['grid']}\n\nRotation: {answer['out']}")
