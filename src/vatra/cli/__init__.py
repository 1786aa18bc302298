"""The command line: parse, call, show."""

from vatra.cli.main import main

__all__ = ["main"]
