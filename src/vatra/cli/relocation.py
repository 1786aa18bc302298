"""``vatra relocation``: plan who leaves when, for any people and ways out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vatra.cli.terminal import Progress, run, show_json
from vatra.progress import Clock

FILE = click.Path(path_type=Path)


@click.command("relocation")
@click.argument("people", type=FILE)
@click.argument("ways", type=FILE)
@click.option("--out", type=FILE, required=True, help="Folder for the plan.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def relocation(people: Path, ways: Path, out: Path, as_json: bool) -> None:
    """Plan how PEOPLE (a CSV) leave by WAYS (a TOML file): the vulnerable first, then the rest.

    It tells how long that takes, that no plan takes less, what holds it up, and who is late by
    when it is decided.
    """

    def work() -> dict[str, Any]:
        from vatra.folders import check_folder
        from vatra.relocation.alone import move_people
        from vatra.relocation.check import check_moves
        from vatra.relocation.files import KIND, read_case, write_moves

        check_folder(out, KIND)
        clock = Clock(Progress(quiet=as_json))
        with clock.stage("reading") as figure:
            case = read_case(people, ways)
            figure.append(f"{case.people.sum():,} people in {case.people.size:,} places")
        with clock.stage("planning") as figure:
            plan, notice = move_people(case)
            figure.append(f"{plan.clearance_h:,.0f} h, at least {plan.clearance_bound_h:,.0f} h")
        with clock.stage("checking") as figure:
            wrong = check_moves(plan.exits.network, plan.crowds, plan.moves)
            if wrong:  # a mistake of ours, not of the user's
                raise RuntimeError("; ".join(wrong))
            figure.append("nobody counted twice, nothing over its capacity")
        with clock.stage("writing") as figure:
            said = write_moves(plan, notice, out)
            figure.append(str(out))
        return {"out": str(out), **said}

    answer = run(work, as_json=as_json)
    if as_json:
        show_json(answer)
        return
    click.echo(_told(answer))


def _told(answer: dict[str, Any]) -> str:
    people = f"{answer['people']:,} people"
    if answer["no_way"]:
        return f"{answer['no_way']:,} of {people} find no way out or no bed."
    text = (
        f"{people} are out {answer['clearance_h']:,.0f} hours after the decision; no plan over "
        f"these ways takes less than {answer['clearance_bound_h']:,.0f}. The "
        f"{answer['vulnerable']:,} vulnerable with those who travel with them have arrived after "
        f"{answer['vulnerable_h']:,.0f}, at least {answer['vulnerable_bound_h']:,.0f}."
    )
    lines = [text]
    late = sum(answer["late"].values())
    if late:
        lines.append(f"{late:,} leave home later than they should.")
    words = {"lane": "a lane more on", "train": "a train more an hour on",
             "buses": "50 buses more on"}  # fmt: skip
    lines += [
        f"  {words[b['what']]} {b['way_id']} saves {b['saved_h']:,.0f} h"
        for b in answer["binding"]
        if b["saved_h"]
    ]
    return "\n".join(lines)
