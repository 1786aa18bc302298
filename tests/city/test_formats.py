"""The documentation of the format says what the schema says."""

from __future__ import annotations

import tomllib
from pathlib import Path

from vatra.city import TABLES, About, describe_schema
from vatra.city.about import read_about

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
START, END = "<!-- tables: written by vatra.city.describe_schema -->\n\n", "\n<!-- end -->"


def test_the_page_is_in_step_with_the_schema() -> None:
    text = PAGE.read_text(encoding="utf-8")
    page = text.split(START)[1].split(END)[0]
    assert page == describe_schema(), "put describe_schema() between the marks of docs/formats.md"


def test_every_column_is_described() -> None:
    text = describe_schema()
    for table in TABLES:
        assert f"### `{table.name}`" in text
        for column in table.columns:
            assert f"| `{column.name}` | {column.about} |" in text


def test_the_example_of_city_toml_is_read(tmp_path: Path) -> None:
    example = PAGE.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert set(About.__dataclass_fields__) <= set(tomllib.loads(example))
    (tmp_path / "city.toml").write_text(example, encoding="utf-8")
    about, problems = read_about(tmp_path / "city.toml")
    assert problems == []
    assert about is not None
    assert about.assumptions[0].tables == ("blocks",)
