"""``vatra blackouts revise``: a new limit, and who gains or loses light when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vatra.cli.moments import moment_of
from vatra.cli.terminal import Progress, run, show_json
from vatra.progress import Clock

if TYPE_CHECKING:
    from vatra.blackouts import Revision, ScheduleFolder

FILE = click.Path(path_type=Path)
MOST_LINES = 24


@click.command("revise")
@click.argument("folder", metavar="SCHEDULE", type=FILE)
@click.option("--limit", type=FILE, help="CSV of the new orders.  [default: as they were]")
@click.option("--now", "moment", required=True, help="When they came, such as 2022-11-24T14:00.")
@click.option("--freeze", type=float, default=2.0, show_default=True, help="Hours that stay.")
@click.option("--out", type=FILE, required=True, help="Folder of the revised schedule.")
@click.option("--time-zone", help="Zone of times without an offset.  [default: the schedule's]")
@click.option("--book", type=FILE, help="CSV of what everybody has had, to enter it in.")
@click.option("--name", default="", help="Whose schedule it is; heads the page.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def revise(  # noqa: PLR0917 - one parameter an option
    folder: Path,
    limit: Path | None,
    moment: str,
    freeze: float,
    out: Path,
    time_zone: str | None,
    book: Path | None,
    name: str,
    as_json: bool,
) -> None:
    """Bring a SCHEDULE (a folder) under a new limit and change only what must be changed."""

    def work() -> tuple[ScheduleFolder, Clock]:
        from vatra.blackouts import (
            check_result_folder,
            enter_in_book,
            read_schedule,
            revise_folder,
            write_schedule,
        )
        from vatra.publish import write_schedule_page

        check_result_folder(out, "certificate.json")
        clock = Clock(Progress(quiet=as_json))
        with clock.stage("reading the schedule") as figure:
            content = read_schedule(folder)
            figure.append(f"{len(content.feeders):,} feeders")
        now = moment_of(moment, time_zone or content.schedule.grid.time_zone, "--now")
        with clock.stage("revision") as figure:
            new = revise_folder(content, limit, now=now, freeze_h=freeze, time_zone=time_zone)
            if new.revision is not None:
                figure.append(f"{new.revision.summary['changed_lines']:,} feeders change")
        with clock.stage("writing") as figure:
            page = [lambda draft: write_schedule_page(new, draft, name=name)]
            write_schedule(new, out, publishers=page)
            if book is not None:
                enter_in_book(book, new.schedule, new.feeders)
            figure.append(str(out))
        return new, clock

    content, clock = run(work, as_json=as_json)
    run(lambda: tell_revision(content, out, clock, as_json=as_json), as_json=as_json)


def tell_revision(content: ScheduleFolder, out: Path, clock: Clock, *, as_json: bool) -> None:
    """Say what a revision changed, for people or for machines."""
    from vatra.blackouts import revision_values
    from vatra.publish import summarise_revision, summarise_schedule

    revision = content.revision
    if revision is None:
        return
    if as_json:
        show_json({
            "out": str(out), **revision_values(revision),
            "spans": revision_spans(revision),
            "words": summarise_revision(content), "schedule": summarise_schedule(content),
            "seconds": {key: round(took, 2) for key, took in clock.seconds.items()},
        })  # fmt: skip
        return
    click.echo(f"\n{summarise_revision(content)}\n")
    for line in revision_lines(revision)[:MOST_LINES]:
        click.echo(line)
    if len(revision.spans) > MOST_LINES:
        click.echo(f"  … {len(revision.spans) - MOST_LINES} more in {out / 'changes.csv'}")
    for violation in revision.schedule.certificate.violations[:10]:
        click.echo(f"  {violation.rule}: {violation.reason} {violation.relaxation}")
    click.echo(f"\nPage:     {out / 'schedule.html'}  (Ukrainian: {out / 'schedule.uk.html'})")
    click.echo(f"Schedule: {out / 'schedule.csv'}")
    click.echo(f"Outages:  {out / 'queue_outages.csv'}, {out / 'outages.csv'}")


def revision_spans(revision: Revision) -> list[dict[str, object]]:
    """Return who gains or loses light when, as plain values."""
    return [
        {
            "queue": row["queue"], "start": row["start"].isoformat(),
            "end": row["end"].isoformat(), "change": row["change"],
            "people": round(row["people"]), "person_h": round(row["person_h"], 1),
        }
        for row in revision.spans.to_dict("records")
    ]  # fmt: skip


def revision_lines(revision: Revision) -> list[str]:
    """Return a line a queue and stretch: who gains or loses light when."""
    zone = revision.schedule.grid.time_zone
    lines = []
    for row in revision.spans.to_dict("records"):
        start, end = row["start"].tz_convert(zone), row["end"].tz_convert(zone)
        who = f"queue {row['queue']}" if row["queue"] else "no queue"
        lines.append(
            f"  {who:<11} {row['change']} light {start:%a %d %H:%M}–{end:%H:%M}  "
            f"up to {row['people']:,.0f} people, {row['person_h']:,.0f} people-hours"
        )
    return lines
