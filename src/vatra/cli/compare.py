"""``vatra compare``: what a second plan changes, in words and by the hour."""

from __future__ import annotations

import math
from pathlib import Path

import click

from vatra.cli.terminal import run, show_json


@click.command("compare")
@click.argument("plan_a", type=click.Path(path_type=Path))
@click.argument("plan_b", type=click.Path(path_type=Path))
@click.option("--every", "every_h", type=click.IntRange(1, 24), default=6, show_default=True,
              help="Hours between the rows of the table.")  # fmt: skip
@click.option("--language", type=click.Choice(["en", "uk"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For machines, every hour.")
def compare(plan_a: Path, plan_b: Path, every_h: int, language: str, as_json: bool) -> None:
    """Compare PLAN_A and PLAN_B, two plans' folders: who is without what, and for how long."""

    def work() -> None:
        import pandas as pd

        from vatra.planning import compare_plans
        from vatra.publish import compare_in_words

        made = compare_plans(plan_a, plan_b)
        if not as_json:
            click.echo(compare_in_words(made, language, every_h=every_h))
            return
        columns = ["_".join(pair) for pair in made.by_hour.columns]
        hours = pd.DatetimeIndex(made.by_hour.index)
        show_json(
            {
                "first": {"plan": str(plan_a), "situation": made.first.name},
                "second": {"plan": str(plan_b), "situation": made.second.name},
                "figures": {
                    name: {plan: _plain(value) for plan, value in row.items()}
                    for name, row in made.figures.to_dict(orient="index").items()
                },
                "by_hour": [
                    {"hour": hour.isoformat()} | dict(zip(columns, map(int, row), strict=True))
                    for hour, row in zip(hours, made.by_hour.to_numpy(), strict=True)
                ],
            }
        )

    run(work, as_json=as_json)


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
