"""What all pages have in common: templates, style, and that nothing else may be loaded."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from vatra.publish import palette


def page_environment() -> Environment:
    """Return what renders templates: text is escaped, a value that is missing is an error."""
    return Environment(
        loader=PackageLoader("vatra.publish", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_page(page: str, path: Path) -> Path:
    """Write a page whole or not at all, and return where it is."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(page, encoding="utf-8", newline="\n")
    draft.replace(path)
    return path


def page_style(environment: Environment) -> str:
    """Return the style sheet of every page, in both colour schemes."""
    sheet = (
        environment.loader.get_source(environment, "report.css")[0] if environment.loader else ""
    )
    return (
        f":root{{{palette.css_variables(palette.LIGHT)}}}\n"
        f"@media screen and (prefers-color-scheme: dark){{:root{{"
        f"{palette.css_variables(palette.DARK)}}}}}\n{sheet}"
    )


def page_policy(style: str, script: str = "") -> str:
    """Return a content security policy that allows this style and this script, nothing else."""
    scripts = _hash(script) if script else "'none'"
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
