"""``vatra blackouts``: a schedule from a utility's tables, emergencies, and what was done."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vatra.cli.blackouts_queues import queues, rotate
from vatra.cli.blackouts_revise import revise
from vatra.cli.moments import moment_of
from vatra.cli.terminal import Progress, run, show_json
from vatra.problems import InputError, Problem
from vatra.progress import Clock

if TYPE_CHECKING:
    import pandas as pd

    from vatra.blackouts import Emergency, Ledger, Repayment, Schedule, ScheduleFolder

FILE = click.Path(path_type=Path)


class _PlansByDefault(click.Group):
    """A group whose first argument may also be a table of feeders, which is then scheduled."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"-h", "--help"}:
            args = ["schedule", *args]
        return super().parse_args(ctx, args)


@click.group("blackouts", cls=_PlansByDefault)
def blackouts() -> None:
    r"""Schedule blackouts for a utility that has only a table of feeders.

    \b
    vatra blackouts FEEDERS.csv --limit LIMIT.csv --out SCHEDULE
    vatra blackouts schedule --help     all that it takes
    """


@blackouts.command("schedule")
@click.argument("feeders", type=FILE)
@click.option("--limit", type=FILE, required=True, help="CSV: start, limit_mw or queues, area.")
@click.option("--out", type=FILE, required=True, help="Folder of the schedule.")
@click.option("--rules", type=FILE, help="TOML: rules, pickup, substation_mw.  [default: practice]")
@click.option("--load", type=FILE, help="CSV: feeder × time, MW.  [default: peak_mw and a profile]")
@click.option("--available", type=FILE, help="CSV: feeder, start, available.")
@click.option("--history", type=FILE, help="CSV: feeder, dark_h, dark_slots, lit_slots.")
@click.option("--book", type=FILE, help="CSV of what everybody has had; kept up to date.")
@click.option("--window", type=click.IntRange(1, 366), default=30, show_default=True,
              help="Days of the book that are evened out.")  # fmt: skip
@click.option("--time-zone", help="Zone of times without an offset, such as Europe/Kyiv.")
@click.option("--now", help="When the schedule is made: notice counts from it.")
@click.option("--hours", type=float, help="Horizon.  [default: the loads', or to midnight]")
@click.option(
    "--profile",
    type=click.Choice(["household", "flat"]),
    default="household",
    show_default=True,
    help="How the load runs over the day where only its peak is known.",
)
@click.option("--name", default="", help="Whose schedule it is; heads the page.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def schedule(  # noqa: PLR0917 - one parameter an option
    feeders: Path,
    limit: Path,
    out: Path,
    rules: Path | None,
    load: Path | None,
    available: Path | None,
    history: Path | None,
    book: Path | None,
    window: int,
    time_zone: str | None,
    now: str | None,
    hours: float | None,
    profile: str,
    name: str,
    as_json: bool,
) -> None:
    """Decide which FEEDERS (a CSV) are dark when, and prove how good that is."""

    def work() -> tuple[ScheduleFolder, Clock]:
        from vatra.blackouts import (
            ScheduleFolder,
            check_result_folder,
            enter_in_book,
            read_tables,
            schedule_blackouts,
            with_memory,
            write_schedule,
        )
        from vatra.publish import write_schedule_page

        check_result_folder(out, "certificate.json")
        clock = Clock(Progress(quiet=as_json))
        with clock.stage("reading the tables") as figure:
            tables = read_tables(
                feeders, limit, rules=rules, load=load, available=available, history=history,
                time_zone=time_zone, hours=hours, now=now,
                profile="flat" if profile == "flat" else "household",
            )  # fmt: skip
            tables, memory = with_memory(tables, book, window_days=window)
            figure.append(f"{len(tables.feeders):,} feeders, {tables.demand.grid.slots} half-hours")
        with clock.stage("schedule") as figure:
            arguments = {**tables.arguments(), **memory}
            made = schedule_blackouts(tables.feeders, tables.demand, **arguments)
            figure.append(f"{made.certificate.unserved_ratio:.3f} × the bound on unserved energy")
        content = ScheduleFolder(
            made, tables.feeders, tables.demand, tables.notes, tables.orders, tables.rules,
            tables.substation_mw, tables.history, book=tables.book,
        )  # fmt: skip
        with clock.stage("writing") as figure:
            page = [lambda draft: write_schedule_page(content, draft, name=name)]
            write_schedule(content, out, publishers=page)
            if book is not None:
                enter_in_book(book, made, tables.feeders)
            figure.append(str(out))
        return content, clock

    content, clock = run(work, as_json=as_json)
    run(lambda: _tell_schedule(content, out, clock, as_json=as_json), as_json=as_json)


