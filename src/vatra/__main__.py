"""``python -m vatra`` is the command ``vatra``."""

from vatra.cli import main

main(prog_name="vatra")
