"""The command ``vatra`` and what belongs to no other module: version and order of commands."""

from __future__ import annotations

import click

import vatra
from vatra.cli.blackouts import blackouts
from vatra.cli.city import city
from vatra.cli.compare import compare
from vatra.cli.plan import demo, plan
from vatra.cli.relocation import relocation
from vatra.cli.warm_points import warm_points


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(vatra.__version__, prog_name="vatra")
def main() -> None:
    """Keep a city lit, watered and warm when its networks are hit."""


main.add_command(demo)
main.add_command(city)
main.add_command(plan)
main.add_command(compare)
main.add_command(blackouts)
main.add_command(warm_points)
main.add_command(relocation)