def _tell_schedule(content: ScheduleFolder, out: Path, clock: Clock, *, as_json: bool) -> None:
    from vatra.blackouts import certificate_of
    from vatra.publish import summarise_schedule

    if as_json:
        grid = content.schedule.grid
        show_json({
            "out": str(out),
            "start": grid.start.isoformat(),
            "hours": grid.slots / 2,
            "feeders": len(content.feeders),
            "summary": summarise_schedule(content),
            "certificate": certificate_of(content.schedule, content.feeders),
            "notes": list(content.notes),
            "seconds": {key: round(took, 2) for key, took in clock.seconds.items()},
        })  # fmt: skip
        return
    click.echo(f"\n{summarise_schedule(content)}\n")
    for note in content.notes:
        click.echo(f"  {note}")
    for violation in content.schedule.certificate.violations[:10]:
        click.echo(f"  {violation.rule}: {violation.reason} {violation.relaxation}")
    click.echo(f"\nPage:     {out / 'schedule.html'}  (Ukrainian: {out / 'schedule.uk.html'})")
    click.echo(f"Schedule: {out / 'schedule.csv'}")
    click.echo(f"Proof:    {out / 'certificate.json'}")


@blackouts.command("show")
@click.argument("folder", metavar="SCHEDULE", type=FILE)
def show(folder: Path) -> None:
    """Show a SCHEDULE (a folder) in the terminal: queues and hours, load and limit, fairness."""

    def work() -> str:
        from vatra.blackouts import (
            PLAIN,
            draw_fairness,
            draw_load,
            draw_schedule,
            draw_standing,
            read_schedule,
            standing_of,
        )
        from vatra.publish import summarise_schedule

        content = read_schedule(folder)
        encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
        marks = None if encoding.startswith("utf") else PLAIN
        grid = draw_schedule(content.schedule, marks=marks) or "No queue is switched."
        plain = marks is not None
        load = draw_load(content.schedule, content.demand, plain=plain)
        fair = draw_fairness(content.schedule, content.feeders, plain=plain)
        standing = standing_of(content.schedule, content.feeders, content.book)
        had = draw_standing(standing, plain=plain)
        page = folder / "schedule.html"
        where = f"Page: {page}" if page.exists() else "There is no page in the folder."
        parts = [summarise_schedule(content), grid, load, fair, had, where]
        return "\n\n".join(part for part in parts if part)

    click.echo(run(work))


