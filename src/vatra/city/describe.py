"""Describes the tables of a city for the documentation of the format."""

from __future__ import annotations

from vatra.city.schema import TABLES, Column, Table

_KINDS = {
    "id": "text, unique",
    "ref": "id",
    "text": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "choice": "one of",
}


def describe_schema() -> str:
    """Describe every table of a city, as Markdown.

    Returns
    -------
    str
        A heading, a sentence and a table of columns for each.
    """
    return "\n\n".join(_describe_table(table) for table in TABLES) + "\n"


def _describe_table(table: Table) -> str:
    geometry = " or ".join(table.geometry) if table.geometry else "none"
    need = "at least one row" if table.required else "may be missing"
    lines = [
        f"### `{table.name}`",
        "",
        f"{table.about}. Geometry: {geometry}; {need}.",
        "",
        "| column | what | values | unit | if missing |",
        "| --- | --- | --- | --- | --- |",
    ]
    for column in table.columns:
        unit = "" if column.unit in ("", "1") else column.unit
        cells = (f"`{column.name}`", column.about, _values(column), unit, _if_missing(column))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _values(column: Column) -> str:
    kind = _KINDS[column.kind]
    if column.kind == "ref":
        return f"{kind} in {' or '.join(f'`{name}`' for name in column.refers_to)}"
    if column.kind == "choice":
        return f"{kind} {', '.join(f'`{choice}`' for choice in column.choices)}"
    if column.minimum is not None and column.maximum is not None:
        return f"{kind}, {column.minimum:g} to {column.maximum:g}"
    if column.minimum is not None:
        return f"{kind}, {column.minimum:g} or more"
    return kind


def _if_missing(column: Column) -> str:
    if column.default is not None:
        shown = str(column.default).lower() if column.kind == "bool" else column.default
        return f"`{shown}`" if shown != "" else "empty"
    return "unknown" if column.nullable else "**needed**"