@blackouts.command("shed")
@click.argument("folder", metavar="SCHEDULE", type=FILE)
@click.option("--mw", type=float, required=True, help="MW to shed.")
@click.option("--at", "moment", required=True, help="When, such as 2022-11-24T18:10+02:00.")
@click.option("--area", help="Substation or district.  [default: everywhere]")
@click.option("--special", is_flag=True, help="Critical customers may be cut too.")
@click.option("--hours", type=float, default=2.0, show_default=True, help="How long it is held.")
@click.option("--out", type=FILE, help="Folder for the schedule with the emergency in it.")
@click.option("--book", type=FILE, help="CSV of what everybody has had, to enter it in.")
@click.option("--replan", is_flag=True, help="Mend the plan for the rest of the time too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def shed(  # noqa: PLR0917 - one parameter an option
    folder: Path,
    mw: float,
    moment: str,
    area: str | None,
    special: bool,
    hours: float,
    out: Path | None,
    book: Path | None,
    replan: bool,
    as_json: bool,
) -> None:
    """Shed so many MW within seconds: what to open now, what to bring back first."""

    def work() -> tuple[Emergency, Schedule, Repayment | None]:
        from vatra.blackouts import check_result_folder, enter_in_book, read_schedule, shed_now

        if out is not None:
            check_result_folder(out, "certificate.json")
        needs = {"--replan": replan, "--book": book is not None}
        if out is None and any(needs.values()):
            raise InputError("blackouts", [
                Problem(option, "", "needs a folder for the plan", "add --out FOLDER")
                for option, given in needs.items() if given
            ])  # fmt: skip
        content = read_schedule(folder)
        at = moment_of(moment, content.schedule.grid.time_zone)
        slot = content.schedule.grid.slot_of(at)
        if not 0 <= slot < content.schedule.grid.slots:
            problem = Problem("--at", moment, "is not within the schedule", "correct the time")
            raise InputError(str(folder), [problem])
        emergency = shed_now(
            content.schedule, content.feeders, content.demand, slot, mw, area, special=special,
            hours=hours,
        )  # fmt: skip
        repayment = None
        if out is not None:
            changed, repayment = _write_emergency(content, emergency, out, at if replan else None)
            if book is not None:
                enter_in_book(book, changed.schedule, changed.feeders)
        return emergency, content.schedule, repayment

    emergency, before, repayment = run(work, as_json=as_json)
    run(
        lambda: _tell_emergency(emergency, before, repayment, out, as_json=as_json),
        as_json=as_json,
    )


def _write_emergency(
    content: ScheduleFolder, emergency: Emergency, out: Path, at: pd.Timestamp | None
) -> tuple[ScheduleFolder, Repayment | None]:
    """Write the schedule with the emergency in it; with `at`, the rest of it repays the cut."""
    from vatra.blackouts import emergency_folder, repay_folder, write_emergency, write_schedule
    from vatra.publish import write_schedule_page

    repayment = None
    if at is not None and emergency.end_slot < emergency.schedule.grid.slots:
        changed, repayment = repay_folder(content, emergency, now=at)
    else:
        changed = emergency_folder(content, emergency)
    repaid_h = None if repayment is None else repayment.repaid_h
    write_schedule(
        changed, out,
        publishers=[
            lambda draft: write_schedule_page(changed, draft),
            lambda draft: write_emergency(emergency, draft, repaid_h),
        ],
    )  # fmt: skip
    return changed, repayment


def _tell_emergency(
    emergency: Emergency, before: Schedule, repayment: Repayment | None, out: Path | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    from vatra.blackouts import emergency_values

    if as_json:
        repaid_h = None if repayment is None else repayment.repaid_h
        show_json({"out": str(out) if out else None, **emergency_values(emergency, repaid_h)})
        return
    proof, grid = emergency.certificate, before.grid
    word = emergency.state.name.lower().replace("_", " ")
    until = grid.end if emergency.end_slot == grid.slots else grid.times[emergency.end_slot]
    click.echo(
        f"{word.capitalize()}: open {len(emergency.opened)} feeders for {proof.shed_mw:.1f} MW of "
        f"the {proof.asked_mw:.1f} MW asked, held until "
        f"{until.tz_convert(grid.time_zone):%A %d %B %H:%M}."
    )
    click.echo(
        f"{proof.people:,.0f} people lose their light (no choice of such feeders takes it from "
        f"fewer than {proof.people_bound:,.0f}); {proof.critical_mw:.2f} MW of it is critical. "
        f"{proof.excess_mw:.2f} MW more than asked go; none of the feeders can be spared."
    )
    for violation in emergency.violations:
        click.echo(f"{violation.reason} {violation.relaxation}")
    click.echo("\nOpen, in this order:")
    for feeder, row in emergency.opened.iterrows():
        click.echo(f"  {feeder!s:<14} {row['mw']:7.2f} MW  {row['switching']}")
    click.echo("\nBring back, in this order (MW with pickup, then in all):")
    for feeder, row in emergency.restore.iterrows():
        click.echo(
            f"  {feeder!s:<14} {row['mw_on_return']:7.2f} MW  {row['total_mw_on_return']:8.2f} MW"
        )
    if out is not None:
        click.echo(f"\nSchedule with the emergency: {out}")
        if repayment is None:
            click.echo(
                "The plan of the rest is that of before. To mend it and to give back what was cut: "
                f"--replan; to plan anew: --history {out / 'history.csv'}"
            )
        else:
            click.echo(
                f"The rest is planned anew: of {repayment.owed_h.sum():g} line-hours cut "
                f"{repayment.repaid_h.sum():g} are given back, {repayment.payers} lines pay for it."
            )


@blackouts.command("ledger")
@click.argument("folder", metavar="SCHEDULE", type=FILE)
@click.argument("measured", type=FILE)
@click.option("--out", type=FILE, required=True, help="Folder of the ledger.")
@click.option(
    "--silence",
    type=float,
    default=15.0,
    show_default=True,
    help="Minutes without a heartbeat from which a feeder counts as dark.",
)
@click.option(
    "--tolerance",
    type=float,
    default=30.0,
    show_default=True,
    help="Minutes by which a switching may be off.",
)
@click.option("--until", help="Up to when the measurements are complete.  [default: the last line]")
@click.option("--time-zone", help="Zone of times without an offset.")
@click.option("--book", type=FILE, help="CSV of what everybody has had, to enter it in.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")  # fmt: skip
def ledger(  # noqa: PLR0917 - one parameter an option
    folder: Path,
    measured: Path,
    out: Path,
    silence: float,
    tolerance: float,
    until: str | None,
    time_zone: str | None,
    book: Path | None,
    as_json: bool,
) -> None:
    """Hold what was MEASURED (a CSV or a folder of them) against a SCHEDULE."""

    def work() -> Ledger:
        from vatra.blackouts import (
            check_result_folder,
            enter_in_book,
            execution_ledger,
            measured_dark,
            read_measured,
            read_schedule,
            write_ledger,
        )

        check_result_folder(out, "ledger.json")
        content = read_schedule(folder)
        zone = content.schedule.grid.time_zone
        end = moment_of(until, time_zone or zone, "--until") if until else None
        seen = read_measured(measured, time_zone=time_zone, silence_min=silence, until=end)
        made = execution_ledger(content.schedule, content.feeders, seen, tolerance_min=tolerance)
        write_ledger(made, out)
        if book is not None:
            dark = measured_dark(content.schedule, seen)
            enter_in_book(book, content.schedule, content.feeders, dark=dark, until=seen.until)
        return made

    made = run(work, as_json=as_json)
    run(lambda: _tell_ledger(made, out, as_json=as_json), as_json=as_json)


def _tell_ledger(made: Ledger, out: Path, *, as_json: bool) -> None:
    values: dict[str, Any] = made.summary
    if as_json:
        show_json({
            "out": str(out), **values, "forgotten_lines": made.forgotten, "notes": list(made.notes)
        })  # fmt: skip
        return
    share = values["executed_share"]
    done = "not known" if share is None else f"{100 * share:.0f} %"
    click.echo(
        f"Of {values['ordered_dark_h']:,.0f} line-hours of darkness that were ordered over "
        f"{values['lines']:,} lines, {values['unknown_while_ordered_h']:,.0f} were not measured; "
        f"of the others {done} were carried out. {values['not_cut_h']:,.0f} h were ordered and not "
        f"cut, {values['without_order_h']:,.0f} h were dark without an order."
    )
    click.echo(
        f"{values['as_ordered']} lines as ordered, {values['deviates']} deviate, "
        f"{values['never_cut']} never cut, {values['forgotten']} forgotten, "
        f"{values['partly_unknown']} partly unknown, {values['unmeasured']} unmeasured."
    )
    columns = ["lines", "ordered_dark_h", "dark_h", "not_cut_h", "without_order_h", "unknown_h",
               "forgotten"]  # fmt: skip
    if made.forgotten:
        click.echo(f"Forgotten: {', '.join(made.forgotten[:20])}"
                   f"{' …' if len(made.forgotten) > 20 else ''}")  # fmt: skip
    click.echo("\n" + made.queues[columns].round(1).to_string(max_rows=40))
    click.echo("")
    for note in made.notes:
        click.echo(f"  {note}")
    click.echo(f"\nLedger: {out}")


for command in (revise, queues, rotate):
    blackouts.add_command(command)
